/* pii_tag_trim.c - from a run of labels to a finding: what no path of labels can know. See pii_tagger.h. */
#include "pii/pii_tagger.h"

#define NAMED                                                                                          \
    (PII_BIT(FIRST) | PII_BIT(LAST) | PII_BIT(FIRST_FOREIGN) | PII_BIT(LAST_FOREIGN) | PII_BIT(CITY) | \
     PII_BIT(COUNTRY) | PII_BIT(REGION) | PII_BIT(BRAND) | PII_BIT(ORG_SUFFIX) | PII_BIT(LAST_RARE))

#define WHO \
    (PII_BIT(FIRST) | PII_BIT(LAST) | PII_BIT(FIRST_FOREIGN) | PII_BIT(LAST_FOREIGN) | PII_BIT(LAST_RARE))

static bool is_mark(const PiiToken *t, uint32_t which)
{
    return t->shape == PII_SHAPE_MARK && t->hash == which;
}

static bool is_number(const PiiToken *t)
{
    return t->shape == PII_SHAPE_DIGITS || t->shape == PII_SHAPE_DIGITS_LETTERS;
}

static void drop_marks(const PiiToken *t, size_t *from, size_t *to)
{
    while (*to > *from && t[*to - 1].shape == PII_SHAPE_MARK &&
           !(t[*to - 1].hash == '.' && *to - *from > 1 && t[*to - 1].start == t[*to - 2].end &&
             (t[*to - 2].classes & PII_BIT(NAME_SUFFIX))))
        --*to;
    while (*from < *to && t[*from].shape == PII_SHAPE_MARK)
        ++*from;
}

/* A part of a longer number: "(35) 609-270", "22 498317", "12-34", "+46 8". */
static bool in_a_number(const PiiToken *t, size_t n, size_t at)
{
    if (at + 1 < n && t[at + 1].newlines == 0 && t[at + 1].shape == PII_SHAPE_DIGITS)
        return true;
    if (at + 2 < n && t[at + 1].shape == PII_SHAPE_MARK && !t[at + 1].blank && t[at + 2].newlines == 0 &&
        t[at + 2].shape == PII_SHAPE_DIGITS)
        return t[at + 1].hash == ')' || (!t[at + 2].blank && strchr("-./:", (int)(t[at + 1].hash & 0x7f)));
    if (at >= 1 && t[at].newlines == 0 && t[at - 1].shape == PII_SHAPE_DIGITS)
        return true;
    return at >= 2 && !t[at].blank && t[at - 2].shape == PII_SHAPE_DIGITS &&
           t[at - 1].shape == PII_SHAPE_MARK && !t[at - 1].blank &&
           strchr("-./:", (int)(t[at - 1].hash & 0x7f));
}

/* "45", "45yo", "30s"; not "4pm", "2nd". */
static bool can_be_an_age(const PiiToken *t, size_t n, Str text, size_t at)
{
    if (t[at].shape == PII_SHAPE_DIGITS)
        return !in_a_number(t, n, at);
    if (t[at].shape != PII_SHAPE_DIGITS_LETTERS)
        return t[at].shape != PII_SHAPE_MARK;
    size_t i = t[at].start;
    while (i < t[at].end && text.ptr[i] >= '0' && text.ptr[i] <= '9')
        i++;
    return strchr("yYs", text.ptr[i]) || (text.ptr[i] | 0x20) == 't';
}

/* "Bruneians", "Togolese": how groups that no list has may end. */
static bool ends_like_a_group(const PiiToken *t, Str text)
{
    return t->end > t->start && strchr("nseihrNSEIHR", text.ptr[t->end - 1]);
}

/* More than initials, and small letters only where all the line has them or a list knows the name. */
static bool has_a_name(const PiiToken *t, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (t[i].shape != PII_SHAPE_MARK && t[i].shape != PII_SHAPE_INITIAL &&
            (t[i].shape != PII_SHAPE_LOWER || (t[i].casing & PII_CASINGS) != PII_CASING_NORMAL ||
             t[i].classes & WHO))
            return true;
    return false;
}

/* In a line of another language one word alone that no list knows is no name more often than not; behind "Herr" it is one. */
static bool is_foreign(const PiiToken *t, size_t from, size_t to)
{
    bool addressed = (from > 0 && t[from - 1].classes & PII_BIT(TITLE)) ||
                     (from > 1 && is_mark(&t[from - 1], '.') && t[from - 2].classes & PII_BIT(TITLE));
    return to - from == 1 && t[from].casing & PII_FOREIGN && !(t[from].classes & WHO) && !addressed;
}

