/* pii_kernel.h - the tagger's features, in vectors that every compiler has. Private to pii_kernel*.c.
 *
 *     keys of 8 tokens --28 features, each one vector of hashes--> rows
 *
 * pii_kernel.c compiles them for any machine, pii_kernel_avx2.c for one with AVX2: one list of the features, the same rows. */
#ifndef EHUB_PII_PII_KERNEL_H
#define EHUB_PII_PII_KERNEL_H

#include "pii/pii_tagger.h"

/* The end of a best path: from the best last label back. */
void pii_trace_back(const int32_t best[PII_LANES], size_t n, const uint8_t (*back)[PII_LANES],
                    uint8_t *labels);

#define KERNEL static inline __attribute__((always_inline))

/* Tokens whose features are made together, where a file that includes this does not say otherwise. */
#ifndef KERNEL_GROUP
#define KERNEL_GROUP PII_GROUP
#endif
typedef uint32_t PiiV __attribute__((vector_size(4 * KERNEL_GROUP)));

KERNEL PiiV kernel_load(const uint32_t *p)
{
    PiiV v;
    memcpy(&v, p, sizeof v);
    return v;
}

/* Classes that are features of their own, so that a word with a rare mixture of classes is known by each kind. */
#define KERNEL_PEOPLE                                                                                   \
    (PII_BIT(FIRST) | PII_BIT(LAST) | PII_BIT(FIRST_FOREIGN) | PII_BIT(LAST_FOREIGN) | PII_BIT(TITLE) | \
     PII_BIT(PARTICLE) | PII_BIT(JOB) | PII_BIT(NAME_SUFFIX) | PII_BIT(LAST_RARE))
#define KERNEL_PLACES                                                                                \
    (PII_BIT(CITY) | PII_BIT(CITY_PART) | PII_BIT(COUNTRY) | PII_BIT(REGION) | PII_BIT(STATE_ABBR) | \
     PII_BIT(STREET_TYPE) | PII_BIT(STREET_NAME) | PII_BIT(UNIT) | PII_BIT(NRP))
#define KERNEL_WORDS                                                                                       \
    (PII_BIT(COMMON) | PII_BIT(RARE) | PII_BIT(FOREIGN) | PII_BIT(FUNCTION) | PII_BIT(PROPER) |            \
     PII_BIT(ORG_SUFFIX) | PII_BIT(ORG_WORD) | PII_BIT(BRAND) | PII_BIT(AGE_CUE) | PII_BIT(COMPANY_WORD) | \
     PII_BIT(FREQUENT))

/* A row's hash is a sum of products of what the feature is made of with odd numbers, one for each place (multilinear hashing:
 * Carter and Wegman 1979, Dietzfelbinger 1996), of which the highest bits count. The products are made once for all features. */
#define TIMES(field, d, odd) (kernel_load(k->field + at + (d)) * (odd))

/* Each row times 2^scale. */
KERNEL void kernel_rows(const PiiKeys *k, size_t at, uint32_t row_bits, uint32_t scale,
                        uint32_t rows[PII_FEATURES][KERNEL_GROUP])
{
    at += PII_MARGIN;
    PiiV id_3 = TIMES(id, -3, 0x9E3779B1u), id_2 = TIMES(id, -2, 0x85EBCA77u),
         id_1 = TIMES(id, -1, 0xC2B2AE3Du);
    PiiV id = TIMES(id, 0, 0x27D4EB2Fu), id1 = TIMES(id, 1, 0x165667B1u), id2 = TIMES(id, 2, 0xD3A2646Du);
    PiiV look_2 = TIMES(look, -2, 0xFD7046C5u), look_1 = TIMES(look, -1, 0xB55A4F09u);
    PiiV look = TIMES(look, 0, 0x8DA6B343u), look1 = TIMES(look, 1, 0xD8163841u),
         look2 = TIMES(look, 2, 0xCB1AB31Fu);
    PiiV raw = kernel_load(k->classes + at), cl = raw * 0xA0761D65u;
    PiiV cl_1 = TIMES(classes, -1, 0xE7037ED1u), cl1 = TIMES(classes, 1, 0x8EBC6AF1u);
    PiiV gap = TIMES(gap, 0, 0x589965CDu), gap1 = TIMES(gap, 1, 0x1D8E4E27u);
    PiiV style = TIMES(style, 0, 0x7137449Du);
    PiiV shape = (kernel_load(k->look + at) & 15u) * 0xEB44ACCBu;
    PiiV shape_1 = (kernel_load(k->look + at - 1) & 15u) * 0x6A09E667u;
    PiiV head = kernel_load(k->head + at), tail = kernel_load(k->tail + at);
    PiiV unknown = (PiiV)(raw == 0) & 0xBB67AE85u;
    const PiiV f[PII_FEATURES] = {
        id + look,
        id_1 + look,
        id1 + look,
        id_2 + look,
        id2 + look,
        cl + look + style,
        cl_1 + cl + look,
        cl + cl1 + look,
        cl_1 + cl + cl1,
        look_1 + look + look1 + style,
        (tail >> 8) * 0x3C6EF373u + shape,
        (tail >> 16) * 0xA54FF53Bu + shape,
        (head & 0xffffffu) * 0x510E527Fu + shape,
        id_1 + cl,
        id1 + cl,
        id_2 + id_1 + shape,
        id1 + id2 + shape,
        gap + gap1 + look,
        gap + cl + style,
        look_2 + look_1 + look,
        look + look1 + look2,
        id_1 + look + id1,
        id_1 + gap + id,
        tail * 0x9B05688Du + unknown,
        id_3 + shape_1 + shape,
        (raw & KERNEL_PEOPLE) * 0x1F83D9ABu + look + style,
        (raw & KERNEL_PLACES) * 0x5BE0CD19u + look,
        (raw & KERNEL_WORDS) * 0x428A2F99u + look,
    };
#pragma GCC unroll 28
    for (uint32_t i = 0; i < PII_FEATURES; i++) {
        PiiV row = (f[i] + i * 0x7FEB352Du) >> (32 - row_bits) << scale;
        memcpy(rows[i], &row, sizeof row);
    }
}

#endif
