/* The structured classes: what is found, with its exact place, and what looks like it and is not. The numbers are published
 * examples (card test numbers, the IBAN registry, BIP 173 and 350, RFC 5737 and 3849, CMS's MBI format, NANPA's 555-01XX) or
 * are calculated by hand from the rule. */
#include "harness/t.h"
#include "pii/pii.h"

#include <stdlib.h>

typedef struct Row {
    const char *type; /* NULL: nothing at all */
    const char *text; /* the finding between < and > */
} Row;

/* Cuts < and > out; *start == *end when there are none. */
static size_t unmark(const char *marked, char *text, size_t *start, size_t *end)
{
    size_t n = 0;
    *start = *end = 0;
    for (const char *p = marked; *p; p++) {
        if (*p == '<')
            *start = n;
        else if (*p == '>')
            *end = n;
        else
            text[n++] = *p;
    }
    return n;
}

static bool has(const PiiFound *found, const char *type, size_t start, size_t end)
{
    for (size_t i = 0; i < found->n; i++) {
        const PiiSpan *s = &found->spans[i];
        PiiType t;
        assert_true(pii_type_parse(str_from(type), &t));
        if ((s->type == t || pii_types_has(&s->also, t)) && s->start == start && s->end == end)
            return true;
    }
    return false;
}

static bool any(const PiiFound *found, const char *type)
{
    PiiType t;
    assert_true(pii_type_parse(str_from(type), &t));
    for (size_t i = 0; i < found->n; i++)
        if (found->spans[i].type == t || pii_types_has(&found->spans[i].also, t))
            return true;
    return false;
}

static void check(const Row *rows, size_t n, bool wanted)
{
    for (int plain = 0; plain < 2; plain++) {
        PiiOptions o = PII_OPTIONS_DEFAULT;
        o.names = false;
        o.plain = plain;
        CLEANUP(pii_scanner_freep) PiiScanner *s = NULL;
        Err err = {0};
        T_OK(pii_scanner_new(&o, &s, &err), err);
        CLEANUP(pii_scratch_freep) PiiScratch *scratch = pii_scratch_new(s);
        PiiFound found = {0};
        for (size_t i = 0; i < n; i++) {
            char text[1024];
            size_t start, end, len = unmark(rows[i].text, text, &start, &end);
            T_OK(pii_scan(s, scratch, (Str){text, len}, &found, &err), err);
            bool good = wanted         ? has(&found, rows[i].type, start, end)
                        : rows[i].type ? !any(&found, rows[i].type)
                                       : found.n == 0;
            if (!good)
                fail_msg("%s: %s (%zu findings, first %s [%u, %u) by %s)",
                         rows[i].type ? rows[i].type : "nothing", rows[i].text, found.n,
                         found.n ? pii_type_name(found.spans[0].type) : "-",
                         found.n ? found.spans[0].start : 0, found.n ? found.spans[0].end : 0,
                         found.n ? pii_rule_name(found.spans[0].rule) : "-");
        }
        pii_found_done(&found);
    }
}

#define FOUND(...)                             \
    do {                                       \
        static const Row R_[] = {__VA_ARGS__}; \
        check(R_, ARRAY_LEN(R_), true);        \
    } while (0)
#define NOT_FOUND(...)                         \
    do {                                       \
        static const Row R_[] = {__VA_ARGS__}; \
        check(R_, ARRAY_LEN(R_), false);       \
    } while (0)

