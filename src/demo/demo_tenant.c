/* demo_tenant.c - the simulated tenant in the control database. */
#include "demo/demo_tenant.h"

#include "base/clock.h"
#include "base/pwhash.h"
#include "demo/demo_model.h"
#include "demo/demo_names.h"

#include <stdio.h>

static const struct {
    const char *role, *name;
} USERS[DEMO_USERS] = {{"admin", "Demo Admin"},
                       {"manager", "Demo Manager"},
                       {"coach", "Demo Coach"},
                       {"agent", "Demo Agent"},
                       {"auditor", "Demo Auditor"}};

const char *demo_user_role(int user)
{
    return USERS[user].role;
}

void demo_user_email(const char *slug, int user, char *out, size_t size)
{
    snprintf(out, size, "%s@%s.example", USERS[user].role, slug);
}

static Uuid id_of(const char *what, const char *slug)
{
    char name[160];
    snprintf(name, sizeof(name), "ehub demo %s %s", what, slug);
    return uuid_from_name(UUID_NIL, str_from(name));
}

Uuid demo_tenant_id(const char *slug)
{
    return id_of("tenant", slug);
}

uint8_t demo_office_slot(int office)
{
    return (uint8_t)(office * 67 + 11); /* 67 is odd, and 3 modulo 4: all 256 slots, the shards in turn */
}

Uuid demo_office_id(Uuid tenant, int office)
{
    char name[32];
    snprintf(name, sizeof(name), "office %d", office);
    return uuid_from_name_in_slot(tenant, str_from(name), demo_office_slot(office));
}

/* ---- clearing ------------------------------------------------------------------------------------------------------ */

static const PgStmt FIND_TENANT = {"demo_find_tenant",
                                   "select id, simulated from tenant_list() where slug = $1"};

/* Children first. The audit trail stays: the application cannot delete it. */
static const PgStmt CLEAR_SHARD[] = {
    {"demo_clear_live", "delete from live_event where tenant_id = $1::uuid"},
    {"demo_clear_message", "delete from message where tenant_id = $1::uuid"},
    {"demo_clear_experiment_arm", "delete from experiment_arm where tenant_id = $1::uuid"},
    {"demo_clear_outcome", "delete from coach_outcome where tenant_id = $1::uuid"},
    {"demo_clear_intervention", "delete from intervention where tenant_id = $1::uuid"},
    {"demo_clear_prediction", "delete from prediction where tenant_id = $1::uuid"},
    {"demo_clear_snapshot", "delete from feature_snapshot where tenant_id = $1::uuid"},
    {"demo_clear_session", "delete from coaching_session where tenant_id = $1::uuid"},
    {"demo_clear_activity", "delete from activity where tenant_id = $1::uuid"},
    {"demo_clear_opportunity", "delete from opportunity where tenant_id = $1::uuid"},
    {"demo_clear_lead", "delete from lead where tenant_id = $1::uuid"},
    {"demo_clear_goal", "delete from goal where tenant_id = $1::uuid"},
    {"demo_clear_agent", "delete from agent where tenant_id = $1::uuid"},
    {"demo_clear_source", "delete from source_seen where tenant_id = $1::uuid"},
};
static const PgStmt CLEAR_CONTROL[] = {
    {"demo_clear_idempotency", "delete from idempotency where tenant_id = $1::uuid"},
    {"demo_clear_token", "delete from api_token where tenant_id = $1::uuid"},
    {"demo_clear_user_session", "delete from session where tenant_id = $1::uuid"},
    {"demo_clear_user", "delete from app_user where tenant_id = $1::uuid"},
    {"demo_clear_model", "delete from model where tenant_id = $1::uuid"},
    {"demo_clear_belief", "delete from coach_belief where tenant_id = $1::uuid"},
    {"demo_clear_effect", "delete from effect_estimate where tenant_id = $1::uuid"},
    {"demo_clear_effect_update", "delete from effect_update where tenant_id = $1::uuid"},
    {"demo_clear_experiment", "delete from experiment where tenant_id = $1::uuid"},
    {"demo_clear_playbook", "delete from playbook where tenant_id = $1::uuid"},
    {"demo_clear_module", "delete from training_module where tenant_id = $1::uuid"},
    {"demo_clear_import", "delete from import_job where tenant_id = $1::uuid"},
    {"demo_clear_location", "delete from location where tenant_id = $1::uuid"},
};

static ErrKind clear_all(PgShards *s, Uuid tenant, Deadline by, Err *reterr)
{
    PgParam id = pg_uuid(tenant);
    for (size_t i = 0; i < ARRAY_LEN(CLEAR_SHARD); i++) {
        PgResult *results[PG_SHARDS] = {0};
        TRY(pg_shard_scatter(s, tenant, &CLEAR_SHARD[i], &id, 1, by, results, reterr));
        pg_results_free(results);
    }
    for (size_t i = 0; i < ARRAY_LEN(CLEAR_CONTROL); i++)
        TRY(pg_control_query(s, tenant, &CLEAR_CONTROL[i], &id, 1, by, NULL, reterr));
    return ERR_NONE;
}

