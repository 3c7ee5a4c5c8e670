/* scale_window.h - the last values of a series, sorted: quantiles of what came lately.
 *
 * Owner: the struct is the caller's; set size, the rest zeroed. Threads: one at a time.
 * Cost:  a search and a move of at most SCALE_WINDOW_MAX doubles a value. */
#ifndef EHUB_SCALE_SCALE_WINDOW_H
#define EHUB_SCALE_SCALE_WINDOW_H

#define SCALE_WINDOW_MAX 2000

typedef struct ScaleWindow {
    double came[SCALE_WINDOW_MAX], sorted[SCALE_WINDOW_MAX]; /* as they came (a ring), and in order */
    int n, next, size;                                       /* size: 1..SCALE_WINDOW_MAX */
} ScaleWindow;

void scale_window_keep(ScaleWindow *w, double v);
double scale_window_median(const ScaleWindow *w); /* the upper one of two; n > 0 */
/* Between the two values that stand there; a level out of 0..1 is as far again as the outermost. n > 0. */
double scale_window_quantile(const ScaleWindow *w, double level);

#endif
