#include "harness/t.h"

#include "api/api_shape.h"

static const char SHAPE[] =
    "at:time, minutes:int(1..1440), topic:string(1..5), tags?:[string(1..3)], when?:enum(high,low), "
    "ratio?:number(0..1)|null, on?:bool, id?:uuid, any?:any, user?:User|null";

static ErrKind check(const char *json, Err *err)
{
    CLEANUP(jv_freep) Jv *v = NULL;
    ErrKind k = jv_parse(str_from(json), &v, err);
    return k ? k : api_shape_check(SHAPE, v, err);
}

TEST(a_value_of_the_shape_passes)
{
    static const char *const GOOD[] = {
        "{\"at\":\"2026-01-31T12:00:00Z\",\"minutes\":1,\"topic\":\"x\"}",
        "{\"at\":\"2026-01-31T12:00:00+02:00\",\"minutes\":1440,\"topic\":\"12345\",\"tags\":[],\"ratio\":"
        "null}",
        "{\"at\":\"2026-01-31T12:00:00Z\",\"minutes\":5,\"topic\":\"\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9\","
        "\"tags\":[\"a\",\"abc\"],"
        "\"when\":\"low\",\"ratio\":1,\"on\":false,\"id\":\"01900000-0000-7000-8000-000000000001\",\"any\":[{"
        "}],\"user\":null}",
    };
    for (size_t i = 0; i < ARRAY_LEN(GOOD); i++) {
        Err err;
        T_OK(check(GOOD[i], &err), err);
    }
}

TEST(what_does_not_fit_is_refused_and_the_member_is_named)
{
    static const struct {
        const char *members; /* added to a good object, or a whole object */
        const char *named;
    } BAD[] = {
        {"{\"minutes\":1,\"topic\":\"x\"}", "\"at\" is missing"},
        {"{\"at\":\"2026-01-31\",\"minutes\":1,\"topic\":\"x\",\"more\":1}", "unknown member \"more\""},
        {"{\"at\":\"yesterday\",\"minutes\":1,\"topic\":\"x\"}", "\"at\" must be an RFC 3339 time"},
        {"{\"at\":7,\"minutes\":1,\"topic\":\"x\"}", "\"at\" must be a string"},
        {"{\"at\":\"2026-01-31T00:00:00Z\",\"minutes\":\"1\",\"topic\":\"x\"}",
         "\"minutes\" must be an integer"},
        {"{\"at\":\"2026-01-31T00:00:00Z\",\"minutes\":1.5,\"topic\":\"x\"}",
         "\"minutes\" must be an integer"},
        {"{\"at\":\"2026-01-31T00:00:00Z\",\"minutes\":0,\"topic\":\"x\"}", "from 1 to 1440"},
        {"{\"at\":\"2026-01-31T00:00:00Z\",\"minutes\":1,\"topic\":\"\"}", "\"topic\": its length"},
        {"{\"at\":\"2026-01-31T00:00:00Z\",\"minutes\":1,\"topic\":\"123456\"}", "\"topic\": its length"},
        {"{\"at\":\"2026-01-31T00:00:00Z\",\"minutes\":1,\"topic\":null}", "\"topic\" must be a string"},
        {"{\"at\":\"2026-01-31T00:00:00Z\",\"minutes\":1,\"topic\":\"a\\u0000b\"}", "topic"},
        {"{\"at\":\"2026-01-31T00:00:00Z\",\"minutes\":1,\"topic\":\"x\",\"tags\":\"a\"}",
         "\"tags\" must be an array"},
        {"{\"at\":\"2026-01-31T00:00:00Z\",\"minutes\":1,\"topic\":\"x\",\"tags\":[\"abcd\"]}",
         "\"tags\": its length"},
        {"{\"at\":\"2026-01-31T00:00:00Z\",\"minutes\":1,\"topic\":\"x\",\"tags\":[null]}",
         "\"tags\" must be a string"},
        {"{\"at\":\"2026-01-31T00:00:00Z\",\"minutes\":1,\"topic\":\"x\",\"when\":\"mid\"}",
         "one of high,low"},
        {"{\"at\":\"2026-01-31T00:00:00Z\",\"minutes\":1,\"topic\":\"x\",\"ratio\":1.01}", "\"ratio\""},
        {"{\"at\":\"2026-01-31T00:00:00Z\",\"minutes\":1,\"topic\":\"x\",\"on\":1}",
         "\"on\" must be true or false"},
        {"{\"at\":\"2026-01-31T00:00:00Z\",\"minutes\":1,\"topic\":\"x\",\"id\":\"7\"}",
         "\"id\" must be a UUID"},
        {"{\"at\":\"2026-01-31T00:00:00Z\",\"minutes\":1,\"topic\":\"x\",\"user\":{}}", "is missing"},
        {"[]", "a JSON object is needed"},
    };
    for (size_t i = 0; i < ARRAY_LEN(BAD); i++) {
        Err err = {0};
        ErrKind k = check(BAD[i].members, &err);
        if (k == ERR_NONE || !strstr(err.msg, BAD[i].named))
            fail_msg("%s: expected \"%s\", got \"%s\"", BAD[i].members, BAD[i].named, err.msg);
    }
}

