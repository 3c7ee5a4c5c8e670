#include "pii/pii_guard_impl.h"

#include "base/mem.h"
#include "base/strmap.h"
#include "metrics/metrics.h"
#include "pii/pii_vaults.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static Metric m_unsealed = METRIC_COUNTER("ehub_pii_unsealed_total",
                                          "Texts that were redacted because their vault could not be used.");

const PiiGuardOptions PII_GUARD_DEFAULT = {.min_score = 0.4f};

/* What one reading of the settings gives. Calls that began with it keep it to their end. */
struct PiiFinders {
    PiiFinder *finders; /* [0]: of tenants without a file */
    size_t n, cap;
    StrMap *by_slug;
    bool off[PII_N_PURPOSES];
    size_t holders; /* under the guard's lock */
};

struct PiiGuard {
    PiiKey key;
    PiiTally *tally;
    PiiVaults *vaults; /* NULL: none */
    pthread_mutex_t lock;
    PiiFinders *now;
};

/* ---- making ---- */

static ErrKind finder_open(const PiiGuardOptions *o, const char *custom, PiiFinder *f, Err *reterr)
{
    PiiOptions so = PII_OPTIONS_DEFAULT;
    *f = (PiiFinder){0};
    pthread_mutex_init(&f->lock, NULL);
    if (custom)
        TRY(pii_custom_load(custom, &f->custom, reterr));
    so.custom = f->custom;
    so.min_score = o->min_score;
    Err why = {0};
    if (o->packs && o->packs[0] && pii_packs_read(str_from(o->packs), &so.packs, &why) != ERR_NONE)
        return err_set(reterr, ERR_INVALID, "pii.packs: %s", why.msg);
    TRY(pii_scanner_new(&so, &f->scanner, reterr));
    so.names = false;
    return pii_scanner_new(&so, &f->plain, reterr);
}

static void finder_done(PiiFinder *f)
{
    while (f->idle) {
        PiiDesk *d = f->idle;
        f->idle = d->next;
        pii_scratch_free(d->scratch);
        pii_scratch_free(d->scratch_plain);
        pii_found_done(&d->found);
        pii_found_done(&d->quoted);
        for (int i = 0; i < PII_N_PURPOSES; i++)
            pii_act_free(d->act[i]);
        mem_free(d);
    }
    pii_scanner_free(f->scanner);
    pii_scanner_free(f->plain);
    pii_custom_free(f->custom);
    pthread_mutex_destroy(&f->lock);
}

static ErrKind add_finder(PiiFinders *all, const PiiGuardOptions *o, const char *path, Str slug, Err *reterr)
{
    if (all->n > PII_GUARD_TENANTS_MAX)
        return err_set(reterr, ERR_LIMIT, "pii.custom: more than %d files", PII_GUARD_TENANTS_MAX);
    if (all->n == all->cap) {
        all->cap = MAX(4, all->cap * 2);
        all->finders = mem_grow(all->finders, all->cap, sizeof *all->finders);
    }
    PiiFinder *f = &all->finders[all->n++];
    if (slug.ptr)
        strmap_add(all->by_slug, slug, (uint32_t)(all->n - 1));
    return finder_open(o, path, f, reterr);
}

static ErrKind add_tenant(PiiFinders *all, const PiiGuardOptions *o, const char *file, Err *reterr)
{
    char path[PATH_MAX];
    Str name = str_from(file);
    if (file[0] == '.' || !str_ends(name, STR(".yaml")))
        return ERR_NONE;
    if (snprintf(path, sizeof path, "%s/%s", o->custom, file) >= PATH_MAX)
        return err_set(reterr, ERR_LIMIT, "pii.custom: a path is too long");
    return add_finder(all, o, path, str_slice(name, 0, name.len - 5), reterr);
}

static ErrKind add_tenants(PiiFinders *all, const PiiGuardOptions *o, Err *reterr)
{
    DIR *folder = opendir(o->custom);
    if (!folder)
        return err_set_errno(reterr, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, errno,
                             "pii.custom: read the folder %s", o->custom);
    ErrKind kind = ERR_NONE;
    for (struct dirent *e; kind == ERR_NONE && (e = readdir(folder));)
        kind = add_tenant(all, o, e->d_name, reterr);
    closedir(folder);
    return kind;
}

static void finders_free(PiiFinders *all)
{
    if (!all)
        return;
    for (size_t i = 0; i < all->n; i++)
        finder_done(&all->finders[i]);
    mem_free(all->finders);
    strmap_free(all->by_slug);
    mem_free(all);
}
DEFINE_FREEP(PiiFinders, finders_free)

