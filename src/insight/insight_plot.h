/* insight_plot.h - curves with their intervals, as SVG and in letters for a terminal.
 *
 *     InsightPlot --insight_plot_svg--> one SVG document       --insight_plot_text--> lines of text
 *
 * The SVG stands alone (no scripts, fonts or styles from elsewhere), light and dark by the viewer's preference, names escaped.
 * Owner:    the caller; nothing is kept. Threads: pure. Limits: those of the Buf; INSIGHT_CURVES_MAX curves. */
#ifndef EHUB_INSIGHT_INSIGHT_PLOT_H
#define EHUB_INSIGHT_INSIGHT_PLOT_H

#include "base/buf.h"

#define INSIGHT_CURVES_MAX 20
#define INSIGHT_PLOT_BYTES_MAX (32u << 20)

typedef struct InsightCurve {
    const char *name;
    const double *x, *y;      /* double[n], x ascending */
    const double *low, *high; /* double[n], the band around y, NAN: none there; or NULL */
    int64_t n;
    const double *outer_low, *outer_high; /* double[n], of dots: a thinner bar, further out; or NULL */
} InsightCurve;

typedef struct InsightPlot {
    const char *title, *x_label, *y_label;
    double x_lo, x_hi, y_lo, y_hi;
    bool steps;  /* the value holds until the next x (survival), else straight lines */
    bool shares; /* y in per cent */
    bool dots;   /* SVG: a dot and a bar for each point instead of a line and a band, and a line at y = 0 */
    int n;
    const InsightCurve *curve;
    /* A table below: under each tick, one row a curve; n_ticks 0: none. */
    int n_ticks;
    const double *tick;    /* double[n_ticks] */
    const int64_t *counts; /* int64_t[n][n_ticks] */
    const char *counts_label;
} InsightPlot;

void insight_plot_svg(Buf *out, const InsightPlot *p);
void insight_plot_text(Buf *out, const InsightPlot *p);

#endif
