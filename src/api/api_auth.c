/* api_auth.c - log in, log out, who am I.
 *
 *     POST /v1/login: rate limit -> find the user by e-mail -> Argon2id -> session row -> cookie
 *
 * An unknown address, a wrong password and a disabled account get the same answer after the same work. */
#include "api/api_auth.h"

#include "api/api_rate.h"
#include "api/api_table.h"
#include "base/log.h"
#include "base/pwhash.h"
#include "coach/coach_feature.h"
#include "metrics/metrics.h"
#include "privacy/audit.h"

static Metric m_logins = METRIC_COUNTER("ehub_api_logins_total", "Attempts to log in, by result.", "result");

/* An address that lower() would still change is nobody's: U+212A, U+0130 and the like would be further names of one
 * account, each with tries of its own. */
static const PgStmt FIND_USER = {
    "api_auth_find_user",
    "select tenant_id, id, password_hash, disabled from auth_find_user($1) where $1 = lower($1)"};

static ErrKind take_try(ApiCall *c, Str email, Err *reterr)
{
    const Conf *conf = conf_current();
    int64_t per_minute = conf->api_login_per_minute;
    conf_unref(conf);
    int64_t now = clock_mono_us();
    int wait_s = 0;
    ErrKind k =
        api_rate_take(c->api->login_by_address, str_from(c->req->peer), per_minute, now, &wait_s, reterr);
    if (!k)
        k = api_rate_take(c->api->login_by_account, email, per_minute, now, &wait_s, reterr);
    if (k) {
        metrics_add(metrics_cell(&m_logins, "limited"), 1);
        const char *text = arena_printf(c->req->arena, "%d", wait_s);
        http_add_header(c->res, "Retry-After", str_from(text ? text : "60"));
    }
    return k;
}

/* The user whose password this is. */
static ErrKind verify(ApiCall *c, const char *email, Str password, Uuid *ret_tenant, Uuid *ret_user,
                      Err *reterr)
{
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(pg_control_query(c->api->shards, UUID_NIL, &FIND_USER, PG_PARAMS(pg_cstr(email)), c->req->deadline,
                         &r, reterr));
    const char *hash = pg_rows(r) > 0 ? api_text(c, pg_str(r, 0, 2)) : NULL;
    TRY(arena_check(c->req->arena, reterr));
    bool ok = pwhash_verify(hash, password) && pg_rows(r) > 0 && !pg_get_bool(r, 0, 3);
    metrics_add(metrics_cell(&m_logins, ok ? "ok" : "refused"), 1);
    if (!ok)
        return err_set(reterr, ERR_UNAUTHENTICATED, "the e-mail address or the password is wrong");
    *ret_tenant = pg_get_uuid(r, 0, 0);
    *ret_user = pg_get_uuid(r, 0, 1);
    return ERR_NONE;
}

static void write_user(Jw *w, const ApiSession *who)
{
    jw_obj(w);
    jw_kv_uuid(w, "id", who->user);
    jw_kv_cstr(w, "name", who->name);
    jw_kv_cstr(w, "email", who->email);
    jw_kv_cstr(w, "role", who->role_name);
    jw_key(w, "location_id");
    uuid_is_nil(who->location) ? jw_null(w) : jw_uuid(w, who->location);
    jw_key(w, "agent_id");
    uuid_is_nil(who->agent) ? jw_null(w) : jw_uuid(w, who->agent);
    jw_end(w);
}

static ErrKind set_cookie(ApiCall *c, const char *value, int64_t max_age_s, Err *reterr)
{
    bool secure = c->req->tls || str_eq_c(http_header(c->req, "X-Forwarded-Proto"), "https");
    const char *cookie =
        arena_printf(c->req->arena, "ehub_session=%s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%lld%s",
                     value, (long long)max_age_s, secure ? "; Secure" : "");
    TRY(arena_check(c->req->arena, reterr));
    http_add_header(c->res, "Set-Cookie", str_from(cookie));
    return ERR_NONE;
}

