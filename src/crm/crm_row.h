/* crm_row.h - one record of an export becomes one opportunity or activity, or the reason why it cannot.
 *
 *     CrmCsvRecord + CrmMapping + CrmPeople --crm_row_read--> CrmRow | CrmReason and a text
 *
 * Rules of opportunities: won and lost need a closing date, which must not lie before the opening; of an open one the
 * closing date is a plan and is dropped; the opening date may be absent. Of activities: `known` is `at` unless a column
 * tells it; the outcome of a training is the module's key, of any other kind a word of the mapping.
 * Texts longer than CRM_ROW_TEXT_MAX are refused. Free text of people has no field: it is never read.
 *
 * Owner:    the views in a CrmRow live as long as the record. Threads: pure. */
#ifndef EHUB_CRM_CRM_ROW_H
#define EHUB_CRM_CRM_ROW_H

#include "crm/crm_clean.h"
#include "crm/crm_people.h"

#define CRM_ROW_TEXT_MAX 1000
#define CRM_WHY_MAX 300

/* X(name, words of the summary) */
#define CRM_REASONS(X)                            \
    X(NONE, "")                                   \
    X(QUOTE, "broken quote")                      \
    X(ENCODING, "bad characters")                 \
    X(LONG, "too long")                           \
    X(FIELDS, "wrong number of fields")           \
    X(ID, "no id")                                \
    X(AGENT, "unknown agent")                     \
    X(STAGE, "unknown stage")                     \
    X(DATE, "bad date")                           \
    X(NO_DATE, "missing date")                    \
    X(ORDER, "closed before opened")              \
    X(AMOUNT, "bad amount")                       \
    X(WORD, "unknown kind, direction or outcome") \
    X(DURATION, "bad duration")                   \
    X(DUPLICATE, "duplicate")

typedef enum CrmReason {
#define X(name, words) CRM_REASON_##name,
    CRM_REASONS(X)
#undef X
        CRM_REASON_COUNT
} CrmReason;

typedef struct CrmRow {
    Uuid id; /* its last byte is the agent's slot */
    int agent;
    int64_t line;
    Str external_id;
    Uuid lead; /* nil: none */
    /* opportunities */
    Str product, account, stage;
    int status; /* position in CRM_WORDS[CRM_STATUSES] */
    bool has_opened, has_closed, has_value, has_commission;
    CrmTime opened, closed;
    int64_t value_cents, commission_cents;
    /* activities */
    int kind;      /* position in CRM_WORDS[CRM_KINDS] */
    int direction; /* -1: none */
    Str outcome;   /* STR_NULL: none */
    CrmTime at, known;
    int64_t duration_s; /* -1: none */
    Uuid opportunity;   /* nil: none */
} CrmRow;

typedef struct CrmRowReader {
    const CrmMapping *mapping;
    CrmBinding binding;
    CrmPeople *people;
    Uuid tenant;
    CrmClean *clean;     /* what a value passes before `why` shows it; NULL: nothing */
    bool may_add_agents; /* an unknown agent with an office is added (first pass) */
} CrmRowReader;

/* CRM_REASON_NONE and the row; anything else with a text for the person who has to mend the row. */
CrmReason MUST_USE crm_row_read(const CrmRowReader *rd, const CrmCsvRecord *rec, CrmRow *ret,
                                char why[static CRM_WHY_MAX]);

const char *crm_reason_words(CrmReason reason);

#endif