static ErrKind finders_new(const PiiGuardOptions *o, PiiFinders **ret, Err *reterr)
{
    CLEANUP(finders_freep) PiiFinders *all = MEM_NEW(PiiFinders);
    all->by_slug = strmap_new();
    all->holders = 1;
    memcpy(all->off, o->off, sizeof all->off);
    TRY(add_finder(all, o, NULL, STR_NULL, reterr));
    if (o->custom && o->custom[0])
        TRY(add_tenants(all, o, reterr));
    for (size_t i = 0; i < all->n; i++)
        all->finders[i].of = all;
    *ret = all;
    all = NULL;
    return ERR_NONE;
}

ErrKind pii_guard_new(const PiiGuardOptions *o, PiiGuard **ret, Err *reterr)
{
    CLEANUP(pii_guard_freep) PiiGuard *g = MEM_NEW(PiiGuard);
    pthread_mutex_init(&g->lock, NULL);
    g->tally = pii_tally_new();
    if (o->key && o->key[0])
        TRY(pii_key_read(o->key, &g->key, reterr));
    else
        crypto_random(g->key.b, sizeof g->key.b);
    if (o->vault && o->vault[0]) {
        if (!o->key || !o->key[0])
            return err_set(reterr, ERR_INVALID, "pii.vault needs pii.key, the key that opens the vaults");
        g->vaults = pii_vaults_new(o->vault, &g->key);
    }
    TRY(finders_new(o, &g->now, reterr));
    *ret = g;
    g = NULL;
    return ERR_NONE;
}

/* ---- who holds what was read ---- */

static void let_go(PiiGuard *g, PiiFinders *all)
{
    pthread_mutex_lock(&g->lock);
    bool last = --all->holders == 0;
    pthread_mutex_unlock(&g->lock);
    if (last)
        finders_free(all);
}

ErrKind pii_guard_reload(PiiGuard *g, const PiiGuardOptions *o, Err *reterr)
{
    PiiFinders *fresh = NULL;
    TRY(finders_new(o, &fresh, reterr));
    pthread_mutex_lock(&g->lock);
    PiiFinders *before = g->now;
    g->now = fresh;
    pthread_mutex_unlock(&g->lock);
    let_go(g, before);
    return ERR_NONE;
}

PiiFinder *pii_guard_finder(PiiGuard *g, const char *slug)
{
    uint32_t at = 0;
    pthread_mutex_lock(&g->lock);
    PiiFinders *all = g->now;
    all->holders++;
    pthread_mutex_unlock(&g->lock);
    if (slug)
        (void)strmap_get(all->by_slug, str_from(slug), &at);
    return &all->finders[at];
}

void pii_guard_finder_done(PiiGuard *g, PiiFinder *f)
{
    let_go(g, f->of);
}

void pii_guard_free(PiiGuard *g)
{
    if (!g)
        return;
    finders_free(g->now);
    pii_vaults_free(g->vaults);
    pii_tally_free(g->tally);
    pthread_mutex_destroy(&g->lock);
    crypto_wipe(&g->key, sizeof g->key);
    mem_free(g);
}

PiiTally *pii_guard_tally(PiiGuard *g)
{
    return g->tally;
}

/* ---- what a call works with ---- */

PiiDesk *pii_desk_take(PiiFinder *f)
{
    pthread_mutex_lock(&f->lock);
    PiiDesk *d = f->idle;
    if (d)
        f->idle = d->next;
    pthread_mutex_unlock(&f->lock);
    if (d)
        return d;
    d = MEM_NEW(PiiDesk);
    d->scratch = pii_scratch_new(f->scanner);
    d->scratch_plain = pii_scratch_new(f->plain);
    return d;
}

void pii_desk_put(PiiFinder *f, PiiDesk *d)
{
    pthread_mutex_lock(&f->lock);
    d->next = f->idle;
    f->idle = d;
    pthread_mutex_unlock(&f->lock);
}

static void act_options(const PiiGuard *g, PiiPurpose purpose, Uuid tenant, PiiActOptions *o)
{
    char id[UUID_TEXT];
    uuid_format(tenant, id);
    pii_act_policy(o, purpose);
    o->key = pii_key_derive(&g->key, "act", str_from(id));
}

PiiAct *pii_guard_act(const PiiGuard *g, PiiPurpose purpose, Uuid tenant, Str conversation)
{
    PiiActOptions o = {0};
    act_options(g, purpose, tenant, &o);
    PiiAct *a = pii_act_new(&o, conversation);
    crypto_wipe(&o, sizeof o);
    return a;
}

