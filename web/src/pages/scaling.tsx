// Scaling: the load of this installation, what is expected, the replicas that are wanted for it, why, and what that costs.
import { useEffect } from 'preact/hooks';
import * as fmt from '../format';
import { CapacityPlot } from '../plot/capacity_plot';
import { TableAlt } from '../plot/table_alt';
import { useResource } from '../resource';
import type { Scaling, ScalingCost, ScalingDecision, ScalingReport, ScalingSaving } from '../types';
import { Icon } from '../ui/icon';
import { Card, Empty, LabelBadge, PageHead, Show } from '../ui/parts';

const AGAIN_MS = 15_000;
const HOW = {
    advise: 'Nothing is changed: the number is only advised',
    haproxy: 'Servers behind HAProxy are made ready or drained',
    kubernetes: 'The Deployment in Kubernetes is scaled',
};

export function ScalingPage() {
    const res = useResource<Scaling>('/v1/scaling');
    useEffect(() => {
        const t = setInterval(res.reload, AGAIN_MS);
        return () => clearInterval(t);
    }, [res.reload]);
    return (
        <>
            <PageHead title="Scaling" sub={res.data?.report ? `${res.data.report.service}: load, what is expected of it, and the replicas for it` : 'Load, what is expected of it, and the replicas for it'}>
                {res.data && <State of={res.data} />}
            </PageHead>
            <Show of={res}>{(s) => (s.report && !s.wrong ? <Report s={s} r={s.report} /> : <Beginning s={s} />)}</Show>
        </>
    );
}

function State({ of: s }: { of: Scaling }) {
    if (!s.configured || s.wrong) return null;
    if (!s.running) return <span class="badge warn">not running</span>;
    return <span class={`badge ${s.paused ? 'warn' : 'good'}`}>{s.paused ? 'paused' : s.report?.dry_run ? 'running, dry run' : 'running'}</span>;
}

/** What to do where there is nothing to show yet. */
function Beginning({ s }: { s: Scaling }) {
    if (s.wrong)
        return (
            <Card title="The state cannot be read">
                <Empty title="The setting scaling.config leads to something that cannot be read" text={s.wrong} icon="warn" />
            </Card>
        );
    return (
        <Card title="How to begin">
            <div class="stack">
                <p>{s.configured ? 'Nothing has been decided yet.' : 'Predictive scaling is not set up for this installation.'} It reads the load, forecasts it, plans the replicas ahead of it, and shows here what it decides, why, and what that costs.</p>
                <ol class="steps">
                    <li>
                        <span>
                            Write down where the load is read, what a replica serves and costs: <code>config/scaling/predictive_scaling_config.json</code>, with an absolute path as <code>state</code>.
                        </span>
                    </li>
                    <li>
                        <span>
                            Check it, and see what would be decided: <code>ehub scaling evaluate --config FILE</code>
                        </span>
                    </li>
                    <li>
                        <span>
                            Let it run without acting: <code>ehub scaling start --dry-run --config FILE</code>
                        </span>
                    </li>
                    <li>
                        <span>
                            Tell the server: the setting <code>scaling.config</code>
                        </span>
                    </li>
                </ol>
            </div>
        </Card>
    );
}

function Report({ s, r }: { s: Scaling; r: ScalingReport }) {
    return (
        <div class="stack">
            <Notices s={s} r={r} />
            <Card title="Now">
                <div class="stack wide-gap">
                    <Figures s={s} r={r} />
                    <CapacityPlot report={r} />
                    {r.ahead.refusal && <p class="notice info">No forecast of the coming hours: {r.ahead.refusal}</p>}
                </div>
            </Card>
            <Cost r={r} />
            <Decisions items={r.decisions} />
        </div>
    );
}

function Notices({ s, r }: { s: Scaling; r: ScalingReport }) {
    return (
        <>
            {!s.running && (
                <p class="notice">
                    <Icon name="warn" />
                    <span>
                        Nobody is scaling: what stands here is of {fmt.ago(r.at)}. <code>ehub scaling start</code> goes on.
                    </span>
                </p>
            )}
            {r.trouble && (
                <p class="notice bad" role="alert">
                    <Icon name="warn" />
                    <span>
                        {r.trouble_since ? `Since ${fmt.time(r.trouble_since)}: ` : ''}
                        {r.trouble}
                    </span>
                </p>
            )}
            {s.override_until && (
                <p class="notice info">
                    <Icon name="clock" />
                    <span>
                        {s.paused ? 'Paused: decisions are not acted on' : `Set to ${fmt.int(s.override_replicas)} replicas by hand`} until {fmt.time(s.override_until)}.
                    </span>
                </p>
            )}
        </>
    );
}

