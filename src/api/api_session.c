/* api_session.c - see api_session.h. The cache is a set of small buckets with a lock each: an entry's place follows from
 * the hash of its secret, the oldest of the bucket makes room. */
#include "api/api_session.h"

#include "base/mem.h"
#include "conf/conf.h"
#include "metrics/metrics.h"

#include <pthread.h>

#define WAYS 8
#define BUCKETS (API_SESSIONS_CACHED / WAYS)

typedef struct Entry {
    const ApiSession *session;
    int64_t until_mono_us;
} Entry;

typedef struct Bucket {
    pthread_mutex_t lock;
    Entry entries[WAYS];
} Bucket;

struct ApiSessions {
    Bucket buckets[BUCKETS];
};

static Metric m_lookups = METRIC_COUNTER(
    "ehub_api_session_lookups_total", "Sessions and tokens looked up, by where they were found.", "result");

/* One row of what both statements below give. */
#define USER_COLUMNS                                                                                 \
    "u.id, u.name, u.email, u.role, u.location_id, u.agent_id, "                          /* 0..5 */ \
    "coalesce((extract(epoch from x.expires_at) * 1000000)::bigint, 9223372036854775807)" /* 6 */

static const PgStmt FIND_SESSION = {
    "api_session_find",
    "select " USER_COLUMNS
    ", x.csrf from session x join app_user u on u.tenant_id = x.tenant_id and u.id = x.user_id "
    "where x.tenant_id = $1::uuid and x.token_hash = decode($2, 'hex') and x.expires_at > now() and "
    "u.disabled_at is null"};

static const PgStmt FIND_TOKEN = {
    "api_session_find_token",
    "select " USER_COLUMNS
    ", '' from api_token x join app_user u on u.tenant_id = x.tenant_id and u.id = x.user_id "
    "where x.tenant_id = $1::uuid and x.token_hash = decode($2, 'hex') and (x.expires_at is null or "
    "x.expires_at > now()) "
    "and x.revoked_at is null and u.disabled_at is null"};

static const PgStmt CREATE = {
    "api_session_create",
    "insert into session (tenant_id, token_hash, user_id, csrf, expires_at) "
    "values ($1::uuid, decode($2, 'hex'), $3::uuid, $4, now() + $5::bigint * interval '1 millisecond')"};

static const PgStmt DELETE = {
    "api_session_delete",
    "delete from session where tenant_id = $1::uuid and token_hash = decode($2, 'hex')"};

ApiSessions *api_sessions_new(void)
{
    ApiSessions *s = MEM_NEW(ApiSessions);
    for (int i = 0; i < BUCKETS; i++)
        pthread_mutex_init(&s->buckets[i].lock, NULL);
    return s;
}

void api_sessions_free(ApiSessions *s)
{
    if (!s)
        return;
    api_session_forget_all(s);
    for (int i = 0; i < BUCKETS; i++)
        pthread_mutex_destroy(&s->buckets[i].lock);
    mem_free(s);
}

const ApiSession *api_session_ref(const ApiSession *s)
{
    __atomic_add_fetch(&((ApiSession *)(uintptr_t)s)->refs_, 1, __ATOMIC_RELAXED);
    return s;
}

void api_session_unref(const ApiSession *s)
{
    ApiSession *m = (ApiSession *)(uintptr_t)s; /* only the count changes */
    if (m && __atomic_sub_fetch(&m->refs_, 1, __ATOMIC_ACQ_REL) == 0)
        mem_free(m);
}

static Bucket *bucket_of(ApiSessions *s, const Sha256 *key)
{
    uint32_t h;
    memcpy(&h, key->b, sizeof(h));
    return &s->buckets[h % BUCKETS];
}

static const ApiSession *cache_get(ApiSessions *s, Uuid tenant, const Sha256 *key)
{
    Bucket *b = bucket_of(s, key);
    int64_t now = clock_mono_us();
    const ApiSession *found = NULL;
    pthread_mutex_lock(&b->lock);
    for (int i = 0; i < WAYS && !found; i++) {
        Entry *e = &b->entries[i];
        if (e->session && e->until_mono_us > now && crypto_equal(&e->session->key, key, sizeof(*key)) &&
            uuid_eq(e->session->tenant, tenant))
            found = api_session_ref(e->session);
    }
    pthread_mutex_unlock(&b->lock);
    return found;
}

