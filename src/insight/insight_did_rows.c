/* insight_did_rows.c - difference in differences of repeated cross-sections: different units at each time.
 *
 *   y on group, a column for each time, and group x after; with covariates the doubly robust comparison of the treated with
 *   the controls after the start minus the same before (Sant'Anna, Zhao 2020, section 2.1; a model for each of the two).
 *
 * The treatment column says either the group (it is 1 before the start too) or who is treated now; then the group is that of
 * the cluster, because nothing else tells which rows of before belong to the treated. */
#include "base/mem.h"
#include "insight/insight_did.h"
#include "insight/insight_panel.h"
#include "insight/insight_twobytwo.h"
#include "stats/stats_influence.h"

#include <math.h>

typedef struct Rows {
    InsightData *d;
    double *time;
    int32_t n_times, start;
    int32_t *at;   /* int32_t[n]: index of the row's time */
    bool *treated; /* bool[n]: of the treated group */
} Rows;

static void rows_done(Rows *r)
{
    mem_free(r->time);
    mem_free(r->at);
    mem_free(r->treated);
}

static long long line_of(const InsightData *d, int64_t row)
{
    return d->line ? (long long)d->line[row] : (long long)row + 1;
}

/* ---- group and start ---- */

static ErrKind different_starts(const Rows *r, int32_t a, int32_t b, int64_t row, Err *reterr)
{
    char one[INSIGHT_TIME_TEXT], two[INSIGHT_TIME_TEXT];
    return err_set(reterr, ERR_INVALID,
                   "did: the treated start at %s and at %s (line %lld): one start at least two groups share; "
                   "for different "
                   "starts give --unit and use staggered-did",
                   insight_time_text(r->d, r->time[a], one),
                   b < r->n_times ? insight_time_text(r->d, r->time[b], two) : "a later time",
                   line_of(r->d, row));
}

static ErrKind start_from_column(Rows *r, Err *reterr)
{
    const InsightData *d = r->d;
    for (int64_t i = 0; i < d->n; i++) {
        double first = d->first_treated[i];
        if (isinf(first) || (first <= 0 && d->time_kind == INSIGHT_TIME_NUMBER && d->t[i] < 0.5))
            continue;
        int32_t at = insight_time_index(r->time, r->n_times, first);
        if (at >= r->n_times)
            continue;
        r->treated[i] = true;
        if (r->start >= 0 && at != r->start)
            return different_starts(r, r->start, at, i, reterr);
        r->start = at;
    }
    return ERR_NONE;
}

/* The clusters with treated rows are the treated group; all their rows of from the start on must be treated. */
static ErrKind start_from_clusters(Rows *r, Err *reterr)
{
    const InsightData *d = r->d;
    CLEANUP(mem_freep) int32_t *first = mem_array((size_t)d->cluster.n, sizeof *first);
    for (int32_t c = 0; c < d->cluster.n; c++)
        first[c] = INSIGHT_NEVER;
    for (int64_t i = 0; i < d->n; i++)
        if (d->t[i] > 0.5)
            first[d->cluster.id[i]] = MIN(first[d->cluster.id[i]], r->at[i]);
    for (int64_t i = 0; i < d->n; i++) {
        int32_t start = first[d->cluster.id[i]];
        if (start == INSIGHT_NEVER)
            continue;
        r->treated[i] = true;
        if (r->start >= 0 && start != r->start)
            return different_starts(r, r->start, start, i, reterr);
        r->start = start;
        if (d->t[i] < 0.5 && r->at[i] >= start)
            return err_set(
                reterr, ERR_INVALID,
                "did: cluster %.60s is treated, but not at line %lld, which is not before its start: treated "
                "and others cannot be told apart before it; give --unit",
                d->cluster.name[d->cluster.id[i]], line_of(d, i));
    }
    return ERR_NONE;
}

static ErrKind find_groups(Rows *r, Err *reterr)
{
    const InsightData *d = r->d;
    bool before = false;
    r->start = -1;
    if (d->first_treated)
        return start_from_column(r, reterr);
    for (int64_t i = 0; i < d->n; i++)
        before = before || (d->t[i] > 0.5 && r->at[i] == 0);
    if (!before && d->cluster.id)
        return start_from_clusters(r, reterr);
    if (!before)
        return err_set(
            reterr, ERR_INVALID,
            "did: no row of the first time is treated: which rows of before belong to the treated? Give "
            "--unit or --cluster, or a treatment column that says the group");
    if (r->n_times > 2)
        return err_set(
            reterr, ERR_INVALID,
            "did: the treatment says who is treated; since when, with %d times? Give --first-treated",
            (int)r->n_times);
    r->start = 1;
    for (int64_t i = 0; i < d->n; i++)
        r->treated[i] = d->t[i] > 0.5;
    return ERR_NONE;
}

/* ---- checks ---- */

