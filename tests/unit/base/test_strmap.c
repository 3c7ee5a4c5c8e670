#include "harness/t.h"

#include "base/strmap.h"

TEST(ten_thousand_keys_are_found_again)
{
    CLEANUP(strmap_freep) StrMap *m = strmap_new();
    char key[32];
    for (uint32_t i = 0; i < 10000; i++) {
        int n = snprintf(key, sizeof key, "agent %u", i);
        assert_true(strmap_add(m, (Str){key, (size_t)n}, i));
    }
    assert_int_equal(strmap_len(m), 10000);
    for (uint32_t i = 0; i < 10000; i++) {
        uint32_t v = 0;
        int n = snprintf(key, sizeof key, "agent %u", i);
        assert_true(strmap_get(m, (Str){key, (size_t)n}, &v));
        assert_int_equal(v, i);
    }
    assert_false(strmap_get(m, STR("agent"), NULL));
}

TEST(the_first_value_stays_until_it_is_set)
{
    CLEANUP(strmap_freep) StrMap *m = strmap_new();
    uint32_t v = 0;
    assert_true(strmap_add(m, STR(""), 1));
    assert_false(strmap_add(m, STR_NULL, 2));
    assert_true(strmap_get(m, STR(""), &v));
    assert_int_equal(v, 1);
    strmap_set(m, STR(""), 3);
    assert_true(strmap_get(m, STR(""), &v));
    assert_int_equal(v, 3);
    assert_true(strmap_add(m, STR("a\0b"), 4));
    assert_false(strmap_get(m, STR("a\0c"), &v));
}

T_MAIN(T(ten_thousand_keys_are_found_again), T(the_first_value_stays_until_it_is_set))
