/* Any bytes as the head of a request: one that passes has no control character, and no bare line feed or NUL but for the
 * mixture that http_check.h states. */
#include "fuzz/fuzz.h"
#include "unit/http/http_cut.h"

/* One run of zeros in the cut copy: what stood there before? */
static void check_line_end(const uint8_t *raw, size_t from, size_t to)
{
    int nuls = 0, bare = 0;
    for (size_t i = from; i < to; i++) {
        nuls += raw[i] == '\0';
        bare += raw[i] == '\n' && (i == from || raw[i - 1] != '\r');
        BUG_ON(raw[i] == '\r' && (i + 1 == to || raw[i + 1] != '\n'));
    }
    BUG_ON((nuls > 0) != (bare > 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static Cut c;
    HttpFraming f;
    if (size > HTTP_CUT_MAX)
        return 0;
    cut_head(&c, (const char *)data, size);
    if (!c.whole || http_check_layout(&c.head, NULL) != ERR_NONE ||
        http_check_fields(&c.head, &f, NULL) != ERR_NONE)
        return 0;
    BUG_ON(f.chunked && f.has_length);
    const char *target_end = c.head.target.ptr + c.head.target.len;
    for (size_t i = 0; i < c.head.len; i++) {
        if (c.bytes[i] == '\0') {
            size_t from = i;
            while (i + 1 < c.head.len && c.bytes[i + 1] == '\0')
                i++;
            if (i > from)
                check_line_end(data, from, i + 1);
            else /* one zero: where a blank or a colon was */
                BUG_ON(data[i] != ' ' && data[i] != ':');
            continue;
        }
        bool in_target =
            c.bytes + i >= c.head.target.ptr && c.bytes + i < target_end; /* http_target judges those */
        BUG_ON(!in_target && (data[i] == 0x7f || (data[i] < 0x20 && data[i] != '\t')));
    }
    return 0;
}
