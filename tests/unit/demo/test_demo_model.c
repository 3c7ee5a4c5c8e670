/* The simulated agent keeps the rules that its rows promise, for many agents. */
#include "base/clock.h"
#include "demo/demo_model.h"
#include "harness/t.h"

#include <string.h>

#define AGENTS 60

static DemoWorld world(void)
{
    return (DemoWorld){
        .seed = 11, .first = clock_days(2025, 1, 1), .until = clock_days(2026, 7, 1), .coaching = true};
}

TEST(nothing_is_known_at_or_after_the_end)
{
    DemoWorld w = world();
    DemoRows rows = {0};
    int64_t first = w.first * US_PER_DAY, until = w.until * US_PER_DAY;
    for (int n = 0; n < AGENTS; n++) {
        demo_model_agent(&w, n, n % 3, 5, &rows);
        for (int i = 0; i < rows.n_activities; i++) {
            const DemoActivity *a = &rows.activities[i];
            assert_true(a->known_at < until && a->at >= first);
            assert_true(a->at < until || (strcmp(a->kind, "appointment") == 0 && !a->outcome));
        }
        for (int i = 0; i < rows.n_leads; i++) {
            const DemoLead *l = &rows.leads[i];
            assert_true(l->received_at >= first && l->received_at < until);
            assert_true(l->response_at < until && l->contact_at < until);
            assert_true(!l->response_at || l->response_at >= l->received_at);
            assert_true(!l->contact_at || l->contact_at >= l->response_at);
        }
    }
    demo_rows_done(&rows);
}

TEST(an_opportunity_ends_after_it_begins_and_pays_when_won)
{
    DemoWorld w = world();
    DemoRows rows = {0};
    int64_t until = w.until * US_PER_DAY;
    for (int n = 0; n < AGENTS; n++) {
        demo_model_agent(&w, n, n % 3, 5, &rows);
        for (int i = 0; i < rows.n_opportunities; i++) {
            const DemoOpportunity *o = &rows.opportunities[i];
            bool open = strcmp(o->status, "open") == 0, won = strcmp(o->status, "won") == 0;
            assert_true(open == (o->closed_at == 0));
            if (!open && o->closed_at < o->opened_at)
                fail_msg("agent %d, %s: closed %lld before opened %lld", n, o->status,
                         (long long)o->closed_at, (long long)o->opened_at);
            assert_true(o->opened_at < until && o->closed_at < until);
            assert_true(won == (o->commission_cents >= 0));
        }
    }
    demo_rows_done(&rows);
}

TEST(calls_and_texts_keep_the_hours_of_TCPA)
{
    DemoWorld w = world();
    DemoRows rows = {0};
    for (int n = 0; n < 20; n++) {
        demo_model_agent(&w, n, 0, 5, &rows);
        for (int i = 0; i < rows.n_activities; i++) {
            const DemoActivity *a = &rows.activities[i];
            if (strcmp(a->kind, "call") != 0)
                continue;
            int64_t local = a->at + (int64_t)P_utc_offset_h * 3600 * US_PER_S;
            int64_t hour = (local % US_PER_DAY) / (3600 * US_PER_S);
            assert_in_range(hour, 8, 20); /* 47 CFR 64.1200(c)(1): 8 to 21 at the called party's place */
        }
    }
    demo_rows_done(&rows);
}

TEST(the_same_seed_gives_the_same_agent_and_another_seed_another)
{
    DemoWorld w = world();
    DemoRows a = {0}, b = {0};
    demo_model_agent(&w, 3, 1, 9, &a);
    demo_model_agent(&w, 3, 1, 9, &b);
    assert_int_equal(a.n_activities, b.n_activities);
    assert_true(a.n_activities > 20);
    assert_memory_equal(&a.agent, &b.agent, sizeof(a.agent));
    for (int i = 0; i < a.n_activities; i++)
        assert_true(uuid_eq(a.activities[i].id, b.activities[i].id) &&
                    a.activities[i].at == b.activities[i].at);
    w.seed = 12;
    demo_model_agent(&w, 3, 1, 9, &b);
    assert_false(uuid_eq(a.agent.id, b.agent.id));
    demo_rows_done(&a);
    demo_rows_done(&b);
}

TEST(ids_are_version_7_and_end_in_the_slot_of_the_office)
{
    DemoWorld w = world();
    DemoRows rows = {0};
    demo_model_agent(&w, 1, 2, 0xAB, &rows);
    char text[UUID_TEXT];
    uuid_format(rows.activities[0].id, text);
    assert_true(text[14] == '7');
    assert_int_equal(uuid_slot(rows.agent.id), 0xAB);
    assert_int_equal(uuid_slot(rows.activities[0].id), 0xAB);
    assert_int_equal(uuid_slot(rows.opportunities[0].id), 0xAB);
    demo_rows_done(&rows);
}

/* The world is the same up to what coaching does: leads arrive alike, and more is closed with coaching. */
TEST(coaching_changes_what_agents_close_and_not_who_asks)
{
    DemoWorld with = world(), without = world();
    without.coaching = false;
    DemoRows rows = {0};
    int64_t from = with.first * US_PER_DAY, to = with.until * US_PER_DAY;
    int won_with = 0, won_without = 0;
    for (int n = 0; n < AGENTS; n++) {
        demo_model_agent(&with, n, 0, 5, &rows);
        int leads = rows.n_leads, sessions = rows.n_sessions;
        won_with += demo_rows_won(&rows, from, to);
        demo_model_agent(&without, n, 0, 5, &rows);
        assert_int_equal(leads, rows.n_leads);
        assert_int_equal(sessions, rows.n_sessions);
        won_without += demo_rows_won(&rows, from, to);
    }
    assert_true(won_with > won_without * 105 / 100);
    demo_rows_done(&rows);
}

TEST(a_rollout_moves_only_the_sessions_and_some_agents_wait_past_half_a_year)
{
    DemoWorld all = world(), rollout = world();
    rollout.rollout = true;
    DemoRows a = {0}, b = {0};
    int64_t from = all.first * US_PER_DAY, half_year = from + 182 * US_PER_DAY;
    int after = 0, never = 0;
    for (int n = 0; n < AGENTS; n++) {
        demo_model_agent(&all, n, 0, 5, &a);
        demo_model_agent(&rollout, n, 0, 5, &b);
        assert_int_equal(a.n_leads, b.n_leads);
        assert_int_equal(a.agent.started_on, b.agent.started_on);
        assert_int_equal(a.agent.left_on, b.agent.left_on);
        assert_true(b.n_sessions <= a.n_sessions);
        for (int i = 0; i < b.n_sessions; i++) { /* the last ones of the other world, none earlier */
            assert_true(b.sessions[i].at == a.sessions[a.n_sessions - b.n_sessions + i].at);
            assert_true(b.sessions[i].at >= half_year);
        }
        after += b.n_sessions > 0;
        never += b.n_sessions == 0;
    }
    assert_true(after > AGENTS / 2 && never > AGENTS / 10);
    demo_rows_done(&a);
    demo_rows_done(&b);
}

T_MAIN(T(nothing_is_known_at_or_after_the_end), T(an_opportunity_ends_after_it_begins_and_pays_when_won),
       T(calls_and_texts_keep_the_hours_of_TCPA),
       T(the_same_seed_gives_the_same_agent_and_another_seed_another),
       T(ids_are_version_7_and_end_in_the_slot_of_the_office),
       T(coaching_changes_what_agents_close_and_not_who_asks),
       T(a_rollout_moves_only_the_sessions_and_some_agents_wait_past_half_a_year))
