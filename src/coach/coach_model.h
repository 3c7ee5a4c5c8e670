/* coach_model.h - the trained models of a tenant: stored in control.model, loaded, kept while they are in use.
 *
 *     coach_model_store --> control.model (version, report, sha256, status) --coach_models_get--> CoachModels --> score
 *
 * At most one model of a kind is active; activation retires the one before in the same transaction. A rejected model is
 * kept with its report and is never active.
 * Owner:    coach_models_get lends a reference: coach_models_unref. The cache belongs to the process.
 * Threads:  any worker thread; get blocks at most once every COACH_MODELS_FRESH_MS for a tenant, no lock is held meanwhile.
 * Limits:   COACH_MODELS_TENANTS tenants in the cache (the longest unused one leaves), COACH_MODEL_BYTES a model.
 * Errors:   CORRUPT when the bytes do not match their SHA-256 or the features are not those of feature_table.h. */
#ifndef EHUB_COACH_COACH_MODEL_H
#define EHUB_COACH_COACH_MODEL_H

#include "coach/coach_feature.h"
#include "gbt/gbt.h"
#include "pg/pg_shard.h"

#define COACH_MODELS_FRESH_MS 5000
#define COACH_MODELS_TENANTS 256
#define COACH_MODEL_BYTES (64u << 20)

typedef enum CoachKind { COACH_GOAL, COACH_CLOSINGS, COACH_N_KINDS } CoachKind;
const char *coach_kind_name(CoachKind k); /* "goal", "closings" */
bool coach_kind_parse(Str s, CoachKind *ret);
const char *coach_kind_objective(CoachKind k); /* "binary:logistic", "count:poisson" */

typedef struct CoachModel {
    Uuid id;
    int version;
    GbtModel *gbt; /* NULL: no model of this kind is active */
} CoachModel;

typedef struct CoachModels {
    int refs_; /* private, atomic */
    CoachModel of[COACH_N_KINDS];
} CoachModels;

/* The active models as of now (both kinds may be absent: that is success). Cached for COACH_MODELS_FRESH_MS. */
ErrKind MUST_USE coach_models_get(PgShards *s, Uuid tenant, Deadline by, const CoachModels **ret,
                                  Err *reterr);
void coach_models_unref(const CoachModels *m); /* accepts NULL */
static inline void coach_models_unrefp(const CoachModels **m)
{
    coach_models_unref(*m);
    *m = NULL;
}
void coach_models_forget(Uuid tenant); /* the next get asks the database */

typedef struct CoachModelNew {
    CoachKind kind;
    bool accepted; /* false: stored as rejected */
    int32_t window_from, window_to;
    Str report; /* JSON */
    Str bytes;  /* of gbt_train */
} CoachModelNew;
ErrKind MUST_USE coach_model_store(PgShards *s, Uuid tenant, const CoachModelNew *m, Deadline by,
                                   int *ret_version, Err *reterr);

/* All models of the tenant, newest first: kind, version, status, window_from, window_to, created_at, report, id. */
ErrKind MUST_USE coach_models_list(PgShards *s, Uuid tenant, Deadline by, PgResult **ret, Err *reterr);

#endif
