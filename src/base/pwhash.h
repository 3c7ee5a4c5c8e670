/* pwhash.h - passwords as Argon2id strings (RFC 9106). The border to libargon2.
 *
 * Cost:     19 MiB and two passes (OWASP's first recommendation, 2023): about 20-40 ms, so call it on the cpu
 *           pool.
 * Threads:  any. */
#ifndef EHUB_BASE_PWHASH_H
#define EHUB_BASE_PWHASH_H

#include "base/err.h"
#include "base/str.h"

#define PWHASH_TEXT 128
#define PWHASH_PASSWORD_MAX 256
#define PWHASH_PASSWORD_MIN 10

/* "$argon2id$v=19$m=19456,t=2,p=1$..." ERR_INVALID when shorter or longer than the limits. */
ErrKind MUST_USE pwhash_make(Str password, char out[static PWHASH_TEXT], Err *reterr);
/* encoded NULL: does the same work against a fixed string and returns false, so that timing tells nothing. */
bool pwhash_verify(const char *encoded, Str password);

#endif
