/* gbt_objective.h - what each XGBoost objective does to a margin and to base_score: one table. Private to src/gbt.
 *
 * Verified value by value against libxgboost 1.2.1, 1.7.4, 3.0.0 and 3.3.0 (tests/unit/gbt/models). */
#ifndef EHUB_GBT_GBT_OBJECTIVE_H
#define EHUB_GBT_GBT_OBJECTIVE_H

#include "base/str.h"

typedef enum GbtLink {
    GBT_LINK_IDENTITY,
    GBT_LINK_LOGISTIC,
    GBT_LINK_EXP,
    GBT_LINK_EXP_DOUBLE, /* the same, computed in double */
    GBT_LINK_STEP,       /* 1 above 0, else 0 */
    GBT_LINK_SOFTMAX,    /* all groups together: one probability each */
    GBT_LINK_ARGMAX,     /* all groups together: the index of the largest, the first of equals */
} GbtLink;

typedef struct GbtObjective {
    const char *name; /* as in the model file */
    GbtLink link;     /* margin -> value */
    GbtLink base;     /* base_score in the file is link(margin): how to get the margin back */
} GbtObjective;

const GbtObjective *gbt_objective_find(Str name); /* NULL: unknown */

/* What changed with the version that wrote the file. */
typedef struct GbtBaseRule {
    bool clip; /* keep a probability 1e-6 away from 0 and 1: since base_score is a vector */
    bool
        raw_prob; /* base_score of binary:logitraw is a probability: before 1.3.1; since then it is a margin */
} GbtBaseRule;
/* base_score as the file has it, to a margin; in float, as XGBoost. Not finite: it does not fit the objective. */
float gbt_objective_margin(const GbtObjective *o, float base_score, GbtBaseRule rule);

#endif
