/* pii_feature.c - stretches, features and the best path: see pii_tagger.h. */
#include "pii/pii_tagger.h"

#define NAMES                                                                                 \
    (PII_BIT(FIRST) | PII_BIT(LAST) | PII_BIT(CITY) | PII_BIT(CITY_PART) | PII_BIT(COUNTRY) | \
     PII_BIT(REGION) | PII_BIT(STREET_TYPE) | PII_BIT(STREET_NAME) | PII_BIT(ORG_SUFFIX) |    \
     PII_BIT(ORG_WORD) | PII_BIT(BRAND) | PII_BIT(NRP) | PII_BIT(PROPER) | PII_BIT(UNIT))
/* Words that are told apart by what they are; of names only the class matters, so that unknown ones are found too. */
#define KNOWN                                                                                        \
    (PII_BIT(COMMON) | PII_BIT(FUNCTION) | PII_BIT(TITLE) | PII_BIT(UNIT) | PII_BIT(ORG_SUFFIX) |    \
     PII_BIT(ORG_WORD) | PII_BIT(AGE_CUE) | PII_BIT(PARTICLE) | PII_BIT(JOB) | PII_BIT(STATE_ABBR) | \
     PII_BIT(NAME_SUFFIX))

static bool is_word(const PiiToken *t)
{
    return t->shape != PII_SHAPE_MARK && t->shape != PII_SHAPE_DIGITS;
}

static uint8_t casing_of(const PiiToken *t, size_t n)
{
    size_t lower = 0, upper = 0, title = 0;
    for (size_t i = 0; i < n; i++) {
        lower += t[i].shape == PII_SHAPE_LOWER && !(t[i].classes & PII_BIT(FUNCTION) && title > 0);
        upper += t[i].shape == PII_SHAPE_UPPER;
        title += t[i].shape == PII_SHAPE_TITLE || t[i].shape == PII_SHAPE_MIXED;
    }
    if (title == 0 && upper == 0 && lower > 0)
        return PII_CASING_LOWER;
    if (lower == 0 && title == 0 && upper > 1)
        return PII_CASING_UPPER;
    if (lower == 0 && title >= 4)
        return PII_CASING_TITLE;
    return PII_CASING_NORMAL;
}

static bool ends_sentence(const PiiToken *t)
{
    return t->shape == PII_SHAPE_MARK &&
           (t->hash == '.' || t->hash == '!' || t->hash == '?' || t->hash == ':' || t->hash == '"' ||
            t->hash == '>' || t->hash == 0x201c);
}

static uint32_t id_of(const PiiToken *t, Str text)
{
    if (t->shape == PII_SHAPE_MARK)
        return t->hash;
    if (t->shape == PII_SHAPE_DIGITS) {
        uint32_t len = t->end - t->start;
        bool year = len == 4 && (text.ptr[t->start] == '1' || text.ptr[t->start] == '2') &&
                    (text.ptr[t->start + 1] == '9' || text.ptr[t->start + 1] == '0');
        return 0x10000 + (year ? 20 : MIN(len, 10));
    }
    return t->classes & KNOWN ? t->hash : 0x20000u + t->shape;
}

/* May a word be part of a finding? */
static bool is_strong(const PiiToken *t, const PiiKey *k, bool begins)
{
    uint32_t c = t->classes;
    bool named = c & NAMES, common = c & (PII_BIT(COMMON) | PII_BIT(FUNCTION));
    (void)k;
    switch (t->shape) {
    case PII_SHAPE_MARK:
    case PII_SHAPE_DIGITS:
    case PII_SHAPE_DIGITS_LETTERS: return false;
    case PII_SHAPE_LOWER:
        if (c & PII_BIT(FUNCTION))
            return false;
        return t->casing == PII_CASING_LOWER ? named || !(c & (PII_BIT(COMMON) | PII_BIT(RARE)))
                                             : named && !common;
    default:
        if (c & PII_BIT(FUNCTION) && !(c & (PII_BIT(FIRST) | PII_BIT(LAST) | PII_BIT(COUNTRY))))
            return false;
        return !(common && !named && (begins || t->casing != PII_CASING_NORMAL));
    }
}

static void line_keys(PiiToken *t, size_t n, Str text, PiiKey *keys)
{
    uint8_t casing = casing_of(t, n);
    for (size_t i = 0; i < n; i++) {
        bool begins = i == 0 || ends_sentence(&t[i - 1]);
        t[i].casing = casing;
        PiiKey *k = &keys[i];
        k->id = id_of(&t[i], text);
        k->classes = t[i].classes;
        k->look = (uint32_t)t[i].shape | (uint32_t)casing << 4 | (uint32_t)(begins && is_word(&t[i])) << 6;
        if (t[i].shape == PII_SHAPE_DIGITS || t[i].shape == PII_SHAPE_MARK)
            k->look |= k->id << 8;
        k->gap = t[i].newlines * 2u + t[i].blank;
        k->tail = t[i].tail;
        k->head = t[i].head;
        k->strong = is_strong(&t[i], k, begins);
    }
}

/* A number that may be an age: after a cue or a form of "to be", or before a cue. */
static bool may_be_age(const PiiToken *t, size_t i, size_t n)
{
    if (t[i].shape == PII_SHAPE_DIGITS_LETTERS)
        return t[i].end - t[i].start <= 5;
    if (t[i].shape != PII_SHAPE_DIGITS || t[i].end - t[i].start > 3)
        return false;
    for (size_t j = i > 2 ? i - 2 : 0; j < i + 3 && j < n; j++)
        if (t[j].classes & PII_BIT(AGE_CUE))
            return true;
    return i > 0 && t[i - 1].shape == PII_SHAPE_LOWER && t[i - 1].end - t[i - 1].start <= 3;
}

