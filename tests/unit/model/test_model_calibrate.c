#include "base/mem.h"
#include "harness/t.h"
#include "model/model_calibrate.h"
#include "stats/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static ModelCalibration *fit(ModelCalibrationKind kind, const double *margin, const double *y, int64_t n)
{
    Err err;
    ModelCalibration *c = NULL;
    T_OK(model_calibrate(kind, margin, y, n, &c, &err), err);
    return c;
}

/* The max-min formula of isotonic regression (Robertson, Wright, Dykstra 1988, theorem 1.4.4): no pooling in it. */
static double max_min(const double *y, int n, int i)
{
    double most = -INFINITY;
    for (int from = 0; from <= i; from++) {
        double least = INFINITY, sum = 0;
        for (int to = from; to < n; to++) {
            sum += y[to];
            if (to >= i)
                least = fmin(least, sum / (to - from + 1));
        }
        most = fmax(most, least);
    }
    return most;
}

TEST(isotonic_is_the_max_min_formula)
{
    enum { N = 120 };
    double margin[N], y[N];
    StatsRng r;
    stats_seed(&r, 5);
    for (int i = 0; i < N; i++) {
        margin[i] = -3 + 6.0 * i / N;
        y[i] = stats_uniform(&r) < 1 / (1 + exp(-margin[i]));
    }
    y[0] = 1; /* the outer blocks are neither all 0 nor all 1 */
    y[N - 1] = 0;
    double shuffled[N], outcomes[N];
    for (int i = 0; i < N; i++) {
        shuffled[i] = margin[i * 7 % N];
        outcomes[i] = y[i * 7 % N];
    }
    CLEANUP(model_calibration_freep) ModelCalibration *c = fit(MODEL_ISOTONIC, shuffled, outcomes, N);
    for (int i = 0; i < N; i++)
        T_NEAR(max_min(y, N, i), model_calibrated(c, margin[i]), 1e-12);
}

