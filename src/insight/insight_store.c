/* insight_store.c - see insight_store.h. */
#include "insight/insight_store.h"

#include "base/clock.h"
#include "base/mem.h"

#include <math.h>

#define ROWS_AT_ONCE 64
#define JSON_MAX (ROWS_AT_ONCE * (INSIGHT_DETAIL_MAX + 16384))

static const PgStmt LOCK = {"insight_store_lock",
                            "select pg_advisory_xact_lock(hashtextextended('effects:' || $1::text, 0))"};
static const PgStmt DELETE = {"insight_store_delete",
                              "delete from effect_estimate where tenant_id = $1::uuid"};
static const PgStmt INSERT = {
    "insight_store_insert",
    "insert into effect_estimate (tenant_id, scope, name, outcome, tier, source, method, estimand,"
    " estimate, se, ci_low, ci_high, p, control_mean, n_treated, n_control, per_days,"
    " first_day, last_day, refusal, detail, label, made_at)"
    " select $1::uuid, r.scope, r.name, r.outcome, r.tier, r.source, r.method, r.estimand,"
    " r.estimate, r.se, r.ci_low, r.ci_high, r.p, r.control_mean, r.n_treated, r.n_control, r.per_days,"
    " r.first_day, r.last_day, r.refusal, r.detail, r.label, r.made_at"
    " from jsonb_to_recordset($2::jsonb) as r"
    " (scope text, name text, outcome text, tier smallint, source text, method text, estimand text,"
    " estimate float8, se float8, ci_low float8, ci_high float8, p float8, control_mean float8,"
    " n_treated int, n_control int, per_days int, first_day date, last_day date, refusal text,"
    " detail jsonb, label text, made_at timestamptz)"};

#define TITLE "coalesce(u.name, o.name, p.title, e.name)"
static const PgStmt READ = {
    "insight_store_read",
    "select e.scope, e.name, case when e.scope = 'all' then 'All coaching' else " TITLE " end,"
    " coalesce(o.id, u.location_id), e.outcome, e.tier, e.source, e.method, e.estimand,"
    " e.estimate, e.se, e.ci_low, e.ci_high, e.p, e.control_mean, e.n_treated, e.n_control,"
    " e.first_day::text, e.last_day::text, e.refusal, e.label,"
    " (extract(epoch from e.made_at) * 1000000)::bigint, case when $5::boolean then e.detail::text end"
    " from effect_estimate e"
    " left join app_user u on e.scope = 'coach' and u.tenant_id = e.tenant_id and u.id::text = e.name"
    " left join location o on e.scope = 'office' and o.tenant_id = e.tenant_id and o.id::text = e.name"
    " left join playbook p on e.scope = 'intervention' and p.tenant_id = e.tenant_id and p.key = e.name"
    " where e.tenant_id = $1::uuid and ($2::text is null or e.scope = $2::text)"
    " and ($3::text is null or e.name = $3::text) and ($4::text is null or e.outcome = $4::text)"
    " order by array_position(array['all', 'intervention', 'programme', 'coach', 'office'], e.scope),"
    " p.position, " TITLE ", e.name, e.outcome, e.tier"};
enum {
    COL_SCOPE,
    COL_NAME,
    COL_TITLE,
    COL_LOCATION,
    COL_OUTCOME,
    COL_TIER,
    COL_SOURCE,
    COL_METHOD,
    COL_ESTIMAND,
    COL_ESTIMATE,
    COL_SE,
    COL_LOW,
    COL_HIGH,
    COL_P,
    COL_CONTROL_MEAN,
    COL_N_TREATED,
    COL_N_CONTROL,
    COL_FIRST,
    COL_LAST,
    COL_REFUSAL,
    COL_LABEL,
    COL_MADE_AT,
    COL_DETAIL
};

static const char *const SCOPE_NAMES[] = {
#define X(id, name, what) name,
    INSIGHT_SCOPES(X)
#undef X
};

const char *insight_scope_name(InsightScope s)
{
    return SCOPE_NAMES[s];
}

bool insight_scope_parse(Str name, InsightScope *ret)
{
    for (int i = 0; i < INSIGHT_N_SCOPES; i++)
        if (str_eq_c(name, SCOPE_NAMES[i])) {
            *ret = (InsightScope)i;
            return true;
        }
    return false;
}

/* ---- as JSON: for the API, the command line, and as rows to be written -------------------------------------------------- */

static void day_json(Jw *w, const char *key, int32_t day)
{
    char text[11];
    if (day == INT32_MIN) {
        jw_kv_cstr(w, key, NULL);
        return;
    }
    clock_format_date(day, text);
    jw_kv_cstr(w, key, text);
}

