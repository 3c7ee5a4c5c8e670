/* api_experiment.c - see api_experiment.h. */
#include "api/api_experiment.h"

#include "base/clock.h"
#include "base/mem.h"
#include "coach/coach_feature.h"
#include "insight/insight_experiment.h"
#include "privacy/audit.h"

#include <math.h>

#define SHARE_DEFAULT 0.5
#define DAYS_DEFAULT 90
#define SEED_END INT64_C(9007199254740992) /* JSON's readers may hold numbers as doubles */

/* The audit row, in the transaction of the change. */
static ErrKind record(void *arg, PgConn *control, const InsightExperiment *e, const char *action, Deadline by,
                      Err *reterr)
{
    const ApiCall *c = arg;
    CLEANUP(buf_done) Buf detail = BUF(AUDIT_DETAIL_MAX);
    char actor[UUID_TEXT], object[UUID_TEXT];
    Jw w = jw(&detail);
    insight_experiment_audit(&w, e);
    TRY(buf_check(&detail, reterr));
    uuid_format(c->who->user, actor);
    uuid_format(e->id, object);
    const AuditEntry entry = {actor, action, object, buf_str(&detail)};
    return audit_append_in(control, &entry, by, reterr);
}

static ErrKind may_change(const ApiCall *c, Err *reterr)
{
    return uuid_is_nil(api_scope(c->who).location)
               ? ERR_NONE
               : err_set(reterr, ERR_DENIED,
                         "an experiment draws agents of every office: whoever sees one office only may not "
                         "begin or end it");
}

/* ---- reading ---- */

ErrKind api_experiment_list(ApiCall *c, Err *reterr)
{
    TRY(api_call_tenant(c, reterr));
    CLEANUP(mem_freep) InsightExperiment *e = NULL;
    int n;
    TRY(insight_experiments(c->api->shards, c->who->tenant, c->req->deadline, &e, &n, reterr));
    Jw w = jw(&c->res->body);
    jw_obj(&w);
    jw_key(&w, "items");
    jw_arr(&w);
    for (int i = 0; i < n; i++) {
        jw_obj(&w);
        insight_experiment_json(&w, &e[i]);
        jw_end(&w);
    }
    jw_end(&w);
    jw_kv_cstr(&w, "next", NULL);
    jw_kv_cstr(&w, "label", api_label(c));
    jw_end(&w);
    return ERR_NONE;
}

static ErrKind find(ApiCall *c, InsightExperiment *ret, Err *reterr)
{
    Str name = c->req->params[0];
    if (!insight_experiment_name_ok(name))
        return api_not_found(reterr, "experiment");
    const char *text = api_text(c, name);
    TRY(arena_check(c->req->arena, reterr));
    return insight_experiment_get(c->api->shards, c->who->tenant, text, c->req->deadline, ret, reterr);
}

static void write_method(Jw *w, const InsightExperiment *e)
{
    int n;
    const char *const *assumes = insight_experiment_assumes(&n);
    jw_kv_cstr(w, "method", insight_experiment_method(e));
    jw_key(w, "assumes");
    jw_arr(w);
    for (int i = 0; i < n; i++)
        jw_cstr(w, assumes[i]);
    jw_end(w);
}

/* A stratum may be one agent: those of other offices are not shown to whoever sees one. */
static void keep_seen(const ApiSession *who, InsightStatus *st)
{
    int n = 0;
    for (int i = 0; i < st->n_strata; i++)
        if (api_scope_sees(who, st->strata[i].location, UUID_NIL))
            st->strata[n++] = st->strata[i];
    st->n_strata = n;
}

static ErrKind write_status(ApiCall *c, const InsightExperiment *e, int32_t today, Buf *out, Err *reterr)
{
    InsightStatus st;
    ErrKind kind =
        insight_experiment_status(c->api->shards, c->who->tenant, e, today, c->req->deadline, &st, reterr);
    if (!kind) {
        Jw w = jw(out);
        keep_seen(c->who, &st);
        jw_obj(&w);
        insight_experiment_json(&w, e);
        insight_status_json(&w, e, &st);
        write_method(&w, e);
        jw_kv_cstr(&w, "label", api_label(c));
        jw_end(&w);
    }
    insight_status_done(&st);
    return kind;
}

ErrKind api_experiment_get(ApiCall *c, Err *reterr)
{
    InsightExperiment e;
    int32_t as_of;
    int64_t live_us;
    TRY(api_call_tenant(c, reterr));
    TRY(find(c, &e, reterr));
    ErrKind kind =
        coach_horizon(c->api->shards, c->who->tenant, c->req->deadline, &as_of, &live_us, NULL, reterr);
    if (kind == ERR_NOT_FOUND) /* no events yet */
        live_us = clock_now_us();
    else
        TRY(kind);
    int32_t today = (int32_t)(live_us / US_PER_DAY);
    ApiRenderedKey key = {API_RENDERED_EXPERIMENT, e.id, 2 * (int64_t)today + e.running};
    const Uuid office = api_scope(c->who).location;
    for (size_t i = 0; i < sizeof(key.id.b); i++)
        key.id.b[i] ^= office.b[i]; /* another answer for each office, the plain id for who sees all */
    if (api_rendered_get(c->api->rendered, &key, &c->res->body))
        return ERR_NONE;
    TRY(write_status(c, &e, today, &c->res->body, reterr));
    api_rendered_put(c->api->rendered, &key, buf_str(&c->res->body));
    return ERR_NONE;
}

/* ---- beginning and ending ---- */

