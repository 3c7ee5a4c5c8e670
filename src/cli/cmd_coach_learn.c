/* cmd_coach_learn.c - ehub coach learn: what coaching was seen to do, and whether the choice goes by it. Experiments belong to
 * insight/, beliefs to coach/: here they meet. */
#include "base/jw.h"
#include "base/mem.h"
#include "cli/cmd_coach_common.h"
#include "cli/cmd_tenant.h"
#include "coach/coach_belief.h"
#include "insight/insight_experiment.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define BOOK_ARENA (8u << 20)
#define OUT_MAX (4u << 20)
#define STUDY_DAYS 28 /* a younger estimate says too little to be worth its outcomes */
#define PANEL_DAYS 28 /* what a roll-out's effect is counted over (insight_experiment.h) */

/* ---- updating ------------------------------------------------------------------------------------------------------ */

/* The estimates of experiments with one intervention, counted in closings. */
static ErrKind read_studies(PgShards *s, Uuid tenant, Deadline by, CoachStudy *ret, int *ret_n, Err *reterr)
{
    CLEANUP(mem_freep) InsightExperiment *list = NULL;
    int n = 0;
    int32_t horizon;
    int64_t live_us;
    TRY(coach_horizon(s, tenant, by, &horizon, &live_us, NULL, reterr));
    TRY(insight_experiments(s, tenant, by, &list, &n, reterr));
    for (int i = 0; i < n && *ret_n < COACH_STUDIES_MAX; i++) {
        const InsightExperiment *e = &list[i];
        if (e->n_keys != 1 || e->outcome != INSIGHT_CLOSINGS)
            continue;
        InsightStatus st;
        ErrKind kind =
            insight_experiment_status(s, tenant, e, (int32_t)(live_us / US_PER_DAY), by, &st, reterr);
        if (!kind && st.has_answer && st.to - st.from >= STUDY_DAYS && st.answer.effect.se > 0) {
            double to_30 = 30.0 / (e->n_waves > 1 ? PANEL_DAYS : st.to - st.from);
            CoachStudy *study = &ret[(*ret_n)++];
            *study = (CoachStudy){.experiment = e->id,
                                  .from = st.from,
                                  .to = st.to,
                                  .effect = st.answer.effect.estimate * to_30,
                                  .se = st.answer.effect.se * to_30};
            memcpy(study->key, e->keys[0], sizeof(study->key));
        }
        insight_status_done(&st);
        TRY(kind);
    }
    return ERR_NONE;
}

ErrKind cmd_coach_update_beliefs(PgShards *s, Uuid tenant, int32_t as_of, Deadline by,
                                 CoachBeliefSummary *ret, Err *reterr)
{
    CoachStudy studies[COACH_STUDIES_MAX];
    int n = 0;
    TRY(read_studies(s, tenant, by, studies, &n, reterr));
    return coach_belief_update(s, tenant, as_of, studies, n, by, ret, reterr);
}

/* ---- showing ------------------------------------------------------------------------------------------------------- */

typedef struct Shown {
    const CoachTenant *tenant;
    bool on;
    CoachPlaybook book;
    const CoachBelief *beliefs;
    CoachBeliefSummary sum;
} Shown;

static void print_json(const Shown *v)
{
    CLEANUP(buf_done) Buf out = BUF(OUT_MAX);
    Jw w = jw(&out);
    jw_obj(&w);
    jw_kv_cstr(&w, "tenant", v->tenant->slug);
    jw_kv_cstr(&w, "label", v->tenant->simulated ? "simulated" : "measured");
    jw_kv_bool(&w, "learned_choice", v->on);
    jw_kv_i64(&w, "measured", v->sum.outcomes.measured);
    jw_kv_i64(&w, "unmeasured", v->sum.outcomes.unmeasured);
    jw_kv_i64(&w, "waiting", v->sum.outcomes.waiting);
    jw_kv_i64(&w, "outcomes", v->sum.used);
    jw_kv_i64(&w, "experiments", v->sum.studies);
    jw_kv_f64(&w, "log_odds_per_closing", v->sum.slope);
    jw_key(&w, "beliefs");
    jw_arr(&w);
    for (int k = 0; k < v->book.n; k++)
        for (int t = 0; t < COACH_N_TIERS; t++) {
            jw_obj(&w);
            jw_kv_cstr(&w, "key", v->book.plays[k].key);
            jw_kv_cstr(&w, "tier", coach_tier_name((CoachTier)t));
            jw_kv_f64(&w, "prior", v->book.plays[k].prior_effect);
            jw_kv_f64(&w, "mean", v->beliefs[k].mean[t]);
            jw_kv_f64(&w, "sd", coach_belief_sd(&v->beliefs[k], (CoachTier)t));
            jw_kv_i64(&w, "n", v->beliefs[k].n[t]);
            jw_end(&w);
        }
    jw_end(&w);
    jw_end(&w);
    printf("%s\n", buf_cstr(&out));
}