static bool has_a_letter(const PiiToken *t, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (t[i].shape != PII_SHAPE_MARK && t[i].shape != PII_SHAPE_DIGITS)
            return true;
    return false;
}

/* Only words of every day, in small letters: "building energy". */
static bool is_everyday(const PiiToken *t, size_t from, size_t to)
{
    const uint32_t every = PII_BIT(COMMON) | PII_BIT(RARE) | PII_BIT(FOREIGN) | PII_BIT(FUNCTION);
    for (size_t i = from; i < to; i++)
        if (t[i].shape != PII_SHAPE_MARK &&
            (t[i].shape != PII_SHAPE_LOWER || !(t[i].classes & every) || t[i].classes & NAMED))
            return false;
    return true;
}

/* A text of one word has no context. Half of the unknown words would look like surnames, but what stands alone in a field
 * or a box is a label, a command or a product more often than a name. So a list must know it, and in small letters or
 * capitals ("line", "dev", "HUNT") it must be no word of every day either. */
static bool is_label(const PiiToken *t, size_t n, size_t at)
{
    if (n > 4)
        return false;
    for (size_t i = 0; i < n; i++)
        if (i != at && t[i].shape != PII_SHAPE_MARK)
            return false;
    if (t[at].shape == PII_SHAPE_TITLE || t[at].shape == PII_SHAPE_CASELESS)
        return false;
    return !(t[at].classes & NAMED) ||
           t[at].classes & (PII_BIT(COMMON) | PII_BIT(RARE) | PII_BIT(FOREIGN) | PII_BIT(FUNCTION));
}

/* "53-320": an address does not end in the middle of a number. */
static void end_after_number(const PiiToken *t, size_t n, size_t *to)
{
    while (*to + 1 < n && t[*to - 1].shape == PII_SHAPE_DIGITS && is_mark(&t[*to], '-') && !t[*to].blank &&
           t[*to + 1].shape == PII_SHAPE_DIGITS && !t[*to + 1].blank)
        *to += 2;
}

/* "12-34 150th Street", "123 1/2 Oak St": nor does it begin there. */
static void begin_before_number(const PiiToken *t, size_t *from)
{
    size_t at = *from;
    if (at < 2 || !is_number(&t[at]) || t[at].blank || t[at].newlines > 0 || t[at - 1].blank ||
        t[at - 1].newlines > 0 || !(is_mark(&t[at - 1], '-') || is_mark(&t[at - 1], '/')) ||
        t[at - 2].shape != PII_SHAPE_DIGITS || t[at - 2].end - t[at - 2].start > 4 ||
        (at > 2 && !t[at - 2].blank && t[at - 2].newlines == 0))
        return;
    bool share = is_mark(&t[at - 1], '/');
    at -= 2;
    if (share && at > 0 && t[at].newlines == 0 && t[at - 1].shape == PII_SHAPE_DIGITS)
        at--;
    *from = at;
}

/* A word with one capital, one space behind the one before. */
static bool is_next_name(const PiiToken *t, uint32_t classes)
{
    return t->shape == PII_SHAPE_TITLE && t->classes & classes && !(t->classes & PII_BIT(FUNCTION));
}

static bool is_one_space(const PiiToken *t)
{
    return t->newlines == 0 && t->start == t[-1].end + 1;
}

void pii_widen(const PiiToken *t, bool left, bool right, size_t *from, size_t *to)
{
    const uint32_t first = PII_BIT(FIRST) | PII_BIT(FIRST_FOREIGN),
                   last = PII_BIT(LAST) | PII_BIT(LAST_FOREIGN) | PII_BIT(LAST_RARE);
    bool alone = *to - *from == 1;
    if (right && alone && is_next_name(&t[*from], first) && is_next_name(&t[*to], last) &&
        is_one_space(&t[*to]))
        ++*to;
    else if (left && is_next_name(&t[*from], last) && is_next_name(&t[*from - 1], first) &&
             is_one_space(&t[*from]))
        --*from;
}

