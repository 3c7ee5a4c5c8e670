/* pii_find_card.c - payment cards: brand, length and Luhn.
 *
 *     1.0   grouped as on the card, or with context, and a brand of the first rank
 *     0.8   a run of digits of such a brand      0.6  another issuer (Maestro, UnionPay, UATP)
 *     0.35  the text says that it is another kind of number: one run of digits in ten passes Luhn */
#include "pii/pii_find.h"

typedef struct Brand {
    unsigned low, high; /* of the first six digits */
    uint32_t lengths;   /* bits */
    bool main;
} Brand;

#define L(n) (1u << (n))

static const Brand BRANDS[] = {
    {400000, 499999, L(13) | L(16) | L(19), true}, /* Visa */
    {510000, 559999, L(16), true},                 /* Mastercard */
    {222100, 272099, L(16), true},                 /* Mastercard, second series */
    {340000, 349999, L(15), true},                 /* American Express */
    {370000, 379999, L(15), true},
    {300000, 305999, L(14) | L(16) | L(19), true}, /* Diners Club */
    {309500, 309599, L(14) | L(16) | L(19), true},
    {360000, 369999, L(14) | L(16) | L(19), true},
    {380000, 399999, L(14) | L(16) | L(19), true},
    {601100, 601199, L(16) | L(19), true}, /* Discover */
    {622126, 622925, L(16) | L(19), true},
    {644000, 659999, L(16) | L(19), true},
    {352800, 358999, L(16) | L(19), true}, /* JCB */
    {213100, 213199, L(15), true},
    {180000, 180099, L(15), true},
    {620000, 629999, L(16) | L(17) | L(18) | L(19), false},                         /* UnionPay */
    {500000, 509999, L(12) | L(13) | L(14) | L(15) | L(16) | L(18) | L(19), false}, /* Maestro, Dankort */
    {560000, 589999, L(12) | L(13) | L(14) | L(15) | L(16) | L(18) | L(19), false},
    {600000, 699999, L(12) | L(13) | L(14) | L(15) | L(16) | L(18) | L(19), false},
    {350000, 359999, L(16), false},
    {220000, 220499, L(16), false}, /* Mir */
    {100000, 199999, L(15), false}, /* UATP */
};

static const Brand *brand_of(const char *d, size_t n)
{
    unsigned six = pii_value(d, 6);
    for (size_t i = 0; i < ARRAY_LEN(BRANDS); i++)
        if (six >= BRANDS[i].low && six <= BRANDS[i].high && (BRANDS[i].lengths >> n & 1))
            return &BRANDS[i];
    return NULL;
}

/* The last group of a card written as on the card; i for a plain run; -1: neither. */
static int last_group(const PiiNumber *num, int i)
{
    static const struct {
        uint64_t lens;
        int n;
    } SHAPES[] = {{0x4444, 4}, {0x465, 3}, {0x464, 3}, {0x44443, 5}, {0x4446, 4}, {0x466, 3}};
    const PiiGroup *g = &num->g[i];
    if (g->len >= 12 && g->len <= 19)
        return i;
    if (g->len != 4 || (g->sep != PII_SEP_SPACE && g->sep != PII_SEP_DASH && g->sep != PII_SEP_DOT))
        return -1;
    for (size_t s = 0; s < ARRAY_LEN(SHAPES); s++) {
        int k = 1, n = SHAPES[s].n;
        if (!pii_shaped(num, i, n, SHAPES[s].lens))
            continue;
        while (k < n && g[k - 1].sep == g[0].sep)
            k++;
        if (k == n && g[n - 1].sep != PII_SEP_DASH && !(g[n - 1].sep == g[0].sep && g[n].len == 4))
            return i + n - 1;
    }
    return -1;
}

void pii_find_card(PiiFinder *f, const PiiNumber *num, int i)
{
    char d[PII_DIGITS_MAX + 8];
    if (num->g[i].len < 4 || !pii_wants(f->s, PII_CREDIT_CARD))
        return;
    int last = last_group(num, i);
    if (last < 0)
        return;
    size_t n = pii_digits(f, num, i, last, d), start = num->g[i].start, end = pii_group_end(num, last);
    char b = pii_before(f, start), a = pii_at(f, end), a2 = pii_at(f, end + 1);
    if (n < 12 || n > 19 || pii_is_word_at(f, end) || a == '_' ||
        ((b == '-' || b == '.' || b == '$' || b == '_') && (b == '$' || pii_is_word_before(f, start - 1))) ||
        ((a == '-' || a == '.') && pii_is(a2, PII_DIGIT | PII_ALPHA)))
        return;
    const Brand *brand = brand_of(d, n);
    if (!brand || !pii_luhn(d, n))
        return;
    float score = brand->main ? (last > i ? 1.0f : 0.8f) : last > i ? 0.7f : 0.6f;
    if (score < 1.0f) {
        pii_context(f, start, end);
        if (pii_says(f, PII_CTX_CARD))
            score = 1.0f;
        else if (pii_says_other(f))
            score = 0.35f;
    }
    pii_put(f, PII_RULE_CARD, start, end, score);
}
