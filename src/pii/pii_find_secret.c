/* pii_find_secret.c - keys and tokens by the prefixes that their makers give them, JSON web tokens, private keys. */
#include "pii/pii_find.h"

typedef enum Set { UPPER_DIGITS, WORDS, DASHED, DOTTED } Set; /* letters and digits; with - _; with . too */

typedef struct Prefix {
    const char *prefix;
    uint8_t len;
    Set set;
    uint16_t least, most; /* bytes behind the prefix */
} Prefix;

#define P(s) s, sizeof(s) - 1
static const Prefix PREFIXES[] = {
    {P("AKIA"), UPPER_DIGITS, 16, 16}, {P("ASIA"), UPPER_DIGITS, 16, 16},
    {P("ABIA"), UPPER_DIGITS, 16, 16}, {P("ACCA"), UPPER_DIGITS, 16, 16},
    {P("AIza"), DASHED, 35, 35},       {P("GOCSPX-"), DASHED, 20, 40},
    {P("SG."), DOTTED, 40, 90},        {P("dop_v1_"), WORDS, 40, 80},
    {P("gho_"), WORDS, 36, 255},       {P("ghp_"), WORDS, 36, 255},
    {P("ghr_"), WORDS, 36, 255},       {P("ghs_"), WORDS, 36, 255},
    {P("ghu_"), WORDS, 36, 255},       {P("github_pat_"), DASHED, 40, 255},
    {P("glpat-"), DASHED, 20, 64},     {P("hf_"), WORDS, 30, 64},
    {P("npm_"), WORDS, 36, 36},        {P("pk_live_"), WORDS, 16, 255},
    {P("pk_test_"), WORDS, 16, 255},   {P("rk_live_"), WORDS, 16, 255},
    {P("rk_test_"), WORDS, 16, 255},   {P("sk-ant-"), DASHED, 20, 255},
    {P("sk-proj-"), DASHED, 20, 255},  {P("sk-svcacct-"), DASHED, 20, 255},
    {P("sk-admin-"), DASHED, 20, 255}, {P("sk-or-v1-"), WORDS, 32, 128},
    {P("sk-"), WORDS, 32, 64},         {P("sk_live_"), WORDS, 16, 255},
    {P("sk_test_"), WORDS, 16, 255},   {P("whsec_"), WORDS, 16, 255},
    {P("xapp-"), DASHED, 20, 255},     {P("xoxa-"), DASHED, 10, 255},
    {P("xoxb-"), DASHED, 10, 255},     {P("xoxe-"), DASHED, 10, 255},
    {P("xoxp-"), DASHED, 10, 255},     {P("xoxr-"), DASHED, 10, 255},
    {P("xoxs-"), DASHED, 10, 255},     {P("xoxe.xoxp-"), DASHED, 10, 255},
    {P("ya29."), DASHED, 20, 512},
};

static bool in_set(char c, Set set)
{
    if (set == UPPER_DIGITS)
        return pii_is(c, PII_DIGIT | PII_UPPER);
    return pii_is(c, PII_DIGIT | PII_ALPHA) || (set >= DASHED && (c == '-' || c == '_')) ||
           (set == DOTTED && c == '.');
}

static void put(PiiFinder *f, PiiRule rule, size_t start, size_t end, float score)
{
    if (score >= 1.0f)
        pii_put_whole(f, rule, start, end, score);
    else
        pii_put(f, rule, start, end, score);
    if (end > f->skip)
        f->skip = end;
}

static bool prefixed(PiiFinder *f, size_t start)
{
    for (size_t i = 0; i < ARRAY_LEN(PREFIXES); i++) {
        const Prefix *x = &PREFIXES[i];
        if (x->prefix[0] != f->p[start] || x->prefix[1] != pii_at(f, start + 1))
            continue;
        size_t n = x->len, end = start + n;
        if (f->n - start < n || memcmp(f->p + start, x->prefix, n) != 0)
            continue;
        while (end < f->n && in_set(f->p[end], x->set) && end - start - n <= x->most)
            end++;
        while (end > start && (f->p[end - 1] == '-' || f->p[end - 1] == '.'))
            end--;
        if (end < start + n || end - start - n < x->least || end - start - n > x->most ||
            pii_is_word_at(f, end))
            continue;
        put(f, PII_RULE_SECRET_PREFIX, start, end, 1.0f);
        return true;
    }
    return false;
}

