// A plot over time: bars or lines, one or two series, with axes, units, a cursor with the values, and the same as a table.
import { useId, useState } from 'preact/hooks';
import * as fmt from '../format';
import type { Label } from '../types';
import { LabelBadge } from '../ui/parts';
import { linear } from './scale';
import { TableAlt } from './table_alt';
import { useWidth } from './use_width';

export interface PlotSeries {
    name: string;
    values: (number | null)[];
    kind: 'bar' | 'line';
}

interface TimePlotProps {
    title: string;
    unit: string;
    dates: string[];
    series: PlotSeries[];
    format: (v: number | null) => string;
    tick?: (v: number) => string;
    label: Label;
    height?: number;
    /** Fixed top, such as 1 for probabilities. */
    max?: number;
    whole?: boolean;
    dateWord?: string;
}

const WEEK_MS = 7 * 86_400_000;
const M = { top: 10, right: 6, bottom: 20 };

/** Runs of known values: a gap stays a gap. */
function runs(values: (number | null)[]): [number, number][][] {
    const out: [number, number][][] = [];
    let run: [number, number][] = [];
    values.forEach((v, i) => {
        if (v == null) {
            if (run.length) out.push(run);
            run = [];
        } else run.push([i, v]);
    });
    if (run.length) out.push(run);
    return out;
}

export function TimePlot(p: TimePlotProps) {
    const { ref, width } = useWidth(320);
    const [hover, setHover] = useState<number | null>(null);
    const titleId = useId();
    const height = p.height ?? 132;
    const known = p.series.flatMap((s) => s.values).filter((v): v is number => v != null);
    const n = p.dates.length;
    const last = [...(p.series[0]?.values ?? [])].reverse().find((v) => v != null) ?? null;
    const lastDate = p.dates[n - 1];
    const unfinished = !p.dateWord && lastDate !== undefined && Date.parse(lastDate) + WEEK_MS > Date.now();
    const tickText = p.tick ?? ((v: number) => p.format(v));
    const head = (
        <div class="plot-head">
            <h3 id={titleId}>{p.title}</h3>
            <span class="unit">{p.unit}</span>
            <LabelBadge label={p.label} />
            <span class="last">
                {p.format(last)}
                {unfinished && <small> so far</small>}
            </span>
        </div>
    );
    if (known.length === 0 || n === 0)
        return (
            <figure class="plot" aria-labelledby={titleId}>
                {head}
                <p class="small muted">No data from this source.</p>
            </figure>
        );

    const y = linear(0, p.max ?? Math.max(1e-9, ...known), height - M.bottom, M.top, 3, p.whole ?? false);
    const left = 12 + Math.max(...y.ticks.map((t) => tickText(t).length)) * 6.6;
    const slot = (width - left - M.right) / n;
    const x = (i: number) => left + slot * (i + 0.5);
    const move = (e: PointerEvent) => {
        const box = (e.currentTarget as SVGElement).getBoundingClientRect();
        setHover(Math.max(0, Math.min(n - 1, Math.floor((e.clientX - box.left - left) / slot))));
    };
    const everyNth = Math.max(1, Math.ceil(58 / slot));
    const summary = `${p.title}, ${p.unit}: ${n} points from ${fmt.date(p.dates[0])} to ${fmt.date(p.dates[n - 1])}. Last ${p.format(last)}, lowest ${p.format(Math.min(...known))}, highest ${p.format(Math.max(...known))}.`;
    return (
        <figure class="plot" aria-labelledby={titleId}>
            {head}
            {p.series.length > 1 && (
                <div class="legend" aria-hidden="true">
                    {p.series.map((s, k) => (
                        <span key={s.name}>
                            <i class={k ? 'second' : ''} /> {s.name}
                        </span>
                    ))}
                </div>
            )}
            <div ref={ref} class="plot">
                <svg height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={summary} onPointerMove={move} onPointerLeave={() => setHover(null)}>
                    {y.ticks.map((t) => (
                        <g key={t}>
                            <line class={t === 0 ? 'axis-line' : 'grid-line'} x1={left} x2={width - M.right} y1={y.at(t)} y2={y.at(t)} />
                            <text x={left - 7} y={y.at(t) + 4} text-anchor="end">
                                {tickText(t)}
                            </text>
                        </g>
                    ))}
                    {p.dates.map((d, i) =>
                        (n - 1 - i) % everyNth === 0 && x(i) > left + 14 ? (
                            <text key={d} x={Math.min(x(i), width - 18)} y={height - 4} text-anchor="middle">
                                {fmt.dayShort(d)}
                            </text>
                        ) : null,
                    )}
                    {p.series.map((s, k) => (s.kind === 'bar' ? <Bars key={s.name} values={s.values} x={x} y={y.at} slot={slot} hover={hover} second={k > 0} unfinished={unfinished} /> : <Lines key={s.name} values={s.values} x={x} y={y.at} second={k > 0} area={p.series.length === 1} />))}
                    {hover !== null && (
                        <>
                            <line class="cursor" x1={x(hover)} x2={x(hover)} y1={M.top} y2={height - M.bottom} />
                            {p.series.map((s, k) => {
                                const v = s.values[hover];
                                return s.kind === 'line' && v != null ? <circle key={s.name} class={`point ${k ? 'second' : ''}`} cx={x(hover)} cy={y.at(v)} r="4" /> : null;
                            })}
                        </>
                    )}
                </svg>
                {hover !== null && (
                    <div class="tip" style={{ transform: `translate(${Math.round(Math.max(0, Math.min(width - 150, x(hover) + (x(hover) > width / 2 ? -150 : 10))))}px, 0)` }}>
                        {p.dateWord ?? 'Week of'} {fmt.date(p.dates[hover])}
                        {p.series.map((s) => (
                            <b key={s.name}>
                                {p.series.length > 1 ? `${s.name}: ` : ''}
                                {p.format(s.values[hover] ?? null)}
                            </b>
                        ))}
                    </div>
                )}
            </div>
            <TableAlt
                caption={`${p.title}, ${p.unit}`}
                head={[p.dateWord ?? 'Week of', ...p.series.map((s) => s.name)]}
                rows={p.dates.map((d, i) => [fmt.date(d), ...p.series.map((s) => p.format(s.values[i] ?? null))])}
            />
        </figure>
    );
}

