/* insight_data.c - from columns to roles: which rows stay, what is treated, which covariates become which numbers.
 *
 *     names of all columns --plan--> wants --insight_columns_read--> InsightColumnSet --keep--> rows --fill--> InsightData */
#include "insight/insight_data.h"

#include "base/clock.h"
#include "base/mem.h"
#include "model/model_csv.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WARNINGS_MAX (256u << 10)
#define WANTS_MAX 8192
#define SPELLINGS_MAX 64 /* texts of a treatment that are looked at for being the same value */

/* Positions of the roles' columns in the set; -1: the role is not asked for. */
typedef struct Roles {
    int outcome, treatment, unit, time, first_treated, cluster, stratum, event, entry, weight, tier,
        propensity, exposure;
    int *covariate, n_covariates;
    int *pre, n_pre;
} Roles;

typedef struct Plan {
    const char *path;
    const InsightColumns *c;
    char **names; /* of the file */
    int n_names;
    InsightWant *want;
    int n_want;
    Roles roles;
    InsightColumnSet *set;
    int64_t *row; /* the rows that stay */
    InsightData *d;
} Plan;

void insight_warn(InsightData *d, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    buf_vaddf(&d->warnings, fmt, ap);
    va_end(ap);
    buf_add_char(&d->warnings, '\n');
}

int64_t insight_n_treated(const InsightData *d)
{
    int64_t n = 0;
    for (int64_t i = 0; i < d->n; i++)
        n += d->t[i] > 0.5;
    return n;
}

void insight_cluster_sides(const InsightData *d, int32_t ret[static 2])
{
    CLEANUP(mem_freep) bool *seen = mem_array(2 * (size_t)d->cluster.n, sizeof *seen);
    ret[0] = ret[1] = 0;
    for (int64_t i = 0; i < d->n; i++) {
        int side = d->t[i] > 0.5;
        bool *s = &seen[2 * d->cluster.id[i] + side];
        ret[side] += !*s;
        *s = true;
    }
}

const char *insight_time_text(const InsightData *d, double time, char out[static INSIGHT_TIME_TEXT])
{
    if (d->time_kind == INSIGHT_TIME_MONTH)
        snprintf(out, INSIGHT_TIME_TEXT, "%04d-%02d", (int)(time / 12), (int)fmod(time, 12) + 1);
    else if (d->time_kind == INSIGHT_TIME_DATE && time == floor(time))
        clock_format_date((int32_t)time, out);
    else if (d->time_kind == INSIGHT_TIME_DATE)
        clock_format((int64_t)llround(time * (double)US_PER_DAY), out);
    else
        snprintf(out, INSIGHT_TIME_TEXT, "%.12g", time);
    return out;
}

void insight_data_chance(InsightData *d, double chance)
{
    if (isnan(chance))
        return;
    if (!d->propensity)
        d->propensity = mem_array((size_t)d->n, sizeof *d->propensity);
    for (int64_t i = 0; i < d->n; i++)
        d->propensity[i] = chance;
}

/* ---- plan ---- */

/* The same column may play several roles (unit and cluster), but it is read once for each way of reading it. */
static int want(Plan *p, const char *name, bool as_text)
{
    if (!name)
        return -1;
    for (int i = 0; i < p->n_want; i++)
        if (p->want[i].as_text == as_text && strcmp(p->want[i].name, name) == 0)
            return i;
    p->want[p->n_want] = (InsightWant){name, as_text};
    return p->n_want++;
}

static bool has_role(const InsightColumns *c, const char *name)
{
    const char *roles[] = {c->outcome, c->treatment, c->unit,  c->time,   c->first_treated, c->cluster,
                           c->stratum, c->event,     c->entry, c->weight, c->propensity,    c->exposure};
    for (size_t i = 0; i < ARRAY_LEN(roles); i++)
        if (roles[i] && strcmp(roles[i], name) == 0)
            return true;
    for (int i = 0; i < c->n_pre; i++)
        if (strcmp(c->pre[i], name) == 0)
            return true;
    return false;
}

