/* pii_generate_noise.c - see pii_generate_noise.h. */
#include "pii/pii_generate_noise.h"

uint32_t pii_draw(uint64_t *random, uint32_t below)
{
    uint64_t x = *random += 0x9E3779B97F4A7C15u;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    return (uint32_t)(((x ^ x >> 31) >> 32) * below >> 32);
}

static bool chance(uint64_t *random, uint32_t percent)
{
    return pii_draw(random, 100) < percent;
}

void pii_noise_case(Buf *b, size_t from, bool upper)
{
    for (size_t i = from; i < b->len; i++) {
        uint8_t c = (uint8_t)b->ptr[i], before = i > 0 ? (uint8_t)b->ptr[i - 1] : 0;
        if (upper ? c >= 'a' && c <= 'z' : c >= 'A' && c <= 'Z')
            c ^= 0x20;
        else if (before == 0xc3 &&
                 (upper ? c >= 0xa0 && c <= 0xbe && c != 0xb7 : c >= 0x80 && c <= 0x9e && c != 0x97))
            c ^= 0x20;
        b->ptr[i] = (char)c;
    }
}

/* Puts `with` in place of n bytes at `at`; spans that end behind it move. */
static void put_in(Buf *b, PiiSpan *spans, size_t n_spans, size_t at, size_t n, const char *with)
{
    char tail[8192];
    size_t rest = b->len - at - n, len = strlen(with);
    if (rest > sizeof tail)
        return;
    memcpy(tail, b->ptr + at + n, rest);
    b->len = at;
    buf_add_c(b, with);
    buf_add_str(b, (Str){tail, rest});
    for (size_t i = 0; i < n_spans; i++) {
        spans[i].start = (uint32_t)(spans[i].start > at ? spans[i].start + len - n : spans[i].start);
        spans[i].end = (uint32_t)(spans[i].end > at ? spans[i].end + len - n : spans[i].end);
    }
}

void pii_noise_slip(Buf *b, size_t from, uint64_t *random)
{
    if (b->len < from + 4)
        return;
    size_t i = from + 1 + pii_draw(random, (uint32_t)(b->len - from - 2));
    char *p = b->ptr;
    for (size_t k = from; k < b->len; k++)
        if ((uint8_t)p[k] >= 0x80)
            return; /* ASCII only: never half a letter */
    char twice[3] = {p[i], p[i], 0}, swapped = p[i];
    switch (pii_draw(random, 3)) {
    case 0:
        p[i] = p[i + 1];
        p[i + 1] = swapped;
        return;
    case 1: put_in(b, NULL, 0, i, 1, ""); return;
    default: put_in(b, NULL, 0, i, 1, twice);
    }
}

static void first_letters(Buf *b)
{
    for (size_t i = 0; i < b->len; i++)
        if (b->ptr[i] >= 'a' && b->ptr[i] <= 'z' && (i == 0 || b->ptr[i - 1] == ' ' || b->ptr[i - 1] == '\n'))
            b->ptr[i] = (char)(b->ptr[i] - 32);
}

/* A byte c of the text, drawn; b->len when there is none. */
static size_t some(const Buf *b, char c, uint64_t *random)
{
    size_t n = 0;
    for (size_t i = 0; i < b->len; i++)
        n += b->ptr[i] == c;
    if (n == 0)
        return b->len;
    size_t which = pii_draw(random, (uint32_t)n), i = 0;
    for (;; i++)
        if (b->ptr[i] == c && which-- == 0)
            return i;
}

static bool begins_or_ends(const PiiSpan *spans, size_t n, size_t at)
{
    for (size_t i = 0; i < n; i++)
        if (spans[i].start == at || spans[i].end == at || spans[i].start == at + 1)
            return true;
    return false;
}

/* Inside a span: the dot of "A. B. Smith". */
static bool is_inside(const PiiSpan *spans, size_t n, size_t at)
{
    for (size_t i = 0; i < n; i++)
        if (spans[i].start <= at && at < spans[i].end)
            return true;
    return false;
}

static void marks(Buf *b, PiiSpan *spans, size_t n, uint64_t *random)
{
    size_t last = b->len - 1;
    if (chance(random, 12) && b->ptr[last] == '.' && !begins_or_ends(spans, n, b->len))
        b->len--;
    if (chance(random, 4)) { /* "so,anna said" */
        size_t at = some(b, ',', random);
        if (at + 2 < b->len && b->ptr[at + 1] == ' ')
            put_in(b, spans, n, at + 1, 1, "");
    } else if (chance(random, 4)) {
        size_t at = some(b, ',', random);
        if (at + 2 < b->len && b->ptr[at + 1] == ' ')
            put_in(b, spans, n, at, 1, "");
    }
    if (chance(random, 3)) {
        size_t at = some(b, ' ', random);
        if (at < b->len)
            b->ptr[at] = '\n';
    } else if (chance(random, 3)) {
        size_t at = some(b, ' ', random);
        if (at < b->len)
            put_in(b, spans, n, at, 1, "  ");
    }
    if (chance(random, 4)) { /* "I LOVE it" */
        size_t at = some(b, ' ', random);
        for (size_t i = at + 1; i < b->len && b->ptr[i] != ' '; i++)
            if (b->ptr[i] >= 'a' && b->ptr[i] <= 'z')
                b->ptr[i] = (char)(b->ptr[i] - 32);
    }
    if (chance(random, 3)) { /* "aTM", "tHe" */
        char *c = &b->ptr[pii_draw(random, (uint32_t)b->len)];
        *c = (char)((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ? *c ^ 0x20 : *c);
    }
    for (size_t i = 1; i + 1 < b->len; i++)
        if (b->ptr[i] == '\'' && chance(random, 15))
            put_in(b, spans, n, i, 1, "\u2019");
        else if (b->ptr[i] == '"' && chance(random, 6))
            put_in(b, spans, n, i, 1, "\\\""), i++;
}

/* As a tokeniser leaves it: "do n't , please !", "Ana 's". */
static void apart(Buf *b, PiiSpan *spans, size_t n)
{
    for (size_t i = 1; i < b->len; i++) {
        const char *p = b->ptr + i;
        bool last = i + 1 == b->len || p[1] == ' ';
        if (p[-1] == ' ' || is_inside(spans, n, i))
            continue;
        if ((strchr(",.!?:;)", *p) && last) || (*p == '\'' && i + 2 <= b->len && strchr("smdrlv", p[1])))
            put_in(b, spans, n, i, 0, " "), i++;
        else if (i + 2 < b->len && memcmp(p, "n't", 3) == 0)
            put_in(b, spans, n, i, 0, " "), i += 3;
    }
}

/* "&amp;" and "&quot;", as pages hold them. */
static void entities(Buf *b, PiiSpan *spans, size_t n)
{
    for (size_t i = 1; i + 1 < b->len; i++) {
        if (b->ptr[i] == '&')
            put_in(b, spans, n, i, 1, "&amp;");
        else if (b->ptr[i] == '"')
            put_in(b, spans, n, i, 1, "&quot;");
    }
}

void pii_noise(Buf *b, PiiSpan *spans, size_t n, uint64_t *random)
{
    if (b->len < 2)
        return;
    marks(b, spans, n, random);
    if (chance(random, 5))
        apart(b, spans, n);
    if (chance(random, 5))
        entities(b, spans, n);
    uint32_t look = pii_draw(random, 100);
    if (look < 14)
        pii_noise_case(b, 0, false);
    else if (look < 19)
        pii_noise_case(b, 0, true);
    else if (look < 21)
        first_letters(b);
}
