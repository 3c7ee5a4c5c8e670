/* gbt_constraint.h - monotone and interaction constraints: names of features to what libxgboost reads. Private to src/gbt.
 *
 * Threads: pure. Errors: INVALID naming the parameter and the feature. */
#ifndef EHUB_GBT_GBT_CONSTRAINT_H
#define EHUB_GBT_GBT_CONSTRAINT_H

#include "gbt/gbt_train.h"

/* "(1,0,-1)", one number for each feature, or nothing. */
ErrKind MUST_USE gbt_constraint_monotone(const GbtParams *p, const GbtMatrix *m, Buf *out, Err *reterr);
/* "[[0,1],[2]]", or nothing. */
ErrKind MUST_USE gbt_constraint_interactions(const GbtParams *p, const GbtMatrix *m, Buf *out, Err *reterr);

#endif
