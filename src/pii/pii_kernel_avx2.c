/* pii_kernel_avx2.c - the tagger's inner loops with AVX2 (Haswell, Zen and later). */
#include "pii/pii_kernel.h"

#ifdef __x86_64__
#include <immintrin.h>

_Static_assert(PII_FEATURES % 2 == 0, "rows are added in pairs");

#define LOAD(p) _mm256_loadu_si256((const __m256i *)(const void *)(p))
#define LOAD8(p) _mm_loadu_si128((const __m128i *)(const void *)(p))
#define STORE(p, v) _mm256_storeu_si256((__m256i *)(void *)(p), v)

#define TARGET __attribute__((target("avx2")))

/* The bytes of 64 that are the shape of a bit of `set`: a table of the 16 shapes, looked up by the byte. */
TARGET static inline uint64_t bits_of_shapes(const uint8_t shape[64], uint32_t set)
{
    uint8_t table[16];
    for (uint32_t i = 0; i < 16; i++)
        table[i] = set >> i & 1 ? 0x80 : 0;
    __m256i in = _mm256_broadcastsi128_si256(LOAD8(table));
    uint32_t low = (uint32_t)_mm256_movemask_epi8(_mm256_shuffle_epi8(in, LOAD(shape)));
    uint32_t high = (uint32_t)_mm256_movemask_epi8(_mm256_shuffle_epi8(in, LOAD(shape + 32)));
    return low | (uint64_t)high << 32;
}

/* The numbers of 64 that have a bit of `set`. */
TARGET static inline uint64_t bits_of_classes(const uint32_t classes[64], uint32_t set)
{
    __m256i bits = _mm256_set1_epi32((int)set), none = _mm256_setzero_si256();
    uint64_t ret = 0;
#pragma GCC unroll 8
    for (uint32_t i = 0; i < 64; i += 8) {
        __m256i without = _mm256_cmpeq_epi32(_mm256_and_si256(LOAD(classes + i), bits), none);
        ret |= (uint64_t)(uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(without)) << i;
    }
    return ~ret;
}

TARGET static void signs(PiiSigns *s, size_t w)
{
#define X(name, set) s->of[PII_SIGN_##name][w] = bits_of_shapes(s->shape, set);
    PII_SHAPE_SIGNS(X)
#undef X
#define X(name, set) s->of[PII_SIGN_##name][w] = bits_of_classes(s->classes, set);
    PII_CLASS_SIGNS(X)
#undef X
}

TARGET static void rows(const PiiKeys *k, size_t at, uint32_t row_bits, uint32_t ret[PII_FEATURES][PII_GROUP])
{
    kernel_rows(k, at, row_bits, 0, ret);
}

TARGET static bool score(const PiiModel *m, const PiiKeys *k, size_t n, int32_t (*scores)[PII_LANES])
{
    __m256i gain = LOAD(m->gain), leaves = _mm256_setzero_si256();
    for (size_t at = 0; at < n; at += PII_GROUP) {
        uint32_t picked[PII_FEATURES][PII_GROUP];
        kernel_rows(k, at, m->row_bits, 0, picked);
        for (size_t i = 0; i < PII_GROUP && at + i < n; i++) {
            __m256i a = _mm256_setzero_si256(), b = a; /* 16 bits hold PII_FEATURES of 8 */
#pragma GCC unroll 14
            for (size_t f = 0; f < PII_FEATURES; f += 2) {
                a = _mm256_add_epi16(a, _mm256_cvtepi8_epi16(LOAD8(m->rows[picked[f][i]])));
                b = _mm256_add_epi16(b, _mm256_cvtepi8_epi16(LOAD8(m->rows[picked[f + 1][i]])));
            }
            a = _mm256_add_epi16(a, b);
            __m256i stay = _mm256_broadcastw_epi16(_mm256_castsi256_si128(a));
            leaves = _mm256_or_si256(leaves, _mm256_cmpgt_epi16(_mm256_adds_epi16(a, gain), stay));
            STORE(scores[at + i], _mm256_cvtepi16_epi32(_mm256_castsi256_si128(a)));
            STORE(scores[at + i] + 8, _mm256_cvtepi16_epi32(_mm256_extracti128_si256(a, 1)));
        }
    }
    return !_mm256_testz_si256(leaves, leaves);
}

/* A sum and where it comes from in one number, so that one maximum keeps both: sum * 16 + (15 - from). */
#define FROM_BITS 4

/* The low four bits of 16 numbers, turned into `from` again, as bytes. */
TARGET static inline void store_from(__m256i low, __m256i high, uint8_t to[PII_LANES])
{
    __m256i bits = _mm256_set1_epi32(15);
    low = _mm256_andnot_si256(low, bits);
    high = _mm256_andnot_si256(high, bits);
    __m256i v = _mm256_permute4x64_epi64(_mm256_packus_epi32(low, high), 0xd8);
    __m128i bytes = _mm_packus_epi16(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    _mm_storeu_si128((__m128i *)(void *)to, bytes);
}

TARGET static void best_path(const int32_t (*scores)[PII_LANES], size_t n,
                             const int32_t trans[PII_LANES][PII_LANES], uint8_t (*back)[PII_LANES],
                             uint8_t *labels)
{
    __m256i step[PII_N_LABELS][2];
    for (int from = 0; from < PII_N_LABELS; from++)
        for (int h = 0; h < 2; h++)
            step[from][h] = _mm256_add_epi32(_mm256_slli_epi32(LOAD(trans[from] + 8 * h), FROM_BITS),
                                             _mm256_set1_epi32(15 - from));
    __m256i low = _mm256_add_epi32(LOAD(scores[0]), LOAD(trans[PII_LABEL_O])),
            high = _mm256_add_epi32(LOAD(scores[0] + 8), LOAD(trans[PII_LABEL_O] + 8));
    for (size_t i = 1; i < n; i++) {
        low = _mm256_slli_epi32(low, FROM_BITS);
        high = _mm256_slli_epi32(high, FROM_BITS);
        __m256i first = _mm256_permutevar8x32_epi32(low, _mm256_setzero_si256());
        __m256i a = _mm256_add_epi32(first, step[0][0]), b = _mm256_add_epi32(first, step[0][1]);
#pragma GCC unroll 10
        for (int from = 1; from < PII_N_LABELS; from++) {
            __m256i best = _mm256_permutevar8x32_epi32(from < 8 ? low : high, _mm256_set1_epi32(from % 8));
            a = _mm256_max_epi32(a, _mm256_add_epi32(best, step[from][0]));
            b = _mm256_max_epi32(b, _mm256_add_epi32(best, step[from][1]));
        }
        store_from(a, b, back[i]);
        low = _mm256_add_epi32(_mm256_srai_epi32(a, FROM_BITS), LOAD(scores[i]));
        high = _mm256_add_epi32(_mm256_srai_epi32(b, FROM_BITS), LOAD(scores[i] + 8));
    }
    int32_t best[PII_LANES];
    STORE(best, low);
    STORE(best + 8, high);
    pii_trace_back(best, n, (const uint8_t(*)[PII_LANES])back, labels);
}

const PiiKernel PII_KERNEL_AVX2 = {pii_take, signs, pii_keys, rows, score, best_path};
#endif
