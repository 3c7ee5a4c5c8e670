/* gbt_goal.c - see gbt_goal.h. */
#include "gbt/gbt_goal.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

#define QUANTILE "quantile:"

static const GbtGoal GOALS[] = {
    {"binary:logistic", "binary:logistic", GBT_LABEL_SHARE, GBT_BASE_MEAN, "logloss",
     "probability of label 1 (labels 0 .. 1)", 0},
    {"binary:logitraw", "binary:logitraw", GBT_LABEL_SHARE, GBT_BASE_NONE, "auc",
     "the same before the logistic function", 0},
    {"binary:hinge", "binary:hinge", GBT_LABEL_TWO, GBT_BASE_NONE, "error", "0 or 1, by hinge loss", 0},
    {"reg:squarederror", "reg:squarederror", GBT_LABEL_ANY, GBT_BASE_MEAN, "rmse", "mean", 0},
    {"reg:logistic", "reg:logistic", GBT_LABEL_SHARE, GBT_BASE_MEAN, "rmse", "a share 0 .. 1", 0},
    {"reg:absoluteerror", "reg:absoluteerror", GBT_LABEL_ANY, GBT_BASE_MEDIAN, "mae", "median", 0},
    {"reg:pseudohubererror", "reg:pseudohubererror", GBT_LABEL_ANY, GBT_BASE_MEDIAN, "mphe",
     "mean, outliers count less", 0},
    {"reg:gamma", "reg:gamma", GBT_LABEL_ABOVE, GBT_BASE_MEAN, "gamma-nloglik",
     "mean of positive amounts (labels above 0)", 0},
    {"reg:tweedie", "reg:tweedie", GBT_LABEL_NOT_BELOW, GBT_BASE_MEAN, "tweedie-nloglik",
     "mean of amounts that are often 0 (labels from 0)", 0},
    {"count:poisson", "count:poisson", GBT_LABEL_NOT_BELOW, GBT_BASE_MEAN, "poisson-nloglik",
     "expected count (labels from 0)", 0},
    {"survival:cox", "survival:cox", GBT_LABEL_NOT_ZERO, GBT_BASE_NONE, "cox-nloglik",
     "hazard ratio (labels: times; negative: ended without the event)", 0},
    {"multi:softprob", "multi:softprob", GBT_LABEL_CLASS, GBT_BASE_NONE, "mlogloss",
     "a probability for each class (labels 0 .. num_class - 1)", 0},
    {"multi:softmax", "multi:softmax", GBT_LABEL_CLASS, GBT_BASE_NONE, "mlogloss", "the likeliest class", 0},
    {"quantile", "reg:squarederror", GBT_LABEL_ANY, GBT_BASE_QUANTILE, "quantile",
     "the value that the target stays below with probability A: `quantile:A`, 0 < A < 1. Trained with the "
     "pinball loss through custom gradients; the file says reg:squarederror, which has the same link, and "
     "keeps the true name in the attribute ehub_objective",
     0},
};

static const struct {
    const char *name;
    bool rises;
} METRICS[] = {
    {"rmse", false},
    {"rmsle", false},
    {"mae", false},
    {"mape", false},
    {"mphe", false},
    {"logloss", false},
    {"error", false},
    {"auc", true},
    {"aucpr", true},
    {"merror", false},
    {"mlogloss", false},
    {"poisson-nloglik", false},
    {"gamma-nloglik", false},
    {"gamma-deviance", false},
    {"tweedie-nloglik", false},
    {"cox-nloglik", false},
    {"quantile", false},
};

const GbtGoal *gbt_goal_at(int i)
{
    return i < (int)ARRAY_LEN(GOALS) ? &GOALS[i] : NULL;
}

