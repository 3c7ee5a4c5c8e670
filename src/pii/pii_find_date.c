/* pii_find_date.c - dates and times.
 *
 *     2021-05-21[T ]14:30[:15[.5]][Z|+02:00]   0.9        21 May 2021, May 21st, 2021, 5-MAY-2021   0.85
 *     5/21/2021 5-20-21 21.5.2021              0.7        21-May, May-2021, May 5                   0.6
 *     5/21 05/2021                             0.45..0.6  10:30, 3pm, 10:30:15 am                   0.5..0.7
 *     in 1998                                  0.4        Monday                                    0.45
 * With "born", "DOB" and the like near by it is a DATE_OF_BIRTH. A date and the time behind it are one finding. */
#include "pii/pii_find.h"

static const char MONTHS[12][10] = {"january", "february", "march",     "april",   "may",      "june",
                                    "july",    "august",   "september", "october", "november", "december"};

#define THREE(a, b, c) ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16)
#define SLOT(x) (((x) >> 10 ^ (x) >> 15) & 15) /* no two months have the same; found by trying shifts */

typedef struct Month {
    uint32_t letters;
    int number;
} Month;
#define M(a, b, c, n) [SLOT(THREE(a, b, c))] = {THREE(a, b, c), n}
static const Month MONTH_OF_THREE[16] = {
    M('j', 'a', 'n', 1), M('f', 'e', 'b', 2),  M('m', 'a', 'r', 3),  M('a', 'p', 'r', 4),
    M('m', 'a', 'y', 5), M('j', 'u', 'n', 6),  M('j', 'u', 'l', 7),  M('a', 'u', 'g', 8),
    M('s', 'e', 'p', 9), M('o', 'c', 't', 10), M('n', 'o', 'v', 11), M('d', 'e', 'c', 12),
};
#undef M

/* The month of three letters; 0: none. */
static int month_of_three(const char *p)
{
    uint32_t letters =
        THREE((unsigned char)(p[0] | 32), (unsigned char)(p[1] | 32), (unsigned char)(p[2] | 32));
    const Month *m = &MONTH_OF_THREE[SLOT(letters)];
    return m->letters == letters ? m->number : 0;
}

/* 1..12; 0: not a month. At least three letters, or "sept"; "may" and "march" as words need a date around them anyway. */
static int month_of(const char *p, size_t n)
{
    if (n < 3 || n > 9)
        return 0;
    int m = month_of_three(p);
    if (m == 0 || n == 3)
        return m;
    size_t full = strlen(MONTHS[m - 1]);
    return (n == full || (n == 4 && m == 9)) && str_eq_nocase((Str){p, n}, (Str){MONTHS[m - 1], n}) ? m : 0;
}

static bool day_month(unsigned a, unsigned b)
{
    return a >= 1 && b >= 1 && ((a <= 12 && b <= 31) || (a <= 31 && b <= 12));
}

static bool plausible_year(unsigned y)
{
    return y >= 1800 && y <= 2199;
}

static size_t digits_at(const PiiFinder *f, size_t i)
{
    size_t n = pii_digits_at(f, i);
    return n < 10 ? n : 10;
}

/* ---- times ---- */

/* Bytes of the blank at i, also of one that does not break ("5:00\u202fPM", "May\u00a05"); 0: none. */
static size_t blank_at(const PiiFinder *f, size_t i)
{
    if (pii_at(f, i) == ' ')
        return 1;
    if (i + 2 < f->n && memcmp(f->p + i, "\xc2\xa0", 2) == 0)
        return 2;
    return i + 3 < f->n && memcmp(f->p + i, "\xe2\x80\xaf", 3) == 0 ? 3 : 0;
}

/* The same of the blank that ends before i. */
static size_t blank_before(const PiiFinder *f, size_t i)
{
    for (size_t n = 1; n <= 3 && n <= i; n++)
        if (blank_at(f, i - n) == n)
            return n;
    return 0;
}

