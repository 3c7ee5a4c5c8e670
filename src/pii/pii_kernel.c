/* pii_kernel.c - the tagger's inner loops for any machine, and the choice at run time. */
#include "pii/pii_kernel.h"

static void signs(PiiSigns *s, size_t w)
{
    for (size_t sign = 0; sign < PII_N_SIGNS; sign++)
        s->of[sign][w] = 0;
    for (size_t i = 0; i < 64; i++) {
#define X(name, set) s->of[PII_SIGN_##name][w] |= (uint64_t)((set) >> s->shape[i] & 1) << i;
        PII_SHAPE_SIGNS(X)
#undef X
#define X(name, set) s->of[PII_SIGN_##name][w] |= (uint64_t)((s->classes[i] & (set)) != 0) << i;
        PII_CLASS_SIGNS(X)
#undef X
    }
}

static void rows(const PiiKeys *k, size_t at, uint32_t row_bits, uint32_t ret[PII_FEATURES][PII_GROUP])
{
    kernel_rows(k, at, row_bits, 0, ret);
}

static bool score(const PiiModel *m, const PiiKeys *k, size_t n, int32_t (*scores)[PII_LANES])
{
    bool leaves = false;
    for (size_t at = 0; at < n; at += PII_GROUP) {
        uint32_t picked[PII_FEATURES][PII_GROUP];
        kernel_rows(k, at, m->row_bits, 0, picked);
        for (size_t i = 0; i < PII_GROUP && at + i < n; i++) {
            memset(scores[at + i], 0, sizeof scores[at + i]);
            for (size_t f = 0; f < PII_FEATURES; f++)
                for (size_t l = 0; l < PII_LANES; l++)
                    scores[at + i][l] += m->rows[picked[f][i]][l];
            for (size_t l = 1; l < PII_N_LABELS; l++)
                leaves |= scores[at + i][l] + m->gain[l] > scores[at + i][PII_LABEL_O];
        }
    }
    return leaves;
}

static void best_path(const int32_t (*scores)[PII_LANES], size_t n, const int32_t trans[PII_LANES][PII_LANES],
                      uint8_t (*back)[PII_LANES], uint8_t *labels)
{
    int32_t best[PII_LANES], next[PII_LANES];
    for (size_t l = 0; l < PII_LANES; l++)
        best[l] = scores[0][l] + trans[PII_LABEL_O][l];
    for (size_t i = 1; i < n; i++) {
        for (size_t l = 0; l < PII_LANES; l++) {
            next[l] = best[0] + trans[0][l];
            back[i][l] = 0;
        }
        for (uint8_t from = 1; from < PII_N_LABELS; from++)
            for (size_t l = 0; l < PII_LANES; l++) {
                int32_t s = best[from] + trans[from][l];
                back[i][l] = s > next[l] ? from : back[i][l];
                next[l] = MAX(s, next[l]);
            }
        for (size_t l = 0; l < PII_LANES; l++)
            best[l] = next[l] + scores[i][l];
    }
    pii_trace_back(best, n, (const uint8_t(*)[PII_LANES])back, labels);
}

void pii_trace_back(const int32_t best[PII_LANES], size_t n, const uint8_t (*back)[PII_LANES],
                    uint8_t *labels)
{
    uint8_t l = 0;
    for (uint8_t i = 1; i < PII_N_LABELS; i++)
        l = best[i] > best[l] ? i : l;
    for (size_t i = n; i-- > 0;) {
        labels[i] = l;
        l = i > 0 ? back[i][l] : 0;
    }
}

const PiiKernel PII_KERNEL_PLAIN = {pii_take, signs, pii_keys, rows, score, best_path};

size_t pii_kernels(const PiiKernel *ret[PII_KERNELS])
{
    size_t n = 0;
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
        ret[n++] = &PII_KERNEL_AVX512;
    if (__builtin_cpu_supports("avx2"))
        ret[n++] = &PII_KERNEL_AVX2;
#endif
    ret[n++] = &PII_KERNEL_PLAIN;
    return n;
}

const PiiKernel *pii_kernel(void)
{
    const PiiKernel *all[PII_KERNELS];
    pii_kernels(all);
    return all[0];
}
