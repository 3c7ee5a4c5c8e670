/* pii_kernel_avx512.c - the tagger's inner loops with AVX-512 (Ice Lake, Zen 4 and later): 16 tokens or labels in a vector. */
#define KERNEL_GROUP PII_GROUP_MAX
#include "pii/pii_kernel.h"

#ifdef __x86_64__
#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,bmi,bmi2,popcnt")))
#define INLINE static inline __attribute__((always_inline)) TARGET
#define GROUP KERNEL_GROUP
#define LOAD(p) _mm512_loadu_si512((const void *)(p))
#define STORE(p, v) _mm512_storeu_si512((void *)(p), v)
#define SET(x) _mm512_set1_epi32((int)(x))

_Static_assert(GROUP == 16 && PII_LANES == 16 && PII_FEATURES % 2 == 0, "one vector");

/* ---- columns ---- */

/* The columns of 16 tokens. */
typedef struct Columns {
    __m512i start, end, hash, classes, rest; /* rest: shape, newlines, blank, casing */
} Columns;
_Static_assert(sizeof(PiiToken) == 20 && offsetof(PiiToken, end) == 4 && offsetof(PiiToken, hash) == 8 &&
                   offsetof(PiiToken, classes) == 12 && offsetof(PiiToken, shape) == 16 &&
                   offsetof(PiiToken, newlines) == 17 && offsetof(PiiToken, blank) == 18 &&
                   offsetof(PiiToken, casing) == 19,
               "five columns");

/* The column whose number is in `which` + 5 times the lane. Of the lanes 0 to 6 the numbers are in the first two of v, of 7 to
 * 12 in the next two, then in the last. */
INLINE __m512i column(const __m512i v[5], int which)
{
    const __m512i at = _mm512_add_epi32(
        _mm512_set_epi32(75, 70, 65, 60, 55, 50, 45, 40, 35, 30, 25, 20, 15, 10, 5, 0), SET(which));
    __m512i low = _mm512_permutex2var_epi32(v[0], at, v[1]), high = _mm512_permutex2var_epi32(v[2], at, v[3]);
    low = _mm512_mask_mov_epi32(low, _mm512_cmpge_epi32_mask(at, SET(32)), high);
    return _mm512_mask_permutexvar_epi32(low, _mm512_cmpge_epi32_mask(at, SET(64)), at, v[4]);
}

/* The first n <= 16 tokens of t; zero past them. */
INLINE Columns columns_of(const PiiToken *t, size_t n)
{
    const uint32_t *p = (const uint32_t *)(const void *)t;
    unsigned words = 5 * (unsigned)n;
    uint64_t in = _bzhi_u64(~UINT64_C(0), words);
    __m512i v[5];
    for (size_t i = 0; i < 4; i++)
        v[i] = _mm512_maskz_loadu_epi32((__mmask16)(in >> 16 * i), p + 16 * i);
    v[4] = _mm512_maskz_loadu_epi32((__mmask16)_bzhi_u32(0xffff, words > 64 ? words - 64 : 0), p + 64);
    return (Columns){column(v, 0), column(v, 1), column(v, 2), column(v, 3), column(v, 4)};
}

/* ---- signs ---- */

/* The marks that end a sentence: see pii_take. */
INLINE uint64_t ends_of(__m512i mark)
{
    static const uint32_t MARKS[] = {'.', '!', '?', ':', '"', '>', 0x201c};
    uint64_t ret = 0;
#pragma GCC unroll 7
    for (size_t i = 0; i < ARRAY_LEN(MARKS); i++)
        ret |= _mm512_cmpeq_epi32_mask(mark, SET(MARKS[i]));
    return ret;
}

TARGET static void take(const PiiToken *t, size_t n, PiiSigns *s, size_t w)
{
    s->line[w] = s->ends[w] = s->dots[w] = 0;
#pragma GCC unroll 4
    for (size_t i = 0; i < 64; i += GROUP) {
        size_t at = w * 64 + i;
        Columns c = columns_of(t + at, at < n ? MIN(n - at, GROUP) : 0);
        STORE(s->classes + i, c.classes);
        _mm_storeu_si128((__m128i *)(void *)(s->shape + i), _mm512_cvtepi32_epi8(c.rest));
        s->line[w] |= (uint64_t)_mm512_test_epi32_mask(c.rest, SET(0xff00)) << i;
        s->ends[w] |= ends_of(c.hash) << i;
        s->dots[w] |= (uint64_t)_mm512_mask_cmpeq_epi32_mask(_mm512_testn_epi32_mask(c.rest, SET(0xff0000)),
                                                             c.hash, SET('.'))
                      << i;
    }
}

