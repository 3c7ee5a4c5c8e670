// All agents, to find one.
import { useEffect, useState } from 'preact/hooks';
import { api } from '../api';
import * as fmt from '../format';
import { useResource } from '../resource';
import { Link, useQuery } from '../router';
import { tenantLabel, useMe } from '../session';
import type { AgentRow, Label, List } from '../types';
import { Empty, LabelBadge, Meter, PageHead, Show, toast } from '../ui/parts';

const PAGE = 100;
const TYPING_PAUSE_MS = 250;

export function AgentsPage() {
    const me = useMe();
    const [office, setOffice] = useQuery('location');
    const [q, setQ] = useQuery('q');
    const [typed, setTyped] = useState(q);
    const agents = useResource<List<AgentRow> & { label?: Label }>('/v1/agents', { location: office, q, limit: PAGE });
    useEffect(() => {
        if (typed === q) return;
        const t = setTimeout(() => setQ(typed), TYPING_PAUSE_MS);
        return () => clearTimeout(t);
    }, [typed]);
    const more = async () => {
        try {
            const page = await api.get<List<AgentRow>>('/v1/agents', { location: office, q, limit: PAGE, cursor: agents.data?.next });
            agents.set((d) => ({ ...d, items: [...d.items, ...page.items], next: page.next }));
        } catch (e) {
            toast((e as Error).message, true);
        }
    };
    return (
        <>
            <PageHead title="Agents">
                <LabelBadge label={agents.data?.label ?? tenantLabel(me)} />
                <input class="select search" type="search" placeholder="Find by name" aria-label="Find by name" value={typed} onInput={(e) => setTyped(e.currentTarget.value)} />
                {me.locations.length > 1 && (
                    <select class="select" aria-label="Office" value={office} onChange={(e) => setOffice(e.currentTarget.value)}>
                        <option value="">All offices</option>
                        {me.locations.map((l) => (
                            <option key={l.id} value={l.id}>
                                {l.name}
                            </option>
                        ))}
                    </select>
                )}
            </PageHead>
            <Show of={agents}>
                {(d) =>
                    d.items.length === 0 ? (
                        <Empty title="No agent matches" text={q ? `Nobody is called \u201c${q}\u201d here.` : 'Agents appear after the first import.'} />
                    ) : (
                        <div class="card flush">
                            <div class="body scroll-x" tabIndex={0} role="region" aria-label="Agents">
                                <table class="data middling">
                                    <caption class="sr-only">Agents</caption>
                                    <thead>
                                        <tr>
                                            <th scope="col">Agent</th>
                                            <th scope="col">Office</th>
                                            <th scope="col">Chance of the goal</th>
                                            <th scope="col" class="num">
                                                Closings, 30 days
                                            </th>
                                            <th scope="col" class="num">
                                                Target
                                            </th>
                                            <th scope="col">Since</th>
                                        </tr>
                                    </thead>
                                    <tbody>
                                        {d.items.map((a) => (
                                            <tr key={a.id}>
                                                <th scope="row">
                                                    <Link to={`/agents/${a.id}`}>{a.name}</Link>
                                                </th>
                                                <td>{a.location}</td>
                                                <td>
                                                    <ChanceCell value={a.probability} />
                                                </td>
                                                <td class="num">{fmt.int(a.closings_30d)}</td>
                                                <td class="num">{fmt.num1(a.target)}</td>
                                                <td class="nowrap muted">{fmt.date(a.started_on)}</td>
                                            </tr>
                                        ))}
                                    </tbody>
                                </table>
                            </div>
                            {d.next && (
                                <div class="pager">
                                    <button type="button" class="btn" onClick={more}>
                                        Show more
                                    </button>
                                </div>
                            )}
                        </div>
                    )
                }
            </Show>
        </>
    );
}

export function ChanceCell({ value }: { value: number | null }) {
    return (
        <span class="chance-cell">
            <span class="strong">{fmt.percent(value)}</span>
            {value != null && <Meter value={value} />}
        </span>
    );
}
