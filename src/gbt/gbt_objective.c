/* gbt_objective.c - see gbt_objective.h. */
#include "gbt/gbt_objective.h"

#include "gbt/gbt_impl.h"

#include <math.h>

#define CLIP 1e-6f
#define EXP_MAX 88.7f /* XGBoost's bound, so that expf does not overflow */

static const GbtObjective TABLE[] = {
    {"binary:hinge", GBT_LINK_STEP, GBT_LINK_IDENTITY},
    {"binary:logistic", GBT_LINK_LOGISTIC, GBT_LINK_LOGISTIC},
    {"binary:logitraw", GBT_LINK_IDENTITY, GBT_LINK_IDENTITY}, /* but see GbtBaseRule */
    {"count:poisson", GBT_LINK_EXP, GBT_LINK_EXP},
    {"multi:softmax", GBT_LINK_ARGMAX, GBT_LINK_IDENTITY},
    {"multi:softprob", GBT_LINK_SOFTMAX, GBT_LINK_IDENTITY},
    {"rank:map", GBT_LINK_IDENTITY, GBT_LINK_IDENTITY},
    {"rank:ndcg", GBT_LINK_IDENTITY, GBT_LINK_IDENTITY},
    {"rank:pairwise", GBT_LINK_IDENTITY, GBT_LINK_IDENTITY},
    {"reg:absoluteerror", GBT_LINK_IDENTITY, GBT_LINK_IDENTITY},
    {"reg:expectileerror", GBT_LINK_IDENTITY, GBT_LINK_IDENTITY},
    {"reg:gamma", GBT_LINK_EXP, GBT_LINK_EXP},
    {"reg:linear", GBT_LINK_IDENTITY, GBT_LINK_IDENTITY}, /* the old name of reg:squarederror */
    {"reg:logistic", GBT_LINK_LOGISTIC, GBT_LINK_LOGISTIC},
    {"reg:pseudohubererror", GBT_LINK_IDENTITY, GBT_LINK_IDENTITY},
    {"reg:quantileerror", GBT_LINK_IDENTITY, GBT_LINK_IDENTITY},
    {"reg:squarederror", GBT_LINK_IDENTITY, GBT_LINK_IDENTITY},
    {"reg:squaredlogerror", GBT_LINK_IDENTITY, GBT_LINK_IDENTITY},
    {"reg:tweedie", GBT_LINK_EXP, GBT_LINK_EXP},
    {"survival:aft", GBT_LINK_EXP_DOUBLE, GBT_LINK_EXP},
    {"survival:cox", GBT_LINK_EXP, GBT_LINK_EXP},
};

const GbtObjective *gbt_objective_find(Str name)
{
    for (size_t i = 0; i < ARRAY_LEN(TABLE); i++)
        if (str_eq_c(name, TABLE[i].name))
            return &TABLE[i];
    return NULL;
}

static float logit(float p, bool clip)
{
    if (!(p >= 0 && p <= 1))
        return NAN;
    if (clip)
        p = fminf(fmaxf(p, CLIP), 1.0f - CLIP);
    return -logf(1.0f / p - 1.0f);
}

float gbt_objective_margin(const GbtObjective *o, float base_score, GbtBaseRule rule)
{
    if (rule.raw_prob && str_eq_c(STR("binary:logitraw"), o->name))
        return logit(base_score, rule.clip);
    switch (o->base) {
    case GBT_LINK_LOGISTIC: return logit(base_score, rule.clip);
    case GBT_LINK_EXP: return logf(base_score);
    default: return base_score;
    }
}

static float logistic(float margin)
{
    return 1.0f / (expf(fminf(-margin, EXP_MAX)) + 1.0f);
}

/* The sum in double, the quotients in float: as XGBoost. */
static void softmax(const float *margins, int n, float *out)
{
    float most = margins[0];
    for (int g = 1; g < n; g++)
        most = fmaxf(margins[g], most);
    double sum = 0;
    for (int g = 0; g < n; g++) {
        out[g] = expf(margins[g] - most);
        sum += (double)out[g];
    }
    for (int g = 0; g < n; g++)
        out[g] /= (float)sum;
}

static float argmax(const float *margins, int n)
{
    int best = 0;
    for (int g = 1; g < n; g++)
        best = margins[g] > margins[best] ? g : best;
    return (float)best;
}

void gbt_link(const GbtModel *m, const float *margins, float *out)
{
    GbtLink link = m->objective->link;
    if (link == GBT_LINK_SOFTMAX) {
        softmax(margins, m->n_groups, out);
        return;
    }
    if (link == GBT_LINK_ARGMAX) {
        out[0] = argmax(margins, m->n_groups);
        return;
    }
    for (int g = 0; g < m->n_groups; g++)
        switch (link) {
        case GBT_LINK_LOGISTIC: out[g] = logistic(margins[g]); break;
        case GBT_LINK_EXP: out[g] = expf(margins[g]); break;
        case GBT_LINK_EXP_DOUBLE: out[g] = (float)exp((double)margins[g]); break;
        case GBT_LINK_STEP: out[g] = margins[g] > 0 ? 1 : 0; break;
        default: out[g] = margins[g]; break;
        }
}

int gbt_n_outputs(const GbtModel *m)
{
    return m->objective->link == GBT_LINK_ARGMAX ? 1 : m->n_groups;
}