ErrKind api_auth_login(ApiCall *c, Err *reterr)
{
    Str email_given = jv_get_str(c->body, "email"), password = jv_get_str(c->body, "password");
    char *email = arena_strndup(c->req->arena, email_given.ptr, email_given.len);
    TRY(arena_check(c->req->arena, reterr));
    for (char *p = email; *p; p++)
        *p = (char)(*p >= 'A' && *p <= 'Z' ? *p + ('a' - 'A') : *p);
    TRY(take_try(c, str_from(email), reterr));
    Uuid tenant, user;
    TRY(verify(c, email, password, &tenant, &user, reterr));

    char value[API_SECRET_TEXT], csrf[API_CSRF_TEXT], actor[UUID_TEXT];
    TRY(api_session_create(c->api->shards, tenant, user, c->req->deadline, value, csrf, reterr));
    TRY(api_session_find(c->api->sessions, c->api->shards, str_from(value), false, c->req->deadline, &c->who,
                         reterr));
    uuid_format(user, actor);
    CLEANUP(buf_done) Buf detail = BUF(256);
    Jw from = jw(&detail);
    jw_obj(&from);
    jw_kv_cstr(&from, "address", c->req->peer);
    jw_end(&from);
    AuditEntry e = {.actor = actor, .action = "user.login", .object = actor, .detail = buf_str(&detail)};
    TRY(audit_append(c->api->shards, tenant, &e, c->req->deadline, reterr));

    const Conf *conf = conf_current();
    int64_t ttl_s = conf->api_session_ttl / 1000;
    conf_unref(conf);
    TRY(set_cookie(c, value, ttl_s, reterr));
    Jw w = jw(&c->res->body);
    jw_obj(&w);
    jw_key(&w, "user");
    write_user(&w, c->who);
    jw_kv_cstr(&w, "csrf", csrf);
    jw_end(&w);
    return ERR_NONE;
}

ErrKind api_auth_logout(ApiCall *c, Err *reterr)
{
    if (c->who->bearer)
        return err_set(reterr, ERR_INVALID,
                       "a token does not log out; revoke it with DELETE /v1/tokens/{id}");
    TRY(api_session_delete(c->api->sessions, c->api->shards, c->who, c->req->deadline, reterr));
    api_live_drop(c->api->live, &c->who->key);
    TRY(api_audit(c, "user.logout", "", STR_NULL, reterr));
    return set_cookie(c, "", 0, reterr);
}

static void write_features(Jw *w)
{
    jw_key(w, "features");
    jw_arr(w);
    for (int i = 0; i < COACH_N_FEATURES; i++) {
        const CoachFeatureInfo *f = &COACH_FEATURES[i];
        jw_obj(w);
        jw_kv_cstr(w, "name", f->name);
        jw_kv_cstr(w, "label", f->label);
        jw_kv_cstr(w, "unit", f->unit);
        jw_kv_i64(w, "window_days", f->window_days);
        jw_kv_i64(w, "direction", f->direction);
        jw_end(w);
    }
    jw_end(w);
}

ErrKind api_auth_me(ApiCall *c, Err *reterr)
{
    TRY(api_call_tenant(c, reterr));
    const ApiTenant *t = c->tenant;
    Jw w = jw(&c->res->body);
    jw_obj(&w);
    jw_key(&w, "user");
    write_user(&w, c->who);
    jw_kv_cstr(&w, "csrf", c->who->csrf);
    jw_key(&w, "tenant");
    jw_obj(&w);
    jw_kv_uuid(&w, "id", t->id);
    jw_kv_str(&w, "name", t->name);
    jw_kv_str(&w, "slug", t->slug);
    jw_kv_bool(&w, "simulated", t->simulated);
    jw_kv_str(&w, "currency", t->currency);
    jw_kv_str(&w, "timezone", t->timezone);
    jw_end(&w);
    write_features(&w);
    jw_key(&w, "locations");
    jw_arr(&w);
    for (int i = 0; i < t->n_locations; i++) {
        bool own = uuid_eq(c->who->location, t->locations[i].id);
        if (c->who->role == API_AGENT ? !own : !api_scope_sees(c->who, t->locations[i].id, UUID_NIL))
            continue;
        jw_obj(&w);
        jw_kv_uuid(&w, "id", t->locations[i].id);
        jw_kv_str(&w, "name", t->locations[i].name);
        jw_end(&w);
    }
    jw_end(&w);
    jw_end(&w);
    return ERR_NONE;
}
