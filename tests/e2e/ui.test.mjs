// What the console does by itself, against the scripted API: states that a healthy server does not show.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DESKTOP, PHONE, logIn, newPage, startBrowser } from './browser.mjs';
import { startFake } from './fake_api.mjs';
import { auditPage } from './axe.mjs';

let chromium;
let fake;
before(async () => {
    [chromium, fake] = [await startBrowser(), await startFake()];
});
after(async () => {
    await chromium?.close();
    await fake?.stop();
});

/** Runs f with a logged-in page of its own. Expected failures of requests are named, all other console errors fail the test. */
async function withPage({ role = 'coach', path = '/', expectedErrors = /status of 401/, server = fake, ...options }, f) {
    const { context, page, seen } = await newPage(chromium.browser, server.url, options);
    try {
        if (role) await logIn(page, server.url, `${role}@demo.example`, 'demo', path);
        await f(page, seen);
        assert.deepEqual(seen.errors.filter((e) => !expectedErrors.test(e)), []);
        assert.deepEqual(seen.foreign, []);
    } finally {
        await context.close();
        await server.control('clear');
    }
}

test('a 401 shows the log-in and keeps the deep link', async () => {
    const path = `/agents/${fake.agents[2].id}`;
    await withPage({ role: null }, async (page) => {
        await page.goto(fake.url + path);
        await page.getByRole('heading', { name: 'Log in' }).waitFor();
        assert.equal(new URL(page.url()).pathname, path);
        await logIn(page, fake.url, 'coach@demo.example', 'demo', path);
        await page.getByRole('heading', { level: 1, name: fake.agents[2].name }).waitFor();
    });
});

test('a session that ends in the middle of the work leads back to the same page', async () => {
    await withPage({ path: '/offices' }, async (page) => {
        await page.getByRole('link', { name: 'Old Town', exact: true }).waitFor();
        await fake.control('expire');
        await page.getByRole('link', { name: 'Old Town', exact: true }).click();
        await page.getByText('Your session has ended').waitFor();
        await page.getByLabel('E-mail').fill('coach@demo.example');
        await page.getByLabel('Password').fill('demo');
        await page.getByRole('button', { name: 'Log in' }).click();
        await page.getByRole('heading', { level: 1, name: 'Old Town' }).waitFor();
    });
});

test('sealed values are shown as what they are, and only an administrator can turn them back', async () => {
    const sealed = 'Call [PERSON:e1.AAAA_bb-9] about [STREET_ADDRESS:e1.Zz09] today';
    const path = `/agents/${fake.agents[3].id}`;
    await withPage({ path }, async (page) => {
        await page.getByLabel('Message', { exact: true }).fill(sealed);
        await page.locator('.reply').getByRole('button', { name: 'Send' }).click();
        const bubble = page.locator('.bubble', { hasText: 'Call name about address today' });
        await bubble.waitFor();
        assert.equal(await bubble.locator('.seal').count(), 2);
        assert.ok(!(await page.locator('body').innerText()).includes('e1.'));
        assert.equal(await page.getByRole('button', { name: 'Show what is sealed' }).count(), 0);
        assert.deepEqual(await auditPage(page), []);
    });
    await withPage({ path, role: 'admin' }, async (page) => {
        await page.getByRole('button', { name: 'Show what is sealed' }).click();
        await page.locator('.bubble', { hasText: 'Call Ruth Okafor about address, erased today' }).waitFor();
        assert.equal(await page.getByRole('button', { name: 'Show what is sealed' }).count(), 0);
        assert.deepEqual(await auditPage(page), []);
    });
});

test('too many log-in attempts are told with the time to wait', async () => {
    await fake.control('fail', { path: '/v1/login', status: 429, retry_after: 30 });
    await withPage({ role: null, expectedErrors: /status of (401|429)/ }, async (page) => {
        await page.goto(fake.url);
        await page.getByLabel('E-mail').fill('coach@demo.example');
        await page.getByLabel('Password').fill('demo');
        await page.getByRole('button', { name: 'Log in' }).click();
        await page.getByText('Wait 30 seconds').waitFor();
    });
});

for (const [status, text, expected] of [
    [503, 'The server is busy', /status of (401|503)/],
    [429, 'Too many requests', /status of (401|429)/],
    [0, 'The server cannot be reached', /status of 401|ERR_/],
]) {
    test(`status ${status || 'none (connection lost)'}: a designed state, then the page by itself`, async () => {
        await withPage({ path: '/agents', expectedErrors: expected }, async (page) => {
            await page.getByRole('heading', { name: 'Agents' }).waitFor();
            await fake.control('fail', { path: '/v1/today', status, retry_after: 1, times: status === 0 ? 6 : 1 });
            await page.getByRole('link', { name: 'Today' }).click();
            await page.getByRole('alert').getByText(text).waitFor();
            await fake.control('clear');
            await page.locator('.today-row').first().waitFor();
        });
    });
}

