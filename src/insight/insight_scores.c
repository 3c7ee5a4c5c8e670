/* insight_scores.c - see insight_scores.h. */
#include "insight/insight_scores.h"

#include "base/mem.h"
#include "insight/insight_balance.h"
#include "insight/insight_learner.h"
#include "stats/stats.h"
#include "stats/stats_stack.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CLIP_MOST 0.1
#define CLIPPED_MOST 0.5 /* of the rows: beyond, there is no overlap */
#define FLAT 1e-6        /* of the scores' spread */
#define SPECS 2

/* ---- scores ---- */

static double chance_of(const InsightData *d, const InsightScores *s, int64_t i)
{
    return s->known ? d->propensity[i] : fmin(fmax(s->u->treated.p[i], s->clip), 1 - s->clip);
}

static double score_of(const InsightData *d, const InsightScores *s, int64_t i, int arm)
{
    double mu = s->u->outcome[arm].p[i], e = chance_of(d, s, i), chance = arm ? e : 1 - e;
    return mu + ((d->t[i] > 0.5) == arm ? (d->y[i] - mu) / chance : 0);
}

/* Of the rows of a fold; -1: of all. */
static void fill_scores(const InsightData *d, InsightScores *s, int fold)
{
    for (int64_t i = 0; i < d->n; i++) {
        if (fold >= 0 && s->fold[i] != fold)
            continue;
        s->e[i] = chance_of(d, s, i);
        s->n_clipped += !s->known && s->e[i] != s->u->treated.p[i];
        for (int a = 0; a < 2; a++)
            s->phi[a][i] = score_of(d, s, i, a);
        s->effect[i] = s->phi[1][i] - s->phi[0][i];
        s->residual[i] = d->y[i] - s->u->outcome[d->t[i] > 0.5].p[i];
    }
}

/* ---- groups ---- */

/* An arm of a group. */
typedef struct Arm {
    double weight, square; /* sums over its rows */
    double off;            /* weighted mean of its residuals */
    double added;          /* by insight_left_out, to the sum of the corrections */
} Arm;

typedef struct Group {
    double n;
    Arm arm[2];
} Group;

static double weight_of(const InsightData *d, const InsightScores *s, int64_t i)
{
    return 1 / (d->t[i] > 0.5 ? s->e[i] : 1 - s->e[i]);
}

/* What row i corrects beside the arm's mean correction, its weight w being one of mean 1. */
static double correction(const Group *g, const Arm *a, double residual, double w)
{
    return w * (residual - a->off) * insight_left_out(w, g->n);
}

void insight_scores_within(const InsightData *d, const InsightScores *s, const int32_t *group, int n_groups,
                           double *score, double (*effective)[2])
{
    CLEANUP(mem_freep) Group *all = mem_array((size_t)MAX(n_groups, 1), sizeof *all);
    for (int64_t i = 0; i < d->n; i++) {
        if (group[i] < 0)
            continue;
        Group *g = &all[group[i]];
        Arm *a = &g->arm[d->t[i] > 0.5];
        double w = weight_of(d, s, i);
        g->n++;
        a->weight += w;
        a->square += w * w;
        a->off += w * s->residual[i];
    }
    memset(effective, 0, (size_t)n_groups * sizeof *effective);
    for (int k = 0; k < n_groups; k++)
        for (int arm = 0; arm < 2; arm++) {
            Arm *a = &all[k].arm[arm];
            if (a->weight == 0)
                continue;
            a->off /= a->weight;
            effective[k][arm] = a->weight * a->weight / a->square;
        }
    for (int64_t i = 0; i < d->n; i++) {
        if (group[i] < 0)
            continue;
        Group *g = &all[group[i]];
        Arm *a = &g->arm[d->t[i] > 0.5];
        a->added += correction(g, a, s->residual[i], weight_of(d, s, i) / a->weight * g->n);
    }
    for (int64_t i = 0; i < d->n; i++) {
        if (group[i] < 0)
            continue;
        const Group *g = &all[group[i]];
        bool t = d->t[i] > 0.5;
        const Arm *a = &g->arm[t];
        double w = weight_of(d, s, i), own = w / a->weight * g->n, sign = t ? 1 : -1;
        double expected = s->effect[i] - sign * w * s->residual[i]; /* mu1 - mu0 */
        score[i] = expected + g->arm[1].off - g->arm[0].off +
                   sign * (correction(g, a, s->residual[i], own) - a->added * w / a->weight);
    }
}

