/* scale_odds.c - see scale_odds.h. */
#include "scale/scale_odds.h"

#include "base/mem.h"

#include <math.h>

#define LEVELS SCALE_ODDS_LEVELS
#define HEIGHTS 32
#define SPREADS 4
#define LOWEST 0.3 /* of what was expected */
#define STEP 1.08  /* from level to level */
#define BASE 0.5   /* replicas: what is expected is taken to be at least that much */
#define LARGEST 1e200

struct ScaleOdds {
    double capacity, forgets;
    double count[HEIGHTS][SPREADS][LEVELS], all[LEVELS];
    double weight; /* of the next value: instead of forgetting the old ones, new ones weigh more */
    double level[LEVELS];
    double usual; /* median of spreads, as shares of the forecast */
    int64_t n;
};

ScaleOdds *scale_odds_new(double capacity, double forgets)
{
    ScaleOdds *o = MEM_NEW(ScaleOdds);
    o->capacity = capacity;
    o->forgets = forgets;
    o->weight = 1;
    for (int g = 0; g < LEVELS; g++)
        o->level[g] = LOWEST * pow(STEP, g);
    return o;
}

void scale_odds_free(ScaleOdds *o)
{
    mem_free(o);
}

static double expected(const ScaleOdds *o, double middle)
{
    return MAX(middle, BASE * o->capacity);
}

static int height_of(const ScaleOdds *o, double middle)
{
    int h = (int)(2 * log2(1 + MAX(middle, 0) / o->capacity) + 0.5);
    return MIN(h, HEIGHTS - 1);
}

static int spread_of(const ScaleOdds *o, double middle, double spread)
{
    double share = spread / expected(o, middle);
    return (share >= o->usual / 2) + (share >= o->usual) + (share >= o->usual * 2);
}

/* Where the weights have grown too large. */
static void shrink(ScaleOdds *o)
{
    for (int g = 0; g < LEVELS; g++)
        o->all[g] /= o->weight;
    for (int h = 0; h < HEIGHTS; h++)
        for (int s = 0; s < SPREADS; s++)
            for (int g = 0; g < LEVELS; g++)
                o->count[h][s][g] /= o->weight;
    o->weight = 1;
}

void scale_odds_keep(ScaleOdds *o, double middle, double spread, double came)
{
    double share = came / expected(o, middle);
    int g = share > LOWEST ? (int)ceil(log(share / LOWEST) / log(STEP) - 1e-9) : 0;
    g = MIN(g, LEVELS - 1);
    o->weight /= o->forgets;
    o->count[height_of(o, middle)][spread_of(o, middle, spread)][g] += o->weight;
    o->all[g] += o->weight;
    if (o->weight > LARGEST)
        shrink(o);
    share = spread / expected(o, middle);
    o->n++;
    o->usual =
        o->n == 1 ? share : o->usual * exp((share > o->usual ? 1 : -1) * MAX(0.01, 1 / (double)(o->n + 1)));
}

bool scale_odds_ask(const ScaleOdds *o, double middle, double spread, double *level, double *beyond)
{
    if (o->n < SCALE_ODDS_LEAST)
        return false;
    const double *own = o->count[height_of(o, middle)][spread_of(o, middle, spread)];
    double prior = SCALE_ODDS_PRIOR * o->weight, all = 0, n = prior, more = 0;
    for (int g = 0; g < LEVELS; g++) {
        all += o->all[g];
        n += own[g];
    }
    for (int g = LEVELS - 1; g >= 0; g--) {
        level[g] = expected(o, middle) * o->level[g];
        beyond[g] = more;
        more += (own[g] + prior * o->all[g] / all) / n;
    }
    return true;
}
