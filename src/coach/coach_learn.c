/* coach_learn.c - beliefs, Thompson's draw, its propensity, and values from the log. The formulas stand in the header. */
#include "coach/coach_learn.h"

#include "base/mem.h"
#include "stats/stats_dist.h"

#include <math.h>

#define STEPS 48 /* of the integral, over +-REACH standard deviations */
#define REACH 6.0
#define LEAST 1e-6 /* what is left of 1 by the integral's error */

static double sigmoid(double v)
{
    return 1.0 / (1.0 + exp(-v));
}

const char *coach_tier_name(CoachTier t)
{
    static const char *const NAMES[] = {
#define X(id, name, what) name,
        COACH_TIERS(X)
#undef X
    };
    return NAMES[t];
}

CoachTier coach_tier(double tenure_days, double closings, double lower_third, double upper_third)
{
    if (tenure_days < 365)
        return COACH_TIER_NEW;
    double c = isnan(closings) ? 0 : closings;
    if (c > upper_third)
        return COACH_TIER_TOP;
    return c <= lower_third && lower_third < upper_third ? COACH_TIER_LOW : COACH_TIER_MIDDLE;
}

/* ---- beliefs ------------------------------------------------------------------------------------------------------- */

CoachBelief coach_belief(double prior_effect)
{
    CoachBelief b = {.n = 0};
    for (int i = 0; i < COACH_N_TIERS; i++) {
        b.mean[i] = prior_effect;
        for (int j = 0; j < COACH_N_TIERS; j++)
            b.cov[i][j] =
                COACH_LEARN_COMMON * COACH_LEARN_COMMON + (i == j ? COACH_LEARN_TIER * COACH_LEARN_TIER : 0);
    }
    return b;
}

double coach_belief_sd(const CoachBelief *b, CoachTier t)
{
    return sqrt(fmax(b->cov[t][t], 0));
}

/* Seeing z e_t + noise of this variance, off its expectation by `off`. */
static void see(CoachBelief *b, CoachTier t, double z, double off, double variance)
{
    if (!(isfinite(off) && isfinite(variance) && variance > 0 && z > 0 && isfinite(z)))
        return;
    double gain[COACH_N_TIERS], row[COACH_N_TIERS], total = z * z * b->cov[t][t] + variance;
    for (int i = 0; i < COACH_N_TIERS; i++) {
        gain[i] = b->cov[i][t] * z / total;
        row[i] = z * b->cov[t][i];
    }
    for (int i = 0; i < COACH_N_TIERS; i++) {
        b->mean[i] += gain[i] * off;
        for (int j = 0; j < COACH_N_TIERS; j++)
            b->cov[i][j] -= gain[i] * row[j];
    }
    b->n++;
}

void coach_learn_change(CoachBelief *b, CoachTier t, double z, double change, double variance)
{
    see(b, t, z, change - z * b->mean[t], variance);
}

void coach_learn_goal(CoachBelief *b, CoachTier t, double z, double margin, bool reached)
{
    double p = sigmoid(margin + z * b->mean[t]), weight = fmax(p * (1 - p), 1e-4);
    see(b, t, z, ((reached ? 1 : 0) - p) / weight, 1 / weight);
}

void coach_learn_estimate(CoachBelief *b, CoachTier t, double estimate, double se)
{
    see(b, t, 1, estimate - b->mean[t], se * se);
}

/* ---- choice -------------------------------------------------------------------------------------------------------- */

void coach_learn_draw(const CoachBelief *beliefs, int n, CoachTier t, StatsRng *rng, double *effect)
{
    for (int k = 0; k < n; k++)
        effect[k] = beliefs[k].mean[t] + coach_belief_sd(&beliefs[k], t) * stats_normal(rng);
}

/* delta of an open intervention: normal, cut at most. */
typedef struct Delta {
    double mean, sd, most;
} Delta;

/* Chance that delta stays below x; or_equal: at x too, which matters at the cap alone. */
static double below(const Delta *d, double x, bool or_equal)
{
    if (x > d->most || (or_equal && x >= d->most))
        return 1;
    return stats_normal_cdf((x - d->mean) / d->sd);
}

/* Chance that all others are beaten by k with x: the earlier ones must be less, the later ones may be equal. */
static double all_below(const Delta *d, int n, int k, double x)
{
    double p = 1;
    for (int j = 0; j < n && p > 0; j++)
        if (j != k)
            p *= below(&d[j], x, j > k);
    return p;
}

