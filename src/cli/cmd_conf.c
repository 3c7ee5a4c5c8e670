/* cmd_conf.c - ehub conf show|check|docs. */
#include "cli/cli.h"

#include <stdio.h>

static ErrKind print(const Buf *out)
{
    fwrite(out->ptr, 1, out->len, stdout);
    return ERR_NONE;
}

static ErrKind run_show(const CliCall *call, Err *reterr)
{
    CLEANUP(buf_done) Buf out = BUF(1u << 20);
    TRY(conf_show(&call->conf_source, cli_flag(call, "json"), &out, reterr));
    return print(&out);
}

static ErrKind run_check(const CliCall *call, Err *reterr)
{
    const Conf *c;
    TRY(conf_load(&call->conf_source, &c, reterr));
    conf_unref(c);
    printf("ok: %s\n", call->conf_source.file ? call->conf_source.file : "defaults, no settings file");
    return ERR_NONE;
}

static ErrKind run_docs(const CliCall *call, Err *reterr)
{
    (void)call;
    CLEANUP(buf_done) Buf out = BUF(1u << 20);
    conf_docs(&out);
    TRY(buf_check(&out, reterr));
    return print(&out);
}

static const CliCmd SHOW = {
    .name = "show",
    .help = "Show every setting, its value and where it came from",
    .options = (const CliOption[]){{"json", CLI_FLAG, NULL, "Print JSON", .required = false}, {.name = NULL}},
    .run = run_show,
    .no_conf = true,
};
static const CliCmd CHECK = {.name = "check",
                             .help = "Check the settings and say where one is wrong",
                             .run = run_check,
                             .no_conf = true};
static const CliCmd DOCS = {.name = "docs",
                            .help = "Print the reference of all settings (Markdown)",
                            .run = run_docs,
                            .no_conf = true};

const CliCmd CMD_CONF = {
    .name = "conf",
    .help = "Show and check the settings",
    .subs = (const CliCmd *const[]){&SHOW, &CHECK, &DOCS, NULL},
};