test('a 500 is told with its detail, and can be tried again', async () => {
    await withPage({ path: '/agents', expectedErrors: /status of (401|500)/ }, async (page) => {
        await fake.control('fail', { path: '/v1/locations', status: 500, title: 'Internal error', detail: 'shard 2 gave no answer' });
        await page.getByRole('link', { name: 'Offices' }).click();
        await page.getByText('shard 2 gave no answer').waitFor();
        await page.getByRole('button', { name: 'Try again' }).click();
        await page.getByRole('link', { name: 'Lakeside', exact: true }).waitFor();
    });
});

test('an unknown agent and an unknown page are told as 404', async () => {
    await withPage({ path: '/agents/0199aaaa-0000-7000-8200-00000000ffff', expectedErrors: /status of (401|404)/ }, async (page) => {
        await page.getByText('It does not exist, or it belongs to another office.').waitFor();
        await page.goto(`${fake.url}/no/such/page`);
        await page.getByRole('heading', { name: 'Page not found' }).waitFor();
    });
});

test('the personal data page counts what was found, the most frequent first, and asks for the period chosen', async () => {
    await withPage({ role: 'auditor', path: '/personal-data' }, async (page) => {
        await page.getByRole('heading', { name: /^1,351 findings/ }).waitFor();
        const rows = await page.locator('tbody tr').allInnerTexts();
        assert.equal(rows.length, 3);
        assert.match(rows[0], /Person\s.*redacted before it was stored.*1,307/s);
        const asked = page.waitForRequest((r) => r.url().includes('/v1/pii/report'));
        await page.getByLabel('Period').selectOption('7');
        const q = new URL((await asked).url()).searchParams;
        assert.equal((Date.parse(q.get('to')) - Date.parse(q.get('from'))) / 86400000, 6);
    });
});

test('scaling: load and replicas behind and ahead, the decisions in words, the cost beside what else it would have been', async () => {
    await withPage({ role: 'admin', path: '/scaling' }, async (page) => {
        await page.getByRole('img', { name: /^Load and capacity of shop.*Expected in the coming hours: up to 160, for which up to 18 replicas are planned/ }).waitFor();
        assert.match(await page.locator('[data-figure=wanted]').innerText(), /^12\s+of 1 to 40$/);
        await page.getByText('29.4% less than static peak').waitFor();
        await page.getByText('13 replicas: as before; the load cannot be read').waitFor();
        await page.getByText('Show as a table').click();
        assert.equal(await page.getByRole('table', { name: 'Load and capacity, by hour' }).locator('tbody tr').count(), 96); // 48 hours behind, 48 ahead
        assert.deepEqual(await auditPage(page), []);
    });
});

test('scaling: how to begin, a pause, a standstill and a source that is down are told', async () => {
    try {
        for (const [state, text] of [
            [{ configured: false, running: false, report: null }, /Predictive scaling is not set up for this installation/],
            [{ running: false, report: null }, /Nothing has been decided yet/],
            [{ report: null, wrong: '/etc/scaling.json: $.replicas.max: missing' }, /\$\.replicas\.max: missing/],
            [{ running: false }, /Nobody is scaling: what stands here is of/],
            [{ paused: true, override_until: '2030-01-01T00:00:00.000Z' }, /Paused: decisions are not acted on until/],
            [{ override_replicas: 7, override_until: '2030-01-01T00:00:00.000Z' }, /Set to 7 replicas by hand until/],
        ]) {
            await fake.control('scaling', state);
            await withPage({ role: 'admin', path: '/scaling', viewport: PHONE, hasTouch: true, isMobile: true }, async (page) => {
                await page.getByText(text).waitFor();
                assert.deepEqual(await auditPage(page), []);
                const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
                assert.ok(wide <= 0, `${text}: the page is ${wide} px wider than the window`);
            });
        }
    } finally {
        await fake.control('scaling', {});
    }
});

test('ramp-up: curves with their table, how they were computed, and a sentence where the data cannot tell', async () => {
    await withPage({ role: 'manager', path: '/ramp-up' }, async (page) => {
        await page.getByText('Coached agents take 34 days less on average').waitFor();
        await page.getByRole('img', { name: /not coached in the first 90 days: 50\s?% of 24 by day 290; coached in the first 90 days: 83\s?%/ }).waitFor();
        await page.getByText('How this was computed').click();
        await page.getByText('Left out: 11 had got there or left by day 90').waitFor();
        const csv = decodeURIComponent(await page.getByRole('link', { name: /^CSV/ }).getAttribute('href'));
        assert.equal(csv.split('\r\n').length, 21);
        assert.match(csv.split('\r\n')[1], /^"not coached in the first 90 days","120","24","2","0",.*"simulated"$/);
        await page.getByLabel('Coached within').selectOption('180');
        await page.getByText('These data cannot tell').waitFor();
        await page.getByText('Each group needs at least 5 to be compared').waitFor();
    });
});

