#include "base/buf.h"
#include "base/mem.h"
#include "harness/t.h"
#include "pii/pii.h"
#include "pii/pii_tagger.h"

#include <pthread.h>
#include <time.h>

/* The best of all label sequences, tried one by one. */
static int64_t best_of_all(const int32_t (*scores)[PII_LANES], size_t n,
                           const int32_t trans[PII_LANES][PII_LANES], size_t at, unsigned from,
                           uint8_t *labels, uint8_t *best, int64_t sum, int64_t *most)
{
    if (at == n) {
        if (sum > *most) {
            *most = sum;
            memcpy(best, labels, n);
        }
        return *most;
    }
    for (unsigned l = 0; l < PII_N_LABELS; l++) {
        labels[at] = (uint8_t)l;
        best_of_all(scores, n, trans, at + 1, l, labels, best, sum + scores[at][l] + trans[from][l], most);
    }
    return *most;
}

TEST(the_best_path_is_the_best_of_all_sequences)
{
    int32_t trans[PII_LANES][PII_LANES], scores[4][PII_LANES];
    uint32_t x = 1;
    for (size_t round = 0; round < 40; round++) {
        for (size_t i = 0; i < PII_LANES; i++)
            for (size_t l = 0; l < PII_LANES; l++) {
                x = x * 1664525 + 1013904223;
                trans[i][l] = l < PII_N_LABELS ? (int32_t)(x >> 16) % 1000 : -30000;
                x = x * 1664525 + 1013904223;
                scores[i % 4][l] = (int32_t)(x >> 16) % 3000;
            }
        uint8_t labels[4], expected[4], tried[4], back[4][PII_LANES];
        int64_t most = INT64_MIN;
        best_of_all((const int32_t(*)[PII_LANES])scores, 4, (const int32_t(*)[PII_LANES])trans, 0, 0, tried,
                    expected, 0, &most);
        const PiiKernel *kernels[PII_KERNELS];
        for (size_t k = 0, n = pii_kernels(kernels); k < n; k++) {
            kernels[k]->best_path((const int32_t(*)[PII_LANES])scores, 4, (const int32_t(*)[PII_LANES])trans,
                                  back, labels);
            assert_memory_equal(expected, labels, 4);
        }
    }
}

/* Texts of all kinds of tokens, and what the kernels make of their keys. */
static const char *const TEXTS[] = {
    "Please call Michael O'Brien (47) at 1420 Maple St., Apt 5\nSpringfield, IL 62704 about Lakeside Realty "
    "LLC, "
    "Jos\xc3\xa9",
    "it is Sooooo hmmm!! ... \"Ng\" said\n\n\nMcDonald, iPhone 12B B12 1999 2024 3456 12345678901 "
    "\xe2\x80\x9cX\xe2\x80\x9d",
    "\xd0\x98\xd0\xb2\xd0\xb0\xd0\xbd O\xe2\x80\x99Hara d'Arc donaudampfschifffahrtsgesellschaftskapitaen ab "
    "A",
    "a",
    "Al",
    "2024",
    ".",
    "\xc3\xa9\xc3\xa9",
    "I'm",
    "xyz",
};

