/* pii_standin.c - values that are clearly made up. See pii_act.h.
 *
 * Sources: 555-0100..0199 are kept for fiction (ATIS, NANP); example.com RFC 2606; 192.0.2.0/24 and its like RFC 5737;
 * 2001:db8::/32 RFC 3849; 00-00-5E-00-53-xx RFC 7042; ZIP codes below 00501 are not given out. */
#include "pii/pii_act.h"

#define PHONES 100

static const char *const FIRST[] = {
    "Alder",    "Aspen",  "Birch",  "Bramble", "Cedar",   "Clover", "Cypress", "Elm",    "Fern",   "Fir",
    "Hawthorn", "Hazel",  "Heath",  "Holly",   "Juniper", "Larch",  "Laurel",  "Linden", "Lotus",  "Maple",
    "Moss",     "Myrtle", "Nettle", "Oak",     "Olive",   "Pine",   "Poplar",  "Reed",   "Rowan",  "Sage",
    "Sorrel",   "Sumac",  "Tansy",  "Teasel",  "Thistle", "Thyme",  "Tulip",   "Willow", "Yarrow", "Yew"};
static const char *const LAST[] = {
    "Samplewood",  "Demohurst",  "Testerly",   "Mockford",   "Exampleby",  "Fauxley",    "Placeholt",
    "Draftham",    "Figmentsen", "Modelworth", "Dummyfield", "Specimenn",  "Trialstone", "Fictonby",
    "Proxyham",    "Standinger", "Inventley",  "Makebell",   "Pretendale", "Anonymore",  "Veilworth",
    "Maskelby",    "Aliasson",   "Shadowby",   "Nonesuchly", "Nowhereton", "Imaginard",  "Fabledown",
    "Mirageton",   "Phantomby",  "Templatov",  "Protowell",  "Stencilby",  "Patternham", "Outlineson",
    "Sketchworth", "Blankenby",  "Neutralson", "Genericsen", "Typicalby"};
static const char *const PLACES[] = {"Sampleton",   "Exampleville",     "Testbury",   "Mockport",
                                     "Demofield",   "Placeholder City", "Fictonburg", "Nowhere Falls",
                                     "Templateton", "Draftwood",        "Modelhaven", "Patternbrook"};
static const uint16_t AREAS[] = {555, 202, 303, 404, 505, 606, 707, 808};

uint32_t pii_standin_words(bool first)
{
    return first ? ARRAY_LEN(FIRST) : ARRAY_LEN(LAST);
}

const char *pii_standin_word(bool first, uint32_t h)
{
    return first ? FIRST[h] : LAST[h];
}

uint32_t pii_standin_kinds(PiiType type)
{
    switch (type) {
    case PII_EMAIL_ADDRESS:
    case PII_URL:
    case PII_DOMAIN_NAME: return 100000;
    case PII_PHONE_NUMBER: return PHONES * ARRAY_LEN(AREAS);
    case PII_IP_ADDRESS: return 3 * 254;
    case PII_MAC_ADDRESS: return 256;
    case PII_ZIP_CODE: return 500;
    case PII_STREET_ADDRESS: return 9000;
    case PII_LOCATION: return 100 * ARRAY_LEN(PLACES);
    case PII_ORGANIZATION: return 100 * ARRAY_LEN(LAST);
    default: return 0;
    }
}

/* In the writing of the value when that is a US number: "(212) 736-5000" gives "(555) 555-0142". */
static void phone(uint32_t h, Str value, Buf *out)
{
    char digits[16];
    size_t n = 0, at = 0;
    bool plain = true;
    for (size_t i = 0; i < value.len; i++) {
        n += value.ptr[i] >= '0' && value.ptr[i] <= '9';
        plain = plain && strchr("0123456789()+-. ", value.ptr[i]) && value.ptr[i];
    }
    CLEANUP(buf_done) Buf number = BUF(sizeof digits);
    buf_addf(&number, "1%u55501%02u", AREAS[h / PHONES], h % PHONES);
    (void)str_copy(digits, sizeof digits, buf_str(&number));
    if (!plain || (n != 7 && n != 10 && n != 11)) {
        buf_addf(out, "%.3s-%.3s-%.4s", digits + 1, digits + 4, digits + 7);
        return;
    }
    at = 11 - n;
    for (size_t i = 0; i < value.len; i++) {
        bool is_digit = value.ptr[i] >= '0' && value.ptr[i] <= '9';
        buf_add_char(out, is_digit ? digits[at] : value.ptr[i]);
        at += is_digit;
    }
}

static void ip(uint32_t h, Str value, Buf *out)
{
    static const char *const NETS[] = {"192.0.2", "198.51.100", "203.0.113"};
    if (value.ptr && memchr(value.ptr, '.', value.len))
        buf_addf(out, "%s.%u", NETS[h / 254], h % 254 + 1);
    else
        buf_addf(out, "2001:db8::%x", h + 1);
}

void pii_standin(PiiType type, uint32_t h, Str value, Buf *out)
{
    switch (type) {
    case PII_EMAIL_ADDRESS: buf_addf(out, "person%u@example.com", h + 1); break;
    case PII_URL: buf_addf(out, "https://example.com/%u", h + 1); break;
    case PII_DOMAIN_NAME: buf_addf(out, "site%u.example", h + 1); break;
    case PII_PHONE_NUMBER: phone(h, value, out); break;
    case PII_IP_ADDRESS: ip(h, value, out); break;
    case PII_MAC_ADDRESS: buf_addf(out, "00:00:5e:00:53:%02x", h); break;
    case PII_ZIP_CODE: buf_addf(out, "%05u", h + 1); break;
    case PII_STREET_ADDRESS: buf_addf(out, "%u Example Street", h + 100); break;
    case PII_LOCATION:
        buf_add_c(out, PLACES[h % ARRAY_LEN(PLACES)]);
        if (h >= ARRAY_LEN(PLACES))
            buf_addf(out, " %u", h / (uint32_t)ARRAY_LEN(PLACES) + 1);
        break;
    case PII_ORGANIZATION:
        buf_addf(out, "%s Company", LAST[h % ARRAY_LEN(LAST)]);
        if (h >= ARRAY_LEN(LAST))
            buf_addf(out, " %u", h / (uint32_t)ARRAY_LEN(LAST) + 1);
        break;
    default: BUG_ON(pii_standin_kinds(type) == 0);
    }
}
