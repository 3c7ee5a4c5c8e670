/* pii_token_avx512.c - tokens from masks of 64 bytes, 16 at a time (Ice Lake, Zen 4 and later).
 *
 *     64 bytes --compare--> word, upper, digit ...: a bit for each byte --sums of masks--> what is true of all of a word
 *     --compress, pext--> vectors of 16 tokens: start, end, hash, shape
 *
 * A block begins where a token does or a blank stands, so that no word of a block began before it; a word that may go on behind
 * the block, and a 17th token, begin the next. What is rare goes to the plain reference: letters above ASCII, an
 * apostrophe in a name, long words. */
#include "pii/pii_token.h"

#ifdef __x86_64__
#include <immintrin.h>

#define TARGET                                                                                        \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512vbmi2,bmi,bmi2,lzcnt," \
                          "popcnt")))
#define INLINE static inline __attribute__((always_inline)) TARGET
#define BLOCK 64u
#define AT_ONCE 16u
#define QUICK 32u /* a longer word goes to the reference */

typedef struct Masks {
    uint64_t word, upper, digit, high, blank, newline, joined;
} Masks;

INLINE uint64_t within(__m512i v, char first, char last)
{
    return _mm512_cmple_epu8_mask(_mm512_sub_epi8(v, _mm512_set1_epi8(first)),
                                  _mm512_set1_epi8((char)(last - first)));
}

INLINE uint64_t equal(__m512i v, char c)
{
    return _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8(c));
}

/* folded: v in small letters. joined: an apostrophe with three letters behind it, as far as the block shows. */
INLINE Masks masks_of(__m512i v, __m512i folded)
{
    Masks m = {.upper = within(v, 'A', 'Z'),
               .digit = within(v, '0', '9'),
               .high = _mm512_movepi8_mask(v),
               .blank = within(v, '\t', '\r') | equal(v, ' '),
               .newline = equal(v, '\n')};
    uint64_t letters = within(folded, 'a', 'z') | equal(v, '_') | m.high, top = ~(~UINT64_C(0) >> 3);
    m.word = letters | m.digit;
    m.joined = equal(v, '\'') & (top | (letters >> 1 & letters >> 2 & letters >> 3));
    return m;
}

/* The ends of the words all of whose bytes are in `set`: a carry runs from the first byte to the last. */
INLINE uint64_t all_of(uint64_t set, uint64_t word, uint64_t first, uint64_t last)
{
    return ((set & word) + first) >> 1 & last;
}

/* The starts of the words that the reference must cut. */
INLINE uint64_t hard_of(const Masks *m, uint64_t first)
{
    uint64_t joined = m->joined & m->word << 1, ret = first & (joined >> 1 | joined >> 2);
    if (m->high)
        ret |= UINT64_C(1) << (63 - _lzcnt_u64(first & _blsmsk_u64(m->high)));
    return ret;
}

/* What a block's tokens follow. */
typedef struct Before {
    size_t end;        /* of the token before */
    uint32_t newlines; /* between it and the block */
} Before;

typedef struct Tokens {
    __m512i start, end, hash, rest; /* rest: shape, newlines, blank, casing */
} Tokens;

/* Hashes of eight words, whose starts are the bytes of `start` from the at-th on; folded: the block. */
INLINE __m256i hashes(__m512i folded, __m128i start, __m128i len, int at)
{
    const __m512i eight = _mm512_set1_epi64(0x0706050403020100),
                  times = _mm512_set1_epi64((long long)0x9E3779B97F4A7C15u);
    const __m512i spread =
        _mm512_set_epi64(0x0707070707070707, 0x0606060606060606, 0x0505050505050505, 0x0404040404040404,
                         0x0303030303030303, 0x0202020202020202, 0x0101010101010101, 0);
    __m512i which = _mm512_add_epi8(spread, _mm512_set1_epi8((char)at));
    __m512i s = _mm512_add_epi8(_mm512_permutexvar_epi8(which, _mm512_castsi128_si512(start)), eight);
    __m512i n = _mm512_permutexvar_epi8(which, _mm512_castsi128_si512(len));
    __m512i more = _mm512_set1_epi8(8);
    __m512i a = _mm512_maskz_permutexvar_epi8(_mm512_cmplt_epu8_mask(eight, n), s, folded);
    __m512i b = _mm512_maskz_permutexvar_epi8(_mm512_cmplt_epu8_mask(_mm512_add_epi8(eight, more), n),
                                              _mm512_add_epi8(s, more), folded);
    __m512i h = _mm512_and_si512(n, _mm512_set1_epi64(0xff));
    h = _mm512_mullo_epi64(_mm512_xor_si512(h, a), times);
    h = _mm512_xor_si512(h, _mm512_srli_epi64(h, 32));
    h = _mm512_mullo_epi64(_mm512_xor_si512(h, b), times);
    h = _mm512_xor_si512(h, _mm512_srli_epi64(h, 32));
    return _mm512_cvtepi64_epi32(h);
}

