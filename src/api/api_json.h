/* api_json.h - columns of a result as members of the open JSON object. Null stays null. Threads: pure. */
#ifndef EHUB_API_API_JSON_H
#define EHUB_API_API_JSON_H

#include "base/jv.h"
#include "base/jw.h"
#include "pg/pg.h"

static inline void api_json_str(Jw *w, const char *key, const PgResult *r, int row, int col)
{
    jw_kv_str(w, key, pg_str(r, row, col));
}
static inline void api_json_i64(Jw *w, const char *key, const PgResult *r, int row, int col)
{
    jw_key(w, key);
    pg_is_null(r, row, col) ? jw_null(w) : jw_i64(w, pg_get_i64(r, row, col));
}
static inline void api_json_f64(Jw *w, const char *key, const PgResult *r, int row, int col)
{
    jw_kv_f64(w, key, pg_get_f64(r, row, col));
}
static inline void api_json_uuid(Jw *w, const char *key, const PgResult *r, int row, int col)
{
    jw_kv_str(w, key, pg_str(r, row, col)); /* PostgreSQL's text of a uuid is canonical */
}
/* A column made with API_US. */
static inline void api_json_time(Jw *w, const char *key, const PgResult *r, int row, int col)
{
    jw_key(w, key);
    pg_is_null(r, row, col) ? jw_null(w) : jw_time_us(w, pg_get_i64(r, row, col));
}
/* A json(b) column as text. */
static inline void api_json_raw(Jw *w, const char *key, const PgResult *r, int row, int col)
{
    jw_key(w, key);
    pg_is_null(r, row, col) ? jw_null(w) : jw_raw(w, pg_str(r, row, col));
}
static inline void api_json_bool(Jw *w, const char *key, const PgResult *r, int row, int col)
{
    jw_key(w, key);
    pg_is_null(r, row, col) ? jw_null(w) : jw_bool(w, pg_get_bool(r, row, col));
}

/* A parsed value as it was (members in their order, blanks lost). */
void api_json_value(Jw *w, const Jv *v);

#endif
