/* coach_train.c - from a tenant's snapshots to a stored model. */
#include "coach/coach_train.h"

#include "base/mem.h"

#include <math.h>
#include <string.h>

ErrKind coach_train_prepare(PgShards *s, Uuid tenant, Deadline by, int64_t *ret_snapshots, Err *reterr)
{
    int32_t horizon, first, dates[COACH_DATES_MAX];
    TRY(coach_horizon(s, tenant, by, &horizon, NULL, &first, reterr));
    int n = coach_feature_dates(first, horizon, COACH_TRAIN_STEP_DAYS, dates, COACH_DATES_MAX);
    if (n == 0)
        return err_set(reterr, ERR_INVALID,
                       "the data span %d days; features need %d days before the first row",
                       (int)(horizon - first), COACH_WARMUP_DAYS);
    TRY(coach_goals_derive(s, tenant, dates[0], horizon, by, NULL, reterr));
    return coach_features_history(s, tenant, dates, n, by, ret_snapshots, reterr);
}

/* Marks the rows whose dates lie at least COACH_TRAIN_STEP_DAYS apart, counted from the last: snapshots that were made in
 * between for other purposes would only repeat the same 30 days. */
static void mark_grid(const CoachRows *rows, bool *keep)
{
    int32_t date = INT32_MAX, next = INT32_MAX;
    for (int64_t i = rows->n - 1; i >= 0; i--) {
        if (rows->as_of[i] != date && rows->as_of[i] <= next) {
            date = rows->as_of[i];
            next = date - COACH_TRAIN_STEP_DAYS;
        }
        keep[i] = rows->as_of[i] == date;
    }
}

/* The rows of one kind; those without a goal are no rows of the goal model. */
typedef struct KindRows {
    CoachFitRows view;
    float *x, *y, *naive;
    int32_t *group, *as_of;
} KindRows;

static void kind_rows_done(KindRows *k)
{
    mem_free(k->x);
    mem_free(k->y);
    mem_free(k->naive);
    mem_free(k->group);
    mem_free(k->as_of);
}

static void kind_rows_init(KindRows *k, const CoachRows *rows, CoachKind kind)
{
    size_t n = (size_t)rows->n;
    const float *y = kind == COACH_GOAL ? rows->y_goal : rows->y_closings;
    const float *naive = kind == COACH_GOAL ? rows->naive_goal : rows->naive_closings;
    *k = (KindRows){.x = mem_array(n * COACH_N_FEATURES, sizeof *k->x),
                    .y = mem_array(n, sizeof *k->y),
                    .naive = mem_array(n, sizeof *k->naive),
                    .group = mem_array(n, sizeof *k->group),
                    .as_of = mem_array(n, sizeof *k->as_of)};
    CLEANUP(mem_freep) bool *keep = mem_array(n, sizeof *keep);
    mark_grid(rows, keep);
    int64_t kept = 0;
    for (int64_t i = 0; i < rows->n; i++) {
        if (!keep[i] || isnan(y[i]) || isnan(naive[i]))
            continue;
        memcpy(k->x + kept * COACH_N_FEATURES, rows->x + i * COACH_N_FEATURES,
               COACH_N_FEATURES * sizeof *k->x);
        k->y[kept] = y[i];
        k->naive[kept] = naive[i];
        k->group[kept] = rows->group[i];
        k->as_of[kept] = rows->as_of[i];
        kept++;
    }
    k->view = (CoachFitRows){
        .n = kept, .x = k->x, .y = k->y, .naive = k->naive, .group = k->group, .as_of = k->as_of};
}

ErrKind coach_train(PgShards *s, Uuid tenant, const CoachRows *rows, CoachKind kind, const CoachFitConf *conf,
                    Deadline by, CoachTrained *ret, Err *reterr)
{
    CLEANUP(kind_rows_done) KindRows k;
    kind_rows_init(&k, rows, kind);
    CLEANUP(buf_done) Buf model = BUF(COACH_MODEL_BYTES), report = BUF(1 << 20);
    TRY(coach_fit(&k.view, kind, conf, by, &model, &ret->report, reterr));
    Jw w = jw(&report);
    coach_report_json(&w, &ret->report);
    TRY(buf_check(&report, reterr));
    CoachModelNew m = {.kind = kind,
                       .accepted = ret->report.accepted,
                       .window_from = ret->report.from,
                       .window_to = ret->report.to,
                       .report = buf_str(&report),
                       .bytes = buf_str(&model)};
    return coach_model_store(s, tenant, &m, by, &ret->version, reterr);
}
