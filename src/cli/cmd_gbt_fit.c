/* cmd_gbt_fit.c - ehub gbt-fit REQUEST MODEL: the process that trains. Run by gbt_train, not by people. */
#include "cli/cli.h"
#include "gbt/gbt_train.h"

static ErrKind run_fit(const CliCall *call, Err *reterr)
{
    return gbt_fit(call->args[0], call->args[1], reterr);
}

const CliCmd CMD_GBT_FIT = {
    .name = "gbt-fit",
    .help = "Train one model from a request file",
    .args = "REQUEST MODEL",
    .min_args = 2,
    .max_args = 2,
    .run = run_fit,
    .hidden = true,
    .no_conf = true,
};
