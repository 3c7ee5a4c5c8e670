/* coach_model.c - stores models, loads the active ones, keeps them for the process. */
#include "coach/coach_model.h"

#include "base/crypto.h"
#include "base/jv.h"
#include "base/jw.h"
#include "base/mem.h"

#include <pthread.h>
#include <string.h>

/* ---- loading ---- */

static ErrKind check_features(const GbtModel *m, Err *reterr)
{
    int n = gbt_n_features(m);
    if (n > COACH_N_FEATURES)
        return err_set(reterr, ERR_CORRUPT, "model has %d features, this program knows %d", n,
                       COACH_N_FEATURES);
    for (int i = 0; i < n; i++)
        if (strcmp(gbt_feature_name(m, i), COACH_FEATURES[i].name) != 0)
            return err_set(reterr, ERR_CORRUPT, "model's feature %d is \"%s\", not \"%s\"", i,
                           gbt_feature_name(m, i), COACH_FEATURES[i].name);
    return ERR_NONE;
}

static ErrKind load_bytes(Str hex, Str sha_hex, GbtModel **ret, Err *reterr)
{
    size_t len = hex.len / 2;
    Sha256 expected;
    CLEANUP(mem_freep) char *bytes = mem_zalloc(len + 1);
    if (!crypto_unhex(hex, bytes, len) || !crypto_unhex(sha_hex, &expected, sizeof expected))
        return err_set(reterr, ERR_CORRUPT, "model is not stored as bytes");
    Sha256 actual = crypto_sha256((Str){bytes, len});
    if (memcmp(&actual, &expected, sizeof actual) != 0)
        return err_set(reterr, ERR_CORRUPT, "model does not match its SHA-256");
    CLEANUP(gbt_unrefp) GbtModel *m = NULL;
    TRY(gbt_load((Str){bytes, len}, GBT_ROUNDS_ALL, &m, reterr));
    TRY(check_features(m, reterr));
    *ret = m;
    m = NULL;
    return ERR_NONE;
}

static ErrKind load_one(PgShards *s, Uuid tenant, Uuid id, Deadline by, GbtModel **ret, Err *reterr)
{
    static const PgStmt stmt = {"coach_model_bytes",
                                "select encode(model, 'hex'), encode(sha256, 'hex') from model "
                                "where tenant_id = $1::uuid and id = $2::uuid"};
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(pg_control_query(s, tenant, &stmt, PG_PARAMS(pg_uuid(tenant), pg_uuid(id)), by, &r, reterr));
    if (pg_rows(r) == 0)
        return err_set(reterr, ERR_CONFLICT, "the model was removed while it was loaded");
    ErrKind kind = load_bytes(pg_str(r, 0, 0), pg_str(r, 0, 1), ret, reterr);
    char text[UUID_TEXT];
    uuid_format(id, text);
    return kind ? err_wrap(reterr, kind, "model %s", text) : ERR_NONE;
}

/* ---- the cache ---- */

typedef struct Entry {
    Uuid tenant;
    CoachModels *models; /* NULL: free */
    int64_t checked_us, used_us;
} Entry;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static Entry entries[COACH_MODELS_TENANTS]; /* under lock */

static CoachModels *models_ref(CoachModels *m)
{
    __atomic_add_fetch(&m->refs_, 1, __ATOMIC_RELAXED);
    return m;
}

