/* scale_learn.c - see scale_learn.h. */
#include "scale/scale_learn.h"

#include "base/clock.h"
#include "base/mem.h"
#include "scale/scale_feed.h"
#include "scale/scale_queue.h"
#include "stats/stats.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#define QUANTILE 0.95
#define HIGHEST 0.95 /* utilisation; closer to 1 the smallest error is a queue */
#define FACTOR_MOST 5.0
#define NOTCH_MOST 0.1

/* One column for each thing that is known of a sample. */
typedef struct Samples {
    double *saturated, *utilisation, *latency, *each; /* each: load of one replica */
    int64_t n, n_latency;
} Samples;

static void samples_done(Samples *s)
{
    mem_free(s->saturated);
    mem_free(s->utilisation);
    mem_free(s->latency);
    mem_free(s->each);
}

static void gather(const ScaleLearnFrom *f, Samples *s)
{
    size_t n = (size_t)MAX(f->n, 1);
    s->saturated = mem_array(n, sizeof(double));
    s->utilisation = mem_array(n, sizeof(double));
    s->latency = mem_array(n, sizeof(double));
    s->each = mem_array(n, sizeof(double));
    for (int64_t k = 0; k < f->n; k++) {
        double each = f->load[k] / f->replicas[k], u = f->utilisation[k];
        if (!(f->load[k] > 0) || !(f->replicas[k] >= 1) || !(u > SCALE_LEARN_BUSY) || !(u < 1.5) ||
            !isfinite(each))
            continue;
        double latency = f->latency ? f->latency[k] : NAN;
        s->saturated[s->n] = each / u;
        s->utilisation[s->n] = u;
        s->each[s->n] = each;
        s->latency[s->n++] = latency;
        s->n_latency += latency > 0 && u < HIGHEST;
    }
}

/* Quantile of a copy: the order of the samples stays. */
static double quantile_of(const double *x, int64_t n, double q)
{
    CLEANUP(mem_freep) double *copy = mem_array((size_t)MAX(n, 1), sizeof *copy);
    for (int64_t i = 0; i < n; i++)
        copy[i] = x[i];
    return stats_quantile(copy, n, q);
}

/* Median of measured / modelled latency. */
static double factor_of(const Samples *s, int servers, double service_s)
{
    CLEANUP(mem_freep) double *ratio = mem_array((size_t)MAX(s->n, 1), sizeof *ratio);
    int64_t n = 0;
    for (int64_t i = 0; i < s->n; i++)
        if (s->latency[i] > 0 && s->utilisation[i] < HIGHEST)
            ratio[n++] = s->latency[i] / scale_queue_time(servers, s->utilisation[i], service_s, QUANTILE);
    return stats_quantile(ratio, n, 0.5);
}

static void PRINTF_LIKE(3, 4) refuse(const ScaleLearn *conf, ScaleLearned *r, const char *format, ...)
{
    char why[160];
    va_list ap;
    va_start(ap, format);
    vsnprintf(why, sizeof why, format, ap);
    va_end(ap);
    r->learned = false;
    r->capacity = conf->fallback;
    snprintf(r->words, sizeof r->words, "A replica is taken to serve %g, as configured: %s.", conf->fallback,
             why);
}

/* The utilisation that keeps p95_s; false: refused. */
static bool find_utilisation(const ScaleLearn *conf, const Samples *s, ScaleLearned *r)
{
    r->utilisation = conf->target;
    if (conf->p95_s == 0)
        return true;
    double service_s = conf->servers / r->saturated, factor = 1;
    if (s->n_latency < SCALE_LEARN_SAMPLES) {
        refuse(conf, r, "%lld of the %d samples of latency that are needed are there",
               (long long)s->n_latency, SCALE_LEARN_SAMPLES);
        return false;
    }
    factor = factor_of(s, conf->servers, service_s);
    if (!(factor < FACTOR_MOST && factor > 1 / FACTOR_MOST)) {
        refuse(conf, r, "latencies are %.3g times what a queue before %d servers would give", factor,
               conf->servers);
        return false;
    }
    r->utilisation =
        MIN(scale_queue_utilisation(conf->servers, service_s, QUANTILE, conf->p95_s / factor), HIGHEST);
    if (r->utilisation <= 0) {
        refuse(conf, r, "a p95 of %g s cannot be kept, %g s is that of an idle replica", conf->p95_s,
               factor * scale_queue_time(conf->servers, 0, service_s, QUANTILE));
        return false;
    }
    return true;
}

void scale_learn(const ScaleLearn *conf, const ScaleLearnFrom *from, ScaleLearned *r)
{
    CLEANUP(samples_done) Samples s = {0};
    *r = (ScaleLearned){0};
    gather(from, &s);
    r->n = s.n;
    if (s.n < SCALE_LEARN_SAMPLES) {
        refuse(conf, r, "%lld of the %d samples with some load that are needed are there", (long long)s.n,
               SCALE_LEARN_SAMPLES);
        return;
    }
    r->saturated = quantile_of(s.saturated, s.n, 0.5);
    double spread = quantile_of(s.saturated, s.n, 0.75) - quantile_of(s.saturated, s.n, 0.25);
    if (1.57 * spread / sqrt((double)s.n) > NOTCH_MOST * r->saturated) {
        refuse(conf, r, "%lld samples of load by utilisation disagree", (long long)s.n);
        return;
    }
    if (!find_utilisation(conf, &s, r))
        return;
    double most = SCALE_LEARN_BEYOND * quantile_of(s.each, s.n, 0.99), found = r->utilisation * r->saturated;
    r->learned = true;
    r->capacity = MIN(found, most);
    int len = snprintf(r->words, sizeof r->words,
                       "A replica is taken to serve %.4g: saturated at %.4g (%lld samples), at %.0f %%",
                       r->capacity, r->saturated, (long long)s.n, 100 * r->utilisation);
    if (conf->p95_s > 0)
        len += snprintf(r->words + len, sizeof r->words - (size_t)len, " of it p95 stays below %g s",
                        conf->p95_s);
    if (most < found)
        len += snprintf(r->words + len, sizeof r->words - (size_t)len,
                        ", and at most %g times what one was seen with", SCALE_LEARN_BEYOND);
    snprintf(r->words + len, sizeof r->words - (size_t)len, ".");
}

void scale_learn_now(ScaleConf *c, int64_t now_us)
{
    const ScaleLearn *l = &c->learn;
    if (!l->on)
        return;
    const char *const query[] = {c->query, l->replicas, l->utilisation, l->latency};
    int64_t step = c->world.step_s, n = MIN(c->history_s, SCALE_LEARN_SPAN_S) / step;
    CLEANUP(mem_freep) double *v = mem_array((size_t)(n * 4), sizeof *v);
    ScaleLearned r = {0};
    Err err = {0};
    ErrKind e = ERR_NONE;
    for (int i = 0; i < 4 && e == ERR_NONE; i++)
        if (query[i][0])
            e = scale_feed_query(c, query[i], (now_us / US_PER_S / step - n) * step, v + i * n, n, &err);
    if (e == ERR_NONE)
        scale_learn(l, &(ScaleLearnFrom){v, v + n, v + 2 * n, l->latency[0] ? v + 3 * n : NULL, n}, &r);
    else
        refuse(l, &r, "%.120s", err.msg);
    c->world.capacity = r.capacity;
    (void)str_copy(c->capacity_words, sizeof c->capacity_words, str_from(r.words));
}
