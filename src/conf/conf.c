#include "conf/conf.h"

#include "base/arena.h"
#include "base/jw.h"
#include "base/mem.h"
#include "base/yaml.h"
#include "conf/conf_setting.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ARENA_LIMIT (16u << 20)

extern char **environ;

/* What a Conf is allocated as: the struct stands first, so a Conf pointer is a ConfBox pointer. */
typedef struct ConfBox {
    Conf conf;
    Arena *arena;
} ConfBox;

/* The text of every setting and where it came from, before it is read. */
typedef struct Texts {
    Arena *arena;
    Str value[128];
    const char *from[128];
} Texts;
_Static_assert(ARRAY_LEN(((Texts *)0)->value) >= 64, "room for the settings");

static ErrKind put(Texts *t, Str key, Str value, const char *from, Err *reterr)
{
    int i = conf_setting_find(key);
    if (i < 0)
        return err_set(reterr, ERR_INVALID, "%s: unknown setting \"" STR_FMT "\"", from, STR_ARG(key));
    t->value[i] = value;
    t->from[i] = from;
    return ERR_NONE;
}

/* Both forms are accepted: "http.port: 1" and "http:" with "port: 1" below it. */
static ErrKind take_map(Texts *t, const YamlNode *map, Str prefix, const char *file, Err *reterr)
{
    for (const YamlNode *n = map->first; n; n = n->next) {
        const char *key = arena_printf(t->arena, STR_FMT "%s" STR_FMT, STR_ARG(prefix), prefix.len ? "." : "",
                                       STR_ARG(n->key));
        const char *from = arena_printf(t->arena, "%s:%d", file, n->line);
        TRY(arena_check(t->arena, reterr));
        if (n->kind == YAML_KIND_MAP)
            TRY(take_map(t, n, str_from(key), file, reterr));
        else if (n->kind == YAML_KIND_LIST)
            return err_set(reterr, ERR_INVALID, "%s: \"%s\" is a list, not a value", from, key);
        else
            TRY(put(t, str_from(key), n->scalar, from, reterr));
    }
    return ERR_NONE;
}

static ErrKind take_file(Texts *t, const char *file, Err *reterr)
{
    YamlNode *root;
    TRY(yaml_load(t->arena, file, &root, reterr));
    if (root->kind != YAML_KIND_MAP)
        return err_set(reterr, ERR_INVALID, "%s:1: not a map of settings", file);
    return take_map(t, root, STR_NULL, file, reterr);
}

/* Variables of ours that are not settings. */
static bool other_variable(Str name)
{
    return str_eq(name, STR("EHUB_CONFIG")) || str_eq(name, STR("EHUB_FAULT")) ||
           str_eq(name, STR("EHUB_DATA")) || str_starts(name, STR("EHUB_TEST_")) ||
           str_starts(name, STR("EHUB_BENCH_"));
}

static ErrKind take_environment(Texts *t, const char *const *env, Err *reterr)
{
    for (; *env; env++) {
        Str rest = str_from(*env), name;
        if (!str_starts(rest, STR("EHUB_")) || !str_next(&rest, '=', &name) || other_variable(name))
            continue;
        const char *from = arena_strndup(t->arena, name.ptr, name.len);
        TRY(arena_check(t->arena, reterr));
        int found = -1;
        for (int i = 0; i < CONF_N_SETTINGS && found < 0; i++) {
            char variable[96];
            conf_setting_variable(CONF_SETTINGS[i].key, variable);
            if (str_eq_c(name, variable))
                found = i;
        }
        if (found < 0)
            return err_set(reterr, ERR_INVALID, "variable %s belongs to no setting", from);
        t->value[found] = rest.ptr ? rest : STR("");
        t->from[found] = from;
    }
    return ERR_NONE;
}

static ErrKind take_sets(Texts *t, const char *const *sets, Err *reterr)
{
    for (; sets && *sets; sets++) {
        Str rest = str_from(*sets), key;
        if (!str_next(&rest, '=', &key) || !rest.ptr)
            return err_set(reterr, ERR_INVALID, "command line: \"%s\" is not KEY=VALUE", *sets);
        TRY(put(t, key, rest, "command line", reterr));
    }
    return ERR_NONE;
}

static ErrKind collect(Texts *t, const ConfSource *src, Err *reterr)
{
    BUG_ON(CONF_N_SETTINGS > (int)ARRAY_LEN(t->value));
    for (int i = 0; i < CONF_N_SETTINGS; i++) {
        t->value[i] = str_from(CONF_SETTINGS[i].otherwise);
        t->from[i] = "default";
    }
    if (src->file)
        TRY(take_file(t, src->file, reterr));
    TRY(take_environment(t, src->environ_ ? src->environ_ : (const char *const *)environ, reterr));
    return take_sets(t, src->sets, reterr);
}

