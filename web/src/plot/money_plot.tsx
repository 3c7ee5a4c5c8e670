// From the value of additional closings down to the net: each step a bar that begins where the last one ended, with the
// interval of what is unsure as a line over it. Amounts are cents.
import * as fmt from '../format';
import type { Label, Return, StepName } from '../types';
import { LabelBadge } from '../ui/parts';
import { linear } from './scale';

const NAMES: Record<StepName, [string, string]> = {
    value: ['Value', 'of additional closings, for the brokerage'],
    coach_hours: ['Coach hours', 'of coachings that were delivered'],
    agent_hours: ['Agent hours', 'spent on them'],
    licence: ['Licence', 'for the agents\u2019 months'],
    net: ['Net', 'what it returned'],
};

export function MoneyPlot({ r, label }: { r: Return; label: Label }) {
    let sum = 0;
    const rows = r.steps.map((s) => {
        const total = s.name === 'value' || s.name === 'net';
        const from = total ? 0 : sum;
        sum = total ? s.estimate : sum + s.estimate;
        return { ...s, total, from, to: sum };
    });
    const all = rows.flatMap((s) => [0, s.from, s.to, ...(s.total ? [s.ci_low, s.ci_high] : [])]);
    const x = linear(Math.min(...all), Math.max(...all), 2, 98, 4);
    const pos = (v: number) => `${Math.max(0, Math.min(100, x.at(v))).toFixed(2)}%`;
    const span = (a: number, b: number) => `${Math.max(0.3, Math.abs(x.at(a) - x.at(b))).toFixed(2)}%`;
    const lastTick = x.ticks.length - 1;
    return (
        <div>
            <div class="legend" aria-hidden="true">
                <span>
                    <i class="up" /> value
                </span>
                <span>
                    <i class="down" /> cost
                </span>
                <span>
                    <i class="whisk" /> 95 % interval
                </span>
                <LabelBadge label={label} />
            </div>
            <table class="waterfall money">
                <caption class="sr-only">From the value of additional closings to the net</caption>
                <colgroup>
                    <col class="c-name" />
                    <col />
                    <col class="c-points" />
                </colgroup>
                <thead>
                    <tr>
                        <th scope="col">Step</th>
                        <th scope="col">
                            <span class="sr-only">Amount</span>
                            <svg aria-hidden="true" focusable="false" class="plot">
                                {x.ticks.map((t, i) => (
                                    <text key={t} class={i === 0 || i === lastTick ? '' : 'minor'} x={pos(t)} y="12" text-anchor="middle">
                                        {fmt.moneyShort(t)}
                                    </text>
                                ))}
                            </svg>
                        </th>
                        <th scope="col">Amount</th>
                    </tr>
                </thead>
                <tbody>
                    {rows.map((s, i) => {
                        const next = rows[i + 1];
                        return (
                            <tr key={s.name} class={s.name === 'net' ? 'sum' : ''}>
                                <th scope="row">
                                    {NAMES[s.name][0]}
                                    <small>{NAMES[s.name][1]}</small>
                                </th>
                                <td>
                                    <svg aria-hidden="true" focusable="false">
                                        {x.ticks.map((t) => (
                                            <line key={t} class={t === 0 ? 'zero' : ''} x1={pos(t)} x2={pos(t)} y1="-9" y2="35" />
                                        ))}
                                        <rect class={s.name === 'net' ? (s.estimate < 0 ? 'down' : 'total') : s.estimate < 0 ? 'down' : 'up'} x={pos(Math.min(s.from, s.to))} width={span(s.from, s.to)} y="4" height="18" rx="3" />
                                        {s.total && s.ci_low !== s.ci_high && (
                                            <>
                                                <line class="halo" x1={pos(s.ci_low)} x2={pos(s.ci_high)} y1="13" y2="13" />
                                                <line class="whisk" x1={pos(s.ci_low)} x2={pos(s.ci_high)} y1="13" y2="13" />
                                            </>
                                        )}
                                        {next && <line class="link" x1={pos(s.to)} x2={pos(s.to)} y1="22" y2="38" />}
                                    </svg>
                                </td>
                                <td>
                                    {fmt.money(s.estimate)}
                                    {s.total && s.ci_low !== s.ci_high && (
                                        <small>
                                            {fmt.moneyShort(s.ci_low)} to {fmt.moneyShort(s.ci_high)}
                                        </small>
                                    )}
                                </td>
                            </tr>
                        );
                    })}
                </tbody>
            </table>
        </div>
    );
}
