// Today: the coach's list. Who, how likely, why, what to do; decided with the mouse, by touch or from the keyboard.
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { api } from '../api';
import * as fmt from '../format';
import { useLatest } from '../latest';
import { useLive } from '../live';
import { useResource } from '../resource';
import { Link, navigate, useQuery } from '../router';
import { canCoach, useMe } from '../session';
import type { Intervention, InterventionStatus, SuggestedPlay, Suggestion, Today, TodayItem } from '../types';
import { Drivers, Moved, STATUS_TEXT, StatusBadge, Steps } from '../ui/coaching';
import { DecisionDialog, type DecisionKind } from '../ui/decision';
import { Icon } from '../ui/icon';
import { Avatar, Empty, LabelBadge, Meter, Modal, PageHead, Show, predictionLabel, toast } from '../ui/parts';

const PAGE = 25;

interface Open {
    kind: DecisionKind;
    item: TodayItem;
    intervention: Suggestion;
    presetKey?: string | undefined;
}

/** The suggestion to decide on; null when everything for this agent is decided. */
export function topOf(item: TodayItem): Suggestion | null {
    return item.interventions.filter((i) => i.status === 'suggested').sort((a, b) => a.rank - b.rank)[0] ?? null;
}

function othersOf(item: TodayItem, top: Suggestion | null): Suggestion[] {
    return item.interventions.filter((i) => i !== top && i.status === 'suggested').sort((a, b) => a.rank - b.rank);
}

function withIntervention(today: Today, id: string, f: (i: Suggestion) => Suggestion): Today {
    return {
        ...today,
        items: today.items.map((it) => (it.interventions.some((i) => i.id === id) ? { ...it, interventions: it.interventions.map((i) => (i.id === id ? f(i) : i)) } : it)),
    };
}

