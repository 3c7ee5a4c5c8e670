/* pii.h - finds personal data in free text.
 *
 *     text --pii_scan--> candidates of the structured classes (pii_find_*.c: exact parsers and validators)
 *                        + names, places, addresses (pii_tag.c: the tagger), + a tenant's own words and patterns
 *                        --one rule for overlaps (pii_resolve.c)--> PiiSpan[], in order, not overlapping
 *
 * Owner:    pii_scanner_new .. pii_scanner_free; immutable. PiiFound belongs to the caller.
 * Threads:  one scanner serves any number of threads, each with a PiiScratch of its own; no call locks.
 * Input:    any bytes; what is not UTF-8 is text of unknown letters and is never lost or changed.
 * Limits:   PII_TEXT_MAX bytes a call, PII_SPANS_MAX spans: past them ERR_LIMIT and nothing is half-done.
 * Spans:    bytes from the beginning of the text, end exclusive; pii_codepoints turns them into code points. */
#ifndef EHUB_PII_PII_H
#define EHUB_PII_PII_H

#include "base/err.h"
#include "base/str.h"
#include "pii/pii_types.h"

#define PII_TEXT_MAX (1u << 20)
#define PII_SPANS_MAX (1u << 16)

typedef struct PiiSpan {
    uint32_t start, end;
    PiiType type;
    uint16_t rule; /* index in the table of rules: pii_rule_name */
    float score;   /* 0 .. 1 */
    PiiTypes also; /* the other types that exactly these bytes may be as well: nine digits, alone */
} PiiSpan;

typedef struct PiiFound {
    PiiSpan *spans;
    size_t n, cap;
} PiiFound;
void pii_found_done(PiiFound *f);

typedef struct PiiOptions {
    PiiTypes types;  /* what is looked for; empty: all but those of packs */
    float min_score; /* default 0.4: see docs */
    PiiTypes packs;  /* looked for besides: pii_packs_read */
    bool names;      /* run the tagger (PERSON, LOCATION ...); the shipped model unless model is given */
    Str model;       /* of `ehub pii train`; STR_NULL: the shipped one */
    bool plain;      /* the reference instead of AVX2: for tests */
    const struct PiiCustom *custom; /* a tenant's words, patterns and allow-list; NULL: none (pii_custom.h) */
} PiiOptions;
extern const PiiOptions PII_OPTIONS_DEFAULT;

typedef struct PiiScanner PiiScanner;
typedef struct PiiScratch PiiScratch;

ErrKind MUST_USE pii_scanner_new(const PiiOptions *o, PiiScanner **ret, Err *reterr);
void pii_scanner_free(PiiScanner *s);
DEFINE_FREEP(PiiScanner, pii_scanner_free)
PiiScratch *pii_scratch_new(const PiiScanner *s);
void pii_scratch_free(PiiScratch *s);
DEFINE_FREEP(PiiScratch, pii_scratch_free)

/* Replaces what found holds. */
ErrKind MUST_USE pii_scan(const PiiScanner *s, PiiScratch *scratch, Str text, PiiFound *found, Err *reterr);

const char *pii_type_name(PiiType t);
bool pii_type_parse(Str name, PiiType *ret);
/* Adds the types of packs, "uk,de" or "all" (pii_pack_table.h). INVALID: there is no such pack; the text lists them. */
ErrKind MUST_USE pii_packs_read(Str list, PiiTypes *ret, Err *reterr);
/* "uk"; NULL: the type is of no pack. */
const char *pii_pack_of(PiiType t);
const char *pii_rule_name(uint16_t rule);

/* The same spans counted in code points; an invalid byte counts as one. */
void pii_codepoints(Str text, PiiSpan *spans, size_t n);

#endif
