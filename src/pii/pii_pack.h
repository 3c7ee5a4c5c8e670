/* pii_pack.h - finds the identifiers of other countries by the rows of pii_pack_rows.c; private to src/pii.
 *
 *     each run of digits --starts: there, or letters before it--> shapes by first byte --> check --> words near --> score
 *
 * Shapes are a small exact pattern language, letters of either case: A..Z and 0..9 stand for themselves, d is a digit, a a
 * letter, u a letter or German umlaut (two bytes), x a letter or digit, [...] any of a set with ranges (d, a as above), other
 * bytes themselves; ? after an element makes it optional, {m,n} or {m} repeats it. Every shape holds a digit, and has at most
 * PII_PACK_LEAD bytes of letters and single separators before the first.
 * Cost: nothing without packs. With them a bounded number of bytes is looked at for each run of digits. */
#ifndef EHUB_PII_PII_PACK_H
#define EHUB_PII_PII_PACK_H

#include "pii/pii_impl.h"
#include "pii/pii_pack_check.h"

#define PII_PACK_LEAD 12
#define PII_PACK_ITEMS 32

/* Bits of how a shape may stand in the text. */
enum {
    PII_PACK_CAPITALS = 1, /* in a longer text its letters are capitals */
    PII_PACK_JOINED = 2    /* letters may stand directly before it */
};

/* One way to write an identifier. A type may have several; the best score of those that match counts. */
typedef struct PiiPackRow {
    PiiType type;
    const char *shape;
    PiiPackCheck *check; /* NULL: the shape says it all */
    float alone,
        said; /* score without and with words that say what it is; alone in a text it counts in any case */
    unsigned how;
} PiiPackRow;

extern const PiiPackRow PII_PACK_ROWS[];
extern const size_t PII_PACK_N_ROWS;
/* The words that say what a type is, small letters, separated by '|'. Up to four letters: whole words; longer: beginnings. */
const char *pii_pack_words(PiiType t);

static inline PiiRule pii_pack_rule(PiiType t)
{
    return (PiiRule)(PII_RULE_BEFORE_PACKS + 1 + (t - PII_BEFORE_PACKS - 1));
}

/* Compiled shapes of the types wanted, immutable; NULL when none of them is of a pack. */
typedef struct PiiPack PiiPack;
PiiPack *pii_pack_new(const PiiTypes *types);
void pii_pack_free(PiiPack *p);
void pii_find_packs(const PiiScanner *s, const PiiScratch *scratch, Str text, PiiFound *out, bool *full);

#endif
