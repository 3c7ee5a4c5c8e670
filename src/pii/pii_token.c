/* pii_token.c - see pii_token.h. */
#include "pii/pii_token.h"
#include "pii/pii_fold.h"

enum {
    C_MARK,
    C_BLANK,
    C_NEWLINE,
    C_LOWER,
    C_UPPER,
    C_DIGIT,
    C_HIGH, /* above ASCII: see high() */
};

static const uint8_t CLASS_OF[256] = {
    ['\t'] = C_BLANK, [' '] = C_BLANK,         ['\v'] = C_BLANK,         ['\f'] = C_BLANK,
    ['\r'] = C_BLANK, ['\n'] = C_NEWLINE,      ['0' ... '9'] = C_DIGIT,  ['A' ... 'Z'] = C_UPPER,
    ['_'] = C_LOWER,  ['a' ... 'z'] = C_LOWER, [0x80 ... 0xff] = C_HIGH,
};

typedef struct Letter {
    uint32_t folded;
    uint8_t len;  /* bytes */
    uint8_t kind; /* C_MARK, C_BLANK, C_LOWER, C_UPPER, C_HIGH: a letter without case */
} Letter;

/* Length of the well-formed sequence at p and its code point; 0: none. */
static unsigned decode(const uint8_t *p, size_t left, uint32_t *ret)
{
    unsigned n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (p[0] < 0xc2 || p[0] > 0xf4 || left < n)
        return 0;
    uint32_t cp = p[0] & (0x7fu >> n);
    for (unsigned i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        cp = cp << 6 | (p[i] & 0x3f);
    }
    if ((n == 3 && cp < 0x800) || (n == 4 && (cp < 0x10000 || cp > 0x10ffff)) ||
        (cp >= 0xd800 && cp < 0xe000))
        return 0;
    *ret = cp;
    return n;
}

static bool bit(const uint32_t *bits, uint32_t i)
{
    return bits[i / 32] >> (i % 32) & 1;
}

static Letter latin(uint32_t cp, unsigned len)
{
    bool first = cp < PII_FOLD_END;
    uint32_t i = cp - (first ? PII_FOLD_FIRST : PII_FOLD2_FIRST);
    char c = first ? PII_FOLD_LATIN[i] : PII_FOLD_LATIN2[i];
    bool upper = bit(first ? PII_FOLD_LATIN_UPPER : PII_FOLD_LATIN2_UPPER, i);
    if (c == '?')
        return (Letter){cp, (uint8_t)len, C_MARK};
    return (Letter){(uint8_t)c, (uint8_t)len, upper ? C_UPPER : C_LOWER};
}

/* What stands at p, which is above ASCII. */
static Letter high(const uint8_t *p, size_t left)
{
    uint32_t cp = 0;
    unsigned n = decode(p, left, &cp);
    uint8_t len = (uint8_t)n;
    if (n == 0)
        return (Letter){p[0], 1, C_MARK};
    if ((cp >= PII_FOLD_FIRST && cp < PII_FOLD_END) || (cp >= PII_FOLD2_FIRST && cp < PII_FOLD2_END))
        return latin(cp, n);
    if (cp == 0xa0 || cp == 0x3000 || (cp >= 0x2000 && cp <= 0x200f) || cp == 0x202f)
        return (Letter){cp, len, C_BLANK};
    if (cp == 0xaa || cp == 0xba)
        return (Letter){cp == 0xaa ? 'a' : 'o', len, C_LOWER};
    if (cp < 0xc0 || (cp >= 0x2010 && cp < 0x2c00) || (cp >= 0x3001 && cp < 0x3040) || cp >= 0xfe00)
        return (Letter){cp, len, C_MARK}; /* signs, arrows, pictures */
    if (cp >= 0x391 && cp <= 0x3a9)
        return (Letter){cp + 32, len, C_UPPER};
    if (cp >= 0x3b1 && cp <= 0x3c9)
        return (Letter){cp, len, C_LOWER};
    if (cp >= 0x410 && cp <= 0x42f)
        return (Letter){cp + 32, len, C_UPPER};
    if (cp >= 0x400 && cp <= 0x40f)
        return (Letter){cp + 80, len, C_UPPER};
    if (cp >= 0x430 && cp <= 0x45f)
        return (Letter){cp, len, C_LOWER};
    return (Letter){cp, len, C_HIGH};
}

