/* insight_return.c - see insight_return.h. */
#include "insight/insight_return.h"

#include "base/clock.h"
#include "base/mem.h"
#include "coach/coach_feature.h"

#include <math.h>
#include <stdio.h>

#define LEVEL 0.95
#define SEED 1

int32_t insight_fiscal_year(int32_t day, int starts)
{
    int year, month, day_of_month;
    clock_civil(day, &year, &month, &day_of_month);
    return clock_days(month >= starts ? year : year - 1, starts, 1);
}

/* ---- the time ---- */

static ErrKind set_time(const InsightReturnAsk *ask, InsightReturn *r, Err *reterr)
{
    double starts = r->money.v[INSIGHT_MONEY_FISCAL_START];
    r->to = ask->to == INT32_MIN ? r->as_of : MIN(ask->to, r->as_of);
    r->from =
        ask->from == INT32_MIN ? insight_fiscal_year(r->to - 1, isnan(starts) ? 1 : (int)starts) : ask->from;
    if (ask->from != INT32_MIN && ask->to != INT32_MIN && ask->from >= ask->to)
        return err_set(reterr, ERR_INVALID, "\"from\" must be before \"to\"");
    if (r->from >= r->to) {
        char day[11];
        clock_format_date(r->as_of, day);
        return err_set(reterr, ERR_INVALID, "\"from\": the data reach until the day before %s only", day);
    }
    if (r->to - r->from > INSIGHT_RETURN_DAYS_MAX)
        return err_set(reterr, ERR_INVALID, "from \"from\" to \"to\" are %d days, at most %d",
                       (int)(r->to - r->from), INSIGHT_RETURN_DAYS_MAX);
    return ERR_NONE;
}

/* ---- what is known of a row ---- */

static void set_commission(const InsightReturn *r, InsightReturnRow *row)
{
    InsightOffice o = {0};
    row->commission = row->commission_se = NAN;
    if (!isnan(r->money.v[INSIGHT_MONEY_COMMISSION])) {
        row->commission_source = INSIGHT_COMMISSION_SET;
        row->commission = r->money.v[INSIGHT_MONEY_COMMISSION];
        row->commission_se = 0;
        return;
    }
    row->commission_source = INSIGHT_COMMISSION_OF_OFFICE;
    if (row->effect->scope == INSIGHT_SCOPE_OFFICE)
        o = insight_delivered_office(&r->delivered_, row->effect->location);
    if (o.n_paid < INSIGHT_OFFICE_CLOSINGS_MIN) {
        row->commission_source = INSIGHT_COMMISSION_OF_ALL;
        o = insight_delivered_office(&r->delivered_, UUID_NIL);
    }
    row->n_closings = o.n_paid;
    if (o.n_paid < 2)
        return;
    double n = (double)o.n_paid, mean = o.paid / n;
    row->commission = mean;
    row->commission_se = sqrt(MAX(0, (o.squares - n * mean * mean) / (n - 1)) / n);
}

