// Pieces of a suggestion that several pages show: the steps, the drivers in words, the status, the outcome.
import { useState } from 'preact/hooks';
import { api } from '../api';
import * as fmt from '../format';
import type { Driver, Intervention, InterventionStatus, Outcome } from '../types';
import { useAction } from './parts';

export function Steps({ steps }: { steps: string[] }) {
    if (steps.length === 0) return <p class="small muted">Nothing to do.</p>;
    return (
        <ol class="steps">
            {steps.map((s, i) => (
                <li key={i}>
                    <span>{s}</span>
                </li>
            ))}
        </ol>
    );
}

/** "47 min, office median 6 min". */
export function driverWords(d: Driver): string {
    const v = fmt.value(d.value, d.unit);
    return d.median == null ? v : `${v}, office median ${fmt.value(d.median, d.unit)}`;
}

export function Drivers({ drivers }: { drivers: Driver[] }) {
    return (
        <ul class="drivers">
            {drivers.map((d) => (
                <li key={d.feature}>
                    <span class="strong">{d.label}</span>
                    <b class={d.points < 0 ? 'down' : 'up'}>
                        {fmt.points(d.points)} <span class="sr-only">percentage points</span>
                        <span aria-hidden="true">pts</span>
                    </b>
                    <small>{driverWords(d)}</small>
                </li>
            ))}
        </ul>
    );
}

export const STATUS_TEXT: Record<InterventionStatus, string> = {
    suggested: 'Suggested',
    accepted: 'Sent',
    changed: 'Sent, changed',
    refused: 'Refused',
    expired: 'Expired',
    done: 'Done',
};
const STATUS_TONE: Record<InterventionStatus, string> = { suggested: 'warn', accepted: 'good', changed: 'good', refused: '', expired: '', done: 'good' };

export function StatusBadge({ status }: { status: InterventionStatus }) {
    return <span class={`badge ${STATUS_TONE[status]}`}>{STATUS_TEXT[status]}</span>;
}

export const OUTCOME_TEXT: Record<Outcome, string> = { improved: 'Improved', same: 'No change', worse: 'Worse', not_done: 'Not done' };
const OUTCOMES = Object.keys(OUTCOME_TEXT) as Outcome[];

/** How it went: four answers, and a note if one wants. */
export function OutcomeEntry({ intervention, onDone }: { intervention: Intervention; onDone: (i: Intervention) => void }) {
    const [note, setNote] = useState('');
    const action = useAction();
    return (
        <div class="stack">
            <fieldset class="outcome-set">
                <legend class="small strong">How did it go?</legend>
                <div class="outcomes">
                    {OUTCOMES.map((o) => (
                        <button
                            key={o}
                            type="button"
                            class="btn"
                            disabled={action.busy}
                            onClick={() =>
                                action.run(async () => {
                                    onDone(await api.post<Intervention>(`/v1/interventions/${intervention.id}/outcome`, { outcome: o, ...(note.trim() ? { note: note.trim() } : {}) }));
                                })
                            }
                        >
                            {OUTCOME_TEXT[o]}
                        </button>
                    ))}
                </div>
            </fieldset>
            <div class="field">
                <input type="text" aria-label="Note on how it went (optional)" placeholder="Note (optional)" maxLength={1000} value={note} onInput={(e) => setNote(e.currentTarget.value)} />
            </div>
            {action.wrong && (
                <p class="notice bad" role="alert">
                    {action.wrong}
                </p>
            )}
        </div>
    );
}

export const effort = (i: { effort_agent_min: number; effort_coach_min: number }) => `${fmt.int(i.effort_agent_min)} min for the agent, ${fmt.int(i.effort_coach_min)} min for you`;

/** Probability, and how it moved. */
export function Moved({ points }: { points: number | null }) {
    if (points == null || Math.abs(points) < 0.05) return null;
    return (
        <small class={points < 0 ? 'down' : 'up'}>
            <span aria-hidden="true">{points < 0 ? '▼' : '▲'}</span> {fmt.points(points)} <span class="sr-only">percentage points since the last prediction</span>
        </small>
    );
}
