/* scale_conn.h - one connection by TCP to a service, with TLS or without. The border to OpenSSL's TLS.
 *
 *     open: addresses of the host in turn --> TLS handshake, certificate checked for that host --> send, receive
 *
 * TLS:      1.2 or newer; the certificate must be signed by an authority of ca_file (NULL: those of the system) and be made out to
 *           the host, a name or an address. There is no way to leave that out.
 * Owner:    scale_conn_free. Threads: one at a time; every call blocks until the deadline of the opening.
 * Errors:   UNAVAILABLE nobody there, connection lost . TIMEOUT . DENIED the certificate is not accepted . INVALID ca_file. */
#ifndef EHUB_SCALE_SCALE_CONN_H
#define EHUB_SCALE_SCALE_CONN_H

#include "base/err.h"
#include "base/str.h"
#include "rt/deadline.h"

typedef struct ScaleConn ScaleConn;

/* name: for messages; stays the caller's as long as the connection. */
typedef struct ScaleConnTo {
    const char *name, *host, *port;
    bool tls;
    const char *ca_file; /* PEM; NULL: the system's */
} ScaleConnTo;

ErrKind MUST_USE scale_conn_open(const ScaleConnTo *to, Deadline by, ScaleConn **ret, Err *reterr);
void scale_conn_free(ScaleConn *c);
DEFINE_FREEP(ScaleConn, scale_conn_free)

ErrKind MUST_USE scale_conn_send(ScaleConn *c, Str s, Err *reterr);
/* At least one byte, or *ret_n 0: the other side has ended. */
ErrKind MUST_USE scale_conn_receive(ScaleConn *c, char *part, size_t size, size_t *ret_n, Err *reterr);

#endif
