/* gbt_doc_json.c - reads the JSON of a model. A reader of our own because XGBoost writes NaN and Infinity, which base/jv
 * refuses, and because arrays of numbers, nearly all of a model, go straight to doubles here. */
#include "gbt/gbt_doc.h"

#include <math.h>
#include <stdlib.h>

#define NUMBER_BYTES_MAX 64

typedef struct Reader {
    const char *start, *at, *end;
    Arena *arena;
    Err *reterr;
} Reader;

static ErrKind damaged(const Reader *r, const char *what)
{
    return err_set(r->reterr, ERR_CORRUPT, "model, byte %zu: %s", (size_t)(r->at - r->start), what);
}

static char peek(Reader *r)
{
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\n' || *r->at == '\t' || *r->at == '\r'))
        r->at++;
    return r->at < r->end ? *r->at : 0;
}

static bool take(Reader *r, char c)
{
    if (peek(r) != c)
        return false;
    r->at++;
    return true;
}

static bool take_word(Reader *r, Str word)
{
    if ((size_t)(r->end - r->at) < word.len || memcmp(r->at, word.ptr, word.len) != 0)
        return false;
    r->at += word.len;
    return true;
}

/* ---- numbers ---- */

typedef struct Decimal {
    uint64_t digits;
    int n_digits; /* without leading zeros */
    int exponent; /* of ten */
    bool whole;   /* neither point nor exponent */
} Decimal;

/* The grammar of RFC 8259, and a leading zero more. */
static bool scan_decimal(const char **at, const char *end, Decimal *ret)
{
    const char *p = *at, *first = p;
    Decimal d = {.whole = true};
    for (; p < end && *p >= '0' && *p <= '9'; p++) {
        d.digits = 10 * d.digits + (uint64_t)(*p - '0');
        d.n_digits += d.digits > 0;
    }
    if (p == first)
        return false;
    if (p < end && *p == '.') {
        const char *point = ++p;
        for (; p < end && *p >= '0' && *p <= '9'; p++) {
            d.digits = 10 * d.digits + (uint64_t)(*p - '0');
            d.n_digits += d.digits > 0;
        }
        if (p == point)
            return false;
        d.exponent = -(int)(p - point);
        d.whole = false;
    }
    if (p < end && (*p == 'e' || *p == 'E')) {
        p++;
        bool minus = p < end && *p == '-';
        p += p < end && (*p == '-' || *p == '+');
        const char *power = p;
        int e = 0;
        for (; p < end && *p >= '0' && *p <= '9'; p++)
            e = e < 10000 ? 10 * e + (*p - '0') : e;
        if (p == power)
            return false;
        d.exponent += minus ? -e : e;
        d.whole = false;
    }
    *at = p;
    *ret = d;
    return true;
}

/* Correctly rounded: exact digits and an exact power of ten need one operation only (W. D. Clinger, "How to read floating
 * point numbers accurately", 1990); the rest goes to strtod. */
