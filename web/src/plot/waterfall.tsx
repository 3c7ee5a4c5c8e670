// From the base rate to this agent's chance: every factor moves it by some percentage points (SHAP values, Lundberg and Lee 2017,
// carried from the margin to the probability by the server). The rows add up to the shown probability, by construction:
// what is not listed stands together in the row "other factors".
import { driverWords } from '../ui/coaching';
import * as fmt from '../format';
import type { Driver, Label, Prediction } from '../types';
import { LabelBadge } from '../ui/parts';
import { linear } from './scale';

const TOP = 8;

export interface Step {
    name: string;
    words: string;
    points: number;
    from: number;
    to: number;
    kind: 'factor' | 'rest';
}

export interface Steps {
    base: number;
    steps: Step[];
    end: number;
}

/** All in percentage points. The last step closes the sum: it ends at the probability. */
export function waterfallSteps(p: Prediction, top = TOP): Steps {
    const base = fmt.sigmoid(p.bias) * 100;
    const end = p.value * 100;
    const sorted = [...p.contributions].sort((a, b) => Math.abs(b.points) - Math.abs(a.points));
    const listed: Driver[] = sorted.slice(0, top).filter((d) => Math.abs(d.points) >= 0.05);
    let at = base;
    const steps: Step[] = listed.map((d) => {
        const from = at;
        at += d.points;
        return { name: d.label, words: driverWords(d), points: d.points, from, to: at, kind: 'factor' };
    });
    const others = sorted.length - listed.length;
    if (others > 0) steps.push({ name: `${others} other factors`, words: 'all that move it less', points: end - at, from: at, to: end, kind: 'rest' });
    return { base, steps, end };
}

export function Waterfall({ prediction, label }: { prediction: Prediction; label: Label }) {
    const { base, steps, end } = waterfallSteps(prediction);
    const all = [base, end, ...steps.flatMap((s) => [s.from, s.to])];
    const lo = Math.max(0, Math.min(...all) - 4);
    const hi = Math.min(100, Math.max(...all) + 4);
    const x = linear(lo, hi, 0, 100, 4);
    const pos = (v: number) => `${Math.max(0, Math.min(100, x.at(v))).toFixed(2)}%`;
    const span = (a: number, b: number) => `${Math.max(0.4, Math.abs(x.at(a) - x.at(b))).toFixed(2)}%`;
    const grid = x.ticks.map((t) => <line key={t} x1={pos(t)} x2={pos(t)} y1="-5" y2="31" />);
    const row = (key: string, name: string, words: string, cls: string, from: number, to: number, text: string, next: number | null) => (
        <tr key={key} class={cls.includes('sum') ? 'sum' : ''}>
            <th scope="row">
                {name}
                <small>{words}</small>
            </th>
            <td>
                <svg aria-hidden="true" focusable="false">
                    {grid}
                    <rect class={cls} x={pos(Math.min(from, to))} width={span(from, to)} y="4" height="18" rx="3" />
                    {next !== null && <line class="link" x1={pos(next)} x2={pos(next)} y1="22" y2="34" />}
                </svg>
            </td>
            <td>{text}</td>
        </tr>
    );
    return (
        <div>
            <div class="legend" aria-hidden="true">
                <span>
                    <i class="up" /> raises the chance
                </span>
                <span>
                    <i class="down" /> lowers it
                </span>
                <LabelBadge label={label} />
            </div>
            <table class="waterfall" data-end={end.toFixed(3)}>
                <caption class="sr-only">From the base rate to the chance of this agent, in percentage points</caption>
                <colgroup>
                    <col class="c-name" />
                    <col />
                    <col class="c-points" />
                </colgroup>
                <thead>
                    <tr>
                        <th scope="col">Factor, against the office</th>
                        <th scope="col">
                            <span class="sr-only">Chance of the goal</span>
                            <svg aria-hidden="true" focusable="false" class="plot">
                                {x.ticks.map((t) => (
                                    <text key={t} x={pos(t)} y="12" text-anchor="middle" font-size="11" fill="currentColor">
                                        {Math.round(t)}%
                                    </text>
                                ))}
                            </svg>
                        </th>
                        <th scope="col">Points</th>
                    </tr>
                </thead>
                <tbody>
                    {row('base', 'Base rate', 'what the model expects of anybody', 'base sum', x.min, base, fmt.percent1(base / 100), base)}
                    {steps.map((s) => row(s.name, s.name, s.words, `${s.points < 0 ? 'down' : 'up'} ${s.kind === 'rest' ? 'rest' : ''}`, s.from, s.to, fmt.points(s.points), s.to))}
                    {row('end', 'Chance of the goal', 'within the next 30 days', 'total sum', x.min, end, fmt.percent1(end / 100), null)}
                </tbody>
            </table>
        </div>
    );
}
