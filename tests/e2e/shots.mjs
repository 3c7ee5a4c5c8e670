// Development aid: every page of the console as pictures. node shots.mjs OUTDIR [PAGE]
// Against the scripted API, or, with EHUB_TEST_URL and EHUB_TEST_PASSWORD set, against a running `ehub up --demo`.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DESKTOP, PHONE, newPage, pageAs, startBrowser } from './browser.mjs';
import { startFake } from './fake_api.mjs';

const out = process.argv[2] ?? 'shots';
const filter = process.argv[3] ?? '';
mkdirSync(out, { recursive: true });
const real = process.env.EHUB_TEST_URL;
const fake = real ? null : await startFake();
const base = real ?? fake.url;
const password = real ? process.env.EHUB_TEST_PASSWORD : 'demo';
const { browser, close } = await startBrowser();

async function firstAgent() {
    if (fake) return fake.agents[0];
    const { page, context } = await pageAs(browser, base, 'admin@demo.example', password);
    await page.goto(base);
    const a = await page.evaluate(async () => (await (await fetch('/v1/today?limit=1')).json()).items[0].agent);
    await context.close();
    return a;
}
const a = await firstAgent();
const PAGES = [
    ['today', 'coach', '/today'],
    ['agent', 'coach', `/agents/${a.id}`],
    ['agents', 'admin', '/agents'],
    ['offices', 'coach', '/offices'],
    ['office', 'coach', `/offices/${a.location_id}`],
    ['leaderboard', 'manager', '/leaderboard'],
    ['ramp-up', 'manager', '/ramp-up'],
    ['effect', 'admin', '/effect'],
    ['effect-one', 'manager', '/effect/all/all'],
    ['effect-refused', 'manager', '/effect/intervention/follow_up'],
    ['roi', 'admin', '/roi'],
    ['roi-office', 'admin', `/roi?scope=office&name=${a.location_id}`],
    ['report', 'manager', '/report'],
    ['experiments', 'manager', '/experiments'],
    ['experiment', 'manager', `/experiments/${process.env.EHUB_SHOT_EXPERIMENT ?? 'speed-autumn'}`],
    ['playbook', 'manager', '/playbook'],
    ['models', 'admin', '/models'],
    ['personal-data', 'admin', '/personal-data'],
    ['scaling', 'admin', '/scaling'],
    ['audit', 'admin', '/audit'],
    ['me', 'agent', '/me'],
];
const VIEWS = [
    ['desktop', { viewport: DESKTOP }],
    ['phone', { viewport: PHONE, hasTouch: true, isMobile: true }],
    ['dark', { viewport: DESKTOP, colorScheme: 'dark' }],
];
if (filter === '' || filter === 'login') {
    for (const [view, o] of VIEWS) {
        const { page, context } = await newPage(browser, base, o);
        await page.goto(base);
        await page.getByLabel('E-mail').waitFor();
        await page.screenshot({ path: join(out, `login-${view}.png`) });
        await context.close();
    }
}
for (const [name, role, path] of PAGES) {
    if (filter && filter !== name) continue;
    for (const [view, o] of VIEWS) {
        const { page, context, seen } = await pageAs(browser, base, `${role}@demo.example`, password, o);
        await page.goto(base + path);
        await page.waitForLoadState('load');
        await page.waitForTimeout(1200);
        if (name === 'today' && view !== 'phone') {
            await page.keyboard.press('j');
            await page.keyboard.press('j');
            await page.keyboard.press('Enter');
        }
        await page.screenshot({ path: join(out, `${name}-${view}.png`), fullPage: view !== 'dark' });
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        console.log(name, view, wide > 0 ? `OVERFLOW ${wide}` : '', seen.errors.filter((e) => !e.includes('401')).join(' | '), seen.foreign.join(' '));
        await context.close();
    }
}
await close();
await fake?.stop();
