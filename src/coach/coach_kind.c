/* coach_kind.c - the names of the two kinds of prediction. */
#include "coach/coach_model.h"

static const struct {
    const char *name, *objective;
} KINDS[COACH_N_KINDS] = {
    [COACH_GOAL] = {"goal", "binary:logistic"},
    [COACH_CLOSINGS] = {"closings", "count:poisson"},
};

const char *coach_kind_name(CoachKind k)
{
    return KINDS[k].name;
}

const char *coach_kind_objective(CoachKind k)
{
    return KINDS[k].objective;
}

bool coach_kind_parse(Str s, CoachKind *ret)
{
    for (CoachKind k = 0; k < COACH_N_KINDS; k++) {
        if (str_eq_c(s, KINDS[k].name)) {
            *ret = k;
            return true;
        }
    }
    return false;
}
