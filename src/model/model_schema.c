/* model_schema.c - what the columns of a model are called and mean. See model_table.h.
 *
 * Two passes over the file: the first tells columns of numbers from columns of texts, the second collects the texts. So
 * memory does not grow with the file, and a text in the last row still makes its column one of categories. */
#include "base/mem.h"
#include "model/model_csv.h"
#include "model/model_table.h"

#include <stdlib.h>

typedef struct Column {
    bool skip; /* time, ignored, without a name */
    bool text;
    int64_t infinite; /* line of the first infinite number, 0: none */
    int64_t n_values;
    StrMap *codes; /* of a column of texts */
} Column;

typedef struct Learner {
    const char *path;
    const ModelLearn *learn;
    ModelCsv *csv;
    Column *columns; /* [csv->n_names] */
    int n;
    int target; /* -1: none */
    ModelSchema *s;
} Learner;

/* ---- learning: which columns ---- */

static ErrKind find_column(const Learner *l, const char *name, const char *what, int *ret, Err *reterr)
{
    TRY(model_csv_find(l->csv, str_from(name), ret, reterr));
    if (*ret < 0)
        return err_set(reterr, ERR_INVALID, "%s has no column \"%.200s\" (%s)", l->path, name, what);
    return ERR_NONE;
}

static ErrKind choose_columns(Learner *l, Err *reterr)
{
    int i;
    l->n = l->csv->n_names;
    l->columns = mem_array((size_t)l->n, sizeof *l->columns);
    for (i = 0; i < l->n; i++)
        l->columns[i].skip = l->csv->names[i][0] == 0;
    if (l->learn->target) {
        TRY(find_column(l, l->learn->target, "the target", &l->target, reterr));
    }
    if (l->learn->time) {
        TRY(find_column(l, l->learn->time, "the time", &i, reterr));
        l->columns[i].skip = true;
    }
    for (const char *const *name = l->learn->ignore; name && *name; name++) {
        TRY(find_column(l, *name, "to be ignored", &i, reterr));
        l->columns[i].skip = true;
    }
    if (l->target >= 0 && l->columns[l->target].skip)
        return err_set(reterr, ERR_INVALID, "\"%.200s\" is the target and cannot be left out",
                       l->learn->target);
    int features = 0;
    for (i = 0; i < l->n; i++) {
        const char *name = l->csv->names[i];
        if (l->columns[i].skip)
            continue;
        if (l->csv->twice[i])
            return err_set(reterr, ERR_INVALID, "%s: several columns are called \"%.200s\"", l->path, name);
        if (strlen(name) > MODEL_NAME_MAX)
            return err_set(reterr, ERR_LIMIT, "%s: the name of column %d is longer than %d bytes: %.60s ...",
                           l->path, i + 1, MODEL_NAME_MAX, name);
        features += i != l->target;
    }
    if (features == 0)
        return err_set(reterr, ERR_INVALID, "%s has no columns to learn from", l->path);
    if (features > GBT_FEATURES_MAX)
        return err_set(reterr, ERR_LIMIT, "%s has more than %d columns to learn from", l->path,
                       GBT_FEATURES_MAX);
    return ERR_NONE;
}

/* ---- learning: first pass, numbers or texts ---- */

static void see_cell(Column *c, Str cell, bool decimal_comma, int64_t line)
{
    float v;
    switch (model_cell(cell, decimal_comma, &v)) {
    case MODEL_CELL_NUMBER: c->n_values++; break;
    case MODEL_CELL_TEXT: c->text = true; break;
    case MODEL_CELL_INFINITE: c->infinite = c->infinite ? c->infinite : line; break;
    case MODEL_CELL_MISSING:
    case MODEL_CELL_MISSING_NUMBER: break;
    }
}

static ErrKind first_pass(Learner *l, Err *reterr)
{
    const CrmCsvRecord *rec;
    TRY(model_csv_open(l->path, &l->csv, reterr));
    TRY(choose_columns(l, reterr));
    for (;;) {
        TRY(model_csv_next(l->csv, &rec, reterr));
        if (!rec)
            break;
        for (int i = 0; i < l->n; i++)
            if (!l->columns[i].skip && !l->columns[i].text)
                see_cell(&l->columns[i], model_trim(rec->fields[i]), l->csv->decimal_comma, rec->line);
    }
    if (l->csv->n_rows == 0)
        return err_set(reterr, ERR_INVALID, "%s has column names but no rows", l->path);
    for (int i = 0; i < l->n; i++)
        if (!l->columns[i].text && l->columns[i].infinite)
            return model_csv_bad(l->csv, l->columns[i].infinite, i, reterr,
                                 "an infinite number, or one beyond a float");
    return ERR_NONE;
}

