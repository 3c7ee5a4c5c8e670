// The pictures of the README: today.png and agent.png. Called by tests/e2e/screenshots.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DESKTOP, pageAs, startBrowser } from './browser.mjs';

const SIZE_MAX = 300 * 1024;
const out = process.argv[2];
const base = process.env.EHUB_TEST_URL;
const { browser, close } = await startBrowser();
const { page, context } = await pageAs(browser, base, 'coach@demo.example', process.env.EHUB_TEST_PASSWORD, { viewport: DESKTOP });

async function shot(name) {
    await page.waitForFunction(() => !document.querySelector('.skeleton'));
    await page.locator('.badge.simulated').nth(1).waitFor();
    await page.evaluate(() => document.activeElement?.blur());
    const path = join(out, name);
    await page.screenshot({ path });
    const bytes = statSync(path).size;
    if (bytes > SIZE_MAX) throw new Error(`${path}: ${bytes} bytes, more than ${SIZE_MAX}`);
    console.log(`${path}  ${Math.round(bytes / 1024)} KiB`);
}

await page.goto(`${base}/today`);
await page.locator('.today-row').first().waitFor();
await page.locator('.expand').first().click();
await shot('today.png');
await page.locator('.today-who a').first().click();
await page.locator('.waterfall').waitFor();
await shot('agent.png');
await context.close();
await close();
