// Goals of an agent: what is aimed for in 30 days, how far it is, and setting a new one.
import { useState } from 'preact/hooks';
import { api } from '../api';
import * as fmt from '../format';
import { useResource } from '../resource';
import type { Goal, Label, List } from '../types';
import { Card, Empty, Field, Folded, LabelBadge, Meter, Modal, Show, targetLabel, toast, useAction } from './parts';

const shown = (g: Goal, v: number | null) => (g.metric === 'commission' ? fmt.money(v) : fmt.num1(v));

export function Goals({ agentId, maySet, label }: { agentId: string; maySet: boolean; label: Label }) {
    const res = useResource<List<Goal>>(`/v1/agents/${agentId}/goals`);
    const [setting, setSetting] = useState(false);
    return (
        <Card
            title="Goals"
            aside={
                <>
                    <LabelBadge label={targetLabel(label)} />
                    {maySet && (
                        <button type="button" class="btn" onClick={() => setSetting(true)}>
                            Set a goal
                        </button>
                    )}
                </>
            }
        >
            <Show of={res} rows={1}>
                {(d) =>
                    d.items.length === 0 ? (
                        <Empty title="No goal yet" text="Without one, the office's history gives it." />
                    ) : (
                        <Folded items={d.items} first={1} more="Earlier goals">
                            {(g) => (
                                <li key={g.id} class="goal-line">
                                    <div class="row">
                                        <span class="strong">
                                            {shown(g, g.target)} {g.metric === 'closings' ? (g.target === 1 ? 'closing' : 'closings') : 'commission'} in 30 days
                                        </span>
                                        {g.derived && <span class="badge" title="Set from the history of the office, not by a person">from history</span>}
                                        <span class="grow" />
                                        <span class="muted">{g.valid_to ? `until ${fmt.date(g.valid_to)}` : `since ${fmt.date(g.valid_from)}`}</span>
                                    </div>
                                    {!g.valid_to && g.progress != null && (
                                        <>
                                            <Meter value={g.progress} />
                                            <span class="small muted">
                                                {fmt.percent(g.progress)} of that pace so far
                                            </span>
                                        </>
                                    )}
                                </li>
                            )}
                        </Folded>
                    )
                }
            </Show>
            {setting && (
                <GoalDialog
                    agentId={agentId}
                    onClose={() => setSetting(false)}
                    onDone={() => {
                        setSetting(false);
                        toast('The goal is set');
                        res.reload();
                    }}
                />
            )}
        </Card>
    );
}

function GoalDialog({ agentId, onClose, onDone }: { agentId: string; onClose: () => void; onDone: () => void }) {
    const [metric, setMetric] = useState<Goal['metric']>('closings');
    const [target, setTarget] = useState('');
    const [wrong, setWrong] = useState<string | null>(null);
    const action = useAction();
    const submit = (e: Event) => {
        e.preventDefault();
        const n = Number(target);
        if (!(n > 0)) return setWrong('Please give a number above zero.');
        setWrong(null);
        action.run(async () => {
            await api.post<Goal>(`/v1/agents/${agentId}/goals`, { metric, target: metric === 'commission' ? Math.round(n * 100) : n });
            onDone();
        });
    };
    return (
        <Modal title="Set a goal" onClose={onClose}>
            <form class="form" onSubmit={submit} noValidate>
                <Field label="What">
                    {(a) => (
                        <select {...a} value={metric} onChange={(e) => setMetric(e.currentTarget.value as Goal['metric'])}>
                            <option value="closings">Closings</option>
                            <option value="commission">Commission</option>
                        </select>
                    )}
                </Field>
                <Field label="How much in 30 days" wrong={wrong}>
                    {(a) => <input {...a} data-autofocus inputMode="decimal" type="number" min="0" step="any" value={target} onInput={(e) => setTarget(e.currentTarget.value)} />}
                </Field>
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
                        Set the goal
                    </button>
                </div>
            </form>
        </Modal>
    );
}