static ErrKind plan(Plan *p, Err *reterr)
{
    const InsightColumns *c = p->c;
    TRY(insight_column_names(p->path, &p->names, &p->n_names, reterr));
    if (p->n_names > WANTS_MAX)
        return err_set(reterr, ERR_LIMIT, "%s has %d columns, at most %d", p->path, p->n_names, WANTS_MAX);
    p->want = mem_array((size_t)p->n_names + 2 * INSIGHT_LIST_MAX + 16, sizeof *p->want);
    Roles *r = &p->roles;
    r->covariate = mem_array((size_t)p->n_names + INSIGHT_LIST_MAX, sizeof *r->covariate);
    r->pre = mem_array(INSIGHT_LIST_MAX, sizeof *r->pre);
    r->outcome = want(p, c->outcome, false);
    r->treatment = want(p, c->treatment, true);
    r->unit = want(p, c->unit, true);
    r->cluster = want(p, c->cluster, true);
    r->stratum = want(p, c->stratum, true);
    r->time = want(p, c->time, false);
    r->first_treated = want(p, c->first_treated, true);
    r->event = want(p, c->event, false);
    r->entry = want(p, c->entry, false);
    r->weight = want(p, c->weight, false);
    r->tier = want(p, c->tier, true);
    r->propensity = want(p, c->propensity, false);
    r->exposure = want(p, c->exposure, false);
    for (int i = 0; i < c->n_pre; i++)
        r->pre[r->n_pre++] = want(p, c->pre[i], false);
    for (int i = 0; i < c->n_covariates; i++) {
        if (has_role(c, c->covariates[i]))
            return err_set(reterr, ERR_INVALID,
                           "column \"%.100s\" cannot be a covariate: it has another role", c->covariates[i]);
        r->covariate[r->n_covariates++] = want(p, c->covariates[i], false);
    }
    for (int i = 0; i < p->n_names && c->n_covariates < 0; i++)
        if (*p->names[i] && !has_role(c, p->names[i]))
            r->covariate[r->n_covariates++] = want(p, p->names[i], false);
    return ERR_NONE;
}

/* ---- spellings of a treatment ---- */

static bool same_value(const char *a, const char *b)
{
    double x, y;
    if (str_to_f64(str_from(a), &x) && str_to_f64(str_from(b), &y))
        return x == y;
    return str_eq_nocase(str_from(a), str_from(b));
}

/* A dot or a dash among numbers is no value, as in a column that is read as numbers. */
static bool is_gap(const char *text)
{
    double v;
    return model_cell_f64(str_from(text), false, &v) == MODEL_CELL_MISSING_NUMBER;
}

/* "1" and "1.0", "yes" and "Yes" are one value: the one that stands first. */
static void merge_spellings(InsightColumnSet *s, InsightColumn *col)
{
    int32_t to[SPELLINGS_MAX];
    bool numbers = true;
    double v;
    if (col->n_texts > SPELLINGS_MAX)
        return;
    for (int32_t i = 0; i < col->n_texts; i++)
        numbers = numbers && (is_gap(col->text[i]) || str_to_f64(str_from(col->text[i]), &v));
    for (int32_t i = 0; i < col->n_texts; i++) {
        to[i] = numbers && is_gap(col->text[i]) ? -1 : i;
        for (int32_t k = i - 1; k >= 0 && to[i] == i; k--)
            if (to[k] == k && same_value(col->text[i], col->text[k]))
                to[i] = k;
    }
    for (int64_t i = 0; i < s->n; i++)
        if (col->id[i] >= 0)
            col->id[i] = to[col->id[i]];
}

/* ---- rows that stay ---- */

static bool is_missing(const InsightColumn *col, int64_t i)
{
    return col->is_text ? col->id[i] < 0 : isnan(col->number[i]);
}

/* Two values of the treatment are compared, and the row has a third. */
static bool is_of_other_arm(const Plan *p, int64_t i)
{
    if (p->roles.treatment < 0 || !p->c->control || !p->c->treated)
        return false;
    const InsightColumn *col = &p->set->column[p->roles.treatment];
    const char *text = col->text[col->id[i]];
    return !same_value(text, p->c->control) && !same_value(text, p->c->treated);
}

static ErrKind keep_rows(Plan *p, Err *reterr)
{
    const Roles *r = &p->roles;
    const int needed[] = {r->outcome, r->treatment, r->unit,   r->time, r->cluster,    r->stratum,
                          r->event,   r->entry,     r->weight, r->tier, r->propensity, r->exposure};
    InsightData *d = p->d;
    int64_t others = 0;
    p->row = mem_array((size_t)p->set->n, sizeof *p->row);
    for (int64_t i = 0; i < p->set->n; i++) {
        bool whole = true;
        for (size_t k = 0; k < ARRAY_LEN(needed); k++)
            whole = whole && (needed[k] < 0 || !is_missing(&p->set->column[needed[k]], i));
        if (whole && is_of_other_arm(p, i))
            others++;
        else if (whole)
            p->row[d->n++] = i;
    }
    d->line = mem_array((size_t)MAX(d->n, 1), sizeof *d->line);
    for (int64_t i = 0; i < d->n; i++)
        d->line[i] = p->set->line[p->row[i]];
    d->n_left_out = p->set->n - d->n - others;
    if (others)
        insight_warn(d, "%lld rows left out: neither %s nor %s", (long long)others, p->c->treated,
                     p->c->control);
    if (d->n == 0)
        return err_set(reterr, ERR_INVALID, "%s: no row has a value in every column that is needed", p->path);
    if (d->n_left_out)
        insight_warn(d, "%lld of %lld rows left out: no value in a column that is needed",
                     (long long)d->n_left_out, (long long)p->set->n);
    return ERR_NONE;
}

