#include "base/pwhash.h"

#include "base/crypto.h"

#include <argon2.h>

#define MEMORY_KIB 19456
#define PASSES 2
#define LANES 1
#define SALT_BYTES 16
#define HASH_BYTES 32

ErrKind pwhash_make(Str password, char out[static PWHASH_TEXT], Err *reterr)
{
    if (str_utf8_len(password) < PWHASH_PASSWORD_MIN)
        return err_set(reterr, ERR_INVALID, "the password needs at least %d characters", PWHASH_PASSWORD_MIN);
    if (password.len > PWHASH_PASSWORD_MAX)
        return err_set(reterr, ERR_INVALID, "the password is longer than %d bytes", PWHASH_PASSWORD_MAX);
    uint8_t salt[SALT_BYTES];
    crypto_random(salt, sizeof salt);
    int rc = argon2id_hash_encoded(PASSES, MEMORY_KIB, LANES, password.ptr, password.len, salt, sizeof salt,
                                   HASH_BYTES, out, PWHASH_TEXT);
    if (rc != ARGON2_OK)
        return err_set(reterr, ERR_INTERNAL, "argon2: %s", argon2_error_message(rc));
    return ERR_NONE;
}

/* Our parameters with a hash that no known password has: what unknown users are compared with, for equal
 * time. */
static const char NOBODY[] = "$argon2id$v=19$m=19456,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$"
                             "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

bool pwhash_verify(const char *encoded, Str password)
{
    if (password.len > PWHASH_PASSWORD_MAX)
        return false;
    const char *against = encoded ? encoded : NOBODY;
    return argon2id_verify(against, password.ptr ? password.ptr : "", password.len) == ARGON2_OK && encoded;
}
