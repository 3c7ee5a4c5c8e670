/* api_update.c - see api_update.h. */
#include "api/api_update.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#include <pthread.h>
#include <stdatomic.h>

#define QUERY_MS 5000
#define RUN_MS INT64_C(3600000)
#define STEP_MS 200
#define SLUG_MAX 64

typedef struct Asked {
    Uuid tenant;
    char slug[SLUG_MAX];
} Asked;

struct ApiUpdates {
    PgShards *shards;
    ApiSelf self;
    pthread_t thread;
    atomic_bool stopping;
    pthread_mutex_t lock;         /* over the queue */
    Asked queue[API_UPDATES_MAX]; /* the first one runs */
    int n;
};

/* ---- one run ---- */

/* What a child's watcher is asked every 50 ms: now and then it beats. */
typedef struct Watch {
    const ApiUpdateRun *run;
    int64_t next_beat_us;
} Watch;

static void beat_for(PgShards *s, Uuid tenant)
{
    Err err;
    if (insight_job_beat(s, tenant, deadline_in_ms(QUERY_MS), &err))
        log_err(LOG_WARN, "api.update", &err);
}

static bool watch(void *arg)
{
    Watch *w = arg;
    const ApiUpdateRun *run = w->run;
    if (clock_mono_us() >= w->next_beat_us) {
        run->beat ? run->beat(run->arg) : beat_for(run->shards, run->tenant);
        w->next_beat_us = clock_mono_us() + INSIGHT_JOB_BEAT_MS * INT64_C(1000);
    }
    return run->stop(run->arg);
}

static void end(PgShards *s, Uuid tenant, const char *reason)
{
    Err err;
    if (insight_job_end(s, tenant, reason, deadline_in_ms(QUERY_MS), &err))
        log_err(LOG_WARN, "api.update", &err);
}

ErrKind api_update_run(const ApiUpdateRun *run, Deadline by, Err *reterr)
{
    Watch w = {.run = run};
    ErrKind kind =
        api_self_run(run->self, (const char *const[]){"insight", "update", "--tenant", run->slug, NULL},
                     watch, &w, by, reterr);
    end(run->shards, run->tenant, kind ? reterr->msg : NULL);
    return kind;
}

/* ---- the queue ---- */

static int first(ApiUpdates *u, Asked *ret)
{
    pthread_mutex_lock(&u->lock);
    int n = u->n;
    *ret = u->queue[0];
    pthread_mutex_unlock(&u->lock);
    return n;
}

static void drop_first(ApiUpdates *u)
{
    pthread_mutex_lock(&u->lock);
    for (int i = 1; i < u->n; i++)
        u->queue[i - 1] = u->queue[i];
    u->n--;
    pthread_mutex_unlock(&u->lock);
}

/* Those that wait live as well. */
static void beat_all(void *arg)
{
    ApiUpdates *u = arg;
    Asked all[API_UPDATES_MAX];
    pthread_mutex_lock(&u->lock);
    int n = u->n;
    for (int i = 0; i < n; i++)
        all[i] = u->queue[i];
    pthread_mutex_unlock(&u->lock);
    for (int i = 0; i < n; i++)
        beat_for(u->shards, all[i].tenant);
}

static bool is_stopping(void *arg)
{
    ApiUpdates *u = arg;
    return atomic_load(&u->stopping);
}

static void work(ApiUpdates *u, const Asked *a)
{
    Err err;
    const ApiUpdateRun run = {.shards = u->shards,
                              .self = &u->self,
                              .tenant = a->tenant,
                              .slug = a->slug,
                              .stop = is_stopping,
                              .beat = beat_all,
                              .arg = u};
    if (api_update_run(&run, deadline_in_ms(RUN_MS), &err))
        log_err(LOG_WARN, "api.update", &err);
}

static void *updates_thread(void *arg)
{
    ApiUpdates *u = arg;
    Asked a;
    while (!atomic_load(&u->stopping)) {
        if (first(u, &a) > 0) {
            work(u, &a);
            drop_first(u);
        } else {
            clock_sleep_ms(STEP_MS);
        }
    }
    return NULL;
}

static bool is_full(ApiUpdates *u)
{
    Asked a;
    return first(u, &a) == API_UPDATES_MAX;
}

static bool add(ApiUpdates *u, const Asked *a)
{
    pthread_mutex_lock(&u->lock);
    bool fits = u->n < API_UPDATES_MAX && !atomic_load(&u->stopping);
    if (fits)
        u->queue[u->n++] = *a;
    pthread_mutex_unlock(&u->lock);
    return fits;
}

ErrKind api_updates_ask(ApiUpdates *u, Uuid tenant, Str slug, const char *asked_by, InsightJobRecord *record,
                        void *arg, Deadline by, Err *reterr)
{
    Asked a = {.tenant = tenant};
    if (!str_copy(a.slug, sizeof(a.slug), slug))
        return err_set(reterr, ERR_CORRUPT, "a tenant's short name has more than %d bytes", SLUG_MAX - 1);
    if (atomic_load(&u->stopping))
        return err_set(reterr, ERR_UNAVAILABLE, "the server stops");
    if (is_full(u))
        return err_set(reterr, ERR_BUSY, "%d updates of effects wait already", API_UPDATES_MAX);
    TRY(insight_job_begin(u->shards, tenant, asked_by, record, arg, by, reterr));
    if (add(u, &a))
        return ERR_NONE;
    end(u->shards, tenant, "too many updates waited, or the server stopped");
    return err_set(reterr, ERR_BUSY, "%d updates of effects wait already", API_UPDATES_MAX);
}

/* ---- life ---- */

ErrKind api_updates_new(PgShards *shards, ApiSelf self, ApiUpdates **ret, Err *reterr)
{
    ApiUpdates *u = MEM_NEW(ApiUpdates);
    u->shards = shards;
    u->self = self;
    pthread_mutex_init(&u->lock, NULL);
    int rc = pthread_create(&u->thread, NULL, updates_thread, u);
    if (rc) {
        pthread_mutex_destroy(&u->lock);
        mem_free(u);
        return err_set_errno(reterr, ERR_UNAVAILABLE, rc, "start the thread of the updates");
    }
    *ret = u;
    return ERR_NONE;
}

void api_updates_stop(ApiUpdates *u)
{
    Asked a;
    if (!u || atomic_exchange(&u->stopping, true))
        return;
    (void)pthread_join(u->thread, NULL);
    for (; first(u, &a) > 0; drop_first(u))
        end(u->shards, a.tenant, "the server was stopped");
}

void api_updates_free(ApiUpdates *u)
{
    if (!u)
        return;
    api_updates_stop(u);
    pthread_mutex_destroy(&u->lock);
    mem_free(u);
}
