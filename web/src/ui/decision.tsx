// What a coach does with a suggestion: send it, change it for another item of the playbook, or refuse it with a reason.
import { useState } from 'preact/hooks';
import { ApiError, api } from '../api';
import { useResource } from '../resource';
import type { Intervention, List, PlaybookItem, Suggestion } from '../types';
import { Field, Modal, useAction } from './parts';

export type DecisionKind = 'accept' | 'change' | 'refuse';

const TITLES: Record<DecisionKind, string> = { accept: 'Send to', change: 'Send something else to', refuse: 'Refuse the suggestion for' };

interface DecisionProps {
    kind: DecisionKind;
    agentName: string;
    intervention: Suggestion;
    others: Suggestion[];
    presetKey?: string | undefined;
    onClose: () => void;
    onDone: (result: Intervention, kind: DecisionKind) => void;
}

export const MESSAGE_MAX = 4000;
const REASON_MAX = 1000;

export function DecisionDialog(p: DecisionProps) {
    const [message, setMessage] = useState('');
    const [reason, setReason] = useState('');
    const [key, setKey] = useState(p.presetKey ?? '');
    const [missing, setMissing] = useState<{ reason?: string; key?: string }>({});
    const action = useAction();
    const needsReason = p.kind !== 'accept';

    const submit = (e: Event) => {
        e.preventDefault();
        const m: typeof missing = {};
        if (needsReason && !reason.trim()) m.reason = 'Please say why: the reason helps to suggest better next time.';
        if (p.kind === 'change' && !key) m.key = 'Please choose what to send instead.';
        setMissing(m);
        if (m.reason || m.key) return;
        action.run(async () => {
            try {
                const result = await api.post<Intervention>(`/v1/interventions/${p.intervention.id}/decision`, {
                    decision: p.kind,
                    ...(needsReason ? { reason: reason.trim() } : {}),
                    ...(p.kind === 'change' ? { key } : {}),
                    ...(p.kind !== 'refuse' && message.trim() ? { message: message.trim() } : {}),
                });
                p.onDone(result, p.kind);
            } catch (err) {
                if (err instanceof ApiError && err.status === 409) throw new Error('Somebody has already decided this one. Reload the list to see how.');
                throw err;
            }
        });
    };

    return (
        <Modal title={`${TITLES[p.kind]} ${p.agentName}`} onClose={p.onClose}>
            <form
                class="form"
                onSubmit={submit}
                noValidate
                onKeyDown={(e) => {
                    if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) submit(e);
                }}
            >
                <div class="quote">
                    <b>{p.intervention.title}</b>
                    {p.intervention.reason.text}
                    {p.intervention.reason.learned && <p class="small muted">{p.intervention.reason.learned}.</p>}
                </div>
                {p.kind === 'change' && <PlaybookChoice current={p.intervention.key} others={p.others} value={key} onChange={setKey} wrong={missing.key} />}
                {needsReason && (
                    <Field label="Reason" wrong={missing.reason}>
                        {(a) => (
                            <textarea {...a} data-autofocus={p.kind === 'refuse' || p.presetKey ? '' : undefined} maxLength={REASON_MAX} value={reason} required onInput={(e) => setReason(e.currentTarget.value)} />
                        )}
                    </Field>
                )}
                {p.kind !== 'refuse' && (
                    <Field label="Message to the agent (optional)" hint="It appears at once on the agent's page, with the steps.">
                        {(a) => (
                            <textarea {...a} data-autofocus={p.kind === 'accept' ? '' : undefined} maxLength={MESSAGE_MAX} value={message} onInput={(e) => setMessage(e.currentTarget.value)} />
                        )}
                    </Field>
                )}
                {action.wrong && (
                    <p class="notice bad" role="alert">
                        {action.wrong}
                    </p>
                )}
                <div class="actions">
                    <button type="button" class="btn quiet" onClick={p.onClose}>
                        Cancel
                    </button>
                    <button type="submit" class="btn primary" disabled={action.busy}>
                        {p.kind === 'refuse' ? 'Refuse' : 'Send now'} <span class="kbd" aria-hidden="true">Ctrl ↵</span>
                    </button>
                </div>
                <p class="small muted">What you were shown here is stored with your decision.</p>
            </form>
        </Modal>
    );
}

function PlaybookChoice(p: { current: string; others: Suggestion[]; value: string; onChange: (k: string) => void; wrong?: string | undefined }) {
    const playbook = useResource<List<PlaybookItem>>('/v1/playbook');
    const close = new Set(p.others.map((o) => o.key));
    const rest = (playbook.data?.items ?? []).filter((i) => i.enabled && i.key !== p.current && !close.has(i.key));
    return (
        <Field label="Send instead" wrong={p.wrong} hint={playbook.error ? 'The whole playbook could not be loaded.' : undefined}>
            {(a) => (
                <select {...a} data-autofocus={p.value ? undefined : ''} value={p.value} onChange={(e) => p.onChange(e.currentTarget.value)}>
                    <option value="">Choose from the playbook</option>
                    {p.others.length > 0 && (
                        <optgroup label="Next best for this agent">
                            {p.others.map((o) => (
                                <option key={o.key} value={o.key}>
                                    {o.title}
                                </option>
                            ))}
                        </optgroup>
                    )}
                    <optgroup label="The rest of the playbook">
                        {rest.map((i) => (
                            <option key={i.key} value={i.key}>
                                {i.title}
                            </option>
                        ))}
                    </optgroup>
                </select>
            )}
        </Field>
    );
}
