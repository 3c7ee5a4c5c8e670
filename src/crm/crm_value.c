#include "crm/crm_value.h"

#include "base/clock.h"

#include <math.h>

#define WEEK_S (7 * 86400)

static const char *const MONTHS[12] = {"january", "february", "march",     "april",   "may",      "june",
                                       "july",    "august",   "september", "october", "november", "december"};

typedef struct Parts {
    int year, month, day, hour, minute, second;
    int64_t us;
    bool pm, am;
} Parts;

static bool digits(Str *rest, size_t min, size_t max, int *ret)
{
    size_t n = 0;
    int v = 0;
    while (n < max && n < rest->len && rest->ptr[n] >= '0' && rest->ptr[n] <= '9')
        v = v * 10 + (rest->ptr[n++] - '0');
    if (n < min)
        return false;
    *rest = str_slice(*rest, n, rest->len);
    *ret = v;
    return true;
}

static bool literal(Str *rest, char c)
{
    if (rest->len == 0 || rest->ptr[0] != c)
        return false;
    *rest = str_slice(*rest, 1, rest->len);
    return true;
}

static bool month_name(Str *rest, int *ret)
{
    for (int m = 0; m < 12; m++) {
        Str whole = str_from(MONTHS[m]);
        for (size_t len = whole.len; len >= 3; len = len > 3 ? 3 : 0)
            if (str_eq_nocase(str_slice(*rest, 0, len), str_slice(whole, 0, len))) {
                *rest = str_slice(*rest, len, rest->len);
                *ret = m + 1;
                return true;
            }
    }
    return false;
}

static bool day_half(Str *rest, Parts *p)
{
    Str word = str_slice(*rest, 0, 2);
    p->am = str_eq_nocase(word, STR("AM"));
    p->pm = str_eq_nocase(word, STR("PM"));
    *rest = str_slice(*rest, 2, rest->len);
    return p->am || p->pm;
}

static bool put_together(const Parts *p, int64_t offset_s, CrmTime *ret, const char **ret_why)
{
    int hour = p->hour;
    if (p->am || p->pm) {
        if (hour < 1 || hour > 12) {
            *ret_why = "no such time of day";
            return false;
        }
        hour = hour % 12 + (p->pm ? 12 : 0);
    }
    if (p->year < 1900 || p->year > 2199) {
        *ret_why = "year outside 1900..2199";
        return false;
    }
    if (!clock_valid_date(p->year, p->month, p->day)) {
        *ret_why = "no such day";
        return false;
    }
    if (hour > 23 || p->minute > 59 || p->second > 60) {
        *ret_why = "no such time of day";
        return false;
    }
    int64_t seconds =
        (int64_t)clock_days(p->year, p->month, p->day) * 86400 + hour * 3600 + p->minute * 60 + p->second;
    ret->us = (seconds - offset_s) * US_PER_S + p->us;
    return true;
}

/* ---- ISO 8601, as exports have it
 * ------------------------------------------------------------------------------ */

static bool iso_fraction(Str *rest, int64_t *ret_us)
{
    int64_t scale = 100000;
    size_t n = 0;
    for (*ret_us = 0; n < rest->len && rest->ptr[n] >= '0' && rest->ptr[n] <= '9'; n++, scale /= 10)
        *ret_us += (rest->ptr[n] - '0') * scale;
    *rest = str_slice(*rest, n, rest->len);
    return n > 0;
}

/* "Z", "+02:00", "+0200", "+02", or nothing. */
static bool iso_offset(Str *rest, bool *ret_zoned, int64_t *ret_offset_s)
{
    int sign, hours = 0, minutes = 0;
    *ret_offset_s = 0;
    *ret_zoned = true;
    if (literal(rest, 'Z') || literal(rest, 'z'))
        return true;
    if (literal(rest, '+')) {
        sign = 1;
    } else if (literal(rest, '-')) {
        sign = -1;
    } else {
        *ret_zoned = false;
        return true;
    }
    if (!digits(rest, 2, 2, &hours))
        return false;
    (void)literal(rest, ':');
    if (rest->len && !digits(rest, 2, 2, &minutes))
        return false;
    *ret_offset_s = sign * (hours * 3600 + minutes * 60);
    return hours < 16 && minutes < 60;
}

