// What the product promises to the people in the browser, against a running `ehub up --demo`.
// tests/e2e/run gives EHUB_TEST_URL and EHUB_TEST_PASSWORD.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { auditPage } from './axe.mjs';
import { DESKTOP, PHONE, logIn, newPage, pageAs, startBrowser } from './browser.mjs';
import { meanLuminance } from './picture.mjs';

const base = process.env.EHUB_TEST_URL;
const password = process.env.EHUB_TEST_PASSWORD;
const account = (role) => `${role}@demo.example`;

let chromium;
before(async () => {
    assert.ok(base && password, 'start these tests with tests/e2e/run');
    chromium = await startBrowser();
});
after(async () => chromium?.close());

/** What must not have been seen on a page. */
function assertClean(seen, expected = /status of 401/) {
    assert.deepEqual(seen.errors.filter((e) => !expected.test(e)), []);
    assert.deepEqual(seen.foreign, []);
}

/** Runs f with a page in the session of a role, then looks at what the page logged and asked for. */
async function as(role, path, f, options = {}) {
    const { context, page, seen } = await pageAs(chromium.browser, base, account(role), password, options);
    try {
        await page.goto(base + path);
        await page.locator('.shell').waitFor();
        const got = await f(page);
        assertClean(seen, options.expectedErrors);
        return got;
    } finally {
        await context.close();
    }
}

/** The API as the page itself would ask it: same session. */
const ask = (page, path) => page.evaluate(async (p) => {
    const r = await fetch(p);
    return { status: r.status, body: await r.json() };
}, path);

const loaded = (page) => page.waitForFunction(() => !document.querySelector('.skeleton'));
const percent = (v) => `${Math.round(v * 100)}%`;

/** The agent behind agent@demo.example, found once. */
let demoAgent;
async function theAgent() {
    demoAgent ??= await as('agent', '/me', async (page) => {
        const { user } = (await ask(page, '/v1/me')).body;
        return (await ask(page, `/v1/agents/${user.agent_id}`)).body;
    });
    return demoAgent;
}

test('a wrong password is refused in words, the right one leads to Today', async () => {
    const { context, page, seen } = await newPage(chromium.browser, base);
    try {
        await page.goto(base);
        await page.getByLabel('E-mail').fill(account('coach'));
        await page.getByLabel('Password').fill('not-the-password');
        await page.getByRole('button', { name: 'Log in' }).click();
        await page.getByText('That e-mail and password do not belong together.').waitFor();
        assert.equal(await page.getByLabel('Password').inputValue(), '');
        await page.getByLabel('Password').fill(password);
        await page.getByRole('button', { name: 'Log in' }).click();
        await page.getByRole('heading', { level: 1, name: 'Today' }).waitFor();
        const cookie = (await context.cookies()).find((c) => c.name === 'ehub_session');
        assert.ok(cookie.httpOnly && cookie.sameSite === 'Strict');
        assertClean(seen);
    } finally {
        await context.close();
    }
});

test('the page of the console allows no inline code, no foreign origin, and its files are kept for ever', async () => {
    const res = await fetch(`${base}/today`);
    assert.equal(res.status, 200);
    const csp = res.headers.get('content-security-policy');
    assert.match(csp, /default-src 'none'/);
    assert.doesNotMatch(csp, /unsafe|https?:|\*/);
    const html = await res.text();
    for (const [, path] of html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)) {
        const file = await fetch(base + path);
        assert.equal(file.status, 200, path);
        assert.match(file.headers.get('cache-control'), /immutable/);
    }
    assert.equal((await fetch(`${base}/assets/none.js`)).status, 404);
});

test('Today shows every agent with the chance, the closings, why and what to do, as the API gives them', async () => {
    await as('coach', '/today', async (page) => {
        await page.locator('.today-row').first().waitFor();
        const { items } = (await ask(page, '/v1/today?limit=25')).body;
        assert.ok(items.length > 0);
        assert.equal(await page.locator('.today-row').count(), items.length);
        for (const item of items.slice(0, 12)) {
            const row = page.locator(`[data-agent="${item.agent.id}"]`);
            const text = await row.innerText();
            assert.ok(text.includes(item.agent.name) && text.includes(item.agent.location), text);
            assert.ok(text.includes(percent(item.goal.probability)), `${percent(item.goal.probability)} in ${text}`);
            assert.ok(text.includes(item.why) && item.why.length > 10, text);
            const top = item.interventions.filter((i) => i.status === 'suggested').sort((a, b) => a.rank - b.rank)[0];
            assert.ok(top && text.includes(top.title), text);
        }
        await page.locator('.page-head .badge.simulated').waitFor();
    });
});

