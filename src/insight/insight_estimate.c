/* insight_estimate.c - see insight_estimate.h. */
#include "insight/insight_estimate.h"

void insight_interval_members(Jw *w, const StatsEstimate *e)
{
    jw_kv_f64(w, "estimate", e->estimate);
    jw_kv_f64(w, "se", e->se);
    jw_kv_f64(w, "ci_low", e->low);
    jw_kv_f64(w, "ci_high", e->high);
}

void insight_estimate_members(Jw *w, const StatsEstimate *e)
{
    insight_interval_members(w, e);
    jw_kv_f64(w, "p", e->p);
}

void insight_interval_json(Jw *w, const char *key, const StatsEstimate *e)
{
    jw_key(w, key);
    jw_obj(w);
    insight_interval_members(w, e);
    jw_end(w);
}

void insight_estimate_json(Jw *w, const char *key, const StatsEstimate *e)
{
    jw_key(w, key);
    jw_obj(w);
    insight_estimate_members(w, e);
    jw_end(w);
}
