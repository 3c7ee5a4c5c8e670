/* scale_conf.c - see scale_conf.h. */
#include "scale/scale_conf.h"

#include "base/file.h"
#include "base/jv.h"
#include "base/mem.h"
#include "scale/scale_http.h"
#include "scale/scale_queue.h"
#include "scale/scale_time.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#define OWN_METRIC "ehub_http_requests_total"

const char *const SCALE_SOURCES[] = {"file", "prometheus", "own"};

/* Refuses what is not among the names; "" ends them. */
typedef struct Allowed {
    const char *place;
    const char *const *names;
} Allowed;

static ErrKind check_member(Str key, const Jv *value, void *arg, Err *reterr)
{
    const Allowed *a = arg;
    (void)value;
    for (int i = 0; a->names[i]; i++)
        if (str_eq_c(key, a->names[i]))
            return ERR_NONE;
    return err_set(reterr, ERR_INVALID, "%s.%.*s: no such setting", a->place, (int)MIN(key.len, 60), key.ptr);
}

static ErrKind check_object(const Jv *v, const char *place, const char *const *names, Err *reterr)
{
    if (jv_kind(v) == JV_ABSENT)
        return err_set(reterr, ERR_INVALID, "%s: missing", place);
    if (jv_kind(v) != JV_OBJ)
        return err_set(reterr, ERR_INVALID, "%s: must be an object", place);
    Allowed a = {place, names};
    return jv_each(v, check_member, &a, reterr);
}

/* A text; otherwise: what an absent one is, NULL: it must be there. */
static ErrKind get_text(const Jv *obj, const char *place, const char *key, const char *otherwise, char *out,
                        size_t size, Err *reterr)
{
    const Jv *v = jv_get(obj, key);
    Str s = str_from(otherwise);
    if (jv_kind(v) == JV_ABSENT && !otherwise)
        return err_set(reterr, ERR_INVALID, "%s.%s: missing", place, key);
    if (jv_kind(v) != JV_ABSENT && (!jv_is_str(v, &s) || s.len == 0))
        return err_set(reterr, ERR_INVALID, "%s.%s: must be a text", place, key);
    if (memchr(s.ptr ? s.ptr : "", 0, s.len) || !str_copy(out, size, s))
        return err_set(reterr, ERR_INVALID, "%s.%s: more than %zu bytes, or a zero byte", place, key,
                       size - 1);
    return ERR_NONE;
}

/* A number; otherwise: what an absent one is, NAN: it must be there. */
static ErrKind get_number(const Jv *obj, const char *place, const char *key, double otherwise, double lo,
                          double hi, double *ret, Err *reterr)
{
    const Jv *v = jv_get(obj, key);
    *ret = otherwise;
    if (jv_kind(v) == JV_ABSENT)
        return isnan(otherwise) ? err_set(reterr, ERR_INVALID, "%s.%s: missing", place, key) : ERR_NONE;
    if (!jv_is_f64(v, ret))
        return err_set(reterr, ERR_INVALID, "%s.%s: must be a number", place, key);
    if (!(*ret >= lo && *ret <= hi))
        return err_set(reterr, ERR_INVALID, "%s.%s: %g: from %g to %g", place, key, *ret, lo, hi);
    return ERR_NONE;
}

static ErrKind get_count(const Jv *obj, const char *place, const char *key, double otherwise, int64_t *ret,
                         Err *reterr)
{
    double v;
    TRY(get_number(obj, place, key, otherwise, 0, (double)SCALE_REPLICAS_MAX, &v, reterr));
    if (v != floor(v))
        return err_set(reterr, ERR_INVALID, "%s.%s: %g: must be a whole number", place, key, v);
    *ret = (int64_t)v;
    return ERR_NONE;
}

static ErrKind get_span(const Jv *obj, const char *key, double otherwise, double lo, double *ret, Err *reterr)
{
    const Jv *v = jv_get(obj, key);
    Str s;
    int64_t span = 0;
    *ret = otherwise;
    if (jv_kind(v) == JV_ABSENT)
        return ERR_NONE;
    if (!jv_is_str(v, &s) || (!str_eq_c(s, "0s") && !scale_span_read(s, &span)))
        return err_set(reterr, ERR_INVALID, "$.%s: must be a span such as \"90s\", \"5m\" or \"14d\"", key);
    *ret = (double)span;
    if (*ret < lo || *ret > SCALE_STARTUP_MAX_S * 400)
        return err_set(reterr, ERR_INVALID, "$.%s: from %g s to %g s", key, lo, SCALE_STARTUP_MAX_S * 400);
    return ERR_NONE;
}

