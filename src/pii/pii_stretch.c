/* pii_stretch.c - which words may be a part of a finding, 64 tokens at a time: see pii_tagger.h.
 *
 *     shapes, classes --kernel--> a bit for each token and PiiSign --lines, sentences--> strong, strange */
#include "pii/pii_tagger.h"

static bool has(const uint64_t *bits, size_t i)
{
    return bits[i / 64] >> (i % 64) & 1;
}

/* The first that is set at or after i, n if there is none before it. */
static inline size_t next_bit(const uint64_t *bits, size_t i, size_t n)
{
    if (i >= n)
        return n;
    uint64_t word = bits[i / 64] >> (i % 64);
    if (word)
        return MIN(i + (size_t)__builtin_ctzll(word), n);
    for (size_t w = i / 64 + 1; w * 64 < n; w++)
        if (bits[w])
            return MIN(w * 64 + (size_t)__builtin_ctzll(bits[w]), n);
    return n;
}

static bool has_at_least(size_t least, const uint64_t *bits, size_t from, size_t to)
{
    for (; least > 0; least--, from++)
        if ((from = next_bit(bits, from, to)) == to)
            return false;
    return true;
}

static void set_range(uint64_t *bits, size_t from, size_t to)
{
    for (size_t end; from < to; from = end) {
        end = MIN(to, (from / 64 + 1) * 64);
        bits[from / 64] |= ~UINT64_C(0) >> (64 - (end - from)) << from % 64;
    }
}

/* ---- lines ---- */

/* Of the line [from, to). Small words between capitals are no sign of small letters: "The Bank of the West". */
static PiiCasing casing_of(const PiiSigns *s, size_t from, size_t to)
{
    size_t title = next_bit(s->of[PII_SIGN_CAPITAL], from, to);
    bool lower = next_bit(s->of[PII_SIGN_LOWER], from, title) < title || next_bit(s->content, title, to) < to;
    if (lower)
        return title == to && next_bit(s->of[PII_SIGN_UPPER], from, to) == to ? PII_CASING_LOWER
                                                                              : PII_CASING_NORMAL;
    if (title == to)
        return has_at_least(2, s->of[PII_SIGN_UPPER], from, to) ? PII_CASING_UPPER : PII_CASING_NORMAL;
    return has_at_least(4, s->of[PII_SIGN_CAPITAL], from, to) ? PII_CASING_TITLE : PII_CASING_NORMAL;
}

static size_t count(const uint64_t *bits, size_t from, size_t to)
{
    size_t n = 0;
    for (size_t i = from, end; i < to; i = end) {
        end = MIN(to, (i / 64 + 1) * 64);
        n += (size_t)__builtin_popcountll(bits[i / 64] >> i % 64 << (64 - (end - i)));
    }
    return n;
}

/* Of the line [from, to): words of other languages, or that nobody knows, outweigh those that hold English together. */
static bool is_foreign(const PiiSigns *s, size_t from, size_t to)
{
    if (!has_at_least(2, s->alien, from, to))
        return false;
    size_t foreign = count(s->of[PII_SIGN_FOREIGN], from, to), unknown = count(s->alien, from, to) - foreign;
    size_t english = count(s->of[PII_SIGN_FUNCTION], from, to);
    return (foreign >= 2 && foreign > english) || (foreign + unknown >= 3 && foreign + unknown > 2 * english);
}

static void casings(PiiToken *t, size_t n, PiiSigns *s)
{
    for (size_t from = 0, to; from < n; from = to) {
        to = next_bit(s->line, from + 1, n);
        PiiCasing casing = casing_of(s, from, to);
        unsigned style = (is_foreign(s, from, to) ? PII_FOREIGN : 0) |
                         (next_bit(s->chatty, from, to) < to ? PII_CHATTY : 0);
        for (size_t i = from; style && i < to; i++)
            t[i].casing |= (uint8_t)style;
        if (casing == PII_CASING_NORMAL)
            continue; /* as most are, and as the tokens come */
        for (size_t i = from; i < to; i++)
            t[i].casing |= (uint8_t)casing;
        set_range(s->odd, from, to);
        if (casing == PII_CASING_LOWER)
            set_range(s->small, from, to);
    }
}