TARGET static void signs(PiiSigns *s, size_t w)
{
    __m512i of = LOAD(s->shape);
    __m512i c[4] = {LOAD(s->classes), LOAD(s->classes + 16), LOAD(s->classes + 32), LOAD(s->classes + 48)};
#define X(name, set)                                                                                \
    {                                                                                               \
        uint8_t table[16];                                                                          \
        for (uint32_t i = 0; i < 16; i++)                                                           \
            table[i] = (set) >> i & 1 ? 0x80 : 0;                                                   \
        __m512i in = _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)(const void *)table)); \
        s->of[PII_SIGN_##name][w] = _mm512_movepi8_mask(_mm512_shuffle_epi8(in, of));               \
    }
    PII_SHAPE_SIGNS(X)
#undef X
#define X(name, set)                                                                     \
    s->of[PII_SIGN_##name][w] = (uint64_t)_mm512_test_epi32_mask(c[0], SET(set)) |       \
                                (uint64_t)_mm512_test_epi32_mask(c[1], SET(set)) << 16 | \
                                (uint64_t)_mm512_test_epi32_mask(c[2], SET(set)) << 32 | \
                                (uint64_t)_mm512_test_epi32_mask(c[3], SET(set)) << 48;
    PII_CLASS_SIGNS(X)
#undef X
}

/* ---- keys ---- */

/* pii_look of a word of 32 bytes or less. */
INLINE uint32_t look_of(const char *word, uint32_t len)
{
    uint32_t in = _bzhi_u32(~0u, len), next = in >> 1;
    __m256i fold = _mm256_set1_epi8(0x20), c = _mm256_or_si256(_mm256_maskz_loadu_epi8(in, word), fold);
    __m256i d = _mm256_or_si256(_mm256_maskz_loadu_epi8(next, word + 1), fold);
    uint32_t same = _mm256_cmpeq_epi8_mask(c, d) & next;
    /* a, e, i, o, u and y by their last five bits */
    const __m256i vowels =
        _mm256_setr_epi64x(0x0000ff000000ff00, (long long)0xff0000000000ff00, 0x0000ff0000000000, 0xff00);
    uint32_t letter =
        _mm256_cmpeq_epi8_mask(_mm256_and_si256(c, _mm256_set1_epi8((char)0xe0)), _mm256_set1_epi8(0x60));
    uint32_t vowel =
        _mm256_movepi8_mask(c) | (letter & _mm256_movepi8_mask(_mm256_permutexvar_epi8(c, vowels)));
    return (same & same >> 1 ? PII_LOOK_LONG : 0) | (vowel & in ? 0 : PII_LOOK_NO_VOWEL) |
           (len <= 3 ? PII_LOOK_SHORT : 0);
}

/* Of the words of `which`, times 16. */
INLINE __m512i looks(const PiiToken *t, Str text, uint32_t which)
{
    uint32_t ret[GROUP] = {0};
    for (; which; which &= which - 1) {
        unsigned i = (unsigned)__builtin_ctz(which);
        uint32_t len = t[i].end - t[i].start;
        ret[i] = 16 * (len <= 32 ? look_of(text.ptr + t[i].start, len) : pii_look(&t[i], text));
    }
    return LOAD(ret);
}

/* First and last letters of the words of `want`; first: the four bytes at the beginning of those in `has`. */
INLINE void affixes(const PiiToken *t, Str text, const Columns *c, __m512i first, uint32_t has, uint32_t want,
                    uint32_t *head, uint32_t *tail)
{
    __m512i len = _mm512_sub_epi32(c->end, c->start), none = _mm512_setzero_si512();
    uint32_t is_short = (uint32_t)_mm512_cmplt_epu32_mask(len, SET(4)) & want, is_long = want & ~is_short;
    __m512i last =
        _mm512_mask_i32gather_epi32(none, (__mmask16)is_long, _mm512_sub_epi32(c->end, SET(4)), text.ptr, 1);
    /* of a short word, its bytes */
    __m512i less = _mm512_sub_epi32(SET(32), _mm512_slli_epi32(len, 3));
    __m512i all = _mm512_mask_srlv_epi32(SET(-1), (__mmask16)is_short, SET(-1), less);
    first = _mm512_and_si512(first, all);
    __m512i apostrophe = _mm512_movm_epi8(_mm512_cmpeq_epi8_mask(first, _mm512_set1_epi8('\'')));
    __m512i counts = _mm512_mask_mov_epi32(SET(0x00ffff00), (__mmask16)is_short, all);
    uint32_t slow = _mm512_test_epi32_mask(_mm512_or_si512(first, last), SET(0x80808080)) |
                    _mm512_test_epi32_mask(apostrophe, counts) | ~has;
    __m512i fold = SET(0x20202020);
    first = _mm512_or_si512(first, _mm512_and_si512(fold, all));
    last = _mm512_mask_sllv_epi32(_mm512_or_si512(last, fold), (__mmask16)is_short, first, less);
    STORE(head, _mm512_maskz_mov_epi32((__mmask16)want, first));
    STORE(tail, _mm512_maskz_mov_epi32((__mmask16)want, last));
    for (slow &= want; slow; slow &= slow - 1) {
        unsigned i = (unsigned)__builtin_ctz(slow);
        pii_token_affixes(text, &t[i], &head[i], &tail[i]);
    }
}

