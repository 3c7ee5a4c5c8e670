/* pii_find.c - from the candidates of a text to the parsers.
 *
 *     blocks of 64 bytes --candidates--> digit: the number and its groups, or the token; '@' ':' '.' '-' "day"
 *
 * A candidate inside what a parser has already gone over is passed by (skip): a long token is looked at once. */
#include "pii/pii_find.h"

#include <pthread.h>

const uint8_t PII_CLASS[256] = {
    [0 ... ' '] = PII_BLANK,
    ['0' ... '9'] = PII_DIGIT | PII_HEX | PII_LOCAL | PII_HOST | PII_LINK,
    ['a' ... 'f'] = PII_ALPHA | PII_HEX | PII_LOCAL | PII_HOST | PII_LINK,
    ['g' ... 'z'] = PII_ALPHA | PII_LOCAL | PII_HOST | PII_LINK,
    ['A' ... 'F'] = PII_ALPHA | PII_HEX | PII_LOCAL | PII_HOST | PII_LINK | PII_UPPER,
    ['G' ... 'Z'] = PII_ALPHA | PII_LOCAL | PII_HOST | PII_LINK | PII_UPPER,
    ['.'] = PII_LOCAL | PII_HOST | PII_LINK,
    ['-'] = PII_LOCAL | PII_HOST | PII_LINK,
    ['_'] = PII_LOCAL | PII_LINK,
    ['%'] = PII_LOCAL | PII_LINK,
    ['+'] = PII_LOCAL | PII_LINK,
    ['&'] = PII_LOCAL | PII_LINK,
    ['~'] = PII_LOCAL | PII_LINK,
    ['!'] = PII_LOCAL | PII_LINK,
    ['#'] = PII_LOCAL | PII_LINK,
    ['$'] = PII_LOCAL | PII_LINK,
    ['\''] = PII_LOCAL | PII_LINK,
    ['*'] = PII_LOCAL | PII_LINK,
    ['/'] = PII_LINK,
    ['?'] = PII_LINK,
    ['='] = PII_LINK,
    ['@'] = PII_LINK,
    [':'] = PII_LINK,
    [','] = PII_LINK,
    [';'] = PII_LINK,
    ['('] = PII_LINK,
    [')'] = PII_LINK,
    ['['] = PII_LINK,
    [']'] = PII_LINK,
    [0x80 ... 0xff] = PII_LOCAL | PII_LINK,
};

/* ---- letters and marks outside of ASCII ---- */

typedef struct Range {
    uint32_t first, last;
} Range;

static bool is_within(uint32_t cp, const Range *r, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (cp >= r[i].first && cp <= r[i].last)
            return true;
    return false;
}

/* Marks, signs and blanks of Unicode, and scripts whose words stand together without blanks. */
static PiiWide wide_kind(uint32_t cp)
{
    static const Range MARKS[] = {
        {0xa0, 0xa9},     {0xab, 0xb4},     {0xb6, 0xb9},     {0xbb, 0xbf},       {0xd7, 0xd7},
        {0xf7, 0xf7},     {0x37e, 0x37e},   {0x387, 0x387},   {0x589, 0x58a},     {0x5be, 0x5be},
        {0x5f3, 0x5f4},   {0x60c, 0x60d},   {0x61b, 0x61f},   {0x66a, 0x66d},     {0x6d4, 0x6d4},
        {0x964, 0x965},   {0x2000, 0x206f}, {0x20a0, 0x20cf}, {0x2190, 0x2bff},   {0x3000, 0x3004},
        {0x3008, 0x3020}, {0x3030, 0x3030}, {0xfe00, 0xfe6f}, {0xfeff, 0xff0f},   {0xff1a, 0xff20},
        {0xff3b, 0xff40}, {0xff5b, 0xff65}, {0xffe0, 0xffff}, {0x1f000, 0x1faff}, {0xe0000, 0xe01ef}};
    static const Range JOINED[] = {{0xe00, 0xeff},   {0x1000, 0x109f}, {0x1780, 0x17ff},
                                   {0x3005, 0x3007}, {0x3021, 0x9fff}, {0xac00, 0xd7a3},
                                   {0xf900, 0xfaff}, {0xff66, 0xffdc}, {0x20000, 0x3ffff}};
    if (is_within(cp, MARKS, ARRAY_LEN(MARKS)))
        return PII_WIDE_MARK;
    return is_within(cp, JOINED, ARRAY_LEN(JOINED)) ? PII_WIDE_JOINED : PII_WIDE_LETTER;
}

