/* scale_choice.h - candidates for the replicas of a step, followed in thought, and which of them to take. Private to src/scale.
 *
 *     forecast --scale_choice_offer--> candidates for the step that an order of now reaches
 *     what came --scale_choice_follow--> what each would have cost and violated in the last three weeks
 *               --scale_choice_make--> the one to take from now on
 *
 * Which candidates there are, and the rule of the choice: scale_plan.h.
 *
 * Owner:    scale_choice_free; the ledger stays the plan's. Threads: one at a time. Cost: some three microseconds a step. */
#ifndef EHUB_SCALE_SCALE_CHOICE_H
#define EHUB_SCALE_SCALE_CHOICE_H

#include "scale/scale_ledger.h"
#include "scale/scale_near.h"

#define SCALE_CHOICE_MEMORY_S (21.0 * 86400) /* in which e-fold is forgotten */
#define SCALE_CHOICE_KEEP_S 300.0  /* what turns out to be too many in a long step is kept for so long */
#define SCALE_CHOICE_REACTIVE (-1) /* none of the candidates: the reactive autoscaler */

typedef struct ScaleChoice ScaleChoice;

/* An order of the step before is ready after `lead` steps; a replica's life takes `hold` whole steps at least. */
ScaleChoice *scale_choice_new(const ScaleWorld *w, const ScaleLedger *l, int64_t lead, int64_t hold);
void scale_choice_free(ScaleChoice *c);
DEFINE_FREEP(ScaleChoice, scale_choice_free)

/* The candidates for `step`, from the demand of now and of the step before, and the forecast. */
void scale_choice_offer(ScaleChoice *c, int64_t step, double now, double before, const ScaleNearly *n);
/* Before the first step is followed: what to expect of candidates that nobody has seen. */
void scale_choice_begin(ScaleChoice *c, const ScaleNearly *n);
/* The demand of `step`, whose candidates were offered. net: replicas ordered for the demand then; taken: the candidate in use. */
void scale_choice_follow(ScaleChoice *c, int64_t step, double demand, int64_t net, int64_t taken);
/* The candidate to take, or SCALE_CHOICE_REACTIVE. why: static. */
int64_t scale_choice_make(const ScaleChoice *c, const char **why);

/* Of a candidate at one of the last steps that were offered; SCALE_CHOICE_REACTIVE has 0. */
int64_t scale_choice_replicas(const ScaleChoice *c, int64_t step, int64_t candidate);
/* The forecast behind it. */
double scale_choice_middle(const ScaleChoice *c, int64_t step);
/* Spreads above the middle; NAN: another kind of candidate. */
double scale_choice_factor(const ScaleChoice *c, int64_t candidate);
/* Steps are long enough that what turns out to be too many is given back within them. */
bool scale_choice_gives_back(const ScaleChoice *c);
/* Steps followed, less what is forgotten. */
double scale_choice_steps(const ScaleChoice *c);

#endif
