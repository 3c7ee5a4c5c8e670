/* Rows with a known effect of each level: more can be too much (Luo et al. 2021). */
#include "insight/insight_dose.h"

#include "insight/rows.h"
#include "stats/stats.h"

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

TEST(levels_of_a_treatment_are_compared_step_by_step)
{
    CLEANUP(buf_done) Buf csv = BUF(1u << 20);
    CLEANUP(insight_doses_freep) InsightDoses *s = NULL;
    InsightQuestion q = question();
    Err err = {0};
    StatsRng r;
    char path[] = "/tmp/ehub-dose-XXXXXX";
    stats_seed(&r, 5);
    buf_add_c(&csv, "y,dose,skill,tier\n");
    for (int i = 0; i < 500; i++) { /* the new: 0, 2, 0.5; the old: 0, 0, 1 */
        static const double LIFT[2][3] = {{0, 2, 0.5}, {0, 0, 1}};
        int old = i % 2, dose = (int)stats_below(&r, 3);
        double skill = stats_normal(&r);
        buf_addf(&csv, "%.5f,%d,%.4f,%s\n", skill + LIFT[old][dose] + 0.5 * stats_normal(&r), 10 * dose,
                 skill, old ? "old" : "new");
    }
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    T_OK(file_write(path, buf_str(&csv), 0600, &err), err);
    InsightColumns c = {.outcome = "y",
                        .treatment = "dose",
                        .tier = "tier",
                        .covariates = {"skill", "tier"},
                        .n_covariates = 2};
    ErrKind kind = insight_doses(path, &c, &q, &s, &err);
    unlink(path);
    T_OK(kind, err);
    assert_int_equal(3, s->n_doses);
    assert_int_equal(3, s->n_steps);
    assert_string_equal("20", s->step[2].to);
    assert_string_equal("10", s->step[2].from);
    for (int g = 0; g < 2; g++) {
        const InsightPart *p = &s->step[2].tiers.part[g];
        T_NEAR(strcmp(p->name, "new") == 0 ? -1.5 : 1, p->effect.estimate, 0.3);
    }
    assert_true(str_find(buf_str(&s->warnings), STR("too much for new: 20 instead of 10")) >= 0);
    assert_true(str_find(buf_str(&s->warnings), STR("too much for old")) < 0);
}

TEST(levels_that_cannot_be_ordered_or_compared_are_refused)
{
    static const struct {
        const char *csv, *says;
    } ROW[] = {{"y,d,s\n1,low,1\n2,high,2\n", "\"low\" is no number"},
               {"y,d,s\n1,3,1\n2,3,2\n", "1 levels"},
               {"y,d,s\n1,1,1\n2,2,2\n1,3,1\n2,4,2\n1,5,1\n2,6,2\n1,7,2\n", "7 levels"}};
    InsightQuestion q = question();
    InsightColumns c = {.outcome = "y", .treatment = "d", .covariates = {"s"}, .n_covariates = 1};
    for (size_t i = 0; i < ARRAY_LEN(ROW); i++) {
        char path[] = "/tmp/ehub-dose-XXXXXX";
        InsightDoses *s = NULL;
        Err err = {0};
        int fd = mkstemp(path);
        assert_true(fd >= 0);
        close(fd);
        T_OK(file_write(path, str_from(ROW[i].csv), 0600, &err), err);
        ErrKind kind = insight_doses(path, &c, &q, &s, &err);
        unlink(path);
        assert_int_equal(ERR_INVALID, kind);
        assert_non_null(strstr(err.msg, ROW[i].says));
    }
}

T_MAIN(T(levels_of_a_treatment_are_compared_step_by_step),
       T(levels_that_cannot_be_ordered_or_compared_are_refused))
