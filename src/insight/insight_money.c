/* insight_money.c - see insight_money.h. */
#include "insight/insight_money.h"

#include <math.h>
#include <string.h>

#define DETAIL_MAX 4096

static const struct {
    const char *name, *what;
    double least, most;
    bool whole;
} FIELDS[] = {
#define X(id, name, what, least, most, whole) {name, what, least, most, whole},
    INSIGHT_MONEY_FIELDS(X)
#undef X
};

const char *insight_money_name(InsightMoneyField f)
{
    return FIELDS[f].name;
}

const char *insight_money_what(InsightMoneyField f)
{
    return FIELDS[f].what;
}

bool insight_currency_ok(Str code)
{
    static const char CODES[] =
        "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD "
        "CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD "
        "GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT "
        "LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR "
        "NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP "
        "STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF "
        "XPF YER ZAR ZMW ZWG ";
    if (code.len != 3 || memchr(code.ptr, ' ', 3))
        return false;
    return str_find(str_from(CODES), code) >= 0;
}

ErrKind insight_money_check(const InsightMoney *m, Err *reterr)
{
    if (!insight_currency_ok(str_from(m->currency)))
        return err_set(reterr, ERR_INVALID, "currency: \"%.3s\" is no code of ISO 4217 such as USD or EUR",
                       m->currency);
    for (int f = 0; f < INSIGHT_MONEY_N_FIELDS; f++) {
        double v = m->v[f];
        if (isnan(v))
            continue;
        if (!(v >= FIELDS[f].least && v <= FIELDS[f].most))
            return err_set(reterr, ERR_INVALID, "%s (%s): %g does not lie from %g to %.0f", FIELDS[f].name,
                           FIELDS[f].what, v, FIELDS[f].least, FIELDS[f].most);
        if (FIELDS[f].whole && v != floor(v))
            return err_set(reterr, ERR_INVALID, "%s (%s): %g is no whole number", FIELDS[f].name,
                           FIELDS[f].what, v);
    }
    return ERR_NONE;
}

ErrKind insight_money_parse(const Jv *v, InsightMoney *ret, Err *reterr)
{
    *ret = (InsightMoney){.currency = ""};
    if (!str_copy(ret->currency, sizeof(ret->currency), jv_get_str(v, "currency")))
        return err_set(reterr, ERR_INVALID, "currency: three letters of ISO 4217 are needed");
    for (int f = 0; f < INSIGHT_MONEY_N_FIELDS; f++)
        ret->v[f] = jv_get_f64(v, FIELDS[f].name, NAN);
    return insight_money_check(ret, reterr);
}

void insight_money_json(Jw *w, const InsightMoney *m)
{
    jw_kv_cstr(w, "currency", m->currency);
    for (int f = 0; f < INSIGHT_MONEY_N_FIELDS; f++)
        if (FIELDS[f].whole && !isnan(m->v[f]))
            jw_kv_i64(w, FIELDS[f].name, (int64_t)m->v[f]);
        else
            jw_kv_f64(w, FIELDS[f].name, m->v[f]);
}

/* ---- the database ---- */

#define COLUMNS                                                                                        \
    "t.currency, m.fiscal_start, m.split, m.commission_cents, m.coach_hour_cents, m.agent_hour_cents," \
    " m.coach_hours, m.agent_hours, m.licence_cents"                                                   \
    " from tenant t left join tenant_money m on m.tenant_id = t.id where t.id = $1::uuid"
static const PgStmt READ = {"insight_money_read", "select " COLUMNS};
static const PgStmt LOCK = {"insight_money_lock", "select " COLUMNS " for update of t"};
static const PgStmt WRITE = {
    "insight_money_write",
    "insert into tenant_money as m (tenant_id, fiscal_start, split, commission_cents, coach_hour_cents,"
    " agent_hour_cents, coach_hours, agent_hours, licence_cents)"
    " values ($1::uuid, $2::int, $3::float8, $4::bigint, $5::bigint, $6::bigint, $7::float8, $8::float8, "
    "$9::bigint)"
    " on conflict (tenant_id) do update set fiscal_start = excluded.fiscal_start, split = excluded.split,"
    " commission_cents = excluded.commission_cents, coach_hour_cents = excluded.coach_hour_cents,"
    " agent_hour_cents = excluded.agent_hour_cents, coach_hours = excluded.coach_hours,"
    " agent_hours = excluded.agent_hours, licence_cents = excluded.licence_cents, updated_at = now()"};
