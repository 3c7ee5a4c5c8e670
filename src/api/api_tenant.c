/* api_tenant.c - see api_tenant.h. The object borrows its texts from the four results it keeps. */
#include "api/api_tenant.h"

#include "base/mem.h"
#include "coach/coach_playbook.h"
#include "conf/conf.h"

#include <pthread.h>

typedef struct Entry {
    const ApiTenant *tenant;
    int64_t until_mono_us;
} Entry;

struct ApiTenants {
    pthread_mutex_t lock;
    Entry entries[API_TENANTS_CACHED];
};

static const PgStmt TENANT = {
    "api_tenant", "select name, slug, simulated, currency, timezone from tenant where id = $1::uuid"};
static const PgStmt LOCATIONS = {
    "api_tenant_locations",
    "select id, name from location where tenant_id = $1::uuid order by name, id limit $2::int"};
static const PgStmt PLAYBOOK = {
    "api_tenant_playbook",
    "select key, title, summary, drivers::text, agent_steps::text, coach_steps::text, limits::text, "
    "effort_agent_min, "
    "effort_coach_min, prior_effect, prior_source, enabled from playbook where tenant_id = $1::uuid "
    "order by position, key limit $2::int"};
static const PgStmt MODELS = {
    "api_tenant_models",
    "select id, version, status = 'active', kind = 'goal' from model where tenant_id = $1::uuid "
    "order by created_at desc limit $2::int"};

ApiTenants *api_tenants_new(void)
{
    ApiTenants *t = MEM_NEW(ApiTenants);
    pthread_mutex_init(&t->lock, NULL);
    return t;
}

void api_tenants_free(ApiTenants *t)
{
    if (!t)
        return;
    for (int i = 0; i < API_TENANTS_CACHED; i++)
        api_tenant_unref(t->entries[i].tenant);
    pthread_mutex_destroy(&t->lock);
    mem_free(t);
}