/* ---- learning: second pass, the texts ---- */

static char *copy_str(Str s)
{
    char *c = mem_zalloc(s.len + 1);
    memcpy(c, s.ptr, s.len);
    return c;
}

static void add_text(char ***list, int *n, Str s)
{
    if ((*n & (*n - 1)) == 0) /* doubles */
        *list = mem_grow(*list, MAX(4, (size_t)*n * 2), sizeof **list);
    (*list)[(*n)++] = copy_str(s);
}

static ErrKind collect(Learner *l, int i, char ***list, int *n, int max, const CrmCsvRecord *rec, Err *reterr)
{
    Column *c = &l->columns[i];
    Str cell = model_trim(rec->fields[i]);
    float v;
    if (model_cell(cell, l->csv->decimal_comma, &v) == MODEL_CELL_MISSING)
        return ERR_NONE;
    if (!strmap_add(c->codes, cell, (uint32_t)*n))
        return ERR_NONE;
    if (*n == max)
        return err_set(reterr, ERR_LIMIT,
                       "%s, column \"%.100s\": more than %d different texts (line %lld); a column that names "
                       "each row is better left out",
                       l->path, l->csv->names[i], max, (long long)rec->line);
    add_text(list, n, cell);
    return ERR_NONE;
}

static ErrKind second_pass(Learner *l, Err *reterr)
{
    ModelSchema *s = l->s;
    const CrmCsvRecord *rec;
    model_csv_free(l->csv);
    l->csv = NULL;
    TRY(model_csv_open(l->path, &l->csv, reterr));
    if (l->csv->n_names != l->n)
        return err_set(reterr, ERR_IO, "%s changed while it was read", l->path);
    for (;;) {
        TRY(model_csv_next(l->csv, &rec, reterr));
        if (!rec)
            return ERR_NONE;
        for (int i = 0, f = 0; i < l->n; i++) {
            if (l->columns[i].skip)
                continue;
            ModelColumn *column = i == l->target ? NULL : &s->columns[f++];
            if (!l->columns[i].codes)
                continue;
            if (column)
                TRY(collect(l, i, &column->categories, &column->n_categories, MODEL_CATEGORIES_MAX, rec,
                            reterr));
            else
                TRY(collect(l, i, &s->classes, &s->n_classes, GBT_GROUPS_MAX, rec, reterr));
        }
    }
}

/* ---- learning: the target ---- */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int by_number(const void *a, const void *b)
{
    float x, y;
    model_cell(str_from(*(char *const *)a), false, &x);
    model_cell(str_from(*(char *const *)b), false, &y);
    return x < y ? -1 : x > y ? 1 : by_text(a, b);
}

static bool says_yes(const char *text)
{
    static const char *const YES[] = {"1",   "y",       "yes",  "t",         "true", "on",      "won",
                                      "win", "success", "good", "converted", "pos",  "positive"};
    for (size_t i = 0; i < ARRAY_LEN(YES); i++)
        if (str_eq_nocase(str_from(text), str_from(YES[i])))
            return true;
    return str_ends(str_from(text), STR(" won")) || str_ends(str_from(text), STR(" Won"));
}

static ErrKind order_classes(Learner *l, Err *reterr)
{
    ModelSchema *s = l->s;
    const Column *c = &l->columns[l->target];
    if (s->n_classes < 2)
        return err_set(reterr, ERR_INVALID, "%s, column \"%.100s\": the target has %s", l->path, s->target,
                       s->n_classes ? "one value only" : "no values");
    qsort(s->classes, (size_t)s->n_classes, sizeof *s->classes, c->text ? by_text : by_number);
    s->target_kind = s->n_classes == 2 && !l->learn->classes ? MODEL_TARGET_TWO : MODEL_TARGET_CLASSES;
    if (s->n_classes == 2 && says_yes(s->classes[0]) && !says_yes(s->classes[1])) {
        char *yes = s->classes[0];
        s->classes[0] = s->classes[1];
        s->classes[1] = yes;
    }
    return ERR_NONE;
}

/* ---- learning ---- */

