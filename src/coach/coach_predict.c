/* coach_predict.c - scores, explains, ranks contributions, and shows a prediction as JSON. */
#include "coach/coach_predict.h"

#include "base/mem.h"
#include "coach/coach_words.h"

#include <math.h>
#include <string.h>

void coach_score(const CoachModels *models, CoachKind kind, const float x[static COACH_N_FEATURES],
                 CoachPrediction *ret)
{
    const CoachModel *m = &models->of[kind];
    ret->kind = kind;
    memcpy(ret->x, x, sizeof ret->x);
    memset(ret->shap, 0, sizeof ret->shap);
    ret->present = m->gbt != NULL;
    if (!m->gbt)
        return;
    double out[COACH_N_FEATURES + 1];
    CLEANUP(gbt_scratch_freep) GbtScratch *scratch = gbt_scratch_new(m->gbt);
    int n = gbt_n_features(m->gbt);
    gbt_shap(m->gbt, x, out, scratch);
    memcpy(ret->shap, out, (size_t)n * sizeof *out);
    ret->bias = out[n];
    float margin, value;
    gbt_margins(m->gbt, x, 1, &margin, scratch);
    gbt_link(m->gbt, &margin, &value);
    ret->margin = (double)margin;
    ret->value = (double)value;
    ret->id = uuid_v7();
    ret->model_id = m->id;
    ret->model_version = m->version;
    ret->made_at_us = clock_now_us();
}

static double link_of(CoachKind kind, double margin)
{
    return kind == COACH_GOAL ? 1 / (1 + exp(-margin)) : exp(margin);
}

/* Points of one unit of margin. */
static double points_slope(const CoachPrediction *p)
{
    double scale = p->kind == COACH_GOAL ? 100 : 1;
    double base = link_of(p->kind, p->bias), rise = p->margin - p->bias;
    double slope = p->kind == COACH_GOAL ? base * (1 - base) : base; /* of the link at bias */
    if (fabs(rise) > 1e-9)
        slope = (p->value - base) / rise;
    return scale * slope;
}

double coach_points(const CoachPrediction *p, int feature)
{
    return p->shap[feature] * points_slope(p);
}

int coach_drivers(const CoachPrediction *p, bool actionable, int max, int *ret_features)
{
    double size[COACH_N_FEATURES]; /* 0: left out, or taken */
    for (int f = 0; f < COACH_N_FEATURES; f++)
        size[f] = actionable && COACH_FEATURES[f].direction == 0 ? 0 : fabs(p->shap[f]);
    for (int n = 0; n < max; n++) {
        int best = 0;
        for (int f = 1; f < COACH_N_FEATURES; f++)
            if (size[f] > size[best])
                best = f;
        if (!(size[best] > 0))
            return n;
        size[best] = 0;
        ret_features[n] = best;
    }
    return max;
}

/* Values are floats: nine digits hold them exactly. More would only make answers of 92 contributions slow. */
#define FIGURE_DIGITS 9
/* What is below is rounding noise of features that no tree asks for. */
#define FIGURE_NOISE 1e-12

/* The parts of a contribution that never change, as JSON. */
static const struct {
    Str value, median;
} HEADS[COACH_N_FEATURES] = {
#define X(name, window, unit, direction, label)                           \
    {STR("\"feature\":\"" #name "\",\"label\":\"" label "\",\"value\":"), \
     STR("\"unit\":\"" unit "\",\"median\":")},
    FEATURE_TABLE(X)
#undef X
};

static void figure(Jw *w, Str head, double v)
{
    jw_members(w, head);
    jw_f64_digits(w, fabs(v) < FIGURE_NOISE ? 0 : v, FIGURE_DIGITS);
}

/* The members that a driver and a contribution share. */
static void feature_members(Jw *w, const CoachPrediction *p, int f, double slope)
{
    figure(w, HEADS[f].value, (double)p->x[f]);
    figure(w, HEADS[f].median, (double)p->median[f]);
    figure(w, STR("\"points\":"), p->shap[f] * slope);
    figure(w, STR("\"shap\":"), p->shap[f]);
}

void coach_driver_json(Jw *w, const CoachPrediction *p, int feature)
{
    CLEANUP(buf_done) Buf text = BUF(1024);
    coach_words_driver(&text, &COACH_FEATURES[feature], p->x[feature], p->median[feature],
                       coach_points(p, feature), p->kind == COACH_CLOSINGS);
    jw_obj(w);
    feature_members(w, p, feature, points_slope(p));
    jw_kv_str(w, "text", buf_str(&text));
    jw_end(w);
}

void coach_prediction_json(Jw *w, const CoachPrediction *p)
{
    if (!p->present) {
        jw_null(w);
        return;
    }
    char as_of[11];
    clock_format_date(p->as_of, as_of);
    jw_obj(w);
    jw_kv_uuid(w, "id", p->id);
    jw_key(w, "model_version");
    if (p->model_version)
        jw_i64(w, p->model_version);
    else
        jw_null(w);
    jw_kv_cstr(w, "as_of", as_of);
    jw_key(w, "made_at");
    jw_time_us(w, p->made_at_us);
    jw_kv_f64(w, "value", p->value);
    jw_kv_f64(w, "margin", p->margin);
    jw_kv_f64(w, "bias", p->bias);
    jw_key(w, "contributions");
    jw_arr(w);
    double slope = points_slope(p);
    for (int f = 0; f < COACH_N_FEATURES; f++) {
        jw_obj(w);
        feature_members(w, p, f, slope);
        jw_end(w);
    }
    jw_end(w);
    jw_key(w, "drivers");
    jw_arr(w);
    int drivers[6];
    int n = coach_drivers(p, true, ARRAY_LEN(drivers), drivers);
    for (int i = 0; i < n; i++)
        coach_driver_json(w, p, drivers[i]);
    jw_end(w);
    jw_end(w);
}
