/* crm_mapping.h - which column of an export means what: a small YAML file, or one of those compiled in.
 *
 *     config/import/maven-crm-sales.yaml --crm_mapping_parse--> CrmMapping --crm_mapping_bind(header)-->
 * field -> column
 *
 * Owner:    crm_mapping_load/parse .. crm_mapping_free; immutable.
 * Threads:  any may read.
 * Limits:   CRM_COLUMN_NAMES_MAX names for a field, CRM_DATE_FORMATS_MAX date formats, yaml.h's limits of the
 *           text.
 * Errors:   INVALID "FILE:LINE:COLUMN: what" for the mapping; INVALID naming the missing or doubled column
 *           for a header.
 * See also: docs/how-to/import.md, config/import/. */
#ifndef EHUB_CRM_CRM_MAPPING_H
#define EHUB_CRM_CRM_MAPPING_H

#include "base/arena.h"
#include "base/crypto.h"
#include "crm/crm_csv.h"
#include "crm/crm_value.h"

#define CRM_COLUMN_NAMES_MAX 8
#define CRM_DATE_FORMATS_MAX 8

typedef enum CrmKind { CRM_OPPORTUNITIES, CRM_ACTIVITIES } CrmKind;

/* X(name, key in the mapping, in opportunities, in activities): '-' no . 'o' may be . 'r' must be */
#define CRM_FIELDS(X)                     \
    X(ID, "id", 'r', 'o')                 \
    X(AGENT, "agent", 'r', 'r')           \
    X(OFFICE, "office", 'o', 'o')         \
    X(PRODUCT, "product", 'o', '-')       \
    X(ACCOUNT, "account", 'o', '-')       \
    X(STAGE, "stage", 'r', '-')           \
    X(STATUS, "status", 'o', '-')         \
    X(OPENED, "opened", 'o', '-')         \
    X(CLOSED, "closed", 'r', '-')         \
    X(VALUE, "value", 'o', '-')           \
    X(COMMISSION, "commission", 'o', '-') \
    X(LEAD, "lead", 'o', 'o')             \
    X(KIND, "kind", '-', 'r')             \
    X(DIRECTION, "direction", '-', 'o')   \
    X(AT, "at", '-', 'r')                 \
    X(KNOWN, "known", '-', 'o')           \
    X(DURATION, "duration", '-', 'o')     \
    X(OUTCOME, "outcome", '-', 'o')       \
    X(OPPORTUNITY, "opportunity", '-', 'o')

typedef enum CrmField {
#define X(name, key, opp, act) CRM_##name,
    CRM_FIELDS(X)
#undef X
        CRM_FIELD_COUNT
} CrmField;

/* The columns of a teams file. X(name, key, must be) */
#define CRM_TEAM_FIELDS(X)    \
    X(AGENT, "agent", true)   \
    X(OFFICE, "office", true) \
    X(NAME, "name", false)    \
    X(COACH, "coach", false)  \
    X(EMAIL, "email", false)  \
    X(STARTED, "started", false)

typedef enum CrmTeamField {
#define X(name, key, must) CRM_TEAM_##name,
    CRM_TEAM_FIELDS(X)
#undef X
        CRM_TEAM_FIELD_COUNT
} CrmTeamField;

/* What the CRM's words are translated to; the last of each list is NULL. */
typedef enum CrmVocabulary {
    CRM_STATUSES,
    CRM_KINDS,
    CRM_DIRECTIONS,
    CRM_OUTCOMES,
    CRM_VOCABULARIES
} CrmVocabulary;
extern const char *const CRM_WORDS[CRM_VOCABULARIES][12];

typedef struct CrmColumn {
    int n_names;
    Str names[CRM_COLUMN_NAMES_MAX]; /* the first that the header has is taken */
} CrmColumn;

typedef struct CrmMapping CrmMapping;
struct CrmMapping {
    const char *name;
    Sha256 sha256; /* of its text: another mapping is another import */
    CrmKind kind;
    CrmEncoding encoding;
    char delimiter; /* 0: detect */
    char decimal;
    const char *timezone; /* of times without an offset; "UTC" unless stated */
    int n_date_formats;
    Str date_formats[CRM_DATE_FORMATS_MAX];
    CrmDurationUnit duration;
    CrmColumn columns[CRM_FIELD_COUNT];
    Str constants[CRM_FIELD_COUNT]; /* value of a field that has no column; STR_NULL: none */
    CrmColumn team_columns[CRM_TEAM_FIELD_COUNT];
    Str default_office; /* of agents that stand in no teams file; STR_NULL: they are unknown */
    struct CrmMappingPrivate *private_;
};

/* Column of each field, -1: absent. */
typedef struct CrmBinding {
    int column[CRM_FIELD_COUNT];
    int n_columns;
    int n_bound;
} CrmBinding;

typedef struct CrmTeamBinding {
    int column[CRM_TEAM_FIELD_COUNT];
    int n_columns;
} CrmTeamBinding;

typedef struct CrmBuiltin {
    const char *name; /* NULL ends the list */
    const char *yaml;
} CrmBuiltin;
extern const CrmBuiltin CRM_BUILTINS[]; /* generated from config/import at build */

ErrKind MUST_USE crm_mapping_parse(Str yaml, const char *name, CrmMapping **ret, Err *reterr);
/* From a file, or the name of one that is compiled in. */
ErrKind MUST_USE crm_mapping_load(const char *path_or_name, CrmMapping **ret, Err *reterr);
/* The compiled-in mapping of this kind that fits the header and uses most of its columns. INVALID: none does;
 * the message says which column each lacks. */
ErrKind MUST_USE crm_mapping_choose(CrmKind kind, const CrmCsvRecord *header, CrmMapping **ret, Err *reterr);
void crm_mapping_free(CrmMapping *m);
DEFINE_FREEP(CrmMapping, crm_mapping_free)

/* Names are compared without blanks at the ends and without regard to ASCII case. */
ErrKind MUST_USE crm_mapping_bind(const CrmMapping *m, const CrmCsvRecord *header, CrmBinding *ret,
                                  Err *reterr);
ErrKind MUST_USE crm_mapping_bind_teams(const CrmMapping *m, const CrmCsvRecord *header, CrmTeamBinding *ret,
                                        Err *reterr);

/* The position in CRM_WORDS of what a CRM's word stands for, -1: unknown. Blanks at the ends and case do not
 * matter. */
int crm_mapping_word(const CrmMapping *m, CrmVocabulary v, Str word);
bool crm_mapping_time(const CrmMapping *m, Str text, CrmTime *ret,
                      const char **ret_why); /* first format that fits */

const char *crm_kind_name(CrmKind kind);

#endif
