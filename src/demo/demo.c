/* demo.c - office by office: simulate, set goals, load; and once more without coaching, for the truth. */
#include "demo/demo.h"

#include "base/clock.h"
#include "base/jw.h"
#include "base/mem.h"
#include "demo/demo_load.h"
#include "demo/demo_money.h"
#include "demo/demo_names.h"
#include "demo/demo_tenant.h"

#include <math.h>

#define OFFICES_A_COMMIT 4 /* neighbours lie on the four shards, which then insert at the same time */
#define QUARTERS_MAX 32

typedef struct Run {
    const DemoConf *conf;
    DemoReport *report;
    DemoWorld world;
    PgBulk *bulk;
    Deadline by;
} Run;

int64_t demo_report_rows(const DemoReport *r)
{
    return r->agents + r->goals + r->leads + r->opportunities + r->activities + r->sessions;
}

static ErrKind check_conf(const DemoConf *c, Err *reterr)
{
    if (c->agents < 1 || c->agents > DEMO_AGENTS_MAX)
        return err_set(reterr, ERR_LIMIT, "agents: 1 to %d", DEMO_AGENTS_MAX);
    if (c->months < 1 || c->months > DEMO_MONTHS_MAX)
        return err_set(reterr, ERR_LIMIT, "months: 1 to %d", DEMO_MONTHS_MAX);
    if (c->offices < 0 || c->offices > DEMO_OFFICES_MAX || c->offices > c->agents)
        return err_set(reterr, ERR_LIMIT, "offices: 1 to %d, and at most one for each agent",
                       DEMO_OFFICES_MAX);
    return ERR_NONE;
}

/* The first of the month `months` before the month of `until`. */
static int32_t first_day(int32_t until, int months)
{
    int y, m, d;
    clock_civil(until, &y, &m, &d);
    int month = y * 12 + (m - 1) - months;
    return clock_days(month / 12, month % 12 + 1, 1);
}

static int quarters(int32_t first, int32_t until, int32_t *starts)
{
    int y, m, d, n = 0;
    clock_civil(first, &y, &m, &d);
    for (int month = y * 12 + (m - 1) / 3 * 3; n < QUARTERS_MAX; month += 3) {
        int32_t day = clock_days(month / 12, month % 12 + 1, 1);
        if (day >= until)
            return n;
        starts[n++] = day;
    }
    return n;
}

/* The office's goal: what its agents closed on average in 30 days of the quarter before, a little more, in whole deals. */
static int office_target(const DemoWorld *w, const DemoRows *agents, int n, int32_t from)
{
    int32_t since = MAX(from - 90, w->first);
    if (from - since < 30)
        return 1;
    double won = 0, days = 0;
    for (int i = 0; i < n; i++) {
        int32_t in = MAX(agents[i].agent.started_on, since);
        int32_t out = agents[i].agent.left_on ? MIN(agents[i].agent.left_on, from) : from;
        days += MAX(0, out - in);
        won += demo_rows_won(&agents[i], since * US_PER_DAY, from * US_PER_DAY);
    }
    return days > 0 ? MAX(1, (int)lround(won / days * 30.0 + 0.25)) : 1;
}

static ErrKind load_goals(Run *run, const DemoLoad *l, const DemoRows *agents, int n, Err *reterr)
{
    int32_t starts[QUARTERS_MAX];
    int n_quarters = quarters(run->world.first, run->world.until, starts);
    for (int q = 0; q < n_quarters; q++) {
        DemoGoal goal = {starts[q], q + 1 < n_quarters ? starts[q + 1] : 0,
                         office_target(&run->world, agents, n, starts[q])};
        for (int i = 0; i < n; i++) {
            const DemoAgent *a = &agents[i].agent;
            if ((a->left_on && a->left_on <= goal.valid_from) ||
                (goal.valid_to && a->started_on >= goal.valid_to))
                continue;
            DemoGoal own = goal;
            own.target = goal.valid_from - a->started_on < 180 ? 1 : goal.target; /* beginners: one */
            TRY(demo_load_goal(l, a, &own, reterr));
            run->report->goals++;
        }
    }
    return ERR_NONE;
}

