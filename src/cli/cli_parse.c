#include "cli/cli_parse.h"

#include "base/clock.h"

#include <stdio.h>
#include <string.h>

const CliOption CLI_GLOBALS[] = {
    {"help", CLI_FLAG, NULL, "Show help for the command", .required = false},
    {"version", CLI_FLAG, NULL, "Show the version", .required = false},
    {"config", CLI_TEXT, "FILE",
     "Settings file (default: $EHUB_CONFIG, then ehub.yaml in the data directory)", .required = false},
    {"data", CLI_TEXT, "DIR", "Data directory of the private stack (setting data.dir)", .required = false},
    {"set", CLI_LIST, "KEY=VALUE", "Set one setting; may be repeated", .required = false},
    {.name = NULL},
};

/* Edit distance of at most 2: enough for a typing mistake. */
static bool near(const char *a, const char *b)
{
    size_t la = strlen(a), lb = strlen(b);
    if (la > 30 || lb > 30 || la + 2 < lb || lb + 2 < la)
        return false;
    int row[32];
    for (size_t j = 0; j <= lb; j++)
        row[j] = (int)j;
    for (size_t i = 1; i <= la; i++) {
        int diagonal = row[0];
        row[0] = (int)i;
        for (size_t j = 1; j <= lb; j++) {
            int up = row[j], cost = diagonal + (a[i - 1] != b[j - 1]);
            row[j] = MIN(MIN(row[j - 1], up) + 1, cost);
            diagonal = up;
        }
    }
    return row[lb] <= 2;
}

static const CliOption *find_option(const CliOption *list, Str name, int *ret_index)
{
    for (int i = 0; list && list[i].name; i++)
        if (str_eq_c(name, list[i].name)) {
            *ret_index = i;
            return &list[i];
        }
    return NULL;
}

static ErrKind unknown_option(const CliCmd *cmd, Str name, Err *reterr)
{
    char word[64];
    str_copy(word, sizeof word, name);
    for (int i = 0; cmd->options && cmd->options[i].name; i++)
        if (near(word, cmd->options[i].name))
            return err_set(reterr, ERR_USAGE, "unknown option --%s; did you mean --%s?", word,
                           cmd->options[i].name);
    return err_set(reterr, ERR_USAGE, "unknown option --" STR_FMT, STR_ARG(name));
}

static ErrKind check_value(const CliOption *o, const char *value, Err *reterr)
{
    int64_t n;
    int32_t days;
    if (o->kind == CLI_INT) {
        if (!str_to_i64(str_from(value), &n))
            return err_set(reterr, ERR_USAGE, "--%s: \"%s\" is not a whole number", o->name, value);
        if ((o->min || o->max) && (n < o->min || n > o->max))
            return err_set(reterr, ERR_USAGE, "--%s: %s is outside %lld to %lld", o->name, value,
                           (long long)o->min, (long long)o->max);
    }
    if (o->kind == CLI_MS && !conf_parse_ms(str_from(value), &n))
        return err_set(reterr, ERR_USAGE,
                       "--%s: \"%s\" is not a duration with a unit (250ms, 5s, 2m, 1h, 7d)", o->name, value);
    if (o->kind == CLI_DATE && !clock_parse_date(str_from(value), &days))
        return err_set(reterr, ERR_USAGE, "--%s: \"%s\" is not a date (YYYY-MM-DD)", o->name, value);
    return ERR_NONE;
}

static ErrKind take_global(CliParsed *p, const CliOption *o, const char *value, Err *reterr)
{
    if (strcmp(o->name, "help") == 0)
        p->help = true;
    else if (strcmp(o->name, "version") == 0)
        p->version = true;
    else if (strcmp(o->name, "config") == 0)
        p->config = value;
    else if (p->n_sets == CLI_ARGS_MAX + 1)
        return err_set(reterr, ERR_USAGE, "more than %d settings on the command line", CLI_ARGS_MAX);
    else if (strcmp(o->name, "set") == 0)
        p->sets[p->n_sets++] = value;
    else {
        int n = snprintf(p->data_set, sizeof p->data_set, "data.dir=%s", value);
        if (n >= (int)sizeof p->data_set)
            return err_set(reterr, ERR_USAGE, "--data: path too long");
        p->sets[p->n_sets++] = p->data_set;
    }
    return ERR_NONE;
}

