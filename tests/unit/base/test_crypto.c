#include "harness/t.h"

#include "base/crypto.h"
#include "base/file.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void assert_digest(Sha256 d, const char *hex)
{
    char text[65];
    crypto_hex(d.b, sizeof d.b, text);
    assert_string_equal(text, hex);
}

/* FIPS 180-2, appendix B. */
TEST(sha256_gives_the_published_digests)
{
    assert_digest(crypto_sha256(STR("abc")),
                  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_digest(crypto_sha256(STR_NULL),
                  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CryptoHash *h = crypto_hash_new();
    crypto_hash_add(h, STR("a"));
    crypto_hash_add(h, STR("bc"));
    assert_digest(crypto_hash_end(h), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

/* RFC 4231, test case 2. */
TEST(hmac_gives_the_published_digest)
{
    assert_digest(crypto_hmac_sha256(STR("Jefe"), STR("what do ya want for nothing?")),
                  "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

/* RFC 4648, section 10, without the padding; the last row shows both letters of the URL alphabet. */
TEST(base64url_gives_the_published_texts_and_reads_them_back)
{
    static const struct {
        Str bytes;
        const char *text;
    } rows[] = {{STR(""), ""},
                {STR("f"), "Zg"},
                {STR("fo"), "Zm8"},
                {STR("foo"), "Zm9v"},
                {STR("foob"), "Zm9vYg"},
                {STR("fooba"), "Zm9vYmE"},
                {STR("foobar"), "Zm9vYmFy"},
                {STR("\xfb\xff"), "-_8"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CLEANUP(buf_done) Buf text = BUF(100);
        CLEANUP(buf_done) Buf bytes = BUF(100);
        crypto_base64url(&text, rows[i].bytes.ptr, rows[i].bytes.len);
        assert_string_equal(buf_cstr(&text), rows[i].text);
        assert_true(crypto_unbase64url(str_from(rows[i].text), &bytes));
        assert_true(str_eq(buf_str(&bytes), rows[i].bytes));
    }
}

TEST(what_is_not_base64url_is_refused)
{
    static const char *const rows[] = {"Z", "Zg==", "Zh", "Zm9", "Zm+v", "Zm v", "Zm9vY"};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CLEANUP(buf_done) Buf bytes = BUF(100);
        assert_false(crypto_unbase64url(str_from(rows[i]), &bytes));
    }
}

TEST(hexadecimal_needs_its_exact_length)
{
    uint8_t b[2];
    assert_true(crypto_unhex(STR("fF00"), b, 2));
    assert_int_equal(b[0], 255);
    assert_int_equal(b[1], 0);
    assert_false(crypto_unhex(STR("ff0"), b, 2));
    assert_false(crypto_unhex(STR("ff000"), b, 2));
    assert_false(crypto_unhex(STR("ffg0"), b, 2));
}

TEST(random_bytes_differ)
{
    uint8_t a[32] = {0}, b[32] = {0};
    crypto_random(a, sizeof a);
    crypto_random(b, sizeof b);
    assert_memory_not_equal(a, b, sizeof a);
    assert_true(crypto_equal(a, a, sizeof a));
    assert_false(crypto_equal(a, b, sizeof a));
}

TEST(a_self_signed_key_is_private_and_never_overwritten)
{
    char dir[] = "/tmp/ehub-crypto-XXXXXX", cert[64], key[64];
    assert_non_null(mkdtemp(dir));
    snprintf(cert, sizeof cert, "%s/cert.pem", dir);
    snprintf(key, sizeof key, "%s/key.pem", dir);
    Err err = {0};
    T_OK(crypto_self_signed(cert, key, 30, &err), err);
    struct stat st;
    assert_int_equal(stat(key, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    CLEANUP(buf_done) Buf pem = BUF(10000);
    T_OK(file_read(cert, &pem, &err), err);
    assert_true(str_starts(buf_str(&pem), STR("-----BEGIN CERTIFICATE-----")));
    T_FAILS(ERR_CONFLICT, crypto_self_signed(cert, key, 30, &err));
    unlink(key);
    T_FAILS(ERR_CONFLICT, crypto_self_signed(cert, key, 30, &err));
    assert_false(file_exists(key)); /* nothing half-made is left */
    unlink(cert);
    rmdir(dir);
}

/* McGrew and Viega, "The Galois/Counter Mode of Operation (GCM)", 2005, test case 16. */
TEST(sealing_gives_the_published_ciphertext_and_any_change_is_seen)
{
    uint8_t key[CRYPTO_KEY], nonce[CRYPTO_NONCE], aad[20], plain[60], sealed[76];
    assert_true(
        crypto_unhex(STR("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"), key, 32));
    assert_true(crypto_unhex(STR("cafebabefacedbaddecaf888"), nonce, 12));
    assert_true(crypto_unhex(STR("feedfacedeadbeeffeedfacedeadbeefabaddad2"), aad, 20));
    assert_true(crypto_unhex(
        STR("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e"
            "2449a6b525b16aedf5aa0de657ba637b39"),
        plain, 60));
    assert_true(crypto_unhex(
        STR("522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b"
            "1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b"),
        sealed, 76));
    Str a = {(char *)aad, 20}, p = {(char *)plain, 60}, c = {(char *)sealed, 76};
    CLEANUP(buf_done) Buf out = BUF(1000);
    crypto_seal(key, nonce, a, p, &out);
    assert_true(str_eq(buf_str(&out), c));
    buf_clear(&out);
    assert_true(crypto_unseal(key, nonce, a, c, &out));
    assert_true(str_eq(buf_str(&out), p));
    buf_clear(&out);
    for (size_t i = 0; i < sizeof sealed; i++) {
        sealed[i] ^= 1;
        assert_false(crypto_unseal(key, nonce, a, c, &out));
        sealed[i] ^= 1;
    }
    assert_false(crypto_unseal(key, nonce, STR("other"), c, &out));
    assert_false(crypto_unseal(key, nonce, a, str_slice(c, 0, 15), &out));
    assert_int_equal(out.len, 0);
}

T_MAIN(T(sealing_gives_the_published_ciphertext_and_any_change_is_seen),
       T(sha256_gives_the_published_digests), T(hmac_gives_the_published_digest),
       T(base64url_gives_the_published_texts_and_reads_them_back), T(what_is_not_base64url_is_refused),
       T(hexadecimal_needs_its_exact_length), T(random_bytes_differ),
       T(a_self_signed_key_is_private_and_never_overwritten))
