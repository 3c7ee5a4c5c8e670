/* fuzz_api_shape.c - any bytes as the body of every route that takes one: parsed, checked, refused or taken, never more. */
#include "fuzz.h"

#include "api/api_shape.h"
#include "api/api_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Str text = {(const char *)data, size};
    CLEANUP(jv_freep) Jv *v = NULL;
    Err err;
    if (jv_parse(text, &v, &err))
        return 0;
    for (int i = 0; i < API_SHAPES_LEN; i++) {
        err = (Err){0};
        ErrKind k = api_shape_check(API_SHAPES[i].shape, v, &err);
        BUG_ON(k != ERR_NONE && (k != ERR_INVALID || err.msg[0] == 0)); /* a refusal always says why */
    }
    return 0;
}
