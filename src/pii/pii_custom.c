/* pii_custom.c - words, patterns and the allow-list of a tenant. The border to PCRE2.
 *
 * Words stand in lists by the hash of their first two bytes, folded; a bitmap of those hashes answers for nearly every
 * place of a text. */
#include "pii/pii_custom.h"

#include "base/arena.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/strmap.h"
#include "base/yaml.h"
#include "pii/pii_impl.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define FILE_MAX (1u << 20)
#define ARENA_MAX (64u << 20)
#define HEAP_KIB 1024
#define DEPTH 1000
#define CONTEXT 256 /* bytes before a slice that a look-behind may see */
#define HASHES 4096
#define NONE UINT32_MAX

typedef struct Word {
    Str text;
    PiiType type;
    float score;
    uint32_t next; /* in the list of its hash */
} Word;

typedef struct Pattern {
    pcre2_code *code;
    PiiType type;
    float score;
} Pattern;

struct PiiCustom {
    Arena *arena;
    Word *words;
    size_t n_words;
    Pattern *patterns;
    size_t n_patterns;
    StrMap *allow; /* "TYPE:text" or ":text", folded */
    size_t allow_longest;
    uint32_t heads[HASHES];
};

struct PiiCustomScratch {
    pcre2_match_data *data;
    pcre2_match_context *limits;
    pcre2_jit_stack *stack;
};