static const PgStmt CURRENCY = {"insight_money_currency",
                                "update tenant set currency = $2 where id = $1::uuid and currency <> $2"};

static ErrKind from_result(const PgResult *r, InsightMoney *ret, Err *reterr)
{
    *ret = (InsightMoney){.currency = ""};
    if (pg_rows(r) == 0)
        return err_set(reterr, ERR_NOT_FOUND, "no such tenant");
    (void)str_copy(ret->currency, sizeof(ret->currency), pg_str(r, 0, 0));
    for (int f = 0; f < INSIGHT_MONEY_N_FIELDS; f++)
        ret->v[f] = pg_get_f64(r, 0, 1 + f);
    return ERR_NONE;
}

ErrKind insight_money_read(PgShards *s, Uuid tenant, Deadline by, InsightMoney *ret, Err *reterr)
{
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(pg_control_query(s, tenant, &READ, PG_PARAMS(pg_uuid(tenant)), by, &r, reterr));
    return from_result(r, ret, reterr);
}

static bool same(const InsightMoney *a, const InsightMoney *b)
{
    for (int f = 0; f < INSIGHT_MONEY_N_FIELDS; f++)
        if (a->v[f] != b->v[f] && !(isnan(a->v[f]) && isnan(b->v[f])))
            return false;
    return strcmp(a->currency, b->currency) == 0;
}

static void detail_json(Buf *out, const InsightMoney *before, const InsightMoney *after)
{
    Jw w = jw(out);
    jw_obj(&w);
    jw_key(&w, "before");
    jw_obj(&w);
    insight_money_json(&w, before);
    jw_end(&w);
    jw_key(&w, "after");
    jw_obj(&w);
    insight_money_json(&w, after);
    jw_end(&w);
    jw_end(&w);
}

static ErrKind write_in(PgConn *c, Uuid tenant, const InsightMoney *m, InsightMoneyRecord *record, void *arg,
                        Deadline by, Err *reterr)
{
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    CLEANUP(buf_done) Buf detail = BUF(DETAIL_MAX);
    InsightMoney before;
    PgParam params[1 + INSIGHT_MONEY_N_FIELDS] = {pg_uuid(tenant)};
    TRY(pg_begin(c, tenant, by, reterr));
    TRY(pg_query(c, &LOCK, PG_PARAMS(pg_uuid(tenant)), by, &r, reterr));
    TRY(from_result(r, &before, reterr));
    if (same(&before, m))
        return ERR_NONE;
    for (int f = 0; f < INSIGHT_MONEY_N_FIELDS; f++)
        params[1 + f] = isnan(m->v[f])    ? pg_null()
                        : FIELDS[f].whole ? pg_i64((int64_t)m->v[f])
                                          : pg_f64(m->v[f]);
    TRY(pg_query(c, &WRITE, params, ARRAY_LEN(params), by, NULL, reterr));
    TRY(pg_query(c, &CURRENCY, PG_PARAMS(pg_uuid(tenant), pg_cstr(m->currency)), by, NULL, reterr));
    detail_json(&detail, &before, m);
    TRY(buf_check(&detail, reterr));
    TRY(record(arg, c, buf_str(&detail), by, reterr));
    return pg_commit(c, by, reterr);
}

ErrKind insight_money_write(PgShards *s, Uuid tenant, const InsightMoney *m, InsightMoneyRecord *record,
                            void *arg, Deadline by, Err *reterr)
{
    PgConn *c = NULL;
    TRY(insight_money_check(m, reterr));
    TRY(pg_pool_acquire(pg_control_pool(s), by, &c, reterr));
    ErrKind kind = write_in(c, tenant, m, record, arg, by, reterr);
    pg_pool_release(pg_control_pool(s), c); /* rolls back what was not committed */
    return kind;
}
