/* insight_experiment.h - an experiment with coaching: who is drawn, what it has shown so far, when it stops itself.
 *
 *     agents of the tenant --insight_experiment_create--> arms on the shards (coach/coach_choose.h holds back), plan
 *     arms + closings since --insight_experiment_status--> effect with an interval that holds at every look, balance, guards
 *     insight_experiment_out.c: each of them as JSON, the same for the command line and the API
 *
 * Assignment: within strata (office x third of the closings in the 180 days before), agents are shuffled and the first of
 * each stratum are treated, so many that the share holds in each stratum to within one agent and over all exactly rounded;
 * treated ones are dealt to the waves in turn. The rest is the hold-out, which never gets it while the experiment runs.
 * Agents who come later are not in it. Effect: by assignment (who was drawn, whether or not the coach followed), from the
 * first wave on: CUPED with the same outcome of the 180 days before, strata held equal (insight_cuped.c).
 * With several waves: the mean over the arms' time, in periods of 28 days, by group-time effects (insight_staggered.c).
 * Guards: a metric's difference of means, its always-valid interval of 95 % wholly below -drop times the hold-out's mean
 * stops the experiment (leaving: above +drop of all agents).
 * Threads:  one; blocks. Limits: INSIGHT_EXPERIMENT_AGENTS_MAX agents, INSIGHT_WAVES_MAX waves, INSIGHT_GUARDS_MAX guards.
 * Errors:   INVALID what cannot be planned . CONFLICT the name is taken . NOT_FOUND . those of pg_shard.h. */
#ifndef EHUB_INSIGHT_INSIGHT_EXPERIMENT_H
#define EHUB_INSIGHT_INSIGHT_EXPERIMENT_H

#include "base/jw.h"
#include "insight/insight_effect.h"
#include "pg/pg_shard.h"

#define INSIGHT_EXPERIMENT_AGENTS_MAX 100000
#define INSIGHT_WAVES_MAX 12
#define INSIGHT_GUARDS_MAX 8
#define INSIGHT_KEYS_MAX 32
#define INSIGHT_BEFORE_DAYS 180

/* One agent to be drawn. */
typedef struct InsightUnit {
    Uuid agent, location;
    double before;   /* closings in the 180 days before */
    int32_t stratum; /* 0 .. */
    int arm;         /* 0: hold-out; else the wave, from 1 */
} InsightUnit;
/* Sorts u by stratum and agent, then fills arm. The same units (in any order) and seed give the same arms. */
void insight_assign(InsightUnit *u, int64_t n, double share, int waves, uint64_t seed);
/* Office x third of before within the tenant. */
void insight_strata(InsightUnit *u, int64_t n);

typedef enum InsightMetric {
    INSIGHT_CLOSINGS,
    INSIGHT_COMMISSION,
    INSIGHT_CALLS,
    INSIGHT_LEFT,
    INSIGHT_N_METRICS
} InsightMetric;
extern const char *const INSIGHT_METRIC_NAMES[INSIGHT_N_METRICS];

typedef struct InsightGuard {
    InsightMetric metric;
    double drop; /* 0.1: ten per cent worse than the hold-out */
} InsightGuard;

/* One agent of a running experiment. */
typedef struct InsightRow {
    Uuid agent, location;
    int32_t stratum;
    int arm;
    bool open; /* its wave has begun */
    double since[INSIGHT_N_METRICS], before[INSIGHT_N_METRICS];
} InsightRow;

typedef struct InsightGuardVerdict {
    InsightGuard guard;
    double treated, control; /* means */
    double low, high;        /* always valid, of the difference */
    bool crossed;
} InsightGuardVerdict;
/* Fewer than two agents in an arm: never crossed, low and high NAN. planned: agents at the end. */
InsightGuardVerdict insight_guard(const InsightGuard *g, const InsightRow *rows, int64_t n, int64_t planned);

typedef struct InsightExperiment {
    Uuid id;
    char name[64];
    char keys[INSIGHT_KEYS_MAX][64];
    int n_keys;
    InsightMetric outcome; /* closings or commission */
    double share;
    uint64_t seed; /* below 2^53 */
    int32_t waves[INSIGHT_WAVES_MAX];
    int n_waves;
    int32_t ends_on;
    InsightGuard guards[INSIGHT_GUARDS_MAX];
    int n_guards;
    double effect; /* NAN: not planned */
    int n_agents;
    bool running;
    int32_t stopped_on; /* INT32_MAX while it runs: what happened from that day on is not its own */
    char stop_reason[300];
} InsightExperiment;
/* Up to 63 of a-z, 0-9 and -, the first no -. */
bool insight_experiment_name_ok(Str name);