static bool iso_time(Str rest, CrmTime *ret, const char **ret_why)
{
    Parts p = {0};
    int64_t offset = 0;
    *ret_why = "not an ISO date";
    *ret = (CrmTime){0};
    if (!digits(&rest, 4, 4, &p.year) || !literal(&rest, '-') || !digits(&rest, 2, 2, &p.month) ||
        !literal(&rest, '-') || !digits(&rest, 2, 2, &p.day))
        return false;
    if (rest.len) {
        if (!literal(&rest, 'T') && !literal(&rest, 't') && !literal(&rest, ' '))
            return false;
        if (!digits(&rest, 2, 2, &p.hour) || !literal(&rest, ':') || !digits(&rest, 2, 2, &p.minute))
            return false;
        if (literal(&rest, ':') && !digits(&rest, 2, 2, &p.second))
            return false;
        if ((literal(&rest, '.') || literal(&rest, ',')) && !iso_fraction(&rest, &p.us))
            return false;
        rest = str_trim(rest);
        if (!iso_offset(&rest, &ret->zoned, &offset) || rest.len)
            return false;
    }
    return put_together(&p, offset, ret, ret_why);
}

/* ---- pictures
 * --------------------------------------------------------------------------------------------------- */

typedef enum Token { T_YYYY, T_YY, T_MM, T_DD, T_MON, T_HH, T_MI, T_SS, T_AM, T_LITERAL } Token;

static Token next_token(Str *format, char *ret_literal)
{
    static const struct {
        Str text;
        Token token;
    } TOKENS[] = {{STR("YYYY"), T_YYYY}, {STR("YY"), T_YY}, {STR("MON"), T_MON},
                  {STR("MM"), T_MM},     {STR("DD"), T_DD}, {STR("hh"), T_HH},
                  {STR("mm"), T_MI},     {STR("ss"), T_SS}, {STR("AM"), T_AM}};
    for (size_t i = 0; i < ARRAY_LEN(TOKENS); i++)
        if (str_starts(*format, TOKENS[i].text)) {
            *format = str_slice(*format, TOKENS[i].text.len, format->len);
            return TOKENS[i].token;
        }
    *ret_literal = format->ptr[0];
    *format = str_slice(*format, 1, format->len);
    return T_LITERAL;
}

bool crm_date_format_ok(Str format, const char **ret_why)
{
    if (str_eq_c(format, "iso"))
        return true;
    if (format.len > CRM_DATE_FORMAT_MAX) {
        *ret_why = "a date format longer than 64 bytes";
        return false;
    }
    int seen[T_LITERAL + 1] = {0};
    char c = 0;
    while (format.len) {
        Token t = next_token(&format, &c);
        if (t == T_LITERAL && ((c >= 'a' && c <= 'z' && c != 'T') || (c >= 'A' && c <= 'Z' && c != 'T'))) {
            *ret_why = "a date format has the words YYYY YY MM DD MON hh mm ss AM, or is iso";
            return false;
        }
        if (t != T_LITERAL && seen[t]++) {
            *ret_why = "a date format names the same part twice";
            return false;
        }
    }
    if (seen[T_YYYY] + seen[T_YY] != 1 || seen[T_MM] + seen[T_MON] != 1 || seen[T_DD] != 1) {
        *ret_why = "a date format needs one year, one month and one day";
        return false;
    }
    return true;
}

static bool take_token(Token t, char c, Str *text, Parts *p)
{
    switch (t) {
    case T_YYYY: return digits(text, 4, 4, &p->year);
    case T_YY:
        if (!digits(text, 2, 2, &p->year))
            return false;
        p->year += p->year < 69 ? 2000 : 1900;
        return true;
    case T_MM: return digits(text, 1, 2, &p->month);
    case T_DD: return digits(text, 1, 2, &p->day);
    case T_MON: return month_name(text, &p->month);
    case T_HH: return digits(text, 1, 2, &p->hour);
    case T_MI: return digits(text, 2, 2, &p->minute);
    case T_SS: return digits(text, 2, 2, &p->second);
    case T_AM: return day_half(text, p);
    case T_LITERAL: return literal(text, c);
    }
    return false;
}

bool crm_value_time(Str text, Str format, CrmTime *ret, const char **ret_why)
{
    text = str_trim(text);
    if (str_eq_c(format, "iso"))
        return iso_time(text, ret, ret_why);
    Parts p = {0};
    *ret = (CrmTime){0};
    *ret_why = "not in the date format";
    while (format.len) {
        char c = 0;
        Token t = next_token(&format, &c);
        if (!take_token(t, c, &text, &p))
            return false;
    }
    return text.len == 0 && put_together(&p, 0, ret, ret_why);
}

/* ---- money
 * ------------------------------------------------------------------------------------------------------ */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The length of a currency sign or code at the start. */
static size_t sign_len(Str s)
{
    static const Str SIGNS[] = {STR("US$"), STR("$"),   STR("\xE2\x82\xAC"), STR("\xC2\xA3"), STR("\xC2\xA5"),
                                STR("USD"), STR("EUR"), STR("GBP"),          STR("CAD"),      STR("AUD"),
                                STR("NZD"), STR("CHF"), STR("MXN"),          STR("JPY")};
    for (size_t i = 0; i < ARRAY_LEN(SIGNS); i++)
        if (str_starts(s, SIGNS[i]))
            return SIGNS[i].len;
    return 0;
}

