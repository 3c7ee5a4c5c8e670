/* pii_act.h - makes what was found harmless: the actions of pii_policy.h on the spans of a text.
 *
 *     text + PiiSpan[] --action of the type--> text without the values
 *
 * One PiiAct is one conversation: the same value (and the same person in other letter case, possessive, first or last
 * name alone) gets the same stand-in in it, two values never the same one while the list lasts. With the same key and
 * conversation the stand-ins are the same again, as long as they do not compete. Stand-ins are clearly made up: telephone
 * numbers 555-01xx, example.com, addresses reserved for documentation, names that nobody bears.
 *
 * Owner:    pii_act_new .. pii_act_free; borrows the vault. Threads: one at a time.
 * Limits:   PII_ACT_VALUES_MAX different values a conversation are told apart; later ones are redacted. Tokens of the
 *           vault that stand in the text already are left alone.
 * Errors:   LIMIT when out is full; those of the vault. */
#ifndef EHUB_PII_PII_ACT_H
#define EHUB_PII_PII_ACT_H

#include "pii/pii_policy.h"
#include "pii/pii_vault.h"

#define PII_ACT_VALUES_MAX 65536

typedef struct PiiActOptions {
    PiiAction actions[PII_N_TYPES];
    PiiKey key;            /* of hashes and stand-ins */
    const PiiVault *vault; /* NULL: tokenise is redact */
    uint32_t subject;      /* of pii_vault_subject */
} PiiActOptions;
/* The actions of a purpose; key and vault are left. */
void pii_act_policy(PiiActOptions *o, PiiPurpose purpose);

typedef struct PiiAct PiiAct;
PiiAct *pii_act_new(const PiiActOptions *o, Str conversation);
void pii_act_free(PiiAct *a);
DEFINE_FREEP(PiiAct, pii_act_free)

/* Appends the text with its spans acted on; they are in order and do not overlap. counts (may be NULL) gets how many of
 * each type were not kept. */
ErrKind MUST_USE pii_act(PiiAct *a, Str text, const PiiSpan *spans, size_t n, Buf *out,
                         uint64_t counts[PII_N_TYPES], Err *reterr);

/* One value. */
ErrKind MUST_USE pii_act_value(PiiAct *a, PiiType type, Str value, Buf *out, Err *reterr);

/* pii_generalise.c: less exact, "[TYPE]" when there is no such thing. pii_standin.c: stand-in number h of a kind. */
void pii_generalise(PiiType type, Str value, Buf *out);
uint32_t pii_standin_kinds(PiiType type); /* how many there are; 0: none of this type */
void pii_standin(PiiType type, uint32_t h, Str value, Buf *out); /* h < pii_standin_kinds */
uint32_t pii_standin_words(bool first);
const char *pii_standin_word(bool first, uint32_t h);

#endif
