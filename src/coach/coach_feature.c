/* coach_feature.c - features as of a moment: one statement for all agents of a shard or for one agent. */
#include "coach/coach_feature.h"

#include "base/clock.h"
#include "base/mem.h"
#include "coach/coach_feature_sql.h"
#include "pg/pg_value.h"

#include <math.h>
#include <stdio.h>

#define X(name, expr, meaning) COACH_SQL_##name,
enum { COACH_FEATURE_SQL(X) COACH_N_SQL };
#undef X
#define X(name, window, unit, direction, label)                  \
    _Static_assert((int)COACH_F_##name == (int)COACH_SQL_##name, \
                   "feature_table.h and coach_feature_sql.h: " #name);
FEATURE_TABLE(X)
#undef X
_Static_assert((int)COACH_N_FEATURES == (int)COACH_N_SQL, "a feature without SQL");

#define X(name, expr, meaning) static const char MEANING_##name[] = meaning;
COACH_FEATURE_SQL(X)
#undef X

const CoachFeatureInfo COACH_FEATURES[COACH_N_FEATURES] = {
#define X(name, window, unit, direction, label) {#name, window, unit, direction, label, MEANING_##name},
    FEATURE_TABLE(X)
#undef X
};

int coach_feature_index(Str name)
{
    for (int i = 0; i < COACH_N_FEATURES; i++)
        if (str_eq_c(name, COACH_FEATURES[i].name))
            return i;
    return -1;
}

/* ---- statements ---------------------------------------------------------------------------------------------------- */

#define IN_OFFICE \
    " and (g.started_on is null or g.started_on < d.day) and (g.left_on is null or g.left_on >= d.day)"

static const PgStmt STORE = {
    "coach_feature_store",
    COACH_FEATURE_CTE(
        IN_OFFICE, "") " insert into feature_snapshot (location_id, agent_id, as_of, tenant_id, x)"
                       " select w.location_id, w.id, w.day, $1::uuid, " COACH_FEATURE_ARRAY COACH_FEATURE_FROM
                       " on conflict (location_id, agent_id, as_of) do update set x = excluded.x"};

static const PgStmt LIVE = {
    "coach_feature_live",
    COACH_FEATURE_CTE(" and g.id = $4::uuid",
                      " and o.agent_id in (select c.id from agent c where c.tenant_id = $1::uuid and "
                      "c.location_id ="
                      " (select l.location_id from agent l where l.tenant_id = $1::uuid and l.id = "
                      "$4::uuid))") " select w.location_id, " COACH_FEATURE_ARRAY COACH_FEATURE_FROM};

static const PgStmt SOURCES = {
    "coach_feature_sources",
    "select kind, (date_part('epoch', greatest(min(first_at), timestamptz '1970-01-02')) * 1000000)::bigint"
    " from source_seen where tenant_id = $1::uuid group by kind"};

static const PgStmt MEDIANS = {
    "coach_feature_medians",
    "select u.i, percentile_cont(0.5) within group (order by u.v) from feature_snapshot f,"
    " unnest(f.x) with ordinality u (v, i) where f.tenant_id = $1::uuid and f.location_id = $2::uuid"
    " and f.as_of = $3::date and u.v <> 'NaN'::real group by u.i"};

/* ---- since when each source is there ------------------------------------------------------------------------------- */

enum {
#define X(name) SOURCE_##name,
    COACH_SOURCES(X)
#undef X
        N_SOURCES
};

typedef struct Sources {
    int64_t first_us[N_SOURCES]; /* INT64_MAX: never */
} Sources;

static int source_of_kind(Str kind)
{
    static const char *const NAMES[] = {
#define X(name) #name,
        COACH_SOURCES(X)
#undef X
    };
    for (int i = 0; i < N_SOURCES; i++)
        if (str_eq_c(kind, NAMES[i]))
            return i;
    return -1;
}

static bool is_own_activity(Str kind)
{
    static const char *const KINDS[] = {"call",    "text",  "email", "appointment",
                                        "showing", "offer", "task",  "note"};
    for (size_t i = 0; i < ARRAY_LEN(KINDS); i++)
        if (str_eq_c(kind, KINDS[i]))
            return true;
    return false;
}

static ErrKind read_sources(PgShards *s, Uuid tenant, Deadline by, Sources *ret, Err *reterr)
{
    for (int i = 0; i < N_SOURCES; i++)
        ret->first_us[i] = INT64_MAX;
    PgResult *results[PG_SHARDS] = {0};
    TRY(pg_shard_scatter(s, tenant, &SOURCES, PG_PARAMS(pg_uuid(tenant)), by, results, reterr));
    for (int k = 0; k < PG_SHARDS; k++) {
        for (int row = 0; row < pg_rows(results[k]); row++) {
            Str kind = pg_str(results[k], row, 0);
            int64_t first_us = pg_get_i64(results[k], row, 1);
            int source = source_of_kind(kind);
            if (source >= 0)
                ret->first_us[source] = MIN(ret->first_us[source], first_us);
            if (is_own_activity(kind))
                ret->first_us[SOURCE_any] = MIN(ret->first_us[SOURCE_any], first_us);
        }
        pg_result_free(results[k]);
    }
    return ERR_NONE;
}

static void add_time(Buf *out, int64_t at_us)
{
    char text[PG_VALUE_TEXT];
    size_t len = pg_value_time(at_us, text);
    buf_add_char(out, '"');
    buf_add(out, text, len);
    buf_add_char(out, '"');
}

static void write_sources(const Sources *s, Buf *out)
{
    buf_add_char(out, '{');
    for (int i = 0; i < N_SOURCES; i++) {
        if (i)
            buf_add_char(out, ',');
        if (s->first_us[i] == INT64_MAX)
            buf_add_c(out, "NULL");
        else
            add_time(out, s->first_us[i]);
    }
    buf_add_char(out, '}');
}

/* ---- all agents ---------------------------------------------------------------------------------------------------- */

ErrKind coach_features_history(PgShards *s, Uuid tenant, const int32_t *dates, int n_dates, Deadline by,
                               int64_t *ret_rows, Err *reterr)
{
    if (ret_rows)
        *ret_rows = 0;
    if (n_dates > COACH_DATES_MAX)
        return err_set(reterr, ERR_LIMIT, "%d dates of features, at most %d at once", n_dates,
                       COACH_DATES_MAX);
    if (n_dates < 1)
        return ERR_NONE;
    Sources sources;
    TRY(read_sources(s, tenant, by, &sources, reterr));
    CLEANUP(buf_done) Buf times = BUF(64u << 10), first = BUF(4096);
    for (int i = 0; i < n_dates; i++) {
        buf_add_char(&times, i ? ',' : '{');
        add_time(&times, dates[i] * US_PER_DAY);
    }
    buf_add_char(&times, '}');
    write_sources(&sources, &first);
    PgResult *results[PG_SHARDS] = {0};
    TRY(pg_shard_scatter(s, tenant, &STORE,
                         PG_PARAMS(pg_uuid(tenant), pg_cstr(buf_cstr(&times)), pg_cstr(buf_cstr(&first))), by,
                         results, reterr));
    for (int k = 0; k < PG_SHARDS; k++) {
        if (ret_rows)
            *ret_rows += pg_affected(results[k]);
        pg_result_free(results[k]);
    }
    return ERR_NONE;
}

ErrKind coach_features_compute(PgShards *s, Uuid tenant, int32_t as_of, Deadline by, int64_t *ret_rows,
                               Err *reterr)
{
    return coach_features_history(s, tenant, &as_of, 1, by, ret_rows, reterr);
}

/* ---- one agent, medians -------------------------------------------------------------------------------------------- */

ErrKind coach_features_agent(PgShards *s, Uuid tenant, Uuid agent, int64_t at_us, Deadline by,
                             float x[static COACH_N_FEATURES], Uuid *ret_location, Err *reterr)
{
    Sources sources;
    TRY(read_sources(s, tenant, by, &sources, reterr));
    CLEANUP(buf_done) Buf times = BUF(256), first = BUF(4096);
    buf_add_char(&times, '{');
    add_time(&times, at_us);
    buf_add_char(&times, '}');
    write_sources(&sources, &first);
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(pg_shard_query(
        s, tenant, uuid_slot(agent), &LIVE,
        PG_PARAMS(pg_uuid(tenant), pg_cstr(buf_cstr(&times)), pg_cstr(buf_cstr(&first)), pg_uuid(agent)), by,
        &r, reterr));
    if (pg_rows(r) == 0)
        return err_set(reterr, ERR_NOT_FOUND, "no such agent");
    if (ret_location)
        *ret_location = pg_get_uuid(r, 0, 0);
    if (!coach_parse_reals(pg_str(r, 0, 1), x, COACH_N_FEATURES))
        return err_set(reterr, ERR_INTERNAL, "features are not %d numbers", COACH_N_FEATURES);
    return ERR_NONE;
}

ErrKind coach_features_medians(PgShards *s, Uuid tenant, Uuid location, int32_t as_of, Deadline by,
                               float median[static COACH_N_FEATURES], Err *reterr)
{
    for (int i = 0; i < COACH_N_FEATURES; i++)
        median[i] = NAN;
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(pg_shard_query(s, tenant, pg_slot_of_location(location), &MEDIANS,
                       PG_PARAMS(pg_uuid(tenant), pg_uuid(location), pg_date(as_of)), by, &r, reterr));
    for (int row = 0; row < pg_rows(r); row++) {
        int64_t i = pg_get_i64(r, row, 0);
        if (i >= 1 && i <= COACH_N_FEATURES)
            median[i - 1] = (float)pg_get_f64(r, row, 1);
    }
    return ERR_NONE;
}

/* ---- text of real[] ------------------------------------------------------------------------------------------------ */

bool coach_parse_reals(Str text, float *ret, int n)
{
    if (text.len < 2 || text.ptr[0] != '{' || text.ptr[text.len - 1] != '}')
        return false;
    Str rest = str_slice(text, 1, text.len - 1), piece;
    int count = 0;
    while (str_next(&rest, ',', &piece)) {
        double v = NAN;
        if (count == n || (!str_eq_c(piece, "NaN") && !str_to_f64(piece, &v)))
            return false;
        ret[count++] = (float)v;
    }
    return count == n;
}

void coach_write_reals(Buf *out, const float *x, int n)
{
    buf_add_char(out, '{');
    for (int i = 0; i < n; i++) {
        if (i)
            buf_add_char(out, ',');
        if (isfinite(x[i]))
            buf_addf(out, "%.9g", (double)x[i]);
        else
            buf_add_c(out, "NaN");
    }
    buf_add_char(out, '}');
}

/* ---- docs ---------------------------------------------------------------------------------------------------------- */

void coach_features_docs(Buf *out)
{
    buf_add_c(
        out,
        "# Features\n\nGenerated by `ehub docs features`.\n\n"
        "Every feature is computed as of a date D and uses only what was known before D 00:00 UTC: "
        "activities entered and done before D (appointments set may lie ahead), leads received before D with "
        "the answers given before D, opportunities opened before D (one that closed later counts as open). "
        "A window of n days is the n days before D. A value that is not known (the tenant does not have the "
        "source, or nothing to divide by) is missing, not 0.\n\n"
        "| feature | label | window | unit | better | how |\n|---|---|---|---|---|---|\n");
    static const char *const BETTER[] = {"less", "", "more"};
    for (int i = 0; i < COACH_N_FEATURES; i++) {
        const CoachFeatureInfo *f = &COACH_FEATURES[i];
        buf_addf(out, "| `%s` | %s | ", f->name, f->label);
        if (f->window_days)
            buf_addf(out, "%d days", f->window_days);
        buf_addf(out, " | %s | %s | %s |\n", f->unit, BETTER[f->direction + 1], f->meaning);
    }
}
