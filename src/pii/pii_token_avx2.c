/* pii_token_avx2.c - tokens from masks of 64 bytes (Haswell, Zen and later).
 *
 *     64 bytes --compare--> word, upper, digit, high, blank: a bit for each byte --first bits--> tokens
 *
 * A word of ASCII letters is hashed from loads of eight bytes. What else there is goes to the plain reference: letters
 * above ASCII, an apostrophe after one or two letters, words as long as a block. */
#include "pii/pii_token.h"

#ifdef __x86_64__
#include <immintrin.h>

#define TARGET __attribute__((target("avx2,bmi,bmi2")))
#define INLINE static inline __attribute__((always_inline)) TARGET
#define BLOCK 64u
#define QUICK 32u /* a longer word goes to the reference */

/* Bits of a block's bytes. word: letters, digits, what is above ASCII. */
typedef struct Masks {
    uint64_t word, upper, digit, high, blank;
} Masks;

INLINE uint64_t mask(__m256i low, __m256i high)
{
    return (uint32_t)_mm256_movemask_epi8(low) | (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32;
}

INLINE __m256i within(__m256i v, char first, char last)
{
    __m256i off = _mm256_sub_epi8(v, _mm256_set1_epi8(first));
    return _mm256_cmpeq_epi8(_mm256_min_epu8(off, _mm256_set1_epi8((char)(last - first))), off);
}

INLINE __m256i letters(__m256i v)
{
    return _mm256_or_si256(within(_mm256_or_si256(v, _mm256_set1_epi8(0x20)), 'a', 'z'),
                           _mm256_cmpeq_epi8(v, _mm256_set1_epi8('_')));
}

INLINE __m256i blanks(__m256i v)
{
    return _mm256_or_si256(within(v, '\t', '\r'), _mm256_cmpeq_epi8(v, _mm256_set1_epi8(' ')));
}

INLINE Masks masks_of(const uint8_t *p)
{
    __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)p);
    __m256i b = _mm256_loadu_si256((const __m256i *)(const void *)(p + 32));
    Masks m = {.upper = mask(within(a, 'A', 'Z'), within(b, 'A', 'Z')),
               .digit = mask(within(a, '0', '9'), within(b, '0', '9')),
               .high = mask(a, b),
               .blank = mask(blanks(a), blanks(b))};
    m.word = mask(letters(a), letters(b)) | m.digit | m.high;
    return m;
}

/* Of the block at `at`; past the end there are blanks. */
INLINE Masks masks_at(Str text, size_t at)
{
    if (at + BLOCK <= text.len)
        return masks_of((const uint8_t *)text.ptr + at);
    uint8_t last[BLOCK];
    memset(last, ' ', sizeof last);
    if (at < text.len)
        memcpy(last, text.ptr + at, text.len - at);
    return masks_of(last);
}

/* 64 bits from bit s of the first of two on. */
INLINE uint64_t from_bit(uint64_t first, uint64_t second, unsigned s)
{
    return first >> s | second << 1 << (63 - s);
}

/* Shape of a word of ASCII from the bits of its bytes. No branches: what capitals come cannot be guessed. */
INLINE uint8_t shape_of(uint64_t upper, uint64_t digit, uint64_t all)
{
    enum { NONE = 1, FIRST = 2, ALL = 4 };
    static const uint8_t SHAPES[8] = {[0] = PII_SHAPE_MIXED,
                                      [NONE] = PII_SHAPE_LOWER,
                                      [FIRST] = PII_SHAPE_TITLE,
                                      [ALL] = PII_SHAPE_UPPER,
                                      [FIRST | ALL] = PII_SHAPE_INITIAL};
    if (digit != 0)
        return digit == all ? PII_SHAPE_DIGITS
               : digit & 1  ? PII_SHAPE_DIGITS_LETTERS
                            : PII_SHAPE_LETTERS_DIGITS;
    return SHAPES[(upper == 0) | (upper == 1) << 1 | (upper == all) << 2];
}

/* Eight bytes of a word of len < 32, folded, from the i-th on; zero past its end. */
INLINE uint64_t folded(const uint8_t *p, unsigned i, unsigned len)
{
    uint64_t v;
    memcpy(&v, p + i, 8);
    unsigned left = (len > i ? len : i) - i; /* no branch: lengths cannot be guessed */
    return _bzhi_u64(v | 0x2020202020202020u, 8 * left);
}

