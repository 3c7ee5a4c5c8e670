/* pii_tally.h - how many findings of what, where, by which rule, and what was done: numbers for the audit, never a value.
 *
 *     PiiGuard --pii_tally_add--> rows in memory --pii_tally_take--> a table of the control database (privacy/pii_audit.h)
 *
 * Owner:    pii_tally_new .. pii_tally_free. Threads: any; a short lock for each call.
 * Limits:   PII_TALLY_MAX different rows between two takings; past it the source is "other", and when those are too many
 *           as well the findings are counted in pii_tally_lost only.
 * Metrics:  ehub_pii_findings_total{type,purpose,action}; the labels are words of our own tables. */
#ifndef EHUB_PII_PII_TALLY_H
#define EHUB_PII_PII_TALLY_H

#include "base/uuid.h"
#include "pii/pii_policy.h"

#define PII_TALLY_MAX 8192
#define PII_SOURCE_MAX 96

typedef struct PiiTallyRow {
    Uuid tenant; /* nil: of no tenant */
    char source
        [PII_SOURCE_MAX]; /* "api POST /v1/tokens", "import activities", "log": our words, never a user's */
    PiiPurpose purpose;
    PiiType type;
    uint16_t rule; /* pii_rule_name */
    PiiAction action;
    uint64_t n;
} PiiTallyRow;

typedef struct PiiTally PiiTally;
PiiTally *pii_tally_new(void);
void pii_tally_free(PiiTally *t);
DEFINE_FREEP(PiiTally, pii_tally_free)

/* Adds row->n to what is counted under the same members. */
void pii_tally_add(PiiTally *t, const PiiTallyRow *row);
/* All rows, and the tally is empty afterwards. NULL when there are none; the caller frees with mem_free. Who cannot store
 * them gives them back with pii_tally_put_back, which leaves the metric alone. */
PiiTallyRow *pii_tally_take(PiiTally *t, size_t *ret_n);
void pii_tally_put_back(PiiTally *t, const PiiTallyRow *rows, size_t n);
/* Findings since the start that were counted under no row. */
uint64_t pii_tally_lost(PiiTally *t);

#endif
