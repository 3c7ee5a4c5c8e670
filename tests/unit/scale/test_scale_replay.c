/* Unit tests for src/scale/scale_replay.c. */
#include "harness/t.h"

#include "base/jv.h"
#include "scale/scale_plot.h"
#include "scale/scale_replay.h"

#include <math.h>

TEST(short_gaps_are_bridged_and_long_ones_are_silent)
{
    const double v[] = {NAN, 4, NAN, NAN, 10, NAN, NAN, NAN, NAN, 3, -2, NAN};
    const double expected[] = {0, 4, 6, 8, 10, 0, 0, 0, 0, 3, 0, 0};
    double out[12];
    scale_replay_demand(v, 12, out);
    for (int k = 0; k < 12; k++)
        T_NEAR(expected[k], out[k], 1e-12);
}

TEST(the_automatic_capacity_is_a_tenth_of_the_99th_percentile)
{
    double v[102];
    for (int k = 0; k <= 100; k++)
        v[k] = k;
    v[101] = NAN;
    T_NEAR(9.9, scale_replay_capacity(v, 102), 1e-12);
    T_NEAR(0, scale_replay_capacity(v + 101, 1), 0);
}

TEST(the_report_holds_what_the_four_policies_did)
{
    static double demand[600];
    for (int k = 0; k < 600; k++)
        demand[k] = k % 60 < 30 ? 15 : 35;
    ScaleWorld w = SCALE_WORLD_USUAL;
    w.demand = demand;
    w.n = 600;
    w.capacity = 10;
    w.price = 0.5;
    CLEANUP(scale_replay_freep) ScaleReplay *r = NULL;
    CLEANUP(buf_done) Buf out = BUF(1 << 20), svg = BUF(SCALE_PLOT_BYTES_MAX);
    CLEANUP(jv_freep) Jv *j = NULL;
    Err err = {0};
    T_OK(scale_replay(&w, 0, true, &r, &err), err);
    Jw jout = jw(&out);
    scale_replay_json(&jout, r, SCALE_STATIC);
    T_OK(jv_parse(buf_str(&out), &j, &err), err);
    T_NEAR(40 * 0.5, jv_get_f64(j, "cost", NAN), 1e-9); /* 4 replicas, 10 hours */
    T_NEAR(0, jv_get_f64(j, "saving_vs_static", NAN), 0);
    T_NEAR(1, jv_get_f64(j, "availability", NAN), 0);
    T_STR("simulated", jv_get_str(j, "label"));
    assert_int_equal(jv_len(jv_get(j, "policies")), 4);
    scale_plot(&svg, r, 100, 500, "<a & b>", true);
    T_OK(buf_check(&svg, &err), err);
    assert_non_null(strstr(buf_cstr(&svg), "&lt;a &amp; b"));
}

T_MAIN(T(short_gaps_are_bridged_and_long_ones_are_silent),
       T(the_automatic_capacity_is_a_tenth_of_the_99th_percentile),
       T(the_report_holds_what_the_four_policies_did))
