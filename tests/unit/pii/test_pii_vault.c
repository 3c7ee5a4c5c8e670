#include "harness/t.h"

#include "base/file.h"
#include "pii/pii_act.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[40], file[80];

static int set_up(void)
{
    (void)str_copy(dir, sizeof dir, STR("/tmp/ehub-vault-XXXXXX"));
    snprintf(file, sizeof file, "%s/acme.keys", mkdtemp(dir));
    return 0;
}

static void tear_down(int *unused)
{
    (void)unused;
    char lock[80];
    snprintf(lock, sizeof lock, "%s/acme.lock", dir);
    unlink(file);
    unlink(lock);
    assert_int_equal(rmdir(dir), 0);
}

static const PiiKey MASTER = {.b = {1, 2, 3}}, OTHER = {.b = {9}};

static PiiVault *vault(void)
{
    PiiVault *v = NULL;
    Err err = {0};
    T_OK(pii_vault_open(dir, &MASTER, STR("acme"), true, &v, &err), err);
    return v;
}

static void seal(PiiVault *v, const char *subject, const char *value, Buf *out)
{
    Err err = {0};
    uint32_t s;
    buf_clear(out);
    T_OK(pii_vault_subject(v, str_from(subject), &s, &err), err);
    T_OK(pii_vault_seal(v, s, PII_PERSON, str_from(value), out, &err), err);
}