static ErrKind take_own(CliCall *c, const CliOption *o, int i, const char *value, Err *reterr)
{
    BUG_ON(i >= CLI_OPTIONS_MAX);
    if (value)
        TRY(check_value(o, value, reterr));
    if (o->kind == CLI_LIST) {
        if (c->n_lists[i] == CLI_ARGS_MAX)
            return err_set(reterr, ERR_USAGE, "--%s given more than %d times", o->name, CLI_ARGS_MAX);
        c->lists[i][c->n_lists[i]++] = value;
    } else if (c->values[i] && o->kind != CLI_FLAG) {
        return err_set(reterr, ERR_USAGE, "--%s given twice", o->name);
    }
    c->values[i] = value ? value : "";
    return ERR_NONE;
}

/* argv[*at] starts with "--". */
static ErrKind take_option(CliParsed *p, const CliCmd *cmd, int argc, char **argv, int *at, Err *reterr)
{
    Str rest = str_from(argv[*at] + 2), name;
    str_next(&rest, '=', &name);
    int i = 0;
    const CliOption *own = find_option(cmd->options, name, &i), *o = own;
    int global_at = 0;
    if (!o)
        o = find_option(CLI_GLOBALS, name, &global_at);
    if (!o)
        return unknown_option(cmd, name, reterr);
    const char *value = rest.ptr;
    if (o->kind == CLI_FLAG && value)
        return err_set(reterr, ERR_USAGE, "--%s takes no value", o->name);
    if (o->kind != CLI_FLAG && !value) {
        if (*at + 1 >= argc)
            return err_set(reterr, ERR_USAGE, "--%s needs a value (%s)", o->name, o->metavar);
        value = argv[++*at];
    }
    return own ? take_own(&p->call, own, i, value, reterr) : take_global(p, o, value, reterr);
}

static ErrKind take_word(CliParsed *p, const CliCmd **cmd, const char *word, Err *reterr)
{
    if (!(*cmd)->subs) {
        if (p->call.n_args == CLI_ARGS_MAX)
            return err_set(reterr, ERR_USAGE, "more than %d arguments", CLI_ARGS_MAX);
        p->call.args[p->call.n_args++] = word;
        return ERR_NONE;
    }
    for (const CliCmd *const *s = (*cmd)->subs; *s; s++)
        if (strcmp((*s)->name, word) == 0) {
            BUG_ON(p->depth == CLI_DEPTH_MAX);
            *cmd = p->path[p->depth++] = *s;
            return ERR_NONE;
        }
    for (const CliCmd *const *s = (*cmd)->subs; *s; s++)
        if (!(*s)->hidden && near(word, (*s)->name))
            return err_set(reterr, ERR_USAGE, "unknown command \"%s\"; did you mean \"%s\"?", word,
                           (*s)->name);
    return err_set(reterr, ERR_USAGE, "unknown command \"%s\"", word);
}

static ErrKind check_complete(const CliParsed *p, const CliCmd *cmd, Err *reterr)
{
    if (cmd->subs)
        return err_set(reterr, ERR_USAGE, "a command is missing");
    for (int i = 0; cmd->options && cmd->options[i].name; i++) {
        BUG_ON(i >= CLI_OPTIONS_MAX);
        if (cmd->options[i].required && !p->call.values[i])
            return err_set(reterr, ERR_USAGE, "--%s %s is required", cmd->options[i].name,
                           cmd->options[i].metavar);
    }
    if (p->call.n_args < cmd->min_args)
        return err_set(reterr, ERR_USAGE, "needs %s", cmd->args);
    if (p->call.n_args > cmd->max_args)
        return err_set(reterr, ERR_USAGE, "unexpected argument \"%s\"", p->call.args[cmd->max_args]);
    return ERR_NONE;
}

ErrKind cli_parse(int argc, char **argv, CliParsed *p, Err *reterr)
{
    const CliCmd *cmd = &CLI_ROOT;
    p->path[p->depth++] = cmd;
    bool words_only = false;
    for (int at = 1; at < argc; at++) {
        const char *word = argv[at];
        if (!words_only && strcmp(word, "--") == 0)
            words_only = true;
        else if (!words_only && strcmp(word, "-h") == 0)
            p->help = true;
        else if (!words_only && strncmp(word, "--", 2) == 0)
            TRY(take_option(p, cmd, argc, argv, &at, reterr));
        else if (!words_only && word[0] == '-' && word[1])
            return err_set(reterr, ERR_USAGE, "unknown option %s", word);
        else
            TRY(take_word(p, &cmd, word, reterr));
    }
    p->call.cmd = cmd;
    if (p->help || p->version)
        return ERR_NONE;
    return check_complete(p, cmd, reterr);
}
