/* pii_act.c - redact, mask, hash, pseudonyms, tokens. See pii_act.h. */
#include "pii/pii_act.h"

#include "base/mem.h"
#include "base/strmap.h"

#define NORMAL_MAX 4096
#define HASH_BYTES 12
#define MORE_NAMES 40000
#define MASK_KEEP 4
#define MASK_LEAST 8

struct PiiAct {
    PiiActOptions o;
    PiiKey key;     /* of this conversation's stand-ins */
    StrMap *values; /* "TYPE:value, normal" -> number */
    StrMap *taken;  /* "TYPE:number" */
};

void pii_act_policy(PiiActOptions *o, PiiPurpose purpose)
{
    for (int t = 0; t < PII_N_TYPES; t++)
        o->actions[t] = pii_policy(purpose, (PiiType)t);
}

PiiAct *pii_act_new(const PiiActOptions *o, Str conversation)
{
    PiiAct *a = MEM_NEW(PiiAct);
    a->o = *o;
    a->key = pii_key_derive(&o->key, "stand-in", conversation);
    a->values = strmap_new();
    a->taken = strmap_new();
    return a;
}

void pii_act_free(PiiAct *a)
{
    if (!a)
        return;
    strmap_free(a->values);
    strmap_free(a->taken);
    crypto_wipe(a, sizeof *a);
    mem_free(a);
}

static const Str LABELS[PII_N_TYPES] = {
#define X(name, what) [PII_##name] = {"[" #name "]", sizeof("[" #name "]") - 1},
    PII_TYPES(X)
#undef X
#define X(name, ...) [PII_##name] = {"[" #name "]", sizeof("[" #name "]") - 1},
        PII_PACK_TYPES(X)
#undef X
};

static void redact(PiiType type, Buf *out)
{
    buf_add_str(out, LABELS[type]);
}

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool letter(char c)
{
    return upper(c) || lower(c) || (unsigned char)c >= 0x80;
}

static char to_lower(char c)
{
    return upper(c) ? (char)(c + 32) : c;
}

static char to_upper(char c)
{
    return lower(c) ? (char)(c - 32) : c;
}

/* Two ways to write one value become one: letters in lower case, and without what only separates. */
static void normal(PiiType type, Str value, Buf *out)
{
    bool words = type == PII_STREET_ADDRESS || type == PII_LOCATION || type == PII_ORGANIZATION;
    bool exact = type == PII_EMAIL_ADDRESS || type == PII_URL || type == PII_DOMAIN_NAME ||
                 type == PII_IP_ADDRESS || type == PII_DATE_TIME || type == PII_DATE_OF_BIRTH ||
                 type == PII_SECRET;
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];
        if (exact || letter(c) || digit(c))
            buf_add_char(out, to_lower(c));
        else if (words && out->len > 0 && out->ptr[out->len - 1] != ' ')
            buf_add_char(out, ' ');
    }
    if (type == PII_PHONE_NUMBER && out->len == 11 && out->ptr[0] == '1') { /* "+1 415 ..." is "415 ..." */
        memmove(out->ptr, out->ptr + 1, 10);
        out->len = 10;
    }
}

/* ---- mask, hash ---- */

static bool starts_char(char c)
{
    return ((unsigned char)c & 0xc0) != 0x80;
}

static void mask(Str value, Buf *out)
{
    size_t n = 0, seen = 0;
    for (size_t i = 0; i < value.len; i++)
        n += (letter(value.ptr[i]) || digit(value.ptr[i])) && starts_char(value.ptr[i]);
    size_t hidden = n < MASK_LEAST ? n : n - MASK_KEEP;
    bool hiding = false;
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];
        if (!letter(c) && !digit(c)) {
            buf_add_char(out, c);
            continue;
        }
        if (starts_char(c))
            hiding = seen++ < hidden;
        if (!hiding)
            buf_add_char(out, c);
        else if (starts_char(c))
            buf_add_char(out, '*');
    }
}

static void hash(const PiiAct *a, PiiType type, Str value, Buf *out)
{
    CLEANUP(buf_done) Buf same = BUF(PII_TEXT_MAX);
    normal(type, value, &same);
    PiiKey h = pii_key_derive(&a->o.key, pii_type_name(type), buf_str(&same));
    char hex[2 * HASH_BYTES + 1];
    crypto_hex(h.b, HASH_BYTES, hex);
    buf_addf(out, "[%s:h.%s]", pii_type_name(type), hex);
}

/* ---- stand-ins ---- */

