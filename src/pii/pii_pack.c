/* pii_pack.c - compiles the shapes of packs, and matches them. See pii_pack.h. */
#include "pii/pii_pack.h"

#include "base/mem.h"
#include "pii/pii_find.h"

#define LONE 0.42f /* of a value that is the whole text: a field whose name we do not see */
#define TYPO 0.5f  /* of one that a check refuses but words announce */
#define OTHER 0.3f /* less when a word like "order" stands before it */
#define BEFORE 128 /* bytes of the text in which words are looked for */
#define AFTER 48
#define RUN_MAX 63
#define DIGITS ((uint64_t)0x3ff << '0')        /* bits of set[0] */
#define LETTERS ((uint64_t)0x07fffffe07fffffe) /* of set[1] */

/* ---- names ---- */

enum {
#define X(name, ...) PACK_##name,
    PII_PACKS(X)
#undef X
        N_PACKS
};

static const char *const PACKS[N_PACKS] = {
#define X(name, word, country) word,
    PII_PACKS(X)
#undef X
};

static const uint8_t PACK_OF[] = {
#define X(name, pack, ...) PACK_##pack,
    PII_PACK_TYPES(X)
#undef X
};

const char *pii_pack_of(PiiType t)
{
    return t > PII_BEFORE_PACKS && t < PII_N_TYPES ? PACKS[PACK_OF[t - PII_BEFORE_PACKS - 1]] : NULL;
}

static bool add_pack(Str word, PiiTypes *ret)
{
    bool all = str_eq_nocase(word, STR("all")), known = all;
    for (PiiType t = PII_BEFORE_PACKS + 1; t < PII_N_TYPES; t++)
        if (all || str_eq_nocase(word, str_from(pii_pack_of(t)))) {
            pii_types_add(ret, t);
            known = true;
        }
    return known;
}

ErrKind pii_packs_read(Str list, PiiTypes *ret, Err *reterr)
{
#define X(name, word, country) " " word
    static const char THERE_ARE[] = "all" PII_PACKS(X);
#undef X
    Str word;
    while (str_next(&list, ',', &word)) {
        word = str_trim(word);
        if (!add_pack(word, ret))
            return err_set(reterr, ERR_INVALID, "no pack \"%.*s\"; there are %s", (int)MIN(word.len, 40),
                           word.ptr, THERE_ARE);
    }
    return ERR_NONE;
}

/* ---- shapes ---- */

typedef struct Item {
    uint64_t set[4]; /* bytes that may stand here */
    uint8_t min, max;
} Item;

typedef struct Shape {
    const PiiPackRow *row;
    uint64_t digits, letters; /* bit n: a value may begin with exactly n of them; 63 stands for more too */
    Item items[PII_PACK_ITEMS];
    int n;
} Shape;

struct PiiPack {
    size_t n;
    uint16_t *by_first[256]; /* shapes that may begin with the byte; the last is followed by `n` */
    uint16_t *lists;
    Shape shapes[];
};

static void set_byte(Item *item, unsigned char c)
{
    item->set[c >> 6] |= (uint64_t)1 << (c & 63);
}

static bool has_byte(const Item *item, unsigned char c)
{
    return item->set[c >> 6] >> (c & 63) & 1;
}

static void set_range(Item *item, unsigned char first, unsigned char last)
{
    for (unsigned c = first; c <= last; c++) {
        set_byte(item, (unsigned char)c);
        if (c >= 'A' && c <= 'Z')
            set_byte(item, (unsigned char)(c | 32));
    }
}

static const char UMLAUTS[] = "\xc3\x84\x96\x9c\xa4\xb6\xbc"; /* the bytes of Ä Ö Ü ä ö ü */

static void set_class(Item *item, char c)
{
    if (c == 'd' || c == 'x')
        set_range(item, '0', '9');
    if (c == 'a' || c == 'x' || c == 'u')
        set_range(item, 'A', 'Z');
    for (const char *u = UMLAUTS; c == 'u' && *u; u++)
        set_byte(item, (unsigned char)*u);
    if (!strchr("daxu", c))
        set_range(item, (unsigned char)c, (unsigned char)c);
}