TEST(all_kernels_of_this_machine_make_the_same_of_a_text)
{
    const PiiKernel *kernels[PII_KERNELS];
    size_t n_kernels = pii_kernels(kernels);
    PiiModel m;
    Err err = {0};
    T_OK(pii_model_open(pii_model_shipped(), &m, &err), err);
    for (size_t i = 0; i < ARRAY_LEN(TEXTS); i++) {
        static PiiSigns signs_a, signs_b;
        static PiiKeys a, b;
        static int32_t sums_a[PII_STRETCH_MAX][PII_LANES], sums_b[PII_STRETCH_MAX][PII_LANES];
        PiiToken t[64];
        /* nothing may be read behind the text */
        CLEANUP(mem_freep) char *copy = mem_array(strlen(TEXTS[i]), 1);
        memcpy(copy, TEXTS[i], strlen(TEXTS[i]));
        Str text = {copy, strlen(TEXTS[i])};
        size_t at = 0, n = pii_tokenize(text, &at, t, ARRAY_LEN(t));
        pii_classify(&m, t, n);
        PII_KERNEL_PLAIN.take(t, n, &signs_a, 0);
        PII_KERNEL_PLAIN.signs(&signs_a, 0);
        for (size_t k = 0; k < n_kernels; k++) {
            kernels[k]->take(t, n, &signs_b, 0);
            kernels[k]->signs(&signs_b, 0);
            assert_memory_equal(&signs_a, &signs_b, sizeof signs_a);
            for (size_t from = 0; from < n; from++) {
                size_t to = from + 1 + from * 7 % (n - from), len = to - from;
                pii_keys(t, n, from, to, text, &a);
                kernels[k]->keys(t, n, from, to, text, &b);
                PII_KERNEL_PLAIN.score(&m, &a, len, sums_a);
                kernels[k]->score(&m, &b, len, sums_b);
                assert_memory_equal(a.head + PII_MARGIN, b.head + PII_MARGIN, len * sizeof *a.head);
                assert_memory_equal(a.tail + PII_MARGIN, b.tail + PII_MARGIN, len * sizeof *a.tail);
                assert_memory_equal(a.id, b.id, (len + 2 * PII_MARGIN) * sizeof *a.id);
                assert_memory_equal(a.classes, b.classes, (len + 2 * PII_MARGIN) * sizeof *a.id);
                assert_memory_equal(a.look, b.look, (len + 2 * PII_MARGIN) * sizeof *a.id);
                assert_memory_equal(a.style, b.style, (len + 2 * PII_MARGIN) * sizeof *a.id);
                assert_memory_equal(a.gap, b.gap, (len + 2 * PII_MARGIN) * sizeof *a.id);
                assert_memory_equal(sums_a, sums_b, len * sizeof *sums_a);
            }
        }
    }
}

TEST(all_kernels_of_this_machine_pick_the_same_rows)
{
    static PiiKeys keys;
    for (size_t i = 0; i < sizeof keys / 4; i++)
        ((uint32_t *)&keys)[i] = (uint32_t)i * 2654435761u;
    const PiiKernel *kernels[PII_KERNELS];
    for (size_t k = 0, n = pii_kernels(kernels); k < n; k++) {
        uint32_t a[PII_FEATURES][PII_GROUP], b[PII_FEATURES][PII_GROUP];
        PII_KERNEL_PLAIN.rows(&keys, 8, 16, a);
        kernels[k]->rows(&keys, 8, 16, b);
        assert_memory_equal(a, b, sizeof a);
        for (size_t f = 0; f < PII_FEATURES; f++)
            for (size_t i = 0; i < PII_GROUP; i++)
                assert_true(a[f][i] < 1u << 16);
    }
}

TEST(all_kernels_of_this_machine_give_the_same_signs)
{
    static PiiSigns a, b;
    uint32_t lot = 1;
    for (size_t i = 0; i < 64; i++) {
        a.shape[i] = b.shape[i] = (uint8_t)(i % PII_N_SHAPES);
        lot = lot * 1664525u + 1013904223u;
        a.classes[i] = b.classes[i] = i % 3 ? 1u << (lot >> 16) % PII_N_CLASSES : 0;
    }
    PII_KERNEL_PLAIN.signs(&a, 1);
    const PiiKernel *kernels[PII_KERNELS];
    for (size_t k = 0, n = pii_kernels(kernels); k < n; k++) {
        kernels[k]->signs(&b, 1);
        assert_memory_equal(a.of, b.of, sizeof a.of);
    }
    assert_int_equal(1u << PII_SHAPE_MARK, a.of[PII_SIGN_MARK][1] & 0x3ff);
    assert_int_equal(1u << PII_SHAPE_TITLE | 1u << PII_SHAPE_MIXED, a.of[PII_SIGN_CAPITAL][1] & 0x3ff);
}

