/* scale_series.c - which columns of a CSV file are times and values, and its rows. See scale_series.h. */
#include "scale/scale_series.h"

#include "base/clock.h"
#include "base/mem.h"
#include "model/model_csv.h"
#include "scale/scale_time.h"

#include <math.h>

#define NOTES_MAX (64u << 10)
#define SAMPLE_ROWS 500 /* that columns are found by */

/* What the first rows say of a column. */
typedef struct Looks {
    ScaleTimes times;
    bool is_time, is_number, counts_up; /* of every cell that is not blank */
    double first, last;
    int64_t n;
} Looks;

typedef struct Reading {
    ModelCsv *csv;
    const ScaleSeriesConf *conf;
    int time, value; /* columns; time -1: none */
    int format;      /* of the times; SCALE_TIME_NONE: the column counts */
    ScaleRows rows;
} Reading;

static void look(Looks *l, Str cell, bool decimal_comma)
{
    double v;
    if (cell.len == 0)
        return;
    l->is_time = l->is_time && scale_times_look(&l->times, cell);
    ModelCell kind = model_cell_f64(cell, decimal_comma, &v);
    if (kind == MODEL_CELL_TEXT || kind == MODEL_CELL_INFINITE)
        l->is_number = false;
    if (l->n == 0)
        l->first = v;
    l->counts_up =
        l->counts_up && kind == MODEL_CELL_NUMBER && v == floor(v) && (l->n == 0 || v == l->last + 1);
    l->last = v;
    l->n++;
}

static ErrKind look_at_columns(Reading *r, Looks *looks, Err *reterr)
{
    for (int c = 0; c < r->csv->n_names; c++) {
        looks[c] = (Looks){.is_time = true, .is_number = true, .counts_up = true};
        scale_times_init(&looks[c].times);
    }
    for (int i = 0; i < SAMPLE_ROWS; i++) {
        const CrmCsvRecord *rec;
        TRY(model_csv_next(r->csv, &rec, reterr));
        if (!rec)
            return i > 0 ? ERR_NONE
                         : err_set(reterr, ERR_INVALID, "%s has column names but no rows", r->csv->path);
        for (int c = 0; c < r->csv->n_names; c++)
            look(&looks[c], model_trim(rec->fields[c]), r->csv->decimal_comma);
    }
    return ERR_NONE;
}

static ErrKind find_named(const ModelCsv *csv, const char *name, int *ret, Err *reterr)
{
    TRY(model_csv_find(csv, str_from(name), ret, reterr));
    if (*ret < 0)
        return err_set(reterr, ERR_INVALID, "%s has no column \"%.200s\"", csv->path, name);
    return ERR_NONE;
}

/* Names that are worth more than the order of the columns, the best first. */
static int find_word(const ModelCsv *csv, const char *const *words, const Looks *looks, bool times)
{
    for (; *words; words++)
        for (int c = 0; c < csv->n_names; c++)
            if (str_eq_nocase(str_from(csv->names[c]), str_from(*words)) && looks[c].n > 0 &&
                (times ? looks[c].is_time : looks[c].is_number))
                return c;
    return -1;
}

static bool name_has(const char *name, const char *word)
{
    Str s = str_from(name), w = str_from(word);
    for (size_t i = 0; i + w.len <= s.len; i++)
        if (str_eq_nocase(str_slice(s, i, i + w.len), w))
            return true;
    return false;
}

/* The seconds that one of the column's numbers counts, by its name; 0: it does not say. */
static int64_t unit_of_name(const char *name)
{
    return name_has(name, "sec")    ? 1
           : name_has(name, "min")  ? 60
           : name_has(name, "hour") ? 3600
           : name_has(name, "day")  ? 86400
                                    : 0;
}

static int guess_time(const Reading *r, const Looks *looks)
{
    static const char *const WORDS[] = {"timestamp", "datetime", "date_time", "time", "ts",
                                        "ds",        "t",        "date",      NULL};
    int c = find_word(r->csv, WORDS, looks, true);
    if (c >= 0)
        return c;
    for (c = 0; c < r->csv->n_names; c++)
        if (looks[c].n > 0 && looks[c].is_time && !looks[c].is_number)
            return c;
    if (looks[0].n > 0 && looks[0].is_time && r->csv->n_names > 1) /* epochs in the first column */
        return 0;
    for (c = 0; c < r->csv->n_names; c++)
        if (looks[c].counts_up && unit_of_name(r->csv->names[c]))
            return c;
    return -1;
}