/* Bytes that are no UTF-8 count as in Windows-1252: 0x80 to 0xbf are marks, the rest letters. */
PiiWide pii_wide(const PiiFinder *f, size_t i)
{
    const unsigned char *p = (const unsigned char *)f->p;
    size_t lead = i;
    while (lead > 0 && i - lead < 3 && (p[lead] & 0xc0) == 0x80)
        lead--;
    size_t n = p[lead] >= 0xf0 ? 4 : p[lead] >= 0xe0 ? 3 : 2;
    bool whole = p[lead] >= 0xc2 && p[lead] <= 0xf4 && i - lead < n && lead + n <= f->n;
    uint32_t cp = p[lead] & (0x7fu >> n);
    for (size_t k = 1; whole && k < n; k++) {
        whole = (p[lead + k] & 0xc0) == 0x80;
        cp = cp << 6 | (p[lead + k] & 0x3f);
    }
    if (!whole)
        return p[i] < 0xc0 ? PII_WIDE_MARK : PII_WIDE_LETTER;
    return wide_kind(cp);
}

/* ---- tables ---- */

static PiiTables tables;
static pthread_once_t tables_once = PTHREAD_ONCE_INIT;

static void make_tables(void)
{
    pii_words_index(&tables.words);
    pii_tld_index(&tables.tlds);
    pii_iban_index(tables.iban);
}

const PiiTables *pii_tables(void)
{
    pthread_once(&tables_once, make_tables);
    return &tables;
}

/* ---- numbers ---- */

size_t pii_digits(const PiiFinder *f, const PiiNumber *num, int first, int last, char ret[PII_DIGITS_MAX + 8])
{
    size_t n = 0;
    for (int i = first; i <= last; i++) {
        size_t len = num->g[i].len, start = num->g[i].start;
        if (n + len > PII_DIGITS_MAX)
            return n + len;
        if (len <= 8 && start + 8 <= f->n) /* eight at once: there is room for what is too much */
            memcpy(ret + n, f->p + start, 8);
        else
            memcpy(ret + n, f->p + start, len);
        n += len;
    }
    return n;
}

bool pii_luhn(const char *digits, size_t n)
{
    unsigned sum = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned d = (unsigned)(digits[n - 1 - i] - '0');
        d = i & 1 ? d * 2 : d;
        sum += d > 9 ? d - 9 : d;
    }
    return sum % 10 == 0;
}

/* Between two groups: one byte of a kind, or two or three. */
static const uint8_t SEPARATOR[256] = {
    [' '] = PII_SEP_SPACE, ['-'] = PII_SEP_DASH,  ['.'] = PII_SEP_DOT,  ['/'] = PII_SEP_SLASH,
    [':'] = PII_SEP_COLON, ['('] = PII_SEP_PAREN, [')'] = PII_SEP_PAREN};

/* ") ", " (", " - ", blanks that do not break, hyphens, the short dash, bullets. Returns the length, 0: none of them. */
static size_t long_separator(const PiiFinder *f, size_t at, uint8_t *ret)
{
    unsigned char a = (unsigned char)f->p[at], b = (unsigned char)pii_at(f, at + 1),
                  c = (unsigned char)pii_at(f, at + 2);
    if (pii_is((char)c, PII_DIGIT)) {
        if ((a == ')' && (b == ' ' || b == '-' || b == '.')) || ((a == ' ' || a == '-') && b == '('))
            return *ret = PII_SEP_PAREN, 2;
        if (a == 0xc2 && b == 0xa0)
            return *ret = PII_SEP_SPACE, 2;
        if (a == 0xc2 && b == 0xb7)
            return *ret = PII_SEP_DOT, 2;
        return 0;
    }
    if (a == ')' && b == 0xc2 && c == 0xa0 && pii_is(pii_at(f, at + 3), PII_DIGIT))
        return *ret = PII_SEP_PAREN, 3;
    if (a == 0xe2 && b == 0x80 && (c == 0xa2 || c == 0xaf) && pii_is(pii_at(f, at + 3), PII_DIGIT))
        return *ret = c == 0xa2 ? PII_SEP_DOT : PII_SEP_SPACE, 3; /* a bullet, a narrow blank */
    bool dash = (a == ' ' && b == '-' && c == ' ') ||
                (a == 0xe2 && b == 0x80 && (c == 0x91 || c == 0x93 || c == 0x90));
    if (dash && pii_is(pii_at(f, at + 3), PII_DIGIT))
        return *ret = PII_SEP_DASH, 3;
    return 0;
}

