/* gbt_doc.c - reads UBJSON, and finds values in what either reader made. */
#include "gbt/gbt_doc.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

/* ---- UBJSON: http://ubjson.org, draft 12 ---- */

typedef struct Reader {
    const uint8_t *bytes;
    size_t len;
    size_t at;
    Arena *arena;
} Reader;

static ErrKind damaged(const Reader *r, Err *reterr, const char *what)
{
    return err_set(reterr, ERR_CORRUPT, "model, byte %zu: %s", r->at, what);
}

static int type_size(char type)
{
    switch (type) {
    case 'i':
    case 'U': return 1;
    case 'I': return 2;
    case 'l':
    case 'd': return 4;
    case 'L':
    case 'D': return 8;
    default: return 0;
    }
}

static double decode_number(char type, const uint8_t *b)
{
    uint64_t raw = 0;
    int size = type_size(type);
    for (int i = 0; i < size; i++)
        raw = raw << 8 | b[i];
    float f;
    double d;
    uint32_t raw32 = (uint32_t)raw;
    switch (type) {
    case 'i': return (int8_t)raw;
    case 'U': return (double)raw;
    case 'I': return (int16_t)raw;
    case 'l': return (int32_t)raw;
    case 'L': return (double)(int64_t)raw;
    case 'd': memcpy(&f, &raw32, sizeof f); return f;
    default: memcpy(&d, &raw, sizeof d); return d;
    }
}

/* The types that XGBoost's big arrays have, each in a loop of its own: they are most of a model. */
static void decode_numbers(char type, const uint8_t *b, size_t n, double *out)
{
    uint32_t raw;
    float f;
    switch (type) {
    case 'l':
        for (size_t i = 0; i < n; i++) {
            memcpy(&raw, b + 4 * i, sizeof raw);
            out[i] = (int32_t)be32toh(raw);
        }
        break;
    case 'd':
        for (size_t i = 0; i < n; i++) {
            memcpy(&raw, b + 4 * i, sizeof raw);
            raw = be32toh(raw);
            memcpy(&f, &raw, sizeof f);
            out[i] = (double)f;
        }
        break;
    case 'U':
        for (size_t i = 0; i < n; i++)
            out[i] = (double)b[i];
        break;
    default:
        for (size_t i = 0; i < n; i++)
            out[i] = decode_number(type, b + i * (size_t)type_size(type));
        break;
    }
}

static bool take(Reader *r, size_t n, const uint8_t **ret)
{
    if (n > r->len - r->at)
        return false;
    *ret = r->bytes + r->at;
    r->at += n;
    return true;
}

/* The next marker that is not a no-op; 0 at the end. */
static char take_marker(Reader *r)
{
    while (r->at < r->len && r->bytes[r->at] == 'N')
        r->at++;
    return r->at < r->len ? (char)r->bytes[r->at++] : 0;
}

static char peek(const Reader *r)
{
    return r->at < r->len ? (char)r->bytes[r->at] : 0;
}

static ErrKind read_length(Reader *r, size_t *ret, Err *reterr)
{
    char type = take_marker(r);
    const uint8_t *b;
    int size = type_size(type);
    if (size == 0 || type == 'd' || type == 'D')
        return damaged(r, reterr, "a length is no integer");
    if (!take(r, (size_t)size, &b))
        return damaged(r, reterr, "ends inside a length");
    double n = decode_number(type, b);
    if (n < 0 || n > (double)r->len)
        return damaged(r, reterr, "a length is larger than the file");
    *ret = (size_t)n;
    return ERR_NONE;
}

static ErrKind read_text(Reader *r, Str *ret, Err *reterr)
{
    size_t n;
    const uint8_t *b;
    TRY(read_length(r, &n, reterr));
    if (!take(r, n, &b))
        return damaged(r, reterr, "ends inside a text");
    *ret = (Str){(const char *)b, n};
    return ERR_NONE;
}

static ErrKind read_value(Reader *r, char marker, int depth, GbtDoc *out, Err *reterr);

