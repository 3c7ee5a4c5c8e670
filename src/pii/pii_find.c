/* pii_find.c - the structured classes. */
#include "pii/pii_impl.h"

static bool is_local(char c)
{
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') ||
           (c && strchr("!#$%&'*+/=?^_`{|}~.-", c));
}

static bool is_host(char c)
{
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '-' || c == '.';
}

static void email_at(Str text, size_t at, PiiFound *out, bool *full)
{
    size_t start = at, end = at + 1;
    while (start > 0 && at - start < 64 && is_local(text.ptr[start - 1]))
        start--;
    while (end < text.len && end - at < 255 && is_host(text.ptr[end]))
        end++;
    while (end > at + 1 && !((text.ptr[end - 1] | 32) >= 'a' && (text.ptr[end - 1] | 32) <= 'z'))
        end--;
    bool dot = memchr(text.ptr + at + 1, '.', end - at - 1) != NULL;
    if (start < at && dot)
        pii_add(out, PII_RULE_EMAIL, start, end, 1.0f, full);
}

void pii_find_structured(const PiiScanner *s, PiiScratch *scratch, Str text, PiiFound *out, bool *full)
{
    (void)scratch;
    if (!pii_wants(s, PII_EMAIL_ADDRESS))
        return;
    for (const char *p = text.ptr, *end = text.ptr + text.len; p < end; p++) {
        p = memchr(p, '@', (size_t)(end - p));
        if (!p)
            return;
        email_at(text, (size_t)(p - text.ptr), out, full);
    }
}
