/* model_plot.c - explanations as SVG. See model_plot.h.
 *
 * Order and colours of bars, beeswarm and waterfall are those that readers know from the shap package (Lundberg, Lee 2017):
 * blue pulls down and is a low value, red pushes up and is a high one, grey is missing. */
#include "model/model_plot.h"

#include "base/mem.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define WIDTH 860.0
#define TOP 56.0
#define BOTTOM 58.0
#define NAME_MAX_PX 250.0
#define FONT 13.0
#define BINS 140
#define COLOURS 24
#define PASSES 6
#define EDGE 1e-9 /* of rounding */

/* What the three pictures share: where values are. */
typedef struct Frame {
    Buf *out;
    double left, right, top, bottom; /* of the plot, px */
    double lo, hi;                   /* of the axis */
    double row;                      /* height of a row, px */
} Frame;

static const char STYLE[] =
    "<style>"
    "svg{color-scheme:light dark;background:#fff;font:13px system-ui,-apple-system,\"Segoe "
    "UI\",Roboto,\"Helvetica Neue\",Arial,sans-serif}"
    "text{fill:#222}.t{font-size:16px;font-weight:600}.s{font-size:12px;fill:#666}.v{fill:#777}"
    ".g{stroke:#e4e4e8}.a{stroke:#888}.d{stroke:#aaa;stroke-dasharray:3 3;fill:none}.z{stroke:#999}"
    ".up{fill:#f0134d}.dn{fill:#1a80e5}.in{fill:#fff;font-size:12px}.nu{fill:#d00a40;font-size:12px}"
    ".nd{fill:#0d69c4;font-size:12px}.na{stroke:#9a9a9a}.p{fill:none;stroke-linecap:round}"
    "@media(prefers-color-scheme:dark){svg{background:#16181d}text{fill:#e6e6ea}.s{fill:#a4a7ae}.v{fill:#"
    "9a9da5}"
    ".g{stroke:#2c3038}.a,.z{stroke:#7d828c}.d{stroke:#5a5f69}.in{fill:#fff}.nu{fill:#ff6d92}.nd{fill:#"
    "6db4ff}"
    ".na{stroke:#6f747d}}"
    "</style>";

/* ---- text ---- */

void model_plot_escape(Buf *out, Str s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        switch (c) {
        case '&': buf_add_c(out, "&amp;"); break;
        case '<': buf_add_c(out, "&lt;"); break;
        case '>': buf_add_c(out, "&gt;"); break;
        case '"': buf_add_c(out, "&quot;"); break;
        default: buf_add_char(out, c < 0x20 || c == 0x7f ? ' ' : (char)c); /* XML has no other controls */
        }
    }
}

/* Bytes of the character at s[i] of valid UTF-8. */
static size_t char_len(Str s, size_t i)
{
    unsigned char c = (unsigned char)s.ptr[i];
    size_t n = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
    return MIN(n, s.len - i);
}

/* About the width in a sans-serif font; East Asian characters are square. */
static double char_width(Str s, size_t i)
{
    unsigned char c = (unsigned char)s.ptr[i];
    if (c >= 0xE3)
        return FONT;
    if (c < 0x80 && strchr("il.,:;|!'()[] fjtrI-", c))
        return FONT * 0.37;
    if (c < 0x80 && strchr("mwMW@%", c))
        return FONT * 0.95;
    return c >= 'A' && c <= 'Z' ? FONT * 0.71 : FONT * 0.62;
}

static double text_width(Str s)
{
    double w = 0;
    for (size_t i = 0; i < s.len; i += char_len(s, i))
        w += char_width(s, i);
    return w;
}

/* The longest beginning that is not wider, with room for an ellipsis. */
static Str fitting(Str s, double px)
{
    double w = 0;
    for (size_t i = 0; i < s.len; i += char_len(s, i)) {
        w += char_width(s, i);
        if (w > px - FONT)
            return str_slice(s, 0, i);
    }
    return s;
}

