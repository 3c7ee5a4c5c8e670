// Models: how good each one is, measured on data it had not seen, beside the naive forecast; and why one was rejected.
import * as fmt from '../format';
import { CalibrationPlot } from '../plot/calibration_plot';
import { IntervalPlot } from '../plot/interval_plot';
import { useResource } from '../resource';
import { tenantLabel, useMe } from '../session';
import type { Feature, Interval, Label, List, ModelReport, ModelRow } from '../types';
import { Empty, LabelBadge, PageHead, Show } from '../ui/parts';

export function ModelsPage() {
    const me = useMe();
    const res = useResource<List<ModelRow> & { label?: Label }>('/v1/models');
    const label = res.data?.label ?? tenantLabel(me);
    return (
        <>
            <PageHead title="Models" sub="Each one was judged on agents and weeks that it had not seen, beside the naive forecast">
                <LabelBadge label={label} />
            </PageHead>
            <Show of={res}>
                {(d) =>
                    d.items.length === 0 ? (
                        <Empty title="No model yet" text="Agents are ranked by rule until one is trained and found better than the naive forecast." icon="model" />
                    ) : (
                        <div class="stack">
                            {d.items.map((m) => (
                                <ModelCard key={m.id} model={m} label={label} features={me.features} />
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
const SCORE_TEXT: Record<string, [string, string]> = {
    brier: ['Brier score', 'mean squared error of the chance, lower is better'],
    auc: ['AUC', 'how well it ranks: 0.5 is chance, 1 is perfect'],
    log_loss: ['Log loss', 'lower is better'],
    pr_auc: ['PR-AUC', 'precision over recall, higher is better'],
    poisson_deviance: ['Poisson deviance', 'lower is better'],
    mae: ['Mean absolute error', 'in closings, lower is better'],
};

/** The score that decides stands first: Brier score for the chance, Poisson deviance for closings. */
const ORDER = Object.keys(SCORE_TEXT);

function scoresOf(report: ModelReport) {
    const place = (name: string) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
    return Object.entries(report.scores ?? {}).sort(([a], [b]) => place(a) - place(b));
}

const range = (i: Interval) => (i.low == null || i.high == null ? '' : `${fmt.fixed3(i.low)} to ${fmt.fixed3(i.high)}`);

function Cell({ i }: { i: Interval }) {
    return (
        <td class="num">
            <span class="strong">{fmt.fixed3(i.estimate)}</span>
            <small class="why-small">{range(i)}</small>
        </td>
    );
}

function Scores({ report, title }: { report: ModelReport; title: string }) {
    return (
        <div class="scroll-x" tabIndex={0} role="region" aria-label={`Scores of: ${title}`}>
            <table class="data">
                <caption class="sr-only">Scores of the model and of the naive forecast, with 95 % intervals</caption>
                <thead>
                    <tr>
                        <th scope="col">Score, 95 % interval</th>
                        <th scope="col" class="num">
                            Model
                        </th>
                        <th scope="col" class="num">
                            Naive
                        </th>
                        <th scope="col" class="num">
                            Difference
                        </th>
                    </tr>
                </thead>
                <tbody>
                    {scoresOf(report).map(([name, s]) => (
                        <tr key={name}>
                            <th scope="row">
                                {SCORE_TEXT[name]?.[0] ?? fmt.words(name)}
                                <small class="why-small">{SCORE_TEXT[name]?.[1]}</small>
                            </th>
                            <Cell i={s.model} />
                            <Cell i={s.naive} />
                            <Cell i={s.difference} />
                        </tr>
                    ))}
                </tbody>
            </table>
        </div>
    );
}

function Importance({ report, features }: { report: ModelReport; features: Feature[] }) {
    const top = (report.importance ?? []).slice(0, 8);
    const most = Math.max(1e-9, ...top.map((i) => i.mean_abs_shap));
    if (top.length === 0) return null;
    return (
        <div>
            <h3 class="small-head">What it looks at most</h3>
            <ul class="bars">
                {top.map((i) => (
                    <li key={i.feature}>
                        <span>{features.find((f) => f.name === i.feature)?.label ?? fmt.words(i.feature)}</span>
                        <svg class="meter" height="8" aria-hidden="true" focusable="false">
                            <rect width={`${((i.mean_abs_shap / most) * 100).toFixed(1)}%`} height="8" rx="4" />
                        </svg>
                        <b>{fmt.fixed3(i.mean_abs_shap)}</b>
                    </li>
                ))}
            </ul>
            <p class="small muted">Mean absolute SHAP value, in units of the margin</p>
        </div>
    );
}

function ModelCard({ model, label, features }: { model: ModelRow; label: Label; features: Feature[] }) {
    const r = model.report;
    const bins = r.calibration?.bins ?? [];
    const deciding = scoresOf(r)[0];
    const title = `${KIND[model.kind] ?? model.kind}, version ${model.version}`;
    return (
        <section class="card" aria-label={title}>
            <header>
                <h2>{title}</h2>
                <LabelBadge label={label} />
                <span class={`badge ${TONE[model.status] ?? ''}`}>{model.status}</span>
            </header>
            <div class="body stack">
                <p class="small muted">
                    From {fmt.date(model.window_from)} to {fmt.date(model.window_to)}, trained {fmt.time(model.created_at)}
                    {r.rows != null && ` \u00b7 ${fmt.int(r.rows)} rows of ${fmt.int(r.agents)} agents`}
                    {r.test_rows != null && `, tested on ${fmt.int(r.test_rows)} rows of ${fmt.int(r.test_agents)} agents`}
                </p>
                {r.reason && <p class={`notice ${model.status === 'rejected' ? 'bad' : 'info'}`}>{r.reason}</p>}
                <div class="grid halves">
                    <div class="stack wide-gap">
                        {deciding && <IntervalPlot title={SCORE_TEXT[deciding[0]]?.[0] ?? deciding[0]} hint={SCORE_TEXT[deciding[0]]?.[1] ?? ''} label={label} rows={[{ name: 'Model', ...deciding[1].model }, { name: 'Naive', ...deciding[1].naive }]} />}
                        <Scores report={r} title={title} />
                    </div>
                    <div class="stack wide-gap">
                        {bins.length > 0 && <CalibrationPlot bins={bins} kind={model.kind === 'goal' ? 'share' : 'count'} label={label} />}
                        <Importance report={r} features={features} />
                    </div>
                </div>
            </div>
        </section>
    );
}
