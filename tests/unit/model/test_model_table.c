/* test_model_table.c - dirty CSV to rows. Expected values are read off the texts by hand. */
#include "harness/t.h"

#include "model/model_table.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#define M NAN /* missing */

static char path[64];

static const char *file_of(Str bytes)
{
    (void)snprintf(path, sizeof path, "/tmp/ehub-test-table-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes.ptr, bytes.len), bytes.len);
    close(fd);
    return path;
}

static ErrKind learn(Str csv, const ModelLearn *how, ModelSchema **ret, Err *err)
{
    ErrKind kind = model_schema_learn(file_of(csv), how, ret, err);
    unlink(path);
    return kind;
}

static ErrKind read_table(Str csv, const ModelSchema *s, const ModelRead *how, ModelTable **ret, Err *err)
{
    ErrKind kind = model_table_read(file_of(csv), s, how, ret, err);
    unlink(path);
    return kind;
}

static ModelColumn two_numbers[] = {{.name = (char[]){"a"}}, {.name = (char[]){"b c"}}};
static const ModelSchema NUMBERS = {.columns = two_numbers, .n_columns = 2};

static void assert_floats(const float *expected, const float *actual, int64_t n, const char *what)
{
    for (int64_t i = 0; i < n; i++)
        if (isnan(expected[i]) ? !isnan(actual[i]) : expected[i] != actual[i])
            fail_msg("%s: value %lld is %.9g, expected %.9g", what, (long long)i, (double)actual[i],
                     (double)expected[i]);
}

/* ---- reading ---- */

TEST(dirty_files_give_the_rows_that_they_mean)
{
    static const struct {
        const char *what;
        Str csv;
        int64_t rows;
        float x[8];
    } CASES[] = {
        {"plain", STR("a,b c\n1,2\n3,4\n"), 2, {1, 2, 3, 4}},
        {"no line end", STR("a,b c\n1,2"), 1, {1, 2}},
        {"CRLF", STR("a,b c\r\n1,2\r\n3,\r\n"), 2, {1, 2, 3, M}},
        {"lone CR", STR("a,b c\r1,2\r3,4"), 2, {1, 2, 3, 4}},
        {"UTF-8 mark",
         STR("\xEF\xBB\xBF"
             "a,b c\n1,2\n"),
         1,
         {1, 2}},
        {"UTF-16 LE",
         STR("\xFF\xFE"
             "a\0,\0b\0 \0c\0\n\0"
             "1\0,\0002\0\n\0"),
         1,
         {1, 2}},
        {"UTF-16 BE",
         STR("\xFE\xFF"
             "\0a\0,\0b\0 \0c\0\n"
             "\0001\0,\0002\0\n"),
         1,
         {1, 2}},
        {"semicolons and decimal commas", STR("a;b c\n1,5;-2,25e1\n0.5;3\n"), 2, {1.5F, -22.5F, .5F, 3}},
        {"tabs", STR("a\tb c\n1\t2\n"), 1, {1, 2}},
        {"a spreadsheet's sep line", STR("sep=;\r\na;b c\r\n1;2\r\n"), 1, {1, 2}},
        {"quotes, line break inside",
         STR("\"a\",\"b c\",\"note\"\n\"1\",\"2\",\"x\n\"\"y\"\", z\"\n3,4,\n"),
         2,
         {1, 2, 3, 4}},
        {"blanks around",
         STR(" a , b c \n  1 ,\t2 \n\xC2\xA0"
             "3,4\xC2\xA0\n"),
         2,
         {1, 2, 3, 4}},
        {"order and extra columns", STR("x,b c,,a\nfoo,2,0,1\nbar,4,1,3\n"), 2, {1, 2, 3, 4}},
        {"blank lines", STR("\n\na,b c\n\n1,2\n   \n3,4\n\n"), 2, {1, 2, 3, 4}},
        {"a row of nothing", STR("a,b c\n,\n1,2\n"), 2, {M, M, 1, 2}},
        {"words for missing", STR("a,b c\nnan,NaN\nNA,N/A\nnull,?\n-,None\n"), 4, {M, M, M, M, M, M, M, M}},
        {"spellings of numbers",
         STR("a,b c\n+1,-.5\n1e3,2.5E-1\n007,1.\n-0,true\n"),
         4,
         {1, -.5F, 1000, .25F, 7, 1, 0, 1}},
        {"the same extra name twice", STR("a,x,b c,x\n1,9,2,9\n"), 1, {1, 2}},
        {"windows-1252", STR("a,b c,note\n1,2,caf\xE9\n3,4,na\xEFve\n"), 2, {1, 2, 3, 4}},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        Err err = {0};
        CLEANUP(model_table_freep) ModelTable *t = NULL;
        if (read_table(CASES[i].csv, &NUMBERS, &(ModelRead){0}, &t, &err))
            fail_msg("%s: %s", CASES[i].what, err.msg);
        if (t->n_rows != CASES[i].rows)
            fail_msg("%s: %lld rows", CASES[i].what, (long long)t->n_rows);
        assert_floats(CASES[i].x, t->x, CASES[i].rows * 2, CASES[i].what);
    }
}

TEST(what_is_wrong_is_named_with_its_place)
{
    static const struct {
        Str csv;
        ErrKind kind;
        const char *says;
    } CASES[] = {
        {STR(""), ERR_INVALID, "is empty"},
        {STR("\n\n"), ERR_INVALID, "is empty"},
        {STR("a,b c\n"), ERR_INVALID, "no rows"},
        {STR("a,b\n1,2\n"), ERR_INVALID, "no column \"b c\""},
        {STR("a,A,b\n1,2,3\n"), ERR_INVALID, "no column \"b c\""},
        {STR("a,b c,a\n1,2,3\n"), ERR_INVALID, "several columns are called \"a\""},
        {STR("a,b c\n1,2\n1,2,3\n"), ERR_INVALID, "line 3: 3 fields where the first line has 2"},
        {STR("a,b c\n1,2\n1\n"), ERR_INVALID, "line 3: 1 field where the first line has 2"},
        {STR("a,b c\n1,x\n"), ERR_INVALID, "line 2, column \"b c\": \"x\" is not a number"},
        {STR("a,b c\n\"1,5\",2\n"), ERR_INVALID, "\"1,5\" is not a number"},
        {STR("a,b c\n1 2,2\n"), ERR_INVALID, "\"1 2\" is not a number"},
        {STR("a,b c\n0x10,2\n"), ERR_INVALID, "\"0x10\" is not a number"},
        {STR("a;b c\n1.234,5;2\n"), ERR_INVALID, "\"1.234,5\" is not a number"},
        {STR("a,b c\n1,inf\n"), ERR_INVALID, "\"inf\" is infinite"},
        {STR("a,b c\n1,-1e39\n"), ERR_INVALID, "\"-1e39\" is infinite, or beyond a float"},
        {STR("a,b c\n1,1e999\n"), ERR_INVALID, "\"1e999\" is infinite, or beyond a float"},
        {STR("a,b c\n1,\"2\n3,4\n"), ERR_INVALID, "line 2: the quote opened here is never closed"},
        {STR("a,b c\n1,\"2\"x\n"), ERR_INVALID, "line 2: text after a closing quote"},
        {STR("a,b c\n1,\0\n"), ERR_INVALID, "line 2: a NUL byte"},
        {STR("a,b c,\xC3\xA9\n1,2,\xE9\n"), ERR_INVALID, "line 2: byte 5 is not valid UTF-8"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        Err err = {0};
        CLEANUP(model_table_freep) ModelTable *t = NULL;
        ErrKind kind = read_table(CASES[i].csv, &NUMBERS, &(ModelRead){0}, &t, &err);
        if (kind != CASES[i].kind || !strstr(err.msg, CASES[i].says))
            fail_msg("case %zu: %s: \"%s\", expected \"%s\"", i, err_kind_name(kind), err.msg, CASES[i].says);
    }
    Err err = {0};
    ModelTable *t = NULL;
    T_FAILS(ERR_NOT_FOUND, model_table_read("/nonexistent.csv", &NUMBERS, &(ModelRead){0}, &t, &err));
    T_FAILS(ERR_LIMIT, read_table(STR("a,b c\n1,2\n3,4\n"), &NUMBERS, &(ModelRead){.rows_max = 1}, &t, &err));
}

/* 0.1 and 16777217 are not floats: the nearest ones are 0x1.99999ap-4 and 2^24 (ties to even). The third is a decimal just
 * above the middle of 1 and the next float, by less than half a unit of double: rounding to double first gives the middle,
 * which then goes to even. pandas and XGBoost give the same. */
TEST(numbers_are_rounded_to_double_and_then_to_float)
{
    Err err = {0};
    CLEANUP(model_table_freep) ModelTable *t = NULL;
    T_OK(
        read_table(
            STR("a,b c\n0.1,16777217\n1.000000059604644775390625001,1e-46\n"
                "0.1000000000000000000000000000000000000000000000000000000000000000000000001,3.4028235e38\n"),
            &NUMBERS, &(ModelRead){0}, &t, &err),
        err);
    assert_floats((float[]){0x1.99999ap-4F, 0x1p24F, 1, 0, 0x1.99999ap-4F, 0x1.fffffep127F}, t->x, 6,
                  "rounding");
}

TEST(columns_that_the_model_does_not_know_are_noted)
{
    Err err = {0};
    CLEANUP(model_table_freep) ModelTable *t = NULL;
    T_OK(read_table(STR("x,b c,,a\n1,2,3,4\n"), &NUMBERS, &(ModelRead){0}, &t, &err), err);
    assert_non_null(strstr(buf_cstr(&t->notes), "2 columns of "));
    assert_non_null(strstr(buf_cstr(&t->notes), "not used by the model: x, (without a name)\n"));
}

TEST(a_model_without_names_takes_f0_f1_or_the_position)
{
    ModelColumn columns[] = {{.name = (char[]){"f0"}}, {.name = (char[]){"f1"}}};
    const ModelSchema S = {.columns = columns, .n_columns = 2, .unnamed = true};
    static const struct {
        Str csv;
        const char *says; /* NULL: reads 1, 2 */
    } CASES[] = {
        {STR("f1,z,f0\n2,9,1\n"), NULL},
        {STR("u,v\n1,2\n"), NULL},
        {STR("u,f1\n1,2\n"), "no column \"f0\""},
        {STR("u,v,w\n1,2,3\n"), "must have the columns f0 ... f1, or exactly 2 columns"},
        {STR("5,6\n1,2\n"), "the first line must hold column names"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        Err err = {0};
        CLEANUP(model_table_freep) ModelTable *t = NULL;
        ErrKind kind = read_table(CASES[i].csv, &S, &(ModelRead){0}, &t, &err);
        if (CASES[i].says ? kind != ERR_INVALID || !strstr(err.msg, CASES[i].says) : kind != ERR_NONE)
            fail_msg("case %zu: %s: %s", i, err_kind_name(kind), err.msg);
        if (!kind)
            assert_floats((float[]){1, 2}, t->x, 2, "unnamed");
    }
}

TEST(blocks_give_the_same_rows_as_the_whole_table)
{
    CLEANUP(buf_done) Buf csv = BUF(1u << 20);
    buf_add_c(&csv, "a,b c\n");
    for (int i = 0; i < 10000; i++)
        buf_addf(&csv, "%d,%d\n", i, i % 7);
    Err err = {0};
    CLEANUP(model_reader_freep) ModelReader *r = NULL;
    file_of(buf_str(&csv));
    T_OK(model_reader_open(path, &NUMBERS, &(ModelRead){0}, &r, &err), err);
    unlink(path);
    float x[2 * 999];
    int64_t n, rows = 0;
    for (;;) {
        T_OK(model_reader_next(r, 999, x, NULL, NULL, &n, &err), err);
        if (n == 0)
            break;
        for (int64_t i = 0; i < n; i++, rows++) {
            assert_true(x[2 * i] == (float)rows);
            assert_true(x[2 * i + 1] == (float)(rows % 7));
        }
    }
    assert_int_equal(rows, 10000);
}

/* ---- learning ---- */

static const char LEADS_TEXT[] = "id,when,source,price,hot,won\n"
                                 "1,2026-01-03,web,1.5,true,Yes\n"
                                 "2,2026-01-01, phone ,,false,No\n"
                                 "3,2026-01-02,NA,-,,No\n"
                                 "4,2026-01-02T12:00:00Z,web,7,true,\n"
                                 "5,2026-01-05,none,0,true,Yes\n";
#define LEADS str_from(LEADS_TEXT)

TEST(texts_are_categories_in_the_order_of_their_appearance)
{
    Err err = {0};
    CLEANUP(model_schema_freep) ModelSchema *s = NULL;
    const char *ignore[] = {"id", NULL};
    T_OK(learn(LEADS, &(ModelLearn){.target = "won", .time = "when", .ignore = ignore}, &s, &err), err);
    assert_int_equal(s->n_columns, 3);
    assert_string_equal(s->columns[0].name, "source");
    assert_true(s->columns[0].category);
    assert_int_equal(s->columns[0].n_categories, 3);
    assert_string_equal(s->columns[0].categories[0], "web");
    assert_string_equal(s->columns[0].categories[1], "phone");
    assert_string_equal(s->columns[0].categories[2], "none");
    assert_false(s->columns[1].category);
    assert_false(s->columns[2].category);
    assert_int_equal(s->target_kind, MODEL_TARGET_TWO);
    assert_string_equal(s->classes[0], "No");
    assert_string_equal(s->classes[1], "Yes");

    CLEANUP(model_table_freep) ModelTable *t = NULL;
    T_OK(read_table(LEADS, s, &(ModelRead){.target = true, .time = "when"}, &t, &err), err);
    assert_int_equal(t->n_rows, 5);
    assert_floats((float[]){0, 1.5F, 1, 1, M, 0, M, M, M, 0, 7, 1, 2, 0, 1}, t->x, 15, "features");
    assert_floats((float[]){1, 0, 0, M, 1}, t->y, 5, "targets");
    int order[] = {1, 2, 3, 0, 4};
    for (int i = 1; i < 5; i++)
        assert_true(t->time[order[i - 1]] < t->time[order[i]]);

    CLEANUP(model_table_freep) ModelTable *u = NULL;
    T_OK(read_table(STR("hot,price,source\n1,2,web\n0,1,fax\n,,fax\n"), s, &(ModelRead){0}, &u, &err), err);
    assert_floats((float[]){0, 2, 1, M, 1, 0, M, M, M}, u->x, 9, "unknown category");
    assert_int_equal(u->unknown, 2);
    assert_non_null(
        strstr(buf_cstr(&u->notes),
               "column \"source\": 2 cells with a category that was not learned, taken as missing; "
               "the first one is \"fax\" in line 3"));
}

TEST(one_text_in_the_last_row_makes_a_column_of_categories)
{
    Err err = {0};
    CLEANUP(model_schema_freep) ModelSchema *s = NULL;
    T_OK(learn(STR("a,b\n1,1\n2,1\n1,x\n"), &(ModelLearn){0}, &s, &err), err);
    assert_false(s->columns[0].category);
    assert_true(s->columns[1].category);
    assert_int_equal(s->columns[1].n_categories, 2);
    assert_string_equal(s->columns[1].categories[0], "1");
    assert_int_equal(s->target_kind, MODEL_TARGET_NONE);
}

TEST(the_target_is_what_its_texts_say)
{
    static const struct {
        const char *values[3];
        bool classes;
        ModelTargetKind kind;
        const char *expected[3];
    } CASES[] = {
        {{"0", "1", "0"}, false, MODEL_TARGET_NUMBER, {NULL}},
        {{"1.5", "", "3"}, false, MODEL_TARGET_NUMBER, {NULL}},
        {{"True", "False", "True"}, false, MODEL_TARGET_NUMBER, {NULL}},
        {{"yes", "no", "yes"}, false, MODEL_TARGET_TWO, {"no", "yes"}},
        {{"Won", "Lost", "Won"}, false, MODEL_TARGET_TWO, {"Lost", "Won"}},
        {{"won", "zero", "won"}, false, MODEL_TARGET_TWO, {"zero", "won"}},
        {{"<=50K", ">50K", "<=50K"}, false, MODEL_TARGET_TWO, {"<=50K", ">50K"}},
        {{"c", "a", "b"}, false, MODEL_TARGET_CLASSES, {"a", "b", "c"}},
        {{"10", "9", "2"}, true, MODEL_TARGET_CLASSES, {"2", "9", "10"}},
        {{"b", "a", "b"}, true, MODEL_TARGET_CLASSES, {"a", "b"}},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        CLEANUP(buf_done) Buf csv = BUF(4096);
        buf_add_c(&csv, "x,y\n");
        for (int k = 0; k < 3; k++)
            buf_addf(&csv, "1,%s\n", CASES[i].values[k]);
        Err err = {0};
        CLEANUP(model_schema_freep) ModelSchema *s = NULL;
        T_OK(learn(buf_str(&csv), &(ModelLearn){.target = "y", .classes = CASES[i].classes}, &s, &err), err);
        assert_int_equal(s->target_kind, CASES[i].kind);
        for (int k = 0; k < 3 && CASES[i].expected[k]; k++) {
            assert_true(k < s->n_classes);
            assert_string_equal(s->classes[k], CASES[i].expected[k]);
        }
    }
}

TEST(classes_are_read_by_text_or_number_and_others_refused)
{
    Err err = {0};
    CLEANUP(model_schema_freep) ModelSchema *s = NULL;
    T_OK(learn(STR("x,y\n1,2\n1,0\n1,1\n"), &(ModelLearn){.target = "y", .classes = true}, &s, &err), err);
    CLEANUP(model_table_freep) ModelTable *t = NULL;
    T_OK(read_table(STR("y,x\n2.0,1\n0,1\n,1\n"), s, &(ModelRead){.target = true}, &t, &err), err);
    assert_floats((float[]){2, 0, M}, t->y, 3, "classes");
    CLEANUP(model_table_freep) ModelTable *u = NULL;
    T_FAILS(ERR_INVALID, read_table(STR("y,x\n3,1\n"), s, &(ModelRead){.target = true}, &u, &err));
    assert_non_null(strstr(err.msg, "line 2, column \"y\": \"3\" is no class of the model"));
    T_FAILS(ERR_INVALID, read_table(STR("x\n1\n"), s, &(ModelRead){.target = true}, &u, &err));
    assert_non_null(strstr(err.msg, "no column \"y\""));
}

TEST(what_cannot_be_learned_from_is_refused)
{
    static const char *const GONE[] = {"z", NULL};
    static const struct {
        Str csv;
        ModelLearn how;
        const char *says;
    } CASES[] = {
        {STR("a,b\n1,2\n"), {.target = "y"}, "no column \"y\" (the target)"},
        {STR("a,b\n1,2\n"), {.time = "t"}, "no column \"t\" (the time)"},
        {STR("a,b\n1,2\n"), {.ignore = GONE}, "no column \"z\" (to be ignored)"},
        {STR("a,a\n1,2\n"), {0}, "several columns are called \"a\""},
        {STR("a,b\n1,x\n2,x\n"), {.target = "b"}, "one value only"},
        {STR("a,b\n1,\n2,\n"), {.target = "b"}, "no values"},
        {STR("a\n1\n"), {.target = "a"}, "no columns to learn from"},
        {STR("a,b\n1,inf\n"), {0}, "line 2, column \"b\": an infinite number"},
        {STR("a,b\n"), {0}, "no rows"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        Err err = {0};
        CLEANUP(model_schema_freep) ModelSchema *s = NULL;
        T_FAILS(ERR_INVALID, learn(CASES[i].csv, &CASES[i].how, &s, &err));
        if (!strstr(err.msg, CASES[i].says))
            fail_msg("case %zu: \"%s\"", i, err.msg);
    }
}

TEST(a_column_that_names_each_row_is_over_the_limit)
{
    CLEANUP(buf_done) Buf csv = BUF(1u << 20);
    buf_add_c(&csv, "id,y\n");
    for (int i = 0; i <= MODEL_CATEGORIES_MAX; i++)
        buf_addf(&csv, "id-%d,1\n", i);
    Err err = {0};
    CLEANUP(model_schema_freep) ModelSchema *s = NULL;
    T_FAILS(ERR_LIMIT, learn(buf_str(&csv), &(ModelLearn){.target = "y"}, &s, &err));
    assert_non_null(strstr(err.msg, "column \"id\": more than 10000 different texts (line 10002)"));
}

TEST(times_that_do_not_sort_are_refused)
{
    Err err = {0};
    ModelTable *t = NULL;
    const ModelRead how = {.time = "t"};
    T_FAILS(ERR_INVALID, read_table(STR("a,b c,t\n1,2,\n"), &NUMBERS, &how, &t, &err));
    T_FAILS(ERR_INVALID, read_table(STR("a,b c,t\n1,2,2026-01-01\n1,2,5\n"), &NUMBERS, &how, &t, &err));
    assert_non_null(strstr(err.msg, "line 3, column \"t\": numbers and dates in one column"));
    T_OK(read_table(STR("a,b c,t\n1,2,-2.5\n1,2,-3\n1,2,0\n1,2,1e9\n"), &NUMBERS, &how, &t, &err), err);
    assert_true(t->time[1] < t->time[0] && t->time[0] < t->time[2] && t->time[2] < t->time[3]);
    model_table_free(t);
}

/* ---- JSON ---- */

TEST(a_schema_survives_being_written_and_parsed)
{
    Err err = {0};
    CLEANUP(model_schema_freep) ModelSchema *s = NULL;
    T_OK(learn(LEADS, &(ModelLearn){.target = "won"}, &s, &err), err);
    CLEANUP(buf_done) Buf one = BUF(1u << 16), two = BUF(1u << 16);
    Jw w = jw(&one), v = jw(&two);
    model_schema_write(&w, s);
    CLEANUP(jv_freep) Jv *json = NULL;
    CLEANUP(model_schema_freep) ModelSchema *again = NULL;
    T_OK(jv_parse(buf_str(&one), &json, &err), err);
    T_OK(model_schema_parse(json, &again, &err), err);
    model_schema_write(&v, again);
    T_STR(buf_cstr(&one), buf_str(&two));
    assert_non_null(
        strstr(buf_cstr(&one),
               "{\"name\":\"source\",\"kind\":\"category\",\"categories\":[\"web\",\"phone\",\"none\"]}"));
    assert_non_null(strstr(buf_cstr(&one),
                           "\"target\":{\"name\":\"won\",\"kind\":\"two\",\"classes\":[\"No\",\"Yes\"]}"));
}

TEST(a_damaged_schema_is_refused)
{
    static const char *const CASES[] = {
        "{}",
        "{\"columns\":[]}",
        "{\"columns\":[{}]}",
        "{\"columns\":[{\"name\":\"\",\"kind\":\"number\"}]}",
        "{\"columns\":[{\"name\":\"a\",\"kind\":\"word\"}]}",
        "{\"columns\":[{\"name\":\"a\",\"kind\":\"category\"}]}",
        "{\"columns\":[{\"name\":\"a\",\"kind\":\"category\",\"categories\":[1]}]}",
        "{\"columns\":[{\"name\":\"a\",\"kind\":\"category\",\"categories\":[\"x\",\"x\"]}]}",
        "{\"columns\":[{\"name\":\"a\",\"kind\":\"number\"},{\"name\":\"a\",\"kind\":\"number\"}]}",
        "{\"columns\":[{\"name\":\"a\",\"kind\":\"number\"}],\"target\":{\"name\":\"t\",\"kind\":\"x\"}}",
        ("{\"columns\":[{\"name\":\"a\",\"kind\":\"number\"}],\"target\":{\"name\":\"t\",\"kind\":\"two\","
         "\"classes\":[\"x\"]}}"),
        "{\"columns\":[{\"name\":\"a\",\"kind\":\"number\"}],\"target\":{\"kind\":\"number\"}}",
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        Err err = {0};
        CLEANUP(jv_freep) Jv *json = NULL;
        CLEANUP(model_schema_freep) ModelSchema *s = NULL;
        T_OK(jv_parse(str_from(CASES[i]), &json, &err), err);
        T_FAILS(ERR_CORRUPT, model_schema_parse(json, &s, &err));
    }
}

T_MAIN(T(dirty_files_give_the_rows_that_they_mean), T(what_is_wrong_is_named_with_its_place),
       T(numbers_are_rounded_to_double_and_then_to_float), T(columns_that_the_model_does_not_know_are_noted),
       T(a_model_without_names_takes_f0_f1_or_the_position), T(blocks_give_the_same_rows_as_the_whole_table),
       T(texts_are_categories_in_the_order_of_their_appearance),
       T(one_text_in_the_last_row_makes_a_column_of_categories), T(the_target_is_what_its_texts_say),
       T(classes_are_read_by_text_or_number_and_others_refused), T(what_cannot_be_learned_from_is_refused),
       T(a_column_that_names_each_row_is_over_the_limit), T(times_that_do_not_sort_are_refused),
       T(a_schema_survives_being_written_and_parsed), T(a_damaged_schema_is_refused))