/* Of the words longer than 16, fewer than QUICK: the bits of `which`. */
TARGET static void long_hashes(const uint8_t p[BLOCK], uint32_t which, __m128i start, __m128i len,
                               uint32_t hash[AT_ONCE])
{
    uint8_t starts[16], lens[16];
    _mm_storeu_si128((__m128i *)(void *)starts, start);
    _mm_storeu_si128((__m128i *)(void *)lens, len);
    for (; which; which &= which - 1) {
        unsigned i = (unsigned)__builtin_ctz(which), n = lens[i];
        uint64_t w[QUICK / 8] = {0};
        memcpy(w, p + starts[i], n);
        uint64_t fold = 0x2020202020202020u;
        uint64_t third = _bzhi_u64(w[2] | fold, 8 * (MIN(n, 24) - 16)),
                 fourth = _bzhi_u64(w[3] | fold, 8 * (MAX(n, 24) - 24));
        hash[i] = pii_hash32(w[0] | fold, w[1] | fold, third, fourth, n);
    }
}

/* More than one newline before a token, or some before the block. */
TARGET static __m512i many_newlines(uint64_t newline, uint64_t starts, uint32_t before)
{
    uint32_t n[AT_ONCE] = {0};
    for (size_t i = 0; starts; starts &= starts - 1, i++) {
        uint64_t below = (starts & -starts) - 1;
        uint32_t count = before + (uint32_t)__builtin_popcountll(newline & below);
        n[i] = (count < 3 ? count : 3) << 8;
        newline &= ~below;
        before = 0;
    }
    return _mm512_loadu_si512(n);
}

INLINE __m128i shapes(uint64_t word, uint64_t upper, uint64_t digit, uint64_t first, uint64_t starts,
                      uint64_t ends)
{
    enum { NONE = 1, FIRST = 2, ALL = 4, DIGIT_FIRST = 8, NO_DIGIT = 16, DIGITS = 32 };
    static const uint8_t SHAPES[64] __attribute__((aligned(64))) = {
        [0 ... 7] = PII_SHAPE_LETTERS_DIGITS,
        [DIGIT_FIRST... DIGIT_FIRST + 7] = PII_SHAPE_DIGITS_LETTERS,
        [NO_DIGIT] = PII_SHAPE_MIXED,
        [NO_DIGIT + NONE] = PII_SHAPE_LOWER,
        [NO_DIGIT + FIRST] = PII_SHAPE_TITLE,
        [NO_DIGIT + ALL] = PII_SHAPE_UPPER,
        [NO_DIGIT + FIRST + ALL] = PII_SHAPE_INITIAL,
        [DIGITS... DIGITS + 15] = PII_SHAPE_DIGITS,
    };
#define BIT_OF(set, value) \
    _mm_maskz_set1_epi8((__mmask16)_pext_u64(all_of(set, word, first, ends), ends), value)
    __m128i none = BIT_OF(~upper, NONE), only_first = BIT_OF(upper ^ ~first, FIRST), all = BIT_OF(upper, ALL);
    __m128i no_digit = BIT_OF(~digit, NO_DIGIT), digits = BIT_OF(digit, DIGITS);
#undef BIT_OF
    __m128i digit_first = _mm_maskz_set1_epi8((__mmask16)_pext_u64(digit, starts), DIGIT_FIRST);
    __m128i at = _mm_or_si128(_mm_ternarylogic_epi32(none, only_first, all, 0xfe),
                              _mm_ternarylogic_epi32(no_digit, digits, digit_first, 0xfe));
    __m512i shape = _mm512_permutexvar_epi8(_mm512_castsi128_si512(at), _mm512_load_si512(SHAPES));
    return _mm_maskz_mov_epi8((__mmask16)_pext_u64(word, starts), _mm512_castsi512_si128(shape));
}