/* The number of a value among `kinds`: chosen by its HMAC, the next free one when another value has it. */
static bool number_of(PiiAct *a, const char *space, Str value, uint32_t kinds, uint32_t *ret)
{
    CLEANUP(buf_done) Buf key = BUF(NORMAL_MAX + 64);
    buf_addf(&key, "%s:", space);
    buf_add_str(&key, value);
    if (key.failed || kinds == 0)
        return false;
    if (strmap_get(a->values, buf_str(&key), ret))
        return true;
    if (strmap_len(a->values) >= PII_ACT_VALUES_MAX)
        return false;
    PiiKey h = pii_key_derive(&a->key, space, value);
    uint32_t from;
    memcpy(&from, h.b, sizeof from);
    for (uint32_t k = 0; k < kinds; k++) {
        char slot[64];
        CLEANUP(buf_done) Buf name = BUF(sizeof slot);
        *ret = (uint32_t)(((uint64_t)from + k) % kinds);
        buf_addf(&name, "%s:%u", space, *ret);
        if (strmap_add(a->taken, buf_str(&name), 0))
            return strmap_add(a->values, buf_str(&key), *ret);
    }
    return false;
}

static void add_in_case(const char *word, Str like, Buf *out)
{
    bool all_upper = true, all_lower = true;
    for (size_t i = 0; i < like.len; i++) {
        all_upper = all_upper && !lower(like.ptr[i]);
        all_lower = all_lower && !upper(like.ptr[i]);
    }
    for (size_t i = 0; word[i]; i++)
        buf_add_char(out, all_lower                   ? to_lower(word[i])
                          : all_upper && like.len > 1 ? to_upper(word[i])
                                                      : word[i]);
}

static bool is_title(Str w)
{
    static const char *const TITLES[] = {"mr", "mrs", "ms", "miss", "dr", "prof", "sir",
                                         "jr", "sr",  "ii", "iii",  "iv", "and",  "the"};
    for (size_t i = 0; i < ARRAY_LEN(TITLES); i++)
        if (str_eq_nocase(w, str_from(TITLES[i])))
            return true;
    return false;
}

/* The part of a word in front of its possessive: "Smith's" and "SMITH'S" are "Smith". */
static size_t without_possessive(Str w)
{
    static const char *const ENDS[] = {"'s", "'S", "\u2019s", "\u2019S", "'", "\u2019"};
    for (size_t i = 0; i < ARRAY_LEN(ENDS); i++)
        if (w.len > strlen(ENDS[i]) && str_ends(w, str_from(ENDS[i])))
            return w.len - strlen(ENDS[i]);
    return w.len;
}

static bool is_known(const PiiAct *a, const char *space, Str value)
{
    CLEANUP(buf_done) Buf key = BUF(NORMAL_MAX + 64);
    uint32_t unused;
    buf_addf(&key, "%s:", space);
    buf_add_str(&key, value);
    return !key.failed && strmap_get(a->values, buf_str(&key), &unused);
}

/* The first word takes a first name, the others last names, unless the word has a stand-in already. */
static void name_word(PiiAct *a, Str w, bool *first, Buf *out)
{
    size_t len = without_possessive(w);
    Str tail = str_slice(w, len, w.len), stem = str_slice(w, 0, len);
    if (is_title(stem)) {
        buf_add_str(out, w);
        return;
    }
    CLEANUP(buf_done) Buf same = BUF(NORMAL_MAX);
    normal(PII_PERSON, stem, &same);
    bool as_first = is_known(a, "first", buf_str(&same)) || (*first && !is_known(a, "last", buf_str(&same)));
    const char *space = as_first ? "first" : "last", *more = as_first ? "first+" : "last+";
    uint32_t h, words = pii_standin_words(as_first);
    *first = false;
    bool many = is_known(a, more, buf_str(&same));
    if (!many && number_of(a, space, buf_str(&same), words, &h)) {
        add_in_case(pii_standin_word(as_first, h), stem, out);
    } else if (number_of(a, more, buf_str(&same), MORE_NAMES,
                         &h)) { /* all words are taken: Alder2, Alder3 ... */
        add_in_case(pii_standin_word(as_first, h % words), stem, out);
        buf_addf(out, "%u", h / words + 2);
    } else {
        redact(PII_PERSON, out);
    }
    buf_add_str(out, tail);
}

static void stand_in_person(PiiAct *a, Str value, Buf *out)
{
    bool first = true;
    for (size_t i = 0; i < value.len;) {
        size_t from = i;
        while (i < value.len && (letter(value.ptr[i]) || digit(value.ptr[i]) || value.ptr[i] == '\''))
            i++;
        if (i > from)
            name_word(a, str_slice(value, from, i), &first, out);
        else
            buf_add_char(out, value.ptr[i++]);
    }
}

static void stand_in(PiiAct *a, PiiType type, Str value, Buf *out)
{
    CLEANUP(buf_done) Buf same = BUF(NORMAL_MAX);
    uint32_t h;
    if (type == PII_PERSON) {
        stand_in_person(a, value, out);
        return;
    }
    normal(type, value, &same);
    /* Types without stand-ins of their kind are numbered: [US_SSN_17]. */
    uint32_t kinds = pii_standin_kinds(type);
    if (same.failed || !number_of(a, pii_type_name(type), buf_str(&same), kinds ? kinds : 10000, &h))
        redact(type, out);
    else if (kinds)
        pii_standin(type, h, value, out);
    else
        buf_addf(out, "[%s_%u]", pii_type_name(type), h);
}

/* ---- spans ---- */