/* " am", "pm", "p.m.": the end behind it; or i. */
static size_t am_pm(const PiiFinder *f, size_t i)
{
    size_t k = i + blank_at(f, i);
    char a = pii_at(f, k) | 32;
    if (a != 'a' && a != 'p')
        return i;
    if ((pii_at(f, k + 1) | 32) == 'm' && !pii_is_word_at(f, k + 2))
        return k + 2;
    if (pii_at(f, k + 1) == '.' && (pii_at(f, k + 2) | 32) == 'm')
        return pii_at(f, k + 3) == '.' ? k + 4 : k + 3;
    return i;
}

/* Z, +02:00, -0500, " UTC": the end behind it; or i. */
static size_t zone(const PiiFinder *f, size_t i)
{
    char c = pii_at(f, i);
    if ((c == 'Z' || c == 'z') && !pii_is_word_at(f, i + 1))
        return i + 1;
    if ((c == '+' || c == '-') && digits_at(f, i + 1) == 2 && pii_at(f, i + 3) == ':' &&
        digits_at(f, i + 4) == 2)
        return i + 6;
    if ((c == '+' || c == '-') && digits_at(f, i + 1) == 4)
        return i + 5;
    return i;
}

/* H:MM[:SS[.fff]] at i; the end, or i when it is none. */
static size_t clock_end(const PiiFinder *f, size_t i, bool *ret_half)
{
    size_t h = digits_at(f, i);
    *ret_half = false;
    if (h < 1 || h > 2 || pii_at(f, i + h) != ':' || digits_at(f, i + h + 1) != 2 ||
        pii_value(f->p + i, h) > 24 || pii_value(f->p + i + h + 1, 2) > 59)
        return i;
    size_t end = i + h + 3;
    if (pii_at(f, end) == ':') {
        if (digits_at(f, end + 1) != 2 || pii_value(f->p + end + 1, 2) > 60)
            return i;
        end += 3;
        if ((pii_at(f, end) == '.' || pii_at(f, end) == ',') && digits_at(f, end + 1) > 0)
            end += 1 + digits_at(f, end + 1);
        if (pii_at(f, end) == ':')
            return i;
    }
    size_t half = am_pm(f, end);
    *ret_half = half > end;
    return half > end ? half : end;
}

/* The time behind a date, T or a blank or two between; or end. */
static size_t with_time(const PiiFinder *f, size_t end)
{
    bool half;
    size_t at = end;
    char c = pii_at(f, at);
    if (c != 'T' && c != 't' && c != ' ' && c != ',')
        return end;
    at++;
    if (pii_at(f, at) == ' ' && c != 'T')
        at++;
    size_t stop = clock_end(f, at, &half);
    if (stop == at)
        return end;
    return half ? stop : zone(f, stop);
}

/* ---- putting ---- */

/* "D.O.B. 5/21/1981": the letters with dots are words of one letter to the context. */
static bool is_dob_before(const PiiFinder *f, size_t start)
{
    size_t i = start;
    while (i > 0 && start - i < 4 && (f->p[i - 1] == ' ' || f->p[i - 1] == ':' || f->p[i - 1] == '.'))
        i--;
    return i >= 5 && (f->p[i - 1] | 32) == 'b' && str_eq_nocase((Str){f->p + i - 5, 5}, STR("d.o.b")) &&
           !pii_is_word_before(f, i - 5);
}

static void put_date(PiiFinder *f, PiiRule rule, size_t start, size_t end, float score)
{
    size_t stop = with_time(f, end);
    if (stop == end && pii_is_word_at(f, end))
        return;
    if (stop > end && pii_is_word_at(f, stop)) {
        if (pii_is_word_at(f, end))
            return;
        stop = end;
    }
    pii_context(f, start, end);
    if ((pii_near(f, PII_CTX_BIRTH) || is_dob_before(f, start)) && rule != PII_RULE_YEAR &&
        rule != PII_RULE_TIME) {
        rule = PII_RULE_DOB;
        score = score > 0.9f ? 0.95f : score + 0.05f;
    }
    if (score >= 0.75f)
        pii_put_whole(f, rule, start, stop, score);
    else
        pii_put(f, rule, start, stop, score);
}

