// Experiments: coaching drawn by chance. What runs, what it has shown so far, beginning and ending one.
import { useState } from 'preact/hooks';
import { api } from '../api';
import * as fmt from '../format';
import { IntervalPlot } from '../plot/interval_plot';
import { TableAlt } from '../plot/table_alt';
import { useResource } from '../resource';
import { Link, navigate } from '../router';
import { canManage, useMe } from '../session';
import type { Experiment, ExperimentPlan, ExperimentStatus, Label, List, Metric, PlaybookItem } from '../types';
import { Card, Empty, Field, LabelBadge, Modal, PageHead, Show, toast, useAction } from '../ui/parts';
import { About, CsvLink, PrintButton } from '../ui/report';
import { Sealed } from '../ui/sealed';

const PATH = '/v1/insight/experiments';
const METRICS: Record<Metric, string> = { closings: 'Closings', commission: 'Commission', calls: 'Calls', left: 'Agents who left' };
const THIRDS = ['fewest closings', 'middle', 'most closings'];

const amount = (e: { outcome: Metric }, v: number | null) => (e.outcome === 'commission' ? fmt.money(v == null ? null : v * 100) : fmt.num2(v));
const figure = (m: Metric, v: number | null) => (m === 'left' ? fmt.percent1(v) : m === 'commission' ? fmt.money(v == null ? null : v * 100) : fmt.num2(v));

function StateBadge({ e }: { e: Experiment }) {
    return <span class={`badge ${e.state === 'running' ? 'good' : ''}`}>{e.state}</span>;
}

/** Whoever sees one office only cannot begin an experiment: it draws agents of every office. */
function useMayChange(): boolean {
    const { user } = useMe();
    return canManage(user.role) && (user.role === 'admin' || user.location_id === null);
}

export function ExperimentsPage() {
    const res = useResource<List<Experiment> & { label: Label }>(PATH);
    const [starting, setStarting] = useState(false);
    const mayStart = useMayChange();
    return (
        <>
            <PageHead title="Experiments" sub="Coaching drawn by chance, so that its effect can be told">
                {res.data && <LabelBadge label={res.data.label} />}
                {mayStart && (
                    <button type="button" class="btn primary" onClick={() => setStarting(true)}>
                        Start an experiment
                    </button>
                )}
            </PageHead>
            <Show of={res}>{(d) => (d.items.length === 0 ? <Empty title="No experiment yet" text="When chance picks who is coached, the difference is the coaching’s." icon="flask" /> : <All items={d.items} />)}</Show>
            {starting && <StartDialog onClose={() => setStarting(false)} />}
        </>
    );
}

function All({ items }: { items: Experiment[] }) {
    const csv = items.map((e) => [e.name, e.state, e.keys.join(' '), e.outcome, e.starts_on, e.ends_on, e.n_agents, e.share, e.seed, e.stop_reason]);
    return (
        <Card title="All experiments" flush aside={<CsvLink name="experiments" head={['name', 'state', 'keys', 'outcome', 'starts_on', 'ends_on', 'agents', 'share', 'seed', 'stop_reason']} rows={csv} />}>
            <div class="scroll-x" tabIndex={0} role="region" aria-label="Table of experiments">
                <table class="data middling">
                    <caption class="sr-only">Experiments, the newest first</caption>
                    <thead>
                        <tr>
                            <th scope="col">Experiment</th>
                            <th scope="col">State</th>
                            <th scope="col">Coaching</th>
                            <th scope="col">From, to</th>
                            <th scope="col" class="num">
                                Agents
                            </th>
                        </tr>
                    </thead>
                    <tbody>
                        {items.map((e) => (
                            <tr key={e.id}>
                                <th scope="row">
                                    <Link to={`/experiments/${e.name}`}>{e.name}</Link>
                                </th>
                                <td>
                                    <StateBadge e={e} />
                                    {e.stop_reason && (
                                        <small class="why-small">
                                            <Sealed text={e.stop_reason} />
                                        </small>
                                    )}
                                </td>
                                <td>{e.keys.map(fmt.words).join(', ')}</td>
                                <td class="nowrap">
                                    {fmt.date(e.starts_on)} – {fmt.date(e.stopped_on ?? e.ends_on)}
                                </td>
                                <td class="num">{fmt.int(e.n_agents)}</td>
                            </tr>
                        ))}
                    </tbody>
                </table>
            </div>
        </Card>
    );
}

/* ---- one experiment ---- */

