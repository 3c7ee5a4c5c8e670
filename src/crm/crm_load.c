#include "crm/crm_load.h"

#include "base/clock.h"
#include "base/mem.h"
#include "pg/pg_bulk.h"

struct CrmLoad {
    PgBulk *bulk;
    Uuid tenant;
    Uuid import_id;
    const CrmMapping *mapping;
    const CrmPeople *people;
    CrmClean *clean;
    bool utc;
};

/* lead_id and commission_cents come from other sources too: an export without them does not take them away.
 * greatest(): wall-clock times in order can fall out of order where the clocks are put forward. */
static const PgBulkTable OPPORTUNITY = {
    .temp = "bulk_crm_opportunity",
    .columns = "location_id uuid, id uuid, tenant_id uuid, agent_id uuid, lead_id uuid, external_id text, "
               "product text, "
               "account text, stage text, status text, opened_at timestamptz, closed_at timestamptz, "
               "value_cents bigint, "
               "commission_cents bigint, import_id uuid, import_line bigint",
    .insert_sql =
        "with put as ("
        " insert into opportunity as o (location_id, id, tenant_id, agent_id, lead_id, external_id, product, "
        "account, stage,"
        "  status, opened_at, closed_at, value_cents, commission_cents, import_id, import_line)"
        " select location_id, id, tenant_id, agent_id, lead_id, external_id, product, account, stage, "
        "status, opened_at,"
        "  case when closed_at is not null then greatest(closed_at, opened_at) end, value_cents, "
        "commission_cents, import_id,"
        "  import_line from pg_temp.bulk_crm_opportunity order by location_id, id"
        " on conflict (location_id, id) do update set agent_id = excluded.agent_id,"
        "  lead_id = coalesce(excluded.lead_id, o.lead_id), product = excluded.product, account = "
        "excluded.account,"
        "  stage = excluded.stage, status = excluded.status, opened_at = excluded.opened_at, closed_at = "
        "excluded.closed_at,"
        "  value_cents = excluded.value_cents, commission_cents = coalesce(excluded.commission_cents, "
        "o.commission_cents),"
        "  import_id = excluded.import_id, import_line = excluded.import_line"
        " where (o.agent_id, o.lead_id, o.product, o.account, o.stage, o.status, o.opened_at, o.closed_at, "
        "o.value_cents,"
        "  o.commission_cents) is distinct from (excluded.agent_id, coalesce(excluded.lead_id, o.lead_id), "
        "excluded.product,"
        "  excluded.account, excluded.stage, excluded.status, excluded.opened_at, excluded.closed_at, "
        "excluded.value_cents,"
        "  coalesce(excluded.commission_cents, o.commission_cents))"
        " returning (xmax = 0) as is_new)"
        "select (count(*) filter (where is_new) << 32) + count(*) filter (where not is_new) from put",
};

static const PgBulkTable ACTIVITY = {
    .temp = "bulk_crm_activity",
    .columns =
        "location_id uuid, id uuid, tenant_id uuid, agent_id uuid, lead_id uuid, opportunity_id uuid, kind "
        "text, "
        "direction text, at timestamptz, known_at timestamptz, duration_s int, outcome text, import_id uuid, "
        "import_line bigint",
    .insert_sql =
        "with put as ("
        " insert into activity as o (location_id, id, tenant_id, agent_id, lead_id, opportunity_id, kind, "
        "direction, at,"
        "  known_at, duration_s, outcome, import_id, import_line)"
        " select location_id, id, tenant_id, agent_id, lead_id, opportunity_id, kind, direction, at, "
        "known_at, duration_s,"
        "  outcome, import_id, import_line from pg_temp.bulk_crm_activity order by location_id, id"
        " on conflict (location_id, id) do update set agent_id = excluded.agent_id,"
        "  lead_id = coalesce(excluded.lead_id, o.lead_id),"
        "  opportunity_id = coalesce(excluded.opportunity_id, o.opportunity_id), kind = excluded.kind,"
        "  direction = excluded.direction, at = excluded.at, known_at = excluded.known_at, duration_s = "
        "excluded.duration_s,"
        "  outcome = excluded.outcome, import_id = excluded.import_id, import_line = excluded.import_line"
        " where (o.agent_id, o.lead_id, o.opportunity_id, o.kind, o.direction, o.at, o.known_at, "
        "o.duration_s, o.outcome)"
        "  is distinct from (excluded.agent_id, coalesce(excluded.lead_id, o.lead_id),"
        "  coalesce(excluded.opportunity_id, o.opportunity_id), excluded.kind, excluded.direction, "
        "excluded.at,"
        "  excluded.known_at, excluded.duration_s, excluded.outcome)"
        " returning (xmax = 0) as is_new)"
        "select (count(*) filter (where is_new) << 32) + count(*) filter (where not is_new) from put",
};

