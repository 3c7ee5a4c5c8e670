/* insight_row.c - see insight_row.h. */
#include "insight/insight_row.h"

#include "base/jv.h"
#include "insight/insight_estimate.h"
#include "insight/insight_update.h"

#include <math.h>
#include <string.h>

#define BAND_DRAWS 400 /* of the simultaneous bands; the interval does not rest on draws */
#define ASSUMPTIONS_MAX 8

/* What stands behind a row. */
typedef struct Behind {
    const char *method_text;
    const char *assumption[ASSUMPTIONS_MAX];
    int n_assumptions;
    InsightAnswer *answer; /* NULL: none was found */
    double scale;          /* of the answer's figures to those of the row */
    const double *balance; /* double[INSIGHT_LEFT]; NULL: nothing was drawn */
    const InsightExperiment *experiment;
    bool always_valid;
    int days; /* of the experiment */
    const char *note;
} Behind;

InsightStored insight_row_begin(InsightScope scope, Str name, InsightMetric outcome, int tier)
{
    return (InsightStored){.scope = scope,
                           .name = name,
                           .outcome = outcome,
                           .tier = tier,
                           .control_mean = NAN,
                           .first_day = INT32_MIN,
                           .last_day = INT32_MIN};
}

/* ---- detail -------------------------------------------------------------------------------------------------------- */

static StatsEstimate scaled(const StatsEstimate *e, double scale)
{
    StatsEstimate s = *e;
    s.estimate *= scale;
    s.se *= scale;
    s.low *= scale;
    s.high *= scale;
    return s;
}

static void events_json(Jw *w, const Behind *b)
{
    jw_key(w, "event_study");
    jw_arr(w);
    for (int i = 0; b->answer && i < b->answer->n_events; i++) {
        const InsightPoint *p = &b->answer->event[i];
        jw_obj(w);
        jw_kv_i64(w, "event_time", p->at);
        StatsEstimate e = scaled(&p->e, b->scale);
        insight_interval_members(w, &e);
        jw_kv_f64(w, "band_low", b->scale * p->band_low);
        jw_kv_f64(w, "band_high", b->scale * p->band_high);
        jw_kv_i64(w, "n_treated", p->n_treated);
        jw_kv_i64(w, "n_control", p->n_control);
        jw_end(w);
    }
    jw_end(w);
}

static void naive_json(Jw *w, const Behind *b)
{
    jw_key(w, "naive");
    if (!b->answer) {
        jw_null(w);
        return;
    }
    StatsEstimate e = scaled(&b->answer->naive, b->scale);
    jw_obj(w);
    insight_estimate_members(w, &e);
    jw_end(w);
}

static void balance_json(Jw *w, const Behind *b)
{
    jw_key(w, "balance");
    jw_arr(w);
    for (int m = 0; b->balance && m < INSIGHT_LEFT; m++) {
        jw_obj(w);
        jw_kv_cstr(w, "metric", INSIGHT_METRIC_NAMES[m]);
        jw_kv_f64(w, "difference", b->balance[m]);
        jw_end(w);
    }
    jw_end(w);
}

/* The event study stands beside the diagnostics; single cells of groups and times are too many to be kept. */
static ErrKind copy_diagnostic(Str key, const Jv *value, void *arg, Err *reterr)
{
    Jw *w = arg;
    (void)reterr;
    if (str_eq_c(key, "event_study") || str_eq_c(key, "group_time"))
        return ERR_NONE;
    CLEANUP(buf_done) Buf text = BUF(INSIGHT_DETAIL_MAX);
    jv_write(value, &text);
    TRY(buf_check(&text, reterr));
    jw_key_str(w, key);
    jw_raw(w, buf_str(&text));
    return ERR_NONE;
}

static ErrKind diagnostics_json(Jw *w, const Behind *b, Err *reterr)
{
    CLEANUP(jv_freep) Jv *v = NULL;
    jw_key(w, "diagnostics");
    jw_obj(w);
    if (b->experiment) {
        jw_kv_cstr(w, "experiment", b->experiment->name);
        jw_kv_cstr(w, "interval", b->always_valid ? "holds at every look" : "one look at the planned end");
        jw_kv_i64(w, "days",
                  b->days); /* the other figures here are of so many days where there is one wave */
    }
    if (b->answer) {
        TRY(jv_parse(buf_str(&b->answer->diagnostics), &v, reterr));
        TRY(jv_each(v, copy_diagnostic, w, reterr));
    }
    jw_end(w);
    return ERR_NONE;
}

