// Leaderboard: closings of the fiscal month or quarter against the goal and the pacer who reaches it on the last day.
import { useState } from 'preact/hooks';
import * as fmt from '../format';
import { useResource } from '../resource';
import { Link } from '../router';
import type { Leader, Leaderboard, Money } from '../types';
import { Card, Empty, LabelBadge, PageHead, Show, predictionLabel, targetLabel } from '../ui/parts';
import { About, CsvLink, OfficeSelect, PrintButton } from '../ui/report';

const MONTHS = Array.from({ length: 12 }, (_, m) => new Intl.DateTimeFormat(navigator.language || 'en-US', { month: 'long', timeZone: 'UTC' }).format(Date.UTC(2026, m, 1)));

export function LeaderboardPage() {
    const [period, setPeriod] = useState('month');
    const money = useResource<Money>('/v1/insight/money');
    const [chosen, setStarts] = useState<number | null>(null);
    const starts = chosen ?? money.data?.fiscal_start ?? 1;
    const [location, setLocation] = useState('');
    const res = useResource<Leaderboard>('/v1/insight/leaderboard', { period, location: location || null, year_starts: period === 'quarter' ? starts : null });
    return (
        <>
            <PageHead title="Leaderboard" sub={res.data ? `${fmt.date(res.data.from)} to ${fmt.date(res.data.to)}, before ${fmt.date(res.data.as_of)}` : 'Closings against goal and pacer'}>
                {res.data && <LabelBadge label={res.data.label} />}
                <OfficeSelect value={location} onChange={setLocation} />
                <select class="select" aria-label="Period" value={period} onChange={(e) => setPeriod(e.currentTarget.value)}>
                    <option value="month">This month</option>
                    <option value="quarter">This fiscal quarter</option>
                </select>
                {period === 'quarter' && (
                    <select class="select" aria-label="Fiscal year starts in" value={starts} onChange={(e) => setStarts(Number(e.currentTarget.value))}>
                        {MONTHS.map((name, m) => (
                            <option key={name} value={m + 1}>
                                Year starts in {name}
                            </option>
                        ))}
                    </select>
                )}
                <PrintButton />
            </PageHead>
            <Show of={res}>{(d) => (d.n_agents === 0 ? <Empty title="No agents here yet" /> : <Board d={d} />)}</Show>
        </>
    );
}

function Board({ d }: { d: Leaderboard }) {
    return (
        <div class="stack">
            <Card title={`Day ${fmt.int(d.days_passed)} of ${fmt.int(d.days)}`}>
                <div class="stack wide-gap">
                    <dl class="figures">
                        <div class="figure">
                            <dt>
                                Closings <LabelBadge label={d.label} />
                            </dt>
                            <dd>{fmt.int(d.closings)}</dd>
                        </div>
                        <div class="figure">
                            <dt>
                                The pacers have <LabelBadge label={targetLabel(d.label)} />
                            </dt>
                            <dd>{fmt.num1(d.pacer)}</dd>
                        </div>
                        <div class="figure">
                            <dt>At or ahead of their pacer</dt>
                            <dd>
                                {fmt.int(d.n_on_pace)} <small>of {fmt.int(d.n_with_goal)} with a goal</small>
                            </dd>
                        </div>
                    </dl>
                    <About method={d.method} window={`${fmt.date(d.from)} to the day before ${fmt.date(d.as_of)}; before: as many days from the start of the period before`} sample={`${fmt.int(d.n_agents)} agents who have not left, ${fmt.int(d.n_with_goal)} with a goal for closings${d.items.length < d.n_agents ? `; the first ${fmt.int(d.items.length)} are shown` : ''}`} assumes={d.assumes} label={d.label} />
                </div>
            </Card>
            <Agents d={d} />
        </div>
    );
}

function Agents({ d }: { d: Leaderboard }) {
    const rows = d.items.map((l) => [l.rank, l.name, l.location, l.closings, l.pacer, l.gap, l.goal, l.pace, l.before, d.label]);
    const csv = <CsvLink name={`leaderboard-${d.from}-${d.as_of}`} head={['rank', 'agent', 'office', 'closings', 'pacer', 'gap', 'goal', 'at_this_pace', 'before', 'label']} rows={rows} />;
    const most = Math.max(1, ...d.items.map((l) => Math.max(l.closings, l.goal ?? 0)));
    return (
        <Card title="Agents" flush aside={csv}>
            <div class="scroll-x" tabIndex={0} role="region" aria-label="Leaderboard">
                <table class="data wide">
                    <caption class="sr-only">Agents, most closings first, against pacer and goal</caption>
                    <thead>
                        <tr>
                            <th scope="col" class="num">
                                Rank
                            </th>
                            <th scope="col">Agent</th>
                            <th scope="col">Closings, pacer and goal</th>
                            <th scope="col" class="num">
                                Closings
                            </th>
                            <th scope="col" class="num">
                                Against pacer
                            </th>
                            <th scope="col" class="num">
                                Goal <LabelBadge label={targetLabel(d.label)} />
                            </th>
                            <th scope="col" class="num">
                                At this pace <LabelBadge label={predictionLabel(d.label)} />
                            </th>
                            <th scope="col" class="num">
                                Before
                            </th>
                        </tr>
                    </thead>
                    <tbody>
                        {d.items.map((l) => (
                            <tr key={l.agent_id}>
                                <td class="num">{fmt.int(l.rank)}</td>
                                <th scope="row">
                                    <Link to={`/agents/${l.agent_id}`}>{l.name}</Link>
                                    <small class="why-small">{l.location}</small>
                                </th>
                                <td>
                                    <Race l={l} most={most} />
                                </td>
                                <td class="num">{fmt.int(l.closings)}</td>
                                <td class="num nowrap">{l.gap == null ? fmt.DASH : `${fmt.points(l.gap)} ${l.gap < 0 ? 'behind' : 'ahead'}`}</td>
                                <td class="num">{fmt.num1(l.goal)}</td>
                                <td class="num">{fmt.num1(l.pace)}</td>
                                <td class="num">{fmt.int(l.before)}</td>
                            </tr>
                        ))}
                    </tbody>
                </table>
            </div>
        </Card>
    );
}

/** A bar of the closings, a line where the pacer is, and a ring at the goal. The numbers stand beside it. */
function Race({ l, most }: { l: Leader; most: number }) {
    const at = (v: number) => `${((v / most) * 94 + 2).toFixed(1)}%`;
    return (
        <svg class="race" height="20" aria-hidden="true" focusable="false">
            <line class="track" x1={at(0)} x2={at(most)} y1="10" y2="10" />
            <rect class={l.gap != null && l.gap < 0 ? 'behind' : ''} x={at(0)} width={`${((l.closings / most) * 94).toFixed(1)}%`} y="6" height="8" rx="3" />
            {l.goal != null && <circle cx={at(l.goal)} cy="10" r="4.500" />}
            {l.pacer != null && <line class="pacer" x1={at(l.pacer)} x2={at(l.pacer)} y1="1" y2="19" />}
        </svg>
    );
}
