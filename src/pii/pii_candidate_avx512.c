/* pii_candidate_avx512.c - one lane of 64 bytes: a comparison is the bits (Skylake-X, Ice Lake, Zen 4 and later). */
#include "pii/pii_candidate.h"

#ifdef __x86_64__
#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,avx512bw")))
#define INLINE static inline __attribute__((always_inline)) TARGET

/* first <= byte <= last, unsigned. */
INLINE uint64_t within(__m512i v, char first, char last)
{
    return _mm512_cmple_epu8_mask(_mm512_sub_epi8(v, _mm512_set1_epi8(first)),
                                  _mm512_set1_epi8((char)(last - first)));
}

INLINE uint64_t equal(__m512i v, char c)
{
    return _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8(c));
}

TARGET void pii_block_avx512(const unsigned char *p, PiiBlock *ret)
{
    __m512i v = _mm512_loadu_si512(p), low = _mm512_or_si512(v, _mm512_set1_epi8(32));
    ret->digit = within(v, '0', '9');
    ret->letter = within(low, 'a', 'z');
    ret->at = equal(v, '@');
    ret->colon = equal(v, ':');
    ret->dot = equal(v, '.');
    ret->dash = equal(v, '-');
    ret->blank = _mm512_cmple_epu8_mask(v, _mm512_set1_epi8(' '));
    uint64_t top = (uint64_t)1 << 63;
    uint64_t is_a = equal(low, 'a');
    ret->day = equal(low, 'd') & (is_a >> 1 | top) & (equal(low, 'y') >> 2 | top | top >> 1);
    ret->key = equal(v, '_') | (equal(low, 'i') & (is_a >> 1 | top) & (is_a << 2 | 3));
}
#else
void pii_block_avx512(const unsigned char *p, PiiBlock *ret)
{
    pii_block_plain(p, ret);
}
#endif
