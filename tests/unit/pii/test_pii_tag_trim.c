#include "harness/t.h"
#include "pii/pii_tagger.h"

/* Tokens of a text; `classes` for the words named, in order, else none. */
static size_t tokens(const char *text, PiiToken *t, size_t max, const char *word, uint32_t classes)
{
    Str s = str_from(text);
    size_t at = 0, n = pii_tokenize(s, &at, t, max);
    for (size_t i = 0; i < n; i++) {
        t[i].classes =
            word && str_eq((Str){text + t[i].start, t[i].end - t[i].start}, str_from(word)) ? classes : 0;
        t[i].casing = PII_CASING_NORMAL;
    }
    return n;
}

TEST(what_a_label_cannot_know_is_cut_away_or_refused)
{
    static const struct {
        const char *text;
        PiiLabel first;
        size_t from, to;  /* tokens labelled */
        const char *left; /* NULL: refused */
    } rows[] = {
        {"he is 45 now", PII_LABEL_AGE, 2, 3, "45"},
        {"he is 45yo now", PII_LABEL_AGE, 2, 3, "45yo"},
        {"ok at 4pm then", PII_LABEL_AGE, 2, 3, NULL},
        {"Phone: (35) 609-270", PII_LABEL_AGE, 3, 4, NULL},
        {"22 498317 office", PII_LABEL_AGE, 0, 1, NULL},
        {"sons 12, 14 and 17", PII_LABEL_AGE, 1, 2, "12"},
        {"fax 2546712361 Anna", PII_LABEL_B_PERSON, 1, 3, "Anna"},
        {"Anna Berg 2546712361", PII_LABEL_B_PERSON, 0, 3, "Anna Berg"},
        {"(Anna)", PII_LABEL_B_PERSON, 0, 3, "Anna"},
        {"in Q 2 again", PII_LABEL_B_PERSON, 1, 3, NULL},
        {"J. Berg", PII_LABEL_B_PERSON, 0, 3, "J. Berg"},
        {"10/14", PII_LABEL_B_ADDRESS, 0, 3, NULL},
        {"10 Elm", PII_LABEL_B_ADDRESS, 0, 2, "10 Elm"},
        {"10 Elm\n53-320", PII_LABEL_B_ADDRESS, 0, 2, "10 Elm\n53-320"}, /* the last line is the code */
        {"10 Elm\n78701\nThanks", PII_LABEL_B_ADDRESS, 0, 2, "10 Elm\n78701"},
        {"10 Elm\n78701 is paid", PII_LABEL_B_ADDRESS, 0, 2, "10 Elm"},
        {"10 Elm\n\n78701", PII_LABEL_B_ADDRESS, 0, 2, "10 Elm"},
        {"10 Elm\n4500", PII_LABEL_B_ADDRESS, 0, 2, "10 Elm"},
        {"10 Elm 53-320 now", PII_LABEL_B_ADDRESS, 0, 3, "10 Elm 53-320"},
        {"12-34 150th Street", PII_LABEL_B_ADDRESS, 2, 5, "12-34 150th Street"},
        {"at 123 1/2 Oak St", PII_LABEL_B_ADDRESS, 4, 7, "123 1/2 Oak St"},
        {"512-555-0143 Oak St", PII_LABEL_B_ADDRESS, 4, 7, "0143 Oak St"},
        {"DEA# AB1234563", PII_LABEL_B_PERSON, 0, 1, NULL},
        {"the Bruneians", PII_LABEL_NRP, 1, 2, "Bruneians"},
        {"the Metallica", PII_LABEL_NRP, 1, 2, NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        PiiToken t[32];
        size_t n = tokens(rows[i].text, t, ARRAY_LEN(t), NULL, 0), from = rows[i].from, to = rows[i].to;
        bool left = pii_trim(t, n, str_from(rows[i].text), rows[i].first, &from, &to);
        if (left != (rows[i].left != NULL))
            fail_msg("%s: %s", rows[i].text, left ? "left" : "refused");
        if (left)
            assert_true(
                str_eq_c((Str){rows[i].text + t[from].start, t[to - 1].end - t[from].start}, rows[i].left));
    }
}

TEST(a_word_alone_in_a_text_is_a_name_only_when_a_list_knows_it)
{
    static const struct {
        const char *text;
        uint32_t classes;
        bool left;
    } rows[] = {
        {"lsblk", 0, false},
        {"\"lsblk\".", 0, false},
        {"LSBLK", 0, false},
        {"line", PII_BIT(FIRST) | PII_BIT(COMMON), false},
        {"anna", PII_BIT(FIRST), true},
        {"ANNA", PII_BIT(FIRST), true},
        {"Lsblk", 0, true}, /* capitals as a name has them: the path decides */
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        PiiToken t[8];
        size_t n = tokens(rows[i].text, t, ARRAY_LEN(t), NULL, 0), from = rows[i].text[0] == '"',
               to = from + 1;
        t[from].classes = rows[i].classes;
        t[from].casing = PII_CASING_LOWER;
        if (pii_trim(t, n, str_from(rows[i].text), PII_LABEL_B_PERSON, &from, &to) != rows[i].left)
            fail_msg("%s", rows[i].text);
    }
}

TEST(one_word_that_no_list_knows_is_no_name_in_a_line_of_another_language)
{
    static const struct {
        const char *text;
        size_t from, to;
        uint32_t before, classes; /* of the word before, of the first word */
        uint8_t casing;
        bool left;
    } rows[] = {
        {"fragt Gestern danach", 1, 2, 0, 0, PII_FOREIGN, false},
        {"fragt Gestern danach", 1, 2, 0, 0, 0, true},
        {"fragt Anna danach", 1, 2, 0, PII_BIT(FIRST), PII_FOREIGN, true},
        {"fragt Anna Zorba danach", 1, 3, 0, 0, PII_FOREIGN, true},
        {"fragt Herr Zorba danach", 2, 3, PII_BIT(TITLE), 0, PII_FOREIGN, true},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        PiiToken t[8];
        size_t n = tokens(rows[i].text, t, ARRAY_LEN(t), NULL, 0), from = rows[i].from, to = rows[i].to;
        for (size_t k = 0; k < n; k++)
            t[k].casing = rows[i].casing;
        t[from - 1].classes = rows[i].before;
        t[from].classes = rows[i].classes;
        if (pii_trim(t, n, str_from(rows[i].text), PII_LABEL_B_PERSON, &from, &to) != rows[i].left)
            fail_msg("%s, row %zu", rows[i].text, i);
    }
}

TEST(words_of_every_day_in_small_letters_are_no_name)
{
    PiiToken t[8];
    const char *text = "building energy";
    size_t n = tokens(text, t, ARRAY_LEN(t), NULL, 0), from = 0, to = 2;
    for (size_t i = 0; i < n; i++) {
        t[i].classes = PII_BIT(COMMON);
        t[i].casing = PII_CASING_LOWER;
    }
    assert_false(pii_trim(t, n, str_from(text), PII_LABEL_B_ORGANIZATION, &from, &to));
    t[1].classes |= PII_BIT(BRAND);
    assert_true(pii_trim(t, n, str_from(text), PII_LABEL_B_ORGANIZATION, &from, &to));
}

TEST(a_word_of_every_day_in_small_letters_beside_a_name_is_no_part_of_it)
{
    static const struct {
        const char *text, *word;
        uint32_t classes;
        uint8_t casing;
        const char *left;
    } rows[] = {
        {"Zuma will", "will", PII_BIT(FUNCTION) | PII_BIT(FIRST), PII_CASING_NORMAL, "Zuma"},
        {"ask Anna", "ask", PII_BIT(FREQUENT), PII_CASING_NORMAL, "Anna"},
        {"will smith", "will", PII_BIT(FUNCTION) | PII_BIT(FIRST), PII_CASING_LOWER, "will smith"},
        {"von Berg", "von", PII_BIT(PARTICLE) | PII_BIT(FREQUENT), PII_CASING_NORMAL, "von Berg"},
        {"Anna smith", "smith", PII_BIT(LAST), PII_CASING_NORMAL, "Anna smith"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        PiiToken t[8];
        size_t n = tokens(rows[i].text, t, ARRAY_LEN(t), rows[i].word, rows[i].classes), from = 0, to = 2;
        t[0].casing = t[1].casing = rows[i].casing;
        assert_true(pii_trim(t, n, str_from(rows[i].text), PII_LABEL_B_PERSON, &from, &to));
        Str left = {rows[i].text + t[from].start, t[to - 1].end - t[from].start};
        if (!str_eq_c(left, rows[i].left))
            fail_msg("%s: %.*s", rows[i].text, (int)left.len, left.ptr);
    }
}

TEST(a_name_that_the_labels_left_in_two_is_whole_where_the_lists_know_both_words)
{
    static const struct {
        const char *text;
        size_t found; /* this word alone */
        uint32_t classes[2];
        bool whole;
    } rows[] = {
        {"Willow Berg", 1, {PII_BIT(FIRST) | PII_BIT(COMMON), PII_BIT(LAST)}, true},
        {"Willow Berg", 0, {PII_BIT(FIRST), PII_BIT(LAST_RARE) | PII_BIT(COMMON)}, true},
        {"Will Berg", 1, {PII_BIT(FIRST) | PII_BIT(FUNCTION), PII_BIT(LAST)}, false},
        {"Meet Berg", 1, {PII_BIT(COMMON), PII_BIT(LAST)}, false},
        {"Willow Fresh", 0, {PII_BIT(FIRST), PII_BIT(COMMON)}, false},
        {"Willow\nBerg", 1, {PII_BIT(FIRST), PII_BIT(LAST)}, false},
        {"Willow  Berg", 1, {PII_BIT(FIRST), PII_BIT(LAST)}, false},
        {"willow Berg", 1, {PII_BIT(FIRST), PII_BIT(LAST)}, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        PiiToken t[8];
        tokens(rows[i].text, t, ARRAY_LEN(t), NULL, 0);
        t[0].classes = rows[i].classes[0];
        t[1].classes = rows[i].classes[1];
        size_t from = rows[i].found, to = from + 1;
        pii_widen(t, from == 1, from == 0, &from, &to);
        if ((to - from == 2) != rows[i].whole)
            fail_msg("%s, row %zu", rows[i].text, i);
        from = rows[i].found, to = from + 1;
        pii_widen(t, false, false, &from, &to); /* the other word is of another finding */
        assert_int_equal(1, to - from);
    }
}

TEST(the_code_behind_a_place_is_found_and_a_year_or_a_count_is_not)
{
    static const struct {
        const char *text; /* the place is the first word */
        const char *code;
    } rows[] = {
        {"Austin 78704", "78704"},       {"Austin, 78704-1234.", "78704-1234"},
        {"Lisboa 1200-052", "1200-052"}, {"Wroclaw 53-320", "53-320"},
        {"Malmo 840 24", "840 24"},      {"Arendal 4844, Norway", "4844"},
        {"Dallas 2019", NULL},           {"Dallas 12000 homes", NULL},
        {"Dallas 12345%", NULL},         {"Dallas 123456", NULL},
        {"Dallas\n78704", NULL},         {"Dallas", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        PiiToken t[32];
        size_t n = tokens(rows[i].text, t, ARRAY_LEN(t), NULL, 0), from = 0;
        size_t end = pii_code_after(t, n, str_from(rows[i].text), 1, &from);
        if ((end > 0) != (rows[i].code != NULL))
            fail_msg("%s: %s", rows[i].text, end ? "found" : "not found");
        if (end > 0)
            assert_true(
                str_eq_c((Str){rows[i].text + t[from].start, t[end - 1].end - t[from].start}, rows[i].code));
    }
}

T_MAIN(T(what_a_label_cannot_know_is_cut_away_or_refused),
       T(a_word_alone_in_a_text_is_a_name_only_when_a_list_knows_it),
       T(one_word_that_no_list_knows_is_no_name_in_a_line_of_another_language),
       T(words_of_every_day_in_small_letters_are_no_name),
       T(a_word_of_every_day_in_small_letters_beside_a_name_is_no_part_of_it),
       T(a_name_that_the_labels_left_in_two_is_whole_where_the_lists_know_both_words),
       T(the_code_behind_a_place_is_found_and_a_year_or_a_count_is_not))