TEST(a_line_is_foreign_or_chatty_by_its_words_and_marks)
{
    static const struct {
        const char *text;
        unsigned style;
    } ROWS[] = {
        {"The buyer signed the contract yesterday (see page 3).", 0},
        {"lol the buyer signed the contract", PII_CHATTY},
        {"The buyer signed the contract!!", PII_CHATTY},
        {"The buyer signed the contract :)", PII_CHATTY},
        {"Wait... the buyer signed it", PII_CHATTY},
        {"\"Really?\" he asked.", 0},
        {"aber wenn ihr nicht mehr sagt, dann gehen wir nach Hause", PII_FOREIGN},
        {"qwrblo zxunda vlimpo hrznak", PII_FOREIGN},
        {"we ate aber and dann in the house", 0},
    };
    PiiModel m;
    Err err = {0};
    T_OK(pii_model_open(pii_model_shipped(), &m, &err), err);
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        static PiiSigns signs;
        PiiToken t[64];
        size_t at = 0, n = pii_tokenize(str_from(ROWS[i].text), &at, t, ARRAY_LEN(t));
        pii_classify(&m, t, n);
        pii_strong(pii_kernel(), t, n, &signs);
        for (size_t k = 0; k < n; k++)
            if ((t[k].casing & (PII_FOREIGN | PII_CHATTY)) != ROWS[i].style)
                fail_msg("%s: style %u, expected %u", ROWS[i].text, t[k].casing, ROWS[i].style);
    }
}

TEST(no_best_path_leaves_o_where_no_label_with_its_gain_reaches_o)
{
    uint32_t lot = 7;
    size_t none = 0;
    for (int round = 0; round < 2000; round++) {
        int32_t scores[4][PII_LANES], trans[PII_LANES][PII_LANES];
        int16_t gain[PII_LANES];
        for (size_t i = 0; i < PII_LANES; i++)
            for (size_t j = 0; j < PII_LANES; j++) {
                lot = lot * 1664525u + 1013904223u;
                trans[i][j] = (int32_t)(lot >> 16) % 41 - 20;
                if (i < 4)
                    scores[i][j] = (int32_t)(lot >> 8 & 0xff) % 61 - (j == PII_LABEL_O ? -20 : 40);
            }
        pii_model_gain((const int32_t(*)[PII_LANES])trans, gain);
        bool leaves = false;
        for (size_t i = 0; i < 4; i++)
            for (size_t l = 1; l < PII_N_LABELS; l++)
                leaves |= scores[i][l] + gain[l] > scores[i][PII_LABEL_O];
        if (leaves)
            continue;
        none++;
        uint8_t labels[4], back[4][PII_LANES];
        pii_kernel()->best_path((const int32_t(*)[PII_LANES])scores, 4, (const int32_t(*)[PII_LANES])trans,
                                back, labels);
        for (size_t i = 0; i < 4; i++)
            assert_int_equal(PII_LABEL_O, labels[i]);
    }
    assert_true(none > 20);
}

TEST(a_span_goes_on_only_after_its_beginning)
{
    assert_true(pii_label_follows(PII_LABEL_B_PERSON, PII_LABEL_I_PERSON));
    assert_true(pii_label_follows(PII_LABEL_I_ADDRESS, PII_LABEL_I_ADDRESS));
    assert_true(pii_label_follows(PII_LABEL_I_PERSON, PII_LABEL_B_PERSON));
    assert_true(pii_label_follows(PII_LABEL_O, PII_LABEL_NRP));
    assert_false(pii_label_follows(PII_LABEL_O, PII_LABEL_I_PERSON));
    assert_false(pii_label_follows(PII_LABEL_B_ADDRESS, PII_LABEL_I_PERSON));
    assert_false(pii_label_follows(PII_LABEL_NRP, PII_LABEL_I_ORGANIZATION));
}

