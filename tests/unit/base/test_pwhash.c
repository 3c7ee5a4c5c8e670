#include "harness/t.h"

#include "base/pwhash.h"

/* Made by the argon2 command of Debian's package of that name:
 * printf 'correct horse battery' | argon2 somesalt1234abcd -id -t 2 -k 19456 -p 1 -e */
#define KNOWN \
    "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQxMjM0YWJjZA$KcVQKxZXAVQxwCR3i4gKZhsjiI9MisWf1dbDpYUCIW4"

TEST(a_password_matches_its_own_hash_only)
{
    char h[PWHASH_TEXT], other[PWHASH_TEXT];
    Err err = {0};
    T_OK(pwhash_make(STR("correct horse battery"), h, &err), err);
    T_OK(pwhash_make(STR("correct horse battery"), other, &err), err);
    assert_true(str_starts(str_from(h), STR("$argon2id$v=19$m=19456,t=2,p=1$")));
    assert_string_not_equal(h, other);
    assert_true(pwhash_verify(h, STR("correct horse battery")));
    assert_false(pwhash_verify(h, STR("correct horse batterx")));
    assert_false(pwhash_verify(h, STR("")));
}

TEST(a_hash_made_by_another_program_is_understood)
{
    assert_true(pwhash_verify(KNOWN, STR("correct horse battery")));
    assert_false(pwhash_verify(KNOWN, STR("incorrect")));
}

TEST(short_and_long_passwords_are_refused)
{
    char h[PWHASH_TEXT], longer[PWHASH_PASSWORD_MAX + 1];
    memset(longer, 'x', sizeof longer);
    Err err = {0};
    T_FAILS(ERR_INVALID, pwhash_make(STR("ninechars"), h, &err));
    T_FAILS(ERR_INVALID, pwhash_make((Str){longer, sizeof longer}, h, &err));
}

TEST(nobody_s_password_never_matches)
{
    assert_false(pwhash_verify(NULL, STR("")));
    assert_false(pwhash_verify(NULL, STR("correct horse battery")));
    assert_false(pwhash_verify("garbage", STR("correct horse battery")));
}

T_MAIN(T(a_password_matches_its_own_hash_only), T(a_hash_made_by_another_program_is_understood),
       T(short_and_long_passwords_are_refused), T(nobody_s_password_never_matches))
