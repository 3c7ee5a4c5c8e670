/* model_drift_text.c - references and drift as JSON and as a table. See model_drift.h. */
#include "model/model_drift.h"

#include "base/mem.h"

#include <math.h>
#include <stdio.h>

#define ROWS_MAX (INT64_C(1) << 53)
#define FLOAT_DIGITS 9 /* read a float back */

const char *model_verdict_name(ModelVerdict v)
{
    static const char *const NAMES[] = {"stable", "moved", "shifted"};
    return NAMES[v];
}

/* ---- reference ---- */

static void distribution_write(Jw *w, const ModelDistribution *d)
{
    jw_obj(w);
    jw_kv_cstr(w, "name", d->name);
    jw_kv_bool(w, "category", d->category);
    jw_key(w, d->values ? "values" : "edges");
    jw_arr(w);
    for (int i = 0; i < d->n_cuts; i++)
        jw_f64_digits(w, (double)d->cuts[i], FLOAT_DIGITS);
    jw_end(w);
    jw_key(w, "counts");
    jw_arr(w);
    for (int i = 0; i < d->n_cuts + 2; i++)
        jw_i64(w, d->counts[i]);
    jw_end(w);
    jw_key(w, "quantiles");
    jw_arr(w);
    for (int i = 0; i < d->n_sample; i++)
        jw_f64_digits(w, d->sample[i], FLOAT_DIGITS);
    jw_end(w);
    jw_end(w);
}

void model_reference_write(Jw *w, const ModelReference *r)
{
    jw_obj(w);
    jw_kv_i64(w, "rows", r->rows);
    jw_key(w, "of");
    jw_arr(w);
    for (int i = 0; i <= r->n; i++)
        distribution_write(w, &r->of[i]);
    jw_end(w);
    jw_end(w);
}

static ErrKind damaged(const char *what, const ModelDistribution *d, Err *reterr)
{
    return err_set(reterr, ERR_CORRUPT, "drift reference of \"%.100s\": %s", d->name, what);
}

static ErrKind numbers_parse(const Jv *json, const char *key, int most, const ModelDistribution *d,
                             double **ret, int *ret_n, Err *reterr)
{
    const Jv *list = jv_get(json, key);
    size_t n = jv_len(list);
    if (jv_kind(list) != JV_ARR || n > (size_t)most)
        return err_set(reterr, ERR_CORRUPT,
                       "drift reference of \"%.100s\": \"%s\" is no list of up to %d numbers", d->name, key,
                       most);
    *ret = mem_array(n + 1, sizeof **ret);
    *ret_n = (int)n;
    for (size_t i = 0; i < n; i++) {
        double v;
        bool good = jv_is_f64(jv_at(list, i), &v) && isfinite((float)v);
        (*ret)[i] = good ? (double)(float)v : 0; /* they were floats */
        if (!good || (i > 0 && (*ret)[i] < (*ret)[i - 1]))
            return err_set(reterr, ERR_CORRUPT, "drift reference of \"%.100s\": \"%s\" does not rise",
                           d->name, key);
    }
    return ERR_NONE;
}

/* rows 0: any number, as the score may be that of other rows. */
static ErrKind distribution_parse(const Jv *json, const char *name, int64_t rows, ModelDistribution *d,
                                  Err *reterr)
{
    d->name = mem_strdup(name);
    if (!str_eq_c(jv_get_str(json, "name"), name))
        return damaged("it is of another column", d, reterr);
    d->category = jv_get_bool(json, "category", false);
    d->values = jv_get(json, "values") != NULL;
    CLEANUP(mem_freep) double *cuts = NULL;
    TRY(numbers_parse(json, d->values ? "values" : "edges", MODEL_DRIFT_CODES, d, &cuts, &d->n_cuts, reterr));
    TRY(numbers_parse(json, "quantiles", MODEL_DRIFT_SAMPLE, d, &d->sample, &d->n_sample, reterr));
    d->cuts = mem_array((size_t)d->n_cuts + 1, sizeof *d->cuts);
    for (int i = 0; i < d->n_cuts; i++)
        d->cuts[i] = (float)cuts[i];
    const Jv *counts = jv_get(json, "counts");
    if (jv_kind(counts) != JV_ARR || jv_len(counts) != (size_t)d->n_cuts + 2)
        return damaged("its counts do not fit its bins", d, reterr);
    d->counts = mem_array((size_t)d->n_cuts + 2, sizeof *d->counts);
    int64_t sum = 0;
    for (int i = 0; i < d->n_cuts + 2; i++) {
        if (!jv_is_i64(jv_at(counts, (size_t)i), &d->counts[i]) || d->counts[i] < 0 ||
            d->counts[i] > ROWS_MAX - sum)
            return damaged("its counts are not those of its rows", d, reterr);
        sum += d->counts[i];
    }
    bool has_values = d->counts[d->n_cuts + 1] < sum;
    if (sum == 0 || (rows > 0 && sum != rows) || (!d->category && has_values != (d->n_sample > 0)))
        return damaged("its counts are not those of its rows", d, reterr);
    return ERR_NONE;
}