typedef struct Scan {
    PiiScanner *scanner;
    PiiScratch *scratch;
    PiiFound found;
} Scan;

static Scan scan_new(Str model)
{
    Scan s = {0};
    Err err = {0};
    PiiOptions o = PII_OPTIONS_DEFAULT;
    o.model = model;
    static const PiiType TAGGED[] = {PII_PERSON, PII_STREET_ADDRESS, PII_LOCATION, PII_ORGANIZATION, PII_AGE,
                                     PII_NRP};
    for (size_t i = 0; i < ARRAY_LEN(TAGGED); i++)
        pii_types_add(&o.types, TAGGED[i]);
    T_OK(pii_scanner_new(&o, &s.scanner, &err), err);
    s.scratch = pii_scratch_new(s.scanner);
    return s;
}

static void scan_done(Scan *s)
{
    pii_scratch_free(s->scratch);
    pii_scanner_free(s->scanner);
    pii_found_done(&s->found);
}

TEST(names_places_and_addresses_are_found_however_they_are_written)
{
    static const struct {
        const char *text, *value;
        PiiType type;
    } rows[] = {
        {"Ana Ruiz", "Ana Ruiz", PII_PERSON},
        {"Please call Michael Anderson about the showing.", "Michael Anderson", PII_PERSON},
        {"please call michael anderson about the showing", "michael anderson", PII_PERSON},
        {"PLEASE CALL MICHAEL ANDERSON ABOUT THE SHOWING", "MICHAEL ANDERSON", PII_PERSON},
        {"The buyer is Jos\xc3\xa9 Hern\xc3\xa1ndez-L\xc3\xb3pez.",
         "Jos\xc3\xa9 Hern\xc3\xa1ndez-L\xc3\xb3pez", PII_PERSON},
        {"Ms. O'Connor signed today", "O'Connor", PII_PERSON},
        {"The showing is at 1420 Maple Street, Springfield, IL 62704 tomorrow.",
         "1420 Maple Street, Springfield, IL 62704", PII_STREET_ADDRESS},
        {"Send it to PO Box 1187, Denver, CO 80202.", "PO Box 1187, Denver, CO 80202", PII_STREET_ADDRESS},
        {"We are moving to Chicago next month.", "Chicago", PII_LOCATION},
        {"She works for Lakeside Realty LLC.", "Lakeside Realty LLC", PII_ORGANIZATION},
        {"He is 47 years old.", "47", PII_AGE},
    };
    Scan s = scan_new(STR_NULL);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        Err err = {0};
        Str text = str_from(rows[i].text);
        T_OK(pii_scan(s.scanner, s.scratch, text, &s.found, &err), err);
        bool seen = false;
        for (size_t f = 0; f < s.found.n; f++) {
            const PiiSpan *p = &s.found.spans[f];
            seen |= p->type == rows[i].type && str_eq_c(str_slice(text, p->start, p->end), rows[i].value);
        }
        if (!seen)
            fail_msg("%s: %s is not found", rows[i].text, rows[i].value);
    }
    scan_done(&s);
}

