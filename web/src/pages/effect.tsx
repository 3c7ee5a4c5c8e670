// Effect: did the coaching help, by how much, for whom; and how that was found.
import { useState } from 'preact/hooks';
import * as fmt from '../format';
import { EventPlot } from '../plot/event_plot';
import { IntervalPlot } from '../plot/interval_plot';
import { LovePlot, SMALL } from '../plot/love_plot';
import { TableAlt } from '../plot/table_alt';
import { useResource } from '../resource';
import { Link } from '../router';
import type { Effect, EffectDetail, Label, List } from '../types';
import { UpdateButton, UpdateState, useEffectUpdate } from '../ui/effect_update';
import { EffectTable, EffectsCsv, SCOPES, SCOPE_TITLE, TIERS, change, effectSentence, methodWords, range, sampleWords, tick, windowWords } from '../ui/effects';
import { Card, Empty, LabelBadge, PageHead, Show } from '../ui/parts';
import { About, PrintButton } from '../ui/report';

type Outcome = Effect['outcome'];
const METRICS: Record<string, string> = { closings: 'Closings', commission: 'Commission', calls: 'Calls', left: 'Left' };

function OutcomeSelect({ value, onChange }: { value: Outcome; onChange: (v: Outcome) => void }) {
    return (
        <select class="select" aria-label="Outcome" value={value} onChange={(e) => onChange(e.currentTarget.value === 'commission' ? 'commission' : 'closings')}>
            <option value="closings">Effect on closings</option>
            <option value="commission">Effect on commission</option>
        </select>
    );
}

export function EffectsPage() {
    const [outcome, setOutcome] = useState<Outcome>('closings');
    const res = useResource<List<Effect> & { label: Label }>('/v1/insight/effects', { outcome });
    const update = useEffectUpdate(res.reload);
    return (
        <>
            <PageHead title="Effect" sub="Did the coaching help, by how much, and for whom">
                {res.data && <LabelBadge label={res.data.label} />}
                <OutcomeSelect value={outcome} onChange={setOutcome} />
                <UpdateButton update={update} />
                {res.data && res.data.items.length > 0 && <EffectsCsv items={res.data.items} />}
                <PrintButton />
            </PageHead>
            <UpdateState d={update.data} />
            <Show of={res}>{(d) => (d.items.length === 0 ? <Empty title="No effect has been estimated yet" text="The nightly run estimates them from experiments and from what happened before and after coaching began." icon="effect" /> : <All items={d.items} />)}</Show>
        </>
    );
}

function All({ items }: { items: Effect[] }) {
    const all = items.find((e) => e.scope === 'all');
    return (
        <div class="stack">
            {all && <p class={`notice big ${all.refusal ? '' : 'info'}`}>{effectSentence(all)}</p>}
            {SCOPES.map((s) => (
                <EffectTable key={s} title={SCOPE_TITLE[s]} items={items.filter((e) => e.scope === s)} />
            ))}
            <p class="small muted">
                Per agent and {items[0]?.per_days} days. An experiment compares agents drawn by chance; history compares agents before and after their first coaching with those not coached yet. Rows are separate questions: of twenty without any effect, one is expected to look like one. Last update {fmt.time(items[0]?.made_at)}.
            </p>
        </div>
    );
}

/* ---- one ---- */

export function EffectPage({ scope, name }: { scope: string; name: string }) {
    const [outcome, setOutcome] = useState<Outcome>('closings');
    const res = useResource<EffectDetail>(`/v1/insight/effects/${scope}/${encodeURIComponent(name)}`, { outcome });
    const e = res.data;
    return (
        <>
            <PageHead title={e ? e.title : 'Effect'} sub={<Link to="/effect">All effects</Link>}>
                {e && <span class={`badge ${e.source === 'experiment' ? 'good' : ''}`}>{e.source}</span>}
                {e && <LabelBadge label={e.label} />}
                <OutcomeSelect value={outcome} onChange={setOutcome} />
                {e && <EffectsCsv items={[e]} />}
                <PrintButton />
            </PageHead>
            <Show of={res}>{(d) => <One e={d} />}</Show>
        </>
    );
}

export function EffectAbout({ e, open }: { e: EffectDetail; open?: boolean }) {
    const estimand = e.estimand === null ? '' : e.estimand === 'att' ? ' The effect on those who got it.' : ' The effect on everybody.';
    return <About method={`${e.detail.method_text || methodWords(e.method)}.${estimand}`.replace('..', '.')} window={windowWords(e)} sample={`${sampleWords(e)}${e.control_mean == null ? '' : `; without it ${tick(e)(e.control_mean)} ${e.outcome} per agent and ${e.per_days} days`}`} assumes={e.detail.assumptions} label={e.label} {...(open ? { open } : {})} />;
}

