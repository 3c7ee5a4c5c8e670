#include "cli/cli.h"

#include "base/fault.h"
#include "base/file.h"
#include "base/log.h"
#include "cli/cli_guard.h"
#include "cli/cli_help.h"
#include "cli/cli_parse.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int option_index(const CliCmd *cmd, const char *name)
{
    for (int i = 0; cmd->options && cmd->options[i].name; i++)
        if (strcmp(cmd->options[i].name, name) == 0)
            return i;
    BUG_ON("an option that the command does not have");
    return 0;
}

bool cli_flag(const CliCall *c, const char *name)
{
    return c->values[option_index(c->cmd, name)] != NULL;
}

const char *cli_text(const CliCall *c, const char *name, const char *otherwise)
{
    const char *v = c->values[option_index(c->cmd, name)];
    return v ? v : otherwise;
}

int64_t cli_int(const CliCall *c, const char *name, int64_t otherwise)
{
    const char *v = c->values[option_index(c->cmd, name)];
    if (!v)
        return otherwise;
    int64_t n = 0;
    if (!str_to_i64(str_from(v), &n))
        conf_parse_ms(str_from(v), &n); /* checked when it was parsed */
    return n;
}

/* Finds the settings file: --config, $EHUB_CONFIG, or ehub.yaml in the data directory when it is there. */
static ErrKind load_conf(CliParsed *p, char file[static PATH_MAX], Err *reterr)
{
    CliCall *c = &p->call;
    c->conf_source = (ConfSource){.file = p->config ? p->config : getenv("EHUB_CONFIG"), .sets = p->sets};
    if (!c->conf_source.file) {
        const Conf *first;
        TRY(conf_load(&c->conf_source, &first, reterr));
        bool fits = snprintf(file, PATH_MAX, "%s/ehub.yaml", first->data_dir) < PATH_MAX;
        conf_unref(first);
        if (fits && file_exists(file))
            c->conf_source.file = file;
    }
    if (c->cmd->no_conf)
        return ERR_NONE;
    TRY(conf_load(&c->conf_source, &c->conf, reterr));
    LogLevel level;
    if (!log_level_parse(str_from(c->conf->log_level), &level))
        return err_set(reterr, ERR_INVALID, "log.level: \"%s\" is not a level", c->conf->log_level);
    log_set_level(level);
    conf_publish(conf_ref(c->conf));
    cli_guard_install(c->conf);
    return ERR_NONE;
}

static int complain(const CliParsed *p, const Err *err)
{
    fprintf(stderr, "ehub");
    for (int i = 1; i < p->depth; i++)
        fprintf(stderr, " %s", p->path[i]->name);
    fprintf(stderr, ": %s\n", err->msg);
    if (err->kind == ERR_USAGE) {
        fprintf(stderr, "Try '");
        for (int i = 0; i < p->depth; i++)
            fprintf(stderr, "%s ", p->path[i]->name);
        fprintf(stderr, "--help'.\n");
    }
    return err_exit_status(err->kind);
}

static int print(Buf *out)
{
    size_t written = fwrite(out->ptr, 1, out->len, stdout);
    return written == out->len && fflush(stdout) == 0 ? 0 : err_exit_status(ERR_IO);
}

int cli_main(int argc, char **argv)
{
    fault_load(getenv("EHUB_FAULT"));
    CliParsed p = {.call.program = argv[0]};
    Err err = {0};
    if (cli_parse(argc, argv, &p, &err))
        return complain(&p, &err);
    CLEANUP(buf_done) Buf out = BUF(1u << 20);
    if (p.version) {
        buf_add_c(&out, "ehub " EHUB_VERSION "\n");
        return print(&out);
    }
    if (p.help) {
        cli_help(p.path, p.depth, &out);
        return print(&out);
    }
    char file[PATH_MAX], program[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    if (n > 0) {
        program[n] = 0;
        p.call.program = program;
    }
    ErrKind kind = load_conf(&p, file, &err);
    if (!kind)
        kind = p.call.cmd->run(&p.call, &err);
    cli_progress_end();
    cli_guard_done();
    conf_unref(p.call.conf);
    if (kind)
        return complain(&p, &err);
    return fflush(stdout) == 0 ? 0 : err_exit_status(ERR_IO);
}
