/* pii_find_phone.c - telephone numbers.
 *
 *     +CC ...                      any grouping, 8 to 15 digits             0.9
 *     CC-NXX-NXX-XXXX              without the plus                         0.7
 *     011 CC ..., 00CC ...         dialled from abroad, three groups         0.65
 *     (NXX) NXX-XXXX and the like  0.75, 0.5 when no such area is possible   0.95 with context
 *     NXXNXXXXXX                   only with context, or alone               0.8
 *     0XX-XXXX-XXXX                a trunk zero and three groups             0.5
 *     any other grouping           only with context                         0.65
 * "x123", "ext. 123" after a number belong to it. Dates, SSN, ZIP+4 and cards have other shapes and are not taken. */
#include "pii/pii_find.h"

/* For each first digit, bits of the second ones: of codes of two digits, and of those of three. */
#define B(n) (1u << (n))
static const uint16_t CODES_OF_TWO[10] = {
    [2] = B(0) | B(7),
    [3] = B(0) | B(1) | B(2) | B(3) | B(4) | B(6) | B(9),
    [4] = B(0) | B(1) | B(3) | B(4) | B(5) | B(6) | B(7) | B(8) | B(9),
    [5] = B(1) | B(2) | B(3) | B(4) | B(5) | B(6) | B(7) | B(8),
    [6] = B(0) | B(1) | B(2) | B(3) | B(4) | B(5) | B(6),
    [8] = B(1) | B(2) | B(4) | B(6),
    [9] = B(0) | B(1) | B(2) | B(3) | B(4) | B(5) | B(8),
};
static const uint16_t CODES_OF_THREE[10] = {
    [2] = B(1) | B(2) | B(3) | B(4) | B(5) | B(6) | B(9),
    [3] = B(5) | B(7) | B(8),
    [4] = B(2),
    [5] = B(0) | B(9),
    [6] = B(7) | B(8) | B(9),
    [8] = B(0) | B(5) | B(7) | B(8),
    [9] = B(6) | B(7) | B(9),
};
#undef B

static bool country_code(const char *d, size_t n)
{
    if (n >= 1 && (d[0] == '1' || d[0] == '7'))
        return true;
    if (n < 2)
        return false;
    unsigned codes = CODES_OF_TWO[d[0] - '0'] | (n >= 3 ? CODES_OF_THREE[d[0] - '0'] : 0u);
    return codes >> (d[1] - '0') & 1;
}

/* Area and exchange begin with 2..9, and neither is N11. */
static bool nanp(const char *d)
{
    return d[0] >= '2' && d[3] >= '2' && !(d[1] == '1' && d[2] == '1') && !(d[4] == '1' && d[5] == '1') &&
           d[1] != '9';
}

/* The end with an extension, if one follows. */
static size_t extension(const PiiFinder *f, size_t end)
{
    static const Str WORDS[] = {{"extension", 9}, {"ext.", 4}, {"ext", 3}, {"x.", 2}, {"x", 1}, {"#", 1}};
    size_t i = end;
    while (i < f->n && i < end + 2 && (f->p[i] == ' ' || f->p[i] == ','))
        i++;
    char first = pii_at(f, i);
    if (first != '#' && (first | 32) != 'x' && (first | 32) != 'e')
        return end;
    for (size_t w = 0; w < ARRAY_LEN(WORDS); w++) {
        size_t n = WORDS[w].len;
        if (f->n - i < n || WORDS[w].ptr[0] != (first | 32) || !str_eq_nocase((Str){f->p + i, n}, WORDS[w]))
            continue;
        size_t d = i + n;
        while (d < f->n && d < i + n + 2 && (f->p[d] == ' ' || f->p[d] == ':'))
            d++;
        size_t from = d;
        while (d < f->n && pii_is(f->p[d], PII_DIGIT))
            d++;
        if (d > from && d - from <= 6 && !pii_is_word_at(f, d))
            return d;
        return end;
    }
    return end;
}

static void put(PiiFinder *f, PiiRule rule, size_t start, size_t end, float score)
{
    size_t with = extension(f, end);
    if (with == end && pii_is_word_at(f, end))
        return;
    if (score < 0.9f) { /* words do not make a surer one less sure */
        pii_context(f, start, end);
        if (pii_says(f, PII_CTX_PHONE))
            score += 0.2f;
        else if (pii_says_other(f))
            score -= 0.4f;
    }
    pii_put(f, rule, start, with, score > 0.95f ? 0.95f : score);
}

/* Where the number begins: '(' and the country's '+' belong to it. */
static size_t begin(const PiiFinder *f, size_t start, bool *ret_plus)
{
    *ret_plus = false;
    if (pii_before(f, start) == '(') {
        if (start >= 2 && f->p[start - 2] == '+') {
            *ret_plus = true;
            return start - 2;
        }
        for (size_t i = start; i < f->n && i < start + 5; i++) /* only when it is closed */
            if (f->p[i] == ')')
                return start - 1;
        return start;
    }
    if (pii_before(f, start) == '+') {
        *ret_plus = true;
        return start - 1;
    }
    return start;
}

