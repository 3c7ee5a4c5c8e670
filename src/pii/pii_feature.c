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

void pii_classify(const PiiModel *m, PiiToken *t, size_t n)
{
    for (size_t i = 0; i < n; i++)
        t[i].classes = is_word(&t[i]) ? pii_model_classes(m, t[i].hash) : 0;
}

static PiiCasing casing_of(const PiiToken *t, size_t n)
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
static bool is_strong(const PiiToken *t, PiiCasing casing, bool begins)
{
    uint32_t c = t->classes;
    bool named = c & NAMES, common = c & (PII_BIT(COMMON) | PII_BIT(FUNCTION));
    switch (t->shape) {
    case PII_SHAPE_MARK:
    case PII_SHAPE_DIGITS:
    case PII_SHAPE_DIGITS_LETTERS: return false;
    case PII_SHAPE_LOWER:
        if (c & PII_BIT(FUNCTION))
            return false;
        return casing == PII_CASING_LOWER ? named || !(c & (PII_BIT(COMMON) | PII_BIT(RARE)))
                                          : named && !common;
    default:
        if (c & PII_BIT(FUNCTION) && !(c & (PII_BIT(FIRST) | PII_BIT(LAST) | PII_BIT(COUNTRY))))
            return false;
        return !(common && !named && (begins || casing != PII_CASING_NORMAL));
    }
}

/* A number that may be an age: after a cue or a form of "to be", or before a cue. */
static bool may_be_age(const PiiToken *t, size_t i, size_t n)
{
    if (t[i].shape == PII_SHAPE_DIGITS_LETTERS)
        return t[i].end - t[i].start <= 5;
    if (t[i].end - t[i].start > 3)
        return false;
    for (size_t j = i > 2 ? i - 2 : 0; j < i + 3 && j < n; j++)
        if (t[j].classes & PII_BIT(AGE_CUE))
            return true;
    return i > 0 && t[i - 1].shape == PII_SHAPE_LOWER && t[i - 1].end - t[i - 1].start <= 3;
}

/* "Mr" or "Mr." ends right before t[i]. */
static bool after_title(const PiiToken *t, size_t from, size_t i)
{
    if (i > from && t[i - 1].shape == PII_SHAPE_MARK && t[i - 1].hash == '.' && !t[i - 1].blank)
        i--;
    return i > from && t[i - 1].classes & PII_BIT(TITLE) && t[i - 1].end - t[i - 1].start > 1;
}

void pii_strong(PiiToken *t, size_t n, uint64_t strong[PII_BITS])
{
    memset(strong, 0, PII_BITS * sizeof *strong);
    for (size_t from = 0, to; from < n; from = to) {
        for (to = from + 1; to < n && t[to].newlines == 0; to++)
            ;
        PiiCasing casing = casing_of(t + from, to - from);
        bool begins = true;
        for (size_t i = from; i < to; i++) {
            bool number = t[i].shape == PII_SHAPE_DIGITS || t[i].shape == PII_SHAPE_DIGITS_LETTERS;
            bool titled = t[i].shape == PII_SHAPE_TITLE && after_title(t, from, i); /* "Mr. Spears" */
            begins = begins && !titled;
            bool is = titled || (number ? may_be_age(t, i, n) : is_strong(&t[i], casing, begins));
            t[i].casing = (uint8_t)(casing | (begins && is_word(&t[i]) ? PII_BEGINS : 0));
            strong[i / 64] |= (uint64_t)is << (i % 64);
            begins = ends_sentence(&t[i]);
        }
    }
}

/* The first strong one at or after i, n if there is none. */
static size_t next_strong(const uint64_t strong[PII_BITS], size_t i, size_t n)
{
    if (i >= n)
        return n;
    uint64_t bits = strong[i / 64] >> (i % 64);
    if (bits)
        return MIN(i + (size_t)__builtin_ctzll(bits), n);
    for (size_t w = i / 64 + 1; w * 64 < n; w++)
        if (strong[w])
            return MIN(w * 64 + (size_t)__builtin_ctzll(strong[w]), n);
    return n;
}

/* What may be a part of a finding beside a strong word: a number, a mark, a word with capitals, a particle. */
static bool may_belong(const PiiToken *t)
{
    if (t->shape != PII_SHAPE_LOWER)
        return true;
    if ((t->casing & 3) == PII_CASING_LOWER)
        return !(t->classes & PII_BIT(FUNCTION));
    return t->classes & (PII_BIT(PARTICLE) | NAMES);
}

#define BEFORE 3u
#define AFTER 8u
#define JOIN 3u /* words between two strong ones of one finding: Bank of the West */
bool pii_stretch(const PiiToken *t, const uint64_t strong[PII_BITS], size_t n, size_t *from, size_t *to)
{
    size_t least = *from, at = next_strong(strong, least, n);
    if (at == n)
        return false;
    for (*from = at; *from > least && at - *from < BEFORE && may_belong(&t[*from - 1]);)
        --*from;
    size_t most = MIN(n, *from + PII_STRETCH_MAX - 16);
    for (;;) {
        size_t end = MIN(n, at + 1 + AFTER), next = next_strong(strong, at + 1, most);
        for (*to = at + 1; *to < end && *to < next && may_belong(&t[*to]);)
            ++*to;
        if (next == most || next > *to + JOIN)
            break;
        at = next;
    }
    /* a mark at the end is of no use, but a dot of "Jr." */
    while (*to > at + 2 && t[*to - 1].shape == PII_SHAPE_MARK)
        --*to;
    return true;
}

/* Index i of the keys: what is not there is 0. */
static void set_key(const PiiToken *t, Str text, PiiKeys *k, size_t i)
{
    uint32_t id = id_of(t, text);
    k->id[i] = id;
    k->classes[i] = t->classes;
    k->look[i] = t->shape | (uint32_t)t->casing << 4;
    if (t->shape == PII_SHAPE_DIGITS || t->shape == PII_SHAPE_MARK)
        k->look[i] |= id << 8;
    k->gap[i] = t->newlines * 2u + t->blank;
    k->head[i] = k->tail[i] = 0;
    if (t->shape != PII_SHAPE_MARK)
        pii_token_affixes(text, t, &k->head[i], &k->tail[i]);
}

static void no_key(PiiKeys *k, size_t i)
{
    k->id[i] = k->classes[i] = k->look[i] = k->gap[i] = k->head[i] = k->tail[i] = 0;
}

void pii_keys(const PiiToken *t, size_t n, size_t from, size_t to, Str text, PiiKeys *k)
{
    size_t end = to - from + 2 * (size_t)PII_MARGIN;
    for (size_t i = 0; i < end; i++) {
        if (from + i >= PII_MARGIN && from + i - PII_MARGIN < n)
            set_key(&t[from + i - PII_MARGIN], text, k, i);
        else
            no_key(k, i);
    }
}

bool pii_label_follows(unsigned from, unsigned to)
{
    bool further = to >= PII_LABEL_I_PERSON && to <= PII_LABEL_I_ORGANIZATION && to % 2 == 0;
    return !further || from == to || from == to - 1;
}
