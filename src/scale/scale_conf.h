/* scale_conf.h - what predictive scaling is told: where the load is read, what a replica serves and costs, who acts.
 *
 *     config/scaling/predictive_scaling_config.json --scale_conf_parse--> ScaleConf
 *
 * Spans are text: "90s", "5m", "14d". Unknown keys are errors, so that a slip of the pen is not a default.
 * Owner:    scale_conf_free. Threads: immutable after parsing.
 * Limits:   SCALE_CONF_BYTES_MAX. Errors: MALFORMED (no JSON, with line and column), INVALID naming the JSON place
 *           ("$.replicas.min: 9 is above $.replicas.max, 4"). */
#ifndef EHUB_SCALE_SCALE_CONF_H
#define EHUB_SCALE_SCALE_CONF_H

#include "base/str.h"
#include "scale/scale_sim.h"

#define SCALE_CONF_BYTES_MAX (1u << 20)
#define SCALE_CONF_TEXT_MAX 1024
#define SCALE_CONF_DECISIONS_MB 32

typedef enum ScaleSource { SCALE_SOURCE_FILE, SCALE_SOURCE_PROMETHEUS, SCALE_SOURCE_OWN } ScaleSource;
typedef enum ScaleActor { SCALE_ACTOR_ADVISE, SCALE_ACTOR_HAPROXY, SCALE_ACTOR_KUBERNETES } ScaleActor;

/* "capacity": "auto": what it is learned from; scale_learn.h. */
typedef struct ScaleLearn {
    bool on;
    char replicas[SCALE_CONF_TEXT_MAX], utilisation[SCALE_CONF_TEXT_MAX]; /* PromQL */
    char latency[SCALE_CONF_TEXT_MAX]; /* PromQL: 95th percentile in seconds; "": none */
    double p95_s;                      /* promised; 0: target holds */
    double target;                     /* utilisation */
    int servers;                       /* requests that one replica serves at once */
    double fallback;                   /* while nothing is known */
} ScaleLearn;

extern const char *const SCALE_SOURCES[]; /* by ScaleSource */

typedef struct ScaleConf {
    char service[128];
    ScaleSource source;
    char source_at[SCALE_CONF_TEXT_MAX]; /* the file, or the URL of Prometheus or of the metrics */
    char query[SCALE_CONF_TEXT_MAX];     /* Prometheus: PromQL of the load; own: the counter's name */
    char source_token[SCALE_CONF_TEXT_MAX], source_ca[SCALE_CONF_TEXT_MAX]; /* files; "": none */
    int64_t history_s;
    char events[SCALE_CONF_TEXT_MAX]; /* file of scale_events.h; "": none */
    char holidays[16];                /* "us", "us-05:00", "none" */
    ScaleWorld world;                 /* demand and n are not set; price is that of on_demand */
    ScaleLearn learn;
    char capacity_words[240]; /* how a learned capacity was found; "": it was given */
    char currency[8];
    int64_t reserved;              /* replicas paid for at any rate, running or not */
    double reserved_price;         /* of one of them, an hour */
    double spot_share, spot_price; /* of the others, this share runs at this price */
    int64_t up, down;      /* most replicas more or fewer from one decision to the next; 0: no limit */
    double budget_per_day; /* 0: none */
    char cpu[SCALE_CONF_TEXT_MAX],
        memory[SCALE_CONF_TEXT_MAX]; /* PromQL: cores and bytes of a replica; "": not asked */
    ScaleActor actor;
    char actor_at[SCALE_CONF_TEXT_MAX]; /* HAProxy: runtime socket; Kubernetes: URL of its API */
    char actor_name[256];               /* HAProxy: backend; Kubernetes: NAMESPACE/DEPLOYMENT */
    char actor_token[SCALE_CONF_TEXT_MAX], actor_ca[SCALE_CONF_TEXT_MAX]; /* files; "": none */
    char state[SCALE_CONF_TEXT_MAX];                                      /* directory: lock, decisions */
    int64_t decisions_bytes; /* so large the file of decisions becomes the older one; 0: never */
} ScaleConf;

ErrKind MUST_USE scale_conf_parse(Str json, ScaleConf **ret, Err *reterr);
ErrKind MUST_USE scale_conf_read(const char *path, ScaleConf **ret, Err *reterr);
void scale_conf_free(ScaleConf *c);
DEFINE_FREEP(ScaleConf, scale_conf_free)

/* A file's path, or NULL where none was given. */
static inline const char *scale_conf_file(const char *path)
{
    return path[0] ? path : NULL;
}

/* What a number of running replicas costs an hour: the reserved ones always, of the others spot_share at the price of
 * spot and the rest at that of on_demand. */
double scale_conf_price(const ScaleConf *c, double replicas);

#endif
