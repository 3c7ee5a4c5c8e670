/* model_importance.h - how much worse does a model get when one column is shuffled?
 *
 *     rows with column f permuted --model_judge_outputs--> losses - losses of the true rows --mean--> ModelPermutation
 *
 * Permutation importance (Breiman 2001; Fisher, Rudin, Dominici 2019) in the unit of the model's first score: log loss,
 * deviance, and for numbers the squared error. It tells what the model leans on; of columns that say the same, each may
 * look unimportant. Mean over the repeats; the interval is a bootstrap of the rows.
 * Threads:  pure. Cost: features * repeats * rows predictions. The same seed gives the same figures. */
#ifndef EHUB_MODEL_MODEL_IMPORTANCE_H
#define EHUB_MODEL_MODEL_IMPORTANCE_H

#include "model/model_judge.h"

#define MODEL_IMPORTANCE_REPEATS 5
#define MODEL_IMPORTANCE_ROWS 20000 /* of more rows so many are drawn */

typedef struct ModelPermutation {
    int feature;
    StatsInterval increase; /* of the mean loss */
} ModelPermutation;

/* x float[n][features], y double[n] that model_judge has accepted. out[features], the largest increase first. rounds: of
 * the bootstrap. Gives the number of rows that were used. */
int64_t model_importance(const ModelBundle *b, ModelTask task, const float *x, const double *y, int64_t n,
                         int repeats, int rounds, uint64_t seed, ModelPermutation *out);
void model_importance_json(Jw *w, const ModelBundle *b, const ModelPermutation *of); /* one array */
void model_importance_print(Buf *out, const ModelBundle *b, const ModelPermutation *of, int most);

#endif