static void cache_put(ApiSessions *s, const ApiSession *session, int64_t ttl_ms)
{
    Bucket *b = bucket_of(s, &session->key);
    int64_t until = clock_mono_us() + ttl_ms * 1000;
    pthread_mutex_lock(&b->lock);
    Entry *place = &b->entries[0];
    for (int i = 0; i < WAYS; i++) {
        Entry *e = &b->entries[i];
        if (e->session && crypto_equal(&e->session->key, &session->key, sizeof(Sha256))) {
            place = e;
            break;
        }
        if (!e->session || (place->session && e->until_mono_us < place->until_mono_us))
            place = e;
    }
    const ApiSession *old = place->session;
    *place = (Entry){api_session_ref(session), until};
    pthread_mutex_unlock(&b->lock);
    api_session_unref(old);
}

void api_session_forget(ApiSessions *s, const Sha256 *key)
{
    Bucket *b = bucket_of(s, key);
    pthread_mutex_lock(&b->lock);
    for (int i = 0; i < WAYS; i++) {
        Entry *e = &b->entries[i];
        if (e->session && crypto_equal(&e->session->key, key, sizeof(*key))) {
            api_session_unref(e->session);
            *e = (Entry){0};
        }
    }
    pthread_mutex_unlock(&b->lock);
}

void api_session_forget_all(ApiSessions *s)
{
    for (int i = 0; i < BUCKETS; i++) {
        Bucket *b = &s->buckets[i];
        pthread_mutex_lock(&b->lock);
        for (int j = 0; j < WAYS; j++) {
            api_session_unref(b->entries[j].session);
            b->entries[j] = (Entry){0};
        }
        pthread_mutex_unlock(&b->lock);
    }
}

bool api_role_parse(Str name, ApiRole *ret)
{
    static const struct {
        const char *name;
        ApiRole role;
    } ROLES[] = {{"admin", API_ADMIN},
                 {"manager", API_MANAGER},
                 {"coach", API_COACH},
                 {"agent", API_AGENT},
                 {"auditor", API_AUDITOR}};
    for (size_t i = 0; i < ARRAY_LEN(ROLES); i++)
        if (str_eq_c(name, ROLES[i].name)) {
            *ret = ROLES[i].role;
            return true;
        }
    return false;
}

void api_secret_make(Uuid tenant, char value[static API_SECRET_TEXT], Sha256 *ret_hash)
{
    uint8_t bytes[48];
    memcpy(bytes, tenant.b, 16);
    crypto_random(bytes + 16, 32);
    CLEANUP(buf_done) Buf text = BUF(API_SECRET_TEXT);
    crypto_base64url(&text, bytes, sizeof(bytes));
    BUG_ON(!str_copy(value, API_SECRET_TEXT, buf_str(&text)));
    *ret_hash = crypto_sha256((Str){(const char *)bytes + 16, 32});
}

bool api_secret_parse(Str value, Uuid *ret_tenant, Sha256 *ret_hash)
{
    CLEANUP(buf_done) Buf bytes = BUF(64);
    if (value.len != API_SECRET_TEXT - 1 || !crypto_unbase64url(value, &bytes) || bytes.len != 48)
        return false;
    memcpy(ret_tenant->b, bytes.ptr, 16);
    *ret_hash = crypto_sha256((Str){bytes.ptr + 16, 32});
    return true;
}

static ErrKind refuse(Err *reterr)
{
    return err_set(reterr, ERR_UNAUTHENTICATED, "log in, or send a valid token");
}

