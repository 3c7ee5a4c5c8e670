// Playbook: what can be coached. Managers edit it.
import { useState } from 'preact/hooks';
import { api } from '../api';
import * as fmt from '../format';
import { useResource } from '../resource';
import { canManage, useMe } from '../session';
import type { Feature, List, PlaybookItem } from '../types';
import { Steps } from '../ui/coaching';
import { Icon } from '../ui/icon';
import { Empty, Field, LabelBadge, Modal, PageHead, Show, toast, useAction } from '../ui/parts';

export function PlaybookPage() {
    const me = useMe();
    const res = useResource<List<PlaybookItem>>('/v1/playbook');
    const [editing, setEditing] = useState<PlaybookItem | null>(null);
    const mayEdit = canManage(me.user.role);
    return (
        <>
            <PageHead title="Playbook" sub="What can be coached, and what it takes" />
            <Show of={res}>
                {(d) =>
                    d.items.length === 0 ? (
                        <Empty title="The playbook is empty" icon="book" />
                    ) : (
                        <ul class="play-grid">
                            {d.items.map((p) => (
                                <Item key={p.key} item={p} features={me.features} {...(mayEdit ? { onEdit: () => setEditing(p) } : {})} />
                            ))}
                        </ul>
                    )
                }
            </Show>
            {editing && (
                <EditDialog
                    item={editing}
                    onClose={() => setEditing(null)}
                    onDone={(saved) => {
                        res.set((d) => ({ ...d, items: d.items.map((p) => (p.key === saved.key ? { ...p, ...saved } : p)) }));
                        setEditing(null);
                        toast('The playbook is changed');
                    }}
                />
            )}
        </>
    );
}

/** A driver is the name of a feature, or {"feature","when"}. */
function driverLabel(d: unknown, features: Feature[]): string {
    const o = typeof d === 'string' ? { feature: d, when: '' } : (d as { feature?: string; when?: string });
    const label = features.find((f) => f.name === o.feature)?.label ?? fmt.words(o.feature);
    return o.when ? `${label}: ${o.when}` : label;
}

function Item({ item, features, onEdit }: { item: PlaybookItem; features: Feature[]; onEdit?: () => void }) {
    return (
        <li class={`card play ${item.enabled ? '' : 'off'}`}>
            <div class="play-head">
                <h2>{item.title}</h2>
                {!item.enabled && <span class="badge">off</span>}
                {onEdit && (
                    <button type="button" class="btn quiet" onClick={onEdit} aria-label={`Edit ${item.title}`}>
                        <Icon name="edit" size={15} /> Edit
                    </button>
                )}
            </div>
            <p>{item.summary}</p>
            <div class="row">
                {item.drivers.map((d, i) => (
                    <span key={i} class="badge">
                        {driverLabel(d, features)}
                    </span>
                ))}
            </div>
            <details class="more">
                <summary>
                    Steps<span class="sr-only"> of {item.title}</span>
                </summary>
                <div class="stack">
                    <h3 class="small">For the coach, {fmt.int(item.effort_coach_min)} min</h3>
                    <Steps steps={item.coach_steps} />
                    <h3 class="small">For the agent, {fmt.int(item.effort_agent_min)} min</h3>
                    <Steps steps={item.agent_steps} />
                    {item.limits && <p>Limits: {item.limits}</p>}
                    {item.prior_source && <p class="muted">Source of the assumed effect: {item.prior_source}</p>}
                </div>
            </details>
            <footer>
                {item.prior_effect != null && (
                    <>
                        <LabelBadge label="projection" />
                        <span>
                            Assumed until outcomes are known: a chance of 50% becomes {fmt.percent(fmt.sigmoid(item.prior_effect))}
                        </span>
                    </>
                )}
            </footer>
        </li>
    );
}

const lines = (s: string) =>
    s
        .split('\n')
        .map((x) => x.trim())
        .filter(Boolean);

function EditDialog({ item, onClose, onDone }: { item: PlaybookItem; onClose: () => void; onDone: (p: PlaybookItem) => void }) {
    const [f, setF] = useState({
        title: item.title,
        summary: item.summary,
        agent_steps: item.agent_steps.join('\n'),
        coach_steps: item.coach_steps.join('\n'),
        effort_agent_min: String(item.effort_agent_min),
        effort_coach_min: String(item.effort_coach_min),
        limits: item.limits ?? '',
        enabled: item.enabled,
    });
    const [wrong, setWrong] = useState<{ title?: string; steps?: string; effort?: string }>({});
    const action = useAction();
    const set = (name: Exclude<keyof typeof f, 'enabled'>) => (e: { currentTarget: { value: string } }) => setF({ ...f, [name]: e.currentTarget.value });
    const submit = (e: Event) => {
        e.preventDefault();
        const w: typeof wrong = {};
        const efforts = [Number(f.effort_agent_min), Number(f.effort_coach_min)];
        if (!f.title.trim()) w.title = 'A title is needed.';
        if (lines(f.agent_steps).length === 0) w.steps = 'At least one step is needed.';
        if (efforts.some((n) => !Number.isInteger(n) || n < 0)) w.effort = 'Whole minutes, please.';
        setWrong(w);
        if (Object.keys(w).length) return;
        action.run(async () => {
            onDone(
                await api.put<PlaybookItem>(`/v1/playbook/${item.key}`, {
                    ...item,
                    title: f.title.trim(),
                    summary: f.summary.trim(),
                    agent_steps: lines(f.agent_steps),
                    coach_steps: lines(f.coach_steps),
                    effort_agent_min: efforts[0],
                    effort_coach_min: efforts[1],
                    limits: f.limits.trim(),
                    enabled: f.enabled,
                }),
            );
        });
    };
    return (
        <Modal title={`Edit: ${item.title}`} onClose={onClose}>
            <form class="form" onSubmit={submit} noValidate>
                <Field label="Title" wrong={wrong.title}>
                    {(a) => <input {...a} data-autofocus maxLength={200} value={f.title} onInput={set('title')} />}
                </Field>
                <Field label="Summary">{(a) => <textarea {...a} maxLength={2000} value={f.summary} onInput={set('summary')} />}</Field>
                <Field label="Steps for the agent" hint="One on each line" wrong={wrong.steps}>
                    {(a) => <textarea {...a} rows={4} value={f.agent_steps} onInput={set('agent_steps')} />}
                </Field>
                <Field label="Steps for the coach" hint="One on each line">
                    {(a) => <textarea {...a} rows={4} value={f.coach_steps} onInput={set('coach_steps')} />}
                </Field>
                <div class="pair">
                    <Field label="Minutes, agent" wrong={wrong.effort}>
                        {(a) => <input {...a} type="number" min="0" value={f.effort_agent_min} onInput={set('effort_agent_min')} />}
                    </Field>
                    <Field label="Minutes, coach">{(a) => <input {...a} type="number" min="0" value={f.effort_coach_min} onInput={set('effort_coach_min')} />}</Field>
                </div>
                <Field label="Limits">{(a) => <textarea {...a} maxLength={2000} value={f.limits} onInput={set('limits')} />}</Field>
                <label class="check">
                    <input type="checkbox" checked={f.enabled} onChange={(e) => setF({ ...f, enabled: e.currentTarget.checked })} /> May be suggested
                </label>
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
                        Save
                    </button>
                </div>
            </form>
        </Modal>
    );
}
