/* pii_kernel.h - the tagger's inner loops, in vectors that every compiler has. Private to pii_kernel*.c.
 *
 *     keys of 8 tokens --28 features, each one vector of hashes--> rows --for each token: load, widen, add--> sums
 *
 * pii_kernel.c compiles them for any machine, pii_kernel_avx2.c for one with AVX2: one source, the same results. */
#ifndef EHUB_PII_PII_KERNEL_H
#define EHUB_PII_PII_KERNEL_H

#include "pii/pii_tagger.h"

/* The end of a best path: from the best last label back. */
void pii_trace_back(const int32_t best[PII_LANES], size_t n, const uint8_t (*back)[PII_LANES],
                    uint8_t *labels);

#define KERNEL static inline __attribute__((always_inline))

typedef uint32_t PiiV __attribute__((vector_size(4 * PII_GROUP)));
typedef int8_t PiiV8 __attribute__((vector_size(PII_LANES)));
typedef int16_t PiiV16 __attribute__((vector_size(2 * PII_LANES)));
typedef int32_t PiiV32 __attribute__((vector_size(4 * PII_LANES)));

KERNEL PiiV kernel_load(const uint32_t *p)
{
    PiiV v;
    memcpy(&v, p, sizeof v);
    return v;
}

KERNEL PiiV kernel_pair(uint32_t which, PiiV a, PiiV b)
{
    PiiV h = (a + which * 0x85EBCA6Bu) * 0x2C1B3C6Du;
    return ((h ^ h >> 15) + b) * 0x9E3779B1u;
}

KERNEL PiiV kernel_triple(uint32_t which, PiiV a, PiiV b, PiiV c)
{
    PiiV h = kernel_pair(which, a, b);
    return ((h ^ h >> 14) + c) * 0x297A2D39u;
}

/* Classes that are features of their own, so that a word with a rare mixture of classes is known by each kind. */
#define KERNEL_PEOPLE                                                                     \
    (PII_BIT(FIRST) | PII_BIT(LAST) | PII_BIT(TITLE) | PII_BIT(PARTICLE) | PII_BIT(JOB) | \
     PII_BIT(NAME_SUFFIX))
#define KERNEL_PLACES                                                                                \
    (PII_BIT(CITY) | PII_BIT(CITY_PART) | PII_BIT(COUNTRY) | PII_BIT(REGION) | PII_BIT(STATE_ABBR) | \
     PII_BIT(STREET_TYPE) | PII_BIT(STREET_NAME) | PII_BIT(UNIT) | PII_BIT(NRP))
#define KERNEL_WORDS                                                                               \
    (PII_BIT(COMMON) | PII_BIT(RARE) | PII_BIT(FUNCTION) | PII_BIT(PROPER) | PII_BIT(ORG_SUFFIX) | \
     PII_BIT(ORG_WORD) | PII_BIT(BRAND) | PII_BIT(AGE_CUE) | PII_BIT(COMPANY_WORD))

#define ID(d) kernel_load(k->id + at + (d))
#define CLASSES(d) kernel_load(k->classes + at + (d))
#define LOOK(d) kernel_load(k->look + at + (d))
#define GAP(d) kernel_load(k->gap + at + (d))

KERNEL void kernel_rows(const PiiKeys *k, size_t at, uint32_t row_bits,
                        uint32_t rows[PII_FEATURES][PII_GROUP])
{
    at += PII_MARGIN;
    PiiV id = ID(0), cl = CLASSES(0), look = LOOK(0), shape = look & 15u, gap = GAP(0);
    PiiV id_before = ID(-1), id_after = ID(1), cl_before = CLASSES(-1), cl_after = CLASSES(1);
    PiiV look_before = LOOK(-1), look_after = LOOK(1);
    PiiV head = kernel_load(k->head + at), tail = kernel_load(k->tail + at);
    const PiiV f[PII_FEATURES] = {
        kernel_pair(1, id, look),
        kernel_pair(2, id_before, look),
        kernel_pair(3, id_after, look),
        kernel_pair(4, ID(-2), look),
        kernel_pair(5, ID(2), look),
        kernel_pair(6, cl, look),
        kernel_triple(7, cl_before, cl, look),
        kernel_triple(8, cl, cl_after, look),
        kernel_triple(9, cl_before, cl, cl_after),
        kernel_triple(10, look_before, look, look_after),
        kernel_pair(11, tail >> 8, shape),
        kernel_pair(12, tail >> 16, shape),
        kernel_pair(13, head & 0xffffffu, shape),
        kernel_pair(14, id_before, cl),
        kernel_pair(15, id_after, cl),
        kernel_triple(16, ID(-2), id_before, shape),
        kernel_triple(17, id_after, ID(2), shape),
        kernel_triple(18, gap, GAP(1), look),
        kernel_pair(19, gap, cl),
        kernel_triple(20, LOOK(-2), look_before, look),
        kernel_triple(21, look, look_after, LOOK(2)),
        kernel_triple(22, id_before, look, id_after),
        kernel_triple(23, id_before, gap, id),
        kernel_pair(24, tail, (PiiV)(cl == 0)),
        kernel_triple(25, ID(-3), look_before & 15u, shape),
        kernel_pair(26, cl & KERNEL_PEOPLE, look),
        kernel_pair(27, cl & KERNEL_PLACES, look),
        kernel_pair(28, cl & KERNEL_WORDS, look),
    };
    for (size_t i = 0; i < PII_FEATURES; i++) {
        PiiV row = f[i] >> (32 - row_bits);
        memcpy(rows[i], &row, sizeof row);
    }
}

KERNEL void kernel_score(const PiiModel *m, const PiiKeys *k, size_t n, int32_t (*scores)[PII_LANES])
{
    for (size_t at = 0; at < n; at += PII_GROUP) {
        uint32_t rows[PII_FEATURES][PII_GROUP];
        kernel_rows(k, at, m->row_bits, rows);
        for (size_t i = 0; i < PII_GROUP && at + i < n; i++) {
            PiiV16 sum = {0}; /* PII_FEATURES of at most 128: fits */
            for (size_t f = 0; f < PII_FEATURES; f++) {
                PiiV8 row;
                memcpy(&row, m->rows[rows[f][i]], sizeof row);
                sum += __builtin_convertvector(row, PiiV16);
            }
            PiiV32 wide = __builtin_convertvector(sum, PiiV32);
            memcpy(scores[at + i], &wide, sizeof wide);
        }
    }
}

#endif
