/* test_model_plot.c - the pictures are whole, escaped and drawn to scale. */
#include "harness/t.h"

#include "base/mem.h"
#include "model/model_plot.h"

#include <math.h>
#include <stdlib.h>

static int count(const Buf *svg, const char *what)
{
    int n = 0;
    for (const char *p = strstr(buf_cstr(svg), what); p; p = strstr(p + 1, what))
        n++;
    return n;
}

/* Every element is closed, in order; no bare & or < in texts. Enough of XML for what we write. */
static void assert_well_formed(const Buf *svg)
{
    char open[64][32];
    int depth = 0;
    for (const char *p = buf_cstr(svg); *p;) {
        if (*p == '&')
            assert_true(!strncmp(p, "&amp;", 5) || !strncmp(p, "&lt;", 4) || !strncmp(p, "&gt;", 4) ||
                        !strncmp(p, "&quot;", 6));
        if (*p != '<') {
            assert_true((unsigned char)*p >= 0x20 || *p == '\n');
            p++;
            continue;
        }
        const char *end = strchr(p, '>');
        assert_non_null(end);
        size_t n = strcspn(p + 1, " >/");
        if (p[1] == '/') {
            n = strcspn(p + 2, ">");
            assert_true(depth > 0);
            depth--;
            assert_true(strlen(open[depth]) == n && !strncmp(open[depth], p + 2, n));
        } else if (end[-1] != '/') {
            assert_true(depth < 64 && n < 32);
            memcpy(open[depth], p + 1, n);
            open[depth++][n] = 0;
        }
        p = end + 1;
    }
    assert_int_equal(depth, 0);
}

static const char *const NAMES[] = {
    "plain", "a <b> & \"c\" \x01",
    "a name that is much too long for the room that there is on the left of the picture, really"};

