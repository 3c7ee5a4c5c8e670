/* pii_find.h - what the parsers of the structured classes share; private to src/pii.
 *
 *     candidate byte --pii_find.c--> number | token | net | date ...: each parser checks exactly, and adds findings
 *
 * A parser may read the whole text but must look only a bounded way around its candidate. */
#ifndef EHUB_PII_PII_FIND_H
#define EHUB_PII_PII_FIND_H

#include "pii/pii_candidate.h"
#include "pii/pii_impl.h"

/* ---- classes of bytes ---- */

enum {
    PII_DIGIT = 1,
    PII_ALPHA = 2,
    PII_HEX = 4,
    PII_BLANK = 8,  /* and control characters */
    PII_LOCAL = 16, /* of the part of an e-mail address before the @ */
    PII_HOST = 32,  /* of the name of a host, with '.' */
    PII_LINK = 64,  /* of a web address */
    PII_UPPER = 128
};
extern const uint8_t PII_CLASS[256];

static inline bool pii_is(char c, unsigned classes)
{
    return PII_CLASS[(unsigned char)c] & classes;
}

/* ---- context: words near a candidate ---- */

#define PII_CONTEXTS(X) \
    X(PHONE)            \
    X(NUMBER)           \
    X(CARD)             \
    X(SSN)              \
    X(ITIN)             \
    X(BANK)             \
    X(ABA)              \
    X(PASSPORT)         \
    X(DRIVER)           \
    X(NPI)              \
    X(MBI)              \
    X(DEA)              \
    X(MLS)              \
    X(ZIP)              \
    X(BIRTH)            \
    X(YEAR)             \
    X(VERSION)          \
    X(OTHER)

typedef enum PiiContext {
#define X(name) PII_CTX_##name,
    PII_CONTEXTS(X)
#undef X
        PII_N_CTX
} PiiContext;
#define PII_CTX_BYTES 32 /* an array of one byte for each, rounded up to whole registers */

#define PII_CTX_SLOTS 512
#define PII_CTX_FILTER (32 * 32 * 17)
typedef struct PiiWords {
    PiiBegins begins;
    uint64_t low[PII_CTX_SLOTS], high[PII_CTX_SLOTS]; /* the word */
    uint32_t contexts[PII_CTX_SLOTS];                 /* bits; 0: free */
    uint64_t filter[PII_CTX_FILTER /
                    64]; /* bits of two letters and a length: most words of a text are not there */
} PiiWords;

#define PII_TLD_SLOTS 4096
typedef struct PiiTlds {
    uint16_t slot[PII_TLD_SLOTS];
} PiiTlds;

#define PII_IBAN_SLOTS (26 * 26)

/* The tables that every scanner shares, made once. */
typedef struct PiiTables {
    PiiWords words;
    PiiTlds tlds;
    uint8_t iban[PII_IBAN_SLOTS]; /* by the two letters of the country: the length, 0 for none */
} PiiTables;
const PiiTables *pii_tables(void);

void pii_words_index(PiiWords *ret);
void pii_tld_index(PiiTlds *ret);
void pii_iban_index(uint8_t ret[PII_IBAN_SLOTS]);
bool pii_is_tld(const PiiTlds *t, const char *p, size_t n); /* any case */

static inline uint32_t pii_word_hash(const char *p, size_t n)
{
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < n; i++)
        h = (h ^ (unsigned char)p[i]) * 16777619u;
    return h ^ h >> 15;
}

/* ---- one scan ---- */

typedef struct PiiFinder {
    const PiiScanner *s;
    const PiiTables *tables;
    const char *p; /* the text */
    size_t n;
    const PiiMasks *masks;       /* of the text */
    size_t done;                 /* candidates before it are in a finding that nothing inside can beat */
    size_t sure;                 /* end of the sure findings of the number being looked at */
    size_t skip;                 /* candidates of letters and digits before it are done */
    size_t net;                  /* ':' before it are done */
    size_t lone_start, lone_end; /* the text without blanks around it */
    size_t ctx_word,
        ctx_end; /* what near[] is of: the end of the last word before, and where the words after begin */
    uint8_t before[PII_CTX_BYTES]; /* near[] of the words before it only */
    uint8_t near[PII_CTX_BYTES];   /* words away, 255: not there */
    PiiFound *out;
    bool *full;
} PiiFinder;

