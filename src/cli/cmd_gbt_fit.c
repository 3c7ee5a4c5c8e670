/* cmd_gbt_fit.c - ehub gbt-fit DIR JOBS: the process that trains. Run by gbt_train_jobs, not by people. */
#include "cli/cli.h"
#include "gbt/gbt_train.h"

static ErrKind run_fit(const CliCall *call, Err *reterr)
{
    int64_t n;
    if (!str_to_i64(str_from(call->args[1]), &n) || n < 1 || n > GBT_JOBS_MAX)
        return err_set(reterr, ERR_USAGE, "JOBS: \"%.20s\" is no number from 1 to %d", call->args[1],
                       GBT_JOBS_MAX);
    return gbt_fit_jobs(call->args[0], (int)n, reterr);
}

const CliCmd CMD_GBT_FIT = {
    .name = "gbt-fit",
    .help = "Train models from request files",
    .args = "DIR JOBS",
    .min_args = 2,
    .max_args = 2,
    .run = run_fit,
    .hidden = true,
    .no_conf = true,
};
