/* model_target.h - learns the columns of training data and chooses the objective. Private to src/model.
 *
 * The rules stand in model_train.h. Errors: INVALID naming column and objective when they do not fit. */
#ifndef EHUB_MODEL_MODEL_TARGET_H
#define EHUB_MODEL_MODEL_TARGET_H

#include "model/model_train.h"

typedef struct ModelTarget {
    ModelSchema *schema;
    ModelTable *table; /* rows with a target only */
    int64_t test_from; /* rows from here on come from the file for judging; n_rows without one */
    int64_t dropped;   /* rows without a target */
    char objective[64];
    int num_class;     /* of multi:*, else 0 */
    int32_t *class_of; /* int32_t[n_rows], or NULL: a number is predicted */
    int n_classes;
} ModelTarget;

ErrKind MUST_USE model_target_read(const ModelTrainConf *c, ModelTarget *ret, Buf *notes, Err *reterr);
void model_target_done(ModelTarget *t);

/* float[n_rows] for --class-weight, or NULL in *ret when there is none. */
ErrKind MUST_USE model_target_weights(const ModelTrainConf *c, const ModelTarget *t, float **ret,
                                      Err *reterr);

#endif