static void refuse(InsightReturnRow *row, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void refuse(InsightReturnRow *row, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(row->refusal, sizeof(row->refusal), fmt, args);
    va_end(args);
}

static void set_row(const InsightReturn *r, const InsightStored *effect, InsightReturnRow *row)
{
    *row =
        (InsightReturnRow){.effect = effect, .delivered = insight_delivered_to(&r->delivered_, effect->name)};
    set_commission(r, row);
    int missing = 0;
    for (int f = 0; f < INSIGHT_MONEY_N_FIELDS; f++)
        missing += r->missing[f];
    if (effect->refusal.ptr)
        refuse(row, "There is no effect to reckon with: %.*s", (int)MIN(effect->refusal.len, 500),
               effect->refusal.ptr);
    else if (row->delivered.agent_days == 0)
        refuse(row, "None of it was delivered in this time.");
    else if (missing > 0)
        refuse(row, "%d of the settings of money that it needs %s not set.", missing,
               missing == 1 ? "is" : "are");
    else if (isnan(row->commission))
        refuse(row, "No commission is set, and fewer than two closings of this time have one.");
}

static void set_missing(InsightReturn *r)
{
    static const InsightMoneyField NEEDED[] = {INSIGHT_MONEY_SPLIT,       INSIGHT_MONEY_COACH_HOUR,
                                               INSIGHT_MONEY_AGENT_HOUR,  INSIGHT_MONEY_COACH_HOURS,
                                               INSIGHT_MONEY_AGENT_HOURS, INSIGHT_MONEY_LICENCE};
    for (size_t i = 0; i < ARRAY_LEN(NEEDED); i++)
        r->missing[NEEDED[i]] = isnan(r->money.v[NEEDED[i]]);
}

/* ---- reckoning ---- */

enum { SHARED_SPLIT, SHARED_COACH_RATE, SHARED_AGENT_RATE, SHARED_LICENCE, SHARED_COMMISSION, N_SHARED };
#define OWN_INPUTS 4 /* effect, hours of both, an office's commission */

typedef struct Plan {
    InsightRoiPlan p;
    InsightRoiInput *input;
    InsightRoiLine *line;
    const char **group;
} Plan;

static void plan_done(Plan *p)
{
    mem_free(p->input);
    mem_free(p->line);
    mem_free(p->group);
}

static int32_t add_input(Plan *p, InsightRoiRole role, double mean, double se)
{
    p->input[p->p.n_inputs] = (InsightRoiInput){.role = role, .mean = mean, .se = se};
    return p->p.n_inputs++;
}

static InsightRoiLine empty_line(int32_t group, double months)
{
    InsightRoiLine l = {.group = group, .agents = months, .months = 1};
    for (int k = 0; k < INSIGHT_ROI_N_ROLES; k++)
        l.input[k] = -1;
    return l;
}

static void add_shared(Plan *p, const InsightReturn *r, const InsightReturnRow *row)
{
    const double *v = r->money.v;
    (void)add_input(p, INSIGHT_ROI_SPLIT, v[INSIGHT_MONEY_SPLIT], 0);
    (void)add_input(p, INSIGHT_ROI_COACH_RATE, v[INSIGHT_MONEY_COACH_HOUR], 0);
    (void)add_input(p, INSIGHT_ROI_AGENT_RATE, v[INSIGHT_MONEY_AGENT_HOUR], 0);
    (void)add_input(p, INSIGHT_ROI_LICENCE, v[INSIGHT_MONEY_LICENCE], 0);
    (void)add_input(p, INSIGHT_ROI_COMMISSION, row->commission, row->commission_se);
}

/* The agents who were coached; and where the licence is for all agents, a line of licences for the others. */
static void add_row(Plan *p, const InsightReturn *r, const InsightReturnRow *row)
{
    const InsightStored *e = row->effect;
    double months = (double)row->delivered.agent_days / INSIGHT_MONTH_DAYS;
    double each = (double)row->delivered.coachings / months, scale = INSIGHT_MONTH_DAYS / INSIGHT_PER_DAYS;
    int32_t group = p->p.n_groups++;
    InsightRoiLine l = empty_line(group, months);
    l.input[INSIGHT_ROI_EFFECT] = add_input(p, INSIGHT_ROI_EFFECT, e->e.estimate * scale, e->e.se * scale);
    l.input[INSIGHT_ROI_SPLIT] = SHARED_SPLIT;
    l.input[INSIGHT_ROI_COMMISSION] =
        row->commission_source == INSIGHT_COMMISSION_OF_OFFICE
            ? add_input(p, INSIGHT_ROI_COMMISSION, row->commission, row->commission_se)
            : SHARED_COMMISSION;
    l.input[INSIGHT_ROI_COACH_RATE] = SHARED_COACH_RATE;
    l.input[INSIGHT_ROI_AGENT_RATE] = SHARED_AGENT_RATE;
    l.input[INSIGHT_ROI_LICENCE] = SHARED_LICENCE;
    l.input[INSIGHT_ROI_COACH_HOURS] =
        add_input(p, INSIGHT_ROI_COACH_HOURS, each * r->money.v[INSIGHT_MONEY_COACH_HOURS], 0);
    l.input[INSIGHT_ROI_AGENT_HOURS] =
        add_input(p, INSIGHT_ROI_AGENT_HOURS, each * r->money.v[INSIGHT_MONEY_AGENT_HOURS], 0);
    p->group[group] = insight_scope_name(e->scope);
    p->line[p->p.n_lines++] = l;
    if (e->scope != INSIGHT_SCOPE_ALL && e->scope != INSIGHT_SCOPE_OFFICE)
        return;
    InsightOffice office = insight_delivered_office(&r->delivered_, e->location);
    if (office.agent_days <= row->delivered.agent_days)
        return;
    InsightRoiLine rest =
        empty_line(group, (double)(office.agent_days - row->delivered.agent_days) / INSIGHT_MONTH_DAYS);
    rest.input[INSIGHT_ROI_LICENCE] = SHARED_LICENCE;
    p->line[p->p.n_lines++] = rest;
}

/* The shared commission is that of the first row whose source is not its own office. */
static const InsightReturnRow *shared_of(const InsightReturn *r, int n_answers)
{
    const InsightReturnRow *any = NULL;
    for (int i = 0; i < r->n && n_answers > 0; i++)
        if (!r->row[i].refusal[0]) {
            any = &r->row[i];
            if (any->commission_source != INSIGHT_COMMISSION_OF_OFFICE)
                break;
        }
    return any;
}

static ErrKind reckon(InsightReturn *r, Err *reterr)
{
    int n = 0, at = 0;
    for (int i = 0; i < r->n; i++)
        n += !r->row[i].refusal[0];
    if (n == 0)
        return ERR_NONE;
    if (2 * n > INSIGHT_ROI_LINES_MAX)
        return err_set(reterr, ERR_LIMIT, "%d rows, at most %d: ask for one by its name", n,
                       INSIGHT_ROI_LINES_MAX / 2);
    CLEANUP(plan_done)
    Plan p = {.p = {.level = LEVEL, .seed = SEED},
              .input = mem_array((size_t)(N_SHARED + OWN_INPUTS * n), sizeof *p.input),
              .line = mem_array((size_t)(2 * n), sizeof *p.line),
              .group = mem_array((size_t)n, sizeof *p.group)};
    p.p.input = p.input;
    p.p.line = p.line;
    p.p.group = p.group;
    add_shared(&p, r, shared_of(r, n));
    for (int i = 0; i < r->n; i++)
        if (!r->row[i].refusal[0])
            add_row(&p, r, &r->row[i]);
    TRY(insight_roi(&p.p, &r->roi_, reterr));
    r->draws = r->roi_->draws;
    for (int i = 0; i < r->n; i++)
        if (!r->row[i].refusal[0])
            r->row[i].sum = &r->roi_->group[at++];
    return ERR_NONE;
}

/* ---- all ---- */

static ErrKind set_rows(const InsightReturnAsk *ask, InsightReturn *r, Err *reterr)
{
    r->row = mem_array((size_t)MAX(r->effects_.n, 1), sizeof *r->row);
    for (int i = 0; i < r->effects_.n; i++) {
        const InsightStored *e = &r->effects_.row[i];
        if (e->tier == INSIGHT_ALL_TIERS && (!ask->sees || ask->sees(ask->arg, e)))
            set_row(r, e, &r->row[r->n++]);
    }
    if (ask->name && r->n == 0)
        return err_set(reterr, ERR_NOT_FOUND, "no such effect");
    return ERR_NONE;
}

ErrKind insight_return(PgShards *s, Uuid tenant, const InsightReturnAsk *ask, Deadline by,
                       InsightReturn **ret, Err *reterr)
{
    CLEANUP(insight_return_freep) InsightReturn *r = MEM_NEW(InsightReturn);
    int64_t live_us = clock_now_us();
    int32_t horizon;
    r->scope = ask->scope;
    TRY(insight_money_read(s, tenant, by, &r->money, reterr));
    set_missing(r);
    ErrKind kind = coach_horizon(s, tenant, by, &horizon, &live_us, NULL, reterr);
    if (kind != ERR_NOT_FOUND) /* no events yet: until today */
        TRY(kind);
    r->as_of = (int32_t)(live_us / US_PER_DAY);
    TRY(set_time(ask, r, reterr));
    const InsightStoreQuery q = {
        .scope = insight_scope_name(ask->scope), .name = ask->name, .outcome = "closings"};
    TRY(insight_store_read(s, tenant, &q, by, &r->effects_, reterr));
    TRY(insight_delivered(s, tenant, ask->scope, r->from, r->to, by, &r->delivered_, reterr));
    TRY(set_rows(ask, r, reterr));
    TRY(reckon(r, reterr));
    *ret = r;
    r = NULL;
    return ERR_NONE;
}

void insight_return_free(InsightReturn *r)
{
    if (!r)
        return;
    insight_roi_free(r->roi_);
    insight_delivered_done(&r->delivered_);
    insight_store_list_done(&r->effects_);
    mem_free(r->row);
    mem_free(r);
}
