/* Expected rows follow RFC 4180 where it speaks, and the header's contract where real exports leave it. */
#include "base/buf.h"
#include "base/mem.h"
#include "crm/crm_csv.h"
#include "harness/t.h"

/* Writes "line:a|b|c;" for a record and "line:!FAULT@line,column[raw];" for a damaged one. */
static void render(Str text, CrmEncoding encoding, char delimiter, Buf *out)
{
    CLEANUP(crm_csv_freep) CrmCsv *c = NULL;
    const CrmCsvRecord *r = NULL;
    Err err = {0};
    T_OK(crm_csv_open_mem(text, encoding, delimiter, &c, &err), err);
    for (;;) {
        T_OK(crm_csv_next(c, &r, &err), err);
        if (!r)
            return;
        buf_addf(out, "%d:", (int)r->line);
        if (r->fault != CRM_CSV_NONE)
            buf_addf(out, "!%d@%d,%d[" STR_FMT "]", (int)r->fault, (int)r->fault_line, (int)r->fault_column,
                     STR_ARG(r->raw));
        for (int i = 0; i < r->n_fields; i++) {
            buf_add_c(out, i ? "|" : "");
            buf_add_str(out, r->fields[i]);
        }
        buf_add_char(out, ';');
    }
}

static void expect_in(Str text, CrmEncoding encoding, char delimiter, const char *expected)
{
    CLEANUP(buf_done) Buf out = BUF(1 << 20);
    render(text, encoding, delimiter, &out);
    T_STR(expected, buf_str(&out));
}

static const struct {
    const char *text;
    const char *expected;
} ROWS[] = {
    {"", ""},
    {"\n\r\n\r", ""},
    {"a,b\n1,2\n", "1:a|b;2:1|2;"},
    {"a,b\r\n1,2", "1:a|b;2:1|2;"},       /* RFC 4180 2.2: the last line end may be absent */
    {"a,b\r1,2\r", "1:a|b;2:1|2;"},       /* lone CR */
    {"a,b\n\n\r\n1,2\n", "1:a|b;4:1|2;"}, /* blank lines are counted and skipped */
    {"a,,\n", "1:a||;"},
    {"a,b,c\n,,\n", "1:a|b|c;2:||;"},
    {"\"a\",\"b,c\"\n", "1:a|b,c;"}, /* RFC 4180 2.6 */
    {"\"a\"\"b\",c\n", "1:a\"b|c;"}, /* RFC 4180 2.7 */
    {"\"\"\"\",\"\"\n", "1:\"|;"},
    {"\"a\r\nb\",c\nd,e\n", "1:a\r\nb|c;3:d|e;"}, /* the next record starts on line 3 */
    {"\"a\rb\nc\",d\ne\n", "1:a\rb\nc|d;4:e;"},
    {"5\" pipe,x\n", "1:5\" pipe|x;"}, /* a quote inside an unquoted field */
    {"a;b;c\n1,5;2;3\n", "1:a|b|c;2:1,5|2|3;"},
    {"a\tb\n1\t2\n", "1:a|b;2:1|2;"},
    {"\"a,b,c\";d\n1;2\n", "1:a,b,c|d;2:1|2;"}, /* commas inside quotes do not vote */
    {" a , b \n", "1: a | b ;"},                /* RFC 4180 2.4: spaces are part of a field */
    {"a,b\n\"x,1\ny,2\nz,3\n",
     "1:a|b;2:!1@2,1[\"x,1];3:y|2;4:z|3;"}, /* unterminated: only its line is lost */
    {"a,b\n1,\"x\ny,2\n", "1:a|b;2:!1@2,3[1,\"x];3:y|2;"},
    {"a,b\n\"x\"y,2\nz,3\n", "1:a|b;2:!2@2,4[\"x\"y,2];3:z|3;"},
    {"a,b\n\"x\ny\" ,2\nz,3\n", "1:a|b;2:!2@3,3[\"x];3:y\" |2;4:z|3;"}, /* resumes behind the opening line */
    {"a\n\xFFz\nb\n", "1:a;2:!3@2,1[\xFFz];3:b;"},
    {"a\n\"x\n\xC3(\"\nb\n", "1:a;2:!3@3,1[\"x\n\xC3(\"];4:b;"}, /* line and column inside a quoted break */
    {"a\n\xED\xA0\x80\n", "1:a;2:!3@2,1[\xED\xA0\x80];"},        /* a surrogate is no UTF-8 */
    {"\xEF\xBB\xBF"
     "a,b\n1,2\n",
     "1:a|b;2:1|2;"},
};

