// Models: how good each one is, measured on data it had not seen, beside the naive guess; and why one was rejected.
import * as fmt from '../format';
import { CalibrationPlot, type CalibrationBin } from '../plot/calibration_plot';
import { useResource } from '../resource';
import { tenantLabel, useMe } from '../session';
import type { Label, List, ModelRow } from '../types';
import { Empty, LabelBadge, PageHead, Show } from '../ui/parts';

export function ModelsPage() {
    const me = useMe();
    const res = useResource<List<ModelRow> & { label?: Label }>('/v1/models');
    const label = res.data?.label ?? tenantLabel(me);
    return (
        <>
            <PageHead title="Models" sub="Each one was judged on weeks that it had not seen, beside the naive guess">
                <LabelBadge label={label} />
            </PageHead>
            <Show of={res}>
                {(d) =>
                    d.items.length === 0 ? (
                        <Empty title="No model yet" text="Agents are ranked by rule until one is trained and found better than the naive guess." icon="model" />
                    ) : (
                        <div class="stack">
                            {d.items.map((m) => (
                                <ModelCard key={m.id} model={m} label={label} />
                            ))}
                        </div>
                    )
                }
            </Show>
        </>
    );
}

const KIND: Record<string, string> = { goal: 'Chance of the goal', closings: 'Expected closings' };
const TONE: Record<string, string> = { active: 'good', rejected: 'bad', retired: '' };

/** A score of the report: a number, or one with its interval. */
export interface Score {
    name: string;
    value: number;
    low: number | null;
    high: number | null;
}

const isNumber = (v: unknown): v is number => typeof v === 'number' && Number.isFinite(v);

/** Finds the scores in a report: {"auc": 0.74, "auc_low": .., "auc_high": ..} or {"auc": {"value","low","high"}}. */
export function scoresOf(report: Record<string, unknown>): Score[] {
    const out: Score[] = [];
    for (const [name, v] of Object.entries(report)) {
        if (/_(low|high|lo|hi)$/.test(name)) continue;
        if (isNumber(v)) {
            const side = (s: string[]) => s.map((x) => report[`${name}_${x}`]).find(isNumber) ?? null;
            out.push({ name, value: v, low: side(['low', 'lo']), high: side(['high', 'hi']) });
        } else if (v && typeof v === 'object' && !Array.isArray(v)) {
            const o = v as Record<string, unknown>;
            if (isNumber(o.value)) out.push({ name, value: o.value, low: isNumber(o.low) ? o.low : isNumber(o.lo) ? o.lo : null, high: isNumber(o.high) ? o.high : isNumber(o.hi) ? o.hi : null });
        }
    }
    return out;
}

function binsOf(report: Record<string, unknown>): CalibrationBin[] {
    const raw = report.calibration ?? report.bins ?? report.reliability;
    if (!Array.isArray(raw)) return [];
    return raw
        .map((b: Record<string, unknown>) => ({
            predicted: [b.predicted, b.mean, b.mean_p, b.p].find(isNumber),
            observed: [b.observed, b.rate, b.y].find(isNumber),
            n: [b.n, b.count].find(isNumber) ?? null,
        }))
        .filter((b): b is CalibrationBin => b.predicted !== undefined && b.observed !== undefined);
}

function reasonsOf(report: Record<string, unknown>): string[] {
    const r = report.rejected_because ?? report.reasons ?? report.reason;
    if (typeof r === 'string' && r) return [r];
    return Array.isArray(r) ? r.filter((x): x is string => typeof x === 'string') : [];
}

const SCORE_TEXT: Record<string, [string, string]> = {
    auc: ['AUC', 'How well it ranks: 0.5 is chance, 1 is perfect'],
    brier: ['Brier score', 'Mean squared error of the chance: lower is better'],
    naive_brier: ['Brier, naive guess', 'The same for a guess without a model'],
    brier_naive: ['Brier, naive guess', 'The same for a guess without a model'],
};

function Scores({ scores }: { scores: Score[] }) {
    return (
        <table class="data">
            <caption class="sr-only">Scores with their intervals</caption>
            <thead>
                <tr>
                    <th scope="col">Score</th>
                    <th scope="col" class="num">
                        Value
                    </th>
                    <th scope="col" class="num">
                        95 % interval
                    </th>
                </tr>
            </thead>
            <tbody>
                {scores.map((s) => (
                    <tr key={s.name}>
                        <th scope="row" title={SCORE_TEXT[s.name]?.[1]}>
                            {SCORE_TEXT[s.name]?.[0] ?? fmt.words(s.name)}
                        </th>
                        <td class="num">{Number.isInteger(s.value) ? fmt.int(s.value) : fmt.fixed3(s.value)}</td>
                        <td class="num nowrap">{s.low != null && s.high != null ? `${fmt.fixed3(s.low)} to ${fmt.fixed3(s.high)}` : fmt.DASH}</td>
                    </tr>
                ))}
            </tbody>
        </table>
    );
}

function ModelCard({ model, label }: { model: ModelRow; label: Label }) {
    const bins = binsOf(model.report);
    const reasons = reasonsOf(model.report);
    return (
        <section class="card" aria-label={`${KIND[model.kind] ?? model.kind}, version ${model.version}`}>
            <header>
                <h2>
                    {KIND[model.kind] ?? model.kind}, version {model.version}
                </h2>
                <LabelBadge label={label} />
                <span class={`badge ${TONE[model.status] ?? ''}`}>{model.status}</span>
            </header>
            <div class="body stack">
                <p class="small muted">
                    From the weeks {fmt.date(model.window_from)} to {fmt.date(model.window_to)}, trained {fmt.time(model.created_at)}
                </p>
                {reasons.map((r) => (
                    <p key={r} class="notice bad">
                        {model.status === 'rejected' ? 'Rejected: ' : ''}
                        {r}
                    </p>
                ))}
                <div class="grid halves">
                    <Scores scores={scoresOf(model.report)} />
                    {bins.length > 0 && <CalibrationPlot bins={bins} label={label} />}
                </div>
            </div>
        </section>
    );
}
