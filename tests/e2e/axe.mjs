// The accessibility rules of axe-core, run inside the page: WCAG 2.1 A and AA, and best practices.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'];

/** One line for each violation; none: []. The script is evaluated by the debugger, so that the page's CSP stays as it is. */
export async function auditPage(page) {
    await page.waitForFunction(() => !document.querySelector('.skeleton'));
    await page.evaluate(source);
    const found = await page.evaluate(async (tags) => {
        const r = await globalThis.axe.run(document, { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] });
        return r.violations.map((v) => ({ id: v.id, help: v.help, nodes: v.nodes.map((n) => `${n.target.join(' ')} ${n.failureSummary.replace(/\s+/g, ' ').slice(0, 160)}`) }));
    }, TAGS);
    return found.map((v) => `${v.id}: ${v.help}: ${v.nodes.slice(0, 3).join(' | ')}${v.nodes.length > 3 ? ` and ${v.nodes.length - 3} more` : ''}`);
}
