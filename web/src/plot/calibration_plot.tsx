// Calibration: of the agents to whom the model gave 40 %, did 40 % reach the goal? Points on the diagonal: yes.
import * as fmt from '../format';
import type { Label } from '../types';
import { LabelBadge } from '../ui/parts';
import { linear } from './scale';
import { TableAlt } from './table_alt';
import { useWidth } from './use_width';

export interface CalibrationBin {
    predicted: number;
    observed: number;
    n: number | null;
}

const H = 260;
const LEFT = 46;
const BOTTOM = 38;

export function CalibrationPlot({ bins, label }: { bins: CalibrationBin[]; label: Label }) {
    const { ref, width } = useWidth(360);
    const w = Math.min(width, 420);
    const x = linear(0, 1, LEFT, w - 10, 5);
    const y = linear(0, 1, H - BOTTOM, 10, 5);
    const most = Math.max(1, ...bins.map((b) => b.n ?? 1));
    const summary = `Calibration: ${bins.map((b) => `predicted ${fmt.percent(b.predicted)}, reached ${fmt.percent(b.observed)}`).join('; ')}`;
    return (
        <figure class="plot">
            <div class="plot-head">
                <h3>Calibration</h3>
                <span class="unit">share of agents who reached the goal</span>
                <LabelBadge label={label} />
            </div>
            <div ref={ref}>
                <svg height={H} viewBox={`0 0 ${width} ${H}`} role="img" aria-label={summary}>
                    {y.ticks.map((t) => (
                        <g key={t}>
                            <line class={t === 0 ? 'axis-line' : 'grid-line'} x1={LEFT} x2={w - 10} y1={y.at(t)} y2={y.at(t)} />
                            <text x={LEFT - 7} y={y.at(t) + 4} text-anchor="end">
                                {fmt.percent(t)}
                            </text>
                            <text x={x.at(t)} y={H - BOTTOM + 16} text-anchor="middle">
                                {fmt.percent(t)}
                            </text>
                        </g>
                    ))}
                    <line class="target-line" x1={x.at(0)} y1={y.at(0)} x2={x.at(1)} y2={y.at(1)} />
                    <polyline class="line" points={bins.map((b) => `${x.at(b.predicted).toFixed(1)},${y.at(b.observed).toFixed(1)}`).join(' ')} />
                    {bins.map((b) => (
                        <circle key={b.predicted} class="point" cx={x.at(b.predicted)} cy={y.at(b.observed)} r={3 + 4 * Math.sqrt((b.n ?? 1) / most)}>
                            <title>{`predicted ${fmt.percent1(b.predicted)}, reached ${fmt.percent1(b.observed)}${b.n ? `, ${fmt.int(b.n)} cases` : ''}`}</title>
                        </circle>
                    ))}
                    <text x={(LEFT + w - 10) / 2} y={H - 4} text-anchor="middle">
                        predicted chance
                    </text>
                </svg>
            </div>
            <TableAlt caption="Calibration" head={['Predicted', 'Reached', 'Cases']} rows={bins.map((b) => [fmt.percent1(b.predicted), fmt.percent1(b.observed), fmt.int(b.n)])} />
        </figure>
    );
}
