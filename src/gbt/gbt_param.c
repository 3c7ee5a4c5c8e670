/* gbt_param.c - the table as an array; texts to values and back; what fits together. See gbt_param.h. */
#include "gbt/gbt_param.h"

#include "gbt/gbt_goal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const GbtParams GBT_PARAMS_DEFAULT = {
#define WORD(name, otherwise, choices, use, help) .name = (otherwise),
#define TEXT(name, otherwise, use, help) .name = (otherwise),
#define INT(name, otherwise, min, max, use, help) .name = (otherwise),
#define REAL(name, otherwise, min, max, use, help) .name = (otherwise),
    GBT_PARAM_TABLE(WORD, TEXT, INT, REAL)
#undef WORD
#undef TEXT
#undef INT
#undef REAL
};

typedef enum ParamType { PARAM_WORD, PARAM_TEXT, PARAM_INT, PARAM_REAL } ParamType;

typedef struct Param {
    const char *name;
    ParamType type;
    size_t offset;
    const char *choices;
    double min, max;
    GbtUse use;
    const char *help;
} Param;

#define AT(name) offsetof(GbtParams, name)
static const Param PARAMS[] = {
#define WORD(name, otherwise, choices, use, help) \
    {#name, PARAM_WORD, AT(name), choices, 0, 0, GBT_USE_##use, help},
#define TEXT(name, otherwise, use, help) {#name, PARAM_TEXT, AT(name), NULL, 0, 0, GBT_USE_##use, help},
#define INT(name, otherwise, min, max, use, help) \
    {#name, PARAM_INT, AT(name), NULL, min, max, GBT_USE_##use, help},
#define REAL(name, otherwise, min, max, use, help) \
    {#name, PARAM_REAL, AT(name), NULL, min, max, GBT_USE_##use, help},
    GBT_PARAM_TABLE(WORD, TEXT, INT, REAL)
#undef WORD
#undef TEXT
#undef INT
#undef REAL
};
const int GBT_N_PARAMS = (int)ARRAY_LEN(PARAMS);

/* XGBoost's other names, and those of its Python package. */
static const struct {
    const char *other, *name;
} ALIASES[] = {
    {"learning_rate", "eta"},
    {"min_split_loss", "gamma"},
    {"reg_lambda", "lambda"},
    {"reg_alpha", "alpha"},
    {"rounds", "num_boost_round"},
    {"n_estimators", "num_boost_round"},
    {"num_rounds", "num_boost_round"},
    {"random_state", "seed"},
    {"n_jobs", "nthread"},
    {"colsample", "colsample_bytree"},
};

static const char *const USE_WORDS[] = {
    [GBT_USE_DART] = "booster=dart",
    [GBT_USE_HIST] = "tree_method hist or approx",
    [GBT_USE_MULTI] = "an objective multi:*",
    [GBT_USE_TWEEDIE] = "objective=reg:tweedie",
    [GBT_USE_HUBER] = "objective=reg:pseudohubererror",
};

static const void *field(const GbtParams *p, const Param *param)
{
    return (const char *)p + param->offset;
}

static const Param *find(Str name)
{
    for (size_t i = 0; i < ARRAY_LEN(ALIASES); i++)
        if (str_eq_c(name, ALIASES[i].other))
            name = str_from(ALIASES[i].name);
    for (size_t i = 0; i < ARRAY_LEN(PARAMS); i++)
        if (str_eq_c(name, PARAMS[i].name))
            return &PARAMS[i];
    return NULL;
}

static ErrKind check_range(const Param *param, double v, Err *reterr)
{
    if (v >= param->min && v <= param->max)
        return ERR_NONE;
    return err_set(reterr, ERR_INVALID, "parameter %s: %.9g is not in %.9g .. %.9g", param->name, v,
                   param->min, param->max);
}

static ErrKind check_word(const Param *param, const char *value, Err *reterr)
{
    Str rest = str_from(param->choices), word;
    while (str_next(&rest, '|', &word))
        if (value && str_eq_c(word, value))
            return ERR_NONE;
    return err_set(reterr, ERR_INVALID, "parameter %s: \"%s\" is not one of %s", param->name,
                   value ? value : "", param->choices);
}

ErrKind gbt_params_set(GbtParams *p, Str name, const char *value, Err *reterr)
{
    const Param *param = find(name);
    if (!param)
        return err_set(reterr, ERR_INVALID, "there is no parameter \"" STR_FMT "\"", STR_ARG(name));
    char *at = (char *)p + param->offset;
    int64_t integer;
    double real;
    switch (param->type) {
    case PARAM_WORD:
        TRY(check_word(param, value, reterr));
        *(const char **)at = value;
        return ERR_NONE;
    case PARAM_TEXT: *(const char **)at = value; return ERR_NONE;
    case PARAM_INT:
        if (!str_to_i64(str_from(value), &integer))
            return err_set(reterr, ERR_INVALID, "parameter %s: \"%s\" is not a whole number", param->name,
                           value);
        TRY(check_range(param, (double)integer, reterr));
        *(int *)at = (int)integer;
        return ERR_NONE;
    case PARAM_REAL:
        if (!str_to_f64(str_from(value), &real))
            return err_set(reterr, ERR_INVALID, "parameter %s: \"%s\" is not a number", param->name, value);
        TRY(check_range(param, real, reterr));
        *(double *)at = real;
        return ERR_NONE;
    }
    return ERR_NONE;
}

GbtParamText gbt_param_text(const GbtParams *p, int i)
{
    const Param *param = &PARAMS[i];
    GbtParamText t = {.name = param->name, .use = param->use};
    const void *v = field(p, param), *d = field(&GBT_PARAMS_DEFAULT, param);
    if (param->type == PARAM_INT) {
        snprintf(t.value, sizeof t.value, "%d", *(const int *)v);
        t.is_default = *(const int *)v == *(const int *)d;
    } else if (param->type == PARAM_REAL) {
        double real = *(const double *)v, other = *(const double *)d;
        int digits = 1;
        do
            snprintf(t.value, sizeof t.value, "%.*g", digits, real);
        while (!isnan(real) && strtod(t.value, NULL) != real && ++digits <= 17);
        t.is_default = isnan(other) ? isnan(real) : real == other;
        t.value[0] = isnan(real) ? 0 : t.value[0];
    } else {
        t.text = *(const char *const *)v;
        t.is_default = strcmp(t.text, *(const char *const *)d) == 0;
        return t;
    }
    return t;
}

static ErrKind check_ranges(const GbtParams *p, Err *reterr)
{
    for (size_t i = 0; i < ARRAY_LEN(PARAMS); i++) {
        const Param *param = &PARAMS[i];
        const void *v = field(p, param), *d = field(&GBT_PARAMS_DEFAULT, param);
        if (param->type == PARAM_WORD)
            TRY(check_word(param, *(const char *const *)v, reterr));
        if (param->type == PARAM_INT)
            TRY(check_range(param, *(const int *)v, reterr));
        bool from_data = param->type == PARAM_REAL && isnan(*(const double *)d) && isnan(*(const double *)v);
        if (param->type == PARAM_REAL && !from_data)
            TRY(check_range(param, *(const double *)v, reterr));
    }
    return ERR_NONE;
}

static bool in_use(const GbtParams *p, const GbtGoal *g, GbtUse use)
{
    switch (use) {
    case GBT_USE_DART: return strcmp(p->booster, "dart") == 0;
    case GBT_USE_HIST: return strcmp(p->tree_method, "exact") != 0;
    case GBT_USE_MULTI: return gbt_goal_is_multi(g);
    case GBT_USE_TWEEDIE: return strcmp(g->name, "reg:tweedie") == 0;
    case GBT_USE_HUBER: return strcmp(g->name, "reg:pseudohubererror") == 0;
    default: return true;
    }
}

static ErrKind check_base(const GbtParams *p, const GbtGoal *g, Err *reterr)
{
    double base = p->base_score;
    if (isnan(base))
        return ERR_NONE;
    bool share = g->labels == GBT_LABEL_SHARE;
    bool positive =
        g->labels == GBT_LABEL_NOT_BELOW || g->labels == GBT_LABEL_ABOVE || g->labels == GBT_LABEL_NOT_ZERO;
    if ((share && !(base > 0 && base < 1)) || (positive && !(base > 0)))
        return err_set(reterr, ERR_INVALID, "parameter base_score: %.9g, but %s needs %s", base, p->objective,
                       share ? "one between 0 and 1" : "one above 0");
    return ERR_NONE;
}

static ErrKind check_size(const GbtParams *p, const GbtGoal *g, Err *reterr)
{
    bool multi = gbt_goal_is_multi(g);
    if (multi && p->num_class < 2)
        return err_set(reterr, ERR_INVALID, "parameter num_class: %d, but %s needs at least 2", p->num_class,
                       p->objective);
    int64_t trees = (int64_t)p->num_boost_round * p->num_parallel_tree * (multi ? p->num_class : 1);
    if (trees > GBT_TREES_MAX)
        return err_set(reterr, ERR_LIMIT,
                       "num_boost_round, num_parallel_tree and num_class make %lld trees, %d are allowed",
                       (long long)trees, GBT_TREES_MAX);
    if (p->max_depth == 0 && p->max_leaves == 0)
        return err_set(reterr, ERR_INVALID, "parameter max_depth: 0 (no limit) needs max_leaves");
    if (p->max_depth == 0 && strcmp(p->tree_method, "exact") == 0)
        return err_set(reterr, ERR_INVALID, "parameter max_depth: tree_method=exact needs a limit");
    return ERR_NONE;
}

ErrKind gbt_params_check(const GbtParams *p, bool categories, Err *reterr)
{
    GbtGoal g;
    TRY(check_ranges(p, reterr));
    TRY(gbt_goal_find(p->objective, &g, reterr));
    for (int i = 0; i < GBT_N_PARAMS; i++) {
        GbtParamText t = gbt_param_text(p, i);
        if (!t.is_default && !in_use(p, &g, t.use))
            return err_set(reterr, ERR_INVALID, "parameter %s has a meaning with %s only", t.name,
                           USE_WORDS[t.use]);
    }
    TRY(check_base(p, &g, reterr));
    TRY(check_size(p, &g, reterr));
    bool rises;
    if (p->eval_metric[0] && !gbt_goal_metric(str_from(p->eval_metric), &rises))
        return err_set(reterr, ERR_INVALID, "parameter eval_metric: \"%s\" is not known", p->eval_metric);
    bool pinball = strcmp(p->eval_metric, "quantile") == 0;
    if (pinball && g.base != GBT_BASE_QUANTILE)
        return err_set(reterr, ERR_INVALID, "parameter eval_metric: \"quantile\" needs objective=quantile:A");
    if (categories && strcmp(p->tree_method, "exact") == 0)
        return err_set(reterr, ERR_INVALID,
                       "parameter tree_method: exact takes categories for numbers; use hist or approx");
    return ERR_NONE;
}

void gbt_params_warn(const GbtParams *p, Buf *out)
{
    if (p->scale_pos_weight != 1)
        buf_addf(out, "scale_pos_weight=%g: predicted probabilities are no longer frequencies\n",
                 p->scale_pos_weight);
    if (strcmp(p->objective, "reg:absoluteerror") == 0)
        buf_add_c(
            out,
            "reg:absoluteerror: libxgboost 1.7 sets its leaves at full size whatever eta is; quantile:0.5 "
            "predicts the same median in small steps\n");
    if (strcmp(p->booster, "dart") == 0 && p->rate_drop == 0 && p->one_drop == 0)
        buf_add_c(out, "booster=dart with rate_drop=0 and one_drop=0 drops nothing: it is gbtree, slower\n");
}

static void docs_default(Buf *out, int i)
{
    GbtParamText t = gbt_param_text(&GBT_PARAMS_DEFAULT, i);
    const char *text = t.text ? t.text : t.value;
    buf_addf(out, text[0] ? "`%s`" : "%s",
             text[0]                        ? text
             : PARAMS[i].type == PARAM_REAL ? "from the data"
                                            : "none");
}

static void docs_choices(Buf *out, const Param *param)
{
    Str rest = str_from(param->choices), word;
    const char *comma = "";
    switch (param->type) {
    case PARAM_WORD:
        while (str_next(&rest, '|', &word)) {
            buf_addf(out, "%s`" STR_FMT "`", comma, STR_ARG(word));
            comma = ", ";
        }
        return;
    case PARAM_TEXT: buf_add_c(out, "text"); return;
    case PARAM_INT: buf_addf(out, "%.0f .. %.0f", param->min, param->max); return;
    case PARAM_REAL: buf_addf(out, "%.9g .. %.9g", param->min, param->max); return;
    }
}

void gbt_params_docs(Buf *out)
{
    buf_add_c(out, "# Training parameters\n\n"
                   "Generated by `ehub docs training`. Of `ehub model train --param NAME=VALUE`. The names "
                   "are XGBoost's; "
                   "the defaults are our own where the reason stands beside them. An unknown name, a value "
                   "out of range and "
                   "a parameter that would do nothing are errors.\n\n"
                   "| parameter | values | default | meaning | only with |\n|---|---|---|---|---|\n");
    for (int i = 0; i < GBT_N_PARAMS; i++) {
        const Param *param = &PARAMS[i];
        buf_addf(out, "| `%s` | ", param->name);
        docs_choices(out, param);
        buf_add_c(out, " | ");
        docs_default(out, i);
        const char *only = param->use < (int)ARRAY_LEN(USE_WORDS) ? USE_WORDS[param->use] : NULL;
        buf_addf(out, " | %s | %s |\n", param->help, only ? only : "");
    }
    buf_add_c(out, "\nOther names that are understood: ");
    for (size_t i = 0; i < ARRAY_LEN(ALIASES); i++)
        buf_addf(out, "%s`%s` (%s)", i ? ", " : "", ALIASES[i].other, ALIASES[i].name);
    buf_add_c(out, ".\n\n## Objectives\n\n| objective | what is predicted | metric of early stopping "
                   "|\n|---|---|---|\n");
    const GbtGoal *g;
    for (int i = 0; (g = gbt_goal_at(i)); i++)
        buf_addf(out, "| `%s` | %s | %s |\n", g->base == GBT_BASE_QUANTILE ? "quantile:A" : g->name, g->help,
                 g->metric);
    buf_add_c(out, "\nOther metrics: rmsle, mape, auc, aucpr, merror, gamma-deviance.\n");
}
