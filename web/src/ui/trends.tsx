// The weeks behind: one small plot for each kind of work, and the chance of the goal over time.
import * as fmt from '../format';
import { TimePlot } from '../plot/time_plot';
import { useResource } from '../resource';
import type { Trend } from '../types';
import { Card, Show, predictionLabel } from './parts';

const WEEKS = 26;
const PLOTS: { key: keyof Trend['series']; title: string; unit: string; money?: boolean }[] = [
    { key: 'calls', title: 'Calls', unit: 'per week' },
    { key: 'texts', title: 'Texts', unit: 'per week' },
    { key: 'appointments', title: 'Appointments', unit: 'per week' },
    { key: 'leads', title: 'New leads', unit: 'per week' },
    { key: 'closings', title: 'Closings', unit: 'per week' },
    { key: 'commission_cents', title: 'Commission', unit: 'per week', money: true },
];

export function Trends({ agentId }: { agentId: string }) {
    const res = useResource<Trend>(`/v1/agents/${agentId}/trend`, { weeks: WEEKS });
    return (
        <Card title="Trends">
            <Show of={res} rows={3}>
                {(t) => (
                    <div class="stack wide-gap">
                        <TimePlot
                            title="Chance of the goal"
                            unit="by day of the prediction"
                            dates={t.probability.map((x) => x.as_of)}
                            series={[{ name: 'Chance', values: t.probability.map((x) => x.value), kind: 'line' }]}
                            format={(v) => fmt.percent(v)}
                            label={predictionLabel(t.label)}
                            height={168}
                            max={1}
                            dateWord="On"
                        />
                        <div class="small-plots">
                            {PLOTS.map((p) => (
                                <TimePlot
                                    key={p.key}
                                    title={p.title}
                                    unit={p.unit}
                                    dates={t.weeks}
                                    series={[{ name: p.title, values: t.series[p.key] ?? [], kind: 'bar' }]}
                                    format={p.money ? fmt.money : fmt.int}
                                    {...(p.money ? { tick: fmt.moneyShort } : {})}
                                    label={t.label}
                                    whole={!p.money}
                                />
                            ))}
                        </div>
                    </div>
                )}
            </Show>
        </Card>
    );
}