static void count_rows(Run *run, const DemoRows *rows)
{
    DemoReport *r = run->report;
    r->agents++;
    r->leads += rows->n_leads;
    r->opportunities += rows->n_opportunities;
    r->activities += rows->n_activities;
    r->sessions += rows->n_sessions;
    for (int i = 0; i < rows->n_sessions; i++)
        r->topic_sessions[rows->sessions[i].topic]++;
    r->won += demo_rows_won(rows, run->world.first * US_PER_DAY, run->world.until * US_PER_DAY);
}

/* Agents `from` to `to`: the numbers of an office. */
static int office_from(const DemoConf *c, int offices, int office)
{
    return (int)((int64_t)office * c->agents / offices);
}

static ErrKind load_office(Run *run, int office, DemoRows *agents, Err *reterr)
{
    const DemoConf *c = run->conf;
    char coach[64];
    StatsRng r;
    stats_seed(&r, run->world.seed ^ (0xC0AC4ull + (uint64_t)office));
    demo_name(&r, coach, sizeof(coach));
    Uuid tenant = run->report->tenant;
    DemoLoad l = {run->bulk, tenant, demo_office_id(tenant, office), demo_office_slot(office),
                  coach,     run->by};
    int from = office_from(c, run->report->offices, office),
        to = office_from(c, run->report->offices, office + 1);
    DemoWorld uncoached = run->world;
    uncoached.coaching = false;
    for (int i = from; i < to; i++) {
        DemoRows *rows = &agents[i - from];
        demo_model_agent(&uncoached, i, office, l.slot, rows);
        run->report->won_without_coaching +=
            demo_rows_won(rows, run->world.first * US_PER_DAY, run->world.until * US_PER_DAY);
        demo_model_agent(&run->world, i, office, l.slot, rows);
        count_rows(run, rows);
        TRY(demo_load_agent(&l, rows, reterr));
    }
    return load_goals(run, &l, agents, to - from, reterr);
}

static ErrKind load_offices(Run *run, DemoRows *agents, DemoSeen *seen, void *arg, Err *reterr)
{
    int offices = run->report->offices;
    for (int office = 0; office < offices; office++) {
        if (office % OFFICES_A_COMMIT == 0)
            pg_bulk_begin(run->bulk);
        TRY(load_office(run, office, agents, reterr));
        if ((office + 1) % OFFICES_A_COMMIT != 0 && office + 1 < offices)
            continue;
        TRY(pg_bulk_commit(run->bulk, run->by, NULL, reterr));
        if (seen)
            seen(office + 1, offices, demo_report_rows(run->report), arg);
    }
    return ERR_NONE;
}

