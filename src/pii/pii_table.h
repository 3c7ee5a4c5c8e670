/* pii_table.h - the kinds of personal data, one line each: everything that lists them comes from here.
 *
 * X(NAME, what it is); those of packs follow, from pii_pack_table.h. The names are Presidio's where it has one, so that
 * results can be compared. */
#ifndef EHUB_PII_PII_TABLE_H
#define EHUB_PII_PII_TABLE_H

#include "pii/pii_pack_table.h"

#define PII_TYPES(X)                                              \
    X(EMAIL_ADDRESS, "e-mail address")                            \
    X(PHONE_NUMBER, "telephone number, US or international")      \
    X(CREDIT_CARD, "payment card number")                         \
    X(US_SSN, "US social security number")                        \
    X(US_ITIN, "US individual taxpayer number")                   \
    X(US_BANK_NUMBER, "US bank account number")                   \
    X(ABA_ROUTING_NUMBER, "US bank routing number")               \
    X(IBAN_CODE, "international bank account number")             \
    X(US_PASSPORT, "US passport number")                          \
    X(US_DRIVER_LICENSE, "US driver's licence number")            \
    X(US_NPI, "US health provider number")                        \
    X(US_MBI, "US Medicare beneficiary number")                   \
    X(MEDICAL_LICENSE, "medical licence (DEA) number")            \
    X(IP_ADDRESS, "internet address, version 4 or 6")             \
    X(MAC_ADDRESS, "hardware address of a network card")          \
    X(URL, "web address")                                         \
    X(DOMAIN_NAME, "domain name")                                 \
    X(CRYPTO, "wallet address of a crypto currency")              \
    X(DATE_TIME, "date or time")                                  \
    X(DATE_OF_BIRTH, "date of birth")                             \
    X(ZIP_CODE, "US postal code")                                 \
    X(MLS_NUMBER, "listing number of a multiple listing service") \
    X(SECRET, "key, token or password")                           \
    X(PERSON, "name of a person")                                 \
    X(STREET_ADDRESS, "street address or post box")               \
    X(LOCATION, "place")                                          \
    X(ORGANIZATION, "company or institution")                     \
    X(AGE, "age of a person")                                     \
    X(NRP, "nationality, religious or political group")           \
    X(CUSTOM, "word or pattern that a tenant added")

typedef enum PiiType {
#define X(name, what) PII_##name,
    PII_TYPES(X)
#undef X
        PII_N_GENERAL,
    PII_BEFORE_PACKS = PII_N_GENERAL - 1,
#define X(name, ...) PII_##name,
    PII_PACK_TYPES(X)
#undef X
        PII_N_TYPES
} PiiType;

#endif
