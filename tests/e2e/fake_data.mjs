// The data of the scripted API: made by formula, the same in every run. Nobody in it is real.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** The feature table of the product, read from its header: one fact in one place. */
export const FEATURES = [...readFileSync(join(root, 'src/coach/feature_table.h'), 'utf8').matchAll(/X\((\w+),\s*(\d+), "(\w+)",\s*([+-]?\d), "([^"]+)"\)/g)].map(
    ([, name, window_days, unit, direction, label]) => ({ name, label, unit, window_days: +window_days, direction: +direction }),
);

const id = (kind, n) => `0199aaaa-0000-7000-8${kind}00-${n.toString(16).padStart(12, '0')}`;
const frac = (x) => x - Math.floor(x);
export const noise = (a, b = 0) => frac(Math.sin(a * 12.9898 + b * 78.233) * 43758.5453);
const sigmoid = (m) => 1 / (1 + Math.exp(-m));
const DAY = 86_400_000;
export const day = (offset) => new Date(Date.now() + offset * DAY).toISOString().slice(0, 10);
const at = (offsetDays) => new Date(Date.now() + offsetDays * DAY).toISOString();

export const LOCATIONS = ['Harbor Point', 'Old Town', 'Lakeside'].map((name, i) => ({ id: id(1, i + 1), name }));
const FIRST = ['Maria', 'James', 'Priya', 'Tomás', 'Grace', 'Owen', 'Lena', 'Marcus', 'Aisha', 'Ben', 'Sofia', 'Dylan', 'Noor', 'Ethan', 'Clara', 'Victor', 'Hannah', 'Kofi', 'Iris', 'Paul', 'Yuki', 'Oscar'];
const LAST = ['Alvarez', 'Whitfield', 'Raman', 'Okafor', 'Lindqvist', 'Castellanos', 'Brandt', 'Nakamura', 'Oduya', 'Fitzgerald', 'Moreau', 'Hale', 'Siddiqui'];

const KEYS = {
    speed_to_lead: ['Call new leads within five minutes', 'Answer speed decides who gets the appointment.', ['speed_to_lead_min_30d', 'contact_rate_30d']],
    pipeline_review: ['Review the open pipeline together', 'Close or restart what has stood still longer than usual.', ['stale_pipeline_rate', 'pipeline_age_days']],
    appointment_setting: ['Practise asking for the appointment', 'Calls happen, but they do not end with a date.', ['appointments_set_30d', 'show_rate_90d']],
    follow_up: ['Set a next-day follow-up block', 'Most leads answer on the second or third touch.', ['followup_day_rate_30d', 'texts_30d']],
    pricing_talk: ['Rehearse the pricing conversation', 'Offers are made but not accepted.', ['offer_accept_rate_180d', 'win_rate_90d']],
    activity_block: ['Protect a daily prospecting hour', 'Activity has fallen below the month before.', ['momentum_activity', 'calls_7d']],
};
export const playbook = Object.entries(KEYS).map(([key, [title, summary, drivers]], i) => ({
    key,
    title,
    summary,
    drivers: drivers.map((feature) => ({ feature, when: 'low' })),
    agent_steps: ['Block 30 minutes at nine o\u2019clock for three days.', 'Call every lead of the last 48 hours, newest first.', 'Write down the one question that opened the talk.'],
    coach_steps: ['Listen to two recorded calls before you talk.', 'Agree on one change, in the agent\u2019s own words.'],
    effort_agent_min: 30 + i * 10,
    effort_coach_min: 15 + i * 5,
    limits: 'Not for agents in their first two weeks.',
    prior_effect: 0.2 + i * 0.04,
    prior_source: 'Set by hand before any outcome was seen',
    enabled: i !== 5,
}));

function featureValue(f, n, k) {
    const r = noise(n + 1, k + 3);
    switch (f.unit) {
        case 'min': return Math.round(3 + r * r * 80);
        case 'rate': return Math.round((0.15 + r * 0.7) * 100) / 100;
        case 's': return Math.round(r * 9000);
        case 'cents': return Math.round(r * 4_000_000);
        case 'ratio': return Math.round(r * 180) / 100;
        case 'days': return Math.round(r * 120);
        default: return Math.round(r * 40);
    }
}

