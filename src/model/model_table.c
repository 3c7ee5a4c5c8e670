/* model_table.c - cells of a CSV file to float rows, targets and times. See model_table.h. */
#include "model/model_table.h"

#include "base/clock.h"
#include "base/mem.h"
#include "crm/crm_value.h"
#include "gbt/gbt_train.h"
#include "model/model_csv.h"

#include <math.h>
#include <stdio.h>

#define BLOCK_ROWS 4096
#define NOTES_MAX (64u << 10)
#define NAMES_IN_NOTE 12
#define CATEGORY_NOTES_MAX 20

/* The categories of one column, as read. */
typedef struct Codes {
    StrMap *map;
    int64_t unknown;
    int64_t first_line; /* of the first unknown one ... */
    char first[64];     /* ... and its beginning */
} Codes;

typedef enum TimeKind { TIME_NONE_YET, TIME_NUMBER, TIME_DATE } TimeKind;

struct ModelReader {
    ModelCsv *csv;
    const ModelSchema *s;
    int *at;          /* [s->n_columns]: the file's column */
    int target, time; /* the file's columns, -1: not read */
    TimeKind time_kind;
    int64_t rows_max; /* 0: no limit */
    Codes *codes;     /* [s->n_columns] */
    StrMap *classes;
    Buf notes; /* of the columns */
};

/* ---- columns ---- */

static ErrKind need_column(const ModelReader *r, const char *name, int *ret, Err *reterr)
{
    TRY(model_csv_find(r->csv, model_trim(str_from(name)), ret, reterr));
    if (*ret < 0)
        return err_set(reterr, ERR_INVALID, "%s has no column \"%.200s\"", r->csv->path, name);
    return ERR_NONE;
}

/* A file for a model without feature names: by position only when no name is one of f0, f1 ..., the count fits (target and
 * time do not count), and the first line cannot be a row of values. */
static ErrKind by_position(ModelReader *r, bool *ret, Err *reterr)
{
    int n = r->s->n_columns, at, numbers = 0, others = (r->target >= 0) + (r->time >= 0);
    float v;
    *ret = false;
    for (int i = 0; i < n; i++) {
        TRY(model_csv_find(r->csv, str_from(r->s->columns[i].name), &at, reterr));
        if (at >= 0)
            return ERR_NONE;
    }
    if (r->csv->n_names - others != n)
        return err_set(
            reterr, ERR_INVALID,
            "the model does not name its features: %s must have the columns f0 ... f%d, or exactly %d "
            "columns in the model's order (it has %d)",
            r->csv->path, n - 1, n, r->csv->n_names - others);
    for (int i = 0; i < n; i++)
        numbers += model_cell(str_from(r->csv->names[i]), r->csv->decimal_comma, &v) == MODEL_CELL_NUMBER;
    if (numbers == n)
        return err_set(reterr, ERR_INVALID, "%s: the first line must hold column names, not values",
                       r->csv->path);
    for (int i = 0, column = 0; i < n; column++)
        if (column != r->target && column != r->time)
            r->at[i++] = column;
    buf_add_c(&r->notes, "the model does not name its features: columns are taken by position\n");
    *ret = true;
    return ERR_NONE;
}

static void note_extra(ModelReader *r)
{
    const ModelCsv *csv = r->csv;
    CLEANUP(mem_freep) bool *used = mem_array((size_t)csv->n_names, sizeof *used);
    int extra = 0;
    for (int i = 0; i < r->s->n_columns; i++)
        used[r->at[i]] = true;
    if (r->target >= 0)
        used[r->target] = true;
    if (r->time >= 0)
        used[r->time] = true;
    for (int i = 0; i < csv->n_names; i++)
        extra += !used[i];
    if (extra == 0)
        return;
    buf_addf(&r->notes, "%d column%s of %s not used by the model:", extra, extra == 1 ? "" : "s", csv->path);
    for (int i = 0, shown = 0; i < csv->n_names && shown <= NAMES_IN_NOTE; i++) {
        if (used[i])
            continue;
        if (shown++ == NAMES_IN_NOTE)
            buf_add_c(&r->notes, ", ...");
        else
            buf_addf(&r->notes, "%s %.100s", shown > 1 ? "," : "",
                     csv->names[i][0] ? csv->names[i] : "(without a name)");
    }
    buf_add_char(&r->notes, '\n');
}

