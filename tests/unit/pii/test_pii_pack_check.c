/* Checksums of other countries' identifiers on published sample numbers: each with the office or page that shows it, or
 * reckoned by hand in the comment. Each changed by one in its check is refused. */
#include "harness/t.h"

#include "pii/pii_pack_check.h"

typedef struct Row {
    PiiPackCheck *check;
    const char *value;
    PiiVerdict verdict;
} Row;

#define GOOD(name, value)                        \
    {                                            \
        pii_check_##name, value, PII_VERDICT_YES \
    }
#define BAD(name, value)                        \
    {                                           \
        pii_check_##name, value, PII_VERDICT_NO \
    }

static PiiVerdict ask(const Row *row)
{
    PiiPackValue v = {.text = str_from(row->value)};
    for (const char *p = row->value; *p; p++)
        if ((*p >= '0' && *p <= '9') || (*p >= 'A' && *p <= 'Z'))
            v.c[v.n++] = *p;
    return row->check(&v);
}

static const Row ROWS[] = {
    /* abr.business.gov.au, "Format of the ABN"; asic.gov.au, "Australian Company Number digit check" */
    GOOD(au_abn, "51 824 753 556"),
    BAD(au_abn, "51 824 753 557"),
    GOOD(au_acn, "004 085 616"),
    GOOD(au_acn, "010 749 961"),
    BAD(au_acn, "004 085 617"),
    /* 2+3+14+27+4+15+42+63 = 170: 0 */
    GOOD(au_medicare, "2123456701"),
    BAD(au_medicare, "2123456711"),
    /* Wikipedia, "Tax file number": 1+8+9+28+25+48+42+72+20 = 253 = 23 * 11 */
    GOOD(au_tfn, "123 456 782"),
    BAD(au_tfn, "123 456 789"),
    /* Wikipedia, "Social insurance number" */
    GOOD(ca_sin, "046 454 286"),
    BAD(ca_sin, "046 454 287"),
    /* Bundeszentralamt fuer Steuern, samples of the interface description */
    GOOD(de_tax_id, "86095742719"),
    GOOD(de_tax_id, "65929970489"),
    BAD(de_tax_id, "86095742718"),
    GOOD(de_vat, "DE136695976"),
    {pii_check_de_vat, "DE136695978", PII_VERDICT_WEAK},
    /* Deutsche Rentenversicherung, sample of the insurance card; Wikipedia, "Versicherungsnummer" */
    GOOD(de_pension, "65170839J003"),
    GOOD(de_pension, "15070649C103"),
    BAD(de_pension, "15070649C104"),
    BAD(de_pension, "15071349C103"),
    /* A is 01: 0 2 0 0 0 1(10) 0 0 0 2 = 5 */
    GOOD(de_health, "A000500015"),
    BAD(de_health, "A000500016"),
    /* 4+18+12+36+20+54 = 144: 6 */
    GOOD(de_lanr, "123456601"),
    BAD(de_lanr, "123456701"),
    /* L=21*7 0*3 1*1 X=33*7 0 0 T=29*7 4*3 = 147+1+231+203+12 = 594: 4 */
    GOOD(de_document, "L01X00T44"),
    BAD(de_document, "L01X00T45"),
    GOOD(de_plz, "01067"),
    BAD(de_plz, "01000"),
    /* Ministerio del Interior: 12345678 mod 23 = 14, Z; X1234567 is 1234567 mod 23 = 19, L */
    GOOD(es_nif, "12345678Z"),
    BAD(es_nif, "12345678A"),
    GOOD(es_nie, "X1234567L"),
    BAD(es_nie, "X1234567M"),
    /* dvv.fi, "The personal identity code" */
    GOOD(fi_code, "131052-308T"),
    BAD(fi_code, "131052-308U"),
    BAD(fi_code, "311152-308T"),
    /* Wikipedia, "Numero de securite sociale en France", "SIREN", "SIRET" */
    GOOD(fr_nir, "2 55 08 14 168 025 38"),
    BAD(fr_nir, "2 55 08 14 168 025 39"),
    GOOD(fr_siren, "732 829 320"),
    BAD(fr_siren, "732 829 321"),
    GOOD(fr_siret, "732 829 320 00074"),
    GOOD(fr_siret, "356 000 000 00048"),
    BAD(fr_siret, "732 829 320 00075"),
    /* ec.europa.eu, VIES: 12 + 3 * (404833048 mod 97 = 56) = 180 mod 97 = 83 */
    GOOD(fr_vat, "FR83404833048"),
    BAD(fr_vat, "FR84404833048"),
    /* cleartax.in, the sample that GST papers quote */
    GOOD(in_gstin, "27AAPFU0939F1ZV"),
    BAD(in_gstin, "27AAPFU0939F1ZW"),
    BAD(in_gstin_form, "38AAPFU0939F1ZV"),
    /* python-stdnum, documentation of stdnum.in_.aadhaar */
    GOOD(in_aadhaar, "234123412346"),
    BAD(in_aadhaar, "234123412347"),
    BAD(in_aadhaar, "222222222222"),
    GOOD(in_plate, "KA53ME3456"),
    BAD(in_plate, "KZ53ME3456"),
    /* Wikipedia, "Italian fiscal code" */
    GOOD(it_fiscal, "MRTMTT91D08F205J"),
    BAD(it_fiscal, "MRTMTT91D08F205K"),
    /* python-stdnum, documentation of stdnum.it.iva */
    GOOD(it_vat, "00743110157"),
    BAD(it_vat, "00743110158"),
    GOOD(it_paper, "CA 1234567"),
    BAD(it_paper, "AT 1234567"),
    /* python-stdnum, documentation of stdnum.kr.brn and stdnum.kr.rrn */
    GOOD(kr_brn, "116-82-00276"),
    BAD(kr_brn, "116-82-00277"),
    GOOD(kr_registered, "971013-9019902"),
    BAD(kr_registered, "971013-9019903"),
    BAD(kr_born, "970231-1019902"),
    BAD(kr_region, "27-22-123456-12"),
    /* 9+16+21+24+25+24+21+16 = 156: 2 */
    GOOD(ph_tin, "123-456-782"),
    BAD(ph_tin, "123-456-789"),
    /* Wikipedia, "PESEL" */
    GOOD(pl_pesel, "44051401458"),
    GOOD(pl_pesel, "02070803628"),
    BAD(pl_pesel, "44051401459"),
    BAD(pl_pesel, "44053201458"),
    /* Wikipedia, "Personal identity number (Sweden)"; bolagsverket.se */
    GOOD(se_person, "811228-9874"),
    GOOD(se_person, "19811228-9874"),
    GOOD(se_person, "701063-2391"),
    BAD(se_person, "811228-9875"),
    BAD(se_person, "811328-9874"),
    GOOD(se_organisation, "556016-0680"),
    BAD(se_organisation, "556016-0681"),
    /* 2+14+18+20+20+18+14 = 106: 7 of JZIHGFEDCBA is D */
    GOOD(sg_nric, "S1234567D"),
    BAD(sg_nric, "S1234567E"),
    /* python-stdnum, documentation of stdnum.sg.uen */
    GOOD(sg_uen, "00192200M"),
    GOOD(sg_uen, "197401143C"),
    GOOD(sg_uen, "S16FC0121D"),
    GOOD(sg_uen, "T01FC6132D"),
    BAD(sg_uen, "T01FC6132E"),
    /* python-stdnum, documentation of stdnum.th.pin */
    GOOD(th_tnin, "3100600445635"),
    BAD(th_tnin, "3100600445636"),
    BAD(th_tnin, "1974567890124"),
    /* python-stdnum, documentation of stdnum.tr.tckimlik */
    GOOD(tr_id, "17291716060"),
    BAD(tr_id, "17291716050"),
    GOOD(tr_plate, "81A12"),
    BAD(tr_plate, "82A12"),
    /* datadictionary.nhs.uk and Wikipedia, "NHS number" */
    GOOD(uk_nhs, "943 476 5919"),
    BAD(uk_nhs, "943 476 5918"),
    /* gov.uk, NIM39110: QQ is shown because it is never given */
    BAD(uk_nino, "QQ123456C"),
    BAD(uk_nino, "ZZ123456C"),
    GOOD(uk_nino, "AB123456C"),
    GOOD(uk_licence, "MORGA657054SM9IJ"),
    BAD(uk_licence, "MORGA613054SM9IJ"),
    BAD(uk_licence, "MO9G9657054SM9IJ"),
    GOOD(uk_plate, "AB51ABC"),
    BAD(uk_plate, "AB35ABC"),
    /* python-stdnum, documentation of stdnum.za.idnr */
    GOOD(za_id, "7503305044089"),
    BAD(za_id, "7503305044088"),
    BAD(za_id, "7513305044089"),
};

