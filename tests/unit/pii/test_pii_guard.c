#include "harness/t.h"

#include "base/file.h"
#include "base/mem.h"
#include "pii/pii_guard.h"
#include "pii/pii_vault.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const PiiWhere HERE = {.source = "test"};

static PiiGuard *open_guard(const PiiGuardOptions *o)
{
    PiiGuard *g = NULL;
    Err err = {0};
    T_OK(pii_guard_new(o, &g, &err), err);
    return g;
}

static const char *stored(PiiGuard *g, const PiiWhere *where, const char *text)
{
    static Buf out = BUF(8u << 20);
    buf_clear(&out);
    (void)pii_guard_text(g, where, PII_FOR_STORE, str_from(text), &out);
    return buf_cstr(&out);
}

static const char *message(PiiGuard *g, const char *text)
{
    static Buf out = BUF(8u << 20);
    buf_clear(&out);
    (void)pii_guard_message(g, &HERE, str_from(text), &out);
    return buf_cstr(&out);
}

TEST(stored_text_keeps_its_words_and_loses_the_values)
{
    CLEANUP(pii_guard_freep) PiiGuard *g = open_guard(&PII_GUARD_DEFAULT);
    assert_string_equal(stored(g, &HERE, "Please call Maria Lopez at (212) 736-5000 before Friday."),
                        "Please call [PERSON] at [PHONE_NUMBER] before Friday.");
    assert_string_equal(stored(g, &HERE, "her SSN is 536-22-8719"), "her SSN is [US_SSN]");
    assert_string_equal(stored(g, &HERE, ""), "");
    assert_string_equal(stored(g, &HERE, "Two open houses this week, then price review."),
                        "Two open houses this week, then price review.");
}

TEST(a_message_of_ours_stays_readable_and_what_it_quotes_is_cleaned)
{
    static const struct {
        const char *text, *expected;
    } rows[] = {
        {"connection to ehub_shard_2 lost: server closed the connection unexpectedly",
         "connection to ehub_shard_2 lost: server closed the connection unexpectedly"},
        {"invalid input syntax for type uuid: \"jo.park@mail.test\"",
         "invalid input syntax for type uuid: \"[EMAIL_ADDRESS]\""},
        {"the playbook has no entry \"Mary Johnson\"", "the playbook has no entry \"[PERSON]\""},
        /* A quotation mark inside the value does not end the part that is looked at. */
        {"the playbook has no entry \"a\" Mary Johnson \"b\"",
         "the playbook has no entry \"a\" [PERSON] \"b\""},
        {"call 212-736-5000 failed", "call [PHONE_NUMBER] failed"},
        {"member \"at\" must be an RFC 3339 time", "member \"at\" must be an RFC 3339 time"},
        {"the body has 1048577 bytes; 1048576 are allowed",
         "the body has 1048577 bytes; 1048576 are allowed"},
        {"019ac04e-5f2a-7c3d-8e11-5a5b5c5d5e5f", "019ac04e-5f2a-7c3d-8e11-5a5b5c5d5e5f"},
        {"", ""},
    };
    CLEANUP(pii_guard_freep) PiiGuard *g = open_guard(&PII_GUARD_DEFAULT);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_string_equal(message(g, rows[i].text), rows[i].expected);
}

TEST(what_cannot_be_looked_at_is_withheld)
{
    CLEANUP(pii_guard_freep) PiiGuard *g = open_guard(&PII_GUARD_DEFAULT);
    char *big = mem_zalloc(PII_TEXT_MAX + 20);
    memset(big, 'x', PII_TEXT_MAX + 10);
    assert_memory_equal(stored(g, &HERE, big), "[WITHHELD: ", 11);
    assert_null(strstr(stored(g, &HERE, big), "xxx"));
    assert_memory_equal(message(g, big), "[WITHHELD: ", 11);
    mem_free(big);
}

