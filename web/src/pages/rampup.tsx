// Ramp-up: how soon new agents get to their first closing or to their goal, coached early against not.
import { useState } from 'preact/hooks';
import * as fmt from '../format';
import { SurvivalPlot } from '../plot/survival_plot';
import { useResource } from '../resource';
import type { Bounds, RampUp, Survival, SurvivalGroup } from '../types';
import { Card, Empty, LabelBadge, PageHead, Show } from '../ui/parts';
import { About, CsvLink, OfficeSelect, PrintButton } from '../ui/report';

const LANDMARKS = [30, 60, 90, 180];
const UNTIL = { closing: 'first closing', goal: 'goal' };

const days = (v: number | null) => (v == null ? 'not reached' : `${fmt.int(v)} days`);
const range = (e: Bounds) => (e.ci_low == null && e.ci_high == null ? 'no interval' : `${e.ci_low == null ? '…' : fmt.int(e.ci_low)} to ${e.ci_high == null ? '…' : fmt.int(e.ci_high)}`);

export function RampUpPage() {
    const [until, setUntil] = useState<'closing' | 'goal'>('closing');
    const [landmark, setLandmark] = useState(90);
    const [location, setLocation] = useState('');
    const res = useResource<RampUp>('/v1/insight/rampup', { until, landmark, location: location || null });
    return (
        <>
            <PageHead title="Ramp-up" sub="How soon new agents get there, with early coaching and without">
                {res.data && <LabelBadge label={res.data.label} />}
                <OfficeSelect value={location} onChange={setLocation} />
                <select class="select" aria-label="Until" value={until} onChange={(e) => setUntil(e.currentTarget.value === 'goal' ? 'goal' : 'closing')}>
                    <option value="closing">To the first closing</option>
                    <option value="goal">To the goal</option>
                </select>
                <select class="select" aria-label="Coached within" value={landmark} onChange={(e) => setLandmark(Number(e.currentTarget.value))}>
                    {LANDMARKS.map((n) => (
                        <option key={n} value={n}>
                            Coached in the first {n} days
                        </option>
                    ))}
                </select>
                <PrintButton />
            </PageHead>
            <Show of={res}>{(r) => <Answer r={r} />}</Show>
        </>
    );
}

function sample(r: RampUp): string {
    const out = r.left_out;
    const parts = [
        [out.decided, `had got there or left by day ${r.landmark_days}`],
        [out.new, `started less than ${r.landmark_days} days ago`],
        [out.early, 'started before the data of their office'],
        [out.no_start, 'have no known start'],
    ] as const;
    const left = parts.filter(([n]) => n > 0).map(([n, why]) => `${fmt.int(n)} ${why}`);
    return `${fmt.int(r.n_compared)} agents, ${fmt.int(r.n_coached)} of them coached.${left.length ? ` Left out: ${left.join('; ')}.` : ''}`;
}

export function RampUpAbout({ r, open = false }: { r: RampUp; open?: boolean }) {
    return <About method={r.method} window={`${r.started ? `Starts from ${fmt.date(r.started[0])} to ${fmt.date(r.started[1])}, watched until` : 'Known until'} ${fmt.date(r.as_of)}`} sample={sample(r)} assumes={r.assumes} label={r.label} open={open} />;
}

/** null: the groups were not compared. */
export function rampUpSentence(s: Survival): string | null {
    const d = s.rmst_difference;
    if (d?.estimate == null) return null;
    const sure = d.ci_low != null && d.ci_high != null && d.ci_low <= 0 && d.ci_high >= 0 ? 'The data do not tell whether there is a difference.' : 'That is a difference between those whom coaches chose and those whom they did not.';
    return `Coached agents take ${fmt.int(Math.abs(d.estimate))} days ${d.estimate < 0 ? 'less' : 'more'} on average within the first ${fmt.int(s.horizon)} days (${Math.round(s.level * 100)} % interval ${range(d)}). ${sure}`;
}

function Answer({ r }: { r: RampUp }) {
    const about = <RampUpAbout r={r} />;
    if (!r.survival)
        return (
            <Card title="No comparison">
                <Empty title="These data cannot tell" text={r.refusal ?? ''} />
                {about}
            </Card>
        );
    const s = r.survival;
    return (
        <div class="stack">
            <Card title={`Time to the ${UNTIL[r.until]}`} aside={<CurveCsv r={r} s={s} />}>
                <div class="stack wide-gap">
                    <Figures s={s} r={r} />
                    <SurvivalPlot title={`Agents who have got to their ${UNTIL[r.until]}`} groups={s.groups} from={r.landmark_days} horizon={s.horizon} label={r.label} />
                    {s.warnings.map((w) => (
                        <p key={w} class="notice">
                            {w}
                        </p>
                    ))}
                    {about}
                </div>
            </Card>
            <Groups groups={s.groups} until={UNTIL[r.until]} />
        </div>
    );
}

function Figures({ s, r }: { s: Survival; r: RampUp }) {
    const sentence = rampUpSentence(s);
    return (
        <>
            {sentence && <p class="strong">{sentence}</p>}
            <dl class="figures">
                {s.groups.map((g) => (
                    <div class="figure" key={g.name}>
                        <dt>
                            Half are there, {g.name} <LabelBadge label={r.label} />
                        </dt>
                        <dd>
                            {days(g.median.estimate)} <small>{range(g.median)}</small>
                        </dd>
                    </div>
                ))}
                {s.logrank && (
                    <div class="figure">
                        <dt>Log-rank test</dt>
                        <dd>
                            p {s.logrank.p < 0.001 ? '< 0.001' : fmt.fixed3(s.logrank.p)}
                        </dd>
                    </div>
                )}
            </dl>
        </>
    );
}

function Groups({ groups, until }: { groups: SurvivalGroup[]; until: string }) {
    return (
        <Card title="The groups" flush>
            <div class="scroll-x" tabIndex={0} role="region" aria-label="The groups">
                <table class="data middling">
                    <caption class="sr-only">Agents, events and times of the groups</caption>
                    <thead>
                        <tr>
                            <th scope="col">Group</th>
                            <th scope="col" class="num">Agents</th>
                            <th scope="col" class="num">Got to the {until}</th>
                            <th scope="col" class="num">Half are there</th>
                            <th scope="col" class="num">Mean time</th>
                        </tr>
                    </thead>
                    <tbody>
                        {groups.map((g) => (
                            <tr key={g.name}>
                                <th scope="row">{g.name}</th>
                                <td class="num">{fmt.int(g.n)}</td>
                                <td class="num">{fmt.int(g.events)}</td>
                                <td class="num nowrap">
                                    {days(g.median.estimate)} <small class="muted">{range(g.median)}</small>
                                </td>
                                <td class="num nowrap">
                                    {days(g.rmst.estimate)} <small class="muted">{range(g.rmst)}</small>
                                </td>
                            </tr>
                        ))}
                    </tbody>
                </table>
            </div>
        </Card>
    );
}

function CurveCsv({ r, s }: { r: RampUp; s: Survival }) {
    const rows = s.groups.flatMap((g) => g.curve.map((p) => [g.name, p.time, p.at_risk, p.events, p.censored, p.survival, p.ci_low, p.ci_high, r.label]));
    return <CsvLink name={`ramp-up-${r.until}-${r.as_of}`} head={['group', 'day', 'at_risk', 'events', 'censored', 'survival', 'ci_low', 'ci_high', 'label']} rows={rows} />;
}
