/* pii_vault.c - the keys of a tenant in a file, sealing and unsealing. See pii_vault.h.
 *
 * The file: a line of JSON for the tenant's key, then one for each subject. New ones are appended and synced; what was
 * left of a line by a crash is cut off before the next. Destroying writes the file anew without the key and renames. */
#include "pii/pii_vault.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/jv.h"
#include "base/jw.h"
#include "base/mem.h"
#include "base/strmap.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX (64u << 20)
#define ID_BYTES 8
#define MARK ":e1."
#define WRAPPED (CRYPTO_NONCE + CRYPTO_KEY + CRYPTO_TAG)

typedef struct Subject {
    uint8_t id[ID_BYTES];
    Sha256 hash;
    PiiKey key;
    bool erased;
    int64_t erased_us;
} Subject;

struct PiiVault {
    char *dir, *path, *lock;
    char tenant[PII_TENANT_MAX + 1];
    PiiKey master, key;
    Subject *subjects;
    size_t n, cap;
    StrMap *by_hash, *by_id;
    size_t bytes; /* of whole lines that were read */
    ino_t inode;
};

/* ---- keys ---- */

ErrKind pii_key_make(const char *path, Err *reterr)
{
    PiiKey k;
    char text[2 * CRYPTO_KEY + 2];
    crypto_random(k.b, sizeof k.b);
    crypto_hex(k.b, sizeof k.b, text);
    text[2 * CRYPTO_KEY] = '\n';
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_set_errno(reterr, errno == EEXIST ? ERR_CONFLICT : ERR_IO, errno, "create %s", path);
    bool ok = write(fd, text, 2 * CRYPTO_KEY + 1) == 2 * CRYPTO_KEY + 1 && fsync(fd) == 0;
    int why = errno;
    close(fd);
    crypto_wipe(text, sizeof text);
    crypto_wipe(&k, sizeof k);
    if (ok)
        return ERR_NONE;
    unlink(path);
    return err_set_errno(reterr, ERR_IO, why, "write %s", path);
}

ErrKind pii_key_read(const char *path, PiiKey *ret, Err *reterr)
{
    struct stat st;
    if (stat(path, &st) == 0 && (st.st_mode & 077) != 0)
        return err_set(reterr, ERR_DENIED, "%s: others may read this key; chmod 600 it", path);
    CLEANUP(buf_done) Buf text = BUF(4096);
    TRY(file_read(path, &text, reterr));
    bool ok = crypto_unhex(str_trim(buf_str(&text)), ret->b, sizeof ret->b);
    crypto_wipe(text.ptr, text.len);
    return ok ? ERR_NONE : err_set(reterr, ERR_INVALID, "%s: no key: 64 hexadecimal digits are needed", path);
}

PiiKey pii_key_derive(const PiiKey *k, const char *purpose, Str name)
{
    CLEANUP(buf_done) Buf label = BUF(1u << 20);
    buf_addf(&label, "ehub pii %s:", purpose);
    buf_add_str(&label, name);
    Sha256 h = crypto_hmac_sha256((Str){(const char *)k->b, sizeof k->b}, buf_str(&label));
    PiiKey out;
    memcpy(out.b, h.b, sizeof out.b);
    return out;
}

static void wrap(const PiiKey *by, Str label, const PiiKey *k, Buf *out)
{
    CLEANUP(buf_done) Buf raw = BUF(WRAPPED + 1);
    uint8_t nonce[CRYPTO_NONCE];
    crypto_random(nonce, sizeof nonce);
    buf_add(&raw, nonce, sizeof nonce);
    crypto_seal(by->b, nonce, label, (Str){(const char *)k->b, sizeof k->b}, &raw);
    crypto_base64url(out, raw.ptr, raw.len);
}

static bool unwrap(const PiiKey *by, Str label, Str text, PiiKey *ret)
{
    CLEANUP(buf_done) Buf raw = BUF(256), plain = BUF(64);
    if (!crypto_unbase64url(text, &raw) || raw.len != WRAPPED ||
        !crypto_unseal(by->b, (const uint8_t *)raw.ptr, label,
                       str_slice(buf_str(&raw), CRYPTO_NONCE, raw.len), &plain))
        return false;
    memcpy(ret->b, plain.ptr, sizeof ret->b);
    crypto_wipe(plain.ptr, plain.len);
    return true;
}

/* ---- the file ---- */

