#include "harness/t.h"

#include "base/mem.h"
#include "crm/crm_clean.h"
#include "pii/pii_vault.h"

#include <stdlib.h>
#include <unistd.h>

static PiiGuard *open_guard(void)
{
    PiiGuard *g = NULL;
    Err err = {0};
    T_OK(pii_guard_new(&PII_GUARD_DEFAULT, &g, &err), err);
    return g;
}

TEST(a_value_is_cleaned_and_one_without_personal_data_stays)
{
    static const PiiWhere where = {.source = "import"};
    CLEANUP(pii_guard_freep) PiiGuard *g = open_guard();
    CLEANUP(crm_clean_freep) CrmClean *c = crm_clean_new(g, &where);
    for (int i = 0; i < 2; i++) { /* the second time from memory */
        T_STR("call [PHONE_NUMBER]", crm_clean_value(c, STR("call 415-736-5000")));
        T_STR("Listing", crm_clean_value(c, STR("Listing")));
    }
    assert_null(crm_clean_value(c, STR_NULL).ptr);
    T_STR("call 415-736-5000", crm_clean_value(NULL, STR("call 415-736-5000")));
    size_t n;
    CLEANUP(mem_freep) PiiTallyRow *rows = pii_tally_take(pii_guard_tally(g), &n);
    assert_int_equal(n, 1);
    assert_string_equal(rows[0].source, "import");
}

TEST(a_row_keeps_its_form_and_bytes_that_are_no_text)
{
    static const PiiWhere where = {.source = "import"};
    CLEANUP(pii_guard_freep) PiiGuard *g = open_guard();
    CLEANUP(crm_clean_freep) CrmClean *c = crm_clean_new(g, &where);
    T_STR("D1;[EMAIL_ADDRESS];\"1.234,50\";caf\xe9;\r\n[US_SSN]\t",
          crm_clean_row(c, STR("D1;jo@mail-post.com;\"1.234,50\";caf\xe9;\r\n536-22-8719\t")));
    T_STR("", crm_clean_row(c, STR("")));
}

TEST(one_word_that_a_firm_or_product_may_be_called_stays_and_a_name_does_not)
{
    static const PiiWhere where = {.source = "import"};
    CLEANUP(pii_guard_freep) PiiGuard *g = open_guard();
    CLEANUP(crm_clean_freep) CrmClean *c = crm_clean_new(g, &where);
    T_STR("Finjob", crm_clean_label(c, STR("Finjob")));
    T_STR("[PERSON]", crm_clean_label(c, STR("Margaret Johnson")));
    T_STR("[EMAIL_ADDRESS]", crm_clean_label(c, STR("jo@mail-post.com")));
    T_STR("[SECRET]", crm_clean_label(c, STR("AKIAIOSFODNN7EXAMPLE")));
}

TEST(with_a_vault_what_is_sealed_of_one_agent_is_lost_with_that_agent_alone)
{
    char dir[] = "/tmp/ehub-clean-XXXXXX", key[64], path[64], of_ann[400], of_bob[400], subject[UUID_TEXT];
    Err err = {0};
    uint64_t n, left;
    assert_non_null(mkdtemp(dir));
    (void)snprintf(key, sizeof key, "%s/key", dir);
    T_OK(pii_key_make(key, &err), err);
    PiiGuardOptions o = PII_GUARD_DEFAULT;
    o.vault = dir;
    o.key = key;
    PiiGuard *made = NULL;
    T_OK(pii_guard_new(&o, &made, &err), err);
    CLEANUP(pii_guard_freep) PiiGuard *g = made;
    const PiiWhere where = {.slug = "acme", .source = "import"};
    CLEANUP(crm_clean_freep) CrmClean *c = crm_clean_new(g, &where);
    const Uuid ann = uuid_v7(), bob = uuid_v7();
    const Str value = STR("mail jo@mail.test");
    for (int i = 0; i < 2; i++) { /* the second time from memory */
        crm_clean_of(c, ann);
        (void)str_copy(of_ann, sizeof of_ann, crm_clean_value(c, value));
        crm_clean_of(c, bob);
        (void)str_copy(of_bob, sizeof of_bob, crm_clean_value(c, value));
        assert_non_null(strstr(of_ann, "mail [EMAIL_ADDRESS:e1."));
        assert_string_not_equal(of_ann, of_bob);
    }
    uuid_format(ann, subject);
    T_OK(pii_guard_erase(g, "acme", str_from(subject), &err), err);
    CLEANUP(buf_done) Buf back = BUF(4096);
    T_OK(pii_guard_restore(g, "acme", str_from(of_ann), &back, &n, &left, &err), err);
    assert_int_equal(left, 1);
    buf_clear(&back);
    T_OK(pii_guard_restore(g, "acme", str_from(of_bob), &back, &n, &left, &err), err);
    T_STR("mail jo@mail.test", buf_str(&back));
    static const char *const FILES[] = {"key", "acme.keys", "acme.lock"};
    for (size_t i = 0; i < ARRAY_LEN(FILES); i++) {
        (void)snprintf(path, sizeof path, "%s/%s", dir, FILES[i]);
        unlink(path);
    }
    rmdir(dir);
}

T_MAIN(T(with_a_vault_what_is_sealed_of_one_agent_is_lost_with_that_agent_alone),
       T(one_word_that_a_firm_or_product_may_be_called_stays_and_a_name_does_not),
       T(a_value_is_cleaned_and_one_without_personal_data_stays),
       T(a_row_keeps_its_form_and_bytes_that_are_no_text))