/* ---- dates of numbers ---- */

static bool three_numbers(PiiFinder *f, const PiiNumber *num, int i)
{
    const PiiGroup *g = &num->g[i];
    if (num->n - i < 3 || g[0].sep != g[1].sep ||
        (g[0].sep != PII_SEP_DASH && g[0].sep != PII_SEP_SLASH && g[0].sep != PII_SEP_DOT))
        return false;
    if (g[2].sep == g[0].sep || g[1].start != g[0].start + g[0].len + 1)
        return false;
    unsigned a = pii_value(f->p + g[0].start, g[0].len), b = pii_value(f->p + g[1].start, g[1].len),
             c = pii_value(f->p + g[2].start, g[2].len);
    size_t end = pii_group_end(num, i + 2);
    if (g[0].len == 4 && g[1].len <= 2 && g[2].len <= 2) {
        if (!plausible_year(a) || b < 1 || b > 12 || c < 1 || c > 31)
            return false;
        put_date(f, PII_RULE_DATE_ISO, g[0].start, end, g[0].sep == PII_SEP_DOT ? 0.7f : 0.9f);
        return true;
    }
    if (g[0].len > 2 || g[1].len > 2 || !day_month(a, b) ||
        !((g[2].len == 4 && plausible_year(c)) || g[2].len == 2))
        return false;
    pii_context(f, g[0].start, end);
    float score = g[2].len == 4 ? 0.75f : 0.6f;
    if (g[0].sep == PII_SEP_DOT && (g[2].len == 2 || pii_near(f, PII_CTX_VERSION)))
        score = f->near[PII_CTX_VERSION] <= 2 || pii_is(pii_before(f, g[0].start), PII_ALPHA) ? 0.2f : 0.5f;
    put_date(f, PII_RULE_DATE_NUMBERS, g[0].start, end, score);
    return true;
}

/* "5/21", "05/2021"; a half bath, 24/7 and a share are no date. */
static void two_numbers(PiiFinder *f, const PiiNumber *num, int i)
{
    const PiiGroup *g = &num->g[i];
    if (num->n - i < 2 || g[0].sep != PII_SEP_SLASH || g[0].len > 2 || (g[1].sep == PII_SEP_SLASH))
        return;
    unsigned a = pii_value(f->p + g[0].start, g[0].len), b = pii_value(f->p + g[1].start, g[1].len);
    size_t end = pii_group_end(num, i + 1);
    if (g[1].len == 4) {
        if (a >= 1 && a <= 12 && b >= 1900 && b <= 2099)
            put_date(f, PII_RULE_DATE_SHORT, g[0].start, end, 0.6f);
        return;
    }
    if (g[1].len > 2 || !day_month(a, b) || (a == 24 && b == 7))
        return;
    bool share = g[0].len == 1 && g[1].len == 1 && a < b && (b <= 5 || b == 8);
    pii_context(f, g[0].start, end);
    put_date(f, PII_RULE_DATE_SHORT, g[0].start, end, share || pii_says_other(f) ? 0.3f : 0.45f);
}

static void time_of_day(PiiFinder *f, const PiiNumber *num, int i)
{
    const PiiGroup *g = &num->g[i];
    bool half;
    size_t start = g->start;
    if (i > 0 && num->g[i - 1].sep == PII_SEP_COLON)
        return;
    if (pii_before(f, start) == ':' && start >= 2 && pii_is_word_at(f, start - 2))
        return;
    size_t end = clock_end(f, start, &half);
    if (end > start) {
        end = half ? end : zone(f, end);
        if (!pii_is_word_at(f, end) && !(pii_at(f, end) == ':' && pii_is_word_at(f, end + 1)))
            pii_put(f, PII_RULE_TIME, start, end, half ? 0.7f : 0.5f);
        return;
    }
    end = am_pm(f, start + g->len);
    unsigned hour = pii_value(f->p + start, g->len);
    if (end > start + g->len && hour >= 1 && hour <= 12 && pii_before(f, start) != '.' &&
        pii_before(f, start) != '$')
        pii_put(f, PII_RULE_TIME, start, end, f->p[start + g->len] == ' ' ? 0.55f : 0.6f);
}

