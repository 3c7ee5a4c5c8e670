/* insight_leader.h - where agents stand in the fiscal month or quarter, against their goal and a pacer.
 *
 *     goal (of 30 days) --x days of the period / 30--> goal of the period --x days passed / days--> pacer
 *
 * The pacer is somebody who reaches the goal on the last day with the same share each day. An agent who started within the
 * period has a shorter one. The day that is running does not count: closings are those before it.
 * Threads: pure. */
#ifndef EHUB_INSIGHT_INSIGHT_LEADER_H
#define EHUB_INSIGHT_INSIGHT_LEADER_H

#include "base/base.h"

#define INSIGHT_LEADER_GOAL_DAYS 30 /* of a goal: table goal */

/* Days since 1970; ends are exclusive. */
typedef struct InsightPeriod {
    int32_t from, to;
    int32_t before_from, before_to; /* as long a stretch, from the start of the period before */
} InsightPeriod;

/* The month, or the quarter of a fiscal year that starts with the month year_starts (1 .. 12), in which day lies. */
InsightPeriod insight_period(int32_t day, bool quarter, int year_starts);

typedef struct InsightStand {
    double goal;  /* of the period; NAN: the agent has none */
    double pacer; /* what the pacer has by now; NAN without a goal */
    double gap;   /* closings - pacer */
    double pace;  /* closings at the end if it goes on like this; NAN: no day has passed */
} InsightStand;
/* goal_30d NAN: none. started: INT32_MIN where it is not known. */
InsightStand insight_stand(InsightPeriod p, int32_t day, int32_t started, double goal_30d, int64_t closings);

#endif
