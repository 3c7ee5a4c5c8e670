/* model_csv.c - column names, rows that fit them, and what a cell says. See model_csv.h. */
#include "model/model_csv.h"

#include "base/mem.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define NUMBER_TEXT_MAX 1100 /* the longest exact decimal of a double has 1,077 characters */

/* ---- cells ---- */

/* Non-breaking blank (U+00A0) and byte order mark (U+FEFF) in UTF-8. */
static size_t wide_blank(const char *p, size_t n)
{
    if (n >= 2 && memcmp(p, "\xC2\xA0", 2) == 0)
        return 2;
    return n >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

Str model_trim(Str cell)
{
    for (;;) {
        cell = str_trim(cell);
        size_t n = wide_blank(cell.ptr, cell.len);
        if (n > 0) {
            cell = str_slice(cell, n, cell.len);
            continue;
        }
        if (cell.len >= 2 && wide_blank(cell.ptr + cell.len - 2, 2))
            cell.len -= 2;
        else
            return cell;
    }
}

static bool is_one_of(Str s, const char *const *words)
{
    for (; *words; words++)
        if (str_eq_nocase(s, str_from(*words)))
            return true;
    return false;
}

/* What str_to_f64 refuses: longer than 64 bytes, or beyond a double. The characters are checked here. */
static bool read_long(Str s, double *ret)
{
    char text[NUMBER_TEXT_MAX + 1], *end;
    if (!str_copy(text, sizeof text, s) || strspn(text, "0123456789+-.eE") != s.len)
        return false;
    *ret = strtod(text, &end);
    return *end == 0 && end != text;
}

static bool read_number(Str s, bool decimal_comma, double *ret)
{
    if (str_to_f64(s, ret))
        return true;
    char first = s.ptr[0];
    if ((first < '0' || first > '9') && !strchr("+-.,", first))
        return false;
    const char *comma = decimal_comma ? memchr(s.ptr, ',', s.len) : NULL;
    if (!comma)
        return read_long(s, ret);
    char text[NUMBER_TEXT_MAX + 1];
    if (memchr(s.ptr, '.', s.len) || !str_copy(text, sizeof text, s))
        return false;
    text[comma - s.ptr] = '.';
    return read_long((Str){text, s.len}, ret);
}

ModelCell model_cell_f64(Str cell, bool decimal_comma, double *ret)
{
    static const char *const MISSING[] = {"nan", "-nan", "na",   "n/a", "#n/a",
                                          "#na", "<na>", "null", "?",   NULL};
    static const char *const MISSING_NUMBER[] = {"none", "nil", "-", ".", NULL};
    static const char *const INFINITE[] = {"inf", "+inf", "-inf", "infinity", "+infinity", "-infinity", NULL};
    *ret = NAN;
    if (cell.len == 0)
        return MODEL_CELL_MISSING;
    double v;
    if (read_number(cell, decimal_comma, &v)) {
        if (isinf(v))
            return MODEL_CELL_INFINITE;
        *ret = v;
        return MODEL_CELL_NUMBER;
    }
    if (cell.len > 10)
        return MODEL_CELL_TEXT;
    bool yes = str_eq_nocase(cell, STR("true"));
    if (yes || str_eq_nocase(cell, STR("false"))) {
        *ret = yes;
        return MODEL_CELL_NUMBER;
    }
    if (is_one_of(cell, MISSING))
        return MODEL_CELL_MISSING;
    if (is_one_of(cell, MISSING_NUMBER))
        return MODEL_CELL_MISSING_NUMBER;
    return is_one_of(cell, INFINITE) ? MODEL_CELL_INFINITE : MODEL_CELL_TEXT;
}

ModelCell model_cell(Str cell, bool decimal_comma, float *ret)
{
    double v;
    ModelCell kind = model_cell_f64(cell, decimal_comma, &v);
    *ret = (float)v;
    if (kind != MODEL_CELL_NUMBER || !isinf(*ret))
        return kind;
    *ret = NAN;
    return MODEL_CELL_INFINITE;
}

/* ---- rows ---- */

ErrKind model_csv_bad(const ModelCsv *c, int64_t line, int column, Err *reterr, const char *fmt, ...)
{
    char text[ERR_MSG_MAX];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (column < 0)
        return err_set(reterr, ERR_INVALID, "%s, line %lld: %s", c->path, (long long)line, text);
    return err_set(reterr, ERR_INVALID, "%s, line %lld, column \"%.100s\": %s", c->path, (long long)line,
                   c->names[column], text);
}

static bool is_ascii(Str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] > 127)
            return false;
    return true;
}

/* The same file again as windows-1252, behind the records that were read. */
static ErrKind reopen_1252(ModelCsv *c, int64_t n_records, Err *reterr)
{
    char delimiter = crm_csv_delimiter(c->csv);
    crm_csv_free(c->csv);
    c->csv = NULL;
    TRY(crm_csv_open(c->path, CRM_ENCODING_WINDOWS_1252, delimiter, &c->csv, reterr));
    const CrmCsvRecord *rec;
    for (int64_t i = 0; i < n_records; i++)
        TRY(crm_csv_next(c->csv, &rec, reterr));
    return ERR_NONE;
}

