/* scale_smooth.c - see scale_smooth.h. */
#include "scale/scale_smooth.h"

#include "base/mem.h"

#include <math.h>

#define HUBER 4.0
#define READY_DAYS 2
#define MEMORY_DAYS 7.0

/* Shares of an error that go into the level, the day's and the week's season; what is left of the rest after an hour. */
static const struct {
    double level, day, week, fade_1h;
} SHARES[SCALE_SMOOTHERS] = {
    {0.02, 0.10, 0.30, 0.90}, {0.02, 0.30, 0.30, 0.80},  {0.15, 0.10, 0.30, 0.80},
    {0.40, 0.10, 0.20, 0.50}, {0.005, 0.05, 0.15, 0.97},
};

typedef struct Smoother {
    double level, error, off, weight; /* error: mean size of the rest; off: of the forecasts' errors */
    double fade;                      /* over the lead */
    double step_fade;
    float *day, *week;
    double *made; /* ring of lead */
} Smoother;

struct ScaleSmooth {
    int64_t lead, day, week, phase, k;
    double memory;
    double *before; /* rest of the step before, of each smoother */
    Smoother s[SCALE_SMOOTHERS];
};

ScaleSmooth *scale_smooth_new(int64_t step_s, int64_t lead, int64_t phase_s)
{
    ScaleSmooth *f = MEM_NEW(ScaleSmooth);
    BUG_ON(step_s < 1 || lead < 1);
    f->lead = lead;
    f->day = MAX(86400 / step_s, 1);
    f->week = MAX(604800 / step_s, 1);
    f->phase = phase_s / step_s;
    f->memory = MAX(MEMORY_DAYS * 86400 / (double)step_s, 50);
    f->before = mem_array(SCALE_SMOOTHERS, sizeof *f->before);
    for (int i = 0; i < SCALE_SMOOTHERS; i++) {
        Smoother *s = &f->s[i];
        s->step_fade = pow(SHARES[i].fade_1h, (double)step_s / 3600);
        s->fade = pow(s->step_fade, (double)lead);
        s->day = mem_array((size_t)f->day, sizeof *s->day);
        s->week = mem_array((size_t)f->week, sizeof *s->week);
        s->made = mem_array((size_t)lead, sizeof *s->made);
    }
    return f;
}

void scale_smooth_free(ScaleSmooth *f)
{
    if (!f)
        return;
    for (int i = 0; i < SCALE_SMOOTHERS; i++) {
        mem_free(f->s[i].day);
        mem_free(f->s[i].week);
        mem_free(f->s[i].made);
    }
    mem_free(f->before);
    mem_free(f);
}

/* The value of step k meets its forecast; what is left of it goes into level and seasons. */
static double see(ScaleSmooth *f, int i, double y)
{
    Smoother *s = &f->s[i];
    int64_t k = f->k, at = k + f->phase, then = at + f->lead;
    float *day = &s->day[at % f->day], *week = &s->week[at % f->week];
    if (k == 0)
        s->level = y;
    if (k >= f->lead + READY_DAYS * f->day) {
        s->weight = MIN(s->weight + 1, f->memory);
        s->off += (fabs(y - s->made[k % f->lead]) - s->off) / s->weight;
    }
    double rest = y - s->level - (double)*day - (double)*week;
    double news = rest - f->before[i] * s->step_fade; /* what the fading rest of before did not tell */
    s->error +=
        (MIN(fabs(news), k < f->day ? INFINITY : 8 * s->error) - s->error) / (double)MIN(k + 1, f->week);
    double most = HUBER * s->error, tame = k < f->week ? news : MAX(-most, MIN(most, news));
    s->level += MAX(SHARES[i].level, 1 / (double)MIN(k + 1, f->day)) * news;
    *day += (float)((k < f->day ? 1 : SHARES[i].day) * tame);
    *week += (float)((k < f->day ? 0 : k < f->week ? 0.5 : SHARES[i].week) * tame);
    f->before[i] = y - s->level - (double)*day - (double)*week;
    s->made[k % f->lead] =
        s->level + (double)s->day[then % f->day] + (double)s->week[then % f->week] + s->fade * f->before[i];
    return s->made[k % f->lead];
}

double scale_smooth_see(ScaleSmooth *f, double y)
{
    double least = INFINITY, made = NAN;
    for (int i = 0; i < SCALE_SMOOTHERS; i++) {
        double m = see(f, i, y);
        if (f->s[i].off < least) {
            least = f->s[i].off;
            made = m;
        }
    }
    f->k++;
    return f->k > READY_DAYS * f->day ? made : NAN;
}