test('Today can be narrowed to one office, and the link leads to the same view', async () => {
    await as('coach', '/today', async (page) => {
        const select = page.getByLabel('Office');
        const name = (await select.locator('option').allInnerTexts())[1];
        await select.selectOption({ label: name });
        await page.waitForFunction((n) => {
            const offices = [...document.querySelectorAll('.today-who small')];
            return offices.length > 0 && offices.every((e) => e.textContent === n); // none: still loading
        }, name);
        await page.reload();
        await page.locator('.today-row').first().waitFor();
        assert.deepEqual([...new Set(await page.locator('.today-who small').allInnerTexts())], [name]);
    });
});

test('what a coach sends stands at once on the page of the agent, in another browser', async () => {
    const agent = await theAgent();
    await as('agent', '/me', async (agentPage) => {
        await loaded(agentPage);
        await agentPage.locator('.live-state[data-state="open"]').first().waitFor({ state: 'attached' });
        const words = `Let us talk about this today (${Date.now()})`;
        const title = await as('coach', '/today', async (page) => {
            const row = page.locator(`[data-agent="${agent.id}"]`);
            const rows = page.locator('.today-row');
            await rows.first().waitFor();
            while ((await row.count()) === 0) {
                const shown = await rows.count();
                await page.getByRole('button', { name: 'Show more agents' }).click();
                await rows.nth(shown).waitFor();
            }
            await row.getByRole('button', { name: /^Send to/ }).click();
            const chosen = await page.getByRole('dialog').locator('.quote b').innerText();
            await page.getByLabel('Message to the agent (optional)').fill(words);
            await page.getByRole('button', { name: /Send now/ }).click();
            await row.getByText('Sent', { exact: true }).first().waitFor();
            return chosen;
        });
        await agentPage.getByText('Just in from your coach').waitFor();
        assert.ok((await agentPage.locator('.arrived').innerText()).includes(title));
        await agentPage.locator('.bubble', { hasText: words }).waitFor();
        const next = agentPage.locator('.next-step');
        await next.getByText(title).first().waitFor();
        assert.ok((await next.locator('ol.steps li').count()) > 0);
    });
});

test('the agent answers and says how it went, and the coach sees both', async () => {
    const agent = await theAgent();
    await as('coach', `/agents/${agent.id}`, async (coachPage) => {
        await loaded(coachPage);
        await coachPage.locator('.live-state[data-state="open"]').first().waitFor({ state: 'attached' });
        const words = `I will do it at nine (${Date.now()})`;
        await as('agent', '/me', async (page) => {
            await page.getByLabel('Message', { exact: true }).fill(words);
            await page.locator('.reply').getByRole('button', { name: 'Send' }).click();
            await page.locator('.bubble', { hasText: words }).waitFor();
            await page.locator('.next-step').getByRole('button', { name: 'Improved' }).click();
            await page.getByText('Done so far').waitFor();
        });
        await coachPage.locator('.bubble', { hasText: words }).waitFor();
        await coachPage.getByText('Improved', { exact: true }).first().waitFor();
    });
});

test('a refusal needs a reason, and the reason stays', async () => {
    await as('coach', '/today', async (page) => {
        const row = page.locator('.today-row:not(.decided)').nth(2);
        const id = await row.getAttribute('data-agent');
        await row.getByRole('button', { name: /^Refuse/ }).click();
        const dialog = page.getByRole('dialog');
        await dialog.getByRole('button', { name: /Refuse/ }).click();
        await dialog.getByText('Please say why').waitFor();
        assert.equal(await dialog.getByLabel('Reason').getAttribute('aria-invalid'), 'true');
        const before = (await ask(page, `/v1/agents/${id}/interventions?limit=50`)).body.items.filter((i) => i.status === 'refused').length;
        await dialog.getByLabel('Reason').fill('She is on leave this week');
        await dialog.getByRole('button', { name: /Refuse/ }).click();
        await page.locator(`[data-agent="${id}"]`).getByText('Refused', { exact: true }).first().waitFor();
        await page.goto(`${base}/agents/${id}`);
        await page.getByText('Reason: She is on leave this week').first().waitFor();
        const refused = (await ask(page, `/v1/agents/${id}/interventions?limit=50`)).body.items.filter((i) => i.status === 'refused');
        assert.equal(refused.length, before + 1);
    });
});