TEST(records_follow_rfc_4180_and_faults_lose_one_line)
{
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++)
        expect_in(str_from(ROWS[i].text), CRM_ENCODING_AUTO, 0, ROWS[i].expected);
}

TEST(pipes_are_detected_as_delimiter)
{
    CLEANUP(crm_csv_freep) CrmCsv *c = NULL;
    const CrmCsvRecord *r;
    Err err = {0};
    T_OK(crm_csv_open_mem(STR("a|b\n1|2\n"), CRM_ENCODING_AUTO, 0, &c, &err), err);
    assert_int_equal(crm_csv_delimiter(c), '|');
    T_OK(crm_csv_next(c, &r, &err), err);
    assert_int_equal(r->n_fields, 2);
    T_STR("b", r->fields[1]);
}

TEST(a_given_delimiter_is_not_guessed)
{
    expect_in(STR("a,b;c\n"), CRM_ENCODING_AUTO, ';', "1:a,b|c;");
}

TEST(a_nul_byte_damages_its_row_only)
{
    expect_in((Str){"a,b\n1\0,2\n3,4\n", 13}, CRM_ENCODING_AUTO, 0, "1:a|b;2:!4@2,2[1];3:3|4;");
}

TEST(utf16_is_detected_and_converted)
{
    /* "a,é\nb,😀\n": U+1F600 is D83D DE00 (Unicode 15, 3.9) */
    static const char LE[] = "\xFF\xFE"
                             "a\0,\0\xE9\0\n\0b\0,\0\x3D\xD8\x00\xDE\n\0";
    static const char BE[] = "\xFE\xFF"
                             "\0a\0,\0\xE9\0\n\0b\0,\xD8\x3D\xDE\x00\0\n";
    expect_in((Str){LE, sizeof LE - 1}, CRM_ENCODING_AUTO, 0, "1:a|\xC3\xA9;2:b|\xF0\x9F\x98\x80;");
    expect_in((Str){BE, sizeof BE - 1}, CRM_ENCODING_AUTO, 0, "1:a|\xC3\xA9;2:b|\xF0\x9F\x98\x80;");
    expect_in((Str){LE + 2, sizeof LE - 3}, CRM_ENCODING_AUTO, 0,
              "1:a|\xC3\xA9;2:b|\xF0\x9F\x98\x80;"); /* no mark */
}

TEST(half_a_surrogate_pair_damages_its_row_only)
{
    static const char LE[] = "\xFF\xFE"
                             "a\0\n\0\x3D\xD8\n\0b\0\n\0";
    expect_in((Str){LE, sizeof LE - 1}, CRM_ENCODING_AUTO, 0, "1:a;2:!3@2,1[\xFF];3:b;");
}

TEST(windows_1252_becomes_utf8_when_the_mapping_says_so)
{
    expect_in(STR("caf\xE9,\x80\n"), CRM_ENCODING_WINDOWS_1252, 0, "1:caf\xC3\xA9|\xE2\x82\xAC;");
    expect_in(STR("caf\xE9,1\n"), CRM_ENCODING_AUTO, 0, "1:!3@1,4[caf\xE9,1];");
}

static Buf big(size_t bytes, const char *before, const char *after)
{
    Buf b = BUF(16u << 20);
    buf_add_c(&b, before);
    for (size_t i = 0; i < bytes; i++)
        buf_add_char(&b, 'x');
    buf_add_c(&b, after);
    return b;
}

/* Line, fault and line of the next record for a second record that is damaged. */
static void expect_second(Buf *text, CrmCsvFault fault, int64_t third_line)
{
    CLEANUP(crm_csv_freep) CrmCsv *c = NULL;
    const CrmCsvRecord *r;
    Err err = {0};
    T_OK(crm_csv_open_mem(buf_str(text), CRM_ENCODING_AUTO, 0, &c, &err), err);
    T_OK(crm_csv_next(c, &r, &err), err);
    T_OK(crm_csv_next(c, &r, &err), err);
    assert_non_null(r);
    assert_int_equal(r->line, 2);
    assert_int_equal(r->fault, fault);
    T_OK(crm_csv_next(c, &r, &err), err);
    assert_non_null(r);
    assert_int_equal(r->line, third_line);
    T_STR("ok", r->fields[0]);
    buf_done(text);
}