#define PII_NEAR 9 /* a word of the context counts up to so many words away */

/* A byte of the text; a blank outside it. */
static inline char pii_at(const PiiFinder *f, size_t i)
{
    return i < f->n ? f->p[i] : ' ';
}

static inline char pii_before(const PiiFinder *f, size_t i)
{
    return i > 0 ? f->p[i - 1] : ' ';
}

/* What a byte outside of ASCII belongs to. */
typedef enum PiiWide {
    PII_WIDE_MARK,   /* a quotation mark, blank, dash, sign or emoji: ends a word */
    PII_WIDE_LETTER, /* a letter: what it touches goes on */
    PII_WIDE_JOINED  /* a letter of a script that writes no blanks: a number may touch it */
} PiiWide;
PiiWide pii_wide(const PiiFinder *f, size_t i);

static inline bool pii_is_word_at(const PiiFinder *f, size_t i)
{
    char c = pii_at(f, i);
    return pii_is(c, PII_DIGIT | PII_ALPHA) ||
           ((unsigned char)c >= 0x80 && pii_wide(f, i) == PII_WIDE_LETTER);
}

/* A letter outside of ASCII, whose script ever. */
static inline bool pii_is_wide_letter(const PiiFinder *f, size_t i)
{
    return (unsigned char)f->p[i] >= 0x80 && pii_wide(f, i) != PII_WIDE_MARK;
}

/* A byte of these classes; outside of ASCII only a letter. */
static inline bool pii_is_part(const PiiFinder *f, size_t i, unsigned classes)
{
    return pii_is(f->p[i], classes) && ((unsigned char)f->p[i] < 0x80 || pii_wide(f, i) != PII_WIDE_MARK);
}

/* How many digits stand at `at`, at most 64; `at` may be a few bytes past the end. */
static inline size_t pii_digits_at(const PiiFinder *f, size_t at)
{
    return pii_ones_low(pii_bits_from(f->masks->digit, at));
}

static inline size_t pii_letters_at(const PiiFinder *f, size_t at)
{
    return pii_ones_low(pii_bits_from(f->masks->letter, at));
}

static inline size_t pii_letters_before(const PiiFinder *f, size_t at)
{
    return pii_ones_high(pii_bits_before(f->masks->letter, at));
}

/* Letters and digits. */
static inline size_t pii_alnum_at(const PiiFinder *f, size_t at)
{
    return pii_ones_low(pii_bits_from(f->masks->digit, at) | pii_bits_from(f->masks->letter, at));
}

static inline size_t pii_alnum_before(const PiiFinder *f, size_t at)
{
    return pii_ones_high(pii_bits_before(f->masks->digit, at) | pii_bits_before(f->masks->letter, at));
}

static inline bool pii_is_word_before(const PiiFinder *f, size_t i)
{
    return i > 0 && pii_is_word_at(f, i - 1);
}

static inline void pii_put(PiiFinder *f, PiiRule rule, size_t start, size_t end, float score)
{
    if (score >= 0.75f && end > f->sure)
        f->sure = end;
    if (score >= f->s->min_score)
        pii_add(f->out, rule, start, end, score, f->full);
}

/* A finding that nothing inside it can beat: what is left of it needs no look. */
static inline void pii_put_whole(PiiFinder *f, PiiRule rule, size_t start, size_t end, float score)
{
    pii_put(f, rule, start, end, score);
    if (end > f->done)
        f->done = end;
}

/* The text is this and nothing else: a field of a form or table, whose name we do not see. */
static inline bool pii_is_lone(const PiiFinder *f, size_t start, size_t end)
{
    return start == f->lone_start && end == f->lone_end;
}

/* Words before `start` and a few after `end`: how many words away each context is. Kept for the same place. */
void pii_context(PiiFinder *f, size_t start, size_t end);

static inline bool pii_near(const PiiFinder *f, PiiContext c)
{
    return f->near[c] <= PII_NEAR;
}