test('leaderboard: against the pacer, for the office and the fiscal quarter that are chosen, and a name cannot be a formula', async () => {
    const name = fake.agents[0].name;
    fake.agents[0].name = '=1+1';
    try {
        await withPage({ role: 'manager', path: '/leaderboard' }, async (page) => {
            await page.getByRole('heading', { name: 'Day 12 of 30' }).waitFor();
            assert.equal(await page.locator('tbody tr').count(), 22);
            const csv = decodeURIComponent(await page.getByRole('link', { name: /^CSV/ }).getAttribute('href'));
            assert.match(csv, /"'=1\+1"/);
            await page.getByLabel('Period').selectOption('quarter');
            assert.equal(await page.getByLabel('Fiscal year starts in').inputValue(), '7'); // as the brokerage has set it
            const asked = page.waitForRequest((r) => r.url().includes('year_starts=10'));
            await page.getByLabel('Fiscal year starts in').selectOption('10');
            await asked;
            await page.getByRole('heading', { name: 'Day 36 of 91' }).waitFor();
            await page.getByLabel('Office').selectOption({ label: 'Old Town' });
            await page.locator('tbody tr').nth(0).waitFor();
            await page.emulateMedia({ media: 'print' });
            assert.equal(await page.getByRole('navigation').isVisible(), false);
            assert.equal(await page.locator('table.data').isVisible(), true);
        });
    } finally {
        fake.agents[0].name = name;
    }
});

test('experiments: the plan first, then the same draw for good; a reason ends it; a coach may only look', async () => {
    await withPage({ role: 'manager', path: '/experiments' }, async (page) => {
        await page.getByRole('link', { name: 'speed-autumn' }).waitFor();
        await page.getByRole('button', { name: 'Start an experiment' }).click();
        await page.getByLabel('Name').fill('pipeline-winter');
        await page.getByLabel('Coaching under test').selectOption('pipeline_review');
        await page.getByRole('button', { name: 'Show the plan' }).click();
        await page.getByText('11 agents may get it, 11 are held out').waitFor();
        const sent = page.waitForRequest((r) => r.method() === 'POST');
        await page.getByRole('button', { name: 'Start it' }).click();
        assert.equal((await sent).postDataJSON().seed, 7);
        await page.getByRole('heading', { level: 1, name: 'pipeline-winter' }).waitFor();
        await page.getByText('it has not begun yet').waitFor();
        await page.getByRole('button', { name: 'Stop' }).click();
        await page.getByLabel('Reason').fill('The market has changed');
        await page.getByRole('button', { name: 'Stop it' }).click();
        await page.getByText(/^Stopped on .*: The market has changed$/).waitFor();
        assert.equal(await page.getByRole('button', { name: 'Stop' }).count(), 0);
    });
    await withPage({ role: 'coach', path: '/experiments/speed-autumn' }, async (page) => {
        await page.getByText('holds zero: the data do not tell yet whether it helps').waitFor();
        await page.getByRole('img', { name: /any look 0.62, 95 % interval −0.12 to 1.36; one look .* 0.18 to 1.06; naive/ }).waitFor();
        await page.getByText('Further apart than 19 of 20 draws of so many agents (0.3 standard deviations)').waitFor();
        const csv = decodeURIComponent(await page.getByRole('link', { name: /speed-autumn-strata/ }).getAttribute('href'));
        assert.equal(csv.split('\r\n').length, 10);
        assert.equal(await page.getByRole('button', { name: /^(Stop|Start)/ }).count(), 0);
    });
});

/** A data: link of CSV as lines. */
const csvOf = async (link) => decodeURIComponent((await link.getAttribute('href')).split(',').slice(1).join(',')).split('\r\n');