static ErrKind match_columns(ModelReader *r, const ModelRead *read, Err *reterr)
{
    const ModelSchema *s = r->s;
    bool placed = false;
    if (read->target) {
        if (!s->target)
            return err_set(reterr, ERR_INVALID, "the model does not say which column is its target");
        TRY(need_column(r, s->target, &r->target, reterr));
    }
    if (read->time)
        TRY(need_column(r, read->time, &r->time, reterr));
    if (s->unnamed)
        TRY(by_position(r, &placed, reterr));
    for (int i = 0; i < s->n_columns && !placed; i++)
        TRY(need_column(r, s->columns[i].name, &r->at[i], reterr));
    note_extra(r);
    return ERR_NONE;
}

static StrMap *map_of(char **texts, int n)
{
    StrMap *m = strmap_new();
    for (int i = 0; i < n; i++)
        strmap_add(m, str_from(texts[i]), (uint32_t)i);
    return m;
}

ErrKind model_reader_open(const char *path, const ModelSchema *s, const ModelRead *read, ModelReader **ret,
                          Err *reterr)
{
    CLEANUP(model_reader_freep) ModelReader *r = MEM_NEW(ModelReader);
    r->s = s;
    r->target = r->time = -1;
    r->rows_max = read->rows_max;
    r->notes = BUF(NOTES_MAX);
    r->at = mem_array((size_t)s->n_columns, sizeof *r->at);
    r->codes = mem_array((size_t)s->n_columns, sizeof *r->codes);
    for (int i = 0; i < s->n_columns; i++)
        if (s->columns[i].category)
            r->codes[i].map = map_of(s->columns[i].categories, s->columns[i].n_categories);
    if (s->n_classes > 0)
        r->classes = map_of(s->classes, s->n_classes);
    TRY(model_csv_open(path, &r->csv, reterr));
    TRY(match_columns(r, read, reterr));
    *ret = r;
    r = NULL;
    return ERR_NONE;
}

void model_reader_free(ModelReader *r)
{
    if (!r)
        return;
    for (int i = 0; r->codes && i < r->s->n_columns; i++)
        strmap_free(r->codes[i].map);
    mem_free(r->codes);
    mem_free(r->at);
    strmap_free(r->classes);
    model_csv_free(r->csv);
    buf_done(&r->notes);
    mem_free(r);
}

/* ---- cells ---- */

static ErrKind bad_number(const ModelReader *r, int64_t line, int column, Str cell, ModelCell kind,
                          Err *reterr)
{
    return model_csv_bad(r->csv, line, column, reterr, "\"%.*s\" is %s", (int)MIN(cell.len, 60), cell.ptr,
                         kind == MODEL_CELL_INFINITE ? "infinite, or beyond a float" : "not a number");
}

static ErrKind number_cell(const ModelReader *r, const CrmCsvRecord *rec, int column, float *ret, Err *reterr)
{
    Str cell = model_trim(rec->fields[column]);
    ModelCell kind = model_cell(cell, r->csv->decimal_comma, ret);
    if (kind == MODEL_CELL_TEXT || kind == MODEL_CELL_INFINITE)
        return bad_number(r, rec->line, column, cell, kind, reterr);
    return ERR_NONE;
}

static float category_cell(Codes *c, const CrmCsvRecord *rec, int column, bool decimal_comma)
{
    Str cell = model_trim(rec->fields[column]);
    uint32_t code;
    float unused;
    if (strmap_get(c->map, cell, &code))
        return (float)code;
    if (model_cell(cell, decimal_comma, &unused) == MODEL_CELL_MISSING)
        return NAN;
    if (c->unknown++ == 0) {
        c->first_line = rec->line;
        str_copy(c->first, sizeof c->first, str_slice(cell, 0, 40));
    }
    return NAN;
}

