// What the pages ROI and Report share: one return with its waterfall, and returns as a table.
import * as fmt from '../format';
import { MoneyPlot } from '../plot/money_plot';
import { Whisker, WhiskerAxis, whiskerScale } from '../plot/whisker';
import { Link } from '../router';
import type { Amount, Return, Returns, Scope } from '../types';
import { SCOPE_TITLE, change, methodWords, range, windowWords } from './effects';
import { inOrder, useFirst } from './long_list';
import { Empty } from './parts';
import { About, CsvLink } from './report';

const between = (a: { ci_low: number; ci_high: number }, show: (v: number) => string) => `${show(a.ci_low)} to ${show(a.ci_high)}`;
const closings = { outcome: 'closings' } as const;

export function returnSentence(r: Return, d: Returns): string {
    if (!r.net || r.p_payback === null) return r.refusal ?? 'There is no answer.';
    const when = `from ${fmt.date(d.from)} to ${fmt.dayBefore(d.to)}`;
    const much = r.net.estimate < 0 ? `cost ${fmt.money(-r.net.estimate)} more than it brought` : `returned ${fmt.money(r.net.estimate)} more than it cost`;
    const sure = r.net.ci_low > 0 ? 'It has paid back.' : r.net.ci_high < 0 ? 'It has not paid back.' : 'The interval holds zero: the data do not tell whether it has paid back.';
    return `${r.title} ${much} ${when} (95 % interval ${between(r.net, fmt.money)}). ${sure}`;
}

const COMMISSION: Record<Return['commission']['source'], string> = { setting: 'as set', office: 'the mean of the office\u2019s closings', all: 'the mean of the brokerage\u2019s closings' };

function commissionWords(c: Return['commission']): string {
    if (c.cents === null) return 'not known';
    return `${fmt.money(c.cents)}, ${COMMISSION[c.source]}${c.source === 'setting' ? '' : ` (${fmt.int(c.n_closings)}, standard error ${fmt.money(c.se_cents)})`}`;
}

export function ReturnAbout({ r, d, open }: { r: Return; d: Returns; open?: boolean }) {
    const e = r.effect;
    return (
        <About
            method={`${d.method}. Effect by ${methodWords(e.method)} (${e.source}); ${fmt.int(d.draws)} draws.`}
            window={`Returned ${fmt.date(d.from)} to ${fmt.dayBefore(d.to)}; effect from data of ${windowWords(e)}`}
            sample={`${fmt.int(r.n_coachings)} coachings of ${fmt.int(r.n_agents)} agents over ${fmt.num1(r.agent_months)} agent-months; effect from ${fmt.int(e.n_treated)} agents with it and ${fmt.int(e.n_control)} without; commission ${commissionWords(r.commission)}`}
            assumes={d.assumes}
            label={r.label}
            {...(open ? { open } : {})}
        />
    );
}

function Figures({ r }: { r: Return }) {
    return (
        <dl class="figures">
            <div class="figure">
                <dt>Chance that it has paid back</dt>
                <dd>{fmt.chance(r.p_payback)}</dd>
            </div>
            <div class="figure">
                <dt>Net for each unit of cost</dt>
                <dd>
                    {r.ratio ? (
                        <>
                            {fmt.fixed2(r.ratio.estimate)} <small>{between(r.ratio, fmt.fixed2)}</small>
                        </>
                    ) : (
                        <small>{r.ratio_refusal}</small>
                    )}
                </dd>
            </div>
            <div class="figure">
                <dt>Breaks even at an effect of</dt>
                <dd>
                    {change(closings, r.break_even_effect)}{' '}
                    <small>
                        found: {change(closings, r.effect.estimate)} ({range((v) => change(closings, v), r.effect)})
                    </small>
                </dd>
            </div>
            <div class="figure">
                <dt>Licence at which net is zero</dt>
                <dd>
                    {r.break_even_licence !== null && r.break_even_licence < 0 ? <small>none: it would not pay back for nothing</small> : fmt.money(r.break_even_licence)} <small>an agent and month</small>
                </dd>
            </div>
        </dl>
    );
}

export function OneReturn({ r, d, open }: { r: Return; d: Returns; open?: boolean }) {
    const about = <ReturnAbout r={r} d={d} {...(open ? { open } : {})} />;
    if (!r.net)
        return (
            <div class="stack">
                <Empty title="No return can be told" text={r.refusal ?? ''} icon="coins" />
                {about}
            </div>
        );
    return (
        <div class="stack wide-gap">
            <p class="strong">{returnSentence(r, d)}</p>
            <Figures r={r} />
            <MoneyPlot r={r} label={r.label} />
            {about}
        </div>
    );
}

