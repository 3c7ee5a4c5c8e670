/* insight_leader.c - see insight_leader.h. */
#include "insight/insight_leader.h"

#include "base/clock.h"

#include <math.h>

/* The first day of a month counted from year 0, month 0. */
static int32_t month_start(int month)
{
    return clock_days(month / 12, month % 12 + 1, 1);
}

InsightPeriod insight_period(int32_t day, bool quarter, int year_starts)
{
    int y, m, d;
    clock_civil(day, &y, &m, &d);
    int month = y * 12 + m - 1, length = quarter ? 3 : 1;
    int into = (month - (year_starts - 1)) % length; /* years are far from 0: never negative */
    InsightPeriod p = {.from = month_start(month - into), .to = month_start(month - into + length)};
    p.before_from = month_start(month - into - length);
    p.before_to = p.before_from + (day - p.from);
    if (p.before_to > p.from)
        p.before_to = p.from;
    return p;
}

InsightStand insight_stand(InsightPeriod p, int32_t day, int32_t started, double goal_30d, int64_t closings)
{
    int32_t from = started > p.from ? started : p.from;
    double days = p.to - from, passed = day > from ? day - from : 0;
    InsightStand s = {.goal = goal_30d * days / INSIGHT_LEADER_GOAL_DAYS};
    s.pacer = goal_30d * passed / INSIGHT_LEADER_GOAL_DAYS;
    s.gap = (double)closings - s.pacer;
    s.pace = passed > 0 ? (double)closings * days / passed : NAN;
    return s;
}
