/* pii_find_token.c - identifiers of letters and digits: passport, driver's licence, MBI, DEA, MLS. */
#include "pii/pii_find.h"

/* Formats of driver's licences, all states: runs of letters (L) and digits (D) with their lengths. Those of digits only are
 * taken with context in pii_find_us.c. Source: the states' published formats (as in AAMVA's and insurers' tables). */
static const char LICENSES[] = " L1D3 L1D4 L1D5 L1D6 L1D7 L1D8 L1D9 L1D10 L1D11 L1D12 L1D13 L1D14 L1D18 L2D2 "
                               "L2D3 L2D4 L2D5 L2D6 L2D7 L2D6L1 L3D6 L3D9 "
                               "D3L1D6 D3L2D4 D7L1 D8L1 D8L2 D9L1 L1D1L1D1L1 L1D6L1 D2L3D5 L5D7 L7D5 L7D3L2 "
                               "L6D1L2D3 L5D3L2D2 L1D2L2D2 D7X ";

/* "H12234567" gives "L1D8"; NULL when there are more than six runs. */
static const char *shape_of(const char *p, size_t n, char *ret, size_t size)
{
    size_t used = 0;
    int runs = 0;
    ret[used++] = ' ';
    for (size_t i = 0; i < n;) {
        bool digit = pii_is(p[i], PII_DIGIT);
        size_t from = i;
        while (i < n && pii_is(p[i], PII_DIGIT) == digit)
            i++;
        size_t len = i - from;
        if (++runs > 6 || used + 5 >= size || len > 99)
            return NULL;
        ret[used++] = digit ? 'D' : 'L';
        if (len > 9)
            ret[used++] = (char)('0' + len / 10);
        ret[used++] = (char)('0' + len % 10);
    }
    ret[used++] = ' ';
    ret[used] = 0;
    return ret;
}

static bool has_upper_only(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (pii_is(p[i], PII_ALPHA) && !pii_is(p[i], PII_UPPER))
            return false;
    return true;
}

/* ---- Medicare ---- */

/* C A AN N A AN N A A N N: digits, letters without S L O I B Z, either. Dashes after the fourth and seventh, or none. */
static void mbi(PiiFinder *f, size_t start)
{
    static const char KINDS[] = "CAXNAXNAANN";
    size_t i = start;
    bool dashed = pii_at(f, start + 4) == '-';
    for (int k = 0; k < 11; k++, i++) {
        if (dashed && (k == 4 || k == 7) && pii_at(f, i++) != '-')
            return;
        char c = pii_at(f, i);
        bool digit = pii_is(c, PII_DIGIT), letter = pii_is(c, PII_ALPHA) && !strchr("SLOIBZ", c & ~32);
        char kind = KINDS[k];
        if (!((kind == 'C' && digit && c != '0') || (kind == 'N' && digit) || (kind == 'A' && letter) ||
              (kind == 'X' && (digit || letter))))
            return;
    }
    if (pii_is_word_at(f, i) || (pii_at(f, i) == '-' && pii_is_word_at(f, i + 1)))
        return;
    pii_context(f, start, i);
    pii_put(f, PII_RULE_MBI, start, i, pii_says(f, PII_CTX_MBI) ? 1.0f : dashed ? 0.8f : 0.6f);
}

/* ---- DEA ---- */

/* One letter of the registrant's kind, a letter or 9, seven digits: the last is the check. */
static void dea(PiiFinder *f, size_t start, size_t end)
{
    const char *p = f->p + start;
    if (end - start != 9 || !strchr("ABCDEFGHJKLMPRSTUX", p[0] & ~32) ||
        !(pii_is(p[1], PII_ALPHA) || p[1] == '9'))
        return;
    unsigned d[7];
    for (int i = 0; i < 7; i++) {
        if (!pii_is(p[2 + i], PII_DIGIT))
            return;
        d[i] = (unsigned)(p[2 + i] - '0');
    }
    if ((d[0] + d[2] + d[4] + 2 * (d[1] + d[3] + d[5])) % 10 != d[6])
        return;
    pii_context(f, start, end);
    pii_put(f, PII_RULE_DEA, start, end, pii_says(f, PII_CTX_DEA) ? 1.0f : pii_says_other(f) ? 0.35f : 0.6f);
}