static ErrKind append_value(Reader *r, char marker, Str key, int depth, GbtDoc *parent, GbtDoc ***tail,
                            Err *reterr)
{
    GbtDoc *member = ARENA_NEW(r->arena, GbtDoc);
    if (!member)
        return arena_check(r->arena, reterr);
    TRY(read_value(r, marker, depth + 1, member, reterr));
    member->key = key;
    **tail = member;
    *tail = &member->next;
    parent->n++;
    return ERR_NONE;
}

static ErrKind read_object(Reader *r, int depth, GbtDoc *out, Err *reterr)
{
    out->kind = GBT_DOC_OBJ;
    GbtDoc **tail = &out->first;
    for (;;) {
        while (peek(r) == 'N')
            r->at++;
        if (peek(r) == '}') {
            r->at++;
            return gbt_doc_check_keys(out, r->arena, reterr);
        }
        Str key;
        TRY(read_text(r, &key, reterr));
        TRY(append_value(r, take_marker(r), key, depth, out, &tail, reterr));
    }
}

static ErrKind read_array(Reader *r, int depth, GbtDoc *out, Err *reterr)
{
    char type = 0;
    size_t count = SIZE_MAX;
    if (peek(r) == '$') {
        r->at++;
        type = take_marker(r);
        if (type_size(type) == 0 || peek(r) != '#')
            return damaged(r, reterr, "a typed array of no numbers or of no count");
    }
    if (peek(r) == '#') {
        r->at++;
        TRY(read_length(r, &count, reterr));
    }
    if (type) {
        const uint8_t *b;
        size_t bytes = count * (size_t)type_size(type);
        if (!take(r, bytes, &b))
            return damaged(r, reterr, "ends inside an array");
        *out = (GbtDoc){.kind = GBT_DOC_PACKED, .type = type, .str = {(const char *)b, bytes}, .n = count};
        return ERR_NONE;
    }
    out->kind = GBT_DOC_ARR;
    GbtDoc **tail = &out->first;
    while (out->n < count) {
        char marker = take_marker(r);
        if (marker == ']' && count == SIZE_MAX)
            return ERR_NONE;
        TRY(append_value(r, marker, STR_NULL, depth, out, &tail, reterr));
    }
    return ERR_NONE;
}

static ErrKind read_value(Reader *r, char marker, int depth, GbtDoc *out, Err *reterr)
{
    if (depth > GBT_DOC_DEPTH_MAX)
        return err_set(reterr, ERR_LIMIT, "model, byte %zu: deeper than %d", r->at, GBT_DOC_DEPTH_MAX);
    switch (marker) {
    case '{': return read_object(r, depth, out, reterr);
    case '[': return read_array(r, depth, out, reterr);
    case 'S': out->kind = GBT_DOC_STR; return read_text(r, &out->str, reterr);
    case 'Z': out->kind = GBT_DOC_NULL; return ERR_NONE;
    case 'T':
    case 'F':
        out->kind = GBT_DOC_NUM;
        out->num = marker == 'T';
        return ERR_NONE;
    case 0: return damaged(r, reterr, "ends too early");
    default: break;
    }
    int size = type_size(marker);
    const uint8_t *b;
    if (size == 0)
        return damaged(r, reterr, "an unknown mark");
    if (!take(r, (size_t)size, &b))
        return damaged(r, reterr, "ends inside a number");
    out->kind = GBT_DOC_NUM;
    out->num = decode_number(marker, b);
    return ERR_NONE;
}

/* ---- both ---- */

/* As XGBoost does: after the brace JSON goes on with a quote or white space, UBJSON with the type of a length. */
static bool looks_like_json(Str bytes)
{
    return bytes.len >= 2 && (bytes.ptr[1] == '"' || bytes.ptr[1] == ' ' || bytes.ptr[1] == '\n' ||
                              bytes.ptr[1] == '\r' || bytes.ptr[1] == '\t');
}

/* XGBoost's binary format of before: a fixed block of parameters, then the objective's name with its length. */
static bool looks_like_binary(Str bytes)
{
    enum { PARAMS = 136, NAME_MAX_BYTES = 40 };
    if (str_starts(bytes, STR("binf")) || str_starts(bytes, STR("bs64")))
        return true;
    if (bytes.len < PARAMS + 8 + NAME_MAX_BYTES)
        return false;
    uint64_t n;
    memcpy(&n, bytes.ptr + PARAMS, sizeof n);
    return n > 0 && n <= NAME_MAX_BYTES && memchr(bytes.ptr + PARAMS + 8, ':', (size_t)n);
}