test('the waterfall adds up to the chance that the page shows', async () => {
    await as('coach', '/today', async (page) => {
        const { items } = (await ask(page, '/v1/today?limit=25')).body;
        for (const { agent } of [items[0], items[7], items[items.length - 1]]) {
            await page.goto(`${base}/agents/${agent.id}`);
            await page.locator('.waterfall').waitFor();
            const goal = (await ask(page, `/v1/agents/${agent.id}/performance`)).body.goal;
            const shown = await page.locator('.waterfall tbody td:last-child').allInnerTexts();
            const number = (s) => Number(s.replace('−', '-').replace('%', '').replace('+', ''));
            const [first, ...rest] = shown.map(number);
            const end = rest.pop();
            const sum = rest.reduce((a, b) => a + b, first);
            assert.ok(Math.abs(sum - end) <= 0.05 * (shown.length + 1), `${shown.join(' ')} adds up to ${sum}`);
            assert.equal(await page.locator('[data-figure="probability"]').innerText(), shown[shown.length - 1]);
            // The API itself: bias + sum of SHAP = margin, and the points go from the base rate to the chance.
            const sigmoid = (m) => 1 / (1 + Math.exp(-m));
            const shap = goal.contributions.reduce((a, c) => a + c.shap, 0);
            assert.ok(Math.abs(goal.bias + shap - goal.margin) < 1e-6, `${goal.bias} + ${shap} = ${goal.margin}`);
            assert.ok(Math.abs(sigmoid(goal.margin) - goal.value) < 1e-6);
            const points = goal.contributions.reduce((a, c) => a + c.points, 0);
            const missing = sigmoid(goal.bias) * 100 + points - goal.value * 100;
            assert.ok(Math.abs(missing) < 1e-4, `the points miss the chance by ${missing}`); // single precision of the trees
        }
    });
});

test('a coach can do the whole round from the keyboard: log in, open, send', async () => {
    const { context, page, seen } = await newPage(chromium.browser, base);
    try {
        await page.goto(base);
        await page.getByLabel('E-mail').waitFor();
        await page.waitForFunction(() => document.activeElement?.getAttribute('name') === 'email'); // with the first paint
        await page.keyboard.type(account('manager'));
        await page.keyboard.press('Tab');
        await page.keyboard.type(password);
        await page.keyboard.press('Enter');
        await page.locator('.today-row').first().waitFor();
        await page.keyboard.press('?');
        await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
        await page.keyboard.press('Escape');
        await page.getByRole('dialog').waitFor({ state: 'detached' });
        await Promise.all(['j', 'j', 'k', 'j'].map((k) => page.keyboard.press(k))); // as fast as they can be sent
        const row = page.locator('.today-row').nth(1);
        assert.ok(await row.evaluate((e) => e === document.activeElement), 'j moves the focus');
        await page.keyboard.press('Enter');
        await row.locator('.today-more').waitFor();
        await page.keyboard.press('s');
        await page.getByRole('dialog').waitFor();
        await page.keyboard.type('From the keyboard');
        await page.keyboard.press('Control+Enter');
        await row.getByText('Sent', { exact: true }).first().waitFor();
        await page.getByRole('dialog').waitFor({ state: 'detached' });
        assert.ok(await row.evaluate((e) => e.contains(document.activeElement)), 'the focus comes back to the row');
        assertClean(seen);
    } finally {
        await context.close();
    }
});

test('compute now makes a prediction from the current data', async () => {
    const agent = await theAgent();
    await as('coach', `/agents/${agent.id}`, async (page) => {
        await page.locator('.waterfall').waitFor();
        await page.getByRole('button', { name: 'Compute now' }).click();
        await page.getByText('Computed from the current data').waitFor();
        const goal = (await ask(page, `/v1/agents/${agent.id}/performance`)).body.goal;
        assert.ok(Date.now() - Date.parse(goal.made_at) < 60_000, goal.made_at);
    });
});