static ErrKind read_keys(const ApiCall *c, InsightExperiment *e, Err *reterr)
{
    const Jv *keys = jv_get(c->body, "keys");
    Str key;
    if (jv_len(keys) < 1 || jv_len(keys) > INSIGHT_KEYS_MAX)
        return err_set(reterr, ERR_INVALID, "member \"keys\" must have 1 to %d entries", INSIGHT_KEYS_MAX);
    for (size_t i = 0; i < jv_len(keys); i++) {
        if (!jv_is_str(jv_at(keys, i), &key) || !api_tenant_play(c->tenant, key) ||
            !str_copy(e->keys[e->n_keys++], sizeof(e->keys[0]), key))
            return err_set(reterr, ERR_INVALID, "member \"keys\": the playbook has no \"%.*s\"",
                           (int)MIN(key.len, 60), key.ptr);
    }
    return ERR_NONE;
}

static ErrKind read_waves(const ApiCall *c, InsightExperiment *e, Err *reterr)
{
    const Jv *waves = jv_get(c->body, "waves");
    int32_t today = (int32_t)(clock_now_us() / US_PER_DAY);
    Str day;
    e->waves[0] = today;
    e->n_waves = 1;
    if (jv_len(waves) > INSIGHT_WAVES_MAX)
        return err_set(reterr, ERR_INVALID, "member \"waves\" may have %d dates", INSIGHT_WAVES_MAX);
    for (size_t i = 0; i < jv_len(waves); i++) {
        if (!jv_is_str(jv_at(waves, i), &day) || !clock_parse_date(day, &e->waves[i]))
            return err_set(reterr, ERR_INVALID, "member \"waves\" must hold dates YYYY-MM-DD");
        e->n_waves = (int)i + 1;
    }
    if (e->waves[0] < today)
        return err_set(reterr, ERR_INVALID,
                       "member \"waves\": it cannot begin in the past, when nobody was held back for it");
    e->ends_on = e->waves[e->n_waves - 1] + (int32_t)jv_get_i64(c->body, "days", DAYS_DEFAULT);
    return ERR_NONE;
}

static ErrKind read_guards(const ApiCall *c, InsightExperiment *e, Err *reterr)
{
    const Jv *guards = jv_get(c->body, "guards");
    if (!guards) {
        e->guards[e->n_guards++] = (InsightGuard){INSIGHT_CLOSINGS, 0.2};
        e->guards[e->n_guards++] = (InsightGuard){INSIGHT_LEFT, 0.1};
    }
    if (jv_len(guards) > INSIGHT_GUARDS_MAX)
        return err_set(reterr, ERR_INVALID, "member \"guards\" may have %d entries", INSIGHT_GUARDS_MAX);
    for (size_t i = 0; i < jv_len(guards); i++)
        for (int m = 0; m < INSIGHT_N_METRICS; m++)
            if (str_eq_c(jv_get_str(jv_at(guards, i), "metric"), INSIGHT_METRIC_NAMES[m]))
                e->guards[e->n_guards++] =
                    (InsightGuard){(InsightMetric)m, jv_get_f64(jv_at(guards, i), "drop", NAN)};
    return ERR_NONE;
}

static ErrKind read_body(const ApiCall *c, InsightExperiment *e, Err *reterr)
{
    *e = (InsightExperiment){.share = jv_get_f64(c->body, "share", SHARE_DEFAULT),
                             .effect = jv_get_f64(c->body, "effect", NAN),
                             .seed = (uint64_t)jv_get_i64(c->body, "seed", clock_now_us() % SEED_END)};
    Str name = jv_get_str(c->body, "name");
    if (!insight_experiment_name_ok(name) || !str_copy(e->name, sizeof(e->name), name))
        return err_set(reterr, ERR_INVALID, "member \"name\" must be up to 63 of a-z, 0-9 and -, no - first");
    e->outcome =
        str_eq_c(jv_get_str(c->body, "outcome"), "commission") ? INSIGHT_COMMISSION : INSIGHT_CLOSINGS;
    TRY(read_keys(c, e, reterr));
    TRY(read_waves(c, e, reterr));
    return read_guards(c, e, reterr);
}

ErrKind api_experiment_create(ApiCall *c, Err *reterr)
{
    InsightExperiment e;
    InsightPlan plan;
    TRY(may_change(c, reterr));
    TRY(api_call_tenant(c, reterr));
    TRY(read_body(c, &e, reterr));
    bool dry = jv_get_bool(c->body, "dry_run", false);
    TRY(insight_experiment_create(c->api->shards, c->who->tenant, &e, dry, record, c, c->req->deadline, &plan,
                                  reterr));
    c->changed = !dry;
    Jw w = jw(&c->res->body);
    jw_obj(&w);
    jw_kv_bool(&w, "stored", !dry);
    insight_experiment_json(&w, &e);
    insight_plan_json(&w, &plan);
    jw_kv_cstr(&w, "label", "projection");
    jw_end(&w);
    return ERR_NONE;
}

ErrKind api_experiment_stop(ApiCall *c, Err *reterr)
{
    InsightExperiment e;
    TRY(may_change(c, reterr));
    TRY(find(c, &e, reterr));
    Str reason = jv_get_str(c->body, "reason");
    if (reason.len >= sizeof(e.stop_reason))
        return err_set(reterr, ERR_INVALID, "member \"reason\" may have %zu bytes",
                       sizeof(e.stop_reason) - 1);
    const char *text = api_text(c, reason);
    TRY(arena_check(c->req->arena, reterr));
    TRY(insight_experiment_stop(c->api->shards, c->who->tenant, &e, text, record, c, c->req->deadline,
                                reterr));
    Jw w = jw(&c->res->body);
    jw_obj(&w);
    insight_experiment_json(&w, &e);
    jw_end(&w);
    return ERR_NONE;
}
