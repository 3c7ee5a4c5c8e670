#include "crm/crm_tenant.h"

static const PgStmt LIST = {"crm_tenant_list", "select id, slug, name, simulated from tenant_list()"};
static const PgStmt MAKE = {"crm_tenant_make",
                            "insert into tenant (id, slug, name) values ($1::uuid, $2, $3)"};
static const PgStmt TELL = {"crm_tenant_audit",
                            "select audit_append('ehub import', 'tenant.create', $1, '{}')"};

bool crm_tenant_slug(Str name, char out[static CRM_TENANT_SLUG_MAX + 1])
{
    size_t n = 0;
    for (size_t i = 0; i < name.len && n < CRM_TENANT_SLUG_MAX; i++) {
        char c = name.ptr[i];
        if (c >= 'A' && c <= 'Z')
            c |= 32;
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (plain)
            out[n++] = c;
        else if (n && out[n - 1] != '-')
            out[n++] = '-';
    }
    while (n && out[n - 1] == '-')
        n--;
    out[n] = 0;
    return n > 0;
}

static bool take(const PgResult *r, int row, CrmTenant *ret)
{
    ret->id = pg_get_uuid(r, row, 0);
    ret->simulated = pg_get_bool(r, row, 3);
    return str_copy(ret->slug, sizeof ret->slug, pg_str(r, row, 1)) &&
           str_copy(ret->name, sizeof ret->name, pg_str(r, row, 2));
}

static ErrKind find(const PgResult *r, Str wanted, CrmTenant *ret, bool *ret_found, Err *reterr)
{
    int by_name = -1;
    *ret_found = false;
    for (int i = 0; i < pg_rows(r); i++) {
        if (str_eq(pg_str(r, i, 1), wanted)) {
            *ret_found = take(r, i, ret);
            return ERR_NONE;
        }
        if (!str_eq_nocase(pg_str(r, i, 2), wanted))
            continue;
        if (by_name >= 0)
            return err_set(reterr, ERR_CONFLICT, "two tenants are called \"" STR_FMT "\": give the slug",
                           STR_ARG(wanted));
        by_name = i;
    }
    *ret_found = by_name >= 0 && take(r, by_name, ret);
    return ERR_NONE;
}

ErrKind crm_tenant_find_or_make(PgShards *shards, Str slug_or_name, bool dry_run, Deadline by, CrmTenant *ret,
                                Err *reterr)
{
    CLEANUP(pg_result_freep) PgResult *all = NULL;
    bool found = false;
    Str wanted = str_trim(slug_or_name);
    *ret = (CrmTenant){0};
    TRY(pg_control_query(shards, UUID_NIL, &LIST, PG_NO_PARAMS, by, &all, reterr));
    TRY(find(all, wanted, ret, &found, reterr));
    if (found)
        return ERR_NONE;
    if (!crm_tenant_slug(wanted, ret->slug) || !str_copy(ret->name, sizeof ret->name, wanted) ||
        !str_is_utf8(wanted, NULL))
        return err_set(reterr, ERR_INVALID,
                       "\"" STR_FMT
                       "\" cannot be a tenant's name: it needs a letter or digit and at most %d bytes",
                       STR_ARG(wanted), CRM_TENANT_NAME_MAX);
    ret->id = uuid_v7();
    ret->made = true;
    if (dry_run)
        return ERR_NONE;
    ErrKind kind = pg_control_query(shards, ret->id, &MAKE,
                                    PG_PARAMS(pg_uuid(ret->id), pg_cstr(ret->slug), pg_cstr(ret->name)), by,
                                    NULL, reterr);
    if (kind != ERR_NONE)
        return err_wrap(reterr, kind, "make tenant %s", ret->slug);
    return pg_control_query(shards, ret->id, &TELL, PG_PARAMS(pg_cstr(ret->slug)), by, NULL, reterr);
}
