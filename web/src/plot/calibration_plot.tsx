// Calibration: of the agents to whom the model gave 40 %, did 40 % reach the goal? Points on the diagonal: yes.
import * as fmt from '../format';
import type { CalibrationBin, Label } from '../types';
import { LabelBadge } from '../ui/parts';
import { linear } from './scale';
import { TableAlt } from './table_alt';
import { useWidth } from './use_width';

const H = 260;
const LEFT = 46;
const BOTTOM = 38;

/** share: chances, 0 to 100 %. count: closings. */
export function CalibrationPlot({ bins, kind, label }: { bins: CalibrationBin[]; kind: 'share' | 'count'; label: Label }) {
    const { ref, width } = useWidth(360);
    const w = Math.min(width, 420);
    const most = Math.max(1, ...bins.map((b) => b.rows));
    const top = kind === 'share' ? 1 : Math.max(...bins.flatMap((b) => [b.mean_predicted, b.mean_observed]));
    const x = linear(0, top, LEFT, w - 10, 5);
    const y = linear(0, top, H - BOTTOM, 10, 5);
    const tick = kind === 'share' ? fmt.percent : fmt.num1;
    const exact = kind === 'share' ? fmt.percent1 : fmt.num2;
    const what = kind === 'share' ? 'reached the goal' : 'closings seen';
    const summary = `Calibration: ${bins.map((b) => `predicted ${exact(b.mean_predicted)}, ${what} ${exact(b.mean_observed)}`).join('; ')}`;
    return (
        <figure class="plot">
            <div class="plot-head">
                <h3>Calibration</h3>
                <span class="unit">{kind === 'share' ? 'share that reached the goal' : 'closings, mean of the group'}</span>
                <LabelBadge label={label} />
            </div>
            <div ref={ref}>
                <svg height={H} viewBox={`0 0 ${width} ${H}`} role="img" aria-label={summary}>
                    {y.ticks.map((t) => (
                        <g key={t}>
                            <line class={t === 0 ? 'axis-line' : 'grid-line'} x1={LEFT} x2={w - 10} y1={y.at(t)} y2={y.at(t)} />
                            <text x={LEFT - 7} y={y.at(t) + 4} text-anchor="end">
                                {tick(t)}
                            </text>
                            <text x={x.at(t)} y={H - BOTTOM + 16} text-anchor="middle">
                                {tick(t)}
                            </text>
                        </g>
                    ))}
                    <line class="target-line" x1={x.at(0)} y1={y.at(0)} x2={x.at(x.max)} y2={y.at(y.max)} />
                    <polyline class="line" points={bins.map((b) => `${x.at(b.mean_predicted).toFixed(1)},${y.at(b.mean_observed).toFixed(1)}`).join(' ')} />
                    {bins.map((b) => (
                        <circle key={b.mean_predicted} class="point" cx={x.at(b.mean_predicted)} cy={y.at(b.mean_observed)} r={3 + 4 * Math.sqrt(b.rows / most)}>
                            <title>{`predicted ${exact(b.mean_predicted)}, ${what} ${exact(b.mean_observed)}, ${fmt.int(b.rows)} rows`}</title>
                        </circle>
                    ))}
                    <text x={(LEFT + w - 10) / 2} y={H - 4} text-anchor="middle">
                        {kind === 'share' ? 'predicted chance' : 'predicted closings'}
                    </text>
                </svg>
            </div>
            <TableAlt caption="Calibration" head={['Predicted', kind === 'share' ? 'Reached' : 'Seen', 'Rows']} rows={bins.map((b) => [exact(b.mean_predicted), exact(b.mean_observed), fmt.int(b.rows)])} />
        </figure>
    );
}
