/* insight_roi_table.h - a plan of returns from values given for all lines and, if there is one, a table of lines.
 *
 *     InsightRoiGiven + CSV (a row an office, programme or coach, and a month) --insight_roi_table--> InsightRoiPlan
 *
 * A table may have the columns agents, months, those of INSIGHT_ROI_ROLES, each with its standard error in <column>_se, and
 * month (2024-05 or a date). What it has not comes from the values given for all, which all lines then share; so do lines
 * with the same unsure figure (mean and standard error): it is taken for one estimate. Rows with the
 * same value in the column `by` are one group. Fiscal years are named by the calendar year in which they end.
 * Owner: insight_roi_table_free. Threads: one; blocks on the disk.
 * Errors:   INVALID naming file and column or line. */
#ifndef EHUB_INSIGHT_INSIGHT_ROI_TABLE_H
#define EHUB_INSIGHT_INSIGHT_ROI_TABLE_H

#include "insight/insight_roi.h"

typedef struct InsightRoiGiven {
    InsightRoiInput input[INSIGHT_ROI_N_ROLES]; /* by role */
    bool has[INSIGHT_ROI_N_ROLES];
    double agents, months; /* NAN: not given, 1 */
    int fiscal_start;      /* the month in which the fiscal year begins: 1 .. 12 */
    int from_month;        /* the first month, year * 12 + month - 1; -1: not known, no periods */
    bool totals;           /* hours and licence are of all agents and months together */
} InsightRoiGiven;

typedef struct InsightRoiTable {
    InsightRoiPlan plan; /* level and seed are the caller's to fill */
    InsightRoiInput *input;
    InsightRoiLine *line;
    char **group, **period;
} InsightRoiTable;

/* path NULL: one line. by: the column that groups rows; NULL: the first text column's name office, programme, coach, name
 * that the table has, else all rows are one group. */
ErrKind MUST_USE insight_roi_table(const InsightRoiGiven *g, const char *path, const char *by,
                                   InsightRoiTable **ret, Err *reterr);
void insight_roi_table_free(InsightRoiTable *t);
DEFINE_FREEP(InsightRoiTable, insight_roi_table_free)

#endif