/* anchor: "start", "middle", "end". Not wider than px: cut, and whole in a <title>. */
static void add_text(Buf *out, double x, double y, const char *class, const char *anchor, Str s, double px)
{
    bool cut = text_width(s) > px;
    Str shown = cut ? fitting(s, px) : s;
    buf_addf(out, "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\" text-anchor=\"%s\">", x, y, class, anchor);
    if (cut) {
        buf_add_c(out, "<title>");
        model_plot_escape(out, s);
        buf_add_c(out, "</title>");
    }
    model_plot_escape(out, shown);
    buf_add_c(out, cut ? "\xE2\x80\xA6</text>\n" : "</text>\n");
}

/* With a true minus sign, and without "-0". */
static void number_text(Buf *out, double v, int decimals, bool plus)
{
    if (fabs(v) < 0.5 * pow(10, -decimals))
        v = 0;
    buf_addf(out, "%s%.*f", v < 0 ? "\xE2\x88\x92" : plus ? "+" : "", decimals, fabs(v));
}

/* Enough decimals for three digits of a value of that size. */
static int decimals_for(double size)
{
    if (!(size > 0))
        return 2;
    return (int)MIN(MAX(2 - floor(log10(size)), 0), 12);
}

/* ---- axis ---- */

ModelTicks model_plot_ticks(double lo, double hi, int about)
{
    double raw = (hi - lo) / MAX(about, 1), power = pow(10, floor(log10(raw)));
    double f = raw / power;
    double step = (f < 1 + EDGE ? 1 : f < 2 + EDGE ? 2 : f < 5 + EDGE ? 5 : 10) * power;
    double first = ceil(lo / step - 1e-9) * step;
    int n = (int)floor((hi - first) / step + 1e-9) + 1;
    int decimals = (int)MIN(MAX(-floor(log10(step) + 1e-9), 0), 12);
    return (ModelTicks){first, step, MAX(n, 0), decimals};
}

static double at_x(const Frame *f, double v)
{
    return f->left + (v - f->lo) / (f->hi - f->lo) * (f->right - f->left);
}

static void open_svg(Frame *f, const char *title, double height)
{
    buf_addf(
        f->out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\" "
        "role=\"img\">\n<title>",
        WIDTH, height, WIDTH, height);
    model_plot_escape(f->out, str_from(title));
    buf_addf(f->out, "</title>\n%s\n", STYLE);
    buf_addf(f->out, "<text x=\"20\" y=\"30\" class=\"t\">");
    model_plot_escape(f->out, fitting(str_from(title), (WIDTH - 60) * 0.8));
    buf_add_c(f->out, "</text>\n");
}

static void add_line(Buf *out, const char *class, double x1, double y1, double x2, double y2)
{
    buf_addf(out, "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n", class, x1, y1, x2,
             y2);
}

static void add_axis(const Frame *f, const char *label)
{
    ModelTicks t = model_plot_ticks(f->lo, f->hi, 7);
    CLEANUP(buf_done) Buf text = BUF(64);
    for (int i = 0; i < t.n; i++) {
        double v = t.first + i * t.step, x = at_x(f, v);
        add_line(f->out, fabs(v) < t.step / 1e6 ? "z" : "g", x, f->top, x, f->bottom);
        buf_clear(&text);
        number_text(&text, v, t.decimals, false);
        add_text(f->out, x, f->bottom + 18, "s", "middle", buf_str(&text), 200);
    }
    add_line(f->out, "a", f->left, f->bottom, f->right, f->bottom);
    add_text(f->out, (f->left + f->right) / 2, f->bottom + 42, "x", "middle", str_from(label), 500);
}

/* Room for the names on the left. */
static double left_of(const char *const *names, int n)
{
    double w = 60;
    for (int i = 0; i < n; i++)
        w = MAX(w, text_width(str_from(names[i])));
    return 46 + MIN(w, NAME_MAX_PX);
}

