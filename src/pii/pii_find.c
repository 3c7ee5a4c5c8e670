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

/* ---- tables ---- */

static PiiTables tables;
static pthread_once_t tables_once = PTHREAD_ONCE_INIT;

static void make_tables(void)
{
    pii_words_index(&tables.words);
    pii_tld_index(&tables.tlds);
}

const PiiTables *pii_tables(void)
{
    pthread_once(&tables_once, make_tables);
    return &tables;
}

/* ---- numbers ---- */

size_t pii_digits(const PiiFinder *f, const PiiNumber *num, int first, int last, char *ret, size_t cap)
{
    size_t n = 0;
    for (int i = first; i <= last; i++) {
        size_t len = num->g[i].len;
        if (n + len > cap)
            return n + len;
        memcpy(ret + n, f->p + num->g[i].start, len);
        n += len;
    }
    return n;
}

unsigned pii_value(const char *p, size_t n)
{
    unsigned v = 0;
    for (size_t i = 0; i < n; i++)
        v = v * 10 + (unsigned)(p[i] - '0');
    return v;
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

/* What stands between two groups: at most three bytes of one kind. Returns its length, 0 for the end of the number. */
static size_t separator(const PiiFinder *f, size_t at, uint8_t *ret)
{
    char a = pii_at(f, at), b = pii_at(f, at + 1), c = pii_at(f, at + 2);
    *ret = PII_SEP_END;
    if (at >= f->n)
        return 0;
    bool digit_b = pii_is(b, PII_DIGIT), digit_c = pii_is(c, PII_DIGIT);
    if (digit_b) {
        *ret = a == ' '   ? PII_SEP_SPACE
               : a == '-' ? PII_SEP_DASH
               : a == '.' ? PII_SEP_DOT
               : a == '/' ? PII_SEP_SLASH
               : a == ':' ? PII_SEP_COLON
               : a == ')' ? PII_SEP_PAREN
               : a == '(' ? PII_SEP_PAREN
                          : PII_SEP_END;
        return *ret != PII_SEP_END;
    }
    if (digit_c) {
        if ((a == ')' && (b == ' ' || b == '-' || b == '.')) || ((a == ' ' || a == '-') && b == '('))
            return *ret = PII_SEP_PAREN, 2;
        if ((unsigned char)a == 0xc2 && (unsigned char)b == 0xa0) /* a blank that does not break */
            return *ret = PII_SEP_SPACE, 2;
        return 0;
    }
    if (a == ' ' && b == '-' && c == ' ' && pii_is(pii_at(f, at + 3), PII_DIGIT))
        return *ret = PII_SEP_DASH, 3;
    unsigned char ua = (unsigned char)a, ub = (unsigned char)b, uc = (unsigned char)c;
    if (ua == 0xe2 && ub == 0x80 && (uc == 0x91 || uc == 0x93 || uc == 0x90) &&
        pii_is(pii_at(f, at + 3), PII_DIGIT))
        return *ret = PII_SEP_DASH, 3; /* hyphens and the short dash */
    return 0;
}

static void read_number(const PiiFinder *f, size_t at, PiiNumber *num)
{
    num->n = 0;
    for (size_t step = 1; step && num->n < PII_GROUPS; at += step) {
        PiiGroup *g = &num->g[num->n++];
        size_t end = at;
        while (end < f->n && pii_is(f->p[end], PII_DIGIT) && end - at < 64)
            end++;
        g->start = at;
        g->len = (uint16_t)(end - at);
        step = separator(f, end, &g->sep);
        at = end;
    }
    num->g[num->n - 1].sep = PII_SEP_END;
}

static void token_at(PiiFinder *f, size_t at)
{
    size_t start = at, end = at;
    while (start > f->skip && at - start < 512 && pii_is(f->p[start - 1], PII_DIGIT | PII_ALPHA))
        start--;
    while (end < f->n && end - at < 4096 && pii_is(f->p[end], PII_DIGIT | PII_ALPHA))
        end++;
    bool cut = start > 0 && pii_is_word_at(f, start - 1);
    if (!cut && end - start == 4 && pii_at(f, end) == '.')
        pii_find_mac_dot(f, start);
    size_t wide = start;
    while (wide > 0 && start - wide < 64 &&
           (pii_is(f->p[wide - 1], PII_DIGIT | PII_ALPHA) || f->p[wide - 1] == '_' || f->p[wide - 1] == '-'))
        wide--;
    if (!pii_find_secret(f, wide, end) && !cut)
        pii_find_token(f, start, end);
    if (end > f->skip)
        f->skip = end;
}

/* How far the sure findings since the last call reach: what is inside needs no other look. */
static size_t sure(const PiiFinder *f, size_t *seen, size_t *covered)
{
    for (; *seen < f->out->n; ++*seen)
        if (f->out->spans[*seen].score >= 0.75f && f->out->spans[*seen].end > *covered)
            *covered = f->out->spans[*seen].end;
    return *covered;
}

static void number_at(PiiFinder *f, size_t at)
{
    PiiNumber num;
    read_number(f, at, &num);
    size_t seen = f->out->n, covered = 0;
    for (int i = 0; i < num.n; i++) {
        size_t start = num.g[i].start, end = pii_group_end(&num, i);
        if (end <= sure(f, &seen, &covered))
            continue;
        bool letter_before = pii_is_word_before(f, start) || pii_before(f, start) == '_';
        if (!letter_before && end - start >= 64) /* hundreds of digits are no one's number */
            continue;
        if (!letter_before) {
            pii_find_date(f, &num, i);
            pii_find_ipv4(f, &num, i);
            if (end <= sure(f, &seen, &covered))
                continue;
            if (i == 0 || num.g[i - 1].sep == PII_SEP_SPACE || num.g[i - 1].sep == PII_SEP_SLASH ||
                num.g[i - 1].sep == PII_SEP_COLON) {
                pii_find_card(f, &num, i);
                pii_find_us(f, &num, i);
                pii_find_zip(f, &num, i);
            }
        }
        pii_find_phone(f, &num, i);
        if ((letter_before || pii_is_word_at(f, end) || end - start >= 4) && start >= f->skip)
            token_at(f, start);
    }
    size_t end = pii_group_end(&num, num.n - 1);
    if (end > f->skip)
        f->skip = end;
}

/* ---- the loop ---- */

static void candidate(PiiFinder *f, size_t at)
{
    char c = f->p[at];
    switch (c) {
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
    default:
        if (at >= f->skip)
            number_at(f, at);
    }
}

static void run(PiiFinder *f)
{
    for (size_t at = 0; at < f->n && !*f->full; at += PII_BLOCK_BYTES)
        for (uint64_t bits = f->masks->look[at / PII_BLOCK_BYTES]; bits; bits &= bits - 1)
            candidate(f, at + (size_t)__builtin_ctzll(bits));
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