/* "url", "token_file", "ca_file" of an object. A token goes over TLS, or to this machine. */
static ErrKind parse_http(const Jv *v, const char *place, char *at, char *token, char *ca, Err *reterr)
{
    TRY(get_text(v, place, "url", NULL, at, SCALE_CONF_TEXT_MAX, reterr));
    TRY(get_text(v, place, "token_file", "", token, SCALE_CONF_TEXT_MAX, reterr));
    TRY(get_text(v, place, "ca_file", "", ca, SCALE_CONF_TEXT_MAX, reterr));
    if (!scale_http_url_ok(at))
        return err_set(reterr, ERR_INVALID, "%s.url: must be http://HOST... or https://HOST...", place);
    if (token[0] && !str_starts(str_from(at), STR("https://")))
        return err_set(reterr, ERR_INVALID, "%s.token_file: only with https://", place);
    return ERR_NONE;
}

static ErrKind parse_source(const Jv *root, ScaleConf *c, Err *reterr)
{
    static const char *const NAMES[] = {"kind",   "url",        "query",   "path",
                                        "metric", "token_file", "ca_file", NULL};
    const Jv *v = jv_get(root, "source");
    TRY(check_object(v, "$.source", NAMES, reterr));
    Str kind = jv_get_str(v, "kind");
    if (str_eq_c(kind, "file")) {
        c->source = SCALE_SOURCE_FILE;
        return get_text(v, "$.source", "path", NULL, c->source_at, sizeof c->source_at, reterr);
    }
    bool own = str_eq_c(kind, "own");
    if (!own && !str_eq_c(kind, "prometheus"))
        return err_set(reterr, ERR_INVALID, "$.source.kind: must be \"prometheus\", \"own\" or \"file\"");
    c->source = own ? SCALE_SOURCE_OWN : SCALE_SOURCE_PROMETHEUS;
    TRY(parse_http(v, "$.source", c->source_at, c->source_token, c->source_ca, reterr));
    if (own)
        return get_text(v, "$.source", "metric", OWN_METRIC, c->query, sizeof c->query, reterr);
    return get_text(v, "$.source", "query", NULL, c->query, sizeof c->query, reterr);
}

static ErrKind parse_actor(const Jv *root, ScaleConf *c, Err *reterr)
{
    static const char *const NAMES[] = {"kind",       "socket",     "backend", "url",
                                        "deployment", "token_file", "ca_file", NULL};
    const Jv *v = jv_get(root, "actuator");
    c->actor = SCALE_ACTOR_ADVISE;
    if (jv_kind(v) == JV_ABSENT)
        return ERR_NONE;
    TRY(check_object(v, "$.actuator", NAMES, reterr));
    Str kind = jv_get_str(v, "kind");
    if (str_eq_c(kind, "advise"))
        return ERR_NONE;
    if (str_eq_c(kind, "haproxy")) {
        c->actor = SCALE_ACTOR_HAPROXY;
        TRY(get_text(v, "$.actuator", "socket", NULL, c->actor_at, sizeof c->actor_at, reterr));
        return get_text(v, "$.actuator", "backend", NULL, c->actor_name, sizeof c->actor_name, reterr);
    }
    if (!str_eq_c(kind, "kubernetes"))
        return err_set(reterr, ERR_INVALID,
                       "$.actuator.kind: must be \"advise\", \"haproxy\" or \"kubernetes\"");
    c->actor = SCALE_ACTOR_KUBERNETES;
    TRY(parse_http(v, "$.actuator", c->actor_at, c->actor_token, c->actor_ca, reterr));
    TRY(get_text(v, "$.actuator", "deployment", NULL, c->actor_name, sizeof c->actor_name, reterr));
    const char *slash = strchr(c->actor_name, '/');
    if (!slash || slash == c->actor_name || !slash[1] || strpbrk(c->actor_name, " \r\n?#"))
        return err_set(reterr, ERR_INVALID, "$.actuator.deployment: must be NAMESPACE/NAME");
    return ERR_NONE;
}

static ErrKind parse_price(const Jv *root, ScaleConf *c, Err *reterr)
{
    static const char *const NAMES[] = {"currency", "on_demand", "reserved", "spot", NULL};
    static const char *const RESERVED[] = {"replicas", "price", NULL};
    static const char *const SPOT[] = {"share", "price", NULL};
    const Jv *v = jv_get(root, "price"), *r = jv_get(v, "reserved"), *spot = jv_get(v, "spot");
    TRY(check_object(v, "$.price", NAMES, reterr));
    TRY(get_text(v, "$.price", "currency", "USD", c->currency, sizeof c->currency, reterr));
    TRY(get_number(v, "$.price", "on_demand", NAN, 0, 1e9, &c->world.price, reterr));
    if (jv_kind(r) != JV_ABSENT) {
        TRY(check_object(r, "$.price.reserved", RESERVED, reterr));
        TRY(get_count(r, "$.price.reserved", "replicas", NAN, &c->reserved, reterr));
        TRY(get_number(r, "$.price.reserved", "price", NAN, 0, 1e9, &c->reserved_price, reterr));
    }
    if (jv_kind(spot) == JV_ABSENT)
        return ERR_NONE;
    TRY(check_object(spot, "$.price.spot", SPOT, reterr));
    TRY(get_number(spot, "$.price.spot", "share", NAN, 0, 1, &c->spot_share, reterr));
    return get_number(spot, "$.price.spot", "price", NAN, 0, 1e9, &c->spot_price, reterr);
}