export function ExperimentPage({ name }: { name: string }) {
    const res = useResource<ExperimentStatus>(`${PATH}/${name}`);
    const [stopping, setStopping] = useState(false);
    const mayStop = useMayChange();
    const e = res.data;
    return (
        <>
            <PageHead title={name} sub={e ? `${e.keys.map(fmt.words).join(', ')}, ${fmt.date(e.starts_on)} to ${fmt.date(e.ends_on)}` : 'Experiment'}>
                {e && <StateBadge e={e} />}
                {e && <LabelBadge label={e.label} />}
                <PrintButton />
                {e?.state === 'running' && mayStop && (
                    <button type="button" class="btn danger" onClick={() => setStopping(true)}>
                        Stop
                    </button>
                )}
            </PageHead>
            <Show of={res}>{(s) => <Status s={s} />}</Show>
            {stopping && (
                <StopDialog
                    name={name}
                    onClose={() => setStopping(false)}
                    onDone={() => {
                        setStopping(false);
                        toast('The experiment has ended: nobody is held back any more');
                        res.reload();
                    }}
                />
            )}
        </>
    );
}

function Status({ s }: { s: ExperimentStatus }) {
    const about = (
        <About
            method={s.method}
            window={`${fmt.date(s.from)} to the day before ${fmt.date(s.to)}; before: the 180 days until ${fmt.date(s.from)}`}
            sample={`${fmt.int(s.n_treated)} agents drawn who may get it, ${fmt.int(s.n_control)} held out, in ${fmt.int(s.strata.length)} strata of office and third of closings; seed ${s.seed}. Agents who came later are not in it.`}
            assumes={s.assumes}
            label={s.label}
        />
    );
    return (
        <div class="stack">
            {s.stop_reason && (
                <p class="notice info">
                    Stopped{s.stopped_on ? ` on ${fmt.date(s.stopped_on)}` : ''}: <Sealed text={s.stop_reason} />
                </p>
            )}
            <Card title={`Effect on ${s.outcome}, per agent so far`}>
                <div class="stack wide-gap">
                    {s.effect ? <Effect s={s} effect={s.effect} /> : <Empty title="No effect can be told yet" text={s.refusal ?? ''} />}
                    {about}
                </div>
            </Card>
            <Guards s={s} />
            <Balance s={s} />
        </div>
    );
}

function Effect({ s, effect }: { s: ExperimentStatus; effect: NonNullable<ExperimentStatus['effect']> }) {
    const always = { name: 'any look', estimate: effect.estimate, low: s.always_low, high: s.always_high };
    const once = { name: 'one look', estimate: effect.estimate, low: effect.ci_low, high: effect.ci_high };
    const naive = { name: 'naive', estimate: effect.naive.estimate, low: effect.naive.ci_low, high: effect.naive.ci_high };
    const known = s.always_low != null && s.always_high != null && (s.always_low > 0 || s.always_high < 0);
    const rows = [always, once, naive];
    return (
        <>
            <p class="strong">
                Being drawn changed {s.outcome} by {amount(s, effect.estimate)} per agent. {known ? `The interval that holds at every look, ${amount(s, s.always_low)} to ${amount(s, s.always_high)}, does not hold zero.` : `The interval that holds at every look, ${amount(s, s.always_low)} to ${amount(s, s.always_high)}, holds zero: the data do not tell yet whether it helps.`}
            </p>
            <div>
                <IntervalPlot title="Effect with 95 % intervals" hint={`${s.outcome} per agent; decide early on “any look” only`} rows={rows} label={s.label} show={(v) => amount(s, v)} tick={(v) => amount(s, v)} />
                <TableAlt caption="Effect with 95 % intervals" head={['Interval', 'Effect', 'Low', 'High']} rows={rows.map((r) => [r.name, amount(s, r.estimate), amount(s, r.low), amount(s, r.high)])} />
            </div>
            {effect.warnings.map((w) => (
                <p key={w} class="notice">
                    {w}
                </p>
            ))}
        </>
    );
}