export function TodayPage() {
    const me = useMe();
    const [office, setOffice] = useQuery('location');
    const today = useResource<Today>('/v1/today', { location: office, limit: PAGE });
    const [current, showCurrent] = useState<string | null>(null); // an agent: a place in the list is another one's after a reload
    const at = useRef(current); // the same, for keys that come faster than the page is drawn
    const setCurrent = (id: string) => {
        at.current = id;
        showCurrent(id);
    };
    const [expanded, setExpanded] = useState<string | null>(null);
    const [open, setOpen] = useState<Open | null>(null);
    const [help, setHelp] = useState(false);
    const [changed, setChanged] = useState(false);
    const [decidedHere, setDecidedHere] = useState<Record<string, Suggestion>>({});
    const [loadingMore, setLoadingMore] = useState(false);
    const listRef = useRef<HTMLOListElement>(null);
    const mayDecide = canCoach(me.user.role);
    const items = today.data?.items ?? [];

    const refresh = () => {
        setChanged(false);
        setDecidedHere({});
        today.reload();
    };
    useLive('prediction', (e) => {
        if (e.kind !== 'goal') return;
        today.set((t) => ({ ...t, items: t.items.map((it) => (it.agent.id === e.agent_id ? { ...it, goal: { ...it.goal, probability: e.value } } : it)) }));
    });
    useLive('intervention', (e) => {
        const known = items.some((it) => it.interventions.some((i) => i.id === e.id));
        if (known) today.set((t) => withIntervention(t, e.id, (i) => (i.status === 'suggested' ? { ...i, status: e.status } : i)));
        else if (e.status === 'suggested' && (!office || office === e.location_id)) setChanged(true);
    });
    useLive('resync', refresh);

    const decide = (kind: DecisionKind, item: TodayItem | undefined, presetKey?: string) => {
        const top = item && topOf(item);
        if (item && top && mayDecide) setOpen({ kind, item, intervention: top, presetKey });
    };
    const move = (to: number) => {
        const i = Math.max(0, Math.min(items.length - 1, to));
        const item = items[i];
        if (!item) return;
        setCurrent(item.agent.id);
        listRef.current?.querySelectorAll<HTMLElement>('.today-row')[i]?.focus();
    };
    const toggle = (item: TodayItem | undefined) => {
        if (item) setExpanded((old) => (old === item.agent.id ? null : item.agent.id));
    };

    const onKey = useLatest((e: KeyboardEvent) => {
        const t = e.target as HTMLElement;
        if (open || help || e.ctrlKey || e.metaKey || e.altKey || t.closest('dialog, input, select, textarea, [contenteditable]')) return;
        const i = items.findIndex((it) => it.agent.id === at.current);
        const item = items[i];
        const actions: Record<string, () => void> = {
            j: () => move(i + 1),
            k: () => move(i - 1),
            s: () => decide('accept', item),
            c: () => decide('change', item),
            r: () => decide('refuse', item),
            o: () => item && navigate(`/agents/${item.agent.id}`),
            '?': () => setHelp(true),
        };
        if (e.key === 'Enter' && !t.closest('a, button, summary')) actions.Enter = () => toggle(item);
        const f = actions[e.key];
        if (!f) return;
        e.preventDefault();
        f();
    });
    useLayoutEffect(() => {
        addEventListener('keydown', onKey);
        return () => removeEventListener('keydown', onKey);
    }, []);

    const done = (result: Intervention, kind: DecisionKind) => {
        if (!open) return;
        const name = open.item.agent.name;
        setDecidedHere((d) => ({ ...d, [open.item.agent.id]: result }));
        today.set((t) => withIntervention(t, open.intervention.id, (i) => ({ ...i, ...result })));
        setOpen(null);
        toast(kind === 'refuse' ? `Refused for ${name}` : `Sent to ${name}`);
    };
    const more = async () => {
        if (!today.data?.next) return;
        setLoadingMore(true);
        try {
            const page = await api.get<Today>('/v1/today', { location: office, limit: PAGE, cursor: today.data.next });
            today.set((t) => ({ ...t, items: [...t.items, ...page.items], plays: [...t.plays, ...page.plays], next: page.next }));
        } catch (e) {
            toast((e as Error).message, true);
        } finally {
            setLoadingMore(false);
        }
    };

    return (
        <>
            <PageHead title="Today" sub={today.data ? <TodaySub today={today.data} /> : 'Who needs coaching, and what helps'}>
                {today.data && <LabelBadge label={predictionLabel(today.data.label)} />}
                {me.locations.length > 1 && (
                    <select class="select" aria-label="Office" value={office} onChange={(e) => setOffice(e.currentTarget.value)}>
                        <option value="">All offices</option>
                        {me.locations.map((l) => (
                            <option key={l.id} value={l.id}>
                                {l.name}
                            </option>
                        ))}
                    </select>
                )}
                <button type="button" class="btn" onClick={() => setHelp(true)}>
                    Keyboard <span class="kbd" aria-hidden="true">?</span>
                </button>
            </PageHead>
            <div aria-live="polite">
                {changed && (
                    <div class="notice info">
                        <Icon name="bulb" /> There are new suggestions.
                        <button type="button" class="btn" onClick={refresh}>
                            Show them
                        </button>
                    </div>
                )}
            </div>
            <Show of={today} rows={6}>
                {(t) => (
                    <>
                        {!t.model.active && (
                            <div class="notice">
                                <Icon name="model" /> <span>{t.model.note || 'No model is active yet: agents are ranked by rule.'}</span>
                            </div>
                        )}
                        {t.items.length === 0 ? (
                            <Empty title="Nobody needs a decision right now" text="New suggestions appear here by themselves when the numbers change." icon="check" />
                        ) : (
                            <ol class="today-list" ref={listRef} aria-label="Agents, the most promising coaching first">
                                {t.items.map((item) => (
                                    <Row
                                        key={item.agent.id}
                                        item={item}
                                        plays={t.plays}
                                        simulated={t.label === 'simulated'}
                                        current={item.agent.id === current}
                                        expanded={expanded === item.agent.id}
                                        decided={decidedHere[item.agent.id]}
                                        mayDecide={mayDecide}
                                        onFocus={() => setCurrent(item.agent.id)}
                                        onToggle={() => toggle(item)}
                                        onDecide={(kind, key) => decide(kind, item, key)}
                                    />
                                ))}
                            </ol>
                        )}
                        {t.next && (
                            <div class="pager">
                                <button type="button" class="btn" disabled={loadingMore} onClick={more}>
                                    {loadingMore ? 'Loading\u2026' : 'Show more agents'}
                                </button>
                            </div>
                        )}
                    </>
                )}
            </Show>
            {open && (
                <DecisionDialog
                    kind={open.kind}
                    agentName={open.item.agent.name}
                    intervention={open.intervention}
                    others={othersOf(open.item, open.intervention)}
                    presetKey={open.presetKey}
                    onClose={() => setOpen(null)}
                    onDone={done}
                />
            )}
            {help && <KeyHelp onClose={() => setHelp(false)} />}
        </>
    );
}

