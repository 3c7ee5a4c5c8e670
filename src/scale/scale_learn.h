/* scale_learn.h - what load a replica serves within the promise, from how busy and how slow replicas were ("capacity": "auto").
 *
 *     load, replicas, utilisation --> load at which a replica is saturated    median of load / (replicas * utilisation)
 *     latency, servers, p95_s     --> utilisation that keeps the promise      M/M/c, held against the latencies measured
 *     capacity = the one * the other, at most SCALE_LEARN_BEYOND times the highest load a replica was seen with
 *
 * Utilisation law (Denning, Buzen 1978): busy servers = throughput * mean service time; so the service time is
 *   utilisation * servers * replicas / load, where the load is in requests a second.
 * Real service times are not exponential: the model's 95th percentile at each sample is multiplied by the median of
 *   measured / modelled before it is held against p95_s.
 * Without p95_s the utilisation is the configured target.
 * Refused, with the reason and the configured fallback, while there are fewer than SCALE_LEARN_SAMPLES samples with a utilisation
 *   above SCALE_LEARN_BUSY, while these disagree (notch of their median, McGill, Tukey, Larsen 1978, wider than 10 % of it), when
 *   latencies do not follow the model (factor beyond 5), or when not even an idle replica keeps the promise.
 * Threads: pure but for scale_learn_now, which asks Prometheus. Cost: a sort of the samples. */
#ifndef EHUB_SCALE_SCALE_LEARN_H
#define EHUB_SCALE_SCALE_LEARN_H

#include "scale/scale_conf.h"

#define SCALE_LEARN_SAMPLES 60
#define SCALE_LEARN_BUSY 0.05
#define SCALE_LEARN_BEYOND 1.5
#define SCALE_LEARN_SPAN_S (3 * 86400)

/* Arrays of n steps, NAN: not known. latency: 95th percentile in seconds, or NULL. */
typedef struct ScaleLearnFrom {
    const double *load, *replicas, *utilisation, *latency;
    int64_t n;
} ScaleLearnFrom;

typedef struct ScaleLearned {
    double capacity;
    bool learned; /* false: the fallback */
    int64_t n;    /* samples that were used */
    double saturated, utilisation;
    char words[240]; /* one sentence */
} ScaleLearned;

void scale_learn(const ScaleLearn *conf, const ScaleLearnFrom *from, ScaleLearned *ret);

/* Where the configuration says "auto": sets c->world.capacity and c->capacity_words from the last SCALE_LEARN_SPAN_S. Errors of the
 * source are a reason for the fallback, not errors. */
void scale_learn_now(ScaleConf *c, int64_t now_us);

#endif