static Frame frame_of(Buf *out, double left, double right, int rows, double row)
{
    return (Frame){
        .out = out, .left = left, .right = right, .top = TOP, .bottom = TOP + rows * row + 8, .row = row};
}

static double row_middle(const Frame *f, int i)
{
    return f->top + 4 + (i + 0.5) * f->row;
}

static void add_name(const Frame *f, int i, const char *name)
{
    add_text(f->out, f->left - 12, row_middle(f, i) + 4.5, "n", "end", str_from(name), f->left - 34);
}

/* ---- bars ---- */

static const char *const GROUP_COLOURS[] = {"#1a80e5", "#f0134d", "#13b755", "#7c52ff", "#ffb000",
                                            "#00b3c4", "#ff7a45", "#8e6b5a", "#c23bb0", "#6b7a8f"};

static void add_legend(const Frame *f, const ModelPlotBars *p)
{
    double x = f->left, y = f->bottom + 58;
    for (int k = 0; k < p->n_groups; k++) {
        Str name = str_from(p->group_names[k]);
        double w = 40 + MIN(text_width(name), 150);
        if (x + w > f->right && x > f->left) {
            x = f->left;
            y += 20;
        }
        buf_addf(f->out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"12\" height=\"12\" rx=\"2\" fill=\"%s\"/>\n", x,
                 y, GROUP_COLOURS[k % (int)ARRAY_LEN(GROUP_COLOURS)]);
        add_text(f->out, x + 18, y + 11, "s", "start", name, 150);
        x += w;
    }
}

static double legend_height(const ModelPlotBars *p, double width)
{
    double x = 0, h = 0;
    for (int k = 0; k < p->n_groups && p->n_groups > 1; k++) {
        double w = 40 + MIN(text_width(str_from(p->group_names[k])), 150);
        if (h == 0 || (x + w > width && x > 0)) {
            h += 20;
            x = 0;
        }
        x += w;
    }
    return h;
}

static void add_bar(const Frame *f, const ModelPlotBars *p, int i, int decimals)
{
    double y = row_middle(f, i) - f->row * 0.34, sum = 0;
    for (int k = 0; k < p->n_groups; k++) {
        double v = p->values[(size_t)i * (size_t)p->n_groups + (size_t)k], from = at_x(f, sum);
        sum += v;
        buf_addf(f->out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.2f\" height=\"%.1f\" fill=\"%s\"/>\n", from,
                 y, at_x(f, sum) - from, f->row * 0.68,
                 p->n_groups == 1 ? GROUP_COLOURS[1] : GROUP_COLOURS[k % (int)ARRAY_LEN(GROUP_COLOURS)]);
    }
    CLEANUP(buf_done) Buf text = BUF(64);
    number_text(&text, sum, decimals, p->n_groups == 1);
    add_text(f->out, at_x(f, sum) + 6, row_middle(f, i) + 4.5, p->n_groups == 1 ? "nu" : "s", "start",
             buf_str(&text), 200);
}

void model_plot_bars(Buf *out, const ModelPlotBars *p)
{
    int n = MIN(p->n, MODEL_PLOT_ROWS_MAX);
    double most = 0;
    for (int i = 0; i < n; i++) {
        double sum = 0;
        for (int k = 0; k < p->n_groups; k++)
            sum += p->values[(size_t)i * (size_t)p->n_groups + (size_t)k];
        most = MAX(most, sum);
    }
    Frame f = frame_of(out, left_of(p->names, n), WIDTH - 84, n, 27);
    f.hi = most > 0 ? most * 1.02 : 1;
    open_svg(&f, p->title, f.bottom + BOTTOM + legend_height(p, f.right - f.left));
    add_axis(&f, p->x_label);
    for (int i = 0; i < n; i++) {
        add_name(&f, i, p->names[i]);
        add_bar(&f, p, i, decimals_for(most));
    }
    add_line(out, "a", f.left, f.top, f.left, f.bottom);
    if (p->n_groups > 1)
        add_legend(&f, p);
    buf_add_c(out, "</svg>\n");
}