static const char *read_count(const char *p, uint8_t *ret)
{
    for (*ret = 0; *p >= '0' && *p <= '9'; p++)
        *ret = (uint8_t)(*ret * 10 + (*p - '0'));
    return p;
}

/* The shapes are ours: what is wrong in one is a bug. */
static const char *compile_item(const char *p, Item *ret)
{
    *ret = (Item){.min = 1, .max = 1};
    if (*p != '[') {
        set_class(ret, *p++);
    } else {
        for (p++; *p != ']'; p++) {
            BUG_ON(!*p);
            if (p[1] == '-' && p[2] != ']') {
                set_range(ret, (unsigned char)p[0], (unsigned char)p[2]);
                p += 2;
            } else {
                set_class(ret, *p);
            }
        }
        p++;
    }
    if (*p == '?') {
        ret->min = 0;
        return p + 1;
    }
    if (*p != '{')
        return p;
    p = read_count(p + 1, &ret->min);
    ret->max = ret->min;
    if (*p == ',')
        p = read_count(p + 1, &ret->max);
    BUG_ON(*p != '}' || ret->min > ret->max);
    return p + 1;
}

/* With how many bytes of a class (bits of one word of the set) a value of the shape may begin: most shapes are refused by
 * that alone. */
static uint64_t leading(const Shape *shape, int word, uint64_t class)
{
    uint64_t open = 1, closed = 0; /* lengths at the item, and those that something else has ended */
    for (int i = 0; i < shape->n; i++) {
        const Item *item = &shape->items[i];
        uint64_t longer = 0, of_class = item->set[word] & class, others = item->set[word] & ~class;
        for (int w = 0; w < 4; w++)
            others |= w != word ? item->set[w] : 0;
        if (of_class && others)
            return UINT64_MAX;
        if (others) {
            closed |= open;
            if (item->min > 0)
                return closed;
            continue;
        }
        for (int n = item->min; n <= item->max; n++)
            longer |= open << n;
        open = longer;
    }
    return closed | open;
}

static void compile(const PiiPackRow *row, Shape *ret)
{
    *ret = (Shape){.row = row};
    for (const char *p = row->shape; *p;) {
        BUG_ON(ret->n == PII_PACK_ITEMS);
        p = compile_item(p, &ret->items[ret->n++]);
    }
    BUG_ON(ret->items[0].min == 0);
    ret->digits = leading(ret, '0' / 64, DIGITS);
    ret->letters = leading(ret, 'A' / 64, LETTERS);
}

PiiPack *pii_pack_new(const PiiTypes *types)
{
    size_t n = 0, used = 0;
    for (size_t i = 0; i < PII_PACK_N_ROWS; i++)
        n += pii_types_has(types, PII_PACK_ROWS[i].type);
    if (n == 0)
        return NULL;
    PiiPack *p = mem_zalloc(sizeof *p + n * sizeof *p->shapes);
    for (size_t i = 0; i < PII_PACK_N_ROWS; i++)
        if (pii_types_has(types, PII_PACK_ROWS[i].type))
            compile(&PII_PACK_ROWS[i], &p->shapes[p->n++]);
    p->lists = mem_array(256 * (n + 1), sizeof *p->lists);
    for (unsigned c = 0; c < 256; c++) {
        p->by_first[c] = p->lists + used;
        for (size_t i = 0; i < n; i++)
            if (has_byte(&p->shapes[i].items[0], (unsigned char)c))
                p->lists[used++] = (uint16_t)i;
        p->lists[used++] = (uint16_t)n;
    }
    return p;
}

void pii_pack_free(PiiPack *p)
{
    if (!p)
        return;
    mem_free(p->lists);
    mem_free(p);
}

/* ---- where a value may begin and end ---- */

/* A letter or digit of this text goes on here. Scripts that write no blank around a number do not count. */
static bool joins_before(const PiiFinder *f, size_t start, bool letters_may)
{
    if (start == 0)
        return false;
    unsigned char c = (unsigned char)f->p[start - 1];
    if (c < 0x80)
        return letters_may ? pii_is((char)c, PII_DIGIT) : pii_is((char)c, PII_DIGIT | PII_ALPHA) || c == '_';
    for (size_t i = start - 1; !letters_may && i + 4 > start; i--) {
        c = (unsigned char)f->p[i];
        if (c >= 0xc0)
            return c > 0xc2 && c < 0xe0;
        if (i == 0)
            break;
    }
    return false;
}