/* ---- dates with the name of a month ---- */

/* Behind a number: blanks, '-', '.', "of", then the month. Returns the end of the month's name, 0 for none. */
static size_t month_after(const PiiFinder *f, size_t i)
{
    size_t from = i;
    while (i < from + 2 &&
           (pii_at(f, i) == ' ' || pii_at(f, i) == '-' || pii_at(f, i) == '.' || pii_at(f, i) == '/'))
        i++;
    if ((pii_at(f, i) | 32) == 'o' && (pii_at(f, i + 1) | 32) == 'f' && pii_at(f, i + 2) == ' ')
        i += 3;
    size_t n = pii_letters_at(f, i), end = i + n;
    if (n < 3 || !month_of(f->p + i, n))
        return 0;
    return !pii_is_word_at(f, end) || pii_is(f->p[end], PII_DIGIT) ? end : 0;
}

/* A year behind a day and month: the end behind it, or i. */
static size_t year_after(const PiiFinder *f, size_t i, bool four_only)
{
    size_t k = i;
    for (int marks = 0; marks < 2; marks++) {
        char c = pii_at(f, k);
        k += c == ',' || c == '-' || c == '.' || c == '/' ? 1 : blank_at(f, k);
    }
    if (k == i)
        return i;
    if (pii_at(f, k) == '\'' && digits_at(f, k + 1) == 2)
        return k + 3;
    size_t n = digits_at(f, k);
    bool two = n == 2 && !four_only && (pii_at(f, i) == '-' || pii_at(f, i) == '/') && k == i + 1;
    if ((n == 4 && plausible_year(pii_value(f->p + k, 4))) || two)
        return pii_is_word_at(f, k + n) && (pii_at(f, k + n) | 32) != 't' ? i : k + n;
    return i;
}

static size_t ordinal(const PiiFinder *f, size_t i)
{
    char a = pii_at(f, i) | 32, b = pii_at(f, i + 1) | 32;
    bool is =
        (a == 's' && b == 't') || (a == 'n' && b == 'd') || (a == 'r' && b == 'd') || (a == 't' && b == 'h');
    return is && !pii_is_word_at(f, i + 2) ? i + 2 : i;
}

/* "21 May 2021", "5th of May", "5-MAY-2021", "2021-May-05". */
static bool day_first(PiiFinder *f, const PiiGroup *g)
{
    unsigned v = pii_value(f->p + g->start, g->len);
    bool year = g->len == 4 && plausible_year(v);
    if (!(g->len <= 2 && v >= 1 && v <= 31) && !year)
        return false;
    size_t day = year ? g->start + 4 : ordinal(f, g->start + g->len), end = month_after(f, day);
    if (!end)
        return false;
    if (year) {
        size_t n = digits_at(f, end + 1);
        if (f->p[day] != '-' || pii_at(f, end) != '-' || n < 1 || n > 2)
            return false;
        put_date(f, PII_RULE_DATE_MONTH, g->start, end + 1 + n, 0.85f);
        return true;
    }
    size_t stop = year_after(f, end, false);
    if (end == day + 3 && digits_at(f, end) == 4 && plausible_year(pii_value(f->p + end, 4)))
        stop = end + 4; /* "21MAY2021" */
    float score = stop > end ? 0.85f : 0.6f;
    if (stop == end && day == end - 3 && f->p[day] != '-' && !pii_is(f->p[end - 3], PII_UPPER))
        score = 0.55f;
    put_date(f, PII_RULE_DATE_MONTH, g->start, stop, score);
    return true;
}

/* The same with blanks outside of ASCII, the ' of a short year and "of": rare, so apart. */
static __attribute__((noinline)) size_t month_end_rare(const PiiFinder *f, size_t start)
{
    size_t i = start;
    if (pii_before(f, i) == '\'' && pii_digits_at(f, start) == 2)
        i--;
    for (int marks = 0; marks < 3 && i > 0; marks++) {
        char c = f->p[i - 1];
        i -= c == '-' || c == '.' || c == ',' ? 1 : blank_before(f, i);
    }
    if (i >= 4 && start - i == 1 && str_eq_nocase((Str){f->p + i - 3, 3}, STR(" of")))
        i -= 3;
    return i;
}

