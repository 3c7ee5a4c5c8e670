// Event study: the effect by period before and after the first coaching, with intervals for one period (thick) and for all
// periods together (thin). Before it, an effect that is not zero speaks against the comparison.
import { useId } from 'preact/hooks';
import * as fmt from '../format';
import type { EffectEvent, Label } from '../types';
import { LabelBadge } from '../ui/parts';
import { linear } from './scale';
import { TableAlt } from './table_alt';
import { useWidth } from './use_width';

const HEIGHT = 230;
const BOTTOM = 40;
const RIGHT = 12;

export function EventPlot({ title, unit, events, perDays, label, show }: { title: string; unit: string; events: EffectEvent[]; perDays: number; label: Label; show: (v: number | null) => string }) {
    const { ref, width } = useWidth(480);
    const id = useId();
    const known = events.flatMap((e) => [e.estimate, e.band_low ?? e.ci_low, e.band_high ?? e.ci_high]).filter((v): v is number => v != null);
    if (known.length === 0) return null;
    const times = events.map((e) => e.event_time);
    const first = Math.min(...times);
    const last = Math.max(...times);
    const y = linear(Math.min(0, ...known), Math.max(0, ...known), HEIGHT, 10, 4);
    const left = 14 + Math.max(...y.ticks.map((t) => show(t).length)) * 6.6;
    const slot = (width - left - RIGHT) / (last - first + 1);
    const x = (t: number) => left + slot * (t - first + 0.5);
    const nth = Math.max(1, Math.ceil(26 / slot));
    const after = events.filter((e) => e.event_time >= 0 && e.estimate != null);
    const words = `${title}, ${unit}. ${events.length} periods of ${perDays} days from ${first} to ${last}; after the start ${after.map((e) => show(e.estimate)).join(', ')}.`;
    return (
        <figure class="plot" aria-labelledby={id}>
            <div class="plot-head">
                <h3 id={id}>{title}</h3>
                <span class="unit">{unit}</span>
                <LabelBadge label={label} />
            </div>
            <div class="legend" aria-hidden="true">
                <span>
                    <i class="base" /> before the start: should lie at zero
                </span>
                <span>
                    <i /> after it
                </span>
            </div>
            <div ref={ref}>
                <svg height={HEIGHT + BOTTOM} viewBox={`0 0 ${width} ${HEIGHT + BOTTOM}`} role="img" aria-label={words}>
                    {y.ticks.map((t) => (
                        <g key={t}>
                            <line class={t === 0 ? 'axis-line' : 'grid-line'} x1={left} x2={width - RIGHT} y1={y.at(t)} y2={y.at(t)} />
                            <text x={left - 7} y={y.at(t) + 4} text-anchor="end">
                                {show(t)}
                            </text>
                        </g>
                    ))}
                    {first < 0 && last >= 0 && <line class="target-line" x1={x(0) - slot / 2} x2={x(0) - slot / 2} y1={8} y2={HEIGHT} />}
                    {events.map((e) => (
                        <g key={e.event_time} class={e.event_time < 0 ? 'naive' : ''}>
                            {e.band_low != null && e.band_high != null && <line class="band" x1={x(e.event_time)} x2={x(e.event_time)} y1={y.at(e.band_low)} y2={y.at(e.band_high)} />}
                            {e.ci_low != null && e.ci_high != null && <line class="interval" x1={x(e.event_time)} x2={x(e.event_time)} y1={y.at(e.ci_low)} y2={y.at(e.ci_high)} />}
                            {e.estimate != null && <circle class="estimate" cx={x(e.event_time)} cy={y.at(e.estimate)} r="4" />}
                            {(e.event_time - first) % nth === 0 && (
                                <text x={x(e.event_time)} y={HEIGHT + 17} text-anchor="middle">
                                    {e.event_time < 0 ? fmt.int(e.event_time) : `+${fmt.int(e.event_time)}`}
                                </text>
                            )}
                        </g>
                    ))}
                    <text x={(left + width - RIGHT) / 2} y={HEIGHT + 35} text-anchor="middle">
                        {perDays}-day periods since the first coaching
                    </text>
                </svg>
            </div>
            <TableAlt
                caption={title}
                head={['Period', 'Effect', 'Low', 'High', 'Coached', 'Compared with']}
                rows={events.map((e) => [fmt.int(e.event_time), show(e.estimate), show(e.ci_low), show(e.ci_high), fmt.int(e.n_treated), fmt.int(e.n_control)])}
            />
        </figure>
    );
}