static bool joins_after(const PiiFinder *f, size_t end)
{
    unsigned char c = (unsigned char)pii_at(f, end);
    return c < 0x80 ? pii_is((char)c, PII_DIGIT | PII_ALPHA) || c == '_' : c > 0xc2 && c < 0xe0;
}

/* More digits behind a separator: a part of something longer. */
static bool is_part(const PiiFinder *f, size_t start, size_t end, bool spaced)
{
    const char *separators = spaced ? "-./,: " : "-./,:";
    char b = pii_before(f, start), a = pii_at(f, end);
    bool digits_before = start > 1 && pii_is(f->p[start - 2], PII_DIGIT);
    bool digits_after = pii_is(pii_at(f, end + 1), PII_DIGIT);
    if (pii_is(f->p[start], PII_DIGIT) &&
        (b == '+' || b == '$' || (digits_before && b && strchr(separators, b))))
        return true;
    return pii_is(f->p[end - 1], PII_DIGIT) && digits_after && a && strchr(separators, a);
}

/* Where items i.. of the shape end that begin at `at`; 0 when they do not. Depth: PII_PACK_ITEMS. */
static size_t match(const PiiFinder *f, const Shape *shape, int i, size_t at)
{
    if (i == shape->n)
        return joins_after(f, at) ? 0 : at;
    const Item *item = &shape->items[i];
    size_t n = 0;
    while (n < item->max && at + n < f->n && has_byte(item, (unsigned char)f->p[at + n]))
        n++;
    for (size_t end; n >= item->min; n--) {
        if ((end = match(f, shape, i + 1, at + n)))
            return end;
        if (n == 0)
            break;
    }
    return 0;
}

/* ---- words near ---- */

typedef struct Near {
    char before[BEFORE], after[AFTER]; /* small letters; German umlauts too */
    size_t n_before, n_after, start, end;
} Near;

static size_t fold(const char *p, size_t n, char *ret)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)p[i];
        bool capital =
            (c >= 'A' && c <= 'Z') || (c >= 0x80 && c <= 0x9e && i > 0 && (unsigned char)p[i - 1] == 0xc3);
        ret[i] = (char)(capital ? c | 32 : c);
    }
    return n;
}

static void look_near(const PiiFinder *f, size_t start, size_t end, Near *ret)
{
    if (ret->start != start) {
        size_t n = MIN(start, (size_t)BEFORE);
        ret->n_before = fold(f->p + start - n, n, ret->before);
        ret->start = start;
        ret->end = SIZE_MAX;
    }
    if (ret->end != end) {
        ret->n_after = fold(f->p + end, MIN(f->n - end, (size_t)AFTER), ret->after);
        ret->end = end;
    }
}

static bool has_word(const char *p, size_t n, Str word)
{
    for (Str rest = {p, n}; rest.len >= word.len;) {
        ptrdiff_t at = str_find(rest, word);
        if (at < 0)
            return false;
        const char *w = rest.ptr + at, *end = w + word.len;
        bool foreign = (unsigned char)word.ptr[0] >= 0x80;
        if ((foreign || w == p || !pii_is(w[-1], PII_ALPHA | PII_DIGIT)) &&
            (foreign || word.len > 4 || end == p + n || !pii_is(*end, PII_ALPHA)))
            return true;
        rest = (Str){w + 1, n - (size_t)(w + 1 - p)};
    }
    return false;
}

static bool is_said(const Near *near, PiiType type)
{
    Str rest = str_from(pii_pack_words(type)), word;
    while (str_next(&rest, '|', &word))
        if (has_word(near->before, near->n_before, word) || has_word(near->after, near->n_after, word))
            return true;
    return false;
}

/* ---- one candidate ---- */

static bool has_small(Str v)
{
    for (size_t i = 0; i < v.len; i++)
        if (v.ptr[i] >= 'a' && v.ptr[i] <= 'z')
            return true;
    return false;
}

