/* model_train_report.c - what a training reports, as JSON and as text. See model_train.h. */
#include "model/model_train.h"

#include "base/clock.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define TOP 15

static const char *const CROSS_NAMES[] = {"none", "platt", "isotonic"};

static void write_window(Jw *w, const ModelTrainConf *c, const ModelTrained *t)
{
    char text[40];
    jw_key(w, "data");
    jw_obj(w);
    jw_kv_cstr(w, "file", c->data);
    jw_kv_cstr(w, "test_file", c->valid);
    jw_kv_i64(w, "rows", t->rows);
    jw_kv_i64(w, "rows_without_target", t->dropped);
    jw_kv_i64(w, "train_rows", t->train_rows);
    jw_kv_i64(w, "test_rows", t->test_rows);
    jw_kv_cstr(w, "split", c->valid ? "file" : t->time ? "time" : "random");
    jw_kv_i64(w, "folds", t->folds);
    if (t->time) {
        jw_kv_cstr(w, "time", t->time);
        model_time_text(t->time_first, text);
        jw_kv_cstr(w, "from", text);
        model_time_text(t->time_test, text);
        jw_kv_cstr(w, "test_from", text);
        model_time_text(t->time_last, text);
        jw_kv_cstr(w, "to", text);
    }
    jw_kv_i64(w, "columns", t->schema->n_columns);
    jw_kv_cstr(w, "target", t->schema->target);
    jw_key(w, "classes");
    jw_arr(w);
    for (int k = 0; k < t->schema->n_classes; k++)
        jw_cstr(w, t->schema->classes[k]);
    jw_end(w);
    jw_end(w);
}

static void write_params(Jw *w, const ModelTrained *t)
{
    jw_key(w, "parameters");
    jw_obj(w);
    for (int i = 0; i < GBT_N_PARAMS; i++) {
        GbtParamText p = gbt_param_text(&t->params, i);
        int64_t whole;
        double real;
        if (p.text)
            jw_kv_cstr(w, p.name, p.text);
        else if (str_to_i64(str_from(p.value), &whole))
            jw_kv_i64(w, p.name, whole);
        else if (str_to_f64(str_from(p.value), &real))
            jw_kv_f64(w, p.name, real);
    }
    jw_end(w);
}

static void write_interval(Jw *w, const char *key, const StatsInterval *v)
{
    jw_key(w, key);
    jw_obj(w);
    jw_kv_f64(w, "estimate", v->estimate);
    jw_kv_f64(w, "low", v->low);
    jw_kv_f64(w, "high", v->high);
    jw_end(w);
}

static void write_calibration(Jw *w, const ModelTrainConf *c, const ModelTrained *t)
{
    jw_key(w, "calibration");
    jw_obj(w);
    jw_kv_cstr(w, "asked", model_calibrate_name(c->calibrate));
    jw_kv_cstr(w, "chosen", model_calibrate_name(t->chosen));
    jw_kv_cstr(w, "fitted_on", "cross-fitted predictions of the training rows");
    jw_key(w, "cross_fitted_brier");
    jw_obj(w);
    for (int k = 0; k < 3; k++)
        if (!isnan(t->cross_brier[k]))
            jw_kv_f64(w, CROSS_NAMES[k], t->cross_brier[k]);
    jw_end(w);
    if (t->calibration)
        write_interval(w, "test_brier_difference", &t->calibration_gain);
    jw_end(w);
}

static void write_importance(Jw *w, const ModelTrained *t)
{
    jw_key(w, "importance");
    jw_obj(w);
    jw_kv_cstr(w, "measure", "mean |SHAP| over test rows");
    jw_kv_i64(w, "rows", t->importance_rows);
    jw_key(w, "features");
    jw_arr(w);
    for (int i = 0; i < t->schema->n_columns; i++) {
        jw_obj(w);
        jw_kv_cstr(w, "feature", t->schema->columns[t->importance[i].feature].name);
        jw_kv_f64(w, "value", t->importance[i].value);
        jw_end(w);
    }
    jw_end(w);
    jw_end(w);
}