/* ---- words ---- */

/* The two tokens before and behind each cue of an age. */
static void near_cues(PiiSigns *s, size_t n)
{
    for (size_t i = 0; (i = next_bit(s->of[PII_SIGN_CUE], i, n)) < n; i++)
        set_range(s->near, i > 2 ? i - 2 : 0, MIN(i + 3, n));
}

/* A number that may be an age: near a cue or behind a form of "to be". */
static bool may_be_age(const PiiToken *t, size_t i, const PiiSigns *s)
{
    uint32_t len = t[i].end - t[i].start;
    if (t[i].shape == PII_SHAPE_DIGITS_LETTERS)
        return len <= 5;
    if (len > 3)
        return false;
    return has(s->near, i) ||
           (i > 0 && t[i - 1].shape == PII_SHAPE_LOWER && t[i - 1].end - t[i - 1].start <= 3);
}

/* What is at the end of 64 tokens and counts for the next. */
typedef struct Carry {
    uint64_t title, dot, ends;
} Carry;

/* Moves each bit to the next token. */
static uint64_t next_of(uint64_t bits, uint64_t *carry)
{
    uint64_t moved = bits << 1 | *carry;
    *carry = bits >> 63;
    return moved;
}

/* A mark that ends a sentence. */
static bool ends_sentence(uint32_t mark)
{
    return mark == '.' || mark == '!' || mark == '?' || mark == ':' || mark == '"' || mark == '>' ||
           mark == 0x201c;
}

void pii_take(const PiiToken *t, size_t n, PiiSigns *s, size_t w)
{
    uint64_t line = 0, ends = 0, dots = 0;
    size_t in = MIN(n - w * 64, 64u);
    for (size_t i = 0; i < in; i++) {
        const PiiToken *token = &t[w * 64 + i];
        s->shape[i] = token->shape;
        s->classes[i] = token->classes;
        line |= (uint64_t)(token->newlines > 0) << i;
        ends |= (uint64_t)ends_sentence(token->hash) << i;
        dots |= (uint64_t)(token->hash == '.' && !token->blank) << i;
    }
    for (size_t i = in; i < 64; i++)
        s->shape[i] = s->classes[i] = PII_SHAPE_MARK;
    s->line[w] = line;
    s->ends[w] = ends;
    s->dots[w] = dots;
}

/* The w-th 64 tokens. */
static void decide(PiiToken *t, size_t w, PiiSigns *s, Carry *carry)
{
#define SIGN(name) (s->of[PII_SIGN_##name][w])
    uint64_t line = s->line[w], ends = s->ends[w] & SIGN(MARK), dots = s->dots[w] & SIGN(MARK);
    uint64_t titles = 0, ages = 0;
    for (uint64_t left = SIGN(ADDRESSED); left; left &= left - 1) {
        size_t i = w * 64 + (size_t)__builtin_ctzll(left);
        titles |= t[i].end - t[i].start > 1 ? left & -left : 0;
    }
    for (uint64_t left = SIGN(NUMBER); left; left &= left - 1)
        ages |= may_be_age(t, w * 64 + (size_t)__builtin_ctzll(left), s) ? left & -left : 0;
    /* right behind "Mr" or "Mr.": a word with a capital is a name, though a sentence may seem to begin */
    uint64_t behind = next_of(titles, &carry->title) & ~line;
    uint64_t titled = SIGN(TITLE) & (behind | (next_of(dots & behind, &carry->dot) & ~line));
    uint64_t begins = (line | next_of(ends, &carry->ends)) & ~titled;
    uint64_t function = SIGN(FUNCTION), common = SIGN(COMMON), named = SIGN(NAMED), lower = SIGN(LOWER);
    uint64_t in_small = named | ~(common | SIGN(RARE) | SIGN(FOREIGN)), in_normal = named & ~common;
    uint64_t small = s->small[w] & in_small;
    uint64_t as_lower = lower & ~function & (small | (~s->small[w] & in_normal));
    uint64_t as_other = ~(lower | SIGN(NUMBER) | SIGN(MARK)) & (~function | SIGN(WHO)) &
                        ~((common | function) & ~named & (begins | s->odd[w]));
    s->strong[w] = titled | ages | as_lower | as_other;
    s->strange[w] = lower & ((s->small[w] & function) | (~s->small[w] & ~(named | SIGN(PARTICLE))));
    for (uint64_t left = begins & ~SIGN(MARK) & ~SIGN(DIGITS); left; left &= left - 1) {
        size_t i = w * 64 + (size_t)__builtin_ctzll(left);
        t[i].casing |= PII_BEGINS;
    }
#undef SIGN
}

