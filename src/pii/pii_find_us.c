/* pii_find_us.c - American numbers of digits: SSN, ITIN, bank, routing, NPI, passport, driver's licence, ZIP.
 *
 * A run of nine digits can be many things: without a word that says which, only a text that is nothing but the number gives
 * findings (0.42 to 0.6, by how much of chance the checks leave). */
#include "pii/pii_find.h"

typedef struct Run {
    char d[PII_DIGITS_MAX + 8];
    size_t n, start, end;
    bool lone;
} Run;

static bool bounded(const PiiFinder *f, size_t start, size_t end)
{
    char b = pii_before(f, start), a = pii_at(f, end);
    if (pii_is_word_before(f, start) || pii_is_word_at(f, end) || b == '_' || a == '_' || b == '$')
        return false;
    if ((b == '-' || b == '.' || b == '/' || b == '=') && start >= 2 &&
        pii_is(f->p[start - 2], PII_DIGIT | PII_ALPHA))
        return b == '='; /* part of something longer, but "ssn=078051120" is not */
    return !((a == '-' || a == '.' || a == '/' || a == '%') &&
             pii_is(pii_at(f, end + 1), PII_DIGIT | PII_ALPHA));
}

/* ---- social security and taxpayers ---- */

static bool same_digits(const char *d, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (d[i] != d[0])
            return false;
    return true;
}

/* Ranges of the Social Security Administration since 2011, without the numbers known from advertising. */
static bool valid_ssn(const char *d)
{
    unsigned area = pii_value(d, 3), group = pii_value(d + 3, 2), serial = pii_value(d + 5, 4);
    return area && area != 666 && area < 900 && group && serial && !same_digits(d, 9) &&
           memcmp(d, "078051120", 9) != 0 && memcmp(d, "219099999", 9) != 0 && memcmp(d, "123456789", 9) != 0;
}

/* Fourth and fifth digit as the IRS gives them out. */
static bool valid_itin(const char *d)
{
    unsigned group = pii_value(d + 3, 2);
    return d[0] == '9' && ((group >= 50 && group <= 65) || (group >= 70 && group <= 88) ||
                           (group >= 90 && group <= 92) || (group >= 94 && group <= 99));
}

/* The last group of 3-2-4 with one separator, or of 3-6 or 5-4 with a dash; -1. */
static int ssn_groups(const PiiNumber *num, int i, bool *ret_full)
{
    const PiiGroup *g = &num->g[i];
    int left = num->n - i;
    *ret_full = left >= 3 && g[0].len == 3 && g[1].len == 2 && g[2].len == 4 && g[0].sep == g[1].sep &&
                (g[0].sep == PII_SEP_DASH || g[0].sep == PII_SEP_SPACE || g[0].sep == PII_SEP_DOT);
    if (*ret_full)
        return i + 2;
    if (left >= 2 && g[0].sep == PII_SEP_DASH &&
        ((g[0].len == 3 && g[1].len == 6) || (g[0].len == 5 && g[1].len == 4)))
        return i + 1;
    return -1;
}

static void ssn(PiiFinder *f, const PiiNumber *num, int i)
{
    char d[PII_DIGITS_MAX + 8];
    bool full;
    int last = ssn_groups(num, i, &full);
    if (last < 0)
        return;
    size_t start = num->g[i].start, end = pii_group_end(num, last);
    (void)pii_digits(f, num, i, last, d);
    bool itin = valid_itin(d);
    if ((!itin && !valid_ssn(d)) || !bounded(f, start, end))
        return;
    pii_context(f, start, end);
    bool says = pii_says(f, itin ? PII_CTX_ITIN : PII_CTX_SSN);
    float score = full ? (num->g[i].sep == PII_SEP_DASH ? 0.85f : 0.5f) : 0.4f;
    if (!full && num->g[i].len == 5 && pii_near(f, PII_CTX_ZIP))
        score = 0.3f;
    if (says)
        score = full ? 1.0f : 0.85f;
    else if (pii_says_other(f))
        score -= 0.5f;
    pii_put(f, itin ? PII_RULE_ITIN : PII_RULE_SSN, start, end, score);
}

static void nine(PiiFinder *f, const Run *r)
{
    if (valid_itin(r->d))
        pii_put(f, PII_RULE_ITIN, r->start, r->end, pii_says(f, PII_CTX_ITIN) ? 0.9f : r->lone ? 0.5f : 0.3f);
    else if (valid_ssn(r->d))
        pii_put(f, PII_RULE_SSN, r->start, r->end, pii_says(f, PII_CTX_SSN) ? 0.9f : r->lone ? 0.5f : 0.3f);
    if (!same_digits(r->d, 9))
        pii_put(f, PII_RULE_PASSPORT, r->start, r->end,
                pii_says(f, PII_CTX_PASSPORT) ? 0.85f
                : r->lone                     ? 0.42f
                                              : 0.2f);
}

