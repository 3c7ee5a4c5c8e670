/* insight_coverage.c - see insight_coverage.h. */
#include "insight/insight_coverage.h"

#include "base/mem.h"
#include "rt/rt_pool.h"

#include <math.h>
#include <pthread.h>

typedef struct Draw {
    double estimate, se, low, high, naive, pretrend_p;
    bool refused;
} Draw;

typedef struct Run {
    InsightWorld w;
    const InsightAsk *ask;
    const InsightQuestion *q;
    int n_agents, draws;
    Draw *draw;
    pthread_mutex_t lock; /* of what follows */
    int next, done;
    ErrKind kind;
    Err err;
    char reason[200];
    InsightCoverageProgress *progress;
    void *arg;
} Run;

static ErrKind one(const Run *r, int i, Draw *ret, Err *reterr)
{
    CLEANUP(insight_data_freep)
    InsightData *d = insight_sim(r->w, r->n_agents, r->q->seed * INSIGHT_DRAWS_MAX + (uint64_t)i);
    InsightAsked a = {.pretrend_p = NAN};
    InsightQuestion q = *r->q;
    q.seed += (uint64_t)i;
    ErrKind kind = r->ask->put(r->ask, d, &q, &a, reterr);
    *ret = (Draw){a.effect.estimate, a.effect.se, a.effect.low, a.effect.high, a.naive, a.pretrend_p, false};
    return kind;
}

static int take(Run *r)
{
    pthread_mutex_lock(&r->lock);
    int i = r->kind == ERR_NONE && r->next < r->draws ? r->next++ : -1;
    pthread_mutex_unlock(&r->lock);
    return i;
}

static void note(Run *r, int i, ErrKind kind, const Err *err)
{
    pthread_mutex_lock(&r->lock);
    r->draw[i].refused = kind != ERR_NONE;
    if (kind == ERR_INVALID && !r->reason[0])
        (void)str_copy(r->reason, sizeof r->reason, str_slice(str_from(err->msg), 0, sizeof r->reason - 1));
    else if (kind != ERR_NONE && kind != ERR_INVALID && r->kind == ERR_NONE) {
        r->kind = kind;
        r->err = *err;
    }
    r->done++;
    if (r->progress)
        r->progress(r->arg, r->done, r->draws);
    pthread_mutex_unlock(&r->lock);
}

static void work(void *arg)
{
    Run *r = arg;
    for (int i; (i = take(r)) >= 0;) {
        Err err = {0};
        ErrKind kind = one(r, i, &r->draw[i], &err);
        note(r, i, kind, &err);
    }
}

/* Wilson 1927, 95 %. */
static void wilson(double hits, double n, double *low, double *high)
{
    double z = 1.959964, p = hits / n, centre = (p + z * z / (2 * n)) / (1 + z * z / n);
    double reach = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    *low = centre - reach;
    *high = centre + reach;
}

static void summarise(const Run *r, InsightCoverage *c)
{
    double sum = 0, square = 0, se = 0, naive = 0, away = 0, tested = 0, trend = 0;
    for (int i = 0; i < r->draws; i++) {
        const Draw *d = &r->draw[i];
        if (d->refused) {
            c->refused++;
            continue;
        }
        c->draws++;
        c->low += c->truth < d->low;
        c->high += c->truth > d->high;
        away += d->low > 0 || d->high < 0;
        sum += d->estimate;
        se += d->se;
        naive += d->naive;
        tested += !isnan(d->pretrend_p);
        trend += d->pretrend_p < 0.05;
    }
    c->covered = c->draws - c->low - c->high;
    double n = c->draws, mean = sum / n;
    for (int i = 0; i < r->draws; i++)
        if (!r->draw[i].refused)
            square += (r->draw[i].estimate - mean) * (r->draw[i].estimate - mean);
    c->bias = mean - c->truth;
    c->naive_bias = naive / n - c->truth;
    c->spread = sqrt(square / (n - 1));
    c->mean_se = se / n;
    c->rejected = away / n;
    c->pretrend_rejected = trend / tested;
    c->share = c->covered / n;
    wilson(c->covered, n, &c->share_low, &c->share_high);
    (void)str_copy(c->reason, sizeof c->reason, str_from(r->reason));
}

ErrKind insight_coverage(InsightWorld w, const InsightAsk *ask, const InsightQuestion *q, int n_agents,
                         int draws, int threads, InsightCoverageProgress *progress, void *arg,
                         InsightCoverage *ret, Err *reterr)
{
    InsightTruth truth = insight_sim_truth(w);
    *ret = (InsightCoverage){.truth = insight_ask_truth(ask, &truth, q->estimand)};
    if (draws < 2 || draws > INSIGHT_DRAWS_MAX || n_agents < 60)
        return err_set(reterr, ERR_INVALID, "coverage: 2 to %d draws of at least 60 agents",
                       INSIGHT_DRAWS_MAX);
    if (isnan(ret->truth))
        return err_set(reterr, ERR_INVALID, "coverage: %s has no truth in %s", ask->name,
                       insight_world_name(w));
    CLEANUP(mem_freep) Draw *draw = mem_array((size_t)draws, sizeof *draw);
    Run r = {.w = w,
             .ask = ask,
             .q = q,
             .n_agents = n_agents,
             .draws = draws,
             .draw = draw,
             .progress = progress,
             .arg = arg};
    pthread_mutex_init(&r.lock, NULL);
    CLEANUP(rt_pool_freep) RtPool *pool = NULL;
    ErrKind kind = rt_pool_new("coverage", threads, threads, &pool, reterr);
    for (int t = 0; t < threads && kind == ERR_NONE; t++)
        kind = rt_pool_submit(pool, work, &r, reterr);
    if (kind == ERR_NONE)
        kind = rt_pool_drain(pool, q->by, reterr);
    if (kind != ERR_NONE) { /* let the threads end before r goes */
        pthread_mutex_lock(&r.lock);
        r.next = draws;
        pthread_mutex_unlock(&r.lock);
        rt_pool_free(pool);
        pool = NULL;
    }
    pthread_mutex_destroy(&r.lock);
    TRY(kind);
    if (r.kind != ERR_NONE) {
        if (reterr)
            *reterr = r.err;
        return r.kind;
    }
    summarise(&r, ret);
    return ERR_NONE;
}