/* ---- passport, driver's licence, listing ---- */

static size_t digits_in(const char *p, size_t n)
{
    size_t digits = 0;
    for (size_t i = 0; i < n; i++)
        digits += pii_is(p[i], PII_DIGIT);
    return digits;
}

/* "F255-921-50-094-0": the letter, then 7 to 14 digits in groups. */
static void grouped_license(PiiFinder *f, size_t start)
{
    size_t i = start + 1, digits = 0, end = start;
    if (!pii_is(f->p[start], PII_UPPER))
        return;
    while (digits <= 14) {
        while (pii_is(pii_at(f, i), PII_DIGIT)) {
            digits++;
            end = ++i;
        }
        if ((pii_at(f, i) != '-' && pii_at(f, i) != ' ') || !pii_is(pii_at(f, i + 1), PII_DIGIT))
            break;
        i++;
    }
    if (digits < 7 || digits > 14 || pii_is_word_at(f, end))
        return;
    pii_context(f, start, end);
    if (pii_says_driver(f))
        pii_put(f, PII_RULE_DRIVER, start, end, 0.75f);
}

static void document(PiiFinder *f, size_t start, size_t end)
{
    char shape[32];
    const char *p = f->p + start;
    size_t n = end - start, digits = digits_in(p, n);
    bool lone = pii_is_lone(f, start, end);
    pii_context(f, start, end);
    if (n == 9 && digits == 8 && pii_is(p[0], PII_ALPHA)) {
        float score = pii_says(f, PII_CTX_PASSPORT) ? 0.9f : lone && pii_is(p[0], PII_UPPER) ? 0.42f : 0.2f;
        pii_put(f, PII_RULE_PASSPORT, start, end, score);
    }
    bool driver = pii_says_driver(f);
    if ((driver || (lone && n >= 7 && has_upper_only(p, n))) && digits >= 2 &&
        ((shape_of(p, n, shape, sizeof shape) && strstr(LICENSES, shape)) ||
         (n == 12 && memcmp(p, "WDL", 3) == 0))) /* Washington: any nine behind it */
        pii_put(f, PII_RULE_DRIVER, start, end, driver ? 0.75f : 0.42f);
    if (digits >= 4 && digits < n && n <= 14 && f->near[PII_CTX_MLS] <= 3 && pii_says(f, PII_CTX_MLS))
        pii_put(f, PII_RULE_MLS, start, end, 0.9f);
}

void pii_find_token(PiiFinder *f, size_t start, size_t end)
{
    size_t n = end - start;
    const char *p = f->p + start;
    if (n > 128 || n < 2)
        return;
    if (pii_is(p[0], PII_ALPHA) && pii_is(p[1], PII_ALPHA) && n >= 4 && pii_is(p[2], PII_DIGIT) &&
        pii_is(p[3], PII_DIGIT))
        pii_find_iban(f, start);
    if (n >= 14)
        pii_find_crypto(f, start, end);
    if (n > 20)
        return;
    if (pii_is(p[0], PII_DIGIT) && (n == 11 || (n == 4 && pii_at(f, end) == '-')))
        mbi(f, start);
    char b = pii_before(f, start), a = pii_at(f, end);
    if (pii_is(p[0], PII_ALPHA) && (a == '-' || a == ' ') && n <= 5)
        grouped_license(f, start);
    if (n < 5 || digits_in(p, n) == n || b == '_' || a == '_' ||
        ((b == '-' || b == '.' || b == '/') && pii_is_word_before(f, start - 1)) ||
        ((a == '-' || a == '.') && pii_is_word_at(f, end + 1)))
        return;
    dea(f, start, end);
    document(f, start, end);
}