const CSV_HEAD = ['scope', 'name', 'title', 'from', 'to', 'currency', 'agents', 'agent_months', 'coachings', 'value_cents', 'cost_cents', 'net_cents', 'net_ci_low_cents', 'net_ci_high_cents', 'ratio', 'ratio_ci_low', 'ratio_ci_high', 'p_payback', 'break_even_effect', 'break_even_licence_cents', 'effect', 'effect_ci_low', 'effect_ci_high', 'effect_source', 'refusal', 'label'];

export function ReturnsCsv({ lists }: { lists: Returns[] }) {
    const rows = lists.flatMap((d) =>
        d.items.map((r) => [r.scope, r.name, r.title, d.from, d.to, d.currency, r.n_agents, r.agent_months, r.n_coachings, r.value?.estimate, r.cost?.estimate, r.net?.estimate, r.net?.ci_low, r.net?.ci_high, r.ratio?.estimate, r.ratio?.ci_low, r.ratio?.ci_high, r.p_payback, r.break_even_effect, r.break_even_licence, r.effect.estimate, r.effect.ci_low, r.effect.ci_high, r.effect.source, r.refusal, r.label]),
    );
    const d = lists[0];
    return <CsvLink name={`roi${d ? `-${d.from}-${d.to}` : ''}`} head={CSV_HEAD} rows={rows} />;
}

const asBounds = (a: Amount | null) => a ?? { estimate: null, ci_low: null, ci_high: null };
export const returnPath = (r: { scope: Scope; name: string }) => `/roi?scope=${r.scope}&name=${encodeURIComponent(r.name)}`;

export function ReturnTable({ d, link = true }: { d: Returns; link?: boolean }) {
    const scale = whiskerScale(d.items.map((r) => asBounds(r.net)));
    const title = SCOPE_TITLE[d.scope];
    const named = d.scope === 'coach' || d.scope === 'office';
    const { shown, button } = useFirst(named ? inOrder(d.items) : d.items);
    return (
        <>
            <div class="scroll-x" tabIndex={0} role="region" aria-label={`Table of returns: ${title}`}>
                <table class="data wide effects returns">
                    <caption class="sr-only">Returns {title.toLowerCase()}: value, cost and net</caption>
                    <colgroup>
                        <col class="c-name" />
                        <col />
                        <col class="c-range" />
                        <col class="c-plot" />
                        <col />
                        <col />
                        <col />
                        <col class="c-last" />
                    </colgroup>
                    <thead>
                        <tr>
                            <th scope="col">Name</th>
                            <th scope="col" class="num">
                                Net
                            </th>
                            <th scope="col" class="num">
                                95 % interval
                            </th>
                            <th scope="col" class="c-plot">
                                <span class="sr-only">Plot of the net</span>
                                <WhiskerAxis scale={scale} tick={fmt.moneyShort} />
                            </th>
                            <th scope="col" class="num">
                                Value
                            </th>
                            <th scope="col" class="num">
                                Cost
                            </th>
                            <th scope="col" class="num">
                                Pays back
                            </th>
                            <th scope="col" class="num">
                                Coachings
                            </th>
                        </tr>
                    </thead>
                    <tbody>
                        {shown.map((r) => (
                            <tr key={r.name} class={r.net ? '' : 'refused'}>
                                <th scope="row">{link ? <Link to={returnPath(r)}>{r.title}</Link> : r.title}</th>
                                {r.net ? (
                                    <>
                                        <td class="num strong">{fmt.money(r.net.estimate)}</td>
                                        <td class="num nowrap">{between(r.net, fmt.money)}</td>
                                        <td>
                                            <Whisker e={r.net} scale={scale} />
                                        </td>
                                        <td class="num">{fmt.money(r.value?.estimate)}</td>
                                        <td class="num">{fmt.money(r.cost?.estimate)}</td>
                                        <td class="num">{fmt.chance(r.p_payback)}</td>
                                    </>
                                ) : (
                                    <td colSpan={6} class="muted">
                                        <span class="refusal">{r.refusal}</span>
                                    </td>
                                )}
                                <td class="num">{fmt.int(r.n_coachings)}</td>
                            </tr>
                        ))}
                    </tbody>
                </table>
            </div>
            {button}
        </>
    );
}
