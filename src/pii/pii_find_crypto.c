/* pii_find_crypto.c - wallets: Base58Check (Bitcoin, Litecoin, Dogecoin), Bech32 and Bech32m (BIP 173, 350), Ethereum. */
#include "pii/pii_find.h"

#include "base/crypto.h"

/* ---- Base58Check: 25 bytes, the last four the beginning of a double SHA-256 of the rest ---- */

static bool base58_25(const char *p, size_t n, unsigned char *ret)
{
    static const char ALPHABET[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    memset(ret, 0, 25);
    for (size_t i = 0; i < n; i++) {
        const char *at = strchr(ALPHABET, p[i]);
        if (!at)
            return false;
        unsigned carry = (unsigned)(at - ALPHABET);
        for (int k = 24; k >= 0; k--) {
            carry += ret[k] * 58u;
            ret[k] = (unsigned char)carry;
            carry >>= 8;
        }
        if (carry)
            return false;
    }
    return true;
}

static bool base58check(const char *p, size_t n)
{
    unsigned char raw[25];
    if (n < 26 || n > 35 || !strchr("13LMD", p[0]) || !base58_25(p, n, raw))
        return false;
    if (raw[0] != 0 && raw[0] != 5 && raw[0] != 0x30 && raw[0] != 0x32 && raw[0] != 0x1e)
        return false;
    Sha256 once = crypto_sha256((Str){(const char *)raw, 21});
    Sha256 twice = crypto_sha256((Str){(const char *)&once, 32});
    return memcmp(&twice, raw + 21, 4) == 0;
}

/* ---- Bech32 ---- */

static uint32_t polymod(uint32_t c, unsigned v)
{
    static const uint32_t G[5] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3};
    uint32_t top = c >> 25;
    c = (c & 0x1ffffff) << 5 ^ v;
    for (int i = 0; i < 5; i++)
        c ^= top >> i & 1 ? G[i] : 0;
    return c;
}

static bool bech32(const char *p, size_t n, size_t hrp)
{
    static const char ALPHABET[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    uint32_t c = 1;
    bool upper = false, lower = false;
    if (n < 14 || n > 90)
        return false;
    for (size_t i = 0; i < hrp; i++)
        c = polymod(c, (unsigned)(p[i] | 32) >> 5);
    c = polymod(c, 0);
    for (size_t i = 0; i < hrp; i++)
        c = polymod(c, (unsigned)(p[i] | 32) & 31);
    for (size_t i = 0; i < n; i++) {
        upper = upper || pii_is(p[i], PII_UPPER);
        lower = lower || (pii_is(p[i], PII_ALPHA) && !pii_is(p[i], PII_UPPER));
        if (i <= hrp)
            continue;
        const char *at = strchr(ALPHABET, pii_is(p[i], PII_ALPHA) ? p[i] | 32 : p[i]);
        if (!at || !*at)
            return false;
        c = polymod(c, (unsigned)(at - ALPHABET));
    }
    return !(upper && lower) && (c == 1 || c == 0x2bc830a3);
}

static bool ethereum(const char *p, size_t n)
{
    if (n != 42 || p[0] != '0' || (p[1] | 32) != 'x')
        return false;
    for (size_t i = 2; i < n; i++)
        if (!pii_is(p[i], PII_HEX))
            return false;
    return true;
}

void pii_find_crypto(PiiFinder *f, size_t start, size_t end)
{
    static const char *const HRPS[] = {"bc1", "tb1", "ltc1"};
    const char *p = f->p + start;
    size_t n = end - start;
    if (!pii_wants(f->s, PII_CRYPTO))
        return;
    if (ethereum(p, n))
        pii_put(f, PII_RULE_ETHEREUM, start, end, 0.9f);
    else if (base58check(p, n))
        pii_put(f, PII_RULE_BASE58CHECK, start, end, 1.0f);
    for (size_t i = 0; i < ARRAY_LEN(HRPS); i++) {
        size_t hrp = strlen(HRPS[i]);
        if (n > hrp && str_eq_nocase((Str){p, hrp}, str_from(HRPS[i])) && bech32(p, n, hrp - 1))
            pii_put(f, PII_RULE_BECH32, start, end, 1.0f);
    }
}
