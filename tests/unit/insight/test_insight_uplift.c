/* Rows with a known effect: treating lifts the new by 2, others not at all. */
#include "base/mem.h"
#include "insight/insight_uplift.h"
#include "insight/rows.h"
#include "stats/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static char program[4096];

static InsightQuestion question(void)
{
    InsightQuestion q = INSIGHT_QUESTION_DEFAULT;
    snprintf(program, sizeof program, "%s/ehub", getenv("EHUB_TEST_BUILD"));
    q.program = program;
    q.folds = 3;
    q.draws = 100;
    q.by = deadline_in_ms(INT64_C(600000));
    return q;
}

/* n rows: outcome y, treatment t (drawn by chance), months, skill, tier; lift: of the new. */
static void make(Buf *csv, int n, double lift, uint64_t seed)
{
    StatsRng r;
    stats_seed(&r, seed);
    buf_add_c(csv, "y,t,months,skill,tier\n");
    for (int i = 0; i < n; i++) {
        double months = 60 * stats_uniform(&r), skill = stats_normal(&r);
        int t = stats_uniform(&r) < 0.5;
        double y = 1 + skill + (t && months < 30 ? lift : 0) + stats_normal(&r);
        buf_addf(csv, "%.5f,%d,%.4f,%.4f,%s\n", y, t, months, skill, months < 30 ? "new" : "old");
    }
}

static const InsightColumns COLUMNS = {
    .outcome = "y", .treatment = "t", .tier = "tier", .covariates = {"months", "skill"}, .n_covariates = 2};

static const InsightBreakdown *feature(const InsightUplift *u, const char *name)
{
    for (int k = 0; k < u->n_features; k++)
        if (strcmp(u->feature[k].name, name) == 0)
            return &u->feature[k];
    fail_msg("no feature %s", name);
    return NULL;
}

static bool holds(StatsEstimate e, double truth)
{
    return e.low <= truth && truth <= e.high;
}

TEST(the_effect_is_found_where_it_is_and_nowhere_else)
{
    CLEANUP(buf_done) Buf csv = BUF(1u << 20), json = BUF(1u << 22), svg = BUF(1u << 20);
    CLEANUP(insight_data_freep) InsightData *d = NULL;
    CLEANUP(insight_uplift_freep) InsightUplift *u = NULL;
    InsightQuestion q = question();
    Err err = {0};
    make(&csv, 600, 2, 11);
    T_OK(rows_read(buf_cstr(&csv), &COLUMNS, &d, &err), err);
    insight_data_chance(d, 0.5);
    T_OK(insight_uplift(d, &q, 0.5, &u, &err), err);
    assert_true(holds(u->ate, 1));
    for (int g = 0; g < u->tiers.n; g++)
        assert_true(holds(u->tiers.part[g].effect, strcmp(u->tiers.part[g].name, "new") == 0 ? 2 : 0));
    assert_true(u->tiers.p < 1e-4 && u->p_differs < 1e-4);
    assert_true(feature(u, "months")->p_holm < 1e-4 && feature(u, "skill")->p_holm > 0.001);
    assert_true(holds(u->slope, 1) || fabs(u->slope.estimate - 1) < 0.4);
    assert_true(u->most_minus_least.low > 1 && u->qini.low > 0);
    /* All the gain is in the first half: 1 a row, the line of chance has 0.5 there. */
    T_NEAR(1, u->curve[9].gain.estimate, 0.25);
    T_NEAR(u->ate.estimate, u->curve[INSIGHT_CURVE_POINTS - 1].gain.estimate, 1e-9);
    /* The rule asks for the months, and gains 0.75 a row at a cost of 0.5. */
    assert_string_equal("months", d->x_name[u->policy->rule.first]);
    T_NEAR(0.75, u->policy->ruled.over_none.estimate, 0.25);
    Jw w = jw(&json);
    insight_uplift_json(&w, d, u);
    insight_uplift_plot(u, "y", true, &svg);
    assert_true(str_find(buf_str(&json), STR("\"qini\":{\"estimate\":")) > 0);
    assert_true(str_ends(buf_str(&svg), STR("</svg>\n")));
}

TEST(too_few_rows_or_nothing_to_look_at_is_refused)
{
    CLEANUP(buf_done) Buf csv = BUF(1u << 20);
    InsightQuestion q = question();
    Err err = {0};
    InsightUplift *u = NULL;
    make(&csv, 50, 2, 3);
    CLEANUP(insight_data_freep) InsightData *d = NULL;
    T_OK(rows_read(buf_cstr(&csv), &COLUMNS, &d, &err), err);
    T_FAILS(ERR_INVALID, insight_uplift(d, &q, 0, &u, &err));
    assert_non_null(strstr(err.msg, "at least 30 of each"));
    buf_clear(&csv);
    make(&csv, 200, 2, 3);
    CLEANUP(insight_data_freep) InsightData *bare = NULL;
    T_OK(rows_read(buf_cstr(&csv), &(InsightColumns){.outcome = "y", .treatment = "t"}, &bare, &err), err);
    T_FAILS(ERR_INVALID, insight_uplift(bare, &q, 0, &u, &err));
    assert_non_null(strstr(err.msg, "covariates"));
}

TEST(a_chance_of_treatment_lies_between_0_and_1)
{
    InsightData *d = NULL;
    Err err = {0};
    InsightColumns c = {.outcome = "y", .treatment = "t", .propensity = "e"};
    T_FAILS(ERR_INVALID, rows_read("y,t,e\n1,0,0.5\n2,1,1\n", &c, &d, &err));
    assert_non_null(strstr(err.msg, "line 3"));
}

TEST(rows_of_a_third_arm_are_left_out)
{
    CLEANUP(insight_data_freep) InsightData *d = NULL;
    Err err = {0};
    InsightColumns c = {.outcome = "y", .treatment = "t", .treated = "b", .control = "a"};
    T_OK(rows_read("y,t\n1,a\n2,b\n3,c\n4,b\n", &c, &d, &err), err);
    assert_int_equal(3, d->n);
    assert_int_equal(2, insight_n_treated(d));
    assert_int_equal(0, d->n_left_out);
    assert_true(str_find(buf_str(&d->warnings), STR("1 rows left out: neither b nor a")) >= 0);
}

T_MAIN(T(the_effect_is_found_where_it_is_and_nowhere_else), T(too_few_rows_or_nothing_to_look_at_is_refused),
       T(a_chance_of_treatment_lies_between_0_and_1), T(rows_of_a_third_arm_are_left_out))
