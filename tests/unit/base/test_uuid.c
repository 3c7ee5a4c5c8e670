#include "harness/t.h"

#include "base/clock.h"
#include "base/uuid.h"

TEST(version_7_ids_carry_the_time_and_rise)
{
    Uuid last = UUID_NIL;
    int64_t before = clock_now_us() / 1000;
    for (int i = 0; i < 20000; i++) {
        Uuid u = uuid_v7();
        assert_int_equal(u.b[6] >> 4, 7);
        assert_int_equal(u.b[8] >> 6, 2);
        assert_true(memcmp(u.b, last.b, 8) > 0);
        last = u;
    }
    int64_t ms = 0;
    for (int i = 0; i < 6; i++)
        ms = ms << 8 | last.b[i];
    assert_true(ms >= before && ms <= clock_now_us() / 1000 + 20);
}

TEST(the_last_byte_is_the_slot)
{
    for (int slot = 0; slot < 256; slot++) {
        assert_int_equal(uuid_slot(uuid_v7_in_slot((uint8_t)slot)), slot);
        assert_int_equal(uuid_slot(uuid_from_name_in_slot(UUID_NIL, STR("x"), (uint8_t)slot)), slot);
    }
}

TEST(a_name_gives_the_same_id_in_its_space_only)
{
    Uuid a = uuid_v7(), b = uuid_v7();
    assert_true(uuid_eq(uuid_from_name(a, STR("x")), uuid_from_name(a, STR("x"))));
    assert_false(uuid_eq(uuid_from_name(a, STR("x")), uuid_from_name(b, STR("x"))));
    assert_false(uuid_eq(uuid_from_name(a, STR("x")), uuid_from_name(a, STR("y"))));
    assert_int_equal(uuid_from_name(a, STR("x")).b[6] >> 4, 8);
}

TEST(text_goes_there_and_back)
{
    Uuid u;
    char text[UUID_TEXT];
    assert_true(uuid_parse(STR("017F22E2-79B0-7CC3-98C4-DC0C0C07398F"), &u)); /* RFC 9562, appendix A.6 */
    uuid_format(u, text);
    assert_string_equal(text, "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
    assert_int_equal(uuid_slot(u), 0x8f);
}

TEST(other_texts_are_no_ids)
{
    static const char *const rows[] = {"",
                                       "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
                                       "017f22e2-79b0-7cc3-98c4-dc0c0c07398fa",
                                       "017f22e279b07cc398c4dc0c0c07398f",
                                       "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
                                       "017f22e2_79b0-7cc3-98c4-dc0c0c07398f",
                                       "{17f22e2-79b0-7cc3-98c4-dc0c0c07398f}"};
    Uuid u;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_false(uuid_parse(str_from(rows[i]), &u));
}

T_MAIN(T(version_7_ids_carry_the_time_and_rise), T(the_last_byte_is_the_slot),
       T(a_name_gives_the_same_id_in_its_space_only), T(text_goes_there_and_back), T(other_texts_are_no_ids))