bool pii_surname_before(const PiiToken *t, size_t n, size_t from, size_t to)
{
    if (from < 2 || !is_mark(&t[from - 1], ',') || t[from - 1].newlines || t[from].newlines)
        return false;
    const PiiToken *w = &t[from - 2];
    bool begins = from == 2 || w->newlines > 0 || is_mark(w - 1, ':') || is_mark(w - 1, ';') ||
                  is_mark(w - 1, '"') || is_mark(w - 1, '|');
    bool ends = to >= n || t[to].newlines > 0 || t[to].shape == PII_SHAPE_MARK;
    return begins && to - from <= 2 && (w->shape == PII_SHAPE_TITLE || w->shape == PII_SHAPE_UPPER) &&
           w->classes & (PII_BIT(LAST) | PII_BIT(LAST_FOREIGN) | PII_BIT(LAST_RARE)) &&
           !(w->classes & PII_BIT(FUNCTION)) && (ends || !(w->classes & PII_BIT(COMMON)));
}

/* A word of every day in small letters at the end of a name that has capitals: "Zuma will". */
static bool is_beside(const PiiToken *t)
{
    return t->shape == PII_SHAPE_LOWER && (t->casing & PII_CASINGS) == PII_CASING_NORMAL &&
           t->classes & (PII_BIT(FUNCTION) | PII_BIT(FREQUENT)) &&
           !(t->classes & (PII_BIT(PARTICLE) | PII_BIT(NAME_SUFFIX)));
}

static void drop_beside(const PiiToken *t, size_t *from, size_t *to)
{
    while (*to > *from + 1 && is_beside(&t[*to - 1]))
        --*to;
    while (*to > *from + 1 && is_beside(&t[*from]))
        ++*from;
}

/* ---- the postal code behind a place ---- */

static size_t n_digits(const PiiToken *t)
{
    return t->shape == PII_SHAPE_DIGITS ? t->end - t->start : 0;
}

/* What may stand behind the code: no noun that it could count. */
static bool closes(const PiiToken *t, size_t n, size_t at)
{
    if (at >= n || t[at].newlines > 0 || t[at].classes & PII_BIT(FUNCTION))
        return true;
    return t[at].shape == PII_SHAPE_MARK && t[at].hash != '%' && t[at].hash != '-' && t[at].hash != '/' &&
           !(at + 1 < n && !t[at + 1].blank && n_digits(&t[at + 1]));
}

/* The end of a postal code at `at`: "78701-1234", "53-320", "840 24"; 0: it is none. */
static size_t code_end(const PiiToken *t, size_t n, Str text, size_t at)
{
    size_t len = n_digits(&t[at]), next = at + 1 < n ? n_digits(&t[at + 1]) : 0;
    bool dash = at + 2 < n && is_mark(&t[at + 1], '-') && !t[at + 1].blank && !t[at + 2].blank;
    size_t behind = dash ? n_digits(&t[at + 2]) : 0;
    if ((len == 5 && behind == 4) || (len == 2 && behind == 3) || (len == 4 && behind == 3))
        return at + 3; /* 78701-1234, 53-320, 1200-052 */
    if (len == 3 && next == 2 && t[at + 1].newlines == 0)
        return at + 2; /* 840 24 */
    const char *p = text.ptr + t[at].start;
    bool year = len == 4 && ((p[0] == '1' && p[1] == '9') || (p[0] == '2' && p[1] == '0'));
    return len == 5 || (len == 4 && !year) ? at + 1 : 0;
}

size_t pii_code_after(const PiiToken *t, size_t n, Str text, size_t at, size_t *ret_from)
{
    if (at < n && t[at].shape == PII_SHAPE_INITIAL && t[at].newlines == 0)
        at++; /* "København V 1421" */
    if (at < n && is_mark(&t[at], ','))
        at++;
    if (at >= n || !t[at].blank || t[at].newlines > 0)
        return 0;
    *ret_from = at;
    size_t end = code_end(t, n, text, at);
    return end > 0 && closes(t, n, end) ? end : 0;
}

/* The last line of an address is its code alone. */
static void end_after_code(const PiiToken *t, size_t n, Str text, size_t *to)
{
    if (*to >= n || t[*to].newlines != 1)
        return;
    size_t end = code_end(t, n, text, *to);
    bool four = end == *to + 1 && n_digits(&t[*to]) == 4; /* more often a price */
    if (end > *to && !four && (end >= n || t[end].newlines > 0))
        *to = end;
}

/* ---- all ---- */

