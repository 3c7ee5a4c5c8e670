/* model_judge_text.c - a judgement as JSON and as a table. See model_judge.h. */
#include "model/model_judge.h"

#include <math.h>
#include <stdio.h>

static void interval_json(Jw *w, const char *key, StatsInterval i)
{
    jw_key(w, key);
    jw_obj(w);
    jw_kv_f64(w, "estimate", i.estimate);
    jw_kv_f64(w, "low", i.low);
    jw_kv_f64(w, "high", i.high);
    jw_end(w);
}

static void bins_json(Jw *w, const ModelJudgement *j)
{
    jw_key(w, "reliability");
    jw_arr(w);
    for (int b = 0; b < j->n_bins; b++) {
        if (!j->bins[b].n)
            continue;
        jw_obj(w);
        jw_kv_f64(w, "mean_predicted", j->bins[b].mean_p);
        jw_kv_f64(w, "mean_observed", j->bins[b].rate);
        jw_kv_i64(w, "rows", j->bins[b].n);
        jw_end(w);
    }
    jw_end(w);
}

void model_judgement_json(Jw *w, const ModelJudgement *j)
{
    jw_obj(w);
    jw_kv_cstr(w, "task", model_task_name(j->task));
    jw_kv_i64(w, "rows", j->rows);
    if (j->task != MODEL_TASK_CLASSES) {
        jw_kv_f64(w, "mean_target", j->mean_target);
        jw_kv_f64(w, "mean_output", j->mean_output);
    }
    jw_key(w, "scores");
    jw_obj(w);
    for (int k = 0; k < j->n_scores; k++) {
        const ModelScore *s = &j->scores[k];
        jw_key(w, s->name);
        jw_obj(w);
        interval_json(w, "model", s->model);
        jw_kv_f64(w, "naive", s->naive);
        interval_json(w, "difference", s->difference);
        jw_kv_bool(w, "more_is_better", s->more_is_better);
        jw_end(w);
    }
    jw_end(w);
    if (j->n_bins)
        bins_json(w, j);
    jw_end(w);
}

static void print_interval(Buf *out, StatsInterval i, int width)
{
    char text[80];
    if (isnan(i.estimate))
        (void)snprintf(text, sizeof text, "-");
    else if (isnan(i.low))
        (void)snprintf(text, sizeof text, "%.5g", i.estimate);
    else
        (void)snprintf(text, sizeof text, "%.5g (%.5g, %.5g)", i.estimate, i.low, i.high);
    buf_addf(out, "  %-*s", width, text);
}

/* "better" when the whole interval lies on the good side. */
static const char *verdict(const ModelScore *s)
{
    if (isnan(s->difference.low))
        return "";
    double best = s->more_is_better ? s->difference.low : -s->difference.high;
    double worst = s->more_is_better ? s->difference.high : -s->difference.low;
    return best > 0 ? "better" : worst < 0 ? "worse" : "not certain";
}

void model_judgement_print(Buf *out, const ModelJudgement *j, const ModelJudgement *raw)
{
    buf_addf(out, "  %-18s  %-34s", "score", "model");
    if (raw)
        buf_addf(out, "  %-34s", "before calibration");
    buf_addf(out, "  %-10s  %s\n", "naive", "against naive");
    for (int k = 0; k < j->n_scores; k++) {
        const ModelScore *s = &j->scores[k];
        buf_addf(out, "  %-18s", s->name);
        print_interval(out, s->model, 34);
        if (raw)
            print_interval(out, raw->scores[k].model, 34);
        buf_addf(out, "  %-10.5g  %s\n", s->naive, strcmp(s->name, "ece") == 0 ? "" : verdict(s));
    }
    if (!j->n_bins)
        return;
    buf_add_c(out, "\n  reliability: predicted, observed, rows\n");
    for (int b = 0; b < j->n_bins; b++)
        if (j->bins[b].n)
            buf_addf(out, "    %8.4f  %8.4f  %8lld\n", j->bins[b].mean_p, j->bins[b].rate,
                     (long long)j->bins[b].n);
}