function driverText(d, f) {
    const unit = { min: ' min', rate: ' %', days: ' days', s: ' s' }[f.unit] ?? '';
    const v = (x) => (f.unit === 'rate' ? Math.round(x * 100) : x) + unit;
    return `${f.label} ${v(d.value)} (office median ${v(d.median)}) ${d.points < 0 ? 'lowers' : 'raises'} the chance by ${Math.abs(d.points).toFixed(0)} points`;
}

/** A prediction whose contributions add up: bias + sum(shap) = margin, base rate + sum(points)/100 = value. */
function predict(n) {
    const bias = -0.35;
    const shap = FEATURES.map((f, k) => (k % 4 === 3 ? 0 : (noise(n * 3 + 7, k) - 0.52) * (k < 12 ? 0.55 : 0.16)));
    const sum = shap.reduce((a, b) => a + b, 0);
    const margin = bias + sum;
    const value = sigmoid(margin);
    const scale = sum === 0 ? 0 : ((value - sigmoid(bias)) * 100) / sum;
    const contributions = FEATURES.map((f, k) => {
        const d = { feature: f.name, label: f.label, value: k % 13 === 12 ? null : featureValue(f, n, k), median: featureValue(f, 500, k), unit: f.unit, shap: shap[k], points: shap[k] * scale };
        return { ...d, text: driverText(d, f) };
    });
    const drivers = [...contributions].sort((a, b) => Math.abs(b.points) - Math.abs(a.points)).slice(0, 6);
    return { id: id(5, n), model_version: 3, made_at: at(-0.2), value, margin, bias, contributions, drivers };
}

function intervention(n, rank, item) {
    return {
        id: id(6, n * 10 + rank), agent_id: id(2, n), key: item.key, title: item.title, summary: item.summary, rank,
        score: 0.062 - rank * 0.013, status: 'suggested', reason: { text: '', drivers: [], method: 'shap' },
        agent_steps: item.agent_steps, coach_steps: item.coach_steps, effort_agent_min: item.effort_agent_min, effort_coach_min: item.effort_coach_min,
        suggested_at: at(-0.3), decided_at: null, decision_reason: null, replaced_key: null, sent_at: null, outcome: null,
    };
}

export function makeAgents(count = 22) {
    return Array.from({ length: count }, (_, i) => {
        const n = i + 1;
        const location = LOCATIONS[i % 3];
        const goal = predict(n);
        const why = [...goal.drivers].sort((a, b) => a.points - b.points)[0].text;
        const interventions = [0, 2, 3].map((shift, r) => intervention(n, r + 1, playbook[(i + shift) % 5]));
        for (const iv of interventions) iv.reason = { text: why, drivers: goal.drivers.slice(0, 3), method: 'shap' };
        const past = { ...intervention(n, 9, playbook[(i + 1) % 5]), status: 'accepted', suggested_at: at(-20), decided_at: at(-19.9), sent_at: at(-19.9), outcome: n % 3 === 0 ? 'improved' : null };
        past.reason = { text: why, drivers: [], method: 'shap' };
        return {
            id: id(2, n), n, name: `${FIRST[i % FIRST.length]} ${LAST[(i * 5) % LAST.length]}`, email: `agent${n}@demo.example`, location_id: location.id, location: location.name,
            started_on: day(-200 - i * 97), coach_name: 'Casey Coach', target: 1 + (n % 3), closings_30d: Math.floor(noise(n, 4) * 3),
            goal, closings: { ...predict(n + 100), value: 0.4 + noise(n, 9) * 2, contributions: [], drivers: [] },
            points_vs_last: n === 1 ? -3.1 : (noise(n, 2) - 0.5) * 12, why, interventions, past: [past],
            messages: [{ id: id(7, n), from_name: 'Casey Coach', body: 'Good calls yesterday. Keep the follow-up block.', at: at(-2), read_at: at(-1.9), intervention_id: null }],
            sessions: [
                { id: id(8, n * 4), at: at(-9), minutes: 30, topic: 'Follow-up rhythm', playbook_key: 'follow_up', notes: 'Agreed on a block at nine.', coach: 'Casey Coach' },
                { id: id(8, n * 4 + 1), at: at(-33), minutes: 45, topic: 'Pipeline review', playbook_key: 'pipeline_review', notes: null, coach: null },
            ],
            goals: [{ id: id(9, n), metric: 'closings', target: 1 + (n % 3), valid_from: day(-80), valid_to: null, derived: n % 2 === 0, progress: 0.2 + noise(n, 4) }],
        };
    });
}

