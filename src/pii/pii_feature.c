/* pii_feature.c - classes of words and what features are made of: see pii_tagger.h. */
#include "pii/pii_tagger.h"

static bool is_word(const PiiToken *t)
{
    return t->shape != PII_SHAPE_MARK && t->shape != PII_SHAPE_DIGITS;
}

#define AHEAD 16 /* words whose place in the lexicon is on its way from memory */
void pii_classify(const PiiModel *m, PiiToken *t, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (i + AHEAD < n)
            __builtin_prefetch(pii_model_slot(m, t[i + AHEAD].hash));
        uint64_t slot = *pii_model_slot(m, t[i].hash);
        bool word = is_word(&t[i]), here = slot >> 32 == t[i].hash;
        t[i].classes = (word & here) ? (uint32_t)slot : 0;
        if (word & !here & (slot != 0)) /* few: common words stand where they are looked for first */
            t[i].classes = pii_model_classes(m, t[i].hash);
    }
}

#define VOWELS                                                                                           \
    (1u << ('a' - 'a') | 1u << ('e' - 'a') | 1u << ('i' - 'a') | 1u << ('o' - 'a') | 1u << ('u' - 'a') | \
     1u << ('y' - 'a'))
uint32_t pii_look(const PiiToken *t, Str text)
{
    bool has_vowel = false, is_long = false;
    for (uint32_t i = t->start; i < t->end; i++) {
        uint32_t c = (uint8_t)text.ptr[i] | 0x20u;
        has_vowel |= c > 0x7f || (c >= 'a' && c <= 'z' && VOWELS >> (c - 'a') & 1);
        is_long |= i >= t->start + 2 && c == ((uint8_t)text.ptr[i - 1] | 0x20u) &&
                   c == ((uint8_t)text.ptr[i - 2] | 0x20u);
    }
    return (is_long ? PII_LOOK_LONG : 0) | (has_vowel ? 0 : PII_LOOK_NO_VOWEL) |
           (t->end - t->start <= 3 ? PII_LOOK_SHORT : 0);
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
    return t->classes & PII_KNOWN ? t->hash : 0x20000u + t->shape + 16 * pii_look(t, text);
}

/* Index i of the keys of a stretch or beside it. */
static void set_key(const PiiToken *t, Str text, PiiKeys *k, size_t i)
{
    uint32_t id = id_of(t, text);
    k->id[i] = id;
    k->classes[i] = t->classes;
    k->look[i] = t->shape | (uint32_t)(t->casing & (PII_CASINGS | PII_BEGINS)) << 4;
    k->style[i] = t->casing & (PII_FOREIGN | PII_CHATTY);
    if (t->shape == PII_SHAPE_DIGITS || t->shape == PII_SHAPE_MARK)
        k->look[i] |= id << 8;
    k->gap[i] = t->newlines * 2u + t->blank;
}

static void no_key(PiiKeys *k, size_t i)
{
    k->id[i] = k->classes[i] = k->look[i] = k->style[i] = k->gap[i] = 0;
}

void pii_keys(const PiiToken *t, size_t n, size_t from, size_t to, Str text, PiiKeys *k)
{
    size_t end = to - from + 2 * (size_t)PII_MARGIN, i = 0, last = MIN(end, n + PII_MARGIN - from);
    for (; from + i < PII_MARGIN; i++)
        no_key(k, i);
    for (; i < last; i++)
        set_key(&t[from + i - PII_MARGIN], text, k, i);
    for (; i < end; i++)
        no_key(k, i);
    i = PII_MARGIN;
    for (size_t at = from; at < to; at++, i++) { /* of neighbours no feature sees them */
        k->head[i] = k->tail[i] = 0;
        if (t[at].shape != PII_SHAPE_MARK)
            pii_token_affixes(text, &t[at], &k->head[i], &k->tail[i]);
    }
}

bool pii_label_follows(unsigned from, unsigned to)
{
    bool further = to >= PII_LABEL_I_PERSON && to <= PII_LABEL_I_ORGANIZATION && to % 2 == 0;
    return !further || from == to || from == to - 1;
}