ErrKind gbt_goal_find(const char *objective, GbtGoal *ret, Err *reterr)
{
    Str name = str_from(objective);
    bool quantile = str_starts(name, STR(QUANTILE));
    for (size_t i = 0; i < ARRAY_LEN(GOALS); i++) {
        *ret = GOALS[i];
        if (quantile ? GOALS[i].base == GBT_BASE_QUANTILE
                     : str_eq_c(name, GOALS[i].name) && GOALS[i].base != GBT_BASE_QUANTILE)
            break;
        if (i + 1 == ARRAY_LEN(GOALS))
            return err_set(reterr, ERR_UNSUPPORTED, "training for objective \"%s\"", objective);
    }
    if (!quantile)
        return ERR_NONE;
    if (!str_to_f64(str_slice(name, sizeof QUANTILE - 1, name.len), &ret->alpha) || !(ret->alpha > 0) ||
        !(ret->alpha < 1))
        return err_set(reterr, ERR_INVALID, "objective \"%s\": the quantile is a number between 0 and 1",
                       objective);
    return ERR_NONE;
}

bool gbt_goal_label_fits(const GbtGoal *g, double y, int num_class)
{
    if (!isfinite(y))
        return false;
    switch (g->labels) {
    case GBT_LABEL_ANY: return true;
    case GBT_LABEL_SHARE: return y >= 0 && y <= 1;
    case GBT_LABEL_TWO: return y == 0 || y == 1;
    case GBT_LABEL_NOT_BELOW: return y >= 0;
    case GBT_LABEL_ABOVE: return y > 0;
    case GBT_LABEL_CLASS: return y >= 0 && y < num_class && y == floor(y);
    case GBT_LABEL_NOT_ZERO: return y != 0;
    }
    return false;
}

bool gbt_goal_is_multi(const GbtGoal *g)
{
    return g->labels == GBT_LABEL_CLASS;
}

bool gbt_goal_metric(Str name, bool *ret_rises)
{
    for (size_t i = 0; i < ARRAY_LEN(METRICS); i++)
        if (str_eq_c(name, METRICS[i].name)) {
            *ret_rises = METRICS[i].rises;
            return true;
        }
    return false;
}

typedef struct Weighed {
    float y, weight;
} Weighed;

static int by_label(const void *a, const void *b)
{
    float x = ((const Weighed *)a)->y, y = ((const Weighed *)b)->y;
    return (x > y) - (x < y);
}

/* The least label with at least the share q of the weight at or below it. */
static double weighted_quantile(const float *y, const float *weight, int64_t n, double q)
{
    CLEANUP(mem_freep) Weighed *w = mem_array((size_t)n, sizeof *w);
    double total = 0, sum = 0;
    for (int64_t i = 0; i < n; i++) {
        w[i] = (Weighed){y[i], weight ? weight[i] : 1};
        total += w[i].weight;
    }
    qsort(w, (size_t)n, sizeof *w, by_label);
    int64_t i = 0;
    for (; i < n - 1; i++) {
        sum += w[i].weight;
        if (sum >= q * total)
            break;
    }
    return w[i].y;
}

double gbt_goal_base(const GbtGoal *g, const float *y, const float *weight, int64_t n)
{
    if (g->base == GBT_BASE_NONE || n == 0)
        return NAN;
    if (g->base != GBT_BASE_MEAN)
        return weighted_quantile(y, weight, n, g->base == GBT_BASE_MEDIAN ? 0.5 : g->alpha);
    double sum = 0, total = 0;
    for (int64_t i = 0; i < n; i++) {
        double w = weight ? weight[i] : 1;
        sum += w * y[i];
        total += w;
    }
    double mean = total > 0 ? sum / total : 0;
    if (g->labels == GBT_LABEL_SHARE)
        return fmin(fmax(mean, 1e-3), 1 - 1e-3);
    return g->labels == GBT_LABEL_ANY ? mean : fmax(mean, 1e-3);
}

double gbt_goal_pinball(const GbtGoal *g, const float *p, const float *y, const float *weight, int64_t n)
{
    double sum = 0, total = 0;
    for (int64_t i = 0; i < n; i++) {
        double d = (double)y[i] - (double)p[i], w = weight ? weight[i] : 1;
        sum += w * (d > 0 ? g->alpha * d : (g->alpha - 1) * d);
        total += w;
    }
    return sum / total;
}
