/* pii_vault.h - personal data as tokens that only the holder of the keys can turn back, and keys that can be destroyed.
 *
 *     value --AES-256-GCM, the subject's key--> [PERSON:e1.BASE64URL]        anywhere: text, database, another system
 *     master key (a file) --wraps--> tenant's key --wraps--> subject's key   DIR/TENANT.keys
 *
 * The token carries the sealed value, so nothing grows but the list of keys. Destroying a subject's key makes all tokens
 * of that subject unreadable, wherever copies of them lie; destroying the tenant's key, all of the tenant's. Backups of
 * DIR hold keys too and must be replaced after that. One value of one subject gives one token: equal values can be seen
 * to be equal (the nonce is an HMAC of the value, so it never repeats for two values).
 *
 * Owner:    pii_vault_open .. pii_vault_free. Threads: one at a time. Processes: any number; changes hold a lock.
 *           One that had a subject's key before another destroyed it may go on sealing with it until pii_vault_refresh.
 * Limits:   PII_VAULT_SUBJECTS_MAX subjects a tenant, PII_VAULT_VALUE_MAX bytes a value.
 * Errors:   DENIED another master key . NOT_FOUND destroyed . CORRUPT . LIMIT . IO . INVALID. A key is on the disk before
 *           a token made with it is given out. */
#ifndef EHUB_PII_PII_VAULT_H
#define EHUB_PII_PII_VAULT_H

#include "base/buf.h"
#include "base/crypto.h"
#include "pii/pii.h"

#define PII_VAULT_SUBJECTS_MAX 100000
#define PII_VAULT_VALUE_MAX 4096
#define PII_TOKEN_MAX 6000
#define PII_TENANT_MAX 64

typedef struct PiiKey {
    uint8_t b[CRYPTO_KEY];
} PiiKey;

/* A file of 64 hexadecimal digits with mode 0600. make: CONFLICT when it is there. read: DENIED when others may read it. */
ErrKind MUST_USE pii_key_make(const char *path, Err *reterr);
ErrKind MUST_USE pii_key_read(const char *path, PiiKey *ret, Err *reterr);
/* A key for one purpose: HMAC-SHA256 of "purpose:name". */
PiiKey pii_key_derive(const PiiKey *k, const char *purpose, Str name);

typedef struct PiiVault PiiVault;

/* The tenant: letters, digits, '-', '_'. create: makes the folder and the tenant's key when they are not there;
 * without it NOT_FOUND. */
ErrKind MUST_USE pii_vault_open(const char *dir, const PiiKey *master, Str tenant, bool create,
                                PiiVault **ret, Err *reterr);
void pii_vault_free(PiiVault *v);
DEFINE_FREEP(PiiVault, pii_vault_free)

/* Reads the file again when it has changed: what another process destroyed is not used any more. NOT_FOUND: all is. */
ErrKind MUST_USE pii_vault_refresh(PiiVault *v, Err *reterr);

/* The number of the subject, whose key is made when there is none. Any bytes; only an HMAC of them is stored. */
ErrKind MUST_USE pii_vault_subject(PiiVault *v, Str subject, uint32_t *ret, Err *reterr);
/* Appends the token. */
ErrKind MUST_USE pii_vault_seal(const PiiVault *v, uint32_t subject, PiiType type, Str value, Buf *out,
                                Err *reterr);
/* Appends the value of a token. NOT_FOUND: its key is destroyed or never was in this vault; CORRUPT: damaged. */
ErrKind MUST_USE pii_vault_unseal(const PiiVault *v, Str token, Buf *out, Err *reterr);

/* Appends the text with its tokens turned back; those that cannot be stay as they are. Adds how many to *back and *left. Returns
 * the bytes that are done: all of them if the text is the last, else up to where a token may have begun that is not whole yet. */
size_t pii_vault_restore(const PiiVault *v, Str text, bool last, Buf *out, uint64_t *back, uint64_t *left);

/* NOT_FOUND when there is no such key. */
ErrKind MUST_USE pii_vault_erase_subject(PiiVault *v, Str subject, Err *reterr);
/* The tenant's key and all under it. v is of no use afterwards. */
ErrKind MUST_USE pii_vault_erase_tenant(PiiVault *v, Err *reterr);

/* The length of the token that begins the text, 0 when none does. */
size_t pii_token_len(Str text);
/* Where the first token stands at or after `from`, text.len when there is none. */
size_t pii_token_find(Str text, size_t from);

#endif
