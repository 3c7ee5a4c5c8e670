/* scale_window.c - see scale_window.h. */
#include "scale/scale_window.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

/* Where v stands, or would stand. */
static int place(const ScaleWindow *w, double v)
{
    int from = 0, to = w->n;
    while (from < to) {
        int middle = (from + to) / 2;
        if (w->sorted[middle] < v)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

void scale_window_keep(ScaleWindow *w, double v)
{
    if (w->n == w->size) {
        int out = place(w, w->came[w->next]);
        memmove(w->sorted + out, w->sorted + out + 1, (size_t)(--w->n - out) * sizeof *w->sorted);
    }
    int in = place(w, v);
    memmove(w->sorted + in + 1, w->sorted + in, (size_t)(w->n++ - in) * sizeof *w->sorted);
    w->sorted[in] = w->came[w->next] = v;
    w->next = (w->next + 1) % w->size;
}

double scale_window_median(const ScaleWindow *w)
{
    return w->sorted[w->n / 2];
}

double scale_window_quantile(const ScaleWindow *w, double level)
{
    double lowest = w->sorted[0], highest = w->sorted[w->n - 1], at = level * (w->n + 1) - 1;
    if (level <= 0)
        return lowest - fabs(lowest);
    if (level >= 1)
        return highest + fabs(highest);
    if (at <= 0)
        return lowest;
    if (at >= w->n - 1)
        return highest;
    int i = (int)at;
    return w->sorted[i] + (at - i) * (w->sorted[i + 1] - w->sorted[i]);
}
