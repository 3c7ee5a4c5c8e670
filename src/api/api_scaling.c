/* api_scaling.c - see api_scaling.h. */
#include "api/api_scaling.h"

#include "api/api_json.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "metrics/metrics.h"
#include "scale/scale_report.h"

#include <math.h>

/* What stands in the state directory now. */
typedef struct State {
    pid_t holder;
    ScaleOverride override;
    Jv *report; /* NULL: none yet */
} State;

static ErrKind read_state(const char *path, State *st, Err *reterr)
{
    CLEANUP(scale_conf_freep) ScaleConf *conf = NULL;
    TRY(scale_conf_read(path, &conf, reterr));
    TRY(scale_store_holder(conf, &st->holder, reterr));
    TRY(scale_store_overridden(conf, clock_now_us(), &st->override, reterr));
    return scale_report_read(conf, &st->report, reterr);
}

static void write_state(Jw *w, bool configured, const char *wrong, const State *st)
{
    const ScaleOverride *o = &st->override;
    bool held = o->until_us > 0;
    jw_obj(w);
    jw_kv_bool(w, "configured", configured);
    jw_kv_cstr(w, "wrong", wrong);
    jw_kv_bool(w, "running", st->holder != 0);
    jw_kv_bool(w, "paused", held && o->paused);
    jw_key(w, "override_replicas");
    held && o->replicas >= 0 ? jw_i64(w, o->replicas) : jw_null(w);
    jw_key(w, "override_until");
    held ? jw_time_us(w, o->until_us) : jw_null(w);
    jw_key(w, "report");
    st->report ? api_json_value(w, st->report) : jw_null(w);
    jw_end(w);
}

ErrKind api_scaling_get(ApiCall *c, Err *reterr)
{
    (void)reterr;
    const Conf *conf = conf_current();
    State st = {.override = {.replicas = -1}};
    Err err = {0};
    Jw w = jw(&c->res->body);
    bool configured = conf->scaling_config[0] != 0;
    ErrKind kind = configured ? read_state(conf->scaling_config, &st, &err) : ERR_NONE;
    conf_unref(conf);
    write_state(&w, configured, kind == ERR_NONE ? NULL : err.msg, &st);
    jv_free(st.report);
    return ERR_NONE;
}

/* ---- metrics ---- */

#define WANTED_US (2 * SCALE_COST_HOLD_S * US_PER_S) /* what is older is nobody's wish any more */

static Metric m_wanted =
    METRIC_GAUGE("ehub_scale_wanted_replicas", "Replicas that predictive scaling wants.", "service");

static ErrKind set_wanted(const char *path, Err *reterr)
{
    CLEANUP(scale_conf_freep) ScaleConf *conf = NULL;
    CLEANUP(mem_freep) ScaleStored *d = NULL;
    int64_t n, damaged;
    TRY(scale_conf_read(path, &conf, reterr));
    TRY(scale_store_read(conf, clock_now_us() - WANTED_US, &d, &n, &damaged, reterr));
    metrics_set(metrics_cell(&m_wanted, conf->service), n > 0 ? (double)d[n - 1].replicas : NAN);
    return ERR_NONE;
}

void api_scaling_collect(void *arg)
{
    (void)arg;
    const Conf *conf = conf_current();
    Err err;
    if (conf->scaling_config[0] && set_wanted(conf->scaling_config, &err))
        log_err(LOG_WARN, "api.scaling", &err);
    conf_unref(conf);
}