void coach_models_unref(const CoachModels *models)
{
    CoachModels *m = (CoachModels *)models;
    if (!m || __atomic_sub_fetch(&m->refs_, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    for (int k = 0; k < COACH_N_KINDS; k++)
        gbt_unref(m->of[k].gbt);
    mem_free(m);
}

/* Under lock. */
static Entry *find_entry(Uuid tenant)
{
    for (int i = 0; i < COACH_MODELS_TENANTS; i++)
        if (entries[i].models && uuid_eq(entries[i].tenant, tenant))
            return &entries[i];
    return NULL;
}

/* A reference to what is cached, or NULL. */
static CoachModels *look_up(Uuid tenant, bool *ret_fresh)
{
    int64_t now = clock_mono_us();
    pthread_mutex_lock(&lock);
    Entry *e = find_entry(tenant);
    CoachModels *m = e ? models_ref(e->models) : NULL;
    *ret_fresh = e && now - e->checked_us < COACH_MODELS_FRESH_MS * INT64_C(1000);
    if (e)
        e->used_us = now;
    pthread_mutex_unlock(&lock);
    return m;
}

/* The cache takes a reference of its own. */
static void remember(Uuid tenant, CoachModels *m)
{
    pthread_mutex_lock(&lock);
    Entry *e = find_entry(tenant);
    for (int i = 0; !e && i < COACH_MODELS_TENANTS; i++)
        if (!entries[i].models)
            e = &entries[i];
    if (!e) {
        e = &entries[0];
        for (int i = 1; i < COACH_MODELS_TENANTS; i++)
            if (entries[i].used_us < e->used_us)
                e = &entries[i];
    }
    CoachModels *old = e->models;
    int64_t now = clock_mono_us();
    *e = (Entry){.tenant = tenant, .models = models_ref(m), .checked_us = now, .used_us = now};
    pthread_mutex_unlock(&lock);
    coach_models_unref(old);
}

void coach_models_forget(Uuid tenant)
{
    pthread_mutex_lock(&lock);
    Entry *e = find_entry(tenant);
    CoachModels *old = e ? e->models : NULL;
    if (e)
        *e = (Entry){.models = NULL};
    pthread_mutex_unlock(&lock);
    coach_models_unref(old);
}

/* The models that control.model calls active; those that `old` has already are shared with it. */
static ErrKind load_active(PgShards *s, Uuid tenant, const CoachModels *old, Deadline by, CoachModels *out,
                           Err *reterr)
{
    static const PgStmt stmt = {"coach_model_active", "select id, kind, version from model "
                                                      "where tenant_id = $1::uuid and status = 'active'"};
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(pg_control_query(s, tenant, &stmt, PG_PARAMS(pg_uuid(tenant)), by, &r, reterr));
    for (int i = 0; i < pg_rows(r); i++) {
        CoachKind kind;
        if (!coach_kind_parse(pg_str(r, i, 1), &kind) || out->of[kind].gbt)
            continue;
        Uuid id = pg_get_uuid(r, i, 0);
        GbtModel *gbt = NULL;
        if (old && old->of[kind].gbt && uuid_eq(old->of[kind].id, id))
            gbt = gbt_ref(old->of[kind].gbt);
        else
            TRY(load_one(s, tenant, id, by, &gbt, reterr));
        out->of[kind] = (CoachModel){.id = id, .version = (int)pg_get_i64(r, i, 2), .gbt = gbt};
    }
    return ERR_NONE;
}

ErrKind coach_models_get(PgShards *s, Uuid tenant, Deadline by, const CoachModels **ret, Err *reterr)
{
    *ret = NULL;
    bool fresh;
    CoachModels *old = look_up(tenant, &fresh);
    if (fresh) {
        *ret = old;
        return ERR_NONE;
    }
    CoachModels *m = MEM_NEW(CoachModels);
    m->refs_ = 1;
    ErrKind kind = load_active(s, tenant, old, by, m, reterr);
    coach_models_unref(old);
    if (kind) {
        coach_models_unref(m);
        return kind;
    }
    remember(tenant, m);
    *ret = m;
    return ERR_NONE;
}

/* ---- storing ---- */

static void features_json(Buf *out)
{
    Jw w = jw(out);
    jw_arr(&w);
    for (int i = 0; i < COACH_N_FEATURES; i++)
        jw_cstr(&w, COACH_FEATURES[i].name);
    jw_end(&w);
}

static ErrKind insert_model(PgConn *c, Uuid tenant, const CoachModelNew *m, const char *hex,
                            const char *sha_hex, Deadline by, int *ret_version, Err *reterr)
{
    static const PgStmt take_turn = {"coach_model_lock",
                                     "select pg_advisory_xact_lock(hashtextextended('model:' || $1, 0))"};
    static const PgStmt retire = {"coach_model_retire",
                                  "update model set status = 'retired' where tenant_id = $1::uuid "
                                  "and kind = $2 and status = 'active'"};
    static const PgStmt insert = {"coach_model_insert",
                                  "insert into model (tenant_id, id, kind, version, status, window_from, "
                                  "window_to, features, report, model, sha256) "
                                  "select $1::uuid, $2::uuid, $3, coalesce(max(version), 0) + 1, $4, "
                                  "$5::date, $6::date, $7::jsonb, $8::jsonb, "
                                  "decode($9, 'hex'), decode($10, 'hex') from model where tenant_id = "
                                  "$1::uuid and kind = $3 returning version"};
    const char *kind = coach_kind_name(m->kind);
    char tenant_text[UUID_TEXT];
    uuid_format(tenant, tenant_text);
    CLEANUP(buf_done) Buf features = BUF(1 << 16), report = BUF(1 << 20);
    features_json(&features);
    buf_add_str(&report, m->report);
    TRY(buf_check(&report, reterr));
    TRY(pg_query(c, &take_turn, PG_PARAMS(pg_cstr(tenant_text)), by, NULL, reterr));
    if (m->accepted)
        TRY(pg_query(c, &retire, PG_PARAMS(pg_uuid(tenant), pg_cstr(kind)), by, NULL, reterr));
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(pg_query(c, &insert,
                 PG_PARAMS(pg_uuid(tenant), pg_uuid(uuid_v7()), pg_cstr(kind),
                           pg_cstr(m->accepted ? "active" : "rejected"), pg_date(m->window_from),
                           pg_date(m->window_to), pg_cstr(buf_cstr(&features)), pg_cstr(buf_cstr(&report)),
                           pg_cstr(hex), pg_cstr(sha_hex)),
                 by, &r, reterr));
    *ret_version = (int)pg_get_i64(r, 0, 0);
    return ERR_NONE;
}

ErrKind coach_model_store(PgShards *s, Uuid tenant, const CoachModelNew *m, Deadline by, int *ret_version,
                          Err *reterr)
{
    if (m->bytes.len > COACH_MODEL_BYTES)
        return err_set(reterr, ERR_LIMIT, "model of %zu bytes", m->bytes.len);
    CLEANUP(mem_freep) char *hex = mem_zalloc(2 * m->bytes.len + 1);
    crypto_hex(m->bytes.ptr, m->bytes.len, hex);
    Sha256 sha = crypto_sha256(m->bytes);
    char sha_hex[2 * sizeof sha + 1];
    crypto_hex(&sha, sizeof sha, sha_hex);

    PgConn *c = NULL;
    TRY(pg_pool_acquire(pg_control_pool(s), by, &c, reterr));
    ErrKind kind = pg_begin(c, tenant, by, reterr);
    if (!kind)
        kind = insert_model(c, tenant, m, hex, sha_hex, by, ret_version, reterr);
    if (!kind)
        kind = pg_commit(c, by, reterr);
    pg_pool_release(pg_control_pool(s), c); /* rolls back what is not committed */
    coach_models_forget(tenant);
    return kind;
}

ErrKind coach_models_list(PgShards *s, Uuid tenant, Deadline by, PgResult **ret, Err *reterr)
{
    static const PgStmt stmt = {
        "coach_models_list",
        "select kind, version, status, window_from, window_to, created_at, report, id from model "
        "where tenant_id = $1::uuid order by created_at desc, kind, version desc"};
    return pg_control_query(s, tenant, &stmt, PG_PARAMS(pg_uuid(tenant)), by, ret, reterr);
}