test('effect: every question with its interval and tiers, a refusal in words, and the one that is opened shows how it was found', async () => {
    await withPage({ path: '/effect', role: 'auditor' }, async (page) => {
        await page.getByText('All coaching changed closings by +0.24 per agent and 28 days (95 % interval +0.11 to +0.37). The interval lies above zero: it helped.').waitFor();
        const row = page.getByRole('row', { name: /Call new leads/ });
        assert.deepEqual((await row.locator('td.num').allInnerTexts()).map((t) => t.replace(/\s+/g, ' ')), ['+0.34', '+0.14 to +0.54', '+0.51', '+0.34', '–', '36 / 72']);
        assert.equal(await row.locator('.whisker.up').count(), 1);
        assert.equal(await page.getByRole('row', { name: /Review the open pipeline/ }).locator('.whisker.unsure').count(), 1);
        assert.equal(await page.getByRole('row', { name: /Pat Quill/ }).locator('.whisker.down').count(), 1);
        await page.getByRole('row', { name: /next-day/ }).getByText('Only 4 agents got it').waitFor();
        const csv = await csvOf(page.getByRole('link', { name: /^CSV.*effects/ }));
        assert.equal(csv.length, 1 + 13 + 3 * 11); // 13 questions, 2 of them refused, the others with three tiers
        assert.match(csv.find((l) => l.includes('Pat Quill')), /"'=Pat Quill"/); // a spreadsheet must not run it
        await page.getByRole('link', { name: 'All coaching' }).click();
        await page.getByText('A plain comparison would say +0.50').waitFor();
        const study = page.getByRole('figure', { name: 'Event study' });
        assert.match(await study.getByRole('img').getAttribute('aria-label'), /14 periods of 28 days from -6 to 7/);
        await study.getByText('Show as a table').click();
        assert.equal(await study.locator('tbody tr').count(), 14);
        await page.getByRole('figure', { name: 'Balance' }).waitFor();
        await page.getByText('How this was computed').click();
        for (const text of ['Callaway', 'The effect on those who got it', '36 agents with it, 72 without', 'Without coaching, both groups would have changed alike.']) await page.getByText(text).first().waitFor();
        await page.getByLabel('Outcome').selectOption('commission');
        await page.getByText('by +$2,160 per agent').waitFor();
    });
});

test('effect and return of many: the first rows in the order that people count in, all on request; how many would look like an effect by chance, and which stand', async () => {
    // The p-values of Benjamini and Hochberg (1995), section 3: nine are below 0.05, their procedure keeps four.
    const P = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528, 0.759, 1];
    await withPage({ path: '/me', role: 'manager' }, async (page) => {
        await page.route(/\/v1\/insight\/effects\?/, async (route) => {
            const d = await (await route.fetch()).json();
            const [coach, office] = ['coach', 'office'].map((scope) => d.items.find((e) => e.scope === scope));
            const coaches = P.map((p, i) => ({ ...coach, name: `c${i}`, title: `Coach ${i + 1}`, p, ci_low: p < 0.05 ? 0.01 : -0.2 }));
            const offices = Array.from({ length: 40 }, (_, i) => ({ ...office, name: `o${i}`, title: `Harbor ${40 - i}`, p: 0.5, ci_low: -0.2 }));
            await route.fulfill({ json: { ...d, items: [d.items[0], ...coaches.reverse(), ...offices] } });
        });
        await page.getByRole('link', { name: 'Effect', exact: true }).click();
        await page.getByText('Of 15 answers, 9 intervals leave out zero; about 1 would by chance alone, if nothing helped or harmed. 4 stand: Coach 1, Coach 2, Coach 3, Coach 4, when at most one in twenty').waitFor();
        await page.getByText('Of 40 answers, none of the intervals leaves out zero; about 2 would by chance alone, if nothing helped or harmed. None stands when').waitFor();
        const offices = page.getByRole('region', { name: 'Table of effects: By office' }).locator('tbody tr');
        const titles = async () => (await offices.locator('th').allInnerTexts()).map((t) => t.trim());
        assert.deepEqual(await titles(), Array.from({ length: 20 }, (_, i) => `Harbor ${i + 1}`));
        await page.getByText('20 of 40 rows').waitFor();
        await page.getByRole('button', { name: 'Show all' }).click();
        assert.equal(await offices.count(), 40);
        assert.equal((await titles()).at(-1), 'Harbor 40');
        await page.getByRole('button', { name: 'Show fewer' }).click();
        assert.equal(await offices.count(), 20);
        assert.deepEqual(await auditPage(page), []);
    });
    await withPage({ path: '/me', role: 'manager' }, async (page) => {
        await page.route(/\/v1\/insight\/roi\?/, async (route) => {
            const d = await (await route.fetch()).json();
            const items = d.scope === 'office' ? Array.from({ length: 40 }, (_, i) => ({ ...d.items[0], name: `o${i}`, title: `Harbor ${40 - i}` })) : d.items;
            await route.fulfill({ json: { ...d, items } });
        });
        await page.getByRole('link', { name: 'ROI', exact: true }).click();
        const rows = page.getByRole('region', { name: /Table of returns/ }).locator('tbody tr');
        await page.getByText('20 of 40 rows').waitFor();
        assert.match(await rows.first().innerText(), /^Harbor 1\b/);
        await page.getByRole('button', { name: 'Show all' }).click();
        assert.equal(await rows.count(), 40);
    });
});

