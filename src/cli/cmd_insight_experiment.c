/* cmd_insight_experiment.c - ehub insight experiment create|list|status|stop: coaching that is drawn by chance. Every change is
 * one transaction with its audit row. */
#include "base/mem.h"
#include "cli/cli_guard.h"
#include "cli/cmd_coach_common.h"
#include "cli/cmd_insight.h"
#include "coach/coach_feature.h"
#include "coach/coach_playbook.h"
#include "insight/insight_experiment.h"
#include "privacy/audit.h"
#include "privacy/pii_audit.h"
#include "rt/deadline.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define BOOK_ARENA (8u << 20)
#define OUT_MAX (16u << 20)
#define SEED_MAX INT64_C(9007199254740992) /* JSON's readers may hold numbers as doubles */

ErrKind cmd_insight_record(const char *actor, PgConn *control, const InsightExperiment *e, const char *action,
                           Deadline by, Err *reterr)
{
    CLEANUP(buf_done) Buf detail = BUF(AUDIT_DETAIL_MAX);
    char object[UUID_TEXT];
    Jw w = jw(&detail);
    insight_experiment_audit(&w, e);
    TRY(buf_check(&detail, reterr));
    uuid_format(e->id, object);
    const AuditEntry entry = {actor, action, object, buf_str(&detail)};
    return audit_append_in(control, &entry, by, reterr);
}

static ErrKind record(void *arg, PgConn *control, const InsightExperiment *e, const char *action, Deadline by,
                      Err *reterr)
{
    (void)arg;
    return cmd_insight_record("ehub insight experiment", control, e, action, by, reterr);
}

/* ---- create -------------------------------------------------------------------------------------------------------- */

static ErrKind read_keys(PgShards *s, Uuid tenant, const CliCall *call, InsightExperiment *e, Deadline by,
                         Err *reterr)
{
    CLEANUP(arena_freep) Arena *arena = arena_new(BOOK_ARENA);
    CoachPlaybook book;
    TRY(coach_playbook_get(s, tenant, arena, by, &book, reterr));
    Str rest = str_from(cli_text(call, "keys", "")), key;
    while (rest.len > 0 && str_next(&rest, ',', &key)) {
        bool known = false;
        for (int i = 0; i < book.n; i++)
            known = known || str_eq_c(key, book.plays[i].key);
        if (!known)
            return err_set(reterr, ERR_INVALID,
                           "--keys: the playbook has no \"%.*s\" (ehub coach playbook list)",
                           (int)MIN(key.len, 60), key.ptr);
        if (e->n_keys == INSIGHT_KEYS_MAX)
            return err_set(reterr, ERR_USAGE, "--keys: more than %d", INSIGHT_KEYS_MAX);
        (void)str_copy(e->keys[e->n_keys++], sizeof(e->keys[0]), key);
    }
    return e->n_keys > 0 ? ERR_NONE : err_set(reterr, ERR_USAGE, "--keys: none given");
}

static ErrKind read_waves(const CliCall *call, InsightExperiment *e, Err *reterr)
{
    Str rest = str_from(cli_text(call, "waves", "")), day;
    const char *start = cli_text(call, "start", NULL);
    if (rest.len > 0 && start)
        return err_set(reterr, ERR_USAGE, "--start and --waves exclude each other");
    e->waves[0] = (int32_t)(clock_now_us() / US_PER_DAY);
    e->n_waves = 1;
    if (start && !clock_parse_date(str_from(start), &e->waves[0]))
        return err_set(reterr, ERR_USAGE, "--start: \"%.40s\" is no date (YYYY-MM-DD)", start);
    for (int n = 0; rest.len > 0 && str_next(&rest, ',', &day); n++) {
        if (n == INSIGHT_WAVES_MAX || !clock_parse_date(day, &e->waves[n]))
            return err_set(reterr, ERR_USAGE, "--waves: up to %d dates YYYY-MM-DD with commas between",
                           INSIGHT_WAVES_MAX);
        e->n_waves = n + 1;
    }
    e->ends_on = e->waves[e->n_waves - 1] + (int32_t)cli_int(call, "days", 90);
    return ERR_NONE;
}