static Str bytes_of(const void *p, size_t n)
{
    return (Str){p, n};
}

static void forget(PiiVault *v)
{
    if (v->subjects)
        crypto_wipe(v->subjects, v->cap * sizeof *v->subjects);
    mem_free(v->subjects);
    strmap_free(v->by_hash);
    strmap_free(v->by_id);
    v->subjects = NULL;
    v->n = v->cap = v->bytes = 0;
    v->by_hash = strmap_new();
    v->by_id = strmap_new();
}

static void remember(PiiVault *v, const Subject *s)
{
    if (v->n == v->cap) {
        v->cap = v->cap ? v->cap * 2 : 16;
        v->subjects = mem_grow(v->subjects, v->cap, sizeof *v->subjects);
    }
    uint32_t i = (uint32_t)v->n++;
    v->subjects[i] = *s;
    strmap_set(v->by_id, bytes_of(s->id, ID_BYTES), i);
    if (!s->erased)
        strmap_set(v->by_hash, bytes_of(s->hash.b, sizeof s->hash.b), i);
}

static ErrKind read_tenant_line(PiiVault *v, const Jv *line, Err *reterr)
{
    if (jv_get_i64(line, "v", 0) != 1)
        return err_set(reterr, ERR_CORRUPT, "%s:1: no vault of version 1", v->path);
    if (jv_get_str(line, "erased").len > 0)
        return err_set(reterr, ERR_NOT_FOUND, "the keys of tenant %s were destroyed", v->tenant);
    if (!unwrap(&v->master, str_from(v->tenant), jv_get_str(line, "key"), &v->key))
        return err_set(reterr, ERR_DENIED, "this key does not open the vault of tenant %s", v->tenant);
    return ERR_NONE;
}

static ErrKind read_subject_line(PiiVault *v, const Jv *line, size_t number, Err *reterr)
{
    Subject s = {0};
    Str id = jv_get_str(line, "id"), erased = jv_get_str(line, "erased");
    bool ok = crypto_unhex(id, s.id, sizeof s.id);
    if (erased.len > 0)
        s.erased = clock_parse(erased, &s.erased_us);
    else
        ok = ok && crypto_unhex(jv_get_str(line, "subject"), s.hash.b, sizeof s.hash.b) &&
             unwrap(&v->key, id, jv_get_str(line, "key"), &s.key);
    if (!ok || v->n >= PII_VAULT_SUBJECTS_MAX)
        return err_set(reterr, ERR_CORRUPT, "%s:%zu: damaged", v->path, number);
    remember(v, &s);
    crypto_wipe(&s, sizeof s);
    return ERR_NONE;
}

static ErrKind load(PiiVault *v, Err *reterr)
{
    CLEANUP(buf_done) Buf text = BUF(FILE_MAX);
    forget(v);
    TRY(file_read(v->path, &text, reterr));
    struct stat st;
    v->inode = stat(v->path, &st) == 0 ? st.st_ino : 0;
    size_t number = 0;
    for (const char *eol;
         text.len > 0 && (eol = memchr(text.ptr + v->bytes, '\n', text.len - v->bytes)) != NULL;) {
        CLEANUP(jv_freep) Jv *line = NULL;
        const char *from = text.ptr + v->bytes;
        if (jv_parse((Str){from, (size_t)(eol - from)}, &line, reterr) != ERR_NONE)
            return err_set(reterr, ERR_CORRUPT, "%s:%zu: damaged", v->path, number + 1);
        TRY(number++ == 0 ? read_tenant_line(v, line, reterr) : read_subject_line(v, line, number, reterr));
        v->bytes = (size_t)(eol - text.ptr) + 1;
        if (v->bytes == text.len)
            break;
    }
    return number > 0 ? ERR_NONE : err_set(reterr, ERR_CORRUPT, "%s: empty", v->path);
}

static void line_of_tenant(const PiiVault *v, bool erased, Buf *out)
{
    Jw w = jw(out);
    jw_obj(&w);
    jw_kv_i64(&w, "v", 1);
    jw_kv_cstr(&w, "tenant", v->tenant);
    if (erased) {
        jw_key(&w, "erased");
        jw_time_us(&w, clock_now_us());
    } else {
        CLEANUP(buf_done) Buf key = BUF(256);
        wrap(&v->master, str_from(v->tenant), &v->key, &key);
        jw_kv_str(&w, "key", buf_str(&key));
    }
    jw_end(&w);
    buf_add_char(out, '\n');
}

