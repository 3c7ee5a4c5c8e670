/* coach_choose.c - the ranking itself: pure. The formula stands in the header. */
#include "coach/coach_choose.h"

#include <math.h>
#include <string.h>

#define MAD_TO_SD 1.4826 /* of a normal distribution */
#define GAP_MAX 3.0

static double sigmoid(double v)
{
    return 1.0 / (1.0 + exp(-v));
}

void coach_standing_shap(const CoachPrediction *p, CoachStanding *ret)
{
    *ret = (CoachStanding){.margin = p->margin};
    for (int i = 0; i < COACH_N_FEATURES; i++) {
        ret->x[i] = p->x[i];
        ret->median[i] = p->median[i];
        ret->behind[i] = fmax(0.0, -p->shap[i]);
    }
}

void coach_standing_rule(const float *x, const float *median, const float *mad, CoachStanding *ret)
{
    *ret = (CoachStanding){.by_rule = true};
    for (int i = 0; i < COACH_N_FEATURES; i++) {
        ret->x[i] = x[i];
        ret->median[i] = median[i];
        double worse = ((double)median[i] - (double)x[i]) * COACH_FEATURES[i].direction;
        double sd = MAD_TO_SD * (double)mad[i];
        if (worse > 0 && sd > 0) /* false for NaN */
            ret->behind[i] = fmin(GAP_MAX, worse / sd);
    }
}

/* Does the agent stand on the rule's side of the median? Without a value or a median nothing can be said. */
static bool rule_matches(const CoachPlayRule *r, const CoachStanding *st)
{
    float x = st->x[r->feature], median = st->median[r->feature];
    return st->behind[r->feature] > 0 && (r->high ? x > median : x < median);
}

static double addressable(const CoachPlaybook *book, const CoachStanding *st)
{
    bool seen[COACH_N_FEATURES] = {false};
    double sum = 0;
    for (int k = 0; k < book->n; k++)
        for (int i = 0; book->plays[k].enabled && i < book->plays[k].n_drivers; i++) {
            int f = book->plays[k].drivers[i].feature;
            sum += seen[f] ? 0 : st->behind[f];
            seen[f] = true;
        }
    return sum;
}

static void add_driver(CoachOpen *c, const CoachStanding *st, int feature)
{
    int at = c->n_drivers++;
    for (; at > 0 && st->behind[c->drivers[at - 1]] < st->behind[feature]; at--)
        c->drivers[at] = c->drivers[at - 1];
    c->drivers[at] = feature;
}

static CoachOpen fit_of(const CoachPlay *play, int k, const CoachStanding *st, double all)
{
    CoachOpen c = {.play = k};
    double part = 0;
    for (int i = 0; i < play->n_drivers; i++) {
        if (!rule_matches(&play->drivers[i], st))
            continue;
        part += st->behind[play->drivers[i].feature];
        add_driver(&c, st, play->drivers[i].feature);
    }
    c.share = all > 0 ? part / all : 0;
    c.most = st->by_rule ? INFINITY : part;
    return c;
}

CoachOpen coach_choose_fit(const CoachPlaybook *book, int k, const CoachStanding *standing)
{
    return fit_of(&book->plays[k], k, standing, addressable(book, standing));
}

static bool allowed(const CoachPlay *play, int k, const CoachPast *past)
{
    int most = past->lowest_tier ? play->per_week_lowest_tier : play->per_week;
    return !past->held_back[k] && past->sent_7d < most && past->days_since[k] >= play->cooldown_days;
}

int coach_choose_open(const CoachPlaybook *book, const CoachStanding *standing, const CoachPast *past,
                      CoachOpen ret[static COACH_PLAYS_MAX], int *ret_withheld)
{
    double all = addressable(book, standing);
    int n = 0, withheld = 0;
    for (int k = 0; k < book->n; k++) {
        if (!book->plays[k].enabled)
            continue;
        CoachOpen c = fit_of(&book->plays[k], k, standing, all);
        if (c.share <= 0)
            continue;
        if (allowed(&book->plays[k], k, past))
            ret[n++] = c;
        else
            withheld++;
    }
    if (ret_withheld)
        *ret_withheld = withheld;
    return n;
}

double coach_choose_delta(const CoachOpen *open, double effect)
{
    return fmin(effect * open->share, open->most);
}

int coach_choose_best(const CoachPlaybook *book, const CoachOpen *open, int n_open, double margin,
                      const double *effect, CoachChoice ret[static COACH_CHOICES])
{
    int n = 0;
    for (int o = 0; o < n_open; o++) {
        int k = open[o].play, at = n;
        double delta = coach_choose_delta(&open[o], effect ? effect[k] : book->plays[k].prior_effect);
        CoachChoice c = {
            .play = k, .score = sigmoid(margin + delta) - sigmoid(margin), .n_drivers = open[o].n_drivers};
        if (c.score <= 0)
            continue;
        memcpy(c.drivers, open[o].drivers, sizeof(c.drivers));
        while (at > 0 && ret[at - 1].score < c.score)
            at--;
        if (at == COACH_CHOICES)
            continue;
        n = MIN(n + 1, COACH_CHOICES);
        for (int i = n - 1; i > at; i--)
            ret[i] = ret[i - 1];
        ret[at] = c;
    }
    return n;
}

int coach_choose_rank(const CoachPlaybook *book, const CoachStanding *standing, const CoachPast *past,
                      CoachChoice ret[static COACH_CHOICES], int *ret_withheld)
{
    CoachOpen open[COACH_PLAYS_MAX];
    int n = coach_choose_open(book, standing, past, open, ret_withheld);
    return coach_choose_best(book, open, n, standing->margin, NULL, ret);
}
