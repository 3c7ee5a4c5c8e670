#include "harness/t.h"
#include "insight/insight_money.h"

#include <math.h>

static ErrKind parse(const char *json, InsightMoney *m, Err *err)
{
    CLEANUP(jv_freep) Jv *v = NULL;
    T_OK(jv_parse(str_from(json), &v, err), *err);
    return insight_money_parse(v, m, err);
}

TEST(what_is_absent_or_null_is_not_set_and_the_rest_is_kept)
{
    Err err;
    InsightMoney m;
    T_OK(parse("{\"currency\":\"EUR\",\"split\":0.3,\"licence_cents\":4900,\"coach_hours\":null}", &m, &err),
         err);
    T_STR("EUR", str_from(m.currency));
    assert_true(m.v[INSIGHT_MONEY_SPLIT] == 0.3 && m.v[INSIGHT_MONEY_LICENCE] == 4900);
    assert_true(isnan(m.v[INSIGHT_MONEY_COACH_HOURS]) && isnan(m.v[INSIGHT_MONEY_FISCAL_START]));
    CLEANUP(buf_done) Buf out = BUF(2000);
    Jw w = jw(&out);
    jw_obj(&w);
    insight_money_json(&w, &m);
    jw_end(&w);
    T_STR("{\"currency\":\"EUR\",\"fiscal_start\":null,\"split\":0.3,\"commission_cents\":null,\"coach_hour_"
          "cents\":null,"
          "\"agent_hour_cents\":null,\"coach_hours\":null,\"agent_hours\":null,\"licence_cents\":4900}",
          buf_str(&out));
}

TEST(what_cannot_be_is_refused_with_the_name_of_the_member)
{
    static const struct {
        const char *json, *word;
    } ROWS[] = {
        {"{}", "currency"},
        {"{\"currency\":\"usd\"}", "currency"},
        {"{\"currency\":\"XYZ\"}", "ISO 4217"},
        {"{\"currency\":\"D A\"}", "currency"},
        {"{\"currency\":\"DOLLAR\"}", "currency"},
        {"{\"currency\":\"USD\",\"split\":1.01}", "split"},
        {"{\"currency\":\"USD\",\"split\":-0.1}", "split"},
        {"{\"currency\":\"USD\",\"fiscal_start\":0}", "fiscal_start"},
        {"{\"currency\":\"USD\",\"fiscal_start\":13}", "fiscal_start"},
        {"{\"currency\":\"USD\",\"fiscal_start\":1.5}", "no whole number"},
        {"{\"currency\":\"USD\",\"licence_cents\":-1}", "licence_cents"},
        {"{\"currency\":\"USD\",\"commission_cents\":100000000001}", "commission_cents"},
        {"{\"currency\":\"USD\",\"coach_hours\":101}", "coach_hours"},
    };
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        Err err;
        InsightMoney m;
        if (parse(ROWS[i].json, &m, &err) != ERR_INVALID ||
            str_find(str_from(err.msg), str_from(ROWS[i].word)) < 0)
            fail_msg("%s: %s", ROWS[i].json, err.msg);
    }
}

/* ISO 4217 (2024): money in use; XAU is gold, XTS is for tests, DEM is no more. */
TEST(currencies_are_those_of_the_standard)
{
    static const char *const GOOD[] = {"AED", "EUR", "GBP", "JPY", "USD", "ZAR", "ZWG"}, *const BAD[] = {
                                                                                             "XAU", "XTS",
                                                                                             "DEM", "EDA",
                                                                                             "US",  "USDX",
                                                                                             ""};
    for (size_t i = 0; i < ARRAY_LEN(GOOD); i++)
        assert_true(insight_currency_ok(str_from(GOOD[i])));
    for (size_t i = 0; i < ARRAY_LEN(BAD); i++)
        if (insight_currency_ok(str_from(BAD[i])))
            fail_msg("%s", BAD[i]);
}

T_MAIN(T(what_is_absent_or_null_is_not_set_and_the_rest_is_kept),
       T(what_cannot_be_is_refused_with_the_name_of_the_member), T(currencies_are_those_of_the_standard))