static ErrKind read_guard(Str text, InsightGuard *ret, Err *reterr)
{
    Str metric;
    double percent;
    Str rest = text;
    if (str_next(&rest, ':', &metric) && str_to_f64(rest, &percent) && percent > 0 && percent <= 100)
        for (int m = 0; m < INSIGHT_N_METRICS; m++)
            if (str_eq_c(metric, INSIGHT_METRIC_NAMES[m])) {
                *ret = (InsightGuard){(InsightMetric)m, percent / 100};
                return ERR_NONE;
            }
    return err_set(reterr, ERR_USAGE,
                   "--guard: \"%.*s\": METRIC:PERCENT with closings, commission, calls or left",
                   (int)MIN(text.len, 60), text.ptr);
}

static ErrKind read_guards(const CliCall *call, InsightExperiment *e, Err *reterr)
{
    Str rest = str_from(cli_text(call, "guard", "closings:20,left:10")), one;
    if (str_eq_c(rest, "none"))
        return ERR_NONE;
    while (rest.len > 0 && str_next(&rest, ',', &one)) {
        if (e->n_guards == INSIGHT_GUARDS_MAX)
            return err_set(reterr, ERR_USAGE, "--guard: more than %d", INSIGHT_GUARDS_MAX);
        TRY(read_guard(one, &e->guards[e->n_guards++], reterr));
    }
    return ERR_NONE;
}

static ErrKind read_experiment(PgShards *s, Uuid tenant, const CliCall *call, InsightExperiment *e,
                               Deadline by, Err *reterr)
{
    const char *name = cli_text(call, "name", NULL), *outcome = cli_text(call, "outcome", "closings");
    *e = (InsightExperiment){
        .share = 0.5, .effect = NAN, .seed = (uint64_t)cli_int(call, "seed", clock_now_us() % SEED_MAX)};
    if (!insight_experiment_name_ok(str_from(name)) || !str_copy(e->name, sizeof(e->name), str_from(name)))
        return err_set(reterr, ERR_USAGE, "--name: \"%.70s\": up to 63 of a-z, 0-9 and -", name);
    e->outcome = strcmp(outcome, "commission") == 0 ? INSIGHT_COMMISSION : INSIGHT_CLOSINGS;
    if (strcmp(outcome, INSIGHT_METRIC_NAMES[e->outcome]) != 0)
        return err_set(reterr, ERR_USAGE, "--outcome: closings or commission");
    TRY(cmd_insight_number(call, "share", 0.01, 0.99, &e->share, reterr));
    TRY(cmd_insight_number(call, "effect", -1e12, 1e12, &e->effect, reterr));
    TRY(read_waves(call, e, reterr));
    TRY(read_guards(call, e, reterr));
    return read_keys(s, tenant, call, e, by, reterr);
}

static ErrKind create(PgShards *s, const CoachTenant *tenant, const CliCall *call, Deadline by, void *arg,
                      Err *reterr)
{
    (void)arg;
    InsightExperiment e;
    InsightPlan p;
    CLEANUP(buf_done) Buf out = BUF(OUT_MAX);
    bool dry = cli_flag(call, "dry-run");
    TRY(read_experiment(s, tenant->id, call, &e, by, reterr));
    TRY(insight_experiment_create(s, tenant->id, &e, dry, record, NULL, by, &p, reterr));
    if (cli_flag(call, "json")) {
        Jw w = jw(&out);
        jw_obj(&w);
        jw_kv_bool(&w, "stored", !dry);
        insight_experiment_json(&w, &e);
        insight_plan_json(&w, &p);
        jw_kv_cstr(&w, "label", "projection");
        jw_end(&w);
    } else {
        buf_addf(&out, "%s %s: %lld agents may get it, %lld are held out (seed %llu, %d strata)\n", e.name,
                 dry ? "would be begun" : "has begun", (long long)p.n_treated, (long long)p.n_control,
                 (unsigned long long)e.seed, (int)p.n_strata);
        if (p.sd > 0)
            buf_addf(&out, "an effect of %.3g %s is found with a chance of 80 %% (projection)\n", p.found,
                     INSIGHT_METRIC_NAMES[e.outcome]);
        if (!isnan(p.power))
            buf_addf(&out, "the effect of %.3g is found with a chance of %.0f %%; 80 %% need %.0f agents\n",
                     e.effect, 100 * p.power, p.needed);
    }
    TRY(buf_check(&out, reterr));
    puts(buf_cstr(&out));
    return ERR_NONE;
}

/* ---- status -------------------------------------------------------------------------------------------------------- */