static ErrKind parse_sizing(const Jv *root, ScaleConf *c, Err *reterr)
{
    static const char *const NAMES[] = {"cpu", "memory", NULL};
    const Jv *v = jv_get(root, "sizing");
    if (jv_kind(v) == JV_ABSENT)
        return ERR_NONE;
    TRY(check_object(v, "$.sizing", NAMES, reterr));
    if (c->source != SCALE_SOURCE_PROMETHEUS)
        return err_set(reterr, ERR_INVALID, "$.sizing: needs a $.source of kind \"prometheus\"");
    TRY(get_text(v, "$.sizing", "cpu", "", c->cpu, sizeof c->cpu, reterr));
    return get_text(v, "$.sizing", "memory", "", c->memory, sizeof c->memory, reterr);
}

static ErrKind parse_limits(const Jv *root, ScaleConf *c, Err *reterr)
{
    static const char *const NAMES[] = {"up", "down", NULL};
    const Jv *v = jv_get(root, "limits");
    if (jv_kind(v) == JV_ABSENT)
        return ERR_NONE;
    TRY(check_object(v, "$.limits", NAMES, reterr));
    TRY(get_count(v, "$.limits", "up", 0, &c->up, reterr));
    return get_count(v, "$.limits", "down", 0, &c->down, reterr);
}

/* $.capacity: a number, or "auto" with $.learn. */
static ErrKind parse_capacity(const Jv *root, ScaleConf *c, Err *reterr)
{
    static const char *const NAMES[] = {"replicas", "utilisation", "latency",  "p95_s",
                                        "target",   "servers",     "fallback", NULL};
    const Jv *v = jv_get(root, "learn");
    ScaleLearn *l = &c->learn;
    int64_t servers;
    l->on = str_eq_c(jv_get_str(root, "capacity"), "auto");
    if (!l->on && jv_kind(v) != JV_ABSENT)
        return err_set(reterr, ERR_INVALID, "$.learn: only with \"capacity\": \"auto\"");
    if (!l->on)
        return get_number(root, "$", "capacity", NAN, 1e-12, 1e15, &c->world.capacity, reterr);
    if (c->source != SCALE_SOURCE_PROMETHEUS)
        return err_set(reterr, ERR_INVALID, "$.capacity: \"auto\" needs a $.source of kind \"prometheus\"");
    TRY(check_object(v, "$.learn", NAMES, reterr));
    TRY(get_text(v, "$.learn", "replicas", NULL, l->replicas, sizeof l->replicas, reterr));
    TRY(get_text(v, "$.learn", "utilisation", NULL, l->utilisation, sizeof l->utilisation, reterr));
    TRY(get_text(v, "$.learn", "latency", "", l->latency, sizeof l->latency, reterr));
    TRY(get_number(v, "$.learn", "p95_s", 0, 1e-6, 86400, &l->p95_s, reterr));
    TRY(get_number(v, "$.learn", "target", 0.8, 0.05, 0.95, &l->target, reterr));
    TRY(get_count(v, "$.learn", "servers", 1, &servers, reterr));
    TRY(get_number(v, "$.learn", "fallback", NAN, 1e-12, 1e15, &l->fallback, reterr));
    if (servers < 1 || servers > SCALE_QUEUE_SERVERS_MAX)
        return err_set(reterr, ERR_INVALID, "$.learn.servers: from 1 to %d", SCALE_QUEUE_SERVERS_MAX);
    if ((l->p95_s > 0) != (l->latency[0] != 0))
        return err_set(reterr, ERR_INVALID, "$.learn: latency and p95_s belong together");
    l->servers = (int)servers;
    c->world.capacity = l->fallback;
    return ERR_NONE;
}

