/* cmd_insight_update.c - ehub insight update, ehub insight effects: the effects of all coaching, found anew and listed. */
#include "base/mem.h"
#include "cli/cmd_coach_common.h"
#include "cli/cmd_insight.h"
#include "coach/coach_feature.h"
#include "insight/insight_update.h"
#include "privacy/audit.h"

#include <stdio.h>
#include <string.h>

#define OUT_MAX (64u << 20)

/* ---- update -------------------------------------------------------------------------------------------------------- */

static ErrKind record(void *arg, PgConn *control, const InsightExperiment *e, const char *action, Deadline by,
                      Err *reterr)
{
    (void)arg;
    return cmd_insight_record("ehub insight update", control, e, action, by, reterr);
}

static void day_json(Jw *w, const char *key, int32_t day)
{
    char text[11];
    clock_format_date(day, text);
    jw_kv_cstr(w, key, text);
}

static void update_json(Buf *out, const CoachTenant *tenant, const InsightUpdate *u, double seconds)
{
    Jw w = jw(out);
    jw_obj(&w);
    jw_kv_cstr(&w, "tenant", tenant->slug);
    day_json(&w, "first_day", u->first_day);
    day_json(&w, "last_day", u->to - 1);
    jw_kv_i64(&w, "rows", u->rows);
    jw_kv_i64(&w, "answers", u->answers);
    jw_kv_i64(&w, "refusals", u->rows - u->answers);
    jw_kv_i64(&w, "by_experiment", u->by_experiment);
    jw_kv_i64(&w, "experiments_running", u->running);
    jw_kv_i64(&w, "experiments_stopped", u->stopped);
    jw_kv_i64(&w, "experiments_past_end", u->past_end);
    jw_kv_i64(&w, "left_out", u->left_out);
    jw_kv_f64_digits(&w, "seconds", seconds, 3);
    jw_kv_cstr(&w, "label", tenant->simulated ? "simulated" : "measured");
    jw_end(&w);
    buf_add_char(out, '\n');
}

static void update_text(Buf *out, const CoachTenant *tenant, const InsightUpdate *u, double seconds)
{
    char from[11], to[11];
    clock_format_date(u->first_day, from);
    clock_format_date(u->to - 1, to);
    buf_addf(out,
             "%s: %lld effects of coaching from %s to %s, %lld found (%lld by experiments), %lld refused; "
             "%.1f s (%s)\n",
             tenant->slug, (long long)u->rows, from, to, (long long)u->answers, (long long)u->by_experiment,
             (long long)(u->rows - u->answers), seconds, tenant->simulated ? "simulated" : "measured");
    if (u->running > 0)
        buf_addf(out, "experiments: %d ran, %d stopped by a guard-rail now, %d past their planned end\n",
                 u->running, u->stopped, u->past_end);
    if (u->left_out > 0)
        buf_addf(out, "left out: %d coaches, offices or programmes beyond %d of each\n", u->left_out,
                 INSIGHT_UPDATE_NAMES);
}

static ErrKind update(PgShards *s, const CoachTenant *tenant, const CliCall *call, Deadline by, void *arg,
                      Err *reterr)
{
    (void)arg;
    InsightUpdate u;
    CLEANUP(buf_done) Buf out = BUF(OUT_MAX);
    int32_t as_of;
    int64_t live_us, began = clock_mono_us();
    TRY(coach_horizon(s, tenant->id, by, &as_of, &live_us, NULL, reterr));
    TRY(insight_update(s, tenant, (int32_t)(live_us / US_PER_DAY), record, NULL, by, &u, reterr));
    double seconds = (double)(clock_mono_us() - began) / (double)US_PER_S;
    if (cli_flag(call, "json"))
        update_json(&out, tenant, &u, seconds);
    else
        update_text(&out, tenant, &u, seconds);
    TRY(buf_check(&out, reterr));
    fwrite(out.ptr, 1, out.len, stdout);
    return ERR_NONE;
}

static ErrKind run_update(const CliCall *call, Err *reterr)
{
    return cmd_coach_each(call, update, NULL, reterr);
}

/* ---- effects ------------------------------------------------------------------------------------------------------- */

static void effect_text(Buf *out, const InsightStored *r)
{
    static const char *const TIERS[] = {"all", "fewest", "middle", "most"};
    buf_addf(out, "%-12s %-28.28s %-10s %-6s ", insight_scope_name(r->scope), r->title.ptr,
             INSIGHT_METRIC_NAMES[r->outcome], TIERS[r->tier + 1]);
    if (r->refusal.ptr)
        buf_addf(out, "none: " STR_FMT "\n", STR_ARG(r->refusal));
    else
        buf_addf(out, "%10.4g  %10.4g to %-10.4g %s, %lld and %lld agents\n", r->e.estimate, r->e.low,
                 r->e.high, r->experiment ? "experiment" : "history", (long long)r->n_treated,
                 (long long)r->n_control);
}