function TodaySub({ today }: { today: Today }) {
    const waiting = today.items.filter(topOf).length;
    return (
        <>
            {fmt.dateLong(today.as_of)} · {waiting}
            {today.next ? '+' : ''} {waiting === 1 ? 'agent waits' : 'agents wait'} for your decision
            {today.model.version != null && ` · model ${today.model.version}`}
        </>
    );
}

interface RowProps {
    item: TodayItem;
    plays: SuggestedPlay[];
    simulated: boolean;
    current: boolean;
    expanded: boolean;
    decided: Suggestion | undefined;
    mayDecide: boolean;
    onFocus: () => void;
    onToggle: () => void;
    onDecide: (kind: DecisionKind, key?: string) => void;
}

function Row(p: RowProps) {
    const { item } = p;
    const top = p.decided ? null : topOf(item);
    const latest = p.decided ?? item.interventions.find((i) => i.status !== 'suggested') ?? null;
    const shown = top ?? latest;
    const detailsId = `more-${item.agent.id}`;
    return (
        <li>
            <article
                class={`today-row ${p.current ? 'current' : ''} ${top ? '' : 'decided'}`}
                tabIndex={-1}
                aria-label={`${item.agent.name}, ${item.agent.location}`}
                onFocusCapture={p.onFocus}
                data-agent={item.agent.id}
            >
                <div class="today-top">
                    <div class="today-who">
                        <Avatar name={item.agent.name} />
                        <div>
                            <Link to={`/agents/${item.agent.id}`}>{item.agent.name}</Link>
                            <small>{item.agent.location}</small>
                        </div>
                    </div>
                    <div class="chance">
                        <span class="cell-label">Chance of the goal</span>
                        <span class="big">
                            {fmt.percent(item.goal.probability)} <Moved points={item.goal.points_vs_last} />
                        </span>
                        {item.goal.probability != null && <Meter value={item.goal.probability} />}
                    </div>
                    <div class="closings">
                        <span class="cell-label">Closings, 30 days</span>
                        <b>{fmt.fixed1(item.closings.expected)}</b> <span class="small muted">expected</span>
                        <span class="cell-label">target {fmt.num1(item.closings.target)}</span>
                    </div>
                    <div class="today-do">
                        {shown && (
                            <p class="what">
                                <Icon name="bulb" size={17} />
                                <span>{shown.title}</span>
                            </p>
                        )}
                        <p class="why">{item.why}</p>
                    </div>
                    <div class="today-actions">
                        {top && p.mayDecide && (
                            <>
                                <button type="button" class="btn primary" onClick={() => p.onDecide('accept')} aria-label={`Send to ${item.agent.name}`}>
                                    <Icon name="send" size={16} /> Send
                                </button>
                                <button type="button" class="btn" onClick={() => p.onDecide('change')} aria-label={`Change the suggestion for ${item.agent.name}`}>
                                    Change
                                </button>
                                <button type="button" class="btn quiet" onClick={() => p.onDecide('refuse')} aria-label={`Refuse the suggestion for ${item.agent.name}`}>
                                    Refuse
                                </button>
                            </>
                        )}
                        {!top && latest && <Decided intervention={latest} />}
                        <button
                            type="button"
                            class="expand"
                            aria-expanded={p.expanded}
                            aria-controls={p.expanded ? detailsId : undefined}
                            aria-label={`Details for ${item.agent.name}`}
                            onClick={p.onToggle}
                        >
                            <Icon name="down" />
                        </button>
                    </div>
                </div>
                {p.expanded && shown && <Details id={detailsId} item={item} plays={p.plays} shown={shown} others={othersOf(item, top)} canChange={p.mayDecide && !!top} simulated={p.simulated} onDecide={p.onDecide} />}
            </article>
        </li>
    );
}