static ErrKind default_data_dir(ConfBox *box, Err *reterr)
{
    if (box->conf.data_dir[0])
        return ERR_NONE;
    const char *xdg = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    if (geteuid() == 0)
        box->conf.data_dir = "/var/lib/ehub";
    else if (xdg && xdg[0] == '/')
        box->conf.data_dir = arena_printf(box->arena, "%s/ehub", xdg);
    else if (home && home[0])
        box->conf.data_dir = arena_printf(box->arena, "%s/.local/share/ehub", home);
    else
        return err_set(reterr, ERR_INVALID, "data.dir is not set and there is no HOME to derive it from");
    return arena_check(box->arena, reterr);
}

/* libpq says so too, but only when it connects. */
static ErrKind check_sslmode(const char *mode, Err *reterr)
{
    static const char *const modes[] = {"",        "disable",   "allow",      "prefer",
                                        "require", "verify-ca", "verify-full"};
    for (size_t i = 0; i < ARRAY_LEN(modes); i++)
        if (strcmp(mode, modes[i]) == 0)
            return ERR_NONE;
    return err_set(reterr, ERR_INVALID,
                   "pg.sslmode: \"%s\" is none of disable, allow, prefer, require, verify-ca, verify-full",
                   mode);
}

static ErrKind check_together(const Conf *c, Err *reterr)
{
    if (!c->http_tls_cert[0] != !c->http_tls_key[0])
        return err_set(reterr, ERR_INVALID, "http.tls.cert and http.tls.key must be set together");
    return check_sslmode(c->pg_sslmode, reterr);
}

static ErrKind read_all(ConfBox *box, const ConfSource *src, Err *reterr)
{
    Texts *t = arena_alloc(box->arena, sizeof *t);
    if (!t)
        return arena_check(box->arena, reterr);
    t->arena = box->arena;
    TRY(collect(t, src, reterr));
    for (int i = 0; i < CONF_N_SETTINGS; i++) {
        ErrKind kind = conf_setting_read(&CONF_SETTINGS[i], t->value[i], box->arena, &box->conf, reterr);
        if (kind)
            return err_wrap(reterr, kind, "%s", t->from[i]);
    }
    TRY(default_data_dir(box, reterr));
    return check_together(&box->conf, reterr);
}

static void box_free(ConfBox *box)
{
    arena_free(box->arena);
    mem_free(box);
}

ErrKind conf_load(const ConfSource *src, const Conf **ret, Err *reterr)
{
    ConfBox *box = MEM_NEW(ConfBox);
    box->arena = arena_new(ARENA_LIMIT);
    box->conf.refs_ = 1;
    ErrKind kind = read_all(box, src, reterr);
    if (kind) {
        box_free(box);
        return kind;
    }
    *ret = &box->conf;
    return ERR_NONE;
}

const Conf *conf_ref(const Conf *c)
{
    __atomic_add_fetch((int *)(uintptr_t)&c->refs_, 1, __ATOMIC_RELAXED);
    return c;
}

void conf_unref(const Conf *c)
{
    if (c && __atomic_sub_fetch((int *)(uintptr_t)&c->refs_, 1, __ATOMIC_ACQ_REL) == 0)
        box_free((ConfBox *)(uintptr_t)c);
}

static pthread_mutex_t current_lock = PTHREAD_MUTEX_INITIALIZER;
static const Conf *current;

void conf_publish(const Conf *c)
{
    pthread_mutex_lock(&current_lock);
    const Conf *old = current;
    current = c;
    pthread_mutex_unlock(&current_lock);
    conf_unref(old);
}

const Conf *conf_current(void)
{
    pthread_mutex_lock(&current_lock);
    BUG_ON(!current);
    const Conf *c = conf_ref(current);
    pthread_mutex_unlock(&current_lock);
    return c;
}

static void show_row(const Texts *t, int i, bool json, Jw *w, Buf *out)
{
    Str value = conf_setting_is_secret(CONF_SETTINGS[i].key) && t->value[i].len ? STR("***") : t->value[i];
    if (!json) {
        buf_addf(out, "%-28s %-24.*s %s\n", CONF_SETTINGS[i].key, STR_ARG(value), t->from[i]);
        return;
    }
    jw_obj(w);
    jw_kv_cstr(w, "key", CONF_SETTINGS[i].key);
    jw_kv_str(w, "value", value);
    jw_kv_cstr(w, "from", t->from[i]);
    jw_end(w);
}

ErrKind conf_show(const ConfSource *src, bool json, Buf *out, Err *reterr)
{
    CLEANUP(arena_freep) Arena *arena = arena_new(ARENA_LIMIT);
    Texts *t = arena_alloc(arena, sizeof *t);
    if (!t)
        return arena_check(arena, reterr);
    t->arena = arena;
    TRY(collect(t, src, reterr));
    Jw w = jw(out);
    if (json)
        jw_arr(&w);
    for (int i = 0; i < CONF_N_SETTINGS; i++)
        show_row(t, i, json, &w, out);
    if (json) {
        jw_end(&w);
        buf_add_char(out, '\n');
    }
    return buf_check(out, reterr);
}