/* ---- two values ---- */

static bool is_one_of(Str text, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq_nocase(text, str_from(words[i])))
            return true;
    return false;
}

static bool says_yes(const char *text)
{
    static const char *const YES[] = {"1", "1.0", "true", "t", "yes", "y", "treated", "treatment", "on"};
    return is_one_of(str_from(text), YES, ARRAY_LEN(YES));
}

static bool says_no(const char *text)
{
    static const char *const NO[] = {
        "0",    "0.0",      "false",      "f",        "no",       "n",        "none",     "untreated",
        "off",  "never",    "control",    "controls", "placebo",  "hold-out", "holdout",  "without",
        "ctrl", "baseline", "comparison", "standard", "usual",    "low",      "censored", "right-censored",
        "open", "pending",  "alive",      "rejected", "declined", "before",   "pre"};
    static const char *const FIRST[] = {"no",      "not",     "non",     "never",
                                        "without", "control", "placebo", "untreated"};
    Str all = str_from(text), first = {text, strcspn(text, " -_")};
    return is_one_of(all, NO, ARRAY_LEN(NO)) || is_one_of(first, FIRST, ARRAY_LEN(FIRST));
}

/* "uncoached" of "coached", "inactive" of "active". */
static bool denies(const char *text, const char *other)
{
    static const char *const NOT[] = {"un", "non", "not", "in"};
    Str s = str_from(text), o = str_from(other);
    for (size_t i = 0; i < ARRAY_LEN(NOT); i++) {
        size_t n = strlen(NOT[i]);
        if (s.len == n + o.len && str_eq_nocase(str_slice(s, 0, n), str_from(NOT[i])) &&
            str_eq_nocase(str_slice(s, n, s.len), o))
            return true;
    }
    return false;
}

/* Which of two texts is the treated one: the larger number, a word for yes, the one beside a word for no or a denial of it, else
 * the later in the alphabet. */
static bool is_later(const char *a, const char *b)
{
    double x, y;
    if (str_to_f64(str_from(a), &x) && str_to_f64(str_from(b), &y))
        return x > y;
    if (says_yes(a) != says_yes(b))
        return says_yes(a);
    if (says_no(a) != says_no(b))
        return says_no(b);
    if (denies(a, b) != denies(b, a))
        return denies(b, a);
    return strcmp(a, b) > 0;
}

/* The ids that occur among the rows that stay, at most three. */
static int distinct(const Plan *p, const InsightColumn *col, int32_t ids[3])
{
    int n = 0;
    for (int64_t i = 0; i < p->d->n && n < 3; i++) {
        int32_t id = col->id[p->row[i]];
        if ((n < 1 || id != ids[0]) && (n < 2 || id != ids[1]))
            ids[n++] = id;
    }
    return n;
}

