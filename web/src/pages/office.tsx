// Offices: all of them side by side, and one with its agents, its medians and its weeks.
import { useState } from 'preact/hooks';
import * as fmt from '../format';
import { TimePlot } from '../plot/time_plot';
import { useResource } from '../resource';
import { Link } from '../router';
import { tenantLabel, useMe } from '../session';
import type { Label, List, LocationRow, Office, OfficeAgent } from '../types';
import { Card, Empty, LabelBadge, PageHead, Show } from '../ui/parts';
import { ChanceCell } from './agents';

export function OfficesPage() {
    const me = useMe();
    const res = useResource<List<LocationRow> & { label?: Label }>('/v1/locations');
    return (
        <>
            <PageHead title="Offices">
                <LabelBadge label={res.data?.label ?? tenantLabel(me)} />
            </PageHead>
            <Show of={res}>
                {(d) =>
                    d.items.length === 0 ? (
                        <Empty title="No office yet" />
                    ) : (
                        <ul class="play-grid">
                            {d.items.map((l) => (
                                <li key={l.id} class="card play">
                                    <h2>
                                        <Link to={`/offices/${l.id}`}>{l.name}</Link>
                                    </h2>
                                    <dl class="figures">
                                        <div class="figure">
                                            <dt>Agents</dt>
                                            <dd>{fmt.int(l.agents)}</dd>
                                        </div>
                                        <div class="figure">
                                            <dt>Closings, 30 days</dt>
                                            <dd>{fmt.int(l.closings_30d)}</dd>
                                        </div>
                                        <div class="figure">
                                            <dt>Mean chance</dt>
                                            <dd>{fmt.percent(l.mean_probability)}</dd>
                                        </div>
                                    </dl>
                                    <footer>
                                        <Link to={`/today?location=${l.id}`}>
                                            {fmt.int(l.open_interventions)} open {l.open_interventions === 1 ? 'suggestion' : 'suggestions'}
                                            <span class="sr-only"> in {l.name}</span>
                                        </Link>
                                    </footer>
                                </li>
                            ))}
                        </ul>
                    )
                }
            </Show>
        </>
    );
}

export function OfficePage({ id }: { id: string }) {
    const res = useResource<Office>(`/v1/locations/${id}`);
    return (
        <>
            {!res.data && <PageHead title="Office" />}
            <Show of={res}>
                {(o) => (
                    <>
                        <PageHead title={o.name} sub={`As of ${fmt.date(o.as_of)}`}>
                            <LabelBadge label={o.label} />
                            <Link class="btn" to={`/today?location=${o.id}`}>
                                Today in this office
                            </Link>
                        </PageHead>
                        <div class="grid two">
                            <AgentsTable agents={o.agents} />
                            <div class="stack">
                                <Card title="Trend">
                                    <div class="stack wide-gap">
                                        <TimePlot title="Closings" unit="per week" dates={o.trend.weeks} series={[{ name: 'Closings', values: o.trend.closings ?? [], kind: 'bar' }]} format={fmt.int} label={o.label} whole />
                                        <TimePlot title="New leads" unit="per week" dates={o.trend.weeks} series={[{ name: 'New leads', values: o.trend.leads ?? [], kind: 'line' }]} format={fmt.int} label={o.label} whole />
                                    </div>
                                </Card>
                                <Medians office={o} />
                            </div>
                        </div>
                    </>
                )}
            </Show>
        </>
    );
}

type SortKey = 'name' | 'probability' | 'closings_30d' | 'closings_90d' | 'target';
const COLUMNS: { key: SortKey; text: string; num: boolean }[] = [
    { key: 'name', text: 'Agent', num: false },
    { key: 'probability', text: 'Chance', num: false },
    { key: 'closings_30d', text: '30 days', num: true },
    { key: 'closings_90d', text: '90 days', num: true },
    { key: 'target', text: 'Target', num: true },
];

function compare(a: OfficeAgent, b: OfficeAgent, key: SortKey): number {
    if (key === 'name') return a.name.localeCompare(b.name);
    return (a[key] ?? -1) - (b[key] ?? -1);
}

function AgentsTable({ agents }: { agents: OfficeAgent[] }) {
    const [sort, setSort] = useState<{ key: SortKey; down: boolean }>({ key: 'probability', down: false });
    const rows = [...agents].sort((a, b) => compare(a, b, sort.key) * (sort.down ? -1 : 1));
    return (
        <Card title="Agents" flush>
            {agents.length === 0 ? (
                <Empty title="No agents in this office" />
            ) : (
                <div class="scroll-x" tabIndex={0} role="region" aria-label="Agents of the office">
                    <table class="data middling">
                        <caption class="sr-only">Agents of the office with their chance, closings and target</caption>
                        <thead>
                            <tr>
                                {COLUMNS.map((c) => (
                                    <th key={c.key} scope="col" class={c.num ? 'num' : ''} aria-sort={sort.key === c.key ? (sort.down ? 'descending' : 'ascending') : 'none'}>
                                        <button type="button" onClick={() => setSort({ key: c.key, down: sort.key === c.key ? !sort.down : c.num })}>
                                            {c.text}
                                            <span aria-hidden="true">{sort.key === c.key ? (sort.down ? '↓' : '↑') : ''}</span>
                                        </button>
                                    </th>
                                ))}
                            </tr>
                        </thead>
                        <tbody>
                            {rows.map((a) => (
                                <tr key={a.id}>
                                    <th scope="row">
                                        <Link to={`/agents/${a.id}`}>{a.name}</Link>
                                        {a.why && <small class="why-small">{a.why}</small>}
                                    </th>
                                    <td>
                                        <ChanceCell value={a.probability} />
                                    </td>
                                    <td class="num">{fmt.int(a.closings_30d)}</td>
                                    <td class="num">{fmt.int(a.closings_90d)}</td>
                                    <td class="num">{fmt.num1(a.target)}</td>
                                </tr>
                            ))}
                        </tbody>
                    </table>
                </div>
            )}
        </Card>
    );
}

const FIRST_MEDIANS = 12;

function Medians({ office }: { office: Office }) {
    const [all, setAll] = useState(false);
    const known = office.medians.filter((m) => m.median != null && !m.feature.startsWith('season_'));
    const shown = all ? known : known.slice(0, FIRST_MEDIANS);
    return (
        <Card title="Medians of the office" aside={<LabelBadge label={office.label} />}>
            {known.length === 0 && <Empty title="No figures yet" />}
            <table class="data">
                <caption class="sr-only">Medians of the office</caption>
                <thead class="sr-only">
                    <tr>
                        <th scope="col">Figure</th>
                        <th scope="col">Median</th>
                    </tr>
                </thead>
                <tbody>
                    {shown.map((m) => (
                        <tr key={m.feature}>
                            <th scope="row">{m.label}</th>
                            <td class="num nowrap">{fmt.value(m.median, m.unit)}</td>
                        </tr>
                    ))}
                </tbody>
            </table>
            {known.length > FIRST_MEDIANS && (
                <div class="pager">
                    <button type="button" class="btn quiet" aria-expanded={all} onClick={() => setAll(!all)}>
                        {all ? 'Show fewer' : `Show all ${known.length}`}
                    </button>
                </div>
            )}
        </Card>
    );
}
