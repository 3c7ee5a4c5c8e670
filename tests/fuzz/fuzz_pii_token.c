/* fuzz_pii_token.c - any bytes: the vector tokenizer gives the tokens of the plain one, in order and inside the text. */
#include "base/mem.h"
#include "fuzz/fuzz.h"
#include "pii/pii_token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    PiiToken fast[32], plain[32];
    size_t max = 1 + data[0] % ARRAY_LEN(fast), len = size - 1;
    CLEANUP(mem_freep) char *copy = mem_zalloc(len + 1);
    char *own = copy + 1; /* ends where the memory ends, so that a sanitizer sees reading past it */
    memcpy(own, data + 1, len);
    Str text = {own, len};
    size_t at = 0, at_plain = 0, before = 0;
    for (size_t n = 1; n > 0;) {
        n = pii_tokenize(text, &at, fast, max);
        BUG_ON(n != pii_tokenize_plain(text, &at_plain, plain, max) || at != at_plain || at > len);
        for (size_t i = 0; i < n; i++) {
            uint32_t head, tail;
            BUG_ON(memcmp(&fast[i], &plain[i], sizeof fast[i]) != 0);
            BUG_ON(fast[i].start < before || fast[i].end <= fast[i].start || fast[i].end > len);
            before = fast[i].end;
            if (fast[i].shape != PII_SHAPE_MARK)
                pii_token_affixes(text, &fast[i], &head, &tail);
        }
    }
    BUG_ON(at != len);
    return 0;
}