TEST(isotonic_goes_straight_from_block_to_block)
{
    /* By hand: 1,0 pool to 1/2 at margins 0..1; 1,1,0 pool to 2/3 at 2..4. */
    double margin[] = {0, 1, 2, 3, 4}, y[] = {1, 0, 1, 1, 0};
    CLEANUP(model_calibration_freep) ModelCalibration *c = fit(MODEL_ISOTONIC, margin, y, 5);
    static const struct {
        double margin, expected;
    } rows[] = {{-9, 0.5}, {0.5, 0.5}, {1, 0.5}, {1.5, 7.0 / 12}, {2, 2.0 / 3}, {3.3, 2.0 / 3}, {9, 2.0 / 3}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        T_NEAR(rows[i].expected, model_calibrated(c, rows[i].margin), 1e-12);
    assert_true(isnan(model_calibrated(c, NAN)));
}

TEST(no_row_is_certain)
{
    /* Outer blocks of two 0 and of three 1: (0 + 1/2) / 3 and (3 + 1/2) / 4 (Jeffreys), but 1/6 is above half of the
     * neighbour's 1/4. */
    double margin[] = {0, 1, 2, 3, 4, 5, 6, 7, 8}, y[] = {0, 0, 1, 0, 0, 0, 1, 1, 1};
    CLEANUP(model_calibration_freep) ModelCalibration *c = fit(MODEL_ISOTONIC, margin, y, 9);
    T_NEAR(0.125, model_calibrated(c, -100), 1e-12);
    T_NEAR(0.25, model_calibrated(c, 3), 1e-12);
    T_NEAR(0.875, model_calibrated(c, 100), 1e-12);
}

TEST(equal_margins_have_one_probability)
{
    double margin[] = {1, 1, 1, 1, 2, 2}, y[] = {0, 1, 0, 0, 1, 0};
    CLEANUP(model_calibration_freep) ModelCalibration *c = fit(MODEL_ISOTONIC, margin, y, 6);
    T_NEAR(0.25, model_calibrated(c, 1), 1e-12);
    T_NEAR(0.5, model_calibrated(c, 2), 1e-12);
}

TEST(platt_of_two_margins_has_a_closed_form)
{
    /* Two margins and two parameters: each probability is the mean of its targets. 20 rows at -1 with 4 positives, 20 at
     * +1 with 17: 21 positives and 19 negatives, targets 22/23 and 1/21 (Platt 1999). */
    double margin[40], y[40];
    for (int i = 0; i < 40; i++) {
        margin[i] = i < 20 ? -1 : 1;
        y[i] = i < 20 ? i < 4 : i < 37;
    }
    CLEANUP(model_calibration_freep) ModelCalibration *c = fit(MODEL_PLATT, margin, y, 40);
    T_NEAR((4 * 22.0 / 23 + 16 * 1.0 / 21) / 20, model_calibrated(c, -1), 1e-6);
    T_NEAR((17 * 22.0 / 23 + 3 * 1.0 / 21) / 20, model_calibrated(c, 1), 1e-6);
}

TEST(platt_is_at_the_optimum_whatever_the_scale_of_the_margins)
{
    /* The loss is convex: where both of its slopes are 0 is its only minimum. */
    static const double scales[] = {1e-4, 1, 1e4};
    for (size_t k = 0; k < ARRAY_LEN(scales); k++) {
        enum { N = 3000 };
        static double margin[N], y[N];
        StatsRng r;
        stats_seed(&r, 6);
        double positives = 0;
        for (int i = 0; i < N; i++) {
            double m = stats_normal(&r) - 1;
            margin[i] = m * scales[k];
            positives += y[i] = stats_uniform(&r) < 1 / (1 + exp(-2 * m - 1));
        }
        CLEANUP(model_calibration_freep) ModelCalibration *c = fit(MODEL_PLATT, margin, y, N);
        double slope_a = 0, slope_b = 0;
        for (int i = 0; i < N; i++) {
            double t = y[i] > 0 ? (positives + 1) / (positives + 2) : 1 / (N - positives + 2);
            double miss = t - model_calibrated(c, margin[i]);
            slope_a += miss * margin[i] / scales[k] / N;
            slope_b += miss / N;
        }
        T_NEAR(0, slope_a, 1e-6);
        T_NEAR(0, slope_b, 1e-6);
        T_NEAR(-2, c->a * scales[k], 0.3); /* that it was drawn with, and the sign of Platt's notation */
    }
}

TEST(perfectly_separated_rows_are_no_endless_loop)
{
    double margin[] = {-5, -4, 4, 5}, y[] = {0, 0, 1, 1};
    CLEANUP(model_calibration_freep) ModelCalibration *c = fit(MODEL_PLATT, margin, y, 4);
    T_NEAR(0.75, model_calibrated(c, 4.5), 0.05); /* target (2 + 1) / (2 + 2) */
    T_NEAR(0.25, model_calibrated(c, -4.5), 0.05);
}

TEST(what_cannot_be_calibrated_on_is_refused)
{
    static const struct {
        double margin[3], y[3];
        const char *says;
    } rows[] = {
        {{1, 2, 3}, {1, 1, 1}, "both outcomes"}, {{1, 2, 3}, {0, 0, 0}, "both outcomes"},
        {{1, NAN, 3}, {0, 1, 0}, "row 2"},       {{1, 2, INFINITY}, {0, 1, 0}, "row 3"},
        {{1, 2, 3}, {0, 0.5, 1}, "0.5"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        for (int kind = MODEL_ISOTONIC; kind <= MODEL_PLATT; kind++) {
            Err err;
            ModelCalibration *c = NULL;
            T_FAILS(ERR_INVALID, model_calibrate(kind, rows[i].margin, rows[i].y, 3, &c, &err));
            assert_non_null(strstr(err.msg, rows[i].says));
            assert_null(c);
        }
    ModelCalibration *c = NULL;
    T_FAILS(ERR_INVALID, model_calibrate(MODEL_PLATT, NULL, NULL, 0, &c, NULL));
}

TEST(it_is_written_and_read_without_a_bit_lost)
{
    double margin[] = {0.1, 1.0 / 3, 2e-9, 3, 4e11}, y[] = {1, 0, 1, 1, 0};
    for (int kind = MODEL_ISOTONIC; kind <= MODEL_PLATT; kind++) {
        Err err;
        CLEANUP(model_calibration_freep) ModelCalibration *c = fit(kind, margin, y, 5), *back = NULL;
        CLEANUP(buf_done) Buf text = BUF(4096);
        Jw w = jw(&text);
        model_calibration_write(&w, c);
        CLEANUP(jv_freep) Jv *json = NULL;
        T_OK(jv_parse(buf_str(&text), &json, &err), err);
        T_OK(model_calibration_parse(json, &back, &err), err);
        for (double m = -1; m < 5; m += 0.01)
            T_NEAR(model_calibrated(c, m), model_calibrated(back, m), 0);
    }
}

TEST(damaged_calibrations_are_refused)
{
    static const char *const rows[] = {
        "{}",
        "[]",
        "{\"kind\":\"other\"}",
        "{\"kind\":\"platt\",\"a\":1}",
        "{\"kind\":\"platt\",\"a\":\"1\",\"b\":2}",
        "{\"kind\":\"isotonic\"}",
        "{\"kind\":\"isotonic\",\"from\":[],\"to\":[]}",
        "{\"kind\":\"isotonic\",\"from\":[1,2],\"to\":[0.5]}",
        "{\"kind\":\"isotonic\",\"from\":[2,1],\"to\":[0.5,0.6]}",
        "{\"kind\":\"isotonic\",\"from\":[1,1],\"to\":[0.5,0.6]}",
        "{\"kind\":\"isotonic\",\"from\":[1,2],\"to\":[0.6,0.5]}",
        "{\"kind\":\"isotonic\",\"from\":[1,2],\"to\":[0.5,1.5]}",
        "{\"kind\":\"isotonic\",\"from\":[1,2],\"to\":[-0.1,1]}",
        "{\"kind\":\"isotonic\",\"from\":[1,null],\"to\":[0,1]}",
        "{\"kind\":\"isotonic\",\"from\":{\"a\":1},\"to\":{\"a\":1}}",
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        Err err;
        CLEANUP(jv_freep) Jv *json = NULL;
        T_OK(jv_parse(str_from(rows[i]), &json, &err), err);
        ModelCalibration *c = NULL;
        if (model_calibration_parse(json, &c, &err) != ERR_CORRUPT || c)
            fail_msg("accepted: %s", rows[i]);
    }
}

T_MAIN(T(isotonic_is_the_max_min_formula), T(isotonic_goes_straight_from_block_to_block),
       T(no_row_is_certain), T(equal_margins_have_one_probability), T(platt_of_two_margins_has_a_closed_form),
       T(platt_is_at_the_optimum_whatever_the_scale_of_the_margins),
       T(perfectly_separated_rows_are_no_endless_loop), T(what_cannot_be_calibrated_on_is_refused),
       T(it_is_written_and_read_without_a_bit_lost), T(damaged_calibrations_are_refused))
