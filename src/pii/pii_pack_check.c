/* pii_pack_check.c - see pii_pack_check.h. Each check names who publishes the rule. */
#include "pii/pii_pack_check.h"

#include <string.h>

/* ---- shared ---- */

static PiiVerdict yes(bool good)
{
    return good ? PII_VERDICT_YES : PII_VERDICT_NO;
}

static unsigned digit(char c)
{
    return (unsigned)(c - '0');
}

static unsigned number(const char *c, size_t n)
{
    unsigned v = 0;
    for (size_t i = 0; i < n; i++)
        v = v * 10 + digit(c[i]);
    return v;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool all_same(const char *c, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (c[i] != c[0])
            return false;
    return true;
}

/* Weights as text: "137" is 1, 3, 7; ':' is 10, as the byte after '9'. */
static unsigned weigh(const char *c, const char *weights)
{
    unsigned sum = 0;
    for (size_t i = 0; weights[i]; i++)
        sum += digit(c[i]) * digit(weights[i]);
    return sum;
}

/* The same, of each product the sum of its digits. */
static unsigned weigh_across(const char *c, const char *weights)
{
    unsigned sum = 0;
    for (size_t i = 0; weights[i]; i++) {
        unsigned product = digit(c[i]) * digit(weights[i]);
        sum += product / 10 + product % 10;
    }
    return sum;
}

/* Luhn (ISO/IEC 7812-1, annex B). */
static bool luhn(const char *c, size_t n)
{
    unsigned sum = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned d = digit(c[n - 1 - i]) * (i & 1 ? 2 : 1);
        sum += d > 9 ? d - 9 : d;
    }
    return sum % 10 == 0;
}

/* ISO/IEC 7064, mod 11,10: the last digit checks the others. */
static bool iso7064_11_10(const char *c, size_t n)
{
    unsigned p = 10;
    for (size_t i = 0; i + 1 < n; i++) {
        unsigned s = (p + digit(c[i])) % 10;
        p = (s ? s : 10) * 2 % 11;
    }
    return (11 - p) % 10 == digit(c[n - 1]);
}

/* Verhoeff (1969): the dihedral group of order ten, and a permutation of the digits applied once more at each place. */
static bool verhoeff(const char *c, size_t n)
{
    static const uint8_t PERMUTED[] = {1, 5, 7, 6, 2, 8, 3, 0, 9, 4};
    unsigned sum = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned d = digit(c[n - 1 - i]);
        for (size_t k = 0; k < i % 8; k++)
            d = PERMUTED[d];
        /* 0..4 turn, 5..9 turn and flip */
        if (sum < 5)
            sum = d < 5 ? (sum + d) % 5 : 5 + (sum + d) % 5;
        else
            sum = d < 5 ? 5 + (sum - d) % 5 : (sum - d + 5) % 5;
    }
    return sum == 0;
}

/* ICAO 9303: 7, 3, 1 repeated, letters from A = 10. */
static bool icao(const char *c, size_t n)
{
    static const unsigned WEIGHTS[] = {7, 3, 1};
    unsigned sum = 0;
    for (size_t i = 0; i + 1 < n; i++)
        sum += (is_digit(c[i]) ? digit(c[i]) : (unsigned)(c[i] - 'A') + 10) * WEIGHTS[i % 3];
    return is_digit(c[n - 1]) && sum % 10 == digit(c[n - 1]);
}

static bool is_date(unsigned year, unsigned month, unsigned day)
{
    static const uint8_t DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (month < 1 || month > 12 || day < 1)
        return false;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return day <= DAYS[month - 1] + (unsigned)(leap && month == 2);
}

/* Two digits of the year: of the last century or of this one. */
static bool is_date_of_some_century(unsigned two, unsigned month, unsigned day)
{
    return is_date(1900 + two, month, day) || is_date(2000 + two, month, day);
}

/* ---- Australia ---- */

/* Australian Business Register: one less in the first digit, weights 10 1 3 5 .. 19, mod 89. */
PiiVerdict pii_check_au_abn(const PiiPackValue *v)
{
    unsigned sum = 0;
    for (size_t i = 0; i < 11; i++) {
        unsigned weight = i == 0 ? 10 : 2 * (unsigned)i - 1;
        sum += (digit(v->c[i]) - (unsigned)(i == 0)) * weight;
    }
    return yes(v->c[0] != '0' && sum % 89 == 0);
}