static ErrKind parse_world(const Jv *root, ScaleConf *c, Err *reterr)
{
    static const char *const NAMES[] = {"min", "max", NULL};
    ScaleWorld *w = &c->world;
    const Jv *r = jv_get(root, "replicas");
    double step, history;
    TRY(parse_capacity(root, c, reterr));
    TRY(check_object(r, "$.replicas", NAMES, reterr));
    TRY(get_count(r, "$.replicas", "min", 1, &w->min, reterr));
    TRY(get_count(r, "$.replicas", "max", NAN, &w->max, reterr));
    if (w->max < 1)
        return err_set(reterr, ERR_INVALID, "$.replicas.max: must be at least 1");
    if (w->min > w->max)
        return err_set(reterr, ERR_INVALID, "$.replicas.min: %lld is above $.replicas.max, %lld",
                       (long long)w->min, (long long)w->max);
    TRY(get_span(root, "step", 60, 1, &step, reterr));
    TRY(get_span(root, "history", 14 * 86400, 3600, &history, reterr));
    TRY(get_span(root, "startup", w->startup_s, 0, &w->startup_s, reterr));
    TRY(get_span(root, "drain", w->drain_s, 0, &w->drain_s, reterr));
    TRY(get_span(root, "metric_delay", w->metric_delay_s, 0, &w->metric_delay_s, reterr));
    TRY(get_number(root, "$", "slo", w->slo, 0.5, 0.999999, &w->slo, reterr));
    TRY(get_number(root, "$", "budget_per_day", 0, 0, 1e12, &c->budget_per_day, reterr));
    if (step > 3600)
        return err_set(reterr, ERR_INVALID, "$.step: at most 1h");
    if (history / step > 1e6)
        return err_set(reterr, ERR_INVALID, "$.history: more than a million steps");
    w->step_s = (int64_t)step;
    c->history_s = (int64_t)history;
    ScaleWorld checked = *w; /* what is left: spans that are too long */
    checked.n = 1;
    checked.demand = (const double[]){0};
    ErrKind e = scale_world_check(&checked, reterr);
    return e == ERR_NONE ? e : err_wrap(reterr, e, "$");
}

/* What is known beforehand; the file is read at each decision. */
static ErrKind parse_events(const Jv *root, ScaleConf *c, Err *reterr)
{
    CLEANUP(scale_events_freep) ScaleEvents *e = scale_events_new();
    TRY(get_text(root, "$", "events", "", c->events, sizeof c->events, reterr));
    TRY(get_text(root, "$", "holidays", "none", c->holidays, sizeof c->holidays, reterr));
    return scale_events_holidays(e, c->holidays, 0, 0, reterr) == ERR_NONE
               ? ERR_NONE
               : err_set(reterr, ERR_INVALID,
                         "$.holidays: \"%s\": must be us, us-05:00 (with an offset from UTC) or none",
                         c->holidays);
}

ErrKind scale_conf_parse(Str json, ScaleConf **ret, Err *reterr)
{
    static const char *const NAMES[] = {
        "service", "source",       "step",   "history",  "capacity",       "replicas",     "startup",
        "drain",   "metric_delay", "slo",    "price",    "budget_per_day", "actuator",     "state",
        "limits",  "learn",        "events", "holidays", "sizing",         "decisions_mb", NULL};
    double mb;
    CLEANUP(jv_freep) Jv *root = NULL;
    CLEANUP(scale_conf_freep) ScaleConf *c = MEM_NEW(ScaleConf);
    c->world = SCALE_WORLD_USUAL;
    TRY(jv_parse(json, &root, reterr));
    TRY(check_object(root, "$", NAMES, reterr));
    TRY(get_text(root, "$", "service", "service", c->service, sizeof c->service, reterr));
    TRY(get_text(root, "$", "state", "scaling-state", c->state, sizeof c->state, reterr));
    TRY(get_number(root, "$", "decisions_mb", SCALE_CONF_DECISIONS_MB, 0.001, 128, &mb, reterr));
    c->decisions_bytes = (int64_t)(mb * (1 << 20));
    TRY(parse_source(root, c, reterr));
    TRY(parse_world(root, c, reterr));
    TRY(parse_price(root, c, reterr));
    TRY(parse_limits(root, c, reterr));
    TRY(parse_events(root, c, reterr));
    TRY(parse_sizing(root, c, reterr));
    TRY(parse_actor(root, c, reterr));
    *ret = c;
    c = NULL;
    return ERR_NONE;
}

ErrKind scale_conf_read(const char *path, ScaleConf **ret, Err *reterr)
{
    CLEANUP(buf_done) Buf text = BUF(SCALE_CONF_BYTES_MAX);
    TRY(file_read(path, &text, reterr));
    ErrKind e = scale_conf_parse(buf_str(&text), ret, reterr);
    return e == ERR_NONE ? e : err_wrap(reterr, e, "%s", path);
}

void scale_conf_free(ScaleConf *c)
{
    mem_free(c);
}

double scale_conf_price(const ScaleConf *c, double replicas)
{
    double others = MAX(replicas - (double)c->reserved, 0);
    double price = c->spot_share * c->spot_price + (1 - c->spot_share) * c->world.price;
    return (double)c->reserved * c->reserved_price + others * price;
}
