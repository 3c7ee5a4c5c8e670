/* insight_twfe.h - what a regression with unit and time effects would have said of staggered starts, and how much of it is wrong.
 *
 *     panel --insight_twfe--> its coefficient, and the share of comparisons whose controls were treated already
 *
 * The coefficient is a weighted mean of all comparisons of two groups before and after a start; where the control group started
 * earlier, its own growing effect is taken for a trend (Goodman-Bacon 2021). The weights are his equation 10, for a balanced
 * panel with the sizes of these groups. Threads: pure. */
#ifndef EHUB_INSIGHT_INSIGHT_TWFE_H
#define EHUB_INSIGHT_INSIGHT_TWFE_H

#include "insight/insight_panel.h"

typedef struct InsightTwfe {
    StatsEstimate effect;
    double already_treated; /* share of the weights whose controls started before */
} InsightTwfe;

ErrKind MUST_USE insight_twfe(const InsightData *d, const InsightPanel *p, double level, InsightTwfe *ret,
                              Err *reterr);

#endif