ErrKind demo_generate(PgShards *shards, const DemoConf *conf, DemoSeen *seen, void *arg, Deadline by,
                      DemoReport *ret, Err *reterr)
{
    TRY(check_conf(conf, reterr));
    BUG_ON(DEMO_N_TOPICS > DEMO_TOPICS_MAX);
    int64_t start = clock_mono_us();
    *ret = (DemoReport){.first = first_day(conf->until, conf->months)};
    ret->offices = conf->offices ? conf->offices : MIN(conf->agents, MAX(3, (conf->agents + 19) / 20));
    TRY(demo_tenant_clear(shards, conf, by, &ret->tenant, reterr));

    Run run = {.conf = conf, .report = ret, .by = by};
    run.world =
        (DemoWorld){.seed = conf->seed * UINT64_C(0x9E3779B97F4A7C15) ^ str_hash(str_from(conf->slug), 1),
                    .first = ret->first,
                    .until = conf->until,
                    .coaching = true,
                    .rollout = conf->rollout};
    int most = conf->agents / ret->offices + 1;
    DemoRows *agents = mem_array((size_t)most, sizeof(DemoRows));
    demo_model_agent(&run.world, 0, 0, demo_office_slot(0), &agents[0]);
    ErrKind kind =
        demo_tenant_make(shards, conf, ret->tenant, ret->offices, ret->first, agents[0].agent.id, by, reterr);
    if (kind == ERR_NONE)
        kind = demo_money_set(shards, ret->tenant, conf->record, by, reterr);
    if (kind == ERR_NONE) {
        run.bulk = pg_bulk_new(shards, ret->tenant, DEMO_LOAD_LIST, DEMO_LOAD_TABLES);
        kind = load_offices(&run, agents, seen, arg, reterr);
        pg_bulk_free(run.bulk);
    }
    for (int i = 0; i < most; i++)
        demo_rows_done(&agents[i]);
    mem_free(agents);
    ret->seconds = (double)(clock_mono_us() - start) / 1e6;
    return kind;
}

void demo_params_docs(Buf *out)
{
    buf_add_c(out, "| parameter | value | unit | basis | what |\n|---|---|---|---|---|\n");
#define X(name, value, unit, basis, what) \
    buf_addf(out, "| `%s` | %g | %s | %s | %s |\n", #name, value, unit, basis, what);
    DEMO_PARAMS(X)
#undef X
    buf_add_c(out, "\n| topic | true effect of one session | unit | minutes |\n|---|---|---|---|\n");
    for (int i = 0; i < DEMO_N_TOPICS; i++)
        buf_addf(out, "| `%s` | %g | %s | %d |\n", DEMO_TOPIC_LIST[i].key, DEMO_TOPIC_LIST[i].shift,
                 DEMO_TOPIC_LIST[i].unit, DEMO_TOPIC_LIST[i].minutes);
}

void demo_truth(const DemoConf *conf, const DemoReport *report, Buf *out)
{
    Jw w = jw(out);
    char day[11];
    jw_obj(&w);
    jw_kv_cstr(&w, "label", "simulated");
    jw_kv_cstr(&w, "tenant", conf->slug);
    jw_kv_i64(&w, "seed", (int64_t)conf->seed);
    jw_kv_i64(&w, "agents", conf->agents);
    jw_kv_i64(&w, "months", conf->months);
    jw_kv_bool(&w, "rollout", conf->rollout);
    clock_format_date(report->first, day);
    jw_kv_cstr(&w, "first", day);
    clock_format_date(conf->until, day);
    jw_kv_cstr(&w, "until", day);
    jw_key(&w, "parameters");
    jw_obj(&w);
#define X(name, value, unit, basis, what) jw_kv_f64(&w, #name, value);
    DEMO_PARAMS(X)
#undef X
    jw_end(&w);
    jw_key(&w, "topics");
    jw_arr(&w);
    for (int i = 0; i < DEMO_N_TOPICS; i++) {
        jw_obj(&w);
        jw_kv_cstr(&w, "key", DEMO_TOPIC_LIST[i].key);
        jw_kv_f64(&w, "shift", DEMO_TOPIC_LIST[i].shift);
        jw_kv_cstr(&w, "unit", DEMO_TOPIC_LIST[i].unit);
        jw_kv_i64(&w, "sessions", report->topic_sessions[i]);
        jw_end(&w);
    }
    jw_end(&w);
    jw_key(&w, "closings");
    jw_obj(&w);
    jw_kv_i64(&w, "with_coaching", report->won);
    jw_kv_i64(&w, "without_coaching", report->won_without_coaching);
    jw_kv_f64(&w, "caused_by_one_session",
              report->sessions
                  ? (double)(report->won - report->won_without_coaching) / (double)report->sessions
                  : 0.0);
    jw_end(&w);
    jw_end(&w);
    buf_add_char(out, '\n');
}