test('effect: a name with blanks and signs has an address of its own, and an unknown one is told as 404', async () => {
    await withPage({ path: '/effect', expectedErrors: /status of (401|404)/ }, async (page) => {
        await page.getByRole('link', { name: '=Pat Quill' }).click();
        await page.getByRole('heading', { level: 1, name: '=Pat Quill' }).waitFor();
        await page.reload();
        await page.getByText('it did harm').waitFor();
        await page.goto(`${fake.url}/effect/coach/nobody`);
        await page.getByRole('heading', { name: 'Nothing here' }).waitFor();
        await page.goto(`${fake.url}/effect/office/%E0%A4%A`);
        await page.getByRole('heading', { name: 'Nothing here' }).waitFor();
    });
});

test('effect: an update is asked for, runs, is done or has failed with its reason; who may not ask has no button', async () => {
    const own = await startFake();
    let lists = 0;
    try {
        await withPage({ path: '/effect', role: 'manager', server: own, expectedErrors: /status of (401|409)/ }, async (page) => {
            page.on('request', (r) => (lists += /insight\/effects\?/.test(r.url())));
            await page.getByText('Last update').waitFor();
            await page.getByRole('button', { name: 'Update now' }).click();
            await page.getByText('The effects are being found anew').waitFor();
            assert.ok(await page.getByRole('button', { name: 'Updating' }).isDisabled());
            const before = lists;
            await own.control('update', { state: 'done', ended_at: new Date().toISOString() });
            await page.getByText('The effects are up to date').waitFor();
            await page.getByRole('button', { name: 'Update now' }).waitFor();
            assert.equal(await page.getByText('The effects are being found anew').count(), 0);
            assert.equal(lists, before + 1); // those shown are the new ones
            await own.control('update', { state: 'running', ended_at: null }); // somebody else was quicker
            await page.getByRole('button', { name: 'Update now' }).click();
            await page.getByRole('button', { name: 'Updating' }).waitFor();
            await own.control('update', { state: 'failed', ended_at: new Date().toISOString(), reason: 'there are no data yet' });
            await page.getByText('failed: there are no data yet.').waitFor();
            await page.getByRole('button', { name: 'Update now' }).waitFor();
        });
        await withPage({ path: '/effect', role: 'coach', server: own }, async (page) => {
            await page.getByText('failed: there are no data yet.').waitFor();
            assert.equal(await page.getByRole('button', { name: 'Update now' }).count(), 0);
        });
    } finally {
        await own.stop();
    }
});

test('roi: value, costs and net with their intervals, by the scope and the fiscal period that are chosen', async () => {
    const asked = [];
    await withPage({ path: '/roi', role: 'coach' }, async (page) => {
        page.on('request', (r) => r.url().includes('/v1/insight/roi') && asked.push(new URL(r.url()).searchParams));
        await page.getByText('All coaching returned $158,387 more than it cost').waitFor();
        const steps = page.locator('.waterfall tbody tr');
        assert.deepEqual((await steps.locator('td:last-child').allInnerTexts()).map((t) => t.split('\n')[0]), ['$195,347', '−$10,800', '−$14,400', '−$11,760', '$158,387']);
        await page.getByText('> 99%').first().waitFor();
        await page.getByLabel('Returns by', { exact: true }).selectOption('coach');
        await page.getByRole('row', { name: /Pat Quill/ }).getByText('−$51,972').waitFor();
        assert.match((await csvOf(page.getByRole('link', { name: /^CSV.*roi/ }))).find((l) => l.includes('Pat Quill')), /"'=Pat Quill"/);
        await page.getByRole('link', { name: '=Pat Quill' }).click();
        await page.getByText('=Pat Quill cost $51,972 more than it brought').waitFor();
        await page.getByRole('link', { name: 'All coaching' }).click();
        await page.getByLabel('Returns by', { exact: true }).selectOption('office');
        await page.getByRole('row', { name: /Lakeside/ }).getByText('There is no effect to reckon with').waitFor();
        const names = await page.getByLabel('Period').locator('option').allInnerTexts();
        assert.equal(names.length, 16);
        assert.match(names[0], /^Fiscal year 20\d\d, so far$/);
        await page.getByLabel('Period').selectOption({ index: 1 }); // the fiscal year before: from 1 July to 1 July
        await page.waitForTimeout(300);
        const [from, to] = [asked.at(-1).get('from'), asked.at(-1).get('to')];
        assert.match(from, /-07-01$/);
        assert.equal(Number(to.slice(0, 4)) - Number(from.slice(0, 4)), 1);
        assert.match(names[1], new RegExp(`^Fiscal year ${to.slice(0, 4)}$`));
        assert.equal(await page.getByRole('button', { name: /settings of money/ }).count(), 0); // a coach may only look
    });
});

