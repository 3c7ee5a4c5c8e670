/* coach_tenant.c - the tenants a command works on. */
#include "coach/coach_tenant.h"

#include "base/mem.h"

static const PgStmt LIST = {"coach_tenant_list", "select id, slug, name, simulated from tenant_list()"
                                                 " where $1::text is null or slug = $1::text order by slug"};

ErrKind coach_tenants(PgShards *s, const char *slug, Deadline by, CoachTenant **ret, int *ret_n, Err *reterr)
{
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(pg_control_query(s, UUID_NIL, &LIST, PG_PARAMS(pg_cstr(slug)), by, &r, reterr));
    int n = pg_rows(r);
    if (slug && n == 0)
        return err_set(reterr, ERR_NOT_FOUND, "no tenant \"%s\"", slug);
    CoachTenant *list = mem_array((size_t)MAX(n, 1), sizeof(CoachTenant));
    for (int i = 0; i < n; i++) {
        list[i].id = pg_get_uuid(r, i, 0);
        BUG_ON(!str_copy(list[i].slug, sizeof(list[i].slug), pg_str(r, i, 1)));
        BUG_ON(!str_copy(list[i].name, sizeof(list[i].name), pg_str(r, i, 2)));
        list[i].simulated = pg_get_bool(r, i, 3);
    }
    *ret = list;
    *ret_n = n;
    return ERR_NONE;
}
