// Starts the system's Chromium with a profile of its own, and watches every page: what it logs, what it asks for.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--font-render-hinting=none'];
const PROGRAMS = [process.env.EHUB_CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export function chromiumPath() {
    return PROGRAMS.find((p) => p && existsSync(p)) ?? null;
}

export async function startBrowser() {
    const home = mkdtempSync(join(tmpdir(), 'ehub-e2e-'));
    const env = { ...process.env, HOME: home, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home, TMPDIR: home };
    const browser = await chromium.launch({ executablePath: chromiumPath(), args: FLAGS, env });
    return {
        browser,
        close: async () => {
            await browser.close();
            rmSync(home, { recursive: true, force: true, maxRetries: 5 });
        },
    };
}

const WAIT_MS = 10_000;
export const DESKTOP = { width: 1366, height: 900 };
export const PHONE = { width: 390, height: 844 };

/** A fresh context and page. page.seen collects what must not be: console errors, CSP violations, requests to other origins. */
export async function newPage(browser, base, { viewport = DESKTOP, colorScheme = 'light', reducedMotion = 'reduce', ...more } = {}) {
    const context = await browser.newContext({ viewport, colorScheme, reducedMotion, locale: 'en-US', timezoneId: 'America/New_York', ...more });
    context.setDefaultTimeout(WAIT_MS);
    const page = await context.newPage();
    const seen = { errors: [], foreign: [] };
    const origin = new URL(base).origin;
    page.on('console', (m) => {
        if (m.type() === 'error') seen.errors.push(m.text());
    });
    page.on('pageerror', (e) => seen.errors.push(String(e)));
    page.on('request', (r) => {
        const url = r.url();
        if (!url.startsWith('data:') && new URL(url).origin !== origin) seen.foreign.push(url);
    });
    await page.addInitScript(() => {
        document.addEventListener('securitypolicyviolation', (e) => console.error(`CSP violation: ${e.violatedDirective} ${e.blockedURI}`));
    });
    return { context, page, seen };
}

export async function logIn(page, base, email, password, path = '/') {
    await page.goto(base + path);
    await page.getByLabel('E-mail').fill(email);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.locator('.shell').waitFor();
}

const sessions = new Map();

/** A page with the session of an account, which logs in once for each run: the server limits log-ins. */
export async function pageAs(browser, base, email, password, options = {}) {
    const key = `${base} ${email}`;
    if (!sessions.has(key)) {
        const { context, page } = await newPage(browser, base);
        await logIn(page, base, email, password);
        sessions.set(key, await context.storageState());
        await context.close();
    }
    return newPage(browser, base, { ...options, storageState: sessions.get(key) });
}
