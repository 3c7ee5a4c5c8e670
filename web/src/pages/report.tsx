// Report: effect, return, ramp-up and experiments in one document, made to be printed or saved as PDF. Every figure stands with its
// method, window, sample and label.
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import * as fmt from '../format';
import { SurvivalPlot } from '../plot/survival_plot';
import { useResource } from '../resource';
import { useMe } from '../session';
import type { Effect, EffectDetail, Experiment, ExperimentStatus, Label, List, RampUp, Returns } from '../types';
import { EffectTable, EffectsCsv, SCOPES, SCOPE_TITLE, change, effectSentence, methodWords, windowWords } from '../ui/effects';
import { Empty, LabelBadge, PageHead, Show } from '../ui/parts';
import { About, PrintButton } from '../ui/report';
import { OneReturn, ReturnTable, ReturnsCsv } from '../ui/returns';
import { EffectAbout } from './effect';
import { MissingNotice, usePeriods } from './roi';
import { RampUpAbout, rampUpSentence } from './rampup';

const EXPERIMENTS_MAX = 8;

function Section({ title, label, aside, children }: { title: string; label?: Label | undefined; aside?: ComponentChildren; children: ComponentChildren }) {
    return (
        <section class="report-part" aria-label={title}>
            <header>
                <h2>{title}</h2>
                {label && <LabelBadge label={label} />}
                {aside}
            </header>
            {children}
        </section>
    );
}

export function ReportPage() {
    const me = useMe();
    const { query, period, select, setAsOf } = usePeriods();
    const effects = useResource<List<Effect> & { label: Label }>('/v1/insight/effects', { outcome: 'closings' });
    const all = useResource<Returns>('/v1/insight/roi', { ...query });
    const offices = useResource<Returns>('/v1/insight/roi', { scope: 'office', ...query });
    const programmes = useResource<Returns>('/v1/insight/roi', { scope: 'programme', ...query });
    const coaches = useResource<Returns>('/v1/insight/roi', { scope: 'coach', ...query });
    useEffect(() => {
        if (all.data) setAsOf(all.data.as_of);
    }, [all.data]);
    const lists = [all.data, offices.data, programmes.data, coaches.data].filter((d): d is Returns => d !== null);
    const when = all.data ? `${fmt.date(all.data.from)} to ${fmt.dayBefore(all.data.to)}` : (period?.name ?? '');
    return (
        <>
            <PageHead title="Report" sub={`${me.tenant.name}, ${when}. Printed ${fmt.date(new Date().toISOString())}.`}>
                {all.data && <LabelBadge label={all.data.label} />}
                {select}
                <PrintButton text="Print or save as PDF" />
            </PageHead>
            <div class="report">
                <Section title="Did the coaching help" label={effects.data?.label} aside={effects.data && effects.data.items.length > 0 && <EffectsCsv items={effects.data.items} />}>
                    <Show of={effects}>{(d) => <EffectPart items={d.items} />}</Show>
                </Section>
                <Section title="What it returned" label={all.data?.label} aside={lists.length > 0 && <ReturnsCsv lists={lists} />}>
                    <Show of={all}>{(d) => <ReturnPart d={d} lists={lists.filter((l) => l.scope !== 'all')} />}</Show>
                </Section>
                <RampUpPart />
                <ExperimentPart />
                <p class="small muted report-foot">
                    Labels: measured, counted from the CRM; simulated, made by the simulator of the demo; projection, computed ahead. Intervals are of 95 %: of twenty, one is expected to miss the truth. Where the data cannot tell, a sentence says so.
                </p>
            </div>
        </>
    );
}

const days = (items: Effect[], which: 'first_day' | 'last_day') =>
    items
        .map((e) => e[which])
        .filter((d): d is string => d !== null)
        .sort();

