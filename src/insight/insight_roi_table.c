/* insight_roi_table.c - see insight_roi_table.h. */
#include "insight/insight_roi_table.h"

#include "base/clock.h"
#include "base/mem.h"
#include "insight/insight_column.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define COLUMNS_MAX (2 * INSIGHT_ROI_N_ROLES + 4)

typedef struct Reading {
    const InsightRoiGiven *g;
    const char *path;
    InsightColumnSet *set;
    int by, month, agents, months; /* columns of the set; -1: none */
    int mean[INSIGHT_ROI_N_ROLES], se[INSIGHT_ROI_N_ROLES];
    InsightRoiTable *t;
    int first_period; /* the fiscal year of period 0 */
} Reading;

static int fiscal_year(int month, int start)
{
    return month / 12 + (start > 1 && month % 12 + 1 >= start);
}

static bool parse_month(Str s, int *ret)
{
    int64_t year, month;
    int32_t days;
    if (s.len == 7 && s.ptr[4] == '-' && str_to_i64(str_slice(s, 0, 4), &year) && year >= 1900 &&
        year <= 2200 && str_to_i64(str_slice(s, 5, 7), &month) && month >= 1 && month <= 12) {
        *ret = (int)(year * 12 + month - 1);
        return true;
    }
    if (!clock_parse_date(s, &days))
        return false;
    int y, m, d;
    clock_civil(days, &y, &m, &d);
    *ret = y * 12 + m - 1;
    return true;
}

/* ---- columns ---- */

static int want(InsightWant *w, int *n, char *const *names, int n_names, const char *name, bool as_text)
{
    for (int i = 0; i < n_names; i++)
        if (strcmp(names[i], name) == 0) {
            w[*n] = (InsightWant){names[i], as_text};
            return (*n)++;
        }
    return -1;
}

static ErrKind find_columns(Reading *r, const char *by, char **names, int n_names, Err *reterr)
{
    static const char *const USUAL[] = {"office", "programme", "program", "coach", "name"};
    InsightWant w[COLUMNS_MAX];
    int n = 0;
    r->by = by ? want(w, &n, names, n_names, by, true) : -1;
    if (by && r->by < 0)
        return err_set(reterr, ERR_INVALID, "%s has no column \"%.100s\"", r->path, by);
    for (size_t i = 0; !by && r->by < 0 && i < ARRAY_LEN(USUAL); i++)
        r->by = want(w, &n, names, n_names, USUAL[i], true);
    r->month = want(w, &n, names, n_names, "month", true);
    r->agents = want(w, &n, names, n_names, "agents", false);
    r->months = want(w, &n, names, n_names, "months", false);
    for (int k = 0; k < INSIGHT_ROI_N_ROLES; k++) {
        char se[64];
        snprintf(se, sizeof se, "%s_se", insight_roi_role_name((InsightRoiRole)k));
        r->mean[k] = want(w, &n, names, n_names, insight_roi_role_name((InsightRoiRole)k), false);
        r->se[k] = want(w, &n, names, n_names, se, false);
        if (r->se[k] >= 0 && r->mean[k] < 0)
            return err_set(reterr, ERR_INVALID, "%s has a column \"%s\" but no \"%s\"", r->path, se,
                           insight_roi_role_name((InsightRoiRole)k));
    }
    if (n == 0)
        return err_set(reterr, ERR_INVALID,
                       "%s has no column that returns are made of: office, agents, months, effect ...",
                       r->path);
    TRY(insight_columns_read(r->path, w, n, &r->set, reterr));
    for (int c = 0; c < n; c++) {
        const InsightColumn *col = &r->set->column[c];
        for (int64_t i = 0; col->is_text && !w[c].as_text && i < r->set->n; i++) {
            double v;
            if (col->id[i] >= 0 && !str_to_f64(str_from(col->text[col->id[i]]), &v))
                return err_set(reterr, ERR_INVALID, "%s, line %lld, column \"%s\": \"%.60s\" is no number",
                               r->path, (long long)r->set->line[i], col->name, col->text[col->id[i]]);
        }
    }
    return ERR_NONE;
}

/* NAN: no such column or an empty cell. */
static double cell(const Reading *r, int column, int64_t i)
{
    return column < 0 ? NAN : r->set->column[column].number[i];
}

/* ---- lines ---- */

/* The same unsure figure twice is one estimate written down twice: it is drawn once. */
static int32_t add_input(InsightRoiTable *t, InsightRoiInput in)
{
    for (int32_t i = 0; i < t->plan.n_inputs && in.se > 0; i++)
        if (t->input[i].role == in.role && t->input[i].mean == in.mean && t->input[i].se == in.se)
            return i;
    t->input[t->plan.n_inputs] = in;
    return t->plan.n_inputs++;
}

