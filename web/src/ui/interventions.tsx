// The coaching of one agent: what is suggested, what was sent, how it went.
import { useState } from 'preact/hooks';
import * as fmt from '../format';
import { useLive } from '../live';
import { useResource } from '../resource';
import type { Intervention, List } from '../types';
import { OUTCOME_TEXT, OutcomeEntry, StatusBadge, Steps } from './coaching';
import { DecisionDialog, type DecisionKind } from './decision';
import { Card, Empty, Show, toast } from './parts';
import { Sealed } from './sealed';

interface InterventionsProps {
    agentId: string;
    agentName: string;
    mayDecide: boolean;
}

export const isSent = (i: Intervention) => i.status === 'accepted' || i.status === 'changed';

export function Interventions({ agentId, agentName, mayDecide }: InterventionsProps) {
    const res = useResource<List<Intervention>>(`/v1/agents/${agentId}/interventions`, { limit: 50 });
    const [open, setOpen] = useState<{ kind: DecisionKind; i: Intervention } | null>(null);
    useLive('intervention', (e) => {
        if (e.agent_id === agentId) res.reload();
    });
    const replace = (r: Intervention) => res.set((d) => ({ ...d, items: d.items.map((i) => (i.id === r.id ? { ...i, ...r } : i)) }));
    const suggested = (res.data?.items ?? []).filter((i) => i.status === 'suggested').sort((a, b) => a.rank - b.rank);
    const top = suggested[0];
    const others = (res.data?.items ?? []).filter((i) => i.status !== 'suggested' && i.status !== 'expired');
    const expired = (res.data?.items ?? []).filter((i) => i.status === 'expired');
    return (
        <Card title="Coaching">
            <Show of={res} rows={2}>
                {() => (
                    <>
                        {!top && others.length + expired.length === 0 && <Empty title="Nothing suggested yet" icon="bulb" />}
                        {top && (
                            <div class="intervention">
                                <div class="row">
                                    <StatusBadge status={top.status} />
                                    <span class="small muted">{fmt.ago(top.suggested_at)}</span>
                                </div>
                                <h3>{top.title}</h3>
                                <p>{top.reason.text}</p>
                                {top.reason.learned && <p class="small muted">{top.reason.learned}.</p>}
                                <details class="more">
                                    <summary>Steps for you and for the agent</summary>
                                    <div class="stack">
                                        <h3 class="small">For you, {fmt.int(top.effort_coach_min)} min</h3>
                                        <Steps steps={top.coach_steps} />
                                        <h3 class="small">
                                            For {agentName}, {fmt.int(top.effort_agent_min)} min
                                        </h3>
                                        <Steps steps={top.agent_steps} />
                                    </div>
                                </details>
                                {mayDecide && (
                                    <div class="row">
                                        <button type="button" class="btn primary" onClick={() => setOpen({ kind: 'accept', i: top })}>
                                            Send
                                        </button>
                                        <button type="button" class="btn" onClick={() => setOpen({ kind: 'change', i: top })}>
                                            Change
                                        </button>
                                        <button type="button" class="btn quiet" onClick={() => setOpen({ kind: 'refuse', i: top })}>
                                            Refuse
                                        </button>
                                    </div>
                                )}
                            </div>
                        )}
                        {suggested.length > 1 && <p class="small muted">Also possible: {suggested.slice(1).map((i) => i.title).join(', ')}.</p>}
                        {others.map((i) => (
                            <div class="intervention" key={i.id}>
                                <div class="row">
                                    <StatusBadge status={i.status} />
                                    {i.outcome && <span class="badge">{OUTCOME_TEXT[i.outcome]}</span>}
                                    <span class="small muted">{fmt.time(i.decided_at ?? i.suggested_at)}</span>
                                </div>
                                <h3>{i.title}</h3>
                                {i.decision_reason && (
                                    <p>
                                        Reason: <Sealed text={i.decision_reason} />
                                    </p>
                                )}
                                {isSent(i) && !i.outcome && mayDecide && (
                                    <details class="more">
                                        <summary>Enter the outcome</summary>
                                        <OutcomeEntry
                                            intervention={i}
                                            onDone={(r) => {
                                                replace(r);
                                                toast('The outcome is stored');
                                            }}
                                        />
                                    </details>
                                )}
                            </div>
                        ))}
                        {expired.length > 0 && (
                            <details class="more">
                                <summary>Expired suggestions ({expired.length})</summary>
                                <ul>
                                    {expired.map((i) => (
                                        <li key={i.id} class="goal-line">
                                            <span>{i.title}</span>
                                            <span class="muted">suggested {fmt.time(i.suggested_at)}</span>
                                        </li>
                                    ))}
                                </ul>
                            </details>
                        )}
                    </>
                )}
            </Show>
            {open && (
                <DecisionDialog
                    kind={open.kind}
                    agentName={agentName}
                    intervention={open.i}
                    others={suggested.filter((i) => i !== open.i)}
                    onClose={() => setOpen(null)}
                    onDone={(r, kind) => {
                        replace(r);
                        setOpen(null);
                        toast(kind === 'refuse' ? `Refused for ${agentName}` : `Sent to ${agentName}`);
                    }}
                />
            )}
        </Card>
    );
}