static unsigned char fold(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

static bool blank(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static bool wordy(char c)
{
    unsigned char f = fold(c);
    return (f >= 'a' && f <= 'z') || (f >= '0' && f <= '9') || f == '_' || f >= 0x80;
}

static uint32_t hash_at(char a, char b)
{
    return ((uint32_t)fold(a) * 61 + (blank(b) ? (uint32_t)' ' : (uint32_t)fold(b))) % HASHES;
}

/* ---- matching ---- */

struct PiiCustomScratch *pii_custom_scratch_new(const struct PiiCustom *c)
{
    if (c->n_patterns == 0)
        return NULL;
    struct PiiCustomScratch *s = MEM_NEW(struct PiiCustomScratch);
    s->data = pcre2_match_data_create(1, NULL);
    s->stack = pcre2_jit_stack_create(32u << 10, 512u << 10, NULL);
    s->limits = pcre2_match_context_create(NULL);
    BUG_ON(!s->data || !s->stack || !s->limits);
    pcre2_set_match_limit(s->limits, PII_CUSTOM_STEPS);
    pcre2_set_depth_limit(s->limits, DEPTH);
    pcre2_set_heap_limit(s->limits, HEAP_KIB);
    pcre2_jit_stack_assign(s->limits, NULL, s->stack);
    return s;
}

void pii_custom_scratch_free(struct PiiCustomScratch *s)
{
    if (!s)
        return;
    pcre2_match_data_free(s->data);
    pcre2_match_context_free(s->limits);
    pcre2_jit_stack_free(s->stack);
    mem_free(s);
}

static void add(PiiFound *out, PiiRule rule, size_t start, size_t end, float score, PiiType type, bool *full)
{
    size_t n = out->n;
    pii_add(out, rule, start, end, score, full);
    if (out->n > n)
        out->spans[n].type = type;
}

/* The end of the word in the text, 0 when it is not there. */
static size_t word_end(Str text, size_t at, Str word)
{
    size_t i = 0;
    while (i < word.len) {
        if (at == text.len)
            return 0;
        if (blank(word.ptr[i])) {
            if (!blank(text.ptr[at]))
                return 0;
            while (i < word.len && blank(word.ptr[i]))
                i++;
            while (at < text.len && blank(text.ptr[at]))
                at++;
        } else if (fold(text.ptr[at++]) != fold(word.ptr[i++])) {
            return 0;
        }
    }
    bool inside = at < text.len && wordy(text.ptr[at]) && wordy(text.ptr[at - 1]);
    return inside ? 0 : at;
}

static void find_words(const PiiCustom *c, Str text, PiiFound *out, bool *full)
{
    for (size_t i = 0; i < text.len && c->n_words > 0; i++) {
        char next = i + 1 < text.len ? text.ptr[i + 1] : '\0';
        uint32_t two = c->heads[hash_at(text.ptr[i], next)];
        if (two == NONE || (i > 0 && wordy(text.ptr[i - 1]) && wordy(text.ptr[i])))
            continue;
        for (uint32_t w = two; w != NONE; w = c->words[w].next) {
            size_t end = word_end(text, i, c->words[w].text);
            if (end > 0)
                add(out, PII_RULE_CUSTOM_WORD, i, end, c->words[w].score, c->words[w].type, full);
        }
    }
}

/* Matches that begin in [from, step) of the text; false when the pattern gave up. */
static bool match_slice(const Pattern *p, const struct PiiCustomScratch *s, Str text, size_t from,
                        size_t step, PiiFound *out, bool *full)
{
    size_t context = MIN(from, CONTEXT), base = from - context;
    size_t end = MIN(text.len, from + PII_CUSTOM_SLICE);
    uint32_t flags = (base > 0 ? PCRE2_NOTBOL : 0) | (end < text.len ? PCRE2_NOTEOL : 0);
    for (size_t at = context;;) {
        int rc =
            pcre2_match(p->code, (PCRE2_SPTR)(text.ptr + base), end - base, at, flags, s->data, s->limits);
        if (rc < 0)
            return rc == PCRE2_ERROR_NOMATCH;
        const PCRE2_SIZE *o = pcre2_get_ovector_pointer(s->data);
        if (base + o[0] >= step)
            return true;
        if (o[1] > o[0] && o[0] >= context)
            add(out, PII_RULE_CUSTOM_PATTERN, base + o[0], base + o[1], p->score, p->type, full);
        at = MAX(o[1], MAX(o[0], at) + 1);
        if (at > end - base || *full)
            return true;
    }
}

static void find_pattern(const Pattern *p, const struct PiiCustomScratch *s, Str text, PiiFound *out,
                         bool *full)
{
    for (size_t from = 0; from < text.len && !*full;) {
        bool last = text.len - from <= PII_CUSTOM_SLICE;
        size_t step = last ? text.len : from + PII_CUSTOM_SLICE - PII_CUSTOM_MATCH;
        (void)match_slice(p, s, text, from, step, out, full); /* giving up costs the rest of a slice only */
        from = step;
    }
}

void pii_find_custom(const PiiScanner *s, PiiScratch *scratch, Str text, PiiFound *out, bool *full)
{
    const PiiCustom *c = s->custom;
    find_words(c, text, out, full);
    for (size_t i = 0; i < c->n_patterns; i++)
        find_pattern(&c->patterns[i], scratch->custom, text, out, full);
}

static bool on_list(const PiiCustom *c, const char *type, Str text)
{
    char key[PII_CUSTOM_TEXT_MAX + 40];
    size_t n = strlen(type);
    uint32_t unused;
    memcpy(key, type, n);
    key[n++] = ':';
    for (size_t i = 0; i < text.len; i++)
        key[n++] = (char)fold(text.ptr[i]);
    return strmap_get(c->allow, (Str){key, n}, &unused);
}

bool pii_custom_allows(const struct PiiCustom *c, Str text, const PiiSpan *span)
{
    Str found = str_trim(str_slice(text, span->start, span->end));
    if (found.len > c->allow_longest)
        return false;
    return on_list(c, "", found) || on_list(c, pii_type_name(span->type), found);
}

/* ---- loading ---- */

typedef struct Loading {
    PiiCustom *c;
    const char *name; /* of the file */
} Loading;

#define BAD(l, node, ...) bad((l), (node), reterr, __VA_ARGS__)
static ErrKind bad(const Loading *l, const YamlNode *node, Err *reterr, const char *fmt, ...)
    PRINTF_LIKE(4, 5);
static ErrKind bad(const Loading *l, const YamlNode *node, Err *reterr, const char *fmt, ...)
{
    CLEANUP(buf_done) Buf why = BUF(ERR_MSG_MAX);
    va_list ap;
    va_start(ap, fmt);
    buf_vaddf(&why, fmt, ap);
    va_end(ap);
    return err_set(reterr, ERR_INVALID, "%s:%d: %s", l->name, node->line, buf_cstr(&why));
}

typedef struct Entry {
    Str text;
    bool has_type;
    PiiType type;
    float score;
} Entry;

static ErrKind read_field(const Loading *l, const YamlNode *f, const char *text_key, bool scored, Entry *ret,
                          Err *reterr)
{
    if (f->kind != YAML_KIND_SCALAR)
        return BAD(l, f, "\"%.*s\" is no single value", (int)MIN(f->key.len, 40), f->key.ptr);
    if (str_eq_c(f->key, text_key)) {
        ret->text = f->scalar;
    } else if (str_eq_c(f->key, "type")) {
        ret->has_type = true;
        if (!pii_type_parse(f->scalar, &ret->type))
            return BAD(l, f, "no type \"%.*s\"", (int)MIN(f->scalar.len, 40), f->scalar.ptr);
    } else if (scored && str_eq_c(f->key, "score")) {
        double v;
        if (!str_to_f64(f->scalar, &v) || v < 0 || v > 1)
            return BAD(l, f, "the score is no number from 0 to 1");
        ret->score = (float)v;
    } else {
        return BAD(l, f, "unknown key \"%.*s\"; known are %s, type%s", (int)MIN(f->key.len, 40), f->key.ptr,
                   text_key, scored ? ", score" : "");
    }
    return ERR_NONE;
}

static ErrKind read_entry(const Loading *l, const YamlNode *n, const char *text_key, bool scored,
                          size_t longest, Entry *ret, Err *reterr)
{
    *ret = (Entry){.type = PII_CUSTOM, .score = 1};
    if (n->kind == YAML_KIND_LIST)
        return BAD(l, n, "a list within the list");
    if (n->kind == YAML_KIND_SCALAR)
        ret->text = n->scalar;
    for (const YamlNode *f = n->kind == YAML_KIND_MAP ? n->first : NULL; f; f = f->next)
        TRY(read_field(l, f, text_key, scored, ret, reterr));
    if (str_trim(ret->text).len == 0)
        return BAD(l, n, "an entry without %s", text_key);
    if (ret->text.len > longest)
        return BAD(l, n, "%s has %zu bytes, at most %zu", text_key, ret->text.len, longest);
    return ERR_NONE;
}

static ErrKind add_word(const Loading *l, const YamlNode *n, Err *reterr)
{
    Entry e;
    TRY(read_entry(l, n, "text", true, PII_CUSTOM_TEXT_MAX, &e, reterr));
    e.text = str_trim(e.text);
    if (e.text.len < 2)
        return BAD(l, n, "a word of one byte would be found everywhere");
    PiiCustom *c = l->c;
    uint32_t *head = &c->heads[hash_at(e.text.ptr[0], e.text.ptr[1])];
    c->words[c->n_words] = (Word){.text = e.text, .type = e.type, .score = e.score, .next = *head};
    *head = (uint32_t)c->n_words++;
    return ERR_NONE;
}

/* Plain runs on which a pattern with nested repeats takes exponential time. */
static const char *too_slow(const Pattern *p, const struct PiiCustomScratch *s)
{
    static const char *const RUNS[] = {"a", "A", "1", " ", "-", "a ", "1-", "a1", "a.", "\n"};
    static const char *const ENDS[] = {"", "!"};
    char text[PII_CUSTOM_SLICE];
    PiiFound none = {0};
    const char *slow = NULL;
    for (size_t i = 0; i < ARRAY_LEN(RUNS) * ARRAY_LEN(ENDS) && !slow; i++) {
        const char *unit = RUNS[i / ARRAY_LEN(ENDS)], *tail = ENDS[i % ARRAY_LEN(ENDS)];
        size_t n = strlen(unit);
        for (size_t k = 0; k < sizeof text; k++)
            text[k] = unit[k % n];
        memcpy(text + sizeof text - strlen(tail), tail, strlen(tail));
        bool full = false;
        if (!match_slice(p, s, (Str){text, sizeof text}, 0, sizeof text, &none, &full))
            slow = unit;
    }
    pii_found_done(&none);
    return slow;
}

static pcre2_code *compile(Str regex, uint32_t more, int *ret_code, size_t *ret_at)
{
    return pcre2_compile((PCRE2_SPTR)regex.ptr, regex.len,
                         PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C | more, ret_code,
                         ret_at, NULL);
}

/* Compiled once more without the look for a character that must come, which the plain runs do not have. */
static ErrKind check_pattern(const Loading *l, const YamlNode *n, Str regex, Err *reterr)
{
    int code;
    size_t at;
    Pattern trial = {.code = compile(regex, PCRE2_NO_START_OPTIMIZE, &code, &at)};
    BUG_ON(!trial.code);
    (void)pcre2_jit_compile(trial.code, PCRE2_JIT_COMPLETE);
    struct PiiCustomScratch *s = pii_custom_scratch_new(l->c);
    int empty = pcre2_match(trial.code, (PCRE2_SPTR) "", 0, 0, 0, s->data, s->limits);
    const char *slow = empty < 0 ? too_slow(&trial, s) : NULL;
    pii_custom_scratch_free(s);
    pcre2_code_free(trial.code);
    if (empty >= 0)
        return BAD(l, n, "the pattern matches the empty text");
    if (slow)
        return BAD(l, n, "the pattern takes too many steps on a run of \"%s\": nested repeats?",
                   *slow == '\n' ? "\\n" : slow);
    return ERR_NONE;
}

static ErrKind add_pattern(const Loading *l, const YamlNode *n, Err *reterr)
{
    Entry e;
    TRY(read_entry(l, n, "regex", true, PII_CUSTOM_REGEX_MAX, &e, reterr));
    int code;
    size_t at;
    Pattern p = {.type = e.type, .score = e.score, .code = compile(e.text, 0, &code, &at)};
    if (!p.code) {
        char why[200];
        pcre2_get_error_message(code, (PCRE2_UCHAR *)why, sizeof why);
        return BAD(l, n, "the pattern is wrong at byte %zu: %s", at, why);
    }
    (void)pcre2_jit_compile(p.code,
                            PCRE2_JIT_COMPLETE); /* without it the interpreter matches: same limits, slower */
    l->c->patterns[l->c->n_patterns++] = p;
    return check_pattern(l, n, e.text, reterr);
}

static ErrKind add_allowed(const Loading *l, const YamlNode *n, Err *reterr)
{
    Entry e;
    TRY(read_entry(l, n, "text", false, PII_CUSTOM_TEXT_MAX, &e, reterr));
    e.text = str_trim(e.text);
    CLEANUP(buf_done) Buf key = BUF(PII_CUSTOM_TEXT_MAX + 40);
    buf_add_c(&key, e.has_type ? pii_type_name(e.type) : "");
    buf_add_char(&key, ':');
    for (size_t i = 0; i < e.text.len; i++)
        buf_add_char(&key, (char)fold(e.text.ptr[i]));
    (void)strmap_add(l->c->allow, buf_str(&key), 0);
    l->c->allow_longest = MAX(l->c->allow_longest, e.text.len);
    return ERR_NONE;
}

typedef ErrKind AddFn(const Loading *l, const YamlNode *n, Err *reterr);
static const struct Section {
    const char *key;
    size_t max;
    AddFn *add;
} SECTIONS[] = {{"words", PII_CUSTOM_WORDS_MAX, add_word},
                {"patterns", PII_CUSTOM_PATTERNS_MAX, add_pattern},
                {"allow", PII_CUSTOM_ALLOW_MAX, add_allowed}};

static ErrKind load_section(const Loading *l, const YamlNode *list, Err *reterr)
{
    for (size_t i = 0; i < ARRAY_LEN(SECTIONS); i++) {
        const struct Section *s = &SECTIONS[i];
        if (!str_eq_c(list->key, s->key))
            continue;
        if (list->kind != YAML_KIND_LIST)
            return BAD(l, list, "\"%s\" is no list", s->key);
        if (list->n_children > s->max)
            return BAD(l, list, "%zu %s, at most %zu", list->n_children, s->key, s->max);
        for (const YamlNode *n = list->first; n; n = n->next)
            TRY(s->add(l, n, reterr));
        return ERR_NONE;
    }
    return BAD(l, list, "unknown key \"%.*s\"; known are words, patterns, allow", (int)MIN(list->key.len, 40),
               list->key.ptr);
}

ErrKind pii_custom_parse(Str yaml, const char *name, PiiCustom **ret, Err *reterr)
{
    CLEANUP(pii_custom_freep) PiiCustom *c = MEM_NEW(PiiCustom);
    *ret = NULL;
    c->arena = arena_new(ARENA_MAX);
    c->allow = strmap_new();
    for (size_t i = 0; i < HASHES; i++)
        c->heads[i] = NONE;
    YamlNode *root;
    TRY(yaml_parse(c->arena, yaml, name, &root, reterr));
    Loading l = {.c = c, .name = name};
    if (root->kind != YAML_KIND_MAP)
        return BAD(&l, root, "not a map of words, patterns, allow");
    const YamlNode *words = yaml_get(root, "words"), *patterns = yaml_get(root, "patterns");
    c->words = mem_array(MIN(words ? words->n_children : 0, PII_CUSTOM_WORDS_MAX) + 1, sizeof *c->words);
    c->patterns =
        mem_array(MIN(patterns ? patterns->n_children : 0, PII_CUSTOM_PATTERNS_MAX) + 1, sizeof *c->patterns);
    for (const YamlNode *n = root->first; n; n = n->next)
        TRY(load_section(&l, n, reterr));
    *ret = c;
    c = NULL;
    return ERR_NONE;
}

ErrKind pii_custom_load(const char *path, PiiCustom **ret, Err *reterr)
{
    CLEANUP(buf_done) Buf text = BUF(FILE_MAX);
    TRY(file_read(path, &text, reterr));
    return pii_custom_parse(buf_str(&text), path, ret, reterr);
}

void pii_custom_free(PiiCustom *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < c->n_patterns; i++)
        pcre2_code_free(c->patterns[i].code);
    mem_free(c->patterns);
    mem_free(c->words);
    strmap_free(c->allow);
    arena_free(c->arena);
    mem_free(c);
}
