/* pii_impl.h - what the finders share; private to src/pii.
 *
 * A finder appends what it is sure enough of to `out`, in any order and overlapping; pii_resolve decides. */
#ifndef EHUB_PII_PII_IMPL_H
#define EHUB_PII_PII_IMPL_H

#include "pii/pii.h"

/* X(ID, "name shown", PII type): every rule that can make a finding. */
#define PII_RULES(X)                           \
    X(EMAIL, "email", PII_EMAIL_ADDRESS)       \
    X(TAG_PERSON, "tagger person", PII_PERSON) \
    X(CUSTOM_WORD, "custom word", PII_CUSTOM)  \
    X(CUSTOM_PATTERN, "custom pattern", PII_CUSTOM)

typedef enum PiiRule {
#define X(id, name, type) PII_RULE_##id,
    PII_RULES(X)
#undef X
        PII_N_RULES
} PiiRule;

struct PiiTagger;
struct PiiTagScratch;
struct PiiCustomScratch;

struct PiiScanner {
    uint64_t types; /* bit of each PiiType that is looked for */
    uint64_t packs; /* bit of each country: pii_packs.h */
    float min_score;
    struct PiiTagger *tagger; /* NULL: names are not looked for */
    const struct PiiCustom *custom;
};

struct PiiScratch {
    PiiFound found;                  /* before the overlaps are resolved */
    struct PiiTagScratch *tag;       /* NULL without tagger */
    struct PiiCustomScratch *custom; /* NULL without custom */
};

static inline bool pii_wants(const PiiScanner *s, PiiType t)
{
    return s->types >> t & 1;
}

/* pii_tag.c: the tagger of a scanner, immutable, and what one thread needs to use it. An empty model is the shipped one. */
ErrKind MUST_USE pii_tagger_new(Str model, struct PiiTagger **ret, Err *reterr);
void pii_tagger_free(struct PiiTagger *t);
struct PiiTagScratch *pii_tag_scratch_new(const struct PiiTagger *t);
void pii_tag_scratch_free(struct PiiTagScratch *s);

/* pii_custom.c: what one thread needs to match a tenant's patterns; allowed: a finding that the tenant's list lets pass. */
struct PiiCustomScratch *pii_custom_scratch_new(const struct PiiCustom *c);
void pii_custom_scratch_free(struct PiiCustomScratch *s);
bool pii_custom_allows(const struct PiiCustom *c, Str text, const PiiSpan *span);

/* Grows out; past PII_SPANS_MAX the span is dropped and *full set, which ends the scan with ERR_LIMIT. */
void pii_add(PiiFound *out, PiiRule rule, size_t start, size_t end, float score, bool *full);

/* The structured classes that the scanner looks for. */
void pii_find_structured(const PiiScanner *s, PiiScratch *scratch, Str text, PiiFound *out, bool *full);
/* Names, places, organisations, addresses, ages. */
void pii_find_tagged(const PiiScanner *s, PiiScratch *scratch, Str text, PiiFound *out, bool *full);
/* Words and patterns of the tenant. */
void pii_find_custom(const PiiScanner *s, PiiScratch *scratch, Str text, PiiFound *out, bool *full);

/* Sorts, drops what is below min_score or on the allow-list, and leaves no overlap: the rule stands in pii_resolve.c. */
void pii_resolve(const PiiScanner *s, Str text, PiiFound *found);

#endif
