// Audit: who did what, when. Read only.
import { useState } from 'preact/hooks';
import { api } from '../api';
import * as fmt from '../format';
import { useResource } from '../resource';
import { useMe } from '../session';
import type { AuditRow, List } from '../types';
import { Empty, PageHead, Show, toast } from '../ui/parts';

const PAGE = 50;

const detailText = (d: unknown) => (d == null || JSON.stringify(d) === '{}' ? '' : typeof d === 'string' ? d : JSON.stringify(d));

export function AuditPage() {
    const me = useMe();
    const res = useResource<List<AuditRow>>('/v1/audit', { limit: PAGE });
    const [busy, setBusy] = useState(false);
    const more = async () => {
        setBusy(true);
        try {
            const page = await api.get<List<AuditRow>>('/v1/audit', { limit: PAGE, cursor: res.data?.next });
            res.set((d) => ({ ...d, items: [...d.items, ...page.items], next: page.next }));
        } catch (e) {
            toast((e as Error).message, true);
        } finally {
            setBusy(false);
        }
    };
    return (
        <>
            <PageHead title="Audit" sub="Who did what, newest first. Entries are only ever added; each one carries the hash of the one before" />
            <Show of={res}>
                {(d) =>
                    d.items.length === 0 ? (
                        <Empty title="Nothing recorded yet" icon="audit" />
                    ) : (
                        <div class="card flush">
                            <div class="body scroll-x" tabIndex={0} role="region" aria-label="Audit entries">
                                <table class="data wide">
                                    <caption class="sr-only">Audit entries, newest first</caption>
                                    <thead>
                                        <tr>
                                            <th scope="col">When</th>
                                            <th scope="col">Who</th>
                                            <th scope="col">What</th>
                                            <th scope="col">On</th>
                                            <th scope="col">Detail</th>
                                            <th scope="col" class="num">
                                                No.
                                            </th>
                                        </tr>
                                    </thead>
                                    <tbody>
                                        {d.items.map((a) => (
                                            <tr key={a.seq}>
                                                <td class="nowrap">{fmt.time(a.at)}</td>
                                                <td class={a.actor && a.actor !== me.user.id ? 'mono wrap-anywhere' : ''}>{a.actor === me.user.id ? `${me.user.name} (you)` : (a.actor ?? 'the system')}</td>
                                                <td class="strong nowrap">{a.action}</td>
                                                <td class="mono wrap-anywhere">{a.object ?? ''}</td>
                                                <td class="mono wrap-anywhere">{detailText(a.detail)}</td>
                                                <td class="num muted">{a.seq}</td>
                                            </tr>
                                        ))}
                                    </tbody>
                                </table>
                            </div>
                            {d.next && (
                                <div class="pager">
                                    <button type="button" class="btn" disabled={busy} onClick={more}>
                                        {busy ? 'Loading\u2026' : 'Show older entries'}
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