static void status_text(Buf *out, const InsightExperiment *e, const InsightStatus *st, bool simulated)
{
    char from[11], to[11];
    clock_format_date(st->from, from);
    clock_format_date(st->to, to);
    buf_addf(out, "%s: %s%s%s; %s to %s, %lld may get it, %lld held out (%s)\n", e->name,
             e->running ? "running" : "stopped", e->running ? "" : ", ", e->stop_reason, from, to,
             (long long)st->n_treated, (long long)st->n_control, simulated ? "simulated" : "measured");
    if (insight_experiment_overdue(e, st->to))
        buf_addf(out,
                 "its planned end, %s, has come: the effect is final, the hold-out is held back until it is "
                 "stopped\n",
                 to);
    if (st->has_answer)
        buf_addf(
            out,
            "effect on %s %.4g; 95 %% interval %.4g to %.4g, and for looking at any time %.4g to %.4g (%s)\n",
            INSIGHT_METRIC_NAMES[e->outcome], st->answer.effect.estimate, st->answer.effect.low,
            st->answer.effect.high, st->always_low, st->always_high, st->answer.method);
    else
        buf_addf(out, "no effect yet: %s\n", st->refusal);
    buf_addf(out, "before: a difference of %.2f standard deviations\n", st->balance[e->outcome]);
    for (int i = 0; i < st->n_guards; i++)
        buf_addf(out, "guard-rail %s at %g %%: %.4g against %.4g%s\n",
                 INSIGHT_METRIC_NAMES[st->guards[i].guard.metric], 100 * st->guards[i].guard.drop,
                 st->guards[i].treated, st->guards[i].control, st->guards[i].crossed ? ", crossed" : "");
}

static ErrKind look(PgShards *s, const CoachTenant *tenant, InsightExperiment *e, Deadline by,
                    InsightStatus *st, Err *reterr)
{
    int32_t as_of;
    int64_t live_us;
    TRY(coach_horizon(s, tenant->id, by, &as_of, &live_us, NULL, reterr));
    return insight_experiment_look(s, tenant->id, e, (int32_t)(live_us / US_PER_DAY), record, NULL, by, st,
                                   reterr);
}

static ErrKind status(PgShards *s, const CoachTenant *tenant, const CliCall *call, Deadline by, void *arg,
                      Err *reterr)
{
    (void)arg;
    InsightExperiment e;
    InsightStatus st = {.crossed = -1};
    CLEANUP(buf_done) Buf out = BUF(OUT_MAX);
    TRY(insight_experiment_get(s, tenant->id, cli_text(call, "name", ""), by, &e, reterr));
    ErrKind kind = look(s, tenant, &e, by, &st, reterr);
    if (!kind && cli_flag(call, "json")) {
        Jw w = jw(&out);
        jw_obj(&w);
        insight_experiment_json(&w, &e);
        insight_status_json(&w, &e, &st);
        jw_kv_cstr(&w, "label", tenant->simulated ? "simulated" : "measured");
        jw_end(&w);
        buf_add_char(&out, '\n');
    } else if (!kind) {
        status_text(&out, &e, &st, tenant->simulated);
    }
    insight_status_done(&st);
    TRY(kind);
    TRY(buf_check(&out, reterr));
    fwrite(out.ptr, 1, out.len, stdout);
    return ERR_NONE;
}

static ErrKind list(PgShards *s, const CoachTenant *tenant, const CliCall *call, Deadline by, void *arg,
                    Err *reterr)
{
    (void)arg, (void)call;
    CLEANUP(mem_freep) InsightExperiment *e = NULL;
    int n;
    TRY(insight_experiments(s, tenant->id, by, &e, &n, reterr));
    for (int i = 0; i < n; i++) {
        char from[11], to[11];
        clock_format_date(e[i].waves[0], from);
        clock_format_date(e[i].ends_on, to);
        printf("%-24s %s  %s to %s  %d agents  %s%s%s\n", e[i].name, e[i].running ? "running" : "stopped",
               from, to, e[i].n_agents, e[i].keys[0], e[i].n_keys > 1 ? ", ..." : "",
               e[i].running ? "" : e[i].stop_reason);
    }
    return ERR_NONE;
}

