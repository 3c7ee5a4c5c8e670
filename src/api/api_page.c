/* api_page.c - see api_page.h. Text of a cursor: 8 hex digits of the check, then each key after a unit separator. */
#include "api/api_page.h"

#include "api/api_table.h"
#include "base/crypto.h"

#define SEPARATOR '\x1f'
#define CHECK_LEN 8

static void check_of(const ApiCall *c, Str keys, char hex[static CHECK_LEN + 1])
{
    CLEANUP(buf_done) Buf text = BUF(API_CURSOR_MAX + 256);
    buf_add_c(&text, c->route->pattern);
    buf_add_str(&text, keys);
    Sha256 h = crypto_sha256(buf_str(&text));
    crypto_hex(h.b, CHECK_LEN / 2, hex);
}

static ErrKind damaged(Err *reterr)
{
    return err_set(reterr, ERR_MALFORMED, "the cursor is damaged or belongs to another list");
}

static ErrKind decode(ApiCall *c, Str cursor, int n_keys, ApiPage *ret, Err *reterr)
{
    CLEANUP(buf_done) Buf text = BUF(API_CURSOR_MAX);
    if (cursor.len > API_CURSOR_MAX || !crypto_unbase64url(cursor, &text) || text.len < CHECK_LEN)
        return damaged(reterr);
    Str keys = str_slice(buf_str(&text), CHECK_LEN, text.len);
    char hex[CHECK_LEN + 1];
    check_of(c, keys, hex);
    if (memcmp(hex, text.ptr, CHECK_LEN) != 0)
        return damaged(reterr);
    Str rest = keys, piece;
    if (!str_next(&rest, SEPARATOR, &piece)) /* the empty piece before the first separator */
        return damaged(reterr);
    while (ret->n_keys < n_keys) {
        piece = rest; /* the last key is the rest: it may hold a separator */
        if (ret->n_keys < n_keys - 1 && !str_next(&rest, SEPARATOR, &piece))
            break;
        ret->keys[ret->n_keys++] = arena_strndup(c->req->arena, piece.ptr, piece.len);
    }
    return ret->n_keys == n_keys ? ERR_NONE : damaged(reterr);
}

ErrKind api_page_read(ApiCall *c, int n_keys, ApiPage *ret, Err *reterr)
{
    BUG_ON(n_keys < 1 || n_keys > API_PAGE_KEYS);
    int64_t limit = API_PAGE_DEFAULT;
    Str text = http_query(c->req, "limit");
    if (text.ptr && (!str_to_i64(text, &limit) || limit < 1 || limit > API_PAGE_MAX))
        return err_set(reterr, ERR_INVALID, "limit must be from 1 to %d", API_PAGE_MAX);
    *ret = (ApiPage){.limit = (int)limit};
    Str cursor = http_query(c->req, "cursor");
    return cursor.ptr ? decode(c, cursor, n_keys, ret, reterr) : ERR_NONE;
}

void api_page_next(ApiCall *c, Jw *w, const Str *keys, int n_keys)
{
    jw_key(w, "next");
    if (!keys) {
        jw_null(w);
        return;
    }
    CLEANUP(buf_done) Buf joined = BUF(API_CURSOR_MAX);
    for (int i = 0; i < n_keys; i++) {
        buf_add_char(&joined, SEPARATOR);
        buf_add_str(&joined, keys[i]);
    }
    char hex[CHECK_LEN + 1];
    check_of(c, buf_str(&joined), hex);
    CLEANUP(buf_done) Buf whole = BUF(API_CURSOR_MAX + CHECK_LEN);
    buf_add(&whole, hex, CHECK_LEN);
    buf_add_str(&whole, buf_str(&joined));
    CLEANUP(buf_done) Buf text = BUF(2 * API_CURSOR_MAX);
    crypto_base64url(&text, whole.ptr, whole.len);
    jw_str(w, buf_str(&text));
}

void api_page_write(ApiCall *c, const ApiList *l)
{
    Jw w = jw(&c->res->body);
    jw_obj(&w);
    jw_key(&w, "items");
    jw_arr(&w);
    int n = l->page ? MIN(pg_rows(l->rows), l->page->limit) : pg_rows(l->rows);
    for (int i = 0; i < n; i++)
        l->write(l->arg, &w, l->rows, i);
    jw_end(&w);
    bool more = n < pg_rows(l->rows);
    Str keys[API_PAGE_KEYS];
    for (int i = 0; more && i < l->n_keys; i++)
        keys[i] = pg_str(l->rows, n - 1, l->key_cols[i]);
    api_page_next(c, &w, more ? keys : NULL, l->n_keys);
    if (l->label)
        jw_kv_cstr(&w, "label", api_label(c));
    jw_end(&w);
}