bool pii_trim(const PiiToken *t, size_t n, Str text, PiiLabel first, size_t *from, size_t *to)
{
    if (first == PII_LABEL_NRP && *to - *from == 1 && !(t[*from].classes & PII_BIT(NRP)))
        return ends_like_a_group(&t[*from], text);
    if (first == PII_LABEL_AGE && *to - *from == 1)
        return can_be_an_age(t, n, text, *from);
    if (!has_a_letter(t, *from, *to))
        return false; /* a number alone is no address */
    if (first == PII_LABEL_B_LOCATION && *to - *from == 1 && t[*from].shape == PII_SHAPE_LOWER &&
        t[*from].classes & PII_BIT(STATE_ABBR) && !(*from > 0 && is_mark(&t[*from - 1], ',')))
        return false;                                                 /* "ok", "co", "in" */
    if (first == PII_LABEL_B_PERSON || first == PII_LABEL_I_PERSON) { /* no number is a part of a name */
        while (*from < *to && is_number(&t[*from]))
            ++*from;
        for (size_t i = *from; i < *to; i++)
            if (is_number(&t[i]))
                *to = i;
        if (*from < *to && (!has_a_name(t, *from, *to) || is_foreign(t, *from, *to)))
            return false;
        if (*from < *to)
            drop_beside(t, from, to);
    }
    bool address = first == PII_LABEL_B_ADDRESS || first == PII_LABEL_I_ADDRESS;
    if (!address && first != PII_LABEL_NRP &&
        (is_everyday(t, *from, *to) || (*to - *from == 1 && is_label(t, n, *from))))
        return false;
    if (!address && *to - *from == 1 && *to < n && is_mark(&t[*to], '#') && !t[*to].blank)
        return false; /* "DEA#": what the number is */
    drop_marks(t, from, to);
    if (address && *from < *to) {
        begin_before_number(t, from);
        end_after_number(t, n, to);
        end_after_code(t, n, text, to);
    }
    return *from < *to;
}

/* ---- a place with its code that is no address ---- */

#define PLACE_WORDS_MAX 6 /* with the marks in them: "Coeur d'Alene", "St. Louis" */

/* The end of a state that begins at `at` and stands before a code: "TX", "North Carolina"; 0: none. */
static size_t state_before_code(const PiiToken *t, size_t at, size_t to)
{
    for (size_t end = at + 1; end <= at + 2 && end < to; end++) {
        const PiiToken *last = &t[end - 1];
        if (last->newlines || last->shape == PII_SHAPE_LOWER || t[at].shape == PII_SHAPE_LOWER)
            return 0;
        if (n_digits(&t[end]) == 5 && t[end].blank && !t[end].newlines)
            return (end == at + 1 && t[at].classes & PII_BIT(STATE_ABBR)) ||
                           (t[at].classes & PII_BIT(REGION) && last->classes & PII_BIT(REGION))
                       ? end
                       : 0;
    }
    return 0;
}

/* A street's type is one of a street where a name stands before it. */
static bool can_be_of_a_place(const PiiToken *t, bool first)
{
    if (t->shape == PII_SHAPE_MARK)
        return !first && (t->hash == '.' || t->hash == '-' || t->hash == '\'');
    bool street =
        !first && t->classes & PII_BIT(STREET_TYPE) && !(t->classes & (PII_BIT(CITY) | PII_BIT(CITY_PART)));
    return !street && !is_number(t) && !(t->classes & PII_BIT(UNIT));
}

PiiPlace pii_place_with_code(const PiiToken *t, size_t from, size_t to)
{
    PiiPlace p = {.name_end = from};
    while (p.name_end < to && p.name_end - from < PLACE_WORDS_MAX &&
           can_be_of_a_place(&t[p.name_end], p.name_end == from) &&
           (p.name_end == from || (!t[p.name_end].newlines && state_before_code(t, p.name_end, to) == 0)))
        p.name_end++;
    p.state = p.name_end < to && is_mark(&t[p.name_end], ',') ? p.name_end + 1 : p.name_end;
    if (p.name_end == from || p.state >= to || (p.state_end = state_before_code(t, p.state, to)) == 0)
        return p;
    p.end = p.state_end + 1;
    if (p.end + 1 < to && is_mark(&t[p.end], '-') && !t[p.end].blank && n_digits(&t[p.end + 1]) == 4)
        p.end += 2;
    return p;
}
