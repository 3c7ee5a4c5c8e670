/* coach_words.h - a feature's value and contribution in plain words.
 *
 *     {speed_to_lead_min_30d, 47, median 6, -9.1 points}
 *         --> "Speed to lead 47 min (office median 6 min) lowers the chance by 9 points"
 *
 * Threads: pure. A value that is not known reads "no data on speed to lead"; an unknown median is left out. */
#ifndef EHUB_COACH_COACH_WORDS_H
#define EHUB_COACH_COACH_WORDS_H

#include "base/buf.h"
#include "coach/coach_feature.h"

/* "47 min", "1 h 30 min", "2.5 days", "$12,345", "42%", "3", "0.85" by the unit; "no data" for NaN. */
void coach_words_value(Buf *out, const char *unit, double v);
/* "Speed to lead 47 min (office median 6 min)", without a prediction. */
void coach_words_gap(Buf *out, const CoachFeatureInfo *f, double value, double median);
/* The whole sentence, without a full stop. closings: points are closings, not percentage points. */
void coach_words_driver(Buf *out, const CoachFeatureInfo *f, double value, double median, double points,
                        bool closings);

#endif
