/* coach_predict_store.c - predictions from and to the shards: one agent live, or a whole tenant as of a date. */
#include "coach/coach_predict.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define STORE_AT_ONCE 256 /* predictions in one statement */
#define ARRAY_TEXT_MAX (COACH_N_FEATURES * 32 + 16)

/* ---- to the database ---- */

static void write_doubles(Buf *out, const double *v, int n)
{
    for (int i = 0; i < n; i++)
        buf_addf(out, "%c%.17g", i ? ',' : '{', v[i]);
    buf_add_char(out, '}');
}

static void row_json(Jw *w, const CoachPrediction *p)
{
    char as_of[11];
    clock_format_date(p->as_of, as_of);
    CLEANUP(buf_done) Buf shap = BUF(ARRAY_TEXT_MAX), x = BUF(ARRAY_TEXT_MAX), median = BUF(ARRAY_TEXT_MAX);
    write_doubles(&shap, p->shap, COACH_N_FEATURES);
    coach_write_reals(&x, p->x, COACH_N_FEATURES);
    coach_write_reals(&median, p->median, COACH_N_FEATURES);
    jw_obj(w);
    jw_kv_uuid(w, "id", p->id);
    jw_kv_uuid(w, "agent_id", p->agent);
    jw_kv_uuid(w, "model_id", p->model_id);
    jw_kv_cstr(w, "kind", coach_kind_name(p->kind));
    jw_kv_cstr(w, "as_of", as_of);
    jw_key(w, "made_at");
    jw_time_us(w, p->made_at_us);
    jw_kv_f64(w, "value", p->value);
    jw_kv_f64(w, "margin", p->margin);
    jw_kv_f64(w, "bias", p->bias);
    jw_kv_str(w, "shap", buf_str(&shap));
    jw_kv_str(w, "x", buf_str(&x));
    jw_kv_str(w, "office_median", buf_str(&median));
    jw_end(w);
}

/* All of one office. An existing row of the same agent, kind and date keeps its id: interventions refer to it. */
static const PgStmt STORE = {
    "coach_predict_store",
    "with given as (select * from jsonb_to_recordset($3::jsonb) as g(id uuid, agent_id uuid, model_id uuid, "
    "kind text, "
    "as_of date, made_at timestamptz, value double precision, margin double precision, bias double "
    "precision, shap text, "
    "x text, office_median text)), "
    "stored as (insert into prediction (location_id, id, tenant_id, agent_id, model_id, kind, as_of, "
    "made_at, value, "
    "margin, bias, shap, x, office_median) "
    "select $2::uuid, id, $1::uuid, agent_id, model_id, kind, as_of, made_at, value, margin, bias, "
    "shap::double precision[], x::real[], office_median::real[] from given "
    "on conflict (location_id, agent_id, kind, as_of) do update set model_id = excluded.model_id, "
    "made_at = excluded.made_at, value = excluded.value, margin = excluded.margin, bias = excluded.bias, "
    "shap = excluded.shap, x = excluded.x, office_median = excluded.office_median "
    "returning id, agent_id, kind, value, as_of) "
    "select s.kind, s.id, case when $4::boolean then live_publish($2::uuid, s.agent_id, 'prediction', "
    "jsonb_build_object('agent_id', s.agent_id, 'location_id', $2::uuid, 'kind', s.kind, 'value', s.value, "
    "'as_of', s.as_of, 'agent_name', a.name)) end "
    "from stored s join agent a on a.location_id = $2::uuid and a.id = s.agent_id"};

/* list[n] of one office; those not present are skipped. With n = COACH_N_KINDS of one agent the ids are taken over. */
static ErrKind store(PgShards *s, Uuid tenant, Uuid location, CoachPrediction *list, int n, bool publish,
                     Deadline by, PgResult **ret, Err *reterr)
{
    CLEANUP(buf_done) Buf json = BUF((size_t)n * 8192 + 64);
    Jw w = jw(&json);
    jw_arr(&w);
    for (int i = 0; i < n; i++)
        if (list[i].present)
            row_json(&w, &list[i]);
    jw_end(&w);
    TRY(buf_check(&json, reterr));
    return pg_shard_query(
        s, tenant, pg_slot_of_location(location), &STORE,
        PG_PARAMS(pg_uuid(tenant), pg_uuid(location), pg_cstr(buf_cstr(&json)), pg_bool(publish)), by, ret,
        reterr);
}

