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
#define PII_GROUP_MAX 16
#define PII_STRETCH_MAX 512

/* How the letters of a token's line are written. */
typedef enum PiiCasing { PII_CASING_NORMAL, PII_CASING_LOWER, PII_CASING_UPPER, PII_CASING_TITLE } PiiCasing;
/* beside it in a token: */
#define PII_BEGINS 4u  /* a word that begins a sentence */
#define PII_FOREIGN 8u /* its line is in another language */
#define PII_CHATTY 16u /* its line is a post or chat: slang, "!!", ":)" */
#define PII_CASINGS 3u /* what remains: PiiCasing */

/* What the features are made of, a list of each kind so that those of PII_GROUP tokens are read as one vector. Index
 * PII_MARGIN is the first token of a stretch. */
#define PII_KEYS (PII_MARGIN + PII_STRETCH_MAX + PII_MARGIN + PII_GROUP_MAX)
typedef struct PiiKeys {
    uint32_t id[PII_KEYS];      /* the word itself if it is a common one or a mark, else its shape */
    uint32_t classes[PII_KEYS]; /* as the features see them */
    uint32_t look[PII_KEYS];    /* shape, casing of the line, beginning of a sentence */
    uint32_t style[PII_KEYS];   /* of the line: foreign, chatty */
    uint32_t gap[PII_KEYS];     /* newlines and blanks before */
    uint32_t head[PII_KEYS], tail[PII_KEYS];
} PiiKeys;

/* What decides whether a word may be a part of a finding. X(NAME, shapes or classes, of which a token has one). */
#define PII_SHAPE_SIGNS(X)                                    \
    X(MARK, 1u << PII_SHAPE_MARK)                             \
    X(LOWER, 1u << PII_SHAPE_LOWER)                           \
    X(UPPER, 1u << PII_SHAPE_UPPER)                           \
    X(TITLE, 1u << PII_SHAPE_TITLE)                           \
    X(CAPITAL, 1u << PII_SHAPE_TITLE | 1u << PII_SHAPE_MIXED) \
    X(DIGITS, 1u << PII_SHAPE_DIGITS)                         \
    X(NUMBER, 1u << PII_SHAPE_DIGITS | 1u << PII_SHAPE_DIGITS_LETTERS)
#define PII_CLASS_SIGNS(X)                                                                               \
    X(NAMED, PII_BIT(FIRST) | PII_BIT(LAST) | PII_BIT(FIRST_FOREIGN) | PII_BIT(LAST_FOREIGN) |           \
                 PII_BIT(CITY) | PII_BIT(CITY_PART) | PII_BIT(COUNTRY) | PII_BIT(REGION) |               \
                 PII_BIT(STREET_TYPE) | PII_BIT(STREET_NAME) | PII_BIT(ORG_SUFFIX) | PII_BIT(ORG_WORD) | \
                 PII_BIT(BRAND) | PII_BIT(NRP) | PII_BIT(PROPER) | PII_BIT(UNIT) | PII_BIT(LAST_RARE))   \
    X(WHO, PII_BIT(FIRST) | PII_BIT(LAST) | PII_BIT(FIRST_FOREIGN) | PII_BIT(LAST_FOREIGN) |             \
               PII_BIT(COUNTRY) | PII_BIT(LAST_RARE))                                                    \
    X(COMMON, PII_BIT(COMMON))                                                                           \
    X(RARE, PII_BIT(RARE))                                                                               \
    X(FOREIGN, PII_BIT(FOREIGN))                                                                         \
    X(SLANG, PII_BIT(SLANG))                                                                             \
    X(FUNCTION, PII_BIT(FUNCTION))                                                                       \
    X(PARTICLE, PII_BIT(PARTICLE))                                                                       \
    X(ADDRESSED, PII_BIT(TITLE))                                                                         \
    X(CUE, PII_BIT(AGE_CUE))

typedef enum PiiSign {
#define X(name, of) PII_SIGN_##name,
    PII_SHAPE_SIGNS(X) PII_CLASS_SIGNS(X)
#undef X
        PII_N_SIGNS
} PiiSign;

/* A bit for each token of a block, 64 in a word; what is past the end is a mark. */
#define PII_BITS ((PII_TOKENS + 63) / 64)
typedef struct PiiSigns {
    uint64_t of[PII_N_SIGNS][PII_BITS];
    uint64_t strong[PII_BITS]; /* may be a part of a finding */
    uint64_t strange
        [PII_BITS]; /* not even beside a strong one: no number, mark, particle or word with a capital */
    uint64_t line[PII_BITS];                 /* begins a line */
    uint64_t ends[PII_BITS];                 /* where it is a mark: ends a sentence */
    uint64_t dots[PII_BITS];                 /* where it is a mark: a dot right behind a word */
    uint64_t chatty[PII_BITS];               /* slang; the second mark of "!!", ":)" */
    uint64_t content[PII_BITS];              /* small letters, no function word */
    uint64_t alien[PII_BITS];                /* of another language, or small letters in no list */
    uint64_t odd[PII_BITS], small[PII_BITS]; /* its line: not NORMAL, LOWER */
    uint64_t near[PII_BITS];                 /* at most two from a cue of an age */
    uint32_t classes[64];                    /* of the 64 tokens at hand */
    uint8_t shape[64];
} PiiSigns;
typedef struct PiiKernel PiiKernel;