function EffectPart({ items }: { items: Effect[] }) {
    const all = items.find((e) => e.scope === 'all');
    if (items.length === 0) return <Empty title="No effect has been estimated yet" text="The nightly run estimates them." icon="effect" />;
    const rest = items.filter((e) => e.scope !== 'all' && e.estimate != null);
    return (
        <div class="stack wide-gap">
            {all && <p class="strong">{effectSentence(all)}</p>}
            {all && <AllAbout />}
            {SCOPES.map((s) => (
                <EffectTable key={s} title={SCOPE_TITLE[s]} items={items.filter((e) => e.scope === s)} />
            ))}
            {rest.length > 0 && (
                <p class="small muted">
                    Methods: {[...new Set(rest.map((e) => `${methodWords(e.method)} (${e.source})`))].join('; ')}. Data from {windowWords({ first_day: days(rest, 'first_day')[0] ?? null, last_day: days(rest, 'last_day').pop() ?? null })}. Agents: with it / without.
                </p>
            )}
        </div>
    );
}

/** The list does not carry method and assumptions: those of all coaching are asked for. */
function AllAbout() {
    const res = useResource<EffectDetail>('/v1/insight/effects/all/all');
    return res.data ? <EffectAbout e={res.data} open /> : null;
}

function ReturnPart({ d, lists }: { d: Returns; lists: Returns[] }) {
    const r = d.items[0];
    return (
        <div class="stack wide-gap">
            <MissingNotice d={d} mayChange={false} />
            {r ? <OneReturn r={r} d={d} open /> : <Empty title="No return yet" text="Returns are reckoned from effects." icon="coins" />}
            {lists
                .filter((l) => l.items.length > 0)
                .map((l) => (
                    <div key={l.scope} class="report-table">
                        <h3>{SCOPE_TITLE[l.scope]}</h3>
                        <ReturnTable d={l} link={false} />
                    </div>
                ))}
        </div>
    );
}

function RampUpPart() {
    const res = useResource<RampUp>('/v1/insight/rampup', { until: 'closing', landmark: 90 });
    return (
        <Section title="How fast new agents get there" label={res.data?.label}>
            <Show of={res}>
                {(r) => (
                    <div class="stack wide-gap">
                        {r.survival ? (
                            <>
                                <p class="strong">{rampUpSentence(r.survival)}</p>
                                <SurvivalPlot title="Agents who have got to their first closing" groups={r.survival.groups} from={r.landmark_days} horizon={r.survival.horizon} label={r.label} />
                            </>
                        ) : (
                            <p>{r.refusal}</p>
                        )}
                        <RampUpAbout r={r} open />
                    </div>
                )}
            </Show>
        </Section>
    );
}

function ExperimentPart() {
    const res = useResource<List<Experiment> & { label: Label }>('/v1/insight/experiments');
    return (
        <Section title="Experiments" label={res.data?.label}>
            <Show of={res}>
                {(d) =>
                    d.items.length === 0 ? (
                        <p>No experiment has been started.</p>
                    ) : (
                        <div class="stack wide-gap">
                            {d.items.slice(0, EXPERIMENTS_MAX).map((e) => (
                                <OneExperiment key={e.id} e={e} />
                            ))}
                            {d.items.length > EXPERIMENTS_MAX && <p class="small muted">The {EXPERIMENTS_MAX} newest of {fmt.int(d.items.length)}.</p>}
                        </div>
                    )
                }
            </Show>
        </Section>
    );
}

function OneExperiment({ e }: { e: Experiment }) {
    const res = useResource<ExperimentStatus>(`/v1/insight/experiments/${e.name}`);
    return (
        <div class="report-item">
            <h3>
                {e.name} <span class={`badge ${e.state === 'running' ? 'good' : ''}`}>{e.state}</span>
            </h3>
            <Show of={res} rows={1}>
                {(s) => (
                    <div class="stack">
                        <p>
                            {s.keys.map(fmt.words).join(', ')}.{' '}
                            {s.effect
                                ? `Being drawn changed ${s.outcome} by ${change(s, s.effect.estimate)} per agent so far; the interval that holds at every look is ${change(s, s.always_low)} to ${change(s, s.always_high)}.`
                                : `No effect can be told yet: ${s.refusal ?? ''}`}
                            {s.stop_reason ? ` Stopped: ${s.stop_reason}` : ''}
                        </p>
                        <About method={s.method} window={`${fmt.date(s.from)} to ${fmt.dayBefore(s.to)}`} sample={`${fmt.int(s.n_treated)} agents drawn who may get it, ${fmt.int(s.n_control)} held out; seed ${s.seed}`} assumes={s.assumes} label={s.label} open />
                    </div>
                )}
            </Show>
        </div>
    );
}
