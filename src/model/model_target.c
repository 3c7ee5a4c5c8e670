/* model_target.c - see model_target.h. */
#include "model/model_target.h"

#include "base/mem.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define COUNT_DISTINCT_MAX 60
#define COUNT_MEAN_MAX 20.0
#define NAME_SHARE 0.9 /* a text column with so many different texts a row names the rows */
#define NAME_ROWS_MIN 50

void model_target_done(ModelTarget *t)
{
    model_schema_free(t->schema);
    model_table_free(t->table);
    mem_free(t->class_of);
    *t = (ModelTarget){0};
}

/* ---- the files ---- */

/* Drops the rows from `from` on whose target is empty. */
static int64_t drop_without_target(ModelTable *t)
{
    int64_t kept = 0;
    size_t width = (size_t)t->n_columns;
    for (int64_t i = 0; i < t->n_rows; i++) {
        if (isnan(t->y[i]))
            continue;
        if (kept != i) {
            memcpy(t->x + (size_t)kept * width, t->x + (size_t)i * width, width * sizeof *t->x);
            t->y[kept] = t->y[i];
            if (t->time)
                t->time[kept] = t->time[i];
        }
        kept++;
    }
    int64_t dropped = t->n_rows - kept;
    t->n_rows = kept;
    return dropped;
}

static void append(ModelTable *t, const ModelTable *more)
{
    size_t n = (size_t)t->n_rows, m = (size_t)more->n_rows, width = (size_t)t->n_columns;
    t->x = mem_grow(t->x, (n + m) * width, sizeof *t->x);
    t->y = mem_grow(t->y, n + m, sizeof *t->y);
    memcpy(t->x + n * width, more->x, m * width * sizeof *t->x);
    memcpy(t->y + n, more->y, m * sizeof *t->y);
    t->n_rows += more->n_rows;
    if (t->time && more->time) {
        t->time = mem_grow(t->time, n + m, sizeof *t->time);
        memcpy(t->time + n, more->time, m * sizeof *t->time);
    }
}

static void add_notes(Buf *notes, const ModelTable *t)
{
    Str rest = buf_str(&t->notes), line;
    while (rest.len > 0 && str_next(&rest, '\n', &line))
        if (line.len > 0)
            buf_addf(notes, STR_FMT "\n", STR_ARG(line));
}

static ErrKind read_rows(const ModelTrainConf *c, ModelTarget *t, Buf *notes, Err *reterr)
{
    ModelRead read = {.target = true, .time = c->time};
    model_table_free(t->table);
    t->table = NULL;
    TRY(model_table_read(c->data, t->schema, &read, &t->table, reterr));
    t->dropped = drop_without_target(t->table);
    add_notes(notes, t->table);
    t->test_from = t->table->n_rows;
    if (!c->valid)
        return ERR_NONE;
    CLEANUP(model_table_freep) ModelTable *more = NULL;
    TRY(model_table_read(c->valid, t->schema, &read, &more, reterr));
    t->dropped += drop_without_target(more);
    add_notes(notes, more);
    if (more->n_rows == 0)
        return err_set(reterr, ERR_INVALID, "%s: no row has a target", c->valid);
    append(t->table, more);
    return ERR_NONE;
}

/* ---- columns ---- */

static ErrKind learn(const ModelTrainConf *c, const char *const *ignore, bool classes, ModelTarget *t,
                     Err *reterr)
{
    model_schema_free(t->schema);
    t->schema = NULL;
    ModelLearn how = {.target = c->target, .time = c->time, .ignore = ignore, .classes = classes};
    return model_schema_learn(c->data, &how, &t->schema, reterr);
}

/* Text columns that name the rows; their names go to `ignore`, which has room for all columns. */
static int naming_columns(const ModelTarget *t, const char **ignore, int n, Buf *notes)
{
    for (int i = 0; i < t->schema->n_columns; i++) {
        const ModelColumn *column = &t->schema->columns[i];
        bool names =
            t->test_from >= NAME_ROWS_MIN && column->n_categories >= NAME_SHARE * (double)t->test_from;
        if (!names)
            continue;
        buf_addf(notes, "column \"%s\" is left out: %d different texts in %lld rows name the rows\n",
                 column->name, column->n_categories, (long long)t->test_from);
        ignore[n++] = mem_strdup(column->name);
    }
    return n;
}

/* ---- the objective ---- */

typedef struct Values {
    int64_t distinct; /* counted up to COUNT_DISTINCT_MAX + 1 */
    float seen[COUNT_DISTINCT_MAX + 1];
    bool whole, below, any_zero;
    double mean;
} Values;

