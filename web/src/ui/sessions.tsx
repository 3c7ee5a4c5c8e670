// Coaching sessions of an agent, and adding one.
import { useState } from 'preact/hooks';
import { api } from '../api';
import * as fmt from '../format';
import { useLive } from '../live';
import { useResource } from '../resource';
import type { List, PlaybookItem, Session } from '../types';
import { Card, Empty, Field, Folded, Modal, Show, toast, useAction } from './parts';
import { Sealed } from './sealed';

export function Sessions({ agentId, mayAdd }: { agentId: string; mayAdd: boolean }) {
    const res = useResource<List<Session>>(`/v1/agents/${agentId}/sessions`);
    const [adding, setAdding] = useState(false);
    useLive('session', (e) => {
        if (e.agent_id === agentId) res.reload();
    });
    return (
        <Card
            title="Coaching sessions"
            aside={
                mayAdd && (
                    <button type="button" class="btn" onClick={() => setAdding(true)}>
                        Add a session
                    </button>
                )
            }
        >
            <Show of={res} rows={1}>
                {(d) =>
                    d.items.length === 0 ? (
                        <Empty title="No sessions yet" icon="cal" />
                    ) : (
                        <Folded items={d.items} first={4} more="Earlier sessions">
                            {(s) => (
                                <li key={s.id} class="goal-line">
                                    <div class="row">
                                        <span class="strong">
                                            <Sealed text={topicWords(s.topic)} />
                                        </span>
                                        <span class="grow" />
                                        <time class="muted" dateTime={s.at}>
                                            {fmt.time(s.at)}
                                        </time>
                                    </div>
                                    <span class="muted">
                                        {fmt.int(s.minutes)} min{s.coach ? ` with ${s.coach}` : ''}
                                    </span>
                                    {s.notes && (
                                        <span>
                                            <Sealed text={s.notes} />
                                        </span>
                                    )}
                                </li>
                            )}
                        </Folded>
                    )
                }
            </Show>
            {adding && (
                <SessionDialog
                    agentId={agentId}
                    onClose={() => setAdding(false)}
                    onDone={() => {
                        setAdding(false);
                        toast('The session is stored');
                        res.reload();
                    }}
                />
            )}
        </Card>
    );
}

/** An imported topic may be the key of a playbook item. */
const topicWords = (t: string) => (/^[a-z][a-z0-9_]*$/.test(t) ? fmt.words(t[0]?.toUpperCase() + t.slice(1)) : t);

/** Now, in the form that an input of type datetime-local wants: the browser's own zone, no seconds. */
function localNow(): string {
    const d = new Date();
    return new Date(d.getTime() - d.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function SessionDialog({ agentId, onClose, onDone }: { agentId: string; onClose: () => void; onDone: () => void }) {
    const playbook = useResource<List<PlaybookItem>>('/v1/playbook');
    const [f, setF] = useState({ at: localNow(), minutes: '30', topic: '', playbook_key: '', notes: '' });
    const [wrong, setWrong] = useState<{ topic?: string; minutes?: string; at?: string }>({});
    const action = useAction();
    const set = (name: keyof typeof f) => (e: { currentTarget: { value: string } }) => setF({ ...f, [name]: e.currentTarget.value });
    const submit = (e: Event) => {
        e.preventDefault();
        const w: typeof wrong = {};
        const minutes = Number(f.minutes);
        if (!f.topic.trim()) w.topic = 'Please say what it was about.';
        if (!Number.isInteger(minutes) || minutes < 1 || minutes > 1440) w.minutes = 'Between 1 and 1,440 minutes.';
        if (Number.isNaN(Date.parse(f.at))) w.at = 'Please give a day and a time.';
        setWrong(w);
        if (Object.keys(w).length) return;
        action.run(async () => {
            await api.post<Session>(`/v1/agents/${agentId}/sessions`, {
                at: new Date(f.at).toISOString(),
                minutes,
                topic: f.topic.trim(),
                ...(f.playbook_key ? { playbook_key: f.playbook_key } : {}),
                ...(f.notes.trim() ? { notes: f.notes.trim() } : {}),
            });
            onDone();
        });
    };
    return (
        <Modal title="Add a session" onClose={onClose}>
            <form class="form" onSubmit={submit} noValidate>
                <Field label="Topic" wrong={wrong.topic}>
                    {(a) => <input {...a} data-autofocus maxLength={200} value={f.topic} onInput={set('topic')} />}
                </Field>
                <div class="pair">
                    <Field label="When" wrong={wrong.at}>
                        {(a) => <input {...a} type="datetime-local" value={f.at} onInput={set('at')} />}
                    </Field>
                    <Field label="Minutes" wrong={wrong.minutes}>
                        {(a) => <input {...a} type="number" min="1" max="1440" value={f.minutes} onInput={set('minutes')} />}
                    </Field>
                </div>
                <Field label="From the playbook (optional)">
                    {(a) => (
                        <select {...a} value={f.playbook_key} onChange={set('playbook_key')}>
                            <option value="">Nothing from it</option>
                            {(playbook.data?.items ?? []).map((i) => (
                                <option key={i.key} value={i.key}>
                                    {i.title}
                                </option>
                            ))}
                        </select>
                    )}
                </Field>
                <Field label="Notes (optional)">{(a) => <textarea {...a} maxLength={4000} value={f.notes} onInput={set('notes')} />}</Field>
                {action.wrong && (
                    <p class="notice bad" role="alert">
                        {action.wrong}
                    </p>
                )}
                <div class="actions">
                    <button type="button" class="btn quiet" onClick={onClose}>
                        Cancel
                    </button>
                    <button type="submit" class="btn primary" disabled={action.busy}>
                        Store the session
                    </button>
                </div>
            </form>
        </Modal>
    );
}
