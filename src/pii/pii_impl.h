/* pii_impl.h - what the finders share; private to src/pii.
 *
 * A finder appends what it is sure enough of to `out`, in any order and overlapping; pii_resolve decides. */
#ifndef EHUB_PII_PII_IMPL_H
#define EHUB_PII_PII_IMPL_H

#include "pii/pii.h"
#include "pii/pii_candidate.h"

/* X(ID, "name shown", PII type): every rule that can make a finding. */
#define PII_RULES(X)                                                           \
    X(EMAIL, "email", PII_EMAIL_ADDRESS)                                       \
    X(PHONE_PLUS, "phone with country code", PII_PHONE_NUMBER)                 \
    X(PHONE_COUNTRY, "phone with country code without plus", PII_PHONE_NUMBER) \
    X(PHONE_US, "phone 3-3-4", PII_PHONE_NUMBER)                               \
    X(PHONE_BARE, "phone digits with context", PII_PHONE_NUMBER)               \
    X(PHONE_GROUPS, "phone groups with context", PII_PHONE_NUMBER)             \
    X(CARD, "card brand and Luhn", PII_CREDIT_CARD)                            \
    X(SSN, "SSN ranges", PII_US_SSN)                                           \
    X(ITIN, "ITIN ranges", PII_US_ITIN)                                        \
    X(BANK, "account digits with context", PII_US_BANK_NUMBER)                 \
    X(ABA, "ABA checksum", PII_ABA_ROUTING_NUMBER)                             \
    X(IBAN, "IBAN mod 97", PII_IBAN_CODE)                                      \
    X(PASSPORT, "US passport with context", PII_US_PASSPORT)                   \
    X(DRIVER, "driver's licence format with context", PII_US_DRIVER_LICENSE)   \
    X(NPI, "NPI Luhn", PII_US_NPI)                                             \
    X(MBI, "MBI format", PII_US_MBI)                                           \
    X(DEA, "DEA checksum", PII_MEDICAL_LICENSE)                                \
    X(IPV4, "IPv4", PII_IP_ADDRESS)                                            \
    X(IPV6, "IPv6", PII_IP_ADDRESS)                                            \
    X(MAC, "MAC", PII_MAC_ADDRESS)                                             \
    X(URL, "web address", PII_URL)                                             \
    X(URL_BARE, "web address without scheme", PII_URL)                         \
    X(DOMAIN, "domain name", PII_DOMAIN_NAME)                                  \
    X(DOMAIN_LINK, "web address of a domain only", PII_DOMAIN_NAME)            \
    X(BASE58CHECK, "Base58Check", PII_CRYPTO)                                  \
    X(BECH32, "Bech32", PII_CRYPTO)                                            \
    X(ETHEREUM, "Ethereum address", PII_CRYPTO)                                \
    X(DATE_ISO, "date year first", PII_DATE_TIME)                              \
    X(DATE_NUMBERS, "date of numbers", PII_DATE_TIME)                          \
    X(DATE_SHORT, "date of two numbers", PII_DATE_TIME)                        \
    X(DATE_MONTH, "date with month name", PII_DATE_TIME)                       \
    X(TIME, "time of day", PII_DATE_TIME)                                      \
    X(YEAR, "year with context", PII_DATE_TIME)                                \
    X(WEEKDAY, "day of the week", PII_DATE_TIME)                               \
    X(DOB, "date with words of birth", PII_DATE_OF_BIRTH)                      \
    X(ZIP, "ZIP with state or context", PII_ZIP_CODE)                          \
    X(MLS, "listing number with context", PII_MLS_NUMBER)                      \
    X(SECRET_PREFIX, "key by prefix", PII_SECRET)                              \
    X(SECRET_CONTEXT, "key by context", PII_SECRET)                            \
    X(JWT, "JSON web token", PII_SECRET)                                       \
    X(PRIVATE_KEY, "private key block", PII_SECRET)                            \
    X(URL_PASSWORD, "password in a web address", PII_SECRET)                   \
    X(TAG_PERSON, "tagger person", PII_PERSON)                                 \
    X(TAG_ADDRESS, "tagger address", PII_STREET_ADDRESS)                       \
    X(TAG_LOCATION, "tagger place", PII_LOCATION)                              \
    X(TAG_ZIP, "postal code behind a place", PII_ZIP_CODE)                     \
    X(TAG_ORGANIZATION, "tagger organization", PII_ORGANIZATION)               \
    X(TAG_NRP, "tagger group", PII_NRP)                                        \
    X(TAG_AGE, "tagger age", PII_AGE)                                          \
    X(CUSTOM_WORD, "custom word", PII_CUSTOM)                                  \
    X(CUSTOM_PATTERN, "custom pattern", PII_CUSTOM)