static bool counts(const Rows *r, const InsightQuestion *q, int64_t i)
{
    return r->at[i] >= r->start || r->at[i] < r->start - q->anticipation;
}

static ErrKind check_cells(const Rows *r, const InsightQuestion *q, InsightAnswer *a, Err *reterr)
{
    const InsightData *d = r->d;
    char text[INSIGHT_TIME_TEXT];
    CLEANUP(insight_did_cells_done) InsightDidCells c = insight_did_cells(d->n);
    if (r->start <= 0)
        return err_set(reterr, ERR_INVALID,
                       r->start < 0 ? "did: nobody starts within the times of the data"
                                    : "did: the treated have no rows of before their start");
    for (int64_t i = 0; i < d->n; i++)
        if (counts(r, q, i))
            insight_did_count(&c, r->treated[i], r->at[i] >= r->start, d->y[i], d->weight ? d->weight[i] : 1);
    for (int g = 0; g < 2; g++)
        for (int after = 0; after < 2; after++)
            if (c.n[g][after] < 2)
                return err_set(reterr, ERR_INVALID, "did: %d rows of the %s %s: two at least",
                               (int)c.n[g][after], g ? "treated" : "controls",
                               after ? "after the start" : "before the start");
    a->n_treated = (int64_t)(c.n[1][0] + c.n[1][1]);
    a->n_control = (int64_t)(c.n[0][0] + c.n[0][1]);
    jw_kv_cstr(&a->w, "design", "repeated cross-sections");
    jw_kv_cstr(&a->w, "start", insight_time_text(d, r->time[r->start], text));
    insight_did_report(&c, q, a);
    return ERR_NONE;
}

static ErrKind check_clusters(const Rows *r, InsightAnswer *a, Err *reterr)
{
    const InsightData *d = r->d;
    if (!d->cluster.id)
        return ERR_NONE;
    int32_t n[2] = {0};
    CLEANUP(mem_freep) bool *seen = mem_array(2 * (size_t)d->cluster.n, sizeof *seen);
    for (int64_t i = 0; i < d->n; i++) {
        bool *s = &seen[2 * d->cluster.id[i] + r->treated[i]];
        n[r->treated[i]] += !*s;
        *s = true;
    }
    jw_kv_i64(&a->w, "clusters", d->cluster.n);
    return insight_check_sides("did", n[1], n[0], true, a, reterr);
}

/* ---- estimates ---- */

static ErrKind fit(const Rows *r, const InsightQuestion *q, InsightAnswer *a, Err *reterr)
{
    const InsightData *d = r->d;
    int k = r->n_times + 2;
    int64_t n = 0, at = 0;
    for (int64_t i = 0; i < d->n; i++)
        n += counts(r, q, i);
    if (r->n_times > INSIGHT_DID_TIMES_MAX || n * k > INSIGHT_CELLS_MAX)
        return err_set(reterr, ERR_LIMIT,
                       "did: %lld rows at %d times are too many; give weeks or months as time", (long long)n,
                       (int)r->n_times);
    CLEANUP(mem_freep) double *x = mem_array((size_t)n * (size_t)k, sizeof *x);
    CLEANUP(mem_freep) double *y = mem_array((size_t)n, sizeof *y);
    CLEANUP(mem_freep) int32_t *cluster = mem_array((size_t)n, sizeof *cluster);
    CLEANUP(mem_freep) double *weight = d->weight ? mem_array((size_t)n, sizeof *weight) : NULL;
    for (int64_t i = 0; i < d->n; i++) {
        if (!counts(r, q, i))
            continue;
        x[at] = r->treated[i] && r->at[i] >= r->start;
        x[at + n] = 1;
        x[at + 2 * n] = r->treated[i];
        if (r->at[i] > 0)
            x[at + (2 + r->at[i]) * n] = 1;
        y[at] = d->y[i];
        if (weight)
            weight[at] = d->weight[i];
        cluster[at++] = d->cluster.id ? d->cluster.id[i] : 0;
    }
    InsightDid g = {.n = n, .k = k, .x = x, .y = y, .weight = weight};
    if (d->cluster.id)
        g.clusters = (StatsClusters){cluster, d->cluster.n};
    return insight_did_fit(&g, q, a, reterr);
}

