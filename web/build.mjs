// Builds the console: web/dist/index.html + assets/app-HASH.js + assets/app-HASH.css.
// The names carry the hash of the content, so that the server may let browsers keep them for ever.
import { build } from 'esbuild';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, 'dist');

await rm(dist, { recursive: true, force: true });
await mkdir(join(dist, 'assets'), { recursive: true });

const result = await build({
    absWorkingDir: here,
    entryPoints: { app: 'src/main.tsx' },
    outdir: 'dist/assets',
    entryNames: '[name]-[hash]',
    bundle: true,
    format: 'esm',
    // Browsers that know light-dark() and <dialog>: everything since spring 2024.
    target: ['chrome123', 'firefox120', 'safari17.5'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    minify: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
});

const files = Object.keys(result.metafile.outputs).map((path) => path.replace(/^dist\//, ''));
const script = files.find((f) => f.endsWith('.js'));
const style = files.find((f) => f.endsWith('.css'));
const html = (await readFile(join(here, 'index.html'), 'utf8'))
    .replace('@SCRIPT@', `/${script}`)
    .replace('@STYLE@', `/${style}`);
await writeFile(join(dist, 'index.html'), html);

for (const f of files) {
    const bytes = result.metafile.outputs[`dist/${f}`].bytes;
    console.log(`dist/${f}  ${(bytes / 1024).toFixed(1)} KiB`);
}
