/* Unit tests for src/scale/scale_conf.c. */
#include "harness/t.h"

#include "scale/scale_conf.h"

#include <string.h>

#define SOURCE "\"source\":{\"kind\":\"file\",\"path\":\"a.csv\"}"
#define LEARN(more)                                                                                         \
    "\"source\":{\"kind\":\"prometheus\",\"url\":\"http://p\",\"query\":\"q\"},\"capacity\":\"auto\","      \
    "\"replicas\":{\"max\":4},\"price\":{\"on_demand\":0.5},\"learn\":{\"replicas\":\"r\",\"utilisation\":" \
    "\"u\"" more "}"
#define REST ",\"capacity\":5,\"replicas\":{\"max\":4},\"price\":{\"on_demand\":0.5}"

TEST(the_configuration_that_is_shipped_is_read)
{
    CLEANUP(scale_conf_freep) ScaleConf *c = NULL;
    Err err = {0};
    T_OK(scale_conf_read("config/scaling/predictive_scaling_config.json", &c, &err), err);
    assert_string_equal(c->service, "ehub-api");
    assert_int_equal(c->source, SCALE_SOURCE_PROMETHEUS);
    assert_int_equal(c->actor, SCALE_ACTOR_ADVISE);
    assert_int_equal(c->history_s, 14 * 86400);
    assert_int_equal(c->world.max, 40);
    T_NEAR(0.12, c->world.price, 0);
}

TEST(what_is_wrong_is_named_by_its_place)
{
    const struct {
        const char *json, *message;
    } rows[] = {
        {"[]", "$: must be an object"},
        {"{" SOURCE ",\"capacity\":5,\"replicas\":{\"min\":9,\"max\":4},\"price\":{\"on_demand\":1}}",
         "$.replicas.min: 9 is above $.replicas.max, 4"},
        {"{" SOURCE ",\"capacity\":0,\"replicas\":{\"max\":4},\"price\":{\"on_demand\":1}}",
         "$.capacity: 0: from"},
        {"{" SOURCE ",\"capacity\":\"5\",\"replicas\":{\"max\":4},\"price\":{\"on_demand\":1}}",
         "$.capacity: must be a number"},
        {"{" SOURCE ",\"capacity\":\"auto\",\"replicas\":{\"max\":4},\"price\":{\"on_demand\":1}}",
         "$.capacity: \"auto\" needs"},
        {"{" SOURCE REST ",\"learn\":{}}", "$.learn: only with"},
        {"{" LEARN("") "}", "$.learn.fallback: missing"},
        {"{" LEARN(",\"fallback\":5,\"servers\":0") "}", "$.learn.servers: from 1"},
        {"{" LEARN(",\"fallback\":5,\"p95_s\":0.2") "}", "$.learn: latency and p95_s"},
        {"{" SOURCE ",\"capacity\":5,\"replicas\":{\"max\":4},\"price\":{}}", "$.price.on_demand: missing"},
        {"{" SOURCE ",\"capacity\":5,\"replicas\":{\"max\":4}}", "$.price: missing"},
        {"{" SOURCE ",\"capacity\":5,\"replicas\":{\"max\":4.5},\"price\":{\"on_demand\":1}}",
         "$.replicas.max: 4.5: must be a whole number"},
        {"{" SOURCE REST ",\"slo\":2}", "$.slo: 2: from 0.5"},
        {"{" SOURCE REST ",\"limits\":{\"up\":-1}}", "$.limits.up: -1: from 0"},
        {"{" SOURCE REST ",\"startup\":\"soon\"}", "$.startup: must be a span"},
        {"{" SOURCE REST ",\"startup\":\"30d\"}", "$: startup (seconds): 2.592e+06"},
        {"{" SOURCE REST ",\"holidays\":\"mars\"}", "$.holidays: \"mars\": must be us"},
        {"{" SOURCE REST ",\"capcity\":5}", "$.capcity: no such setting"},
        {"{" SOURCE REST ",\"actuator\":{\"kind\":\"magic\"}}", "$.actuator.kind: must be"},
        {"{" SOURCE REST ",\"actuator\":{\"kind\":\"haproxy\",\"socket\":\"s\"}}",
         "$.actuator.backend: missing"},
        {"{\"source\":{\"kind\":\"own\",\"url\":\"ftp://p\"}" REST "}", "$.source.url: must be http"},
        {"{\"source\":{\"kind\":\"own\",\"url\":\"http://p\",\"token_file\":\"t\"}" REST "}",
         "$.source.token_file: only with https"},
        {"{" SOURCE REST
         ",\"actuator\":{\"kind\":\"kubernetes\",\"url\":\"https://\",\"deployment\":\"a/b\"}}",
         "$.actuator.url: must be http"},
        {"{\"source\":{\"kind\":\"prometheus\",\"url\":\"http://p\"}" REST "}", "$.source.query: missing"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        ScaleConf *c = NULL;
        Err err = {0};
        T_FAILS(ERR_INVALID, scale_conf_parse(str_from(rows[i].json), &c, &err));
        if (!strstr(err.msg, rows[i].message))
            fail_msg("expected \"%s\" in \"%s\"", rows[i].message, err.msg);
    }
}

TEST(reserved_replicas_are_paid_running_or_not)
{
    ScaleConf c = {.reserved = 2, .reserved_price = 0.5, .world = {.price = 1}};
    T_NEAR(1, scale_conf_price(&c, 0), 1e-12);
    T_NEAR(1, scale_conf_price(&c, 2), 1e-12);
    T_NEAR(4.5, scale_conf_price(&c, 5.5), 1e-12);
    c.spot_share = 0.5;
    c.spot_price = 0.2;
    T_NEAR(1 + 4 * 0.6, scale_conf_price(&c, 6), 1e-12); /* two at 1, two at 0.2 */
}

T_MAIN(T(the_configuration_that_is_shipped_is_read), T(what_is_wrong_is_named_by_its_place),
       T(reserved_replicas_are_paid_running_or_not))
