// The HTTP contract, as the console sees it. Times are RFC 3339 UTC, money is integer cents, probabilities are 0..1.

/** What a figure is: seen, made up by the demo, computed ahead, or wished for. */
export type Label = 'measured' | 'simulated' | 'projection' | 'target';
export type Role = 'admin' | 'manager' | 'coach' | 'agent' | 'auditor';

export interface User {
    id: string;
    name: string;
    email: string;
    role: Role;
    location_id: string | null;
    agent_id: string | null;
}
export interface Feature {
    name: string;
    label: string;
    unit: string;
    window_days: number;
    direction: number;
}
export interface Me {
    user: User;
    csrf: string;
    tenant: { id: string; name: string; slug: string; simulated: boolean; currency: string; timezone: string };
    features: Feature[];
    locations: { id: string; name: string }[];
}
export interface List<T> {
    items: T[];
    next: string | null;
}
export interface Driver {
    feature: string;
    label: string;
    value: number | null;
    unit: string;
    median: number | null;
    points: number;
    shap?: number;
    text?: string;
}
export type InterventionStatus = 'suggested' | 'accepted' | 'changed' | 'refused' | 'expired' | 'done';
export type Outcome = 'improved' | 'same' | 'worse' | 'not_done';
export interface Intervention {
    id: string;
    agent_id: string;
    key: string;
    title: string;
    summary: string;
    rank: number;
    score: number;
    status: InterventionStatus;
    reason: { text: string; drivers: Driver[]; method: string; learned?: string };
    agent_steps: string[];
    coach_steps: string[];
    effort_agent_min: number;
    effort_coach_min: number;
    suggested_at: string;
    decided_at: string | null;
    decision_reason: string | null;
    replaced_key: string | null;
    sent_at: string | null;
    outcome: Outcome | null;
}
/** A suggestion as Today sends it: what all of one key have in common stands once, in `plays`. Once decided it has it all. */
export type Suggestion = Partial<Intervention> &
    Pick<Intervention, 'id' | 'agent_id' | 'key' | 'title' | 'rank' | 'score' | 'status' | 'reason' | 'effort_agent_min' | 'effort_coach_min' | 'suggested_at'>;
export type SuggestedPlay = Pick<Intervention, 'key' | 'summary' | 'agent_steps' | 'coach_steps'>;
export interface TodayItem {
    agent: { id: string; name: string; location_id: string; location: string };
    goal: { probability: number | null; points_vs_last: number | null };
    closings: { expected: number | null; last_30d: number; target: number | null };
    why: string;
    drivers: Driver[];
    interventions: Suggestion[];
}
export interface Today extends List<TodayItem> {
    plays: SuggestedPlay[];
    as_of: string;
    model: { active: boolean; version: number | null; note: string };
    label: Label;
}
export interface AgentRow {
    id: string;
    name: string;
    location_id: string;
    location: string;
    probability: number | null;
    closings_30d: number;
    target: number | null;
    started_on: string | null;
}
export interface Agent {
    id: string;
    name: string;
    email: string | null;
    location_id: string;
    location: string;
    started_on: string | null;
    coach_name: string | null;
    goal: { metric: 'closings' | 'commission'; target: number; derived: boolean } | null;
    label: Label;
}
export interface Prediction {
    id: string;
    model_version: number | null;
    made_at: string;
    value: number;
    margin: number;
    bias: number;
    contributions: Driver[];
    drivers: Driver[];
}
export interface Performance {
    agent_id: string;
    as_of: string;
    label: Label;
    goal: Prediction | null;
    closings: Prediction | null;
    summary: string;
}
export type Series = (number | null)[] | null;
export interface Trend {
    weeks: string[];
    series: Record<'calls' | 'texts' | 'appointments' | 'leads' | 'closings' | 'commission_cents', Series>;
    probability: { as_of: string; value: number }[];
    label: Label;
}
export interface Activity {
    id: string;
    kind: string;
    direction: 'in' | 'out' | null;
    at: string;
    duration_s: number | null;
    outcome: string | null;
}
export interface Session {
    id: string;
    at: string;
    minutes: number;
    topic: string;
    playbook_key: string | null;
    notes: string | null;
    coach: string | null;
}
export interface Goal {
    id: string;
    metric: 'closings' | 'commission';
    target: number;
    valid_from: string;
    valid_to: string | null;
    derived: boolean;
    progress: number | null;
}
export interface Message {
    id: string;
    from_name: string;
    body: string;
    at: string;
    read_at: string | null;
    intervention_id: string | null;
}
export interface LocationRow {
    id: string;
    name: string;
    agents: number;
    mean_probability: number | null;
    closings_30d: number;
    open_interventions: number;
    label?: Label;
}
export interface OfficeAgent {
    id: string;
    name: string;
    probability: number | null;
    closings_30d: number;
    closings_90d: number;
    target: number | null;
    why: string | null;
}
export interface Office {
    id: string;
    name: string;
    label: Label;
    as_of: string;
    agents: OfficeAgent[];
    medians: { feature: string; label: string; unit: string; median: number | null }[];
    trend: { weeks: string[]; closings: Series; leads: Series };
}
export interface PlaybookItem {
    key: string;
    title: string;
    summary: string;
    drivers: string[];
    agent_steps: string[];
    coach_steps: string[];
    effort_agent_min: number;
    effort_coach_min: number;
    limits: string | null;
    /** Change of the log-odds. */
    prior_effect: number | null;
    prior_source: string | null;
    enabled: boolean;
}
export interface Interval {
    estimate: number | null;
    low: number | null;
    high: number | null;
}
export interface CalibrationBin {
    mean_predicted: number;
    mean_observed: number;
    rows: number;
}
/** What the training wrote down. Only what is shown here; older reports may lack parts. */
export interface ModelReport {
    reason?: string;
    rows?: number;
    agents?: number;
    test_rows?: number;
    test_agents?: number;
    scores?: Record<string, { model: Interval; naive: Interval; difference: Interval }>;
    calibration?: { ece: number | null; bins: CalibrationBin[] };
    importance?: { feature: string; mean_abs_shap: number }[];
}
export interface ModelRow {
    id: string;
    kind: string;
    version: number;
    status: string;
    window_from: string | null;
    window_to: string | null;
    created_at: string;
    report: ModelReport;
}
export interface AuditRow {
    seq: number;
    at: string;
    actor: string | null;
    action: string;
    object: string | null;
    detail: unknown;
}
export interface PiiFinding {
    source: string;
    purpose: string;
    type: string;
    rule: string;
    action: string;
    n: number;
}
export interface PiiReport {
    from: string;
    to: string;
    items: PiiFinding[];
}
export interface LiveEvents {
    prediction: { agent_id: string; location_id: string; kind: string; value: number; as_of: string; agent_name: string };
    intervention: { id: string; agent_id: string; location_id: string; key: string; title: string; status: InterventionStatus; agent_name: string };
    message: { id: string; agent_id: string; location_id: string; from_name: string; body: string; at: string };
    session: { id: string; agent_id: string; location_id: string; at: string; topic: string };
}