TEST(a_query_parameter_is_checked_by_its_text)
{
    Err err;
    const char *shape = "limit?:int(1..200), location?:uuid, q?:string(0..3)";
    T_OK(api_shape_check_text(shape, STR("limit"), STR("200"), &err), err);
    T_OK(api_shape_check_text(shape, STR("q"), STR(""), &err), err);
    T_FAILS(ERR_INVALID, api_shape_check_text(shape, STR("limit"), STR("201"), NULL));
    T_FAILS(ERR_INVALID, api_shape_check_text(shape, STR("limit"), STR("1x"), NULL));
    T_FAILS(ERR_INVALID, api_shape_check_text(shape, STR("location"), STR("here"), NULL));
    T_FAILS(ERR_INVALID, api_shape_check_text(shape, STR("q"), STR("abcd"), NULL));
    T_FAILS(ERR_INVALID, api_shape_check_text(shape, STR("other"), STR("1"), NULL));
    T_FAILS(ERR_INVALID, api_shape_check_text(NULL, STR("limit"), STR("1"), NULL));
}

/* Expected text written by hand from JSON Schema 2020-12. */
TEST(a_shape_is_written_as_json_schema)
{
    CLEANUP(buf_done) Buf out = BUF(4096);
    Jw w = jw(&out);
    api_shape_schema("n:int(1..5), s?:string|null, l:[uuid], u:User|null", &w);
    T_STR("{\"type\":\"object\",\"properties\":{\"n\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":5},"
          "\"s\":{\"type\":[\"string\",\"null\"]},\"l\":{\"type\":\"array\",\"items\":{\"type\":\"string\","
          "\"format\":\"uuid\"}},"
          "\"u\":{\"anyOf\":[{\"type\":\"null\"},{\"$ref\":\"#/components/schemas/User\"}]}},"
          "\"required\":[\"n\",\"l\",\"u\"],\"additionalProperties\":false}",
          buf_str(&out));
}

static ErrKind stars(void *arg, Jv *text, Err *reterr)
{
    (void)reterr;
    ++*(int *)arg;
    return jv_set_str(text, STR("*")) ? ERR_NONE : ERR_INTERNAL;
}

TEST(each_free_text_is_found_wherever_it_stands_and_nothing_else)
{
    static const char json[] =
        "{\"a\":\"x\",\"b\":\"x\",\"c\":[\"x\",\"x\"],\"d\":null,\"e\":{\"name\":\"x\"}}";
    CLEANUP(jv_freep) Jv *v = NULL;
    CLEANUP(buf_done) Buf out = BUF(1000);
    Err err = {0};
    int n = 0;
    T_OK(jv_parse(str_from(json), &v, &err), err);
    T_OK(api_shape_each_text("a:text(0..9), b:string, c?:[text], d?:text|null, e:TokenRequest", v, stars, &n,
                             &err),
         err);
    assert_int_equal(n, 4);
    jv_write(v, &out);
    T_STR("{\"a\":\"*\",\"b\":\"x\",\"c\":[\"*\",\"*\"],\"d\":null,\"e\":{\"name\":\"*\"}}", buf_str(&out));
}

T_MAIN(T(each_free_text_is_found_wherever_it_stands_and_nothing_else), T(a_value_of_the_shape_passes),
       T(what_does_not_fit_is_refused_and_the_member_is_named), T(a_query_parameter_is_checked_by_its_text),
       T(a_shape_is_written_as_json_schema))