static ErrKind fill_line(Reading *r, int64_t i, const int32_t *shared, Err *reterr)
{
    InsightRoiTable *t = r->t;
    InsightRoiLine *l = &t->line[i];
    int64_t line = r->set->line[i];
    if ((r->agents >= 0 && isnan(cell(r, r->agents, i))) || (r->months >= 0 && isnan(cell(r, r->months, i))))
        return err_set(reterr, ERR_INVALID, "%s, line %lld: no agents or no months", r->path,
                       (long long)line);
    l->agents = r->agents >= 0 ? cell(r, r->agents, i) : isnan(r->g->agents) ? 1 : r->g->agents;
    l->months = r->months >= 0 ? cell(r, r->months, i) : isnan(r->g->months) ? 1 : r->g->months;
    for (int k = 0; k < INSIGHT_ROI_N_ROLES; k++) {
        double mean = cell(r, r->mean[k], i), se = cell(r, r->se[k], i);
        l->input[k] = shared[k];
        if (!isnan(mean))
            l->input[k] = add_input(
                t, (InsightRoiInput){
                       .role = (InsightRoiRole)k, .mean = mean, .se = isnan(se) ? 0 : se, .line = line});
        else if (r->mean[k] >= 0 && shared[k] < 0)
            return err_set(reterr, ERR_INVALID, "%s, line %lld: no %s", r->path, (long long)line,
                           insight_roi_role_name((InsightRoiRole)k));
    }
    if (r->by >= 0) {
        l->group = r->set->column[r->by].id[i];
        if (l->group < 0)
            return err_set(reterr, ERR_INVALID, "%s, line %lld: no %s", r->path, (long long)line,
                           r->set->column[r->by].name);
    }
    return ERR_NONE;
}

static ErrKind fill_periods(Reading *r, Err *reterr)
{
    InsightRoiTable *t = r->t;
    const InsightColumn *col = &r->set->column[r->month];
    CLEANUP(mem_freep) int *year = mem_array((size_t)r->set->n, sizeof *year);
    int first = INT32_MAX, last = 0;
    for (int64_t i = 0; i < r->set->n; i++) {
        int month;
        if (col->id[i] < 0 || !parse_month(str_from(col->text[col->id[i]]), &month))
            return err_set(reterr, ERR_INVALID,
                           "%s, line %lld, column \"month\": neither a month (2024-05) nor a date", r->path,
                           (long long)r->set->line[i]);
        year[i] = fiscal_year(month, r->g->fiscal_start);
        first = MIN(first, year[i]);
        last = MAX(last, year[i]);
    }
    if (last - first >= 200)
        return err_set(reterr, ERR_INVALID, "%s: the months run from %d to %d", r->path, first, last);
    for (int64_t i = 0; i < r->set->n; i++)
        t->line[i].period = year[i] - first;
    t->plan.n_periods = last - first + 1;
    r->first_period = first;
    return ERR_NONE;
}

static void name_periods(InsightRoiTable *t, int first)
{
    t->period = mem_array((size_t)MAX(t->plan.n_periods, 1), sizeof *t->period);
    for (int32_t k = 0; k < t->plan.n_periods; k++) {
        char name[32];
        snprintf(name, sizeof name, "FY%d", first + (int)k);
        t->period[k] = mem_strdup(name);
    }
}

/* Without a table: one line, or one for each fiscal year that the months touch; what is fixed stands in the first. */
static ErrKind lines_of_options(InsightRoiTable *t, const InsightRoiGiven *g, const int32_t *shared,
                                Err *reterr)
{
    double months = isnan(g->months) ? 1 : g->months;
    int first = 0, n_years = 1;
    if (g->from_month >= 0) {
        if (!(months >= 1 && months <= 600 && months == floor(months)))
            return err_set(reterr, ERR_INVALID,
                           "%g months from a given month on: a whole number from 1 to 600 is needed", months);
        first = fiscal_year(g->from_month, g->fiscal_start);
        n_years = fiscal_year(g->from_month + (int)months - 1, g->fiscal_start) - first + 1;
        t->plan.n_periods = n_years;
    }
    t->line = mem_array((size_t)n_years, sizeof *t->line);
    t->plan.n_lines = n_years;
    t->group = mem_array(1, sizeof *t->group);
    t->group[0] = mem_strdup("all");
    t->plan.n_groups = 1;
    for (int y = 0; y < n_years; y++) {
        InsightRoiLine *l = &t->line[y];
        l->period = y;
        l->agents = isnan(g->agents) ? 1 : g->agents;
        memcpy(l->input, shared, sizeof l->input);
        if (y > 0)
            l->input[INSIGHT_ROI_FIXED] = -1;
        l->months = g->from_month < 0 ? months : 0;
    }
    for (int m = 0; g->from_month >= 0 && m < (int)months; m++)
        t->line[fiscal_year(g->from_month + m, g->fiscal_start) - first].months += 1;
    name_periods(t, first);
    return ERR_NONE;
}

