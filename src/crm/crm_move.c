#include "crm/crm_move.h"

#include "base/mem.h"

/* One cursor for each shard, all sorted by id; the pages are read as the merge goes on. */
typedef struct Stream {
    PgConn *conn;
    PgResult *page;
    int row;
} Stream;

typedef struct Candidate {
    int shard;
    Uuid location, id;
    bool ours; /* written by this job */
} Candidate;

#define OFFICES_OF_ONE_MAX 16 /* rows of one record that are looked at; more are left for the next import */

static const PgStmt OPEN[] = {
    {"crm_move_open_opportunity",
     "declare crm_move no scroll cursor for select location_id, id, import_id is not distinct from "
     "$2::uuid from opportunity where tenant_id = $1::uuid order by id"},
    {"crm_move_open_activity",
     "declare crm_move no scroll cursor for select location_id, id, import_id is not distinct from "
     "$2::uuid from activity where tenant_id = $1::uuid order by id"},
};
static const PgStmt FETCH = {"crm_move_fetch", "fetch 5000 from crm_move"};
static const PgStmt DELETE[] = {
    {"crm_move_delete_opportunity",
     "delete from opportunity where tenant_id = $1::uuid and location_id = $2::uuid and id = $3::uuid"},
    {"crm_move_delete_activity",
     "delete from activity where tenant_id = $1::uuid and location_id = $2::uuid and id = $3::uuid"},
};

static ErrKind next_page(Stream *s, Deadline by, Err *reterr)
{
    pg_result_free(s->page);
    s->page = NULL;
    s->row = 0;
    return pg_query(s->conn, &FETCH, PG_NO_PARAMS, by, &s->page, reterr);
}

static ErrKind open_streams(const CrmJob *job, CrmKind kind, Stream *streams, Deadline by, Err *reterr)
{
    for (int i = 0; i < PG_SHARDS; i++) {
        TRY(pg_pool_acquire(pg_shard_pool(job->shards, i), by, &streams[i].conn, reterr));
        TRY(pg_begin(streams[i].conn, job->tenant, by, reterr));
        TRY(pg_query(streams[i].conn, &OPEN[kind], PG_PARAMS(pg_uuid(job->tenant), pg_uuid(job->id)), by,
                     NULL, reterr));
        TRY(next_page(&streams[i], by, reterr));
    }
    return ERR_NONE;
}

static void close_streams(const CrmJob *job, Stream *streams)
{
    for (int i = 0; i < PG_SHARDS; i++) {
        pg_result_free(streams[i].page);
        pg_pool_release(pg_shard_pool(job->shards, i), streams[i].conn);
    }
}

/* The smallest id of all streams is taken; false: all are at their end. */
static ErrKind take_smallest(Stream *streams, Deadline by, Candidate *ret, bool *ret_any, Err *reterr)
{
    *ret_any = false;
    for (int i = 0; i < PG_SHARDS; i++) {
        const Stream *s = &streams[i];
        if (s->row >= pg_rows(s->page))
            continue;
        Uuid id = pg_get_uuid(s->page, s->row, 1);
        if (*ret_any && memcmp(id.b, ret->id.b, sizeof id.b) >= 0)
            continue;
        *ret = (Candidate){i, pg_get_uuid(s->page, s->row, 0), id, pg_get_bool(s->page, s->row, 2)};
        *ret_any = true;
    }
    if (!*ret_any)
        return ERR_NONE;
    Stream *s = &streams[ret->shard];
    s->row++;
    return s->row == pg_rows(s->page) ? next_page(s, by, reterr) : ERR_NONE;
}

/* The rows of one record: those that are not this job's go, when one is. */
static ErrKind settle(const CrmJob *job, CrmKind kind, const Candidate *c, int n, Deadline by, int64_t *moved,
                      Err *reterr)
{
    int ours = 0;
    for (int i = 0; i < n; i++)
        ours += c[i].ours;
    for (int i = 0; i < n && n > 1 && ours == 1; i++) {
        if (c[i].ours)
            continue;
        CLEANUP(pg_result_freep) PgResult *r = NULL;
        TRY(pg_shard_query(job->shards, job->tenant, uuid_slot(c[i].id), &DELETE[kind],
                           PG_PARAMS(pg_uuid(job->tenant), pg_uuid(c[i].location), pg_uuid(c[i].id)), by, &r,
                           reterr));
        *moved += pg_affected(r);
    }
    return ERR_NONE;
}

static ErrKind merge(const CrmJob *job, CrmKind kind, Stream *streams, Deadline by, int64_t *moved,
                     Err *reterr)
{
    Candidate group[OFFICES_OF_ONE_MAX], next;
    int n = 0;
    for (;;) {
        bool any = false;
        TRY(take_smallest(streams, by, &next, &any, reterr));
        bool same = any && n > 0 && memcmp(next.id.b, group[0].id.b, sizeof next.id.b - 1) == 0;
        if (!same) {
            TRY(settle(job, kind, group, n, by, moved, reterr));
            n = 0;
        }
        if (!any)
            return ERR_NONE;
        if (n < OFFICES_OF_ONE_MAX)
            group[n++] = next;
    }
}

ErrKind crm_move_sweep(const CrmJob *job, CrmKind kind, Deadline by, int64_t *ret_moved, Err *reterr)
{
    Stream streams[PG_SHARDS] = {0};
    *ret_moved = 0;
    ErrKind result = open_streams(job, kind, streams, by, reterr);
    if (result == ERR_NONE)
        result = merge(job, kind, streams, by, ret_moved, reterr);
    close_streams(job, streams);
    return result;
}