/* Midpoint rule over the values that are above 0 and below the cap, then the mass at the cap. */
static double first(const Delta *d, int n, int k)
{
    double lo = fmax(d[k].mean - REACH * d[k].sd, 0), hi = fmin(d[k].mean + REACH * d[k].sd, d[k].most),
           p = 0;
    double step = (hi - lo) / STEPS;
    for (int s = 0; s < STEPS && step > 0; s++) {
        double x = lo + (s + 0.5) * step;
        p += step * stats_normal_density((x - d[k].mean) / d[k].sd) / d[k].sd * all_below(d, n, k, x);
    }
    if (isfinite(d[k].most) && d[k].most > 0)
        p += (1 - stats_normal_cdf((d[k].most - d[k].mean) / d[k].sd)) * all_below(d, n, k, d[k].most);
    return p;
}

void coach_learn_propensity(const CoachBelief *beliefs, CoachTier t, const CoachOpen *open, int n_open,
                            double *ret)
{
    Delta d[COACH_PLAYS_MAX];
    for (int o = 0; o < n_open; o++)
        d[o] = (Delta){.mean = beliefs[open[o].play].mean[t] * open[o].share,
                       .sd = fmax(coach_belief_sd(&beliefs[open[o].play], t) * open[o].share, 1e-9),
                       .most = open[o].most};
    for (int o = 0; o < n_open; o++)
        ret[o] = fmin((1 - COACH_LEARN_EXPLORE) * first(d, n_open, o) + COACH_LEARN_EXPLORE / n_open, 1);
}

/* The chosen one to the front; it may not have been among the best. */
static int put_first(CoachChoice ret[static COACH_CHOICES], int n, const CoachOpen *open)
{
    int at = 0;
    while (at < n && ret[at].play != open->play)
        at++;
    CoachChoice c = {.play = open->play, .n_drivers = open->n_drivers};
    for (int i = 0; i < open->n_drivers; i++)
        c.drivers[i] = open->drivers[i];
    if (at < n)
        c = ret[at];
    else
        n = MIN(n + 1, COACH_CHOICES);
    for (int i = MIN(at, n - 1); i > 0; i--)
        ret[i] = ret[i - 1];
    ret[0] = c;
    return n;
}

int coach_learn_choose(const CoachPlaybook *book, const CoachBelief *beliefs, CoachTier t,
                       const CoachOpen *open, int n_open, double margin, StatsRng *rng,
                       CoachChoice ret[static COACH_CHOICES], double *ret_propensity)
{
    double effect[COACH_PLAYS_MAX], p[COACH_PLAYS_MAX];
    *ret_propensity = NAN;
    if (n_open == 0)
        return 0;
    coach_learn_draw(beliefs, book->n, t, rng, effect);
    int n = coach_choose_best(book, open, n_open, margin, effect, ret);
    if (stats_uniform(rng) < COACH_LEARN_EXPLORE)
        n = put_first(ret, n, &open[stats_below(rng, n_open)]);
    coach_learn_propensity(beliefs, t, open, n_open, p);
    double none = 1;
    for (int o = 0; o < n_open; o++) {
        none -= p[o];
        if (n > 0 && open[o].play == ret[0].play)
            *ret_propensity = p[o];
    }
    if (n == 0)
        *ret_propensity = fmax(none, LEAST);
    for (int i = 0; i < n; i++) { /* what is shown is what is expected, not what was drawn */
        int o = 0;
        while (open[o].play != ret[i].play)
            o++;
        double delta = coach_choose_delta(&open[o], beliefs[ret[i].play].mean[t]);
        ret[i].score = sigmoid(margin + delta) - sigmoid(margin);
    }
    return n;
}

/* ---- the log ------------------------------------------------------------------------------------------------------- */

ErrKind coach_learn_value(const CoachLogged *log, int64_t n, int32_t n_agents, StatsEstimate *ret,
                          Err *reterr)
{
    if (n < 2 || n_agents < 2)
        return err_set(reterr, ERR_INVALID,
                       "the value of a choice needs decisions about two agents at least");
    CLEANUP(mem_freep) double *one = mem_array((size_t)n, sizeof *one);
    CLEANUP(mem_freep) double *v = mem_array((size_t)n, sizeof *v);
    CLEANUP(mem_freep) int32_t *id = mem_array((size_t)n, sizeof *id);
    CLEANUP(stats_ols_freep) StatsOls *o = NULL;
    for (int64_t i = 0; i < n; i++) {
        const CoachLogged *l = &log[i];
        if (!(l->logged_p > 0 && l->logged_p <= 1))
            return err_set(reterr, ERR_INVALID, "decision %lld: a propensity of %g", (long long)i + 1,
                           l->logged_p);
        one[i] = 1;
        id[i] = l->agent;
        v[i] = l->judged_expected + l->judged_p / l->logged_p * (l->reward - l->expected);
    }
    TRY(stats_ols(one, v, NULL, n, 1, &o, reterr));
    return stats_ols_of(o, (const double[]){1}, (StatsClusters){id, n_agents}, 0.95, ret, reterr);
}
