/* insight_rampup.c - see insight_rampup.h. */
#include "insight/insight_rampup.h"

#include "base/mem.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Whether the agent is compared; counts why not. *ret_end: the last day known of it. */
static bool is_compared(const InsightRampUpAgent *a, int32_t today, int landmark, InsightRampUp *r,
                        int32_t *ret_end)
{
    int64_t *why = NULL;
    int32_t end = a->left < today ? a->left : today;
    if (a->reached < end)
        end = a->reached;
    if (a->started == INSIGHT_RAMPUP_NONE)
        why = &r->n_no_start;
    else if (a->since == INSIGHT_RAMPUP_NONE || a->started < a->since)
        why = &r->n_early;
    else if ((int64_t)today - a->started <= landmark)
        why = &r->n_new;
    else if ((int64_t)end - a->started <= landmark)
        why = &r->n_decided;
    if (why)
        ++*why;
    *ret_end = end;
    return !why;
}

static void add_row(const InsightRampUpAgent *a, int32_t end, int landmark, InsightRampUp *r)
{
    InsightData *d = r->data_;
    int64_t i = d->n++;
    bool coached = a->coached != INSIGHT_RAMPUP_NONE && a->coached - a->started < landmark;
    d->y[i] = end - a->started;
    d->event[i] = a->reached == end;
    d->entry[i] = landmark;
    d->t[i] = coached;
    d->line[i] = i + 1;
    r->n_coached += coached;
    if (a->started < r->first)
        r->first = a->started;
    if (a->started > r->last)
        r->last = a->started;
}

static InsightData *data_new(int64_t n, int landmark)
{
    InsightData *d = MEM_NEW(InsightData);
    size_t rows = (size_t)n;
    char name[64];
    d->y = mem_array(rows, sizeof(double));
    d->t = mem_array(rows, sizeof(double));
    d->event = mem_array(rows, sizeof(double));
    d->entry = mem_array(rows, sizeof(double));
    d->line = mem_array(rows, sizeof(int64_t));
    d->warnings = BUF(4096);
    snprintf(name, sizeof name, "coached in the first %d days", landmark);
    d->treated_name = mem_strdup(name);
    snprintf(name, sizeof name, "not coached in the first %d days", landmark);
    d->control_name = mem_strdup(name);
    return d;
}

ErrKind insight_rampup(const InsightRampUpAgent *a, int64_t n, int32_t today, int landmark, double level,
                       InsightRampUp *ret, Err *reterr)
{
    *ret = (InsightRampUp){.first = INT32_MAX, .last = INT32_MIN};
    ret->data_ = data_new(n, landmark);
    for (int64_t i = 0; i < n; i++) {
        int32_t end;
        if (is_compared(&a[i], today, landmark, ret, &end))
            add_row(&a[i], end, landmark, ret);
    }
    ret->n_compared = ret->data_->n;
    int64_t others = ret->n_compared - ret->n_coached;
    if (ret->n_coached < INSIGHT_RAMPUP_GROUP_MIN || others < INSIGHT_RAMPUP_GROUP_MIN) {
        snprintf(ret->refusal, sizeof ret->refusal,
                 "Of the agents who were still on the way on day %d, %lld had been coached and %lld had not. "
                 "Each group needs at least %d to be compared.",
                 landmark, (long long)ret->n_coached, (long long)others, INSIGHT_RAMPUP_GROUP_MIN);
        return ERR_NONE;
    }
    Err why = {0};
    ErrKind kind = insight_survival(ret->data_, level, NAN, &ret->survival, &why);
    if (kind == ERR_NONE)
        return ERR_NONE;
    if (kind != ERR_INVALID) {
        if (reterr)
            *reterr = why;
        return kind;
    }
    snprintf(ret->refusal, sizeof ret->refusal, "%s", why.msg);
    return ERR_NONE;
}

void insight_rampup_done(InsightRampUp *r)
{
    insight_survival_free(r->survival);
    insight_data_free(r->data_);
    *r = (InsightRampUp){0};
}
