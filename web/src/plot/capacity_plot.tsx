// Load, what is expected of it, and the capacity of the replicas as steps, on one scale (right: in replicas), and the same as a table.
import { useId, useState } from 'preact/hooks';
import * as fmt from '../format';
import type { ScalingReport } from '../types';
import { LabelBadge } from '../ui/parts';
import { linear } from './scale';
import { TableAlt } from './table_alt';
import { useWidth } from './use_width';

const HEIGHT = 280;
const M = { top: 10, right: 34, bottom: 22 };
const HOUR_MS = 3_600_000;
const TIP = 190;

interface Point {
    at: number;
    demand: number | null;
    provided: number | null;
    replicas: number | null;
    ahead: boolean;
}

function pointsOf(r: ScalingReport): Point[] {
    const from = Date.parse(r.history.from);
    const past = r.history.demand.map((demand, i) => ({ at: from + i * r.history.step_s * 1000, demand, provided: null, replicas: r.history.replicas[i] ?? null, ahead: false }));
    return [...past, ...r.ahead.hours.map((h) => ({ at: Date.parse(h.at), demand: h.demand, provided: h.provided, replicas: h.replicas, ahead: true }))];
}

/** Points "x,y" of the runs without a gap; as steps each value holds until the next time. */
function lines(points: Point[], value: (p: Point) => number | null, x: (t: number) => number, y: (v: number) => number, steps: boolean): string[] {
    const out: string[][] = [];
    let open = false;
    points.forEach((p, i) => {
        const v = value(p);
        if (v === null) {
            open = false;
            return;
        }
        if (!open) out.push([]);
        open = true;
        const run = out[out.length - 1];
        const next = points[i + 1]?.at ?? p.at;
        run?.push(`${x(p.at).toFixed(1)},${y(v).toFixed(1)}`);
        if (steps) run?.push(`${x(next).toFixed(1)},${y(v).toFixed(1)}`);
    });
    return out.map((run) => run.join(' '));
}

const midnights = (from: number, to: number) => {
    const out: number[] = [];
    const d = new Date(from);
    d.setHours(24, 0, 0, 0);
    for (; d.getTime() <= to; d.setDate(d.getDate() + 1)) out.push(d.getTime());
    return out;
};