static PiiAct *desk_act(const PiiGuard *g, PiiDesk *d, PiiPurpose purpose, Uuid tenant)
{
    if (d->act[purpose] && !uuid_eq(d->act_tenant[purpose], tenant)) {
        pii_act_free(d->act[purpose]);
        d->act[purpose] = NULL;
    }
    if (!d->act[purpose])
        d->act[purpose] = pii_guard_act(g, purpose, tenant, STR_NULL);
    d->act_tenant[purpose] = tenant;
    return d->act[purpose];
}

void pii_guard_count(PiiGuard *g, const PiiWhere *where, PiiPurpose purpose, const PiiSpan *span, bool sealed)
{
    PiiAction action = pii_policy(purpose, span->type);
    PiiTallyRow row = {.tenant = where->tenant,
                       .purpose = purpose,
                       .type = span->type,
                       .rule = span->rule,
                       .action = action == PII_ACT_TOKENISE && !sealed ? PII_ACT_REDACT : action,
                       .n = 1};
    Str source = str_from(where->source ? where->source : "other");
    BUG_ON(!str_copy(row.source, sizeof row.source, str_slice(source, 0, PII_SOURCE_MAX - 1)));
    pii_tally_add(g->tally, &row);
}

void pii_guard_withhold(Buf *out, size_t from, const char *why)
{
    if (!out->failed && out->len > from)
        out->len = from;
    buf_addf(out, "[WITHHELD: %s]", why);
}

/* ---- acting ---- */

static bool is_uuid(Str text)
{
    Uuid id;
    return uuid_parse(text, &id);
}

/* With tokens of the tenant's vault. */
static ErrKind act_sealing(PiiGuard *g, const PiiWhere *where, const PiiDesk *d, Str text, Buf *out,
                           uint64_t counts[PII_N_TYPES], Err *reterr)
{
    PiiVault *v;
    PiiActOptions o = {0};
    TRY(pii_vaults_take(g->vaults, str_from(where->slug), true, &v, reterr));
    ErrKind kind = pii_vault_subject(v, str_from(where->subject ? where->subject : PII_SUBJECT_DEFAULT),
                                     &o.subject, reterr);
    if (kind == ERR_NONE) {
        act_options(g, PII_FOR_STORE, where->tenant, &o);
        o.vault = v;
        CLEANUP(pii_act_freep) PiiAct *a = pii_act_new(&o, STR_NULL);
        kind = pii_act(a, text, d->found.spans, d->found.n, out, counts, reterr);
    }
    pii_vaults_give(g->vaults, v);
    crypto_wipe(&o, sizeof o);
    return kind;
}

static bool has_tokens(const PiiDesk *d, PiiPurpose purpose)
{
    for (size_t i = 0; i < d->found.n; i++)
        if (pii_policy(purpose, d->found.spans[i].type) == PII_ACT_TOKENISE)
            return true;
    return false;
}

/* A vault that cannot be used must not lose the text: what would be sealed is redacted then. */
static size_t act_on(PiiGuard *g, const PiiWhere *where, PiiPurpose purpose, PiiDesk *d, Str text, Buf *out)
{
    Err err;
    uint64_t counts[PII_N_TYPES] = {0};
    size_t from = out->len, n = 0;
    bool sealed = false;
    if (g->vaults && where->slug && purpose == PII_FOR_STORE && has_tokens(d, purpose)) {
        sealed = act_sealing(g, where, d, text, out, counts, &err) == ERR_NONE;
        if (!sealed) {
            metrics_add(metrics_cell(&m_unsealed), 1);
            memset(counts, 0, sizeof counts);
            if (!out->failed)
                out->len = from;
        }
    }
    if (!sealed && pii_act(desk_act(g, d, purpose, where->tenant), text, d->found.spans, d->found.n, out,
                           counts, &err)) {
        pii_guard_withhold(out, from, err.msg);
        return 1;
    }
    for (size_t i = 0; i < d->found.n; i++)
        pii_guard_count(g, where, purpose, &d->found.spans[i], sealed);
    for (int i = 0; i < PII_N_TYPES; i++)
        n += counts[i];
    return n;
}

typedef ErrKind ScanFn(const PiiFinder *f, PiiDesk *d, Str text, Err *reterr);

static size_t pass(PiiGuard *g, const PiiWhere *where, PiiPurpose purpose, ScanFn *scan, Str text, Buf *out)
{
    Err err;
    PiiFinder *f = text.len > 0 && !is_uuid(text) ? pii_guard_finder(g, where->slug) : NULL;
    if (!f || f->of->off[purpose]) {
        buf_add_str(out, text);
        if (f)
            pii_guard_finder_done(g, f);
        return 0;
    }
    PiiDesk *d = pii_desk_take(f);
    size_t n = 1;
    if (scan(f, d, text, &err))
        pii_guard_withhold(out, out->len, err.msg);
    else
        n = act_on(g, where, purpose, d, text, out);
    pii_desk_put(f, d);
    pii_guard_finder_done(g, f);
    return n;
}

