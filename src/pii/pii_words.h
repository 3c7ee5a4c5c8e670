/* pii_words.h - the word lists that the generator and the lexicon are made of.
 *
 *     [city]          a line with a class begins its list
 *     Albany          a line is one entry
 *
 * Owner:    the views point into the text given, which must stay; pii_words_done frees the arrays.
 * Limits:   PII_LISTS_MAX lists.
 * Errors:   MALFORMED an entry before the first list . LIMIT */
#ifndef EHUB_PII_PII_WORDS_H
#define EHUB_PII_PII_WORDS_H

#include "base/buf.h"
#include "pii/pii_model.h"

#define PII_LISTS_MAX 64
#define PII_WORDS_BYTES_MAX (16u << 20)

typedef struct PiiList {
    Str name;
    Str *entries;
    size_t n, cap;
} PiiList;

typedef struct PiiWords {
    PiiList lists[PII_LISTS_MAX];
    size_t n;
} PiiWords;

/* Adds the lists of one text; a list of a name that is there already is continued. */
ErrKind MUST_USE pii_words_add(PiiWords *w, Str text, Err *reterr);
void pii_words_done(PiiWords *w);
const PiiList *pii_words_list(const PiiWords *w, const char *name); /* NULL: none */
/* The lexicon of PII_CLASSES: 2^lex_bits slots, at most 3/4 full. ERR_LIMIT. */
ErrKind MUST_USE pii_words_lexicon(const PiiWords *w, uint64_t *slots, uint32_t lex_bits, Err *reterr);

#endif
