/* insight_event.c - see insight_event.h. */
#include "insight/insight_event.h"

#include "base/mem.h"
#include "insight/insight_plot.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define COLUMNS 41
#define ROOM 0.06 /* beyond the outermost value, as a share of the range */

typedef struct Range {
    double low, high;
} Range;

static void reach(Range *r, double v)
{
    if (isfinite(v)) {
        r->low = fmin(r->low, v);
        r->high = fmax(r->high, v);
    }
}

/* All that is drawn, 0 among it. Estimates without an error count, wide intervals of few units do not stretch it endlessly. */
static Range range_of(const InsightAnswer *a, bool bands)
{
    Range r = {0, 0};
    for (int i = 0; i < a->n_events; i++) {
        reach(&r, a->event[i].e.estimate);
        reach(&r, bands ? a->event[i].band_low : a->event[i].e.low);
        reach(&r, bands ? a->event[i].band_high : a->event[i].e.high);
    }
    double more = r.high > r.low ? ROOM * (r.high - r.low) : 1;
    return (Range){r.low - more, r.high + more};
}

void insight_event_svg(Buf *out, const InsightAnswer *a, const char *outcome, double level)
{
    int n = a->n_events;
    if (n == 0)
        return;
    CLEANUP(mem_freep) double *v = mem_array(6 * (size_t)n, sizeof *v);
    CLEANUP(buf_done) Buf title = BUF(4096), name = BUF(256);
    for (int i = 0; i < n; i++) {
        const InsightPoint *p = &a->event[i];
        const double row[6] = {p->at, p->e.estimate, p->e.low, p->e.high, p->band_low, p->band_high};
        for (int c = 0; c < 6; c++)
            v[c * n + i] = row[c];
    }
    Range y = range_of(a, true);
    buf_addf(&title, "Effect on %.200s by times since the start", outcome);
    buf_addf(&name, "effect with %g %% intervals; thin: all of them together", 100 * level);
    InsightCurve curve = {.name = buf_cstr(&name),
                          .x = v,
                          .y = v + n,
                          .low = v + 2 * n,
                          .high = v + 3 * n,
                          .outer_low = v + 4 * n,
                          .outer_high = v + 5 * n,
                          .n = n};
    insight_plot_svg(out, &(InsightPlot){.title = buf_cstr(&title),
                                         .x_label = "times since the start",
                                         .y_label = outcome,
                                         .x_lo = a->event[0].at - 0.5,
                                         .x_hi = a->event[n - 1].at + 0.5,
                                         .y_lo = y.low,
                                         .y_hi = y.high,
                                         .dots = true,
                                         .n = 1,
                                         .curve = &curve});
}

static int column_of(Range r, double v)
{
    double share = (v - r.low) / (r.high - r.low);
    return (int)lround(fmax(0, fmin(1, share)) * (COLUMNS - 1));
}

void insight_event_text(Buf *out, const InsightAnswer *a, double level)
{
    Range r = range_of(a, false);
    if (a->n_events == 0)
        return;
    buf_addf(out, "\n%6s %11s   %-25s %8s\n", "time", "effect", "interval", "treated");
    for (int i = 0; i < a->n_events; i++) {
        const InsightPoint *p = &a->event[i];
        char line[COLUMNS + 1], interval[64] = "";
        memset(line, ' ', COLUMNS);
        line[COLUMNS] = 0;
        line[column_of(r, 0)] = '|';
        for (int c = column_of(r, p->e.low); isfinite(p->e.se) && c <= column_of(r, p->e.high); c++)
            line[c] = '-';
        line[column_of(r, p->e.estimate)] = 'o';
        if (isfinite(p->e.se))
            (void)snprintf(interval, sizeof interval, "%.4g to %.4g", p->e.low, p->e.high);
        else
            (void)snprintf(interval, sizeof interval, p->n_treated ? "one treated: none" : "base");
        buf_addf(out, "%6d %11.4g   %-25s %8lld   %s\n", (int)p->at, p->e.estimate, interval,
                 (long long)p->n_treated, line);
    }
    buf_addf(out, "times are counted from the start; intervals of %g %%, each for itself\n\n", 100 * level);
}