/* Behind the name of a month: blanks, '-', '.', ',', '/' before a whole year. */
static size_t month_end_before(const PiiFinder *f, size_t start)
{
    size_t i = start;
    while (i > 0 && start - i < 3 &&
           (f->p[i - 1] == ' ' || f->p[i - 1] == '-' || f->p[i - 1] == '.' || f->p[i - 1] == ',' ||
            (f->p[i - 1] == '/' && pii_digits_at(f, start) == 4)))
        i--;
    char c = pii_before(f, i);
    bool rare = c == '\'' || (unsigned char)c >= 0x80 || ((c | 32) == 'f' && i + 1 == start);
    return rare ? month_end_rare(f, start) : i;
}

/* "May 21, 2021", "May-21", "Jan. 2021", "May of 2021", "May '21". */
static bool month_first(PiiFinder *f, const PiiGroup *g)
{
    size_t i = month_end_before(f, g->start);
    size_t end = i, n = pii_letters_before(f, i);
    i -= n;
    unsigned v = pii_value(f->p + g->start, g->len);
    if (end == g->start || !month_of(f->p + i, n) || pii_is_word_before(f, i))
        return false;
    bool may = !pii_is(f->p[i], PII_UPPER) &&
               str_eq_nocase((Str){f->p + i, end - i}, STR("may")); /* "may 5 people" */
    bool short_year = pii_before(f, g->start) == '\'';
    if ((g->len == 4 && plausible_year(v)) || short_year) {
        if (i >= 2 && (pii_is(f->p[i - 2], PII_DIGIT) || pii_is(f->p[i - 1], PII_DIGIT)))
            return true; /* the day stands before: day_first has it */
        put_date(f, PII_RULE_DATE_MONTH, i, g->start + g->len, may && short_year ? 0.35f : 0.7f);
        return true;
    }
    if (g->len > 2 || v < 1 || (v > 31 && f->p[end] != '-') || memchr(f->p + end, ',', g->start - end))
        return false; /* "7.1 % APR, 2 points" */
    if (i >= 2 && f->p[i - 1] == '-' && pii_is(f->p[i - 2], PII_DIGIT))
        return true;
    size_t day = ordinal(f, g->start + g->len), stop = year_after(f, day, true);
    put_date(f, PII_RULE_DATE_MONTH, i, stop, stop > day ? 0.85f : may ? 0.35f : 0.6f);
    return true;
}

/* The word of letters that ends before *at, which moves to its beginning. */
static Str word_before(const PiiFinder *f, size_t *at)
{
    size_t end = *at;
    while (end > 0 && *at - end < 2 && f->p[end - 1] == ' ')
        end--;
    size_t from = end;
    while (from > 0 && end - from < 16 && pii_is(f->p[from - 1], PII_ALPHA))
        from--;
    *at = from;
    return (Str){f->p + from, end - from};
}

static bool is_unit(const PiiFinder *f, size_t at)
{
    static const char *const UNITS[] = {
        "sq",      "sqft",   "square",  "foot",     "feet",   "ft",      "acre",   "acres",  "mile", "miles",
        "meter",   "meters", "km",      "watt",     "watts",  "pound",   "pounds", "lb",     "lbs",  "dollar",
        "dollars", "usd",    "unit",    "units",    "people", "person",  "homes",  "houses", "word", "words",
        "page",    "pages",  "calorie", "calories", "gallon", "gallons", "percent"};
    size_t end = at;
    while (end < f->n && end - at < 16 && pii_is(f->p[end], PII_ALPHA))
        end++;
    for (size_t i = 0; i < ARRAY_LEN(UNITS); i++)
        if (str_eq_nocase((Str){f->p + at, end - at}, str_from(UNITS[i])))
            return true;
    return false;
}

