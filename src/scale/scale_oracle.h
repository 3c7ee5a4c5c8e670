/* scale_oracle.h - the cheapest schedule that keeps the promise when the whole demand is known.
 *
 * The j-th replica of the fleet is on or off in each step. On costs the step's price, a start costs start-up and draining, off
 * costs lambda for each request that it would have served: the demand between (j-1) and j times the capacity. For one
 * lambda the best on/off sequence of each replica is found exactly by dynamic programming (Bellman 1957), and replicas do not
 * depend on each other; lambda is the least with which the simulated fleet keeps the promise (Lagrangian relaxation,
 * Everett 1963: no schedule that loses as few requests is cheaper, but for the gap between two values of lambda).
 * Failures are not foreseen. Fleets above SCALE_ORACLE_LAYERS are decided in groups of replicas.
 *
 * Threads:  pure. Cost: some ten passes over min(peak, SCALE_ORACLE_LAYERS) * n steps. */
#ifndef EHUB_SCALE_SCALE_ORACLE_H
#define EHUB_SCALE_SCALE_ORACLE_H

#include "scale/scale_sim.h"

#define SCALE_ORACLE_LAYERS 64

/* replicas: int64_t[n], wanted at each step. */
ErrKind MUST_USE scale_oracle(const ScaleWorld *w, int64_t *replicas, Err *reterr);

#endif