void api_tenant_unref(const ApiTenant *t)
{
    ApiTenant *m = (ApiTenant *)(uintptr_t)t; /* only the count changes */
    if (!m || __atomic_sub_fetch(&m->refs_, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    for (size_t i = 0; i < ARRAY_LEN(m->rows_); i++)
        pg_result_free(m->rows_[i]);
    mem_free(m->locations);
    mem_free(m->plays);
    mem_free(m->models);
    mem_free(m);
}

static const ApiTenant *ref(const ApiTenant *t)
{
    __atomic_add_fetch(&((ApiTenant *)(uintptr_t)t)->refs_, 1, __ATOMIC_RELAXED);
    return t;
}

static void fill_locations(ApiTenant *t, const PgResult *r)
{
    t->n_locations = pg_rows(r);
    t->locations = mem_array((size_t)t->n_locations + 1, sizeof(ApiLocation));
    for (int i = 0; i < t->n_locations; i++)
        t->locations[i] = (ApiLocation){pg_get_uuid(r, i, 0), pg_str(r, i, 1)};
}

static void fill_plays(ApiTenant *t, const PgResult *r)
{
    t->n_plays = pg_rows(r);
    t->plays = mem_array((size_t)t->n_plays + 1, sizeof(ApiPlay));
    for (int i = 0; i < t->n_plays; i++)
        t->plays[i] = (ApiPlay){.key = pg_str(r, i, 0),
                                .title = pg_str(r, i, 1),
                                .summary = pg_str(r, i, 2),
                                .drivers_json = pg_str(r, i, 3),
                                .agent_steps_json = pg_str(r, i, 4),
                                .coach_steps_json = pg_str(r, i, 5),
                                .limits_json = pg_str(r, i, 6),
                                .effort_agent_min = pg_get_i64(r, i, 7),
                                .effort_coach_min = pg_get_i64(r, i, 8),
                                .prior_effect = pg_get_f64(r, i, 9),
                                .prior_source = pg_str(r, i, 10),
                                .enabled = pg_get_bool(r, i, 11)};
}

static void fill_models(ApiTenant *t, const PgResult *r)
{
    t->n_models = pg_rows(r);
    t->models = mem_array((size_t)t->n_models + 1, sizeof(ApiModel));
    for (int i = 0; i < t->n_models; i++)
        t->models[i] =
            (ApiModel){pg_get_uuid(r, i, 0), pg_get_i64(r, i, 1), pg_get_bool(r, i, 2), pg_get_bool(r, i, 3)};
}

/* A tenant without a playbook gets the default one at its first use. */
static ErrKind load_playbook(ApiTenant *t, PgShards *shards, Deadline by, Err *reterr)
{
    for (int round = 0;; round++) {
        TRY(pg_control_query(shards, t->id, &PLAYBOOK,
                             PG_PARAMS(pg_uuid(t->id), pg_i64(API_PLAYBOOK_MAX + 1)), by, &t->rows_[2],
                             reterr));
        if (pg_rows(t->rows_[2]) > 0 || round > 0)
            return ERR_NONE;
        pg_result_free(t->rows_[2]);
        t->rows_[2] = NULL;
        TRY(coach_playbook_seed(shards, t->id, by, reterr));
    }
}

static ErrKind load_rows(ApiTenant *t, PgShards *shards, Deadline by, Err *reterr)
{
    PgParam id = pg_uuid(t->id);
    TRY(pg_control_query(shards, t->id, &TENANT, PG_PARAMS(id), by, &t->rows_[0], reterr));
    if (pg_rows(t->rows_[0]) == 0)
        return err_set(reterr, ERR_NOT_FOUND, "no such tenant");
    TRY(pg_control_query(shards, t->id, &LOCATIONS, PG_PARAMS(id, pg_i64(API_LOCATIONS_MAX + 1)), by,
                         &t->rows_[1], reterr));
    TRY(load_playbook(t, shards, by, reterr));
    TRY(pg_control_query(shards, t->id, &MODELS, PG_PARAMS(id, pg_i64(API_MODELS_MAX)), by, &t->rows_[3],
                         reterr));
    if (pg_rows(t->rows_[1]) > API_LOCATIONS_MAX || pg_rows(t->rows_[2]) > API_PLAYBOOK_MAX)
        return err_set(reterr, ERR_LIMIT, "the tenant has more than %d offices or %d playbook entries",
                       API_LOCATIONS_MAX, API_PLAYBOOK_MAX);
    return ERR_NONE;
}

static ErrKind load(PgShards *shards, Uuid id, Deadline by, const ApiTenant **ret, Err *reterr)
{
    ApiTenant *t = MEM_NEW(ApiTenant);
    t->id = id;
    t->refs_ = 1;
    ErrKind k = load_rows(t, shards, by, reterr);
    if (k) {
        api_tenant_unref(t);
        return k;
    }
    const PgResult *r = t->rows_[0];
    t->name = pg_str(r, 0, 0);
    t->slug = pg_str(r, 0, 1);
    t->simulated = pg_get_bool(r, 0, 2);
    t->currency = pg_str(r, 0, 3);
    t->timezone = pg_str(r, 0, 4);
    fill_locations(t, t->rows_[1]);
    fill_plays(t, t->rows_[2]);
    fill_models(t, t->rows_[3]);
    *ret = t;
    return ERR_NONE;
}

static Entry *entry_of(ApiTenants *t, Uuid id)
{
    Entry *oldest = &t->entries[0];
    for (int i = 0; i < API_TENANTS_CACHED; i++) {
        Entry *e = &t->entries[i];
        if (e->tenant && uuid_eq(e->tenant->id, id))
            return e;
        if (e->until_mono_us < oldest->until_mono_us)
            oldest = e;
    }
    return oldest;
}

ErrKind api_tenant_find(ApiTenants *t, PgShards *shards, Uuid id, Deadline by, const ApiTenant **ret,
                        Err *reterr)
{
    const ApiTenant *found = NULL;
    pthread_mutex_lock(&t->lock);
    const Entry *e = entry_of(t, id);
    if (e->tenant && uuid_eq(e->tenant->id, id) && e->until_mono_us > clock_mono_us())
        found = ref(e->tenant);
    pthread_mutex_unlock(&t->lock);
    if (!found) {
        TRY(load(shards, id, by, &found, reterr));
        const Conf *conf = conf_current();
        int64_t until = clock_mono_us() + conf->api_session_cache * 1000;
        conf_unref(conf);
        pthread_mutex_lock(&t->lock);
        Entry *place = entry_of(t, id);
        const ApiTenant *old = place->tenant;
        *place = (Entry){ref(found), until};
        pthread_mutex_unlock(&t->lock);
        api_tenant_unref(old);
    }
    *ret = found;
    return ERR_NONE;
}

void api_tenant_forget(ApiTenants *t, Uuid id)
{
    pthread_mutex_lock(&t->lock);
    Entry *e = entry_of(t, id);
    if (e->tenant && uuid_eq(e->tenant->id, id))
        e->until_mono_us = 0;
    pthread_mutex_unlock(&t->lock);
}

Str api_tenant_location(const ApiTenant *t, Uuid location)
{
    for (int i = 0; i < t->n_locations; i++)
        if (uuid_eq(t->locations[i].id, location))
            return t->locations[i].name;
    return STR_NULL;
}

const ApiPlay *api_tenant_play(const ApiTenant *t, Str key)
{
    for (int i = 0; i < t->n_plays; i++)
        if (str_eq(t->plays[i].key, key))
            return &t->plays[i];
    return NULL;
}

const ApiModel *api_tenant_model(const ApiTenant *t, Uuid model)
{
    for (int i = 0; i < t->n_models; i++)
        if (uuid_eq(t->models[i].id, model))
            return &t->models[i];
    return NULL;
}

const ApiModel *api_tenant_active_model(const ApiTenant *t)
{
    for (int i = 0; i < t->n_models; i++)
        if (t->models[i].active && t->models[i].goal)
            return &t->models[i];
    return NULL;
}