static ErrKind check_overlap(const InsightScores *s, Err *reterr)
{
    double share = (double)s->n_clipped / (double)s->n;
    if (share > CLIPPED_MOST)
        return err_set(reterr, ERR_INVALID,
                       "no overlap: %.0f %% of the rows have a chance of treatment below %.2g or above %.2g; "
                       "for whom it "
                       "works cannot be told from them",
                       100 * share, s->clip, 1 - s->clip);
    return ERR_NONE;
}

/* ---- tau ---- */

typedef struct Learners {
    InsightBasis basis;
    InsightNet *net;
    InsightTrees *trees;
    double *p[SPECS + 1]; /* lasso, trees of depth 2, trees of depth 4 */
} Learners;

static void learners_done(Learners *l)
{
    insight_basis_done(&l->basis);
    insight_net_free(l->net);
    insight_trees_free(l->trees);
    for (int k = 0; k <= SPECS; k++)
        mem_free(l->p[k]);
}

/* One fold is hidden: its rows are predicted by what the others teach. */
typedef struct Round {
    const InsightData *d;
    InsightScores *s;
    InsightTarget target; /* y: scores of the other folds */
    int fold;
} Round;

static double square_loss(const Round *r, const double *p)
{
    double sum = 0, n = 0;
    for (int64_t i = 0; i < r->d->n; i++)
        if (!r->target.hidden[i]) {
            sum += (r->target.y[i] - p[i]) * (r->target.y[i] - p[i]);
            n++;
        }
    return sum / n;
}

/* Learner k at setting s, on rows that it has not seen. */
static ErrKind predict(const Learners *l, int k, int setting, double *out, Err *reterr)
{
    if (k > 0)
        return insight_trees_predict(l->trees, k - 1, setting, 0, out, reterr);
    insight_net_predict(l->net, setting, out);
    return ERR_NONE;
}

static ErrKind best_setting(const Learners *l, int k, const Round *r, double *out, double *ret_loss,
                            Err *reterr)
{
    int n = k > 0 ? insight_trees_settings(l->trees) : insight_net_settings(l->net), best = 0;
    *ret_loss = INFINITY;
    for (int setting = 0; setting < n; setting++) {
        TRY(predict(l, k, setting, out, reterr));
        double loss = square_loss(r, out);
        if (loss < *ret_loss) {
            *ret_loss = loss;
            best = setting;
        }
    }
    return predict(l, k, best, out, reterr);
}

/* Means of each fold. */
static void fold_means(const InsightScores *s, const double *x, double *mean)
{
    double n[INSIGHT_FOLDS_MAX] = {0};
    for (int f = 0; f < s->n_folds; f++)
        mean[f] = 0;
    for (int64_t i = 0; i < s->n; i++) {
        mean[s->fold[i]] += x[i];
        n[s->fold[i]]++;
    }
    for (int f = 0; f < s->n_folds; f++)
        mean[f] /= n[f];
}

static bool is_flat(const InsightScores *s, const double *tau)
{
    double mean[INSIGHT_FOLDS_MAX], effect[INSIGHT_FOLDS_MAX], spread = 0, all = 0;
    fold_means(s, tau, mean);
    fold_means(s, s->effect, effect);
    for (int64_t i = 0; i < s->n; i++) {
        spread += pow(tau[i] - mean[s->fold[i]], 2);
        all += pow(s->effect[i] - effect[s->fold[i]], 2);
    }
    return !(sqrt(spread) > FLAT * sqrt(all));
}

typedef struct Place {
    double tau;
    uint64_t tie; /* equal taus: in an order that says nothing */
    int64_t row;
} Place;

static int by_tau(const void *a, const void *b)
{
    const Place *x = a, *y = b;
    if (x->tau != y->tau)
        return (x->tau < y->tau) - (x->tau > y->tau);
    return (x->tie > y->tie) - (x->tie < y->tie);
}

