/* Any file is a series within its limits whose steps are finite or missing, or is refused with a message. */
#include "fuzz/fuzz.h"

#include "scale/scale_series.h"

#include <math.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const ScaleSeriesConf CONFS[] = {
        {0}, {.step_s = 3600, .agg = SCALE_AGG_SUM}, {.counter = SCALE_COUNTER_YES}};
    int fd = memfd_create("series", 0);
    BUG_ON(fd < 0 || write(fd, data, size) != (ssize_t)size);
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    for (size_t i = 0; i < ARRAY_LEN(CONFS); i++) {
        CLEANUP(scale_series_freep) ScaleSeries *s = NULL;
        Err err = {0};
        if (scale_series_read(path, &CONFS[i], &s, &err) != ERR_NONE) {
            BUG_ON(s || !err.msg[0]);
            continue;
        }
        BUG_ON(s->n < 1 || s->n > SCALE_STEPS_MAX || s->step_s < 1 || s->step_s > SCALE_STEP_MAX_S);
        for (int64_t k = 0; k < s->n; k++)
            BUG_ON(isinf(s->v[k]));
    }
    close(fd);
    return 0;
}