static ErrKind lines_of_table(Reading *r, const char *by, const int32_t *shared, Err *reterr)
{
    InsightRoiTable *t = r->t;
    char **names;
    int n_names;
    TRY(insight_column_names(r->path, &names, &n_names, reterr));
    ErrKind kind = find_columns(r, by, names, n_names, reterr);
    for (int i = 0; i < n_names; i++)
        mem_free(names[i]);
    mem_free(names);
    if (kind != ERR_NONE)
        return kind;
    if (r->set->n > INSIGHT_ROI_LINES_MAX)
        return err_set(reterr, ERR_LIMIT, "%s has %lld rows, at most %d", r->path, (long long)r->set->n,
                       INSIGHT_ROI_LINES_MAX);
    size_t n = (size_t)r->set->n;
    t->input = mem_grow(t->input, (n + 1) * INSIGHT_ROI_N_ROLES, sizeof *t->input);
    t->line = mem_array(n, sizeof *t->line);
    t->plan.n_lines = (int32_t)n;
    for (size_t i = 0; i < n; i++)
        TRY(fill_line(r, (int64_t)i, shared, reterr));
    t->plan.n_groups = r->by >= 0 ? r->set->column[r->by].n_texts : 1;
    t->group = mem_array((size_t)t->plan.n_groups, sizeof *t->group);
    for (int32_t k = 0; k < t->plan.n_groups; k++)
        t->group[k] = mem_strdup(r->by >= 0 ? r->set->column[r->by].text[k] : "all");
    if (r->month >= 0)
        TRY(fill_periods(r, reterr));
    name_periods(t, r->first_period);
    return ERR_NONE;
}

/* Totals become amounts of an agent and month: a line's own over the line's, shared ones over all lines'. */
static void divide_totals(InsightRoiTable *t, const int32_t *shared)
{
    static const InsightRoiRole ROLE[] = {INSIGHT_ROI_COACH_HOURS, INSIGHT_ROI_AGENT_HOURS,
                                          INSIGHT_ROI_LICENCE};
    double all = 0;
    for (int32_t i = 0; i < t->plan.n_lines; i++)
        all += t->line[i].agents * t->line[i].months;
    for (size_t k = 0; k < ARRAY_LEN(ROLE); k++) {
        for (int32_t i = 0; i < t->plan.n_lines; i++) {
            int32_t in = t->line[i].input[ROLE[k]];
            if (in < 0 || in == shared[ROLE[k]])
                continue;
            t->input[in].mean /= t->line[i].agents * t->line[i].months;
            t->input[in].se /= t->line[i].agents * t->line[i].months;
        }
        if (shared[ROLE[k]] >= 0) {
            t->input[shared[ROLE[k]]].mean /= all;
            t->input[shared[ROLE[k]]].se /= all;
        }
    }
}

ErrKind insight_roi_table(const InsightRoiGiven *g, const char *path, const char *by, InsightRoiTable **ret,
                          Err *reterr)
{
    int32_t shared[INSIGHT_ROI_N_ROLES];
    *ret = NULL;
    CLEANUP(insight_roi_table_freep) InsightRoiTable *t = MEM_NEW(InsightRoiTable);
    t->input = mem_array(INSIGHT_ROI_N_ROLES, sizeof *t->input);
    for (int k = 0; k < INSIGHT_ROI_N_ROLES; k++)
        shared[k] = g->has[k] ? add_input(t, g->input[k]) : -1;
    Reading r = {.g = g, .path = path, .t = t};
    ErrKind kind = path ? lines_of_table(&r, by, shared, reterr) : lines_of_options(t, g, shared, reterr);
    insight_columns_free(r.set);
    if (kind != ERR_NONE)
        return kind;
    for (int32_t i = 0; i < t->plan.n_lines; i++)
        for (int k = INSIGHT_ROI_EFFECT; k <= INSIGHT_ROI_COMMISSION; k++)
            if (t->line[i].input[k] < 0)
                return err_set(reterr, ERR_INVALID, "%s: neither given for all nor a column of a table (%s)",
                               insight_roi_role_name((InsightRoiRole)k),
                               insight_roi_role_what((InsightRoiRole)k));
    if (g->totals)
        divide_totals(t, shared);
    t->plan.input = t->input;
    t->plan.line = t->line;
    t->plan.group = (const char *const *)t->group;
    t->plan.period = (const char *const *)t->period;
    *ret = t;
    t = NULL;
    return ERR_NONE;
}

void insight_roi_table_free(InsightRoiTable *t)
{
    if (!t)
        return;
    for (int32_t k = 0; t->group && k < t->plan.n_groups; k++)
        mem_free(t->group[k]);
    for (int32_t k = 0; t->period && k < t->plan.n_periods; k++)
        mem_free(t->period[k]);
    mem_free(t->group);
    mem_free(t->period);
    mem_free(t->input);
    mem_free(t->line);
    mem_free(t);
}