static int guess_value(const Reading *r, const Looks *looks)
{
    static const char *const WORDS[] = {"value", "y",      "v",     "requests", "count",
                                        "load",  "demand", "calls", "users",    NULL};
    int c = find_word(r->csv, WORDS, looks, false);
    if (c >= 0 && c != r->time)
        return c;
    for (c = 0; c < r->csv->n_names; c++)
        if (c != r->time && looks[c].n > 0 && looks[c].is_number && !(looks[c].counts_up && looks[c].n > 1))
            return c;
    return -1;
}

static ErrKind find_columns(Reading *r, Err *reterr)
{
    CLEANUP(mem_freep) Looks *looks = mem_array((size_t)r->csv->n_names, sizeof *looks);
    TRY(look_at_columns(r, looks, reterr));
    if (r->conf->time_column)
        TRY(find_named(r->csv, r->conf->time_column, &r->time, reterr));
    else
        r->time = guess_time(r, looks);
    if (r->conf->value_column)
        TRY(find_named(r->csv, r->conf->value_column, &r->value, reterr));
    else
        r->value = guess_value(r, looks);
    if (r->value < 0)
        return err_set(reterr, ERR_INVALID, "%s: no column of numbers was found; name it with --value-column",
                       r->csv->path);
    if (r->value == r->time)
        return err_set(reterr, ERR_INVALID, "%s: the column \"%.200s\" cannot be time and value",
                       r->csv->path, r->csv->names[r->time]);
    if (r->time < 0 || (!looks[r->time].is_time && looks[r->time].is_number)) {
        r->format = SCALE_TIME_NONE;
        r->rows.index_step_s = r->time < 0 ? 0 : unit_of_name(r->csv->names[r->time]);
        if (!r->rows.index_step_s)
            r->rows.index_step_s = r->conf->step_s ? r->conf->step_s : -1;
    }
    return ERR_NONE;
}

static ErrKind open_again(Reading *r, const char *path, Err *reterr)
{
    model_csv_free(r->csv);
    r->csv = NULL;
    return model_csv_open(path, &r->csv, reterr);
}

/* The whole column: what is told by the order of day and month may stand at its end. */
static ErrKind find_format(Reading *r, Err *reterr)
{
    CLEANUP(mem_freep) ScaleTimes *t = MEM_NEW(ScaleTimes);
    scale_times_init(t);
    for (;;) {
        const CrmCsvRecord *rec;
        TRY(model_csv_next(r->csv, &rec, reterr));
        if (!rec)
            break;
        Str cell = model_trim(rec->fields[r->time]);
        if (!scale_times_look(t, cell))
            return model_csv_bad(r->csv, rec->line, r->time, reterr,
                                 "\"" STR_FMT "\" is no time%s (ISO 8601 or seconds since 1970 always are)",
                                 STR_ARG(str_slice(cell, 0, 60)),
                                 t->n ? " of the format that the rows above have" : "");
    }
    r->format = scale_times_settle(t);
    if (r->format == SCALE_TIME_NONE)
        return err_set(reterr, ERR_INVALID, "%s, column \"%.100s\": no row has a time", r->csv->path,
                       r->csv->names[r->time]);
    return ERR_NONE;
}

static ErrKind row_time(Reading *r, const CrmCsvRecord *rec, int64_t *ret_us, Err *reterr)
{
    const char *why;
    double v;
    if (r->time < 0) {
        *ret_us = r->rows.n * r->rows.index_step_s * US_PER_S;
        return ERR_NONE;
    }
    Str cell = model_trim(rec->fields[r->time]);
    if (r->format == SCALE_TIME_NONE) {
        if (model_cell_f64(cell, r->csv->decimal_comma, &v) != MODEL_CELL_NUMBER || v != floor(v) ||
            fabs(v) > 1e9)
            return model_csv_bad(r->csv, rec->line, r->time, reterr,
                                 "\"" STR_FMT "\" is neither a time nor a row's number",
                                 STR_ARG(str_slice(cell, 0, 60)));
        *ret_us = (int64_t)v * r->rows.index_step_s * US_PER_S;
        return ERR_NONE;
    }
    if (cell.len == 0)
        return model_csv_bad(r->csv, rec->line, r->time, reterr, "the time is missing");
    if (!scale_time_read(r->format, cell, ret_us, &why))
        return model_csv_bad(r->csv, rec->line, r->time, reterr, "\"" STR_FMT "\" is %s",
                             STR_ARG(str_slice(cell, 0, 60)), why);
    return ERR_NONE;
}

