/* demo_load.h - the COPY rows of one simulated office. Threads: one; blocks. Errors: as in pg_bulk.h. */
#ifndef EHUB_DEMO_DEMO_LOAD_H
#define EHUB_DEMO_DEMO_LOAD_H

#include "demo/demo_model.h"
#include "pg/pg_bulk.h"

#define DEMO_LOAD_TABLES 6
extern const PgBulkTable DEMO_LOAD_LIST[DEMO_LOAD_TABLES];

typedef struct DemoGoal {
    int32_t valid_from, valid_to; /* valid_to 0: open */
    int target;
} DemoGoal;

typedef struct DemoLoad {
    PgBulk *bulk;
    Uuid tenant, location;
    uint8_t slot;
    const char *coach; /* name of the office's coach */
    Deadline by;
} DemoLoad;

ErrKind MUST_USE demo_load_agent(const DemoLoad *l, const DemoRows *rows, Err *reterr);
/* The id follows from the agent and the first day. */
ErrKind MUST_USE demo_load_goal(const DemoLoad *l, const DemoAgent *agent, const DemoGoal *goal, Err *reterr);

#endif