static void make_columns(Learner *l)
{
    ModelSchema *s = l->s;
    s->columns = mem_array((size_t)l->n, sizeof *s->columns);
    for (int i = 0; i < l->n; i++) {
        Column *c = &l->columns[i];
        if (c->skip)
            continue;
        if (i == l->target) {
            s->target = mem_strdup(l->csv->names[i]);
            s->target_kind = MODEL_TARGET_NUMBER;
            if (c->text || l->learn->classes)
                c->codes = strmap_new();
            continue;
        }
        s->columns[s->n_columns++] = (ModelColumn){mem_strdup(l->csv->names[i]), c->text, NULL, 0};
        if (c->text)
            c->codes = strmap_new();
    }
}

static ErrKind learn_all(Learner *l, Err *reterr)
{
    TRY(first_pass(l, reterr));
    make_columns(l);
    TRY(second_pass(l, reterr));
    if (l->target < 0)
        return ERR_NONE;
    if (l->columns[l->target].codes)
        return order_classes(l, reterr);
    if (l->columns[l->target].n_values == 0)
        return err_set(reterr, ERR_INVALID, "%s, column \"%.100s\": the target has no values", l->path,
                       l->s->target);
    return ERR_NONE;
}

ErrKind model_schema_learn(const char *path, const ModelLearn *learn, ModelSchema **ret, Err *reterr)
{
    CLEANUP(model_schema_freep) ModelSchema *s = MEM_NEW(ModelSchema);
    Learner l = {.path = path, .learn = learn, .target = -1, .s = s};
    ErrKind kind = learn_all(&l, reterr);
    for (int i = 0; i < l.n; i++)
        strmap_free(l.columns[i].codes);
    mem_free(l.columns);
    model_csv_free(l.csv);
    TRY(kind);
    *ret = s;
    s = NULL;
    return ERR_NONE;
}

/* ---- of a model ---- */

ErrKind model_schema_of_gbt(const GbtModel *m, ModelSchema **ret, Err *reterr)
{
    int n = gbt_n_features(m), named = 0;
    for (int i = 0; i < n; i++)
        named += gbt_feature_name(m, i)[0] != 0;
    if (named != 0 && named != n)
        return err_set(reterr, ERR_INVALID, "the model names %d of its %d features", named, n);
    CLEANUP(model_schema_freep) ModelSchema *s = MEM_NEW(ModelSchema);
    CLEANUP(strmap_freep) StrMap *seen = strmap_new();
    s->columns = mem_array((size_t)n, sizeof *s->columns);
    s->n_columns = n;
    s->unnamed = named == 0;
    for (int i = 0; i < n; i++) {
        CLEANUP(buf_done) Buf name = BUF(64);
        buf_addf(&name, "f%d", i);
        s->columns[i].name = mem_strdup(s->unnamed ? buf_cstr(&name) : gbt_feature_name(m, i));
        if (!strmap_add(seen, str_from(s->columns[i].name), 0))
            return err_set(reterr, ERR_INVALID, "two features of the model are called \"%.200s\"",
                           s->columns[i].name);
    }
    *ret = s;
    s = NULL;
    return ERR_NONE;
}

/* ---- JSON ---- */

static void write_list(Jw *w, const char *key, char **list, int n)
{
    jw_key(w, key);
    jw_arr(w);
    for (int i = 0; i < n; i++)
        jw_cstr(w, list[i]);
    jw_end(w);
}

static const char *const TARGET_KINDS[] = {[MODEL_TARGET_NONE] = "none",
                                           [MODEL_TARGET_NUMBER] = "number",
                                           [MODEL_TARGET_TWO] = "two",
                                           [MODEL_TARGET_CLASSES] = "classes"};

void model_schema_write(Jw *w, const ModelSchema *s)
{
    jw_obj(w);
    jw_key(w, "columns");
    jw_arr(w);
    for (int i = 0; i < s->n_columns; i++) {
        jw_obj(w);
        jw_kv_cstr(w, "name", s->columns[i].name);
        jw_kv_cstr(w, "kind", s->columns[i].category ? "category" : "number");
        if (s->columns[i].category)
            write_list(w, "categories", s->columns[i].categories, s->columns[i].n_categories);
        jw_end(w);
    }
    jw_end(w);
    if (s->target) {
        jw_key(w, "target");
        jw_obj(w);
        jw_kv_cstr(w, "name", s->target);
        jw_kv_cstr(w, "kind", TARGET_KINDS[s->target_kind]);
        if (s->target_kind > MODEL_TARGET_NUMBER)
            write_list(w, "classes", s->classes, s->n_classes);
        jw_end(w);
    }
    jw_end(w);
}