/* Ranks within folds: models of different folds differ in level, which must not order rows. */
static void fill_ranks(InsightScores *s, uint64_t seed)
{
    CLEANUP(mem_freep) Place *place = mem_array((size_t)s->n, sizeof *place);
    StatsRng rng;
    stats_seed(&rng, seed);
    s->rank = mem_array((size_t)s->n, sizeof *s->rank);
    for (int f = 0; f < s->n_folds; f++) {
        int64_t m = 0;
        for (int64_t i = 0; i < s->n; i++)
            if (s->fold[i] == f)
                place[m++] = (Place){s->tau[i], stats_u64(&rng), i};
        qsort(place, (size_t)m, sizeof *place, by_tau);
        for (int64_t k = 0; k < m; k++)
            s->rank[place[k].row] = ((double)k + 0.5) / (double)m;
    }
}

/* Weights of the learners from the rows that are not hidden. */
static void weigh(const Learners *l, const Round *r, double *weight)
{
    int64_t n = 0;
    const double *known[SPECS + 1];
    CLEANUP(mem_freep) double *room = mem_array((size_t)r->d->n * (SPECS + 2), sizeof *room);
    double *y = room + (int64_t)(SPECS + 1) * r->d->n;
    for (int64_t i = 0; i < r->d->n; i++) {
        if (r->target.hidden[i])
            continue;
        for (int k = 0; k <= SPECS; k++)
            room[k * r->d->n + n] = l->p[k][i];
        y[n++] = r->target.y[i];
    }
    for (int k = 0; k <= SPECS; k++)
        known[k] = room + k * r->d->n;
    stats_stack_squares(known, SPECS + 1, y, n, weight);
}

/* Where the mixture expects the same of everybody, shallow trees give an order all the same, so that it can be tested. */
static bool varies(const Round *r, const double *tau)
{
    double lo = INFINITY, hi = -INFINITY, y_lo = INFINITY, y_hi = -INFINITY;
    for (int64_t i = 0; i < r->d->n; i++)
        if (r->target.hidden[i]) {
            lo = fmin(lo, tau[i]);
            hi = fmax(hi, tau[i]);
        } else {
            y_lo = fmin(y_lo, r->target.y[i]);
            y_hi = fmax(y_hi, r->target.y[i]);
        }
    return hi - lo > FLAT * (y_hi - y_lo);
}

static ErrKind learn_tau(const Round *r, const InsightQuestion *q, Err *reterr)
{
    static const char *const NAMES[SPECS + 1] = {"lasso", "trees of depth 2", "trees of depth 4"};
    const InsightData *d = r->d;
    InsightScores *s = r->s;
    InsightLearned *m = &s->learned;
    InsightFolds folds = {s->fold, s->n_folds};
    CLEANUP(learners_done) Learners l = {.basis = insight_basis(d)};
    CLEANUP(mem_freep) double *tau = mem_array((size_t)d->n, sizeof *tau);
    InsightTreeSpec spec[SPECS] = {{r->target, false, 2}, {r->target, false, 4}};
    double loss[SPECS + 1], weight[SPECS + 1];
    TRY(insight_net_train(d, &l.basis, folds, &r->target, 1, &l.net, reterr));
    TRY(insight_trees_train(d, folds, spec, SPECS, q, q->seed + 1 + (uint64_t)r->fold, &l.trees, reterr));
    m->n_learners = SPECS + 1;
    for (int k = 0; k <= SPECS; k++) {
        l.p[k] = mem_array((size_t)d->n, sizeof *l.p[k]);
        m->name[k] = NAMES[k];
        TRY(best_setting(&l, k, r, l.p[k], &loss[k], reterr));
    }
    weigh(&l, r, weight);
    for (int k = 0; k <= SPECS; k++) {
        m->loss[k] += loss[k] / s->n_folds;
        m->weight[k] += weight[k] / s->n_folds;
        for (int64_t i = 0; i < d->n; i++)
            tau[i] += weight[k] * l.p[k][i];
    }
    m->combined_loss += square_loss(r, tau) / s->n_folds;
    const double *order = varies(r, tau) ? tau : l.p[1];
    for (int64_t i = 0; i < d->n; i++)
        if (r->target.hidden[i])
            s->tau[i] = order[i];
    return ERR_NONE;
}