static ErrKind session_of_row(const PgResult *r, Uuid tenant, const Sha256 *key, bool bearer,
                              const ApiSession **ret, Err *reterr)
{
    ApiRole role;
    if (!api_role_parse(pg_str(r, 0, 3), &role))
        return err_set(reterr, ERR_CORRUPT, "user has an unknown role");
    ApiSession *s = MEM_NEW(ApiSession);
    *s = (ApiSession){.tenant = tenant,
                      .user = pg_get_uuid(r, 0, 0),
                      .role = role,
                      .location = pg_get_uuid(r, 0, 4),
                      .agent = pg_get_uuid(r, 0, 5),
                      .bearer = bearer,
                      .key = *key,
                      .expires_us = pg_get_i64(r, 0, 6),
                      .refs_ = 1};
    bool fits = str_copy(s->name, sizeof(s->name), pg_str(r, 0, 1)) &&
                str_copy(s->email, sizeof(s->email), pg_str(r, 0, 2)) &&
                str_copy(s->role_name, sizeof(s->role_name), pg_str(r, 0, 3)) &&
                str_copy(s->csrf, sizeof(s->csrf), pg_str(r, 0, 7));
    if (!fits) {
        api_session_unref(s);
        return err_set(reterr, ERR_CORRUPT, "a member of the user is too long");
    }
    *ret = s;
    return ERR_NONE;
}

ErrKind api_session_find(ApiSessions *s, PgShards *shards, Str value, bool bearer, Deadline by,
                         const ApiSession **ret, Err *reterr)
{
    Uuid tenant;
    Sha256 key;
    if (!api_secret_parse(value, &tenant, &key))
        return refuse(reterr);
    const ApiSession *cached = cache_get(s, tenant, &key);
    if (cached && cached->bearer == bearer && cached->expires_us > clock_now_us()) {
        metrics_add(metrics_cell(&m_lookups, "cached"), 1);
        *ret = cached;
        return ERR_NONE;
    }
    api_session_unref(cached);
    char hex[65];
    crypto_hex(key.b, sizeof(key.b), hex);
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(pg_control_query(shards, tenant, bearer ? &FIND_TOKEN : &FIND_SESSION,
                         PG_PARAMS(pg_uuid(tenant), pg_cstr(hex)), by, &r, reterr));
    metrics_add(metrics_cell(&m_lookups, pg_rows(r) ? "found" : "unknown"), 1);
    if (pg_rows(r) == 0)
        return refuse(reterr);
    TRY(session_of_row(r, tenant, &key, bearer, ret, reterr));
    const Conf *conf = conf_current();
    if (conf->api_session_cache > 0)
        cache_put(s, *ret, conf->api_session_cache);
    conf_unref(conf);
    return ERR_NONE;
}

ErrKind api_session_create(PgShards *shards, Uuid tenant, Uuid user, Deadline by,
                           char value[static API_SECRET_TEXT], char csrf[static API_CSRF_TEXT], Err *reterr)
{
    Sha256 hash;
    api_secret_make(tenant, value, &hash);
    uint8_t random[32];
    crypto_random(random, sizeof(random));
    CLEANUP(buf_done) Buf text = BUF(API_CSRF_TEXT);
    crypto_base64url(&text, random, sizeof(random));
    BUG_ON(!str_copy(csrf, API_CSRF_TEXT, buf_str(&text)));
    char hex[65];
    crypto_hex(hash.b, sizeof(hash.b), hex);
    const Conf *conf = conf_current();
    int64_t ttl_ms = conf->api_session_ttl;
    conf_unref(conf);
    return pg_control_query(
        shards, tenant, &CREATE,
        PG_PARAMS(pg_uuid(tenant), pg_cstr(hex), pg_uuid(user), pg_cstr(csrf), pg_i64(ttl_ms)), by, NULL,
        reterr);
}

ErrKind api_session_delete(ApiSessions *s, PgShards *shards, const ApiSession *who, Deadline by, Err *reterr)
{
    char hex[65];
    crypto_hex(who->key.b, sizeof(who->key.b), hex);
    ErrKind k = pg_control_query(shards, who->tenant, &DELETE, PG_PARAMS(pg_uuid(who->tenant), pg_cstr(hex)),
                                 by, NULL, reterr);
    api_session_forget(s, &who->key);
    return k;
}
