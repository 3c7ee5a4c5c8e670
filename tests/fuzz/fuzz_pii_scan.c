/* Any bytes: the vector scan finds what the plain reference finds; findings are in order, inside the text, without overlap. */
#include "fuzz/fuzz.h"

#include "base/mem.h"
#include "pii/pii.h"

#include <stdlib.h>

static PiiScanner *scanner(bool plain)
{
    static PiiScanner *made[2];
    if (!made[plain]) {
        PiiOptions o = PII_OPTIONS_DEFAULT;
        o.names = false;
        o.min_score = 0.1f;
        o.plain = plain;
        BUG_ON(pii_packs_read(STR("all"), &o.packs, NULL) != ERR_NONE);
        BUG_ON(pii_scanner_new(&o, &made[plain], NULL) != ERR_NONE);
    }
    return made[plain];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static PiiScratch *scratch;
    static PiiFound fast, plain;
    char *copy = mem_zalloc(size + 1); /* of its own size, so that a sanitizer sees reading past it */
    memcpy(copy, data, size);
    Str text = {copy, size};
    if (!scratch)
        scratch = pii_scratch_new(scanner(false));
    ErrKind a = pii_scan(scanner(false), scratch, text, &fast, NULL);
    ErrKind b = pii_scan(scanner(true), scratch, text, &plain, NULL);
    BUG_ON(a != b || fast.n != plain.n);
    for (size_t i = 0; i < fast.n; i++) {
        const PiiSpan *x = &fast.spans[i], *y = &plain.spans[i];
        BUG_ON(x->start != y->start || x->end != y->end || x->type != y->type || x->rule != y->rule ||
               x->score != y->score || memcmp(&x->also, &y->also, sizeof x->also) != 0);
        BUG_ON(x->start >= x->end || x->end > size || (i > 0 && fast.spans[i - 1].end > x->start));
    }
    pii_codepoints(text, plain.spans, plain.n);
    for (size_t i = 0; i < plain.n; i++)
        BUG_ON(plain.spans[i].start >= plain.spans[i].end || plain.spans[i].end > fast.spans[i].end);
    mem_free(copy);
    return 0;
}
