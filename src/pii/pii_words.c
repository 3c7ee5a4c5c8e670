/* pii_words.c - see pii_words.h. */
#include "pii/pii_words.h"

#include "base/mem.h"
#include "pii/pii_token.h"

static PiiList *list_of(PiiWords *w, Str name)
{
    for (size_t i = 0; i < w->n; i++)
        if (str_eq(w->lists[i].name, name))
            return &w->lists[i];
    if (w->n == PII_LISTS_MAX)
        return NULL;
    w->lists[w->n] = (PiiList){.name = name};
    return &w->lists[w->n++];
}

ErrKind pii_words_add(PiiWords *w, Str text, Err *reterr)
{
    PiiList *l = NULL;
    Str line;
    for (size_t no = 1; str_next(&text, '\n', &line); no++) {
        if (line.len == 0)
            continue;
        if (line.ptr[0] == '[' && line.ptr[line.len - 1] == ']') {
            l = list_of(w, str_slice(line, 1, line.len - 1));
            if (!l)
                return err_set(reterr, ERR_LIMIT, "line %zu: more than %d lists", no, PII_LISTS_MAX);
            continue;
        }
        if (!l)
            return err_set(reterr, ERR_MALFORMED, "line %zu: an entry before the first [list]", no);
        if (l->n == l->cap) {
            l->cap = l->cap ? l->cap * 2 : 256;
            l->entries = mem_grow(l->entries, l->cap, sizeof *l->entries);
        }
        l->entries[l->n++] = line;
    }
    return ERR_NONE;
}

void pii_words_done(PiiWords *w)
{
    for (size_t i = 0; i < w->n; i++)
        mem_free(w->lists[i].entries);
    *w = (PiiWords){0};
}

const PiiList *pii_words_list(const PiiWords *w, const char *name)
{
    for (size_t i = 0; i < w->n; i++)
        if (str_eq_c(w->lists[i].name, name))
            return &w->lists[i];
    return NULL;
}

static const char *const CLASS_LISTS[PII_N_CLASSES] = {
#define X(name, lists) [PII_CLASS_##name] = (lists),
    PII_CLASSES(X)
#undef X
};

static bool put(uint64_t *slots, uint32_t lex_bits, uint32_t hash, uint32_t classes, size_t *used)
{
    uint32_t mask = (1u << lex_bits) - 1;
    for (uint32_t i = 0; i < 32; i++) {
        uint64_t *slot = &slots[(hash + i) & mask];
        if (*slot != 0 && *slot >> 32 != hash)
            continue;
        *used += *slot == 0;
        *slot |= (uint64_t)hash << 32 | classes;
        return *used <= (mask + (size_t)1) / 4 * 3;
    }
    return true; /* a neighbourhood that is full: this word stays unknown */
}

/* The words of an entry that a class is for: letters, two at least. */
static bool put_entry(Str entry, bool parts, uint64_t *slots, uint32_t lex_bits, uint32_t bit, size_t *used)
{
    PiiToken t[16];
    size_t at = 0, n = pii_tokenize(entry, &at, t, ARRAY_LEN(t)), words = 0;
    for (size_t i = 0; i < n; i++)
        words += t[i].shape != PII_SHAPE_MARK;
    if (!parts && words != 1)
        return true;
    for (size_t i = 0; i < n; i++)
        if (t[i].shape != PII_SHAPE_MARK && t[i].shape != PII_SHAPE_DIGITS &&
            (words == 1 || t[i].end - t[i].start > 2) && !put(slots, lex_bits, t[i].hash, bit, used))
            return false;
    return true;
}

/* A word of every day is no foreign word and no name for being one somewhere: "the", "that", "long". */
static void drop_foreign(uint64_t *slots, uint32_t lex_bits)
{
    for (size_t i = 0; i < (size_t)1 << lex_bits; i++)
        if (slots[i] & (PII_BIT(COMMON) | PII_BIT(FUNCTION)))
            slots[i] &= ~(uint64_t)(PII_BIT(FIRST_FOREIGN) | PII_BIT(LAST_FOREIGN) | PII_BIT(FOREIGN));
}

/* How early a word gets its place: those that texts are full of stand where they are looked for first. */
static unsigned turn_of(uint64_t slot)
{
    return slot & PII_BIT(FUNCTION) ? 0 : slot & PII_BIT(FREQUENT) ? 1 : slot & PII_BIT(COMMON) ? 2 : 3;
}

/* Gives the words their places again, the common ones first. Nothing changes when one would find none. */
static void settle(uint64_t *slots, uint32_t lex_bits)
{
    size_t n = (size_t)1 << lex_bits, placed = 0, words = 0;
    CLEANUP(mem_freep) uint64_t *again = mem_array(n, sizeof *again);
    for (unsigned turn = 0; turn < 4; turn++)
        for (size_t i = 0; i < n; i++)
            if (slots[i] != 0 && turn_of(slots[i]) == turn) {
                words++;
                put(again, lex_bits, (uint32_t)(slots[i] >> 32), (uint32_t)slots[i], &placed);
            }
    if (placed == words)
        memcpy(slots, again, n * sizeof *slots);
}

ErrKind pii_words_lexicon(const PiiWords *w, uint64_t *slots, uint32_t lex_bits, Err *reterr)
{
    size_t used = 0;
    for (unsigned c = 0; c < PII_N_CLASSES; c++) {
        Str names = str_from(CLASS_LISTS[c]), name;
        while (str_next(&names, ' ', &name)) {
            bool parts = str_ends(name, STR("*"));
            name.len -= parts;
            for (size_t i = 0; i < w->n; i++) {
                const PiiList *l = &w->lists[i];
                for (size_t e = 0; str_eq(l->name, name) && e < l->n; e++)
                    if (!put_entry(l->entries[e], parts, slots, lex_bits, 1u << c, &used))
                        return err_set(reterr, ERR_LIMIT, "pii: more words than a lexicon of 2^%u holds",
                                       lex_bits);
            }
        }
    }
    drop_foreign(slots, lex_bits);
    settle(slots, lex_bits);
    return ERR_NONE;
}
