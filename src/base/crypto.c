#include "base/crypto.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

Sha256 crypto_sha256(Str data)
{
    Sha256 out;
    unsigned len = sizeof out.b;
    BUG_ON(!EVP_Digest(data.ptr ? data.ptr : "", data.len, out.b, &len, EVP_sha256(), NULL));
    return out;
}

Sha256 crypto_hmac_sha256(Str key, Str data)
{
    Sha256 out;
    unsigned len = sizeof out.b;
    BUG_ON(!HMAC(EVP_sha256(), key.ptr ? key.ptr : "", (int)key.len,
                 (const unsigned char *)(data.ptr ? data.ptr : ""), data.len, out.b, &len));
    return out;
}

CryptoHash *crypto_hash_new(void)
{
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    BUG_ON(!c || !EVP_DigestInit_ex(c, EVP_sha256(), NULL));
    return (CryptoHash *)c;
}

void crypto_hash_add(CryptoHash *h, Str data)
{
    BUG_ON(data.len && !EVP_DigestUpdate((EVP_MD_CTX *)h, data.ptr, data.len));
}

Sha256 crypto_hash_end(CryptoHash *h)
{
    Sha256 out;
    unsigned len = sizeof out.b;
    BUG_ON(!EVP_DigestFinal_ex((EVP_MD_CTX *)h, out.b, &len));
    EVP_MD_CTX_free((EVP_MD_CTX *)h);
    return out;
}

void crypto_random(void *out, size_t len)
{
    BUG_ON(RAND_bytes(out, (int)len) != 1);
}

bool crypto_equal(const void *a, const void *b, size_t len)
{
    return CRYPTO_memcmp(a, b, len) == 0;
}

void crypto_wipe(void *p, size_t len)
{
    OPENSSL_cleanse(p, len);
}

static EVP_CIPHER_CTX *gcm(const uint8_t *key, const uint8_t *nonce, Str aad, bool sealing)
{
    int n;
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    BUG_ON(!c || EVP_CipherInit_ex(c, EVP_aes_256_gcm(), NULL, key, nonce, sealing) != 1);
    BUG_ON(aad.len > INT32_MAX || EVP_CipherUpdate(c, NULL, &n, (const uint8_t *)aad.ptr, (int)aad.len) != 1);
    return c;
}

void crypto_seal(const uint8_t key[static CRYPTO_KEY], const uint8_t nonce[static CRYPTO_NONCE], Str aad,
                 Str plain, Buf *out)
{
    int n = 0, tail = 0;
    BUG_ON(plain.len > INT32_MAX - CRYPTO_TAG);
    uint8_t *to = (uint8_t *)buf_room(out, plain.len + CRYPTO_TAG);
    if (!to)
        return; /* out is failed: buf_check tells */
    EVP_CIPHER_CTX *c = gcm(key, nonce, aad, true);
    BUG_ON(plain.len > 0 && EVP_CipherUpdate(c, to, &n, (const uint8_t *)plain.ptr, (int)plain.len) != 1);
    BUG_ON(EVP_CipherFinal_ex(c, to + n, &tail) != 1);
    BUG_ON(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, CRYPTO_TAG, to + n + tail) != 1);
    EVP_CIPHER_CTX_free(c);
    buf_advance(out, plain.len + CRYPTO_TAG);
}

bool crypto_unseal(const uint8_t key[static CRYPTO_KEY], const uint8_t nonce[static CRYPTO_NONCE], Str aad,
                   Str sealed, Buf *out)
{
    if (sealed.len < CRYPTO_TAG || sealed.len > INT32_MAX)
        return false;
    int n = 0, tail = 0;
    size_t len = sealed.len - CRYPTO_TAG;
    uint8_t *to = (uint8_t *)buf_room(out, len + 1), tag[CRYPTO_TAG];
    if (!to)
        return false;
    memcpy(tag, sealed.ptr + len, CRYPTO_TAG);
    EVP_CIPHER_CTX *c = gcm(key, nonce, aad, false);
    bool ok = (len == 0 || EVP_CipherUpdate(c, to, &n, (const uint8_t *)sealed.ptr, (int)len) == 1) &&
              EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_SET_TAG, CRYPTO_TAG, tag) == 1 &&
              EVP_CipherFinal_ex(c, to + n, &tail) == 1;
    EVP_CIPHER_CTX_free(c);
    if (ok)
        buf_advance(out, len);
    else
        crypto_wipe(to, len);
    return ok;
}

