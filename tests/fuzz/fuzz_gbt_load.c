/* fuzz_gbt_load.c - any bytes as a model: an error, or a model that scores and explains inside its own memory. */
#include "base/mem.h"
#include "fuzz/fuzz.h"
#include "gbt/gbt.h"

#include <math.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Err err;
    CLEANUP(gbt_unrefp) GbtModel *m = NULL;
    if (gbt_load((Str){(const char *)data, size}, GBT_ROUNDS_ALL, &m, &err) != ERR_NONE)
        return 0;
    size_t n = (size_t)gbt_n_features(m);
    CLEANUP(mem_freep) float *row = mem_array(n, sizeof *row);
    CLEANUP(mem_freep) double *out = mem_array(n + 1, sizeof *out);
    CLEANUP(gbt_scratch_freep) GbtScratch *scratch = gbt_scratch_new(m);
    for (size_t f = 0; f < n; f++)
        row[f] = f % 2 ? NAN : 0.5f;
    float margin;
    gbt_margins(m, row, 1, &margin, scratch);
    gbt_shap(m, row, out, scratch);
    for (size_t f = 0; f <= n; f++)
        BUG_ON(isnan(out[f]) && isfinite(margin) && fabsf(margin) < 1e30f);
    return 0;
}
