// The talk between a coach and an agent: newest at the bottom, new ones are read out as they come.
import { useEffect, useRef, useState } from 'preact/hooks';
import { api } from '../api';
import * as fmt from '../format';
import { useLive } from '../live';
import { useResource } from '../resource';
import { useMe } from '../session';
import type { List, Message } from '../types';
import { MESSAGE_MAX } from './decision';
import { Card, Empty, Show, useAction } from './parts';
import { Sealed } from './sealed';

interface MessagesProps {
    agentId: string;
    title: string;
    mayWrite: boolean;
}

export function Messages({ agentId, title, mayWrite }: MessagesProps) {
    const me = useMe();
    const res = useResource<List<Message>>(`/v1/agents/${agentId}/messages`, { limit: 50 });
    const [text, setText] = useState('');
    const [fresh, setFresh] = useState<string[]>([]);
    const box = useRef<HTMLUListElement>(null);
    const action = useAction();
    const add = (m: Message) => res.set((d) => (d.items.some((x) => x.id === m.id) ? d : { ...d, items: [m, ...d.items] }));

    useLive('message', (e) => {
        if (e.agent_id !== agentId) return;
        add({ id: e.id, from_name: e.from_name, body: e.body, at: e.at, read_at: null, intervention_id: null });
        if (e.from_name !== me.user.name) setFresh((f) => [...f, e.id]);
    });
    useLive('resync', res.reload);
    const count = res.data?.items.length ?? 0;
    useEffect(() => {
        if (box.current) box.current.scrollTop = box.current.scrollHeight;
    }, [count]);

    const send = (e: Event) => {
        e.preventDefault();
        const body = text.trim();
        if (!body) return;
        action.run(async () => {
            add(await api.post<Message>(`/v1/agents/${agentId}/messages`, { body }));
            setText('');
        });
    };
    return (
        <Card title={title}>
            <Show of={res} rows={2}>
                {(d) => (
                    <ul class="bubbles" ref={box} aria-live="polite" aria-relevant="additions" aria-label={title} tabIndex={0}>
                        {d.items.length === 0 && (
                            <li>
                                <Empty title="No messages yet" icon="text" />
                            </li>
                        )}
                        {[...d.items].reverse().map((m) => (
                            <li key={m.id} class={`bubble ${m.from_name === me.user.name ? 'mine' : ''} ${fresh.includes(m.id) ? 'new' : ''}`}>
                                <small>
                                    {m.from_name} · <time dateTime={m.at}>{fmt.time(m.at)}</time>
                                </small>
                                <Sealed text={m.body} />
                            </li>
                        ))}
                    </ul>
                )}
            </Show>
            {mayWrite && (
                <form class="reply" onSubmit={send}>
                    <textarea
                        aria-label="Message"
                        placeholder="Write a message"
                        rows={2}
                        maxLength={MESSAGE_MAX}
                        value={text}
                        onInput={(e) => setText(e.currentTarget.value)}
                        onKeyDown={(e) => {
                            if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) send(e);
                        }}
                    />
                    <button type="submit" class="btn primary" disabled={action.busy || !text.trim()}>
                        Send
                    </button>
                    {action.wrong && (
                        <p class="notice bad" role="alert">
                            {action.wrong}
                        </p>
                    )}
                </form>
            )}
        </Card>
    );
}