static PiiVerdict verdict(const PiiPackRow *row, Str text, bool *ret_spaced)
{
    PiiPackValue v = {.text = text};
    *ret_spaced = false;
    for (size_t i = 0; i < text.len; i++) {
        *ret_spaced = *ret_spaced || text.ptr[i] == ' ';
        if (!pii_is(text.ptr[i], PII_DIGIT | PII_ALPHA))
            continue;
        if (v.n == PII_PACK_VALUE_MAX)
            return PII_VERDICT_NO;
        v.c[v.n++] = (char)(pii_is(text.ptr[i], PII_ALPHA) ? text.ptr[i] & ~32 : text.ptr[i]);
    }
    return row->check ? row->check(&v) : PII_VERDICT_YES;
}

static void try_shape(PiiFinder *f, const Shape *shape, size_t start, Near *near)
{
    const PiiPackRow *row = shape->row;
    size_t end = joins_before(f, start, row->how & PII_PACK_JOINED) ? 0 : match(f, shape, 0, start);
    if (!end)
        return;
    bool spaced, lone = pii_is_lone(f, start, end);
    Str value = {f->p + start, end - start};
    PiiVerdict v = verdict(row, value, &spaced);
    if (v == PII_VERDICT_NO || is_part(f, start, end, spaced) ||
        (row->how & PII_PACK_CAPITALS && !lone && has_small(value)))
        return;
    look_near(f, start, end, near);
    float score = row->alone;
    if (is_said(near, row->type)) {
        score = v == PII_VERDICT_WEAK ? TYPO : row->said;
    } else if (v == PII_VERDICT_WEAK) {
        return;
    } else if (lone) {
        score = MAX(score, LONE);
    } else {
        pii_context(f, start, end);
        score -= pii_says_other(f) ? OTHER : 0;
    }
    pii_put(f, pii_pack_rule(row->type), start, end, score);
}

static void try_at(PiiFinder *f, size_t start, Near *near)
{
    const PiiPack *pack = f->s->pack;
    bool digit = pii_is(f->p[start], PII_DIGIT);
    size_t n = 0;
    while (n < RUN_MAX && pii_is(pii_at(f, start + n), digit ? PII_DIGIT : PII_ALPHA))
        n++;
    for (const uint16_t *i = pack->by_first[(unsigned char)f->p[start]]; *i < pack->n; i++) {
        const Shape *shape = &pack->shapes[*i];
        if ((digit ? shape->digits : shape->letters) >> n & 1)
            try_shape(f, shape, start, near);
    }
}

/* Letters and German umlauts that end at `end`: where they begin. */
static size_t letters_before(const PiiFinder *f, size_t end, size_t least)
{
    size_t i = end;
    while (i > least) {
        if (pii_is(f->p[i - 1], PII_ALPHA))
            i--;
        else if (i > least + 1 && (unsigned char)f->p[i - 2] == 0xc3 && f->p[i - 1] &&
                 strchr(UMLAUTS + 1, f->p[i - 1]))
            i -= 2;
        else
            break;
    }
    return i;
}

/* A run of digits begins at `at`: "AB 12", "B-AB 12", "+12", "(12" begin before it. */
static void try_run(PiiFinder *f, size_t at, Near *near)
{
    size_t least = at > PII_PACK_LEAD ? at - PII_PACK_LEAD : 0, start = letters_before(f, at, least);
    try_at(f, at, near);
    if (start == at && at > 0 && (f->p[at - 1] == '+' || f->p[at - 1] == '('))
        try_at(f, at - 1, near);
    if (start < at)
        try_at(f, start, near);
    for (int words = start < at ? 1 : 0; words < 2 && start > least + 1; words++) {
        char c = f->p[start - 1];
        size_t word = letters_before(f, start - 1, least);
        if ((c != ' ' && c != '-' && c != '.') || word == start - 1)
            return;
        start = word;
        try_at(f, start, near);
    }
}

void pii_find_packs(const PiiScanner *s, const PiiScratch *scratch, Str text, PiiFound *out, bool *full)
{
    Near near = {.start = SIZE_MAX};
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
    for (size_t at = 0; at < text.len && !*full; at += PII_BLOCK_BYTES) {
        const uint64_t *digit = f.masks->digit + at / PII_BLOCK_BYTES;
        for (uint64_t runs = digit[0] & ~(digit[0] << 1 | digit[-1] >> 63); runs; runs &= runs - 1)
            try_run(&f, at + (size_t)__builtin_ctzll(runs), &near);
    }
}