static ErrKind scan_text(const PiiFinder *f, PiiDesk *d, Str text, Err *reterr)
{
    return pii_scan(f->scanner, d->scratch, text, &d->found, reterr);
}

size_t pii_guard_text(PiiGuard *g, const PiiWhere *where, PiiPurpose purpose, Str text, Buf *out)
{
    BUG_ON(purpose == PII_FOR_MODEL); /* its stand-ins belong to a conversation: pii_talk.h */
    return pass(g, where, purpose, scan_text, text, out);
}

/* ---- messages ---- */

/* From the first quotation mark to the last; to the end when there is one only: what is quoted may hold some itself. */
static Str quoted(Str text)
{
    const char *first = text.len ? memchr(text.ptr, '"', text.len) : NULL;
    if (!first)
        return (Str){text.ptr, 0};
    const char *last = memrchr(text.ptr, '"', text.len);
    return (Str){first, last > first ? (size_t)(last - first) : (size_t)(text.ptr + text.len - first)};
}

static int by_start(const void *a, const void *b)
{
    const PiiSpan *x = a, *y = b;
    return (x->start > y->start) - (x->start < y->start);
}

/* Adds the spans that reach into the quoted part. Two that overlap become one that covers both. */
static void merge_quoted(PiiDesk *d, size_t from, size_t to)
{
    PiiFound *f = &d->found;
    if (f->n + d->quoted.n > f->cap) {
        f->cap = f->n + d->quoted.n;
        f->spans = mem_grow(f->spans, f->cap, sizeof *f->spans);
    }
    for (size_t i = 0; i < d->quoted.n; i++)
        if (d->quoted.spans[i].start < to && d->quoted.spans[i].end > from)
            f->spans[f->n++] = d->quoted.spans[i];
    if (f->n == 0)
        return;
    qsort(f->spans, f->n, sizeof *f->spans, by_start);
    size_t kept = 0;
    for (size_t i = 1; i < f->n; i++) {
        PiiSpan *last = &f->spans[kept], *s = &f->spans[i];
        if (s->start >= last->end) {
            f->spans[++kept] = *s;
            continue;
        }
        uint32_t start = last->start, end = MAX(last->end, s->end);
        if (s->end - s->start > last->end - last->start)
            *last = *s;
        last->start = start;
        last->end = end;
    }
    f->n = kept + 1;
}

/* The name finder sees the whole sentence: what stands around a name tells it. */
static ErrKind scan_message(const PiiFinder *f, PiiDesk *d, Str text, Err *reterr)
{
    Str part = quoted(text);
    TRY(pii_scan(f->plain, d->scratch_plain, text, &d->found, reterr));
    if (part.len == 0)
        return ERR_NONE;
    TRY(pii_scan(f->scanner, d->scratch, text, &d->quoted, reterr));
    merge_quoted(d, (size_t)(part.ptr - text.ptr), (size_t)(part.ptr - text.ptr) + part.len);
    return ERR_NONE;
}

size_t pii_guard_message(PiiGuard *g, const PiiWhere *where, Str text, Buf *out)
{
    return pass(g, where, PII_FOR_LOG, scan_message, text, out);
}

/* ---- back, and never again ---- */

static ErrKind need_vaults(const PiiGuard *g, Err *reterr)
{
    return g->vaults
               ? ERR_NONE
               : err_set(reterr, ERR_UNSUPPORTED, "this platform has no vault: see the setting pii.vault");
}

ErrKind pii_guard_restore(PiiGuard *g, const char *slug, Str text, Buf *out, uint64_t *ret_back,
                          uint64_t *ret_left, Err *reterr)
{
    PiiVault *v;
    *ret_back = *ret_left = 0;
    TRY(need_vaults(g, reterr));
    TRY(pii_vaults_take(g->vaults, str_from(slug), false, &v, reterr));
    (void)pii_vault_restore(v, text, true, out, ret_back, ret_left);
    pii_vaults_give(g->vaults, v);
    return buf_check(out, reterr);
}

ErrKind pii_guard_erase(PiiGuard *g, const char *slug, Str subject, Err *reterr)
{
    PiiVault *v;
    TRY(need_vaults(g, reterr));
    TRY(pii_vaults_take(g->vaults, str_from(slug), false, &v, reterr));
    ErrKind kind = pii_vault_erase_subject(v, subject, reterr);
    pii_vaults_give(g->vaults, v);
    return kind;
}