function One({ e }: { e: EffectDetail }) {
    const d = e.detail;
    return (
        <div class="stack">
            <Card title={`Effect on ${e.outcome}, per agent and ${e.per_days} days`}>
                <div class="stack wide-gap">
                    {e.refusal ? <Empty title="These data cannot tell" text={fmt.sentence(e.refusal)} icon="effect" /> : <Estimate e={e} />}
                    {d.warnings.length > 0 && (
                        <div class="notice">
                            <ul class="plain">
                                {d.warnings.map((w) => (
                                    <li key={w}>{fmt.sentence(w)}</li>
                                ))}
                            </ul>
                        </div>
                    )}
                    <EffectAbout e={e} />
                </div>
            </Card>
            <Tiers e={e} />
            {d.event_study.length > 0 && (
                <Card title="Before and after the first coaching">
                    <EventPlot title="Event study" unit={`${e.outcome} per agent and period`} events={d.event_study} perDays={e.per_days} label={e.label} show={(v) => (v == null ? fmt.DASH : tick(e)(v))} />
                </Card>
            )}
            <Balance e={e} />
        </div>
    );
}

function Estimate({ e }: { e: EffectDetail }) {
    const naive = e.detail.naive;
    const rows = [{ name: 'effect', estimate: e.estimate, low: e.ci_low, high: e.ci_high }];
    if (naive) rows.push({ name: 'naive', estimate: naive.estimate, low: naive.ci_low, high: naive.ci_high });
    return (
        <>
            <p class="strong">
                {effectSentence(e)}
                {naive?.estimate != null && ` A plain comparison would say ${change(e, naive.estimate)}.`}
            </p>
            <div>
                <IntervalPlot title="Effect with its 95 % interval" hint={`${e.outcome} per agent and ${e.per_days} days`} rows={rows} label={e.label} show={(v) => change(e, v)} tick={(v) => (v == null ? '' : tick(e)(v))} />
                <TableAlt caption="Effect with its 95 % interval" head={['', 'Effect', 'Low', 'High']} rows={rows.map((r) => [r.name, change(e, r.estimate), change(e, r.low), change(e, r.high)])} />
            </div>
        </>
    );
}

function Tiers({ e }: { e: EffectDetail }) {
    const known = e.tiers.filter((t) => t.estimate != null);
    const refused = e.tiers.filter((t) => t.refusal);
    if (e.tiers.length === 0) return null;
    return (
        <Card title="By third of closings before">
            <div class="stack wide-gap">
                {known.length > 0 && (
                    <div>
                        <IntervalPlot title="Effect by third" hint="thirds by closings of the 180 days before" rows={known.map((t) => ({ name: TIERS[t.tier] ?? '', estimate: t.estimate, low: t.ci_low, high: t.ci_high }))} label={e.label} show={(v) => change(e, v)} tick={(v) => (v == null ? '' : tick(e)(v))} alike />
                        <TableAlt caption="Effect by third" head={['Third', 'Effect', '95 % interval', 'With it', 'Without']} rows={known.map((t) => [TIERS[t.tier] ?? '', change(e, t.estimate), range((v) => change(e, v), t), fmt.int(t.n_treated), fmt.int(t.n_control)])} />
                    </div>
                )}
                {refused.length > 0 && <div>{refused.map((t) => (
                    <p key={t.tier} class="small">
                        <b>{TIERS[t.tier]}:</b> <span class="muted">{fmt.sentence(t.refusal ?? '')}</span>
                    </p>
                ))}</div>}
            </div>
        </Card>
    );
}

function Balance({ e }: { e: EffectDetail }) {
    const rows = e.detail.balance.map((b) => ({ name: METRICS[b.metric] ?? b.metric, difference: b.difference }));
    if (!rows.some((r) => r.difference != null)) return null;
    const far = rows.some((r) => r.difference != null && Math.abs(r.difference) > SMALL);
    return (
        <Card title="How alike the groups were before">
            <div class="stack">
                <LovePlot title="Balance" rows={rows} label={e.label} />
                {far && <p class="small muted">{e.source === 'experiment' ? 'Chance alone can set groups apart by more than that when they are small.' : 'Groups that differ before are compared by how each changed, not by where each stood.'}</p>}
            </div>
        </Card>
    );
}
