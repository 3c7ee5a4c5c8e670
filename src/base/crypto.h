/* crypto.h - hashes, random bytes, sealed text, encodings, self-signed certificates. The border to OpenSSL.
 *
 * Threads:  any. Failure of the system's random source or of OpenSSL's digest aborts (BUG_ON): nothing safe
 *           remains. */
#ifndef EHUB_BASE_CRYPTO_H
#define EHUB_BASE_CRYPTO_H

#include "base/buf.h"

typedef struct Sha256 {
    uint8_t b[32];
} Sha256;

Sha256 crypto_sha256(Str data);
Sha256 crypto_hmac_sha256(Str key, Str data);

/* A digest of a stream. */
typedef struct CryptoHash CryptoHash;
CryptoHash *crypto_hash_new(void);
void crypto_hash_add(CryptoHash *h, Str data);
Sha256 crypto_hash_end(CryptoHash *h); /* and frees it */

void crypto_random(void *out, size_t len);
bool crypto_equal(const void *a, const void *b, size_t len); /* constant time */

void crypto_hex(const void *bytes, size_t len, char *out);      /* out: 2 * len + 1 bytes */
bool crypto_unhex(Str hex, void *out, size_t out_len);          /* exact length */
void crypto_base64url(Buf *out, const void *bytes, size_t len); /* without padding */
bool crypto_unbase64url(Str text, Buf *out);

/* AES-256-GCM (NIST SP 800-38D). Appends the ciphertext and its tag, CRYPTO_TAG bytes longer than plain; aad is
 * authenticated, not stored. Never the same nonce for two texts under one key. */
#define CRYPTO_KEY 32
#define CRYPTO_NONCE 12
#define CRYPTO_TAG 16
void crypto_seal(const uint8_t key[static CRYPTO_KEY], const uint8_t nonce[static CRYPTO_NONCE], Str aad,
                 Str plain, Buf *out);
/* False, and nothing added, when anything differs from what was sealed, or out is full. */
bool crypto_unseal(const uint8_t key[static CRYPTO_KEY], const uint8_t nonce[static CRYPTO_NONCE], Str aad,
                   Str sealed, Buf *out);
void crypto_wipe(void *p, size_t len); /* overwrites; the compiler keeps it */

/* Writes an ECDSA P-256 key and a self-signed certificate (localhost, 127.0.0.1, ::1; serverAuth and
 * clientAuth; `days` valid) as PEM, the key with mode 0600. Refuses to overwrite. ERR_IO, ERR_CONFLICT. */
ErrKind MUST_USE crypto_self_signed(const char *cert_path, const char *key_path, int days, Err *reterr);

#endif
