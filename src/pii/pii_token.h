/* pii_token.h - cuts text into words, numbers and marks, with what the tagger needs to know about each.
 *
 *     "Call O'Brien, 5th floor" --> Call | O'Brien | , | 5th | floor      hash, shape, blanks before
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
    uint32_t hash;       /* of the folded word; of a mark: the mark */
    uint32_t classes;    /* bits of PiiClass, from the model's lexicon */
    uint8_t shape;       /* PiiShape */
    uint8_t newlines;    /* before it, at most 3 */
    uint8_t blank;       /* 1: white space before it, or the beginning */
    uint8_t casing;      /* set by the tagger: its line's letters, and whether a sentence begins */
} PiiToken;

/* Tokens from *at on, at most max; *at: where the next call goes on (text.len: all done). */
size_t pii_tokenize(Str text, size_t *at, PiiToken *tokens, size_t max);
/* The reference, a byte at a time, with the same tokens. */
size_t pii_tokenize_plain(Str text, size_t *at, PiiToken *tokens, size_t max);
/* 64 bytes at a time; only where the machine has AVX2 and BMI2. */
size_t pii_tokenize_avx2(Str text, size_t *at, PiiToken *tokens, size_t max);
/* The same, 16 tokens at a time; only where the machine has AVX-512 with VBMI2. */
size_t pii_tokenize_avx512(Str text, size_t *at, PiiToken *tokens, size_t max);

/* The first token at or after *at, which follows one that ended at `before`; *at: its end. False: only white space. */
bool pii_token_next(Str text, size_t before, size_t *at, PiiToken *ret);
/* The hash of a single word, as the tokens carry it. */
uint32_t pii_token_hash(Str word);
/* The first four letters of a word, folded, the first in the lowest byte, and the last four, the last in the highest; zero
 * where it has fewer. */
void pii_token_affixes(Str text, const PiiToken *t, uint32_t *ret_head, uint32_t *ret_tail);

/* The hash of n folded bytes, of which the first 32 count: two words of eight, little-endian, then two more for n > 16. */
static inline uint64_t pii_hash_step(uint64_t h, uint64_t bytes)
{
    h = (h ^ bytes) * 0x9E3779B97F4A7C15u;
    return h ^ h >> 32;
}
static inline uint32_t pii_hash16(uint64_t a, uint64_t b, size_t n)
{
    return (uint32_t)pii_hash_step(pii_hash_step(n, a), b);
}
static inline uint32_t pii_hash32(uint64_t a, uint64_t b, uint64_t c, uint64_t d, size_t n)
{
    return (uint32_t)pii_hash_step(pii_hash_step(pii_hash_step(pii_hash_step(n, a), b), c), d);
}
static inline uint8_t pii_gap_newlines(const uint8_t *p, size_t before, size_t at)
{
    uint8_t n = 0;
    for (; before < at && n < 3; before++)
        n = (uint8_t)(n + (p[before] == '\n'));
    return n;
}

#endif