ErrKind demo_tenant_clear(PgShards *s, const DemoConf *conf, Deadline by, Uuid *ret_tenant, Err *reterr)
{
    *ret_tenant = demo_tenant_id(conf->slug);
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(pg_control_query(s, UUID_NIL, &FIND_TENANT, PG_PARAMS(pg_cstr(conf->slug)), by, &r, reterr));
    if (pg_rows(r) == 0)
        return ERR_NONE;
    if (!pg_get_bool(r, 0, 1))
        return err_set(reterr, ERR_DENIED,
                       "tenant \"%s\" holds real data and is never replaced by a simulation", conf->slug);
    if (!conf->replace)
        return err_set(reterr, ERR_CONFLICT,
                       "tenant \"%s\" exists: --replace deletes its rows and makes them anew", conf->slug);
    *ret_tenant = pg_get_uuid(r, 0, 0);
    return clear_all(s, *ret_tenant, by, reterr);
}

/* ---- making -------------------------------------------------------------------------------------------------------- */

static const PgStmt ADD_TENANT = {
    "demo_add_tenant",
    "insert into tenant (id, slug, name, simulated, created_at) values ($1::uuid, $2, $3, true, "
    "$4::timestamptz) "
    "on conflict (id) do update set name = excluded.name, created_at = excluded.created_at"};
static const PgStmt ADD_LOCATION = {"demo_add_location",
                                    "insert into location (tenant_id, id, external_id, name, created_at) "
                                    "values ($1::uuid, $2::uuid, $3, $3, $4::timestamptz)"};
static const PgStmt ADD_USER = {
    "demo_add_user", "insert into app_user (tenant_id, id, email, name, role, location_id, agent_id, "
                     "password_hash, created_at) "
                     "values ($1::uuid, $2::uuid, $3, $4, $5, $6::uuid, $7::uuid, $8, $9::timestamptz)"};
static const PgStmt ADD_MODULE = {"demo_add_module",
                                  "insert into training_module (tenant_id, key, title, minutes, topics) "
                                  "values ($1::uuid, $2, $3, $4::int, jsonb_build_array($5::text))"};

static ErrKind add_users(PgShards *s, const DemoConf *conf, Uuid tenant, int64_t at, Uuid agent, Deadline by,
                         Err *reterr)
{
    for (int i = 0; i < DEMO_USERS; i++) {
        char email[160], hash[PWHASH_TEXT];
        demo_user_email(conf->slug, i, email, sizeof(email));
        TRY(pwhash_make(conf->password, hash, reterr));
        bool one_office =
            str_eq_c(str_from(USERS[i].role), "manager") || str_eq_c(str_from(USERS[i].role), "agent");
        bool is_agent = str_eq_c(str_from(USERS[i].role), "agent");
        TRY(pg_control_query(s, tenant, &ADD_USER,
                             PG_PARAMS(pg_uuid(tenant), pg_uuid(id_of(USERS[i].role, conf->slug)),
                                       pg_cstr(email), pg_cstr(USERS[i].name), pg_cstr(USERS[i].role),
                                       one_office ? pg_uuid(demo_office_id(tenant, 0)) : pg_null(),
                                       is_agent ? pg_uuid(agent) : pg_null(), pg_cstr(hash), pg_time(at)),
                             by, NULL, reterr));
    }
    return ERR_NONE;
}

ErrKind demo_tenant_make(PgShards *s, const DemoConf *conf, Uuid tenant, int offices, int32_t first,
                         Uuid agent, Deadline by, Err *reterr)
{
    int64_t at = first * US_PER_DAY;
    TRY(pg_control_query(s, tenant, &ADD_TENANT,
                         PG_PARAMS(pg_uuid(tenant), pg_cstr(conf->slug), pg_cstr(conf->name), pg_time(at)),
                         by, NULL, reterr));
    for (int i = 0; i < offices; i++) {
        char name[64];
        demo_office_name(i, name, sizeof(name));
        TRY(pg_control_query(
            s, tenant, &ADD_LOCATION,
            PG_PARAMS(pg_uuid(tenant), pg_uuid(demo_office_id(tenant, i)), pg_cstr(name), pg_time(at)), by,
            NULL, reterr));
    }
    for (int i = 0; i < DEMO_N_MODULES; i++)
        TRY(pg_control_query(s, tenant, &ADD_MODULE,
                             PG_PARAMS(pg_uuid(tenant), pg_cstr(DEMO_MODULES[i].key),
                                       pg_cstr(DEMO_MODULES[i].title), pg_i64(DEMO_MODULES[i].minutes),
                                       pg_cstr(DEMO_MODULES[i].topic)),
                             by, NULL, reterr));
    return add_users(s, conf, tenant, at, agent, by, reterr);
}