CrmLoad *crm_load_new(PgShards *shards, Uuid tenant, Uuid import_id, const CrmMapping *m,
                      const CrmPeople *people, CrmClean *clean)
{
    CrmLoad *l = MEM_NEW(CrmLoad);
    l->bulk = pg_bulk_new(shards, tenant, m->kind == CRM_OPPORTUNITIES ? &OPPORTUNITY : &ACTIVITY, 1);
    l->tenant = tenant;
    l->import_id = import_id;
    l->mapping = m;
    l->people = people;
    l->clean = clean;
    l->utc = strcmp(m->timezone, "UTC") == 0;
    return l;
}

void crm_load_free(CrmLoad *l)
{
    if (!l)
        return;
    pg_bulk_free(l->bulk);
    mem_free(l);
}

/* A wall-clock time goes with the name of its zone: PostgreSQL has the rules. */
static void put_time(const CrmLoad *l, Buf *b, bool has, CrmTime t)
{
    if (!has) {
        pg_bulk_null(b);
        return;
    }
    if (t.zoned || l->utc) {
        pg_bulk_time(b, t.us);
        return;
    }
    char text[25 + 1 + 64];
    clock_format(t.us, text); /* 2026-01-31T12:00:00.000Z */
    size_t zone = strlen(l->mapping->timezone);
    text[23] = ' ';
    memcpy(text + 24, l->mapping->timezone, zone);
    pg_bulk_str(b, (Str){text, 24 + zone});
}

static void put_number(Buf *b, bool has, int64_t v)
{
    if (has)
        pg_bulk_i64(b, v);
    else
        pg_bulk_null(b);
}

static void put_opportunity(const CrmLoad *l, Buf *b, const CrmRow *row)
{
    pg_bulk_str(b, row->external_id);
    pg_bulk_str(b, crm_clean_label(l->clean, row->product));
    pg_bulk_str(b, crm_clean_label(l->clean, row->account));
    pg_bulk_str(b, crm_clean_label(l->clean, row->stage));
    pg_bulk_str(b, str_from(CRM_WORDS[CRM_STATUSES][row->status]));
    put_time(l, b, row->has_opened, row->opened);
    put_time(l, b, row->has_closed, row->closed);
    put_number(b, row->has_value, row->value_cents);
    put_number(b, row->has_commission, row->commission_cents);
}

static void put_activity(const CrmLoad *l, Buf *b, const CrmRow *row)
{
    pg_bulk_uuid(b, row->opportunity);
    pg_bulk_str(b, str_from(CRM_WORDS[CRM_KINDS][row->kind]));
    pg_bulk_str(b, row->direction < 0 ? STR_NULL : str_from(CRM_WORDS[CRM_DIRECTIONS][row->direction]));
    put_time(l, b, true, row->at);
    put_time(l, b, true, row->known);
    put_number(b, row->duration_s >= 0, row->duration_s);
    pg_bulk_str(b, crm_clean_value(l->clean, row->outcome));
}

ErrKind crm_load_add(CrmLoad *l, const CrmRow *row, Deadline by, Err *reterr)
{
    const CrmAgent *a = crm_people_agent(l->people, row->agent);
    uint8_t slot = uuid_slot(a->id);
    crm_clean_of(l->clean, a->id);
    Buf *b = pg_bulk_row(l->bulk, 0, slot);
    pg_bulk_uuid(b, crm_people_office(l->people, a->office)->id);
    pg_bulk_uuid(b, row->id);
    pg_bulk_uuid(b, l->tenant);
    pg_bulk_uuid(b, a->id);
    pg_bulk_uuid(b, row->lead);
    if (l->mapping->kind == CRM_OPPORTUNITIES)
        put_opportunity(l, b, row);
    else
        put_activity(l, b, row);
    pg_bulk_uuid(b, l->import_id);
    pg_bulk_i64(b, row->line);
    return pg_bulk_row_end(l->bulk, 0, slot, by, reterr);
}

ErrKind crm_load_commit(CrmLoad *l, Deadline by, int64_t *ret_new, int64_t *ret_changed, Err *reterr)
{
    int64_t counts = 0;
    TRY(pg_bulk_commit(l->bulk, by, &counts, reterr));
    *ret_new = counts >> 32;
    *ret_changed = counts & UINT32_MAX;
    return ERR_NONE;
}