/* eyJ... "." eyJ... "." signature: the beginnings of {" in base64. */
static bool web_token(PiiFinder *f, size_t start)
{
    size_t i = start;
    if (f->n - start < 20 || memcmp(f->p + start, "eyJ", 3) != 0)
        return false;
    for (int part = 0; part < 3; part++) {
        size_t from = i;
        while (i < f->n && i - from < 8192 && (in_set(f->p[i], DASHED) || f->p[i] == '='))
            i++;
        if (part < 2 && (i - from < 6 || pii_at(f, i++) != '.'))
            return false;
    }
    put(f, PII_RULE_JWT, start, i, 1.0f);
    return true;
}

/* Forty characters of base64 are a secret of AWS when "secret" stands before. */
static bool aws_secret(PiiFinder *f, size_t start)
{
    size_t from = start, end = start, i;
    while (from > 0 && start - from < 40 &&
           (in_set(f->p[from - 1], WORDS) || f->p[from - 1] == '/' || f->p[from - 1] == '+'))
        from--;
    end = from;
    while (end < f->n && end - from < 41 &&
           (in_set(f->p[end], WORDS) || f->p[end] == '/' || f->p[end] == '+'))
        end++;
    if (end - from != 40)
        return false;
    for (i = from > 48 ? from - 48 : 0; i + 6 <= from; i++)
        if (str_eq_nocase((Str){f->p + i, 6}, STR("secret"))) {
            put(f, PII_RULE_SECRET_CONTEXT, from, end, 0.9f);
            return true;
        }
    return false;
}

bool pii_find_secret(PiiFinder *f, size_t start, size_t end)
{
    if (!pii_wants(f->s, PII_SECRET))
        return false;
    while (start < end && (f->p[start] == '-' || f->p[start] == '_'))
        start++;
    if (start == end)
        return false;
    switch (f->p[start]) {
    case 'A':
    case 'G':
    case 'S':
    case 'd':
    case 'g':
    case 'h':
    case 'n':
    case 'p':
    case 'r':
    case 's':
    case 'w':
    case 'x':
    case 'y':
        if (prefixed(f, start))
            return true;
        break;
    case 'e':
        if (web_token(f, start))
            return true;
        break;
    default: break;
    }
    return end - start <= 40 && end - start >= 6 && aws_secret(f, start);
}

/* A key whose letters no digit is among: one with a digit is found at that. */
void pii_find_key(PiiFinder *f, size_t at)
{
    size_t start = at;
    if (at < f->skip || !pii_wants(f->s, PII_SECRET) ||
        (f->p[at] == '_' && !pii_is(pii_at(f, at + 1), PII_ALPHA)))
        return;
    while (start > 0 && at - start < 12 && (f->p[start - 1] == '_' || pii_is(f->p[start - 1], PII_ALPHA)))
        start--;
    if (!pii_is_word_before(f, start))
        (void)prefixed(f, start);
}

/* ---- private keys ---- */

static const char *find(const char *p, size_t n, const char *needle)
{
    return memmem(p, n, needle, strlen(needle));
}

void pii_find_key_block(PiiFinder *f, size_t dash)
{
    const char *p = f->p + dash;
    size_t left = MIN(f->n - dash, (size_t)16384), head = MIN(left, (size_t)80);
    if (dash < f->skip || pii_before(f, dash) == '-' || left < 30 || memcmp(p, "-----BEGIN ", 11) != 0 ||
        !pii_wants(f->s, PII_SECRET))
        return;
    const char *key = find(p, head, "PRIVATE KEY");
    const char *line = find(p + 11, left - 11, "-----");
    if (!key || !line || line < key)
        return;
    const char *foot = find(line + 5, left - (size_t)(line + 5 - p), "-----END ");
    const char *tail = foot ? find(foot + 9, left - (size_t)(foot + 9 - p), "-----") : NULL;
    size_t end = tail ? (size_t)(tail - f->p) + 5 : (size_t)(line - f->p) + 5;
    if (!tail) /* cut off: all that can be of the key */
        while (end < f->n && end - dash < 16384 &&
               (pii_is(f->p[end], PII_DIGIT | PII_ALPHA) || strchr("+/=\r\n", f->p[end])))
            end++;
    put(f, PII_RULE_PRIVATE_KEY, dash, end, 1.0f);
}
