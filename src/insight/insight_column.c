/* insight_column.c - see insight_column.h. */
#include "insight/insight_column.h"

#include "base/mem.h"
#include "model/model_csv.h"

#include <math.h>

typedef struct Reading {
    ModelCsv *csv;
    const InsightWant *want;
    InsightColumnSet *set;
    int *at;       /* int[n_columns]: the file's column */
    StrMap **maps; /* of the columns of texts */
    int64_t cap;
} Reading;

static ErrKind find_columns(Reading *r, Err *reterr)
{
    for (int c = 0; c < r->set->n_columns; c++) {
        TRY(model_csv_find(r->csv, str_from(r->want[c].name), &r->at[c], reterr));
        if (r->at[c] < 0)
            return err_set(reterr, ERR_INVALID, "%s has no column \"%.200s\"", r->csv->path, r->want[c].name);
    }
    return ERR_NONE;
}

static ErrKind find_kinds(Reading *r, Err *reterr)
{
    const CrmCsvRecord *rec;
    for (;;) {
        TRY(model_csv_next(r->csv, &rec, reterr));
        if (!rec)
            return ERR_NONE;
        for (int c = 0; c < r->set->n_columns; c++) {
            InsightColumn *col = &r->set->column[c];
            double v;
            if (!col->is_text)
                col->is_text = model_cell_f64(model_trim(rec->fields[r->at[c]]), r->csv->decimal_comma, &v) ==
                               MODEL_CELL_TEXT;
        }
    }
}

static void grow(Reading *r)
{
    r->cap = r->cap ? r->cap * 2 : 1024;
    r->set->line = mem_grow(r->set->line, (size_t)r->cap, sizeof *r->set->line);
    for (int c = 0; c < r->set->n_columns; c++) {
        InsightColumn *col = &r->set->column[c];
        if (col->is_text)
            col->id = mem_grow(col->id, (size_t)r->cap, sizeof *col->id);
        else
            col->number = mem_grow(col->number, (size_t)r->cap, sizeof *col->number);
    }
}

static int32_t text_id(InsightColumn *col, StrMap *map, Str cell)
{
    uint32_t id;
    if (strmap_get(map, cell, &id))
        return (int32_t)id;
    id = (uint32_t)col->n_texts++;
    strmap_add(map, cell, id);
    if ((id & (id - 1)) == 0) /* at 0, 1, 2, 4 ...: room for twice as many */
        col->text = mem_grow(col->text, id ? 2 * (size_t)id : 1, sizeof *col->text);
    col->text[id] = mem_zalloc(cell.len + 1);
    memcpy(col->text[id], cell.ptr, cell.len);
    return (int32_t)id;
}

static ErrKind take_cell(Reading *r, int c, const CrmCsvRecord *rec, Err *reterr)
{
    InsightColumn *col = &r->set->column[c];
    Str cell = model_trim(rec->fields[r->at[c]]);
    int64_t i = r->set->n;
    double v;
    ModelCell kind = model_cell_f64(cell, r->csv->decimal_comma, &v);
    if (kind == MODEL_CELL_INFINITE && !col->is_text)
        return model_csv_bad(r->csv, rec->line, r->at[c], reterr, "\"%.*s\" is no finite number",
                             (int)MIN(cell.len, 60), cell.ptr);
    bool missing = kind == MODEL_CELL_MISSING || (kind == MODEL_CELL_MISSING_NUMBER && !col->is_text);
    col->n_missing += missing;
    if (col->is_text)
        col->id[i] = missing ? -1 : text_id(col, r->maps[c], cell);
    else
        col->number[i] = v;
    return ERR_NONE;
}

static ErrKind read_rows(Reading *r, Err *reterr)
{
    const CrmCsvRecord *rec;
    for (;; r->set->n++) {
        TRY(model_csv_next(r->csv, &rec, reterr));
        if (!rec)
            return ERR_NONE;
        if (r->set->n == INSIGHT_ROWS_MAX)
            return err_set(reterr, ERR_LIMIT, "%s has more than %lld rows", r->csv->path,
                           (long long)INSIGHT_ROWS_MAX);
        if (r->set->n == r->cap)
            grow(r);
        r->set->line[r->set->n] = rec->line;
        for (int c = 0; c < r->set->n_columns; c++)
            TRY(take_cell(r, c, rec, reterr));
    }
}

static ErrKind read_twice(Reading *r, const char *path, Err *reterr)
{
    TRY(model_csv_open(path, &r->csv, reterr));
    TRY(find_columns(r, reterr));
    TRY(find_kinds(r, reterr));
    model_csv_free(r->csv);
    r->csv = NULL;
    TRY(model_csv_open(path, &r->csv, reterr));
    TRY(find_columns(r, reterr));
    for (int c = 0; c < r->set->n_columns; c++)
        if (r->set->column[c].is_text)
            r->maps[c] = strmap_new();
    return read_rows(r, reterr);
}

ErrKind insight_columns_read(const char *path, const InsightWant *want, int n_want, InsightColumnSet **ret,
                             Err *reterr)
{
    *ret = NULL;
    CLEANUP(insight_columns_freep) InsightColumnSet *set = MEM_NEW(InsightColumnSet);
    set->column = mem_array((size_t)MAX(n_want, 1), sizeof *set->column);
    set->n_columns = n_want;
    for (int c = 0; c < n_want; c++) {
        set->column[c].name = mem_strdup(want[c].name);
        set->column[c].is_text = want[c].as_text;
    }
    Reading r = {.want = want, .set = set};
    r.at = mem_array((size_t)MAX(n_want, 1), sizeof *r.at);
    r.maps = mem_array((size_t)MAX(n_want, 1), sizeof *r.maps);
    ErrKind kind = read_twice(&r, path, reterr);
    model_csv_free(r.csv);
    for (int c = 0; c < n_want; c++)
        strmap_free(r.maps[c]);
    mem_free(r.maps);
    mem_free(r.at);
    if (kind == ERR_NONE && set->n == 0)
        kind = err_set(reterr, ERR_INVALID, "%s has no rows", path);
    if (kind != ERR_NONE)
        return kind;
    *ret = set;
    set = NULL;
    return ERR_NONE;
}

ErrKind insight_column_names(const char *path, char ***ret, int *ret_n, Err *reterr)
{
    CLEANUP(model_csv_freep) ModelCsv *csv = NULL;
    *ret = NULL;
    *ret_n = 0;
    TRY(model_csv_open(path, &csv, reterr));
    *ret = mem_array((size_t)csv->n_names, sizeof **ret);
    *ret_n = csv->n_names;
    for (int i = 0; i < csv->n_names; i++)
        (*ret)[i] = mem_strdup(csv->names[i]);
    return ERR_NONE;
}

void insight_columns_free(InsightColumnSet *s)
{
    if (!s)
        return;
    for (int c = 0; c < s->n_columns; c++) {
        InsightColumn *col = &s->column[c];
        for (int32_t i = 0; i < col->n_texts; i++)
            mem_free(col->text[i]);
        mem_free(col->text);
        mem_free(col->id);
        mem_free(col->number);
        mem_free(col->name);
    }
    mem_free(s->column);
    mem_free(s->line);
    mem_free(s);
}