TEST(a_purpose_that_is_off_passes_texts_as_they_are)
{
    PiiGuardOptions o = PII_GUARD_DEFAULT;
    o.off[PII_FOR_STORE] = true;
    CLEANUP(pii_guard_freep) PiiGuard *g = open_guard(&o);
    assert_string_equal(stored(g, &HERE, "call 212-736-5000"), "call 212-736-5000");
    assert_string_equal(message(g, "call 212-736-5000"), "call [PHONE_NUMBER]");
}

TEST(every_finding_is_counted_with_its_place_rule_and_action_and_never_its_value)
{
    CLEANUP(pii_guard_freep) PiiGuard *g = open_guard(&PII_GUARD_DEFAULT);
    PiiWhere where = {.tenant = uuid_v7(), .source = "api POST /v1/x"};
    size_t n;
    (void)stored(g, &where, "mail jo@mail.test and ann@mail.test on 2026-01-31");
    CLEANUP(mem_freep) PiiTallyRow *rows = pii_tally_take(pii_guard_tally(g), &n);
    assert_int_equal(n, 2);
    for (size_t i = 0; i < n; i++) {
        bool mail = rows[i].type == PII_EMAIL_ADDRESS;
        assert_true(mail || rows[i].type == PII_DATE_TIME);
        assert_int_equal(rows[i].n, mail ? 2 : 1);
        assert_string_equal(pii_action_word(rows[i].action), mail ? "redact" : "keep");
        assert_string_equal(pii_rule_name(rows[i].rule), mail ? "email" : "date year first");
        assert_string_equal(rows[i].source, "api POST /v1/x");
        assert_true(uuid_eq(rows[i].tenant, where.tenant));
    }
}

/* ---- the vault ---- */

TEST(with_a_vault_values_come_back_until_the_key_of_their_subject_is_destroyed)
{
    char dir[] = "/tmp/ehub-guard-XXXXXX", key[64], keys[64], lock[64];
    Err err = {0};
    assert_non_null(mkdtemp(dir));
    (void)snprintf(key, sizeof key, "%s/key", dir);
    (void)snprintf(keys, sizeof keys, "%s/acme.keys", dir);
    (void)snprintf(lock, sizeof lock, "%s/acme.lock", dir);
    T_OK(pii_key_make(key, &err), err);
    PiiGuardOptions o = PII_GUARD_DEFAULT;
    o.vault = dir;
    PiiGuard *none = NULL;
    T_FAILS(ERR_INVALID, pii_guard_new(&o, &none, &err)); /* without a key */
    o.key = key;
    CLEANUP(pii_guard_freep) PiiGuard *g = open_guard(&o);
    CLEANUP(buf_done) Buf back = BUF(4096);
    PiiWhere ann = {.tenant = uuid_v7(), .slug = "acme", .source = "t", .subject = "ann"}, bob = ann;
    bob.subject = "bob";
    char of_ann[400], of_bob[400];
    uint64_t n, left;
    T_FAILS(ERR_NOT_FOUND, pii_guard_restore(g, "acme", STR("x"), &back, &n, &left, &err));
    (void)str_copy(of_ann, sizeof of_ann, str_from(stored(g, &ann, "mail jo@mail.test, SSN 536-22-8719")));
    (void)str_copy(of_bob, sizeof of_bob, str_from(stored(g, &bob, "mail jo@mail.test")));
    assert_non_null(strstr(of_ann, "[EMAIL_ADDRESS:e1."));
    assert_non_null(strstr(of_ann, "[US_SSN]"));
    assert_string_not_equal(of_ann, of_bob);
    assert_string_equal(stored(g, &ann, of_ann), of_ann); /* twice changes nothing */

    T_OK(pii_guard_restore(g, "acme", str_from(of_ann), &back, &n, &left, &err), err);
    assert_string_equal(buf_cstr(&back), "mail jo@mail.test, SSN [US_SSN]");
    assert_int_equal(n, 1);
    T_OK(pii_guard_erase(g, "acme", STR("ann"), &err), err);
    T_FAILS(ERR_NOT_FOUND, pii_guard_erase(g, "acme", STR("ann"), &err));
    buf_clear(&back);
    T_OK(pii_guard_restore(g, "acme", str_from(of_ann), &back, &n, &left, &err), err);
    assert_string_equal(buf_cstr(&back), of_ann);
    assert_int_equal(left, 1);
    buf_clear(&back);
    T_OK(pii_guard_restore(g, "acme", str_from(of_bob), &back, &n, &left, &err), err);
    assert_string_equal(buf_cstr(&back), "mail jo@mail.test");

    /* A damaged vault loses no text. */
    T_OK(file_write(keys, STR("damaged\n"), 0600, &err), err);
    assert_string_equal(stored(g, &bob, "mail jo@mail.test"), "mail [EMAIL_ADDRESS]");
    unlink(keys);
    unlink(lock);
    unlink(key);
    rmdir(dir);
}

