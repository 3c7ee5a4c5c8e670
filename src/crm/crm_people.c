#include "crm/crm_people.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/strmap.h"
#include "pg/pg_bulk.h"

#define ARENA_MAX (512u << 20)
#define AMBIGUOUS UINT32_MAX

struct CrmPeople {
    Uuid tenant;
    Arena *arena;
    CrmOffice *offices;
    int n_offices, cap_offices;
    StrMap *office_by_key;
    CrmAgent *agents;
    int n_agents, cap_agents;
    StrMap *agent_by_key;  /* lower case */
    StrMap *agent_by_name; /* lower case; AMBIGUOUS */
};

CrmPeople *crm_people_new(Uuid tenant)
{
    CrmPeople *p = MEM_NEW(CrmPeople);
    p->tenant = tenant;
    p->arena = arena_new(ARENA_MAX);
    p->office_by_key = strmap_new();
    p->agent_by_key = strmap_new();
    p->agent_by_name = strmap_new();
    return p;
}

void crm_people_free(CrmPeople *p)
{
    if (!p)
        return;
    strmap_free(p->office_by_key);
    strmap_free(p->agent_by_key);
    strmap_free(p->agent_by_name);
    mem_free(p->offices);
    mem_free(p->agents);
    arena_free(p->arena);
    mem_free(p);
}

/* ---- keys ------------------------------------------------------------------------------------------------------- */

static bool fold(Str s, char out[static CRM_PERSON_TEXT_MAX], Str *ret)
{
    s = str_trim(s);
    if (s.len == 0 || s.len > CRM_PERSON_TEXT_MAX)
        return false;
    for (size_t i = 0; i < s.len; i++)
        out[i] = (char)(s.ptr[i] >= 'A' && s.ptr[i] <= 'Z' ? s.ptr[i] | 32 : s.ptr[i]);
    *ret = (Str){out, s.len};
    return true;
}

static Str keep(CrmPeople *p, Str s)
{
    char *copy = s.ptr ? arena_strndup(p->arena, s.ptr, s.len) : NULL;
    return copy ? (Str){copy, s.len} : STR_NULL;
}

static int find_by_key(const CrmPeople *p, Str key)
{
    char room[CRM_PERSON_TEXT_MAX];
    Str folded;
    uint32_t at;
    return fold(key, room, &folded) && strmap_get(p->agent_by_key, folded, &at) ? (int)at : -1;
}

int crm_people_find(const CrmPeople *p, Str key_or_name)
{
    char room[CRM_PERSON_TEXT_MAX];
    Str folded;
    uint32_t at;
    if (!fold(key_or_name, room, &folded))
        return -1;
    if (strmap_get(p->agent_by_key, folded, &at))
        return (int)at;
    if (!strmap_get(p->agent_by_name, folded, &at))
        return -1;
    return at == AMBIGUOUS ? -2 : (int)at;
}

/* ---- adding ----------------------------------------------------------------------------------------------------- */

static Uuid derived(const CrmPeople *p, const char *kind, Str key)
{
    CLEANUP(buf_done) Buf name = BUF(4096);
    buf_addf(&name, "%s:", kind);
    buf_add_str(&name, key);
    return uuid_from_name(p->tenant, buf_str(&name));
}

/* The office with this key, made when absent. -1: over a limit. */
static int office_of(CrmPeople *p, Str key)
{
    char room[CRM_PERSON_TEXT_MAX];
    Str folded;
    uint32_t at;
    if (!fold(key, room, &folded))
        return -1;
    if (strmap_get(p->office_by_key, folded, &at))
        return (int)at;
    if (p->n_offices == CRM_OFFICES_MAX)
        return -1;
    if (p->n_offices == p->cap_offices) {
        p->cap_offices = MAX(16, p->cap_offices * 2);
        p->offices = mem_grow(p->offices, (size_t)p->cap_offices, sizeof *p->offices);
    }
    p->offices[p->n_offices] =
        (CrmOffice){.id = derived(p, "location", str_trim(key)), .external_id = keep(p, str_trim(key))};
    strmap_add(p->office_by_key, folded, (uint32_t)p->n_offices);
    return p->n_offices++;
}