/* Sets the classes of words. */
void pii_classify(const PiiModel *m, PiiToken *t, size_t n);
/* Sets casing in the tokens, where it is still 0, and the signs of the n <= PII_TOKENS. */
void pii_strong(const PiiKernel *kernel, PiiToken *t, size_t n, PiiSigns *signs);
/* The next stretch at or after *from: [*from, *to); false: none before n. */
bool pii_stretch(const PiiSigns *signs, size_t n, size_t *from, size_t *to);
/* The keys of the stretch [from, to) of n tokens and its neighbours. */
typedef void PiiKeysFn(const PiiToken *t, size_t n, size_t from, size_t to, Str text, PiiKeys *keys);
PiiKeysFn pii_keys;
/* Words that are told apart by what they are; of names only the class matters, so that unknown ones are found too. */
#define PII_KNOWN                                                                                    \
    (PII_BIT(COMMON) | PII_BIT(FUNCTION) | PII_BIT(TITLE) | PII_BIT(UNIT) | PII_BIT(ORG_SUFFIX) |    \
     PII_BIT(ORG_WORD) | PII_BIT(AGE_CUE) | PII_BIT(PARTICLE) | PII_BIT(JOB) | PII_BIT(STATE_ABBR) | \
     PII_BIT(NAME_SUFFIX))
/* How a word looks that is not known: "Sooooo", "hmm", "ab". */
uint32_t pii_look(const PiiToken *t, Str text);
#define PII_LOOK_LONG 1u /* a letter three times in a row */
#define PII_LOOK_NO_VOWEL 2u
#define PII_LOOK_SHORT 4u

/* The rows of the features of PII_GROUP tokens from the at-th of the stretch on, in a table of 2^row_bits rows. */
typedef void PiiRowsFn(const PiiKeys *k, size_t at, uint32_t row_bits,
                       uint32_t rows[PII_FEATURES][PII_GROUP]);
/* Sums of the weights of the first n tokens of the stretch. False: no best path leaves O, by pii_model_gain. */
typedef bool PiiScoreFn(const PiiModel *m, const PiiKeys *k, size_t n, int32_t (*scores)[PII_LANES]);
/* The labels with the greatest sum (Viterbi 1967), the first of equal ones; back: n * PII_LANES bytes of scratch. 0 < n <=
 * PII_STRETCH_MAX. With AVX2 scores and trans are those of a model: at most 2^15 each. */
typedef void PiiPathFn(const int32_t (*scores)[PII_LANES], size_t n,
                       const int32_t trans[PII_LANES][PII_LANES], uint8_t (*back)[PII_LANES],
                       uint8_t *labels);

/* Takes classes and shapes of the w-th 64 of n tokens, and sets the w-th word of line, ends and dots. */
typedef void PiiTakeFn(const PiiToken *t, size_t n, PiiSigns *s, size_t w);
PiiTakeFn pii_take;
/* Sets the w-th word of each sign from the classes and shapes at hand. */
typedef void PiiSignsFn(PiiSigns *s, size_t w);

/* Three ways with the same results: with AVX-512, with AVX2, and a plain reference. */
struct PiiKernel {
    PiiTakeFn *take;
    PiiSignsFn *signs;
    PiiKeysFn *keys;
    PiiRowsFn *rows;
    PiiScoreFn *score;
    PiiPathFn *best_path;
};
extern const PiiKernel PII_KERNEL_PLAIN;
extern const PiiKernel PII_KERNEL_AVX2, PII_KERNEL_AVX512; /* only where there is x86 */
const PiiKernel *pii_kernel(void);                         /* the best of this machine */
#define PII_KERNELS 3
size_t pii_kernels(const PiiKernel *ret[PII_KERNELS]); /* all of this machine, the best first */

/* pii_tag_trim.c: narrows the tokens [*from, *to) of n, whose first label is `first`, to what can be a finding of it: no
 * marks at its ends, no number in a name, no part of a longer number as an age, no word of strange ending as a group.
 * False: nothing is left. */
bool pii_trim(const PiiToken *t, size_t n, Str text, PiiLabel first, size_t *from, size_t *to);
/* Takes in a first name right before [*from, *to) or a surname right behind a first name alone, where the token there is of no
 * finding: left, right. */
void pii_widen(const PiiToken *t, bool left, bool right, size_t *from, size_t *to);
/* "Smith, Pat" at the beginning of a line or behind a colon: a surname two tokens before the first name [from, to). */
bool pii_surname_before(const PiiToken *t, size_t n, size_t from, size_t to);
/* The postal code right behind a place that ends before token `at`: [*ret_from, returned); 0: none. */
size_t pii_code_after(const PiiToken *t, size_t n, Str text, size_t at, size_t *ret_from);
/* "St. Louis, MO 63101" at the beginning of [from, to): a place with its code and no address, no street, no house. */
typedef struct PiiPlace {
    size_t name_end;         /* name: [from, name_end) */
    size_t state, state_end; /* [state, state_end) */
    size_t end;              /* behind the code; 0: it is none */
} PiiPlace;
PiiPlace pii_place_with_code(const PiiToken *t, size_t from, size_t to);
/* Never: a further part of what has not begun. */
bool pii_label_follows(unsigned from, unsigned to);

#endif
