/* pii_candidate_avx2.c - two lanes of 32 bytes at a time (Haswell, Zen and later). */
#include "pii/pii_candidate.h"

#ifdef __x86_64__
#include <immintrin.h>

#define TARGET __attribute__((target("avx2")))
#define INLINE static inline __attribute__((always_inline)) TARGET

INLINE uint64_t mask(__m256i low, __m256i high)
{
    return (uint32_t)_mm256_movemask_epi8(low) | (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32;
}

/* first <= byte <= last, unsigned: what is left after taking first away is its own minimum with the width. */
INLINE __m256i within(__m256i v, char first, char last)
{
    __m256i off = _mm256_sub_epi8(v, _mm256_set1_epi8(first));
    return _mm256_cmpeq_epi8(_mm256_min_epu8(off, _mm256_set1_epi8((char)(last - first))), off);
}

INLINE uint64_t equal(__m256i low, __m256i high, char c)
{
    __m256i x = _mm256_set1_epi8(c);
    return mask(_mm256_cmpeq_epi8(low, x), _mm256_cmpeq_epi8(high, x));
}

TARGET void pii_block_avx2(const unsigned char *p, PiiBlock *ret)
{
    __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)p);
    __m256i b = _mm256_loadu_si256((const __m256i *)(const void *)(p + 32));
    __m256i small = _mm256_set1_epi8(32), la = _mm256_or_si256(a, small), lb = _mm256_or_si256(b, small);
    ret->digit = mask(within(a, '0', '9'), within(b, '0', '9'));
    ret->letter = mask(within(la, 'a', 'z'), within(lb, 'a', 'z'));
    ret->at = equal(a, b, '@');
    ret->colon = equal(a, b, ':');
    ret->dot = equal(a, b, '.');
    ret->dash = equal(a, b, '-');
    ret->blank = mask(within(a, 0, ' '), within(b, 0, ' '));
    uint64_t top = (uint64_t)1 << 63;
    uint64_t is_a = equal(la, lb, 'a');
    ret->day = equal(la, lb, 'd') & (is_a >> 1 | top) & (equal(la, lb, 'y') >> 2 | top | top >> 1);
    ret->key = equal(a, b, '_') | (equal(la, lb, 'i') & (is_a >> 1 | top) & (is_a << 2 | 3));
}

/* The entries of a table of 32 for 32 bytes: by their low four bits from either half, the fifth bit says which. */
INLINE __m256i entries(const uint8_t table[32], __m256i v)
{
    __m256i i = _mm256_and_si256(v, _mm256_set1_epi8(31));
    __m256i low = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)table));
    __m256i high = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)(table + 16)));
    return _mm256_blendv_epi8(_mm256_shuffle_epi8(low, i), _mm256_shuffle_epi8(high, i),
                              _mm256_slli_epi16(i, 3));
}

INLINE uint64_t begins_of_32(const unsigned char *p, const PiiBegins *sets)
{
    __m256i a = entries(sets->first, _mm256_loadu_si256((const __m256i *)(const void *)p));
    __m256i b = entries(sets->second, _mm256_loadu_si256((const __m256i *)(const void *)(p + 1)));
    __m256i c = entries(sets->third, _mm256_loadu_si256((const __m256i *)(const void *)(p + 2)));
    __m256i none = _mm256_cmpeq_epi8(_mm256_and_si256(_mm256_and_si256(a, b), c), _mm256_setzero_si256());
    return (uint32_t)~_mm256_movemask_epi8(none);
}

TARGET uint64_t pii_begins_avx2(const unsigned char *p, const PiiBegins *sets)
{
    return begins_of_32(p, sets) | begins_of_32(p + 32, sets) << 32;
}
#else
void pii_block_avx2(const unsigned char *p, PiiBlock *ret)
{
    pii_block_plain(p, ret);
}

uint64_t pii_begins_avx2(const unsigned char *p, const PiiBegins *sets)
{
    (void)p;
    (void)sets;
    return ~(uint64_t)0;
}
#endif
