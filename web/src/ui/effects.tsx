// What the pages of effects and returns share: their words, how a figure of them is written, tables of effects.
import { chanceSentence } from '../chance';
import * as fmt from '../format';
import { Whisker, WhiskerAxis, whiskerScale } from '../plot/whisker';
import { Link } from '../router';
import type { Bounds, Effect, EffectTier, Scope } from '../types';
import { inOrder, useFirst } from './long_list';
import { CsvLink } from './report';
import { Card } from './parts';

export const SCOPES: Scope[] = ['all', 'intervention', 'programme', 'coach', 'office'];
export const SCOPE_TITLE: Record<Scope, string> = { all: 'All coaching', intervention: 'By intervention', programme: 'By programme', coach: 'By coach', office: 'By office' };
export const TIERS = ['Fewest', 'Middle', 'Most'];

const METHODS: Record<string, string> = {
    'staggered-did': 'difference in differences, staggered starts',
    cuped: 'experiment, adjusted by the outcome before',
    rct: 'experiment, difference of means',
};
export const methodWords = (m: string | null) => (m === null ? 'no method was run' : (METHODS[m] ?? fmt.words(m)));

export type OfOutcome = Pick<Effect, 'outcome'>;
/** Commission comes in whole units of the currency. */
export const change = (e: OfOutcome, v: number | null) => (e.outcome === 'commission' ? fmt.moneyChange(v == null ? null : v * 100) : fmt.change(v));
export const tick = (e: OfOutcome) => (v: number) => (e.outcome === 'commission' ? fmt.moneyShort(v * 100) : fmt.num2(v));
export const range = (show: (v: number | null) => string, e: Bounds) => (e.ci_low == null || e.ci_high == null ? fmt.DASH : `${show(e.ci_low)} to ${show(e.ci_high)}`);
export const effectPath = (e: Pick<Effect, 'scope' | 'name'>) => `/effect/${e.scope}/${encodeURIComponent(e.name)}`;

/** One sentence: what the data say, and whether they are sure of it. */
export function effectSentence(e: Effect): string {
    if (e.estimate == null || e.ci_low == null || e.ci_high == null) return `${e.title}: ${e.refusal ?? 'there is no answer'}`.replace(/[^.]$/, '$&.');
    const what = `${e.title} changed ${e.outcome} by ${change(e, e.estimate)} per agent and ${e.per_days} days (95 % interval ${range((v) => change(e, v), e)}).`;
    if (e.ci_low > 0) return `${what} The interval lies above zero: it helped.`;
    if (e.ci_high < 0) return `${what} The interval lies below zero: it did harm.`;
    return `${what} The interval holds zero: the data do not tell whether it helped.`;
}

export const sampleWords = (e: Pick<EffectTier, 'n_treated' | 'n_control'>) => `${fmt.int(e.n_treated)} agents with it, ${fmt.int(e.n_control)} without`;
export const windowWords = (e: Pick<EffectTier, 'first_day' | 'last_day'>) => (e.first_day ? `${fmt.date(e.first_day)} to ${fmt.date(e.last_day)}` : 'no data');

const CSV_HEAD = ['scope', 'name', 'title', 'outcome', 'tier', 'estimate', 'ci_low', 'ci_high', 'p', 'per_days', 'source', 'method', 'estimand', 'n_treated', 'n_control', 'first_day', 'last_day', 'refusal', 'label', 'made_at'];

export function EffectsCsv({ items }: { items: Effect[] }) {
    const row = (e: Effect, t: EffectTier) => [e.scope, e.name, e.title, e.outcome, t.tier < 0 ? 'all' : (TIERS[t.tier]?.toLowerCase() ?? t.tier), t.estimate, t.ci_low, t.ci_high, t.p, t.per_days, t.source, t.method, t.estimand, t.n_treated, t.n_control, t.first_day, t.last_day, t.refusal, t.label, t.made_at];
    return <CsvLink name="effects" head={CSV_HEAD} rows={items.flatMap((e) => [row(e, e), ...e.tiers.map((t) => row(e, t))])} />;
}

