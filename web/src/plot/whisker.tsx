// An estimate with its interval as a dot and a line on an axis that a whole column of a table shares. The numbers stand beside it.
import type { Bounds } from '../types';
import { type Scale, linear } from './scale';

const EDGE = 5;

/** An axis from 0 to 100 % of the width that holds zero and every interval. */
export function whiskerScale(rows: (Bounds | null)[]): Scale {
    const known = rows.flatMap((r) => (r ? [r.ci_low, r.estimate, r.ci_high] : [])).filter((v): v is number => v != null);
    return linear(Math.min(0, ...known), Math.max(0, ...known), EDGE, 100 - EDGE, 4);
}

const at = (s: Scale, v: number) => `${Math.max(0, Math.min(100, s.at(v))).toFixed(2)}%`;

/** What the data tell: up, down, or not sure. */
export const verdict = (e: Bounds) => (e.ci_low != null && e.ci_low > 0 ? 'up' : e.ci_high != null && e.ci_high < 0 ? 'down' : 'unsure');

export function Whisker({ e, scale }: { e: Bounds; scale: Scale }) {
    return (
        <svg class={`whisker ${verdict(e)}`} height="22" aria-hidden="true" focusable="false">
            <line class="zero" x1={at(scale, 0)} x2={at(scale, 0)} y1="-9" y2="31" />
            {e.ci_low != null && e.ci_high != null && <line class="reach" x1={at(scale, e.ci_low)} x2={at(scale, e.ci_high)} y1="11" y2="11" />}
            {e.estimate != null && <circle cx={at(scale, e.estimate)} cy="11" r="5" />}
        </svg>
    );
}

/** The axis of a column of whiskers, for its head. Of many ticks: zero, and the ends that are not beside it. */
export function WhiskerAxis({ scale, tick }: { scale: Scale; tick: (v: number) => string }) {
    const last = scale.ticks.length - 1;
    const zero = scale.ticks.indexOf(0);
    const shown = last < 4 ? scale.ticks : scale.ticks.filter((_, i) => i === zero || (i === 0 && zero !== 1) || (i === last && zero !== last - 1));
    return (
        <svg class="whisker-axis plot" height="16" aria-hidden="true" focusable="false">
            {shown.map((t) => (
                <text key={t} x={at(scale, t)} y="12" text-anchor="middle">
                    {tick(t)}
                </text>
            ))}
        </svg>
    );
}
