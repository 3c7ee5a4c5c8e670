/* http_proxy.c - see http_proxy.h. */
#include "http/http_proxy.h"

#include <arpa/inet.h>
#include <string.h>

#define ADDRESS_TEXT 46

static const uint8_t MAPPED[12] = {[10] = 0xff, [11] = 0xff}; /* ::ffff:0:0/96, RFC 4291 2.5.5.2 */

static bool parse_address(Str text, uint8_t out[static 16])
{
    char copy[ADDRESS_TEXT];
    if (!str_copy(copy, sizeof(copy), text))
        return false;
    if (inet_pton(AF_INET6, copy, out) == 1)
        return true;
    memcpy(out, MAPPED, sizeof(MAPPED));
    return inet_pton(AF_INET, copy, out + sizeof(MAPPED)) == 1;
}

static bool is_v4(const uint8_t address[static 16])
{
    return memcmp(address, MAPPED, sizeof(MAPPED)) == 0;
}

static bool bit_at(const uint8_t address[static 16], int i)
{
    return address[i / 8] >> (7 - i % 8) & 1;
}

static ErrKind parse_network(Str piece, HttpNetwork *ret, Err *reterr)
{
    Str bits_text = piece, address;
    int64_t bits = 128;
    if (!str_next(&bits_text, '/', &address) || !parse_address(address, ret->address))
        return err_set(reterr, ERR_INVALID,
                       "http.trusted_proxies: \"" STR_FMT "\" is not an address or a network like 10.0.0.0/8",
                       STR_ARG(piece));
    int skip = is_v4(ret->address) && str_find(address, STR(":")) < 0 ? 96 : 0;
    if (address.len < piece.len && (!str_to_i64(bits_text, &bits) || bits < 0 || (bits += skip) > 128))
        return err_set(reterr, ERR_INVALID,
                       "http.trusted_proxies: \"" STR_FMT "\": the prefix is a number from 0 to %d",
                       STR_ARG(piece), 128 - skip);
    ret->bits = (int)bits;
    for (int i = ret->bits; i < 128; i++)
        if (bit_at(ret->address, i))
            return err_set(reterr, ERR_INVALID,
                           "http.trusted_proxies: \"" STR_FMT "\": the address has bits beyond its prefix",
                           STR_ARG(piece));
    return ERR_NONE;
}

ErrKind http_proxies_parse(const char *list, HttpProxies *ret, Err *reterr)
{
    ret->n = 0;
    Str rest = str_trim(str_from(list)), piece;
    while (rest.len > 0 && str_next(&rest, ',', &piece)) {
        if (ret->n == HTTP_PROXIES_MAX)
            return err_set(reterr, ERR_INVALID, "http.trusted_proxies: more than %d networks",
                           HTTP_PROXIES_MAX);
        TRY(parse_network(str_trim(piece), &ret->networks[ret->n], reterr));
        ret->n++;
    }
    return ERR_NONE;
}

static bool is_trusted(const HttpProxies *p, const uint8_t address[static 16])
{
    for (int i = 0; i < p->n; i++) {
        const HttpNetwork *n = &p->networks[i];
        int same = 0;
        while (same < n->bits && bit_at(address, same) == bit_at(n->address, same))
            same++;
        if (same == n->bits)
            return true;
    }
    return false;
}

/* The last piece of a comma-separated list, trimmed; cuts it off. false: nothing is left. */
static bool cut_last(Str *rest, Str *ret)
{
    if (!rest->ptr)
        return false;
    size_t at = rest->len;
    while (at > 0 && rest->ptr[at - 1] != ',')
        at--;
    *ret = str_trim(str_slice(*rest, at, rest->len));
    *rest = at > 0 ? str_slice(*rest, 0, at - 1) : STR_NULL;
    return true;
}

/* Walks one field from the right. true: it is decided; `client` is the address, or `ok` is false. */
static bool walk(const HttpProxies *p, Str value, uint8_t client[static 16], bool *ok)
{
    for (Str piece; cut_last(&value, &piece);) {
        *ok = parse_address(piece, client);
        if (!*ok || !is_trusted(p, client))
            return true;
    }
    return false;
}

void http_proxies_apply(const HttpProxies *p, HttpRequest *q)
{
    uint8_t client[16];
    bool ok = false;
    if (p->n == 0 || !parse_address(str_from(q->peer), client) || !is_trusted(p, client))
        return;
    for (int i = q->n_headers - 1; i >= 0; i--) /* several fields are one list, in their order */
        if (str_eq_nocase(q->headers[i].name, STR("X-Forwarded-For")) &&
            walk(p, q->headers[i].value, client, &ok))
            break;
    if (!ok)
        return;
    bool v4 = is_v4(client);
    (void)inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? client + sizeof(MAPPED) : client, q->peer, sizeof(q->peer));
}
