/* crm_clean.h - personal data out of what an import stores of a row, and of what it says about one.
 *
 *     product, account, stage, outcome --crm_clean_value--> shard          row --crm_clean_row--> rejects file
 *
 * Exports repeat their values (products, stages, accounts), so each different one is looked at once and remembered.
 * Ids of the CRM and the names of agents and offices are not cleaned: they are what an import goes by.
 *
 * With a vault, what is sealed is sealed under the key of the row's agent: erasing the agent makes it unreadable.
 *
 * Owner:    crm_clean_new .. crm_clean_free; borrows the guard and its texts. Threads: one at a time.
 * Limits:   CRM_CLEAN_VALUES_MAX values are remembered; later ones are looked at each time.
 * See also: pii/pii_guard.h, docs/reference/pii-columns.md. */
#ifndef EHUB_CRM_CRM_CLEAN_H
#define EHUB_CRM_CRM_CLEAN_H

#include "pii/pii_guard.h"

#define CRM_CLEAN_VALUES_MAX 100000

typedef struct CrmClean CrmClean;

CrmClean *crm_clean_new(PiiGuard *guard, const PiiWhere *where);
void crm_clean_free(CrmClean *c);
DEFINE_FREEP(CrmClean, crm_clean_free)

/* Whose values come next: the agent, nil: nobody's in particular (PII_SUBJECT_DEFAULT). c NULL: nothing. */
void crm_clean_of(CrmClean *c, Uuid agent);
/* The value as it may be stored; it lives until the next call but one. c NULL: the value itself. STR_NULL stays so. */
Str crm_clean_value(CrmClean *c, Str value);
/* The same of a label: a product, a stage, the firm or client that a deal is with. One word of letters stays: it is no
 * person's full name, and a finder of names takes half of the invented words that products and firms are called by
 * ("Finjob") for surnames. */
Str crm_clean_label(CrmClean *c, Str value);
/* A whole row; it lives until the next call of crm_clean_row. */
Str crm_clean_row(CrmClean *c, Str row);

#endif
