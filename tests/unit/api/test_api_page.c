#include "harness/t.h"

#include "api/api_page.h"
#include "api/api_table.h"

/* A call with nothing but what paging looks at. */
typedef struct Fixture {
    HttpRequest req;
    HttpResponse res;
    ApiCall c;
} Fixture;

static void begin(Fixture *f, const ApiRoute *route)
{
    *f = (Fixture){.req.arena = arena_new(1 << 20)};
    f->c = (ApiCall){.req = &f->req, .res = &f->res, .route = route};
}

static void end(Fixture *f)
{
    arena_free(f->req.arena);
}

/* The cursor of two keys, in the fixture's arena. */
static Str cursor_of(Fixture *f, Str a, Str b)
{
    CLEANUP(buf_done) Buf out = BUF(4096);
    Jw w = jw(&out);
    jw_obj(&w);
    api_page_next(&f->c, &w, (const Str[]){a, b}, 2);
    jw_end(&w);
    CLEANUP(jv_freep) Jv *v = NULL;
    Err err;
    T_OK(jv_parse(buf_str(&out), &v, &err), err);
    Str s = jv_get_str(v, "next");
    return (Str){arena_strndup(f->req.arena, s.ptr, s.len), s.len};
}

static ErrKind read_cursor(Fixture *f, Str cursor, ApiPage *ret, Err *err)
{
    f->req.query[0] = (HttpPair){STR("cursor"), cursor};
    f->req.n_query = 1;
    return api_page_read(&f->c, 2, ret, err);
}

TEST(a_cursor_gives_back_its_keys_whatever_they_hold)
{
    static const Str KEYS[][2] = {
        {STR("1.5"), STR("01900000")}, {STR(""), STR("")}, {STR("id"), STR("O'Neil \x1f \xc3\xa9")}};
    for (size_t i = 0; i < ARRAY_LEN(KEYS); i++) {
        Fixture f;
        ApiPage page;
        Err err;
        begin(&f, &API_ROUTES[10]);
        T_OK(read_cursor(&f, cursor_of(&f, KEYS[i][0], KEYS[i][1]), &page, &err), err);
        assert_int_equal(page.n_keys, 2);
        assert_true(str_eq(str_from(page.keys[0]), KEYS[i][0]));
        assert_true(str_eq(str_from(page.keys[1]), KEYS[i][1]));
        end(&f);
    }
}

/* 200 code points, the longest name: of four bytes each. */
TEST(a_cursor_of_the_longest_name_is_taken_back)
{
    Fixture f;
    ApiPage page;
    Err err;
    begin(&f, &API_ROUTES[10]);
    CLEANUP(buf_done) Buf name = BUF(1024);
    for (int i = 0; i < 200; i++)
        buf_add_c(&name, "\xf0\x9f\x8f\xa0");
    Str cursor = cursor_of(&f, STR("01900000-0000-7000-8000-000000000001"), buf_str(&name));
    T_OK(read_cursor(&f, cursor, &page, &err), err);
    assert_true(str_eq(str_from(page.keys[1]), buf_str(&name)));
    end(&f);
}

TEST(a_cursor_with_any_one_character_changed_is_refused)
{
    Fixture f;
    ApiPage page;
    begin(&f, &API_ROUTES[10]);
    Str good = cursor_of(&f, STR("0.25"), STR("01900000-0000-7000-8000-000000000001"));
    for (size_t i = 0; i < good.len; i++) {
        char *bad = arena_strndup(f.req.arena, good.ptr, good.len);
        bad[i] = bad[i] == 'A' ? 'Q' : 'A'; /* differ in a bit that is never padding */
        T_FAILS(ERR_MALFORMED, read_cursor(&f, (Str){bad, good.len}, &page, NULL));
    }
    T_FAILS(ERR_MALFORMED, read_cursor(&f, STR(""), &page, NULL));
    T_FAILS(ERR_MALFORMED, read_cursor(&f, STR("not base64!"), &page, NULL));
    T_FAILS(ERR_MALFORMED, read_cursor(&f, str_slice(good, 0, good.len - 4), &page, NULL));
    end(&f);
}

TEST(a_cursor_of_another_list_is_refused)
{
    Fixture f;
    ApiPage page;
    begin(&f, &API_ROUTES[10]);
    Str cursor = cursor_of(&f, STR("a"), STR("b"));
    f.c.route = &API_ROUTES[12];
    T_FAILS(ERR_MALFORMED, read_cursor(&f, cursor, &page, NULL));
    end(&f);
}

T_MAIN(T(a_cursor_gives_back_its_keys_whatever_they_hold), T(a_cursor_of_the_longest_name_is_taken_back),
       T(a_cursor_with_any_one_character_changed_is_refused), T(a_cursor_of_another_list_is_refused))