TEST(a_name_made_of_a_part_of_an_exact_finding_does_not_take_it_away)
{
    static const struct {
        const char *text, *value;
        PiiType type;
    } rows[] = {
        {"* eb:71:88:00:79:08\r\n", "eb:71:88:00:79:08", PII_MAC_ADDRESS},
        {"743f:df29:7732:ddae:6573:4017:1bd2:cea3", "743f:df29:7732:ddae:6573:4017:1bd2:cea3",
         PII_IP_ADDRESS},
        {"see https://en.wikipedia.org/wiki/Foo_(bar34)", "https://en.wikipedia.org/wiki/Foo_(bar34)",
         PII_URL},
        {"- aws_secret_access_key = Cygo+Motvy9Pj1uPouvgGv6xRR2Vd2FjvSEJgvGZ",
         "Cygo+Motvy9Pj1uPouvgGv6xRR2Vd2FjvSEJgvGZ", PII_SECRET},
    };
    Scan s = {0};
    Err err = {0};
    PiiOptions o = PII_OPTIONS_DEFAULT; /* all types */
    T_OK(pii_scanner_new(&o, &s.scanner, &err), err);
    s.scratch = pii_scratch_new(s.scanner);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        Str text = str_from(rows[i].text);
        T_OK(pii_scan(s.scanner, s.scratch, text, &s.found, &err), err);
        assert_int_equal(s.found.n, 1);
        const PiiSpan *p = &s.found.spans[0];
        assert_int_equal(p->type, rows[i].type);
        assert_true(str_eq_c(str_slice(text, p->start, p->end), rows[i].value));
    }
    scan_done(&s);
}

TEST(ordinary_text_has_no_names)
{
    static const char *const rows[] = {
        "The house has three bedrooms and a large kitchen.",
        "Thank you for your help, talk to you tomorrow!",
        "Will you mark the calendar? I hope so.",
        "ERROR connection refused after 3 retries",
        "Price Reduced! New Roof and Granite Counters",
        "",
        "\xff\xfe\x80",
    };
    Scan s = scan_new(STR_NULL);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        Err err = {0};
        T_OK(pii_scan(s.scanner, s.scratch, str_from(rows[i]), &s.found, &err), err);
        if (s.found.n > 0)
            fail_msg("%s: %s at %u", rows[i], pii_type_name(s.found.spans[0].type), s.found.spans[0].start);
    }
    scan_done(&s);
}

TEST(a_text_of_many_blocks_gives_each_name_once)
{
    static const char line[] = "Please call Michael Anderson about the showing.\n";
    enum { LINES = 3000 };
    CLEANUP(buf_done) Buf b = BUF(1u << 20);
    for (size_t i = 0; i < LINES; i++)
        buf_add_c(&b, line);
    Scan s = scan_new(STR_NULL);
    Err err = {0};
    T_OK(pii_scan(s.scanner, s.scratch, buf_str(&b), &s.found, &err), err);
    assert_int_equal(LINES, s.found.n);
    for (size_t i = 0; i < LINES; i++) {
        assert_int_equal(i * (sizeof line - 1) + 12, s.found.spans[i].start);
        assert_int_equal(i * (sizeof line - 1) + 28, s.found.spans[i].end);
    }
    scan_done(&s);
}

TEST(a_text_without_lines_or_gaps_is_cut_and_still_ends)
{
    CLEANUP(buf_done) Buf b = BUF(1u << 20);
    for (size_t i = 0; i < 20000; i++)
        buf_add_c(&b, "Xyz Qrst ");
    Scan s = scan_new(STR_NULL);
    Err err = {0};
    T_OK(pii_scan(s.scanner, s.scratch, buf_str(&b), &s.found, &err), err);
    scan_done(&s);
}

/* CPU seconds of a scan of n bytes that repeat `piece`. */
static double scan_seconds(Scan *s, const char *piece, size_t n)
{
    CLEANUP(buf_done) Buf b = BUF(1u << 20);
    while (b.len < n)
        buf_add_c(&b, piece);
    double best = 1e9;
    for (int round = 0; round < 3; round++) {
        Err err = {0};
        struct timespec from, to;
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
        T_OK(pii_scan(s->scanner, s->scratch, (Str){b.ptr, n}, &s->found, &err), err);
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
        best = MIN(best, (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9);
    }
    return best;
}

TEST(hostile_text_takes_time_in_proportion_to_its_length)
{
    static const char *const pieces[] = {
        "A", "a",  "A ", "Xy",  "Xy ", "\xff",         "\xc3\xa9",      "'",     "a'",    "D'",
        "1", "1 ", "\n", "A\n", ".",   "\xe2\x80\x99", "o\xe2\x80\x99", "Anna ", "ANNA ", "anna "};
    Scan s = scan_new(STR_NULL);
    for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
        double few = scan_seconds(&s, pieces[i], 64 << 10), many = scan_seconds(&s, pieces[i], 512 << 10);
        if (many > 8 * few * 4 + 0.05)
            fail_msg("\"%s\" repeated: 64 KiB in %.4f s, 512 KiB in %.4f s", pieces[i], few, many);
    }
    scan_done(&s);
}