static Str strip_sign(Str s)
{
    size_t n = sign_len(s);
    if (n)
        return str_trim(str_slice(s, n, s.len));
    for (size_t len = 1; len <= 3 && len < s.len; len++)
        if (sign_len(str_slice(s, s.len - len, s.len)) == len)
            return str_trim(str_slice(s, 0, s.len - len));
    return s;
}

/* The length of a group separator at the start; *ret_id tells which it is. */
static size_t separator_len(Str s, char decimal, int *ret_id)
{
    if (s.len == 0)
        return 0;
    *ret_id = (uint8_t)s.ptr[0];
    if (s.ptr[0] == (decimal == '.' ? ',' : '.') || s.ptr[0] == '\'' || s.ptr[0] == ' ')
        return 1;
    *ret_id = 1;
    if (str_starts(s, STR("\xC2\xA0"))) /* no-break space */
        return 2;
    return str_starts(s, STR("\xE2\x80\xAF")) ? 3 : 0; /* narrow no-break space */
}

/* The digits before the decimal sign, with their groups checked; the rest stays in *s. */
static bool whole_part(Str *s, char decimal, int64_t *ret)
{
    size_t in_group = 0;
    int separator = 0, seen = 0;
    bool any = false;
    *ret = 0;
    for (;;) {
        if (s->len && is_digit(s->ptr[0])) {
            *ret = *ret * 10 + (s->ptr[0] - '0');
            if (*ret > CRM_CENTS_MAX)
                return false;
            in_group++;
            any = true;
            *s = str_slice(*s, 1, s->len);
            continue;
        }
        size_t n = separator_len(*s, decimal, &seen);
        if (n == 0)
            return any && (separator == 0 || in_group == 3);
        if ((separator && (separator != seen || in_group != 3)) || in_group == 0 || in_group > 3)
            return false;
        separator = seen;
        in_group = 0;
        *s = str_slice(*s, n, s->len);
    }
}

bool crm_value_cents(Str text, char decimal, int64_t *ret_cents, const char **ret_why)
{
    int64_t whole = 0, cents = 0;
    *ret_why = "not an amount";
    Str s = strip_sign(str_trim(text));
    if (s.len > 1 && (s.ptr[0] == '-' || s.ptr[0] == '(')) {
        *ret_why = "an amount below zero";
        return false;
    }
    bool bare_fraction = s.len > 1 && s.ptr[0] == decimal;
    if (!bare_fraction && !whole_part(&s, decimal, &whole))
        return false;
    if (s.len) {
        if (!literal(&s, decimal) || s.len == 0 || s.len > 12)
            return false;
        for (size_t i = 0; i < s.len; i++) {
            if (!is_digit(s.ptr[i]))
                return false;
            int d = s.ptr[i] - '0';
            cents += i == 0 ? d * 10 : i == 1 ? d : i == 2 ? d >= 5 : 0;
        }
    }
    *ret_cents = whole * 100 + cents;
    if (whole > CRM_CENTS_MAX / 100 || *ret_cents > CRM_CENTS_MAX) {
        *ret_why = "an amount above the limit";
        return false;
    }
    return true;
}

/* ---- durations
 * -------------------------------------------------------------------------------------------------- */

static bool clock_duration(Str s, int64_t *ret_s)
{
    int a, b, c;
    if (!digits(&s, 1, 4, &a) || !literal(&s, ':') || !digits(&s, 2, 2, &b) || b > 59)
        return false;
    if (s.len == 0) {
        *ret_s = a * 60 + b;
        return true;
    }
    *ret_s = 0;
    if (!literal(&s, ':') || !digits(&s, 2, 2, &c) || c > 59 || s.len)
        return false;
    *ret_s = (int64_t)a * 3600 + b * 60 + c;
    return true;
}

bool crm_value_duration(Str text, CrmDurationUnit unit, int64_t *ret_s, const char **ret_why)
{
    text = str_trim(text);
    *ret_why = "not a duration";
    if (str_find(text, STR(":")) >= 0) {
        if (!clock_duration(text, ret_s))
            return false;
    } else {
        double v;
        if (!str_to_f64(text, &v) || v < 0)
            return false;
        v *= unit == CRM_DURATION_MINUTES ? 60 : 1;
        *ret_s = v > WEEK_S ? WEEK_S + 1 : (int64_t)floor(v + 0.5);
    }
    if (*ret_s > WEEK_S) {
        *ret_why = "a duration above a week";
        return false;
    }
    return true;
}
