/* api_merge.c - see api_merge.h. */
#include "api/api_merge.h"

ErrKind api_merge_query(ApiCall *c, ApiMerge *m, const PgStmt *stmt, const PgParam *params, int n_params,
                        Err *reterr)
{
    return pg_shard_scatter(c->api->shards, c->who->tenant, stmt, params, n_params, c->req->deadline,
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
    for (int i = 0; i < PG_SHARDS; i++) {
        pg_result_free(m->results[i]);
        m->results[i] = NULL;
    }
}
