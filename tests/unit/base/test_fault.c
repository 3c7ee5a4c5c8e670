#include "harness/t.h"

#include "base/fault.h"

TEST(without_a_set_nothing_strikes)
{
    fault_load(NULL);
    assert_false(fault_hit("any"));
}

TEST(a_point_strikes_from_its_nth_passing_on)
{
    fault_load("a,b=3");
    assert_true(fault_hit("a"));
    assert_false(fault_hit("b"));
    assert_false(fault_hit("b"));
    assert_true(fault_hit("b"));
    assert_true(fault_hit("b"));
    assert_false(fault_hit("c"));
    fault_load(NULL);
    assert_false(fault_hit("a"));
}

T_MAIN(T(without_a_set_nothing_strikes), T(a_point_strikes_from_its_nth_passing_on))
