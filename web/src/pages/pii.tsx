// Personal data: how much of what was found where in a period, by which rule, and what was done with it. Never a value.
import { useState } from 'preact/hooks';
import * as fmt from '../format';
import { useResource } from '../resource';
import type { PiiFinding, PiiReport } from '../types';
import { Empty, PageHead, Show } from '../ui/parts';

const PERIODS = [7, 30, 90, 365];
const DAY_MS = 86_400_000;
const daysAgo = (n: number) => new Date(Date.now() - n * DAY_MS).toISOString().slice(0, 10);

const PURPOSE: Record<string, string> = { store: 'before it was stored', log: 'before it was logged', model: 'before it went to a language model', export: 'before it was given away' };
const DONE: Record<string, string> = { keep: 'kept', redact: 'redacted', mask: 'masked', hash: 'hashed', pseudonym: 'replaced', generalise: 'made less exact', tokenise: 'sealed' };

const kind = (type: string) => type.charAt(0) + type.slice(1).toLowerCase().replace(/_/g, ' ');
const total = (items: PiiFinding[]) => items.reduce((sum, f) => sum + f.n, 0);

function csv(items: PiiFinding[]) {
    const cell = (v: string | number) => `"${String(v).replace(/"/g, '""')}"`;
    const lines = items.map((f) => [f.source, f.purpose, f.type, f.rule, f.action, f.n].map(cell).join(','));
    return `data:text/csv;charset=utf-8,${encodeURIComponent(['source,purpose,type,rule,action,n', ...lines].join('\r\n'))}`;
}

export function PiiPage() {
    const [days, setDays] = useState(30);
    const res = useResource<PiiReport>('/v1/pii/report', { from: daysAgo(days - 1), to: daysAgo(0) });
    return (
        <>
            <PageHead title="Personal data" sub="What was found in free text and what was done with it. Only counts are kept: no value stands here">
                <select class="select" aria-label="Period" value={days} onChange={(e) => setDays(Number(e.currentTarget.value))}>
                    {PERIODS.map((n) => (
                        <option key={n} value={n}>
                            Last {n} days
                        </option>
                    ))}
                </select>
            </PageHead>
            <Show of={res}>
                {(d) =>
                    d.items.length === 0 ? (
                        <Empty title="Nothing was found in this period" text="Free text of imports and of this console passes the guard before it is stored or logged; counts arrive within a minute." icon="lock" />
                    ) : (
                        <Findings report={d} />
                    )
                }
            </Show>
        </>
    );
}

function Findings({ report }: { report: PiiReport }) {
    return (
        <div class="card flush">
            <header>
                <h2>
                    {fmt.int(total(report.items))} findings, {fmt.date(report.from)} to {fmt.date(report.to)}
                </h2>
                <a class="btn small" href={csv(report.items)} download={`personal-data-${report.from}-${report.to}.csv`}>
                    CSV
                </a>
            </header>
            <div class="body scroll-x" tabIndex={0} role="region" aria-label="Findings">
                <table class="data wide">
                    <caption class="sr-only">Personal data found, the most frequent first</caption>
                    <thead>
                        <tr>
                            <th scope="col">Kind</th>
                            <th scope="col">Where</th>
                            <th scope="col">What was done</th>
                            <th scope="col">Found by</th>
                            <th scope="col" class="num">
                                Count
                            </th>
                        </tr>
                    </thead>
                    <tbody>
                        {[...report.items]
                            .sort((a, b) => b.n - a.n)
                            .map((f) => (
                                <tr key={`${f.source} ${f.purpose} ${f.type} ${f.rule} ${f.action}`}>
                                    <td class="strong nowrap">{kind(f.type)}</td>
                                    <td class="mono wrap-anywhere">{f.source}</td>
                                    <td>
                                        {DONE[f.action] ?? f.action} {PURPOSE[f.purpose] ?? f.purpose}
                                    </td>
                                    <td class="muted">{f.rule}</td>
                                    <td class="num">{fmt.int(f.n)}</td>
                                </tr>
                            ))}
                    </tbody>
                </table>
            </div>
        </div>
    );
}