typedef enum PiiRule {
#define X(id, name, type) PII_RULE_##id,
    PII_RULES(X)
#undef X
        PII_N_GENERAL_RULES,
    PII_RULE_BEFORE_PACKS = PII_N_GENERAL_RULES - 1,
#define X(name, ...) PII_RULE_##name, /* one for each type of a pack */
    PII_PACK_TYPES(X)
#undef X
        PII_N_RULES
} PiiRule;

struct PiiTagger;
struct PiiTagScratch;
struct PiiCustomScratch;

struct PiiTables;

struct PiiScanner {
    const struct PiiTables *tables; /* pii_find.h */
    PiiBlockFn *block;
    PiiBeginsFn *begins;  /* NULL: plain */
    PiiTypes types;       /* what is looked for */
    struct PiiPack *pack; /* pii_pack.h; NULL: none */
    float min_score;
    struct PiiTagger *tagger; /* NULL: names are not looked for */
    const struct PiiCustom *custom;
};

struct PiiScratch {
    PiiMasks masks;                  /* of the text that is scanned */
    PiiFound found;                  /* of the tagger */
    struct PiiTagScratch *tag;       /* NULL without tagger */
    struct PiiCustomScratch *custom; /* NULL without custom */
};

static inline bool pii_wants(const PiiScanner *s, PiiType t)
{
    return pii_types_has(&s->types, t);
}

/* pii_tag.c: the tagger of a scanner, immutable, and what one thread needs to use it. An empty model is the shipped one. */
ErrKind MUST_USE pii_tagger_new(Str model, struct PiiTagger **ret, Err *reterr);
void pii_tagger_free(struct PiiTagger *t);
struct PiiTagScratch *pii_tag_scratch_new(const struct PiiTagger *t);
void pii_tag_scratch_free(struct PiiTagScratch *s);

/* pii_custom.c: what one thread needs to match a tenant's patterns; allowed: a finding that the tenant's list lets pass. */
struct PiiCustomScratch *pii_custom_scratch_new(const struct PiiCustom *c);
void pii_custom_scratch_free(struct PiiCustomScratch *s);
bool pii_custom_allows(const struct PiiCustom *c, Str text, const PiiSpan *span);

PiiType pii_rule_type(PiiRule rule);

/* Grows out; past PII_SPANS_MAX the span is dropped and *full set, which ends the scan with ERR_LIMIT. */
void pii_add(PiiFound *out, PiiRule rule, size_t start, size_t end, float score, bool *full);

/* The structured classes that the scanner looks for. */
void pii_find_structured(const PiiScanner *s, PiiScratch *scratch, Str text, PiiFound *out, bool *full);
/* Names, places, organisations, addresses, ages. */
void pii_find_tagged(const PiiScanner *s, PiiScratch *scratch, Str text, PiiFound *out, bool *full);
/* Words and patterns of the tenant. */
void pii_find_custom(const PiiScanner *s, PiiScratch *scratch, Str text, PiiFound *out, bool *full);

/* Adds the findings of `more`; both nearly in the order of the text, and so is the result. */
void pii_merge(PiiFound *into, const PiiFound *more);
/* Sorts, drops what is below min_score or on the allow-list, and leaves no overlap: the rule stands in pii_resolve.c. */
void pii_resolve(const PiiScanner *s, Str text, PiiFound *found);

#endif