static void warnings_json(Jw *w, const Behind *b)
{
    Str rest = b->answer ? buf_str(&b->answer->warnings) : STR_NULL, line;
    jw_key(w, "warnings");
    jw_arr(w);
    if (b->note)
        jw_cstr(w, b->note);
    while (rest.len > 0 && str_next(&rest, '\n', &line))
        if (line.len > 0)
            jw_str(w, line);
    jw_end(w);
}

static ErrKind detail(const Behind *b, Arena *arena, Str *ret, Err *reterr)
{
    CLEANUP(buf_done) Buf out = BUF(INSIGHT_DETAIL_MAX);
    Jw w = jw(&out);
    jw_obj(&w);
    jw_kv_cstr(&w, "method_text", b->method_text);
    jw_key(&w, "assumptions");
    jw_arr(&w);
    for (int i = 0; i < b->n_assumptions; i++)
        jw_cstr(&w, b->assumption[i]);
    jw_end(&w);
    warnings_json(&w, b);
    naive_json(&w, b);
    balance_json(&w, b);
    events_json(&w, b);
    TRY(diagnostics_json(&w, b, reterr));
    jw_end(&w);
    TRY(buf_check(&out, reterr));
    *ret = str_from(arena_strndup(arena, out.ptr, out.len));
    return arena_check(arena, reterr);
}

static void refuse(Arena *arena, InsightStored *row, const char *why)
{
    row->refusal = str_from(arena_strdup(arena, why));
    row->control_mean = NAN;
}

static void take_answer(const InsightAnswer *a, double scale, InsightStored *row)
{
    row->method = str_from(a->method); /* of the table of methods */
    row->estimand = a->estimand;
    row->e = scaled(&a->effect, scale);
    row->n_treated = a->n_treated;
    row->n_control = a->n_control;
}

/* ---- of the history ------------------------------------------------------------------------------------------------ */

static void history_assumes(const InsightAsk *ask, Behind *b)
{
    b->method_text = "Group-time effects of the first coaching in periods of 28 days, beside those who have "
                     "not begun yet or never "
                     "do (Callaway, Sant'Anna 2021)";
    b->assumption[b->n_assumptions++] =
        "Without it, those who begin would have changed as those did who had not begun by then.";
    b->assumption[b->n_assumptions++] =
        "Who begins when was not decided by what the coming weeks were going to bring.";
    b->assumption[b->n_assumptions++] =
        "Who was coached before the records begin counts as not coached until the first record.";
    if (ask->scope == INSIGHT_SCOPE_INTERVENTION || ask->scope == INSIGHT_SCOPE_PROGRAMME)
        b->assumption[b->n_assumptions++] =
            "Whatever else coached and others get does not begin at the same time.";
    if (ask->scope == INSIGHT_SCOPE_COACH || ask->scope == INSIGHT_SCOPE_OFFICE)
        b->assumption[b->n_assumptions++] =
            "Agents of other coaches and offices would have changed alike; they are compared with until "
            "their own first coaching.";
    if (ask->tier != INSIGHT_ALL_TIERS)
        b->assumption[b->n_assumptions++] =
            "Tiers are thirds by closings in the same 180 days for all, before any start that counts here.";
}

/* NULL: the panel can be asked. */
static const char *too_little(const InsightHistory *h, const InsightAsk *ask, const InsightPanelSum *sum,
                              Arena *arena)
{
    int least = ask->tier == INSIGHT_ALL_TIERS ? 2 : INSIGHT_TIER_LEAST;
    if (h->n_periods < 2)
        return arena_printf(arena, "closings are known for %d whole periods of %d days: two at least",
                            h->n_periods, INSIGHT_PER_DAYS);
    if (ask->tier != INSIGHT_ALL_TIERS && h->tier_period == h->n_periods)
        return arena_printf(arena, "closings are not known for %d days before any start: there are no tiers",
                            INSIGHT_BEFORE_DAYS);
    if (sum->starters < least)
        return arena_printf(
            arena, "agents who began it after a whole period of %d days without it: %d, but %d are needed",
            INSIGHT_PER_DAYS, sum->starters, least);
    return NULL;
}