/** An estimate with its interval; null where the data do not reach. */
export interface Bounds {
    estimate: number | null;
    ci_low: number | null;
    ci_high: number | null;
}
export interface SurvivalGroup {
    name: string;
    n: number;
    events: number;
    median: Bounds;
    rmst: Bounds;
    curve: { time: number; at_risk: number; events: number; censored: number; survival: number; ci_low: number | null; ci_high: number | null }[];
}
export interface Survival {
    level: number;
    horizon: number;
    groups: SurvivalGroup[];
    rmst_difference?: Bounds;
    logrank: { p: number } | null;
    warnings: string[];
}
export interface RampUp {
    until: 'closing' | 'goal';
    landmark_days: number;
    as_of: string;
    started: [string, string] | null;
    n_compared: number;
    n_coached: number;
    left_out: { no_start: number; early: number; new: number; decided: number };
    method: string;
    assumes: string[];
    refusal: string | null;
    survival: Survival | null;
    label: Label;
}
export interface Leader {
    rank: number;
    agent_id: string;
    name: string;
    location_id: string;
    location: string | null;
    closings: number;
    before: number;
    goal: number | null;
    pacer: number | null;
    gap: number | null;
    pace: number | null;
}
export interface Leaderboard {
    from: string;
    to: string;
    as_of: string;
    days: number;
    days_passed: number;
    n_agents: number;
    n_with_goal: number;
    n_on_pace: number;
    closings: number;
    pacer: number;
    items: Leader[];
    method: string;
    assumes: string[];
    label: Label;
}
export type Metric = 'closings' | 'commission' | 'calls' | 'left';
export interface Experiment {
    id: string;
    name: string;
    state: 'running' | 'stopped';
    keys: string[];
    outcome: 'closings' | 'commission';
    share: number;
    seed: number;
    n_agents: number;
    smallest_effect: number | null;
    starts_on: string;
    ends_on: string;
    waves: string[];
    limits: { metric: Metric; drop: number }[];
    stopped_on: string | null;
    stop_reason: string | null;
}
export interface ExperimentPlan extends Experiment {
    stored: boolean;
    n_treated: number;
    n_control: number;
    strata: number;
    finds_effect: number;
    power: number | null;
    needed: number | null;
}
export interface ExperimentStatus extends Experiment {
    from: string;
    to: string;
    n_treated: number;
    n_control: number;
    balances: { metric: Metric; difference: number | null }[];
    balance_by_chance: number | null;
    strata: { location_id: string; third: number; n_treated: number; n_control: number; treated_before: number | null; control_before: number | null }[];
    effect: (Bounds & { p: number | null; level: number; naive: Bounds; warnings: string[] }) | null;
    always_low: number | null;
    always_high: number | null;
    refusal: string | null;
    guards: { metric: Metric; limit: number; treated: number | null; control: number | null; ci_low: number | null; ci_high: number | null; crossed: boolean }[];
    method: string;
    assumes: string[];
    label: Label;
}
export interface ScalingSaving {
    estimate: number | null;
    low: number | null;
    high: number | null;
    level: number;
}
export interface ScalingCost {
    hours: number;
    currency: string;
    spent: number;
    static_peak: number;
    reactive: number;
    service_level: number;
    slo: number;
    saving_vs_static: ScalingSaving;
    saving_vs_reactive: ScalingSaving;
    static_replicas: number;
    label: string;
    label_of_comparison: string;
    by_cause: Record<string, number>;
    by_hour: { at: string; spent: number; static_peak: number; reactive: number; service_level: number }[];
}
export interface ScalingDecision {
    at: string;
    replicas: number;
    cause: string;
    words: string;
    demand: number | null;
    planned: number | null;
    acted: boolean;
}
export interface ScalingReport {
    at: string;
    service: string;
    source: string;
    actuator: string;
    dry_run: boolean;
    slo: number;
    capacity: number;
    min: number;
    max: number;
    currency: string;
    load_read_at: string | null;
    trouble: string | null;
    trouble_since: string | null;
    replicas_present: number | null;
    history: { from: string; step_s: number; demand: (number | null)[]; replicas: (number | null)[]; label: Label };
    ahead: { quantile: number; label: Label; refusal: string | null; hours: { at: string; demand: number | null; provided: number | null; replicas: number; cost: number }[] };
    decisions: ScalingDecision[];
    cost_refusal: string | null;
    cost: ScalingCost | null;
}
export interface Scaling {
    configured: boolean;
    wrong: string | null;
    running: boolean;
    paused: boolean;
    override_replicas: number | null;
    override_until: string | null;
    report: ScalingReport | null;
}

