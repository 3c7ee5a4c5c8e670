/* api_page.h - one page of a list: ?limit= and ?cursor=.
 *
 * A cursor is the sort key of the last item, base64url, with a check of the route and the key: one that is damaged or
 * belongs to another list is refused (MALFORMED, 400), never misread. Threads: pure. */
#ifndef EHUB_API_API_PAGE_H
#define EHUB_API_API_PAGE_H

#include "api/api.h"

#define API_PAGE_DEFAULT 50
#define API_PAGE_MAX 200
#define API_PAGE_KEYS 3
#define API_CURSOR_MAX 2048 /* base64 of a name of 200 code points, an id and the check has 1128 */

typedef struct ApiPage {
    int limit;
    int n_keys; /* 0: the first page */
    const char
        *keys[API_PAGE_KEYS]; /* of the last item, terminated, in the request's arena; NULL after n_keys */
} ApiPage;

#define API_PAGE_QUERY "limit?:int(1..200), cursor?:string(1..2048)"

ErrKind MUST_USE api_page_read(ApiCall *c, int n_keys, ApiPage *ret, Err *reterr);
/* Writes "next": the cursor of these keys, or null when keys is NULL. */
void api_page_next(ApiCall *c, Jw *w, const Str *keys, int n_keys);

/* One row of a list as JSON. */
typedef void ApiRowWriter(const void *arg, Jw *w, const PgResult *r, int row);

typedef struct ApiList {
    const PgResult *rows;
    const ApiPage
        *page; /* rows holds one more than its limit when there is another page; NULL: rows is all */
    int key_cols[API_PAGE_KEYS]; /* of the sort key, in the cursor's order */
    int n_keys;
    ApiRowWriter *write;
    const void *arg;
    bool label; /* whether the figures are measured or simulated; after api_call_tenant */
} ApiList;

/* The whole answer: {"items": [...], "next": ..., "label": ...}. */
void api_page_write(ApiCall *c, const ApiList *l);

#endif
