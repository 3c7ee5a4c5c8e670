/* insight_ask.c - see insight_ask.h. */
#include "insight/insight_ask.h"

#include "base/mem.h"
#include "insight/insight_productivity.h"
#include "insight/insight_survival.h"
#include "insight/insight_uplift.h"

#include <math.h>
#include <string.h>

static ErrKind put_effect(const InsightAsk *ask, InsightData *d, const InsightQuestion *q, InsightAsked *ret,
                          Err *reterr)
{
    CLEANUP(insight_answer_done) InsightAnswer a = {0};
    TRY(insight_effect(d, ask->method, q, &a, reterr));
    *ret = (InsightAsked){a.effect, a.naive.estimate, a.pretrend_p};
    return ERR_NONE;
}

static ErrKind put_productivity(const InsightAsk *ask, InsightData *d, const InsightQuestion *q,
                                InsightAsked *ret, Err *reterr)
{
    (void)ask;
    CLEANUP(insight_productivity_freep) InsightProductivity *p = NULL;
    if (!d->time || !d->unit.id)
        return err_set(reterr, ERR_INVALID, "productivity: rows of agents and months are needed");
    TRY(insight_productivity(d, q->level, &p, reterr));
    double sum[2] = {0}, rows[2] = {0};
    for (int64_t i = 0; i < d->n; i++) {
        sum[d->t[i] > 0.5] += d->y[i];
        rows[d->t[i] > 0.5]++;
    }
    *ret = (InsightAsked){p->treatment_log_ratio, log(sum[1] / rows[1] / (sum[0] / rows[0])), NAN};
    return ERR_NONE;
}

static ErrKind put_survival(const InsightAsk *ask, InsightData *d, const InsightQuestion *q,
                            InsightAsked *ret, Err *reterr)
{
    (void)ask;
    CLEANUP(insight_survival_freep) InsightSurvival *s = NULL;
    if (!d->event)
        return err_set(reterr, ERR_INVALID, "survival: rows with a time and an event are needed");
    TRY(insight_survival(d, q->level, INSIGHT_SIM_HORIZON, &s, reterr));
    *ret = (InsightAsked){s->rmst_difference, insight_naive(d->y, d->t, d->n, q->level).estimate, NAN};
    return ERR_NONE;
}

static ErrKind put_uplift(const InsightAsk *ask, InsightData *d, const InsightQuestion *q, InsightAsked *ret,
                          Err *reterr)
{
    (void)ask;
    CLEANUP(insight_uplift_freep) InsightUplift *u = NULL;
    if (!d->tier.id)
        return err_set(reterr, ERR_INVALID, "uplift: rows with a tier are needed");
    TRY(insight_uplift(d, q, 0, &u, reterr));
    *ret = (InsightAsked){u->tiers.part[0].effect, insight_naive(d->y, d->t, d->n, q->level).estimate, NAN};
    return isnan(ret->effect.se) ? err_set(reterr, ERR_INVALID, "uplift: the tier is too small") : ERR_NONE;
}

static const InsightAsk OTHERS[] = {
    {"productivity", NULL, put_productivity},
    {"survival", NULL, put_survival},
    {"uplift", NULL, put_uplift},
};

bool insight_ask_find(const char *name, InsightAsk *ret)
{
    const InsightMethod *m = insight_method(name);
    if (m) {
        *ret = (InsightAsk){m->name, m, put_effect};
        return true;
    }
    for (size_t i = 0; i < ARRAY_LEN(OTHERS); i++)
        if (strcmp(OTHERS[i].name, name) == 0) {
            *ret = OTHERS[i];
            return true;
        }
    return false;
}

double insight_ask_truth(const InsightAsk *ask, const InsightTruth *truth, InsightEstimand estimand)
{
    if (ask->put == put_uplift)
        return truth->beginners;
    return estimand == INSIGHT_ATT ? truth->att : truth->ate;
}
