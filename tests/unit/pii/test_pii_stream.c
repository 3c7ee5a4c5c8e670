#include "harness/t.h"

#include "base/buf.h"
#include "base/mem.h"
#include "pii/pii_stream.h"

/* Gives its text in portions of `step` bytes and checks that the pieces are the text again. */
typedef struct Run {
    Str text;
    size_t step, given;
    Buf back;
    uint64_t starts[4096], ends[4096];
    size_t n;
    int n_last;
} Run;

static ErrKind read_some(void *arg, char *bytes, size_t len, size_t *ret_n, Err *reterr)
{
    (void)reterr;
    Run *r = arg;
    *ret_n = MIN(MIN(len, r->step), r->text.len - r->given);
    memcpy(bytes, r->text.ptr + r->given, *ret_n);
    r->given += *ret_n;
    return ERR_NONE;
}

static ErrKind take(void *arg, const PiiPiece *p, Err *reterr)
{
    (void)reterr;
    Run *r = arg;
    assert_int_equal(p->at, r->back.len);
    buf_add_str(&r->back, p->text);
    r->n_last += p->last;
    for (size_t i = 0; i < p->n; i++) {
        assert_true(p->spans[i].end <= p->text.len);
        r->starts[r->n] = p->at + p->spans[i].start;
        r->ends[r->n++] = p->at + p->spans[i].end;
    }
    return ERR_NONE;
}

static Run *run(Str text, size_t window, size_t step)
{
    static Run r;
    PiiOptions o = PII_OPTIONS_DEFAULT;
    o.names = false;
    pii_types_add(&o.types, PII_EMAIL_ADDRESS);
    PiiScanner *s = NULL;
    Err err = {0};
    T_OK(pii_scanner_new(&o, &s, &err), err);
    PiiScratch *scratch = pii_scratch_new(s);
    buf_done(&r.back);
    r = (Run){.text = text, .step = step, .back = BUF(4u << 20)};
    PiiStream st = {
        .scanner = s, .scratch = scratch, .window = window, .read = read_some, .piece = take, .arg = &r};
    T_OK(pii_stream(&st, &err), err);
    pii_scratch_free(scratch);
    pii_scanner_free(s);
    assert_true(str_eq(buf_str(&r.back), text));
    assert_int_equal(r.n_last, 1);
    return &r;
}

TEST(a_value_at_every_place_around_the_window_is_found_once_and_whole)
{
    static char text[3000];
    for (size_t at = 0; at + 13 < sizeof text; at++) {
        memset(text, ' ', sizeof text);
        memcpy(text + at, "joe@acme.info", 13);
        Run *r = run((Str){text, sizeof text}, 1024, 100);
        assert_int_equal(r->n, 1);
        assert_int_equal(r->starts[0], at);
        assert_int_equal(r->ends[0], at + 13);
    }
}

TEST(the_size_of_the_window_and_of_the_portions_changes_nothing)
{
    CLEANUP(buf_done) Buf text = BUF(1u << 20);
    for (int i = 0; i < 2000; i++)
        buf_addf(&text, "%s user%d@host%d.com%s", i % 3 ? "\xff" : "\xc3\xa9\n", i, i * 7, i % 5 ? "," : "");
    static Run whole;
    whole = *run(buf_str(&text), 1u << 20, 1u << 20);
    assert_int_equal(whole.n, 2000);
    whole.back = BUF(1); /* the next run frees those bytes */
    static const size_t WINDOWS[] = {300, 1000, 1024, 4096, 65536, 0}, STEPS[] = {1, 77, 4096};
    for (size_t i = 0; i < ARRAY_LEN(WINDOWS); i++)
        for (size_t k = 0; k < ARRAY_LEN(STEPS); k++) {
            Run *r = run(buf_str(&text), WINDOWS[i], STEPS[k]);
            assert_int_equal(r->n, whole.n);
            assert_memory_equal(r->starts, whole.starts, whole.n * sizeof *r->starts);
            assert_memory_equal(r->ends, whole.ends, whole.n * sizeof *r->ends);
        }
}

TEST(an_empty_stream_gives_one_empty_piece)
{
    assert_int_equal(run(STR(""), 0, 1)->n, 0);
}

T_MAIN(T(a_value_at_every_place_around_the_window_is_found_once_and_whole),
       T(the_size_of_the_window_and_of_the_portions_changes_nothing),
       T(an_empty_stream_gives_one_empty_piece))
