/* cmd_coach_common.c - which tenants a coach command works on. */
#include "cli/cmd_coach_common.h"

#include "base/mem.h"

#include <stdio.h>

ErrKind cmd_coach_each(const CliCall *call, CmdCoachFn *fn, void *arg, Err *reterr)
{
    const char *slug = cli_text(call, "tenant", NULL);
    bool all = cli_flag(call, "all");
    if (slug && all)
        return err_set(reterr, ERR_USAGE, "--tenant and --all exclude each other");
    Deadline by = deadline_in_ms(CMD_COACH_LIMIT_MS);
    CLEANUP(pg_shards_freep) PgShards *s = NULL;
    TRY(pg_shards_new(call->conf, by, &s, reterr));
    CLEANUP(mem_freep) CoachTenant *tenants = NULL;
    int n = 0;
    TRY(coach_tenants(s, slug, by, &tenants, &n, reterr));
    if (!all && n == 0)
        return err_set(reterr, ERR_NOT_FOUND, "there is no tenant yet: import data or generate a demo first");
    if (!all && n > 1)
        return err_set(reterr, ERR_USAGE, "there are %d tenants: say --tenant SLUG or --all", n);
    ErrKind last = ERR_NONE;
    for (int i = 0; i < n; i++) {
        ErrKind kind = fn(s, &tenants[i], call, by, arg, reterr);
        if (kind == ERR_NONE)
            continue;
        kind = err_wrap(reterr, kind, "tenant %s", tenants[i].slug);
        if (!all)
            return kind;
        fprintf(stderr, "ehub: %s\n", reterr->msg);
        if (kind != ERR_NOT_FOUND) /* a tenant that has no events yet is no failure of the run */
            last = kind;
    }
    return last == ERR_NONE ? ERR_NONE : err_set(reterr, last, "some tenants failed, see above");
}

ErrKind cmd_coach_as_of(const CliCall *call, int32_t *ret, Err *reterr)
{
    *ret = INT32_MIN;
    const char *text = cli_text(call, "as-of", NULL);
    if (text && !clock_parse_date(str_from(text), ret))
        return err_set(reterr, ERR_USAGE, "--as-of: \"%s\" is not a date (YYYY-MM-DD)", text);
    return ERR_NONE;
}