TEST(published_numbers_pass_and_the_same_with_another_check_digit_do_not)
{
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++)
        if (ask(&ROWS[i]) != ROWS[i].verdict)
            fail_msg("row %zu: %s is %d, not %d", i, ROWS[i].value, ask(&ROWS[i]), ROWS[i].verdict);
}

/* Verhoeff's method is known for finding each single wrong digit and each swap of two neighbours. */
TEST(the_check_of_nigeria_and_india_finds_each_wrong_digit_and_each_swap)
{
    char number[] = "2363000000?";
    unsigned valid = 0;
    for (char c = '0'; c <= '9'; c++) {
        number[10] = c;
        valid += ask(&(Row){pii_check_ng_nin, number, 0}) == PII_VERDICT_YES;
    }
    assert_int_equal(valid, 1);
    char aadhaar[] = "234123412346";
    for (size_t i = 0; i < 12; i++)
        for (char c = '0'; c <= '9'; c++) {
            char good = aadhaar[i];
            aadhaar[i] = c;
            assert_int_equal(ask(&(Row){pii_check_in_aadhaar, aadhaar, 0}) == PII_VERDICT_YES, c == good);
            aadhaar[i] = good;
        }
    for (size_t i = 0; i + 1 < 12; i++) {
        char a = aadhaar[i], b = aadhaar[i + 1];
        aadhaar[i] = b;
        aadhaar[i + 1] = a;
        assert_int_equal(ask(&(Row){pii_check_in_aadhaar, aadhaar, 0}) == PII_VERDICT_YES, a == b);
        aadhaar[i] = a;
        aadhaar[i + 1] = b;
    }
}

T_MAIN(T(published_numbers_pass_and_the_same_with_another_check_digit_do_not),
       T(the_check_of_nigeria_and_india_finds_each_wrong_digit_and_each_swap))