static ErrKind parse_list(const Jv *list, const char *what, int max, char ***ret, int *ret_n, Err *reterr)
{
    CLEANUP(strmap_freep) StrMap *seen = strmap_new();
    if (jv_kind(list) != JV_ARR || jv_len(list) > (size_t)max)
        return err_set(reterr, ERR_CORRUPT, "schema: %.100s: not a list of at most %d texts", what, max);
    *ret = mem_array(jv_len(list) + 1, sizeof **ret);
    for (size_t i = 0; i < jv_len(list); i++) {
        Str text;
        if (!jv_is_str(jv_at(list, i), &text) || memchr(text.ptr, 0, text.len) || !strmap_add(seen, text, 0))
            return err_set(reterr, ERR_CORRUPT, "schema: %.100s: text %zu is none, or stands there twice",
                           what, i);
        (*ret)[(*ret_n)++] = copy_str(text);
    }
    return ERR_NONE;
}

static ErrKind parse_column(const Jv *json, ModelColumn *c, Err *reterr)
{
    Str name = jv_get_str(json, "name"), kind = jv_get_str(json, "kind");
    if (!name.ptr || name.len == 0 || name.len > MODEL_NAME_MAX || memchr(name.ptr, 0, name.len))
        return err_set(reterr, ERR_CORRUPT, "schema: a column without a good name");
    c->name = copy_str(name);
    c->category = str_eq_c(kind, "category");
    if (c->category)
        return parse_list(jv_get(json, "categories"), c->name, MODEL_CATEGORIES_MAX, &c->categories,
                          &c->n_categories, reterr);
    if (!str_eq_c(kind, "number"))
        return err_set(reterr, ERR_CORRUPT, "schema: column \"%.100s\" is of no known kind", c->name);
    return ERR_NONE;
}

static ErrKind parse_target(const Jv *json, ModelSchema *s, Err *reterr)
{
    Str name = jv_get_str(json, "name"), kind = jv_get_str(json, "kind");
    for (int k = MODEL_TARGET_NUMBER; k <= MODEL_TARGET_CLASSES; k++)
        if (str_eq_c(kind, TARGET_KINDS[k]))
            s->target_kind = (ModelTargetKind)k;
    if (s->target_kind == MODEL_TARGET_NONE || name.len == 0 || memchr(name.ptr, 0, name.len))
        return err_set(reterr, ERR_CORRUPT, "schema: the target has no name or is of no known kind");
    s->target = copy_str(name);
    if (s->target_kind == MODEL_TARGET_NUMBER)
        return ERR_NONE;
    TRY(parse_list(jv_get(json, "classes"), "classes", GBT_GROUPS_MAX, &s->classes, &s->n_classes, reterr));
    if (s->n_classes < 2 || (s->target_kind == MODEL_TARGET_TWO && s->n_classes != 2))
        return err_set(reterr, ERR_CORRUPT, "schema: %d classes", s->n_classes);
    return ERR_NONE;
}

ErrKind model_schema_parse(const Jv *json, ModelSchema **ret, Err *reterr)
{
    const Jv *columns = jv_get(json, "columns");
    if (jv_kind(columns) != JV_ARR || jv_len(columns) == 0 || jv_len(columns) > GBT_FEATURES_MAX)
        return err_set(reterr, ERR_CORRUPT, "schema: not between 1 and %d columns", GBT_FEATURES_MAX);
    CLEANUP(model_schema_freep) ModelSchema *s = MEM_NEW(ModelSchema);
    CLEANUP(strmap_freep) StrMap *seen = strmap_new();
    s->columns = mem_array(jv_len(columns), sizeof *s->columns);
    for (size_t i = 0; i < jv_len(columns); i++) {
        ModelColumn *c = &s->columns[s->n_columns++];
        TRY(parse_column(jv_at(columns, i), c, reterr));
        if (!strmap_add(seen, str_from(c->name), 0))
            return err_set(reterr, ERR_CORRUPT, "schema: two columns are called \"%.100s\"", c->name);
    }
    if (jv_get(json, "target"))
        TRY(parse_target(jv_get(json, "target"), s, reterr));
    *ret = s;
    s = NULL;
    return ERR_NONE;
}

void model_schema_free(ModelSchema *s)
{
    if (!s)
        return;
    for (int i = 0; i < s->n_columns; i++) {
        for (int k = 0; k < s->columns[i].n_categories; k++)
            mem_free(s->columns[i].categories[k]);
        mem_free(s->columns[i].categories);
        mem_free(s->columns[i].name);
    }
    for (int k = 0; k < s->n_classes; k++)
        mem_free(s->classes[k]);
    mem_free(s->classes);
    mem_free(s->columns);
    mem_free(s->target);
    mem_free(s);
}