static Values look_at(const ModelTable *t)
{
    Values v = {.whole = true};
    for (int64_t i = 0; i < t->n_rows; i++) {
        float y = t->y[i];
        v.whole = v.whole && y == floorf(y);
        v.below = v.below || y < 0;
        v.any_zero = v.any_zero || y == 0;
        v.mean += (double)y / (double)t->n_rows;
        int64_t k = 0;
        while (k < v.distinct && v.seen[k] != y)
            k++;
        if (k == v.distinct && v.distinct <= COUNT_DISTINCT_MAX)
            v.seen[v.distinct++] = y;
    }
    return v;
}

static bool zero_and_one(const Values *v)
{
    return v->distinct == 2 && v->seen[0] + v->seen[1] == 1 && (v->seen[0] == 0 || v->seen[1] == 0);
}

static const char *choose(ModelTargetKind kind, const Values *v)
{
    if (kind == MODEL_TARGET_CLASSES)
        return "multi:softprob";
    if (kind == MODEL_TARGET_TWO || v->distinct == 2)
        return "binary:logistic";
    bool count =
        v->whole && !v->below && v->any_zero && v->distinct <= COUNT_DISTINCT_MAX && v->mean < COUNT_MEAN_MAX;
    return count ? "count:poisson" : "reg:squarederror";
}

static void tell_choice(const ModelTarget *t, const Values *v, Buf *notes)
{
    buf_addf(notes, "objective %s, chosen from the target", t->objective);
    if (strcmp(t->objective, "count:poisson") == 0)
        buf_addf(notes, " (%lld whole numbers from 0; for classes: --objective multi:softprob)",
                 (long long)v->distinct);
    else if (strcmp(t->objective, "reg:squarederror") == 0 && v->whole && v->distinct <= 10)
        buf_addf(notes, " (%lld whole numbers; for classes: --objective multi:softprob)",
                 (long long)v->distinct);
    buf_add_char(notes, '\n');
}

static ErrKind misfit(const ModelTrainConf *c, const ModelTarget *t, const char *what, Err *reterr)
{
    return err_set(reterr, ERR_INVALID, "%s, column \"%.100s\": %s, which does not fit objective %s", c->data,
                   c->target, what, t->objective);
}

/* Does what the target is fit what was asked for? */
static ErrKind check_fit(const ModelTrainConf *c, const ModelTarget *t, const Values *v, Err *reterr)
{
    ModelTargetKind kind = t->schema->target_kind;
    Str objective = str_from(t->objective);
    bool two = str_starts(objective, STR("binary:")), multi = str_starts(objective, STR("multi:"));
    char what[80];
    snprintf(what, sizeof what, "%d different texts", t->schema->n_classes);
    if (two && kind == MODEL_TARGET_CLASSES)
        return misfit(c, t, what, reterr);
    if (!two && !multi && kind != MODEL_TARGET_NUMBER && !str_eq_c(objective, "reg:logistic"))
        return misfit(c, t, "texts", reterr);
    if (v->distinct == 1)
        return err_set(reterr, ERR_INVALID, "%s, column \"%.100s\": the target has one value only", c->data,
                       c->target);
    return ERR_NONE;
}

static void class_rows(ModelTarget *t, const Values *v)
{
    bool classes = t->schema->target_kind != MODEL_TARGET_NUMBER || zero_and_one(v);
    if (!classes)
        return;
    const ModelTable *table = t->table;
    t->n_classes = MAX(t->schema->n_classes, 2);
    t->class_of = mem_array((size_t)table->n_rows, sizeof *t->class_of);
    for (int64_t i = 0; i < table->n_rows; i++)
        t->class_of[i] = (int32_t)table->y[i];
}

