/* pii.c - the scanner: runs the finders over a text and resolves what they found. */
#include "pii/pii_find.h"
#include "pii/pii_pack.h"

#include "base/mem.h"

const PiiOptions PII_OPTIONS_DEFAULT = {.min_score = 0.4f, .names = true};

ErrKind pii_scanner_new(const PiiOptions *o, PiiScanner **ret, Err *reterr)
{
    *ret = NULL;
    if (!(o->min_score >= 0 && o->min_score <= 1))
        return err_set(reterr, ERR_INVALID, "pii: the least score is %g: from 0 to 1", (double)o->min_score);
    PiiScanner *s = MEM_NEW(PiiScanner);
    s->types = o->types;
    if (!pii_types_any(&o->types))
        for (int t = 0; t < PII_N_GENERAL; t++)
            pii_types_add(&s->types, (PiiType)t);
    for (PiiType t = pii_types_next(&o->packs, 0); t < PII_N_TYPES; t = pii_types_next(&o->packs, t + 1))
        pii_types_add(&s->types, t);
    s->pack = pii_pack_new(&s->types);
    s->min_score = o->min_score;
    s->custom = o->custom;
    s->tables = pii_tables();
    s->block = pii_block_fast() && !o->plain ? pii_block_fast() : pii_block_plain;
    s->begins = o->plain ? NULL : pii_begins_fast();
    ErrKind kind = o->names ? pii_tagger_new(o->model, &s->tagger, reterr) : ERR_NONE;
    if (kind != ERR_NONE) {
        pii_scanner_free(s);
        return kind;
    }
    *ret = s;
    return ERR_NONE;
}

void pii_scanner_free(PiiScanner *s)
{
    if (!s)
        return;
    pii_tagger_free(s->tagger);
    pii_pack_free(s->pack);
    mem_free(s);
}

PiiScratch *pii_scratch_new(const PiiScanner *s)
{
    PiiScratch *scratch = MEM_NEW(PiiScratch);
    scratch->tag = s->tagger ? pii_tag_scratch_new(s->tagger) : NULL;
    scratch->custom = s->custom ? pii_custom_scratch_new(s->custom) : NULL;
    return scratch;
}

void pii_scratch_free(PiiScratch *s)
{
    if (!s)
        return;
    pii_tag_scratch_free(s->tag);
    pii_custom_scratch_free(s->custom);
    pii_found_done(&s->found);
    pii_masks_done(&s->masks);
    mem_free(s);
}

void pii_found_done(PiiFound *f)
{
    mem_free(f->spans);
    *f = (PiiFound){0};
}

ErrKind pii_scan(const PiiScanner *s, PiiScratch *scratch, Str text, PiiFound *found, Err *reterr)
{
    bool full = false;
    found->n = 0;
    if (text.len > PII_TEXT_MAX)
        return err_set(reterr, ERR_LIMIT, "pii: a text of %zu bytes, at most %u", text.len, PII_TEXT_MAX);
    pii_find_structured(s, scratch, text, found, &full);
    if (s->tagger) {
        scratch->found.n = 0;
        pii_find_tagged(s, scratch, text, &scratch->found, &full);
        full |= found->n + scratch->found.n > PII_SPANS_MAX;
        pii_merge(found, &scratch->found);
    }
    if (s->pack)
        pii_find_packs(s, scratch, text, found, &full);
    if (s->custom)
        pii_find_custom(s, scratch, text, found, &full);
    if (full) {
        found->n = 0;
        return err_set(reterr, ERR_LIMIT, "pii: more than %u findings in one text", PII_SPANS_MAX);
    }
    pii_resolve(s, text, found);
    return ERR_NONE;
}

/* ---- names ---- */

static const struct {
    const char *name;
    PiiType type;
} RULES[PII_N_RULES] = {
#define X(id, name, type) [PII_RULE_##id] = {name, type},
    PII_RULES(X)
#undef X
#define X(name, pack, what, rule, example) [PII_RULE_##name] = {rule, PII_##name},
        PII_PACK_TYPES(X)
#undef X
};

static const char *const TYPES[PII_N_TYPES] = {
#define X(name, what) [PII_##name] = #name,
    PII_TYPES(X)
#undef X
#define X(name, ...) [PII_##name] = #name,
        PII_PACK_TYPES(X)
#undef X
};

const char *pii_type_name(PiiType t)
{
    return t < PII_N_TYPES ? TYPES[t] : "UNKNOWN";
}

bool pii_type_parse(Str name, PiiType *ret)
{
    for (int t = 0; t < PII_N_TYPES; t++)
        if (str_eq_nocase(name, str_from(TYPES[t]))) {
            *ret = (PiiType)t;
            return true;
        }
    return false;
}

const char *pii_rule_name(uint16_t rule)
{
    return rule < PII_N_RULES ? RULES[rule].name : "unknown";
}

PiiType pii_rule_type(PiiRule rule)
{
    return RULES[rule].type;
}

void pii_add(PiiFound *out, PiiRule rule, size_t start, size_t end, float score, bool *full)
{
    if (out->n == PII_SPANS_MAX) {
        *full = true;
        return;
    }
    if (out->n == out->cap) {
        out->cap = out->cap ? out->cap * 2 : 64;
        out->spans = mem_grow(out->spans, out->cap, sizeof *out->spans);
    }
    PiiSpan *span = &out->spans[out->n++];
    *span = (PiiSpan){.start = (uint32_t)start,
                      .end = (uint32_t)end,
                      .type = RULES[rule].type,
                      .rule = (uint16_t)rule,
                      .score = score};
}

/* ---- code points ---- */

/* Bytes of the character at p, 1 when it is not valid UTF-8. */
static size_t char_len(Str text, size_t p)
{
    unsigned char c = (unsigned char)text.ptr[p];
    size_t want = c < 0x80 ? 1 : c < 0xc2 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 1;
    if (want == 1 || p + want > text.len || !str_is_utf8((Str){text.ptr + p, want}, NULL))
        return 1;
    return want;
}

void pii_codepoints(Str text, PiiSpan *spans, size_t n)
{
    size_t at = 0;
    uint32_t points = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t start = spans[i].start, end = spans[i].end;
        for (; at < start && at < text.len; points++)
            at += char_len(text, at);
        spans[i].start = points;
        for (; at < end && at < text.len; points++)
            at += char_len(text, at);
        spans[i].end = points;
    }
}
