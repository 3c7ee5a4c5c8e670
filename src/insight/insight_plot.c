/* insight_plot.c - see insight_plot.h. */
#include "insight/insight_plot.h"

#include "model/model_plot.h"

#include <math.h>
#include <string.h>

#define WIDTH 860.0
#define LEFT 92.0
#define RIGHT 830.0
#define TOP 56.0
#define BOTTOM 400.0
#define ROW 18.0
#define TEXT_COLUMNS 66
#define TEXT_ROWS 17

static const char *const COLOURS[] = {"#6b7a8f", "#1a80e5", "#f0134d", "#13b755", "#7c52ff",
                                      "#ffb000", "#00b3c4", "#ff7a45", "#8e6b5a", "#c23bb0"};
static const char MARKS[] = "o*+x#@%&=~";

static const char STYLE[] =
    "<style>svg{color-scheme:light dark;background:#fff;font:13px system-ui,-apple-system,\"Segoe "
    "UI\",Roboto,\"Helvetica Neue\",Arial,sans-serif}text{fill:#222}.t{font-size:16px;font-weight:600}"
    ".s{font-size:12px;fill:#666}.g{stroke:#e4e4e8}.a{stroke:#888}.l{fill:none;stroke-width:2}.b{opacity:.15}"
    "@media(prefers-color-scheme:dark){svg{background:#16181d}text{fill:#e6e6ea}.s{fill:#a4a7ae}"
    ".g{stroke:#2c3038}.a{stroke:#7d828c}.b{opacity:.25}}</style>";

static const char *colour(int curve)
{
    return COLOURS[curve % (int)ARRAY_LEN(COLOURS)];
}

static double at_x(const InsightPlot *p, double v)
{
    return LEFT + (v - p->x_lo) / (p->x_hi - p->x_lo) * (RIGHT - LEFT);
}

static double at_y(const InsightPlot *p, double v)
{
    v = MAX(p->y_lo, MIN(p->y_hi, v));
    return BOTTOM - (v - p->y_lo) / (p->y_hi - p->y_lo) * (BOTTOM - TOP);
}

static void add_text(Buf *out, double x, double y, const char *class, const char *anchor, const char *text)
{
    buf_addf(out, "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\" text-anchor=\"%s\">", x, y, class, anchor);
    model_plot_escape(out, str_from(text));
    buf_add_c(out, "</text>\n");
}

static void add_number(Buf *out, double x, double y, const char *anchor, double v, int decimals,
                       const char *unit)
{
    buf_addf(out, "<text x=\"%.1f\" y=\"%.1f\" class=\"s\" text-anchor=\"%s\">%.*f%s</text>\n", x, y, anchor,
             decimals, fabs(v) < 1e-12 ? 0 : v, unit);
}

static void add_axes(Buf *out, const InsightPlot *p)
{
    double unit = p->shares ? 100 : 1;
    ModelTicks tx = model_plot_ticks(p->x_lo, p->x_hi, 7);
    ModelTicks ty = model_plot_ticks(p->y_lo * unit, p->y_hi * unit, 6);
    for (int i = 0; i < ty.n; i++) {
        double v = ty.first + i * ty.step, y = at_y(p, v / unit);
        buf_addf(out, "<line class=\"g\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n", LEFT, y, RIGHT,
                 y);
        add_number(out, LEFT - 8, y + 4, "end", v, ty.decimals, p->shares ? " %" : "");
    }
    for (int i = 0; i < tx.n; i++) {
        double v = tx.first + i * tx.step;
        add_number(out, at_x(p, v), BOTTOM + 18, "middle", v, tx.decimals, "");
    }
    buf_addf(out, "<line class=\"a\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n", LEFT, BOTTOM,
             RIGHT, BOTTOM);
    if (p->dots && p->y_lo < 0 && p->y_hi > 0)
        buf_addf(out, "<line class=\"a\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n", LEFT,
                 at_y(p, 0), RIGHT, at_y(p, 0));
    add_text(out, (LEFT + RIGHT) / 2, BOTTOM + 38, "s", "middle", p->x_label);
    add_text(out, LEFT, TOP - 8, "s", "start", p->y_label);
}

/* The corners of a curve: of steps two for each point. */
static void add_points(Buf *out, const InsightPlot *p, const InsightCurve *c, const double *y, bool backwards)
{
    for (int64_t k = 0; k < c->n; k++) {
        int64_t i = backwards ? c->n - 1 - k : k;
        if (isnan(y[i]) || c->x[i] > p->x_hi)
            continue;
        double here = at_x(p, c->x[i]), next = at_x(p, i + 1 < c->n ? MIN(c->x[i + 1], p->x_hi) : c->x[i]);
        double first = p->steps && backwards ? next : here, second = p->steps && !backwards ? next : here;
        buf_addf(out, "%.1f,%.1f ", first, at_y(p, y[i]));
        if (p->steps)
            buf_addf(out, "%.1f,%.1f ", second, at_y(p, y[i]));
    }
}

static void add_bar(Buf *out, const InsightPlot *p, int k, double x, double low, double high, double width)
{
    if (!isnan(low) && !isnan(high))
        buf_addf(
            out,
            "<line stroke=\"%s\" stroke-width=\"%g\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n",
            colour(k), width, at_x(p, x), at_y(p, low), at_x(p, x), at_y(p, high));
}