/* ---- beeswarm ---- */

/* From blue over violet to red, t in 0..1. */
static void colour_of(double t, char out[static 8])
{
    static const double STOPS[3][3] = {{26, 128, 229}, {140, 76, 200}, {240, 19, 77}};
    int i = t < 0.5 ? 0 : 1;
    double u = t * 2 - i;
    unsigned c[3];
    for (int k = 0; k < 3; k++)
        c[k] = (unsigned)lround(STOPS[i][k] + (STOPS[i + 1][k] - STOPS[i][k]) * u);
    (void)snprintf(out, 8, "#%02x%02x%02x", c[0], c[1], c[2]);
}

/* Dots of one bin stand on each other: 0, +1, -1, +2 ... rows from the middle. Returns the dot's place in y[], in rows. */
static int stack_dots(const Frame *f, const double *x, int n, int *y)
{
    int count[BINS + 1] = {0}, most = 0;
    for (int i = 0; i < n; i++) {
        int bin = (int)((x[i] - f->lo) / (f->hi - f->lo) * BINS);
        int k = count[MIN(MAX(bin, 0), BINS)]++;
        y[i] = k % 2 ? (k + 1) / 2 : -(k / 2);
        most = MAX(most, abs(y[i]));
    }
    return most;
}

/* The dots of one colour (-1: missing) among every PASSES-th. */
static void add_dots_of(const Frame *f, const ModelPlotSwarm *p, int row, const int *y, double rise,
                        int first, int c)
{
    const double *x = p->x + (size_t)row * (size_t)p->n_points;
    const float *colour = p->colour + (size_t)row * (size_t)p->n_points;
    char hex[8];
    bool open = false;
    colour_of(MAX(c, 0) / (COLOURS - 1.0), hex);
    for (int i = first; i < p->n_points; i += PASSES) {
        int mine = isnan(colour[i]) ? -1 : (int)lround(MIN(MAX((double)colour[i], 0), 1) * (COLOURS - 1));
        if (mine != c)
            continue;
        if (!open && c < 0)
            buf_add_c(f->out, "<path class=\"p na\" stroke-width=\"4.6\" d=\"");
        else if (!open)
            buf_addf(f->out, "<path class=\"p\" stroke=\"%s\" stroke-width=\"4.6\" d=\"", hex);
        open = true;
        buf_addf(f->out, "M%.1f %.1fh0", at_x(f, x[i]), row_middle(f, row) + y[i] * rise);
    }
    if (open)
        buf_add_c(f->out, "\"/>\n");
}

/* Dots of one colour share an element, which keeps the file small; several passes, so that the last colour does not cover
 * the others where they are dense. */
static void add_dots(const Frame *f, const ModelPlotSwarm *p, int row, int *y)
{
    const double *x = p->x + (size_t)row * (size_t)p->n_points;
    int most = stack_dots(f, x, p->n_points, y);
    double rise = MIN(3.4, f->row * 0.44 / (most + 1));
    for (int pass = 0; pass < PASSES * (COLOURS + 1); pass++)
        add_dots_of(f, p, row, y, rise, pass / (COLOURS + 1), pass % (COLOURS + 1) - 1);
}

