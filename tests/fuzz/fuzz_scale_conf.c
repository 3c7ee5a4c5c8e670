/* Any text is a configuration within its limits, or is refused with a message. */
#include "fuzz/fuzz.h"

#include "scale/scale_conf.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(scale_conf_freep) ScaleConf *c = NULL;
    Err err = {0};
    if (scale_conf_parse((Str){(const char *)data, size}, &c, &err) != ERR_NONE) {
        BUG_ON(c || !err.msg[0]);
        return 0;
    }
    BUG_ON(!(c->world.capacity > 0) || c->world.min > c->world.max || c->world.step_s < 1 ||
           !(c->world.price >= 0));
    BUG_ON(!c->source_at[0] || !c->state[0]);
    return 0;
}
