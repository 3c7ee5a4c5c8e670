/* scale_plot.c - see scale_plot.h. */
#include "scale/scale_plot.h"

#include "base/mem.h"
#include "insight/insight_plot.h"

#include <math.h>

static const char *const NAMES[] = {"load, in replicas", "predictive", "reactive"};

/* Means of pieces of `piece` steps. */
static void thin(const double *from, double scale, int64_t n, int64_t piece, double *out)
{
    for (int64_t k = 0; k < n; k++) {
        double sum = 0;
        for (int64_t i = 0; i < piece; i++)
            sum += from[k * piece + i];
        out[k] = sum * scale / (double)piece;
    }
}

void scale_plot(Buf *out, const ScaleReplay *r, int64_t first, int64_t steps, const char *title, bool svg)
{
    const ScaleWorld *w = &r->world;
    BUG_ON(first < 0 || steps < 1 || first + steps > w->n);
    int64_t piece = (steps + SCALE_PLOT_POINTS - 1) / SCALE_PLOT_POINTS, n = steps / piece;
    bool days = steps * w->step_s > 2 * 86400;
    CLEANUP(mem_freep) double *y = mem_array((size_t)(4 * n), sizeof *y);
    double *x = y + 3 * n, highest = 1;
    for (int64_t k = 0; k < n; k++)
        x[k] = (double)(k * piece * w->step_s) / (days ? 86400 : 60);
    thin(w->demand + first, 1 / w->capacity, n, piece, y);
    thin(r->trace[SCALE_PREDICTIVE].replicas + first, 1, n, piece, y + n);
    thin(r->trace[SCALE_REACTIVE].replicas + first, 1, n, piece, y + 2 * n);
    InsightCurve curve[3];
    for (int c = 0; c < 3; c++) {
        curve[c] = (InsightCurve){.name = NAMES[c], .x = x, .y = y + c * n, .n = n};
        for (int64_t k = 0; k < n; k++)
            highest = MAX(highest, curve[c].y[k]);
    }
    InsightPlot p = {.title = title,
                     .x_label = days ? "days; simulated" : "minutes; simulated",
                     .y_label = "replicas",
                     .x_hi = MAX(x[n - 1], 1e-6),
                     .y_hi = highest * 1.05,
                     .n = 3,
                     .curve = curve};
    if (svg)
        insight_plot_svg(out, &p);
    else
        insight_plot_text(out, &p);
}
