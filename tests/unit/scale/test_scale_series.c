/* Unit tests for src/scale/scale_series.c and scale_resample.c. Expected values are reckoned by hand. */
#include "harness/t.h"

#include "scale/scale_series.h"

#include <math.h>
#include <sys/mman.h>
#include <unistd.h>

static ErrKind read_text(const char *text, const ScaleSeriesConf *conf, ScaleSeries **ret, Err *reterr)
{
    int fd = memfd_create("series", 0);
    char path[32];
    assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    ErrKind kind = scale_series_read(path, conf, ret, reterr);
    close(fd);
    return kind;
}

#define MISSING NAN
static void expect(const char *text, const ScaleSeriesConf *conf, int64_t step_s, const double *v, int64_t n)
{
    CLEANUP(scale_series_freep) ScaleSeries *s = NULL;
    Err err = {0};
    T_OK(read_text(text, conf, &s, &err), err);
    assert_int_equal(s->step_s, step_s);
    assert_int_equal(s->n, n);
    for (int64_t i = 0; i < n; i++)
        if (isnan(v[i]) != isnan(s->v[i]) || fabs(v[i] - s->v[i]) > 1e-9)
            fail_msg("step %lld: %g instead of %g", (long long)i, s->v[i], v[i]);
}

TEST(rows_in_any_order_with_gaps_and_twice_give_one_value_a_step)
{
    expect("time,load\n"
           "2024-05-01T00:00:00Z,1.5\n"
           "2024-05-01T00:20:00Z,5\n" /* out of order; 00:15 is not there */
           "2024-05-01T00:05:00Z,2\n"
           "2024-05-01T00:10:00Z,3\n"
           "2024-05-01T00:10:00Z,4\n", /* twice: the mean */
           &(ScaleSeriesConf){0}, 300, (double[]){1.5, 2, 3.5, MISSING, 5}, 5);
}

TEST(counts_are_summed_over_a_longer_step_and_levels_averaged)
{
    static const char *const COUNTS = "t,calls\n1714521600,10\n1714523400,20\n1714525200,30\n1714527000,40\n";
    expect(COUNTS, &(ScaleSeriesConf){.step_s = 3600}, 3600, (double[]){30, 70}, 2);
    expect(COUNTS, &(ScaleSeriesConf){.step_s = 3600, .agg = SCALE_AGG_MEAN}, 3600, (double[]){15, 35}, 2);
    expect("t,cpu\n1714521600,0.5\n1714523400,0.7\n1714525200,0.1\n1714527000,0.3\n",
           &(ScaleSeriesConf){.step_s = 3600}, 3600, (double[]){0.6, 0.2}, 2);
}

TEST(the_same_instant_is_the_same_in_every_way_to_write_it)
{
    static const char *const SAME[] = {
        "t,v\n1714521600,1\n1714521900,2\n",
        "t,v\n1714521600000,1\n1714521900000,2\n",
        "t,v\n2024-05-01 00:00:00+00:00,1\n2024-05-01 00:05:00+00:00,2\n",
        "t,v\n2024-05-01T02:00:00+02:00,1\n2024-05-01T02:05:00+02:00,2\n",
        "\xef\xbb\xbft;v\r\n2024-05-01T00:00:00Z;1\r\n2024-05-01T00:05:00Z;2\r\n",
    };
    for (size_t i = 0; i < ARRAY_LEN(SAME); i++) {
        CLEANUP(scale_series_freep) ScaleSeries *s = NULL;
        Err err = {0};
        T_OK(read_text(SAME[i], &(ScaleSeriesConf){0}, &s, &err), err);
        assert_int_equal(s->start_us, INT64_C(1714521600) * 1000000);
        assert_int_equal(s->step_s, 300);
    }
}

TEST(a_file_that_is_no_series_is_refused_by_its_place)
{
    static const struct {
        const char *text, *says;
    } BAD[] = {
        {"", "empty"},
        {"time,load\n", "no rows"},
        {"time,load\n2024-05-01T00:00:00Z,1\n2024-05-01T00:05:00Z,many\n2024-05-01T00:10:00Z,3\n2024-05-"
         "01T00:15:00Z,3\n2024-05-01T00:20:00Z,3\n",
         "line 3"},
        {"time,load\n2024-05-01T00:00:00Z,1\n2024-05-01T00:05:00Z,2,3\n", "line 3"},
        {"\xef\xbb\xbftime,load\n2024-05-01T00:00:00Z,1\n2024-05-01T00:05:00Z,\xde\n", "not valid UTF-8"},
    };
    const ScaleSeriesConf named = {.time_column = "time", .value_column = "load"};
    for (size_t i = 0; i < ARRAY_LEN(BAD); i++) {
        CLEANUP(scale_series_freep) ScaleSeries *s = NULL;
        Err err = {0};
        if (read_text(BAD[i].text, &named, &s, &err) == ERR_NONE)
            fail_msg("%s is read", BAD[i].text);
        if (!strstr(err.msg, BAD[i].says))
            fail_msg("\"%s\" does not say \"%s\"", err.msg, BAD[i].says);
    }
}

T_MAIN(T(rows_in_any_order_with_gaps_and_twice_give_one_value_a_step),
       T(counts_are_summed_over_a_longer_step_and_levels_averaged),
       T(the_same_instant_is_the_same_in_every_way_to_write_it),
       T(a_file_that_is_no_series_is_refused_by_its_place))
