// Shares that have got there over time, with bands, how many are still on the way below, and the same as a table.
import { useId } from 'preact/hooks';
import * as fmt from '../format';
import type { Label, SurvivalGroup } from '../types';
import { LabelBadge } from '../ui/parts';
import { linear } from './scale';
import { TableAlt } from './table_alt';
import { useWidth } from './use_width';

const HEIGHT = 260;
const M = { top: 8, right: 10, left: 44 };
const ROW = 16;

interface Props {
    title: string;
    groups: SurvivalGroup[];
    from: number;
    horizon: number;
    label: Label;
}

/** How many are on the way at time t: those at risk at the next point of the curve. */
const atRisk = (g: SurvivalGroup, t: number) => g.curve.find((p) => p.time >= t)?.at_risk ?? 0;

/** The share at time t: that of the last point until then. */
function shareAt(g: SurvivalGroup, t: number) {
    let share = 0;
    for (const p of g.curve) if (p.time <= t) share = 1 - p.survival;
    return share;
}

export function SurvivalPlot({ title, groups, from, horizon, label }: Props) {
    const { ref, width } = useWidth(480);
    const id = useId();
    const bottom = 34 + (groups.length + 1) * ROW;
    const x = (t: number) => M.left + ((Math.min(t, horizon) - from) / (horizon - from)) * (width - M.right - M.left);
    const at = (t: number) => x(t).toFixed(1);
    const y = linear(0, 1, HEIGHT, M.top, 4);
    const ticks = linear(from, horizon, 0, 1, width < 480 ? 3 : 6, true).ticks.filter((t) => t >= from && t <= horizon);
    const words = groups.map((g) => `${g.name}: ${fmt.percent(shareAt(g, horizon))} of ${fmt.int(g.n)} by day ${fmt.int(horizon)}`).join('; ');
    return (
        <figure class="plot" aria-labelledby={id}>
            <div class="plot-head">
                <h3 id={id}>{title}</h3>
                <span class="unit">share of agents, by days since the start</span>
                <LabelBadge label={label} />
            </div>
            <div class="legend" aria-hidden="true">
                {groups.map((g, k) => (
                    <span key={g.name}>
                        <i class={k ? '' : 'second'} /> {g.name}
                    </span>
                ))}
            </div>
            <div ref={ref}>
                <svg height={HEIGHT + bottom} viewBox={`0 0 ${width} ${HEIGHT + bottom}`} role="img" aria-label={`${title}. ${words}.`}>
                    {y.ticks.map((t) => (
                        <g key={t}>
                            <line class={t === 0 ? 'axis-line' : 'grid-line'} x1={M.left} x2={width - M.right} y1={y.at(t)} y2={y.at(t)} />
                            <text x={M.left - 7} y={y.at(t) + 4} text-anchor="end">
                                {fmt.percent(t)}
                            </text>
                        </g>
                    ))}
                    {groups.map((g, k) => {
                        const inside = g.curve.filter((p) => p.time <= horizon);
                        const up: string[] = [];
                        const low: string[] = [];
                        const high: string[] = [];
                        let share = 0;
                        let lo = 0;
                        let hi = 0;
                        const step = (list: string[], t: number, before: number, now: number) => list.push(`${at(t)},${y.at(before).toFixed(1)}`, `${at(t)},${y.at(now).toFixed(1)}`);
                        for (const p of [{ time: from, survival: 1, ci_low: 1, ci_high: 1 }, ...inside, { time: horizon, survival: null, ci_low: null, ci_high: null }]) {
                            const next = p.survival === null ? share : 1 - p.survival;
                            const nextLo = p.ci_high === null ? lo : 1 - p.ci_high;
                            const nextHi = p.ci_low === null ? hi : 1 - p.ci_low;
                            step(up, p.time, share, next);
                            step(low, p.time, lo, nextLo);
                            step(high, p.time, hi, nextHi);
                            [share, lo, hi] = [next, nextLo, nextHi];
                        }
                        return (
                            <g key={g.name}>
                                <polygon class={`area ${k ? '' : 'second'}`} points={[...high, ...low.reverse()].join(' ')} />
                                <polyline class={`line ${k ? '' : 'second'}`} points={up.join(' ')} />
                            </g>
                        );
                    })}
                    {ticks.map((t) => (
                        <text key={t} x={x(t)} y={HEIGHT + 18} text-anchor="middle">
                            {fmt.int(t)}
                        </text>
                    ))}
                    <text x={0} y={HEIGHT + 34 + ROW / 2} class="strong">
                        Still on the way
                    </text>
                    {groups.map((g, k) => (
                        <g key={g.name}>
                            <rect class={`bar ${k ? '' : 'second'}`} x={0} y={HEIGHT + 34 + (k + 0.8) * ROW} width="9" height="9" rx="2" />
                            {ticks.map((t) => (
                                <text key={t} x={x(t)} y={HEIGHT + 34 + (k + 1.4) * ROW} text-anchor="middle">
                                    {fmt.int(atRisk(g, t))}
                                </text>
                            ))}
                        </g>
                    ))}
                </svg>
            </div>
            <TableAlt
                caption={title}
                head={['Day', ...groups.flatMap((g) => [`There, ${g.name}`, `Still on the way, ${g.name}`])]}
                rows={ticks.map((t) => [fmt.int(t), ...groups.flatMap((g) => [fmt.percent1(shareAt(g, t)), fmt.int(atRisk(g, t))])])}
            />
        </figure>
    );
}
