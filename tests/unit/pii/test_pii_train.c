#include "base/buf.h"
#include "base/mem.h"
#include "harness/t.h"
#include "pii/pii_generate.h"
#include "pii/pii_train.h"

#include <stdlib.h>

/* A word that no lexicon knows, learned from its context alone. */
static void add_examples(PiiTrainer *t)
{
    static const char *const zeds[] = {"Zgorlk", "Vxunda", "Qlimpo", "Brznak"};
    Err err = {0};
    for (size_t i = 0; i < 200; i++) {
        CLEANUP(buf_done) Buf b = BUF(256);
        buf_addf(&b, i % 2 ? "we asked droid %s to leave" : "we asked about %s to leave",
                 zeds[i % ARRAY_LEN(zeds)]);
        PiiSpan span = {.start = 15, .end = 21, .type = PII_PERSON};
        T_OK(pii_trainer_add(t, buf_str(&b), &span, i % 2, &err), err);
    }
}

static void train(Buf *model, uint32_t parts, int32_t caution)
{
    Err err = {0};
    CLEANUP(pii_trainer_freep) PiiTrainer *t = NULL;
    T_OK(pii_trainer_new(NULL, 0, &t, &err), err);
    add_examples(t);
    PiiTrainOptions o = PII_TRAIN_DEFAULT;
    o.row_bits = 12;
    o.parts = parts;
    o.caution = caution;
    T_OK(pii_trainer_run(t, &o, NULL, NULL, model, &err), err);
}

/* How many are found in text; the first in *ret. */
static size_t found_in(const Buf *model, const char *text, PiiSpan *ret)
{
    PiiOptions o = PII_OPTIONS_DEFAULT;
    o.model = buf_str(model);
    CLEANUP(pii_scanner_freep) PiiScanner *s = NULL;
    Err err = {0};
    T_OK(pii_scanner_new(&o, &s, &err), err);
    CLEANUP(pii_scratch_freep) PiiScratch *scratch = pii_scratch_new(s);
    CLEANUP(pii_found_done) PiiFound found = {0};
    T_OK(pii_scan(s, scratch, str_from(text), &found, &err), err);
    if (found.n > 0)
        *ret = found.spans[0];
    return found.n;
}

TEST(a_trained_model_finds_what_it_was_shown_and_only_there)
{
    for (uint32_t parts = 1; parts <= 4; parts += 3) { /* one, and the mean of four */
        CLEANUP(buf_done) Buf model = BUF(64u << 20);
        PiiSpan span;
        train(&model, parts, 0);
        assert_int_equal(1, found_in(&model, "then we asked droid Hjulmk to leave", &span));
        assert_int_equal(PII_PERSON, span.type);
        assert_int_equal(20, span.start);
        assert_int_equal(26, span.end);
        assert_int_equal(0, found_in(&model, "then we asked about Hjulmk to leave", &span));
    }
}

TEST(with_more_caution_than_any_lead_no_person_is_found)
{
    CLEANUP(buf_done) Buf model = BUF(64u << 20);
    PiiSpan span;
    train(&model, 1, PII_TRAIN_CAUTION_MAX);
    size_t n = found_in(&model, "then we asked droid Hjulmk to leave", &span);
    assert_true(n == 0 || span.type != PII_PERSON);
}

TEST(more_parts_than_examples_are_an_error)
{
    CLEANUP(buf_done) Buf model = BUF(64u << 20);
    Err err = {0};
    CLEANUP(pii_trainer_freep) PiiTrainer *t = NULL;
    T_OK(pii_trainer_new(NULL, 0, &t, &err), err);
    PiiTrainOptions o = PII_TRAIN_DEFAULT;
    T_FAILS(ERR_INVALID, pii_trainer_run(t, &o, NULL, NULL, &model, &err));
    T_OK(pii_trainer_add(t, STR("a text"), NULL, 0, &err), err);
    o.parts = 2;
    T_FAILS(ERR_INVALID, pii_trainer_run(t, &o, NULL, NULL, &model, &err));
    o.parts = 0;
    T_FAILS(ERR_INVALID, pii_trainer_run(t, &o, NULL, NULL, &model, &err));
}

TEST(the_same_examples_give_the_same_bytes)
{
    CLEANUP(buf_done) Buf a = BUF(64u << 20);
    CLEANUP(buf_done) Buf b = BUF(64u << 20);
    train(&a, 2, 10);
    train(&b, 2, 10);
    assert_true(str_eq(buf_str(&a), buf_str(&b)));
}

