/* model_table.h - a CSV file as the rows of a model: columns matched by name, texts as categories.
 *
 *     CSV --model_schema_learn--> ModelSchema (names, kinds, categories, target)     when training
 *     CSV + ModelSchema --model_table_read--> ModelTable: float rows, targets, times
 *                       --model_reader_next--> the same in blocks, in flat memory
 *
 * A column is numeric when every value that is not missing is a number, else its distinct texts are categories in the order
 * of their first appearance (code 0, 1 ...; later texts that were not learned are missing). What a missing cell and a
 * number look like, and what dirty files may do: model_csv.h. The texts of a category column are trimmed of blanks.
 * Columns without a name are never features (spreadsheets and pandas write row numbers so).
 * Owner:    model_*_free. Threads: one; blocks on the disk.
 * Limits:   GBT_FEATURES_MAX features, GBT_ROWS_MAX rows, MODEL_CATEGORIES_MAX categories a column, MODEL_CELLS_MAX cells a
 *           table; past them ERR_LIMIT.
 * Errors:   INVALID naming file, line and column: a damaged record, a text or an infinite number where the schema has a
 *           number, a missing column by its name, a name that several columns have, no rows. */
#ifndef EHUB_MODEL_MODEL_TABLE_H
#define EHUB_MODEL_MODEL_TABLE_H

#include "base/buf.h"
#include "base/jv.h"
#include "base/jw.h"
#include "gbt/gbt.h"

#define MODEL_CATEGORIES_MAX 10000
#define MODEL_NAME_MAX 255
#define MODEL_CELLS_MAX (INT64_C(1) << 30) /* 4 GiB */

typedef struct ModelColumn {
    char *name;
    bool category;
    char **categories; /* [n_categories], the code is the index */
    int n_categories;
} ModelColumn;

typedef enum ModelTargetKind {
    MODEL_TARGET_NONE,
    MODEL_TARGET_NUMBER,
    MODEL_TARGET_TWO, /* two texts: the one that is 1 is classes[1] (yes/true/1/won ... or the later in the alphabet) */
    MODEL_TARGET_CLASSES, /* more than two texts or a multi-class objective: code = index */
} ModelTargetKind;

typedef struct ModelSchema {
    ModelColumn *columns; /* [n_columns], the features in the model's order */
    int n_columns;
    bool unnamed; /* the model does not name its features: they are called f0, f1 ... here */
    char *target; /* name, or NULL */
    ModelTargetKind target_kind;
    char **classes; /* [n_classes], of TWO and CLASSES */
    int n_classes;
} ModelSchema;

typedef struct ModelLearn {
    const char *target;        /* NULL: none */
    const char *time;          /* a column that orders the rows and is no feature; NULL: none */
    const char *const *ignore; /* columns that are no features, NULL-terminated; or NULL */
    bool classes;              /* the target is a class even when its values are numbers */
} ModelLearn;

ErrKind MUST_USE model_schema_learn(const char *path, const ModelLearn *learn, ModelSchema **ret,
                                    Err *reterr);
/* The features of an XGBoost model without a bundle: all numbers; those of type "c" hold the codes of categories. A model
 * that does not name its features takes the columns f0, f1 ...; a file that has none of these is taken by position when it
 * has exactly as many columns as the model has features, not counting target and time. */
ErrKind MUST_USE model_schema_of_gbt(const GbtModel *m, ModelSchema **ret, Err *reterr);
ErrKind MUST_USE model_schema_parse(const Jv *json, ModelSchema **ret, Err *reterr);
void model_schema_write(Jw *w, const ModelSchema *s); /* one object */
void model_schema_free(ModelSchema *s);
DEFINE_FREEP(ModelSchema, model_schema_free)

typedef struct ModelTable {
    int64_t n_rows;
    int n_columns;
    float *x;        /* float[n_rows][n_columns], NaN = missing */
    float *y;        /* float[n_rows], or NULL without a target; a row whose target is empty has NaN */
    int64_t *time;   /* int64_t[n_rows] that sort as the time column does, or NULL */
    Buf notes;       /* one line each: columns passed over, categories not known ... */
    int64_t unknown; /* cells with a category that was not learned */
} ModelTable;

typedef struct ModelRead {
    bool target; /* read it: a file without it is an error */
    const char
        *time; /* numbers, or dates and times as ISO 8601 writes them; no cell may be empty. NULL: none */
    int64_t rows_max; /* 0: GBT_ROWS_MAX */
} ModelRead;

ErrKind MUST_USE model_table_read(const char *path, const ModelSchema *s, const ModelRead *read,
                                  ModelTable **ret, Err *reterr);
/* A time as it stands in ModelTable: a date, or a number. */
void model_time_text(int64_t time, char out[static 40]);
void model_table_free(ModelTable *t);
DEFINE_FREEP(ModelTable, model_table_free)

/* A file of any length in blocks: rows_max of ModelRead does not count here unless it is given. */
typedef struct ModelReader ModelReader;
ErrKind MUST_USE model_reader_open(const char *path, const ModelSchema *s, const ModelRead *read,
                                   ModelReader **ret, Err *reterr);
/* Up to n rows: x float[n][n_columns]; y float[n] and time int64_t[n] are filled when ModelRead asked for them and may
 * else be NULL. *ret_n 0: the end. */
ErrKind MUST_USE model_reader_next(ModelReader *r, int64_t n, float *x, float *y, int64_t *time,
                                   int64_t *ret_n, Err *reterr);
/* What was passed over, a line each: of columns after opening, of categories after the end too. */
ErrKind MUST_USE model_reader_notes(const ModelReader *r, Buf *out, Err *reterr);
int64_t model_reader_unknown(const ModelReader *r); /* cells with a category that was not learned */
void model_reader_free(ModelReader *r);
DEFINE_FREEP(ModelReader, model_reader_free)

#endif