test('roi: what is not set is named, a manager sets it, and what is no number is refused before it is sent', async () => {
    const own = await startFake();
    try {
        await own.control('money', { split: null, licence_cents: null });
        await withPage({ path: '/roi', role: 'manager', server: own }, async (page) => {
            await page.getByText('Not set yet, and not guessed: share of a commission that stays with the brokerage; price of the licence for an agent and month.').waitFor();
            await page.getByText('2 of the settings of money that it needs are not set.').first().waitFor();
            await page.getByRole('button', { name: 'Set them' }).click();
            await page.getByLabel('Share of a commission').fill('130');
            await page.getByLabel('Licence for an agent').fill('cheap');
            await page.getByRole('button', { name: 'Save' }).click();
            await page.getByText('At most 100 per cent.').waitFor();
            await page.getByText('A number from 0, please.').waitFor();
            await page.getByLabel('Share of a commission').fill('27.5');
            await page.getByLabel('Licence for an agent').fill('49.50');
            await page.getByLabel('Currency').fill('eur');
            await page.getByLabel('Fiscal year begins in').selectOption('4');
            await page.getByRole('button', { name: 'Save' }).click();
            await page.getByText('The settings are changed').waitFor();
            await page.getByText(/All coaching returned €/).waitFor();
            assert.deepEqual(own.money(), { currency: 'EUR', fiscal_start: 4, split: 0.275, commission_cents: null, coach_hour_cents: 6000, agent_hour_cents: 4000, coach_hours: 0.5, agent_hours: 1, licence_cents: 4950 });
        });
    } finally {
        await own.stop();
    }
});

test('report: one document of effect, return, ramp-up and experiments; printed without the frame, each part with method, window and label', async () => {
    await withPage({ path: '/report', role: 'auditor' }, async (page) => {
        for (const part of ['Did the coaching help', 'What it returned', 'How fast new agents get there', 'Experiments']) {
            const section = page.getByRole('region', { name: part, exact: true });
            await section.getByText('Method', { exact: true }).first().waitFor();
            await section.getByText('Sample', { exact: true }).first().waitFor();
            assert.ok(await section.locator('.badge.simulated').first().isVisible(), part);
        }
        assert.ok((await csvOf(page.getByRole('link', { name: /^CSV.*effects/ }))).length > 13);
        assert.equal((await csvOf(page.getByRole('link', { name: /^CSV.*roi/ }))).length, 1 + 1 + 3 + 1 + 2);
        await page.evaluate(() => { window.print = () => (window.printed = true); });
        await page.getByRole('button', { name: 'Print or save as PDF' }).click();
        assert.equal(await page.evaluate(() => window.printed), true);
        await page.emulateMedia({ media: 'print' });
        for (const gone of ['.rail', '.btn', '.select']) assert.equal(await page.locator(gone).first().isVisible(), false, gone);
        const pdf = (await page.pdf({ format: 'A4', preferCSSPageSize: true })).toString('latin1');
        assert.ok((pdf.match(/\/Type\s*\/Page\b/g) ?? []).length >= 4); // every part begins a page
    });
});

for (const [path, what, times] of [['/effect', '/v1/insight/effects', 1], ['/roi', '/v1/insight/roi', 2], ['/report', '/v1/insight/effects', 1]])
    test(`${path}: a server that fails is told, and can be tried again`, async () => {
        await fake.control('fail', { path: what, status: 500, times, detail: 'something broke' });
        await withPage({ path, expectedErrors: /status of (401|500)/ }, async (page) => {
            await page.getByRole('button', { name: 'Try again' }).first().click();
            await page.getByText('All coaching').first().waitFor();
        });
    });

test('a page of another role is refused, and not in the menu', async () => {
    await withPage({ path: '/audit' }, async (page) => {
        await page.getByRole('heading', { name: 'Not allowed' }).waitFor();
        assert.equal(await page.getByRole('navigation').getByRole('link', { name: 'Audit' }).count(), 0);
    });
});

test('without a model the list is ranked by rule and says so, and no chance is invented', async () => {
    const server = await startFake(0, { modelActive: false });
    try {
        await withPage({ server }, async (page) => {
            await page.getByText('No model is active yet').waitFor();
            assert.equal((await page.locator('.today-row .chance .big').first().innerText()).trim(), '–');
            await page.goto(`${server.url}/agents/${server.agents[0].id}`);
            await page.getByText('No prediction yet').waitFor();
        });
    } finally {
        await server.stop();
    }
});

test('an empty brokerage is told in words on every list', async () => {
    const server = await startFake(0, { agents: 0, modelActive: false });
    try {
        await withPage({ server, role: 'admin', path: '/today' }, async (page) => {
            await page.getByText('Nobody needs a decision right now').waitFor();
            await page.goto(`${server.url}/agents`);
            await page.getByText('No agent matches').waitFor();
            await page.goto(`${server.url}/models`);
            await page.getByText('No model yet').waitFor();
            for (const path of ['/effect', '/roi', '/report']) {
                await page.goto(server.url + path);
                await page.getByText('No effect has been estimated yet').first().waitFor();
            }
        });
        await withPage({ server, role: 'agent', path: '/me' }, async (page) => {
            await page.getByText('Your account is not connected to an agent').waitFor();
        });
    } finally {
        await server.stop();
    }
});

