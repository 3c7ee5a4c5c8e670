#!/usr/bin/env node
// A scripted API for the console: serves web/dist and the HTTP contract with data made by formula, live events included.
// For screenshots during development and for the tests of error states; the main tests run against the real server.
//
//   node fake_api.mjs [PORT]      log in with any of coach|manager|admin|auditor|agent@demo.example, password "demo"
//   POST /__fake/fail {"path":"/v1/today","status":503,"retry_after":2,"times":1}   script a failure
//   POST /__fake/event {"kind":"prediction","data":{...}}  |  /__fake/scaling {members of /v1/scaling}  |  /__fake/expire  |  /__fake/cut (ends the live streams)
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as D from './fake_data.mjs';

const dist = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'web', 'dist');
export const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8' };
const ROLES = ['admin', 'manager', 'coach', 'agent', 'auditor'];

export function startFake(port = 0, { simulated = true, agents: agentCount = 22, modelActive = true } = {}) {
    const label = simulated ? 'simulated' : 'measured';
    const agents = D.makeAgents(agentCount);
    const state = { streams: new Set(), seq: 0, failures: [], sessions: new Map(), playbook: structuredClone(D.playbook), money: { ...D.MONEY }, update: { state: 'done', started_at: new Date(Date.now() - 36e5).toISOString(), ended_at: new Date(Date.now() - 35e5).toISOString(), reason: null }, experiments: agentCount ? [D.experiment('speed-autumn')] : [] };

    const publish = (kind, data) => {
        const text = `id: 0-${++state.seq}\nevent: ${kind}\ndata: ${JSON.stringify(data)}\n\n`;
        for (const s of state.streams) s.write(text);
    };
    const problem = (status, title, detail = '', extra = {}) => ({ status, extra, type: 'application/problem+json', body: { type: 'about:blank', title, status, detail, instance: '' } });
    const ok = (body, status = 200) => ({ status, body });
    const list = (items, next = null) => ok({ items, next, label });
    const user = (role) => {
        const a = agents[0];
        return { id: D.id(0, ROLES.indexOf(role) + 1), name: role === 'agent' ? (a?.name ?? 'No Agent') : { admin: 'Ada Admin', manager: 'Morgan Manager', coach: 'Casey Coach', auditor: 'Alex Auditor' }[role], email: `${role}@demo.example`, role, location_id: role === 'agent' ? (a?.location_id ?? null) : null, agent_id: role === 'agent' ? (a?.id ?? null) : null };
    };
    const all = (a) => [...a.interventions, ...a.past];
    const findIntervention = (id) => {
        for (const a of agents) for (const i of all(a)) if (i.id === id) return { a, i };
        return null;
    };
    const publishIntervention = (a, i) => publish('intervention', { id: i.id, agent_id: a.id, location_id: a.location_id, key: i.key, title: i.title, status: i.status, agent_name: a.name });
    const addMessage = (a, from_name, body, intervention_id = null) => {
        const m = { id: D.id(7, 10_000 + ++state.seq), from_name, body, at: new Date().toISOString(), read_at: null, intervention_id };
        a.messages.unshift(m);
        publish('message', { id: m.id, agent_id: a.id, location_id: a.location_id, from_name, body, at: m.at });
        return m;
    };
    const perf = (a) => ({ agent_id: a.id, as_of: D.day(0), label, goal: a.goal, closings: a.closings, summary: a.why });
    const pageOf = (rows, q) => {
        const from = Number(q.get('cursor') ?? 0);
        const limit = Number(q.get('limit') ?? 50);
        return { items: rows.slice(from, from + limit), next: from + limit < rows.length ? String(from + limit) : null };
    };

    const decide = (me, { a, i }, b) => {
        if (i.status !== 'suggested') return problem(409, 'Already decided');
        if (b.decision !== 'accept' && !b.reason) return problem(400, 'Invalid', 'reason is needed');
        const now = new Date().toISOString();
        i.status = { accept: 'accepted', change: 'changed', refuse: 'refused' }[b.decision];
        Object.assign(i, { decided_at: now, decision_reason: b.reason ?? null });
        if (b.decision === 'change') {
            const p = state.playbook.find((x) => x.key === b.key);
            if (!p) return problem(400, 'Invalid', 'key: not in the playbook');
            Object.assign(i, { replaced_key: b.key, title: p.title, summary: p.summary, agent_steps: p.agent_steps, coach_steps: p.coach_steps });
        }
        if (b.decision !== 'refuse') {
            i.sent_at = now;
            if (b.message) addMessage(a, me.name, b.message, i.id);
        }
        publishIntervention(a, i);
        return ok(i);
    };

    const routes = [
        ['GET', /^\/v1\/me$/, (me) => ok({ user: me, csrf: 'token', tenant: { id: D.id(0, 99), name: 'Meridian Realty', slug: 'demo', simulated, currency: 'USD', timezone: 'America/New_York' }, features: D.FEATURES, locations: D.LOCATIONS })],
        ['GET', /^\/v1\/today$/, (me, m, q) => {
            const rows = agents.filter((a) => !q.get('location') || a.location_id === q.get('location')).filter((a) => a.interventions.some((i) => i.status === 'suggested')).map((a) => ({
                agent: { id: a.id, name: a.name, location_id: a.location_id, location: a.location },
                goal: { probability: modelActive ? a.goal.value : null, points_vs_last: modelActive ? a.points_vs_last : null },
                closings: { expected: modelActive ? a.closings.value : null, last_30d: a.closings_30d, target: a.target }, why: a.why, drivers: a.goal.drivers.slice(0, 3),
                interventions: a.interventions.filter((i) => i.status === 'suggested').map(({ summary, agent_steps, coach_steps, decided_at, decision_reason, replaced_key, sent_at, outcome, ...i }) => i),
            }));
            const page = pageOf(rows, q);
            const keys = new Set(page.items.flatMap((r) => r.interventions.map((i) => i.key)));
            const plays = state.playbook.filter((p) => keys.has(p.key)).map(({ key, summary, agent_steps, coach_steps }) => ({ key, summary, agent_steps, coach_steps }));
            return ok({ ...page, plays, as_of: D.day(0), model: modelActive ? { active: true, version: 3, note: '' } : { active: false, version: null, note: 'No model is active yet: agents are ranked by rule.' }, label });
        }],
        ['GET', /^\/v1\/agents$/, (me, m, q) => {
            const text = (q.get('q') ?? '').toLowerCase();
            const rows = agents.filter((a) => (!q.get('location') || a.location_id === q.get('location')) && a.name.toLowerCase().includes(text));
            return ok({ ...pageOf(rows.map((a) => ({ id: a.id, name: a.name, location_id: a.location_id, location: a.location, probability: a.goal.value, closings_30d: a.closings_30d, target: a.target, started_on: a.started_on })), q), label });
        }],
        ['GET', /^\/v1\/agents\/([\w-]+)(?:\/(\w+))?$/, (me, [, id, what], q) => {
            const a = agents.find((x) => x.id === id);
            if (!a || (me.role === 'agent' && me.agent_id !== id)) return problem(404, 'Not found');
            switch (what) {
                case undefined: return ok({ id, name: a.name, email: a.email, location_id: a.location_id, location: a.location, started_on: a.started_on, coach_name: a.coach_name, goal: { metric: 'closings', target: a.target, derived: a.n % 2 === 0 }, label });
                case 'performance': return ok(modelActive ? perf(a) : { ...perf(a), goal: null, closings: null });
                case 'trend': return ok({ ...D.trendOf(a.n, Number(q.get('weeks') ?? 26)), label });
                case 'activities': {
                    const from = Number(q.get('cursor') ?? 0);
                    const n = Number(q.get('limit') ?? 25);
                    return list(D.activitiesOf(a.n, from, n), from + n < 100 ? String(from + n) : null);
                }
                case 'sessions': return list(a.sessions);
                case 'goals': return list(a.goals);
                case 'interventions': return list(all(a));
                case 'messages': return list(a.messages);
                default: return problem(404, 'Not found');
            }
        }],
        ['POST', /^\/v1\/agents\/([\w-]+)\/(\w+)$/, (me, [, id, what], q, b) => {
            const a = agents.find((x) => x.id === id);
            if (!a) return problem(404, 'Not found');
            if (what === 'predict') return publish('prediction', { agent_id: id, location_id: a.location_id, kind: 'goal', value: a.goal.value, as_of: D.day(0), agent_name: a.name }), ok(perf(a));
            if (what === 'sessions') {
                const s = { id: D.id(8, 5000 + ++state.seq), playbook_key: null, notes: null, coach: me.name, ...b };
                a.sessions.unshift(s);
                publish('session', { id: s.id, agent_id: id, location_id: a.location_id, at: s.at, topic: s.topic });
                return ok(s, 201);
            }
            if (what === 'goals') {
                for (const g of a.goals) g.valid_to ??= D.day(0);
                const g = { id: D.id(9, 5000 + ++state.seq), valid_to: null, derived: false, progress: 0, valid_from: D.day(0), ...b };
                a.goals.unshift(g);
                return ok(g, 201);
            }
            if (what === 'messages') return ok(addMessage(a, me.name, b.body), 201);
            return problem(404, 'Not found');
        }],
        ['POST', /^\/v1\/interventions\/([\w-]+)\/decision$/, (me, [, id], q, b) => {
            const f = findIntervention(id);
            return f ? decide(me, f, b) : problem(404, 'Not found');
        }],
        ['POST', /^\/v1\/interventions\/([\w-]+)\/outcome$/, (me, [, id], q, b) => {
            const f = findIntervention(id);
            if (!f) return problem(404, 'Not found');
            Object.assign(f.i, { outcome: b.outcome, status: 'done' });
            publishIntervention(f.a, f.i);
            return ok(f.i);
        }],
        ['POST', /^\/v1\/pii\/restore$/, (me, m, q, b) => {
            if (me.role !== 'admin') return problem(403, 'Forbidden');
            const text = b.text.replace(/\[PERSON:e1\.[\w-]+\]/g, 'Ruth Okafor');
            return ok({ text, restored: 1, left: text.includes(':e1.') ? 1 : 0 });
        }],
        ['GET', /^\/v1\/locations$/, () => list(D.LOCATIONS.map((l) => {
            const mine = agents.filter((a) => a.location_id === l.id);
            return { ...l, agents: mine.length, mean_probability: mine.length ? mine.reduce((s, a) => s + a.goal.value, 0) / mine.length : null, closings_30d: mine.reduce((s, a) => s + a.closings_30d, 0), open_interventions: mine.length * 3 };
        }))],
        ['GET', /^\/v1\/locations\/([\w-]+)$/, (me, [, id]) => {
            const l = D.LOCATIONS.find((x) => x.id === id);
            if (!l) return problem(404, 'Not found');
            const t = D.trendOf(40);
            return ok({ ...l, label, as_of: D.day(0), agents: agents.filter((a) => a.location_id === id).map((a) => ({ id: a.id, name: a.name, probability: a.goal.value, closings_30d: a.closings_30d, closings_90d: a.closings_30d * 3 + 1, target: a.target, why: a.why })), medians: agents[0].goal.contributions.map((c) => ({ feature: c.feature, label: c.label, unit: c.unit, median: c.median })), trend: { weeks: t.weeks, closings: t.series.calls.map((v) => Math.round(v / 9)), leads: t.series.leads.map((v) => v * 7) } });
        }],
        ['GET', /^\/v1\/playbook$/, () => list(state.playbook)],
        ['PUT', /^\/v1\/playbook\/(\w+)$/, (me, [, key], q, b) => {
            const p = state.playbook.find((x) => x.key === key);
            if (!['admin', 'manager'].includes(me.role)) return problem(403, 'Forbidden');
            return p ? ok(Object.assign(p, b)) : problem(404, 'Not found');
        }],
        ['GET', /^\/v1\/models$/, (me) => (['admin', 'manager', 'auditor'].includes(me.role) ? list(modelActive ? D.models : []) : problem(403, 'Forbidden'))],
        ['GET', /^\/v1\/insight\/rampup$/, (me, m, q) => ok(D.rampup({ until: q.get('until'), landmark: Number(q.get('landmark') ?? 90), n: agents.length, label }))],
        ['GET', /^\/v1\/insight\/leaderboard$/, (me, m, q) => ok(D.leaderboard(agents.filter((a) => !q.get('location') || a.location_id === q.get('location')), q.get('period'), label))],
        ['GET', /^\/v1\/insight\/effects$/, (me, m, q) => ok({ items: agentCount ? D.effects(label, q.get('outcome') ?? 'closings') : [], next: null, currency: state.money.currency, label })],
        ['GET', /^\/v1\/insight\/effects\/(\w+)\/([^/]+)$/, (me, [, scope, name], q) => {
            const e = D.effects(label, q.get('outcome') ?? 'closings').find((x) => x.scope === scope && x.name === decodeURIComponent(name));
            return e ? ok(D.effectDetail(e)) : problem(404, 'Not found');
        }],
        ['GET', /^\/v1\/insight\/update$/, (me) => ok({ ...state.update, may_update: me.role === 'admin' || me.role === 'manager' })],
        ['POST', /^\/v1\/insight\/update$/, (me) => {
            if (!['admin', 'manager'].includes(me.role)) return problem(403, 'Forbidden');
            if (state.update.state === 'running') return problem(409, 'Conflict', 'an update of the effects is running already');
            state.update = { state: 'running', started_at: new Date().toISOString(), ended_at: null, reason: null };
            return { status: 202, body: { ...state.update, may_update: true } };
        }],
        ['GET', /^\/v1\/insight\/roi$/, (me, m, q) => ok(D.returns({ scope: q.get('scope') ?? 'all', name: q.get('name'), from: q.get('from'), to: q.get('to') }, state.money, label, agentCount === 0))],
        ['GET', /^\/v1\/insight\/money$/, (me) => ok({ ...state.money, may_change: me.role === 'admin' || me.role === 'manager', simulated: label === 'simulated' })],
        ['PUT', /^\/v1\/insight\/money$/, (me, m, q, b) => (['admin', 'manager'].includes(me.role) ? ok({ ...Object.assign(state.money, b), may_change: true, simulated: label === 'simulated' }) : problem(403, 'Forbidden'))],
        ['GET', /^\/v1\/insight\/experiments$/, () => list(state.experiments)],
        ['POST', /^\/v1\/insight\/experiments$/, (me, m, q, b) => {
            const { dry_run = false, effect = null, days, ...rest } = b;
            const e = D.experiment(b.name, { seed: 7, ...rest, smallest_effect: effect, starts_on: D.day(0), ends_on: D.day(days) });
            if (state.experiments.some((x) => x.name === b.name)) return problem(409, 'Conflict', 'it exists already');
            if (!dry_run) state.experiments.unshift(e);
            return ok({ ...D.planOf(e), stored: !dry_run }, 201);
        }],
        ['GET', /^\/v1\/insight\/experiments\/([a-z0-9-]+)$/, (me, [, name]) => {
            const e = state.experiments.find((x) => x.name === name);
            if (!e) return problem(404, 'Not found');
            return ok(e.starts_on === D.day(0) ? { ...D.experimentStatus(e, label), effect: null, always_low: null, always_high: null, refusal: 'it has not begun yet' } : D.experimentStatus(e, label));
        }],
        ['POST', /^\/v1\/insight\/experiments\/([a-z0-9-]+)\/stop$/, (me, [, name], q, b) => {
            const e = state.experiments.find((x) => x.name === name);
            if (!e) return problem(404, 'Not found');
            return ok(Object.assign(e, { state: 'stopped', stopped_on: D.day(0), stop_reason: b.reason }));
        }],
        ['GET', /^\/v1\/pii\/report$/, (me, m, q) => (['admin', 'manager', 'auditor'].includes(me.role) ? ok({ from: q.get('from'), to: q.get('to'), items: D.findings }) : problem(403, 'Forbidden'))],
        ['GET', /^\/v1\/scaling$/, (me) => (me.role === 'admin' ? ok({ ...D.scaling(), ...state.scaling }) : problem(403, 'Forbidden'))],
        ['GET', /^\/v1\/audit$/, (me, m, q) => {
            if (!['admin', 'auditor'].includes(me.role)) return problem(403, 'Forbidden');
            const from = Number(q.get('cursor') ?? 0);
            const n = Number(q.get('limit') ?? 50);
            return list(D.audit(from, n), from + n < 300 ? String(from + n) : null);
        }],
    ];

    const fakeControl = (path, b, res) => {
        if (path === '/__fake/fail') state.failures.push({ times: 1, ...b });
        if (path === '/__fake/clear') state.failures.length = 0;
        if (path === '/__fake/event') publish(b.kind, b.data);
        if (path === '/__fake/scaling') state.scaling = b;
        if (path === '/__fake/money') Object.assign(state.money, b);
        if (path === '/__fake/update') Object.assign(state.update, b);
        if (path === '/__fake/expire') state.sessions.clear();
        if (path === '/__fake/cut') for (const s of state.streams) s.end();
        res.writeHead(204).end();
    };
    const serveFile = (path, res) => {
        const file = path.startsWith('/assets/') ? join(dist, path) : join(dist, 'index.html');
        if (path.includes('..') || !existsSync(file)) return res.writeHead(404).end();
        res.writeHead(200, { 'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream', 'Content-Security-Policy': CSP, 'X-Content-Type-Options': 'nosniff' });
        return res.end(readFileSync(file));
    };
    const stream = (res) => {
        res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
        res.write('retry: 500\n\n');
        state.streams.add(res);
        res.on('close', () => state.streams.delete(res));
    };
    const answer = (res, r) => {
        res.writeHead(r.status, { 'Content-Type': r.type ?? 'application/json', 'Cache-Control': 'no-store', ...r.extra });
        res.end(r.body === undefined ? undefined : JSON.stringify(r.body));
    };
    const login = (res, b) => {
        const role = String(b.email).split('@')[0];
        if (!ROLES.includes(role) || b.password !== 'demo') return answer(res, problem(401, 'Wrong e-mail or password'));
        const sid = `s${++state.seq}`;
        state.sessions.set(sid, user(role));
        return answer(res, { status: 200, body: { user: user(role), csrf: 'token' }, extra: { 'Set-Cookie': `ehub_session=${sid}; HttpOnly; SameSite=Strict; Path=/` } });
    };

    const server = createServer(async (req, res) => {
        const url = new URL(req.url, 'http://x');
        const path = url.pathname;
        let text = '';
        for await (const chunk of req) text += chunk;
        const body = text ? JSON.parse(text) : {};
        if (path.startsWith('/__fake/')) return fakeControl(path, body, res);
        if (!path.startsWith('/v1/')) return serveFile(path, res);
        const fail = state.failures.find((f) => path === f.path && f.times > 0 && (!f.method || f.method === req.method));
        if (fail) {
            fail.times--;
            if (fail.status === 0) return req.socket.destroy();
            return answer(res, problem(fail.status, fail.title ?? `Failure ${fail.status}`, fail.detail ?? '', fail.retry_after ? { 'Retry-After': String(fail.retry_after) } : {}));
        }
        if (path === '/v1/login') return login(res, body);
        const sid = /ehub_session=(\w+)/.exec(req.headers.cookie ?? '')?.[1];
        const me = state.sessions.get(sid);
        if (!me) return answer(res, problem(401, 'Not logged in'));
        if (req.method !== 'GET' && req.headers['x-csrf-token'] !== 'token') return answer(res, problem(403, 'CSRF token missing'));
        if (path === '/v1/logout') return state.sessions.delete(sid), answer(res, { status: 204 });
        if (path === '/v1/live') return stream(res);
        for (const [method, re, f] of routes) {
            const m = method === req.method && re.exec(path);
            if (m) return answer(res, f(me, m, url.searchParams, body));
        }
        return answer(res, problem(404, 'Not found'));
    });
    return new Promise((resolve) => {
        server.listen(port, '127.0.0.1', () => {
            const url = `http://127.0.0.1:${server.address().port}`;
            const control = (what, b = {}) => fetch(`${url}/__fake/${what}`, { method: 'POST', body: JSON.stringify(b) });
            resolve({ url, control, agents, money: () => state.money, stop: () => (server.closeAllConnections(), new Promise((r) => server.close(r))) });
        });
    });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const f = await startFake(Number(process.argv[2] ?? 18099));
    console.log(`fake API on ${f.url}`);
}
