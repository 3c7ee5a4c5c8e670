/* Unit tests for src/scale/scale_queue.c. Expected values: fractions reckoned by hand, the worked example of textbooks and of the
 * training of call centres (360 calls in half an hour, 4 minutes each, 55 agents), and the closed form of one server. */
#include "harness/t.h"

#include "scale/scale_queue.h"

#include <math.h>

TEST(the_chance_to_wait_is_that_of_the_tables)
{
    static const struct {
        int servers;
        double load, waits, within;
    } ROWS[] = {
        {1, 0.7, 0.7, 1e-12},                 /* one server: it is busy */
        {2, 1, 1.0 / 3, 1e-12},               /* (1/2 * 2) / (1 + 1 + 1/2 * 2) */
        {3, 2, 4.0 / 9, 1e-12},               /* (8/6 * 3) / (1 + 2 + 2 + 8/6 * 3) */
        {5, 4, 0.5541, 5e-5},                 /* table of Erlang's C */
        {10, 8, 0.4092, 5e-5},                /* the same */
        {55, 48, 0.239, 5e-4},                /* the worked example */
        {4, 4, 1, 0},           {4, 7, 1, 0}, /* more than they can do */
    };
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++)
        T_NEAR(ROWS[i].waits, scale_queue_waits(ROWS[i].servers, ROWS[i].load), ROWS[i].within);
    T_NEAR(0, scale_queue_waits(4000, 100), 1e-12); /* powers and faculties would overflow */
}

TEST(with_one_server_the_time_is_exponential)
{
    /* Rate (1 - utilisation) / service time. */
    T_NEAR(exp(-0.3 / 0.1 * 2), scale_queue_longer(1, 0.7, 0.1, 2), 1e-12);
    T_NEAR(0.1 * log(20) / 0.3, scale_queue_time(1, 0.7, 0.1, 0.95), 1e-9);
    T_NEAR(1 - 0.1 * log(20), scale_queue_utilisation(1, 0.1, 0.95, 1), 1e-9);
}

TEST(an_idle_queue_takes_as_long_as_the_service_and_a_full_one_for_ever)
{
    T_NEAR(0.2 * log(20), scale_queue_time(8, 0, 0.2, 0.95), 1e-9);
    assert_true(isinf(scale_queue_time(8, 1, 0.2, 0.95)));
    T_NEAR(0, scale_queue_utilisation(8, 0.2, 0.95, 0.2 * log(20) * 0.99), 0);
}

TEST(waiting_and_service_add_up)
{
    /* Two servers, one busy on the mean: waiting has chance 1/3 and rate 1 (in services), the sum of both then has density
     * t exp(-t): P(T > t) = 2/3 exp(-t) + 1/3 exp(-t) (1 + t). */
    T_NEAR(2.0 / 3 * exp(-1.5) + 1.0 / 3 * exp(-1.5) * 2.5, scale_queue_longer(2, 0.5, 1, 1.5), 1e-9);
    /* Three servers, load 1: C = (1/6 * 3/2) / (1 + 1 + 1/2 + 1/4) = 1/11, rate 2: E[T] = 1 + C / 2, by summing P(T > t). */
    double sum = 0, dt = 0.001;
    for (int i = 0; i < 40000; i++)
        sum += dt * scale_queue_longer(3, 1.0 / 3, 1, (i + 0.5) * dt);
    T_NEAR(1 + 1.0 / 22, sum, 1e-6);
}

T_MAIN(T(the_chance_to_wait_is_that_of_the_tables), T(with_one_server_the_time_is_exponential),
       T(an_idle_queue_takes_as_long_as_the_service_and_a_full_one_for_ever), T(waiting_and_service_add_up))