/* Treated against controls among the rows of one side of the start. psi: double[n of clusters]. */
static ErrKind compare(const Rows *r, const InsightQuestion *q, bool after, StatsEstimate *ret, double *psi,
                       int64_t *trimmed, bool *no_overlap, Err *reterr)
{
    const InsightData *d = r->d;
    size_t most = (size_t)d->n, k = (size_t)d->n_x;
    int32_t n_clusters = d->cluster.id ? d->cluster.n : (int32_t)d->n;
    CLEANUP(mem_freep) int64_t *row = mem_array(most, sizeof *row);
    CLEANUP(mem_freep) double *y = mem_array(most, sizeof *y);
    CLEANUP(mem_freep) bool *treated = mem_array(most, sizeof *treated);
    CLEANUP(mem_freep) double *weight = d->weight ? mem_array(most, sizeof *weight) : NULL;
    int64_t n = 0;
    for (int64_t i = 0; i < d->n; i++)
        if (counts(r, q, i) && (r->at[i] >= r->start) == after) {
            y[n] = d->y[i];
            if (weight)
                weight[n] = d->weight[i];
            treated[n] = r->treated[i];
            row[n++] = i;
        }
    CLEANUP(mem_freep) double *x = mem_array((size_t)n * k, sizeof *x);
    for (size_t c = 0; c < k; c++)
        for (int64_t i = 0; i < n; i++)
            x[i + (int64_t)c * n] = d->x[row[i] + (int64_t)c * d->n];
    CLEANUP(insight_twobytwo_done) InsightTwoByTwo e = {0};
    TRY(insight_twobytwo(y, treated, x, weight, n, (int)k, &e, reterr));
    CLEANUP(mem_freep) double *room = mem_array(4 * (size_t)n_clusters, sizeof *room);
    double *part[2] = {room, room + n_clusters},
           *share[2] = {room + 2 * (int64_t)n_clusters, room + 3 * (int64_t)n_clusters};
    for (int64_t i = 0; i < n; i++) {
        int64_t c = d->cluster.id ? d->cluster.id[row[i]] : row[i];
        part[treated[i]][c] += e.part[i];
        part[0][c] += e.nuisance[i];
        share[treated[i]][c] += e.share[i];
    }
    StatsInfluence f = {.n = n_clusters,
                        .part = {part[0], part[1]},
                        .share = {share[0], share[1]},
                        .fitted = {e.fitted},
                        .rows = {(double)e.n_control, (double)e.n_treated}};
    *ret = stats_influence(e.effect, &f, q->level, psi);
    *trimmed += e.trimmed;
    *no_overlap = *no_overlap || e.no_overlap;
    return ERR_NONE;
}

static ErrKind fit_adjusted(const Rows *r, const InsightQuestion *q, InsightAnswer *a, Err *reterr)
{
    const InsightData *d = r->d;
    size_t n = d->cluster.id ? (size_t)d->cluster.n : (size_t)d->n;
    CLEANUP(mem_freep) double *psi = mem_array(2 * n, sizeof *psi);
    StatsEstimate after, before;
    int64_t trimmed = 0;
    bool no_overlap = false;
    double sum = 0;
    TRY(compare(r, q, true, &after, psi, &trimmed, &no_overlap, reterr));
    TRY(compare(r, q, false, &before, psi + n, &trimmed, &no_overlap, reterr));
    for (size_t c = 0; c < n; c++)
        sum += (psi[c] - psi[c + n]) * (psi[c] - psi[c + n]);
    double va = after.se * after.se, vb = before.se * before.se;
    double df = (va + vb) * (va + vb) / (va * va / after.df + vb * vb / before.df);
    if (d->cluster.id) /* the same clusters twice: no more is known of them */
        df = fmin(df, fmax(after.df, before.df));
    a->effect = stats_estimate(after.estimate - before.estimate, sqrt(sum), df, q->level);
    if (no_overlap)
        insight_answer_warn(
            a, "no overlap: the covariates tell the treated from the others; the controls are not "
               "weighted, the effect rests on a regression alone");
    if (trimmed)
        insight_answer_warn(a, "%lld control rows left out: they look treated with certainty",
                            (long long)trimmed);
    jw_kv_cstr(&a->w, "adjustment", no_overlap ? "outcome regression" : "doubly robust");
    jw_kv_cstr(&a->w, "variance", "influence function");
    return ERR_NONE;
}

static ErrKind answer(Rows *r, const InsightQuestion *q, InsightAnswer *a, Err *reterr)
{
    char text[INSIGHT_TIME_TEXT];
    if (r->n_times < 2)
        return err_set(reterr, ERR_INVALID, "all rows are of one time, %s: there is no before and after",
                       insight_time_text(r->d, r->time[0], text));
    TRY(find_groups(r, reterr));
    TRY(check_cells(r, q, a, reterr));
    TRY(check_clusters(r, a, reterr));
    return r->d->n_x > 0 ? fit_adjusted(r, q, a, reterr) : fit(r, q, a, reterr);
}

ErrKind insight_did_rows(InsightData *d, const InsightQuestion *q, InsightAnswer *a, Err *reterr)
{
    CLEANUP(rows_done) Rows r = {.d = d};
    r.time = insight_times(d, &r.n_times);
    r.at = mem_array((size_t)d->n, sizeof *r.at);
    r.treated = mem_array((size_t)d->n, sizeof *r.treated);
    for (int64_t i = 0; i < d->n; i++)
        r.at[i] = insight_time_index(r.time, r.n_times, d->time[i]);
    return answer(&r, q, a, reterr);
}
