/* coach_predict.h - predicts the coming 30 days of an agent, and says which features move the prediction.
 *
 *     features as of now --gbt_margin--> margin --link--> value           stored in `prediction`, told to live streams
 *                         --gbt_shap--> one contribution for each feature
 *
 * Two kinds: the probability to reach the goal, and the expected closings. Without an active model of a kind there is no
 * prediction of it: CoachPrediction.present is false and coaching goes by rule (the gaps to the office's medians).
 * Threads:  any worker thread; blocks until the deadline.
 * Errors:   NOT_FOUND no such agent, or a tenant without events; those of pg_shard.h and coach_model.h. */
#ifndef EHUB_COACH_COACH_PREDICT_H
#define EHUB_COACH_COACH_PREDICT_H

#include "base/jw.h"
#include "coach/coach_model.h"

typedef struct CoachPrediction {
    bool present;
    CoachKind kind;
    Uuid id;
    Uuid agent;
    Uuid location;
    Uuid model_id;
    int model_version; /* 0: not known here */
    int32_t as_of;
    int64_t made_at_us;
    double value; /* probability, or expected closings */
    double margin, bias;
    double shap[COACH_N_FEATURES]; /* margin units; with bias they add up to margin */
    float x[COACH_N_FEATURES];
    float median[COACH_N_FEATURES]; /* of the office */
} CoachPrediction;

/* Scores and explains one row of features; fills everything but agent, location, as_of and median. Does not block. */
void coach_score(const CoachModels *models, CoachKind kind, const float x[static COACH_N_FEATURES],
                 CoachPrediction *ret);

/* What a contribution is worth in the units people read. The link is curved, so the share of one feature depends on the
 * order in which they are added; this is order-free:
 *     points_i = shap_i * (value - link(bias)) / (margin - bias)     (margin = bias: shap_i * the slope of the link there)
 * so the points of all features add up to value - link(bias). Goal: percentage points (times 100). Closings: closings. */
double coach_points(const CoachPrediction *p, int feature);

/* The features with the largest contributions, largest first, at most max; without those that nobody can act on
 * (direction 0) when `actionable`. Contributions of 0 are left out. Returns how many. */
int coach_drivers(const CoachPrediction *p, bool actionable, int max, int *ret_features);

/* One agent, from the data of this moment; not stored. ret[kind].present says whether a model is active. */
ErrKind MUST_USE coach_predict_now(PgShards *s, const CoachModels *models, Uuid tenant, Uuid agent,
                                   Deadline by, CoachPrediction ret[static COACH_N_KINDS], Err *reterr);
/* The same, stored (replacing one of the same day) and published to live streams. */
ErrKind MUST_USE coach_predict_agent(PgShards *s, const CoachModels *models, Uuid tenant, Uuid agent,
                                     Deadline by, CoachPrediction ret[static COACH_N_KINDS], Err *reterr);

typedef struct CoachPredictSummary {
    int32_t as_of;
    int64_t agents; /* with a snapshot of that date */
    int64_t stored[COACH_N_KINDS];
} CoachPredictSummary;
/* Every agent of the tenant as of a date: computes and stores the snapshots, then the predictions. as_of INT32_MIN: the
 * tenant's horizon (coach_horizon). Live streams are told when as_of is not before the horizon. */
ErrKind MUST_USE coach_predict_all(PgShards *s, Uuid tenant, int32_t as_of, Deadline by,
                                   CoachPredictSummary *ret, Err *reterr);

/* Stored rows: select COACH_PREDICTION_COLUMNS from prediction; col is the first of them. false: a damaged row. */
#define COACH_PREDICTION_COLUMNS                                                                            \
    "id, location_id, agent_id, model_id, kind, as_of, (extract(epoch from made_at) * 1000000)::bigint as " \
    "made_at_us, "                                                                                          \
    "value, "                                                                                               \
    "margin, bias, shap, x, office_median"
#define COACH_PREDICTION_N_COLUMNS 13
#define COACH_PREDICTION_COL_AGENT 2
bool coach_prediction_from_row(const PgResult *r, int row, int col, CoachPrediction *ret);

/* As the API shows it: {"id","model_version","as_of","made_at","value","margin","bias","contributions":[...all],
 * "drivers":[...6]}, null when not present. */
void coach_prediction_json(Jw *w, const CoachPrediction *p);
/* {"feature","label","value","unit","median","points","shap","text"} */
void coach_driver_json(Jw *w, const CoachPrediction *p, int feature);

#endif