/* Of two marks the second, t: "!!", "...", ":)". */
static bool is_chatty(const PiiToken *t)
{
    if (t->blank)
        return false;
    if (t->hash == t[-1].hash)
        return t->hash == '!' || t->hash == '?' || t->hash == '.';
    return (t->hash == ')' || t->hash == '(') && (t[-1].hash == ':' || t[-1].hash == ';');
}

void pii_strong(const PiiKernel *kernel, PiiToken *t, size_t n, PiiSigns *s)
{
    for (size_t w = 0; w * 64 < n; w++) {
        uint64_t chatty = 0, after_mark = w > 0 ? s->of[PII_SIGN_MARK][w - 1] >> 63 : 0;
        kernel->take(t, n, s, w);
        kernel->signs(s, w);
        uint64_t marks = s->of[PII_SIGN_MARK][w];
        for (uint64_t left = marks & (marks << 1 | after_mark); left; left &= left - 1) {
            size_t i = w * 64 + (size_t)__builtin_ctzll(left);
            chatty |= i < n && is_chatty(&t[i]) ? left & -left : 0;
        }
        s->line[w] |= w == 0;
        s->chatty[w] = chatty | s->of[PII_SIGN_SLANG][w];
        s->content[w] = s->of[PII_SIGN_LOWER][w] & ~s->of[PII_SIGN_FUNCTION][w];
        s->alien[w] = s->of[PII_SIGN_FOREIGN][w] |
                      (s->of[PII_SIGN_LOWER][w] & ~(s->of[PII_SIGN_COMMON][w] | s->of[PII_SIGN_RARE][w] |
                                                    s->of[PII_SIGN_FUNCTION][w] | s->of[PII_SIGN_NAMED][w]));
        s->odd[w] = s->small[w] = s->near[w] = 0;
    }
    casings(t, n, s);
    near_cues(s, n);
    Carry carry = {0};
    for (size_t w = 0; w * 64 < n; w++)
        decide(t, w, s, &carry);
}

/* ---- stretches ---- */

#define BEFORE 3u
#define AFTER 8u
#define JOIN 3u /* words between two strong ones of one finding: Bank of the West */
bool pii_stretch(const PiiSigns *s, size_t n, size_t *from, size_t *to)
{
    size_t least = *from, at = next_bit(s->strong, least, n);
    if (at == n)
        return false;
    for (*from = at; *from > least && at - *from < BEFORE && !has(s->strange, *from - 1);)
        --*from;
    size_t most = MIN(n, *from + PII_STRETCH_MAX - 16);
    for (;;) {
        size_t next = next_bit(s->strong, at + 1, most);
        *to = MAX(at + 1, next_bit(s->strange, at + 1, MIN(MIN(n, at + 1 + AFTER), next)));
        if (next == most || next > *to + JOIN)
            break;
        at = next;
    }
    /* a mark at the end is of no use, but a dot of "Jr." */
    while (*to > at + 2 && has(s->of[PII_SIGN_MARK], *to - 1))
        --*to;
    return true;
}
