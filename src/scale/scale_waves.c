/* scale_waves.c - see scale_waves.h. */
#include "scale/scale_waves.h"

#include "base/mem.h"
#include "scale/scale_ridge.h"

#include <math.h>

#define TWO_PI 6.283185307179586
#define MEMORY_DAYS 21.0
#define READY_DAYS 2
#define RIDGE 0.5
#define HUBER 4.0
#define BEND_DAYS 0.5 /* the rest is on one side for so long */
#define BEND 2.0      /* and so many of its usual sizes away */
#define TREND_KEPT 0.1
#define LEVEL 0 /* columns */
#define TREND 1

/* Cycles a week. Until a week was seen only those of a day count. */
static const int CYCLES[] = {7, 14, 21, 28, 35, 1, 2, 3, 6, 8, 13, 15, 20, 22};
#define N_CYCLES ((int)ARRAY_LEN(CYCLES))
#define N_X (2 + 2 * N_CYCLES) /* level, trend, waves */

struct ScaleWaves {
    int64_t step_s, lead, phase_s, k, bend, refit; /* bend: step of the last changepoint */
    ScaleRidge r;
    double *rest;        /* ring of lead: of the step, after the fit of then */
    double same, square; /* of the rest: product with that of lead steps before, square; both forget */
    double usual, run, run_steps; /* mean size of the rest; sum and steps while it is far off on one side */
};

ScaleWaves *scale_waves_new(int64_t step_s, int64_t lead, int64_t phase_s)
{
    ScaleWaves *f = MEM_NEW(ScaleWaves);
    BUG_ON(step_s < 1 || lead < 1);
    f->step_s = step_s;
    f->lead = lead;
    f->phase_s = phase_s;
    f->r.n = N_X;
    f->rest = mem_array((size_t)lead, sizeof *f->rest);
    return f;
}

void scale_waves_free(ScaleWaves *f)
{
    if (!f)
        return;
    mem_free(f->rest);
    mem_free(f);
}

static void describe(const ScaleWaves *f, int64_t k, double *x)
{
    double week = (double)((f->phase_s + k * f->step_s) % 604800) / 604800;
    double days = (double)((k - f->bend) * f->step_s) / 86400;
    bool all = f->k * f->step_s >= 604800;
    x[0] = 1;
    x[1] = MIN(days, 28) / 28; /* a trend does not go on for ever */
    for (int i = 0; i < N_CYCLES; i++) {
        bool counts = all || CYCLES[i] % 7 == 0;
        x[2 + 2 * i] = counts ? sin(TWO_PI * CYCLES[i] * week) : 0;
        x[3 + 2 * i] = counts ? cos(TWO_PI * CYCLES[i] * week) : 0;
    }
}

/* What came before is moved by the jump, so that the waves stay; its trend counts little from here on. */
static void bend(ScaleWaves *f, double jump)
{
    ScaleRidge *r = &f->r;
    for (int i = 0; i < N_X; i++)
        r->b[i] += jump * r->a[MAX(i, LEVEL)][MIN(i, LEVEL)];
    for (int i = 0; i < N_X; i++)
        r->a[MAX(i, TREND)][MIN(i, TREND)] *= i == TREND ? TREND_KEPT * TREND_KEPT : TREND_KEPT;
    r->b[TREND] *= TREND_KEPT;
    r->beta[LEVEL] += jump;
    f->bend = f->k;
}

/* A rest that stays on one side, far above its usual size, for BEND_DAYS. */
static void look_for_bend(ScaleWaves *f, double rest, double day)
{
    bool far = fabs(rest) > BEND * f->usual, same = (rest > 0) == (f->run > 0);
    if (!far || !same)
        f->run = f->run_steps = 0;
    if (far) {
        f->run += rest;
        f->run_steps++;
    }
    if (f->run_steps > MAX(BEND_DAYS * day, 3)) {
        bend(f, f->run / f->run_steps);
        f->run = f->run_steps = 0;
    }
}

static void learn(ScaleWaves *f, const double *x, double y)
{
    double day = 86400 / (double)f->step_s, forgets = exp(-1 / (day * MEMORY_DAYS));
    double rest = y - scale_ridge_ask(&f->r, x), off = fabs(rest);
    double *before = &f->rest[f->k % f->lead];
    if (f->k > READY_DAYS * (int64_t)day) {
        double n = MIN((double)f->k, 7 * day);
        f->same = forgets * f->same + *before * rest / (1 + fabs(rest) / (f->usual + 1e-12));
        f->square = forgets * f->square + *before * *before / (1 + fabs(rest) / (f->usual + 1e-12));
        f->usual += (MIN(off, 8 * f->usual + (f->k < 3 * (int64_t)day ? off : 0)) - f->usual) / n;
        look_for_bend(f, rest, day);
    } else
        f->usual += (off - f->usual) / (double)(f->k + 1);
    *before = rest;
    double w = f->k > (int64_t)day && off > HUBER * f->usual ? HUBER * f->usual / off : 1;
    scale_ridge_add(&f->r, x, y, w, forgets);
}

double scale_waves_see(ScaleWaves *f, double y)
{
    double x[N_X];
    describe(f, f->k, x);
    learn(f, x, y);
    if (--f->refit <= 0) {
        scale_ridge_fit(&f->r, RIDGE);
        f->refit = MAX(MIN(f->k / 50, 3600 / f->step_s), 1);
    }
    double rest = y - scale_ridge_ask(&f->r, x), left = f->square > 0 ? f->same / f->square : 0;
    describe(f, f->k + f->lead, x);
    double made = scale_ridge_ask(&f->r, x) + MAX(-1, MIN(1, left)) * rest;
    f->k++;
    return f->k * f->step_s > READY_DAYS * 86400 ? made : NAN;
}