/* The next record that is neither damaged nor blank; NULL at the end. */
static ErrKind next_record(ModelCsv *c, const CrmCsvRecord **ret, Err *reterr)
{
    for (;;) {
        TRY(crm_csv_next(c->csv, ret, reterr));
        const CrmCsvRecord *rec = *ret;
        if (!rec)
            return ERR_NONE;
        if (rec->fault == CRM_CSV_BAD_UTF8 && c->ascii && crm_csv_encoding(c->csv) == CRM_ENCODING_UTF8) {
            TRY(reopen_1252(c, c->n_records, reterr));
            c->ascii = crm_csv_encoding(c->csv) !=
                       CRM_ENCODING_UTF8; /* a byte order mark says UTF-8: then it is damaged */
            continue;
        }
        c->n_records++;
        if (rec->fault == CRM_CSV_BAD_UTF8)
            return model_csv_bad(c, rec->fault_line, -1, reterr, "byte %lld is not valid UTF-8",
                                 (long long)rec->fault_column);
        if (rec->fault)
            return model_csv_bad(c, rec->fault_line, -1, reterr, "%s (byte %lld)",
                                 crm_csv_fault_text(rec->fault), (long long)rec->fault_column);
        c->ascii = c->ascii && is_ascii(rec->raw);
        if (rec->n_fields == 1 && c->n_names != 1 && model_trim(rec->fields[0]).len == 0)
            continue;
        return ERR_NONE;
    }
}

ErrKind model_csv_next(ModelCsv *c, const CrmCsvRecord **ret, Err *reterr)
{
    TRY(next_record(c, ret, reterr));
    if (!*ret)
        return ERR_NONE;
    if ((*ret)->n_fields != c->n_names)
        return model_csv_bad(c, (*ret)->line, -1, reterr, "%d field%s where the first line has %d",
                             (*ret)->n_fields, (*ret)->n_fields == 1 ? "" : "s", c->n_names);
    c->n_rows++;
    return ERR_NONE;
}

/* ---- names ---- */

static bool is_sep_line(const CrmCsvRecord *rec, char delimiter)
{
    return rec->raw.len == 5 && str_starts(rec->raw, STR("sep=")) && rec->raw.ptr[4] == delimiter;
}

static ErrKind read_names(ModelCsv *c, Err *reterr)
{
    const CrmCsvRecord *rec;
    TRY(next_record(c, &rec, reterr));
    if (rec && is_sep_line(rec, crm_csv_delimiter(c->csv)))
        TRY(next_record(c, &rec, reterr));
    if (!rec)
        return err_set(reterr, ERR_INVALID, "%s is empty: no column names, no rows", c->path);
    c->n_names = rec->n_fields;
    c->names = mem_array((size_t)c->n_names, sizeof *c->names);
    c->twice = mem_array((size_t)c->n_names, sizeof *c->twice);
    c->by_name = strmap_new();
    for (int i = 0; i < c->n_names; i++) {
        Str name = model_trim(rec->fields[i]);
        c->names[i] = mem_zalloc(name.len + 1);
        memcpy(c->names[i], name.ptr, name.len);
        uint32_t first;
        if (name.len > 0 && !strmap_add(c->by_name, name, (uint32_t)i) &&
            strmap_get(c->by_name, name, &first))
            c->twice[first] = c->twice[i] = true;
    }
    return ERR_NONE;
}

ErrKind model_csv_open(const char *path, ModelCsv **ret, Err *reterr)
{
    CLEANUP(model_csv_freep) ModelCsv *c = MEM_NEW(ModelCsv);
    c->path = mem_strdup(path);
    c->ascii = true;
    TRY(crm_csv_open(path, CRM_ENCODING_AUTO, 0, &c->csv, reterr));
    TRY(read_names(c, reterr));
    c->decimal_comma = crm_csv_delimiter(c->csv) == ';';
    *ret = c;
    c = NULL;
    return ERR_NONE;
}

ErrKind model_csv_find(const ModelCsv *c, Str name, int *ret, Err *reterr)
{
    uint32_t i;
    *ret = -1;
    if (name.len == 0 || !strmap_get(c->by_name, name, &i))
        return ERR_NONE;
    if (c->twice[i])
        return err_set(reterr, ERR_INVALID, "%s: several columns are called \"%.200s\"", c->path,
                       c->names[i]);
    *ret = (int)i;
    return ERR_NONE;
}

void model_csv_free(ModelCsv *c)
{
    if (!c)
        return;
    for (int i = 0; i < c->n_names; i++)
        mem_free(c->names[i]);
    mem_free(c->names);
    mem_free(c->twice);
    mem_free(c->path);
    strmap_free(c->by_name);
    crm_csv_free(c->csv);
    mem_free(c);
}
