// One agent: how likely the goal is, why, what was done, and the coaching.
import { useState } from 'preact/hooks';
import { api } from '../api';
import * as fmt from '../format';
import { useLive } from '../live';
import { Waterfall } from '../plot/waterfall';
import { useResource } from '../resource';
import { Link } from '../router';
import { canCoach, useMe } from '../session';
import type { Agent, Performance } from '../types';
import { Goals } from '../ui/goals';
import { Icon } from '../ui/icon';
import { Interventions } from '../ui/interventions';
import { Messages } from '../ui/messages';
import { Avatar, Card, Empty, LabelBadge, PageTitle, Show, predictionLabel, targetLabel, toast } from '../ui/parts';
import { Sessions } from '../ui/sessions';
import { Timeline } from '../ui/timeline';
import { Trends } from '../ui/trends';

export function AgentPage({ id }: { id: string }) {
    const me = useMe();
    const agent = useResource<Agent>(`/v1/agents/${id}`);
    const perf = useResource<Performance>(`/v1/agents/${id}/performance`);
    const may = canCoach(me.user.role);
    useLive('prediction', (e) => {
        if (e.agent_id === id) perf.reload();
    });
    useLive('resync', perf.reload);
    return (
        <>
            {!agent.data && <PageTitle title="Agent" />}
            <Show of={agent}>
                {(a) => (
                    <>
                        <Head agent={a} perf={perf.data} mayPredict={may} onPredicted={(p) => perf.set(() => p)} />
                        <div class="agent-grid">
                            <div class="stack first">
                                <Card title="Why this chance">
                                    <Show of={perf} rows={3}>
                                        {(p) =>
                                            p.goal ? (
                                                <>
                                                    <p class="small summary">{p.summary}</p>
                                                    <Waterfall prediction={p.goal} label={predictionLabel(p.label)} />
                                                </>
                                            ) : (
                                                <Empty title="No prediction yet" text={p.summary || 'It appears when a model is active and the agent has some weeks of activity.'} icon="model" />
                                            )
                                        }
                                    </Show>
                                </Card>
                            </div>
                            <div class="stack side">
                                <Interventions agentId={id} agentName={a.name} mayDecide={may} />
                                <Messages agentId={id} title="Messages" mayWrite={may} />
                                <Goals agentId={id} maySet={may} label={a.label} />
                                <Sessions agentId={id} mayAdd={may} />
                            </div>
                            <div class="stack rest">
                                <Trends agentId={id} />
                                <Timeline agentId={id} />
                            </div>
                        </div>
                    </>
                )}
            </Show>
        </>
    );
}

interface HeadProps {
    agent: Agent;
    perf: Performance | null;
    mayPredict: boolean;
    onPredicted: (p: Performance) => void;
}

function Head({ agent, perf, mayPredict, onPredicted }: HeadProps) {
    const [busy, setBusy] = useState(false);
    const predict = async () => {
        setBusy(true);
        try {
            onPredicted(await api.post<Performance>(`/v1/agents/${agent.id}/predict`));
            toast('Computed from the current data');
        } catch (e) {
            toast((e as Error).message, true);
        } finally {
            setBusy(false);
        }
    };
    const about = [fmt.tenure(agent.started_on), agent.coach_name && `coached by ${agent.coach_name}`].filter(Boolean).join(' \u00b7 ');
    const label = predictionLabel(agent.label);
    return (
        <div class="agent-head">
            <Avatar name={agent.name} big />
            <div class="titles">
                <PageTitle title={agent.name} />
                <p>
                    <Link to={`/offices/${agent.location_id}`}>{agent.location}</Link>
                    {about && ` \u00b7 ${about}`}
                </p>
            </div>
            <Figures perf={perf} agent={agent} />
            <div class="row">
                <LabelBadge label={label} />
                {mayPredict && (
                    <button type="button" class="btn" disabled={busy} onClick={predict}>
                        <Icon name="model" size={16} /> {busy ? 'Computing\u2026' : 'Compute now'}
                    </button>
                )}
            </div>
        </div>
    );
}

const goalWord = (a: Agent) => (a.goal?.metric === 'closings' && a.goal.target === 1 ? 'closing' : (a.goal?.metric ?? ''));

export function Figures({ perf, agent }: { perf: Performance | null; agent: Agent }) {
    return (
        <dl class="figures">
            <div class="figure">
                <dt>Chance of the goal</dt>
                <dd data-figure="probability">{fmt.percent1(perf?.goal?.value)}</dd>
            </div>
            <div class="figure">
                <dt>Expected closings</dt>
                <dd>
                    {fmt.fixed1(perf?.closings?.value)} <small>in 30 days</small>
                </dd>
            </div>
            <div class="figure">
                <dt title={targetLabel(agent.label)}>Goal</dt>
                <dd>
                    {agent.goal ? (agent.goal.metric === 'commission' ? fmt.moneyShort(agent.goal.target) : fmt.num1(agent.goal.target)) : fmt.DASH} <small>{goalWord(agent)}</small>
                </dd>
            </div>
        </dl>
    );
}
