/* gbt_doc.h - a model file as a tree of values, whichever of the two encodings it came in. Private to src/gbt.
 *
 *     JSON (RFC 8259) ---\
 *                         gbt_doc_parse --> GbtDoc --> gbt_load
 *     UBJSON draft 12 ---/
 *
 * Owner:    the arena owns the values; strings and packed arrays point into the bytes, which must outlive it.
 * Limits:   depth GBT_DOC_DEPTH_MAX and the arena's; past them ERR_LIMIT. CORRUPT names the byte.
 * Format:   of UBJSON what XGBoost writes and a little more: typed and counted arrays, objects without a type. */
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

typedef struct GbtDoc GbtDoc;
struct GbtDoc {
    GbtDocKind kind;
    char type;     /* PACKED: UBJSON type of the elements */
    double num;    /* NUM; true and false are 1 and 0 */
    Str str;       /* STR; PACKED: the elements, big-endian */
    size_t n;      /* ARR, OBJ, PACKED: elements */
    Str key;       /* the name of a member of an object */
    GbtDoc *first; /* ARR, OBJ */
    GbtDoc *next;
};

ErrKind MUST_USE gbt_doc_parse(Str bytes, Arena *arena, const GbtDoc **ret, Err *reterr);

/* Both accept NULL and give NULL when absent. */
const GbtDoc *gbt_doc_get(const GbtDoc *obj, const char *key);
Str gbt_doc_str(const GbtDoc *obj, const char *key); /* STR_NULL when absent or no string */
/* The numbers of an array into out[n]. false: absent, another length, or something that is no number. */
bool gbt_doc_numbers(const GbtDoc *arr, double *out, size_t n);

#endif