TEST(spans_outside_the_text_or_overlapping_are_refused)
{
    Err err = {0};
    CLEANUP(pii_trainer_freep) PiiTrainer *t = NULL;
    T_OK(pii_trainer_new(NULL, 0, &t, &err), err);
    PiiSpan past = {.start = 1, .end = 9, .type = PII_PERSON},
            empty = {.start = 2, .end = 2, .type = PII_PERSON};
    PiiSpan over[] = {{.start = 0, .end = 3, .type = PII_PERSON}, {.start = 2, .end = 4, .type = PII_PERSON}};
    T_FAILS(ERR_INVALID, pii_trainer_add(t, STR("abcd"), &past, 1, &err));
    T_FAILS(ERR_INVALID, pii_trainer_add(t, STR("abcd"), &empty, 1, &err));
    T_FAILS(ERR_INVALID, pii_trainer_add(t, STR("abcd"), over, 2, &err));
    CLEANUP(buf_done) Buf model = BUF(1u << 20);
    T_FAILS(ERR_INVALID, pii_trainer_run(t, &PII_TRAIN_DEFAULT, NULL, NULL, &model, &err));
}

TEST(word_lists_are_read_and_their_mistakes_named)
{
    PiiWords w = {0};
    Err err = {0};
    T_OK(pii_words_add(&w, STR("[city]\nAlbany\nNew York\n[first]\nAnn\n[city]\nUtica\n"), &err), err);
    assert_int_equal(3, pii_words_list(&w, "city")->n);
    assert_null(pii_words_list(&w, "none"));
    CLEANUP(pii_generator_freep) PiiGenerator *g = NULL;
    T_FAILS(ERR_INVALID, pii_generator_new(&w, 1, &g, &err));
    pii_words_done(&w);
    T_FAILS(ERR_MALFORMED, pii_words_add(&w, STR("\nAnn\n"), &err));
    assert_non_null(strstr(err.msg, "line 2"));
    pii_words_done(&w);
}

static void read_file(const char *path, Buf *out)
{
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    for (size_t n = 1; n > 0;) {
        char *room = buf_room(out, 65536);
        assert_non_null(room);
        n = fread(room, 1, 65536, f);
        buf_advance(out, n);
    }
    fclose(f);
}

TEST(generated_spans_are_in_order_and_inside_their_text)
{
    CLEANUP(buf_done) Buf words = BUF(PII_WORDS_BYTES_MAX);
    CLEANUP(buf_done) Buf own = BUF(PII_WORDS_BYTES_MAX);
    CLEANUP(buf_done) Buf text = BUF(1u << 20);
    read_file("src/pii/data/words.txt", &words);
    read_file("src/pii/data/own.txt", &own);
    PiiWords w = {0};
    Err err = {0};
    T_OK(pii_words_add(&w, buf_str(&words), &err), err);
    T_OK(pii_words_add(&w, buf_str(&own), &err), err);
    CLEANUP(pii_generator_freep) PiiGenerator *g = NULL;
    T_OK(pii_generator_new(&w, 7, &g, &err), err);
    size_t seen[PII_N_TYPES] = {0};
    for (size_t i = 0; i < 5000; i++) {
        PiiSpan spans[PII_GENERATE_SPANS_MAX];
        size_t n = pii_generate(g, &text, spans);
        assert_false(text.failed);
        assert_true(str_is_utf8(buf_str(&text), NULL));
        for (size_t s = 0; s < n; s++) {
            assert_true(spans[s].start < spans[s].end && spans[s].end <= text.len);
            assert_true(s == 0 || spans[s - 1].end <= spans[s].start);
            seen[spans[s].type]++;
        }
    }
    assert_true(seen[PII_PERSON] > 1000 && seen[PII_STREET_ADDRESS] > 300 && seen[PII_LOCATION] > 300 &&
                seen[PII_ORGANIZATION] > 300 && seen[PII_AGE] > 50 && seen[PII_NRP] > 50);
    pii_words_done(&w);
}

T_MAIN(T(a_trained_model_finds_what_it_was_shown_and_only_there),
       T(with_more_caution_than_any_lead_no_person_is_found), T(more_parts_than_examples_are_an_error),
       T(the_same_examples_give_the_same_bytes), T(spans_outside_the_text_or_overlapping_are_refused),
       T(word_lists_are_read_and_their_mistakes_named), T(generated_spans_are_in_order_and_inside_their_text))
