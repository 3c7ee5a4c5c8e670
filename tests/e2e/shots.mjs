// Development aid: every page of the console against the scripted API, as pictures. node shots.mjs OUTDIR [filter]
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DESKTOP, PHONE, logIn, newPage, startBrowser } from './browser.mjs';
import { startFake } from './fake_api.mjs';

const out = process.argv[2] ?? 'shots';
const filter = process.argv[3] ?? '';
mkdirSync(out, { recursive: true });
const fake = await startFake();
const { browser, close } = await startBrowser();
const a = fake.agents[0];
const PAGES = [
    ['today', 'coach', '/today'],
    ['agent', 'coach', `/agents/${a.id}`],
    ['agents', 'admin', '/agents'],
    ['offices', 'coach', '/offices'],
    ['office', 'coach', `/offices/${a.location_id}`],
    ['playbook', 'manager', '/playbook'],
    ['models', 'admin', '/models'],
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
        const { page, context } = await newPage(browser, fake.url, o);
        await page.goto(fake.url);
        await page.getByLabel('E-mail').waitFor();
        await page.screenshot({ path: join(out, `login-${view}.png`) });
        await context.close();
    }
}
for (const [name, role, path] of PAGES) {
    if (filter && filter !== name) continue;
    for (const [view, o] of VIEWS) {
        const { page, context, seen } = await newPage(browser, fake.url, o);
        await logIn(page, fake.url, `${role}@demo.example`, 'demo', path);
        await page.waitForLoadState('load');
        await page.waitForTimeout(500);
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
await fake.stop();