void model_train_json(Jw *w, const ModelTrainConf *c, const ModelTrained *t)
{
    jw_obj(w);
    jw_kv_cstr(w, "objective", t->objective);
    write_window(w, c, t);
    write_params(w, t);
    jw_kv_cstr(w, "class_weight", c->class_weight);
    jw_kv_i64(w, "rounds", t->rounds);
    jw_kv_i64(w, "trees", gbt_n_trees(t->gbt));
    if (t->judged) {
        jw_key(w, "test");
        model_judgement_json(w, &t->final);
        if (t->calibration) {
            jw_key(w, "test_before_calibration");
            model_judgement_json(w, &t->raw);
        }
    }
    if (!isnan(t->coverage))
        jw_kv_f64(w, "test_share_at_or_below", t->coverage);
    write_calibration(w, c, t);
    write_importance(w, t);
    jw_key(w, "notes");
    jw_arr(w);
    Str rest = buf_str(&t->notes), line;
    while (rest.len > 0 && str_next(&rest, '\n', &line))
        if (line.len > 0)
            jw_str(w, line);
    jw_end(w);
    jw_kv_f64_digits(w, "seconds", t->seconds, 4);
    jw_end(w);
}

static void print_calibration(Buf *out, const ModelTrainConf *c, const ModelTrained *t)
{
    if (isnan(t->cross_brier[0]))
        return;
    buf_addf(out, "calibration  %s%s; Brier of cross-fitted rows:", model_calibrate_name(t->chosen),
             c->calibrate == MODEL_CALIBRATE_AUTO ? " (chosen)" : "");
    for (int k = 0; k < 3; k++)
        if (!isnan(t->cross_brier[k]))
            buf_addf(out, " %s %.5f", CROSS_NAMES[k], t->cross_brier[k]);
    const StatsInterval *g = &t->calibration_gain;
    if (t->calibration)
        buf_addf(out,
                 "\n             on the test rows Brier %+.5f (95 %%: %+.5f to %+.5f), below 0 is better",
                 g->estimate, g->low, g->high);
    buf_add_char(out, '\n');
}

static void print_params(Buf *out, const ModelTrained *t)
{
    buf_add_c(out, "parameters  ");
    for (int i = 0; i < GBT_N_PARAMS; i++) {
        GbtParamText p = gbt_param_text(&t->params, i);
        bool told = !p.is_default && strcmp(p.name, "objective") != 0 && strcmp(p.name, "num_class") != 0;
        if (told)
            buf_addf(out, " %s=%s", p.name, p.text ? p.text : p.value);
    }
    buf_add_c(out, out->ptr[out->len - 1] == ' ' ? " defaults\n" : "\n");
}

void model_train_print(Buf *out, const ModelTrainConf *c, const ModelTrained *t)
{
    buf_addf(out, "objective    %s, target \"%s\"\n", t->objective, t->schema->target);
    buf_addf(out, "rows         %lld, %d columns; %lld to train, %lld to judge (%s)\n", (long long)t->rows,
             t->schema->n_columns, (long long)t->train_rows, (long long)t->test_rows,
             c->valid  ? "a file of their own"
             : t->time ? "the last by time"
                       : "at random");
    if (t->time) {
        char from[40], test[40], to[40];
        model_time_text(t->time_first, from);
        model_time_text(t->time_test, test);
        model_time_text(t->time_last, to);
        buf_addf(out, "window       %s: %s to %s, judged from %s\n", t->time, from, to, test);
    }
    print_params(out, t);
    buf_addf(out, "rounds       %d%s, %d trees\n", t->rounds,
             t->folds > 1   ? " (median of the folds' best)"
             : t->folds > 0 ? " (best of the held rows)"
                            : "",
             gbt_n_trees(t->gbt));
    print_calibration(out, c, t);
    if (t->judged)
        model_judgement_print(out, &t->final, t->calibration ? &t->raw : NULL);
    if (!isnan(t->coverage))
        buf_addf(out, "%.4f of the test rows lie at or below the prediction\n", t->coverage);
    buf_addf(out, "importance   mean |SHAP| of %lld test rows\n", (long long)t->importance_rows);
    for (int i = 0; i < MIN(TOP, t->schema->n_columns); i++)
        buf_addf(out, "  %10.5f  %s\n", t->importance[i].value,
                 t->schema->columns[t->importance[i].feature].name);
    buf_addf(out, "seconds      %.1f\n", t->seconds);
}