ErrKind gbt_doc_parse(Str bytes, Arena *arena, const GbtDoc **ret, Err *reterr)
{
    *ret = NULL;
    GbtDoc *doc = ARENA_NEW(arena, GbtDoc);
    if (!doc)
        return arena_check(arena, reterr);
    if (looks_like_binary(bytes))
        return err_set(reterr, ERR_UNSUPPORTED,
                       "model: XGBoost's old binary format; save it as JSON or UBJSON");
    if (bytes.len == 0 || bytes.ptr[0] != '{')
        return err_set(reterr, ERR_CORRUPT, "model, byte 0: neither JSON nor UBJSON");
    if (looks_like_json(bytes)) {
        while (bytes.len > 1 && bytes.ptr[bytes.len - 1] == 0) /* some writers end the text with a zero */
            bytes.len--;
        TRY(gbt_doc_json(bytes, arena, doc, reterr));
    } else {
        Reader r = {(const uint8_t *)bytes.ptr, bytes.len, 0, arena};
        TRY(read_value(&r, take_marker(&r), 0, doc, reterr));
        if (take_marker(&r))
            return damaged(&r, reterr, "goes on after its end");
    }
    *ret = doc;
    return ERR_NONE;
}

static int compare_keys(const void *a, const void *b)
{
    return str_cmp((*(const GbtDoc *const *)a)->key, (*(const GbtDoc *const *)b)->key);
}

ErrKind gbt_doc_check_keys(const GbtDoc *obj, Arena *arena, Err *reterr)
{
    enum { FEW = 32 };
    const GbtDoc *few[FEW];
    const GbtDoc **members = obj->n <= FEW ? few : arena_array(arena, obj->n, sizeof *members);
    if (!members)
        return arena_check(arena, reterr);
    size_t n = 0;
    for (const GbtDoc *m = obj->first; m; m = m->next)
        members[n++] = m;
    qsort(members, n, sizeof *members, compare_keys);
    for (size_t i = 1; i < n; i++)
        if (str_eq(members[i]->key, members[i - 1]->key))
            return err_set(reterr, ERR_CORRUPT, "model: the name \"%.*s\" twice in one object",
                           (int)MIN(members[i]->key.len, 60), members[i]->key.ptr);
    return ERR_NONE;
}

const GbtDoc *gbt_doc_get(const GbtDoc *obj, const char *key)
{
    if (!obj || obj->kind != GBT_DOC_OBJ)
        return NULL;
    for (const GbtDoc *m = obj->first; m; m = m->next)
        if (str_eq_c(m->key, key))
            return m;
    return NULL;
}

Str gbt_doc_str(const GbtDoc *obj, const char *key)
{
    const GbtDoc *v = gbt_doc_get(obj, key);
    return v && v->kind == GBT_DOC_STR ? v->str : STR_NULL;
}

bool gbt_doc_number(const GbtDoc *obj, const char *key, double *ret)
{
    const GbtDoc *v = gbt_doc_get(obj, key);
    if (v && v->kind == GBT_DOC_NUM) {
        *ret = v->num;
        return true;
    }
    return v && v->kind == GBT_DOC_STR && str_to_f64(v->str, ret);
}

const double *gbt_doc_numbers(const GbtDoc *arr, size_t n, Arena *arena)
{
    if (!arr || arr->n != n || (arr->kind != GBT_DOC_PACKED && arr->kind != GBT_DOC_ARR))
        return NULL;
    if (arr->kind == GBT_DOC_PACKED && arr->type == GBT_DOC_DOUBLES)
        return (const double *)(const void *)arr->str.ptr;
    double *out = arena_array(arena, n, sizeof *out);
    if (!out)
        return NULL;
    if (arr->kind == GBT_DOC_PACKED) {
        decode_numbers(arr->type, (const uint8_t *)arr->str.ptr, n, out);
        return out;
    }
    double *at = out;
    for (const GbtDoc *m = arr->first; m; m = m->next) {
        if (m->kind != GBT_DOC_NUM)
            return NULL;
        *at++ = m->num;
    }
    return out;
}
