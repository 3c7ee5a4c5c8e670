/* coach_playbook.h - the interventions a tenant's coaches work with: data, not code.
 *
 *     config/playbook/default.yaml (compiled in) --first use--> control.playbook <-- PUT /v1/playbook, ehub coach playbook load
 *                                                                    '--coach_playbook_get--> coach_choose
 *
 * Owner:    everything lives in the caller's arena. Threads: any worker thread; get, seed and store block.
 * Limits:   COACH_PLAYS_MAX interventions, COACH_PLAY_RULES_MAX drivers and COACH_PLAY_STEPS_MAX steps each.
 * Errors:   INVALID "FILE:LINE: what" for text; those of pg_shard.h.
 * See also: tests/unit/coach/test_coach_playbook.c. */
#ifndef EHUB_COACH_COACH_PLAYBOOK_H
#define EHUB_COACH_COACH_PLAYBOOK_H

#include "base/arena.h"
#include "base/jv.h"
#include "coach/coach_feature.h"

#define COACH_PLAYS_MAX 200
#define COACH_PLAY_RULES_MAX 16
#define COACH_PLAY_STEPS_MAX 24
#define COACH_PLAY_STEP_BYTES 1000
#define COACH_PER_WEEK_MAX 1000
#define COACH_COOLDOWN_MAX 3650

typedef struct CoachPlayRule {
    int feature; /* CoachFeature */
    bool high;   /* fits an agent above the office's median; else below */
} CoachPlayRule;

typedef struct CoachPlay {
    const char *key, *title, *summary;
    CoachPlayRule drivers[COACH_PLAY_RULES_MAX];
    int n_drivers;
    const char *agent_steps[COACH_PLAY_STEPS_MAX];
    const char *coach_steps[COACH_PLAY_STEPS_MAX];
    int n_agent_steps, n_coach_steps;
    int effort_agent_min, effort_coach_min;
    int per_week, per_week_lowest_tier, cooldown_days;
    double prior_effect; /* log-odds */
    const char *prior_source;
    bool enabled;
} CoachPlay;

typedef struct CoachPlaybook {
    CoachPlay *plays; /* in order of position */
    int n;
} CoachPlaybook;

extern const char COACH_PLAYBOOK_DEFAULT[]; /* the text of config/playbook/default.yaml */

/* `name` stands in messages. Unknown keys, features and values are errors with their line. */
ErrKind MUST_USE coach_playbook_parse(Arena *arena, Str yaml, const char *name, CoachPlaybook *ret,
                                      Err *reterr);
/* Stores these interventions: new ones are added, those with the same key replaced; others stay. */
ErrKind MUST_USE coach_playbook_store(PgShards *s, Uuid tenant, const CoachPlaybook *book, Deadline by,
                                      Err *reterr);
/* Gives a tenant without any intervention the default ones; else does nothing. */
ErrKind MUST_USE coach_playbook_seed(PgShards *s, Uuid tenant, Deadline by, Err *reterr);
/* The enabled and the disabled ones; seeds first. Rows that another program wrote and that do not parse are an error. */
ErrKind MUST_USE coach_playbook_get(PgShards *s, Uuid tenant, Arena *arena, Deadline by, CoachPlaybook *ret,
                                    Err *reterr);

/* Checks drivers, agent_steps, coach_steps and limits of the object that PUT /v1/playbook/{key} receives: ERR_INVALID
 * naming the member. What passes is what coach_playbook_get can read. */
ErrKind MUST_USE coach_playbook_check(const Jv *play, Err *reterr);
/* {"key","title","summary","drivers","agent_steps",...}, a JSON array of objects. */
void coach_playbook_json(Buf *out, const CoachPlaybook *book);

#endif
