/* scale_size.c - see scale_size.h. */
#include "scale/scale_size.h"

#include "base/mem.h"
#include "stats/stats.h"

#include <math.h>

ErrKind scale_size(const double *v, int64_t n, int64_t step_s, bool days, ScaleSize *ret, Err *reterr)
{
    int64_t part = days ? MAX(86400 / step_s, 1) : 1, m = 0;
    CLEANUP(mem_freep) double *peak = mem_array((size_t)MAX(n, 1), sizeof *peak);
    *ret = (ScaleSize){.most = -INFINITY};
    for (int64_t from = n; from > 0; from -= part) { /* whole days count back from the end */
        double most = NAN;
        for (int64_t k = MAX(from - part, 0); k < from; k++) {
            if (!isfinite(v[k]) || v[k] < 0)
                continue;
            ret->n++;
            most = isnan(most) ? v[k] : MAX(most, v[k]);
        }
        if (!isnan(most))
            peak[m++] = most;
    }
    if (ret->n * step_s < SCALE_SIZE_DAYS * 86400)
        return err_set(reterr, ERR_INVALID, "%.1f hours are known, a day is needed",
                       (double)(ret->n * step_s) / 3600);
    for (int64_t i = 0; i < m; i++)
        ret->most = MAX(ret->most, peak[i]);
    ret->used = stats_quantile(peak, m, SCALE_SIZE_QUANTILE);
    ret->ask = ret->used * (1 + SCALE_SIZE_MARGIN);
    return ERR_NONE;
}