TEST(phones_in_every_written_form_are_found)
{
    FOUND({"PHONE_NUMBER", "<(512) 555-0143>"}, {"PHONE_NUMBER", "call <512-555-0143> now"},
          {"PHONE_NUMBER", "at <512.555.0143>."}, {"PHONE_NUMBER", "<512 555 0143>, please"},
          {"PHONE_NUMBER", "(<512-555-0143>)"}, {"PHONE_NUMBER", "<+1 512-555-0143>"},
          {"PHONE_NUMBER", "<+1 (512) 555-0143>"}, {"PHONE_NUMBER", "<1-512-555-0143>"},
          {"PHONE_NUMBER", "<1 (512) 555-0143>"}, {"PHONE_NUMBER", "<+15125550143>"},
          {"PHONE_NUMBER", "phone: <5125550143>"}, {"PHONE_NUMBER", "tel <15125550143>"},
          {"PHONE_NUMBER", "<(512)555-0143>"}, {"PHONE_NUMBER", "<512/555-0143>"},
          {"PHONE_NUMBER", "<512-555-0143 ext. 22>"}, {"PHONE_NUMBER", "<512-555-0143x9901>"},
          {"PHONE_NUMBER", "<(512) 555-0143, ext 5>"}, {"PHONE_NUMBER", "<512 - 555 - 0143>"},
          {"PHONE_NUMBER", "<+44 20 7946 0958>"}, {"PHONE_NUMBER", "<+44 (0)20 7946 0958>"},
          {"PHONE_NUMBER", "<+49 30 901820>"}, {"PHONE_NUMBER", "<+33 1 42 68 53 00>"},
          {"PHONE_NUMBER", "<+81-3-1234-5678>"}, {"PHONE_NUMBER", "<+91 98765 43210>"},
          {"PHONE_NUMBER", "<020-7946-0958>"}, {"PHONE_NUMBER", "my mobile is <0412 345 678>"},
          {"PHONE_NUMBER", "call 555 or <555-0143>"}, {"PHONE_NUMBER", "Fax:<512-555-0143>"},
          {"PHONE_NUMBER", "tel:<+1-512-555-0143>"}, {"PHONE_NUMBER", "is<512-555-0143> mine"});
}

TEST(numbers_that_look_like_phones_are_not)
{
    NOT_FOUND({"PHONE_NUMBER", "order 5125550143 shipped"}, {"PHONE_NUMBER", "$450,000 to 512,000"},
              {"PHONE_NUMBER", "1700000000"}, {"PHONE_NUMBER", "at 2024-06-05 09:15:30 it"},
              {"PHONE_NUMBER", "10.20.30.40"}, {"PHONE_NUMBER", "v1.22.333.4444"},
              {"PHONE_NUMBER", "ssn 219-09-1234"}, {"PHONE_NUMBER", "78701-4321"},
              {"PHONE_NUMBER", "0x5125550143"}, {"PHONE_NUMBER", "a8eedfd6-9d8a-44e0-b0fc-cc7d517db5dc"},
              {"PHONE_NUMBER", "invoice 2024 0612 7788"}, {"PHONE_NUMBER", "MLS 51255501"},
              {"PHONE_NUMBER", "4111 1111 1111 1111"}, {"PHONE_NUMBER", "order #512-555-0143-22"});
}

TEST(cards_are_found_by_brand_and_luhn)
{
    FOUND({"CREDIT_CARD", "<4111111111111111>"}, {"CREDIT_CARD", "visa <4111-1111-1111-1111> exp"},
          {"CREDIT_CARD", "<4111 1111 1111 1111>"}, {"CREDIT_CARD", "<378282246310005>"},
          {"CREDIT_CARD", "<3782 822463 10005>"}, {"CREDIT_CARD", "<6011111111111117>"},
          {"CREDIT_CARD", "<5105105105105100>"}, {"CREDIT_CARD", "<2223003122003222>"},
          {"CREDIT_CARD", "<3530111333300000>"}, {"CREDIT_CARD", "<30569309025904>"},
          {"CREDIT_CARD", "<4222222222222>"}, {"CREDIT_CARD", "card=<4012888888881881>,"});
    NOT_FOUND({"CREDIT_CARD", "4111111111111112"}, {"CREDIT_CARD", "order 4111111111111111"},
              {"CREDIT_CARD", "9111111111111111"}, {"CREDIT_CARD", "41111111111111110000000"},
              {"CREDIT_CARD", "4111 1111 1111 1112"}, {"CREDIT_CARD", "A4111111111111111"});
}

