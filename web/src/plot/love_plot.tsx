// How alike the groups were before: standardised differences of their means (Austin 2009), with the line of 0.1 up to which a
// difference is called small.
import { useId } from 'preact/hooks';
import * as fmt from '../format';
import type { Label } from '../types';
import { LabelBadge } from '../ui/parts';
import { linear } from './scale';
import { TableAlt } from './table_alt';
import { useWidth } from './use_width';

const ROW = 30;
const RIGHT = 16;
export const SMALL = 0.1;

export function LovePlot({ title, rows, label }: { title: string; rows: { name: string; difference: number | null }[]; label: Label }) {
    const { ref, width } = useWidth(360);
    const id = useId();
    const known = rows.map((r) => r.difference).filter((v): v is number => v != null);
    if (known.length === 0) return null;
    const most = Math.max(2 * SMALL, ...known.map(Math.abs));
    const left = 16 + Math.max(...rows.map((r) => r.name.length)) * 6.4;
    const x = linear(-most, most, left, width - RIGHT, 4);
    const height = rows.length * ROW + 26;
    const words = rows.map((r) => `${r.name} ${fmt.num2(r.difference)}`).join(', ');
    return (
        <figure class="plot" aria-labelledby={id}>
            <div class="plot-head">
                <h3 id={id}>{title}</h3>
                <span class="unit">standard deviations apart; between the dashed lines: small</span>
                <LabelBadge label={label} />
            </div>
            <div ref={ref}>
                <svg height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={`${title}, in standard deviations: ${words}.`}>
                    {x.ticks.map((t) => (
                        <g key={t}>
                            <line class={t === 0 ? 'axis-line' : 'grid-line'} x1={x.at(t)} x2={x.at(t)} y1="2" y2={rows.length * ROW} />
                            <text x={x.at(t)} y={height - 8} text-anchor="middle">
                                {fmt.num2(t)}
                            </text>
                        </g>
                    ))}
                    {[-SMALL, SMALL].map((t) => (
                        <line key={t} class="target-line" x1={x.at(t)} x2={x.at(t)} y1="2" y2={rows.length * ROW} />
                    ))}
                    {rows.map((r, k) => (
                        <g key={r.name}>
                            <text x={left - 12} y={k * ROW + ROW / 2 + 4} text-anchor="end">
                                {r.name}
                            </text>
                            {r.difference != null && <circle class={Math.abs(r.difference) > SMALL ? 'far' : 'estimate'} cx={x.at(r.difference)} cy={k * ROW + ROW / 2} r="5" />}
                        </g>
                    ))}
                </svg>
            </div>
            <TableAlt caption={title} head={['What', 'Standard deviations apart']} rows={rows.map((r) => [r.name, fmt.num2(r.difference)])} />
        </figure>
    );
}
