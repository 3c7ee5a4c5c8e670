/* pii_token.h - cuts text into words, numbers and marks, with what the tagger needs to know about each.
 *
 *     "Call O'Brien, 5th floor" --> Call | O'Brien | , | 5th | floor      hash, shape, blanks before, affixes
 *
 * The hash folds case and accents (Latin, Greek, Cyrillic), so that JOSE, José and jose are one word.
 * Owner:    the caller's array; nothing allocates.
 * Input:    any bytes; a byte that is not UTF-8 is a mark of its own.
 * Threads:  pure. */
#ifndef EHUB_PII_PII_TOKEN_H
#define EHUB_PII_PII_TOKEN_H

#include "base/str.h"

typedef enum PiiShape {
    PII_SHAPE_MARK,
    PII_SHAPE_LOWER,
    PII_SHAPE_TITLE,
    PII_SHAPE_UPPER,   /* two capitals or more, nothing else */
    PII_SHAPE_INITIAL, /* one capital */
    PII_SHAPE_MIXED,   /* McDonald, iPhone */
    PII_SHAPE_DIGITS,
    PII_SHAPE_DIGITS_LETTERS, /* 5th, 12B */
    PII_SHAPE_LETTERS_DIGITS, /* B12 */
    PII_SHAPE_CASELESS,       /* scripts without capitals, or not known */
    PII_N_SHAPES
} PiiShape;

typedef struct PiiToken {
    uint32_t start, end; /* bytes */
    uint32_t hash;       /* of the folded word; of a number: its length; of a mark: the mark */
    uint32_t classes;    /* bits of PiiClass, from the model's lexicon */
    uint32_t head, tail; /* the first and last letters, folded, a byte each */
    uint8_t shape;       /* PiiShape */
    uint8_t newlines;    /* before it, at most 3 */
    bool blank;          /* white space before it, or the beginning */
    uint8_t casing;      /* set by the tagger: its line's letters */
} PiiToken;

/* Tokens from *at on, at most max; *at: where the next call goes on (text.len: all done). */
size_t pii_tokenize(Str text, size_t *at, PiiToken *tokens, size_t max);
/* The hash of a single word, as the tokens carry it. */
uint32_t pii_token_hash(Str word);

#endif