static void effects_text(Buf *out, const CoachTenant *tenant, const InsightStoredList *l)
{
    char at[25];
    if (l->n == 0) {
        buf_addf(out, "%s: no effects are stored: ehub insight update --tenant %s\n", tenant->slug,
                 tenant->slug);
        return;
    }
    clock_format(l->row[0].made_at, at);
    buf_addf(out, "%s: effect of coaching per agent and %d days, 95 %% interval, updated %s (%s)\n",
             tenant->slug, INSIGHT_PER_DAYS, at, tenant->simulated ? "simulated" : "measured");
    buf_addf(out, "%-12s %-28s %-10s %-6s %10s\n", "of", "which", "on", "tier", "effect");
    for (int i = 0; i < l->n; i++)
        effect_text(out, &l->row[i]);
}

static void effects_json(Buf *out, const CoachTenant *tenant, const InsightStoredList *l)
{
    Jw w = jw(out);
    jw_obj(&w);
    jw_kv_cstr(&w, "tenant", tenant->slug);
    jw_key(&w, "items");
    jw_arr(&w);
    for (int i = 0, n = 1; i < l->n; i += n) {
        n = insight_stored_rows(&l->row[i], l->n - i);
        jw_obj(&w);
        insight_stored_json(&w, &l->row[i], n);
        jw_end(&w);
    }
    jw_end(&w);
    jw_kv_cstr(&w, "label", tenant->simulated ? "simulated" : "measured");
    jw_end(&w);
    buf_add_char(out, '\n');
}

static ErrKind effects(PgShards *s, const CoachTenant *tenant, const CliCall *call, Deadline by, void *arg,
                       Err *reterr)
{
    (void)arg;
    CLEANUP(insight_store_list_done) InsightStoredList l = {0};
    CLEANUP(buf_done) Buf out = BUF(OUT_MAX);
    InsightScope scope;
    const InsightStoreQuery q = {.scope = cli_text(call, "scope", NULL),
                                 .name = cli_text(call, "name", NULL),
                                 .outcome = cli_text(call, "outcome", NULL),
                                 .detail = cli_flag(call, "detail")};
    if (q.scope && !insight_scope_parse(str_from(q.scope), &scope))
        return err_set(reterr, ERR_USAGE, "--scope: all, intervention, programme, coach or office");
    if (q.outcome && strcmp(q.outcome, "closings") != 0 && strcmp(q.outcome, "commission") != 0)
        return err_set(reterr, ERR_USAGE, "--outcome: closings or commission");
    TRY(insight_store_read(s, tenant->id, &q, by, &l, reterr));
    if (cli_flag(call, "json"))
        effects_json(&out, tenant, &l);
    else
        effects_text(&out, tenant, &l);
    TRY(buf_check(&out, reterr));
    fwrite(out.ptr, 1, out.len, stdout);
    return ERR_NONE;
}

static ErrKind run_effects(const CliCall *call, Err *reterr)
{
    return cmd_coach_each(call, effects, NULL, reterr);
}

const CliCmd CMD_INSIGHT_UPDATE = {
    .name = "update",
    .help = "Find the effects of all coaching anew and store them; looks at the guard-rails of experiments",
    .details = "What the server does every night, on demand: of all coaching, of each intervention, "
               "programme, coach and office, on\n"
               "closings and commission, over all and by third of the closings before. An experiment on "
               "exactly the keys of an\n"
               "intervention or programme gives its effect; else the history does, by staggered difference "
               "in differences. What\n"
               "the data cannot give is stored as a refusal with its reason.",
    .options =
        (const CliOption[]){CMD_COACH_TENANT_OPTIONS, {"json", CLI_FLAG, NULL, "Print JSON"}, {.name = NULL}},
    .run = run_update,
};
const CliCmd CMD_INSIGHT_EFFECTS = {
    .name = "effects",
    .help = "List the effects that are stored, with their intervals",
    .details = "Each is per agent and 28 days, in closings or in whole units of the currency; tiers are "
               "thirds by closings of 180\n"
               "days before. --detail (with --json) adds event study, balance, diagnostics and assumptions.",
    .options =
        (const CliOption[]){
            CMD_COACH_TENANT_OPTIONS,
            {"scope", CLI_TEXT, "WHAT", "Only all, intervention, programme, coach or office"},
            {"name", CLI_TEXT, "NAME", "Only this one: a key, an experiment, a coach, an office's id"},
            {"outcome", CLI_TEXT, "WHAT", "Only closings or commission"},
            {"detail", CLI_FLAG, NULL, "With what stands behind each"},
            {"json", CLI_FLAG, NULL, "Print JSON"},
            {.name = NULL}},
    .run = run_effects,
};
