// What the agent did, newest first.
import { useState } from 'preact/hooks';
import { api } from '../api';
import * as fmt from '../format';
import { useResource } from '../resource';
import type { Activity, List } from '../types';
import { Icon, type IconName } from './icon';
import { Card, Empty, Show, toast } from './parts';

const ICONS: Record<string, IconName> = { call: 'call', text: 'text', email: 'mail', appointment: 'cal', showing: 'office', offer: 'send', closing: 'check', task: 'check', note: 'edit', training: 'book' };
const PAGE = 15;

export function Timeline({ agentId }: { agentId: string }) {
    const path = `/v1/agents/${agentId}/activities`;
    const res = useResource<List<Activity>>(path, { limit: PAGE });
    const [busy, setBusy] = useState(false);
    const more = async () => {
        setBusy(true);
        try {
            const page = await api.get<List<Activity>>(path, { limit: PAGE, cursor: res.data?.next });
            res.set((d) => ({ ...d, items: [...d.items, ...page.items], next: page.next }));
        } catch (e) {
            toast((e as Error).message, true);
        } finally {
            setBusy(false);
        }
    };
    return (
        <Card title="Activity">
            <Show of={res} rows={3}>
                {(d) => (
                    <>
                        {d.items.length === 0 && <Empty title="No activity yet" text="It appears when the CRM sends some." />}
                        <ul class="timeline">
                            {d.items.map((a) => (
                                <li key={a.id}>
                                    <span class="dot">
                                        <Icon name={ICONS[a.kind] ?? 'clock'} size={15} />
                                    </span>
                                    <span>
                                        <span class="strong">{fmt.activityKind(a.kind)}</span>{' '}
                                        <span class="muted">{[a.direction === 'in' ? 'received' : '', fmt.words(a.outcome), fmt.duration(a.duration_s)].filter(Boolean).join(', ')}</span>
                                    </span>
                                    <time dateTime={a.at}>{fmt.time(a.at)}</time>
                                </li>
                            ))}
                        </ul>
                        {d.next && (
                            <div class="pager">
                                <button type="button" class="btn" disabled={busy} onClick={more}>
                                    Show more
                                </button>
                            </div>
                        )}
                    </>
                )}
            </Show>
        </Card>
    );
}