/* A class by its text, else by its number: "1.0" is the class "1". */
static ErrKind target_cell(const ModelReader *r, const CrmCsvRecord *rec, float *ret, Err *reterr)
{
    if (r->s->target_kind == MODEL_TARGET_NUMBER)
        return number_cell(r, rec, r->target, ret, reterr);
    Str cell = model_trim(rec->fields[r->target]);
    uint32_t code;
    float v, class;
    if (strmap_get(r->classes, cell, &code)) {
        *ret = (float)code;
        return ERR_NONE;
    }
    ModelCell kind = model_cell(cell, r->csv->decimal_comma, &v);
    *ret = NAN;
    if (kind == MODEL_CELL_MISSING)
        return ERR_NONE;
    for (int i = 0; i < r->s->n_classes && kind == MODEL_CELL_NUMBER; i++)
        if (model_cell(str_from(r->s->classes[i]), false, &class) == MODEL_CELL_NUMBER && class == v) {
            *ret = (float)i;
            return ERR_NONE;
        }
    return model_csv_bad(r->csv, rec->line, r->target, reterr, "\"%.*s\" is no class of the model",
                         (int)MIN(cell.len, 60), cell.ptr);
}

/* An integer that sorts as the double does. */
static int64_t sort_key(double v)
{
    int64_t bits;
    v += 0.0; /* -0 is 0 */
    memcpy(&bits, &v, sizeof bits);
    return bits < 0 ? INT64_MIN - bits : bits;
}

/* Microseconds of a date lie below this, keys of numbers from 1e-77 on above. */
#define DATE_MAX (INT64_C(1) << 60)

void model_time_text(int64_t time, char out[static 40])
{
    if (time != 0 && time > -DATE_MAX && time < DATE_MAX) {
        char text[25];
        clock_format(time, text);
        (void)snprintf(out, 40, "%s", text);
        return;
    }
    int64_t bits = time < 0 ? INT64_MIN - time : time;
    double v;
    memcpy(&v, &bits, sizeof v);
    (void)snprintf(out, 40, "%.15g", v);
}

static ErrKind time_cell(ModelReader *r, const CrmCsvRecord *rec, int64_t *ret, Err *reterr)
{
    Str cell = model_trim(rec->fields[r->time]);
    const char *why;
    double number;
    CrmTime at;
    TimeKind kind = TIME_DATE;
    if (str_to_f64(cell, &number)) {
        *ret = sort_key(number);
        kind = TIME_NUMBER;
    } else if (crm_value_time(cell, STR("iso"), &at, &why) ||
               crm_value_time(cell, STR("YYYY/MM/DD"), &at, &why)) {
        *ret = at.us;
    } else {
        return model_csv_bad(r->csv, rec->line, r->time, reterr,
                             "\"%.*s\" is neither a number nor a date such as 2026-01-31",
                             (int)MIN(cell.len, 60), cell.len ? cell.ptr : "");
    }
    if (r->time_kind != TIME_NONE_YET && r->time_kind != kind)
        return model_csv_bad(r->csv, rec->line, r->time, reterr, "numbers and dates in one column");
    r->time_kind = kind;
    return ERR_NONE;
}

/* ---- rows ---- */

static ErrKind read_row(ModelReader *r, const CrmCsvRecord *rec, float *x, Err *reterr)
{
    for (int i = 0; i < r->s->n_columns; i++) {
        if (r->codes[i].map)
            x[i] = category_cell(&r->codes[i], rec, r->at[i], r->csv->decimal_comma);
        else
            TRY(number_cell(r, rec, r->at[i], &x[i], reterr));
    }
    return ERR_NONE;
}

ErrKind model_reader_next(ModelReader *r, int64_t n, float *x, float *y, int64_t *time, int64_t *ret_n,
                          Err *reterr)
{
    const CrmCsvRecord *rec;
    *ret_n = 0;
    for (int64_t i = 0; i < n; i++) {
        TRY(model_csv_next(r->csv, &rec, reterr));
        if (!rec)
            break;
        if (r->rows_max > 0 && r->csv->n_rows > r->rows_max)
            return err_set(reterr, ERR_LIMIT, "%s has more than %lld rows", r->csv->path,
                           (long long)r->rows_max);
        TRY(read_row(r, rec, x + i * r->s->n_columns, reterr));
        if (y && r->target >= 0)
            TRY(target_cell(r, rec, &y[i], reterr));
        if (time && r->time >= 0)
            TRY(time_cell(r, rec, &time[i], reterr));
        *ret_n = i + 1;
    }
    if (r->csv->n_rows == 0)
        return err_set(reterr, ERR_INVALID, "%s has column names but no rows", r->csv->path);
    return ERR_NONE;
}