test('figures of a real tenant are called measured and projection, never simulated', async () => {
    const server = await startFake(0, { simulated: false });
    try {
        await withPage({ server, path: `/agents/${server.agents[0].id}` }, async (page) => {
            await page.locator('.waterfall').waitFor();
            await page.locator('.badge.measured').first().waitFor();
            assert.ok((await page.locator('.badge.projection').count()) > 0);
            assert.equal(await page.locator('.badge.simulated').count(), 0);
        });
    } finally {
        await server.stop();
    }
});

test('a live prediction changes the row in place', async () => {
    await withPage({}, async (page) => {
        const a = fake.agents[3];
        const row = page.locator(`[data-agent="${a.id}"]`);
        await row.waitFor();
        await page.getByText('Live', { exact: true }).first().waitFor();
        await fake.control('event', { kind: 'prediction', data: { agent_id: a.id, location_id: a.location_id, kind: 'goal', value: 0.93, as_of: '2026-01-01', agent_name: a.name } });
        await row.getByText('93%').waitFor();
    });
});

test('live updates come back after the stream was cut', async () => {
    await withPage({}, async (page) => {
        const a = fake.agents[4];
        await page.getByText('Live', { exact: true }).first().waitFor();
        await fake.control('cut');
        await page.getByText('Connecting…').first().waitFor();
        await page.getByText('Live', { exact: true }).first().waitFor();
        await fake.control('event', { kind: 'prediction', data: { agent_id: a.id, location_id: a.location_id, kind: 'goal', value: 0.07, as_of: '2026-01-01', agent_name: a.name } });
        await page.locator(`[data-agent="${a.id}"]`).getByText(/^7%/).first().waitFor();
    });
});

test('a suggestion that somebody else decided is told, not lost', async () => {
    await withPage({ expectedErrors: /status of (401|409)/ }, async (page) => {
        const a = fake.agents[5];
        const row = page.locator(`[data-agent="${a.id}"]`);
        await row.getByRole('button', { name: /^Send to/ }).click();
        a.interventions[0].status = 'accepted'; // behind the back of this page: no event
        await page.getByRole('button', { name: /Send now/ }).click();
        await page.getByText('Somebody has already decided this one').waitFor();
    });
});

test('change asks for another item and for a reason', async () => {
    await withPage({}, async (page) => {
        const row = page.locator(`[data-agent="${fake.agents[7].id}"]`);
        await row.getByRole('button', { name: /^Change/ }).click();
        const dialog = page.getByRole('dialog');
        await dialog.getByRole('button', { name: /Send now/ }).click();
        await dialog.getByText('Please choose what to send instead.').waitFor();
        await dialog.getByText('Please say why').waitFor();
        await dialog.getByLabel('Send instead').selectOption('pricing_talk');
        await dialog.getByLabel('Reason').fill('She has three offers open.');
        await dialog.getByRole('button', { name: /Send now/ }).click();
        await row.getByText('Sent, changed').first().waitFor();
        assert.equal(fake.agents[7].interventions[0].replaced_key, 'pricing_talk');
    });
});

test('a manager edits the playbook, a coach cannot', async () => {
    await withPage({ role: 'manager', path: '/playbook' }, async (page) => {
        await page.getByRole('button', { name: 'Edit Review the open pipeline together' }).click();
        await page.getByLabel('Summary').fill('Ask about each deal: what is the next date?');
        await page.getByRole('button', { name: 'Save' }).click();
        await page.getByText('Ask about each deal: what is the next date?').waitFor();
    });
    await withPage({ role: 'coach', path: '/playbook' }, async (page) => {
        await page.getByRole('heading', { name: 'Review the open pipeline together' }).waitFor();
        assert.equal(await page.getByRole('button', { name: /^Edit/ }).count(), 0);
    });
});

test('an auditor sees the list without any button that changes something', async () => {
    await withPage({ role: 'auditor', path: '/today' }, async (page) => {
        await page.locator('.today-row').first().waitFor();
        assert.equal(await page.getByRole('button', { name: /^(Send|Change|Refuse)/ }).count(), 0);
    });
});

