/* Twelve agents over six months; expected values: R 4.2, glm(family = poisson), qgamma. */
#include "base/mem.h"
#include "insight/insight_productivity.h"
#include "insight/rows.h"

#include <math.h>
#include <string.h>

static const char OUTPUT[] = "202321000220351240746945221724013113200271222153110531003020222762123563";

/* agent 1 .. 12 by month 1 .. 6; offices n, s, w in turn; even agents are coached from month 4 on. */
static void make(Buf *csv, const char *output)
{
    buf_add_c(csv, "y,agent,month,office,mix,coached\n");
    for (int i = 0; i < 72; i++) {
        int agent = i / 6 + 1, month = i % 6 + 1;
        buf_addf(csv, "%c,a%d,2024-%02d,%c,%g,%d\n", output[i], agent, month, "nsw"[(agent - 1) % 3],
                 (i * 37) % 100 / 100.0, agent % 2 == 0 && month >= 4);
    }
}

static const InsightColumns COLUMNS = {.outcome = "y",
                                       .unit = "agent",
                                       .time = "month",
                                       .stratum = "office",
                                       .treatment = "coached",
                                       .covariates = {"mix"},
                                       .n_covariates = 1};

TEST(months_and_offices_are_compared_as_in_a_poisson_regression)
{
    static const double MONTH[6] = {-0.2013776106856, -0.36229955127666, -0.2059822883219,
                                    0.48182634481412, 0.45682298442005,  -0.16898987895};
    static const double OFFICE[3] = {0.096978778327088, -0.011949452040864, -0.085029326286223};
    static const double ADJUSTED[3] = {2.6757512481463, 2.3995997460826, 2.2304917497274};
    CLEANUP(buf_done) Buf csv = BUF(1u << 16);
    CLEANUP(insight_data_freep) InsightData *d = NULL;
    CLEANUP(insight_productivity_freep) InsightProductivity *p = NULL;
    Err err = {0};
    make(&csv, OUTPUT);
    T_OK(rows_read(buf_cstr(&csv), &COLUMNS, &d, &err), err);
    T_OK(insight_productivity(d, 0.95, &p, &err), err);
    T_NEAR(1.5826106710565, p->dispersion, 1e-9);
    T_NEAR(0.68974552388593, p->covariate[0].log_ratio.estimate, 1e-9);
    assert_int_equal(6, p->n_periods);
    assert_string_equal("2024-05", p->period[4].name);
    for (int k = 0; k < 6; k++)
        T_NEAR(MONTH[k], p->period[k].log_ratio.estimate, 1e-9);
    for (int k = 0; k < 3; k++) {
        T_NEAR(OFFICE[k], p->office[k].log_ratio.estimate, 1e-9);
        T_NEAR(ADJUSTED[k], p->office[k].adjusted, 1e-9);
        assert_true(p->office[k].log_ratio.se > 0 && p->office[k].log_ratio.df < 12);
    }
}

TEST(agents_are_shrunk_to_what_chance_leaves_of_their_difference)
{
    static const struct {
        const char *name;
        double observed, expected, ratio, low, high, below;
    } ROW[] = {
        {"a1", 10, 13.637829944361, 0.79832001822394, 0.43551519358806, 1.26923317898062, 0.1683403014265437},
        {"a2", 4, 14.421209734837, 0.44629927111809, 0.19409509714862, 0.80170024301959, 0.0028697799692807},
        {"a3", 15, 15.278383188887, 0.98585321056079, 0.59125329926526, 1.47968726069650, 0.4447927495656036},
    };
    CLEANUP(buf_done) Buf csv = BUF(1u << 16);
    CLEANUP(insight_data_freep) InsightData *d = NULL;
    CLEANUP(insight_productivity_freep) InsightProductivity *p = NULL;
    Err err = {0};
    make(&csv, OUTPUT);
    T_OK(rows_read(buf_cstr(&csv), &COLUMNS, &d, &err), err);
    T_OK(insight_productivity(d, 0.95, &p, &err), err);
    T_NEAR(1.0348972602129, p->dispersion_within, 1e-9);
    T_NEAR(0.48498900173748, p->spread, 1e-9);
    for (int32_t a = 1; a < p->n_agents; a++)
        assert_true(p->agent[a - 1].ratio >= p->agent[a].ratio);
    for (size_t i = 0; i < ARRAY_LEN(ROW); i++)
        for (int32_t a = 0; a < p->n_agents; a++) {
            const InsightAgent *g = &p->agent[a];
            if (strcmp(g->name, ROW[i].name) != 0)
                continue;
            T_NEAR(ROW[i].observed, g->observed, 0);
            T_NEAR(ROW[i].expected, g->expected, 1e-8);
            T_NEAR(ROW[i].ratio, g->ratio, 1e-8);
            T_NEAR(ROW[i].low, g->low, 1e-8);
            T_NEAR(ROW[i].high, g->high, 1e-8);
            T_NEAR(ROW[i].below, g->above, 1e-8);
        }
}

