/* insight_learner_trees.c - boosted trees as a learner: gbt's training and scoring. See insight_learner.h.
 *
 * Outcomes are scaled to mean 0 and variance 1, because trees work in float. */
#include "base/mem.h"
#include "gbt/gbt_train.h"
#include "insight/insight_learner.h"
#include "stats/stats.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH_BYTES ((size_t)64 << 20) /* of rows handed to one child */
#define BATCHES 6                      /* of many rows: few enough that starting children costs little */
#define MODEL_MAX ((size_t)32 << 20)
#define SAME_WIDTH 64 /* bins of a feature: effects are small beside what more would find */

/* Boosting rounds at which a model is tried; the last only with many rows. */
static const int ROUNDS[] = {8, 16, 32, 64, 110, 170};
#define MANY_ROWS 2000

typedef struct Job {
    GbtMatrix m;
    GbtParams params;
    float *x, *y;
} Job;

struct InsightTrees {
    const InsightData *d;
    InsightFolds folds;
    const InsightTreeSpec *spec;
    int n_specs;
    float *x; /* float[n][n_x + 1], the treatment last */
    const char **names;
    double mean, sd; /* of the outcome */
    Buf *model;      /* Buf[n_specs][folds.n] */
};

static void job_done(Job *j)
{
    mem_free(j->x);
    mem_free(j->y);
}

static void fill_job(const InsightTrees *t, int spec, int fold, uint64_t seed, Job *j)
{
    const InsightTreeSpec *s = &t->spec[spec];
    const InsightData *d = t->d;
    int width = d->n_x + s->with_t;
    int64_t n = 0;
    for (int64_t i = 0; i < d->n; i++)
        n += t->folds.of[i] != fold && insight_learns_from(d, &s->target, i);
    j->x = mem_array((size_t)n * (size_t)width, sizeof *j->x);
    j->y = mem_array((size_t)n, sizeof *j->y);
    int64_t at = 0;
    for (int64_t i = 0; i < d->n; i++) {
        if (t->folds.of[i] == fold || !insight_learns_from(d, &s->target, i))
            continue;
        memcpy(j->x + at * width, t->x + i * (d->n_x + 1), (size_t)width * sizeof *j->x);
        double y = s->target.y[i];
        j->y[at++] = (float)(s->target.chance ? y : (y - t->mean) / t->sd);
    }
    j->m = (GbtMatrix){.x = j->x, .y = j->y, .n_rows = n, .n_features = width, .names = t->names};
    j->params = GBT_PARAMS_DEFAULT;
    j->params.objective = s->target.chance ? "binary:logistic" : "reg:squarederror";
    j->params.num_boost_round = ROUNDS[insight_trees_settings(t) - 1];
    j->params.eta = 0.1;
    j->params.max_depth = s->depth;
    j->params.max_bin = SAME_WIDTH;
    j->params.min_child_weight = s->target.chance ? 2 : 5;
    j->params.subsample = 0.7;
    j->params.seed = (int)((seed + (uint64_t)(spec * t->folds.n + fold)) & INT32_MAX);
}

static ErrKind train_batch(InsightTrees *t, Job *job, GbtJob *gbt, int first, int n, const InsightQuestion *q,
                           Err *reterr)
{
    const char *tmp = getenv("TMPDIR");
    GbtRun run = {.work_dir = q->work_dir   ? q->work_dir
                              : tmp && *tmp ? tmp
                                            : "/tmp",
                  .by = q->by,
                  .program = q->program};
    for (int i = 0; i < n; i++) {
        t->model[first + i] = BUF(MODEL_MAX);
        gbt[i] = (GbtJob){.train = &job[i].m, .params = &job[i].params, .model = &t->model[first + i]};
    }
    return err_wrap(reterr, gbt_train_jobs(gbt, n, &run, reterr), "boosted trees");
}

/* Batches of jobs, which whoever is free takes from the end: the deeper trees, which take longest, stand there. */
typedef struct Queue {
    InsightTrees *t;
    const InsightQuestion *q;
    uint64_t seed;
    Job *job;
    GbtJob *gbt;
    int left, batch; /* jobs not taken yet; at most so many at a time */
    pthread_mutex_t lock;
    ErrKind kind; /* of what failed first */
    Err err;
} Queue;

static size_t job_bytes(const InsightTrees *t)
{
    return (size_t)t->d->n * ((size_t)t->d->n_x + 1) * sizeof(float);
}

/* The first job of a batch and how many they are; 0: none is left. */
static int take(Queue *k, int *first)
{
    int most = (int)MIN((size_t)k->batch, MAX(BATCH_BYTES / job_bytes(k->t), 1));
    pthread_mutex_lock(&k->lock);
    int n = MIN(k->left, most);
    *first = k->left -= n;
    pthread_mutex_unlock(&k->lock);
    return n;
}

/* Nobody takes more after a failure. */
static void fail(Queue *k, ErrKind kind, const Err *err)
{
    pthread_mutex_lock(&k->lock);
    if (k->kind == ERR_NONE) {
        k->kind = kind;
        k->err = *err;
    }
    k->left = 0;
    pthread_mutex_unlock(&k->lock);
}

