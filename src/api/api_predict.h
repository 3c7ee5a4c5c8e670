/* api_predict.h - handlers of predictions: the stored one (one round trip) and a new one; and pieces for other answers. */
#ifndef EHUB_API_API_PREDICT_H
#define EHUB_API_API_PREDICT_H

#include "api/api.h"
#include "coach/coach_predict.h"

ApiHandler api_predict_get, api_predict_now;

extern const PgStmt API_PREDICT_GET; /* of GET .../performance; bench/api runs it beside the server */

/* The prediction of a row (COACH_PREDICTION_COLUMNS from column `col`), with its model's version. false: there is none. */
bool api_predict_row(const ApiTenant *t, const PgResult *r, int row, int col, CoachPrediction *ret);
/* The feature that lowers the prediction most and that somebody can act on; else the strongest one. -1: none. */
int api_predict_why(const CoachPrediction *p);
void api_predict_text(Buf *out, const CoachPrediction *p, int feature);

#endif