/* ---- one agent ---- */

/* The office's medians of its latest snapshots up to a date; all NaN when there are none. */
static ErrKind latest_medians(PgShards *s, Uuid tenant, Uuid location, int32_t as_of, Deadline by,
                              float median[static COACH_N_FEATURES], Err *reterr)
{
    static const PgStmt stmt = {"coach_predict_latest",
                                "select max(as_of) - date '1970-01-01' from feature_snapshot where "
                                "tenant_id = $1::uuid and location_id = $2::uuid and "
                                "as_of <= $3::date"};
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(pg_shard_query(s, tenant, pg_slot_of_location(location), &stmt,
                       PG_PARAMS(pg_uuid(tenant), pg_uuid(location), pg_date(as_of)), by, &r, reterr));
    if (pg_rows(r) == 0 || pg_is_null(r, 0, 0)) {
        for (int f = 0; f < COACH_N_FEATURES; f++)
            median[f] = NAN;
        return ERR_NONE;
    }
    return coach_features_medians(s, tenant, location, (int32_t)pg_get_i64(r, 0, 0), by, median, reterr);
}

ErrKind coach_predict_now(PgShards *s, const CoachModels *models, Uuid tenant, Uuid agent, Deadline by,
                          CoachPrediction ret[static COACH_N_KINDS], Err *reterr)
{
    int32_t horizon;
    int64_t live_us;
    float x[COACH_N_FEATURES], median[COACH_N_FEATURES];
    Uuid location;
    TRY(coach_horizon(s, tenant, by, &horizon, &live_us, NULL, reterr));
    TRY(coach_features_agent(s, tenant, agent, live_us, by, x, &location, reterr));
    int32_t as_of = (int32_t)(live_us / US_PER_DAY);
    TRY(latest_medians(s, tenant, location, as_of, by, median, reterr));
    for (CoachKind k = 0; k < COACH_N_KINDS; k++) {
        ret[k] = (CoachPrediction){.agent = agent, .location = location, .as_of = as_of};
        memcpy(ret[k].median, median, sizeof median);
        coach_score(models, k, x, &ret[k]);
    }
    return ERR_NONE;
}

ErrKind coach_predict_agent(PgShards *s, const CoachModels *models, Uuid tenant, Uuid agent, Deadline by,
                            CoachPrediction ret[static COACH_N_KINDS], Err *reterr)
{
    TRY(coach_predict_now(s, models, tenant, agent, by, ret, reterr));
    if (!ret[COACH_GOAL].present && !ret[COACH_CLOSINGS].present)
        return ERR_NONE;
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(store(s, tenant, ret[0].location, ret, COACH_N_KINDS, true, by, &r, reterr));
    for (int i = 0; i < pg_rows(r); i++) {
        CoachKind kind;
        if (coach_kind_parse(pg_str(r, i, 0), &kind))
            ret[kind].id = pg_get_uuid(r, i, 1);
    }
    return ERR_NONE;
}

/* ---- a whole tenant ---- */

typedef struct Batch {
    PgShards *s;
    Uuid tenant;
    Deadline by;
    bool publish;
    CoachPrediction *list; /* STORE_AT_ONCE */
    int n;
    CoachPredictSummary *summary;
} Batch;

static ErrKind flush(Batch *b, Err *reterr)
{
    if (b->n == 0)
        return ERR_NONE;
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(store(b->s, b->tenant, b->list[0].location, b->list, b->n, b->publish, b->by, &r, reterr));
    for (int i = 0; i < pg_rows(r); i++) {
        CoachKind kind;
        if (coach_kind_parse(pg_str(r, i, 0), &kind))
            b->summary->stored[kind]++;
    }
    b->n = 0;
    return ERR_NONE;
}

static ErrKind add_agent(Batch *b, const CoachModels *models, const CoachPrediction *common, Err *reterr)
{
    for (CoachKind k = 0; k < COACH_N_KINDS; k++) {
        if (!models->of[k].gbt)
            continue;
        CoachPrediction *p = &b->list[b->n++];
        *p = *common;
        coach_score(models, k, common->x, p);
        if (b->n == STORE_AT_ONCE)
            TRY(flush(b, reterr));
    }
    return ERR_NONE;
}

