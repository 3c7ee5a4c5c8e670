/* pii_policy.h - what is done with each type of personal data for each purpose: the one table.
 *
 * PII_POLICY: X(TYPE, store, log, model, export)
 * See also: docs/reference/pii-policy.md, which is generated from it. */
#ifndef EHUB_PII_PII_POLICY_H
#define EHUB_PII_PII_POLICY_H

#include "base/buf.h"
#include "pii/pii.h"

/* X(NAME, word, what it does) */
#define PII_ACTIONS(X)                                                                                    \
    X(KEEP, "keep", "leaves the value")                                                                   \
    X(REDACT, "redact", "[TYPE]")                                                                         \
    X(MASK, "mask",                                                                                       \
      "the last four letters or digits stay, `*` for the others; all when there are fewer than eight")    \
    X(HASH, "hash", "[TYPE:h.HEX]: keyed HMAC-SHA256, so that equal values can be counted and joined")    \
    X(PSEUDONYM, "pseudonym", "a made-up value of the same kind, the same one throughout a conversation") \
    X(GENERALISE, "generalise",                                                                           \
      "less exact: date to month, address to city, age to ten years, ZIP to three digits")                \
    X(TOKENISE, "tokenise", "[TYPE:e1.TOKEN], which the vault turns back; redact when no vault is open")

typedef enum PiiAction {
#define X(name, word, what) PII_ACT_##name,
    PII_ACTIONS(X)
#undef X
        PII_N_ACTIONS
} PiiAction;

/* X(NAME, word, what for) */
#define PII_PURPOSES(X)                                      \
    X(STORE, "store", "kept in our own database")            \
    X(LOG, "log", "log lines, metrics, traces, error texts") \
    X(MODEL, "model", "sent to a language model")            \
    X(EXPORT, "export", "given to somebody else, for analysis say")

typedef enum PiiPurpose {
#define X(name, word, what) PII_FOR_##name,
    PII_PURPOSES(X)
#undef X
        PII_N_PURPOSES
} PiiPurpose;

/* What is done with every identifier of a pack. */
#define PII_POLICY_PACKS REDACT, REDACT, REDACT, REDACT
#define PII_POLICY(X)                                            \
    X(EMAIL_ADDRESS, TOKENISE, REDACT, PSEUDONYM, HASH)          \
    X(PHONE_NUMBER, TOKENISE, REDACT, PSEUDONYM, MASK)           \
    X(CREDIT_CARD, MASK, REDACT, REDACT, MASK)                   \
    X(US_SSN, REDACT, REDACT, REDACT, REDACT)                    \
    X(US_ITIN, REDACT, REDACT, REDACT, REDACT)                   \
    X(US_BANK_NUMBER, MASK, REDACT, REDACT, MASK)                \
    X(ABA_ROUTING_NUMBER, MASK, REDACT, REDACT, MASK)            \
    X(IBAN_CODE, MASK, REDACT, REDACT, MASK)                     \
    X(US_PASSPORT, REDACT, REDACT, REDACT, REDACT)               \
    X(US_DRIVER_LICENSE, REDACT, REDACT, REDACT, REDACT)         \
    X(US_NPI, HASH, REDACT, REDACT, HASH)                        \
    X(US_MBI, REDACT, REDACT, REDACT, REDACT)                    \
    X(MEDICAL_LICENSE, REDACT, REDACT, REDACT, REDACT)           \
    X(IP_ADDRESS, HASH, REDACT, PSEUDONYM, GENERALISE)           \
    X(MAC_ADDRESS, HASH, REDACT, PSEUDONYM, HASH)                \
    X(URL, KEEP, REDACT, REDACT, REDACT)                         \
    X(DOMAIN_NAME, KEEP, REDACT, KEEP, KEEP)                     \
    X(CRYPTO, HASH, REDACT, REDACT, HASH)                        \
    X(DATE_TIME, KEEP, GENERALISE, KEEP, GENERALISE)             \
    X(DATE_OF_BIRTH, GENERALISE, REDACT, GENERALISE, GENERALISE) \
    X(ZIP_CODE, KEEP, REDACT, GENERALISE, GENERALISE)            \
    X(MLS_NUMBER, KEEP, REDACT, KEEP, KEEP)                      \
    X(SECRET, REDACT, REDACT, REDACT, REDACT)                    \
    X(PERSON, TOKENISE, REDACT, PSEUDONYM, PSEUDONYM)            \
    X(STREET_ADDRESS, TOKENISE, REDACT, GENERALISE, GENERALISE)  \
    X(LOCATION, KEEP, REDACT, KEEP, KEEP)                        \
    X(ORGANIZATION, KEEP, REDACT, PSEUDONYM, REDACT)             \
    X(AGE, GENERALISE, REDACT, GENERALISE, GENERALISE)           \
    X(NRP, REDACT, REDACT, REDACT, REDACT)                       \
    X(CUSTOM, REDACT, REDACT, REDACT, REDACT)

PiiAction pii_policy(PiiPurpose purpose, PiiType type);
const char *pii_action_word(PiiAction a);
bool pii_action_parse(Str word, PiiAction *ret);
const char *pii_purpose_word(PiiPurpose p);
bool pii_purpose_parse(Str word, PiiPurpose *ret);
/* docs/reference/pii-policy.md */
void pii_policy_docs(Buf *out);

#endif