static size_t letters_from(const uint8_t *p, size_t at, size_t len)
{
    size_t n = 0;
    while (
        at + n < len && n < 4 &&
        (CLASS_OF[p[at + n]] == C_LOWER || CLASS_OF[p[at + n]] == C_UPPER || CLASS_OF[p[at + n]] == C_HIGH))
        n++;
    return n;
}

typedef struct Counts {
    uint32_t upper, lower, digits, caseless;
    bool digit_first, upper_first;
} Counts;

static uint8_t shape_of(const Counts *c)
{
    uint32_t letters = c->upper + c->lower + c->caseless;
    if (letters == 0)
        return PII_SHAPE_DIGITS;
    if (c->digits > 0)
        return c->digit_first ? PII_SHAPE_DIGITS_LETTERS : PII_SHAPE_LETTERS_DIGITS;
    if (c->caseless > c->upper + c->lower)
        return PII_SHAPE_CASELESS;
    if (c->upper == 0)
        return PII_SHAPE_LOWER;
    if (c->lower + c->caseless == 0)
        return c->upper == 1 ? PII_SHAPE_INITIAL : PII_SHAPE_UPPER;
    return c->upper == 1 && c->upper_first ? PII_SHAPE_TITLE : PII_SHAPE_MIXED;
}

/* The folded bytes of a word: a letter of ASCII is one, others up to three. */
#define FOLD_KEPT 32u
typedef struct Fold {
    uint8_t bytes[FOLD_KEPT]; /* the first */
    uint32_t last;            /* the last four, the last in the highest byte */
    size_t n;
} Fold;

static inline void add(Fold *f, uint32_t byte)
{
    if (f->n < FOLD_KEPT)
        f->bytes[f->n] = (uint8_t)byte;
    f->last = f->last >> 8 | byte << 24;
    f->n++;
}

static inline void add_letter(Fold *f, uint32_t folded)
{
    if (folded > 0xffff)
        add(f, folded >> 16 & 0xff);
    if (folded > 0xff)
        add(f, folded >> 8 & 0xff);
    add(f, folded & 0xff);
}

/* The word at `at`, which begins with a letter or a digit; returns its end. */
static size_t word(const uint8_t *p, size_t at, size_t len, Fold *f, uint8_t *ret_shape)
{
    Counts c = {0};
    for (uint32_t n = 0; at < len; n++) {
        uint8_t k = CLASS_OF[p[at]];
        if (k == C_LOWER || k == C_UPPER || k == C_DIGIT) {
            c.upper_first |= n == 0 && k == C_UPPER;
            c.digit_first |= n == 0 && k == C_DIGIT;
            c.lower += k == C_LOWER;
            c.upper += k == C_UPPER;
            c.digits += k == C_DIGIT;
            add(f, p[at++] | 0x20u);
        } else if (k == C_HIGH) {
            Letter l = high(p + at, len - at);
            if (l.kind == C_MARK || l.kind == C_BLANK) {
                if (l.folded != 0x2019 || n == 0 || n > 2 || letters_from(p, at + l.len, len) < 3)
                    break;
            } else {
                c.upper_first |= n == 0 && l.kind == C_UPPER;
                c.upper += l.kind == C_UPPER;
                c.lower += l.kind == C_LOWER;
                c.caseless += l.kind == C_HIGH;
                add_letter(f, l.folded);
            }
            at += l.len;
        } else if (p[at] == '\'' && n > 0 && n <= 2 && letters_from(p, at + 1, len) >= 3) {
            at++; /* O'Brien: part of the word, not of its hash */
        } else {
            break;
        }
    }
    *ret_shape = shape_of(&c);
    return at;
}

