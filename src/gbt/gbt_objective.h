/* gbt_objective.h - what each XGBoost objective does to a margin and to base_score: one table. Private to src/gbt. */
#ifndef EHUB_GBT_GBT_OBJECTIVE_H
#define EHUB_GBT_GBT_OBJECTIVE_H

#include "base/str.h"

typedef enum GbtLink {
    GBT_LINK_IDENTITY,
    GBT_LINK_LOGISTIC,
    GBT_LINK_EXP,
} GbtLink;

typedef struct GbtObjective {
    const char *name; /* as in the model file */
    GbtLink link;     /* margin -> value */
    GbtLink base;     /* base_score in the file is link(margin): how to get the margin back */
} GbtObjective;

const GbtObjective *gbt_objective_find(Str name); /* NULL: unknown */

#endif