function Figures({ s, r }: { s: Scaling; r: ScalingReport }) {
    const last = r.decisions[0];
    const load = [...r.history.demand].reverse().find((v) => v !== null) ?? null;
    return (
        <dl class="figures">
            <div class="figure">
                <dt>
                    Replicas wanted <LabelBadge label="measured" />
                </dt>
                <dd data-figure="wanted">
                    {fmt.int(last?.replicas)}
                    <small>
                        {' '}
                        of {fmt.int(r.min)} to {fmt.int(r.max)}
                    </small>
                </dd>
            </div>
            <div class="figure">
                <dt>Replicas there</dt>
                <dd>{r.replicas_present === null ? <small>not asked</small> : fmt.int(r.replicas_present)}</dd>
            </div>
            <div class="figure">
                <dt>
                    Load <LabelBadge label="measured" />
                </dt>
                <dd>
                    {fmt.short(load)}
                    {r.load_read_at && <small> {fmt.ago(r.load_read_at)}</small>}
                </dd>
            </div>
            <div class="figure">
                <dt>Acting</dt>
                <dd>
                    <small>{r.dry_run ? 'Dry run: decided and stored, not acted' : s.paused ? 'Paused' : (HOW[r.actuator as keyof typeof HOW] ?? r.actuator)}</small>
                </dd>
            </div>
        </dl>
    );
}

// ---- cost ----

function Saving({ of, against }: { of: ScalingSaving; against: string }) {
    if (of.estimate === null) return null;
    return (
        <p>
            <b>
                {fmt.percent1(Math.abs(of.estimate))} {of.estimate < 0 ? 'more' : 'less'} than {against}
            </b>{' '}
            <span class="muted">
                ({Math.round(of.level * 100)} % interval {fmt.percent1(of.low)} to {fmt.percent1(of.high)} less)
            </span>
        </p>
    );
}

function Bars({ rows, currency }: { rows: { name: string; value: number; second?: boolean }[]; currency: string }) {
    const most = Math.max(1e-9, ...rows.map((r) => r.value));
    return (
        <ul class="bars amounts plot">
            {rows.map((r) => (
                <li key={r.name}>
                    <span>{r.name}</span>
                    <svg height="10" aria-hidden="true" focusable="false">
                        <rect class={`bar ${r.second ? 'second' : ''}`} width={`${((100 * r.value) / most).toFixed(1)}%`} height="10" rx="3" />
                    </svg>
                    <b>{fmt.amount(r.value, currency)}</b>
                </li>
            ))}
        </ul>
    );
}

function Cost({ r }: { r: ScalingReport }) {
    const c = r.cost;
    if (!c)
        return (
            <Card title="Cost">
                <Empty title="No cost yet" text={r.cost_refusal ?? 'It is added up every quarter of an hour.'} />
            </Card>
        );
    return (
        <Card title={`Cost of the last ${fmt.int(c.hours)} hours`} aside={<span class="muted small">{c.label}; static peak and reactive {c.label_of_comparison}</span>}>
            <div class="stack wide-gap">
                <Bars
                    currency={c.currency}
                    rows={[
                        { name: 'Spent', value: c.spent },
                        { name: 'Reactive', value: c.reactive, second: true },
                        { name: `Static peak (${fmt.int(c.static_replicas)} replicas)`, value: c.static_peak, second: true },
                    ]}
                />
                <div>
                    <Saving of={c.saving_vs_static} against="static peak" />
                    <Saving of={c.saving_vs_reactive} against="reactive scaling" />
                    <p class="muted small">
                        Served in time: {percent4(c.service_level)} (promised {percent4(c.slo)})
                    </p>
                </div>
                <Hours c={c} />
            </div>
        </Card>
    );
}

const percent4 = (v: number) => `${fmt.fixed3(100 * v)} %`;

function Hours({ c }: { c: ScalingCost }) {
    const causes = Object.entries(c.by_cause).map(([name, spent]) => [name, fmt.amount(spent, c.currency)]);
    return (
        <div class="stack">
            <TableAlt summary="By hour" caption="Cost by hour" head={['Hour', 'Spent', 'Static peak', 'Reactive', 'Served in time']} rows={c.by_hour.map((h) => [fmt.time(h.at), fmt.amount(h.spent, c.currency), fmt.amount(h.static_peak, c.currency), fmt.amount(h.reactive, c.currency), percent4(h.service_level)])} />
            <TableAlt summary="By cause" caption="Cost by cause" head={['Cause', 'Spent']} rows={causes} />
        </div>
    );
}

// ---- decisions ----

function Decisions({ items }: { items: ScalingDecision[] }) {
    return (
        <Card title="Decisions">
            {items.length === 0 ? (
                <Empty title="None in the last two days" />
            ) : (
                <ul class="timeline said" aria-label="Decisions, the newest first">
                    {items.map((d) => (
                        <li key={d.at}>
                            <span class="dot" aria-hidden="true">
                                <b>{d.replicas}</b>
                            </span>
                            <span>
                                {d.words} <span class="muted">{d.acted ? 'Acted.' : 'Not acted.'}</span>
                            </span>
                            <time dateTime={d.at}>{fmt.time(d.at)}</time>
                        </li>
                    ))}
                </ul>
            )}
        </Card>
    );
}
