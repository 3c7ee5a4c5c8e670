/* model_csv.h - a CSV file with column names: every row has as many fields as there are names. For model and insight.
 *
 *     crm_csv records --model_csv_next--> rows --model_cell--> number | missing | text
 *
 * On top of crm_csv: a first line "sep=;" (spreadsheets write it) is passed over; names and cells are trimmed of blanks,
 * also non-breaking ones; a file that is not UTF-8 is read as windows-1252 when no letter beyond ASCII came before the
 * first bad one; a row of nothing but blanks is passed over where there are several columns.
 * Missing:  an empty cell, and in any case of letters: nan -nan na n/a #n/a #na <na> null ?; in columns of numbers also
 *           none nil - and a dot alone (they may be categories, so a column of texts keeps them).
 * Numbers:  decimal, with sign and exponent: "12", "-0.5", "+1e-3", ".5"; true and false (any case) are 1 and 0. In files
 *           with semicolons "0,5" is 0.5. Read as double, correctly rounded, then rounded to float: the two steps of
 *           pandas and XGBoost's Python package. Infinities and what is beyond float are errors, as in XGBoost.
 * Threads:  one; blocks on the disk.
 * Errors:   INVALID naming file and line: damaged record, another number of fields than names, empty file. */
#ifndef EHUB_MODEL_MODEL_CSV_H
#define EHUB_MODEL_MODEL_CSV_H

#include "base/strmap.h"
#include "crm/crm_csv.h"

typedef struct ModelCsv {
    CrmCsv *csv;
    char *path;
    char **names; /* [n_names], "" where the file has none */
    int n_names;
    int64_t n_rows;    /* given so far */
    int64_t n_records; /* read so far, with names and blank rows */
    bool ascii;        /* no byte above 127 so far */
    bool decimal_comma;
    StrMap *by_name; /* index in names of the first one */
    bool *twice;     /* bool[n_names]: the name stands there more than once */
} ModelCsv;

ErrKind MUST_USE model_csv_open(const char *path, ModelCsv **ret, Err *reterr);
void model_csv_free(ModelCsv *c);
DEFINE_FREEP(ModelCsv, model_csv_free)

/* *ret is NULL at the end; n_fields is always n_names. */
ErrKind MUST_USE model_csv_next(ModelCsv *c, const CrmCsvRecord **ret, Err *reterr);

/* The column of that name, -1 when there is none. INVALID when several have it. */
ErrKind MUST_USE model_csv_find(const ModelCsv *c, Str name, int *ret, Err *reterr);

typedef enum ModelCell {
    MODEL_CELL_NUMBER,
    MODEL_CELL_MISSING,
    MODEL_CELL_MISSING_NUMBER, /* missing in a column of numbers, a text in one of texts */
    MODEL_CELL_TEXT,
    MODEL_CELL_INFINITE,
} ModelCell;

Str model_trim(Str cell);
/* cell: trimmed. *ret is NaN unless it is a number. */
ModelCell model_cell(Str cell, bool decimal_comma, float *ret);
ModelCell model_cell_f64(Str cell, bool decimal_comma, double *ret); /* not rounded to float */

/* "FILE, line 7, column \"x\": " in front of the message. */
ErrKind model_csv_bad(const ModelCsv *c, int64_t line, int column, Err *reterr, const char *fmt, ...)
    PRINTF_LIKE(5, 6);

#endif
