/* insight_nuisance.c - see insight_nuisance.h. */
#include "insight/insight_nuisance.h"

#include "base/mem.h"
#include "insight/insight_learner.h"
#include "stats/stats_stack.h"

#include <math.h>
#include <pthread.h>

#define TREE_ROWS_MIN 60  /* of an arm: with fewer, trees find noise */
#define DEEP_ROWS_MIN 500 /* with fewer, deeper trees find no more than shallow ones */

enum { E, MU0, MU1, N_TARGETS };

/* A learner for one target: a net, or a spec of the trees. */
typedef struct Candidate {
    const char *name;
    int target;
    InsightNet *net; /* NULL: trees */
    int spec;
} Candidate;

#define CANDIDATES_MAX (N_TARGETS * INSIGHT_LEARNERS_MAX)

typedef struct Work {
    const InsightData *d;
    const InsightQuestion *q;
    InsightFolds folds;
    const bool *hidden;
    InsightTarget target[N_TARGETS];
    InsightBasis basis, wide;
    InsightTreeSpec spec[INSIGHT_TREES_MAX];
    int n_specs;
    InsightTrees *trees;
    Candidate candidate[CANDIDATES_MAX];
    int n_candidates;
} Work;

static void work_done(Work *w)
{
    for (int c = 0; c < w->n_candidates; c++)
        insight_net_free(w->candidate[c].net);
    insight_trees_free(w->trees);
    insight_basis_done(&w->basis);
    insight_basis_done(&w->wide);
}

static Candidate *add(Work *w, const char *name, int target)
{
    Candidate *c = &w->candidate[w->n_candidates++];
    *c = (Candidate){.name = name, .target = target};
    return c;
}

static int add_spec(Work *w, InsightTarget target, bool with_t, int depth)
{
    w->spec[w->n_specs] = (InsightTreeSpec){target, with_t, depth};
    return w->n_specs++;
}

static int64_t rows_of(const Work *w, int target)
{
    int64_t n = 0;
    for (int64_t i = 0; i < w->d->n; i++)
        n += insight_learns_from(w->d, &w->target[target], i);
    return n;
}

static ErrKind train_nets(Work *w, int target, Err *reterr)
{
    const InsightTarget *g = &w->target[target];
    Candidate *c = add(w, "lasso", target);
    TRY(insight_net_train(w->d, &w->basis, w->folds, g, 1, &c->net, reterr));
    if (w->wide.k > 0) {
        c = add(w, "lasso with squares and products", target);
        TRY(insight_net_train(w->d, &w->wide, w->folds, g, 1, &c->net, reterr));
    }
    return ERR_NONE;
}

static void plan_trees(Work *w)
{
    static const int DEPTHS[] = {2, 4};
    static const char *const NAMES[] = {"trees of depth 2", "trees of depth 4"};
    static const char *const JOINT[] = {"trees of depth 2, both arms", "trees of depth 4, both arms"};
    for (size_t k = 0; k < ARRAY_LEN(DEPTHS); k++) {
        int64_t least = k == 0 ? TREE_ROWS_MIN : DEEP_ROWS_MIN;
        for (int g = 0; g < N_TARGETS; g++)
            if (rows_of(w, g) >= least)
                add(w, NAMES[k], g)->spec = add_spec(w, w->target[g], false, DEPTHS[k]);
        if (w->d->n < 2 * least)
            continue;
        InsightTarget both = w->target[MU0];
        both.arm = -1;
        int spec = add_spec(w, both, true, DEPTHS[k]);
        add(w, JOINT[k], MU0)->spec = spec;
        add(w, JOINT[k], MU1)->spec = spec;
    }
}

/* Trees grow in a child while the nets are trained here. */
typedef struct Growing {
    Work *w;
    uint64_t seed;
    ErrKind kind;
    Err err;
} Growing;

static void *grow(void *arg)
{
    Growing *g = arg;
    Work *w = g->w;
    if (w->n_specs > 0)
        g->kind = insight_trees_train(w->d, w->folds, w->spec, w->n_specs, w->q, g->seed, &w->trees, &g->err);
    return NULL;
}