TEST(past_a_limit_the_row_is_damaged_and_the_next_is_read)
{
    Buf b = big(CRM_CSV_FIELD_MAX, "h\n", "\nok\n");
    expect_second(&b, CRM_CSV_NONE, 3);
    b = big(CRM_CSV_FIELD_MAX + 1, "h\n", "\nok\n");
    expect_second(&b, CRM_CSV_LONG_FIELD, 3);
    b = big(CRM_CSV_FIELD_MAX + 1, "h\n\"\n", "\"\nok\n");
    expect_second(&b, CRM_CSV_LONG_FIELD, 4);
    b = big(CRM_CSV_RECORD_MAX + 1, "h\n", "\nok\n");
    expect_second(&b, CRM_CSV_LONG_RECORD, 3);
    b = big(9u << 20, "h\n", "\r\nok\n");
    expect_second(&b, CRM_CSV_LONG_RECORD, 3);
    b = big(2u << 20, "h\n\"a\nok\n", "\n");
    expect_second(&b, CRM_CSV_OPEN_QUOTE, 3);
}

TEST(more_fields_than_the_limit_damage_the_row)
{
    Buf b = BUF(1 << 20);
    buf_add_c(&b, "h\n");
    for (int i = 0; i < CRM_CSV_FIELDS_MAX; i++)
        buf_add_char(&b, ',');
    buf_add_c(&b, "\nok\n");
    expect_second(&b, CRM_CSV_MANY_FIELDS, 3);
}

/* Reads a text of many rows, jumps back behind each of some, and must read the same again. */
static void seek_round(Str text, CrmEncoding encoding)
{
    CLEANUP(crm_csv_freep) CrmCsv *c = NULL;
    CLEANUP(crm_csv_freep) CrmCsv *d = NULL;
    const CrmCsvRecord *r, *s;
    Err err = {0};
    T_OK(crm_csv_open_mem(text, encoding, 0, &c, &err), err);
    T_OK(crm_csv_open_mem(text, encoding, 0, &d, &err), err);
    for (int i = 0;; i++) {
        T_OK(crm_csv_next(c, &r, &err), err);
        if (!r)
            break;
        if (i % 9973)
            continue;
        T_OK(crm_csv_seek(d, r->offset, r->next_line, &err), err);
        T_OK(crm_csv_next(c, &r, &err), err);
        T_OK(crm_csv_next(d, &s, &err), err);
        assert_non_null(s);
        assert_int_equal(r->line, s->line);
        assert_true(str_eq(r->raw, s->raw));
    }
}

TEST(reading_goes_on_at_a_remembered_place)
{
    CLEANUP(buf_done) Buf b = BUF(32u << 20);
    CLEANUP(buf_done) Buf wide = BUF(64u << 20);
    buf_add_c(&b, "\xEF\xBB\xBF");
    for (int i = 0; i < 300000; i++)
        buf_addf(&b, "%d,\"x\n%d\",caf\xC3\xA9\r\n", i, i * 7);
    seek_round(buf_str(&b), CRM_ENCODING_AUTO);
    buf_add(&wide, "\xFF\xFE", 2);
    for (size_t i = 3; i < b.len; i++) {
        buf_add_char(&wide, (char)(b.ptr[i] & 0x7F));
        buf_add_char(&wide, 0);
    }
    seek_round(buf_str(&wide), CRM_ENCODING_AUTO);
}

TEST(what_is_no_regular_file_is_refused_by_name)
{
    CLEANUP(crm_csv_freep) CrmCsv *c = NULL;
    Err err = {0};
    T_FAILS(ERR_INVALID, crm_csv_open("/dev/null", CRM_ENCODING_AUTO, 0, &c, &err));
    T_FAILS(ERR_NOT_FOUND, crm_csv_open("/nowhere/x.csv", CRM_ENCODING_AUTO, 0, &c, &err));
    assert_non_null(strstr(err.msg, "/nowhere/x.csv"));
}

T_MAIN(T(records_follow_rfc_4180_and_faults_lose_one_line), T(pipes_are_detected_as_delimiter),
       T(a_given_delimiter_is_not_guessed), T(a_nul_byte_damages_its_row_only),
       T(utf16_is_detected_and_converted), T(half_a_surrogate_pair_damages_its_row_only),
       T(windows_1252_becomes_utf8_when_the_mapping_says_so),
       T(past_a_limit_the_row_is_damaged_and_the_next_is_read), T(more_fields_than_the_limit_damage_the_row),
       T(reading_goes_on_at_a_remembered_place), T(what_is_no_regular_file_is_refused_by_name))