export function CapacityPlot({ report: r }: { report: ScalingReport }) {
    const { ref, width } = useWidth(480);
    const [hover, setHover] = useState<number | null>(null);
    const id = useId();
    const points = pointsOf(r);
    const known = points.flatMap((p) => [p.demand, p.provided, p.replicas === null ? null : p.replicas * r.capacity]).filter((v): v is number => v !== null);
    const head = (
        <div class="plot-head">
            <h3 id={id}>Load and capacity</h3>
            <span class="unit">load a replica serves: {fmt.short(r.capacity)}</span>
            <LabelBadge label={r.history.label} />
            <LabelBadge label={r.ahead.label} />
        </div>
    );
    if (known.length === 0)
        return (
            <figure class="plot" aria-labelledby={id}>
                {head}
                <p class="small muted">No load has been read yet.</p>
            </figure>
        );
    const first = points[0]?.at ?? 0;
    const end = points[points.length - 1]?.at ?? first + HOUR_MS;
    const now = Date.parse(r.at);
    const y = linear(0, Math.max(1e-9, ...known), HEIGHT - M.bottom, M.top, 4);
    const right = linear(0, y.max / r.capacity, HEIGHT - M.bottom, M.top, 4, true);
    const left = 12 + Math.max(...y.ticks.map((t) => fmt.short(t).length)) * 6.6;
    const x = (t: number) => left + ((t - first) / (end - first)) * (width - M.right - left);
    const ahead = points.filter((p) => p.ahead && p.demand !== null && p.provided !== null);
    const band = [...ahead.map((p) => `${x(p.at).toFixed(1)},${y.at(p.provided ?? 0).toFixed(1)}`), ...ahead.map((p) => `${x(p.at).toFixed(1)},${y.at(p.demand ?? 0).toFixed(1)}`).reverse()];
    const past = points.filter((p) => !p.ahead);
    const move = (e: PointerEvent) => {
        const t = first + ((e.clientX - (e.currentTarget as SVGElement).getBoundingClientRect().left - left) / (width - M.right - left)) * (end - first);
        let best = 0;
        points.forEach((p, i) => {
            if (Math.abs(p.at - t) < Math.abs((points[best]?.at ?? 0) - t)) best = i;
        });
        setHover(best);
    };
    const lastLoad = [...past].reverse().find((p) => p.demand !== null)?.demand ?? null;
    const most = Math.max(0, ...ahead.map((p) => p.replicas ?? 0));
    const words = `Load and capacity of ${r.service}, ${fmt.time(r.history.from)} to ${fmt.time(new Date(end).toISOString())}. Load last ${fmt.num2(lastLoad)}.${ahead.length ? ` Expected in the coming hours: up to ${fmt.num2(Math.max(...ahead.map((p) => p.demand ?? 0)))}, for which up to ${fmt.int(most)} replicas are planned.` : ''}`;
    const at = hover === null ? null : (points[hover] ?? null);
    const capacity = (p: Point) => (p.replicas === null ? null : p.replicas * r.capacity);
    return (
        <figure class="plot" aria-labelledby={id}>
            {head}
            <div class="legend" aria-hidden="true">
                <span>
                    <i /> Load
                </span>
                <span>
                    <i class="dashed" /> Expected
                </span>
                <span>
                    <i class="band" /> Provided for ({fmt.percent(r.ahead.quantile)})
                </span>
                <span>
                    <i class="second" /> Replicas
                </span>
            </div>
            <div ref={ref} class="plot">
                <svg height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`} role="img" aria-label={words} onPointerMove={move} onPointerLeave={() => setHover(null)}>
                    {y.ticks.map((t) => (
                        <g key={t}>
                            <line class={t === 0 ? 'axis-line' : 'grid-line'} x1={left} x2={width - M.right} y1={y.at(t)} y2={y.at(t)} />
                            <text x={left - 7} y={y.at(t) + 4} text-anchor="end">
                                {fmt.short(t)}
                            </text>
                        </g>
                    ))}
                    {right.ticks
                        .filter((t) => t * r.capacity <= y.max)
                        .map((t) => (
                            <text key={t} class="second" x={width - M.right + 6} y={y.at(t * r.capacity) + 4}>
                                {fmt.short(t)}
                            </text>
                        ))}
                    {midnights(first, end).map((t) => (
                        <g key={t}>
                            <line class="grid-line" x1={x(t)} x2={x(t)} y1={M.top} y2={HEIGHT - M.bottom} />
                            {x(t) < width - M.right - 20 && (
                                <text x={x(t)} y={HEIGHT - 5} text-anchor="middle">
                                    {fmt.dayOf(new Date(t).toISOString())}
                                </text>
                            )}
                        </g>
                    ))}
                    <polygon class="area strong-area" points={band.join(' ')} />
                    {lines(past, capacity, x, y.at, true).map((run) => (
                        <polyline key={run} class="line second" points={run} />
                    ))}
                    {lines(ahead, capacity, x, y.at, true).map((run) => (
                        <polyline key={run} class="line second ahead" points={run} />
                    ))}
                    {lines(past, (p) => p.demand, x, y.at, false).map((run) => (
                        <polyline key={run} class="line" points={run} />
                    ))}
                    {lines(ahead, (p) => p.demand, x, y.at, false).map((run) => (
                        <polyline key={run} class="line ahead" points={run} />
                    ))}
                    <line class="target-line" x1={x(now)} x2={x(now)} y1={M.top} y2={HEIGHT - M.bottom} />
                    <text x={x(now) + 5} y={M.top + 9}>
                        now
                    </text>
                    {at && <line class="cursor" x1={x(at.at)} x2={x(at.at)} y1={M.top} y2={HEIGHT - M.bottom} />}
                </svg>
                {at && (
                    <div class="tip" style={{ transform: `translate(${Math.round(Math.max(0, Math.min(width - TIP, x(at.at) + (x(at.at) > width / 2 ? -TIP : 10))))}px, 0)` }}>
                        {fmt.time(new Date(at.at).toISOString())}
                        <b>
                            {at.ahead ? 'Expected' : 'Load'}: {fmt.num2(at.demand)}
                        </b>
                        {at.provided !== null && <b>Provided for: {fmt.num2(at.provided)}</b>}
                        <b>Replicas: {fmt.int(at.replicas)}</b>
                    </div>
                )}
            </div>
            <TableAlt caption="Load and capacity, by hour" head={['Time', 'Load', 'Provided for', 'Replicas']} rows={hourly(points).map((p) => [`${fmt.time(new Date(p.at).toISOString())}${p.ahead ? ' (expected)' : ''}`, fmt.num2(p.demand), fmt.num2(p.provided), fmt.int(p.replicas)])} />
        </figure>
    );
}

/** One point an hour of the past, and what is ahead. */
function hourly(points: Point[]): Point[] {
    let last = -Infinity;
    return points.filter((p) => {
        if (!p.ahead && p.at - last < HOUR_MS) return false;
        last = p.at;
        return true;
    });
}