static void add_colour_bar(const Frame *f, bool missing)
{
    double x = f->right + 30, top = f->top + 14, bottom = f->bottom - 14;
    buf_add_c(f->out, "<defs><linearGradient id=\"value\" x1=\"0\" y1=\"1\" x2=\"0\" y2=\"0\">");
    for (int i = 0; i <= 4; i++) {
        char hex[8];
        colour_of(i / 4.0, hex);
        buf_addf(f->out, "<stop offset=\"%d%%\" stop-color=\"%s\"/>", 25 * i, hex);
    }
    buf_addf(f->out,
             "</linearGradient></defs>\n<rect x=\"%.1f\" y=\"%.1f\" width=\"8\" height=\"%.1f\" "
             "fill=\"url(#value)\"/>\n",
             x, top, bottom - top);
    add_text(f->out, x + 14, top + 10, "s", "start", STR("High"), 60);
    add_text(f->out, x + 14, bottom, "s", "start", STR("Low"), 60);
    double middle = (top + bottom) / 2;
    if (bottom - top > 130)
        buf_addf(
            f->out,
            "<text class=\"s\" text-anchor=\"middle\" transform=\"translate(%.1f %.1f) rotate(-90)\">Feature "
            "value</text>\n",
            x + 24, middle);
    if (!missing)
        return;
    buf_addf(f->out, "<path class=\"p na\" stroke-width=\"8\" d=\"M%.1f %.1fh0\"/>\n", x + 4, f->bottom + 14);
    add_text(f->out, x + 14, f->bottom + 18, "s", "start", STR("Missing"), 70);
}

static void pad_range(double *lo, double *hi, double part)
{
    double d = (*hi - *lo) * part;
    if (!(d > 0))
        d = MAX(fabs(*hi) * 0.1, 1e-3);
    *lo -= d;
    *hi += d;
}

void model_plot_swarm(Buf *out, const ModelPlotSwarm *p)
{
    int n = MIN(p->n, MODEL_PLOT_ROWS_MAX);
    bool missing = false;
    Frame f = frame_of(out, left_of(p->names, n), WIDTH - 110, n, 34);
    for (size_t i = 0; i < (size_t)n * (size_t)p->n_points; i++) {
        f.lo = MIN(f.lo, p->x[i]);
        f.hi = MAX(f.hi, p->x[i]);
        missing = missing || isnan(p->colour[i]);
    }
    pad_range(&f.lo, &f.hi, 0.03);
    open_svg(&f, p->title, f.bottom + BOTTOM);
    add_axis(&f, p->x_label);
    CLEANUP(mem_freep) int *y = mem_array((size_t)MAX(p->n_points, 1), sizeof *y);
    for (int i = 0; i < n; i++) {
        add_name(&f, i, p->names[i]);
        add_line(out, "g", f.left, row_middle(&f, i), f.right, row_middle(&f, i));
        add_dots(&f, p, i, y);
    }
    add_colour_bar(&f, missing);
    buf_add_c(out, "</svg>\n");
}

/* ---- waterfall ---- */

/* A bar that points to where it goes. */
static void add_arrow(const Frame *f, int row, double from, double to)
{
    double x1 = at_x(f, from), x2 = at_x(f, to), y = row_middle(f, row), h = f->row * 0.36;
    double tip = MIN(7, fabs(x2 - x1)) * (x2 < x1 ? -1 : 1);
    buf_addf(f->out, "<path class=\"%s\" d=\"M%.1f %.1fL%.1f %.1fL%.1f %.1fL%.1f %.1fL%.1f %.1fz\"/>\n",
             to >= from ? "up" : "dn", x1, y - h, x2 - tip, y - h, x2, y, x2 - tip, y + h, x1, y + h);
}

static void add_part(const Frame *f, int row, double from, double to, int decimals)
{
    CLEANUP(buf_done) Buf text = BUF(64);
    number_text(&text, to - from, decimals, true);
    add_arrow(f, row, from, to);
    double x1 = at_x(f, from), x2 = at_x(f, to), w = text_width(buf_str(&text)), y = row_middle(f, row) + 4.5;
    bool up = to >= from;
    if (fabs(x2 - x1) > w + 16)
        add_text(f->out, (x1 + x2) / 2 - (up ? 3 : -3), y, "in", "middle", buf_str(&text), 200);
    else if (up)
        add_text(f->out, x2 + 6, y, "nu", "start", buf_str(&text), 200);
    else
        add_text(f->out, x2 - 6, y, "nd", "end", buf_str(&text), 200);
}

