// My page: what an agent sees: where I stand, what to do next, and what my coach writes, live.
import { useState } from 'preact/hooks';
import * as fmt from '../format';
import { useLive } from '../live';
import { Waterfall } from '../plot/waterfall';
import { useResource } from '../resource';
import { useMe } from '../session';
import type { Agent, Intervention, List, Performance } from '../types';
import { OUTCOME_TEXT, OutcomeEntry, StatusBadge, Steps } from '../ui/coaching';
import { Goals } from '../ui/goals';
import { Icon } from '../ui/icon';
import { isSent } from '../ui/interventions';
import { Messages } from '../ui/messages';
import { Card, Empty, LabelBadge, PageHead, Show, predictionLabel, toast } from '../ui/parts';
import { Sessions } from '../ui/sessions';
import { Trends } from '../ui/trends';
import { Figures } from './agent';

export function MePage() {
    const me = useMe();
    const id = me.user.agent_id;
    if (!id)
        return (
            <>
                <PageHead title="My page" />
                <Empty title="Your account is not connected to an agent" text="Ask your manager to connect it." icon="lock" />
            </>
        );
    return <Mine id={id} />;
}

const greeting = () => {
    const h = new Date().getHours();
    return h < 12 ? 'Good morning' : h < 18 ? 'Good afternoon' : 'Good evening';
};

function Mine({ id }: { id: string }) {
    const me = useMe();
    const agent = useResource<Agent>(`/v1/agents/${id}`);
    const perf = useResource<Performance>(`/v1/agents/${id}/performance`);
    const plans = useResource<List<Intervention>>(`/v1/agents/${id}/interventions`, { limit: 30 });
    const [arrived, setArrived] = useState<string | null>(null);
    useLive('prediction', (e) => {
        if (e.agent_id === id) perf.reload();
    });
    useLive('intervention', (e) => {
        if (e.agent_id !== id) return;
        if (e.status === 'accepted' || e.status === 'changed') setArrived(e.title);
        plans.reload();
    });
    useLive('resync', () => {
        perf.reload();
        plans.reload();
    });
    const replace = (r: Intervention) => {
        plans.set((d) => ({ ...d, items: d.items.map((i) => (i.id === r.id ? { ...i, ...r } : i)) }));
        toast('Thank you: your coach sees it');
    };
    return (
        <>
            <PageHead title={`${greeting()}, ${(agent.data?.name ?? me.user.name).split(' ')[0]}`} sub={agent.data ? `${agent.data.location}${agent.data.coach_name ? ` \u00b7 coached by ${agent.data.coach_name}` : ''}` : ''} />
            <div aria-live="assertive" class="arrived">
                {arrived && (
                    <div class="notice info">
                        <Icon name="bulb" />
                        <span>
                            Just in from your coach: <b>{arrived}</b>
                        </span>
                        <button type="button" class="btn" onClick={() => setArrived(null)}>
                            Got it
                        </button>
                    </div>
                )}
            </div>
            <Show of={agent}>
                {(a) => (
                    <div class="agent-grid">
                        <div class="stack first">
                            <Show of={plans} rows={1}>
                                {(d) => <NextStep items={d.items} onDone={replace} />}
                            </Show>
                            <Card title="Where I stand" aside={<LabelBadge label={predictionLabel(a.label)} />}>
                                <Show of={perf} rows={1}>
                                    {(p) => (
                                        <div class="hero">
                                            {p.goal && <Ring value={p.goal.value} />}
                                            <div class="stack">
                                                <Figures perf={p} agent={a} />
                                                <p class="small muted">{p.summary}</p>
                                            </div>
                                        </div>
                                    )}
                                </Show>
                            </Card>
                        </div>
                        <div class="stack side">
                            <Messages agentId={id} title="From my coach" mayWrite />
                            <Goals agentId={id} maySet={false} label={a.label} />
                            <Sessions agentId={id} mayAdd={false} />
                            {plans.data && <Past items={plans.data.items} />}
                        </div>
                        <div class="stack rest">
                            {perf.data?.goal && (
                                <Card title="What moves my chance">
                                    <Waterfall prediction={perf.data.goal} label={predictionLabel(perf.data.label)} />
                                </Card>
                            )}
                            <Trends agentId={id} />
                        </div>
                    </div>
                )}
            </Show>
        </>
    );
}

function NextStep({ items, onDone }: { items: Intervention[]; onDone: (i: Intervention) => void }) {
    const open = items.filter((i) => isSent(i) && !i.outcome).sort((a, b) => (b.sent_at ?? '').localeCompare(a.sent_at ?? ''));
    const first = open[0];
    if (!first)
        return (
            <Card title="What to do next">
                <Empty title="Nothing open" text="When your coach sends something, it appears here at once." icon="check" />
            </Card>
        );
    return (
        <Card title="What to do next" class="next-step" aside={<span class="badge">{fmt.int(first.effort_agent_min)} min</span>}>
            <div class="stack">
                <p class="lead">{first.title}</p>
                <p class="small">{first.summary}</p>
                <Steps steps={first.agent_steps} />
                <p class="small muted">Why: {first.reason.text}</p>
                <OutcomeEntry intervention={first} onDone={onDone} />
                {open.length > 1 && <p class="small muted">After that: {open.slice(1).map((i) => i.title).join(', ')}.</p>}
            </div>
        </Card>
    );
}

function Past({ items }: { items: Intervention[] }) {
    const past = items.filter((i) => i.outcome);
    if (past.length === 0) return null;
    return (
        <Card title="Done so far">
            <ul>
                {past.map((i) => (
                    <li key={i.id} class="goal-line">
                        <span class="strong">{i.title}</span>
                        <span class="row">
                            <StatusBadge status={i.status} />
                            {i.outcome && <span class="badge">{OUTCOME_TEXT[i.outcome]}</span>}
                            <span class="muted">{fmt.time(i.decided_at)}</span>
                        </span>
                    </li>
                ))}
            </ul>
        </Card>
    );
}

const RING = 2 * Math.PI * 52;

function Ring({ value }: { value: number }) {
    return (
        <svg class="ring" viewBox="0 0 128 128" role="img" aria-label={`Chance of the goal ${fmt.percent(value)}`}>
            <circle cx="64" cy="64" r="52" />
            <circle class="fill" cx="64" cy="64" r="52" stroke-dasharray={`${(RING * value).toFixed(1)} ${RING.toFixed(1)}`} transform="rotate(-90 64 64)" />
            <text x="64" y="73">
                {fmt.percent(value)}
            </text>
        </svg>
    );
}
