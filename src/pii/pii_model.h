/* pii_model.h - the tagger's model: a lexicon of words and a table of weights, in one block of bytes.
 *
 *     64 bytes head | int16 trans[16][16] | uint64 lexicon[2^lex_bits] (hash << 32 | classes) | int8 rows[2^row_bits][16]
 *
 * A feature's hash picks a row; its 16 weights are one for each label. All numbers are little-endian.
 * Input:    pii_model_open trusts nothing: sizes are checked, every other byte may be anything (it tags badly, no more).
 * Threads:  immutable once open. */
#ifndef EHUB_PII_PII_MODEL_H
#define EHUB_PII_PII_MODEL_H

#include "base/err.h"
#include "base/str.h"

#define PII_LANES 16 /* labels, rounded up: a row is one vector */
#define PII_MODEL_HEAD 64
#define PII_MODEL_BYTES_MAX (64u << 20)
#define PII_ROW_BITS_MAX 20
#define PII_LEX_BITS_MAX 20

/* What the tagger says of a token. B: the first of a span, I: a further one. */
typedef enum PiiLabel {
    PII_LABEL_O,
    PII_LABEL_B_PERSON,
    PII_LABEL_I_PERSON,
    PII_LABEL_B_ADDRESS,
    PII_LABEL_I_ADDRESS,
    PII_LABEL_B_LOCATION,
    PII_LABEL_I_LOCATION,
    PII_LABEL_B_ORGANIZATION,
    PII_LABEL_I_ORGANIZATION,
    PII_LABEL_NRP,
    PII_LABEL_AGE,
    PII_N_LABELS
} PiiLabel;

/* What the lexicon says of a word: X(NAME, lists of the word files that give it). A list named with a star gives the
 * class to each word of its entries, without it only to entries of one word. */
#define PII_CLASSES(X)                                            \
    X(FIRST, "first* first_rare nickname")                        \
    X(LAST, "last* surname_us")                                   \
    X(FIRST_FOREIGN, "first_foreign*")                            \
    X(LAST_FOREIGN, "last_foreign*")                              \
    X(CITY, "city city_foreign place")                            \
    X(CITY_PART, "city* city_foreign* place* county*")            \
    X(COUNTRY, "country* country_foreign*")                       \
    X(REGION, "state* region_foreign*")                           \
    X(STATE_ABBR, "state_abbr")                                   \
    X(STREET_TYPE, "street_type street_type_foreign street_abbr") \
    X(STREET_NAME, "street* street_foreign* street_part*")        \
    X(ORG_SUFFIX, "company_suffix*")                              \
    X(ORG_WORD, "org_word")                                       \
    X(BRAND, "brand*")                                            \
    X(NRP, "nrp language")                                        \
    X(COMMON, "common slang interjection")                        \
    X(RARE, "common_rare")                                        \
    X(FOREIGN, "foreign_word foreign_text")                       \
    X(SLANG, "slang interjection")                                \
    X(FUNCTION, "function")                                       \
    X(TITLE, "title")                                             \
    X(PARTICLE, "particle")                                       \
    X(UNIT, "unit")                                               \
    X(AGE_CUE, "age_cue")                                         \
    X(PROPER, "proper")                                           \
    X(JOB, "job*")                                                \
    X(COMPANY_WORD, "company_word product")                       \
    X(NAME_SUFFIX, "name_suffix")                                 \
    X(LAST_RARE, "last_rare")                                     \
    X(FREQUENT, "frequent")

typedef enum PiiClass {
#define X(name, lists) PII_CLASS_##name,
    PII_CLASSES(X)
#undef X
        PII_N_CLASSES
} PiiClass;
#define PII_BIT(name) (1u << PII_CLASS_##name)

typedef struct PiiModel {
    const uint64_t *lexicon;
    const int8_t (*rows)[PII_LANES];
    int32_t trans[PII_LANES][PII_LANES]; /* [from][to] */
    int16_t gain[PII_LANES];             /* [label]: see pii_model_gain; O and what is no label: never */
    uint32_t row_bits, lex_bits;
} PiiModel;

/* A view into bytes, which must be aligned to 8 and stay. ERR_CORRUPT. */
ErrKind MUST_USE pii_model_open(Str bytes, PiiModel *ret, Err *reterr);
/* No best path leaves O where the score of each label, with its gain, is at most that of O, at every token: the gain is one
 * more than its transitions, the one that leads to it and the one back to O, can be worth beside those from O to O. */
void pii_model_gain(const int32_t trans[PII_LANES][PII_LANES], int16_t ret[PII_LANES]);
/* The model that the program carries. */
Str pii_model_shipped(void);
/* Size of a model's bytes; pii_model_head writes the beginning of one. */
size_t pii_model_bytes(uint32_t row_bits, uint32_t lex_bits);
void pii_model_head(uint8_t *bytes, uint32_t row_bits, uint32_t lex_bits);
#define PII_MODEL_TRANS_AT PII_MODEL_HEAD
#define PII_MODEL_LEXICON_AT (PII_MODEL_HEAD + 2 * PII_LANES * PII_LANES)

/* Where a word is looked for first. */
static inline const uint64_t *pii_model_slot(const PiiModel *m, uint32_t hash)
{
    return &m->lexicon[hash & ((1u << m->lex_bits) - 1)];
}

/* Classes of a word, 0 when it is unknown. */
static inline uint32_t pii_model_classes(const PiiModel *m, uint32_t hash)
{
    uint32_t mask = (1u << m->lex_bits) - 1;
    for (uint32_t i = 0; i < 32; i++) {
        uint64_t slot = m->lexicon[(hash + i) & mask];
        if (slot >> 32 == hash)
            return (uint32_t)slot;
        if (slot == 0)
            return 0;
    }
    return 0;
}

#endif