INLINE uint32_t hash_of(Str text, size_t at, unsigned len)
{
    const uint8_t *p = (const uint8_t *)text.ptr + at;
    uint8_t copy[32];
    if (at + sizeof copy > text.len) {
        memset(copy, 0, sizeof copy);
        memcpy(copy, p, len < sizeof copy ? len : sizeof copy);
        p = copy;
    }
    uint64_t a = folded(p, 0, len), b = folded(p, 8, len);
    return len <= 16 ? pii_hash16(a, b, len) : pii_hash32(a, b, folded(p, 16, len), folded(p, 24, len), len);
}

INLINE bool is_word(char c)
{
    uint8_t b = (uint8_t)c, low = b | 0x20;
    return b >= 0x80 || (low >= 'a' && low <= 'z') || (b >= '0' && b <= '9') || b == '_';
}

/* Tokens by the reference from *at on, as far as bytes of words go without a gap. */
TARGET static size_t hard(Str text, size_t *at, size_t before, PiiToken *tokens, size_t n, size_t max)
{
    do {
        if (!pii_token_next(text, before, at, &tokens[n]))
            return n;
        before = *at;
        n++;
    } while (n < max && *at < text.len && is_word(text.ptr[*at]));
    return n;
}

TARGET size_t pii_tokenize_avx2(Str text, size_t *at, PiiToken *tokens, size_t max)
{
    const uint8_t *p = (const uint8_t *)text.ptr;
    size_t n = 0, done = *at, before = *at;
    uint64_t carry = 0;
    if (max == 0)
        return 0;
    Masks now = masks_at(text, done), next;
    for (size_t base = done; base < text.len; base += BLOCK, now = next) {
        next = masks_at(text, base + BLOCK);
        uint64_t starts = (now.word & ~(now.word << 1 | carry)) | ~(now.word | now.blank);
        carry = now.word >> 63;
        for (; starts; starts &= starts - 1) {
            unsigned s = (unsigned)_tzcnt_u64(starts);
            size_t pos = base + s;
            if (pos < done)
                continue;
            PiiToken *t = &tokens[n];
            t->start = (uint32_t)pos;
            t->classes = 0;
            t->blank = pos != before || pos == 0;
            t->newlines = pos - before > 1 ? pii_gap_newlines(p, before, pos)
                                           : (uint8_t)((pos != before) & (p[before] == '\n'));
            t->casing = 0;
            if (now.word >> s & 1) {
                unsigned len = (unsigned)_tzcnt_u64(~(now.word >> s));
                uint64_t upper = now.upper >> s, digit = now.digit >> s, high = now.high >> s;
                if (s + len == BLOCK) { /* it may go on in the next */
                    len = (unsigned)_tzcnt_u64(~from_bit(now.word, next.word, s));
                    upper = from_bit(now.upper, next.upper, s);
                    digit = from_bit(now.digit, next.digit, s);
                    high = from_bit(now.high, next.high, s);
                }
                uint64_t all = _bzhi_u64(~UINT64_C(0), len);
                size_t behind = pos + len < text.len ? pos + len : pos;
                if ((high & all) || len >= QUICK || ((len <= 2) & (p[behind] == '\''))) {
                    done = pos;
                    n = hard(text, &done, before, tokens, n, max);
                    before = n > 0 ? tokens[n - 1].end : before;
                } else {
                    t->shape = shape_of(upper & all, digit & all, all);
                    t->hash = hash_of(text, pos, len);
                    done = before = pos + len;
                    t->end = (uint32_t)done;
                    n++;
                }
            } else {
                t->shape = PII_SHAPE_MARK;
                t->hash = p[pos];
                done = before = pos + 1;
                t->end = (uint32_t)done;
                n++;
            }
            if (n == max) {
                *at = before;
                return n;
            }
        }
    }
    *at = text.len;
    return n;
}
#else
size_t pii_tokenize_avx2(Str text, size_t *at, PiiToken *tokens, size_t max)
{
    return pii_tokenize_plain(text, at, tokens, max);
}
#endif
