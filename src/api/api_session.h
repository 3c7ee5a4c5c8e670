/* api_session.h - who is calling: sessions of the console and tokens of programs.
 *
 *     cookie or bearer: base64url(tenant id 16 bytes, secret 32 bytes) --SHA-256 of the secret--> session | api_token
 *
 * The tenant stands in the value, so that the row is found under row-level security in one round trip; only the hash of
 * the secret is stored. A verified one is trusted for api.session.cache, so that most requests ask the database once,
 * for what they came for.
 * Owner:    ApiSession has counted references and never changes.
 * Threads:  any worker thread; finding may block until its deadline.
 * Limits:   API_SESSIONS_CACHED entries; past it old ones are replaced.
 * Errors:   UNAUTHENTICATED (one message for every reason).
 * Metrics:  ehub_api_session_lookups_total{result}. */
#ifndef EHUB_API_API_SESSION_H
#define EHUB_API_API_SESSION_H

#include "base/crypto.h"
#include "pg/pg_shard.h"

#define API_SESSIONS_CACHED 32768
#define API_SECRET_TEXT 65 /* base64url of 48 bytes and the zero */
#define API_TOKEN_PREFIX "ehub_"
#define API_CSRF_TEXT 44

typedef enum ApiRole {
    API_ADMIN = 1 << 0,
    API_MANAGER = 1 << 1,
    API_COACH = 1 << 2,
    API_AGENT = 1 << 3,
    API_AUDITOR = 1 << 4,
} ApiRole;
#define API_EVERYBODY (API_ADMIN | API_MANAGER | API_COACH | API_AGENT | API_AUDITOR)
#define API_STAFF (API_ADMIN | API_MANAGER | API_COACH)

typedef struct ApiSession {
    Uuid tenant;
    Uuid user;
    ApiRole role;
    Uuid location; /* nil: the whole tenant */
    Uuid agent;    /* nil: not an agent */
    bool bearer;   /* a program's token: needs no CSRF token */
    char role_name[16];
    char name[801]; /* 200 code points */
    char email[255];
    char csrf[API_CSRF_TEXT];
    Sha256 key;         /* of the secret */
    int64_t expires_us; /* wall clock; INT64_MAX: never */
    int refs_;          /* private, atomic */
} ApiSession;

typedef struct ApiSessions ApiSessions;

ApiSessions *api_sessions_new(void);
void api_sessions_free(ApiSessions *s);

/* From the cookie's value, or the bearer token without "Bearer ". A reference: api_session_unref. */
ErrKind MUST_USE api_session_find(ApiSessions *s, PgShards *shards, Str value, bool bearer, Deadline by,
                                  const ApiSession **ret, Err *reterr);
const ApiSession *api_session_ref(const ApiSession *s);
void api_session_unref(const ApiSession *s);
DEFINE_FREEP(const ApiSession, api_session_unref)
void api_session_forget(ApiSessions *s, const Sha256 *key); /* logout, revoked token */
void api_session_forget_all(ApiSessions *s);

/* Stores a new session; value gets what the cookie carries, csrf its token. */
ErrKind MUST_USE api_session_create(PgShards *shards, Uuid tenant, Uuid user, Deadline by,
                                    char value[static API_SECRET_TEXT], char csrf[static API_CSRF_TEXT],
                                    Err *reterr);
ErrKind MUST_USE api_session_delete(ApiSessions *s, PgShards *shards, const ApiSession *who, Deadline by,
                                    Err *reterr);

/* A new secret for a tenant: its text (without prefix) and the hash that is stored. */
void api_secret_make(Uuid tenant, char value[static API_SECRET_TEXT], Sha256 *ret_hash);
bool api_secret_parse(Str value, Uuid *ret_tenant, Sha256 *ret_hash);
bool api_role_parse(Str name, ApiRole *ret);

#endif