TEST(american_numbers_are_found)
{
    FOUND({"US_SSN", "ssn <219-09-1234>"}, {"US_SSN", "<219-09-1234>"}, {"US_SSN", "SSN: <219091234>"},
          {"US_SSN", "social <219 09 1234>"}, {"US_ITIN", "<912-70-1234>"}, {"US_ITIN", "ITIN <912701234>"},
          {"US_BANK_NUMBER", "bank account <000123456789>"}, {"ABA_ROUTING_NUMBER", "routing <021000021>"},
          {"ABA_ROUTING_NUMBER", "ABA: <111000025>"}, {"US_NPI", "NPI <1234567893>"},
          {"US_PASSPORT", "passport no. <488839667>"}, {"US_PASSPORT", "Passport: <A12345678>"},
          {"US_MBI", "<1EG4-TE5-MK73>"}, {"US_DRIVER_LICENSE", "driver's license <D1234567>"},
          {"US_DRIVER_LICENSE", "TX DL# <12345678>"},
          {"US_DRIVER_LICENSE", "license number <F255-921-50-094-0>"}, {"MEDICAL_LICENSE", "DEA <AB1234563>"},
          {"ZIP_CODE", "Austin, TX <78701>"}, {"ZIP_CODE", "Austin TX <78701-4321>"},
          {"ZIP_CODE", "zip code is <02139>"}, {"ZIP_CODE", "Boston, Massachusetts <02139>"},
          {"MLS_NUMBER", "MLS# <1234567>"}, {"MLS_NUMBER", "MLS ID: <ML81234567>"});
    NOT_FOUND({"US_SSN", "000-12-3456"}, {"US_SSN", "666-12-3456"}, {"US_SSN", "219-00-1234"},
              {"US_SSN", "219-09-0000"}, {"US_SSN", "lot 219091234"}, {"US_SSN", "219-09-12345"},
              {"US_ITIN", "912-69-1234"}, {"ABA_ROUTING_NUMBER", "routing 021000022"},
              {"US_NPI", "NPI 1234567890"}, {"US_DRIVER_LICENSE", "the room D1234567 is"},
              {"US_MBI", "1SG4-TE5-MK73"}, {"MEDICAL_LICENSE", "DEA AB1234567"},
              {"ZIP_CODE", "sold 78701 units"}, {"ZIP_CODE", "$78701"}, {"ZIP_CODE", "id 78701"},
              {"US_PASSPORT", "error 488839667 in"}, {"US_BANK_NUMBER", "request 000123456789 done"},
              {"MLS_NUMBER", "room 1234567"});
}

TEST(internet_names_and_addresses_are_found)
{
    FOUND({"EMAIL_ADDRESS", "<jo.o'neil+x@mail.example.co.uk>."},
          {"EMAIL_ADDRESS", "mailto:<a_b@example.org>"}, {"IP_ADDRESS", "from <192.0.2.44>:8080"},
          {"IP_ADDRESS", "<192.0.2.0/24>"}, {"IP_ADDRESS", "[<2001:db8::1>]:443"},
          {"IP_ADDRESS", "<2001:db8:0:0:8:800:200c:417a>"}, {"IP_ADDRESS", "<::ffff:192.0.2.1>"},
          {"MAC_ADDRESS", "<00:1b:63:84:45:e6>"}, {"MAC_ADDRESS", "<AA-BB-CC-DD-EE-0F>"},
          {"MAC_ADDRESS", "<0012.3456.789A>"}, {"URL", "see <https://example.org/a_(b)?q=1#x>."},
          {"URL", "<www.example.org/path>"}, {"URL", "(<http://example.org:8080/x>)"},
          {"DOMAIN_NAME", "on <example.org> now"}, {"URL", "on <example.org> now"},
          {"DOMAIN_NAME", "<mail.example.co.uk>"}, {"SECRET", "postgres://bob:<hunter2>@db.example.org/x"});
    NOT_FOUND({"EMAIL_ADDRESS", "jo@localhost"}, {"EMAIL_ADDRESS", "@jo said"}, {"EMAIL_ADDRESS", "a@@b.org"},
              {"IP_ADDRESS", "256.1.1.1"}, {"IP_ADDRESS", "version 1.2.3.4"}, {"IP_ADDRESS", "12:34:56"},
              {"IP_ADDRESS", "std::string"}, {"MAC_ADDRESS", "00:00:00:00:00:00"},
              {"DOMAIN_NAME", "open main.py and README.md"}, {"DOMAIN_NAME", "done.It was"},
              {"URL", "http://x"}, {"DOMAIN_NAME", "e.g. this"});
}