export function trendOf(n, weeks = 26) {
    const s = (amp, base, k, p = 1) => Array.from({ length: weeks }, (_, w) => Math.max(0, Math.round((base + amp * Math.sin(w / 4 + n + k) + (noise(n * 31 + k, w) - 0.5) * amp) / p) * p));
    const closings = Array.from({ length: weeks }, (_, w) => (noise(n * 7, w) > 0.72 ? 1 + (noise(n, w) > 0.85 ? 1 : 0) : 0));
    return {
        weeks: Array.from({ length: weeks }, (_, w) => day(-7 * (weeks - w))),
        series: {
            calls: s(22, 48, 1), texts: n % 5 === 0 ? null : s(14, 30, 2), appointments: s(3, 4, 3), leads: s(4, 9, 4), closings,
            commission_cents: closings.map((c, w) => c * Math.round(620_000 + noise(n, w + 50) * 700_000)),
        },
        probability: Array.from({ length: weeks }, (_, w) => ({ as_of: day(-7 * (weeks - w)), value: Math.min(0.95, Math.max(0.05, 0.42 + 0.18 * Math.sin(w / 5 + n) + (noise(n, w + 9) - 0.5) * 0.08)) })),
    };
}

const OUTCOME = { call: ['connected', 'no_answer'], appointment: ['held', 'no_show'], showing: ['done'], offer: ['accepted', 'rejected'], text: [null], email: [null] };
export function activitiesOf(n, from, count) {
    const kinds = ['call', 'text', 'call', 'email', 'appointment', 'call', 'showing', 'text', 'offer'];
    return Array.from({ length: count }, (_, i) => {
        const k = from + i;
        const kind = kinds[Math.floor(noise(n, k) * kinds.length)];
        const outcomes = OUTCOME[kind];
        return {
            id: id(3, n * 1000 + k), kind, direction: kind === 'call' || kind === 'text' ? (noise(n, k + 0.5) > 0.3 ? 'out' : 'in') : null,
            at: at(-0.05 - k * 0.17), duration_s: kind === 'call' ? Math.round(noise(k, n) * 900) : null, outcome: outcomes[Math.floor(noise(k, 3) * outcomes.length)],
        };
    });
}

const bins = (shift) => Array.from({ length: 10 }, (_, i) => ({ mean_predicted: 0.06 + i * 0.095, mean_observed: Math.max(0, Math.min(1, 0.05 + i * 0.094 + (noise(i, shift) - 0.5) * 0.08)), rows: 210 }));
const near = (estimate, half) => ({ estimate, low: estimate - half, high: estimate + half });
const pair = (model, naive, half) => ({ model: near(model, half), naive: near(naive, half), difference: near(model - naive, half * 0.7) });
export const models = [
    { version: 3, status: 'active', brier: 0.178, auc: 0.741, reason: 'Accepted: the model beats the naive forecast; Brier score 0.1780 against 0.2210, difference -0.0430 (95% interval -0.0528 to -0.0332, 2105 rows of 60 agents that no model had seen).' },
    { version: 2, status: 'rejected', brier: 0.219, auc: 0.689, reason: 'Rejected: the model does not beat the naive forecast for certain; Brier score 0.2190 against 0.2210, difference -0.0020 (95% interval -0.0118 to 0.0078, 2105 rows of 60 agents that no model had seen).' },
    { version: 1, status: 'retired', brier: 0.191, auc: 0.713, reason: 'Accepted: the model beats the naive forecast; Brier score 0.1910 against 0.2210, difference -0.0300 (95% interval -0.0398 to -0.0202, 2105 rows of 60 agents that no model had seen).' },
].map((m) => ({
    id: id(4, m.version), kind: 'goal', version: m.version, status: m.status, window_from: day(-540), window_to: day(-30 * (4 - m.version)), created_at: at(-20 * (4 - m.version)),
    report: {
        kind: 'goal', accepted: m.status !== 'rejected', reason: m.reason, rows: 8420, agents: 60, test_rows: 2105, test_agents: 60,
        scores: { brier: pair(m.brier, 0.221, 0.014), log_loss: pair(m.brier * 3, 0.641, 0.03), auc: pair(m.auc, 0.602, 0.02), pr_auc: pair(m.auc - 0.05, 0.51, 0.025) },
        calibration: { ece: 0.021, bins: bins(m.version) },
        importance: FEATURES.slice(0, 10).map((f, i) => ({ feature: f.name, mean_abs_shap: 0.31 / (i + 1.4) })),
    },
}));

