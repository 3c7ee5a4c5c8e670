/* pii_generate_words.c - words that no list has and that are nobody's: laughter, words as they sound, words that look like those of
 * other languages. See pii_generator.h. */
#include "pii/pii_generator.h"

/* "hahaha", "Jajaja", "Mwahaha", "Bleh", "mmmm". */
void pii_fill_laughter(PiiGenerator *g)
{
    size_t at = g->out->len;
    if (chance(g, 30)) {
        Str stem =
            one_of(g, "mm|aa|ah|oo|uh|grr|brr|bleh|argh|aargh|mwah|muah|pff|psh|tsk|woo|yay|eek|ooh|ew|"
                      "gah|meh|nah|yea|ayy|wee|boo|ugh|hmm|aw|oi|yo|yum");
        say(g, stem);
        for (uint32_t n = draw(g, 5); n > 0; n--)
            buf_add_char(g->out, stem.ptr[stem.len - 1]);
    } else {
        Str part = one_of(g, "ha|he|hi|hu|ho|ja|je|wa|la|na|da|ah|eh|wu|xa");
        if (chance(g, 15))
            say_one(g, "mw|bw|a|m|b");
        for (uint32_t n = 2 + draw(g, 5); n > 0; n--)
            say(g, part);
        if (chance(g, 25))
            say_one(g, "h|a|ha|hh|s");
    }
    uint32_t look = draw(g, 10);
    if (look == 0)
        pii_noise_case(g->out, at, true);
    else if (look < 5)
        g->out->ptr[at] = (char)(g->out->ptr[at] - 32);
}

/* ---- as it sounds ---- */

static const struct {
    const char *from, *to;
    bool at_end;
} SOUNDS[] = {
    {"er", "a", true},   {"ing", "in", true},   {"ing", "inn", true}, {"ing", "inq", true},
    {"y", "ii", true},   {"y", "ie", true},     {"s", "z", true},     {"ck", "xx", false},
    {"ck", "kk", false}, {"th", "d", false},    {"th", "f", false},   {"ph", "f", false},
    {"igh", "i", false}, {"ight", "ite", true}, {"ou", "u", false},   {"ow", "o", true},
    {"c", "k", false},   {"s", "$", false},     {"ee", "3", false},   {"for", "4", false},
    {"ate", "8", true},  {"e", "3", true},      {"y", "eh", true},    {"ore", "o", true},
    {"ers", "az", true}, {"you", "u", false},   {"ome", "um", true},  {"ove", "uv", true},
    {"or", "a", true},   {"qu", "kw", false},   {"sh", "shh", true},  {"ness", "nezz", true},
    {"t", "tt", true},   {"d", "dd", true},     {"k", "kk", true},    {"x", "xx", false},
    {"oo", "u", false},  {"ea", "ee", false},   {"a", "uh", true},    {"le", "el", true},
};

/* Puts what is heard in place of what is written, once, in the word from byte `at` on. */
static bool sound(PiiGenerator *g, size_t at)
{
    Buf *b = g->out;
    size_t which = draw(g, ARRAY_LEN(SOUNDS)), len = strlen(SOUNDS[which].from);
    for (size_t i = at; i + len <= b->len; i++) {
        if (memcmp(b->ptr + i, SOUNDS[which].from, len) != 0 || (SOUNDS[which].at_end && i + len < b->len))
            continue;
        char tail[64];
        size_t rest = b->len - i - len;
        if (rest > sizeof tail)
            return false;
        memcpy(tail, b->ptr + i + len, rest);
        b->len = i;
        buf_add_c(b, SOUNDS[which].to);
        buf_add_str(b, (Str){tail, rest});
        return true;
    }
    return false;
}

static void without_vowels(PiiGenerator *g, size_t at)
{
    size_t to = at + 1;
    for (size_t i = at + 1; i < g->out->len; i++)
        if (!strchr("aeiou", g->out->ptr[i]))
            g->out->ptr[to++] = g->out->ptr[i];
    g->out->len = MAX(to, at + 2);
}

/* "gurl", "tomarrow", "doinq", "lyk", "wknd". */
void pii_fill_as_heard(PiiGenerator *g)
{
    size_t at = g->out->len;
    say(g, pick(g, chance(g, 70) ? g->common : g->adjective));
    if (chance(g, 12)) {
        without_vowels(g, at);
        return;
    }
    uint32_t changes = 1 + draw(g, 3);
    for (uint32_t n = 0; n < 30 && changes > 0; n++)
        changes -= sound(g, at);
}

static void capital(PiiGenerator *g, size_t at)
{
    char *p = g->out->ptr + at;
    if (g->out->len > at && *p >= 'a' && *p <= 'z')
        *p = (char)(*p - 32);
}

void pii_fill_capital_as_heard(PiiGenerator *g)
{
    size_t at = g->out->len;
    pii_fill_as_heard(g);
    capital(g, at);
}

/* ---- other languages ---- */

/* Whole letters of `s`: its first half, or its second. */
static Str half(Str s, bool first)
{
    size_t mid = s.len / 2;
    while (mid < s.len && ((uint8_t)s.ptr[mid] & 0xc0) == 0x80)
        mid++;
    return first ? str_slice(s, 0, mid) : str_slice(s, mid, s.len);
}

/* The beginning of one word and the end of another: in no list, as half of the words of a text are. */
void pii_fill_strange(PiiGenerator *g)
{
    const PiiList *l = chance(g, 50) ? g->foreign_word : g->foreign_text;
    say(g, half(pick(g, l), true));
    if (chance(g, 15))
        say(g, half(pick(g, l), chance(g, 50)));
    say(g, half(pick(g, l), false));
}

void pii_fill_capital_strange(PiiGenerator *g)
{
    size_t at = g->out->len;
    pii_fill_strange(g);
    capital(g, at);
}

void pii_fill_loud_strange(PiiGenerator *g)
{
    size_t at = g->out->len;
    pii_fill_strange(g);
    pii_noise_case(g->out, at, true);
}

void pii_fill_loud_foreign(PiiGenerator *g)
{
    size_t at = g->out->len;
    pii_fill_foreign(g);
    pii_noise_case(g->out, at, true);
}

/* "Watching", "Getting". */
void pii_fill_capital_doing(PiiGenerator *g)
{
    titled(g, pick(g, g->verb));
    if (g->out->ptr[g->out->len - 1] == 'e')
        g->out->len--;
    say_c(g, "ing");
}
