/* pii_guard.h - the door that text passes before it is stored, logged or sent away.
 *
 *     text --scanner (the tenant's words and patterns too)--> spans --policy of the purpose--> harmless text
 *                                                               '--> PiiTally: what, how many, where, by which rule
 *
 * Two kinds of text. pii_guard_text: what a person or another system wrote; everything is looked for. pii_guard_message:
 * a sentence of our own program with values in it (log lines, Err). There, telephone numbers, cards, keys and all other
 * structured classes are looked for everywhere, names, places and addresses from the first quotation mark to the last:
 * values from outside stand in quotes in our messages, and in our own words a name finder sees people who are not there.
 * A text that is only a UUID is an id of ours and passes.
 *
 * What cannot be made harmless (too long, too many findings) is withheld: "[WITHHELD: why]" comes out, never the text.
 * With a vault, what the policy for store tokenises is sealed under the key of its subject; when the vault cannot be used
 * it is redacted, and ehub_pii_unsealed_total counts. Prompts go through pii_talk.h, which keeps a conversation's stand-ins.
 *
 * Owner:    pii_guard_new .. pii_guard_free. What it looks for is replaced whole by pii_guard_reload. Threads: any; each call
 *           borrows its own scratch.
 * Limits:   PII_TEXT_MAX bytes a text, PII_GUARD_TENANTS_MAX files of tenants.
 * Errors:   of pii_guard_new and pii_guard_reload only: INVALID names the file and line . those of pii_vault.h for the key.
 * See also: pii_policy.h (what is done), settings pii.*, docs/how-to/pii.md. */
#ifndef EHUB_PII_PII_GUARD_H
#define EHUB_PII_PII_GUARD_H

#include "pii/pii_tally.h"

#define PII_GUARD_TENANTS_MAX 10000

typedef struct PiiGuardOptions {
    const char
        *custom; /* folder of NAME.yaml for the tenant with that slug (pii_custom.h); NULL or "": none */
    const char *packs; /* as pii_packs_read has it; NULL or "": none */
    const char *
        key; /* file with the key of hashes and vaults (pii_vault.h); NULL or "": another one in each process */
    const char
        *vault; /* folder of the tenants' vaults, which needs the key; NULL or "": none, redact instead */
    float min_score;
    bool off[PII_N_PURPOSES]; /* texts for these purposes pass unchanged */
} PiiGuardOptions;
extern const PiiGuardOptions PII_GUARD_DEFAULT;

/* Whose text, and where it came in. */
typedef struct PiiWhere {
    Uuid tenant;         /* nil: of no tenant */
    const char *slug;    /* of the tenant: whose words and patterns; NULL: none */
    const char *source;  /* our word for the place: see PiiTallyRow */
    const char *subject; /* whose data it is, for the key of tokens; NULL: PII_SUBJECT_DEFAULT */
} PiiWhere;
#define PII_SUBJECT_DEFAULT "default"

typedef struct PiiGuard PiiGuard;
ErrKind MUST_USE pii_guard_new(const PiiGuardOptions *o, PiiGuard **ret, Err *reterr);
void pii_guard_free(PiiGuard *g);
DEFINE_FREEP(PiiGuard, pii_guard_free)
/* Reads everything but the key and the vault again; calls that have begun go on with what was read before. An error changes nothing. */
ErrKind MUST_USE pii_guard_reload(PiiGuard *g, const PiiGuardOptions *o, Err *reterr);
PiiTally *pii_guard_tally(PiiGuard *g);

/* Both append to out, and return how many findings were acted on. The caller checks out with buf_check as ever. */
size_t pii_guard_text(PiiGuard *g, const PiiWhere *where, PiiPurpose purpose, Str text, Buf *out);
size_t pii_guard_message(PiiGuard *g, const PiiWhere *where, Str text, Buf *out);

/* The tenant's tokens in a text turned back; those whose key is gone stay (*ret_left). UNSUPPORTED: no vault; NOT_FOUND: the
 * tenant's is empty or destroyed. Who may ask is the caller's business, and so is the audit. */
ErrKind MUST_USE pii_guard_restore(PiiGuard *g, const char *slug, Str text, Buf *out, uint64_t *ret_back,
                                   uint64_t *ret_left, Err *reterr);
/* Destroys the subject's key, and with it every token of that subject. NOT_FOUND: there is none. */
ErrKind MUST_USE pii_guard_erase(PiiGuard *g, const char *slug, Str subject, Err *reterr);

#endif
