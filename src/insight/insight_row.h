/* insight_row.h - one row of the store out of an answer, or out of a refusal.
 *
 * Private to the update. Texts of the row live in the arena. */
#ifndef EHUB_INSIGHT_INSIGHT_ROW_H
#define EHUB_INSIGHT_INSIGHT_ROW_H

#include "base/arena.h"
#include "insight/insight_history.h"

/* A row of this question without figures. */
InsightStored insight_row_begin(InsightScope scope, Str name, InsightMetric outcome, int tier);

/* Of the history. note (NULL: none) is one more warning. Errors: what is no refusal. */
ErrKind MUST_USE insight_row_history(const InsightHistory *h, const InsightAsk *ask, const char *note,
                                     Arena *arena, Deadline by, InsightStored *row, Err *reterr);
/* Of an experiment's status (of a third: row->tier). What it cannot give becomes a refusal. */
ErrKind MUST_USE insight_row_experiment(const InsightExperiment *e, InsightStatus *st, Arena *arena,
                                        InsightStored *row, Err *reterr);
/* Why a status gives no row; NULL: it does. */
const char *insight_row_unfit(const InsightStatus *st);

#endif