static uint32_t hash_of(const Fold *f)
{
    uint64_t w[FOLD_KEPT / 8];
    memcpy(w, f->bytes, sizeof w);
    return f->n <= 16 ? pii_hash16(w[0], w[1], f->n) : pii_hash32(w[0], w[1], w[2], w[3], f->n);
}

bool pii_token_next(Str text, size_t before, size_t *at, PiiToken *ret)
{
    const uint8_t *p = (const uint8_t *)text.ptr;
    for (size_t i = *at; i < text.len; i++) {
        uint8_t k = CLASS_OF[p[i]];
        if (k == C_BLANK || k == C_NEWLINE)
            continue;
        Letter l = {.folded = p[i], .len = 1, .kind = k};
        if (k == C_HIGH)
            l = high(p + i, text.len - i);
        if (l.kind == C_BLANK) {
            i += l.len - 1u;
            continue;
        }
        *ret = (PiiToken){.start = (uint32_t)i, .newlines = pii_gap_newlines(p, before, i)};
        ret->blank = i == 0 || i > before;
        if (l.kind == C_MARK) {
            ret->hash = l.folded;
            *at = i + l.len;
        } else {
            Fold f = {0};
            *at = word(p, i, text.len, &f, &ret->shape);
            ret->hash = hash_of(&f);
        }
        ret->end = (uint32_t)*at;
        return true;
    }
    *at = text.len;
    return false;
}

size_t pii_tokenize_plain(Str text, size_t *at, PiiToken *tokens, size_t max)
{
    size_t n = 0;
    for (size_t before = *at; n < max && pii_token_next(text, before, at, &tokens[n]); n++)
        before = *at;
    return n;
}

size_t pii_tokenize(Str text, size_t *at, PiiToken *tokens, size_t max)
{
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("avx512vbmi") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
        return pii_tokenize_avx512(text, at, tokens, max);
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2"))
        return pii_tokenize_avx2(text, at, tokens, max);
#endif
    return pii_tokenize_plain(text, at, tokens, max);
}

uint32_t pii_token_hash(Str w)
{
    Fold f = {0};
    uint8_t shape;
    word((const uint8_t *)w.ptr, 0, w.len, &f, &shape);
    return hash_of(&f);
}

/* One to three bytes, none above ASCII and no apostrophe. */
static bool is_short_ascii(const uint8_t *p, const PiiToken *t)
{
    bool is = true;
    for (uint32_t i = t->start; i < t->end; i++)
        is = is && p[i] < 0x80 && p[i] != '\'';
    return is;
}

void pii_token_affixes(Str text, const PiiToken *t, uint32_t *ret_head, uint32_t *ret_tail)
{
    const uint8_t *p = (const uint8_t *)text.ptr;
    uint32_t first, last;
    if (t->end - t->start >= 4) {
        memcpy(&first, p + t->start, 4);
        memcpy(&last, p + t->end - 4, 4);
        bool quick =
            ((first | last) & 0x80808080u) == 0 && p[t->start + 1] != '\'' && p[t->start + 2] != '\'';
        *ret_head = first | 0x20202020u;
        *ret_tail = last | 0x20202020u;
        if (quick)
            return;
    } else if (is_short_ascii(p, t)) {
        uint32_t len = t->end - t->start;
        first = 0;
        for (uint32_t i = 0; i < len; i++)
            first |= (p[t->start + i] | 0x20u) << 8 * i;
        *ret_head = first;
        *ret_tail = first << 8 * (4 - len);
        return;
    }
    Fold f = {0};
    uint8_t shape;
    word(p, t->start, t->end, &f, &shape);
    memcpy(ret_head, f.bytes, 4);
    *ret_tail = f.last;
}