ErrKind model_reference_parse(const Jv *json, const ModelSchema *s, ModelReference **ret, Err *reterr)
{
    *ret = NULL;
    const Jv *of = jv_get(json, "of");
    int64_t rows = jv_get_i64(json, "rows", 0);
    if (rows < 1 || jv_kind(of) != JV_ARR || jv_len(of) != (size_t)s->n_columns + 1)
        return err_set(reterr, ERR_CORRUPT, "drift reference: not one of %d features", s->n_columns);
    CLEANUP(model_reference_freep) ModelReference *r = MEM_NEW(ModelReference);
    r->rows = rows;
    r->n = s->n_columns;
    r->of = mem_array((size_t)r->n + 1, sizeof *r->of);
    for (int i = 0; i <= r->n; i++)
        TRY(distribution_parse(jv_at(of, (size_t)i), i < r->n ? s->columns[i].name : "score",
                               i < r->n ? rows : 0, &r->of[i], reterr));
    *ret = r;
    r = NULL;
    return ERR_NONE;
}

/* ---- drift ---- */

static void line_json(Jw *w, const ModelDriftLine *l)
{
    jw_obj(w);
    jw_kv_cstr(w, "name", l->name);
    jw_kv_cstr(w, "verdict", model_verdict_name(l->verdict));
    jw_kv_f64(w, "psi", l->psi);
    jw_kv_f64(w, "psi_by_chance", l->chance);
    jw_kv_f64(w, "ks", l->ks);
    jw_kv_f64(w, "ks_p", l->ks_p);
    jw_kv_f64(w, "missing_before", l->missing_before);
    jw_kv_f64(w, "missing_now", l->missing_now);
    jw_kv_f64(w, "median_before", l->median_before);
    jw_kv_f64(w, "median_now", l->median_now);
    jw_end(w);
}

void model_drift_json(Jw *w, const ModelDrift *d)
{
    jw_obj(w);
    jw_kv_i64(w, "rows_before", d->rows_before);
    jw_kv_i64(w, "rows_now", d->rows_now);
    for (int v = MODEL_STABLE; v <= MODEL_SHIFTED; v++)
        jw_kv_i64(w, model_verdict_name(v), d->n_of[v]);
    jw_key(w, "score");
    line_json(w, &d->score);
    jw_key(w, "features");
    jw_arr(w);
    for (int i = 0; i < d->n; i++)
        line_json(w, &d->lines[i]);
    jw_end(w);
    jw_end(w);
}

static void print_number(Buf *out, double v, const char *format)
{
    char text[40] = "-";
    if (!isnan(v))
        (void)snprintf(text, sizeof text, strcmp(format, "g") == 0 ? "%.4g" : "%.3f", v);
    buf_addf(out, " %9s", text);
}

static void print_line(Buf *out, const ModelDriftLine *l)
{
    int pad = 28 - (int)str_utf8_len(str_from(l->name));
    buf_addf(out, "%s%*s %-8s", l->name, MAX(pad, 0), "", model_verdict_name(l->verdict));
    print_number(out, l->psi, "f");
    print_number(out, l->chance, "f");
    print_number(out, l->ks, "f");
    print_number(out, l->ks_p, "g");
    buf_addf(out, " %7.1f%% %7.1f%%", 100 * l->missing_before, 100 * l->missing_now);
    print_number(out, l->median_before, "g");
    print_number(out, l->median_now, "g");
    buf_add_char(out, '\n');
}

void model_drift_print(Buf *out, const ModelDrift *d)
{
    buf_addf(out, "%lld rows against %lld of the reference: %d features shifted, %d moved, %d stable\n\n",
             (long long)d->rows_now, (long long)d->rows_before, d->n_of[MODEL_SHIFTED], d->n_of[MODEL_MOVED],
             d->n_of[MODEL_STABLE]);
    buf_addf(out, "%-28s %-8s %9s %9s %9s %9s %17s %19s\n", "", "", "", "by", "", "", "missing", "median");
    buf_addf(out, "%-28s %-8s %9s %9s %9s %9s %8s %8s %9s %9s\n", "", "verdict", "PSI", "chance", "KS", "p",
             "before", "now", "before", "now");
    print_line(out, &d->score);
    for (int i = 0; i < d->n; i++)
        print_line(out, &d->lines[i]);
    buf_addf(out,
             "\nPopulation stability index: below %.1f or not above chance stable, to %.2f moved, above "
             "shifted.\n",
             MODEL_DRIFT_MOVED, MODEL_DRIFT_SHIFTED);
}