static ErrKind fill_treatment(Plan *p, Err *reterr)
{
    const InsightColumn *col = &p->set->column[p->roles.treatment];
    InsightData *d = p->d;
    const char *treated = p->c->treated;
    int32_t ids[3], yes = -1;
    int n = distinct(p, col, ids);
    if (treated) {
        for (int32_t i = col->n_texts - 1; i >= 0; i--)
            if (same_value(col->text[i], treated))
                yes = i;
        if (yes < 0)
            return err_set(reterr, ERR_INVALID, "%s, column \"%.100s\": no row has \"%.100s\"", p->path,
                           col->name, treated);
    } else if (n == 1) {
        return err_set(reterr, ERR_INVALID,
                       "%s, column \"%.100s\": every row has \"%.100s\": there is nobody to compare with",
                       p->path, col->name, col->text[ids[0]]);
    } else if (n > 2) {
        return err_set(
            reterr, ERR_INVALID,
            "%s, column \"%.100s\" has more than two values (\"%.40s\", \"%.40s\", \"%.40s\" ...): say "
            "which one is the treated one",
            p->path, col->name, col->text[ids[0]], col->text[ids[1]], col->text[ids[2]]);
    } else {
        yes = is_later(col->text[ids[0]], col->text[ids[1]]) ? ids[0] : ids[1];
    }
    const char *no = n == 2 ? col->text[ids[0] == yes ? ids[1] : ids[0]] : "others";
    d->t = mem_array((size_t)d->n, sizeof *d->t);
    for (int64_t i = 0; i < d->n; i++)
        d->t[i] = col->id[p->row[i]] == yes;
    d->treated_name = mem_strdup(col->text[yes]);
    d->control_name = mem_strdup(no);
    if (!says_yes(d->treated_name))
        insight_warn(d, "treated are the rows with %s = %s, controls those with %s", col->name,
                     d->treated_name, no);
    int64_t n_treated = insight_n_treated(d);
    if (n_treated == 0 || n_treated == d->n)
        return err_set(reterr, ERR_INVALID, "%s: all %lld rows are %s: there is nobody to compare with",
                       p->path, (long long)d->n, n_treated ? "treated" : "controls");
    return ERR_NONE;
}

/* ---- numbers ---- */

/* Two texts of an outcome are 0 and 1. */
static ErrKind as_numbers(Plan *p, int column, double *out, Err *reterr)
{
    const InsightColumn *col = &p->set->column[column];
    if (!col->is_text) {
        for (int64_t i = 0; i < p->d->n; i++)
            out[i] = col->number[p->row[i]];
        return ERR_NONE;
    }
    int32_t ids[3];
    int n = distinct(p, col, ids);
    if (n != 2)
        for (int64_t i = 0; i < p->d->n; i++) {
            double v;
            const char *text = col->text[col->id[p->row[i]]];
            if (!str_to_f64(str_from(text), &v))
                return err_set(reterr, ERR_INVALID,
                               "%s, line %lld, column \"%.100s\": \"%.60s\" is no number", p->path,
                               (long long)p->set->line[p->row[i]], col->name, text);
        }
    int32_t yes = is_later(col->text[ids[0]], col->text[n > 1 ? ids[1] : ids[0]]) ? ids[0] : ids[n > 1];
    insight_warn(p->d, "%s is 1 for %s, else 0", col->name, col->text[yes]);
    for (int64_t i = 0; i < p->d->n; i++)
        out[i] = col->id[p->row[i]] == yes;
    return ERR_NONE;
}

/* 2024-05, 2024-5, 2024/05: from 1 on; a quarter, 2024Q2 or 2024-Q2, is its first month. */
static bool parse_month(Str s, double *ret)
{
    int64_t year, part;
    bool parted = s.len > 4 && (s.ptr[4] == '-' || s.ptr[4] == '/' || s.ptr[4] == ' ');
    Str rest = str_slice(s, 4 + parted, s.len);
    bool quarter = rest.len == 2 && (rest.ptr[0] == 'Q' || rest.ptr[0] == 'q');
    if (!(quarter || parted) || rest.len < 1 || rest.len > 2 || !str_to_i64(str_slice(s, 0, 4), &year) ||
        year < 0 || !str_to_i64(str_slice(rest, quarter, rest.len), &part) || part < 1 ||
        part > (quarter ? 4 : 12))
        return false;
    *ret = (double)(year * 12 + (quarter ? 3 * (part - 1) : part - 1));
    return true;
}

/* 2024-05-17, 2024/05/17, and with a time of day, whose zone is UTC unless it is given. */
static bool parse_day(Str s, double *ret)
{
    char text[64];
    int32_t days;
    int64_t us;
    if (s.len < 10 || s.len > sizeof text - 2)
        return false;
    memcpy(text, s.ptr, s.len);
    if (text[4] == '/' && text[7] == '/')
        text[4] = text[7] = '-';
    text[s.len] = 'Z';
    if (clock_parse_date((Str){text, s.len}, &days))
        *ret = days;
    else if (clock_parse((Str){text, s.len}, &us) || clock_parse((Str){text, s.len + 1}, &us))
        *ret = (double)us / (double)US_PER_DAY;
    else
        return false;
    return true;
}

