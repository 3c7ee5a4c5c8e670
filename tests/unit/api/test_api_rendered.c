#include "harness/t.h"

#include "api/api_rendered.h"

#define KEY(id, version) ((ApiRenderedKey){API_RENDERED_TODAY, id, version})

TEST(a_kept_text_is_found_by_its_id_and_time_only)
{
    ApiRendered *r = api_rendered_new();
    Uuid a = uuid_v7(), b = uuid_v7();
    CLEANUP(buf_done) Buf out = BUF(100);
    assert_false(api_rendered_get(r, &KEY(a, 1), &out));
    api_rendered_put(r, &KEY(a, 1), STR("\"goal\":1"));
    assert_true(api_rendered_get(r, &KEY(a, 1), &out));
    T_STR("\"goal\":1", buf_str(&out));
    assert_false(api_rendered_get(r, &KEY(a, 2), &out)); /* computed again: another time */
    assert_false(api_rendered_get(r, &KEY(b, 1), &out));
    api_rendered_put(r, &KEY(a, 2), STR("\"goal\":2"));
    assert_false(api_rendered_get(r, &KEY(a, 1), &out));
    buf_clear(&out);
    assert_true(api_rendered_get(r, &KEY(a, 2), &out));
    T_STR("\"goal\":2", buf_str(&out));
    ApiRenderedKey other = {API_RENDERED_PERFORMANCE, a, 2};
    assert_false(api_rendered_get(r, &other, &out));
    api_rendered_free(r);
}

TEST(past_the_limit_of_bytes_others_make_room)
{
    ApiRendered *r = api_rendered_new();
    static char text[API_RENDERED_MAX];
    CLEANUP(buf_done) Buf out = BUF(API_RENDERED_MAX);
    Uuid last = UUID_NIL;
    memset(text, 'x', sizeof text);
    for (int i = 0; i < 2 * (int)(API_RENDERED_BYTES / API_RENDERED_MAX); i++) {
        last = uuid_v7();
        api_rendered_put(r, &KEY(last, i), (Str){text, sizeof text});
        assert_true(api_rendered_bytes(r) <= API_RENDERED_BYTES);
        buf_clear(&out);
        assert_true(api_rendered_get(r, &KEY(last, i), &out));
    }
    assert_true(api_rendered_bytes(r) > API_RENDERED_BYTES / 2);
    api_rendered_free(r);
}

TEST(more_texts_than_places_replace_older_ones)
{
    ApiRendered *r = api_rendered_new();
    CLEANUP(buf_done) Buf out = BUF(1000);
    Uuid last = UUID_NIL;
    for (int i = 0; i < 3 * API_RENDERED_SLOTS; i++) {
        last = uuid_v7();
        api_rendered_put(r, &KEY(last, i), STR("x"));
    }
    assert_true(api_rendered_get(r, &KEY(last, 3 * API_RENDERED_SLOTS - 1), &out));
    api_rendered_free(r);
}

TEST(a_text_over_the_limit_is_not_kept)
{
    ApiRendered *r = api_rendered_new();
    static char text[API_RENDERED_MAX + 1];
    CLEANUP(buf_done) Buf out = BUF(2 * API_RENDERED_MAX);
    Uuid a = uuid_v7();
    memset(text, 'x', sizeof text);
    api_rendered_put(r, &KEY(a, 1), (Str){text, sizeof text});
    assert_false(api_rendered_get(r, &KEY(a, 1), &out));
    api_rendered_put(r, &KEY(a, 1), (Str){text, API_RENDERED_MAX});
    assert_true(api_rendered_get(r, &KEY(a, 1), &out));
    assert_int_equal(out.len, API_RENDERED_MAX);
    api_rendered_free(r);
}

T_MAIN(T(a_kept_text_is_found_by_its_id_and_time_only), T(more_texts_than_places_replace_older_ones),
       T(past_the_limit_of_bytes_others_make_room), T(a_text_over_the_limit_is_not_kept))