static void print_table(const Shown *v)
{
    printf("%s (%s): the nightly choice %s\n", v->tenant->slug,
           v->tenant->simulated ? "simulated" : "measured",
           v->on ? "goes by what was learned" : "goes by the playbook's priors (--switch on changes that)");
    printf(
        "%lld decisions measured now, %lld cannot be measured, %lld are not four weeks old; beliefs rest on "
        "%lld outcomes and %d experiments\n",
        (long long)v->sum.outcomes.measured, (long long)v->sum.outcomes.unmeasured,
        (long long)v->sum.outcomes.waiting, (long long)v->sum.used, v->sum.studies);
    printf("\n%-28s %6s", "effect, log-odds of the goal", "prior");
    for (int t = 0; t < COACH_N_TIERS; t++)
        printf("  %22s", coach_tier_words((CoachTier)t));
    printf("\n");
    for (int k = 0; k < v->book.n; k++) {
        printf("%-28s %6.2f", v->book.plays[k].key, v->book.plays[k].prior_effect);
        for (int t = 0; t < COACH_N_TIERS; t++) {
            char cell[64];
            (void)snprintf(cell, sizeof(cell), "%.2f +- %.2f (%lld)", v->beliefs[k].mean[t],
                           coach_belief_sd(&v->beliefs[k], (CoachTier)t), (long long)v->beliefs[k].n[t]);
            printf("  %22s", cell);
        }
        printf("\n");
    }
    printf("\nmean +- standard deviation (outcomes)\n");
}

static ErrKind turn(PgShards *s, const CoachTenant *tenant, const char *to, Deadline by, Err *reterr)
{
    bool on = strcmp(to, "on") == 0;
    if (!on && strcmp(to, "off") != 0)
        return err_set(reterr, ERR_USAGE, "--switch: \"%.20s\": on or off", to);
    TRY(coach_belief_switch(s, tenant->id, on, by, reterr));
    return cmd_tenant_audit(s, tenant->id, on ? "choice.learn_on" : "choice.learn_off", tenant->id, reterr);
}

static ErrKind learn(PgShards *s, const CoachTenant *tenant, const CliCall *call, Deadline by, void *arg,
                     Err *reterr)
{
    (void)arg;
    Shown v = {.tenant = tenant};
    int32_t as_of;
    const char *to = cli_text(call, "switch", NULL);
    CLEANUP(arena_freep) Arena *arena = arena_new(BOOK_ARENA);
    TRY(cmd_coach_as_of(call, &as_of, reterr));
    if (to)
        TRY(turn(s, tenant, to, by, reterr));
    TRY(cmd_coach_update_beliefs(s, tenant->id, as_of, by, &v.sum, reterr));
    TRY(coach_belief_on(s, tenant->id, by, &v.on, reterr));
    TRY(coach_playbook_get(s, tenant->id, arena, by, &v.book, reterr));
    CLEANUP(mem_freep) CoachBelief *beliefs = mem_array((size_t)MAX(v.book.n, 1), sizeof *beliefs);
    TRY(coach_belief_read(s, tenant->id, &v.book, by, beliefs, reterr));
    v.beliefs = beliefs;
    if (cli_flag(call, "json"))
        print_json(&v);
    else
        print_table(&v);
    return ERR_NONE;
}

static ErrKind run(const CliCall *call, Err *reterr)
{
    return cmd_coach_each(call, learn, NULL, reterr);
}

const CliCmd CMD_COACH_LEARN = {
    .name = "learn",
    .help = "Learn from outcomes and experiments what each intervention does, by tier of agent",
    .details =
        "Measures what came of coaching that was sent four weeks ago, over comparable agents, and "
        "makes\n"
        "the beliefs anew from all outcomes and experiments; they start at the playbook's prior effects.\n"
        "With --switch on the nightly choice (ehub coach choose) learns first and then draws from the "
        "beliefs\n"
        "(Thompson sampling), within all limits and experiments; every draw's chance is kept with it.",
    .options =
        (const CliOption[]){
            CMD_COACH_TENANT_OPTIONS,
            {"as-of", CLI_DATE, "DATE", "Until when outcomes count (default: end of the data)"},
            {.name = "switch",
             .kind = CLI_TEXT,
             .metavar = "on|off",
             .help = "Whether the tenant's nightly choice learns (default at first: off)"},
            {.name = "json", .kind = CLI_FLAG, .help = "JSON instead of a table"},
            {.name = NULL}},
    .run = run,
};