TEST(accounts_wallets_and_secrets_are_found)
{
    FOUND({"IBAN_CODE", "<GB29 NWBK 6016 1331 9268 19>"}, {"IBAN_CODE", "<DE89370400440532013000>"},
          {"IBAN_CODE", "to <FR1420041010050500013M02606>!"},
          {"CRYPTO", "<1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa>"},
          {"CRYPTO", "<bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4>"},
          {"CRYPTO", "<bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0>"},
          {"CRYPTO", "<0x52908400098527886E0F7030069857D2E4169EE7>"},
          {"SECRET", "key <AKIAIOSFODNN7EXAMPLE>."}, {"SECRET", "<ghp_0123456789abcdefghijABCDEFGHIJ012345>"},
          {"SECRET", "<sk_live_4eC39HqLyjWDarjtT1zdp7dc>"},
          {"SECRET", "export K=<sk-ant-api03-AbCdEfGh0123456789_-AbCdEfGh>"},
          {"SECRET", "<xoxb-1234567890-abcdefghij>"},
          {"SECRET", "<eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl>"},
          {"SECRET", "<AIzaSyA1234567890abcdefghijklmnopqrstuv>"},
          {"SECRET", "x <-----BEGIN RSA PRIVATE KEY-----\nMIIB0\nabc=\n-----END RSA PRIVATE KEY-----> y"},
          {"SECRET", "<-----BEGIN PRIVATE KEY-----\nMIIB0abc\n>"},
          {"SECRET", "aws_secret_access_key = <wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY>"});
    NOT_FOUND({"IBAN_CODE", "GB29 NWBK 6016 1331 9268 18"}, {"IBAN_CODE", "DE8937040044053201300"},
              {"CRYPTO", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb"},
              {"CRYPTO", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5"}, {"SECRET", "AKIA is a prefix"},
              {"SECRET", "sk-learn 1.2"},
              {"SECRET", "-----BEGIN CERTIFICATE-----\nMIIB0\n-----END CERTIFICATE-----"});
}

TEST(dates_and_times_are_found)
{
    FOUND({"DATE_TIME", "on <2021-05-21>."}, {"DATE_TIME", "<2021-05-21T14:30:15.5Z>"},
          {"DATE_TIME", "<2021-05-21 14:30:15>"}, {"DATE_TIME", "<5/21/2021>"}, {"DATE_TIME", "<21.05.2021>"},
          {"DATE_TIME", "<May 21, 2021>"}, {"DATE_TIME", "<21 May 2021>"}, {"DATE_TIME", "the <21st of May>"},
          {"DATE_TIME", "<Sept. 3rd, 2020>"}, {"DATE_TIME", "<May 2021>"}, {"DATE_TIME", "at <10:30 am>"},
          {"DATE_TIME", "at <3pm>"}, {"DATE_TIME", "<7 p.m.> works"}, {"DATE_TIME", "<23:59:59>"},
          {"DATE_TIME", "since <1998>,"}, {"DATE_TIME", "on <Tuesday>"},
          {"DATE_OF_BIRTH", "born <1980-02-03>"}, {"DATE_OF_BIRTH", "DOB: <02/03/1980>"},
          {"DATE_TIME", "<5-MAY-2021>"});
    NOT_FOUND({"DATE_TIME", "2021-13-45"}, {"DATE_TIME", "24/7"}, {"DATE_TIME", "1/2 bath"},
              {"DATE_TIME", "version 1.2.21"}, {"DATE_TIME", "99:99"}, {"DATE_TIME", "$5/21"},
              {"DATE_TIME", "3.5 pm2"}, {"DATE_TIME", "ratio 1:2:3:4"},
              {"DATE_TIME", "7.125% APR, 1.5 points"});
}

TEST(marks_outside_of_ascii_end_a_word_and_letters_do_not)
{
    FOUND({"PHONE_NUMBER", "\u201c<415-555-0132>\u201d"}, {"US_SSN", "\u00a0<219-09-1234>\u00a0"},
          {"CREDIT_CARD", "\u00ab<4111 1111 1111 1111>\u00bb"}, {"PHONE_NUMBER", "\U0001f4de<415-555-0132>"},
          {"EMAIL_ADDRESS", "\u201c<jo@example.org>\u201d"},
          {"EMAIL_ADDRESS", "\uff1a<jo@example.org>\uff0c"},
          {"EMAIL_ADDRESS", "<jo.o\u2019neil@example.org>"}, {"EMAIL_ADDRESS", "<j\u00fcrgen@example.org>"},
          {"URL", "\u201c<https://example.org/a?b=1>\u201d"}, {"URL", "\u300c<https://example.org/a>\u3002"},
          {"URL", "<https://example.org/caf\u00e9>"}, {"DOMAIN_NAME", "\u2014<example.org>\u2014"},
          {"IP_ADDRESS", "\u201c<192.0.2.44>\u201d"}, {"MAC_ADDRESS", "\u2018<00:1b:63:84:45:e6>\u2019"},
          {"IBAN_CODE", "\u201c<DE89370400440532013000>\u201d"}, {"DATE_TIME", "\u201c<2021-05-21>\u201d"},
          {"SECRET", "\u201c<AKIAIOSFODNN7EXAMPLE>\u201d"},
          {"PHONE_NUMBER", "\u7535\u8bdd<415-555-0132>\u3002"}, {"PHONE_NUMBER", "<415-555-0132>\u060c"},
          {"US_SSN", "\x93<219-09-1234>\x94"}, {"PHONE_NUMBER", "<(415)\u00a0555-0132>"},
          {"PHONE_NUMBER", "<415\u2022555\u2022"
                           "0132>"});
    NOT_FOUND({"US_SSN", "\u00e9219-09-1234"}, {"CREDIT_CARD", "4111111111111111\u0436"},
              {"US_SSN", "219-09-1234\xe9"});
}

TEST(fields_of_tables_forms_and_json_are_found)
{
    FOUND({"US_SSN", "7,<219-09-1234>,8"}, {"ABA_ROUTING_NUMBER", "routing,<021000021>,x"},
          {"ZIP_CODE", "Chicago,IL,<60601>,2"}, {"DATE_TIME", "7,<2021-05-21>,8"},
          {"US_BANK_NUMBER", "\"accountNumber\":\"<000123456789>\""},
          {"ABA_ROUTING_NUMBER", "\"routingNumber\":\"<021000021>\""},
          {"US_PASSPORT", "\"passportNumber\":\"<A12345678>\""},
          {"US_DRIVER_LICENSE", "\"driverLicense\":\"<D1234567>\""},
          {"DATE_OF_BIRTH", "\"dateOfBirth\":\"<02/03/1980>\""},
          {"PHONE_NUMBER", "\"phoneNumber\":<5125550143>"}, {"ZIP_CODE", "\"postalCode\":\"<78701>\""},
          {"DATE_OF_BIRTH", "D.O.B.: <5/21/1981>"}, {"IP_ADDRESS", "[IPv6:<2001:db8::1>]"},
          {"MAC_ADDRESS", "mac:<00:1b:63:84:45:e6>"}, {"MAC_ADDRESS", "<face.7bb0.fb79>"},
          {"MLS_NUMBER", "MLS# <24-123456>"}, {"URL", "a,<http://example.org>,b"});
    NOT_FOUND({"US_BANK_NUMBER", "bank routing number 021000021"}, {"IP_ADDRESS", "call a::b here"},
              {"IP_ADDRESS", "std::abc::def"}, {"IP_ADDRESS", "text2001:db8::1"},
              {"ZIP_CODE", "zip: 219-09-1234"}, {"ZIP_CODE", "zip 12,345"});
}

TEST(keys_without_a_digit_are_found)
{
    FOUND({"SECRET", "<AKIAABCDEFGHIJKLMNOP>"}, {"SECRET", "key=<ASIAABCDEFGHIJKLMNOP>."},
          {"SECRET", "<sk_live_abcdefghijklmnopqrstuvwx>"},
          {"SECRET", "<ghp_abcdefghijklmnopqrstuvwxyzABCDEFGHIJ>"},
          {"SECRET", "post to <https://hooks.slack.com/services/T000/B000/abcdefghijkl>"});
    NOT_FOUND({"SECRET", "Southeast Asia"}, {"SECRET", "sk_live_ is a prefix"},
              {"SECRET", "trace_id snake_case"});
}

TEST(numbers_dialled_from_abroad_and_more_dates_are_found)
{
    FOUND({"PHONE_NUMBER", "<011 44 20 7946 0958>"}, {"PHONE_NUMBER", "<0044 20 7946 0958>"},
          {"PHONE_NUMBER", "<001-512-555-0143>"}, {"DATE_TIME", "<21MAY2021>"},
          {"DATE_TIME", "<May of 2021>"}, {"DATE_TIME", "<Aug '15>"}, {"DATE_TIME", "<Dec/2021>"},
          {"DATE_TIME", "<5/3/2024, 5:00:00\u202fPM>"}, {"DATE_TIME", "<May\u00a05,\u00a02024>"},
          {"US_DRIVER_LICENSE", "WA DL <WDLABCD456DG>"});
    NOT_FOUND({"PHONE_NUMBER", "parcel 011-234-567-89"}, {"PHONE_NUMBER", "DK50 0040 0440 1162 44"});
}

TEST(what_was_made_harmless_has_nothing_left)
{
    NOT_FOUND({"URL", "https://u:[SECRET]@[URL] ip"}, {"SECRET", "https://u:[SECRET]@[URL] ip"});
}

TEST(plain_talk_has_no_findings)
{
    NOT_FOUND({NULL, "3 beds, 2.5 baths, 1,850 sq ft for $450,000 (5% down)."},
              {NULL, "Order #12345 is in log 998877."},
              {NULL, "We sold 12 homes and 3 lots; see section 4.2.1 of version 2.10.3."}, {NULL, ""},
              {NULL, "   "}, {NULL, "build 20231 finished in 4512 ms with 0 errors"});
}

T_MAIN(T(phones_in_every_written_form_are_found), T(numbers_that_look_like_phones_are_not),
       T(cards_are_found_by_brand_and_luhn), T(american_numbers_are_found),
       T(internet_names_and_addresses_are_found), T(accounts_wallets_and_secrets_are_found),
       T(dates_and_times_are_found), T(marks_outside_of_ascii_end_a_word_and_letters_do_not),
       T(fields_of_tables_forms_and_json_are_found), T(keys_without_a_digit_are_found),
       T(numbers_dialled_from_abroad_and_more_dates_are_found), T(what_was_made_harmless_has_nothing_left),
       T(plain_talk_has_no_findings))