function Guards({ s }: { s: ExperimentStatus }) {
    if (s.guards.length === 0) return null;
    const csv = <CsvLink name={`${s.name}-guard-rails`} head={['metric', 'limit', 'drawn', 'held_out', 'ci_low', 'ci_high', 'crossed', 'label']} rows={s.guards.map((g) => [g.metric, g.limit, g.treated, g.control, g.ci_low, g.ci_high, String(g.crossed), s.label])} />;
    return (
        <Card title="Guard-rails" flush aside={csv}>
            <div class="scroll-x" tabIndex={0} role="region" aria-label="Table of guard-rails">
                <table class="data middling">
                    <caption class="sr-only">Guard-rails of the experiment: means of the groups, and whether a limit is crossed</caption>
                    <thead>
                        <tr>
                            <th scope="col">What</th>
                            <th scope="col">Stops it when surely</th>
                            <th scope="col" class="num">
                                Drawn
                            </th>
                            <th scope="col" class="num">
                                Held out
                            </th>
                            <th scope="col" class="num">
                                Difference, at every look
                            </th>
                            <th scope="col">State</th>
                        </tr>
                    </thead>
                    <tbody>
                        {s.guards.map((g) => (
                            <tr key={g.metric}>
                                <th scope="row">{METRICS[g.metric]}</th>
                                <td>{g.metric === 'left' ? `${fmt.num1(100 * g.limit)} points more leave` : `${fmt.percent(g.limit)} lower`}</td>
                                <td class="num">{figure(g.metric, g.treated)}</td>
                                <td class="num">{figure(g.metric, g.control)}</td>
                                <td class="num nowrap">{g.ci_low == null ? 'too few agents' : g.metric === 'left' ? `${fmt.points(100 * g.ci_low)} to ${fmt.points(g.ci_high == null ? null : 100 * g.ci_high)} points` : `${figure(g.metric, g.ci_low)} to ${figure(g.metric, g.ci_high)}`}</td>
                                <td>
                                    <span class={`badge ${g.crossed ? 'bad' : 'good'}`}>{g.crossed ? 'crossed' : 'not crossed'}</span>
                                </td>
                            </tr>
                        ))}
                    </tbody>
                </table>
            </div>
        </Card>
    );
}

function Balance({ s }: { s: ExperimentStatus }) {
    const { locations } = useMe();
    const office = (id: string) => locations.find((l) => l.id === id)?.name ?? 'Another office';
    const csv = <CsvLink name={`${s.name}-strata`} head={['office', 'third', 'drawn', 'held_out', 'drawn_before', 'held_out_before', 'label']} rows={s.strata.map((t) => [office(t.location_id), t.third + 1, t.n_treated, t.n_control, t.treated_before, t.control_before, s.label])} />;
    const far = s.balances.some((b) => b.difference != null && s.balance_by_chance != null && Math.abs(b.difference) > s.balance_by_chance);
    return (
        <Card title="Balance before it began" flush aside={csv}>
            <dl class="figures inset">
                {s.balances.map((b) => (
                    <div class="figure" key={b.metric}>
                        <dt>{METRICS[b.metric]}, 180 days before</dt>
                        <dd>
                            {fmt.num2(b.difference)} <small>standard deviations apart</small>
                        </dd>
                    </div>
                ))}
            </dl>
            {far && <p class="notice inset">Further apart than 19 of 20 draws of so many agents ({fmt.num2(s.balance_by_chance)} standard deviations): look why.</p>}
            <div class="scroll-x" tabIndex={0} role="region" aria-label="Table of strata">
                <table class="data middling">
                    <caption class="sr-only">Agents and outcome before, by office and third of closings</caption>
                    <thead>
                        <tr>
                            <th scope="col">Stratum</th>
                            <th scope="col" class="num">
                                Drawn
                            </th>
                            <th scope="col" class="num">
                                Held out
                            </th>
                            <th scope="col" class="num">
                                {METRICS[s.outcome]} before, drawn
                            </th>
                            <th scope="col" class="num">
                                {METRICS[s.outcome]} before, held out
                            </th>
                        </tr>
                    </thead>
                    <tbody>
                        {s.strata.map((t) => (
                            <tr key={`${t.location_id}${t.third}`}>
                                <th scope="row">
                                    {office(t.location_id)}
                                    <small class="why-small">{THIRDS[t.third]}</small>
                                </th>
                                <td class="num">{fmt.int(t.n_treated)}</td>
                                <td class="num">{fmt.int(t.n_control)}</td>
                                <td class="num">{amount(s, t.treated_before)}</td>
                                <td class="num">{amount(s, t.control_before)}</td>
                            </tr>
                        ))}
                    </tbody>
                </table>
            </div>
        </Card>
    );
}

/* ---- beginning and ending ---- */

function Buttons({ onClose, busy, children }: { onClose: () => void; busy: boolean; children: string }) {
    return (
        <div class="actions">
            <button type="button" class="btn quiet" onClick={onClose}>
                Cancel
            </button>
            <button type="submit" class="btn primary" disabled={busy}>
                {children}
            </button>
        </div>
    );
}

function Wrong({ text }: { text: string | null }) {
    return text ? (
        <p class="notice bad" role="alert">
            {text}
        </p>
    ) : null;
}