/* The context is there, and nothing that says it is another kind of number stands nearer. */
static inline bool pii_says(const PiiFinder *f, PiiContext c)
{
    return f->near[c] <= PII_NEAR && f->near[c] <= f->near[PII_CTX_OTHER];
}

/* Of a driver's licence: any short number may be one. */
static inline bool pii_says_driver(const PiiFinder *f)
{
    uint8_t at = f->near[PII_CTX_DRIVER];
    return at <= 6 && pii_says(f, PII_CTX_DRIVER) && at < f->near[PII_CTX_PHONE] &&
           at <= f->near[PII_CTX_DEA];
}

static inline bool pii_says_other(const PiiFinder *f)
{
    return f->near[PII_CTX_OTHER] <= 3;
}

/* ---- runs of digits, and numbers in groups ---- */

#define PII_GROUPS 12

typedef enum PiiSep {
    PII_SEP_END,
    PII_SEP_SPACE,
    PII_SEP_DASH,
    PII_SEP_DOT,
    PII_SEP_SLASH,
    PII_SEP_COLON,
    PII_SEP_PAREN
} PiiSep;

typedef struct PiiGroup {
    size_t start;
    uint16_t len;
    uint8_t sep; /* PiiSep between it and the next */
} PiiGroup;

typedef struct PiiNumber {
    PiiGroup g[PII_GROUPS];
    uint64_t shape; /* lengths of the groups, four bits each, the first highest; 15: that or more */
    int n;
} PiiNumber;

/* From group i on stand n groups of these lengths: 0x334 is the 3-3-4 of a telephone number. */
static inline bool pii_shaped(const PiiNumber *num, int i, int n, uint64_t lens)
{
    return num->shape << 4 * i >> (64 - 4 * n) == lens;
}

static inline size_t pii_group_end(const PiiNumber *num, int i)
{
    return num->g[i].start + num->g[i].len;
}

/* The digits of groups first..last; returns how many there are, and stores them when they are at most PII_DIGITS_MAX. */
#define PII_DIGITS_MAX 24
size_t pii_digits(const PiiFinder *f, const PiiNumber *num, int first, int last,
                  char ret[PII_DIGITS_MAX + 8]);

/* Of at most 9 digits. */
static inline unsigned pii_value(const char *p, size_t n)
{
    unsigned v = 0;
    for (size_t i = 0; i < n; i++)
        v = v * 10 + (unsigned)(p[i] - '0');
    return v;
}

bool pii_luhn(const char *digits, size_t n);

/* Each looks at the number from group i on, which is not in the middle of a word or another number. */
void pii_find_card(PiiFinder *f, const PiiNumber *num, int i);
void pii_find_phone(PiiFinder *f, const PiiNumber *num, int i);
void pii_find_us(PiiFinder *f, const PiiNumber *num, int i);
void pii_find_groups(PiiFinder *f, const PiiNumber *num, int i); /* of licences and listings */
void pii_find_zip(PiiFinder *f, const PiiNumber *num, int i);
void pii_find_date(PiiFinder *f, const PiiNumber *num, int i);
void pii_find_ipv4(PiiFinder *f, const PiiNumber *num, int i);

/* A run of letters and digits that has both, or that stands where a document's number may. */
void pii_find_token(PiiFinder *f, size_t start, size_t end);
void pii_find_iban(PiiFinder *f, size_t start);
void pii_find_crypto(PiiFinder *f, size_t start, size_t end);
/* The same, with '-' and '_'. */
bool pii_find_secret(PiiFinder *f, size_t start, size_t end);
void pii_find_key(PiiFinder *f, size_t at); /* at its '_', or the third letter of "AKIA" */
void pii_find_key_block(PiiFinder *f, size_t dash);

void pii_find_email(PiiFinder *f, size_t at);
void pii_find_colon(PiiFinder *f, size_t at); /* web addresses, IPv6, MAC */
void pii_find_dot(PiiFinder *f, size_t at);   /* names of domains, MAC */
void pii_find_mac_dot(PiiFinder *f, size_t start);
void pii_find_mac_dash(PiiFinder *f, size_t dash);
void pii_find_weekday(PiiFinder *f, size_t d);

#endif
