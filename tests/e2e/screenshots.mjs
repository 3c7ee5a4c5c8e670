// The pictures of the README: today.png, agent.png and roi.png. Called by tests/e2e/screenshots.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DESKTOP, pageAs, startBrowser } from './browser.mjs';

const SIZE_MAX = 300 * 1024;
const out = process.argv[2];
const base = process.env.EHUB_TEST_URL;
const { browser, close } = await startBrowser();

async function shot(page, name) {
    await page.waitForFunction(() => !document.querySelector('.skeleton'));
    await page.locator('.badge.simulated').nth(1).waitFor();
    await page.evaluate(() => document.activeElement?.blur());
    const path = join(out, name);
    await page.screenshot({ path });
    const bytes = statSync(path).size;
    if (bytes > SIZE_MAX) throw new Error(`${path}: ${bytes} bytes, more than ${SIZE_MAX}`);
    console.log(`${path}  ${Math.round(bytes / 1024)} KiB`);
}

const as = (role) => pageAs(browser, base, `${role}@demo.example`, process.env.EHUB_TEST_PASSWORD, { viewport: DESKTOP });
const coach = await as('coach');
await coach.page.goto(`${base}/today`);
await coach.page.locator('.today-row').first().waitFor();
await coach.page.locator('.expand').first().click();
await shot(coach.page, 'today.png');
await coach.page.locator('.today-who a').first().click();
await coach.page.locator('.waterfall').waitFor();
await shot(coach.page, 'agent.png');
await coach.context.close();
const admin = await as('admin'); // sees every office
await admin.page.goto(`${base}/roi`);
await admin.page.locator('.waterfall').waitFor();
await admin.page.locator('.data.returns tbody tr').first().waitFor();
await shot(admin.page, 'roi.png');
await admin.context.close();
await close();
