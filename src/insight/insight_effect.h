/* insight_effect.h - the effect of a treatment, with its interval and what stands behind it.
 *
 *     InsightData + InsightQuestion --insight_effect--> InsightAnswer: estimate, interval, diagnostics, warnings
 *
 * A method is one row of the table in insight_effect.c and one file insight_<method>.c. Each says what it assumes, and
 * refuses (INVALID) what its data cannot give instead of answering with false precision.
 * Threads:  one question, one thread (methods that train models run children: gbt/gbt_train.h).
 * Result:   the same data, question and seed give the same answer. */
#ifndef EHUB_INSIGHT_INSIGHT_EFFECT_H
#define EHUB_INSIGHT_INSIGHT_EFFECT_H

#include "base/jw.h"
#include "insight/insight_data.h"
#include "rt/deadline.h"

typedef enum InsightEstimand { INSIGHT_ATE, INSIGHT_ATT } InsightEstimand;

/* Whom staggered starts are compared with. AUTO: the never treated, where there are at least two clusters of them. */
typedef enum InsightControls {
    INSIGHT_CONTROLS_AUTO,
    INSIGHT_CONTROLS_NEVER,
    INSIGHT_CONTROLS_NOT_YET
} InsightControls;

typedef struct InsightQuestion {
    InsightEstimand estimand;
    double level; /* of the intervals: 0.5 .. 0.999 */
    uint64_t seed;
    int folds;            /* of cross-fitting */
    int draws;            /* of bootstraps, permutations */
    int64_t planned;      /* rows that a running experiment is to have; 0: half more than there are */
    const char *work_dir; /* for training's temporary files; NULL: $TMPDIR, /tmp */
    const char *program;  /* that trains: see GbtRun; NULL: this one */
    InsightControls controls;
    bool wild;          /* did: interval and p value of the wild bootstrap */
    int anticipation;   /* times before the start in which the treatment may act already */
    int neighbours;     /* of matching */
    bool on_propensity; /* matching on the chance of treatment instead of all covariates */
    double caliper;     /* of matching, in standard deviations of the distance's coordinates; 0: none */
    bool refute;        /* insight_refute.h */
    Deadline by;
} InsightQuestion;
extern const InsightQuestion INSIGHT_QUESTION_DEFAULT;

#define INSIGHT_DIAGNOSTICS_MAX (4u << 20)

/* One of several effects: of a time since the start, of a group. */
typedef struct InsightPoint {
    int32_t at;
    StatsEstimate e;            /* without a standard error: NAN */
    double band_low, band_high; /* hold for all points of the row together; NAN: no band */
    int64_t n_treated, n_control;
} InsightPoint;

typedef struct InsightAnswer {
    StatsEstimate effect;
    StatsEstimate naive; /* difference of means with unequal variances, as if nothing else differed */
    int64_t n_treated, n_control;
    const char *method;
    InsightEstimand estimand;
    Buf diagnostics;     /* members of a JSON object, written with a Jw that is open in it */
    Jw w;                /* writes into diagnostics */
    Buf warnings;        /* one line each */
    InsightPoint *event; /* the event study by times since the start; NULL: none */
    int n_events;
    double pretrend_p; /* of the joint test of the leads; NAN: none */
} InsightAnswer;
void insight_answer_done(InsightAnswer *a);
void insight_answer_warn(InsightAnswer *a, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* {"estimate","se","ci_low","ci_high","p","n_treated","n_control","method","estimand","naive":{...},"diagnostics":{...},
 * "warnings":[...]} */
void insight_answer_json(Jw *w, InsightAnswer *a, double level);

typedef ErrKind InsightMethodFn(InsightData *d, const InsightQuestion *q, InsightAnswer *a, Err *reterr);
typedef struct InsightMethod {
    const char *name;  /* "aipw" */
    const char *title; /* "Doubly robust" */
    const char *assumes;
    unsigned needs; /* INSIGHT_NEEDS_*, INSIGHT_TAKES_* */
    InsightMethodFn *run;
} InsightMethod;
enum {
    INSIGHT_NEEDS_COVARIATES = 1,
    INSIGHT_NEEDS_PRE = 2,
    INSIGHT_NEEDS_TIME = 4,
    INSIGHT_NEEDS_UNIT = 8,
    INSIGHT_TAKES_WEIGHTS = 16
};
extern const InsightMethod INSIGHT_METHODS[];
extern const int INSIGHT_N_METHODS;
const InsightMethod *insight_method(const char *name); /* NULL: none */

/* Checks what the method needs, fills naive and the counts, runs it. */
ErrKind MUST_USE insight_effect(InsightData *d, const InsightMethod *m, const InsightQuestion *q,
                                InsightAnswer *ret, Err *reterr);

/* Difference of the means of y with unequal variances (Welch 1947), t double[n] of 0 and 1. Too few rows: NAN in se. */
StatsEstimate insight_naive(const double *y, const double *t, int64_t n, double level);

/* insight_rct.c: difference of means and regression-adjusted (Lin 2013) difference of a randomised experiment. */
InsightMethodFn insight_rct;
/* insight_cuped.c: the same made more exact by outcomes of before. */
InsightMethodFn insight_cuped;
/* insight_did.c: difference in differences of panels and repeated cross-sections with one start. */
InsightMethodFn insight_did;
/* insight_staggered.c: group-time effects of starts at different times. */
InsightMethodFn insight_staggered;

/* insight_permute.c: adds randomisation_p to the diagnostics, unless rows times draws are too many. */
void insight_permute(InsightData *d, const InsightQuestion *q, InsightAnswer *a);
/* Adds the interval that holds at every look at growing data: stats_always_valid_reach. */
void insight_always_valid(InsightAnswer *a, int64_t n, const InsightQuestion *q);
/* insight_aipw.c: doubly robust with cross-fitted models. */
InsightMethodFn insight_aipw;
/* insight_match.c: nearest neighbours with bias correction. */
InsightMethodFn insight_match;

#endif