test('a session and a goal that a coach enters are stored', async () => {
    const agent = await theAgent();
    await as('coach', `/agents/${agent.id}`, async (page) => {
        const topic = `Listing talk ${Date.now()}`;
        await page.getByRole('button', { name: 'Add a session' }).click();
        await page.getByLabel('Topic').fill(topic);
        await page.getByLabel('Minutes').fill('25');
        await page.getByRole('button', { name: 'Store the session' }).click();
        await page.getByText(topic).waitFor();
        await page.getByRole('button', { name: 'Set a goal' }).click();
        await page.getByLabel('How much in 30 days').fill('3');
        await page.getByRole('dialog').getByRole('button', { name: 'Set the goal' }).click();
        await page.getByText('3 closings in 30 days').waitFor();
        const sessions = (await ask(page, `/v1/agents/${agent.id}/sessions`)).body.items;
        assert.equal(sessions.find((s) => s.topic === topic)?.minutes, 25);
    });
});

test('an agent sees the own page only', async () => {
    const other = await as('coach', '/agents', async (page) => (await ask(page, '/v1/agents?limit=5')).body.items);
    const mine = await theAgent();
    await as('agent', '/today', async (page) => {
        await page.getByRole('heading', { name: 'Not allowed' }).waitFor();
        const foreign = other.find((a) => a.id !== mine.id);
        assert.equal((await ask(page, `/v1/agents/${foreign.id}`)).status, 404);
    }, { expectedErrors: /status of (401|404)/ });
});

test('the models page shows the scores that the training wrote down', async () => {
    await as('admin', '/models', async (page) => {
        const models = (await ask(page, '/v1/models')).body.items;
        const goal = models.find((m) => m.kind === 'goal' && m.status === 'active');
        const card = page.getByRole('region', { name: `Chance of the goal, version ${goal.version}`, exact: true });
        await card.getByText(goal.report.scores.auc.model.estimate.toFixed(3)).first().waitFor();
        await card.getByText(goal.report.scores.brier.naive.estimate.toFixed(3)).first().waitFor();
        await card.getByText(goal.report.reason).waitFor();
    });
});

test('an administrator draws an experiment, sees its balance, and ends it; the audit log has both', async () => {
    const name = `trial-${Date.now()}`;
    await as('admin', '/experiments', async (page) => {
        await page.getByRole('button', { name: 'Start an experiment' }).click();
        await page.getByLabel('Name').fill(name);
        const select = page.getByLabel('Coaching under test');
        await select.selectOption((await select.locator('option').nth(1).getAttribute('value')));
        await page.getByRole('button', { name: 'Show the plan' }).click();
        await page.getByText(/agents may get it, .* are held out/).waitFor();
        await page.getByRole('button', { name: 'Start it' }).click();
        await page.getByRole('heading', { level: 1, name }).waitFor();
        await page.getByText('it has not begun yet').waitFor();
        const status = (await ask(page, `/v1/insight/experiments/${name}`)).body;
        assert.ok(Math.abs(status.n_treated - status.n_control) <= 1);
        assert.equal(status.strata.reduce((n, s) => n + s.n_treated + s.n_control, 0), status.n_agents);
        await page.getByRole('button', { name: 'Stop' }).click();
        await page.getByLabel('Reason').fill('Only a test');
        await page.getByRole('button', { name: 'Stop it' }).click();
        await page.getByText('Only a test').waitFor();
    });
    await as('admin', '/audit', async (page) => {
        const mine = (await ask(page, '/v1/audit?limit=50')).body.items.filter((a) => a.detail.name === name);
        assert.deepEqual(mine.map((a) => a.action), ['experiment.stop', 'experiment.create']);
    });
});

test('an administrator has the effects found anew: it runs, is done, and what is shown is new; the audit log says who asked', async () => {
    await as('admin', '/effect', async (page) => {
        const began = Date.now() - 1000;
        await page.getByRole('button', { name: 'Update now' }).click();
        await page.getByText('The effects are up to date').waitFor({ timeout: 120_000 });
        const update = (await ask(page, '/v1/insight/update')).body;
        assert.equal(update.state, 'done', update.reason);
        assert.ok(Date.parse(update.started_at) >= began);
        const { items } = (await ask(page, '/v1/insight/effects')).body;
        assert.ok(items.length > 10 && items.every((e) => Date.parse(e.made_at) >= began));
        const [mine] = (await ask(page, '/v1/audit?limit=50')).body.items.filter((a) => a.action === 'insight.update');
        assert.ok(Date.parse(mine.at) >= began);
    });
});