static void index_name(CrmPeople *p, Str name, int agent)
{
    char room[CRM_PERSON_TEXT_MAX];
    Str folded;
    uint32_t at;
    if (!fold(name, room, &folded))
        return;
    if (strmap_get(p->agent_by_name, folded, &at) && at != (uint32_t)agent)
        strmap_set(p->agent_by_name, folded, AMBIGUOUS);
    else
        strmap_set(p->agent_by_name, folded, (uint32_t)agent);
}

static int add_agent(CrmPeople *p, Str key, Str name, int office)
{
    char room[CRM_PERSON_TEXT_MAX];
    Str folded;
    if (office < 0 || p->n_agents == CRM_AGENTS_MAX || !fold(key, room, &folded))
        return -1;
    if (p->n_agents == p->cap_agents) {
        p->cap_agents = MAX(64, p->cap_agents * 2);
        p->agents = mem_grow(p->agents, (size_t)p->cap_agents, sizeof *p->agents);
    }
    CrmAgent *a = &p->agents[p->n_agents];
    *a = (CrmAgent){.office = office, .external_id = keep(p, str_trim(key)), .name = keep(p, str_trim(name))};
    a->id = derived(p, "agent", a->external_id);
    a->id.b[15] = uuid_slot(p->offices[office].id);
    strmap_add(p->agent_by_key, folded, (uint32_t)p->n_agents);
    index_name(p, name, p->n_agents);
    return p->n_agents++;
}

int crm_people_add(CrmPeople *p, Str key, Str office)
{
    int at = add_agent(p, key, key, office_of(p, office));
    if (at >= 0)
        p->agents[at].told = true;
    return at;
}

void crm_people_in_office(CrmPeople *p, int agent, Str office)
{
    char room[CRM_PERSON_TEXT_MAX];
    Str folded;
    uint32_t at;
    bool same = fold(office, room, &folded) && strmap_get(p->office_by_key, folded, &at) &&
                (int)at == p->agents[agent].office;
    if (!same)
        p->agents[agent].moved = true;
}

/* ---- database --------------------------------------------------------------------------------------------------- */

static const PgStmt OFFICES = {"crm_people_offices",
                               "select id, external_id from location where tenant_id = $1::uuid"};
static const PgStmt AGENTS = {
    "crm_people_agents", "select location_id, id, external_id, name from agent where tenant_id = $1::uuid"};
static const PgStmt OFFICE_PUT = {
    "crm_people_office_put",
    "insert into location (tenant_id, id, external_id, name) values ($1::uuid, $2::uuid, $3, $3) "
    "on conflict do nothing"};

static ErrKind load_agents(CrmPeople *p, const PgResult *r, Err *reterr)
{
    for (int i = 0; i < pg_rows(r); i++) {
        Uuid location = pg_get_uuid(r, i, 0);
        int office = 0;
        while (office < p->n_offices && !uuid_eq(p->offices[office].id, location))
            office++;
        if (office == p->n_offices) /* of an office that the control database does not know */
            continue;
        int at = add_agent(p, pg_str(r, i, 2), pg_str(r, i, 3), office);
        if (at < 0)
            return err_set(reterr, ERR_LIMIT, "more than %d agents", CRM_AGENTS_MAX);
        p->agents[at].id = pg_get_uuid(r, i, 1);
        p->agents[at].stored = true;
    }
    return ERR_NONE;
}

ErrKind crm_people_load(CrmPeople *p, PgShards *shards, Deadline by, Err *reterr)
{
    CLEANUP(pg_result_freep) PgResult *offices = NULL;
    PgResult *agents[PG_SHARDS] = {0};
    TRY(pg_control_query(shards, p->tenant, &OFFICES, PG_PARAMS(pg_uuid(p->tenant)), by, &offices, reterr));
    for (int i = 0; i < pg_rows(offices); i++) {
        int at = office_of(p, pg_str(offices, i, 1));
        if (at < 0)
            return err_set(reterr, ERR_LIMIT, "more than %d offices", CRM_OFFICES_MAX);
        p->offices[at].id = pg_get_uuid(offices, i, 0);
        p->offices[at].stored = true;
    }
    TRY(pg_shard_scatter(shards, p->tenant, &AGENTS, PG_PARAMS(pg_uuid(p->tenant)), by, agents, reterr));
    ErrKind kind = ERR_NONE;
    for (int i = 0; i < PG_SHARDS; i++) {
        if (kind == ERR_NONE)
            kind = load_agents(p, agents[i], reterr);
        pg_result_free(agents[i]);
    }
    return kind;
}

