/* pii_tagger.h - what tagging and training share: stretches of tokens that matter, features, the best path. Private.
 *
 *     tokens --pii_stretch--> [from, to) around words that may be names --pii_features--> rows --pii_best_path--> labels
 *
 * Most text is common words in small letters, which are never looked at: a stretch holds the words that can be part of a
 * finding and a few neighbours. Training sees the same stretches as tagging, so that both agree.
 * Threads:  pure; nothing allocates. */
#ifndef EHUB_PII_PII_TAGGER_H
#define EHUB_PII_PII_TAGGER_H

#include "pii/pii_model.h"
#include "pii/pii_token.h"

#define PII_BLOCK 2048 /* tokens looked at together */
#define PII_MARGIN 4   /* tokens before and after them that always exist */
#define PII_FEATURES_MAX 48
#define PII_STRETCH_MAX 512

/* How the letters of a token's line are written. */
typedef enum PiiCasing { PII_CASING_NORMAL, PII_CASING_LOWER, PII_CASING_UPPER, PII_CASING_TITLE } PiiCasing;

/* What the features are made of, one for each token. */
typedef struct PiiKey {
    uint32_t id;      /* the word itself if it is a common one or a mark, else its shape */
    uint32_t classes; /* as the features see them */
    uint32_t look;    /* shape, casing of the line, beginning of a sentence */
    uint32_t gap;     /* newlines and blanks before */
    uint32_t tail, head;
    bool strong; /* may be a part of a finding */
} PiiKey;

/* Sets casing in the tokens and the keys of [0, n). */
void pii_keys(PiiToken *t, size_t n, Str text, PiiKey *keys);
/* The next stretch at or after *from: [*from, *to); false: none before n. */
bool pii_stretch(const PiiToken *t, const PiiKey *keys, size_t n, size_t *from, size_t *to);
/* Features of the token whose key is k: k[-PII_MARGIN] .. k[PII_MARGIN] can be read. Returns their number. */
size_t pii_features(const PiiKey *k, uint32_t features[PII_FEATURES_MAX]);
static inline uint32_t pii_feature_row(uint32_t feature, uint32_t row_bits)
{
    return (uint32_t)((uint64_t)(feature * 0x9E3779B1u) << row_bits >> 32);
}
/* The labels with the greatest sum (Viterbi 1967); back: n * PII_LANES bytes of scratch. n > 0. */
void pii_best_path(const int32_t (*scores)[PII_LANES], size_t n, const int32_t trans[PII_LANES][PII_LANES],
                   uint8_t (*back)[PII_LANES], uint8_t *labels);
/* Never: a further part of what has not begun. */
bool pii_label_follows(unsigned from, unsigned to);

#endif
