/* scale_odds.h - how likely the demand goes beyond a level, from what came after like forecasts.
 *
 *     forecast and its spread, what came --scale_odds_keep--> table: shares of the forecast, by its height and by its spread
 *     forecast and its spread of now --scale_odds_ask--> levels, rising, and the chance that more comes
 *
 * Nothing is assumed of the distribution: counts, of demand in relation to what was expected (to half a replica where less was), by
 * the forecast's height in replicas (two slots for each doubling) and by whether its spread is small or large for this load. A slot
 * with few values leans on those of all slots, which weigh as much as SCALE_ODDS_PRIOR of its own. All counts forget.
 *
 * Owner:    scale_odds_free. Threads: one at a time. Memory: 60 kB. Cost: a tenth of a microsecond each. */
#ifndef EHUB_SCALE_SCALE_ODDS_H
#define EHUB_SCALE_SCALE_ODDS_H

#include "base/base.h"

#define SCALE_ODDS_LEVELS 56
#define SCALE_ODDS_PRIOR 20.0
#define SCALE_ODDS_LEAST 30 /* values before there is an answer */

typedef struct ScaleOdds ScaleOdds;

/* capacity: demand that one replica serves; forgets: what is left of a count after one more value, above 0, to 1. */
ScaleOdds *scale_odds_new(double capacity, double forgets);
void scale_odds_free(ScaleOdds *o);
DEFINE_FREEP(ScaleOdds, scale_odds_free)
void scale_odds_keep(ScaleOdds *o, double middle, double spread, double came);
/* level, beyond: double[SCALE_ODDS_LEVELS]. false: too few values yet. */
bool scale_odds_ask(const ScaleOdds *o, double middle, double spread, double *level, double *beyond);

#endif