static void line_of_subject(const PiiVault *v, const Subject *s, Buf *out)
{
    char id[2 * ID_BYTES + 1], hash[2 * sizeof s->hash.b + 1];
    crypto_hex(s->id, sizeof s->id, id);
    Jw w = jw(out);
    jw_obj(&w);
    jw_kv_cstr(&w, "id", id);
    if (s->erased) {
        jw_key(&w, "erased");
        jw_time_us(&w, s->erased_us);
    } else {
        CLEANUP(buf_done) Buf key = BUF(256);
        crypto_hex(s->hash.b, sizeof s->hash.b, hash);
        wrap(&v->key, str_from(id), &s->key, &key);
        jw_kv_cstr(&w, "subject", hash);
        jw_kv_str(&w, "key", buf_str(&key));
    }
    jw_end(&w);
    buf_add_char(out, '\n');
}

/* ---- changes, under the lock ---- */

static ErrKind lock(const PiiVault *v, int *ret, Err *reterr)
{
    *ret = open(v->lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (*ret < 0)
        return err_set_errno(reterr, ERR_IO, errno, "open %s", v->lock);
    int rc;
    do
        rc = flock(*ret, LOCK_EX);
    while (rc != 0 && errno == EINTR);
    return rc == 0 ? ERR_NONE : err_set_errno(reterr, ERR_IO, errno, "lock %s", v->lock);
}

static void unlock(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

static ErrKind load_if_changed(PiiVault *v, Err *reterr)
{
    struct stat st;
    if (stat(v->path, &st) == 0 && st.st_ino == v->inode && (size_t)st.st_size == v->bytes)
        return ERR_NONE;
    return load(v, reterr);
}

ErrKind pii_vault_refresh(PiiVault *v, Err *reterr)
{
    return load_if_changed(v, reterr);
}

static ErrKind append(PiiVault *v, Str line, Err *reterr)
{
    int fd = open(v->path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set_errno(reterr, ERR_IO, errno, "open %s", v->path);
    bool ok = ftruncate(fd, (off_t)v->bytes) == 0 &&
              pwrite(fd, line.ptr, line.len, (off_t)v->bytes) == (ssize_t)line.len && fsync(fd) == 0;
    int why = errno;
    close(fd);
    if (!ok)
        return err_set_errno(reterr, ERR_IO, why, "write %s", v->path);
    v->bytes += line.len;
    return ERR_NONE;
}

static Sha256 hash_subject(const PiiVault *v, Str subject)
{
    PiiKey k = pii_key_derive(&v->key, "subject", STR(""));
    return crypto_hmac_sha256(bytes_of(k.b, sizeof k.b), subject);
}

static ErrKind create_tenant(PiiVault *v, Err *reterr)
{
    TRY(file_mkdirs(v->dir, 0700, reterr));
    CLEANUP(unlock) int held = -1;
    TRY(lock(v, &held, reterr));
    if (file_exists(v->path))
        return ERR_NONE;
    CLEANUP(buf_done) Buf line = BUF(4096);
    crypto_random(v->key.b, sizeof v->key.b);
    line_of_tenant(v, false, &line);
    return file_write(v->path, buf_str(&line), 0600, reterr);
}

static bool is_tenant(Str t)
{
    bool ok = t.len >= 1 && t.len <= PII_TENANT_MAX;
    for (size_t i = 0; ok && i < t.len; i++) {
        char c = t.ptr[i];
        ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
             c == '_';
    }
    return ok;
}

ErrKind pii_vault_open(const char *dir, const PiiKey *master, Str tenant, bool create, PiiVault **ret,
                       Err *reterr)
{
    *ret = NULL;
    if (!is_tenant(tenant))
        return err_set(reterr, ERR_INVALID, "a tenant has 1 to %d letters, digits, '-' or '_'",
                       PII_TENANT_MAX);
    CLEANUP(pii_vault_freep) PiiVault *v = MEM_NEW(PiiVault);
    CLEANUP(buf_done) Buf path = BUF(8192);
    (void)str_copy(v->tenant, sizeof v->tenant, tenant);
    v->master = pii_key_derive(master, "wrap", STR(""));
    v->dir = mem_strdup(dir);
    buf_addf(&path, "%s/%s.keys", dir, v->tenant);
    v->path = mem_strdup(buf_cstr(&path));
    buf_clear(&path);
    buf_addf(&path, "%s/%s.lock", dir, v->tenant);
    v->lock = mem_strdup(buf_cstr(&path));
    TRY(buf_check(&path, reterr));
    if (create && !file_exists(v->path))
        TRY(create_tenant(v, reterr));
    TRY(load(v, reterr));
    *ret = v;
    v = NULL;
    return ERR_NONE;
}

void pii_vault_free(PiiVault *v)
{
    if (!v)
        return;
    forget(v);
    strmap_free(v->by_hash);
    strmap_free(v->by_id);
    mem_free(v->dir);
    mem_free(v->path);
    mem_free(v->lock);
    crypto_wipe(v, sizeof *v);
    mem_free(v);
}

ErrKind pii_vault_subject(PiiVault *v, Str subject, uint32_t *ret, Err *reterr)
{
    Sha256 hash = hash_subject(v, subject);
    if (strmap_get(v->by_hash, bytes_of(hash.b, sizeof hash.b), ret))
        return ERR_NONE;
    CLEANUP(unlock) int held = -1;
    TRY(lock(v, &held, reterr));
    TRY(load_if_changed(v, reterr));
    if (strmap_get(v->by_hash, bytes_of(hash.b, sizeof hash.b), ret))
        return ERR_NONE;
    if (v->n >= PII_VAULT_SUBJECTS_MAX)
        return err_set(reterr, ERR_LIMIT, "tenant %s has %d subjects, the most there may be", v->tenant,
                       PII_VAULT_SUBJECTS_MAX);
    Subject s = {.hash = hash};
    uint32_t unused;
    do
        crypto_random(s.id, sizeof s.id);
    while (strmap_get(v->by_id, bytes_of(s.id, ID_BYTES), &unused));
    crypto_random(s.key.b, sizeof s.key.b);
    CLEANUP(buf_done) Buf line = BUF(4096);
    line_of_subject(v, &s, &line);
    TRY(append(v, buf_str(&line), reterr));
    remember(v, &s);
    *ret = (uint32_t)v->n - 1;
    crypto_wipe(&s, sizeof s);
    return ERR_NONE;
}

static ErrKind rewrite(PiiVault *v, Err *reterr)
{
    CLEANUP(buf_done) Buf text = BUF(FILE_MAX);
    line_of_tenant(v, false, &text);
    for (size_t i = 0; i < v->n; i++)
        line_of_subject(v, &v->subjects[i], &text);
    TRY(buf_check(&text, reterr));
    return file_write(v->path, buf_str(&text), 0600, reterr);
}

ErrKind pii_vault_erase_subject(PiiVault *v, Str subject, Err *reterr)
{
    CLEANUP(unlock) int held = -1;
    TRY(lock(v, &held, reterr));
    TRY(load(v, reterr));
    Sha256 hash = hash_subject(v, subject);
    uint32_t i;
    if (!strmap_get(v->by_hash, bytes_of(hash.b, sizeof hash.b), &i))
        return err_set(reterr, ERR_NOT_FOUND, "tenant %s has no key of this subject", v->tenant);
    Subject *s = &v->subjects[i];
    s->erased = true;
    s->erased_us = clock_now_us();
    crypto_wipe(&s->key, sizeof s->key);
    crypto_wipe(&s->hash, sizeof s->hash);
    TRY(rewrite(v, reterr));
    return load(v, reterr);
}

ErrKind pii_vault_erase_tenant(PiiVault *v, Err *reterr)
{
    CLEANUP(unlock) int held = -1;
    TRY(lock(v, &held, reterr));
    CLEANUP(buf_done) Buf line = BUF(4096);
    line_of_tenant(v, true, &line);
    TRY(file_write(v->path, buf_str(&line), 0600, reterr));
    forget(v);
    crypto_wipe(&v->key, sizeof v->key);
    return ERR_NONE;
}

/* ---- tokens ---- */

/* [TYPE:e1.BASE64URL] of the id of the subject's key, nonce, ciphertext and tag. */
ErrKind pii_vault_seal(const PiiVault *v, uint32_t subject, PiiType type, Str value, Buf *out, Err *reterr)
{
    BUG_ON(subject >= v->n);
    if (value.len > PII_VAULT_VALUE_MAX)
        return err_set(reterr, ERR_LIMIT, "a value of %zu bytes, at most %d", value.len, PII_VAULT_VALUE_MAX);
    const Subject *s = &v->subjects[subject];
    if (s->erased)
        return err_set(reterr, ERR_NOT_FOUND, "the key of this subject was destroyed");
    const char *name = pii_type_name(type);
    CLEANUP(buf_done) Buf raw = BUF(PII_TOKEN_MAX);
    PiiKey k = pii_key_derive(&s->key, name, value);
    buf_add(&raw, s->id, ID_BYTES);
    buf_add(&raw, k.b, CRYPTO_NONCE);
    crypto_seal(s->key.b, k.b, str_from(name), value, &raw);
    TRY(buf_check(&raw, reterr));
    buf_add_char(out, '[');
    buf_add_c(out, name);
    buf_add_c(out, MARK);
    crypto_base64url(out, raw.ptr, raw.len);
    buf_add_char(out, ']');
    return buf_check(out, reterr);
}

ErrKind pii_vault_unseal(const PiiVault *v, Str token, Buf *out, Err *reterr)
{
    CLEANUP(buf_done) Buf raw = BUF(PII_TOKEN_MAX);
    ptrdiff_t mark = str_find(token, STR(MARK));
    if (pii_token_len(token) != token.len || mark < 0 ||
        !crypto_unbase64url(str_slice(token, (size_t)mark + strlen(MARK), token.len - 1), &raw) ||
        raw.len < ID_BYTES + CRYPTO_NONCE + CRYPTO_TAG)
        return err_set(reterr, ERR_CORRUPT, "a damaged token");
    uint32_t i;
    if (!strmap_get(v->by_id, bytes_of(raw.ptr, ID_BYTES), &i))
        return err_set(reterr, ERR_NOT_FOUND, "the key of a token is not in the vault of tenant %s",
                       v->tenant);
    const Subject *s = &v->subjects[i];
    if (s->erased)
        return err_set(reterr, ERR_NOT_FOUND, "the key of a token was destroyed");
    const uint8_t *nonce = (const uint8_t *)raw.ptr + ID_BYTES;
    if (!crypto_unseal(s->key.b, nonce, str_slice(token, 1, (size_t)mark),
                       str_slice(buf_str(&raw), ID_BYTES + CRYPTO_NONCE, raw.len), out))
        return err_set(reterr, ERR_CORRUPT, "a damaged token");
    return ERR_NONE;
}

static bool in_name(char c)
{
    return (c >= 'A' && c <= 'Z') || c == '_';
}

static bool in_base64url(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

size_t pii_token_len(Str text)
{
    size_t at = 1, mark = strlen(MARK);
    if (text.len < 8 || text.ptr[0] != '[')
        return 0;
    while (at < text.len && at < 32 && in_name(text.ptr[at]))
        at++;
    if (at == 1 || !str_starts(str_slice(text, at, text.len), STR(MARK)))
        return 0;
    at += mark;
    while (at < text.len && at < PII_TOKEN_MAX && in_base64url(text.ptr[at]))
        at++;
    return at < text.len && text.ptr[at] == ']' ? at + 1 : 0;
}

size_t pii_token_find(Str text, size_t from)
{
    while (from < text.len) {
        const char *p = memchr(text.ptr + from, '[', text.len - from);
        if (!p)
            return text.len;
        from = (size_t)(p - text.ptr);
        if (pii_token_len(str_slice(text, from, text.len)) > 0)
            return from;
        from++;
    }
    return text.len;
}

size_t pii_vault_restore(const PiiVault *v, Str text, bool last, Buf *out, uint64_t *back, uint64_t *left)
{
    size_t at = 0;
    for (;;) {
        size_t token = pii_token_find(text, at);
        buf_add_str(out, str_slice(text, at, token));
        if (token == text.len)
            break;
        size_t len = pii_token_len(str_slice(text, token, text.len));
        Str whole = str_slice(text, token, token + len);
        bool known = pii_vault_unseal(v, whole, out, NULL) == ERR_NONE;
        if (!known)
            buf_add_str(out, whole);
        *back += known;
        *left += !known;
        at = token + len;
    }
    if (last)
        return text.len;
    /* The tail was added above: take back what may be the beginning of a token. */
    size_t from = MAX(at, text.len - MIN(text.len, PII_TOKEN_MAX));
    const char *open = from < text.len ? memchr(text.ptr + from, '[', text.len - from) : NULL;
    size_t done = open ? (size_t)(open - text.ptr) : text.len;
    out->len -= text.len - done;
    return done;
}