/* ---- banks ---- */

/* American Bankers Association: 3 7 1 weights, and the districts of the Federal Reserve. */
static bool valid_aba(const char *d)
{
    unsigned two = pii_value(d, 2), sum = 0;
    for (int i = 0; i < 9; i++)
        sum += (unsigned)(d[i] - '0') * (i % 3 == 0 ? 3u : i % 3 == 1 ? 7u : 1u);
    return sum && sum % 10 == 0 &&
           (two <= 12 || (two >= 21 && two <= 32) || (two >= 61 && two <= 72) || two == 80);
}

static void aba(PiiFinder *f, const Run *r, bool grouped)
{
    if (!valid_aba(r->d))
        return;
    float score = pii_says(f, PII_CTX_ABA) ? 1.0f : grouped ? 0.6f : r->lone ? 0.6f : 0.35f;
    pii_put(f, PII_RULE_ABA, r->start, r->end, score);
}

/* ---- health ---- */

static bool valid_npi(const char *d)
{
    char full[15] = "80840";
    memcpy(full + 5, d, 10);
    return (d[0] == '1' || d[0] == '2') && pii_luhn(full, 15);
}

static void npi(PiiFinder *f, const Run *r, bool grouped)
{
    if (!valid_npi(r->d))
        return;
    pii_put(f, PII_RULE_NPI, r->start, r->end,
            pii_says(f, PII_CTX_NPI) ? 1.0f
            : r->lone                ? 0.6f
            : grouped                ? 0.4f
                                     : 0.3f);
}

/* ---- one run of digits ---- */

static bool state_before(const PiiFinder *f, size_t start);

static void one_run(PiiFinder *f, const Run *r)
{
    pii_context(f, r->start, r->end);
    if (r->n == 9) {
        nine(f, r);
        aba(f, r, false);
    }
    if (r->n == 10)
        npi(f, r, false);
    if (r->n >= 8 && r->n <= 17) {
        uint8_t at = f->near[PII_CTX_BANK];
        bool routing = r->n == 9 && at > f->near[PII_CTX_ABA] && valid_aba(r->d);
        bool bank = pii_says(f, PII_CTX_BANK) && at <= f->near[PII_CTX_CARD] && at <= f->near[PII_CTX_MLS] &&
                    !routing;
        pii_put(f, PII_RULE_BANK, r->start, r->end, bank ? 0.7f : r->lone ? 0.4f : 0.1f);
    }
    bool year = r->n == 4 && pii_value(r->d, 4) >= 1900 && pii_value(r->d, 4) <= 2099; /* "expires 2027" */
    bool zip = r->n == 5 && f->near[PII_CTX_ZIP] < f->near[PII_CTX_DRIVER];
    if (r->n >= 4 && r->n <= 14 && !year && !zip && pii_says_driver(f))
        pii_put(f, PII_RULE_DRIVER, r->start, r->end, 0.7f);
    bool code = r->n == 5 && state_before(f, r->start); /* "listings: Kalispell, MT 59901" */
    if (r->n >= 5 && pii_says(f, PII_CTX_MLS) && r->n <= 12 && !code)
        pii_put(f, PII_RULE_MLS, r->start, r->end, f->near[PII_CTX_MLS] <= 3 ? 0.9f : 0.5f);
}

/* "2270-66-1551", "24-123456": licences and listings are also written in groups. */
void pii_find_groups(PiiFinder *f, const PiiNumber *num, int i)
{
    size_t total = num->g[i].len;
    int last = i;
    while (last + 1 < num->n && num->g[last].sep == PII_SEP_DASH)
        total += num->g[++last].len;
    size_t start = num->g[i].start, end = pii_group_end(num, last);
    if (last == i || total < 5 || total > 14 || !bounded(f, start, end))
        return;
    pii_context(f, start, end);
    if (total >= 7 && num->g[i].len > 2 && pii_says_driver(f))
        pii_put(f, PII_RULE_DRIVER, start, end, 0.7f);
    if (total <= 12 && f->near[PII_CTX_MLS] <= 1 && pii_says(f, PII_CTX_MLS))
        pii_put(f, PII_RULE_MLS, start, end, 0.8f);
}

void pii_find_us(PiiFinder *f, const PiiNumber *num, int i)
{
    const PiiGroup *g = &num->g[i];
    Run r = {.start = g->start};
    if (g->len < 3 || g->len > 17)
        return;
    int left = num->n - i;
    if (g->len <= 5)
        ssn(f, num, i);
    if (g->sep == PII_SEP_DASH)
        pii_find_groups(f, num, i);
    int last = i;
    if (left >= 3 && g[0].len == 4 && g[1].len == 4 && g[2].len == 1 && g[0].sep == PII_SEP_DASH &&
        g[1].sep == PII_SEP_DASH)
        last = i + 2;
    if (left >= 3 && g[0].len == 4 && g[1].len == 3 && g[2].len == 3 && g[0].sep == g[1].sep)
        last = i + 2;
    r.end = pii_group_end(num, last);
    r.n = pii_digits(f, num, i, last, r.d);
    if (r.n < 4 || !bounded(f, r.start, r.end))
        return;
    r.lone = pii_is_lone(f, r.start, r.end);
    if (last == i) {
        if (g->len >= 4)
            one_run(f, &r);
        return;
    }
    pii_context(f, r.start, r.end);
    if (r.n == 9)
        aba(f, &r, true);
    else
        npi(f, &r, true);
}