const tierOf = (e: Effect, tier: number) => e.tiers.find((t) => t.tier === tier) ?? null;

/** The effects of one scope, on one axis. Where the data give none, the sentence stands in its place. */
export function EffectTable({ title, items }: { title: string; items: Effect[] }) {
    const scale = whiskerScale(items);
    const first = items[0];
    const named = first?.scope === 'coach' || first?.scope === 'office';
    const { shown, button } = useFirst(named ? inOrder(items) : items);
    const chance = chanceSentence(items);
    if (!first) return null;
    return (
        <Card title={title} flush>
            <div class="scroll-x" tabIndex={0} role="region" aria-label={`Table of effects: ${title}`}>
                <table class="data wide effects">
                    <caption class="sr-only">
                        {title}: effect on {first.outcome} per agent and {first.per_days} days
                    </caption>
                    <colgroup>
                        <col class="c-name" />
                        <col />
                        <col class="c-range" />
                        <col class="c-plot" />
                        <col />
                        <col />
                        <col />
                        <col class="c-source" />
                        <col class="c-last" />
                    </colgroup>
                    <thead>
                        <tr>
                            <th scope="col" rowSpan={2}>
                                Name
                            </th>
                            <th scope="col" rowSpan={2} class="num">
                                Effect
                            </th>
                            <th scope="col" rowSpan={2} class="num">
                                95 % interval
                            </th>
                            <th scope="col" rowSpan={2} class="c-plot">
                                <span class="sr-only">Plot</span>
                                <WhiskerAxis scale={scale} tick={tick(first)} />
                            </th>
                            <th scope="colgroup" colSpan={3} class="group">
                                By third of closings before
                            </th>
                            <th scope="col" rowSpan={2}>
                                Source
                            </th>
                            <th scope="col" rowSpan={2} class="num">
                                Agents
                            </th>
                        </tr>
                        <tr>
                            {TIERS.map((t) => (
                                <th key={t} scope="col" class="num">
                                    {t}
                                </th>
                            ))}
                        </tr>
                    </thead>
                    <tbody>
                        {shown.map((e) => (
                            <EffectRow key={`${e.scope}/${e.name}`} e={e} scale={scale} />
                        ))}
                    </tbody>
                </table>
            </div>
            {button}
            {chance && <p class="small muted inset">{chance}</p>}
        </Card>
    );
}

function EffectRow({ e, scale }: { e: Effect; scale: ReturnType<typeof whiskerScale> }) {
    const name = (
        <th scope="row">
            <Link to={effectPath(e)}>{e.title}</Link>
        </th>
    );
    const agents = (
        <td class="num nowrap">
            {fmt.int(e.n_treated)} <small class="muted">/ {fmt.int(e.n_control)}</small>
        </td>
    );
    const source = (
        <td>
            <span class={`badge ${e.source === 'experiment' ? 'good' : ''}`}>{e.source}</span>
        </td>
    );
    if (e.refusal)
        return (
            <tr class="refused">
                {name}
                <td colSpan={6} class="muted">
                    <span class="refusal">{fmt.sentence(e.refusal)}</span>
                </td>
                {source}
                {agents}
            </tr>
        );
    return (
        <tr>
            {name}
            <td class="num strong">{change(e, e.estimate)}</td>
            <td class="num nowrap">{range((v) => change(e, v), e)}</td>
            <td>
                <Whisker e={e} scale={scale} />
            </td>
            {TIERS.map((t, k) => {
                const tier = tierOf(e, k);
                return (
                    <td key={t} class="num">
                        {tier?.estimate == null ? <span title={tier?.refusal ?? 'not estimated'}>{fmt.DASH}</span> : change(e, tier.estimate)}
                    </td>
                );
            })}
            {source}
            {agents}
        </tr>
    );
}
