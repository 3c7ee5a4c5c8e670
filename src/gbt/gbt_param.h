/* gbt_param.h - what can be chosen when a model is trained: one table makes the struct, the checks and the reference page.
 *
 *     "eta=0.1" --gbt_params_set--> GbtParams --gbt_params_check--> text for libxgboost, which takes any text for good
 *
 * Names are XGBoost's; a name that is not in the table and a value out of its range are errors that name them.
 * Owner:    texts are borrowed: they live at least as long as the GbtParams.
 * Threads:  pure.
 * See also: docs/reference/training.md, made from this table. */
#ifndef EHUB_GBT_GBT_PARAM_H
#define EHUB_GBT_GBT_PARAM_H

#include "base/buf.h"
#include "gbt/gbt.h"

#include <math.h>

/* When a parameter has a meaning; set to something else than its default where it has none, it is an error. */
typedef enum GbtUse {
    GBT_USE_ALWAYS,
    GBT_USE_OWN,   /* always, but not handed to libxgboost as it is */
    GBT_USE_DART,  /* booster=dart */
    GBT_USE_HIST,  /* tree_method hist and approx */
    GBT_USE_MULTI, /* multi:* */
    GBT_USE_TWEEDIE,
    GBT_USE_HUBER,
    GBT_USE_CATEGORY, /* without categories it does nothing, which is no error */
} GbtUse;

/* WORD(name, default, choices, use, help) TEXT(name, default, use, help)
 * INT(name, default, min, max, use, help) REAL(name, default, min, max, use, help); NAN: found from the data. */
#define GBT_PARAM_TABLE(WORD, TEXT, INT, REAL)                                                               \
    TEXT(objective, "binary:logistic", OWN, "What is predicted: a row of the table of objectives below")     \
    INT(num_boost_round, 600, 1, GBT_TREES_MAX, OWN,                                                         \
        "Most rounds; many small steps, early stopping finds the number (XGBoost: 10)")                      \
    INT(early_stopping_rounds, 40, 0, GBT_TREES_MAX, OWN,                                                    \
        "Stop after so many rounds without a better metric on the validation rows and keep the best round; " \
        "0: never. Without validation rows it does nothing (XGBoost: off)")                                  \
    TEXT(eval_metric, "", OWN, "Metric of early stopping; empty: the objective's own")                       \
    REAL(eta, 0.05, 1e-6, 1, ALWAYS,                                                                         \
         "Share of each tree that counts; small, because early stopping pays for it (XGBoost: 0.3)")         \
    INT(max_depth, 4, 0, 30, ALWAYS,                                                                         \
        "Deepest leaf; shallow, because most tables here have thousands of rows and not millions (XGBoost: " \
        "6). 0: no limit, then max_leaves is needed")                                                        \
    INT(max_leaves, 0, 0, 65536, HIST, "Most leaves of a tree; 0: no limit")                                 \
    WORD(grow_policy, "depthwise", "depthwise|lossguide", HIST, "Which leaf is split next")                  \
    REAL(                                                                                                    \
        min_child_weight, 2, 0, 1e9, ALWAYS,                                                                 \
        "Least sum of second derivatives in a leaf; above 1, so that single rows make no leaf (XGBoost: 1)") \
    REAL(gamma, 0, 0, 1e9, ALWAYS, "Least gain of a split")                                                  \
    REAL(subsample, 0.8, 1e-6, 1, ALWAYS,                                                                    \
         "Share of the rows for each round, against learning rows by heart (XGBoost: 1)")                    \
    REAL(colsample_bytree, 0.8, 1e-6, 1, ALWAYS,                                                             \
         "Share of the features for each tree, the same for features (XGBoost: 1)")                          \
    REAL(colsample_bylevel, 1, 1e-6, 1, ALWAYS, "Share of these for each level")                             \
    REAL(colsample_bynode, 1, 1e-6, 1, ALWAYS, "Share of these for each split")                              \
    REAL(lambda, 1, 0, 1e9, ALWAYS, "Penalty on the squares of the leaves")                                  \
    REAL(alpha, 0, 0, 1e9, ALWAYS, "Penalty on the sizes of the leaves")                                     \
    REAL(max_delta_step, 0, 0, 1e9, OWN,                                                                     \
         "Largest leaf; 0: no limit, but for count:poisson 0.7, as in XGBoost")                              \
    INT(max_bin, 256, 2, 65535, HIST, "Bins of a numeric feature")                                           \
    WORD(tree_method, "hist", "hist|approx|exact", ALWAYS,                                                   \
         "How splits are found; hist, the fastest. exact cannot use categories")                             \
    WORD(booster, "gbtree", "gbtree|dart", ALWAYS, "dart drops earlier trees at random while it trains")     \
    REAL(rate_drop, 0, 0, 1, DART, "Share of the earlier trees dropped in a round")                          \
    REAL(skip_drop, 0, 0, 1, DART, "Probability of a round without a drop")                                  \
    INT(one_drop, 0, 0, 1, DART, "1: at least one tree is dropped")                                          \
    WORD(sample_type, "uniform", "uniform|weighted", DART, "How the dropped trees are chosen")               \
    WORD(normalize_type, "tree", "tree|forest", DART, "How new trees are weighed against dropped ones")      \
    INT(num_parallel_tree, 1, 1, 1000, ALWAYS, "Trees of a round: more than 1 makes it a boosted forest")    \
    INT(num_class, 0, 0, GBT_GROUPS_MAX, MULTI, "Classes of multi:*")                                        \
    REAL(base_score, NAN, -1e30, 1e30, OWN,                                                                  \
         "The prediction before the first tree; from the data: mean, median or quantile of the target")      \
    REAL(scale_pos_weight, 1, 1e-6, 1e6, ALWAYS,                                                             \
         "Weight of rows with label 1. It ruins probabilities: they no longer are frequencies")              \
    TEXT(monotone_constraints, "", OWN,                                                                      \
         "Directions that are kept: {\"feature\":1,\"other\":-1} or (1,0,-1)")                               \
    TEXT(interaction_constraints, "", OWN,                                                                   \
         "Features that may meet in one path: [[\"a\",\"b\"],[\"c\",\"d\"]]")                                \
    REAL(tweedie_variance_power, 1.5, 1.000001, 1.999999, TWEEDIE,                                           \
         "Of reg:tweedie: near 1 as Poisson, near 2 as gamma")                                               \
    REAL(huber_slope, 1, 1e-9, 1e30, HUBER, "Of reg:pseudohubererror: from where on errors count linearly")  \
    INT(max_cat_to_onehot, 4, 1, 100000, CATEGORY,                                                           \
        "Features of fewer categories are split one against the rest")                                       \
    INT(max_cat_threshold, 64, 1, 100000, CATEGORY, "Most categories on one side of a split")                \
    INT(seed, 1, 0, INT32_MAX, ALWAYS, "Of everything random; same seed and threads: same model")            \
    INT(nthread, 1, 1, 256, ALWAYS, "Threads of the training process")