/* +CC and up to seven groups; the longest reading that is not too long. */
static bool international(PiiFinder *f, const PiiNumber *num, int i, size_t start)
{
    char d[PII_DIGITS_MAX + 8];
    int last = -1;
    size_t total = 0;
    if (!country_code(f->p + num->g[i].start, num->g[i].len))
        return false;
    for (int j = i; j < num->n && j < i + 8; j++) {
        total += num->g[j].len;
        bool one = f->p[num->g[i].start] == '1';
        if (total > (one ? 11u : j == i || total - num->g[i].len <= 11 ? 15u : 14u))
            break;
        if (total >= 8)
            last = j;
        if (num->g[j].sep == PII_SEP_COLON || num->g[j].sep == PII_SEP_END)
            break;
    }
    if (last < 0 || pii_digits(f, num, i, last, d) > 15)
        return false;
    if (d[0] == '1' && pii_digits(f, num, i, last, d) != 11)
        return false;
    put(f, PII_RULE_PHONE_PLUS, start, pii_group_end(num, last), 0.9f);
    return true;
}

static bool tight(uint8_t sep)
{
    return sep == PII_SEP_SPACE || sep == PII_SEP_DASH || sep == PII_SEP_DOT || sep == PII_SEP_PAREN;
}

/* Groups of exactly these lengths from i on, with the separators of telephone numbers. */
static bool shape(const PiiNumber *num, int i, int n, uint64_t lens)
{
    if (!pii_shaped(num, i, n, lens))
        return false;
    for (int k = 0; k + 1 < n; k++)
        if (!tight(num->g[i + k].sep) && !(k == 0 && n == 3 && num->g[i].sep == PII_SEP_SLASH))
            return false;
    return true;
}

/* "011 44 20 7946 0958", "0044 20 7946 0958": dialled from abroad, at least three groups behind the 011 or 00. */
static bool from_abroad(PiiFinder *f, const PiiNumber *num, int i)
{
    const char *d = f->p + num->g[i].start;
    size_t len = num->g[i].len, total = 0;
    bool apart = len == 3 && memcmp(d, "011", 3) == 0 && i + 1 < num->n;
    if (i > 0 || shape(num, i, 3, 0x444)) /* groups of an account */
        return false;
    if (!apart && !(len >= 3 && len <= 5 && memcmp(d, "00", 2) == 0))
        return false;
    int first = apart ? i + 1 : i, last = first;
    const char *code = apart ? f->p + num->g[first].start : d + 2;
    size_t code_len = apart ? num->g[first].len : len - 2;
    if (code_len > 3 || !country_code(code, code_len) || (code[0] == '1' && code_len > 1))
        return false;
    for (total = code_len; last + 1 < num->n && total + num->g[last + 1].len <= 14 &&
                           (num->g[last].sep == num->g[i].sep || num->g[last].sep == PII_SEP_SPACE);)
        total += num->g[++last].len;
    if (total < 10 || last - first < 2 || (code[0] == '1' && total != 11))
        return false;
    put(f, PII_RULE_PHONE_COUNTRY, num->g[i].start, pii_group_end(num, last), 0.65f);
    return true;
}

/* The same number goes on behind group last. */
static bool goes_on(const PiiNumber *num, int last)
{
    uint8_t sep = num->g[last].sep;
    return last + 1 < num->n &&
           (sep == PII_SEP_DASH || sep == PII_SEP_DOT || sep == PII_SEP_COLON || sep == PII_SEP_SLASH);
}

static bool american(PiiFinder *f, const PiiNumber *num, int i, size_t start)
{
    char d[PII_DIGITS_MAX + 8];
    bool plain = shape(num, i, 3, 0x334), fused = shape(num, i, 2, 0x37) || shape(num, i, 2, 0x64);
    if (plain || fused) {
        int last = i + (plain ? 2 : 1);
        if (goes_on(num, last))
            return false;
        (void)pii_digits(f, num, i, last, d);
        bool real = nanp(d), paren = f->p[start] == '(';
        float score = real ? 0.75f : paren ? 0.6f : 0.5f;
        if (fused && !paren)
            score = real ? 0.5f : 0.3f;
        put(f, PII_RULE_PHONE_US, start, pii_group_end(num, last), score);
        return true;
    }
    if (i + 3 < num->n && num->g[i].len <= 3 && shape(num, i + 1, 3, 0x334) && tight(num->g[i].sep) &&
        !goes_on(num, i + 3)) {
        bool same = num->g[i].sep == num->g[i + 1].sep || num->g[i].len == 1;
        bool country = country_code(f->p + num->g[i].start, num->g[i].len);
        size_t end = pii_group_end(num, i + 3);
        pii_context(f, start, end);
        if (!country && !pii_says(f, PII_CTX_PHONE))
            return false;
        put(f, PII_RULE_PHONE_COUNTRY, start, end, same || !country ? 0.75f : 0.5f);
        return same;
    }
    return false;
}

