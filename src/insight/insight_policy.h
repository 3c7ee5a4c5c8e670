/* insight_policy.h - whom to treat: what policies are worth, and a rule of two questions that people can read.
 *
 *     InsightScores --all, none, the most promising share, the rule--> value a row, gain over none and over all
 *
 * The value of a policy is the mean of phi of the arm that it would give (doubly robust; Dudik, Langford, Li 2011), less the
 * cost of treating. The rule is the tree of depth two with the greatest gain over at most 16 cuts of each column (Athey,
 * Wager 2021), found exactly from sums over pairs of columns, or of depth one or none where that is worth as much within a
 * standard error. Its worth is told by rules learned without each fold and judged on it; the rule that is shown is learned
 * from all rows.
 * Owner: insight_policy_free. Threads: pure. Cost: O(n k^2) for the rule, of at most INSIGHT_RULE_ROWS rows. */
#ifndef EHUB_INSIGHT_INSIGHT_POLICY_H
#define EHUB_INSIGHT_INSIGHT_POLICY_H

#include "insight/insight_scores.h"

#define INSIGHT_RULE_COLUMNS 48
#define INSIGHT_RULE_ROWS 50000
#define INSIGHT_TOPS 9

/* x[first] <= at[0] goes left; then x[second[side]] <= at[1 + side]. second -1: no further question; first -1: one for all. */
typedef struct InsightRule {
    int first, second[2];
    double at[3];
    bool treat[4]; /* left of left, right of left, left of right, right of right */
} InsightRule;

typedef struct InsightPolicyValue {
    double share; /* of the rows that are treated */
    StatsEstimate value, over_none, over_all;
} InsightPolicyValue;

typedef struct InsightPolicy {
    double cost;
    InsightPolicyValue none, all, top[INSIGHT_TOPS]; /* the most promising 10 % .. 90 % */
    InsightPolicyValue expected;                     /* those whose tau is more than the cost */
    InsightPolicyValue ruled;
    InsightRule rule;
    int64_t leaf_n[4];
    double leaf_effect[4]; /* of the rows the rule was chosen on: an optimist's figure */
    bool columns_left_out;
} InsightPolicy;

ErrKind MUST_USE insight_policy(const InsightData *d, const InsightScores *s, double cost, double level,
                                InsightPolicy **ret, Err *reterr);
void insight_policy_free(InsightPolicy *p);
DEFINE_FREEP(InsightPolicy, insight_policy_free)

/* The leaf of a row: 0 .. 3. */
int insight_rule_leaf(const InsightRule *r, const InsightData *d, int64_t row);
/* The rule as lines: "tenure <= 8 and tier=top: treat". */
void insight_rule_text(const InsightRule *r, const InsightData *d, Buf *out);
void insight_policy_json(Jw *w, const InsightData *d, const InsightPolicy *p);

#endif
