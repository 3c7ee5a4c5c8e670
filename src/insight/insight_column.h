/* insight_column.h - named columns of a CSV file, each as numbers or as texts.
 *
 *     names --insight_columns_read--> InsightColumnSet: double[n] (NAN = missing) or int32_t ids of texts (-1 = missing)
 *
 * A column is of numbers when every cell that is not missing is one (model/model_csv.h says what that is); a column may be
 * asked for as texts whatever it holds. The file is read twice: once for the kinds, once for the values.
 * Owner:    insight_columns_free. Threads: one; blocks on the disk.
 * Limits:   INSIGHT_ROWS_MAX rows. Errors: INVALID naming file, line and column. */
#ifndef EHUB_INSIGHT_INSIGHT_COLUMN_H
#define EHUB_INSIGHT_INSIGHT_COLUMN_H

#include "base/err.h"
#include "base/str.h"

#define INSIGHT_ROWS_MAX INT64_C(4000000)

typedef struct InsightColumn {
    char *name;
    bool is_text;
    double *number; /* double[n]; NULL in a column of texts */
    int32_t *id;    /* int32_t[n]; NULL in a column of numbers */
    char **text;    /* char *[n_texts], in the order of their first appearance */
    int32_t n_texts;
    int64_t n_missing;
} InsightColumn;

typedef struct InsightColumnSet {
    int64_t n;
    InsightColumn *column; /* [n_columns], in the order asked for */
    int n_columns;
    int64_t *line; /* int64_t[n]: where each row begins in the file */
} InsightColumnSet;

typedef struct InsightWant {
    const char *name;
    bool as_text;
} InsightWant;

/* The names in the first line, in their order: *ret_n of them, "" where there is none. Free each and the array. */
ErrKind MUST_USE insight_column_names(const char *path, char ***ret, int *ret_n, Err *reterr);
ErrKind MUST_USE insight_columns_read(const char *path, const InsightWant *want, int n_want,
                                      InsightColumnSet **ret, Err *reterr);
void insight_columns_free(InsightColumnSet *s);
DEFINE_FREEP(InsightColumnSet, insight_columns_free)

#endif