function Decided({ intervention }: { intervention: Suggestion }) {
    const status: InterventionStatus = intervention.status;
    return (
        <span class="row">
            <StatusBadge status={status} />
            {intervention.decided_at && <span class="small muted">{fmt.clock(intervention.decided_at)}</span>}
            <span class="sr-only">{STATUS_TEXT[status]}</span>
        </span>
    );
}

interface DetailsProps {
    id: string;
    item: TodayItem;
    plays: SuggestedPlay[];
    shown: Suggestion;
    others: Suggestion[];
    canChange: boolean;
    simulated: boolean;
    onDecide: (kind: DecisionKind, key?: string) => void;
}

function Details({ id, item, plays, shown, others, canChange, simulated, onDecide }: DetailsProps) {
    const play: Partial<SuggestedPlay> | undefined = shown.agent_steps ? shown : plays.find((p) => p.key === shown.key);
    return (
        <div class="today-more" id={id}>
            <p class="full small">
                {play?.summary}{' '}
                <span class="muted">
                    {fmt.int(shown.effort_agent_min)} min for the agent, {fmt.int(shown.effort_coach_min)} min for the coach.
                    {shown.score > 0 && <> Expected gain {fmt.points(shown.score * 100)} points. </>}
                </span>{' '}
                <LabelBadge label={simulated ? 'simulated' : 'projection'} />
            </p>
            <div>
                <h3>For you</h3>
                <Steps steps={play?.coach_steps ?? []} />
            </div>
            <div>
                <h3>For {item.agent.name}</h3>
                <Steps steps={play?.agent_steps ?? []} />
            </div>
            <div class="stack">
                <div>
                    <h3>Why</h3>
                    <Drivers drivers={item.drivers} />
                </div>
                {others.length > 0 && (
                    <div>
                        <h3>Or</h3>
                        <ul class="alts">
                            {others.map((o) => (
                                <li key={o.id}>
                                    <span>{o.title}</span>
                                    {canChange && (
                                        <button type="button" class="btn quiet" onClick={() => onDecide('change', o.key)} aria-label={`Use instead: ${o.title}`}>
                                            Use
                                        </button>
                                    )}
                                </li>
                            ))}
                        </ul>
                    </div>
                )}
            </div>
        </div>
    );
}

const KEYS: [string[], string][] = [
    [['j', 'k'], 'next, previous agent'],
    [['Enter'], 'open or close the details'],
    [['s'], 'send the suggestion'],
    [['c'], 'change it for another'],
    [['r'], 'refuse it'],
    [['o'], "go to the agent's page"],
    [['Ctrl', 'Enter'], 'confirm in a dialog'],
    [['?'], 'this help'],
];

function KeyHelp({ onClose }: { onClose: () => void }) {
    return (
        <Modal title="Keyboard" onClose={onClose}>
            <dl class="keys">
                {KEYS.map(([keys, text]) => (
                    <>
                        <dt>
                            {keys.map((k) => (
                                <kbd key={k}>{k}</kbd>
                            ))}
                        </dt>
                        <dd>{text}</dd>
                    </>
                ))}
            </dl>
            <div class="actions">
                <button type="button" class="btn" data-autofocus onClick={onClose}>
                    Close
                </button>
            </div>
        </Modal>
    );
}