/* What stands between two groups: its length, 0 for the end of the number. */
static inline size_t separator(const PiiFinder *f, size_t at, uint8_t *ret)
{
    *ret = PII_SEP_END;
    if (at + 1 >= f->n)
        return 0;
    unsigned char a = (unsigned char)f->p[at], b = (unsigned char)f->p[at + 1];
    if (pii_is((char)b, PII_DIGIT))
        return *ret = SEPARATOR[a], *ret != PII_SEP_END;
    if (b == ' ' || b == '-' || b == '(' || b == '.' || b >= 0x80)
        return long_separator(f, at, ret);
    return 0;
}

static void read_number(const PiiFinder *f, size_t at, PiiNumber *num)
{
    num->n = 0;
    num->shape = 0;
    for (size_t step = 1; step && num->n < PII_GROUPS; at += step) {
        PiiGroup *g = &num->g[num->n];
        size_t len = pii_digits_at(f, at);
        num->shape = num->shape << 4 | (len < 15 ? len : 15);
        num->n++;
        g->start = at;
        g->len = (uint16_t)len;
        at += len;
        step = separator(f, at, &g->sep);
    }
    num->g[num->n - 1].sep = PII_SEP_END;
    num->shape <<= 64 - 4 * num->n;
}

static void token_at(PiiFinder *f, size_t at)
{
    size_t start = at, end = at + pii_digits_at(f, at);
    for (size_t n = 64; n == 64 && start > f->skip && at - start < 512; start -= n)
        n = pii_alnum_before(f, start);
    start = MAX(start, f->skip);
    for (size_t n = 64; n == 64 && end - at < 4096; end += n)
        n = pii_alnum_at(f, end);
    bool cut = start > 0 && pii_is_word_at(f, start - 1);
    if (!cut && end - start == 4 && pii_at(f, end) == '.')
        pii_find_mac_dot(f, start);
    if (!cut && end - start == 4 && start >= 5 && f->p[start - 1] == '.') /* "facb.7bb0.fb79" */
        pii_find_mac_dot(f, start - 5);
    size_t wide = start;
    while (wide > 0 && start - wide < 64 &&
           (pii_is(f->p[wide - 1], PII_DIGIT | PII_ALPHA) || f->p[wide - 1] == '_' || f->p[wide - 1] == '-'))
        wide--;
    if (!pii_find_secret(f, wide, end) && !cut)
        pii_find_token(f, start, end);
    if (end > f->skip)
        f->skip = end;
}

/* A run of digits is looked at as a token where letters or what holds a key together touch it. */
static bool is_in_token(const PiiFinder *f, size_t start, size_t end)
{
    char b = pii_before(f, start), a = pii_at(f, end);
    return end - start >= 4 && (b == '-' || b == '_' || b == '/' || b == '+' || a == '/' || a == '+' ||
                                (a == '.' && end - start == 4) || end - start >= 26);
}

/* Group i, which no letter touches in front. In the order of how sure the parsers are: what is covered needs no other. */
static void group_at(PiiFinder *f, const PiiNumber *num, int i)
{
    const PiiGroup *g = &num->g[i];
    size_t end = g->start + g->len;
    bool first =
        i == 0 || g[-1].sep == PII_SEP_SPACE || g[-1].sep == PII_SEP_SLASH || g[-1].sep == PII_SEP_COLON;
    pii_find_date(f, num, i);
    if (g->sep == PII_SEP_DOT)
        pii_find_ipv4(f, num, i);
    if (end <= f->sure)
        return;
    if (g->len <= 3) {
        if (g->len == 2 && first && g->sep == PII_SEP_DASH)
            pii_find_groups(f, num, i);
        pii_find_phone(f, num, i);
        if (g->len < 3 || !first || end <= f->sure)
            return;
    } else if (first) {
        pii_find_card(f, num, i);
        if (end <= f->sure && g->len == 4) /* a run of digits may be an account as well */
            return;
    }
    if (first) {
        pii_find_us(f, num, i);
        pii_find_zip(f, num, i);
    }
    if (g->len > 3)
        pii_find_phone(f, num, i);
}