/* "the Act of 1974", "the summer of 1998", "a 1954 bungalow". */
static bool names_year(const PiiFinder *f, size_t start, size_t end)
{
    static const char *const SEASONS[] = {"spring", "summer", "fall", "autumn",
                                          "winter", "early",  "late", "year"};
    size_t at = start;
    Str w = word_before(f, &at);
    if (str_eq_nocase(w, STR("of"))) {
        w = word_before(f, &at);
        bool season = false;
        for (size_t i = 0; i < ARRAY_LEN(SEASONS); i++)
            season = season || str_eq_nocase(w, str_from(SEASONS[i]));
        return season || str_eq_nocase(w, STR("act")) || (w.len > 2 && pii_is(w.ptr[0], PII_UPPER));
    }
    bool article = str_eq_nocase(w, STR("a")) || str_eq_nocase(w, STR("the"));
    return article && pii_at(f, end) == ' ' && pii_is(pii_at(f, end + 1), PII_ALPHA) &&
           f->p[end - 1] != '0' && !is_unit(f, end + 1);
}

static void lone_year(PiiFinder *f, const PiiNumber *num, int i)
{
    const PiiGroup *g = &num->g[i];
    unsigned v = pii_value(f->p + g->start, 4);
    size_t end = g->start + 4;
    char a = pii_at(f, end), b = pii_before(f, g->start);
    if (v < 1900 || v > 2039 || b != ' ' || pii_is_word_at(f, end) || g->sep != PII_SEP_END ||
        ((a == '.' || a == ',' || a == '-' || a == '/') && pii_is_word_at(f, end + 1)) || a == '%')
        return;
    pii_context(f, g->start, end);
    if (f->near[PII_CTX_YEAR] == 0 || names_year(f, g->start, end))
        pii_put(f, PII_RULE_YEAR, g->start, end, 0.4f);
}

void pii_find_date(PiiFinder *f, const PiiNumber *num, int i)
{
    const PiiGroup *g = &num->g[i];
    if (g->len > 4 || g->len == 3 || (!pii_wants(f->s, PII_DATE_TIME) && !pii_wants(f->s, PII_DATE_OF_BIRTH)))
        return;
    char b = pii_before(f, g->start);
    bool inside = i > 0 && num->g[i - 1].sep != PII_SEP_SPACE && num->g[i - 1].sep != PII_SEP_PAREN;
    if (b == '$' || b == '#')
        return;
    if (b == '-' || b == '.' || b == ',') { /* "5-MAY-2021" was seen at its day; "Today is,5/21" is one */
        if ((b == '-' || b == '.') && pii_is_word_before(f, g->start - 1)) {
            if (!inside)
                (void)month_first(f, g);
            return;
        }
        if (b == ',' && g->start >= 2 && pii_is(f->p[g->start - 2], PII_DIGIT)) {
            (void)three_numbers(f, num, i); /* a field of a table: "4,2021-05-21,7" */
            return;
        }
    }
    if (inside)
        return;
    if (three_numbers(f, num, i) || month_first(f, g) || day_first(f, g))
        return;
    two_numbers(f, num, i);
    if (g->len <= 2)
        time_of_day(f, num, i);
    else
        lone_year(f, num, i);
}

/* ---- days of the week ---- */

void pii_find_weekday(PiiFinder *f, size_t d)
{
    static const char *const DAYS[] = {"monday", "tuesday",  "wednesday", "thursday",
                                       "friday", "saturday", "sunday"};
    if (d < 3 || f->n - d < 3 || !pii_wants(f->s, PII_DATE_TIME) || pii_is_word_at(f, d + 3) ||
        !pii_is(f->p[d - 1], PII_ALPHA))
        return;
    size_t start = d;
    while (start > 0 && d - start < 7 && pii_is(f->p[start - 1], PII_ALPHA))
        start--;
    if (pii_is_word_before(f, start))
        return;
    for (size_t i = 0; i < ARRAY_LEN(DAYS); i++)
        if (str_eq_nocase((Str){f->p + start, d + 3 - start}, str_from(DAYS[i])))
            pii_put(f, PII_RULE_WEEKDAY, start, d + 3, 0.45f);
}
