/* insight_panel.c - see insight_panel.h.
 *
 *     times, rectangle of all units -> start of each -> clusters -> units treated from their first time on leave */
#include "insight/insight_panel.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FEW 10 /* clusters on a side: the interval is wide */

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double *insight_times(const InsightData *d, int32_t *ret_n)
{
    double *times = mem_array((size_t)MAX(d->n, 1), sizeof *times);
    memcpy(times, d->time, (size_t)d->n * sizeof *times);
    qsort(times, (size_t)d->n, sizeof *times, by_value);
    int32_t n = 0;
    for (int64_t i = 0; i < d->n; i++)
        if (n == 0 || times[i] != times[n - 1])
            times[n++] = times[i];
    *ret_n = n;
    return times;
}

int32_t insight_time_index(const double *times, int32_t n, double time)
{
    int32_t low = 0, high = n;
    while (low < high) {
        int32_t mid = low + (high - low) / 2;
        if (times[mid] < time)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static long long line_of(const InsightData *d, int64_t row)
{
    return d->line ? (long long)d->line[row] : (long long)row + 1;
}

static ErrKind place_rows(const InsightData *d, InsightPanel *p, Err *reterr)
{
    char text[INSIGHT_TIME_TEXT];
    int64_t cells = (int64_t)p->n_units * p->n_times;
    if (p->n_times > INSIGHT_PANEL_TIMES_MAX || cells > INSIGHT_CELLS_MAX)
        return err_set(reterr, ERR_LIMIT,
                       "%d units at %d times: at most %d times and %lld cells; give weeks or months as time",
                       (int)p->n_units, (int)p->n_times, INSIGHT_PANEL_TIMES_MAX,
                       (long long)INSIGHT_CELLS_MAX);
    p->row = mem_array((size_t)cells, sizeof *p->row);
    for (int64_t c = 0; c < cells; c++)
        p->row[c] = -1;
    for (int64_t i = 0; i < d->n; i++) {
        int32_t t = insight_time_index(p->time, p->n_times, d->time[i]);
        int64_t *at = &p->row[(int64_t)d->unit.id[i] * p->n_times + t];
        if (*at >= 0)
            return err_set(reterr, ERR_INVALID,
                           "unit %.60s has two rows at time %s: lines %lld and %lld (for repeated "
                           "cross-sections leave the unit out and give a cluster)",
                           d->unit.name[d->unit.id[i]], insight_time_text(d, d->time[i], text),
                           line_of(d, *at), line_of(d, i));
        *at = i;
    }
    return ERR_NONE;
}

/* ---- who starts when ---- */

static int64_t first_row(const InsightPanel *p, int32_t unit)
{
    for (int32_t t = 0; t < p->n_times; t++)
        if (insight_panel_row(p, unit, t) >= 0)
            return insight_panel_row(p, unit, t);
    return -1;
}

/* Does the treatment change within any unit? Then it says when; else only who. */
static bool treatment_changes(const InsightData *d, const InsightPanel *p)
{
    CLEANUP(mem_freep) double *seen = mem_array((size_t)p->n_units, sizeof *seen);
    for (int32_t u = 0; u < p->n_units; u++)
        seen[u] = -1;
    for (int64_t i = 0; i < d->n; i++) {
        double *s = &seen[d->unit.id[i]];
        if (*s >= 0 && *s != d->t[i])
            return true;
        *s = d->t[i];
    }
    return false;
}

static ErrKind starts_from_treatment(const InsightData *d, InsightPanel *p, Err *reterr)
{
    char text[INSIGHT_TIME_TEXT];
    for (int32_t u = 0; u < p->n_units; u++) {
        p->start[u] = INSIGHT_NEVER;
        for (int32_t t = 0; t < p->n_times; t++) {
            int64_t i = insight_panel_row(p, u, t);
            if (i < 0)
                continue;
            if (d->t[i] > 0.5 && p->start[u] == INSIGHT_NEVER)
                p->start[u] = t;
            else if (d->t[i] < 0.5 && p->start[u] != INSIGHT_NEVER)
                return err_set(
                    reterr, ERR_INVALID,
                    "unit %.60s is treated from %s on and no longer at line %lld: a treatment that "
                    "ends has no effect that these methods can tell; give --first-treated if it lasts",
                    d->unit.name[p->unit[u]], insight_time_text(d, p->time[p->start[u]], text),
                    line_of(d, i));
        }
    }
    return ERR_NONE;
}

/* How many times without a row there are right before the start; 0 when there is no earlier row at all. */
static int32_t gap_before(const InsightPanel *p, int32_t unit)
{
    for (int32_t t = p->start[unit] - 1; t >= 0; t--)
        if (insight_panel_row(p, unit, t) >= 0)
            return p->start[unit] - 1 - t;
    return 0;
}

/* A unit without rows right before its first treated one started somewhere in between: then when most others did. */
static void close_gaps(InsightPanel *p, InsightAnswer *warn)
{
    int64_t n = 0;
    CLEANUP(mem_freep) int64_t *starts = mem_array((size_t)p->n_times, sizeof *starts);
    CLEANUP(mem_freep) int32_t *gap = mem_array((size_t)p->n_units, sizeof *gap);
    for (int32_t u = 0; u < p->n_units; u++) {
        gap[u] = insight_panel_starts(p, u) ? gap_before(p, u) : 0;
        if (insight_panel_starts(p, u) && gap[u] == 0)
            starts[p->start[u]]++;
        n += gap[u] > 0;
    }
    for (int32_t u = 0; u < p->n_units; u++) {
        int32_t last = p->start[u];
        for (int32_t t = last - 1; gap[u] > 0 && t >= last - gap[u]; t--)
            if (starts[t] > starts[p->start[u]])
                p->start[u] = t;
    }
    if (n > 0)
        insight_answer_warn(
            warn,
            "%lld units have no row right before their first treated one: they started in between, at the "
            "time at which most others did; --first-treated would say",
            (long long)n);
}

/* 0 says never, but where time itself begins at or before 0 and the unit is treated; so does a negative number (-1, -999)
 * where no row of the unit is. */
static bool is_code_of_never(const InsightData *d, const InsightPanel *p, int32_t unit, double first)
{
    if (first > 0 || (first < 0 && d->time_kind != INSIGHT_TIME_NUMBER))
        return false;
    if (first == 0 && (d->time_kind != INSIGHT_TIME_NUMBER || p->time[0] > 0))
        return true;
    for (int32_t t = 0; t < p->n_times; t++) {
        int64_t i = insight_panel_row(p, unit, t);
        if (i >= 0 && d->t[i] > 0.5)
            return false;
    }
    return true;
}

static ErrKind starts_from_column(const InsightData *d, InsightPanel *p, Err *reterr)
{
    for (int32_t u = 0; u < p->n_units; u++) {
        int64_t one = first_row(p, u);
        double first = d->first_treated[one];
        for (int32_t t = 0; t < p->n_times; t++) {
            int64_t i = insight_panel_row(p, u, t);
            if (i >= 0 && d->first_treated[i] != first)
                return err_set(reterr, ERR_INVALID,
                               "unit %.60s is first treated at two times: lines %lld and %lld",
                               d->unit.name[p->unit[u]], line_of(d, one), line_of(d, i));
        }
        bool never = isinf(first) || is_code_of_never(d, p, u, first);
        p->start[u] = never ? INSIGHT_NEVER : insight_time_index(p->time, p->n_times, first);
    }
    return ERR_NONE;
}

/* Two times, and a treatment that says who: the later time is after the start. */
static void starts_from_groups(const InsightData *d, InsightPanel *p)
{
    for (int32_t u = 0; u < p->n_units; u++)
        p->start[u] = d->t[first_row(p, u)] > 0.5 ? 1 : INSIGHT_NEVER;
}

/* Rows whose treatment contradicts the column of first treatment. */
static void compare_with_treatment(const InsightData *d, const InsightPanel *p, InsightAnswer *warn)
{
    int64_t n = 0;
    for (int32_t u = 0; u < p->n_units; u++)
        for (int32_t t = 0; t < p->n_times; t++) {
            int64_t i = insight_panel_row(p, u, t);
            n += i >= 0 && (d->t[i] > 0.5) != (t >= p->start[u]);
        }
    if (n > 0)
        insight_answer_warn(
            warn, "%lld rows are treated otherwise than their first treatment says: the latter is used",
            (long long)n);
}

static ErrKind find_starts(const InsightData *d, InsightPanel *p, InsightAnswer *warn, Err *reterr)
{
    bool changes = treatment_changes(d, p);
    if (d->first_treated) {
        TRY(starts_from_column(d, p, reterr));
        if (changes)
            compare_with_treatment(d, p, warn);
        return ERR_NONE;
    }
    if (changes) {
        TRY(starts_from_treatment(d, p, reterr));
        close_gaps(p, warn);
        return ERR_NONE;
    }
    if (p->n_times > 2)
        return err_set(
            reterr, ERR_INVALID,
            "the treatment is the same in all rows of a unit: it says who is treated and not since when; "
            "give --first-treated, or a treatment that is 1 from the start on");
    starts_from_groups(d, p);
    return ERR_NONE;
}

/* ---- clusters ---- */

static ErrKind find_clusters(const InsightData *d, InsightPanel *p, Err *reterr)
{
    p->clustered = d->cluster.id && d->cluster.n < p->n_units;
    p->n_clusters = p->n_units;
    for (int32_t u = 0; u < p->n_units; u++) {
        p->cluster[u] = u;
        if (!d->cluster.id)
            continue;
        int64_t one = first_row(p, u);
        p->cluster[u] = d->cluster.id[one];
        for (int32_t t = 0; t < p->n_times; t++) {
            int64_t i = insight_panel_row(p, u, t);
            if (i >= 0 && d->cluster.id[i] != p->cluster[u])
                return err_set(
                    reterr, ERR_INVALID,
                    "unit %.60s is in cluster %.60s at line %lld and in %.60s at line %lld: a cluster must "
                    "hold all rows of its units",
                    d->unit.name[p->unit[u]], d->cluster.name[p->cluster[u]], line_of(d, one),
                    d->cluster.name[d->cluster.id[i]], line_of(d, i));
        }
    }
    return ERR_NONE;
}

/* Clusters without a unit that stays get no number. */
static void renumber_clusters(InsightPanel *p, int32_t most)
{
    CLEANUP(mem_freep) int32_t *number = mem_array((size_t)most, sizeof *number);
    p->n_clusters = 0;
    for (int32_t u = 0; u < p->n_units; u++) {
        int32_t *at = &number[p->cluster[u]];
        if (*at == 0)
            *at = ++p->n_clusters;
        p->cluster[u] = *at - 1;
    }
}

/* A unit counts alike at all times: with the mean of its weights. */
static void find_weights(const InsightData *d, InsightPanel *p, InsightAnswer *warn)
{
    if (!d->weight)
        return;
    CLEANUP(mem_freep) int32_t *rows = mem_array((size_t)p->n_units, sizeof *rows);
    bool varies = false;
    p->weight = mem_array((size_t)p->n_units, sizeof *p->weight);
    for (int64_t i = 0; i < d->n; i++) {
        int32_t u = d->unit.id[i];
        varies = varies || (rows[u] > 0 && fabs(d->weight[i] - p->weight[u] / rows[u]) > 1e-9 * d->weight[i]);
        p->weight[u] += d->weight[i];
        rows[u]++;
    }
    for (int32_t u = 0; u < p->n_units; u++)
        p->weight[u] /= rows[u];
    if (varies)
        insight_answer_warn(warn, "the weights vary within units: each unit counts with the mean of its own");
}

/* ---- units that stay ---- */

static bool treated_from_its_first(const InsightPanel *p, int32_t unit)
{
    for (int32_t t = 0; t < p->start[unit] && t < p->n_times; t++)
        if (insight_panel_row(p, unit, t) >= 0)
            return false;
    return p->start[unit] != INSIGHT_NEVER;
}

static void leave_out_always_treated(InsightPanel *p, InsightAnswer *warn)
{
    int32_t kept = 0;
    for (int32_t u = 0; u < p->n_units; u++) {
        if (treated_from_its_first(p, u))
            continue;
        p->start[kept] = p->start[u];
        p->cluster[kept] = p->cluster[u];
        p->unit[kept] = p->unit[u];
        if (p->weight)
            p->weight[kept] = p->weight[u];
        memmove(p->row + (int64_t)kept * p->n_times, p->row + (int64_t)u * p->n_times,
                (size_t)p->n_times * sizeof *p->row);
        kept++;
    }
    p->always = p->n_units - kept;
    p->n_units = kept;
    if (p->always)
        insight_answer_warn(warn, "%d units left out: treated from their first row on, they have no before",
                            (int)p->always);
}

static void summarise(InsightPanel *p)
{
    p->first = p->n_times;
    p->last = -1;
    p->balanced = true;
    for (int64_t c = 0; c < (int64_t)p->n_units * p->n_times; c++)
        p->balanced = p->balanced && p->row[c] >= 0;
    for (int32_t u = 0; u < p->n_units; u++) {
        if (!insight_panel_starts(p, u))
            continue;
        p->n_treated++;
        p->first = MIN(p->first, p->start[u]);
        p->last = MAX(p->last, p->start[u]);
    }
}

static ErrKind build(const InsightData *d, InsightPanel *p, InsightAnswer *warn, Err *reterr)
{
    char text[INSIGHT_TIME_TEXT];
    p->time = insight_times(d, &p->n_times);
    p->n_units = d->unit.n;
    p->start = mem_array((size_t)p->n_units, sizeof *p->start);
    p->unit = mem_array((size_t)p->n_units, sizeof *p->unit);
    p->cluster = mem_array((size_t)p->n_units, sizeof *p->cluster);
    for (int32_t u = 0; u < p->n_units; u++)
        p->unit[u] = u;
    if (p->n_times < 2)
        return err_set(reterr, ERR_INVALID, "all rows are of one time, %s: there is no before and after",
                       insight_time_text(d, p->time[0], text));
    TRY(place_rows(d, p, reterr));
    TRY(find_starts(d, p, warn, reterr));
    TRY(find_clusters(d, p, reterr));
    find_weights(d, p, warn);
    leave_out_always_treated(p, warn);
    renumber_clusters(p, MAX(d->cluster.n, d->unit.n));
    summarise(p);
    if (p->n_treated == 0)
        return err_set(reterr, ERR_INVALID,
                       "no unit with a row of before starts within the times of the data");
    if (p->n_treated == p->n_units && p->first == p->last)
        return err_set(reterr, ERR_INVALID, "every unit starts at %s: there is nobody to compare with",
                       insight_time_text(d, p->time[p->first], text));
    return ERR_NONE;
}

ErrKind insight_panel_new(const InsightData *d, InsightAnswer *warn, InsightPanel **ret, Err *reterr)
{
    CLEANUP(insight_panel_freep) InsightPanel *p = MEM_NEW(InsightPanel);
    *ret = NULL;
    TRY(build(d, p, warn, reterr));
    *ret = p;
    p = NULL;
    return ERR_NONE;
}

ErrKind insight_check_sides(const char *method, int32_t treated, int32_t control, bool clustered,
                            InsightAnswer *a, Err *reterr)
{
    const char *what = clustered ? "clusters" : "units";
    if (treated < 2 || control < 2)
        return err_set(
            reterr, ERR_INVALID,
            "%s: %d treated and %d control %s: with one alone its own ups and downs cannot be told "
            "from the effect; two of each at least",
            method, (int)treated, (int)control, what);
    if (treated < FEW || control < FEW)
        insight_answer_warn(a, "%d treated and %d control %s only: the interval is wide for a reason",
                            (int)treated, (int)control, what);
    return ERR_NONE;
}

void insight_warn_unused(const InsightData *d, InsightAnswer *a)
{
    if (d->stratum.id)
        insight_answer_warn(a, "the strata are not used by %s", a->method);
    if (d->n_pre > 0)
        insight_answer_warn(
            a, "the outcomes of before are not used by %s: it takes those of the rows before the start",
            a->method);
}

void insight_panel_free(InsightPanel *p)
{
    if (!p)
        return;
    mem_free(p->time);
    mem_free(p->start);
    mem_free(p->row);
    mem_free(p->unit);
    mem_free(p->cluster);
    mem_free(p->weight);
    mem_free(p);
}