TEST(what_the_treatment_changes_is_told_within_agents)
{
    CLEANUP(buf_done) Buf csv = BUF(1u << 16), json = BUF(1u << 20);
    CLEANUP(insight_data_freep) InsightData *d = NULL;
    CLEANUP(insight_productivity_freep) InsightProductivity *p = NULL;
    Err err = {0};
    make(&csv, OUTPUT);
    T_OK(rows_read(buf_cstr(&csv), &COLUMNS, &d, &err), err);
    T_OK(insight_productivity(d, 0.95, &p, &err), err);
    assert_true(p->within && p->zero_rows == 0);
    T_NEAR(-0.35947525037928, p->treatment_log_ratio.estimate, 1e-9);
    T_NEAR(2.8888888888889 * (1 - exp(0.35947525037928)), p->additional, 1e-9);
    assert_true(p->additional_low < p->additional && p->additional < p->additional_high);
    Jw w = jw(&json);
    jw_obj(&w);
    insight_productivity_json(&w, p);
    jw_end(&w);
    assert_true(str_find(buf_str(&json), STR("\"within_agents\":true")) > 0);
}

TEST(agents_without_any_output_say_nothing_about_the_treatment_and_are_left_out_of_it)
{
    char output[sizeof OUTPUT];
    CLEANUP(buf_done) Buf csv = BUF(1u << 16);
    CLEANUP(insight_data_freep) InsightData *d = NULL;
    CLEANUP(insight_productivity_freep) InsightProductivity *p = NULL;
    Err err = {0};
    memcpy(output, OUTPUT, sizeof output);
    memset(output, '0', 6);
    make(&csv, output);
    T_OK(rows_read(buf_cstr(&csv), &COLUMNS, &d, &err), err);
    T_OK(insight_productivity(d, 0.95, &p, &err), err);
    assert_int_equal(6, p->zero_rows);
    assert_int_equal(12, p->n_agents);
    assert_string_equal("a1", p->agent[11].name);
    assert_true(p->agent[11].ratio > 0 && p->agent[11].low > 0);
}

TEST(a_treatment_that_never_changes_within_an_agent_is_compared_between_them_with_a_warning)
{
    CLEANUP(insight_data_freep) InsightData *d = NULL;
    CLEANUP(insight_productivity_freep) InsightProductivity *p = NULL;
    Err err = {0};
    InsightColumns c = {.outcome = "y", .unit = "a", .treatment = "t"};
    T_OK(rows_read("y,a,t\n2,p,0\n4,p,0\n3,q,1\n9,q,1\n3,r,0\n1,r,0\n5,s,1\n7,s,1\n", &c, &d, &err), err);
    T_OK(insight_productivity(d, 0.95, &p, &err), err);
    assert_false(p->within);
    T_NEAR(log(24.0 / 10), p->treatment_log_ratio.estimate, 1e-10); /* 24 and 10 in four rows each */
    assert_true(str_find(buf_str(&p->warnings), STR("does not change within agents")) >= 0);
}

TEST(outputs_and_exposures_that_cannot_be_are_refused_by_line)
{
    static const struct {
        const char *csv, *says;
    } ROW[] = {{"y,e\n1,1\n-2,1\n", "line 3: an output of -2"},
               {"y,e\n1,0\n2,1\n", "line 2: an exposure of 0"},
               {"y,e\n0,1\n0,1\n", "all 2 rows have an output of 0"}};
    for (size_t i = 0; i < ARRAY_LEN(ROW); i++) {
        CLEANUP(insight_data_freep) InsightData *d = NULL;
        InsightProductivity *p = NULL;
        Err err = {0};
        T_OK(rows_read(ROW[i].csv, &(InsightColumns){.outcome = "y", .exposure = "e"}, &d, &err), err);
        T_FAILS(ERR_INVALID, insight_productivity(d, 0.95, &p, &err));
        assert_non_null(strstr(err.msg, ROW[i].says));
    }
}

T_MAIN(T(months_and_offices_are_compared_as_in_a_poisson_regression),
       T(agents_are_shrunk_to_what_chance_leaves_of_their_difference),
       T(what_the_treatment_changes_is_told_within_agents),
       T(agents_without_any_output_say_nothing_about_the_treatment_and_are_left_out_of_it),
       T(a_treatment_that_never_changes_within_an_agent_is_compared_between_them_with_a_warning),
       T(outputs_and_exposures_that_cannot_be_are_refused_by_line))
