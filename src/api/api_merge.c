/* api_merge.c - see api_merge.h. */
#include "api/api_merge.h"

Uuid api_merge_location(const ApiCall *c)
{
    Uuid location = api_scope(c->who).location;
    if (uuid_is_nil(location) && !uuid_parse(http_query(c->req, "location"), &location))
        location = UUID_NIL;
    return location;
}

ErrKind api_merge_query(ApiCall *c, ApiMerge *m, Uuid location, const PgStmt *stmt, const PgParam *params,
                        int n_params, Err *reterr)
{
    int only = uuid_is_nil(location) ? -1 : pg_shard_of_slot(c->api->shards, pg_slot_of_location(location));
    const PgParam *each[PG_SHARDS];
    for (int i = 0; i < PG_SHARDS; i++)
        each[i] = only < 0 || only == i ? params : NULL;
    return pg_shard_scatter_each(c->api->shards, c->who->tenant, stmt, each, n_params, c->req->deadline,
                                 m->results, reterr);
}

bool api_merge_next(ApiMerge *m, const PgResult **ret, int *ret_row)
{
    int best = -1;
    for (int i = 0; i < PG_SHARDS; i++) {
        if (!m->results[i] || m->at[i] >= pg_rows(m->results[i]))
            continue;
        if (best < 0 || m->cmp(m->results[i], m->at[i], m->results[best], m->at[best]) < 0)
            best = i;
    }
    if (best < 0)
        return false;
    *ret = m->results[best];
    *ret_row = m->at[best]++;
    return true;
}

void api_merge_done(ApiMerge *m)
{
    pg_results_free(m->results);
}