TEST(a_token_comes_back_in_a_vault_opened_later)
{
    CLEANUP(tear_down) int folder = set_up();
    (void)folder;
    CLEANUP(pii_vault_freep) PiiVault *v = vault();
    CLEANUP(buf_done) Buf token = BUF(10000), same = BUF(10000), back = BUF(10000), text = BUF(10000);
    Err err = {0};
    seal(v, "s", "Maria Lopez", &token);
    seal(v, "s", "Maria Lopez", &same);
    assert_true(str_eq(buf_str(&token), buf_str(&same)));
    seal(v, "t", "Maria Lopez", &same);
    assert_false(str_eq(buf_str(&token), buf_str(&same)));
    assert_int_equal(pii_token_len(buf_str(&token)), token.len);
    CLEANUP(pii_vault_freep) PiiVault *later = vault();
    T_OK(pii_vault_unseal(later, buf_str(&token), &back, &err), err);
    T_STR("Maria Lopez", buf_str(&back));
    T_OK(file_read(file, &text, &err), err);
    assert_int_equal(str_find(buf_str(&text), STR("Maria")), -1);
    struct stat st;
    assert_int_equal(stat(file, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

TEST(another_master_key_is_denied)
{
    CLEANUP(tear_down) int folder = set_up();
    (void)folder;
    CLEANUP(pii_vault_freep) PiiVault *v = vault(), *w = NULL;
    Err err = {0};
    (void)v; /* its folder exists */
    T_FAILS(ERR_DENIED, pii_vault_open(dir, &OTHER, STR("acme"), false, &w, &err));
    T_FAILS(ERR_NOT_FOUND, pii_vault_open(dir, &MASTER, STR("none"), false, &w, &err));
    T_FAILS(ERR_INVALID, pii_vault_open(dir, &MASTER, STR("../x"), true, &w, &err));
}

TEST(destroying_a_key_ends_its_tokens_and_no_others)
{
    CLEANUP(tear_down) int folder = set_up();
    (void)folder;
    CLEANUP(pii_vault_freep) PiiVault *v = vault();
    CLEANUP(buf_done) Buf a = BUF(10000), b = BUF(10000), back = BUF(10000), again = BUF(10000);
    Err err = {0};
    seal(v, "a", "Ann", &a);
    seal(v, "b", "Bob", &b);
    T_OK(pii_vault_erase_subject(v, STR("a"), &err), err);
    T_FAILS(ERR_NOT_FOUND, pii_vault_erase_subject(v, STR("a"), &err));
    CLEANUP(pii_vault_freep) PiiVault *later = vault();
    T_FAILS(ERR_NOT_FOUND, pii_vault_unseal(later, buf_str(&a), &back, &err));
    T_OK(pii_vault_unseal(later, buf_str(&b), &back, &err), err);
    T_STR("Bob", buf_str(&back));
    seal(later, "a", "Ann", &again); /* a new key, that does not open the old tokens */
    T_FAILS(ERR_NOT_FOUND, pii_vault_unseal(later, buf_str(&a), &back, &err));
    T_OK(pii_vault_erase_tenant(later, &err), err);
    CLEANUP(pii_vault_freep) PiiVault *none = NULL;
    T_FAILS(ERR_NOT_FOUND, pii_vault_open(dir, &MASTER, STR("acme"), true, &none, &err));
}

TEST(every_damaged_token_is_refused_and_left_alone)
{
    CLEANUP(tear_down) int folder = set_up();
    (void)folder;
    CLEANUP(pii_vault_freep) PiiVault *v = vault();
    CLEANUP(buf_done) Buf t = BUF(10000), back = BUF(10000);
    seal(v, "s", "Maria", &t);
    for (size_t i = 0; i < t.len; i++) {
        char was = t.ptr[i];
        t.ptr[i] = was == 'A' ? 'B' : 'A';
        assert_true(pii_vault_unseal(v, buf_str(&t), &back, NULL) != ERR_NONE);
        t.ptr[i] = was;
    }
    for (size_t n = 0; n < t.len; n++)
        assert_true(pii_vault_unseal(v, str_slice(buf_str(&t), 0, n), &back, NULL) != ERR_NONE);
    assert_int_equal(back.len, 0);
}

TEST(a_line_torn_by_a_crash_is_cut_off)
{
    CLEANUP(tear_down) int folder = set_up();
    (void)folder;
    CLEANUP(buf_done) Buf t = BUF(10000), back = BUF(10000), text = BUF(10000);
    Err err = {0};
    {
        CLEANUP(pii_vault_freep) PiiVault *v = vault();
        seal(v, "a", "Ann", &t);
    }
    T_OK(file_read(file, &text, &err), err);
    buf_add_c(&text, "{\"id\":\"00");
    T_OK(file_write(file, buf_str(&text), 0600, &err), err);
    CLEANUP(pii_vault_freep) PiiVault *v = vault();
    CLEANUP(buf_done) Buf other = BUF(10000);
    seal(v, "b", "Bob", &other);
    CLEANUP(pii_vault_freep) PiiVault *later = vault();
    T_OK(pii_vault_unseal(later, buf_str(&t), &back, &err), err);
    T_OK(pii_vault_unseal(later, buf_str(&other), &back, &err), err);
    T_STR("AnnBob", buf_str(&back));
}

TEST(two_that_hold_the_vault_see_each_others_subjects)
{
    CLEANUP(tear_down) int folder = set_up();
    (void)folder;
    CLEANUP(pii_vault_freep) PiiVault *v = vault(), *w = vault();
    CLEANUP(buf_done) Buf a = BUF(10000), b = BUF(10000);
    seal(v, "s", "Maria", &a);
    seal(w, "s", "Maria", &b);
    assert_true(str_eq(buf_str(&a), buf_str(&b)));
}

TEST(tokens_in_the_text_are_not_acted_on_again)
{
    CLEANUP(tear_down) int folder = set_up();
    (void)folder;
    CLEANUP(pii_vault_freep) PiiVault *v = vault();
    CLEANUP(buf_done) Buf text = BUF(10000), out = BUF(10000), token = BUF(10000);
    Err err = {0};
    seal(v, "s", "Maria", &token);
    buf_add_c(&text, "Mr ");
    buf_add_str(&text, buf_str(&token));
    buf_add_c(&text, " Lopez");
    PiiActOptions o = {0};
    o.actions[PII_PERSON] = PII_ACT_REDACT;
    CLEANUP(pii_act_freep) PiiAct *act = pii_act_new(&o, STR(""));
    PiiSpan all = {.end = (uint32_t)text.len, .type = PII_PERSON};
    T_OK(pii_act(act, buf_str(&text), &all, 1, &out, NULL, &err), err);
    assert_true(str_starts(buf_str(&out), STR("[PERSON][PERSON:e1.")));
    assert_true(str_ends(buf_str(&out), STR("][PERSON]")));
    assert_int_equal(out.len, token.len + 2 * strlen("[PERSON]"));
}

TEST(a_key_file_is_never_overwritten_nor_read_when_others_can)
{
    CLEANUP(tear_down) int folder = set_up();
    (void)folder;
    PiiKey k;
    Err err = {0};
    T_OK(pii_key_make(file, &err), err);
    T_FAILS(ERR_CONFLICT, pii_key_make(file, &err));
    T_OK(pii_key_read(file, &k, &err), err);
    assert_int_equal(chmod(file, 0644), 0);
    T_FAILS(ERR_DENIED, pii_key_read(file, &k, &err));
    T_OK(file_write(file, STR("short"), 0600, &err), err);
    T_FAILS(ERR_INVALID, pii_key_read(file, &k, &err));
}

T_MAIN(T(a_token_comes_back_in_a_vault_opened_later), T(another_master_key_is_denied),
       T(destroying_a_key_ends_its_tokens_and_no_others), T(every_damaged_token_is_refused_and_left_alone),
       T(a_line_torn_by_a_crash_is_cut_off), T(two_that_hold_the_vault_see_each_others_subjects),
       T(tokens_in_the_text_are_not_acted_on_again),
       T(a_key_file_is_never_overwritten_nor_read_when_others_can))
