/* model_plot.h - explanations as SVG: bars, beeswarm, waterfall.
 *
 *     numbers and names --model_plot_*--> one SVG document, appended to a Buf
 *
 * The pictures stand alone: no scripts, no fonts or styles from elsewhere, light and dark by the viewer's preference.
 * Names may be any UTF-8: they are escaped, long ones are shortened and whole in a <title>.
 * Owner:    the caller; nothing is kept. Threads: pure.
 * Limits:   those of the Buf (check it once with buf_check); MODEL_PLOT_ROWS_MAX rows, further ones are not drawn. */
#ifndef EHUB_MODEL_MODEL_PLOT_H
#define EHUB_MODEL_MODEL_PLOT_H

#include "base/buf.h"

#define MODEL_PLOT_ROWS_MAX 200
#define MODEL_PLOT_BYTES_MAX (64u << 20)

/* Horizontal bars from zero, the first row on top; several groups are stacked, with a legend. Values are not negative. */
typedef struct ModelPlotBars {
    const char *title, *x_label;
    int n;
    const char *const *names; /* [n] */
    int n_groups;
    const char *const *group_names; /* [n_groups]; NULL when there is one */
    const double *values;           /* double[n][n_groups] */
} ModelPlotBars;
void model_plot_bars(Buf *out, const ModelPlotBars *p);

/* A dot for each row of data and feature at its contribution, coloured by the feature's value. */
typedef struct ModelPlotSwarm {
    const char *title, *x_label;
    int n;
    const char *const *names; /* [n] */
    int n_points;
    const double *x;     /* double[n][n_points] */
    const float *colour; /* float[n][n_points]: 0 low .. 1 high, NaN = missing */
} ModelPlotSwarm;
void model_plot_swarm(Buf *out, const ModelPlotSwarm *p);

/* From `base` at the bottom to `end` on top, a step for each part; the first part is on top. */
typedef struct ModelPlotWaterfall {
    const char *title, *x_label;
    int n;
    const char *const *names;  /* [n] */
    const char *const *values; /* [n] "" for none */
    const double *parts;       /* double[n]; base + their sum = end */
    double base, end;
    const char *base_label, *end_label; /* such as "E[f(x)]" and "f(x)" */
} ModelPlotWaterfall;
void model_plot_waterfall(Buf *out, const ModelPlotWaterfall *p);

/* Round steps (1, 2 or 5 times a power of ten): the first tick at or after lo, the distance, decimals for printing. */
typedef struct ModelTicks {
    double first, step;
    int n, decimals;
} ModelTicks;
ModelTicks model_plot_ticks(double lo, double hi, int about);
/* Text between the marks of XML. */
void model_plot_escape(Buf *out, Str text);

#endif