static const PgBulkTable AGENT_TABLE = {
    .temp = "bulk_crm_agent",
    .columns = "location_id uuid, id uuid, tenant_id uuid, external_id text, name text, email text, "
               "started_on date, coach_name "
               "text",
    .insert_sql =
        "with put as ("
        " insert into agent as a (location_id, id, tenant_id, external_id, name, email, started_on, "
        "coach_name)"
        " select location_id, id, tenant_id, external_id, name, email, started_on, coach_name from "
        "pg_temp.bulk_crm_agent"
        " on conflict (location_id, id) do update set name = excluded.name, email = coalesce(excluded.email, "
        "a.email),"
        " started_on = coalesce(excluded.started_on, a.started_on), coach_name = "
        "coalesce(excluded.coach_name, a.coach_name)"
        " where (a.name, a.email, a.started_on, a.coach_name) is distinct from (excluded.name, "
        "coalesce(excluded.email, a.email),"
        " coalesce(excluded.started_on, a.started_on), coalesce(excluded.coach_name, a.coach_name))"
        " returning (xmax = 0) as is_new)"
        "select (count(*) filter (where is_new) << 32) + count(*) filter (where not is_new) from put",
};

static ErrKind put_agents(const CrmPeople *p, PgBulk *bulk, Deadline by, Err *reterr)
{
    for (int i = 0; i < p->n_agents; i++) {
        const CrmAgent *a = &p->agents[i];
        if (!a->told)
            continue;
        uint8_t slot = uuid_slot(a->id);
        Buf *row = pg_bulk_row(bulk, 0, slot);
        pg_bulk_uuid(row, p->offices[a->office].id);
        pg_bulk_uuid(row, a->id);
        pg_bulk_uuid(row, p->tenant);
        pg_bulk_str(row, a->external_id);
        pg_bulk_str(row, a->name);
        pg_bulk_str(row, a->email);
        if (a->has_started)
            pg_bulk_date(row, a->started_on);
        else
            pg_bulk_null(row);
        pg_bulk_str(row, a->coach);
        TRY(pg_bulk_row_end(bulk, 0, slot, by, reterr));
    }
    return ERR_NONE;
}

ErrKind crm_people_save(CrmPeople *p, PgShards *shards, Deadline by, CrmPeopleSaved *ret, Err *reterr)
{
    *ret = (CrmPeopleSaved){0};
    TRY(arena_check(p->arena, reterr));
    for (int i = 0; i < p->n_offices; i++) {
        CrmOffice *o = &p->offices[i];
        if (o->stored)
            continue;
        TRY(pg_control_query(shards, p->tenant, &OFFICE_PUT,
                             PG_PARAMS(pg_uuid(p->tenant), pg_uuid(o->id), pg_cstr(o->external_id.ptr)), by,
                             NULL, reterr));
        o->stored = true;
        ret->offices_new++;
    }
    CLEANUP(pg_bulk_freep) PgBulk *bulk = pg_bulk_new(shards, p->tenant, &AGENT_TABLE, 1);
    int64_t counts = 0;
    TRY(put_agents(p, bulk, by, reterr));
    TRY(pg_bulk_commit(bulk, by, &counts, reterr));
    ret->agents_new = counts >> 32;
    ret->agents_changed = counts & UINT32_MAX;
    for (int i = 0; i < p->n_agents; i++)
        p->agents[i].stored = true;
    return ERR_NONE;
}

/* ---- teams file ------------------------------------------------------------------------------------------------- */

typedef struct TeamRow {
    Str value[CRM_TEAM_FIELD_COUNT];
} TeamRow;

