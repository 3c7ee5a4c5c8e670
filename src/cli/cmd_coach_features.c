/* cmd_coach_features.c - ehub coach features: computes and stores the features, or shows those of one agent. */
#include "base/jw.h"
#include "cli/cmd_coach_common.h"
#include "coach/coach_feature.h"
#include "coach/coach_label.h"

#include <stdio.h>

static ErrKind show_agent(PgShards *s, const CoachTenant *tenant, Uuid agent, int64_t at_us, Deadline by,
                          Err *reterr)
{
    float x[COACH_N_FEATURES];
    Uuid location;
    TRY(coach_features_agent(s, tenant->id, agent, at_us, by, x, &location, reterr));
    CLEANUP(buf_done) Buf out = BUF(64u << 10);
    Jw w = jw(&out);
    jw_obj(&w);
    jw_kv_uuid(&w, "agent_id", agent);
    jw_kv_uuid(&w, "location_id", location);
    jw_key(&w, "at");
    jw_time_us(&w, at_us);
    jw_kv_cstr(&w, "label", tenant->simulated ? "simulated" : "measured");
    jw_key(&w, "features");
    jw_obj(&w);
    for (int i = 0; i < COACH_N_FEATURES; i++)
        jw_kv_f64(&w, COACH_FEATURES[i].name, (double)x[i]);
    jw_end(&w);
    jw_end(&w);
    puts(buf_cstr(&out));
    return buf_check(&out, reterr);
}

static ErrKind run_tenant(PgShards *s, const CoachTenant *tenant, const CliCall *call, Deadline by, void *arg,
                          Err *reterr)
{
    (void)arg;
    int32_t as_of, horizon, first;
    int64_t live_us;
    TRY(cmd_coach_as_of(call, &as_of, reterr));
    TRY(coach_horizon(s, tenant->id, by, &horizon, &live_us, &first, reterr));
    const char *agent_text = cli_text(call, "agent", NULL);
    Uuid agent;
    if (agent_text && !uuid_parse(str_from(agent_text), &agent))
        return err_set(reterr, ERR_USAGE, "--agent: \"%s\" is not an id", agent_text);
    if (agent_text)
        return show_agent(s, tenant, agent, as_of == INT32_MIN ? live_us : as_of * US_PER_DAY, by, reterr);

    int32_t dates[COACH_DATES_MAX], last = as_of == INT32_MIN ? horizon : as_of;
    int n = 1;
    dates[0] = last;
    if (cli_flag(call, "history"))
        n = coach_feature_dates(first, last, (int)cli_int(call, "step", 15), dates, COACH_DATES_MAX);
    if (n == 0)
        return err_set(reterr, ERR_INVALID, "less than %d days of data: no history", COACH_WARMUP_DAYS);
    int64_t rows = 0, goals = 0, start = clock_mono_us();
    TRY(coach_goals_derive(s, tenant->id, dates[0], last, by, &goals, reterr));
    TRY(coach_features_history(s, tenant->id, dates, n, by, &rows, reterr));
    char from[11], to[11];
    clock_format_date(dates[0], from);
    clock_format_date(last, to);
    printf("%s: %lld snapshots of %d dates, %s to %s, in %.1f s", tenant->slug, (long long)rows, n, from, to,
           (double)(clock_mono_us() - start) / 1e6);
    if (goals)
        printf("; %lld goals derived from the offices' history", (long long)goals);
    printf("\n");
    return ERR_NONE;
}

static ErrKind run(const CliCall *call, Err *reterr)
{
    return cmd_coach_each(call, run_tenant, NULL, reterr);
}

const CliCmd CMD_COACH_FEATURES = {
    .name = "features",
    .help = "Compute and store the features of every agent, or show those of one",
    .details =
        "Without --as-of: as of the end of the tenant's data. Goals are derived for agents who have none.\n"
        "docs/reference/features.md says what each feature means.",
    .options =
        (const CliOption[]){
            CMD_COACH_TENANT_OPTIONS,
            {"as-of", CLI_DATE, "DATE", "Use only what was known before this midnight (UTC)"},
            {"history", CLI_FLAG, NULL, "Also for the dates before, every --step days"},
            {"step", CLI_INT, "DAYS", "Days between the dates of --history (default 15)", false, 1, 365},
            {"agent", CLI_TEXT, "ID", "Show this agent's features as JSON, store nothing"},
            {.name = NULL}},
    .run = run,
};
