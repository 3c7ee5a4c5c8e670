/* http_proxy.h - whose request it is when a proxy hands it on: the address in X-Forwarded-For, if the proxy is trusted.
 *
 *     X-Forwarded-For: <the client wrote this>, 203.0.113.9, 10.0.0.7     peer 10.0.0.2, trusted 10.0.0.0/8
 *                                               ^ the right-most address that is not a trusted proxy's
 *
 * Everything to the left of that address is what the client claims and is not looked at. With an address on the way that
 * is none (or a port behind it) the peer's own counts: better one limit for all than one that a client can choose.
 * Limits:   HTTP_PROXIES_MAX networks.
 * Errors:   INVALID naming the setting and the piece.
 * Threads:  pure. */
#ifndef EHUB_HTTP_HTTP_PROXY_H
#define EHUB_HTTP_HTTP_PROXY_H

#include "http/http.h"

#define HTTP_PROXIES_MAX 64

typedef struct HttpNetwork {
    uint8_t address[16]; /* IPv4 as ::ffff:a.b.c.d */
    int bits;            /* of the 128 */
} HttpNetwork;

typedef struct HttpProxies {
    int n;
    HttpNetwork networks[HTTP_PROXIES_MAX];
} HttpProxies;

/* Comma-separated "10.0.0.0/8", "fd00::/8" or single addresses; NULL or "": none. */
ErrKind MUST_USE http_proxies_parse(const char *list, HttpProxies *ret, Err *reterr);
/* Replaces q->peer by the client's address. Without a trusted peer nothing is changed. */
void http_proxies_apply(const HttpProxies *p, HttpRequest *q);

#endif