/* Australian Securities and Investments Commission: weights 8 .. 1, complement to ten. */
PiiVerdict pii_check_au_acn(const PiiPackValue *v)
{
    return yes((weigh(v->c, "87654321") + digit(v->c[8])) % 10 == 0 && !all_same(v->c, 9));
}

/* Services Australia: weights 1 3 7 9, the ninth digit; the tenth counts the cards issued. */
PiiVerdict pii_check_au_medicare(const PiiPackValue *v)
{
    return yes(weigh(v->c, "13791379") % 10 == digit(v->c[8]));
}

/* Australian Taxation Office: mod 11. */
PiiVerdict pii_check_au_tfn(const PiiPackValue *v)
{
    return yes(weigh(v->c, "14375869:") % 11 == 0 && !all_same(v->c, 9));
}

/* ---- Canada ---- */

PiiVerdict pii_check_ca_sin(const PiiPackValue *v)
{
    return yes(luhn(v->c, 9));
}

/* ---- Germany ---- */

/* KBV: two digits of the region, from 01. */
PiiVerdict pii_check_de_bsnr(const PiiPackValue *v)
{
    return yes(number(v->c, 2) > 0 && !all_same(v->c, 9));
}

/* Identity card and passport (BSI TR-03110, ICAO 9303). */
PiiVerdict pii_check_de_document(const PiiPackValue *v)
{
    return yes(icao(v->c, 9));
}

/* GKV-Spitzenverband: the letter is its number in two digits; weights 1 2. */
PiiVerdict pii_check_de_health(const PiiPackValue *v)
{
    unsigned letter = (unsigned)(v->c[0] - 'A') + 1;
    char c[10] = {(char)('0' + letter / 10), (char)('0' + letter % 10)};
    memcpy(c + 2, v->c + 1, 8);
    return yes(weigh_across(c, "1212121212") % 10 == digit(v->c[9]));
}

/* KBV: weights 4 9 over the first six digits, complement to ten. */
PiiVerdict pii_check_de_lanr(const PiiPackValue *v)
{
    return yes((weigh(v->c, "494949") + digit(v->c[6])) % 10 == 0 && number(v->c, 7) > 0);
}

/* Kraftfahrt-Bundesamt: letters and digits, no published check. */
PiiVerdict pii_check_de_licence(const PiiPackValue *v)
{
    size_t digits = 0;
    for (size_t i = 0; i < v->n; i++)
        digits += is_digit(v->c[i]);
    return yes(digits >= 3 && digits < v->n);
}

PiiVerdict pii_check_de_plz(const PiiPackValue *v)
{
    unsigned code = number(v->c, 5);
    return yes(code >= 1001 && code <= 99998);
}

/* Deutsche Rentenversicherung (VKVV, section 4): the letter in two digits; the day may have 50 more. */
PiiVerdict pii_check_de_pension(const PiiPackValue *v)
{
    unsigned letter = (unsigned)(v->c[8] - 'A') + 1, day = number(v->c + 2, 2);
    char c[12];
    memcpy(c, v->c, 8);
    c[8] = (char)('0' + letter / 10);
    c[9] = (char)('0' + letter % 10);
    memcpy(c + 10, v->c + 9, 2);
    return yes(is_date_of_some_century(number(v->c + 6, 2), number(v->c + 4, 2), day > 50 ? day - 50 : day) &&
               weigh_across(c, "212571212121") % 10 == digit(v->c[11]));
}

/* Bundeszentralamt fuer Steuern: no digit of the first ten more than three times. */
PiiVerdict pii_check_de_tax_id(const PiiPackValue *v)
{
    unsigned seen[10] = {0};
    for (size_t i = 0; i < 10; i++)
        if (++seen[digit(v->c[i])] > 3)
            return PII_VERDICT_NO;
    return yes(iso7064_11_10(v->c, 11));
}

PiiVerdict pii_check_de_vat(const PiiPackValue *v)
{
    return iso7064_11_10(v->c + 2, 9) ? PII_VERDICT_YES : PII_VERDICT_WEAK;
}

