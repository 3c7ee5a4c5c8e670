#include "harness/t.h"

#include "api/api_rate.h"
#include "base/clock.h"

#define MINUTE (60 * US_PER_S)

TEST(after_the_tries_of_a_minute_the_next_is_refused_and_told_when)
{
    ApiRate *r = api_rate_new();
    Err err;
    int wait_s = 0;
    int64_t now = 1000 * US_PER_S;
    for (int i = 0; i < 10; i++)
        T_OK(api_rate_take(r, STR("a@x.test"), 10, now, &wait_s, &err), err);
    T_FAILS(ERR_RATE, api_rate_take(r, STR("a@x.test"), 10, now, &wait_s, &err));
    /* ten a minute: one every six seconds; the wait is rounded up */
    assert_in_range(wait_s, 6, 7);
    T_OK(api_rate_take(r, STR("b@x.test"), 10, now, &wait_s, &err), err);
    T_OK(api_rate_take(r, STR("a@x.test"), 10, now + 7 * US_PER_S, &wait_s, &err), err);
    T_FAILS(ERR_RATE, api_rate_take(r, STR("a@x.test"), 10, now + 7 * US_PER_S, &wait_s, &err));
    api_rate_free(r);
}

TEST(a_long_pause_gives_no_more_than_one_minute_of_tries)
{
    ApiRate *r = api_rate_new();
    Err err;
    int wait_s, taken = 0;
    T_OK(api_rate_take(r, STR("k"), 5, MINUTE, &wait_s, &err), err);
    while (api_rate_take(r, STR("k"), 5, 100 * MINUTE, &wait_s, &err) == ERR_NONE)
        taken++;
    assert_int_equal(taken, 5);
    api_rate_free(r);
}

TEST(a_million_keys_need_no_more_memory_and_the_last_one_is_still_limited)
{
    ApiRate *r = api_rate_new();
    Err err;
    int wait_s;
    char key[32];
    for (int i = 0; i < 1000000; i++) {
        int n = snprintf(key, sizeof(key), "key %d", i);
        T_OK(api_rate_take(r, (Str){key, (size_t)n}, 1, MINUTE + i, &wait_s, &err), err);
    }
    T_FAILS(ERR_RATE, api_rate_take(r, str_from(key), 1, MINUTE + 1000000, &wait_s, &err));
    api_rate_free(r);
}

TEST(a_third_of_the_keys_it_holds_are_remembered_all_but_a_few)
{
    ApiRate *r = api_rate_new();
    Err err;
    int wait_s, forgotten = 0, n_keys = API_RATE_KEYS / 3;
    char key[32];
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < n_keys; i++) {
            int n = snprintf(key, sizeof(key), "key %d", i);
            ErrKind k = api_rate_take(r, (Str){key, (size_t)n}, 1, MINUTE + i, &wait_s, &err);
            forgotten += round == 1 && k == ERR_NONE;
        }
    /* sets of 8 with 2.7 keys on average: Poisson says 0.6 % lie in a set with more than 8 */
    assert_in_range(forgotten, 0, n_keys / 40);
    api_rate_free(r);
}

T_MAIN(T(after_the_tries_of_a_minute_the_next_is_refused_and_told_when),
       T(a_long_pause_gives_no_more_than_one_minute_of_tries),
       T(a_million_keys_need_no_more_memory_and_the_last_one_is_still_limited),
       T(a_third_of_the_keys_it_holds_are_remembered_all_but_a_few))
