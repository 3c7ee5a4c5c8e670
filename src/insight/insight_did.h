/* insight_did.h - what the two shapes of difference in differences share: a panel of units, and repeated cross-sections.
 *
 *     insight_did.c: insight_did --unit given--> insight_did_panel.c          --no unit--> insight_did_rows.c
 *
 * Private to the method. */
#ifndef EHUB_INSIGHT_INSIGHT_DID_H
#define EHUB_INSIGHT_INSIGHT_DID_H

#include "insight/insight_effect.h"

#define INSIGHT_DID_TIMES_MAX 200 /* that get a column each */

/* Rows of a regression whose column 0 is 1 for treated rows of after the start. */
typedef struct InsightDid {
    int64_t n;
    int k;
    double *x; /* double[n][k] column-major */
    double *y;
    const double *weight; /* double[n] or NULL */
    StatsClusters clusters;
} InsightDid;

/* The rows by group and after. */
typedef struct InsightDidCells {
    double n[2][2], weight[2][2], sum[2][2]; /* sum: of weight times y */
    double *y, *t; /* of the rows of after, for the naive difference; room for all rows */
    int64_t n_after;
} InsightDidCells;
InsightDidCells insight_did_cells(int64_t n_rows);
void insight_did_cells_done(InsightDidCells *c);
void insight_did_count(InsightDidCells *c, int group, int after, double y, double weight);
void insight_did_report(const InsightDidCells *c, const InsightQuestion *q, InsightAnswer *a);

/* Effect with CR2 or HC2 errors, and the wild bootstrap into the diagnostics. Scales x and y where there are weights. */
ErrKind MUST_USE insight_did_fit(InsightDid *r, const InsightQuestion *q, InsightAnswer *a, Err *reterr);

ErrKind MUST_USE insight_did_panel(InsightData *d, const InsightQuestion *q, InsightAnswer *a, Err *reterr);
ErrKind MUST_USE insight_did_rows(InsightData *d, const InsightQuestion *q, InsightAnswer *a, Err *reterr);

#endif