/* A number, before (0) or after (1), a month (counted from year 0) or a date (days since 1970). */
static bool parse_time(Str s, double *ret, InsightTime *kind)
{
    static const char *const BEFORE[] = {"before", "pre"}, *const AFTER[] = {"after", "post"};
    *kind = INSIGHT_TIME_NUMBER;
    if (str_to_f64(s, ret))
        return true;
    bool after = is_one_of(s, AFTER, ARRAY_LEN(AFTER));
    *ret = after;
    if (after || is_one_of(s, BEFORE, ARRAY_LEN(BEFORE)))
        return true;
    *kind = INSIGHT_TIME_MONTH;
    if (parse_month(s, ret))
        return true;
    *kind = INSIGHT_TIME_DATE;
    return parse_day(s, ret);
}

static bool says_never(Str s)
{
    static const char *const NEVER[] = {"never",
                                        "none",
                                        "no",
                                        "na",
                                        "n/a",
                                        "nan",
                                        "nat",
                                        "never treated",
                                        "never-treated",
                                        "not treated",
                                        "control",
                                        "inf",
                                        "infinity",
                                        "untreated",
                                        "nil",
                                        "-",
                                        "."};
    return is_one_of(s, NEVER, ARRAY_LEN(NEVER));
}

/* Of a month where times are dates: its first day. Of a date where times are months: its month. */
static bool as_kind(Str cell, InsightTime kind, double *ret)
{
    char day[16];
    InsightTime got;
    if (kind == INSIGHT_TIME_MONTH)
        return cell.len >= 10 && parse_month(str_slice(cell, 0, 7), ret);
    if (cell.len != 7)
        return false;
    snprintf(day, sizeof day, "%.*s-01", (int)cell.len, cell.ptr);
    return parse_time(str_from(day), ret, &got) && got == kind;
}

static ErrKind bad_time(const Plan *p, const InsightColumn *col, int64_t row, const char *what, Err *reterr)
{
    return err_set(reterr, ERR_INVALID, "%s, line %lld, column \"%.100s\": \"%.60s\" %s", p->path,
                   (long long)p->set->line[row], col->name, col->text[col->id[row]], what);
}

static ErrKind fill_time(Plan *p, Err *reterr)
{
    InsightData *d = p->d;
    if (p->roles.time < 0)
        return ERR_NONE;
    const InsightColumn *col = &p->set->column[p->roles.time];
    d->time = mem_array((size_t)d->n, sizeof *d->time);
    for (int64_t i = 0; i < d->n; i++) {
        int64_t row = p->row[i];
        InsightTime kind = INSIGHT_TIME_NUMBER;
        if (!col->is_text)
            d->time[i] = col->number[row];
        else if (!parse_time(str_from(col->text[col->id[row]]), &d->time[i], &kind))
            return bad_time(p, col, row, "is neither a number nor a date", reterr);
        if (i > 0 && kind != d->time_kind)
            return bad_time(p, col, row, "is another kind of time than the rows before", reterr);
        d->time_kind = kind;
    }
    return ERR_NONE;
}

/* Read as texts, so that the words for never may stand between numbers and dates. */
static ErrKind fill_first_treated(Plan *p, Err *reterr)
{
    InsightData *d = p->d;
    if (p->roles.first_treated < 0)
        return ERR_NONE;
    const InsightColumn *col = &p->set->column[p->roles.first_treated];
    d->first_treated = mem_array((size_t)d->n, sizeof *d->first_treated);
    for (int64_t i = 0; i < d->n; i++) {
        int64_t row = p->row[i];
        Str cell = is_missing(col, row) ? STR("") : str_from(col->text[col->id[row]]);
        InsightTime kind;
        d->first_treated[i] = INFINITY;
        if (cell.len == 0 || says_never(cell))
            continue;
        if (!parse_time(cell, &d->first_treated[i], &kind))
            return bad_time(p, col, row, "is neither a number, a date nor a word for never", reterr);
        if (kind == INSIGHT_TIME_NUMBER && d->first_treated[i] == 0 && d->time_kind != INSIGHT_TIME_NUMBER)
            d->first_treated[i] = INFINITY;
        else if (d->time && kind != d->time_kind &&
                 !(kind != INSIGHT_TIME_NUMBER && d->time_kind != INSIGHT_TIME_NUMBER &&
                   as_kind(cell, d->time_kind, &d->first_treated[i])))
            return bad_time(p, col, row, "is another kind of time than those of the rows", reterr);
    }
    return ERR_NONE;
}