int64_t model_reader_unknown(const ModelReader *r)
{
    int64_t n = 0;
    for (int i = 0; i < r->s->n_columns; i++)
        n += r->codes[i].unknown;
    return n;
}

ErrKind model_reader_notes(const ModelReader *r, Buf *out, Err *reterr)
{
    buf_add_str(out, buf_str(&r->notes));
    if (crm_csv_encoding(r->csv->csv) == CRM_ENCODING_WINDOWS_1252)
        buf_addf(out, "%s is not UTF-8 and was read as windows-1252\n", r->csv->path);
    int shown = 0;
    for (int i = 0; i < r->s->n_columns; i++) {
        const Codes *c = &r->codes[i];
        if (c->unknown == 0 || shown++ >= CATEGORY_NOTES_MAX)
            continue;
        buf_addf(out,
                 "column \"%.100s\": %lld cell%s with a category that was not learned, taken as missing; the "
                 "first one "
                 "is \"%s\" in line %lld\n",
                 r->s->columns[i].name, (long long)c->unknown, c->unknown == 1 ? "" : "s", c->first,
                 (long long)c->first_line);
    }
    if (shown > CATEGORY_NOTES_MAX)
        buf_addf(out, "the same in %d more columns\n", shown - CATEGORY_NOTES_MAX);
    return buf_check(out, reterr);
}

/* ---- whole tables ---- */

static ErrKind grow(ModelTable *t, int64_t *cap, bool y, bool time, Err *reterr)
{
    if (*cap - t->n_rows >= BLOCK_ROWS)
        return ERR_NONE;
    *cap = MAX(2 * *cap, BLOCK_ROWS);
    if (*cap > MODEL_CELLS_MAX / t->n_columns)
        *cap = MIN(*cap, t->n_rows + BLOCK_ROWS);
    if (*cap > MODEL_CELLS_MAX / t->n_columns)
        return err_set(reterr, ERR_LIMIT, "more than %lld cells of features", (long long)MODEL_CELLS_MAX);
    t->x = mem_grow(t->x, (size_t)*cap * (size_t)t->n_columns, sizeof *t->x);
    if (y)
        t->y = mem_grow(t->y, (size_t)*cap, sizeof *t->y);
    if (time)
        t->time = mem_grow(t->time, (size_t)*cap, sizeof *t->time);
    return ERR_NONE;
}

ErrKind model_table_read(const char *path, const ModelSchema *s, const ModelRead *read, ModelTable **ret,
                         Err *reterr)
{
    ModelRead limited = *read;
    limited.rows_max = read->rows_max ? read->rows_max : GBT_ROWS_MAX;
    CLEANUP(model_reader_freep) ModelReader *r = NULL;
    TRY(model_reader_open(path, s, &limited, &r, reterr));
    CLEANUP(model_table_freep) ModelTable *t = MEM_NEW(ModelTable);
    t->n_columns = s->n_columns;
    t->notes = BUF(2 * NOTES_MAX);
    int64_t cap = 0, n;
    do {
        TRY(grow(t, &cap, read->target, read->time != NULL, reterr));
        TRY(model_reader_next(r, BLOCK_ROWS, t->x + t->n_rows * t->n_columns, t->y ? t->y + t->n_rows : NULL,
                              t->time ? t->time + t->n_rows : NULL, &n, reterr));
        t->n_rows += n;
    } while (n > 0);
    t->unknown = model_reader_unknown(r);
    TRY(model_reader_notes(r, &t->notes, reterr));
    *ret = t;
    t = NULL;
    return ERR_NONE;
}

void model_table_free(ModelTable *t)
{
    if (!t)
        return;
    mem_free(t->x);
    mem_free(t->y);
    mem_free(t->time);
    buf_done(&t->notes);
    mem_free(t);
}
