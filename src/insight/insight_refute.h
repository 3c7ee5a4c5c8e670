/* insight_refute.h - the same method asked questions whose answer is known: does it answer them?
 *
 *     data --made false in one respect--> the method again --> "placebo_treatment": 0 expected, ...
 *
 * Treatment drawn anew, outcome drawn anew: no effect is there to be found. A covariate of noise, four fifths of the rows: the
 * answer should stay where it was (Sharma, Kiciman 2020). A failure says that something is wrong with data or method; that
 * none failed does not say that nobody unmeasured decided who was treated.
 * Cost: four times the method. Only of methods that hold covariates equal (INSIGHT_NEEDS_COVARIATES). */
#ifndef EHUB_INSIGHT_INSIGHT_REFUTE_H
#define EHUB_INSIGHT_INSIGHT_REFUTE_H

#include "insight/insight_effect.h"

/* Member "refutation": an array; a warning for each that fails. `a` holds the method's answer. */
ErrKind MUST_USE insight_refute(const InsightData *d, const InsightMethod *m, const InsightQuestion *q,
                                InsightAnswer *a, Err *reterr);

#endif