/* Runs in the transaction of the change, just before its commit: the audit record. */
typedef ErrKind InsightRecord(void *arg, PgConn *control, const InsightExperiment *e, const char *action,
                              Deadline by, Err *reterr);

typedef struct InsightPlan {
    int64_t n_treated, n_control;
    int32_t n_strata;
    double sd;     /* of closings (or commission) over a window as long as the experiment, before it */
    double found;  /* smallest effect that is found with a chance of 80 % */
    double power;  /* for e->effect, NAN: none given */
    double needed; /* agents that e->effect needs, NAN */
} InsightPlan;

/* e: name, keys, outcome, share, seed, waves, ends_on, guards, effect are given; id and n_agents are filled.
 * dry: only the plan. */
ErrKind MUST_USE insight_experiment_create(PgShards *s, Uuid tenant, InsightExperiment *e, bool dry,
                                           InsightRecord *record, void *arg, Deadline by, InsightPlan *ret,
                                           Err *reterr);
ErrKind MUST_USE insight_experiment_get(PgShards *s, Uuid tenant, const char *name, Deadline by,
                                        InsightExperiment *ret, Err *reterr);
/* All of the tenant, the newest first; mem_free. */
ErrKind MUST_USE insight_experiments(PgShards *s, Uuid tenant, Deadline by, InsightExperiment **ret,
                                     int *ret_n, Err *reterr);
/* CONFLICT when it has ended already. */
ErrKind MUST_USE insight_experiment_stop(PgShards *s, Uuid tenant, InsightExperiment *e, const char *reason,
                                         InsightRecord *record, void *arg, Deadline by, Err *reterr);

/* The agents of one stratum. */
typedef struct InsightStratum {
    Uuid location;
    int third; /* of the closings in the 180 days before: 0 the fewest .. 2 the most */
    int64_t n_treated, n_control;
    double treated_before, control_before; /* means of the outcome in the 180 days before; NAN: nobody */
} InsightStratum;
/* In order of office and third; only strata that have agents. mem_free. */
InsightStratum *insight_strata_of(const InsightRow *rows, int64_t n, InsightMetric outcome, int *ret_n);
/* Difference of the means before, in standard deviations (Austin 2009). metric: none but INSIGHT_LEFT. */
double insight_experiment_balance(const InsightRow *rows, int64_t n, InsightMetric metric);

typedef struct InsightStatus {
    int32_t from, to; /* days that the outcome was counted over */
    int64_t n_treated, n_control;
    bool has_answer;
    InsightAnswer answer; /* insight_answer_done */
    double always_low, always_high;
    double control_mean;          /* of the outcome in those days, of the hold-out; NAN: nobody is in it */
    char refusal[512];            /* without an answer: why */
    double balance[INSIGHT_LEFT]; /* standardised differences of the metrics in the 180 days before */
    InsightStratum *strata;
    int n_strata;
    InsightGuardVerdict guards[INSIGHT_GUARDS_MAX];
    int n_guards, crossed; /* index of the first that is crossed, -1: none */
} InsightStatus;
/* Reads what happened until `today`; changes nothing. */
ErrKind MUST_USE insight_experiment_status(PgShards *s, Uuid tenant, const InsightExperiment *e,
                                           int32_t today, Deadline by, InsightStatus *ret, Err *reterr);
/* The same of the agents of one third by the closings before (0 the fewest .. 2 the most). */
ErrKind MUST_USE insight_experiment_third(PgShards *s, Uuid tenant, const InsightExperiment *e, int third,
                                          int32_t today, Deadline by, InsightStatus *ret, Err *reterr);
void insight_status_done(InsightStatus *st);
/* The status; a running experiment whose guard is crossed is stopped, with the guard's sentence as the reason. */
ErrKind MUST_USE insight_experiment_look(PgShards *s, Uuid tenant, InsightExperiment *e, int32_t today,
                                         InsightRecord *record, void *arg, Deadline by, InsightStatus *ret,
                                         Err *reterr);
/* It runs although its planned end is past: its effect is final, its hold-out is still held back. */
bool insight_experiment_overdue(const InsightExperiment *e, int32_t today);
/* One sentence: which guard, by how much. */
void insight_guard_text(const InsightGuardVerdict *v, char *ret, size_t cap);

/* Members of an object that is open. */
void insight_experiment_json(Jw *w, const InsightExperiment *e);
void insight_plan_json(Jw *w, const InsightPlan *p);
void insight_status_json(Jw *w, const InsightExperiment *e, InsightStatus *st);
/* In a sentence how its effect is measured; what that assumes, *ret_n sentences. */
const char *insight_experiment_method(const InsightExperiment *e);
const char *const *insight_experiment_assumes(int *ret_n);
/* What the audit log keeps of its beginning and its end: an object. */
void insight_experiment_audit(Jw *w, const InsightExperiment *e);

#endif
