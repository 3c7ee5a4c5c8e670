/* jv.h - reads JSON (RFC 8259) into a tree that does not change (but for jv_set_str). The border to jansson.
 *
 * Owner:    jv_parse gives a tree that jv_free releases; values inside are borrowed from it.
 * Limits:   JV_TEXT_MAX bytes, depth 64 (deeper is ERR_MALFORMED); duplicate keys and invalid UTF-8 are
 *           errors.
 * Threads:  a tree may be read by many threads. Getters accept NULL and wrong kinds and then report absence. */
#ifndef EHUB_BASE_JV_H
#define EHUB_BASE_JV_H

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

#define JV_TEXT_MAX (256u << 20)

typedef struct Jv Jv;

typedef enum JvKind { JV_NULL, JV_BOOL, JV_INT, JV_REAL, JV_STR, JV_ARR, JV_OBJ, JV_ABSENT } JvKind;

/* ERR_MALFORMED with line and column, ERR_LIMIT. */
ErrKind MUST_USE jv_parse(Str text, Jv **ret, Err *reterr);
void jv_free(Jv *v);
DEFINE_FREEP(Jv, jv_free)

JvKind jv_kind(const Jv *v); /* NULL gives JV_ABSENT */
const Jv *jv_get(const Jv *obj, const char *key);
const Jv *jv_at(const Jv *arr, size_t i);
size_t jv_len(const Jv *arr_or_obj); /* 0 for other kinds */

bool jv_is_str(const Jv *v, Str *ret); /* false when it is not a string; the view lives as long as the tree */
bool jv_is_i64(const Jv *v, int64_t *ret);
bool jv_is_f64(const Jv *v, double *ret); /* integers count as numbers */
bool jv_is_bool(const Jv *v, bool *ret);

Str jv_get_str(const Jv *obj, const char *key); /* STR_NULL when absent or of another kind */
int64_t jv_get_i64(const Jv *obj, const char *key, int64_t otherwise);
double jv_get_f64(const Jv *obj, const char *key, double otherwise);
bool jv_get_bool(const Jv *obj, const char *key, bool otherwise);

/* Puts another text into a string of the tree. false: it is no string, or the text is not UTF-8. Nobody else reads the tree
 * meanwhile. */
bool jv_set_str(Jv *v, Str text);
/* Appends the tree as JSON. */
void jv_write(const Jv *v, Buf *out);

/* Calls fn for every member in the order of the text; stops at and returns the first failure. */
typedef ErrKind JvMemberFn(Str key, const Jv *value, void *arg, Err *reterr);
ErrKind MUST_USE jv_each(const Jv *obj, JvMemberFn *fn, void *arg, Err *reterr);

#endif
