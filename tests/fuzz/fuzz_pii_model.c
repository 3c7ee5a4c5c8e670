/* fuzz_pii_model.c - any bytes as a tagger's model: an error, or a tagger that stays inside the text and its memory. */
#include "base/base.h"
#include "fuzz/fuzz.h"
#include "pii/pii.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char text[] = "Call Michael O'Brien (47) at 1420 Maple St., Apt 5\nSpringfield, IL 62704 "
                               "about Lakeside Realty LLC.";
    if (size == 0)
        return 0; /* the shipped model */
    Err err;
    PiiOptions o = PII_OPTIONS_DEFAULT;
    o.min_score = 0;
    o.model = (Str){(const char *)data, size};
    CLEANUP(pii_scanner_freep) PiiScanner *s = NULL;
    if (pii_scanner_new(&o, &s, &err) != ERR_NONE)
        return 0;
    CLEANUP(pii_scratch_freep) PiiScratch *scratch = pii_scratch_new(s);
    CLEANUP(pii_found_done) PiiFound found = {0};
    BUG_ON(pii_scan(s, scratch, (Str){text, sizeof text - 1}, &found, &err) != ERR_NONE);
    for (size_t i = 0; i < found.n; i++)
        BUG_ON(found.spans[i].start >= found.spans[i].end || found.spans[i].end > sizeof text - 1 ||
               (i > 0 && found.spans[i].start < found.spans[i - 1].end));
    return 0;
}
