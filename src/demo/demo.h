/* demo.h - fills a tenant with a simulated brokerage whose true coaching effect is known.
 *
 *     seed, agents, months, until --demo_model, office by office--> pg_bulk --> shards
 *                                                               '--> DemoReport (and the truth as JSON)
 *
 * Result:   the same (slug, seed, agents, offices, months, until) give the same rows and ids; only password hashes are
 *           salted. The tenant is marked simulated, and so is every figure made from it, its settings of money included
 *           (demo_money.h).
 * Threads:  one; blocks until done or `by`. Memory: the rows of one office.
 * Limits:   DEMO_AGENTS_MAX, DEMO_MONTHS_MAX: ERR_LIMIT.
 * Errors:   CONFLICT the tenant exists and replace is false . DENIED it exists and is not simulated . those of pg_bulk.h
 * See also: docs/simulator.md, `ehub demo generate`, tests/integration/test_coach.py. */
#ifndef EHUB_DEMO_DEMO_H
#define EHUB_DEMO_DEMO_H

#include "base/buf.h"
#include "insight/insight_money.h"

#define DEMO_AGENTS_MAX 100000
#define DEMO_MONTHS_MAX 60
#define DEMO_OFFICES_MAX 4096

typedef struct DemoConf {
    uint64_t seed;
    int agents;
    int months;
    int offices;      /* 0: one for 20 agents, at least 3 */
    const char *slug; /* of the tenant */
    const char *name;
    int32_t until; /* nothing is known at or after this midnight (UTC) */
    bool replace;
    bool rollout; /* coaching reaches the agents one after another: effects by tier can be asked for */
    Str password; /* of the five demo users */
    InsightMoneyRecord
        *record; /* the audit entry of the settings of money; its arg is the tenant's id as text */
} DemoConf;

#define DEMO_TOPICS_MAX 16

typedef struct DemoReport {
    Uuid tenant;
    int32_t first; /* first day with rows */
    int offices;
    int64_t agents, goals, leads, opportunities, activities, sessions;
    int64_t won;                  /* in the simulated months */
    int64_t won_without_coaching; /* the same world, when sessions have no effect */
    int64_t topic_sessions[DEMO_TOPICS_MAX];
    double seconds;
} DemoReport;

/* Called after each batch of offices. */
typedef void DemoSeen(int offices_done, int offices, int64_t rows, void *arg);

ErrKind MUST_USE demo_generate(PgShards *shards, const DemoConf *conf, DemoSeen *seen, void *arg, Deadline by,
                               DemoReport *ret, Err *reterr);
/* What is true in this simulation, as a JSON object. */
void demo_truth(const DemoConf *conf, const DemoReport *report, Buf *out);
int64_t demo_report_rows(const DemoReport *r);
/* The parameters as a Markdown table, for docs/simulator.md. */
void demo_params_docs(Buf *out);

/* The demo users' e-mail addresses: "ROLE@SLUG.example". */
#define DEMO_USERS 5
void demo_user_email(const char *slug, int user, char *out, size_t size);
const char *demo_user_role(int user);

#endif