/** First the plan (nothing is stored), then the same with its seed for good: the agents are those of the plan. */
function StartDialog({ onClose }: { onClose: () => void }) {
    const plays = useResource<List<PlaybookItem>>('/v1/playbook');
    const [f, setF] = useState({ name: '', key: '', share: '50', days: '90', outcome: 'closings', effect: '' });
    const [plan, setPlan] = useState<ExperimentPlan | null>(null);
    const action = useAction();
    const set = (name: keyof typeof f) => (e: { currentTarget: { value: string } }) => {
        setF({ ...f, [name]: e.currentTarget.value });
        setPlan(null);
    };
    const body = (more: object) => ({ name: f.name.trim(), keys: [f.key], share: Number(f.share) / 100, days: Number(f.days), outcome: f.outcome, ...(f.effect.trim() ? { effect: Number(f.effect) } : {}), ...more });
    const submit = (e: Event) => {
        e.preventDefault();
        action.run(async () => {
            if (!plan) return setPlan(await api.post<ExperimentPlan>(PATH, body({ dry_run: true })));
            const made = await api.post<ExperimentPlan>(PATH, body({ seed: plan.seed }));
            toast('The experiment has begun');
            navigate(`/experiments/${made.name}`);
        });
    };
    return (
        <Modal title="Start an experiment" onClose={onClose}>
            <form class="form" onSubmit={submit}>
                <Field label="Name" hint="Small letters, digits and -">
                    {(a) => <input {...a} data-autofocus required maxLength={63} pattern="[a-z0-9][a-z0-9\-]*" value={f.name} onInput={set('name')} />}
                </Field>
                <Field label="Coaching under test">
                    {(a) => (
                        <select {...a} required value={f.key} onChange={set('key')}>
                            <option value="">Choose</option>
                            {(plays.data?.items ?? []).filter((p) => p.enabled).map((p) => (
                                <option key={p.key} value={p.key}>
                                    {p.title}
                                </option>
                            ))}
                        </select>
                    )}
                </Field>
                <div class="pair">
                    <Field label="Share who may get it, %">{(a) => <input {...a} type="number" required min="1" max="99" value={f.share} onInput={set('share')} />}</Field>
                    <Field label="Days">{(a) => <input {...a} type="number" required min="1" max="3650" value={f.days} onInput={set('days')} />}</Field>
                    <Field label="Outcome">
                        {(a) => (
                            <select {...a} value={f.outcome} onChange={set('outcome')}>
                                <option value="closings">Closings</option>
                                <option value="commission">Commission</option>
                            </select>
                        )}
                    </Field>
                    <Field label="Smallest effect that matters">{(a) => <input {...a} type="number" step="any" value={f.effect} onInput={set('effect')} />}</Field>
                </div>
                <p class="small muted">It stops itself when those who may get it surely close 20 % less than the hold-out, or 10 points more of them leave.</p>
                {plan && (
                    <div class="notice info" role="status">
                        <span>
                            {fmt.int(plan.n_treated)} agents may get it, {fmt.int(plan.n_control)} are held out, in {fmt.int(plan.strata)} strata. An effect of {amount(plan, plan.finds_effect)} is found with a chance of 80 %.
                            {plan.power != null && ` The one that matters is found with a chance of ${fmt.percent(plan.power)}; 80 % need ${fmt.int(plan.needed)} agents.`} <LabelBadge label="projection" />
                        </span>
                    </div>
                )}
                <Wrong text={action.wrong} />
                <Buttons onClose={onClose} busy={action.busy}>
                    {plan ? 'Start it' : 'Show the plan'}
                </Buttons>
            </form>
        </Modal>
    );
}

function StopDialog({ name, onClose, onDone }: { name: string; onClose: () => void; onDone: () => void }) {
    const [reason, setReason] = useState('');
    const action = useAction();
    const submit = (e: Event) => {
        e.preventDefault();
        action.run(async () => {
            await api.post(`${PATH}/${name}/stop`, { reason: reason.trim() });
            onDone();
        });
    };
    return (
        <Modal title={`Stop ${name}`} onClose={onClose}>
            <form class="form" onSubmit={submit}>
                <Field label="Reason" hint="It stays in the audit log">
                    {(a) => <textarea {...a} data-autofocus required maxLength={250} value={reason} onInput={(e) => setReason(e.currentTarget.value)} />}
                </Field>
                <Wrong text={action.wrong} />
                <Buttons onClose={onClose} busy={action.busy}>
                    Stop it
                </Buttons>
            </form>
        </Modal>
    );
}
