/* demo_model.h - the simulated brokerage, one agent at a time: pure, no database.
 *
 *     (seed, agent number) --latent skills, habits, coaching--> leads, activities, opportunities, sessions
 *
 * Every entity draws from its own generator, seeded by (seed, agent, day, number): the same world with and without
 * coaching differs only by what coaching did, so the true effect is the difference of the two runs.
 *
 * Owner:    DemoRows is reused: demo_rows_clear, demo_rows_done. Threads: pure.
 * Shapes:   times are microseconds since 1970; ids are UUIDv7 made from the event's time and the agent's generator, with
 *           the office's slot in the last byte.
 * See also: docs/simulator.md (equations), demo_params.h. */
#ifndef EHUB_DEMO_DEMO_MODEL_H
#define EHUB_DEMO_DEMO_MODEL_H

#include "base/uuid.h"
#include "demo/demo_params.h"
#include "stats/stats.h"

typedef enum DemoHabit {
    HABIT_RESPONSE,
    HABIT_EFFORT,
    HABIT_FOLLOW,
    HABIT_SET,
    HABIT_HELD,
    HABIT_SIGN,
    HABIT_OFFER,
    HABIT_NONE,
    N_HABITS
} DemoHabit;

typedef struct DemoTopic {
    const char *key;
    DemoHabit habit;
    double shift;
    const char *unit;
    int minutes;
} DemoTopic;
extern const DemoTopic DEMO_TOPIC_LIST[];
extern const int DEMO_N_TOPICS;

typedef struct DemoModule {
    const char *key, *title;
    int minutes;
    const char *topic;
} DemoModule;
extern const DemoModule DEMO_MODULES[];
extern const int DEMO_N_MODULES;

typedef struct DemoLead {
    Uuid id;
    const char *source;
    int64_t received_at, response_at, contact_at; /* 0: never */
} DemoLead;

typedef struct DemoActivity {
    Uuid id;
    int64_t at, known_at;
    Uuid lead, opportunity;                 /* nil: none */
    const char *kind, *direction, *outcome; /* NULL: none */
    int32_t duration_s;                     /* -1: none */
} DemoActivity;

typedef struct DemoOpportunity {
    Uuid id, lead;
    const char *product, *stage, *status;
    int64_t opened_at, closed_at;          /* closed_at 0: open */
    int64_t value_cents, commission_cents; /* commission -1: none */
} DemoOpportunity;

typedef struct DemoSession {
    Uuid id;
    int64_t at;
    int topic; /* in DEMO_TOPIC_LIST */
} DemoSession;

typedef struct DemoAgent {
    int number;
    int office;
    uint8_t slot;
    Uuid id;
    char name[64];
    char email[96];
    char external_id[16];
    int32_t started_on;
    int32_t left_on; /* 0: still there */
} DemoAgent;

typedef struct DemoRows {
    DemoAgent agent;
    DemoLead *leads;
    DemoActivity *activities;
    DemoOpportunity *opportunities;
    DemoSession *sessions;
    int n_leads, n_activities, n_opportunities, n_sessions;
    int cap_leads, cap_activities, cap_opportunities, cap_sessions;
} DemoRows;

typedef struct DemoWorld {
    uint64_t seed;
    int32_t first; /* first simulated day whose rows are kept */
    int32_t until; /* nothing is known at or after this midnight */
    bool coaching; /* false: the sessions take place but have no effect */
    bool rollout;  /* coaching reaches the agents one after another, not all from the start */
} DemoWorld;

#define DEMO_WARMUP_DAYS 180 /* simulated before `first`, so that the pipeline is not empty there */

/* Fills rows with everything that agent `number` of office `office` does, sorted by time. */
void demo_model_agent(const DemoWorld *w, int number, int office, uint8_t slot, DemoRows *rows);
void demo_rows_clear(DemoRows *r);
void demo_rows_done(DemoRows *r);
int demo_rows_won(const DemoRows *r, int64_t from_us, int64_t to_us); /* opportunities won in [from, to) */

/* A UUIDv7 from a time and a generator: deterministic, last byte = slot. */
Uuid demo_uuid(StatsRng *rng, int64_t at_us, uint8_t slot);

#endif
