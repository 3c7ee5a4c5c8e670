#include "harness/t.h"

#include "base/mem.h"
#include "pii/pii_talk.h"

static const PiiWhere HERE = {.source = "coach chat"};

static PiiGuard *open_guard(void)
{
    PiiGuard *g = NULL;
    Err err = {0};
    T_OK(pii_guard_new(&PII_GUARD_DEFAULT, &g, &err), err);
    return g;
}

static const char *heard(PiiTalk *t, const char *answer)
{
    static Buf out = BUF(1u << 16);
    buf_clear(&out);
    pii_talk_hear(t, str_from(answer), &out);
    return buf_cstr(&out);
}

TEST(no_value_is_in_the_prompt_and_the_answer_has_them_again)
{
    CLEANUP(pii_guard_freep) PiiGuard *g = open_guard();
    CLEANUP(pii_talk_freep) PiiTalk *t = pii_talk_new(g, &HERE, STR("c1"));
    Str said = pii_prompt_text(pii_talk_say(
        t, STR("Maria Lopez (maria.lopez@mail.test, 212-736-5000) wants to sell. SSN 536-22-8719.")));
    static const char *const values[] = {"Maria", "Lopez", "mail.test", "736-5000", "536-22"};
    for (size_t i = 0; i < ARRAY_LEN(values); i++)
        assert_int_equal(str_find(said, str_from(values[i])), -1);
    CLEANUP(buf_done) Buf back = BUF(4096);
    pii_talk_hear(t, said, &back);
    T_STR("Maria Lopez (maria.lopez@mail.test, 212-736-5000) wants to sell. SSN [US_SSN].", buf_str(&back));
}

/* The name that stands for Maria Lopez: the first two words of what was said. */
static void stand_in(PiiTalk *t, char first[static 64], char last[static 64])
{
    Str rest = pii_prompt_text(pii_talk_say(t, STR("Maria Lopez wants to sell her house."))), word;
    assert_true(str_next(&rest, ' ', &word) && str_copy(first, 64, word));
    assert_true(str_next(&rest, ' ', &word) && str_copy(last, 64, word));
}

TEST(one_person_is_one_stand_in_through_the_conversation_in_every_form)
{
    CLEANUP(pii_guard_freep) PiiGuard *g = open_guard();
    CLEANUP(pii_talk_freep) PiiTalk *t = pii_talk_new(g, &HERE, STR("c1"));
    char first[64], last[64], answer[300], expected[300];
    stand_in(t, first, last);
    Str again = pii_prompt_text(pii_talk_say(t, STR("I spoke with Maria Lopez again yesterday.")));
    assert_true(str_find(again, str_from(first)) >= 0 && str_find(again, str_from(last)) >= 0);
    (void)snprintf(answer, sizeof answer, "Ask %s, or write to Ms. %s; %s%s is nobody.", first, last, first,
                   last);
    (void)snprintf(expected, sizeof expected, "Ask Maria, or write to Ms. Lopez; %s%s is nobody.", first,
                   last);
    assert_string_equal(heard(t, answer), expected);
}

TEST(two_conversations_do_not_turn_back_each_others_stand_ins)
{
    CLEANUP(pii_guard_freep) PiiGuard *g = open_guard();
    CLEANUP(pii_talk_freep)
    PiiTalk *t = pii_talk_new(g, &HERE, STR("c1")), *u = pii_talk_new(g, &HERE, STR("c2"));
    char first[64], last[64];
    stand_in(t, first, last);
    assert_string_equal(heard(u, first), first);
    assert_string_equal(heard(t, first), "Maria");
}

TEST(what_cannot_be_looked_at_is_not_sent)
{
    CLEANUP(pii_guard_freep) PiiGuard *g = open_guard();
    CLEANUP(pii_talk_freep) PiiTalk *t = pii_talk_new(g, &HERE, STR("c1"));
    char *big = mem_zalloc(PII_TEXT_MAX + 20);
    memset(big, 'x', PII_TEXT_MAX + 10);
    Str said = pii_prompt_text(pii_talk_say(t, str_from(big)));
    mem_free(big);
    assert_true(str_starts(said, STR("[WITHHELD: ")));
    assert_true(said.len < 200);
}

TEST(a_constant_prompt_is_the_literal)
{
    T_STR("Answer briefly.", pii_prompt_text(pii_prompt_constant("Answer briefly.")));
}

T_MAIN(T(no_value_is_in_the_prompt_and_the_answer_has_them_again),
       T(one_person_is_one_stand_in_through_the_conversation_in_every_form),
       T(two_conversations_do_not_turn_back_each_others_stand_ins), T(what_cannot_be_looked_at_is_not_sent),
       T(a_constant_prompt_is_the_literal))