export const audit = (from, count) =>
    Array.from({ length: count }, (_, i) => {
        const k = from + i;
        const actions = ['intervention.accept', 'login', 'goal.set', 'intervention.refuse', 'playbook.update', 'model.train', 'login.failed'];
        return { seq: 400 - k, at: at(-k * 0.11), actor: k % 7 === 5 ? null : 'coach@demo.example', action: actions[k % 7], object: `agent/${id(2, (k % 22) + 1)}`, detail: { rank: 1 + (k % 3), key: Object.keys(KEYS)[k % 6] } };
    });
export const findings = [
    { source: 'import activities', purpose: 'store', type: 'PHONE_NUMBER', rule: 'phone 3-3-4', action: 'redact', n: 41 },
    { source: 'POST /v1/agents/{id}/messages', purpose: 'store', type: 'PERSON', rule: 'tagger person', action: 'redact', n: 1307 },
    { source: 'log', purpose: 'log', type: 'EMAIL_ADDRESS', rule: 'email', action: 'redact', n: 3 },
];
// Curves by formula: a tenth gets there each 20 days (coached) or each 30 (not), after the landmark day.
function curveOf(landmark, gap) {
    return Array.from({ length: 10 }, (_, i) => {
        const survival = 1 - (i + 1) / 12;
        return { time: landmark + gap * (i + 1), at_risk: 24 - 2 * i, events: 2, censored: 0, survival, se: 0.08, ci_low: Math.max(0, survival - 0.14), ci_high: Math.min(1, survival + 0.12) };
    });
}
export function rampup({ until, landmark, n, label }) {
    const head = { until, landmark_days: landmark, as_of: day(0), label, method: 'Kaplan-Meier curves from the landmark day on', assumes: ['Coaches choose whom they coach: this is a comparison, not an experiment.'] };
    if (n === 0 || landmark === 180)
        return { ...head, started: null, n_compared: 3, n_coached: 3, left_out: { no_start: 0, early: 2, new: 9, decided: 8 }, refusal: 'Of the agents who were still on the way on day 180, 3 had been coached and 0 had not. Each group needs at least 5 to be compared.', survival: null };
    const group = (name, gap) => ({ name, n: 24, events: 20, follow_up: landmark + 330, median: { estimate: landmark + 6 * gap, ci_low: landmark + 4 * gap, ci_high: gap > 25 ? null : landmark + 9 * gap }, rmst: { estimate: landmark + 5.1 * gap, ci_low: landmark + 4.2 * gap, ci_high: landmark + 6 * gap }, curve: curveOf(landmark, gap) });
    return {
        ...head, started: [day(-500), day(-landmark - 5)], n_compared: 48, n_coached: 24, left_out: { no_start: 1, early: 60, new: 4, decided: 11 }, refusal: null,
        survival: { level: 0.95, horizon: landmark + 200, groups: [group(`not coached in the first ${landmark} days`, 30), group(`coached in the first ${landmark} days`, 20)], rmst_difference: { estimate: -34.2, ci_low: -60.1, ci_high: -8.3, p: 0.01 }, logrank: { chi2: 6.2, df: 1, p: 0.013 }, warnings: [] },
    };
}
export function leaderboard(agents, period, label) {
    const days = period === 'quarter' ? 91 : 30;
    const passed = Math.round(days * 0.4);
    const items = agents.map((a, i) => {
        const goal = i % 9 === 8 ? null : (a.target * days) / 30;
        const pacer = goal === null ? null : (goal * passed) / days;
        const closings = (i * 7) % 5;
        return { agent_id: a.id, name: a.name, location_id: a.location_id, location: a.location, closings, before: (i * 3) % 4, goal, pacer, gap: pacer === null ? null : closings - pacer, pace: (closings * days) / passed };
    }).sort((x, y) => y.closings - x.closings);
    const ranked = items.map((l) => ({ rank: 1 + items.findIndex((o) => o.closings === l.closings), ...l }));
    const goals = items.filter((l) => l.goal !== null);
    return { from: day(-passed), to: day(days - passed - 1), as_of: day(0), days, days_passed: passed, n_agents: items.length, n_with_goal: goals.length, n_on_pace: goals.filter((l) => l.gap >= 0).length, closings: items.reduce((s, l) => s + l.closings, 0), pacer: goals.reduce((s, l) => s + l.pacer, 0), items: ranked, method: 'Closings won since the period began, counted', assumes: ['A goal counts for 30 days.'], label };
}
/** An experiment in the first five lines of its life: figures by formula. */
export const experiment = (name, over = {}) => ({
    id: id(10, name.length), name, state: 'running', keys: ['speed_to_lead'], outcome: 'closings', share: 0.5, seed: 4, n_agents: 22, smallest_effect: null,
    starts_on: day(-60), ends_on: day(30), waves: [day(-60)], limits: [{ metric: 'closings', drop: 0.2 }, { metric: 'left', drop: 0.1 }], stopped_on: null, stop_reason: null, ...over,
});
export const planOf = (e) => ({ ...e, n_treated: 11, n_control: 11, strata: 9, sd: 1.4, finds_effect: 1.67, power: null, needed: null, label: 'projection' });
export const experimentStatus = (e, label) => ({
    ...e, from: e.starts_on, to: day(0), n_treated: 11, n_control: 11, balance: 0.08,
    balances: [{ metric: 'closings', difference: 0.08 }, { metric: 'commission', difference: -0.31 }, { metric: 'calls', difference: 0.02 }],
    balance_by_chance: 0.3, strata: LOCATIONS.flatMap((l, i) => [0, 1, 2].map((third) => ({ location_id: l.id, third, n_treated: 1 + (third === i), n_control: 2 - (third === i), treated_before: third * 2 + 0.5, control_before: third * 2 }))),
    effect: { estimate: 0.62, se: 0.21, ci_low: 0.18, ci_high: 1.06, p: 0.008, level: 0.95, naive: { estimate: 0.7, ci_low: -0.3, ci_high: 1.7 }, warnings: [] },
    always_low: -0.12, always_high: 1.36, refusal: null,
    guards: [{ metric: 'closings', limit: 0.2, treated: 3.1, control: 2.4, ci_low: -0.4, ci_high: 1.8, crossed: false }, { metric: 'left', limit: 0.1, treated: 0, control: 0.09, ci_low: -0.4, ci_high: 0.22, crossed: false }],
    method: 'Difference of the groups, adjusted by the same outcome of the 180 days before (CUPED) and by stratum', assumes: ['Chance decided who may get it.'], label,
});
/** Two days behind and two ahead of a load that goes up and down each day, highest six hours from now whatever the time of day; figures by formula. */
export function scaling() {
    const now = Date.now();
    const from = Math.floor(now / 600_000) * 600_000 - 287 * 600_000;
    const load = (t) => 100 + 60 * Math.sin((2 * Math.PI * (t - now)) / 86_400_000);
    const times = Array.from({ length: 288 }, (_, i) => from + i * 600_000);
    const ts = (t) => new Date(t).toISOString();
    const decision = (i, over = {}) => ({ at: ts(now - i * 3_600_000), replicas: 12 + (i % 5), cause: 'forecast', words: `${12 + (i % 5)} replicas: a demand of ${110 + i} is expected within the start-up of 120 s, and ${120 + 10 * (i % 5)} is provided for.`, demand: 100 + i, planned: 120 + 10 * (i % 5), acted: true, ...over });
    const hours = Array.from({ length: 24 }, (_, i) => ({ at: ts(now - (24 - i) * 3_600_000), spent: 6, static_peak: 8.5, reactive: 6.25, service_level: 0.99990 }));
    const report = {
        at: ts(now), service: 'shop', source: 'prometheus', actuator: 'kubernetes', dry_run: false, slo: 0.9995, capacity: 10, min: 1, max: 40, currency: 'EUR',
        load_read_at: ts(now), trouble: null, trouble_since: null, replicas_present: 11,
        history: { from: ts(from), step_s: 600, demand: times.map((t, i) => (i > 100 && i < 106 ? null : load(t))), replicas: times.map((t) => Math.ceil((load(t) * 1.1) / 10)), label: 'measured' },
        ahead: { quantile: 0.99, label: 'projection', refusal: null, hours: Array.from({ length: 48 }, (_, i) => { const t = now + (i + 1) * 3_600_000; return { at: ts(t), demand: load(t), provided: load(t) * (1.04 + i / 400), replicas: Math.ceil((load(t) * (1.04 + i / 400)) / 10), cost: 6 }; }) },
        decisions: [decision(0), decision(1, { acted: false, cause: 'no load', words: '13 replicas: as before; the load cannot be read: http://127.0.0.1:9090: Connection refused.', demand: null, planned: null }), ...Array.from({ length: 10 }, (_, i) => decision(i + 2))],
        cost_refusal: null,
        cost: { service: 'shop', hours: 24, currency: 'EUR', spent: 144, static_peak: 204, reactive: 150, service_level: 0.9999, slo: 0.9995, saving_vs_static: { estimate: 0.294, low: 0.21, high: 0.37, level: 0.9 }, saving_vs_reactive: { estimate: 0.04, low: 0.011, high: 0.062, level: 0.9 }, static_replicas: 17, label: 'measured', label_of_comparison: 'simulated', measured_share: 1, by_cause: { forecast: 130, surprise: 14 }, by_hour: hours },
    };
    return { configured: true, wrong: null, running: true, paused: false, override_replicas: null, override_until: null, report };
}
// Effects by formula: closings of an agent in 28 days; one programme from an experiment; what cannot be told says why.
const estimate = (v, half) => ({ estimate: v, se: half / 1.96, ci_low: v - half, ci_high: v + half, p: 0.03, control_mean: 0.62 });
const NONE = { estimate: null, se: null, ci_low: null, ci_high: null, p: null, control_mean: null };
const TOO_FEW = 'Only 4 agents got it and 31 did not by the end of the data: at least 10 of each are needed.';
function effectRow(scope, name, title, v, half, { source = 'history', outcome = 'closings', refusal = null, label }) {
    const times = outcome === 'commission' ? 9000 : 1;
    const figures = (x, h, n) => ({ source, method: source === 'experiment' ? 'cuped' : 'staggered-did', estimand: 'att', ...(h === null ? NONE : estimate(x * times, h * times)), n_treated: n, n_control: 2 * n, per_days: 28, first_day: day(-540), last_day: day(-1), refusal: h === null ? TOO_FEW : null, label, made_at: at(-0.3) });
    const tiers = [[0, v * 1.5, half * 1.4], [1, v, half * 1.5], [2, v * 0.4, scope === 'all' ? half * 1.6 : null]];
    if (refusal) return { scope, name, title, outcome, tier: -1, tiers: [], ...figures(0, null, 4), refusal, method: null, estimand: null };
    return { scope, name, title, outcome, tier: -1, ...figures(v, half, 36), tiers: tiers.map(([tier, x, h]) => ({ tier, ...figures(x, h, h === null ? 4 : 12) })) };
}
export function effects(label, outcome) {
    const row = (scope, name, title, v, half, more = {}) => effectRow(scope, name, title, v, half, { outcome, label, ...more });
    return [
        row('all', 'all', 'All coaching', 0.24, 0.13),
        ...playbook.map((p, i) => row('intervention', p.key, p.title, 0.34 - i * 0.11, 0.2 + i * 0.04, i === 3 ? { refusal: TOO_FEW } : {})),
        row('programme', 'speed-autumn', 'speed-autumn', 0.31, 0.22, { source: 'experiment' }),
        row('coach', id(0, 3), 'Casey Coach', 0.28, 0.2),
        row('coach', '=Pat Quill', '=Pat Quill', -0.21, 0.18),
        ...LOCATIONS.map((l, i) => row('office', l.id, l.name, 0.3 - i * 0.14, 0.24, i === 2 ? { refusal: TOO_FEW } : {})),
    ];
}
export function effectDetail(e) {
    const scale = e.outcome === 'commission' ? 9000 : 1;
    const event_study = e.refusal ? [] : Array.from({ length: 14 }, (_, i) => {
        const t = i - 6;
        const v = t === -1 ? 0 : (t < 0 ? (noise(i, 3) - 0.5) * 0.1 : e.estimate / scale * (0.6 + 0.12 * t)) * scale;
        const half = t === -1 ? 0 : (0.12 + 0.02 * Math.max(0, t)) * scale;
        return { event_time: t, estimate: v, se: half / 1.96, ci_low: v - half, ci_high: v + half, band_low: v - 1.4 * half, band_high: v + 1.4 * half, n_treated: 36 - Math.max(0, t) * 2, n_control: 60 };
    });
    return {
        ...e,
        detail: {
            method_text: e.source === 'experiment' ? 'Difference of the groups, adjusted by the outcome before' : 'Group-time effects of staggered starts (Callaway, Sant\u2019Anna 2021), averaged over the coached',
            assumptions: ['Without coaching, both groups would have changed alike.', 'Nobody changes ahead of the first coaching.'],
            warnings: e.refusal ? [] : ['Few agents started in the first three periods.'], naive: e.refusal ? null : { estimate: e.estimate * 2.1, se: 0.1, ci_low: e.estimate * 1.6, ci_high: e.estimate * 2.6, p: 0.001 },
            balance: [{ metric: 'closings', difference: -0.24 }, { metric: 'commission', difference: -0.08 }, { metric: 'calls', difference: 0.05 }], event_study, diagnostics: { pretrend_p: 0.41 },
        },
    };
}
export const MONEY = { currency: 'USD', fiscal_start: 7, split: 0.3, commission_cents: null, coach_hour_cents: 6000, agent_hour_cents: 4000, coach_hours: 0.5, agent_hours: 1, licence_cents: 4900 };
const WHAT = { split: 'share of a commission that stays with the brokerage', coach_hour_cents: 'cost of a coach\u2019s hour', agent_hour_cents: 'worth of an agent\u2019s hour', coach_hours: 'hours of the coach for a coaching that was delivered', agent_hours: 'hours of the agent for a coaching that was delivered', licence_cents: 'price of the licence for an agent and month' };
function returnOf(e, money, missing, label) {
    const months = e.scope === 'all' ? 240 : 60;
    const n = Math.round(months * 1.5);
    const { estimate: v, ci_low, ci_high, per_days, source, method, n_treated, n_control, first_day, last_day } = e;
    const refusal = e.refusal ? `There is no effect to reckon with: ${e.refusal}` : missing.length ? `${missing.length} of the settings of money that it needs are not set.` : null;
    const worth = (x) => Math.round(x * months * 1.087 * 1_040_000 * money.split);
    const [value, low, high] = [v, ci_low, ci_high].map(worth);
    const coach = Math.round(n * money.coach_hours * money.coach_hour_cents);
    const agent = Math.round(n * money.agent_hours * money.agent_hour_cents);
    const licence = Math.round(months * money.licence_cents);
    const cost = coach + agent + licence;
    const exact = (x) => ({ estimate: x, ci_low: x, ci_high: x });
    const net = { estimate: value - cost, ci_low: low - cost, ci_high: high - cost };
    const head = { scope: e.scope, name: e.name, title: e.title, refusal, n_agents: 36, agent_months: months, n_coachings: n, effect: { estimate: v, ci_low, ci_high, per_days, source, method, n_treated, n_control, first_day, last_day }, commission: { source: 'all', cents: 1_040_000, se_cents: 31_000, n_closings: 412 }, label };
    if (refusal) return { ...head, value: null, cost: null, net: null, ratio: null, ratio_refusal: null, p_payback: null, break_even_effect: null, break_even_licence: null, steps: [] };
    return {
        ...head, value: { estimate: value, ci_low: low, ci_high: high }, cost: exact(cost), net, ratio: cost ? { estimate: net.estimate / cost, ci_low: net.ci_low / cost, ci_high: net.ci_high / cost } : null, ratio_refusal: cost ? null : 'It cost nothing in this time: a ratio to nothing cannot be told.',
        p_payback: net.ci_low > 0 ? 0.997 : net.estimate > 0 ? 0.86 : 0.04, break_even_effect: cost / worth(1), break_even_licence: Math.round((value - coach - agent) / months),
        steps: [{ name: 'value', estimate: value, ci_low: low, ci_high: high }, { name: 'coach_hours', ...exact(-coach) }, { name: 'agent_hours', ...exact(-agent) }, { name: 'licence', ...exact(-licence) }, { name: 'net', ...net }],
    };
}
export function returns({ scope, name, from, to }, money, label, empty) {
    const missing = Object.keys(WHAT).filter((k) => money[k] === null).map((member) => ({ member, what: WHAT[member] }));
    const items = (empty ? [] : effects(label, 'closings')).filter((e) => e.scope === scope && (!name || e.name === name)).map((e) => returnOf(e, money, missing, label));
    return { scope, from: from ?? day(-150), to: to && to < day(0) ? to : day(0), as_of: day(0), currency: money.currency, fiscal_start: money.fiscal_start, draws: missing.length ? 0 : 20000, missing, items, method: 'Effect per agent and 28 days, times the agents\u2019 time since it was first delivered, times commission and split, less hours and licences', assumes: ['The effect holds on the days of this time.', 'Rows share agents and licences: they do not add up.'], label };
}
export { id, at };