TEST(without_a_vault_nothing_comes_back)
{
    CLEANUP(pii_guard_freep) PiiGuard *g = open_guard(&PII_GUARD_DEFAULT);
    CLEANUP(buf_done) Buf back = BUF(4096);
    Err err = {0};
    uint64_t n, left;
    T_FAILS(ERR_UNSUPPORTED, pii_guard_restore(g, "acme", STR("x"), &back, &n, &left, &err));
    T_FAILS(ERR_UNSUPPORTED, pii_guard_erase(g, "acme", STR("ann"), &err));
}

/* ---- tenants ---- */

static const char *folder_with(const char *name, const char *yaml)
{
    static char dir[64], path[128];
    Err err;
    (void)str_copy(dir, sizeof dir, STR("/tmp/ehub-guard-XXXXXX"));
    assert_non_null(mkdtemp(dir));
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    T_OK(file_write(path, str_from(yaml), 0600, &err), err);
    return dir;
}

static void drop(const char *dir, const char *name)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    unlink(path);
    rmdir(dir);
}

TEST(a_tenants_own_words_and_allow_list_count_for_that_tenant_alone)
{
    const char *dir = folder_with("acme.yaml", "words: [Project Heron]\nallow: [jo@acme.test]\n");
    PiiGuardOptions o = PII_GUARD_DEFAULT;
    o.custom = dir;
    CLEANUP(pii_guard_freep) PiiGuard *g = open_guard(&o);
    PiiWhere acme = {.tenant = uuid_v7(), .slug = "acme", .source = "t"}, other = acme;
    other.slug = "other";
    assert_string_equal(stored(g, &acme, "about project heron: jo@acme.test"),
                        "about [CUSTOM]: jo@acme.test");
    assert_string_equal(stored(g, &other, "about project heron: jo@acme.test"),
                        "about project heron: [EMAIL_ADDRESS]");
    drop(dir, "acme.yaml");
}

TEST(a_mistake_in_a_tenants_file_stops_the_start_and_is_named)
{
    const char *dir = folder_with("acme.yaml", "words: [ab]\nwrods: [b]\n");
    PiiGuardOptions o = PII_GUARD_DEFAULT;
    PiiGuard *g = NULL;
    Err err = {0};
    o.custom = dir;
    T_FAILS(ERR_INVALID, pii_guard_new(&o, &g, &err));
    assert_non_null(strstr(err.msg, "acme.yaml:2"));
    drop(dir, "acme.yaml");
    T_FAILS(ERR_NOT_FOUND, pii_guard_new(&o, &g, &err));
    assert_null(g);
}

