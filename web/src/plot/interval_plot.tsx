// Estimates with their intervals on one axis, so that one sees whether they overlap.
import * as fmt from '../format';
import type { Interval, Label } from '../types';
import { LabelBadge } from '../ui/parts';
import { linear } from './scale';
import { useWidth } from './use_width';

const ROW = 30;
const LEFT = 58;
const RIGHT = 14;

const round = (v: number | null) => (v !== null && fmt.num2(v) === fmt.fixed3(v) ? fmt.num2(v) : fmt.fixed3(v));

export function IntervalPlot({ title, hint, rows, label, show = fmt.fixed3, tick = round, alike = false }: { title: string; hint: string; rows: (Interval & { name: string })[]; label: Label; show?: (v: number | null) => string; tick?: (v: number | null) => string; /** no row stands back behind the first */ alike?: boolean }) {
    const { ref, width } = useWidth(360);
    const known = rows.flatMap((r) => [r.low, r.estimate, r.high]).filter((v): v is number => v != null);
    if (known.length === 0) return null;
    const x = linear(Math.min(...known), Math.max(...known), LEFT, width - RIGHT, 4);
    const height = rows.length * ROW + 26;
    const words = rows.map((r) => `${r.name} ${show(r.estimate)}, 95 % interval ${show(r.low)} to ${show(r.high)}`).join('; ');
    return (
        <figure class="plot">
            <div class="plot-head">
                <h3>{title}</h3>
                <span class="unit">{hint}</span>
                <LabelBadge label={label} />
            </div>
            <div ref={ref}>
                <svg height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={`${title}: ${words}`}>
                    {x.ticks.map((t) => (
                        <g key={t}>
                            <line class={t === 0 ? 'axis-line' : 'grid-line'} x1={x.at(t)} x2={x.at(t)} y1="2" y2={rows.length * ROW} />
                            <text x={x.at(t)} y={height - 8} text-anchor="middle">
                                {tick(t)}
                            </text>
                        </g>
                    ))}
                    {rows.map((r, k) => {
                        const y = k * ROW + ROW / 2;
                        return (
                            <g key={r.name} class={k === 0 || alike ? '' : 'naive'}>
                                <text x={LEFT - 12} y={y + 4} text-anchor="end">
                                    {r.name}
                                </text>
                                {r.low != null && r.high != null && <line class="interval" x1={x.at(r.low)} x2={x.at(r.high)} y1={y} y2={y} />}
                                {r.estimate != null && <circle class="estimate" cx={x.at(r.estimate)} cy={y} r="5" />}
                            </g>
                        );
                    })}
                </svg>
            </div>
        </figure>
    );
}
