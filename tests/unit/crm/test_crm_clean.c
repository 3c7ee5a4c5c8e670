#include "harness/t.h"

#include "base/mem.h"
#include "crm/crm_clean.h"

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

T_MAIN(T(one_word_that_a_firm_or_product_may_be_called_stays_and_a_name_does_not),
       T(a_value_is_cleaned_and_one_without_personal_data_stays),
       T(a_row_keeps_its_form_and_bytes_that_are_no_text))