static ErrKind stop(PgShards *s, const CoachTenant *tenant, const CliCall *call, Deadline by, void *arg,
                    Err *reterr)
{
    (void)arg;
    InsightExperiment e;
    PiiGuard *guard;
    const PiiWhere where = {.tenant = tenant->id, .slug = tenant->slug, .source = "insight experiment stop"};
    CLEANUP(buf_done) Buf reason = BUF(65536);
    TRY(insight_experiment_get(s, tenant->id, cli_text(call, "name", ""), by, &e, reterr));
    TRY(cli_guard(&guard, reterr));
    Str given = str_from(cli_text(call, "reason", "ended by the operator"));
    (void)pii_guard_text(guard, &where, PII_FOR_STORE, given, &reason);
    TRY(pii_audit_flush(s, pii_guard_tally(guard), by, reterr));
    if (reason.len >= sizeof(e.stop_reason))
        return err_set(reterr, ERR_USAGE, "--reason: at most %zu bytes", sizeof(e.stop_reason) - 1);
    TRY(insight_experiment_stop(s, tenant->id, &e, buf_cstr(&reason), record, NULL, by, reterr));
    printf("%s has ended: nobody is held back any more\n", e.name);
    return ERR_NONE;
}

static ErrKind run_create(const CliCall *call, Err *reterr)
{
    return cmd_coach_each(call, create, NULL, reterr);
}

static ErrKind run_status(const CliCall *call, Err *reterr)
{
    return cmd_coach_each(call, status, NULL, reterr);
}

static ErrKind run_list(const CliCall *call, Err *reterr)
{
    return cmd_coach_each(call, list, NULL, reterr);
}

static ErrKind run_stop(const CliCall *call, Err *reterr)
{
    return cmd_coach_each(call, stop, NULL, reterr);
}

#define TENANT                                                           \
    {                                                                    \
        "tenant", CLI_TEXT, "SLUG", "The tenant (default: the only one)" \
    }
#define ALL                                   \
    {                                         \
        "all", CLI_FLAG, NULL, "Every tenant" \
    }

static const CliCmd CREATE = {
    .name = "create",
    .help = "Draw agents who may get an intervention and a hold-out who never gets it",
    .details = "Drawn within strata of office and third of closings in the 180 days before, by a seed that "
               "is kept. While it runs,\n"
               "the choice of coaching holds the rest back; agents who come later are not in it. The plan "
               "says what effect\n"
               "can be found; look at it with --dry-run first.",
    .options =
        (const CliOption[]){
            TENANT,
            ALL,
            {"name", CLI_TEXT, "NAME", "What it is called", true},
            {"keys", CLI_TEXT, "A,B", "Keys of the playbook: an intervention, or the several of a programme",
             true},
            {"share", CLI_TEXT, "P", "Share of the agents who may get it in the end (default: 0.5)"},
            {"start", CLI_DATE, "DATE", "Begin (default: today)"},
            {"waves", CLI_TEXT, "D1,D2", "A roll-out in phases: from when each wave may get it"},
            {"days", CLI_INT, "N", "Length from the last wave on (default: 90)", false, 1, 3650},
            {"outcome", CLI_TEXT, "WHAT", "closings or commission (default: closings)"},
            {"effect", CLI_TEXT, "X", "Smallest effect that matters, for the plan"},
            {"guard", CLI_TEXT, "LIST",
             "Guard-rails METRIC:PERCENT,... or none (default: closings:20,left:10)"},
            {"seed", CLI_INT, "N", "Seed of the draw (default: from the clock)", false, 0, SEED_MAX - 1},
            {"dry-run", CLI_FLAG, NULL, "Print the plan, store nothing"},
            {"json", CLI_FLAG, NULL, "Print JSON"},
            {.name = NULL},
        },
    .run = run_create,
};
static const CliCmd LIST = {
    .name = "list",
    .help = "List the experiments of a tenant",
    .options = (const CliOption[]){TENANT, ALL, {.name = NULL}},
    .run = run_list,
};
static const CliCmd STATUS = {
    .name = "status",
    .help = "Show the effect so far, the balance and the guard-rails; stops what a guard-rail stops",
    .options = (const CliOption[]){TENANT,
                                   ALL,
                                   {"name", CLI_TEXT, "NAME", "Which experiment", true},
                                   {"json", CLI_FLAG, NULL, "Print JSON"},
                                   {.name = NULL}},
    .run = run_status,
};
static const CliCmd STOP = {
    .name = "stop",
    .help = "End an experiment: nobody is held back any more",
    .options = (const CliOption[]){TENANT,
                                   ALL,
                                   {"name", CLI_TEXT, "NAME", "Which experiment", true},
                                   {"reason", CLI_TEXT, "TEXT", "Why, for the record"},
                                   {.name = NULL}},
    .run = run_stop,
};

const CliCmd CMD_INSIGHT_EXPERIMENT = {
    .name = "experiment",
    .help = "Coaching that is drawn by chance, so that its effect can be told",
    .subs = (const CliCmd *const[]){&CREATE, &LIST, &STATUS, &STOP, NULL},
};
