/* coach_report.c - the report of a fit as JSON and as a table. */
#include "coach/coach_fit.h"

#include <math.h>

static const char *const FEATURE_NAMES[COACH_N_FEATURES] = {
#define X(name, window, unit, direction, label) #name,
    FEATURE_TABLE(X)
#undef X
};

static void date_json(Jw *w, const char *key, int32_t days)
{
    char text[11];
    clock_format_date(days, text);
    jw_kv_cstr(w, key, text);
}

static void interval_json(Jw *w, const char *key, StatsInterval i)
{
    jw_key(w, key);
    jw_obj(w);
    jw_kv_f64(w, "estimate", i.estimate);
    jw_kv_f64(w, "low", i.low);
    jw_kv_f64(w, "high", i.high);
    jw_end(w);
}

static void folds_json(Jw *w, const CoachReport *r)
{
    jw_key(w, "folds");
    jw_arr(w);
    for (int k = 0; k < r->n_folds; k++) {
        const CoachFold *f = &r->folds[k];
        jw_obj(w);
        date_json(w, "train_to", f->train_to);
        date_json(w, "test_from", f->test_from);
        date_json(w, "test_to", f->test_to);
        jw_kv_i64(w, "train_rows", f->train_rows);
        jw_kv_i64(w, "test_rows", f->test_rows);
        jw_kv_cstr(w, "parameters", coach_candidate_name(f->candidate));
        jw_kv_i64(w, "trees", f->trees);
        jw_kv_f64(w, "loss", f->loss);
        jw_kv_f64(w, "naive_loss", f->naive_loss);
        jw_end(w);
    }
    jw_end(w);
}

static void scores_json(Jw *w, const CoachReport *r)
{
    jw_key(w, "scores");
    jw_obj(w);
    for (int k = 0; k < r->n_scores; k++) {
        jw_key(w, r->scores[k].name);
        jw_obj(w);
        interval_json(w, "model", r->scores[k].model);
        interval_json(w, "naive", r->scores[k].naive);
        interval_json(w, "difference", r->scores[k].difference);
        jw_end(w);
    }
    jw_end(w);
    jw_key(w, "calibration");
    jw_obj(w);
    jw_kv_f64(w, "ece", r->ece);
    jw_key(w, "bins");
    jw_arr(w);
    for (int b = 0; b < COACH_BINS; b++) {
        if (r->bins[b].n == 0)
            continue;
        jw_obj(w);
        jw_kv_f64(w, "mean_predicted", r->bins[b].mean_p);
        jw_kv_f64(w, "mean_observed", r->bins[b].rate);
        jw_kv_i64(w, "rows", r->bins[b].n);
        jw_end(w);
    }
    jw_end(w);
    jw_end(w);
}

void coach_report_json(Jw *w, const CoachReport *r)
{
    jw_obj(w);
    jw_kv_cstr(w, "kind", coach_kind_name(r->kind));
    jw_kv_bool(w, "accepted", r->accepted);
    jw_kv_cstr(w, "reason", r->reason);
    jw_kv_i64(w, "rows", r->rows);
    jw_kv_i64(w, "agents", r->agents);
    jw_kv_f64(w, r->kind == COACH_GOAL ? "positives" : "closings", r->outcome_sum);
    date_json(w, "from", r->from);
    date_json(w, "to", r->to);
    jw_kv_i64(w, "test_rows", r->test_rows);
    jw_kv_i64(w, "test_agents", r->test_agents);
    jw_kv_f64(w, r->kind == COACH_GOAL ? "test_positives" : "test_closings", r->test_outcome_sum);
    scores_json(w, r);
    folds_json(w, r);
    jw_kv_cstr(w, "parameters", coach_candidate_name(r->candidate));
    jw_kv_i64(w, "trees", r->trees);
    jw_key(w, "importance");
    jw_arr(w);
    for (int k = 0; k < r->n_top; k++) {
        jw_obj(w);
        jw_kv_cstr(w, "feature", FEATURE_NAMES[r->top[k]]);
        jw_kv_f64(w, "mean_abs_shap", r->top_shap[k]);
        jw_end(w);
    }
    jw_end(w);
    jw_end(w);
}

static void print_interval(Buf *out, StatsInterval i)
{
    if (isnan(i.estimate))
        buf_add_c(out, "        -                 ");
    else
        buf_addf(out, "  %8.4f (%.4f, %.4f)", i.estimate, i.low, i.high);
}

void coach_report_print(Buf *out, const CoachReport *r)
{
    char from[11], to[11];
    clock_format_date(r->from, from);
    clock_format_date(r->to, to);
    buf_addf(out, "%s: %lld rows of %lld agents, %s to %s, %s %.0f\n", coach_kind_name(r->kind),
             (long long)r->rows, (long long)r->agents, from, to,
             r->kind == COACH_GOAL ? "goals reached" : "closings", r->outcome_sum);
    buf_addf(out, "  tested forward in time on %lld rows in %d periods; 95%% intervals over agents\n",
             (long long)r->test_rows, r->n_folds);
    buf_addf(out, "  %-18s%-28s%-28s%s\n", "", "  model", "  naive", "  model - naive");
    for (int k = 0; k < r->n_scores; k++) {
        buf_addf(out, "  %-18s", r->scores[k].name);
        print_interval(out, r->scores[k].model);
        print_interval(out, r->scores[k].naive);
        print_interval(out, r->scores[k].difference);
        buf_add_char(out, '\n');
    }
    if (r->kind == COACH_GOAL)
        buf_addf(out, "  calibration error %.4f\n", r->ece);
    buf_addf(out, "  reliability (predicted > observed):");
    for (int b = 0; b < COACH_BINS; b++)
        if (r->bins[b].n > 0)
            buf_addf(out, " %.2f>%.2f", r->bins[b].mean_p, r->bins[b].rate);
    buf_addf(out, "\n  final model: %s, %d trees; strongest:", coach_candidate_name(r->candidate), r->trees);
    for (int k = 0; k < MIN(5, r->n_top); k++)
        buf_addf(out, "%s %s", k ? "," : "", FEATURE_NAMES[r->top[k]]);
    buf_addf(out, "\n  %s\n", r->reason);
}