/* Of the first n <= 16 tokens of t, at the i-th key; the words of `inside` with their affixes. */
INLINE void set_keys(const PiiToken *t, size_t n, Str text, uint32_t inside, PiiKeys *k, size_t i)
{
    Columns c = columns_of(t, n);
    uint32_t valid = _bzhi_u32(0xffff, (unsigned)n);
    __m512i shape = _mm512_and_si512(c.rest, SET(0xff)), len = _mm512_sub_epi32(c.end, c.start);
    uint32_t mark = _mm512_cmpeq_epi32_mask(shape, SET(PII_SHAPE_MARK)) & valid,
             digits = _mm512_cmpeq_epi32_mask(shape, SET(PII_SHAPE_DIGITS)),
             known = _mm512_test_epi32_mask(c.classes, SET(PII_KNOWN));
    uint32_t year = (uint32_t)_mm512_cmpeq_epi32_mask(len, SET(4)) & digits;
    uint32_t want = inside & valid & ~mark, has = valid;
    if (text.len < 4)
        has = 0;
    else
        has &= _mm512_cmple_epu32_mask(c.start, SET(text.len - 4));
    __m512i first = _mm512_mask_i32gather_epi32(_mm512_setzero_si512(), (__mmask16)(has & (want | year)),
                                                c.start, text.ptr, 1);
    __m512i b = _mm512_and_si512(first, SET(0xffff));
    year &= _mm512_cmpeq_epi32_mask(b, SET('1' | '9' << 8)) |
            _mm512_cmpeq_epi32_mask(b, SET('1' | '0' << 8)) |
            _mm512_cmpeq_epi32_mask(b, SET('2' | '9' << 8)) | _mm512_cmpeq_epi32_mask(b, SET('2' | '0' << 8));
    __m512i number = _mm512_mask_mov_epi32(_mm512_min_epu32(len, SET(10)), (__mmask16)year, SET(20));
    uint32_t unknown = valid & ~(mark | digits | known);
    __m512i id = _mm512_mask_mov_epi32(c.hash, (__mmask16)digits, _mm512_add_epi32(number, SET(0x10000)));
    if (unknown)
        id = _mm512_mask_add_epi32(id, (__mmask16)unknown, _mm512_add_epi32(shape, SET(0x20000)),
                                   looks(t, text, unknown));
    __m512i casing = _mm512_srli_epi32(c.rest, 24);
    __m512i look =
        _mm512_or_si512(shape, _mm512_slli_epi32(_mm512_and_si512(casing, SET(PII_CASINGS | PII_BEGINS)), 4));
    look = _mm512_mask_or_epi32(look, (__mmask16)(mark | digits), look, _mm512_slli_epi32(id, 8));
    STORE(k->id + i, _mm512_maskz_mov_epi32((__mmask16)valid, id));
    STORE(k->classes + i, c.classes);
    STORE(k->look + i, _mm512_maskz_mov_epi32((__mmask16)valid, look));
    STORE(k->style + i, _mm512_and_si512(casing, SET(PII_FOREIGN | PII_CHATTY)));
    __m512i newlines = _mm512_and_si512(_mm512_srli_epi32(c.rest, 8), SET(0xff)),
            blank = _mm512_and_si512(_mm512_srli_epi32(c.rest, 16), SET(0xff));
    STORE(k->gap + i, _mm512_add_epi32(_mm512_slli_epi32(newlines, 1), blank));
    affixes(t, text, &c, first, has, want, k->head + i, k->tail + i);
}