static ErrKind train(Work *w, uint64_t seed, Err *reterr)
{
    Growing g = {.w = w, .seed = seed};
    pthread_t thread;
    plan_trees(w);
    int failed = pthread_create(&thread, NULL, grow, &g);
    if (failed)
        return err_set_errno(reterr, ERR_BUSY, failed, "no thread to train in");
    ErrKind kind = ERR_NONE;
    for (int target = 0; target < N_TARGETS && kind == ERR_NONE; target++)
        kind = train_nets(w, target, reterr);
    pthread_join(thread, NULL);
    if (kind == ERR_NONE && g.kind != ERR_NONE) {
        kind = g.kind;
        if (reterr)
            *reterr = g.err;
    }
    return kind;
}

/* ---- choice ---- */

static double loss_of(const Work *w, const InsightTarget *g, const double *p)
{
    double sum = 0, n = 0;
    bool likelihood = g->arm < 0;
    for (int64_t i = 0; i < w->d->n; i++) {
        if (!insight_learns_from(w->d, g, i))
            continue;
        double off = g->y[i] - p[i], chance = fmin(fmax(g->y[i] > 0.5 ? p[i] : 1 - p[i], 1e-6), 1);
        sum += likelihood ? -log(chance) : off * off;
        n++;
    }
    return sum / n;
}

static ErrKind predict(const Work *w, const Candidate *c, int setting, double *out, Err *reterr)
{
    if (c->net) {
        insight_net_predict(c->net, setting, out);
        return ERR_NONE;
    }
    return insight_trees_predict(w->trees, c->spec, setting, c->target == MU1, out, reterr);
}

/* The predictions of the setting with the least loss. */
static ErrKind best_of(const Work *w, const Candidate *c, double *p, double *ret_loss, Err *reterr)
{
    int n = c->net ? insight_net_settings(c->net) : insight_trees_settings(w->trees), best = 0;
    *ret_loss = INFINITY;
    for (int s = 0; s < n; s++) {
        TRY(predict(w, c, s, p, reterr));
        double loss = loss_of(w, &w->target[c->target], p);
        if (loss < *ret_loss) {
            *ret_loss = loss;
            best = s;
        }
    }
    return predict(w, c, best, p, reterr);
}

/* Weights from the rows that the target is known of. */
static void weigh(const Work *w, const InsightTarget *g, double *const *p, InsightLearned *l)
{
    const double *known[INSIGHT_LEARNERS_MAX];
    int64_t n = 0;
    CLEANUP(mem_freep) double *y = mem_array((size_t)w->d->n, sizeof *y);
    CLEANUP(mem_freep)
    double *copy = mem_array((size_t)w->d->n * (size_t)l->n_learners, sizeof *copy);
    for (int64_t i = 0; i < w->d->n; i++) {
        if (!insight_learns_from(w->d, g, i))
            continue;
        for (int a = 0; a < l->n_learners; a++)
            copy[(size_t)a * (size_t)w->d->n + (size_t)n] = p[a][i];
        y[n++] = g->y[i];
    }
    for (int a = 0; a < l->n_learners; a++)
        known[a] = copy + (size_t)a * (size_t)w->d->n;
    if (g->arm < 0)
        stats_stack_likelihood(known, l->n_learners, y, n, l->weight);
    else
        stats_stack_squares(known, l->n_learners, y, n, l->weight);
}

static ErrKind combine(const Work *w, int target, InsightLearned *l, Err *reterr)
{
    const InsightTarget *g = &w->target[target];
    size_t n = (size_t)w->d->n;
    CLEANUP(mem_freep) double *all = mem_array(n * INSIGHT_LEARNERS_MAX, sizeof *all);
    double *p[INSIGHT_LEARNERS_MAX];
    for (int c = 0; c < w->n_candidates; c++) {
        if (w->candidate[c].target != target)
            continue;
        int a = l->n_learners++;
        p[a] = all + (size_t)a * n;
        l->name[a] = w->candidate[c].name;
        TRY(best_of(w, &w->candidate[c], p[a], &l->loss[a], reterr));
    }
    weigh(w, g, p, l);
    l->p = mem_array(n, sizeof *l->p);
    double mean = 0, rows = 0;
    for (size_t i = 0; i < n; i++) {
        for (int a = 0; a < l->n_learners; a++)
            l->p[i] += l->weight[a] * p[a][i];
        if (insight_learns_from(w->d, g, (int64_t)i)) {
            mean += g->y[i];
            rows++;
        }
    }
    l->combined_loss = loss_of(w, g, l->p);
    for (size_t i = 0; i < n; i++)
        all[i] = mean / rows;
    l->constant_loss = loss_of(w, g, all);
    return ERR_NONE;
}

