/* pii_tagger.h - what tagging and training share: stretches of tokens that matter, features, the best path. Private.
 *
 *     tokens --pii_strong--> words that may be names --pii_stretch--> [from, to) around them --pii_keys--> what the features
 *     are made of --pii_rows--> rows of weights, summed --pii_best_path--> labels
 *
 * Most text is common words in small letters, which are never looked at: a stretch holds the words that can be part of a
 * finding and a few neighbours. Training sees the same stretches as tagging, so that both agree.
 * Threads:  pure; nothing allocates. */
#ifndef EHUB_PII_PII_TAGGER_H
#define EHUB_PII_PII_TAGGER_H

#include "pii/pii_model.h"
#include "pii/pii_token.h"

#define PII_TOKENS 1024 /* looked at together */
#define PII_MARGIN 3    /* neighbours of a token that its features see */
#define PII_FEATURES 28 /* of each token */
#define PII_GROUP 8     /* tokens whose features are made together */
#define PII_STRETCH_MAX 512

/* How the letters of a token's line are written. */
typedef enum PiiCasing { PII_CASING_NORMAL, PII_CASING_LOWER, PII_CASING_UPPER, PII_CASING_TITLE } PiiCasing;
#define PII_BEGINS 4u /* beside it in a token: a word that begins a sentence */

/* What the features are made of, a list of each kind so that those of PII_GROUP tokens are read as one vector. Index
 * PII_MARGIN is the first token of a stretch. */
#define PII_KEYS (PII_MARGIN + PII_STRETCH_MAX + PII_MARGIN + PII_GROUP)
typedef struct PiiKeys {
    uint32_t id[PII_KEYS];      /* the word itself if it is a common one or a mark, else its shape */
    uint32_t classes[PII_KEYS]; /* as the features see them */
    uint32_t look[PII_KEYS];    /* shape, casing of the line, beginning of a sentence */
    uint32_t gap[PII_KEYS];     /* newlines and blanks before */
    uint32_t head[PII_KEYS], tail[PII_KEYS];
} PiiKeys;

#define PII_BITS ((PII_TOKENS + 63) / 64)

/* Sets the classes of words. */
void pii_classify(const PiiModel *m, PiiToken *t, size_t n);
/* Sets casing in the tokens, and the bit of each of the n <= PII_TOKENS that may be a part of a finding. */
void pii_strong(PiiToken *t, size_t n, uint64_t strong[PII_BITS]);
/* The next stretch at or after *from: [*from, *to); false: none before n. */
bool pii_stretch(const PiiToken *t, const uint64_t strong[PII_BITS], size_t n, size_t *from, size_t *to);
/* The keys of the stretch [from, to) of n tokens and its neighbours. */
void pii_keys(const PiiToken *t, size_t n, size_t from, size_t to, Str text, PiiKeys *keys);

/* The rows of the features of PII_GROUP tokens from the at-th of the stretch on, in a table of 2^row_bits rows. */
typedef void PiiRowsFn(const PiiKeys *k, size_t at, uint32_t row_bits,
                       uint32_t rows[PII_FEATURES][PII_GROUP]);
/* Sums of the weights of the first n tokens of the stretch. */
typedef void PiiScoreFn(const PiiModel *m, const PiiKeys *k, size_t n, int32_t (*scores)[PII_LANES]);
/* The labels with the greatest sum (Viterbi 1967), the first of equal ones; back: n * PII_LANES bytes of scratch. 0 < n <=
 * PII_STRETCH_MAX. With AVX2 scores and trans are those of a model: at most 2^15 each. */
typedef void PiiPathFn(const int32_t (*scores)[PII_LANES], size_t n,
                       const int32_t trans[PII_LANES][PII_LANES], uint8_t (*back)[PII_LANES],
                       uint8_t *labels);

/* Two ways with the same results: with AVX2, and a plain reference. */
typedef struct PiiKernel {
    PiiRowsFn *rows;
    PiiScoreFn *score;
    PiiPathFn *best_path;
} PiiKernel;
extern const PiiKernel PII_KERNEL_PLAIN, PII_KERNEL_AVX2; /* the second only where there is x86 */
const PiiKernel *pii_kernel(void);                        /* the best of this machine */

/* pii_tag_trim.c: narrows the tokens [*from, *to) of n, whose first label is `first`, to what can be a finding of it: no
 * marks at its ends, no number in a name, no part of a longer number as an age, no word of strange ending as a group.
 * False: nothing is left. */
bool pii_trim(const PiiToken *t, size_t n, Str text, PiiLabel first, size_t *from, size_t *to);
/* The postal code right behind a place that ends before token `at`: [*ret_from, returned); 0: none. */
size_t pii_code_after(const PiiToken *t, size_t n, Str text, size_t at, size_t *ret_from);
/* Never: a further part of what has not begun. */
bool pii_label_follows(unsigned from, unsigned to);

#endif
