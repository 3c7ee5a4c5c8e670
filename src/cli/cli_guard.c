#include "cli/cli_guard.h"

#include "base/file.h"
#include "base/log.h"
#include "http/http_problem.h"

#include <limits.h>
#include <pthread.h>
#include <stdio.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const Conf *settings;
static PiiGuard *guard;
static _Thread_local bool making; /* this thread makes the guard: an error of that cannot pass it */

const char *cli_guard_key(const Conf *c, char own[static PATH_MAX])
{
    bool fits = snprintf(own, PATH_MAX, "%s/secrets/pii.key", c->data_dir) < PATH_MAX;
    return !c->pii_key[0] && fits && file_exists(own) ? own : c->pii_key;
}

/* own_key: room for the path of the private stack's key. */
static ErrKind options_of(const Conf *c, char own_key[static PATH_MAX], PiiGuardOptions *ret, Err *reterr)
{
    double score;
    *ret = PII_GUARD_DEFAULT;
    if (!str_to_f64(str_from(c->pii_min_score), &score) || score < 0 || score > 1)
        return err_set(reterr, ERR_INVALID, "pii.min_score: \"%.40s\" is no number from 0 to 1",
                       c->pii_min_score);
    ret->min_score = (float)score;
    ret->custom = c->pii_custom;
    ret->packs = c->pii_packs;
    ret->key = cli_guard_key(c, own_key);
    ret->vault = c->pii_vault;
    ret->off[PII_FOR_LOG] = !c->pii_log;
    ret->off[PII_FOR_STORE] = !c->pii_store;
    return ERR_NONE;
}

static ErrKind make(Err *reterr)
{
    PiiGuardOptions o;
    char own_key[PATH_MAX];
    if (guard)
        return ERR_NONE;
    BUG_ON(!settings);
    TRY(options_of(settings, own_key, &o, reterr));
    return pii_guard_new(&o, &guard, reterr);
}

ErrKind cli_guard(PiiGuard **ret, Err *reterr)
{
    pthread_mutex_lock(&lock);
    making = true;
    ErrKind kind = make(reterr);
    making = false;
    *ret = guard;
    pthread_mutex_unlock(&lock);
    return kind;
}

ErrKind cli_guard_reload(const Conf *conf, Err *reterr)
{
    PiiGuardOptions o;
    PiiGuard *g;
    char own_key[PATH_MAX];
    TRY(cli_guard(&g, reterr));
    TRY(options_of(conf, own_key, &o, reterr));
    return pii_guard_reload(g, &o, reterr);
}

PiiGuard *cli_guard_made(void)
{
    pthread_mutex_lock(&lock);
    PiiGuard *g = guard;
    pthread_mutex_unlock(&lock);
    return g;
}

static void clean_err(char *text, size_t room)
{
    static const PiiWhere ERR = {.source = "error"};
    CLEANUP(buf_done) Buf out = BUF(16 * ERR_TEXT_MAX);
    PiiGuard *g;
    if (making || cli_guard(&g, NULL)) {
        (void)str_copy(text, room, STR("[WITHHELD: a long text, and the settings pii.* are wrong]"));
        return;
    }
    (void)pii_guard_message(g, &ERR, str_from(text), &out);
    Str clean = out.failed ? STR("[WITHHELD: too long]") : buf_str(&out);
    (void)str_copy(text, room, str_slice(clean, 0, MIN(clean.len, room - 1)));
}

static void clean_detail(Str detail, Buf *out)
{
    static const PiiWhere ANSWER = {.source = "http error"};
    PiiGuard *g;
    if (cli_guard(&g, NULL))
        buf_add_c(out, "[WITHHELD: the settings pii.* are wrong]");
    else
        (void)pii_guard_message(g, &ANSWER, detail, out);
}

static void clean_log(bool is_message, Str text, Buf *out)
{
    static const PiiWhere LOG = {.source = "log"};
    PiiGuard *g;
    if (cli_guard(&g, NULL))
        buf_add_c(out, "[WITHHELD: the settings pii.* are wrong]");
    else if (is_message)
        (void)pii_guard_message(g, &LOG, text, out);
    else
        (void)pii_guard_text(g, &LOG, PII_FOR_LOG, text, out);
}

void cli_guard_install(const Conf *conf)
{
    settings = conf_ref(conf);
    err_set_filter(clean_err);
    log_set_filter(clean_log);
    http_problem_set_filter(clean_detail);
}

void cli_guard_done(void)
{
    err_set_filter(NULL);
    log_set_filter(NULL);
    http_problem_set_filter(NULL);
    pii_guard_free(guard);
    guard = NULL;
    conf_unref(settings);
    settings = NULL;
}
