/* Any text is metrics whose sum is finite, or is refused with a message. */
#include "fuzz/fuzz.h"

#include "scale/scale_scrape.h"

#include <math.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    double v = NAN;
    Err err = {0};
    if (scale_scrape_sum((Str){(const char *)data, size}, "m_total", &v, &err) != ERR_NONE)
        BUG_ON(!err.msg[0]);
    else
        BUG_ON(isnan(v));
    return 0;
}