/* One run of digits: it is the words around it that make it a telephone number. */
static void bare(PiiFinder *f, const PiiNumber *num, int i)
{
    const PiiGroup *g = &num->g[i];
    size_t start = g->start, end = start + g->len;
    if (g->len < 7 || g->len > 13 || (i > 0 && num->g[i - 1].sep != PII_SEP_SPACE) || goes_on(num, i))
        return;
    size_t with = extension(f, end);
    if (with == end && pii_is_word_at(f, end))
        return;
    const char *d = f->p + start;
    bool us = (g->len == 10 && nanp(d)) || (g->len == 11 && d[0] == '1' && nanp(d + 1));
    bool china = g->len == 11 && d[0] == '1' && d[1] >= '3';
    pii_context(f, start, end);
    float score = us || china ? 0.3f : 0.2f;
    if (pii_says(f, PII_CTX_PHONE))
        score = us || china ? 0.8f : g->len == 10 ? 0.65f : 0.5f;
    else if (pii_near(f, PII_CTX_NUMBER) && (us || china) && !pii_near(f, PII_CTX_OTHER) &&
             !pii_near(f, PII_CTX_BANK) && !pii_near(f, PII_CTX_CARD) && !pii_near(f, PII_CTX_NPI) &&
             !pii_near(f, PII_CTX_DRIVER))
        score = 0.5f;
    else if (us && pii_is_lone(f, start, end))
        score = 0.45f;
    pii_put(f, PII_RULE_PHONE_BARE, start, with, score);
}

static bool is_date_like(const PiiNumber *num, int i, int last)
{
    if (num->g[i].sep == PII_SEP_SPACE && num->g[last].len != 4) /* "61 51 81" */
        return false;
    if (last - i == 2 && num->g[i].len <= 2 && num->g[i + 1].len <= 2 &&
        (num->g[last].len == 4 || num->g[last].len == 2))
        return true;
    return last - i == 2 && num->g[i].len == 4 && num->g[i + 1].len <= 2 && num->g[i + 2].len <= 2;
}

/* Groups of other countries: one kind of separator (or a first group in parentheses), 6 to 14 digits. */
static void other(PiiFinder *f, const PiiNumber *num, int i, size_t start)
{
    size_t total = num->g[i].len;
    int last = i;
    if (total > 5 || total < 1 || (i > 0 && num->g[i - 1].sep != PII_SEP_SPACE && f->p[start] != '('))
        return;
    while (last + 1 < num->n && last - i < 5 && tight(num->g[last].sep) && num->g[last + 1].len <= 8 &&
           total + num->g[last + 1].len <= 14)
        total += num->g[++last].len;
    if (last == i || total < 6 || total > 14 || goes_on(num, last) || is_date_like(num, i, last))
        return;
    if (shape(num, i, 3, 0x324) || shape(num, i, 2, 0x54) || shape(num, i, 4, 0x4444) ||
        shape(num, i, 3, 0x465))
        return;
    size_t end = pii_group_end(num, last);
    char first = f->p[num->g[i].start];
    bool trunk = first == '0' && total >= 9 && total <= 11 && num->g[i].len <= 5 && num->g[last].len >= 3;
    pii_context(f, start, end);
    float score = 0.2f;
    if (pii_says(f, PII_CTX_PHONE) && f->near[PII_CTX_PHONE] <= (total < 7 ? 2 : 6))
        score = 0.65f;
    else if (pii_says_other(f))
        score = 0.2f;
    else if (trunk || f->p[start] == '(' || (first == '0' && pii_near(f, PII_CTX_NUMBER)))
        score = 0.5f;
    size_t with = extension(f, end);
    if (with > end || !pii_is_word_at(f, end))
        pii_put(f, PII_RULE_PHONE_GROUPS, start, with, score);
}

/* Seven digits, "555-0132", are an American number only with context. */
void pii_find_phone(PiiFinder *f, const PiiNumber *num, int i)
{
    const PiiGroup *g = &num->g[i];
    if (!pii_wants(f->s, PII_PHONE_NUMBER) || g->len > 15 || (g->len < 7 && i + 1 >= num->n))
        return;
    bool plus, letter = pii_is_word_before(f, g->start) || pii_before(f, g->start) == '_';
    size_t start = begin(f, g->start, &plus);
    if (plus) {
        (void)international(f, num, i, start);
        return;
    }
    if (i > 0 && num->g[i - 1].sep != PII_SEP_SPACE && f->p[start] != '(' &&
        num->g[i - 1].sep != PII_SEP_SLASH && num->g[i - 1].sep != PII_SEP_COLON)
        return;
    char b = pii_before(f, start);
    if (i == 0 && (b == '$' || ((b == '-' || b == '.' || b == '/' || b == '_') && start - 1 != f->done &&
                                pii_is_word_before(f, start - 1))))
        return;
    if (letter && !(shape(num, i, 3, 0x334) && num->g[i].sep == num->g[i + 1].sep))
        return; /* "is415-555-0132": written without the blank */
    if (american(f, num, i, start) || letter || from_abroad(f, num, i))
        return;
    other(f, num, i, start);
    bare(f, num, i);
}