static void number_at(PiiFinder *f, size_t at)
{
    PiiNumber num;
    f->sure = 0;
    size_t len = pii_digits_at(f, at);
    if (len <= 4 && pii_at(f, at + len) == ':' &&
        pii_at(f, at + len + 1) != '/') { /* "00:1b:63:84:45:e6": before its parts are looked at */
        pii_find_colon(f, at + len);
        if (f->done > at)
            return;
    }
    read_number(f, at, &num);
    for (int i = 0; i < num.n; i++) {
        size_t start = num.g[i].start, end = pii_group_end(&num, i);
        if (end <= f->sure)
            continue;
        bool letter_before = pii_is_word_before(f, start) || pii_before(f, start) == '_';
        if (letter_before)
            pii_find_phone(f, &num, i);
        else if (end - start < 64) /* hundreds of digits are no one's number */
            group_at(f, &num, i);
        else
            continue;
        if (start >= f->skip && (letter_before || pii_is_word_at(f, end) || is_in_token(f, start, end)))
            token_at(f, start);
    }
    size_t end = pii_group_end(&num, num.n - 1);
    if (end > f->skip)
        f->skip = end;
}

/* ---- the loop ---- */

static inline void candidate(PiiFinder *f, size_t at)
{
    switch (f->p[at]) {
    case '@': pii_find_email(f, at); return;
    case ':': pii_find_colon(f, at); return;
    case '.': pii_find_dot(f, at); return;
    case '-':
        if (pii_at(f, at + 1) == '-')
            pii_find_key_block(f, at);
        else
            pii_find_mac_dash(f, at);
        return;
    case 'd':
    case 'D': pii_find_weekday(f, at); return;
    case '_':
    case 'i':
    case 'I': pii_find_key(f, at); return;
    default: number_at(f, at);
    }
}

/* The bits of a block that stand before `end`. */
static inline uint64_t below(size_t end, size_t block)
{
    size_t n = end > block ? MIN(end - block, (size_t)64) : 0;
    return ((uint64_t)1 << n / 2 << (n - n / 2)) - 1; /* in two steps: 64 at once is no shift */
}

/* What of the block is not done: by bits, as the branches for it would be guessed wrongly. */
static inline uint64_t left(const PiiFinder *f, size_t block)
{
    return ~(below(f->done, block) | (f->masks->digit[block / 64] & below(f->skip, block)));
}

static void run(PiiFinder *f)
{
    for (size_t block = 0; block < f->n && !*f->full; block += PII_BLOCK_BYTES) {
        uint64_t bits = f->masks->look[block / PII_BLOCK_BYTES];
        if (!bits)
            continue;
        for (bits &= left(f, block); bits; bits &= left(f, block)) {
            size_t at = block + (size_t)__builtin_ctzll(bits);
            bits &= bits - 1;
            candidate(f, at);
        }
    }
}

void pii_find_structured(const PiiScanner *s, PiiScratch *scratch, Str text, PiiFound *out, bool *full)
{
    if (!text.len)
        return;
    pii_masks_make(&scratch->masks, s->block, text.ptr, text.len);
    PiiFinder f = {.s = s,
                   .tables = s->tables,
                   .p = text.ptr,
                   .n = text.len,
                   .masks = &scratch->masks,
                   .ctx_word = SIZE_MAX,
                   .out = out,
                   .full = full};
    f.lone_end = text.len;
    while (f.lone_end > 0 && pii_is(text.ptr[f.lone_end - 1], PII_BLANK))
        f.lone_end--;
    while (f.lone_start < f.lone_end && pii_is(text.ptr[f.lone_start], PII_BLANK))
        f.lone_start++;
    run(&f);
}