typedef struct Sharer {
    const PiiScanner *scanner;
    size_t found;
} Sharer;

static void *share(void *arg)
{
    static const char text[] = "Please call Michael Anderson at 1420 Maple Street, Springfield, IL 62704.";
    Sharer *s = arg;
    PiiScratch *scratch = pii_scratch_new(s->scanner);
    PiiFound found = {0};
    for (int i = 0; i < 200; i++) {
        Err err = {0};
        BUG_ON(pii_scan(s->scanner, scratch, (Str){text, sizeof text - 1}, &found, &err) != ERR_NONE);
        s->found += found.n;
    }
    pii_found_done(&found);
    pii_scratch_free(scratch);
    return NULL;
}

TEST(one_scanner_serves_many_threads)
{
    Scan s = scan_new(STR_NULL);
    pthread_t threads[4];
    Sharer sharers[4] = {0};
    for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
        sharers[i].scanner = s.scanner;
        assert_int_equal(0, pthread_create(&threads[i], NULL, share, &sharers[i]));
    }
    for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(400, sharers[i].found);
    }
    scan_done(&s);
}

TEST(bytes_that_are_no_model_are_an_error)
{
    Str shipped = pii_model_shipped();
    Err err = {0};
    PiiModel m;
    CLEANUP(mem_freep) char *copy = mem_aligned(64, shipped.len);
    memcpy(copy, shipped.ptr, shipped.len);
    T_OK(pii_model_open((Str){copy, shipped.len}, &m, &err), err);
    T_FAILS(ERR_CORRUPT, pii_model_open(STR(""), &m, &err));
    T_FAILS(ERR_CORRUPT, pii_model_open((Str){copy, 400}, &m, &err));
    T_FAILS(ERR_CORRUPT, pii_model_open((Str){copy, shipped.len - 1}, &m, &err));
    copy[8] = 31; /* row_bits */
    T_FAILS(ERR_CORRUPT, pii_model_open((Str){copy, shipped.len}, &m, &err));
    memcpy(copy + 8, shipped.ptr + 8, 4);
    copy[4] = 9; /* version */
    T_FAILS(ERR_UNSUPPORTED, pii_model_open((Str){copy, shipped.len}, &m, &err));
    copy[0] = 'x';
    T_FAILS(ERR_CORRUPT, pii_model_open((Str){copy, shipped.len}, &m, &err));
}

T_MAIN(T(the_best_path_is_the_best_of_all_sequences), T(all_kernels_of_this_machine_make_the_same_of_a_text),
       T(all_kernels_of_this_machine_pick_the_same_rows), T(all_kernels_of_this_machine_give_the_same_signs),
       T(a_line_is_foreign_or_chatty_by_its_words_and_marks),
       T(no_best_path_leaves_o_where_no_label_with_its_gain_reaches_o),
       T(a_span_goes_on_only_after_its_beginning),
       T(names_places_and_addresses_are_found_however_they_are_written),
       T(a_name_made_of_a_part_of_an_exact_finding_does_not_take_it_away), T(ordinary_text_has_no_names),
       T(a_text_of_many_blocks_gives_each_name_once), T(a_text_without_lines_or_gaps_is_cut_and_still_ends),
       T(hostile_text_takes_time_in_proportion_to_its_length), T(one_scanner_serves_many_threads),
       T(bytes_that_are_no_model_are_an_error))
