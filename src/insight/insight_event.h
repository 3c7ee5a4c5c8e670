/* insight_event.h - the event study of an answer: effects by times since the start, as SVG and as rows for a terminal.
 *
 *     InsightAnswer (event) --insight_event_svg--> one SVG document       --insight_event_text--> a row for each time
 *
 * Threads: pure. Limits: those of the Buf. An answer without an event study adds nothing. */
#ifndef EHUB_INSIGHT_INSIGHT_EVENT_H
#define EHUB_INSIGHT_INSIGHT_EVENT_H

#include "insight/insight_effect.h"

void insight_event_svg(Buf *out, const InsightAnswer *a, const char *outcome, double level);
void insight_event_text(Buf *out, const InsightAnswer *a, double level);

#endif
