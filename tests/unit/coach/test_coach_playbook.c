/* The default playbook is sound, and a wrong file is refused with its line. */
#include "coach/coach_playbook.h"
#include "harness/t.h"

#include <string.h>

#define PLAY_HEAD "playbook:\n  - key: k1\n    title: T\n    summary: S\n"
#define PLAY_DRIVERS "    drivers:\n      - {feature: calls_30d, when: low}\n"
#define PLAY_STEPS \
    "    agent_steps: [a]\n    coach_steps: [b]\n    effort_agent_min: 1\n    effort_coach_min: 2\n"
#define PLAY_LIMITS "    limits: {per_week: 2, per_week_lowest_tier: 1, cooldown_days: 7}\n"
#define PLAY_EFFECT "    prior_effect: 0.2\n    prior_source: assumption\n"

static ErrKind parse(Arena *arena, const char *text, CoachPlaybook *book, Err *err)
{
    return coach_playbook_parse(arena, str_from(text), "p.yaml", book, err);
}

TEST(the_default_playbook_has_at_least_15_interventions_that_give_their_source)
{
    Arena *arena = arena_new(8u << 20);
    CoachPlaybook book;
    Err err;
    T_OK(parse(arena, COACH_PLAYBOOK_DEFAULT, &book, &err), err);
    assert_true(book.n >= 15);
    bool tcpa = false, fair_housing = false;
    for (int i = 0; i < book.n; i++) {
        const CoachPlay *p = &book.plays[i];
        assert_true(p->n_drivers > 0 && p->n_agent_steps > 0 && p->n_coach_steps > 0);
        assert_true(p->prior_effect > 0 && strstr(p->prior_source, "assumption") != NULL);
        assert_true(p->per_week_lowest_tier <= p->per_week && p->cooldown_days >= 7);
        for (int s = 0; s < p->n_agent_steps; s++) {
            tcpa |= strstr(p->agent_steps[s], "TCPA") != NULL;
            fair_housing |= strstr(p->agent_steps[s], "Fair Housing") != NULL;
        }
    }
    assert_true(tcpa && fair_housing);
    arena_free(arena);
}

TEST(a_wrong_file_is_refused_with_its_line)
{
    static const struct {
        const char *text, *message;
    } ROWS[] = {
        {"nothing: 1\n", "p.yaml:1: unknown key \"nothing\""},
        {"playbook: text\n", "p.yaml:1: \"playbook\" has the wrong form"},
        {PLAY_HEAD "    drivers:\n      - {feature: cals_30d, when: low}\n",
         "p.yaml:6: no feature \"cals_30d\""},
        {PLAY_HEAD "    drivers:\n      - {feature: calls_30d, when: often}\n",
         "p.yaml:6: \"when\" is high or low"},
        {PLAY_HEAD PLAY_DRIVERS "    agent_steps: []\n", "p.yaml:7: 1 to 24 steps"},
        {PLAY_HEAD PLAY_DRIVERS PLAY_STEPS "    limits: {per_week: many}\n",
         "p.yaml:11: \"per_week\" must be a whole number from 1 to 1000"},
        {PLAY_HEAD PLAY_DRIVERS PLAY_STEPS PLAY_LIMITS "    prior_effect: 9\n",
         "p.yaml:12: \"prior_effect\" must be a number from -5 to 5 (log-odds)"},
        {PLAY_HEAD PLAY_DRIVERS PLAY_STEPS PLAY_LIMITS PLAY_EFFECT "    enabled: maybe\n",
         "p.yaml:14: \"enabled\" is true or false"},
        {"playbook:\n  - key: K-1\n",
         "p.yaml:2: \"key\" must be lower-case letters, digits and _, and begin with a letter"},
    };
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        Arena *arena = arena_new(1u << 20);
        CoachPlaybook book;
        Err err;
        T_FAILS(ERR_INVALID, parse(arena, ROWS[i].text, &book, &err));
        assert_string_equal(err.msg, ROWS[i].message);
        arena_free(arena);
    }
}

TEST(what_the_api_stores_is_checked_member_by_member)
{
#define LISTS(drivers, steps, limits) \
    "{\"drivers\":" drivers ",\"agent_steps\":" steps ",\"coach_steps\":[\"b\"],\"limits\":" limits "}"
    static const struct {
        const char *json, *message; /* NULL: accepted */
    } ROWS[] = {
        {LISTS("[{\"feature\":\"calls_30d\",\"when\":\"low\"}]", "[\"a\"]", "{}"), NULL},
        {LISTS("[]", "[\"a\"]", "{}"), "drivers: a list of 1 to 16 {\"feature\", \"when\"}"},
        {LISTS("[{\"feature\":\"x\",\"when\":\"low\"}]", "[\"a\"]", "{}"), "drivers: no feature \"x\""},
        {LISTS("[{\"feature\":\"calls_30d\",\"when\":\"low\"}]", "[1]", "{}"),
         "agent_steps: a step is a text of 1 to 1000 bytes"},
        {LISTS("[{\"feature\":\"calls_30d\",\"when\":\"low\"}]", "[\"a\"]", "{\"per_week\":0}"),
         "limits: \"per_week\" must be a whole number from 1 to 1000"},
    };
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        Jv *v;
        Err err;
        T_OK(jv_parse(str_from(ROWS[i].json), &v, &err), err);
        ErrKind kind = coach_playbook_check(v, &err);
        assert_string_equal(err_kind_name(kind), ROWS[i].message ? "invalid" : "none");
        if (ROWS[i].message)
            assert_string_equal(err.msg, ROWS[i].message);
        jv_free(v);
    }
}

T_MAIN(T(the_default_playbook_has_at_least_15_interventions_that_give_their_source),
       T(a_wrong_file_is_refused_with_its_line), T(what_the_api_stores_is_checked_member_by_member))