static ErrKind read_all(const ModelTrainConf *c, const char **ignore, int n, ModelTarget *t, Buf *notes,
                        Err *reterr)
{
    bool multi = c->objective && str_starts(str_from(c->objective), STR("multi:"));
    bool two = c->objective && str_starts(str_from(c->objective), STR("binary:"));
    CLEANUP(buf_done) Buf first = BUF(1u << 20); /* notes of a reading that is done again */
    TRY(learn(c, ignore, multi, t, reterr));
    TRY(read_rows(c, t, &first, reterr));
    Values v = look_at(t->table);
    int names = naming_columns(t, ignore, n, notes);
    bool number = t->schema->target_kind == MODEL_TARGET_NUMBER;
    bool as_classes = multi || (number && v.distinct == 2 && !zero_and_one(&v) && (two || !c->objective));
    if (names > n || as_classes != multi) {
        TRY(learn(c, ignore, as_classes, t, reterr));
        if (as_classes && !multi)
            t->schema->target_kind = MODEL_TARGET_TWO;
        buf_clear(&first);
        TRY(read_rows(c, t, &first, reterr));
        v = look_at(t->table);
    }
    buf_add_str(notes, buf_str(&first));
    const char *objective = c->objective ? c->objective : choose(t->schema->target_kind, &v);
    if (!str_copy(t->objective, sizeof t->objective, str_from(objective)))
        return err_set(reterr, ERR_INVALID, "objective \"%.80s\" is not known", objective);
    if (t->table->n_rows == 0)
        return err_set(reterr, ERR_INVALID, "%s: no row has a target", c->data);
    TRY(check_fit(c, t, &v, reterr));
    if (!c->objective)
        tell_choice(t, &v, notes);
    if (t->dropped > 0)
        buf_addf(notes, "%lld rows without a target are left out\n", (long long)t->dropped);
    if (t->schema->target_kind == MODEL_TARGET_TWO)
        buf_addf(notes, "%s: 1 is \"%s\", 0 is \"%s\"\n", c->target, t->schema->classes[1],
                 t->schema->classes[0]);
    t->num_class = str_starts(str_from(t->objective), STR("multi:")) ? t->schema->n_classes : 0;
    class_rows(t, &v);
    return ERR_NONE;
}

ErrKind model_target_read(const ModelTrainConf *c, ModelTarget *ret, Buf *notes, Err *reterr)
{
    CLEANUP(mem_freep)
    const char **ignore = mem_array(MODEL_IGNORE_MAX + GBT_FEATURES_MAX + 1, sizeof *ignore);
    int n = 0;
    while (c->ignore[n]) {
        ignore[n] = c->ignore[n];
        n++;
    }
    ErrKind kind = read_all(c, ignore, n, ret, notes, reterr);
    for (int i = n; ignore[i]; i++)
        mem_free((char *)(uintptr_t)ignore[i]);
    return kind;
}

/* ---- weights of classes ---- */

typedef struct Weights {
    const ModelTarget *t;
    double *of; /* [n_classes] */
} Weights;

static ErrKind add_weight(Str key, const Jv *value, void *arg, Err *reterr)
{
    Weights *w = arg;
    const ModelSchema *s = w->t->schema;
    double v;
    int at = -1;
    for (int k = 0; k < w->t->n_classes; k++)
        if (s->n_classes > 0 ? str_eq_c(key, s->classes[k]) : str_eq_c(key, k ? "1" : "0"))
            at = k;
    if (at < 0)
        return err_set(reterr, ERR_INVALID, "--class-weight: there is no class \"" STR_FMT "\"",
                       STR_ARG(key));
    if (!jv_is_f64(value, &v) || !(v >= 0) || !(v <= 1e6))
        return err_set(reterr, ERR_INVALID,
                       "--class-weight: the weight of \"" STR_FMT "\" is not in 0 .. 1000000", STR_ARG(key));
    w->of[at] = v;
    return ERR_NONE;
}

static void balanced(const ModelTarget *t, double *of)
{
    for (int64_t i = 0; i < t->test_from; i++)
        of[t->class_of[i]] += 1;
    for (int k = 0; k < t->n_classes; k++)
        of[k] = of[k] > 0 ? (double)t->test_from / (t->n_classes * of[k]) : 0;
}

ErrKind model_target_weights(const ModelTrainConf *c, const ModelTarget *t, float **ret, Err *reterr)
{
    *ret = NULL;
    if (!c->class_weight)
        return ERR_NONE;
    if (!t->class_of)
        return err_set(reterr, ERR_INVALID, "--class-weight: the target is a number and has no classes");
    CLEANUP(mem_freep) double *of = mem_array((size_t)t->n_classes, sizeof *of);
    if (strcmp(c->class_weight, "balanced") == 0) {
        balanced(t, of);
    } else {
        CLEANUP(jv_freep) Jv *doc = NULL;
        Weights w = {t, of};
        for (int k = 0; k < t->n_classes; k++)
            of[k] = 1;
        if (jv_parse(str_from(c->class_weight), &doc, reterr) != ERR_NONE || jv_kind(doc) != JV_OBJ)
            return err_set(reterr, ERR_INVALID,
                           "--class-weight: \"%.80s\" is neither balanced nor {\"CLASS\":2}",
                           c->class_weight);
        TRY(jv_each(doc, add_weight, &w, reterr));
    }
    float *weight = mem_array((size_t)t->table->n_rows, sizeof *weight);
    for (int64_t i = 0; i < t->table->n_rows; i++)
        weight[i] = (float)of[t->class_of[i]];
    *ret = weight;
    return ERR_NONE;
}