static ErrKind row_value(Reading *r, const CrmCsvRecord *rec, double *ret, Err *reterr)
{
    Str cell = model_trim(rec->fields[r->value]);
    switch (model_cell_f64(cell, r->csv->decimal_comma, ret)) {
    case MODEL_CELL_TEXT:
        return model_csv_bad(r->csv, rec->line, r->value, reterr, "\"" STR_FMT "\" is no number",
                             STR_ARG(str_slice(cell, 0, 60)));
    case MODEL_CELL_INFINITE: return model_csv_bad(r->csv, rec->line, r->value, reterr, "an infinite value");
    default: break;
    }
    if (fabs(*ret) > 1e150)
        return model_csv_bad(r->csv, rec->line, r->value, reterr, "%g is too large to reckon with", *ret);
    return ERR_NONE;
}

static ErrKind read_rows(Reading *r, Err *reterr)
{
    for (;;) {
        const CrmCsvRecord *rec;
        ScaleRow row;
        TRY(model_csv_next(r->csv, &rec, reterr));
        if (!rec)
            return ERR_NONE;
        row.line = rec->line;
        TRY(row_time(r, rec, &row.us, reterr));
        TRY(row_value(r, rec, &row.v, reterr));
        if (r->rows.n == SCALE_ROWS_MAX)
            return err_set(reterr, ERR_LIMIT, "%s, line %lld: more than %lld rows", r->csv->path,
                           (long long)rec->line, (long long)SCALE_ROWS_MAX);
        if (r->rows.n == r->rows.cap) {
            r->rows.cap = r->rows.cap ? r->rows.cap * 2 : 4096;
            r->rows.row = mem_grow(r->rows.row, (size_t)r->rows.cap, sizeof *r->rows.row);
        }
        r->rows.row[r->rows.n++] = row;
    }
}

static ErrKind read_all(Reading *r, const char *path, ScaleSeries *s, Err *reterr)
{
    TRY(model_csv_open(path, &r->csv, reterr));
    TRY(find_columns(r, reterr));
    s->value_name = mem_strdup(r->csv->names[r->value]);
    s->time_name = r->time < 0 ? NULL : mem_strdup(r->csv->names[r->time]);
    s->has_times = r->rows.index_step_s == 0;
    if (r->rows.index_step_s < 0)
        return err_set(reterr, ERR_INVALID,
                       "%s has row numbers but no times: say with --step how long a row is (30s, 5m, 1h), or "
                       "name the column "
                       "of times with --time-column",
                       path);
    TRY(open_again(r, path, reterr));
    if (s->has_times) {
        TRY(find_format(r, reterr));
        TRY(open_again(r, path, reterr));
    }
    TRY(read_rows(r, reterr));
    ScaleSeriesConf conf = *r->conf;
    if (conf.counter == SCALE_COUNTER_AUTO)
        conf.counter =
            str_ends(str_from(s->value_name), STR("_total")) ? SCALE_COUNTER_YES : SCALE_COUNTER_NO;
    return scale_resample(path, &r->rows, &conf, s, reterr);
}

ErrKind scale_series_read(const char *path, const ScaleSeriesConf *conf, ScaleSeries **ret, Err *reterr)
{
    CLEANUP(scale_series_freep) ScaleSeries *s = MEM_NEW(ScaleSeries);
    Reading r = {.conf = conf, .time = -1, .value = -1};
    s->notes = BUF(NOTES_MAX);
    ErrKind kind = read_all(&r, path, s, reterr);
    model_csv_free(r.csv);
    mem_free(r.rows.row);
    TRY(kind);
    *ret = s;
    s = NULL;
    return ERR_NONE;
}

ScaleSeries *scale_series_new(int64_t start_us, int64_t step_s, const double *v, int64_t n)
{
    ScaleSeries *s = MEM_NEW(ScaleSeries);
    *s = (ScaleSeries){.start_us = start_us,
                       .step_s = step_s,
                       .native_step_s = step_s,
                       .n = n,
                       .n_rows = n,
                       .has_times = true,
                       .notes = BUF(NOTES_MAX),
                       .v = mem_array((size_t)MAX(n, 1), sizeof *s->v)};
    for (int64_t i = 0; i < n; i++) {
        s->v[i] = v[i];
        s->n_missing += isnan(v[i]);
    }
    return s;
}

void scale_series_free(ScaleSeries *s)
{
    if (!s)
        return;
    mem_free(s->v);
    mem_free(s->time_name);
    mem_free(s->value_name);
    buf_done(&s->notes);
    mem_free(s);
}