ErrKind pii_act_value(PiiAct *a, PiiType type, Str value, Buf *out, Err *reterr)
{
    BUG_ON(type >= PII_N_TYPES);
    switch (a->o.actions[type]) {
    case PII_ACT_KEEP: buf_add_str(out, value); break;
    case PII_ACT_MASK: mask(value, out); break;
    case PII_ACT_HASH: hash(a, type, value, out); break;
    case PII_ACT_PSEUDONYM: stand_in(a, type, value, out); break;
    case PII_ACT_GENERALISE: pii_generalise(type, value, out); break;
    case PII_ACT_TOKENISE:
        if (a->o.vault && value.len <= PII_VAULT_VALUE_MAX)
            return pii_vault_seal(a->o.vault, a->o.subject, type, value, out, reterr);
        redact(type, out);
        break;
    case PII_ACT_REDACT:
    case PII_N_ACTIONS: redact(type, out); break;
    }
    return buf_check(out, reterr);
}

/* When the same bytes may be of several types, the one that must be redacted counts. */
static PiiType strictest(const PiiAct *a, const PiiSpan *s)
{
    PiiType type = s->type;
    if (a->o.actions[type] == PII_ACT_REDACT)
        return type;
    for (PiiType t = pii_types_next(&s->also, 0); t < PII_N_TYPES && a->o.actions[type] != PII_ACT_REDACT;
         t = pii_types_next(&s->also, t + 1))
        if (a->o.actions[t] == PII_ACT_REDACT || a->o.actions[type] == PII_ACT_KEEP)
            type = t;
    return type;
}

/* A span, but for the tokens in it. */
static ErrKind act_around_tokens(PiiAct *a, Str text, const PiiSpan *s, PiiType type, Buf *out, Err *reterr)
{
    size_t at = s->start, search = at - MIN(at, PII_TOKEN_MAX);
    text = str_slice(text, 0, MIN(text.len, (size_t)s->end + PII_TOKEN_MAX));
    for (;;) {
        size_t token = pii_token_find(text, search), end = s->end;
        if (token >= end) {
            if (at < end)
                TRY(pii_act_value(a, type, str_slice(text, at, end), out, reterr));
            return ERR_NONE;
        }
        size_t after = token + pii_token_len(str_slice(text, token, text.len));
        search = after;
        if (after <= at)
            continue;
        if (token > at)
            TRY(pii_act_value(a, type, str_slice(text, at, token), out, reterr));
        size_t kept_from = MAX(at, token), kept_to = MIN(after, end);
        buf_add_str(out, str_slice(text, kept_from, kept_to));
        at = kept_to;
        if (at >= end)
            return buf_check(out, reterr);
    }
}

static bool all_redacted(const PiiAct *a, const PiiSpan *spans, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (a->o.actions[strictest(a, &spans[i])] != PII_ACT_REDACT)
            return false;
    return true;
}

/* What most texts get: the room is taken once, then the pieces between the values and the labels follow each other. */
static void redact_all(const PiiAct *a, Str text, const PiiSpan *spans, size_t n, Buf *out, uint64_t *counts)
{
    size_t at = 0, len = text.len;
    for (size_t i = 0; i < n; at = spans[i++].end) {
        const PiiSpan *s = &spans[i];
        BUG_ON(s->start < at || s->end < s->start || s->end > text.len);
        len = len - (s->end - s->start) + LABELS[strictest(a, s)].len;
    }
    char *to = buf_room(out, len);
    if (!to)
        return;
    at = 0;
    for (size_t i = 0; i < n; at = spans[i++].end) {
        PiiType type = strictest(a, &spans[i]);
        size_t before = spans[i].start - at;
        memcpy(to, text.ptr + at, before);
        memcpy(to + before, LABELS[type].ptr, LABELS[type].len);
        to += before + LABELS[type].len;
        if (counts)
            counts[type]++;
    }
    if (text.len > at)
        memcpy(to, text.ptr + at, text.len - at);
    buf_advance(out, len);
}

ErrKind pii_act(PiiAct *a, Str text, const PiiSpan *spans, size_t n, Buf *out, uint64_t counts[PII_N_TYPES],
                Err *reterr)
{
    size_t at = 0;
    bool tokens = pii_token_find(text, 0) < text.len;
    if (!tokens && all_redacted(a, spans, n)) {
        redact_all(a, text, spans, n, out, counts);
        return buf_check(out, reterr);
    }
    for (size_t i = 0; i < n; i++) {
        const PiiSpan *s = &spans[i];
        BUG_ON(s->start < at || s->end < s->start || s->end > text.len);
        PiiType type = strictest(a, s);
        buf_add_str(out, str_slice(text, at, s->start));
        TRY(tokens ? act_around_tokens(a, text, s, type, out, reterr)
                   : pii_act_value(a, type, str_slice(text, s->start, s->end), out, reterr));
        at = s->end;
        if (counts && a->o.actions[type] != PII_ACT_KEEP)
            counts[type]++;
    }
    buf_add_str(out, str_slice(text, at, text.len));
    return buf_check(out, reterr);
}