/* Steps of 1, 2 or 5 times a power of ten, all inside the range. Expected by hand. */
TEST(ticks_are_round_numbers_inside_the_range)
{
    static const struct {
        double lo, hi;
        int about;
        double first, step;
        int n, decimals;
    } CASES[] = {
        {0, 1, 5, 0, .2, 6, 1},          {-.3, .3, 6, -.3, .1, 7, 1},       {0, 1000, 7, 0, 200, 6, 0},
        {-4.9, -1.6, 7, -4.5, .5, 6, 1}, {1e-6, 3e-6, 4, 1e-6, 5e-7, 5, 7}, {0, 1e9, 5, 0, 2e8, 6, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        ModelTicks t = model_plot_ticks(CASES[i].lo, CASES[i].hi, CASES[i].about);
        T_NEAR(CASES[i].first, t.first, CASES[i].step * 1e-9);
        T_NEAR(CASES[i].step, t.step, CASES[i].step * 1e-9);
        assert_int_equal(t.n, CASES[i].n);
        assert_int_equal(t.decimals, CASES[i].decimals);
    }
}

/* Widths of the bars of the values 4, 2 and 1. */
TEST(bars_are_as_long_as_their_values)
{
    const double values[] = {4, 2, 1};
    CLEANUP(buf_done) Buf svg = BUF(MODEL_PLOT_BYTES_MAX);
    model_plot_bars(
        &svg,
        &(ModelPlotBars){
            .title = "Bars <&>", .x_label = "Mean", .n = 3, .names = NAMES, .n_groups = 1, .values = values});
    assert_well_formed(&svg);
    double w[3];
    const char *p = buf_cstr(&svg);
    for (int i = 0; i < 3; i++) {
        p = strstr(p, "<rect");
        assert_non_null(p);
        w[i] = strtod(strstr(p, "width=\"") + 7, NULL);
        p++;
    }
    assert_true(w[0] > 100);
    T_NEAR(2, w[0] / w[1], 1e-3);
    T_NEAR(4, w[0] / w[2], 1e-3);
    assert_int_equal(count(&svg, ">+4.00<"), 1);
    assert_int_equal(count(&svg, "a &lt;b&gt; &amp; &quot;c&quot;  <"), 1);
    assert_int_equal(count(&svg, "Bars &lt;&amp;&gt;"), 2);
}

TEST(a_long_name_is_cut_and_whole_in_a_title)
{
    const double values[] = {4, 2, 1};
    CLEANUP(buf_done) Buf svg = BUF(MODEL_PLOT_BYTES_MAX);
    model_plot_bars(&svg,
                    &(ModelPlotBars){
                        .title = "", .x_label = "", .n = 3, .names = NAMES, .n_groups = 1, .values = values});
    assert_int_equal(
        count(&svg, "<title>a name that is much too long for the room that there is on the left of the "
                    "picture, really</title>"),
        1);
    assert_int_equal(count(&svg, "\xE2\x80\xA6</text>"), 1);
}

TEST(groups_are_stacked_with_a_legend)
{
    static const char *const GROUPS[] = {"cold", "warm", "hot"};
    const double values[] = {1, 2, 3, 0, 0, 0};
    CLEANUP(buf_done) Buf svg = BUF(MODEL_PLOT_BYTES_MAX);
    model_plot_bars(&svg, &(ModelPlotBars){.title = "t",
                                           .x_label = "x",
                                           .n = 2,
                                           .names = NAMES,
                                           .n_groups = 3,
                                           .group_names = GROUPS,
                                           .values = values});
    assert_well_formed(&svg);
    assert_int_equal(count(&svg, "<rect"), 2 * 3 + 3);
    assert_int_equal(count(&svg, ">warm</text>"), 1);
}

/* One dot for each point, missing values in a class of their own. */
TEST(a_swarm_has_a_dot_for_every_row)
{
    enum { POINTS = 500 };
    CLEANUP(mem_freep) double *x = mem_array(2 * POINTS, sizeof *x);
    CLEANUP(mem_freep) float *colour = mem_array(2 * POINTS, sizeof *colour);
    for (int i = 0; i < 2 * POINTS; i++) {
        x[i] = sin(i);
        colour[i] = i % 10 == 0 ? NAN : (float)(i % 7) / 6;
    }
    CLEANUP(buf_done) Buf svg = BUF(MODEL_PLOT_BYTES_MAX);
    model_plot_swarm(&svg, &(ModelPlotSwarm){.title = "t",
                                             .x_label = "x",
                                             .n = 2,
                                             .names = NAMES,
                                             .n_points = POINTS,
                                             .x = x,
                                             .colour = colour});
    assert_well_formed(&svg);
    assert_int_equal(count(&svg, "h0"), 2 * POINTS + 1); /* and the dot of the legend */
    assert_true(count(&svg, "class=\"p na\"") > 2);
    assert_int_equal(count(&svg, ">Missing</text>"), 1);
}

TEST(a_waterfall_goes_from_the_base_to_the_end)
{
    static const char *const VALUES[] = {"5", "missing", ""};
    const double parts[] = {-1.5, .75, .25};
    CLEANUP(buf_done) Buf svg = BUF(MODEL_PLOT_BYTES_MAX);
    model_plot_waterfall(&svg, &(ModelPlotWaterfall){.title = "t",
                                                     .x_label = "x",
                                                     .n = 3,
                                                     .names = NAMES,
                                                     .values = VALUES,
                                                     .parts = parts,
                                                     .base = 2,
                                                     .end = 1.5,
                                                     .base_label = "E[f(x)]",
                                                     .end_label = "f(x)"});
    assert_well_formed(&svg);
    assert_int_equal(count(&svg, "E[f(x)] = 2.00"), 1);
    assert_int_equal(count(&svg, ">f(x) = 1.50"), 1);
    assert_int_equal(count(&svg, "class=\"up\""), 2);
    assert_int_equal(count(&svg, "class=\"dn\""), 1);
    assert_int_equal(count(&svg, "\xE2\x88\x92"
                                 "1.50<"),
                     1);
    assert_int_equal(count(&svg, ">missing</text>"), 1);
}

TEST(nothing_to_show_is_still_a_picture)
{
    const double zero[] = {0, 0, 0};
    const float colour[] = {0.5F, 0.5F, 0.5F};
    CLEANUP(buf_done) Buf svg = BUF(MODEL_PLOT_BYTES_MAX);
    model_plot_bars(
        &svg,
        &(ModelPlotBars){.title = "", .x_label = "", .n = 3, .names = NAMES, .n_groups = 1, .values = zero});
    assert_well_formed(&svg);
    model_plot_swarm(
        &svg,
        &(ModelPlotSwarm){
            .title = "", .x_label = "", .n = 3, .names = NAMES, .n_points = 1, .x = zero, .colour = colour});
    assert_well_formed(&svg);
    static const char *const VALUES[] = {"", "", ""};
    model_plot_waterfall(&svg, &(ModelPlotWaterfall){.title = "",
                                                     .x_label = "",
                                                     .n = 3,
                                                     .names = NAMES,
                                                     .values = VALUES,
                                                     .parts = zero,
                                                     .base_label = "",
                                                     .end_label = ""});
    assert_well_formed(&svg);
    assert_int_equal(count(&svg, "nan"), 0);
    assert_int_equal(count(&svg, "inf"), 0);
}

T_MAIN(T(ticks_are_round_numbers_inside_the_range), T(bars_are_as_long_as_their_values),
       T(a_long_name_is_cut_and_whole_in_a_title), T(groups_are_stacked_with_a_legend),
       T(a_swarm_has_a_dot_for_every_row), T(a_waterfall_goes_from_the_base_to_the_end),
       T(nothing_to_show_is_still_a_picture))