interface MarkProps {
    values: (number | null)[];
    x: (i: number) => number;
    y: (v: number) => number;
    second: boolean;
}

function Bars({ values, x, y, slot, hover, second, unfinished }: MarkProps & { slot: number; hover: number | null; unfinished: boolean }) {
    const w = Math.max(2, slot * 0.68);
    return (
        <>
            {values.map((v, i) =>
                v ? <rect key={i} class={`bar ${second ? 'second' : ''} ${(hover !== null && hover !== i) || (unfinished && i === values.length - 1) ? 'dim' : ''}`} x={x(i) - w / 2} width={w} y={y(v)} height={Math.max(0, y(0) - y(v))} rx={Math.min(2, w / 3)} /> : null,
            )}
        </>
    );
}

function Lines({ values, x, y, second, area }: MarkProps & { area: boolean }) {
    return (
        <>
            {runs(values).map((run) => {
                const pts = run.map(([i, v]) => `${x(i).toFixed(1)},${y(v).toFixed(1)}`);
                const first = run[0] ?? [0, 0];
                const end = run[run.length - 1] ?? first;
                return (
                    <g key={first[0]}>
                        {area && run.length > 1 && <polygon class={`area ${second ? 'second' : ''}`} points={`${x(first[0])},${y(0)} ${pts.join(' ')} ${x(end[0])},${y(0)}`} />}
                        {run.length > 1 ? <polyline class={`line ${second ? 'second' : ''}`} points={pts.join(' ')} /> : <circle class={`point ${second ? 'second' : ''}`} cx={x(first[0])} cy={y(first[1])} r="3" />}
                    </g>
                );
            })}
        </>
    );
}