TEST(a_tenants_file_is_read_again_and_a_bad_one_changes_nothing)
{
    const char *dir = folder_with("acme.yaml", "words: [Project Heron]\n");
    char path[128];
    PiiGuardOptions o = PII_GUARD_DEFAULT;
    Err err = {0};
    o.custom = dir;
    (void)snprintf(path, sizeof path, "%s/acme.yaml", dir);
    CLEANUP(pii_guard_freep) PiiGuard *g = open_guard(&o);
    PiiWhere acme = {.tenant = uuid_v7(), .slug = "acme", .source = "t"};
    T_OK(file_write(path, STR("words: [Project Egret]\n"), 0600, &err), err);
    assert_string_equal(stored(g, &acme, "heron: project heron, egret: project egret"),
                        "heron: [CUSTOM], egret: project egret");
    T_OK(pii_guard_reload(g, &o, &err), err);
    assert_string_equal(stored(g, &acme, "heron: project heron, egret: project egret"),
                        "heron: project heron, egret: [CUSTOM]");
    T_OK(file_write(path, STR("wrods: [b]\n"), 0600, &err), err);
    T_FAILS(ERR_INVALID, pii_guard_reload(g, &o, &err));
    assert_string_equal(stored(g, &acme, "egret: project egret"), "egret: [CUSTOM]");
    o.custom = NULL;
    o.off[PII_FOR_STORE] = true;
    T_OK(pii_guard_reload(g, &o, &err), err);
    assert_string_equal(stored(g, &acme, "egret: project egret, 212-736-5000"),
                        "egret: project egret, 212-736-5000");
    drop(dir, "acme.yaml");
}

TEST(hashes_of_two_tenants_cannot_be_joined)
{
    CLEANUP(pii_guard_freep) PiiGuard *g = open_guard(&PII_GUARD_DEFAULT);
    PiiWhere a = {.tenant = uuid_v7()}, b = {.tenant = uuid_v7()};
    char first[200];
    (void)str_copy(first, sizeof first, str_from(stored(g, &a, "from 93.184.216.34 today")));
    assert_non_null(strstr(first, "[IP_ADDRESS:h."));
    assert_string_not_equal(stored(g, &b, "from 93.184.216.34 today"), first);
    assert_string_equal(stored(g, &a, "from 93.184.216.34 today"), first);
}

static void *many(void *arg)
{
    CLEANUP(buf_done) Buf out = BUF(4096);
    for (int i = 0; i < 200; i++) {
        buf_clear(&out);
        (void)pii_guard_message(arg, &HERE, STR("\"Maria Lopez\" at 212-736-5000"), &out);
        if (!str_eq_c(buf_str(&out), "\"[PERSON]\" at [PHONE_NUMBER]"))
            return arg;
    }
    return NULL;
}

TEST(threads_share_one_guard)
{
    enum { N = 4 };
    CLEANUP(pii_guard_freep) PiiGuard *g = open_guard(&PII_GUARD_DEFAULT);
    pthread_t threads[N];
    for (int i = 0; i < N; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, many, g), 0);
    for (int i = 0; i < 5; i++) { /* while they work */
        Err err = {0};
        T_OK(pii_guard_reload(g, &PII_GUARD_DEFAULT, &err), err);
    }
    for (int i = 0; i < N; i++) {
        void *failed;
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
}

T_MAIN(T(with_a_vault_values_come_back_until_the_key_of_their_subject_is_destroyed),
       T(without_a_vault_nothing_comes_back), T(stored_text_keeps_its_words_and_loses_the_values),
       T(a_message_of_ours_stays_readable_and_what_it_quotes_is_cleaned),
       T(what_cannot_be_looked_at_is_withheld), T(a_purpose_that_is_off_passes_texts_as_they_are),
       T(every_finding_is_counted_with_its_place_rule_and_action_and_never_its_value),
       T(a_tenants_own_words_and_allow_list_count_for_that_tenant_alone),
       T(a_mistake_in_a_tenants_file_stops_the_start_and_is_named),
       T(a_tenants_file_is_read_again_and_a_bad_one_changes_nothing),
       T(hashes_of_two_tenants_cannot_be_joined), T(threads_share_one_guard))