static void add_dots(Buf *out, const InsightPlot *p, int k)
{
    const InsightCurve *c = &p->curve[k];
    for (int64_t i = 0; i < c->n; i++) {
        if (c->outer_low && c->outer_high)
            add_bar(out, p, k, c->x[i], c->outer_low[i], c->outer_high[i], 1);
        if (c->low && c->high)
            add_bar(out, p, k, c->x[i], c->low[i], c->high[i], 3);
        buf_addf(out, "<circle fill=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"4\"/>\n", colour(k), at_x(p, c->x[i]),
                 at_y(p, c->y[i]));
    }
}

static void add_curve(Buf *out, const InsightPlot *p, int k)
{
    const InsightCurve *c = &p->curve[k];
    if (p->dots) {
        add_dots(out, p, k);
        return;
    }
    if (c->low && c->high) {
        buf_addf(out, "<polygon class=\"b\" fill=\"%s\" points=\"", colour(k));
        add_points(out, p, c, c->low, false);
        add_points(out, p, c, c->high, true);
        buf_add_c(out, "\"/>\n");
    }
    buf_addf(out, "<polyline class=\"l\" stroke=\"%s\" points=\"", colour(k));
    add_points(out, p, c, c->y, false);
    buf_add_c(out, "\"/>\n");
}

static void add_legend(Buf *out, const InsightPlot *p)
{
    double y = BOTTOM + 66;
    if (p->n_ticks > 0)
        add_text(out, 20, y - 6, "s", "start", p->counts_label);
    for (int k = 0; k < p->n; k++) {
        y += ROW;
        buf_addf(out, "<rect x=\"20\" y=\"%.1f\" width=\"10\" height=\"10\" rx=\"2\" fill=\"%s\"/>\n", y - 9,
                 colour(k));
        add_text(out, 36, y, "s", "start", p->curve[k].name);
        y += p->n_ticks > 0 ? ROW - 2 : 0;
        for (int i = 0; i < p->n_ticks; i++)
            buf_addf(out, "<text x=\"%.1f\" y=\"%.1f\" class=\"s\" text-anchor=\"middle\">%lld</text>\n",
                     at_x(p, p->tick[i]), y, (long long)p->counts[(int64_t)k * p->n_ticks + i]);
    }
}

void insight_plot_svg(Buf *out, const InsightPlot *p)
{
    double height = BOTTOM + 84 + p->n * ROW * (p->n_ticks > 0 ? 2 : 1);
    buf_addf(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\" "
        "role=\"img\">\n<title>",
        WIDTH, height, WIDTH, height);
    model_plot_escape(out, str_from(p->title));
    buf_addf(out, "</title>\n%s\n", STYLE);
    add_text(out, 20, 28, "t", "start", p->title);
    add_axes(out, p);
    for (int k = 0; k < p->n; k++)
        add_curve(out, p, k);
    add_legend(out, p);
    buf_add_c(out, "</svg>\n");
}

/* ---- in letters ---- */

/* The curve's value at x; NAN where it has none. */
static double value_at(const InsightPlot *p, const InsightCurve *c, double x)
{
    int64_t lo = 0, hi = c->n;
    while (lo < hi) {
        int64_t mid = (lo + hi) / 2;
        if (c->x[mid] <= x)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (lo == 0 || (lo == c->n && x > c->x[c->n - 1]))
        return NAN;
    if (p->steps || lo == c->n)
        return c->y[lo - 1];
    double share = (x - c->x[lo - 1]) / (c->x[lo] - c->x[lo - 1]);
    return c->y[lo - 1] + share * (c->y[lo] - c->y[lo - 1]);
}

void insight_plot_text(Buf *out, const InsightPlot *p)
{
    char grid[TEXT_ROWS][TEXT_COLUMNS + 1];
    memset(grid, ' ', sizeof grid);
    for (int k = 0; k < p->n; k++)
        for (int x = 0; x < TEXT_COLUMNS; x++) {
            double v = value_at(p, &p->curve[k], p->x_lo + (p->x_hi - p->x_lo) * x / (TEXT_COLUMNS - 1));
            if (isnan(v))
                continue;
            double from_top = (p->y_hi - v) / (p->y_hi - p->y_lo) * (TEXT_ROWS - 1);
            int y = (int)lround(MAX(0, MIN(TEXT_ROWS - 1, from_top)));
            grid[y][x] = MARKS[k % (int)(sizeof MARKS - 1)];
        }
    buf_addf(out, "%s\n", p->y_label);
    for (int y = 0; y < TEXT_ROWS; y++) {
        double v = p->y_hi - (p->y_hi - p->y_lo) * y / (TEXT_ROWS - 1);
        grid[y][TEXT_COLUMNS] = 0;
        if (y % 4 == 0)
            buf_addf(out, "%9.4g%s |%s\n", p->shares ? 100 * v : v, p->shares ? " %" : "  ", grid[y]);
        else
            buf_addf(out, "%11s |%s\n", "", grid[y]);
    }
    buf_addf(out, "%12s+", "");
    for (int x = 0; x < TEXT_COLUMNS; x++)
        buf_add_char(out, '-');
    buf_addf(out, "\n%12s%-*.4g%*.4g   %s\n", "", TEXT_COLUMNS / 2, p->x_lo, TEXT_COLUMNS / 2 + 1, p->x_hi,
             p->x_label);
    for (int k = 0; k < p->n; k++)
        buf_addf(out, "%12s%c %s\n", "", MARKS[k % (int)(sizeof MARKS - 1)], p->curve[k].name);
}