/* ---- Spain ---- */

/* Ministerio del Interior: the letter of the number mod 23. */
static bool spanish_letter(unsigned value, char letter)
{
    return "TRWAGMYFPDXBNJZSQVHLCKE"[value % 23] == letter;
}

PiiVerdict pii_check_es_nie(const PiiPackValue *v)
{
    unsigned value = number(v->c + 1, v->n - 2);
    if (v->n == 9)
        value += (unsigned)(v->c[0] - 'X') * 10000000;
    return yes(spanish_letter(value, v->c[v->n - 1]));
}

PiiVerdict pii_check_es_nif(const PiiPackValue *v)
{
    return yes(spanish_letter(number(v->c, v->n - 1), v->c[v->n - 1]));
}

/* ---- Finland ---- */

/* Digital and Population Data Services Agency: the sign is the century, nine digits mod 31 the last. */
PiiVerdict pii_check_fi_code(const PiiPackValue *v)
{
    char sign = v->text.ptr[6];
    unsigned century = sign == '+' ? 1800 : sign == '-' || (sign | 32) >= 'u' ? 1900 : 2000;
    const char *last = v->c + v->n - 4;
    unsigned value = number(v->c, 6) * 1000 + number(last, 3);
    return yes(is_date(century + number(v->c + 4, 2), number(v->c + 2, 2), number(v->c, 2)) &&
               number(last, 3) >= 2 && "0123456789ABCDEFHJKLMNPRSTUVWXY"[value % 31] == last[3]);
}

/* ---- France ---- */

/* Nine letters and digits of the card since 2021; twelve digits before. */
PiiVerdict pii_check_fr_card(const PiiPackValue *v)
{
    return pii_check_de_licence(v);
}

/* INSEE: 97 less the number mod 97; Corsica's 2A counts as 19, 2B as 18. */
PiiVerdict pii_check_fr_nir(const PiiPackValue *v)
{
    uint64_t value = 0;
    unsigned month = number(v->c + 3, 2);
    for (size_t i = 0; i < 13; i++)
        value = value * 10 + (is_digit(v->c[i]) ? digit(v->c[i]) : 0);
    if (!is_digit(v->c[6])) {
        if (v->c[5] != '2')
            return PII_VERDICT_NO;
        value -= v->c[6] == 'A' ? 1000000 : 2000000; /* of "20", six digits before the end */
    }
    return yes(month >= 1 && (month <= 12 || month >= 20) && 97 - value % 97 == number(v->c + 13, 2));
}

/* La Poste's establishments count the plain sum mod 5 (INSEE). */
static bool la_poste(const char *c, size_t n)
{
    unsigned sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += digit(c[i]);
    return memcmp(c, "356000000", 9) == 0 && sum % 5 == 0;
}

PiiVerdict pii_check_fr_siren(const PiiPackValue *v)
{
    return yes(luhn(v->c, 9) && !all_same(v->c, 9));
}

PiiVerdict pii_check_fr_siret(const PiiPackValue *v)
{
    return yes((luhn(v->c, 14) || la_poste(v->c, 14)) && !all_same(v->c, 9));
}

/* Direction generale des Finances publiques: 12 and three times the SIREN mod 97, mod 97. */
PiiVerdict pii_check_fr_vat(const PiiPackValue *v)
{
    return yes((12 + 3 * (number(v->c + 4, 9) % 97)) % 97 == number(v->c + 2, 2));
}

/* ---- India ---- */

/* UIDAI: no number that reads the same backwards. */
PiiVerdict pii_check_in_aadhaar(const PiiPackValue *v)
{
    bool palindrome = true;
    for (size_t i = 0; i < 6; i++)
        palindrome = palindrome && v->c[i] == v->c[11 - i];
    return yes(!palindrome && verhoeff(v->c, 12));
}

/* States and territories 01 to 37. */
PiiVerdict pii_check_in_gstin_form(const PiiPackValue *v)
{
    unsigned state = number(v->c, 2);
    return yes(state >= 1 && state <= 37);
}

