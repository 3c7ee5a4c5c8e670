/* insight_rampup.h - how soon new agents get there (first closing, goal), coached early against not.
 *
 *     start ----------- landmark ------------------------- reached, left, or still on the way
 *           coached?    |<- watched from here on ->|
 *
 * Whoever closes in the first week was never "coached before": counting from the start would give the coached the time in
 * which they could not yet have got there (immortal time). So both groups are made of what was known on the landmark day,
 * and only agents who were then still on the way are compared (Anderson, Cain, Gelber 1983). It is a comparison, not an
 * experiment: coaches choose whom they coach.
 * Owner:    insight_rampup_done. Threads: pure. Limits: those of insight_survival.h.
 * Errors:   none but of insight_survival itself: what the rows cannot tell is a sentence in `refusal`. */
#ifndef EHUB_INSIGHT_INSIGHT_RAMPUP_H
#define EHUB_INSIGHT_INSIGHT_RAMPUP_H

#include "insight/insight_survival.h"

#define INSIGHT_RAMPUP_NONE INT32_MAX /* of a day: unknown, or it has not come */
#define INSIGHT_RAMPUP_GROUP_MIN 5    /* agents of each group; with fewer nothing is compared */

/* Days since 1970. */
typedef struct InsightRampUpAgent {
    int32_t started, left;
    int32_t reached; /* the first day on which the agent was there */
    int32_t coached; /* the first session at or after the start */
    int32_t since;   /* from when on closings and coaching of the office are known */
} InsightRampUpAgent;

typedef struct InsightRampUp {
    int64_t n_compared, n_coached;
    /* Left out: */
    int64_t n_no_start;        /* the day of the start is not known */
    int64_t n_early;           /* started before anything was known of the office */
    int64_t n_new;             /* the landmark day has not passed yet */
    int64_t n_decided;         /* had got there or left by the landmark day */
    int32_t first, last;       /* starts of the compared; last < first: none */
    InsightSurvival *survival; /* time in days since the start; NULL: refusal says why */
    InsightData *data_;        /* owns the groups' names */
    char refusal[ERR_MSG_MAX]; /* "" where there is an answer */
} InsightRampUp;

/* today: nothing is known of this day and later ones. landmark: days after the start, above 0. */
ErrKind MUST_USE insight_rampup(const InsightRampUpAgent *a, int64_t n, int32_t today, int landmark,
                                double level, InsightRampUp *ret, Err *reterr);
void insight_rampup_done(InsightRampUp *r);

#endif