/* What is wrong with the row, NULL: nothing. */
static const char *take_team_row(CrmPeople *p, const CrmMapping *m, const TeamRow *row)
{
    Str key = row->value[CRM_TEAM_AGENT], name = row->value[CRM_TEAM_NAME];
    if (key.len == 0)
        return "no agent";
    for (int f = 0; f < CRM_TEAM_FIELD_COUNT; f++)
        if (row->value[f].len > CRM_PERSON_TEXT_MAX)
            return "a value longer than 200 bytes";
    CrmTime started = {0};
    const char *why = NULL;
    if (row->value[CRM_TEAM_STARTED].len &&
        !crm_mapping_time(m, row->value[CRM_TEAM_STARTED], &started, &why))
        return why;
    /* Without a column of names the key is the name, which an agent from elsewhere may have under another key. */
    bool key_is_name = m->team_columns[CRM_TEAM_NAME].n_names == 0;
    int at = key_is_name ? crm_people_find(p, key) : find_by_key(p, key);
    if (at == -2)
        return "several agents have this name";
    if (at >= 0 && p->agents[at].told)
        return "the agent stands in the file already";
    if (row->value[CRM_TEAM_OFFICE].len == 0 && at < 0)
        return "no office";
    if (at < 0)
        at = add_agent(p, key, name.len ? name : key, office_of(p, row->value[CRM_TEAM_OFFICE]));
    else if (row->value[CRM_TEAM_OFFICE].len)
        crm_people_in_office(p, at, row->value[CRM_TEAM_OFFICE]);
    if (at < 0)
        return "over the limit of agents or offices";
    CrmAgent *a = &p->agents[at];
    a->told = true;
    if (name.len) {
        a->name = keep(p, name);
        index_name(p, name, at);
    }
    a->email = keep(p, row->value[CRM_TEAM_EMAIL].len ? row->value[CRM_TEAM_EMAIL] : STR_NULL);
    a->coach = keep(p, row->value[CRM_TEAM_COACH].len ? row->value[CRM_TEAM_COACH] : STR_NULL);
    a->has_started = row->value[CRM_TEAM_STARTED].len > 0;
    a->started_on = (int32_t)((started.us - (started.us < 0 ? US_PER_DAY - 1 : 0)) / US_PER_DAY);
    return NULL;
}

static const char *read_team_record(CrmPeople *p, const CrmMapping *m, const CrmTeamBinding *b,
                                    const CrmCsvRecord *r)
{
    TeamRow row = {0};
    if (r->fault != CRM_CSV_NONE)
        return crm_csv_fault_text(r->fault);
    if (r->n_fields != b->n_columns)
        return "wrong number of fields";
    for (int f = 0; f < CRM_TEAM_FIELD_COUNT; f++)
        if (b->column[f] >= 0)
            row.value[f] = str_trim(r->fields[b->column[f]]);
    return take_team_row(p, m, &row);
}

ErrKind crm_people_read_teams(CrmPeople *p, const char *path, const CrmMapping *m, CrmTeamReport *report,
                              Err *reterr)
{
    CLEANUP(crm_csv_freep) CrmCsv *csv = NULL;
    const CrmCsvRecord *r = NULL;
    CrmTeamBinding binding;
    TRY(crm_csv_open(path, m->encoding, 0, &csv, reterr));
    TRY(crm_csv_next(csv, &r, reterr));
    if (!r)
        return err_set(reterr, ERR_INVALID, "%s is empty: it needs a header", path);
    ErrKind kind = crm_mapping_bind_teams(m, r, &binding, reterr);
    if (kind != ERR_NONE)
        return err_wrap(reterr, kind, "%s", path);
    for (;;) {
        TRY(crm_csv_next(csv, &r, reterr));
        if (!r)
            return arena_check(p->arena, reterr);
        report->rows++;
        const char *why = read_team_record(p, m, &binding, r);
        if (!why)
            continue;
        report->rejected++;
        buf_addf(report->notes, "%s, line %lld: %s\n", path, (long long)r->line, why);
    }
}

/* ---- reading ---------------------------------------------------------------------------------------------------- */

const CrmAgent *crm_people_agent(const CrmPeople *p, int agent)
{
    BUG_ON(agent < 0 || agent >= p->n_agents);
    return &p->agents[agent];
}

const CrmOffice *crm_people_office(const CrmPeople *p, int office)
{
    BUG_ON(office < 0 || office >= p->n_offices);
    return &p->offices[office];
}

int crm_people_agents(const CrmPeople *p)
{
    return p->n_agents;
}

int crm_people_offices(const CrmPeople *p)
{
    return p->n_offices;
}