/* ---- ZIP ---- */

static bool state_before(const PiiFinder *f, size_t start)
{
    static const char STATES[] =
        "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM "
        "NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC PR VI GU AS MP AA AE AP ";
    static const char *const NAMES[] = {
        "alabama",   "alaska",    "arizona",      "arkansas",  "california", "colorado", "connecticut",
        "delaware",  "florida",   "georgia",      "hawaii",    "idaho",      "illinois", "indiana",
        "iowa",      "kansas",    "kentucky",     "louisiana", "maine",      "maryland", "massachusetts",
        "michigan",  "minnesota", "mississippi",  "missouri",  "montana",    "nebraska", "nevada",
        "hampshire", "jersey",    "mexico",       "york",      "carolina",   "dakota",   "ohio",
        "oklahoma",  "oregon",    "pennsylvania", "island",    "tennessee",  "texas",    "utah",
        "vermont",   "virginia",  "washington",   "wisconsin", "wyoming",    "columbia"};
    size_t i = start;
    while (i > 0 && start - i < 4 &&
           (f->p[i - 1] == ' ' || f->p[i - 1] == ',' || f->p[i - 1] == '.' || f->p[i - 1] == '\n'))
        i--;
    size_t end = i;
    while (i > 0 && end - i <= 14 && pii_is(f->p[i - 1], PII_ALPHA))
        i--;
    size_t n = end - i;
    if (end == start || pii_is_word_before(f, i))
        return false;
    if (n == 2) {
        bool upper = pii_is(f->p[i], PII_UPPER) && pii_is(f->p[i + 1], PII_UPPER);
        bool comma = i >= 2 && (f->p[i - 1] == ',' || f->p[i - 2] == ',');
        for (size_t s = 0; s + 1 < sizeof STATES && (upper || comma); s += 3)
            if ((f->p[i] & ~32) == STATES[s] && (f->p[i + 1] & ~32) == STATES[s + 1])
                return true;
        return false;
    }
    for (size_t s = 0; s < ARRAY_LEN(NAMES) && n >= 4; s++)
        if (NAMES[s][0] == (f->p[i] | 32) && str_eq_nocase((Str){f->p + i, n}, str_from(NAMES[s])))
            return true;
    return false;
}

/* "123-45-6789": a bad one is still no ZIP. */
static bool ssn_shaped(const PiiNumber *num, int i)
{
    return pii_shaped(num, i, 3, 0x324) && num->g[i].sep == num->g[i + 1].sep;
}

void pii_find_zip(PiiFinder *f, const PiiNumber *num, int i)
{
    const PiiGroup *g = &num->g[i];
    if (g->len < 3 || g->len > 6 || !pii_wants(f->s, PII_ZIP_CODE) || ssn_shaped(num, i))
        return;
    bool four = g->len == 5 && i + 1 < num->n && g->sep == PII_SEP_DASH && g[1].len == 4 &&
                pii_group_end(num, i + 1) == g->start + 10;
    size_t start = g->start, end = four ? g[1].start + 4 : start + g->len;
    unsigned five = pii_value(f->p + start, g->len);
    if (!four && g->sep == PII_SEP_DASH && i + 1 < num->n && g[1].len <= 4 && g->len == 5) {
        end = g[1].start + g[1].len; /* "zip 90010-170": a slip, but still a ZIP */
        pii_context(f, start, end);
        if (bounded(f, start, end) && pii_says(f, PII_CTX_ZIP))
            pii_put(f, PII_RULE_ZIP, start, end, 0.6f);
        return;
    }
    if (!bounded(f, start, end))
        return;
    if (g->len == 3 && start >= 2 && f->p[start - 1] == ',' && pii_is(f->p[start - 2], PII_DIGIT))
        return; /* "12,345" */
    bool real = g->len == 5 && five >= 501 && five <= 99950;
    if (real && state_before(f, start)) {
        pii_put(f, PII_RULE_ZIP, start, end, four ? 0.95f : 0.85f);
        return;
    }
    pii_context(f, start, end);
    if (pii_says(f, PII_CTX_ZIP))
        pii_put(f, PII_RULE_ZIP, start, end, real ? 0.9f : 0.6f);
    else if (real && (four || pii_is_lone(f, start, end)))
        pii_put(f, PII_RULE_ZIP, start, end, pii_says_other(f) ? 0.2f : four ? 0.5f : 0.4f);
}