void crypto_hex(const void *bytes, size_t len, char *out)
{
    static const char hex[] = "0123456789abcdef";
    const uint8_t *p = bytes;
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = hex[p[i] >> 4];
        out[2 * i + 1] = hex[p[i] & 15];
    }
    out[2 * len] = 0;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool crypto_unhex(Str hex, void *out, size_t out_len)
{
    if (hex.len != 2 * out_len)
        return false;
    uint8_t *to = out;
    for (size_t i = 0; i < out_len; i++) {
        int high = hex_value(hex.ptr[2 * i]), low = hex_value(hex.ptr[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        to[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

static const char BASE64URL[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void crypto_base64url(Buf *out, const void *bytes, size_t len)
{
    const uint8_t *p = bytes;
    for (size_t i = 0; i < len; i += 3) {
        size_t n = MIN(len - i, (size_t)3);
        unsigned v = (unsigned)p[i] << 16 | (n > 1 ? (unsigned)p[i + 1] << 8 : 0) | (n > 2 ? p[i + 2] : 0u);
        for (size_t k = 0; k <= n; k++)
            buf_add_char(out, BASE64URL[v >> (18 - 6 * k) & 63]);
    }
}

static int base64url_value(char c)
{
    const char *at = c ? strchr(BASE64URL, c) : NULL;
    return at ? (int)(at - BASE64URL) : -1;
}

bool crypto_unbase64url(Str text, Buf *out)
{
    if (text.len % 4 == 1)
        return false;
    for (size_t i = 0; i < text.len; i += 4) {
        size_t n = MIN(text.len - i, (size_t)4);
        unsigned v = 0;
        for (size_t k = 0; k < 4; k++) {
            int d = k < n ? base64url_value(text.ptr[i + k]) : 0;
            if (d < 0)
                return false;
            v = v << 6 | (unsigned)d;
        }
        if ((n == 2 && (v & 0xFFFF)) || (n == 3 && (v & 0xFF)))
            return false; /* bits behind the last byte: not the one canonical form */
        for (size_t k = 0; k + 1 < n; k++)
            buf_add_char(out, (char)(v >> (16 - 8 * k)));
    }
    return !out->failed;
}

static bool add_extension(X509 *cert, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx_nodb(&ctx);
    X509V3_set_ctx(&ctx, cert, cert, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    bool ok = e && X509_add_ext(cert, e, -1);
    X509_EXTENSION_free(e);
    return ok;
}

static X509 *make_certificate(EVP_PKEY *key, int days)
{
    X509 *c = X509_new();
    uint64_t serial = 0;
    crypto_random(&serial, sizeof serial);
    X509_NAME *name = c ? X509_get_subject_name(c) : NULL;
    bool ok =
        c && X509_set_version(c, X509_VERSION_3) &&
        ASN1_INTEGER_set_uint64(X509_get_serialNumber(c), serial >> 1) &&
        X509_gmtime_adj(X509_getm_notBefore(c), -60) &&
        X509_gmtime_adj(X509_getm_notAfter(c), (long)days * 86400) && X509_set_pubkey(c, key) &&
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"localhost", -1, -1, 0) &&
        X509_set_issuer_name(c, name) && add_extension(c, NID_basic_constraints, "critical,CA:FALSE") &&
        add_extension(c, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1") &&
        add_extension(c, NID_ext_key_usage, "serverAuth,clientAuth") && X509_sign(c, key, EVP_sha256()) > 0;
    if (ok)
        return c;
    X509_free(c);
    return NULL;
}

static ErrKind open_new(const char *path, int mode, FILE **ret, Err *reterr)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0)
        return err_set_errno(reterr, errno == EEXIST ? ERR_CONFLICT : ERR_IO, errno, "create %s", path);
    *ret = fdopen(fd, "w");
    BUG_ON(!*ret);
    return ERR_NONE;
}

ErrKind crypto_self_signed(const char *cert_path, const char *key_path, int days, Err *reterr)
{
    FILE *cert_file, *key_file;
    TRY(open_new(key_path, 0600, &key_file, reterr));
    ErrKind kind = open_new(cert_path, 0644, &cert_file, reterr);
    if (kind) {
        fclose(key_file);
        unlink(key_path);
        return kind;
    }
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = key ? make_certificate(key, days) : NULL;
    bool ok = cert && PEM_write_PrivateKey(key_file, key, NULL, NULL, 0, NULL, NULL) &&
              PEM_write_X509(cert_file, cert);
    X509_free(cert);
    EVP_PKEY_free(key);
    ok = fclose(key_file) == 0 && ok;
    ok = fclose(cert_file) == 0 && ok;
    if (ok)
        return ERR_NONE;
    unlink(key_path);
    unlink(cert_path);
    return err_set(reterr, ERR_IO, "cannot make the certificate %s", cert_path);
}