/* ---- all ---- */

static bool is_chance(const double *y, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        if (y[i] != 0 && y[i] != 1)
            return false;
    return true;
}

/* The rows of an arm without each fold have two values: else a chance is no likelihood to be learned. */
static bool varies_everywhere(const InsightData *d, InsightFolds folds, const bool *hidden, int arm)
{
    InsightTarget g = {.arm = arm, .hidden = hidden};
    for (int f = 0; f < folds.n; f++) {
        bool seen[2] = {false};
        for (int64_t i = 0; i < d->n; i++)
            if (folds.of[i] != f && insight_learns_from(d, &g, i))
                seen[d->y[i] > 0.5] = true;
        if (!seen[0] || !seen[1])
            return false;
    }
    return true;
}

static ErrKind learn(Work *w, uint64_t seed, InsightNuisance *u, Err *reterr)
{
    const InsightData *d = w->d;
    bool chance = is_chance(d->y, d->n) && varies_everywhere(d, w->folds, w->hidden, 0) &&
                  varies_everywhere(d, w->folds, w->hidden, 1);
    w->target[E] = (InsightTarget){.y = d->t, .arm = -1, .chance = true, .hidden = w->hidden};
    for (int a = 0; a < 2; a++)
        w->target[MU0 + a] = (InsightTarget){.y = d->y, .arm = a, .chance = chance, .hidden = w->hidden};
    w->basis = insight_basis(d);
    w->wide = insight_basis_wide(d);
    TRY(train(w, seed, reterr));
    TRY(combine(w, E, &u->treated, reterr));
    TRY(combine(w, MU0, &u->outcome[0], reterr));
    return combine(w, MU1, &u->outcome[1], reterr);
}

ErrKind insight_nuisance(const InsightData *d, const int32_t *fold, int n_folds, const bool *hidden,
                         const InsightQuestion *q, uint64_t seed, InsightNuisance **ret, Err *reterr)
{
    *ret = NULL;
    CLEANUP(insight_nuisance_freep) InsightNuisance *u = MEM_NEW(InsightNuisance);
    CLEANUP(work_done) Work w = {.d = d, .q = q, .folds = {fold, n_folds}, .hidden = hidden};
    TRY(learn(&w, seed, u, reterr));
    *ret = u;
    u = NULL;
    return ERR_NONE;
}

void insight_nuisance_free(InsightNuisance *u)
{
    if (!u)
        return;
    mem_free(u->treated.p);
    mem_free(u->outcome[0].p);
    mem_free(u->outcome[1].p);
    mem_free(u);
}

static void learned_json(Jw *w, const char *key, const InsightLearned *l)
{
    jw_key(w, key);
    jw_obj(w);
    jw_kv_f64(w, "loss", l->combined_loss);
    jw_kv_f64(w, "loss_of_the_mean", l->constant_loss);
    jw_key(w, "learners");
    jw_arr(w);
    for (int a = 0; a < l->n_learners; a++) {
        jw_obj(w);
        jw_kv_cstr(w, "name", l->name[a]);
        jw_kv_f64(w, "loss", l->loss[a]);
        jw_kv_f64(w, "weight", l->weight[a]);
        jw_end(w);
    }
    jw_end(w);
    jw_end(w);
}

void insight_nuisance_json(Jw *w, const InsightNuisance *u)
{
    learned_json(w, "treatment_model", &u->treated);
    learned_json(w, "outcome_model_control", &u->outcome[0]);
    learned_json(w, "outcome_model_treated", &u->outcome[1]);
}