static void *train_batches(void *arg)
{
    Queue *k = arg;
    Err err = {0};
    int folds = k->t->folds.n;
    for (int first, n; (n = take(k, &first)) > 0;) {
        for (int i = first; i < first + n; i++)
            fill_job(k->t, i / folds, i % folds, k->seed, &k->job[i]);
        ErrKind kind = train_batch(k->t, k->job + first, k->gbt + first, first, n, k->q, &err);
        for (int i = first; i < first + n; i++)
            job_done(&k->job[i]);
        if (kind != ERR_NONE)
            fail(k, kind, &err);
    }
    return NULL;
}

/* With many rows in two processes at a time: a model's own threads have too little to do. */
static ErrKind train_all(InsightTrees *t, const InsightQuestion *q, uint64_t seed, Job *job, Err *reterr)
{
    int all = t->n_specs * t->folds.n;
    bool many = t->d->n >= MANY_ROWS;
    CLEANUP(mem_freep) GbtJob *gbt = mem_array((size_t)all, sizeof *gbt);
    Queue k = {.t = t, .q = q, .seed = seed, .job = job, .gbt = gbt, .left = all};
    k.batch = many ? (all + BATCHES - 1) / BATCHES : GBT_JOBS_MAX;
    pthread_mutex_init(&k.lock, NULL);
    pthread_t thread;
    bool beside = many && pthread_create(&thread, NULL, train_batches, &k) == 0;
    train_batches(&k);
    if (beside)
        pthread_join(thread, NULL);
    pthread_mutex_destroy(&k.lock);
    if (k.kind != ERR_NONE && reterr)
        *reterr = k.err;
    return k.kind;
}

ErrKind insight_trees_train(const InsightData *d, InsightFolds folds, const InsightTreeSpec *spec,
                            int n_specs, const InsightQuestion *q, uint64_t seed, InsightTrees **ret,
                            Err *reterr)
{
    size_t models = (size_t)n_specs * (size_t)folds.n, width = (size_t)d->n_x + 1;
    InsightTrees *t = *ret = MEM_NEW(InsightTrees);
    *t = (InsightTrees){.d = d, .folds = folds, .spec = spec, .n_specs = n_specs};
    t->model = mem_array(models, sizeof *t->model);
    t->x = mem_array((size_t)d->n * width, sizeof *t->x);
    t->names = mem_array(width, sizeof *t->names);
    for (int c = 0; c < d->n_x; c++) {
        t->names[c] = d->x_name[c];
        for (int64_t i = 0; i < d->n; i++)
            t->x[(size_t)i * width + (size_t)c] = (float)d->x[i + (int64_t)c * d->n];
    }
    t->names[d->n_x] = "the treatment";
    for (int64_t i = 0; i < d->n; i++)
        t->x[(size_t)i * width + width - 1] = (float)d->t[i];
    t->mean = stats_mean(d->y, d->n);
    for (int64_t i = 0; i < d->n; i++)
        t->sd += (d->y[i] - t->mean) * (d->y[i] - t->mean) / (double)d->n;
    t->sd = t->sd > 0 ? sqrt(t->sd) : 1;
    CLEANUP(mem_freep) Job *job = mem_array(models, sizeof *job);
    return train_all(t, q, seed, job, reterr);
}

void insight_trees_free(InsightTrees *t)
{
    if (!t)
        return;
    for (int i = 0; i < t->n_specs * t->folds.n; i++)
        buf_done(&t->model[i]);
    mem_free(t->model);
    mem_free(t->x);
    mem_free(t->names);
    mem_free(t);
}

int insight_trees_settings(const InsightTrees *t)
{
    return (int)ARRAY_LEN(ROUNDS) - (t->d->n < MANY_ROWS);
}

ErrKind insight_trees_predict(const InsightTrees *t, int spec, int setting, double treatment, double *out,
                              Err *reterr)
{
    const InsightTreeSpec *s = &t->spec[spec];
    size_t width = (size_t)t->d->n_x + 1;
    size_t n = (size_t)t->d->n, used = width - !s->with_t;
    CLEANUP(mem_freep) float *rows = mem_array(n * used, sizeof *rows);
    CLEANUP(mem_freep) float *p = mem_array(n, sizeof *p);
    for (int f = 0; f < t->folds.n; f++) {
        CLEANUP(gbt_unrefp) GbtModel *m = NULL;
        TRY(gbt_load(buf_str(&t->model[spec * t->folds.n + f]), ROUNDS[setting], &m, reterr));
        CLEANUP(gbt_scratch_freep) GbtScratch *scratch = gbt_scratch_new(m);
        size_t held = 0;
        for (size_t i = 0; i < n; i++) {
            if (t->folds.of[i] != f)
                continue;
            memcpy(rows + held * used, t->x + i * width, used * sizeof *rows);
            if (s->with_t)
                rows[held * used + used - 1] = (float)treatment;
            held++;
        }
        gbt_predict(m, rows, held, p, scratch);
        for (size_t i = 0, at = 0; i < n; i++)
            if (t->folds.of[i] == f) {
                out[i] = s->target.chance ? (double)p[at] : t->mean + t->sd * (double)p[at];
                at++;
            }
    }
    return ERR_NONE;
}