/* At most 16 tokens of the block of bytes p, which is at `base`. *ret_next: where the next block begins. True: there the
 * reference must go on. */
INLINE bool block(const uint8_t *p, size_t base, Before *before, Tokens *ret, size_t *ret_n, size_t *ret_next)
{
    __m512i v = _mm512_loadu_si512(p), folded = _mm512_or_si512(v, _mm512_set1_epi8(0x20));
    Masks m = masks_of(v, folded);
    uint64_t first = m.word & ~(m.word << 1), marks = ~(m.word | m.blank), starts = first | marks;
    uint64_t hard = hard_of(&m, first);
    uint64_t stop = (m.word >> 63) << (63 - _lzcnt_u64(first | 1)); /* the last word may go on */
    if (m.word == ~UINT64_C(0))
        hard |= 1;
    stop |= hard | (starts & ~_pdep_u64(0xffff, starts));
    uint64_t in = _blsmsk_u64(stop) & ~stop; /* all bits for stop == 0 */
    unsigned after = (unsigned)_tzcnt_u64(stop);
    starts &= in;
    uint64_t word = m.word & in;
    first &= in;
    uint64_t ends = (word & ~(word >> 1)) | (marks & in), newline = m.newline & in;
    const __m512i iota =
        _mm512_set_epi8(63, 62, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43,
                        42, 41, 40, 39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22,
                        21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    __m128i start = _mm512_castsi512_si128(_mm512_maskz_compress_epi8(starts, iota));
    __m128i end =
        _mm_add_epi8(_mm512_castsi512_si128(_mm512_maskz_compress_epi8(ends, iota)), _mm_set1_epi8(1));
    __m128i len = _mm_sub_epi8(end, start);
    unsigned n = (unsigned)_mm_popcnt_u64(starts);
    uint32_t is_long = (uint32_t)_mm_cmpgt_epi8_mask(len, _mm_set1_epi8(16)) & _bzhi_u32(0xffff, n);
    __mmask16 is_word = (__mmask16)_pext_u64(word, starts);
    __m512i hash = _mm512_inserti64x4(_mm512_castsi256_si512(hashes(folded, start, len, 0)),
                                      hashes(folded, start, len, 8), 1);
    __m128i bytes = _mm512_castsi512_si128(_mm512_maskz_compress_epi8(starts, v));
    hash = _mm512_mask_mov_epi32(_mm512_cvtepu8_epi32(bytes), is_word, hash);
    bool is_hard = hard & stop & -stop;
    if (is_long) {
        uint32_t too_long = (uint32_t)_mm_cmpge_epi8_mask(len, _mm_set1_epi8(QUICK)) & is_long;
        if (too_long) { /* the tokens before it */
            uint8_t at[16];
            _mm_storeu_si128((__m128i *)(void *)at, start);
            n = (unsigned)__builtin_ctz(too_long);
            after = at[n];
            starts &= (UINT64_C(1) << after) - 1;
            newline &= (UINT64_C(1) << after) - 1;
            is_long &= _blsmsk_u32(too_long) >> 1;
            is_hard = true;
        }
        uint32_t all[AT_ONCE];
        _mm512_storeu_si512(all, hash);
        long_hashes(p, is_long, start, len, all);
        hash = _mm512_loadu_si512(all);
    }
    uint64_t behind_newline =
        (~starts + newline) & starts; /* a carry runs from a newline to the next start */
    uint64_t behind_blank = starts & ~(ends << 1 | (uint64_t)(before->end == base && base > 0));
    uint64_t last_start = starts ? UINT64_C(1) << (63 - _lzcnt_u64(starts)) : 0;
    uint64_t newlines_in = last_start ? newline & (last_start - 1) : 0;
    __m512i newlines = _mm512_maskz_set1_epi32((__mmask16)_pext_u64(behind_newline, starts), 1 << 8);
    if (before->newlines || _mm_popcnt_u64(newlines_in) != _mm_popcnt_u64(behind_newline))
        newlines = many_newlines(newline, starts, before->newlines);
    __m512i rest = _mm512_cvtepu8_epi32(shapes(word, m.upper, m.digit, first, starts, ends));
    rest = _mm512_ternarylogic_epi32(
        rest, newlines, _mm512_maskz_set1_epi32((__mmask16)_pext_u64(behind_blank, starts), 1 << 16), 0xfe);
    before->newlines = (uint32_t)_mm_popcnt_u64(newline ^ newlines_in) + (starts ? 0 : before->newlines);
    __m512i from = _mm512_set1_epi32((int)base);
    *ret = (Tokens){_mm512_add_epi32(_mm512_cvtepu8_epi32(start), from),
                    _mm512_add_epi32(_mm512_cvtepu8_epi32(end), from), hash, rest};
    *ret_n = n;
    *ret_next = base + after;
    return is_hard;
}

/* Writes 16 tokens. */
INLINE void write(const Tokens *t, PiiToken *to)
{
    uint32_t rest[AT_ONCE];
    __m512i none = _mm512_setzero_si512(), ab = _mm512_unpacklo_epi32(t->start, t->end),
            cd = _mm512_unpackhi_epi32(t->start, t->end), h = _mm512_unpacklo_epi32(t->hash, none),
            k = _mm512_unpackhi_epi32(t->hash, none);
    __m512i every[4] = {_mm512_unpacklo_epi64(ab, h), _mm512_unpackhi_epi64(ab, h),
                        _mm512_unpacklo_epi64(cd, k), _mm512_unpackhi_epi64(cd, k)};
    _mm512_storeu_si512(rest, t->rest);
#pragma GCC unroll 4
    for (size_t i = 0; i < 4; i++) {
        _mm_storeu_si128((__m128i *)(void *)&to[i], _mm512_extracti32x4_epi32(every[i], 0));
        _mm_storeu_si128((__m128i *)(void *)&to[i + 4], _mm512_extracti32x4_epi32(every[i], 1));
        _mm_storeu_si128((__m128i *)(void *)&to[i + 8], _mm512_extracti32x4_epi32(every[i], 2));
        _mm_storeu_si128((__m128i *)(void *)&to[i + 12], _mm512_extracti32x4_epi32(every[i], 3));
    }
#pragma GCC unroll 16
    for (size_t i = 0; i < AT_ONCE; i++)
        memcpy(&to[i].shape, &rest[i], 4);
}

static bool is_word(char c)
{
    uint8_t b = (uint8_t)c, low = b | 0x20;
    return b >= 0x80 || (low >= 'a' && low <= 'z') || (b >= '0' && b <= '9') || b == '_';
}

/* Tokens by the reference from *at on, as far as bytes of words go without a gap. */
static size_t hard_words(Str text, size_t *at, Before *before, PiiToken *tokens, size_t n, size_t max)
{
    do {
        if (!pii_token_next(text, before->end, at, &tokens[n]))
            return n;
        *before = (Before){.end = *at};
        n++;
    } while (n < max && *at < text.len && is_word(text.ptr[*at]));
    return n;
}

TARGET size_t pii_tokenize_avx512(Str text, size_t *at, PiiToken *tokens, size_t max)
{
    size_t n = 0, base = *at;
    Before before = {.end = base};
    while (base < text.len && n < max) {
        const uint8_t *p = (const uint8_t *)text.ptr + base;
        uint8_t last[BLOCK]; /* past the end there are blanks */
        if (base + BLOCK > text.len) {
            memset(last, ' ', sizeof last);
            memcpy(last, p, text.len - base);
            p = last;
        }
        Tokens t;
        size_t got;
        bool is_hard = block(p, base, &before, &t, &got, &base);
        if (n + AT_ONCE <= max) {
            write(&t, tokens + n);
        } else {
            PiiToken some[AT_ONCE];
            write(&t, some);
            is_hard = is_hard && got < max - n;
            got = MIN(got, max - n);
            memcpy(tokens + n, some, got * sizeof *some);
        }
        n += got;
        before.end = got > 0 ? tokens[n - 1].end : before.end;
        if (is_hard && n < max)
            n = hard_words(text, &base, &before, tokens, n, max);
    }
    *at = n == max ? before.end : text.len;
    return n;
}
#else
size_t pii_tokenize_avx512(Str text, size_t *at, PiiToken *tokens, size_t max)
{
    return pii_tokenize_plain(text, at, tokens, max);
}
#endif
