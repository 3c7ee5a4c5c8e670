/* pii_generalise.c - less exact values: month for a date, city for an address, ten years for an age. See pii_act.h. */
#include "pii/pii_act.h"

#define YEAR_PIVOT 40 /* two digits: up to this 20xx, else 19xx */
#define AGE_MOST 90   /* and older: one band, as HIPAA's safe harbor has it */

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* ---- dates ---- */

static const char *const MONTHS[] = {"January", "February", "March",     "April",   "May",      "June",
                                     "July",    "August",   "September", "October", "November", "December"};

static int month_of(Str word)
{
    for (int m = 0; m < 12 && word.len >= 3; m++)
        if (word.len <= strlen(MONTHS[m]) && str_eq_nocase(word, (Str){MONTHS[m], word.len}))
            return m + 1;
    return str_eq_nocase(word, STR("sept")) ? 9 : 0;
}

typedef struct DateParts {
    int numbers[8], digits[8], n;
    int month; /* by name */
} DateParts;

static DateParts take_apart(Str v)
{
    DateParts p = {0};
    for (size_t i = 0; i < v.len;) {
        size_t from = i;
        int number = 0;
        while (i < v.len && digit(v.ptr[i]))
            number = i - from < 6 ? number * 10 + (v.ptr[i] - '0') : number, i++;
        if (i > from) {
            if (i < v.len && v.ptr[i] == ':') /* a time of day ends what can be a date */
                return p;
            if (p.n < 8) {
                p.numbers[p.n] = number;
                p.digits[p.n++] = (int)(i - from);
            }
            continue;
        }
        while (i < v.len && letter(v.ptr[i]))
            i++;
        if (i > from && p.month == 0)
            p.month = month_of(str_slice(v, from, i));
        i += i == from;
    }
    return p;
}

static int year_of(int number, int digits)
{
    if (digits == 4 && number >= 1000)
        return number;
    return digits == 2 ? number + (number <= YEAR_PIVOT ? 2000 : 1900) : 0;
}

/* Returns false when the text is no date that is understood. */
static bool month_and_year(const DateParts *p, int *ret_month, int *ret_year)
{
    *ret_year = 0;
    *ret_month = p->month;
    if (p->month > 0) {
        for (int i = 0; i < p->n; i++)
            if (p->digits[i] == 4)
                *ret_year = p->numbers[i];
        if (*ret_year == 0 && p->n == 2)
            *ret_year = year_of(p->numbers[1], p->digits[1]);
        return true;
    }
    if (p->n == 1 && p->digits[0] == 4 && p->numbers[0] >= 1800 && p->numbers[0] < 2200) {
        *ret_year = p->numbers[0];
        return true;
    }
    if (p->n < 3)
        return false;
    if (p->digits[0] == 4) {
        *ret_year = p->numbers[0];
        *ret_month = p->numbers[1];
    } else {
        *ret_year = year_of(p->numbers[2], p->digits[2]);
        *ret_month = p->numbers[0] <= 12 ? p->numbers[0] : p->numbers[1];
    }
    return *ret_year > 0 && *ret_month >= 1 && *ret_month <= 12;
}

static bool date(Str value, Buf *out)
{
    DateParts p = take_apart(value);
    int month, year;
    if (!month_and_year(&p, &month, &year))
        return false;
    if (month > 0)
        buf_add_c(out, MONTHS[month - 1]);
    if (year > 0)
        buf_addf(out, "%s%d", month > 0 ? " " : "", year);
    return true;
}

/* ---- places ---- */

static bool is_state(Str w)
{
    static const char STATES[] =
        "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH "
        "NJ NM NY NC ND OH OK OR PA PR RI SC SD TN TX UT VT VA WA WV WI WY ";
    for (size_t i = 0; w.len == 2 && i + 2 < sizeof STATES; i += 3)
        if (str_eq(w, (Str){STATES + i, 2}))
            return true;
    return false;
}

static bool is_city(Str s)
{
    bool ok = s.len >= 2 && s.len <= 40;
    for (size_t i = 0; ok && i < s.len; i++)
        ok = letter(s.ptr[i]) || (unsigned char)s.ptr[i] >= 0x80 || strchr(" .'-", s.ptr[i]);
    return ok;
}

/* "..., CITY, ST 12345" or "... \n CITY ST 12345": the piece before the state, or what stands before it in its piece. */
static bool city(Str value, Buf *out)
{
    Str before = STR_NULL;
    for (size_t i = 0, from = 0; i <= value.len; i++) {
        if (i < value.len && value.ptr[i] != ',' && value.ptr[i] != '\n')
            continue;
        Str piece = str_trim(str_slice(value, from, i)), place = before;
        from = i + 1;
        size_t end = piece.len;
        while (end > 0 && (digit(piece.ptr[end - 1]) || strchr(" -", piece.ptr[end - 1])))
            end--;
        Str rest = str_slice(piece, 0, end), state = str_slice(rest, rest.len - MIN(rest.len, 2), rest.len);
        if (rest.len > 3 && rest.ptr[rest.len - 3] == ' ')
            place = str_trim(str_slice(rest, 0, rest.len - 3));
        else if (rest.len != 2)
            state = STR_NULL;
        if (is_state(state) && before.len > 0 && is_city(place)) {
            buf_addf(out, STR_FMT ", " STR_FMT, STR_ARG(place), STR_ARG(state));
            return true;
        }
        if (piece.len > 0)
            before = piece;
    }
    return false;
}

/* ---- numbers ---- */

static bool age(Str value, Buf *out)
{
    int n = 0;
    size_t i = 0, from;
    while (i < value.len && !digit(value.ptr[i]))
        i++;
    for (from = i; i < value.len && i - from < 4 && digit(value.ptr[i]); i++)
        n = n * 10 + (value.ptr[i] - '0');
    if (i == from || n > 130)
        return false;
    if (n >= AGE_MOST)
        buf_addf(out, "%d+", AGE_MOST);
    else
        buf_addf(out, "%d-%d", n / 10 * 10, n / 10 * 10 + 9);
    return true;
}

static bool zip(Str value, Buf *out)
{
    if (value.len < 5 || !digit(value.ptr[0]) || !digit(value.ptr[1]) || !digit(value.ptr[2]))
        return false;
    buf_addf(out, "%.3sxx", value.ptr);
    return true;
}

/* The network of 256 addresses. */
static bool network(Str value, Buf *out)
{
    int dots = 0;
    size_t i = 0;
    for (; i < value.len && dots < 3; i++) {
        if (!digit(value.ptr[i]) && value.ptr[i] != '.')
            return false;
        dots += value.ptr[i] == '.';
    }
    if (dots < 3)
        return false;
    buf_addf(out, "%.*s0/24", (int)i, value.ptr);
    return true;
}

void pii_generalise(PiiType type, Str value, Buf *out)
{
    bool done = false;
    switch (type) {
    case PII_DATE_TIME:
    case PII_DATE_OF_BIRTH: done = date(value, out); break;
    case PII_STREET_ADDRESS: done = city(value, out); break;
    case PII_AGE: done = age(value, out); break;
    case PII_ZIP_CODE: done = zip(value, out); break;
    case PII_IP_ADDRESS: done = network(value, out); break;
    default: break;
    }
    if (!done)
        buf_addf(out, "[%s]", pii_type_name(type));
}
