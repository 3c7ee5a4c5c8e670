/* pii_custom.h - a tenant's own words, patterns and allow-list, from a YAML file that is checked when it is loaded.
 *
 *     words:                      # whole words in any letter case (ASCII); a blank is any white space
 *       - Project Heron
 *       - {text: Acme Holdings, type: ORGANIZATION, score: 0.9}
 *     patterns:                   # PCRE2, UTF-8
 *       - {regex: '\bHF-\d{6}\b'}
 *       - {regex: '(?i)\bclient no\. \d+', type: CUSTOM, score: 0.8}
 *     allow:                      # findings with exactly this text, in any letter case, are left alone
 *       - 12 Harbor Way, Suite 4
 *       - {text: 555-0100, type: PHONE_NUMBER}
 *
 * Without them the type is CUSTOM and the score 1; without a type an allowed text counts for every type.
 *
 * Owner:    pii_custom_parse .. pii_custom_free; immutable. A scanner borrows it.
 * Threads:  any number, each with a PiiScratch.
 * Limits:   those below. Patterns see a text in slices of PII_CUSTOM_SLICE bytes that overlap by PII_CUSTOM_MATCH bytes, so
 *           longer matches may be missed or cut; one that takes more than PII_CUSTOM_STEPS steps at one place gives up
 *           the rest of the slice. Patterns that do so on plain runs of a character, and those that match nothing, are
 *           refused.
 * Errors:   INVALID "FILE:LINE: what is wrong". */
#ifndef EHUB_PII_PII_CUSTOM_H
#define EHUB_PII_PII_CUSTOM_H

#include "pii/pii.h"

#define PII_CUSTOM_WORDS_MAX 10000
#define PII_CUSTOM_PATTERNS_MAX 200
#define PII_CUSTOM_ALLOW_MAX 10000
#define PII_CUSTOM_TEXT_MAX 500
#define PII_CUSTOM_REGEX_MAX 1000
#define PII_CUSTOM_SLICE 4096
#define PII_CUSTOM_MATCH 1024
#define PII_CUSTOM_STEPS 10000

typedef struct PiiCustom PiiCustom;

ErrKind MUST_USE pii_custom_load(const char *path, PiiCustom **ret, Err *reterr);
/* `name` is used in messages. */
ErrKind MUST_USE pii_custom_parse(Str yaml, const char *name, PiiCustom **ret, Err *reterr);
void pii_custom_free(PiiCustom *c);
DEFINE_FREEP(PiiCustom, pii_custom_free)

#endif