static ErrKind with_fold_hidden(const InsightData *d, const InsightQuestion *q, int fold, InsightScores *s,
                                Err *reterr)
{
    CLEANUP(mem_freep) bool *hidden = mem_array((size_t)d->n, sizeof *hidden);
    CLEANUP(mem_freep) double *y = mem_array((size_t)d->n, sizeof *y);
    for (int64_t i = 0; i < d->n; i++)
        hidden[i] = s->fold[i] == fold;
    insight_nuisance_free(s->u);
    s->u = NULL;
    TRY(insight_nuisance(d, s->fold, s->n_folds, hidden, q, q->seed + (uint64_t)fold, &s->u, reterr));
    fill_scores(d, s, fold);
    double mean = 0, seen = 0, square = 0;
    for (int64_t i = 0; i < d->n; i++) {
        y[i] = score_of(d, s, i, 1) - score_of(d, s, i, 0);
        mean += hidden[i] ? 0 : y[i];
        seen += !hidden[i];
    }
    for (int64_t i = 0; i < d->n; i++)
        square += hidden[i] ? 0 : pow(y[i] - mean / seen, 2);
    s->learned.constant_loss += square / seen / s->n_folds;
    return learn_tau(&(Round){d, s, {.y = y, .arm = -1, .hidden = hidden}, fold}, q, reterr);
}

static ErrKind fill_tau(const InsightData *d, const InsightQuestion *q, InsightScores *s, Err *reterr)
{
    s->tau = mem_array((size_t)s->n, sizeof *s->tau);
    for (int f = 0; f < s->n_folds; f++)
        TRY(with_fold_hidden(d, q, f, s, reterr));
    TRY(check_overlap(s, reterr));
    s->flat = is_flat(s, s->tau);
    fill_ranks(s, q->seed + 2);
    return ERR_NONE;
}

/* ---- all ---- */

static ErrKind check(const InsightData *d, Err *reterr)
{
    int64_t treated = insight_n_treated(d), smaller = MIN(treated, d->n - treated);
    if (smaller < INSIGHT_SCORES_ARM_MIN)
        return err_set(
            reterr, ERR_INVALID,
            "%lld treated and %lld controls: at least %d of each are needed to tell for whom it works",
            (long long)treated, (long long)(d->n - treated), INSIGHT_SCORES_ARM_MIN);
    if (d->n_x == 0)
        return err_set(reterr, ERR_INVALID, "for whom it works needs covariates that vary");
    return ERR_NONE;
}

ErrKind insight_scores(const InsightData *d, const InsightQuestion *q, bool with_tau, InsightScores **ret,
                       Err *reterr)
{
    *ret = NULL;
    TRY(check(d, reterr));
    CLEANUP(insight_scores_freep) InsightScores *s = MEM_NEW(InsightScores);
    size_t n = (size_t)d->n;
    s->n = d->n;
    s->fold = mem_array(n, sizeof *s->fold);
    s->e = mem_array(n, sizeof *s->e);
    s->phi[0] = mem_array(n, sizeof *s->phi[0]);
    s->phi[1] = mem_array(n, sizeof *s->phi[1]);
    s->effect = mem_array(n, sizeof *s->effect);
    s->residual = mem_array(n, sizeof *s->residual);
    TRY(insight_folds(d, q->folds, q->seed, s->fold, &s->n_folds, reterr));
    if (with_tau && s->n_folds < 3)
        return err_set(reterr, ERR_INVALID, "for whom it works is told by three folds at least, not %d",
                       s->n_folds);
    double size = (double)d->n;
    s->clip = fmin(5 / (sqrt(size) * log(size)), CLIP_MOST); /* Gruber, Phillips, Lee, van der Laan 2022 */
    s->known = d->propensity != NULL;
    if (with_tau) {
        TRY(fill_tau(d, q, s, reterr));
    } else {
        TRY(insight_nuisance(d, s->fold, s->n_folds, NULL, q, q->seed, &s->u, reterr));
        fill_scores(d, s, -1);
        TRY(check_overlap(s, reterr));
    }
    *ret = s;
    s = NULL;
    return ERR_NONE;
}

void insight_scores_free(InsightScores *s)
{
    if (!s)
        return;
    mem_free(s->fold);
    mem_free(s->e);
    mem_free(s->phi[0]);
    mem_free(s->phi[1]);
    mem_free(s->effect);
    mem_free(s->residual);
    mem_free(s->tau);
    mem_free(s->rank);
    insight_nuisance_free(s->u);
    mem_free(s);
}
