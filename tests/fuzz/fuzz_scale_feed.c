/* Any text is an answer of Prometheus that writes within its array, or is refused with a message. */
#include "fuzz/fuzz.h"

#include "scale/scale_feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    double v[16] = {0};
    Err err = {0};
    if (scale_feed_parse((Str){(const char *)data, size}, 1000, 60, v, 16, &err) != ERR_NONE)
        BUG_ON(!err.msg[0]);
    return 0;
}