test('an administrator sets what returns are reckoned with; the page shows what the API reckons, and the audit log has the change', async () => {
    const split = 0.2 + (Date.now() % 1000) / 10_000;
    await as('admin', '/roi', async (page) => {
        await page.getByRole('button', { name: /settings of money/ }).click();
        for (const [label, value] of [['Share of a commission', String(Math.round(split * 1e6) / 1e4)], ['Hours of the coach', '0.5'], ['Cost of a coach', '60'], ['Hours of the agent', '1'], ['Worth of an agent', '40'], ['Licence for an agent', '49']]) await page.getByLabel(label).fill(value);
        await page.getByRole('button', { name: 'Save' }).click();
        await page.getByText('The settings are changed').waitFor();
        const money = (await ask(page, '/v1/insight/money')).body;
        assert.ok(Math.abs(money.split - split) < 1e-6);
        assert.equal(money.licence_cents, 4900);
        await loaded(page);
        assert.equal(await page.getByText('Not set yet').count(), 0);
        const [all] = (await ask(page, '/v1/insight/roi')).body.items;
        if (!all) await page.getByText('No effect has been estimated yet').waitFor();
        else if (all.refusal) await page.getByText(all.refusal).first().waitFor();
        else await page.locator('.waterfall').getByText(new RegExp(`\\$${Math.abs(Math.round(all.net.estimate / 100)).toLocaleString('en-US')}`)).first().waitFor();
    });
    await as('admin', '/audit', async (page) => {
        const [mine] = (await ask(page, '/v1/audit?limit=50')).body.items.filter((a) => a.action === 'tenant.money');
        assert.ok(Math.abs(mine.detail.after.split - split) < 1e-6);
    });
});

test('the audit page shows who decided', async () => {
    await as('admin', '/audit', async (page) => {
        await page.locator('tbody tr').first().waitFor();
        const actions = await page.locator('tbody tr td:nth-child(3)').allInnerTexts();
        assert.ok(actions.some((a) => /^intervention/.test(a)), actions.join(' '));
    });
});

const PAGES = [
    ['Today', 'coach', () => '/today'],
    ['agent', 'coach', () => `/agents/${demoAgent.id}`],
    ['agents', 'auditor', () => '/agents'],
    ['offices', 'coach', () => '/offices'],
    ['office', 'coach', () => `/offices/${demoAgent.location_id}`],
    ['leaderboard', 'manager', () => '/leaderboard'],
    ['ramp-up', 'coach', () => '/ramp-up'],
    ['effect', 'coach', () => '/effect'],
    ['ROI', 'manager', () => '/roi'],
    ['report', 'auditor', () => '/report'],
    ['experiments', 'admin', () => '/experiments'],
    ['playbook', 'manager', () => '/playbook'],
    ['models', 'admin', () => '/models'],
    ['personal data', 'auditor', () => '/personal-data'],
    ['scaling', 'admin', () => '/scaling'],
    ['audit', 'auditor', () => '/audit'],
    ['my page', 'agent', () => '/me'],
];

for (const [name, role, path] of PAGES) {
    test(`${name}: no console error, no CSP violation, nothing asked of another origin, no accessibility fault`, async () => {
        await theAgent();
        await as(role, path(), async (page) => {
            await page.locator('h1').waitFor();
            await loaded(page);
            assert.deepEqual(await auditPage(page), []);
        }, { viewport: DESKTOP });
    });
    test(`${name}: on a phone nothing is wider than the window, and dark mode is dark`, async () => {
        await theAgent();
        const look = (colorScheme) => as(role, path(), async (page) => {
            await page.locator('h1').waitFor();
            await loaded(page);
            const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
            assert.ok(wide <= 0, `${wide} px too wide`);
            return meanLuminance(page, await page.screenshot());
        }, { viewport: PHONE, isMobile: true, hasTouch: true, colorScheme });
        const [light, dark] = [await look('light'), await look('dark')];
        assert.ok(light > 170, `light: ${light}`);
        assert.ok(dark < 70, `dark: ${dark}`);
    });
}

test('logging out ends the session', async () => {
    const { context, page, seen } = await newPage(chromium.browser, base);
    try {
        await logIn(page, base, account('auditor'), password, '/agents');
        await page.getByRole('button', { name: 'Log out' }).last().click();
        await page.getByRole('heading', { name: 'Log in' }).waitFor();
        assert.equal((await ask(page, '/v1/me')).status, 401);
        assertClean(seen);
    } finally {
        await context.close();
    }
});