typedef struct GbtParams {
#define WORD(name, otherwise, choices, use, help) const char *name;
#define TEXT(name, otherwise, use, help) const char *name;
#define INT(name, otherwise, min, max, use, help) int name;
#define REAL(name, otherwise, min, max, use, help) double name;
    GBT_PARAM_TABLE(WORD, TEXT, INT, REAL)
#undef WORD
#undef TEXT
#undef INT
#undef REAL
    const int8_t *monotone; /* int8_t[n_features] of -1, 0, +1 in place of monotone_constraints, or NULL */
} GbtParams;

extern const GbtParams GBT_PARAMS_DEFAULT;

/* From text. INVALID names the parameter: unknown, no number, out of range. XGBoost's other names (learning_rate,
 * reg_lambda, n_estimators ...) are understood. value is kept. */
ErrKind MUST_USE gbt_params_set(GbtParams *p, Str name, const char *value, Err *reterr);
/* What does not fit together, and every range again. categories: the data has some. */
ErrKind MUST_USE gbt_params_check(const GbtParams *p, bool categories, Err *reterr);
/* One line for each choice that is allowed and unwise. */
void gbt_params_warn(const GbtParams *p, Buf *out);
void gbt_params_docs(Buf *out); /* docs/reference/training.md */

typedef struct GbtParamText {
    const char *name;
    char value[48]; /* numbers; a text that is longer stands in `text` */
    const char *text;
    GbtUse use;
    bool is_default;
} GbtParamText;

extern const int GBT_N_PARAMS;
/* The i-th parameter as text. */
GbtParamText gbt_param_text(const GbtParams *p, int i);

#endif