test('a session and a goal are stored with what was entered, in UTC', async () => {
    const a = fake.agents[8];
    await withPage({ path: `/agents/${a.id}` }, async (page) => {
        await page.getByRole('button', { name: 'Add a session' }).click();
        await page.getByRole('button', { name: 'Store the session' }).click();
        await page.getByText('Please say what it was about.').waitFor();
        await page.getByLabel('Topic').fill('Listing presentation');
        await page.getByLabel('When').fill('2026-03-02T09:30');
        await page.getByLabel('Minutes').fill('25');
        await page.getByRole('button', { name: 'Store the session' }).click();
        await page.getByText('Listing presentation').waitFor();
        assert.equal(a.sessions[0].at, '2026-03-02T14:30:00.000Z'); // New York is five hours behind UTC in early March
        assert.equal(a.sessions[0].minutes, 25);
        await page.getByRole('button', { name: 'Set a goal' }).click();
        await page.getByLabel('What', { exact: true }).selectOption('commission');
        await page.getByLabel('How much in 30 days').fill('12500.50');
        await page.getByRole('dialog').getByRole('button', { name: 'Set the goal' }).click();
        await page.getByText('$12,501 commission in 30 days').waitFor();
        assert.equal(a.goals[0].target, 1250050); // cents
    });
});

test('the plots give the same figures as a table', async () => {
    await withPage({ path: `/agents/${fake.agents[0].id}` }, async (page) => {
        const figure = page.getByRole('figure', { name: 'Calls', exact: true });
        await figure.getByText('Show as a table').click();
        assert.equal(await figure.locator('tbody tr').count(), 26);
        const { trendOf } = await import('./fake_data.mjs');
        const calls = trendOf(fake.agents[0].n).series.calls;
        assert.deepEqual(await figure.locator('tbody td').allInnerTexts(), calls.map(String));
    });
});

test('a source that is absent is told, not drawn as zero', async () => {
    await withPage({ path: `/agents/${fake.agents[4].id}` }, async (page) => {
        await page.getByRole('figure', { name: 'Texts', exact: true }).getByText('No data from this source.').waitFor();
    });
});

test('keys that come before the next paint are not lost, and nothing takes the focus from them afterwards', async () => {
    await withPage({}, async (page) => {
        await page.locator('.today-row').nth(2).waitFor();
        const places = await page.evaluate(async () => {
            const key = (k) => document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: k, bubbles: true, cancelable: true }));
            const drawn = () => new Promise((done) => setTimeout(done)); // later than the rendering, earlier than a paint's effects
            const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
            const place = () => [...document.querySelectorAll('.today-row')].indexOf(document.activeElement);
            document.querySelector('h1').focus();
            key('?');
            await drawn();
            document.querySelector('dialog[open] [data-autofocus]').click();
            await drawn();
            key('j');
            key('j');
            const atOnce = place();
            for (let i = 0; i < 3; i++) await painted();
            return [atOnce, place()];
        });
        assert.deepEqual(places, [1, 1]);
    });
});

test('the theme button overrides the system and is remembered', async () => {
    await withPage({ colorScheme: 'light' }, async (page) => {
        const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
        await page.locator('.today-row').first().waitFor();
        const light = await background();
        await page.locator('.rail').getByRole('button', { name: /Theme: as the system/ }).click();
        await page.waitForFunction((was) => getComputedStyle(document.body).backgroundColor !== was, light);
        const dark = await background();
        await page.reload();
        await page.locator('.today-row').first().waitFor();
        assert.equal(await background(), dark);
    });
});

const PAGES = [
    ['Today', 'coach', () => '/today'],
    ['agent', 'coach', () => `/agents/${fake.agents[0].id}`],
    ['agents', 'coach', () => '/agents'],
    ['offices', 'coach', () => '/offices'],
    ['office', 'coach', () => `/offices/${fake.agents[0].location_id}`],
    ['experiments', 'manager', () => '/experiments'],
    ['experiment', 'manager', () => '/experiments/speed-autumn'],
    ['effect', 'manager', () => '/effect'],
    ['one effect', 'manager', () => '/effect/all/all'],
    ['roi', 'manager', () => '/roi'],
    ['report', 'manager', () => '/report'],
    ['playbook', 'manager', () => '/playbook'],
    ['models', 'admin', () => '/models'],
    ['personal data', 'auditor', () => '/personal-data'],
    ['scaling', 'admin', () => '/scaling'],
    ['audit', 'admin', () => '/audit'],
    ['my page', 'agent', () => '/me'],
];
for (const [name, role, path] of PAGES) {
    for (const [view, options] of [
        ['light', { viewport: DESKTOP }],
        ['dark, phone', { viewport: PHONE, colorScheme: 'dark', hasTouch: true, isMobile: true }],
    ]) {
        test(`${name} passes the accessibility rules (${view})`, async () => {
            await withPage({ role, path: path(), ...options }, async (page) => {
                await page.locator('h1').waitFor();
                assert.deepEqual(await auditPage(page), []);
                const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
                assert.ok(wide <= 0, `the page is ${wide} px wider than the window`);
            });
        });
    }
}