void pii_keys(PiiToken *t, size_t n, Str text, PiiKey *keys)
{
    for (size_t from = 0, to; from < n; from = to) {
        for (to = from + 1; to < n && t[to].newlines == 0; to++)
            ;
        line_keys(t + from, to - from, text, keys + from);
    }
    for (size_t i = 0; i < n; i++)
        if (may_be_age(t, i, n))
            keys[i].strong = true;
}

/* Numbers, marks and short capitals carry a stretch on: the end of an address. */
static bool carries_on(const PiiToken *t)
{
    return t->shape == PII_SHAPE_MARK || t->shape == PII_SHAPE_DIGITS ||
           (t->shape == PII_SHAPE_UPPER && t->end - t->start == 2);
}

#define BEFORE 3u
#define AFTER 2u
bool pii_stretch(const PiiToken *t, const PiiKey *keys, size_t n, size_t *from, size_t *to)
{
    size_t i = *from, least = *from;
    while (i < n && !keys[i].strong)
        i++;
    if (i == n)
        return false;
    *from = i - MIN(i - least, BEFORE);
    size_t last = i;
    for (i++; i < n && i <= last + BEFORE + AFTER && i - *from < PII_STRETCH_MAX - 16; i++)
        if (keys[i].strong)
            last = i;
    *to = MIN(last + AFTER + 1, n);
    for (size_t more = 0; more < 8 && *to < n && carries_on(&t[*to]); more++)
        ++*to;
    return true;
}

static inline uint32_t mix(uint32_t which, uint32_t a, uint32_t b, uint32_t c)
{
    uint32_t h = which * 0x85EBCA6Bu + a;
    h = (h ^ h >> 15) * 0x2C1B3C6Du + b;
    h = (h ^ h >> 13) * 0x297A2D39u + c;
    return h ^ h >> 16;
}

size_t pii_features(const PiiKey *k, uint32_t f[PII_FEATURES_MAX])
{
    size_t n = 0;
    uint32_t look = k->look, cl = k->classes;
    f[n++] = mix(1, k->id, look, 0);
    f[n++] = mix(2, k[-1].id, look, 0);
    f[n++] = mix(3, k[1].id, look, 0);
    f[n++] = mix(4, k[-2].id, look, 0);
    f[n++] = mix(5, k[2].id, look, 0);
    f[n++] = mix(6, cl, look, 0);
    f[n++] = mix(7, k[-1].classes, cl, look);
    f[n++] = mix(8, cl, k[1].classes, look);
    f[n++] = mix(9, k[-1].classes, cl, k[1].classes);
    f[n++] = mix(10, k[-1].look, look, k[1].look);
    f[n++] = mix(11, k->tail & 0xffffff, look & 15, 0);
    f[n++] = mix(12, k->tail & 0xffff, look & 15, 0);
    f[n++] = mix(13, k->head & 0xffffff, look & 15, 0);
    f[n++] = mix(14, k[-1].id, cl, 0);
    f[n++] = mix(15, k[1].id, cl, 0);
    f[n++] = mix(16, k[-2].id, k[-1].id, look & 15);
    f[n++] = mix(17, k[1].id, k[2].id, look & 15);
    f[n++] = mix(18, k->gap, k[1].gap, look);
    f[n++] = mix(19, k->gap, cl, 0);
    f[n++] = mix(20, k[-2].look, k[-1].look, look);
    f[n++] = mix(21, look, k[1].look, k[2].look);
    f[n++] = mix(22, k[-1].id, look, k[1].id);
    f[n++] = mix(23, k[-1].id, k->gap, k->id);
    f[n++] = mix(24, k->tail, cl == 0, 0);
    f[n++] = mix(25, k[-3].id, k[-1].look & 15, look & 15);
    for (uint32_t bits = cl; bits && n < PII_FEATURES_MAX; bits &= bits - 1)
        f[n++] = mix(26, (uint32_t)__builtin_ctz(bits), look, 0);
    return n;
}

bool pii_label_follows(unsigned from, unsigned to)
{
    bool further = to >= PII_LABEL_I_PERSON && to <= PII_LABEL_I_ORGANIZATION && to % 2 == 0;
    return !further || from == to || from == to - 1;
}

void pii_best_path(const int32_t (*scores)[PII_LANES], size_t n, const int32_t trans[PII_LANES][PII_LANES],
                   uint8_t (*back)[PII_LANES], uint8_t *labels)
{
    int32_t best[PII_LANES], next[PII_LANES];
    for (size_t l = 0; l < PII_LANES; l++)
        best[l] = scores[0][l] + trans[PII_LABEL_O][l];
    for (size_t i = 1; i < n; i++) {
        for (size_t l = 0; l < PII_LANES; l++) {
            next[l] = best[0] + trans[0][l];
            back[i][l] = 0;
        }
        for (uint8_t from = 1; from < PII_N_LABELS; from++)
            for (size_t l = 0; l < PII_LANES; l++) {
                int32_t s = best[from] + trans[from][l];
                back[i][l] = s > next[l] ? from : back[i][l];
                next[l] = MAX(s, next[l]);
            }
        for (size_t l = 0; l < PII_LANES; l++)
            best[l] = next[l] + scores[i][l];
    }
    uint8_t l = 0;
    for (uint8_t i = 1; i < PII_N_LABELS; i++)
        l = best[i] > best[l] ? i : l;
    for (size_t i = n; i-- > 0;) {
        labels[i] = l;
        l = i > 0 ? back[i][l] : 0;
    }
}
