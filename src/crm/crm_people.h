/* crm_people.h - the offices and agents of one tenant: those in the database, those of a teams file, those of an export.
 *
 *     database ---\
 *     teams file --+--> CrmPeople --crm_people_find("Moses Frase")--> agent, office --crm_people_save--> database
 *     export -----/
 *
 * An agent is known by the CRM's key (external id), then by name where only one has it; blanks at the ends and ASCII
 * case do not matter. An agent who is in the database stays in the office recorded there, whatever the files say.
 *
 * Owner:    crm_people_new .. crm_people_free. Agents and offices are given by position; positions stay valid.
 * Threads:  one at a time; load and save block.
 * Limits:   CRM_AGENTS_MAX agents, CRM_OFFICES_MAX offices, CRM_PERSON_TEXT_MAX bytes a name: ERR_LIMIT or a refusal. */
#ifndef EHUB_CRM_CRM_PEOPLE_H
#define EHUB_CRM_CRM_PEOPLE_H

#include "crm/crm_mapping.h"
#include "pg/pg_shard.h"

#define CRM_AGENTS_MAX 200000
#define CRM_OFFICES_MAX 10000
#define CRM_PERSON_TEXT_MAX 200

typedef struct CrmOffice {
    Uuid id; /* its last byte is the slot */
    Str external_id;
    bool stored;
} CrmOffice;

typedef struct CrmAgent {
    Uuid id;
    int office;
    Str external_id;
    Str name;
    Str email; /* STR_NULL: not told */
    Str coach;
    int32_t started_on; /* days since 1970, when has_started */
    bool has_started;
    bool stored;
    bool told;  /* by a file of this import: crm_people_save writes it */
    bool moved; /* a file names another office */
} CrmAgent;

typedef struct CrmPeople CrmPeople;

/* Lines for the operator ("line 7: ..."); notes beyond the Buf's maximum are dropped. */
typedef struct CrmTeamReport {
    int64_t rows;
    int64_t rejected;
    Buf *notes;
} CrmTeamReport;

typedef struct CrmPeopleSaved {
    int64_t offices_new;
    int64_t agents_new;
    int64_t agents_changed;
} CrmPeopleSaved;

CrmPeople *crm_people_new(Uuid tenant);
void crm_people_free(CrmPeople *p);
DEFINE_FREEP(CrmPeople, crm_people_free)

ErrKind MUST_USE crm_people_load(CrmPeople *p, PgShards *shards, Deadline by, Err *reterr);
/* A bad row is noted and passed over; an unusable file is an error. */
ErrKind MUST_USE crm_people_read_teams(CrmPeople *p, const char *path, const CrmMapping *m,
                                       CrmTeamReport *report, Err *reterr);
/* Writes what is new or changed: offices first, then agents. */
ErrKind MUST_USE crm_people_save(CrmPeople *p, PgShards *shards, Deadline by, CrmPeopleSaved *ret,
                                 Err *reterr);

/* Position; -1: nobody has this key or name; -2: several have this name. */
int crm_people_find(const CrmPeople *p, Str key_or_name);
/* An agent who stands in the export only. -1: over a limit. */
int crm_people_add(CrmPeople *p, Str key, Str office);
/* A file says that the agent works in this office: noted when it is another than recorded. */
void crm_people_in_office(CrmPeople *p, int agent, Str office);

const CrmAgent *crm_people_agent(const CrmPeople *p, int agent);
const CrmOffice *crm_people_office(const CrmPeople *p, int office);
int crm_people_agents(const CrmPeople *p);
int crm_people_offices(const CrmPeople *p);

#endif