/* Goods and Services Tax Network: weights 1 2, base 36. */
PiiVerdict pii_check_in_gstin(const PiiPackValue *v)
{
    unsigned sum = 0;
    for (size_t i = 0; i < 14; i++) {
        unsigned d = is_digit(v->c[i]) ? digit(v->c[i]) : (unsigned)(v->c[i] - 'A') + 10;
        d *= i & 1 ? 2 : 1;
        sum += d / 36 + d % 36;
    }
    return yes(pii_check_in_gstin_form(v) == PII_VERDICT_YES &&
               "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[(36 - sum % 36) % 36] == v->c[14]);
}

/* A mistyped one: letters, and four digits in a row. */
PiiVerdict pii_check_in_pan_any(const PiiPackValue *v)
{
    size_t run = 0, longest = 0, letters = 0;
    for (size_t i = 0; i < v->n; i++) {
        run = is_digit(v->c[i]) ? run + 1 : 0;
        letters += !is_digit(v->c[i]);
        longest = run > longest ? run : longest;
    }
    return yes(letters > 0 && longest >= 4);
}

/* States and territories, also the former codes (Ministry of Road Transport). */
PiiVerdict pii_check_in_plate(const PiiPackValue *v)
{
    static const char CODES[] =
        "AN AP AR AS BR CG CH CT DD DH DL DN GA GJ HP HR JH JK KA KL LA LD MH ML MN MP "
        "MZ NL OD OR PB PY RJ SK TG TN TR TS UA UK UL UP UT WB ";
    for (size_t i = 0; i + 2 < sizeof CODES; i += 3)
        if (v->c[0] == CODES[i] && v->c[1] == CODES[i + 1])
            return yes(memcmp(v->c + v->n - 4, "0000", 4) != 0);
    return PII_VERDICT_NO;
}

/* ---- Italy ---- */

/* Agenzia delle Entrate (DM 23/12/1976): values by odd and even place, mod 26. */
PiiVerdict pii_check_it_fiscal(const PiiPackValue *v)
{
    static const uint8_t ODD[] = {1,  0,  5, 7, 9, 13, 15, 17, 19, 21, 2,  4,  18,
                                  20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23};
    unsigned sum = 0;
    for (size_t i = 0; i < 15; i++) {
        unsigned d = is_digit(v->c[i]) ? digit(v->c[i]) : (unsigned)(v->c[i] - 'A');
        sum += i & 1 ? d : ODD[d];
    }
    return yes('A' + (char)(sum % 26) == v->c[15]);
}

/* "AA 1234567" but not "at 1234567". */
PiiVerdict pii_check_it_paper(const PiiPackValue *v)
{
    static const char WORDS[] =
        "AI AL AM AN AS AT BE BY CE CI CO DA DI DO ED EL GO HA HE ID IF IL IN IS IT LA LE "
        "LO MA ME MI MY NE NO NR OF ON OR PO SE SI SO SU TI TO TU UN UP US VI WE ";
    for (size_t i = 0; i + 2 < sizeof WORDS; i += 3)
        if (v->c[0] == WORDS[i] && v->c[1] == WORDS[i + 1])
            return PII_VERDICT_NO;
    return PII_VERDICT_YES;
}

PiiVerdict pii_check_it_vat(const PiiPackValue *v)
{
    const char *c = v->c + v->n - 11;
    return yes(luhn(c, 11) && !all_same(c, 11));
}

/* ---- Korea ---- */

/* National Tax Service: 1 3 7 1 3 7 1 3 5, and the tens of the last product. */
PiiVerdict pii_check_kr_brn(const PiiPackValue *v)
{
    unsigned sum = weigh(v->c, "137137135") + digit(v->c[8]) * 5 / 10;
    return yes((sum + digit(v->c[9])) % 10 == 0);
}

/* The seventh digit is sex and century: 9 0 of the 19th, 1 2 5 6 of the 20th, 3 4 7 8 of the 21st. */
PiiVerdict pii_check_kr_born(const PiiPackValue *v)
{
    unsigned kind = digit(v->c[6]);
    unsigned century = kind == 9 || kind == 0 ? 1800 : kind % 4 == 1 || kind % 4 == 2 ? 1900 : 2000;
    return yes(is_date(century + number(v->c, 2), number(v->c + 2, 2), number(v->c + 4, 2)));
}

/* Numbers given before October 2020 have a check digit; foreigners' add two (Ministry of the Interior and Safety). */
PiiVerdict pii_check_kr_registered(const PiiPackValue *v)
{
    unsigned sum = weigh(v->c, "234567892345") % 11, kind = digit(v->c[6]);
    unsigned more = kind >= 5 && kind <= 8 ? 13 : 11;
    return yes(pii_check_kr_born(v) == PII_VERDICT_YES && (more - sum) % 10 == digit(v->c[12]));
}

/* Korean National Police Agency: the region of the licence. */
PiiVerdict pii_check_kr_region(const PiiPackValue *v)
{
    unsigned region = number(v->c, 2);
    return yes(region >= 11 && region <= 28 && region != 27);
}

/* ---- Nigeria, Philippines, Poland ---- */

/* National Identity Management Commission. */
PiiVerdict pii_check_ng_nin(const PiiPackValue *v)
{
    return yes(verhoeff(v->c, 11) && !all_same(v->c, 11));
}

/* Bureau of Internal Revenue: weights 9 .. 2, mod 11, the ninth digit; a branch may follow. */
PiiVerdict pii_check_ph_tin(const PiiPackValue *v)
{
    return yes(weigh(v->c, "98765432") % 11 == digit(v->c[8]) && number(v->c, 9) > 0);
}

/* Ministry of Digital Affairs: the month holds the century; weights 1 3 7 9. */
PiiVerdict pii_check_pl_pesel(const PiiPackValue *v)
{
    static const unsigned CENTURIES[] = {1900, 2000, 2100, 2200, 1800};
    unsigned month = number(v->c + 2, 2), sum = weigh(v->c, "1379137913");
    return yes(is_date(CENTURIES[month / 20] + number(v->c, 2), month % 20, number(v->c + 4, 2)) &&
               (sum + digit(v->c[10])) % 10 == 0);
}

/* ---- Sweden ---- */

/* Bolagsverket: the third digit is at least 2, which no month has. */
PiiVerdict pii_check_se_organisation(const PiiPackValue *v)
{
    return yes(v->c[2] >= '2' && luhn(v->c, 10));
}

/* Skatteverket: coordination numbers have 60 more in the day. */
PiiVerdict pii_check_se_person(const PiiPackValue *v)
{
    const char *c = v->c + v->n - 10;
    unsigned month = number(c + 2, 2), day = number(c + 4, 2);
    day = day > 60 ? day - 60 : day;
    bool dated = v->n == 12
                     ? number(v->c, 2) >= 18 && number(v->c, 2) <= 20 && is_date(number(v->c, 4), month, day)
                     : is_date_of_some_century(number(c, 2), month, day);
    return yes(dated && luhn(c, 10));
}

/* ---- Singapore ---- */

/* Immigration and Checkpoints Authority: weights 2 7 6 5 4 3 2; an offset and letters by series. */
PiiVerdict pii_check_sg_nric(const PiiPackValue *v)
{
    char kind = v->c[0];
    const char *letters = kind == 'S' || kind == 'T'   ? "JZIHGFEDCBA"
                          : kind == 'F' || kind == 'G' ? "XWUTRQPNMLK"
                                                       : "XWUTRQPNJLK";
    unsigned offset = kind == 'T' || kind == 'G' ? 4 : kind == 'M' ? 3 : 0;
    return yes(letters[(weigh(v->c + 1, "2765432") + offset) % 11] == v->c[8]);
}

/* Accounting and Corporate Regulatory Authority: business, local company, other entity. */
PiiVerdict pii_check_sg_uen(const PiiPackValue *v)
{
    static const char ALPHABET[] = "ABCDEFGHJKLMNPQRSTUVWX0123456789";
    static const uint8_t WEIGHTS[] = {4, 3, 5, 3, 10, 2, 2, 5, 7};
    if (v->n == 9)
        return yes("XMKECAWLJDB"[weigh(v->c, ":4938271") % 11] == v->c[8]);
    if (is_digit(v->c[0]))
        return yes("ZKCMDNERGWH"[weigh(v->c, ":86497531") % 11] == v->c[9]);
    unsigned sum = 0;
    for (size_t i = 0; i < 9; i++) {
        const char *at = strchr(ALPHABET, v->c[i]);
        if (!at)
            return PII_VERDICT_NO;
        sum += (unsigned)(at - ALPHABET) * WEIGHTS[i];
    }
    return yes(ALPHABET[(sum + 6) % 11] == v->c[9]);
}

/* ---- Thailand, Turkey ---- */

/* Codes of provinces (TIS 1099): the last of each ten. */
static bool is_thai_province(unsigned code)
{
    static const uint8_t LAST[] = {0, 19, 27, 39, 49, 58, 67, 77, 86, 96};
    return code >= 10 && code <= LAST[code / 10];
}

/* Department of Provincial Administration: weights 13 .. 2, 11 less the rest. */
PiiVerdict pii_check_th_tnin(const PiiPackValue *v)
{
    unsigned sum = 0;
    for (size_t i = 0; i < 12; i++)
        sum += digit(v->c[i]) * (13 - (unsigned)i);
    return yes(is_thai_province(number(v->c + 1, 2)) && (11 - sum % 11) % 10 == digit(v->c[12]));
}

/* General Directorate of Population Affairs: the tenth and eleventh digits check. */
PiiVerdict pii_check_tr_id(const PiiPackValue *v)
{
    unsigned odd = 0, even = 0;
    for (size_t i = 0; i < 9; i++)
        *(i & 1 ? &even : &odd) += digit(v->c[i]);
    return yes((odd * 7 + 100 - even) % 10 == digit(v->c[9]) &&
               (odd + even + digit(v->c[9])) % 10 == digit(v->c[10]));
}

/* Provinces 01 to 81. */
PiiVerdict pii_check_tr_plate(const PiiPackValue *v)
{
    unsigned province = number(v->c, 2);
    return yes(province >= 1 && province <= 81);
}

/* ---- United Kingdom ---- */

/* DVLA: surname filled with 9, decade, month (women's with 50 more), day, year; initials. */
PiiVerdict pii_check_uk_licence(const PiiPackValue *v)
{
    size_t letters = 0;
    while (letters < 5 && v->c[letters] != '9')
        letters++;
    for (size_t i = letters; i < 5; i++)
        if (v->c[i] != '9')
            return PII_VERDICT_NO;
    unsigned month = number(v->c + 6, 2), day = number(v->c + 8, 2);
    month = month > 50 ? month - 50 : month;
    return yes(letters > 0 && month >= 1 && month <= 12 && day >= 1 && day <= 31);
}

/* NHS Data Model and Dictionary: weights 10 .. 2, 11 less the rest; 10 is not given. */
PiiVerdict pii_check_uk_nhs(const PiiPackValue *v)
{
    unsigned check = (11 - weigh(v->c, ":98765432") % 11) % 11;
    return yes(check == digit(v->c[9]) && !all_same(v->c, 10));
}

/* HMRC (NIM39110): letters that no prefix has, and prefixes that are not given. */
PiiVerdict pii_check_uk_nino(const PiiPackValue *v)
{
    static const char NEVER[] = "BG GB KN NK NT TN ZZ ";
    if (strchr("DFIQUV", v->c[0]) || strchr("DFIOQUV", v->c[1]))
        return PII_VERDICT_NO;
    for (size_t i = 0; i + 2 < sizeof NEVER; i += 3)
        if (v->c[0] == NEVER[i] && v->c[1] == NEVER[i + 1])
            return PII_VERDICT_NO;
    return PII_VERDICT_YES;
}

/* DVLA: March has the year, September the year and 50; both end with 2029. */
PiiVerdict pii_check_uk_plate(const PiiPackValue *v)
{
    unsigned age = number(v->c + 2, 2);
    return yes((age >= 2 && age <= 29) || (age >= 51 && age <= 79));
}

/* ---- South Africa ---- */

PiiVerdict pii_check_za_id(const PiiPackValue *v)
{
    return yes(is_date_of_some_century(number(v->c, 2), number(v->c + 2, 2), number(v->c + 4, 2)) &&
               luhn(v->c, 13));
}