/* What an answer and its tiers both have. */
static void figures_json(Jw *w, const InsightStored *r)
{
    bool finite = isfinite(r->e.estimate) && isfinite(r->e.se) && isfinite(r->e.low) && isfinite(r->e.high);
    bool answer = !r->refusal.ptr && finite;
    jw_kv_i64(w, "tier", r->tier);
    jw_kv_cstr(w, "source", r->experiment ? "experiment" : "history");
    jw_kv_str(w, "method", r->method);
    jw_kv_cstr(w, "estimand", !r->method.ptr ? NULL : r->estimand == INSIGHT_ATT ? "att" : "ate");
    jw_kv_f64(w, "estimate", answer ? r->e.estimate : NAN);
    jw_kv_f64(w, "se", answer ? r->e.se : NAN);
    jw_kv_f64(w, "ci_low", answer ? r->e.low : NAN);
    jw_kv_f64(w, "ci_high", answer ? r->e.high : NAN);
    jw_kv_f64(w, "p", answer ? r->e.p : NAN);
    jw_kv_f64(w, "control_mean", answer ? r->control_mean : NAN);
    jw_kv_i64(w, "n_treated", r->n_treated);
    jw_kv_i64(w, "n_control", r->n_control);
    jw_kv_i64(w, "per_days", INSIGHT_PER_DAYS);
    day_json(w, "first_day", r->first_day);
    day_json(w, "last_day", r->last_day);
    jw_kv_str(w, "refusal",
              r->refusal.ptr ? r->refusal
              : answer       ? STR_NULL
                             : STR("the estimate, its error or its interval is not finite"));
    jw_kv_cstr(w, "label", r->simulated ? "simulated" : "measured");
    jw_key(w, "made_at");
    jw_time_us(w, r->made_at);
}

int insight_stored_rows(const InsightStored *row, int n)
{
    int i = 1;
    while (i < n && row[i].scope == row->scope && row[i].outcome == row->outcome &&
           str_eq(row[i].name, row->name))
        i++;
    return i;
}

void insight_stored_json(Jw *w, const InsightStored *row, int n)
{
    jw_kv_cstr(w, "scope", insight_scope_name(row->scope));
    jw_kv_str(w, "name", row->name);
    jw_kv_str(w, "title", row->title);
    jw_kv_cstr(w, "outcome", INSIGHT_METRIC_NAMES[row->outcome]);
    figures_json(w, row);
    jw_key(w, "tiers");
    jw_arr(w);
    for (int i = 1; i < n; i++) {
        jw_obj(w);
        figures_json(w, &row[i]);
        jw_end(w);
    }
    jw_end(w);
    if (row->detail.ptr)
        jw_kv_raw(w, "detail", row->detail);
}

static void row_json(Jw *w, const InsightStored *r)
{
    jw_obj(w);
    jw_kv_cstr(w, "scope", insight_scope_name(r->scope));
    jw_kv_str(w, "name", r->name);
    jw_kv_cstr(w, "outcome", INSIGHT_METRIC_NAMES[r->outcome]);
    figures_json(w, r);
    jw_kv_raw(w, "detail", r->detail.ptr ? r->detail : STR("{}"));
    jw_end(w);
}

/* ---- writing ----------------------------------------------------------------------------------------------------------- */

static ErrKind write_rows(PgConn *c, Uuid tenant, const InsightStored *rows, int64_t n, Deadline by,
                          Err *reterr)
{
    CLEANUP(buf_done) Buf json = BUF(JSON_MAX);
    Jw w = jw(&json);
    jw_arr(&w);
    for (int64_t i = 0; i < n; i++)
        row_json(&w, &rows[i]);
    jw_end(&w);
    TRY(buf_check(&json, reterr));
    return pg_query(c, &INSERT, PG_PARAMS(pg_uuid(tenant), pg_cstr(buf_cstr(&json))), by, NULL, reterr);
}

static ErrKind replace_in(PgConn *c, Uuid tenant, const InsightStored *rows, int64_t n, Deadline by,
                          Err *reterr)
{
    TRY(pg_begin(c, tenant, by, reterr));
    TRY(pg_query(c, &LOCK, PG_PARAMS(pg_uuid(tenant)), by, NULL, reterr));
    TRY(pg_query(c, &DELETE, PG_PARAMS(pg_uuid(tenant)), by, NULL, reterr));
    for (int64_t i = 0; i < n; i += ROWS_AT_ONCE)
        TRY(write_rows(c, tenant, rows + i, MIN(n - i, ROWS_AT_ONCE), by, reterr));
    return pg_commit(c, by, reterr);
}

