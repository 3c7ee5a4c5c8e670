/* insight_data.h - the rows of a question about an effect: outcome, treatment, and what is held equal.
 *
 *     CSV + InsightColumns --insight_data_read--> InsightData: y, t, x (numbers, categories as indicators), unit, time ...
 *
 * Rows without outcome or treatment (or another role that is asked for) are left out and counted. Covariates: a number stays
 * one; a text becomes an indicator for each category but the most frequent; a missing value becomes the column's median with
 * an indicator beside it (Rubin, Rosenbaum 1984), so that no row is lost. Constant columns are left out with a note. With
 * "all", columns that cannot be held equal are left out with a note too: row numbers, texts that differ in nearly every row.
 * Times are numbers, before and after, months (2024-05, 2024Q2) or dates, one kind a column; "first treated" may say never by 0,
 * a negative number where no row is treated, "never", "inf" or nothing; of a date where times are months it is the month.
 * What a missing cell and a number look like: model/model_csv.h.
 * Owner:    insight_data_free. Threads: one; blocks on the disk.
 * Limits:   INSIGHT_ROWS_MAX rows, INSIGHT_CELLS_MAX cells after categories became indicators; past them ERR_LIMIT.
 * Errors:   INVALID naming file, line and column: no such column, a treatment with other than two values, a text where a
 *           number must stand, no rows left. */
#ifndef EHUB_INSIGHT_INSIGHT_DATA_H
#define EHUB_INSIGHT_INSIGHT_DATA_H

#include "base/buf.h"
#include "insight/insight_column.h"
#include "stats/stats_ols.h"

#define INSIGHT_CELLS_MAX (INT64_C(1) << 27)
#define INSIGHT_CATEGORIES_MAX 100 /* indicators of one text column; rarer categories are one together */
#define INSIGHT_LIST_MAX 512

/* Which column plays which role; NULL: none does. */
typedef struct InsightColumns {
    const char *outcome, *treatment;
    const char *treated; /* the value of treatment that is the treated one; NULL: see ModelTargetKind TWO */
    const char
        *control; /* only rows with this value are controls, others are left out; NULL: all others are */
    const char *covariates[INSIGHT_LIST_MAX]; /* n_covariates names */
    int n_covariates;                         /* -1: all columns that have no other role */
    const char *pre[INSIGHT_LIST_MAX];        /* outcomes of before the treatment; numbers */
    int n_pre;
    const char *unit, *time, *first_treated, *cluster, *stratum;
    const char *event;      /* of survival: 1 the event was seen, 0 censored (or 2 and 1) */
    const char *weight;     /* of the row: positive */
    const char *entry;      /* of survival: the row is watched from then on */
    const char *tier;       /* effects are told for each of its values; it may be a covariate too */
    const char *propensity; /* a number: the chance of treatment, where it is known */
    const char *exposure;   /* a number: for how long, or how much, the row could have an outcome */
} InsightColumns;

/* Ids of a column's distinct values, in the order of their first appearance. */
typedef struct InsightIds {
    int32_t *id; /* int32_t[n], NULL: no such column */
    int32_t n;
    char **name; /* char *[n] */
} InsightIds;

typedef enum InsightTime { INSIGHT_TIME_NUMBER, INSIGHT_TIME_MONTH, INSIGHT_TIME_DATE } InsightTime;

typedef struct InsightData {
    int64_t n;
    double *y;
    double *t; /* 0 or 1 */
    char *treated_name, *control_name;
    int n_x;
    double *x;        /* double[n][n_x] column-major */
    char **x_name;    /* char *[n_x]: "age", "race=black", "income missing" */
    int *x_column;    /* int[n_x]: index of the covariate that it came from */
    int n_covariates; /* before they became indicators */
    char **covariate_name;
    int n_pre;
    double *pre;  /* double[n][n_pre] column-major, NAN: missing */
    double *time; /* double[n], NULL: none; a date is days since 1970, "2024-05" a month's number */
    InsightTime time_kind;
    double *first_treated; /* double[n], as time; INFINITY: never, NULL: none */
    double *event;         /* double[n], 0 or 1; NULL: none */
    double *entry;         /* double[n]; NULL: none */
    double *weight;        /* double[n], positive; NULL: none */
    int64_t *line;         /* int64_t[n]: where the row begins in the file; NULL: it is from none */
    double *propensity;    /* double[n], in (0, 1); NULL: not known */
    double *exposure;      /* double[n]; NULL: 1 */
    InsightIds unit, cluster, stratum, tier;
    int64_t n_left_out;
    Buf warnings; /* one line each */
} InsightData;

ErrKind MUST_USE insight_data_read(const char *path, const InsightColumns *c, InsightData **ret, Err *reterr);
void insight_data_free(InsightData *d);
DEFINE_FREEP(InsightData, insight_data_free)

void insight_warn(InsightData *d, const char *fmt, ...) PRINTF_LIKE(2, 3);
int64_t insight_n_treated(const InsightData *d);
/* Clusters that hold controls, and that hold treated; a cluster may be both. */
void insight_cluster_sides(const InsightData *d, int32_t ret[static 2]);
/* Where the row stands in its file, or which row it is. */
static inline int64_t insight_line(const InsightData *d, int64_t i)
{
    return d->line ? d->line[i] : i + 1;
}
/* The same known chance of treatment for every row; NAN: leaves it as it is. */
void insight_data_chance(InsightData *d, double chance);

/* A time as the file has it: 2007, 2024-05, 2024-05-17. */
#define INSIGHT_TIME_TEXT 32
const char *insight_time_text(const InsightData *d, double time, char out[static INSIGHT_TIME_TEXT]);

#endif
