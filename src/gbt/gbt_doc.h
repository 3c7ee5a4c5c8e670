/* gbt_doc.h - a model file as a tree of values, whichever of the two encodings it came in. Private to src/gbt.
 *
 *     JSON    --gbt_doc_json-----\
 *                                 gbt_doc_parse --> GbtDoc --> gbt_load
 *     UBJSON draft 12 -----------/
 *
 * Owner:    the arena owns the values; strings and packed arrays may point into the bytes, which must outlive it.
 * Limits:   depth GBT_DOC_DEPTH_MAX and the arena's; past them ERR_LIMIT. CORRUPT names the byte.
 * Format:   JSON of RFC 8259, and NaN, Infinity, -Infinity, which XGBoost writes (a categorical split has a NaN). Of UBJSON
 *           what XGBoost writes and a little more: typed and counted arrays, objects without a type. A name twice in one
 *           object is an error, in both. */
#ifndef EHUB_GBT_GBT_DOC_H
#define EHUB_GBT_GBT_DOC_H

#include "base/arena.h"
#include "base/str.h"

#define GBT_DOC_DEPTH_MAX 32

typedef enum GbtDocKind {
    GBT_DOC_NULL,
    GBT_DOC_NUM,
    GBT_DOC_STR,
    GBT_DOC_PACKED,
    GBT_DOC_ARR,
    GBT_DOC_OBJ
} GbtDocKind;

#define GBT_DOC_DOUBLES \
    '\0' /* the type of a packed array that JSON gave: double[n] as the machine has them */

typedef struct GbtDoc GbtDoc;
struct GbtDoc {
    GbtDocKind kind;
    char type;     /* PACKED: UBJSON type of the elements, big-endian; or GBT_DOC_DOUBLES */
    double num;    /* NUM; true and false are 1 and 0 */
    Str str;       /* STR; PACKED: the elements */
    size_t n;      /* ARR, OBJ, PACKED: elements */
    Str key;       /* the name of a member of an object */
    GbtDoc *first; /* ARR, OBJ */
    GbtDoc *next;
};

ErrKind MUST_USE gbt_doc_parse(Str bytes, Arena *arena, const GbtDoc **ret, Err *reterr);
ErrKind MUST_USE gbt_doc_json(Str bytes, Arena *arena, GbtDoc *out, Err *reterr); /* gbt_doc_json.c */
/* For both readers, when an object is complete. */
ErrKind MUST_USE gbt_doc_check_keys(const GbtDoc *obj, Arena *arena, Err *reterr);

/* Both accept NULL and give NULL when absent. */
const GbtDoc *gbt_doc_get(const GbtDoc *obj, const char *key);
Str gbt_doc_str(const GbtDoc *obj, const char *key); /* STR_NULL when absent or no string */
/* A number, or a text that is one ("5E-1", "40": XGBoost keeps its parameters as texts). */
bool gbt_doc_number(const GbtDoc *obj, const char *key, double *ret);
/* The n numbers of an array: the array's own, or decoded into the arena. NULL: absent, another length, something that is no
 * number, or the arena is full (arena_check tells). */
const double *gbt_doc_numbers(const GbtDoc *arr, size_t n, Arena *arena);

#endif
