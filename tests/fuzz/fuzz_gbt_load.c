/* fuzz_gbt_load.c - any bytes as a model: an error, or a model that scores and explains inside its own memory, and gives the
 * same margins whichever code computes them. */
#include "base/mem.h"
#include "fuzz/fuzz.h"
#include "gbt/gbt.h"

#include <math.h>
#include <string.h>

enum { ROWS = 3 };

static void fill(float *rows, size_t n)
{
    static const float values[] = {0.5f, NAN, 3, -1, 0, 1e9f, 40};
    for (size_t i = 0; i < ROWS * n; i++)
        rows[i] = values[(i + i / n) % ARRAY_LEN(values)];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Err err;
    CLEANUP(gbt_unrefp) GbtModel *m = NULL;
    CLEANUP(gbt_unrefp) GbtModel *best = NULL;
    Str bytes = {(const char *)data, size};
    if (gbt_load(bytes, GBT_ROUNDS_ALL, &m, &err) != ERR_NONE)
        return 0;
    BUG_ON(gbt_load(bytes, GBT_ROUNDS_BEST, &best, &err) != ERR_NONE);
    size_t n = (size_t)gbt_n_features(m), groups = (size_t)gbt_n_groups(m);
    CLEANUP(mem_freep) float *rows = mem_array(ROWS * n, sizeof *rows);
    CLEANUP(mem_freep) float *margins = mem_array(ROWS * groups, sizeof *margins);
    CLEANUP(mem_freep) float *again = mem_array(groups, sizeof *again);
    CLEANUP(mem_freep) double *out = mem_array(groups * (n + 1), sizeof *out);
    CLEANUP(gbt_scratch_freep) GbtScratch *scratch = gbt_scratch_new(m);
    fill(rows, n);
    gbt_margins(m, rows, ROWS, margins, scratch);
    for (size_t i = 0; i < ROWS; i++) {
        gbt_margins(m, rows + i * n, 1, again, scratch);
        BUG_ON(memcmp(again, margins + i * groups, groups * sizeof *again) != 0);
        gbt_link(m, again, again);
    }
    gbt_shap(m, rows, out, scratch);
    for (size_t f = 0; f < groups * (n + 1); f++)
        BUG_ON(isnan(out[f]) && isfinite(margins[f / (n + 1)]) && fabsf(margins[f / (n + 1)]) < 1e30f);
    return 0;
}