static const char *too_few(const InsightAsk *ask, const InsightAnswer *a, Arena *arena)
{
    if (!(a->effect.se > 0))
        return "no figure of these agents ever changes";
    if (ask->tier != INSIGHT_ALL_TIERS && MIN(a->n_treated, a->n_control) < INSIGHT_TIER_LEAST)
        return arena_printf(arena, "%lld coached and %lld others in this tier: %d of each at least",
                            (long long)a->n_treated, (long long)a->n_control, INSIGHT_TIER_LEAST);
    return NULL;
}

/* A refusal of the method is the row's. */
static ErrKind estimate(InsightData *d, const InsightAsk *ask, Arena *arena, Deadline by, InsightAnswer *a,
                        const char **ret_refusal, Err *reterr)
{
    InsightQuestion q = INSIGHT_QUESTION_DEFAULT;
    q.estimand = INSIGHT_ATT;
    q.draws = BAND_DRAWS;
    q.by = by;
    ErrKind kind = insight_effect(d, insight_method("staggered-did"), &q, a, reterr);
    if (kind == ERR_INVALID || kind == ERR_LIMIT) {
        *ret_refusal = arena_strdup(arena, reterr->msg);
        return ERR_NONE;
    }
    TRY(kind);
    *ret_refusal = too_few(ask, a, arena);
    return ERR_NONE;
}

ErrKind insight_row_history(const InsightHistory *h, const InsightAsk *ask, const char *note, Arena *arena,
                            Deadline by, InsightStored *row, Err *reterr)
{
    InsightPanelSum sum;
    CLEANUP(insight_data_freep) InsightData *d = insight_history_data(h, ask, &sum);
    CLEANUP(insight_answer_done) InsightAnswer a = {0};
    Behind b = {.scale = 1, .note = note};
    row->first_day = sum.first_day;
    row->last_day = sum.last_day;
    row->n_treated = sum.starters;
    row->n_control = sum.others;
    row->control_mean = sum.control_mean;
    history_assumes(ask, &b);
    const char *why = too_little(h, ask, &sum, arena);
    if (!why)
        TRY(estimate(d, ask, arena, by, &a, &why, reterr));
    if (why) {
        refuse(arena, row, why);
    } else {
        take_answer(&a, 1, row);
        b.answer = &a;
    }
    return detail(&b, arena, &row->detail, reterr);
}

/* ---- of an experiment ---------------------------------------------------------------------------------------------- */

const char *insight_row_unfit(const InsightStatus *st)
{
    const StatsEstimate *e = &st->answer.effect;
    if (!st->has_answer)
        return st->refusal;
    if (st->to - st->from < INSIGHT_PER_DAYS)
        return "it has run for less than 28 days";
    if (!(e->se > 0) || !isfinite(e->se) || !isfinite(st->always_low) || !isfinite(st->always_high))
        return "its outcome does not vary";
    return NULL;
}

ErrKind insight_row_experiment(const InsightExperiment *e, InsightStatus *st, Arena *arena,
                               InsightStored *row, Err *reterr)
{
    int days = st->to - st->from, n;
    const char *const *assumes = insight_experiment_assumes(&n);
    Behind b = {.method_text = insight_experiment_method(e),
                .n_assumptions = MIN(n, ASSUMPTIONS_MAX),
                .scale = e->n_waves > 1 ? 1 : (double)INSIGHT_PER_DAYS / days,
                .balance = st->balance,
                .experiment = e,
                .always_valid = st->to < e->ends_on,
                .days = days};
    memcpy(b.assumption, assumes, (size_t)b.n_assumptions * sizeof *assumes);
    row->experiment = true;
    row->first_day = st->from;
    row->last_day = st->to - 1;
    row->n_treated = st->n_treated;
    row->n_control = st->n_control;
    const char *why = insight_row_unfit(st);
    if (!why && row->tier != INSIGHT_ALL_TIERS && MIN(st->n_treated, st->n_control) < INSIGHT_TIER_LEAST)
        why = arena_printf(arena, "%lld drawn and %lld held out in this tier: %d of each at least",
                           (long long)st->n_treated, (long long)st->n_control, INSIGHT_TIER_LEAST);
    if (why) {
        refuse(arena, row, why);
    } else {
        take_answer(&st->answer, b.scale, row);
        row->control_mean = st->control_mean * INSIGHT_PER_DAYS / days;
        b.answer = &st->answer;
    }
    if (!why && b.always_valid) {
        row->e.low = b.scale * st->always_low;
        row->e.high = b.scale * st->always_high;
        row->e.p = NAN;
    }
    return detail(&b, arena, &row->detail, reterr);
}