ErrKind insight_store_replace(PgShards *s, Uuid tenant, const InsightStored *rows, int64_t n, Deadline by,
                              Err *reterr)
{
    PgConn *c = NULL;
    if (n > INSIGHT_STORE_ROWS_MAX)
        return err_set(reterr, ERR_LIMIT, "%lld effects, at most %d", (long long)n, INSIGHT_STORE_ROWS_MAX);
    for (int64_t i = 0; i < n; i++)
        if (rows[i].detail.len > INSIGHT_DETAIL_MAX)
            return err_set(reterr, ERR_LIMIT,
                           "the detail of the effect of %s " STR_FMT " has %zu bytes, at most %u",
                           insight_scope_name(rows[i].scope), STR_ARG(rows[i].name), rows[i].detail.len,
                           INSIGHT_DETAIL_MAX);
    TRY(pg_pool_acquire(pg_control_pool(s), by, &c, reterr));
    ErrKind kind = replace_in(c, tenant, rows, n, by, reterr);
    pg_pool_release(pg_control_pool(s), c);
    return kind;
}

/* ---- reading ----------------------------------------------------------------------------------------------------------- */

static int32_t day_or_none(const PgResult *r, int row, int col)
{
    int32_t day;
    return clock_parse_date(pg_str(r, row, col), &day) ? day : INT32_MIN;
}

static bool from_row(const PgResult *r, int row, InsightStored *ret)
{
    *ret =
        (InsightStored){.name = pg_str(r, row, COL_NAME),
                        .title = pg_str(r, row, COL_TITLE),
                        .location = pg_get_uuid(r, row, COL_LOCATION),
                        .outcome = str_eq_c(pg_str(r, row, COL_OUTCOME), "commission") ? INSIGHT_COMMISSION
                                                                                       : INSIGHT_CLOSINGS,
                        .tier = (int)pg_get_i64(r, row, COL_TIER),
                        .experiment = str_eq_c(pg_str(r, row, COL_SOURCE), "experiment"),
                        .method = pg_str(r, row, COL_METHOD),
                        .estimand = str_eq_c(pg_str(r, row, COL_ESTIMAND), "att") ? INSIGHT_ATT : INSIGHT_ATE,
                        .e = {.estimate = pg_get_f64(r, row, COL_ESTIMATE),
                              .se = pg_get_f64(r, row, COL_SE),
                              .df = INFINITY,
                              .low = pg_get_f64(r, row, COL_LOW),
                              .high = pg_get_f64(r, row, COL_HIGH),
                              .p = pg_get_f64(r, row, COL_P)},
                        .control_mean = pg_get_f64(r, row, COL_CONTROL_MEAN),
                        .n_treated = pg_get_i64(r, row, COL_N_TREATED),
                        .n_control = pg_get_i64(r, row, COL_N_CONTROL),
                        .first_day = day_or_none(r, row, COL_FIRST),
                        .last_day = day_or_none(r, row, COL_LAST),
                        .refusal = pg_str(r, row, COL_REFUSAL),
                        .detail = pg_str(r, row, COL_DETAIL),
                        .simulated = str_eq_c(pg_str(r, row, COL_LABEL), "simulated"),
                        .made_at = pg_get_i64(r, row, COL_MADE_AT)};
    return insight_scope_parse(pg_str(r, row, COL_SCOPE), &ret->scope);
}

ErrKind insight_store_read(PgShards *s, Uuid tenant, const InsightStoreQuery *q, Deadline by,
                           InsightStoredList *ret, Err *reterr)
{
    *ret = (InsightStoredList){0};
    TRY(pg_control_query(s, tenant, &READ,
                         PG_PARAMS(pg_uuid(tenant), pg_cstr(q->scope), pg_cstr(q->name), pg_cstr(q->outcome),
                                   pg_bool(q->detail)),
                         by, &ret->r, reterr));
    ret->row = mem_array((size_t)MAX(pg_rows(ret->r), 1), sizeof *ret->row);
    for (int i = 0; i < pg_rows(ret->r); i++)
        if (!from_row(ret->r, i, &ret->row[ret->n++]))
            return err_set(reterr, ERR_CORRUPT, "an effect has the scope \"" STR_FMT "\"",
                           STR_ARG(pg_str(ret->r, i, COL_SCOPE)));
    return ERR_NONE;
}

void insight_store_list_done(InsightStoredList *l)
{
    mem_free(l->row);
    pg_result_free(l->r);
    *l = (InsightStoredList){0};
}