static bool to_double(const Decimal *d, Str text, double *ret)
{
    static const double POW10[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                   1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    double v;
    uint64_t bits;
    if (d->n_digits <= 15 && d->exponent >= -22 && d->exponent <= 22) {
        v = d->exponent < 0 ? (double)d->digits / POW10[-d->exponent]
                            : (double)d->digits * POW10[d->exponent];
        memcpy(&bits, &v, sizeof bits);
        /* The floats of a model come as decimals. Read as a double that happens to lie half way between two floats, the
         * number would be rounded twice; then it is read as a float at once. */
        if (d->whole || (bits & 0x1fffffff) != 0x10000000) {
            *ret = v;
            return true;
        }
    }
    char copy[NUMBER_BYTES_MAX + 1];
    if (!str_copy(copy, sizeof copy, text))
        return false;
    v = strtod(copy, NULL); /* the program never calls setlocale, so this is the C locale */
    memcpy(&bits, &v, sizeof bits);
    *ret = !d->whole && (bits & 0x1fffffff) == 0x10000000 ? (double)strtof(copy, NULL) : v;
    return isfinite(v);
}

/* Also true and false (old files write default_left so). */
static bool is_number_start(char c)
{
    return (c >= '0' && c <= '9') || c == '-' || c == 't' || c == 'f' || c == 'N' || c == 'I';
}

static ErrKind read_number(Reader *r, double *ret)
{
    if (*r->at == 't' || *r->at == 'f') {
        *ret = *r->at == 't';
        return take_word(r, STR("true")) || take_word(r, STR("false")) ? ERR_NONE
                                                                       : damaged(r, "an unknown word");
    }
    bool minus = *r->at == '-';
    r->at += minus;
    if (take_word(r, STR("NaN")))
        *ret = NAN;
    else if (take_word(r, STR("Infinity")))
        *ret = INFINITY;
    else {
        Decimal d;
        const char *first = r->at;
        if (!scan_decimal(&r->at, r->end, &d))
            return damaged(r, "not a number");
        Str text = {first, (size_t)(r->at - first)};
        if (!to_double(&d, text, ret))
            return damaged(r, "a number too large or too long");
    }
    *ret = minus ? -*ret : *ret;
    return ERR_NONE;
}

/* ---- texts ---- */

static bool read_hex4(Reader *r, uint32_t *ret)
{
    *ret = 0;
    for (int i = 0; i < 4; i++, r->at++) {
        if (r->at == r->end)
            return false;
        char c = *r->at;
        uint32_t digit = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
                         : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
                         : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A' + 10)
                                                : 16;
        if (digit == 16)
            return false;
        *ret = *ret << 4 | digit;
    }
    return true;
}

static char *put_utf8(char *out, uint32_t c)
{
    if (c < 0x80) {
        *out++ = (char)c;
    } else if (c < 0x800) {
        *out++ = (char)(0xc0 | c >> 6);
        *out++ = (char)(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        *out++ = (char)(0xe0 | c >> 12);
        *out++ = (char)(0x80 | (c >> 6 & 0x3f));
        *out++ = (char)(0x80 | (c & 0x3f));
    } else {
        *out++ = (char)(0xf0 | c >> 18);
        *out++ = (char)(0x80 | (c >> 12 & 0x3f));
        *out++ = (char)(0x80 | (c >> 6 & 0x3f));
        *out++ = (char)(0x80 | (c & 0x3f));
    }
    return out;
}

/* After "\u". */
static ErrKind read_unicode(Reader *r, char **out)
{
    uint32_t c, low;
    if (!read_hex4(r, &c))
        return damaged(r, "a bad \\u");
    if (c >= 0xd800 && c < 0xdc00) {
        if (!take_word(r, STR("\\u")) || !read_hex4(r, &low) || low < 0xdc00 || low > 0xdfff)
            return damaged(r, "half a surrogate pair");
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
    } else if (c >= 0xdc00 && c < 0xe000) {
        return damaged(r, "half a surrogate pair");
    }
    *out = put_utf8(*out, c);
    return ERR_NONE;
}

static ErrKind read_escape(Reader *r, char **out)
{
    static const char FROM[] = "\"\\/bfnrt", TO[] = "\"\\/\b\f\n\r\t";
    char c = r->at < r->end ? *r->at++ : 0;
    if (c == 'u')
        return read_unicode(r, out);
    const char *known = c ? strchr(FROM, c) : NULL;
    if (!known)
        return damaged(r, "an unknown escape");
    *(*out)++ = TO[known - FROM];
    return ERR_NONE;
}

/* At the quote. A text without escapes is a view of the bytes; no text grows when its escapes are replaced. */
static ErrKind read_text(Reader *r, Str *ret)
{
    const char *first = ++r->at;
    bool escapes = false;
    const char *p = first;
    for (; p < r->end && *p != '"'; p++)
        if (*p == '\\') {
            escapes = true;
            p++;
        }
    if (p >= r->end)
        return damaged(r, "ends inside a text");
    if (!escapes) {
        *ret = (Str){first, (size_t)(p - first)};
        r->at = p + 1;
        return ERR_NONE;
    }
    char *text = arena_alloc(r->arena, (size_t)(p - first));
    if (!text)
        return arena_check(r->arena, r->reterr);
    char *out = text;
    while (r->at < p) {
        char c = *r->at++;
        if (c != '\\')
            *out++ = c;
        else
            TRY(read_escape(r, &out));
    }
    *ret = (Str){text, (size_t)(out - text)};
    r->at = p + 1;
    return ERR_NONE;
}

/* ---- values ---- */

static ErrKind read_value(Reader *r, int depth, GbtDoc *out);

static ErrKind append_value(Reader *r, Str key, int depth, GbtDoc *parent, GbtDoc ***tail)
{
    GbtDoc *member = ARENA_NEW(r->arena, GbtDoc);
    if (!member)
        return arena_check(r->arena, r->reterr);
    TRY(read_value(r, depth + 1, member));
    member->key = key;
    **tail = member;
    *tail = &member->next;
    parent->n++;
    return ERR_NONE;
}

static ErrKind read_object(Reader *r, int depth, GbtDoc *out)
{
    out->kind = GBT_DOC_OBJ;
    GbtDoc **tail = &out->first;
    r->at++;
    if (take(r, '}'))
        return ERR_NONE;
    do {
        Str key;
        if (peek(r) != '"')
            return damaged(r, "a name is missing");
        TRY(read_text(r, &key));
        if (!take(r, ':'))
            return damaged(r, "a colon is missing");
        TRY(append_value(r, key, depth, out, &tail));
    } while (take(r, ','));
    return take(r, '}') ? gbt_doc_check_keys(out, r->arena, r->reterr) : damaged(r, "an object does not end");
}

/* An array that begins with a number holds nothing else: as many as it has commas, and one. */
static ErrKind read_numbers(Reader *r, GbtDoc *out)
{
    size_t n = 1;
    const char *p = r->at;
    for (; p < r->end && *p != ']'; p++)
        n += *p == ',';
    double *numbers = arena_array(r->arena, n, sizeof *numbers);
    if (!numbers)
        return arena_check(r->arena, r->reterr);
    size_t i = 0;
    do {
        if (!is_number_start(peek(r)))
            return damaged(r, "a number is missing");
        TRY(read_number(r, &numbers[i++]));
    } while (take(r, ','));
    *out = (GbtDoc){.kind = GBT_DOC_PACKED,
                    .type = GBT_DOC_DOUBLES,
                    .str = {(const char *)numbers, i * sizeof *numbers},
                    .n = i};
    return take(r, ']') ? ERR_NONE : damaged(r, "an array does not end");
}

static ErrKind read_array(Reader *r, int depth, GbtDoc *out)
{
    r->at++;
    if (is_number_start(peek(r)))
        return read_numbers(r, out);
    out->kind = GBT_DOC_ARR;
    GbtDoc **tail = &out->first;
    if (take(r, ']'))
        return ERR_NONE;
    do
        TRY(append_value(r, STR_NULL, depth, out, &tail));
    while (take(r, ','));
    return take(r, ']') ? ERR_NONE : damaged(r, "an array does not end");
}

static ErrKind read_value(Reader *r, int depth, GbtDoc *out)
{
    if (depth > GBT_DOC_DEPTH_MAX)
        return err_set(r->reterr, ERR_LIMIT, "model, byte %zu: deeper than %d", (size_t)(r->at - r->start),
                       GBT_DOC_DEPTH_MAX);
    char c = peek(r);
    switch (c) {
    case '{': return read_object(r, depth, out);
    case '[': return read_array(r, depth, out);
    case '"': out->kind = GBT_DOC_STR; return read_text(r, &out->str);
    case 'n':
        out->kind = GBT_DOC_NULL;
        return take_word(r, STR("null")) ? ERR_NONE : damaged(r, "an unknown word");
    default: break;
    }
    if (!is_number_start(c))
        return damaged(r, r->at == r->end ? "ends too early" : "a value is missing");
    out->kind = GBT_DOC_NUM;
    return read_number(r, &out->num);
}

ErrKind gbt_doc_json(Str bytes, Arena *arena, GbtDoc *out, Err *reterr)
{
    Reader r = {bytes.ptr, bytes.ptr, bytes.ptr + bytes.len, arena, reterr};
    TRY(read_value(&r, 0, out));
    peek(&r);
    return r.at == r.end ? ERR_NONE : damaged(&r, "goes on after its end");
}
