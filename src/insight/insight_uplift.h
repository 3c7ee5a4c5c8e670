/* insight_uplift.h - for whom the treatment works: by tier, by feature, by what models expect, and whom to treat.
 *
 *     InsightScores --by tier, by feature, by fifths of tau (GATES)--> effects with intervals, Holm-adjusted
 *                   --slope of the score on tau (BLP)--> is there any difference that models can foretell?
 *                   --most promising first--> gain curve, AUUC, Qini      --insight_policy.h--> whom to treat
 *
 * Best linear predictor and sorted groups: Chernozhukov, Demirer, Duflo, Fernandez-Val 2018; effects by feature as
 * projections of scores: Semenova, Chernozhukov 2021; area and Qini from scores: Yadlowsky et al. 2021, Radcliffe 2007;
 * several groups at once: Holm 1979, simultaneous intervals by Bonferroni. All errors are HC2, or CR2 by cluster. A group is
 * weighted as if it were all the data (insight_scores_within), so that the groups' effects need not add up to that on all.
 * Owner:    insight_uplift_free; names belong to the data. Threads: one.
 * Errors:   those of insight_scores.h. A group too small for an answer gets none (estimate NAN) and a warning. */
#ifndef EHUB_INSIGHT_INSIGHT_UPLIFT_H
#define EHUB_INSIGHT_INSIGHT_UPLIFT_H

#include "insight/insight_plot.h"
#include "insight/insight_policy.h"
#include "insight/insight_scores.h"

#define INSIGHT_GROUPS_MAX 24
#define INSIGHT_SORTED_GROUPS 5
#define INSIGHT_CURVE_POINTS 20
#define INSIGHT_FEATURES_MAX 200

/* Rows that belong together, and the effect on them. */
typedef struct InsightPart {
    char name[120];
    int64_t n, n_treated;
    double effective; /* rows of the arm that has fewer, as the weights leave them (Kish 1965) */
    StatsEstimate effect;
    double low_all, high_all; /* simultaneous over the parts of one breakdown */
    double p_holm;
} InsightPart;

typedef struct InsightBreakdown {
    const char *name; /* of the column */
    int n;
    InsightPart part[INSIGHT_GROUPS_MAX];
    double f, p, p_holm; /* test that all parts are equal; p_holm over the features; NAN: not made */
    int df;
} InsightBreakdown;

typedef struct InsightGain {
    double share;       /* of the rows, most promising first */
    StatsEstimate gain; /* for each row of all, when those are treated and the others not */
    double mean;        /* effect on those treated */
} InsightGain;

/* A column's mean among the most and the least promising group. */
typedef struct InsightContrast {
    const char *name;
    double most, least;
    StatsEstimate difference;
} InsightContrast;

typedef struct InsightUplift {
    double level;
    InsightScores *scores;
    StatsEstimate ate;
    InsightBreakdown tiers;  /* n 0: no tier */
    InsightBreakdown sorted; /* most promising first; n 0: tau is flat */
    StatsEstimate most_minus_least;
    StatsEstimate slope; /* of the best linear predictor: 1 when tau is right, 0 when it says nothing */
    double p_differs;    /* one-sided: slope > 0 */
    int n_features;
    InsightBreakdown *feature;
    int n_contrasts;
    InsightContrast *contrast;
    InsightGain curve[INSIGHT_CURVE_POINTS];
    StatsEstimate auuc, qini;
    InsightPolicy *policy;
    Buf warnings;
} InsightUplift;

/* cost: of treating a row, in units of the outcome. */
ErrKind MUST_USE insight_uplift(const InsightData *d, const InsightQuestion *q, double cost,
                                InsightUplift **ret, Err *reterr);
void insight_uplift_free(InsightUplift *u);
DEFINE_FREEP(InsightUplift, insight_uplift_free)

void insight_uplift_json(Jw *w, const InsightData *d, const InsightUplift *u);
void insight_breakdown_json(Jw *w, const char *key, const InsightBreakdown *b);
void insight_uplift_plot(const InsightUplift *u, const char *y_label, bool svg, Buf *out);

/* Mean of x[n] with its interval, by the data's clusters. */
ErrKind MUST_USE insight_mean_of(const InsightData *d, const double *x, double level, StatsEstimate *ret,
                                 Err *reterr);
/* Effects on the groups of rows: group[i] 0 .. b->n - 1, or -1: in none. Names stand in b; fills the rest, and score[n]
 * (insight_scores_within) where it is not NULL. Without clusters an interval has the
 * degrees of freedom of both arms' effective rows (Satterthwaite 1946). */
ErrKind MUST_USE insight_break_down(const InsightData *d, const InsightScores *s, const int32_t *group,
                                    double level, double *score, InsightBreakdown *b, Err *reterr);
/* Holm 1979: p values adjusted for their number, NAN ones passed over. */
void insight_holm(const double *p, int n, double *adjusted);

#endif