TARGET static void keys(const PiiToken *t, size_t n, size_t from, size_t to, Str text, PiiKeys *k)
{
    size_t end = to - from + 2 * (size_t)PII_MARGIN, i = from < PII_MARGIN ? PII_MARGIN - from : 0;
    if (i > 0) {
        __m128i none = _mm_setzero_si128();
        uint32_t *const all[] = {k->id, k->classes, k->look, k->style, k->gap};
        for (size_t a = 0; a < ARRAY_LEN(all); a++)
            _mm_storeu_si128((__m128i *)(void *)all[a], none);
    }
    for (; i < end; i += GROUP) {
        size_t at = from + i - PII_MARGIN, left = at < n ? n - at : 0;
        uint32_t behind = at < to ? _bzhi_u32(0xffff, (unsigned)MIN(to - at, GROUP)) : 0,
                 before = at < from ? _bzhi_u32(0xffff, (unsigned)(from - at)) : 0;
        set_keys(t + at, MIN(left, GROUP), text, behind & ~before, k, i);
    }
}

/* ---- scores ---- */

static void rows(const PiiKeys *k, size_t at, uint32_t row_bits, uint32_t ret[PII_FEATURES][PII_GROUP])
{
    PII_KERNEL_AVX2.rows(k, at, row_bits, ret);
}

TARGET static bool score(const PiiModel *m, const PiiKeys *k, size_t n, int32_t (*scores)[PII_LANES])
{
    __m256i gain = _mm256_loadu_si256((const __m256i *)(const void *)m->gain);
    const char *weights = (const char *)m->rows;
    uint32_t leaves = 0;
#define ROW(f) _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(const void *)(weights + picked[f][i])))
    for (size_t at = 0; at < n; at += GROUP) {
        uint32_t picked[PII_FEATURES][GROUP];
        kernel_rows(k, at, m->row_bits, 4, picked); /* a row has 2^4 bytes */
        for (size_t i = 0; i < GROUP && at + i < n; i++) {
            __m256i a = ROW(0), b = ROW(1); /* 16 bits hold PII_FEATURES of 8 */
#pragma GCC unroll 14
            for (size_t f = 2; f < PII_FEATURES; f += 2) {
                a = _mm256_add_epi16(a, ROW(f));
                b = _mm256_add_epi16(b, ROW(f + 1));
            }
            a = _mm256_add_epi16(a, b);
            __m256i stay = _mm256_broadcastw_epi16(_mm256_castsi256_si128(a));
            leaves |= _mm256_cmpgt_epi16_mask(_mm256_adds_epi16(a, gain), stay);
            STORE(scores[at + i], _mm512_cvtepi16_epi32(a));
        }
    }
#undef ROW
    return leaves != 0;
}

/* A sum and where it comes from in one number, so that one maximum keeps both: sum * 16 + (15 - from). */
#define FROM_BITS 4

TARGET static void best_path(const int32_t (*scores)[PII_LANES], size_t n,
                             const int32_t trans[PII_LANES][PII_LANES], uint8_t (*back)[PII_LANES],
                             uint8_t *labels)
{
    __m512i step[PII_N_LABELS], best = _mm512_add_epi32(LOAD(scores[0]), LOAD(trans[PII_LABEL_O]));
    for (int from = 0; from < PII_N_LABELS; from++)
        step[from] = _mm512_add_epi32(_mm512_slli_epi32(LOAD(trans[from]), FROM_BITS), SET(15 - from));
#define BY(from) _mm512_add_epi32(_mm512_permutexvar_epi32(SET(from), best), step[from])
    for (size_t i = 1; i < n; i++) {
        best = _mm512_slli_epi32(best, FROM_BITS);
        __m512i a = _mm512_max_epi32(BY(0), BY(1)), b = _mm512_max_epi32(BY(2), BY(3)),
                c = _mm512_max_epi32(BY(4), BY(5)), d = _mm512_max_epi32(BY(6), BY(7)),
                e = _mm512_max_epi32(BY(8), BY(9));
        a = _mm512_max_epi32(_mm512_max_epi32(a, b), _mm512_max_epi32(c, d));
        a = _mm512_max_epi32(a, _mm512_max_epi32(e, BY(10)));
        _mm_storeu_si128((__m128i *)(void *)back[i], _mm512_cvtepi32_epi8(_mm512_andnot_si512(a, SET(15))));
        best = _mm512_add_epi32(_mm512_srai_epi32(a, FROM_BITS), LOAD(scores[i]));
    }
#undef BY
    _Static_assert(PII_N_LABELS == 11, "as many as above");
    int32_t last[PII_LANES];
    STORE(last, best);
    pii_trace_back(last, n, (const uint8_t(*)[PII_LANES])back, labels);
}

const PiiKernel PII_KERNEL_AVX512 = {take, signs, keys, rows, score, best_path};
#endif