/* "name = value", the value in grey; the name is what is shortened. */
static void add_name_value(const Frame *f, int i, const char *name, const char *value)
{
    if (!value[0]) {
        add_name(f, i, name);
        return;
    }
    Str v = str_from(value);
    double w = MIN(text_width(v), 90) + FONT * 1.9;
    double y = row_middle(f, i) + 4.5, room = f->left - 34 - w;
    add_text(f->out, f->left - 12, y, "v", "end", v, 90);
    add_text(f->out, f->left - 12 - w + FONT * 1.1, y, "v", "end", STR("="), 20);
    add_text(f->out, f->left - 12 - w, y, "n", "end", str_from(name), room);
}

static void add_end(const Frame *f, double v, const char *label, int decimals, bool top)
{
    CLEANUP(buf_done) Buf text = BUF(400);
    buf_addf(&text, "%.200s = ", label);
    number_text(&text, v, decimals, false);
    double x = at_x(f, v), w = text_width(buf_str(&text)) / 2;
    double middle = MIN(MAX(x, f->left + w), f->right - w);
    add_line(f->out, "d", x, top ? f->top - 4 : f->top, x, f->bottom);
    add_text(f->out, middle, top ? f->top - 9 : f->bottom + 34, "s", "middle", buf_str(&text), 400);
}

void model_plot_waterfall(Buf *out, const ModelPlotWaterfall *p)
{
    int n = MIN(p->n, MODEL_PLOT_ROWS_MAX);
    double left = 60, most = 0, v = p->base;
    for (int i = 0; i < n; i++) {
        double value = p->values[i][0] ? MIN(text_width(str_from(p->values[i])), 90) + FONT * 1.9 : 0;
        left = MAX(left, 46 + MIN(text_width(str_from(p->names[i])), NAME_MAX_PX) + value + 6);
        most = MAX(most, fabs(p->parts[i]));
    }
    Frame f = frame_of(out, left, WIDTH - 30, n, 32);
    f.top += 18;
    f.bottom += 18;
    f.lo = MIN(p->base, p->end);
    f.hi = MAX(p->base, p->end);
    for (int i = n - 1; i >= 0; i--) {
        v += p->parts[i];
        f.lo = MIN(f.lo, v);
        f.hi = MAX(f.hi, v);
    }
    pad_range(&f.lo, &f.hi, 0.12);
    open_svg(&f, p->title, f.bottom + BOTTOM + 18);
    int decimals = decimals_for(most);
    ModelTicks t = model_plot_ticks(f.lo, f.hi, 7);
    CLEANUP(buf_done) Buf text = BUF(64);
    for (int i = 0; i < t.n; i++) {
        double x = at_x(&f, t.first + i * t.step);
        buf_clear(&text);
        number_text(&text, t.first + i * t.step, t.decimals, false);
        add_line(out, "g", x, f.top, x, f.bottom);
        add_text(out, x, f.bottom + 17, "s", "middle", buf_str(&text), 200);
    }
    add_line(out, "a", f.left, f.bottom, f.right, f.bottom);
    add_end(&f, p->base, p->base_label, decimals, false);
    add_end(&f, p->end, p->end_label, decimals, true);
    v = p->base;
    for (int i = n - 1; i >= 0; i--) {
        double x = at_x(&f, v);
        add_line(out, "d", x, row_middle(&f, i) - f.row * 0.36, x,
                 row_middle(&f, MIN(i + 1, n - 1)) + f.row * 0.36);
        add_part(&f, i, v, v + p->parts[i], decimals);
        add_name_value(&f, i, p->names[i], p->values[i]);
        v += p->parts[i];
    }
    add_text(out, (f.left + f.right) / 2, f.bottom + 60, "x", "middle", str_from(p->x_label), 500);
    buf_add_c(out, "</svg>\n");
}
