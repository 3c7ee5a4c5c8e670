/* scale_plot.h - a replay as SVG or in letters: the load in replicas, and what each policy had ready.
 *
 * The picture stands alone, light and dark by the viewer's preference. At most SCALE_PLOT_POINTS points a curve: a long series
 * is drawn as the mean of each piece; missed minutes are marked.
 * Threads: pure. Limits: those of the Buf. */
#ifndef EHUB_SCALE_SCALE_PLOT_H
#define EHUB_SCALE_SCALE_PLOT_H

#include "scale/scale_replay.h"

#define SCALE_PLOT_POINTS 800
#define SCALE_PLOT_BYTES_MAX (4u << 20)

/* r: with traces kept; steps first .. first + n - 1 are drawn, x counts from there. title may be any UTF-8.
 * svg: false draws in letters, for a terminal. */
#define SCALE_PLOT_DAYS 7
void scale_plot(Buf *out, const ScaleReplay *r, int64_t first, int64_t n, const char *title, bool svg);

#endif