export type Scope = 'all' | 'intervention' | 'programme' | 'coach' | 'office';
/** What is known of one question and tier; a refusal says why there are no numbers. Commission is in whole units. */
export interface EffectTier extends Bounds {
    tier: number;
    source: 'experiment' | 'history';
    method: string | null;
    estimand: 'ate' | 'att' | null;
    p: number | null;
    control_mean: number | null;
    n_treated: number;
    n_control: number;
    per_days: number;
    first_day: string | null;
    last_day: string | null;
    refusal: string | null;
    made_at: string;
    label: Label;
}
export interface Effect extends EffectTier {
    scope: Scope;
    name: string;
    title: string;
    outcome: 'closings' | 'commission';
    tiers: EffectTier[];
}
export interface EffectEvent extends Bounds {
    event_time: number;
    band_low: number | null;
    band_high: number | null;
    n_treated: number;
    n_control: number;
}
export interface EffectDetail extends Effect {
    detail: {
        method_text: string;
        assumptions: string[];
        warnings: string[];
        naive: Bounds | null;
        balance: { metric: Metric; difference: number | null }[];
        event_study: EffectEvent[];
        diagnostics: Record<string, unknown>;
    };
}
/** Cents. */
export interface Amount {
    estimate: number;
    ci_low: number;
    ci_high: number;
}
export type StepName = 'value' | 'coach_hours' | 'agent_hours' | 'licence' | 'net';
export interface Return {
    scope: Scope;
    name: string;
    title: string;
    refusal: string | null;
    n_agents: number;
    agent_months: number;
    n_coachings: number;
    effect: Bounds & Pick<EffectTier, 'per_days' | 'source' | 'method' | 'n_treated' | 'n_control' | 'first_day' | 'last_day'>;
    commission: { source: 'setting' | 'office' | 'all'; cents: number | null; se_cents: number | null; n_closings: number };
    value: Amount | null;
    cost: Amount | null;
    net: Amount | null;
    ratio: Amount | null;
    ratio_refusal: string | null;
    p_payback: number | null;
    break_even_effect: number | null;
    break_even_licence: number | null;
    steps: (Amount & { name: StepName })[];
    label: Label;
}
export interface Returns {
    scope: Scope;
    from: string;
    to: string;
    as_of: string;
    currency: string;
    fiscal_start: number | null;
    draws: number;
    missing: { member: string; what: string }[];
    items: Return[];
    method: string;
    assumes: string[];
    label: Label;
}
/** null: not set. */
export interface EffectUpdate {
    state: 'never' | 'running' | 'done' | 'failed';
    started_at: string | null;
    ended_at: string | null;
    reason: string | null;
    may_update: boolean;
}

export interface Money {
    currency: string;
    fiscal_start: number | null;
    split: number | null;
    commission_cents: number | null;
    coach_hour_cents: number | null;
    agent_hour_cents: number | null;
    coach_hours: number | null;
    agent_hours: number | null;
    licence_cents: number | null;
    may_change: boolean;
    simulated: boolean;
}