static void fill_ids(Plan *p, int column, InsightIds *ret)
{
    if (column < 0)
        return;
    const InsightColumn *col = &p->set->column[column];
    CLEANUP(mem_freep) int32_t *new_id = mem_array((size_t)col->n_texts, sizeof *new_id);
    ret->id = mem_array((size_t)p->d->n, sizeof *ret->id);
    ret->name = mem_array((size_t)col->n_texts, sizeof *ret->name);
    for (int64_t i = 0; i < p->d->n; i++) {
        int32_t old = col->id[p->row[i]];
        if (new_id[old] == 0) {
            ret->name[ret->n] = mem_strdup(col->text[old]);
            new_id[old] = ++ret->n;
        }
        ret->id[i] = new_id[old] - 1;
    }
}

/* ---- covariates ---- */

static double *add_x(InsightData *d, int covariate, const char *suffix, const char *text)
{
    size_t at = (size_t)d->n_x++;
    d->x = mem_grow(d->x, (at + 1) * (size_t)d->n, sizeof *d->x);
    d->x_name = mem_grow(d->x_name, at + 1, sizeof *d->x_name);
    d->x_column = mem_grow(d->x_column, at + 1, sizeof *d->x_column);
    CLEANUP(buf_done) Buf name = BUF(4096);
    buf_addf(&name, "%.1000s%s%.1000s", d->covariate_name[covariate], suffix, text);
    d->x_name[at] = mem_strdup(buf_cstr(&name));
    d->x_column[at] = covariate;
    double *x = d->x + at * (size_t)d->n;
    memset(x, 0, (size_t)d->n * sizeof *x);
    return x;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void add_missing(Plan *p, const InsightColumn *col, int covariate)
{
    InsightData *d = p->d;
    double *flag = add_x(d, covariate, " missing", "");
    int64_t missing = 0;
    for (int64_t i = 0; i < d->n; i++) {
        flag[i] = is_missing(col, p->row[i]);
        missing += flag[i] > 0;
    }
    if (2 * missing > d->n)
        insight_warn(d, "covariate %s: %lld of %lld rows have no value: it holds little equal", col->name,
                     (long long)missing, (long long)d->n);
}

static void add_number(Plan *p, const InsightColumn *col, int covariate)
{
    InsightData *d = p->d;
    CLEANUP(mem_freep) double *sorted = mem_array((size_t)d->n, sizeof *sorted);
    int64_t m = 0;
    for (int64_t i = 0; i < d->n; i++)
        if (!isnan(col->number[p->row[i]]))
            sorted[m++] = col->number[p->row[i]];
    qsort(sorted, (size_t)m, sizeof *sorted, by_value);
    bool varies = m > 0 && sorted[0] < sorted[m - 1];
    if (!varies && (m == d->n || m == 0)) {
        insight_warn(d, "covariate %s left out: it %s", col->name, m ? "never varies" : "has no value");
        return;
    }
    double median = sorted[m / 2];
    if (varies) {
        double *x = add_x(d, covariate, "", "");
        for (int64_t i = 0; i < d->n; i++)
            x[i] = isnan(col->number[p->row[i]]) ? median : col->number[p->row[i]];
    }
    if (m < d->n)
        add_missing(p, col, covariate);
}

typedef struct Count {
    int32_t id;
    int64_t n;
} Count;

static int by_count(const void *a, const void *b)
{
    const Count *x = a, *y = b;
    return x->n != y->n ? (x->n < y->n) - (x->n > y->n) : (x->id > y->id) - (x->id < y->id);
}

/* An indicator for each category but the most frequent; those after the INSIGHT_CATEGORIES_MAX most frequent are one. */
static void add_texts(Plan *p, const InsightColumn *col, int covariate)
{
    InsightData *d = p->d;
    CLEANUP(mem_freep) Count *count = mem_array((size_t)col->n_texts, sizeof *count);
    int64_t missing = 0;
    int32_t used = 0;
    for (int32_t i = 0; i < col->n_texts; i++)
        count[i].id = i;
    for (int64_t i = 0; i < d->n; i++) {
        int32_t id = col->id[p->row[i]];
        missing += id < 0;
        if (id >= 0)
            used += count[id].n++ == 0;
    }
    qsort(count, (size_t)col->n_texts, sizeof *count, by_count);
    if (used < 2 && (missing == 0 || used == 0)) {
        insight_warn(d, "covariate %s left out: it %s", col->name, used ? "never varies" : "has no value");
        return;
    }
    for (int32_t c = 1; c < used && c <= INSIGHT_CATEGORIES_MAX; c++) {
        bool others = c == INSIGHT_CATEGORIES_MAX;
        double *x = add_x(d, covariate, "=", others ? "(others)" : col->text[count[c].id]);
        for (int32_t k = c; k < (others ? used : c + 1); k++)
            for (int64_t i = 0; i < d->n; i++)
                x[i] += col->id[p->row[i]] == count[k].id;
    }
    if (missing)
        add_missing(p, col, covariate);
}

/* 0, 1, 2 ... or 1, 2, 3 ... down the file: the row's number, not something about it. */
static bool is_row_number(const InsightColumnSet *s, const InsightColumn *col)
{
    if (col->is_text || s->n < 3 || !(col->number[0] == 0 || col->number[0] == 1))
        return false;
    for (int64_t i = 1; i < s->n; i++)
        if (col->number[i] != col->number[i - 1] + 1)
            return false;
    return true;
}

static ErrKind fill_covariates(Plan *p, Err *reterr)
{
    InsightData *d = p->d;
    bool all = p->c->n_covariates < 0;
    d->covariate_name = mem_array((size_t)MAX(p->roles.n_covariates, 1), sizeof *d->covariate_name);
    for (int k = 0; k < p->roles.n_covariates; k++) {
        const InsightColumn *col = &p->set->column[p->roles.covariate[k]];
        bool own = col->is_text && col->n_texts > 20 && col->n_texts > p->set->n / 2;
        if (all && is_row_number(p->set, col)) {
            insight_warn(d, "covariate %s left out: it numbers the rows", col->name);
            continue;
        }
        if (own && !all)
            return err_set(reterr, ERR_INVALID,
                           "%s, column \"%.100s\": %d different texts in %lld rows cannot be held equal",
                           p->path, col->name, (int)col->n_texts, (long long)p->set->n);
        if (own) {
            insight_warn(d, "covariate %s left out: %d different texts in %lld rows", col->name,
                         (int)col->n_texts, (long long)p->set->n);
            continue;
        }
        d->covariate_name[d->n_covariates] = mem_strdup(col->name);
        if (col->is_text)
            add_texts(p, col, d->n_covariates++);
        else
            add_number(p, col, d->n_covariates++);
        if ((int64_t)d->n_x * d->n > INSIGHT_CELLS_MAX)
            return err_set(reterr, ERR_LIMIT, "%s: more than %lld cells of covariates", p->path,
                           (long long)INSIGHT_CELLS_MAX);
    }
    return ERR_NONE;
}

/* ---- all ---- */

/* 0 and 1, or as R's users have it 1 and 2. */
static ErrKind fill_event(Plan *p, int column, double *out, Err *reterr)
{
    TRY(as_numbers(p, column, out, reterr));
    bool from_one = true;
    for (int64_t i = 0; i < p->d->n; i++)
        from_one = from_one && (out[i] == 1 || out[i] == 2);
    bool has_two = false;
    for (int64_t i = 0; i < p->d->n; i++)
        has_two = has_two || out[i] == 2;
    if (from_one && has_two)
        insight_warn(p->d, "%s: 2 is taken for the event, 1 for censored", p->c->event);
    for (int64_t i = 0; i < p->d->n; i++) {
        double v = out[i] - (from_one && has_two);
        if (v != 0 && v != 1)
            return err_set(reterr, ERR_INVALID, "%s, line %lld, column \"%.100s\": %g is neither 0 nor 1",
                           p->path, (long long)p->d->line[i], p->c->event, out[i]);
        out[i] = v;
    }
    return ERR_NONE;
}

static ErrKind fill_weight(Plan *p, int column, Err *reterr)
{
    InsightData *d = p->d;
    d->weight = mem_array((size_t)d->n, sizeof *d->weight);
    if (p->set->column[column].is_text)
        return err_set(reterr, ERR_INVALID, "%s, column \"%.100s\": a weight must be a number", p->path,
                       p->c->weight);
    TRY(as_numbers(p, column, d->weight, reterr));
    for (int64_t i = 0; i < d->n; i++)
        if (!(d->weight[i] > 0))
            return err_set(reterr, ERR_INVALID,
                           "%s, line %lld, column \"%.100s\": the weight %g is not above 0", p->path,
                           (long long)d->line[i], p->c->weight, d->weight[i]);
    return ERR_NONE;
}

static ErrKind fill_numbers(Plan *p, Err *reterr)
{
    InsightData *d = p->d;
    const Roles *r = &p->roles;
    if (r->outcome >= 0) {
        d->y = mem_array((size_t)d->n, sizeof *d->y);
        TRY(as_numbers(p, r->outcome, d->y, reterr));
    }
    if (r->event >= 0) {
        d->event = mem_array((size_t)d->n, sizeof *d->event);
        TRY(fill_event(p, r->event, d->event, reterr));
    }
    if (r->entry >= 0) {
        d->entry = mem_array((size_t)d->n, sizeof *d->entry);
        TRY(as_numbers(p, r->entry, d->entry, reterr));
    }
    if (r->weight >= 0)
        TRY(fill_weight(p, r->weight, reterr));
    if (r->exposure >= 0) {
        d->exposure = mem_array((size_t)d->n, sizeof *d->exposure);
        TRY(as_numbers(p, r->exposure, d->exposure, reterr));
    }
    if (r->propensity >= 0) {
        d->propensity = mem_array((size_t)d->n, sizeof *d->propensity);
        TRY(as_numbers(p, r->propensity, d->propensity, reterr));
        for (int64_t i = 0; i < d->n; i++)
            if (!(d->propensity[i] > 0 && d->propensity[i] < 1))
                return err_set(
                    reterr, ERR_INVALID,
                    "%s, line %lld, column \"%.100s\": a chance of %g: it must lie between 0 and 1", p->path,
                    (long long)d->line[i], p->c->propensity, d->propensity[i]);
    }
    d->n_pre = r->n_pre;
    d->pre = mem_array((size_t)d->n * (size_t)MAX(r->n_pre, 1), sizeof *d->pre);
    for (int k = 0; k < r->n_pre; k++) {
        const InsightColumn *col = &p->set->column[r->pre[k]];
        if (col->is_text)
            return err_set(reterr, ERR_INVALID,
                           "%s, column \"%.100s\": an outcome of before must be a number", p->path,
                           col->name);
        TRY(as_numbers(p, r->pre[k], d->pre + (size_t)k * (size_t)d->n, reterr));
    }
    TRY(fill_time(p, reterr));
    return fill_first_treated(p, reterr);
}

static ErrKind read_data(Plan *p, Err *reterr)
{
    TRY(plan(p, reterr));
    TRY(insight_columns_read(p->path, p->want, p->n_want, &p->set, reterr));
    if (p->roles.treatment >= 0)
        merge_spellings(p->set, &p->set->column[p->roles.treatment]);
    TRY(keep_rows(p, reterr));
    if (p->roles.treatment >= 0)
        TRY(fill_treatment(p, reterr));
    TRY(fill_numbers(p, reterr));
    fill_ids(p, p->roles.unit, &p->d->unit);
    fill_ids(p, p->roles.cluster, &p->d->cluster);
    fill_ids(p, p->roles.stratum, &p->d->stratum);
    fill_ids(p, p->roles.tier, &p->d->tier);
    return fill_covariates(p, reterr);
}

ErrKind insight_data_read(const char *path, const InsightColumns *c, InsightData **ret, Err *reterr)
{
    *ret = NULL;
    CLEANUP(insight_data_freep) InsightData *d = MEM_NEW(InsightData);
    d->warnings = BUF(WARNINGS_MAX);
    Plan p = {.path = path, .c = c, .d = d};
    ErrKind kind = read_data(&p, reterr);
    for (int i = 0; i < p.n_names; i++)
        mem_free(p.names[i]);
    mem_free(p.names);
    mem_free(p.want);
    mem_free(p.row);
    mem_free(p.roles.covariate);
    mem_free(p.roles.pre);
    insight_columns_free(p.set);
    if (kind != ERR_NONE)
        return kind;
    *ret = d;
    d = NULL;
    return ERR_NONE;
}

static void ids_done(InsightIds *ids)
{
    for (int32_t i = 0; i < ids->n; i++)
        mem_free(ids->name[i]);
    mem_free(ids->name);
    mem_free(ids->id);
}

void insight_data_free(InsightData *d)
{
    if (!d)
        return;
    for (int i = 0; i < d->n_x; i++)
        mem_free(d->x_name[i]);
    for (int i = 0; i < d->n_covariates; i++)
        mem_free(d->covariate_name[i]);
    ids_done(&d->unit);
    ids_done(&d->cluster);
    ids_done(&d->stratum);
    ids_done(&d->tier);
    mem_free(d->propensity);
    mem_free(d->exposure);
    mem_free(d->covariate_name);
    mem_free(d->x_name);
    mem_free(d->x_column);
    mem_free(d->x);
    mem_free(d->y);
    mem_free(d->t);
    mem_free(d->treated_name);
    mem_free(d->control_name);
    mem_free(d->pre);
    mem_free(d->time);
    mem_free(d->first_treated);
    mem_free(d->event);
    mem_free(d->entry);
    mem_free(d->weight);
    mem_free(d->line);
    buf_done(&d->warnings);
    mem_free(d);
}