/* The snapshots of one shard, in the order of offices. */
static ErrKind predict_shard(Batch *b, const CoachModels *models, const PgResult *r, Err *reterr)
{
    CoachPrediction common = {.as_of = b->summary->as_of};
    for (int i = 0; i < pg_rows(r); i++) {
        Uuid location = pg_get_uuid(r, i, 0);
        if (!uuid_eq(location, common.location)) {
            TRY(flush(b, reterr));
            common.location = location;
            TRY(coach_features_medians(b->s, b->tenant, location, common.as_of, b->by, common.median,
                                       reterr));
        }
        common.agent = pg_get_uuid(r, i, 1);
        if (!coach_parse_reals(pg_str(r, i, 2), common.x, COACH_N_FEATURES))
            return err_set(reterr, ERR_CORRUPT, "a feature snapshot does not hold %d numbers",
                           COACH_N_FEATURES);
        b->summary->agents++;
        TRY(add_agent(b, models, &common, reterr));
    }
    return flush(b, reterr);
}

ErrKind coach_predict_all(PgShards *s, Uuid tenant, int32_t as_of, Deadline by, CoachPredictSummary *ret,
                          Err *reterr)
{
    static const PgStmt stmt = {
        "coach_predict_snapshots",
        "select location_id, agent_id, x::text from feature_snapshot where tenant_id = $1::uuid "
        "and as_of = $2::date order by location_id, agent_id"};
    int32_t horizon;
    TRY(coach_horizon(s, tenant, by, &horizon, NULL, NULL, reterr));
    *ret = (CoachPredictSummary){.as_of = as_of == INT32_MIN ? horizon : as_of};
    CLEANUP(coach_models_unrefp) const CoachModels *models = NULL;
    TRY(coach_models_get(s, tenant, by, &models, reterr));
    TRY(coach_features_compute(s, tenant, ret->as_of, by, NULL, reterr));
    PgResult *r[PG_SHARDS];
    TRY(pg_shard_scatter(s, tenant, &stmt, PG_PARAMS(pg_uuid(tenant), pg_date(ret->as_of)), by, r, reterr));
    CLEANUP(mem_freep) CoachPrediction *list = mem_array(STORE_AT_ONCE, sizeof *list);
    Batch b = {
        .s = s, .tenant = tenant, .by = by, .publish = ret->as_of >= horizon, .list = list, .summary = ret};
    ErrKind kind = ERR_NONE;
    for (int i = 0; i < PG_SHARDS; i++) {
        if (!kind)
            kind = predict_shard(&b, models, r[i], reterr);
        pg_result_free(r[i]);
    }
    return kind;
}

/* ---- from the database ---- */

/* "{1.5,-2}" into exactly n doubles. */
static bool parse_doubles(Str text, double *out, int n)
{
    if (text.len < 2 || text.ptr[0] != '{' || text.ptr[text.len - 1] != '}')
        return false;
    Str rest = str_slice(text, 1, text.len - 1), piece;
    int got = 0;
    while (str_next(&rest, ',', &piece))
        if (got >= n || !str_to_f64(piece, &out[got++]))
            return false;
    return got == n;
}

bool coach_prediction_from_row(const PgResult *r, int row, int col, CoachPrediction *ret)
{
    *ret = (CoachPrediction){.present = true,
                             .id = pg_get_uuid(r, row, col),
                             .location = pg_get_uuid(r, row, col + 1),
                             .agent = pg_get_uuid(r, row, col + 2),
                             .model_id = pg_get_uuid(r, row, col + 3),
                             .made_at_us = pg_get_i64(r, row, col + 6),
                             .value = pg_get_f64(r, row, col + 7),
                             .margin = pg_get_f64(r, row, col + 8),
                             .bias = pg_get_f64(r, row, col + 9)};
    return coach_kind_parse(pg_str(r, row, col + 4), &ret->kind) &&
           clock_parse_date(pg_str(r, row, col + 5), &ret->as_of) &&
           parse_doubles(pg_str(r, row, col + 10), ret->shap, COACH_N_FEATURES) &&
           coach_parse_reals(pg_str(r, row, col + 11), ret->x, COACH_N_FEATURES) &&
           coach_parse_reals(pg_str(r, row, col + 12), ret->median, COACH_N_FEATURES);
}
