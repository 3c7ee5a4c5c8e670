/* gbt_objective.c - see gbt_objective.h. */
#include "gbt/gbt_objective.h"

#include "gbt/gbt_impl.h"

#include <math.h>

static const GbtObjective TABLE[] = {
    {"binary:logistic", GBT_LINK_LOGISTIC, GBT_LINK_LOGISTIC},
    {"reg:logistic", GBT_LINK_LOGISTIC, GBT_LINK_LOGISTIC},
    {"reg:squarederror", GBT_LINK_IDENTITY, GBT_LINK_IDENTITY},
    {"count:poisson", GBT_LINK_EXP, GBT_LINK_EXP},
};

const GbtObjective *gbt_objective_find(Str name)
{
    for (size_t i = 0; i < ARRAY_LEN(TABLE); i++)
        if (str_eq_c(name, TABLE[i].name))
            return &TABLE[i];
    return NULL;
}

void gbt_link(const GbtModel *m, const float *margins, float *out)
{
    for (int g = 0; g < m->n_groups; g++)
        switch (m->objective->link) {
        case GBT_LINK_IDENTITY: out[g] = margins[g]; break;
        case GBT_LINK_LOGISTIC: out[g] = 1.0f / (1.0f + expf(-margins[g])); break;
        case GBT_LINK_EXP: out[g] = expf(margins[g]); break;
        }
}

int gbt_n_outputs(const GbtModel *m)
{
    return m->n_groups;
}
