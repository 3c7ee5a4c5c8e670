/* gbt_load.c - from an XGBoost file to a GbtModel; everything in the file is checked before it is used.
 *
 * The file is XGBoost's "model IO" schema. Its places, and what files of 1.2.1, 1.7.4, 3.0.0 and 3.3.0 have there:
 *
 *     learner.learner_model_param   base_score "5E-1", in 3.3 "[5E-1,...]" with one value for each group; num_class,
 *                                   num_feature; from 1.7 num_target
 *     learner.gradient_booster      {name gbtree, model}; {name dart, gbtree: {model}, weight_drop}; dart of 3.3 is
 *                                   {name gbtree, model, weight_drop}
 *     ...model                      trees, tree_info (the group of each tree); from 1.7 gbtree_model_param.num_parallel_tree,
 *                                   from 3.0 iteration_indptr (where each round begins)
 *     learner.feature_names, feature_types from 1.7; learner.attributes
 *
 * What a file does not have is taken as libxgboost takes it: one target, one parallel tree, rounds all alike. */
#include "gbt/gbt_deep.h"
#include "gbt/gbt_load_tree.h"
#include "gbt/gbt_objective.h"
#include "gbt/gbt_paths.h"

#include "base/mem.h"

#include <math.h>

#define VERSION_MAX 3

/* Of the whole file; the arena and `doc` live as long. */
typedef struct Loader {
    GbtModel *m;
    Arena *arena;
    const GbtDoc *learner, *param, *booster, *model;
    const double *weights; /* [n_trees] of dart, else NULL */
    const double
        *round_end; /* [n_rounds + 1]: index of the first tree of each round, from 0; NULL: all alike */
    int trees_a_round;
    bool old_logitraw; /* written before 1.3.1 */
    Err *reterr;
} Loader;

static ErrKind corrupt(const Loader *l, const char *what)
{
    return err_set(l->reterr, ERR_CORRUPT, "model: %s", what);
}

static bool is_index(double v, double n)
{
    return v >= 0 && v < n && v == floor(v);
}

/* A whole number from the parameters into *ret; `otherwise` when absent. */
static ErrKind read_count(const Loader *l, const GbtDoc *param, const char *key, double most, int otherwise,
                          int *ret)
{
    double v;
    *ret = otherwise;
    if (!gbt_doc_get(param, key))
        return ERR_NONE;
    if (!gbt_doc_number(param, key, &v) || !(v >= 0) || v != floor(v))
        return err_set(l->reterr, ERR_CORRUPT, "model: %s is no whole number", key);
    if (v > most)
        return err_set(l->reterr, ERR_LIMIT, "model: %s is above %g", key, most);
    *ret = (int)v;
    return ERR_NONE;
}

static ErrKind check_version(Loader *l, const GbtDoc *doc)
{
    const GbtDoc *version = gbt_doc_get(doc, "version");
    if (!version)
        return ERR_NONE;
    const double *v = gbt_doc_numbers(version, 3, l->arena);
    if (!v)
        return corrupt(l, "version is not three numbers");
    if (!(v[0] >= 1 && v[0] < VERSION_MAX + 1))
        return err_set(l->reterr, ERR_UNSUPPORTED,
                       "model: written by XGBoost %g.%g; 1.0 to %d.x are supported", v[0], v[1], VERSION_MAX);
    l->old_logitraw = v[0] == 1 && (v[1] < 3 || (v[1] == 3 && v[2] < 1));
    return ERR_NONE;
}

/* Which booster, and where its trees and weights are. */
static ErrKind find_booster(Loader *l)
{
    l->booster = gbt_doc_get(l->learner, "gradient_booster");
    Str name = gbt_doc_str(l->booster, "name");
    if (name.len == 0)
        return corrupt(l, "no learner.gradient_booster.name");
    const GbtDoc *trees_of = l->booster;
    bool dart = str_eq_c(name, "dart");
    if (dart && gbt_doc_get(l->booster, "gbtree"))
        trees_of = gbt_doc_get(l->booster, "gbtree");
    else if (!dart && !str_eq_c(name, "gbtree"))
        return err_set(l->reterr, ERR_UNSUPPORTED, "model: booster \"%.*s\"", (int)MIN(name.len, 40),
                       name.ptr);
    l->model = gbt_doc_get(trees_of, "model");
    const GbtDoc *trees = gbt_doc_get(l->model, "trees");
    if (!trees || (trees->kind != GBT_DOC_ARR && trees->n > 0))
        return corrupt(l, "no trees");
    if (trees->n > GBT_TREES_MAX)
        return err_set(l->reterr, ERR_LIMIT, "model: more than %d trees", GBT_TREES_MAX);
    const GbtDoc *weights = gbt_doc_get(l->booster, "weight_drop");
    if (dart || (weights && weights->n > 0)) {
        dart = true;
        l->weights = gbt_doc_numbers(weights, trees->n, l->arena);
        if (!l->weights)
            return corrupt(l, "weight_drop does not hold a number for each tree");
        for (size_t i = 0; i < trees->n; i++)
            if (!isfinite((float)l->weights[i]))
                return err_set(l->reterr, ERR_CORRUPT, "model, tree %zu: weight_drop is not finite", i);
    }
    l->m->booster = dart ? "dart" : "gbtree";
    return ERR_NONE;
}

/* A list of n texts, or none. */
static ErrKind read_texts(const Loader *l, const char *key, char ***ret)
{
    const GbtDoc *list = gbt_doc_get(l->learner, key);
    if (!list || list->n == 0)
        return ERR_NONE;
    if (list->kind != GBT_DOC_ARR || list->n != (size_t)l->m->n_features)
        return err_set(l->reterr, ERR_CORRUPT, "model: %s does not hold %d texts", key, l->m->n_features);
    *ret = mem_array(list->n, sizeof **ret);
    int i = 0;
    for (const GbtDoc *text = list->first; text; text = text->next, i++) {
        Str s = text->str;
        if (text->kind != GBT_DOC_STR || memchr(s.ptr, 0, s.len) || !str_is_utf8(s, NULL))
            return err_set(l->reterr, ERR_CORRUPT, "model: %s, feature %d: not a text in UTF-8", key, i);
        if (s.len > GBT_NAME_MAX)
            return err_set(l->reterr, ERR_LIMIT, "model: %s, feature %d: longer than %d bytes", key, i,
                           GBT_NAME_MAX);
        (*ret)[i] = mem_zalloc(s.len + 1);
        memcpy((*ret)[i], s.ptr, s.len);
    }
    return ERR_NONE;
}

static ErrKind read_shape(Loader *l)
{
    int classes, targets;
    TRY(read_count(l, l->param, "num_feature", GBT_FEATURES_MAX, 0, &l->m->n_features));
    if (l->m->n_features == 0)
        return corrupt(l, "no number of features");
    TRY(read_count(l, l->param, "num_class", GBT_GROUPS_MAX, 0, &classes));
    TRY(read_count(l, l->param, "num_target", GBT_GROUPS_MAX, 1, &targets));
    if (classes > 1 && targets > 1)
        return err_set(l->reterr, ERR_UNSUPPORTED, "model: %d classes of %d targets", classes, targets);
    l->m->n_groups = MAX(1, MAX(classes, targets));
    TRY(read_texts(l, "feature_names", &l->m->names));
    return read_texts(l, "feature_types", &l->m->types);
}

/* base_score is the JSON of a number or of an array, inside a text. */
static ErrKind read_base(Loader *l)
{
    GbtModel *m = l->m;
    GbtDoc base = {0};
    double plain;
    Str text = gbt_doc_str(l->param, "base_score");
    if (text.len > 0) {
        if (gbt_doc_json(text, l->arena, &base, NULL) != ERR_NONE)
            base.kind = GBT_DOC_NULL;
    } else if (gbt_doc_number(l->param, "base_score", &plain))
        base = (GbtDoc){.kind = GBT_DOC_NUM, .num = plain};
    bool vector = base.kind == GBT_DOC_PACKED;
    if (!vector && base.kind != GBT_DOC_NUM)
        return corrupt(l, "no base_score");
    size_t n = vector ? base.n : 1;
    if (n != 1 && n != (size_t)m->n_groups)
        return err_set(l->reterr, ERR_CORRUPT, "model: %zu values of base_score for %d groups", n,
                       m->n_groups);
    const double *values = vector ? gbt_doc_numbers(&base, n, l->arena) : &base.num;
    m->base_margin = mem_array((size_t)m->n_groups, sizeof *m->base_margin);
    m->bias = mem_array((size_t)m->n_groups, sizeof *m->bias);
    GbtBaseRule rule = {.clip = vector, .raw_prob = l->old_logitraw};
    for (int g = 0; g < m->n_groups; g++) {
        double v = values[n == 1 ? 0 : g];
        m->base_margin[g] = gbt_objective_margin(m->objective, (float)v, rule);
        if (!isfinite(m->base_margin[g]))
            return err_set(l->reterr, ERR_CORRUPT, "model: base_score %g does not fit the objective", v);
    }
    return ERR_NONE;
}

static ErrKind read_objective(Loader *l)
{
    Str name = gbt_doc_str(gbt_doc_get(l->learner, "objective"), "name");
    if (name.len == 0)
        return corrupt(l, "no objective");
    l->m->objective = gbt_objective_find(name);
    if (!l->m->objective)
        return err_set(l->reterr, ERR_UNSUPPORTED, "model: objective \"%.*s\"", (int)MIN(name.len, 60),
                       name.ptr);
    if (l->m->n_groups > 1 && strcmp(l->m->objective->name, "reg:expectileerror") == 0)
        return err_set(l->reterr, ERR_UNSUPPORTED, "model: objective \"reg:expectileerror\" of %d levels",
                       l->m->n_groups); /* its margins are gaps, not values */
    return read_base(l);
}

/* How many rounds the file has, and which trees belong to each. */
static ErrKind read_rounds(Loader *l, size_t n_trees)
{
    GbtModel *m = l->m;
    int parallel;
    const GbtDoc *param = gbt_doc_get(l->model, "gbtree_model_param");
    const GbtDoc *ends = gbt_doc_get(l->model, "iteration_indptr");
    TRY(read_count(l, param, "num_parallel_tree", GBT_TREES_MAX, 1, &parallel));
    if (gbt_doc_get(param, "num_trees")) {
        int stated;
        TRY(read_count(l, param, "num_trees", GBT_TREES_MAX, 0, &stated));
        if ((size_t)stated != n_trees)
            return err_set(l->reterr, ERR_CORRUPT, "model: num_trees says %d, %zu are there", stated,
                           n_trees);
    }
    if (ends && ends->n > 0) {
        l->round_end = gbt_doc_numbers(ends, ends->n, l->arena);
        if (!l->round_end)
            return corrupt(l, "iteration_indptr does not hold numbers");
        for (size_t i = 0; i < ends->n; i++)
            if (!is_index(l->round_end[i], (double)n_trees + 1) ||
                (i > 0 && l->round_end[i] < l->round_end[i - 1]))
                return corrupt(l, "iteration_indptr does not rise");
        if (l->round_end[0] != 0 || l->round_end[ends->n - 1] != (double)n_trees ||
            ends->n > GBT_TREES_MAX + 1)
            return corrupt(l, "iteration_indptr does not cover the trees");
        m->n_rounds = (int)ends->n - 1;
        return ERR_NONE;
    }
    l->trees_a_round = MAX(1, parallel) * m->n_groups;
    if (n_trees % (size_t)l->trees_a_round != 0)
        return err_set(l->reterr, ERR_CORRUPT, "model: %zu trees are no whole rounds of %d", n_trees,
                       l->trees_a_round);
    m->n_rounds = (int)(n_trees / (size_t)l->trees_a_round);
    return ERR_NONE;
}

/* The attribute is the user's own text: what is no round of this model is not known. */
static int best_round(const Loader *l)
{
    double best;
    bool given = gbt_doc_number(gbt_doc_get(l->learner, "attributes"), "best_iteration", &best);
    return given && is_index(best, l->m->n_rounds) ? (int)best : -1;
}

/* Reduces the model to the first rounds; the number of trees to read. */
static ErrKind choose_rounds(Loader *l, int rounds, size_t *n_trees)
{
    GbtModel *m = l->m;
    m->best_round = best_round(l);
    if (rounds == GBT_ROUNDS_BEST)
        rounds = m->best_round + 1; /* 0, and so all, when it is not known */
    if (rounds < 0 || rounds > m->n_rounds)
        return err_set(l->reterr, ERR_INVALID, "model: %d rounds asked for, it has %d", rounds, m->n_rounds);
    if (rounds == GBT_ROUNDS_ALL)
        return ERR_NONE;
    *n_trees = l->round_end ? (size_t)l->round_end[rounds] : (size_t)rounds * (size_t)l->trees_a_round;
    m->n_rounds = rounds;
    return ERR_NONE;
}

static ErrKind read_trees(Loader *l, int rounds)
{
    GbtModel *m = l->m;
    const GbtDoc *trees = gbt_doc_get(l->model, "trees"), *groups_doc = gbt_doc_get(l->model, "tree_info");
    size_t n = trees->n;
    const double *groups = gbt_doc_numbers(groups_doc, n, l->arena);
    if (!groups && (groups_doc || m->n_groups > 1))
        return corrupt(l, "tree_info does not hold a group for each tree");
    TRY(read_rounds(l, n));
    TRY(choose_rounds(l, rounds, &n));
    m->n_trees = (int)n;
    m->trees = mem_array(MAX(n, 1), sizeof *m->trees);
    CLEANUP(arena_freep) Arena *scratch = arena_new((size_t)GBT_NODES_MAX * 128);
    GbtTreeLoader t = {.m = m, .arena = scratch};
    const GbtDoc *doc = trees->first;
    for (; t.tree < m->n_trees; t.tree++, doc = doc->next) {
        double group = groups ? groups[t.tree] : 0;
        if (!is_index(group, m->n_groups))
            return err_set(l->reterr, ERR_CORRUPT, "model, tree %d: group outside the model", t.tree);
        TRY(gbt_load_tree(&t, doc, l->weights ? (float)l->weights[t.tree] : 1, &m->trees[t.tree], l->reterr));
        m->trees[t.tree].group = (int)group;
    }
    return ERR_NONE;
}

static ErrKind read_model(Loader *l, const GbtDoc *doc, int rounds)
{
    l->learner = gbt_doc_get(doc, "learner");
    l->param = gbt_doc_get(l->learner, "learner_model_param");
    TRY(check_version(l, doc));
    TRY(find_booster(l));
    TRY(read_shape(l));
    TRY(read_objective(l));
    TRY(read_trees(l, rounds));
    l->m->cuts = gbt_cuts_new(l->m);
    l->m->pack = gbt_pack_new(l->m);
    l->m->paths = gbt_paths_new(l->m);
    gbt_deep_bias(l->m);
    return l->m->paths ? ERR_NONE : gbt_deep_new(l->m, &l->m->deep, l->reterr);
}

/* The parsed form is a small multiple of a file that XGBoost wrote. */
#define ARENA_BYTES(len) (12 * (len) + ((size_t)4 << 20))

ErrKind gbt_load(Str bytes, int rounds, GbtModel **ret, Err *reterr)
{
    *ret = NULL;
    if (bytes.len > GBT_BYTES_MAX)
        return err_set(reterr, ERR_LIMIT, "model: larger than %d bytes", GBT_BYTES_MAX);
    CLEANUP(arena_freep) Arena *arena = arena_new(ARENA_BYTES(bytes.len));
    const GbtDoc *doc;
    TRY(gbt_doc_parse(bytes, arena, &doc, reterr));
    CLEANUP(gbt_unrefp) GbtModel *m = MEM_NEW(GbtModel);
    m->refs = 1;
    Loader l = {.m = m, .arena = arena, .reterr = reterr};
    TRY(read_model(&l, doc, rounds));
    *ret = gbt_ref(m);
    return ERR_NONE;
}

static void free_texts(char **texts, int n)
{
    for (int i = 0; texts && i < n; i++)
        mem_free(texts[i]);
    mem_free(texts);
}

GbtModel *gbt_ref(GbtModel *m)
{
    __atomic_add_fetch(&m->refs, 1, __ATOMIC_RELAXED);
    return m;
}

void gbt_unref(GbtModel *m)
{
    if (!m || __atomic_sub_fetch(&m->refs, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    free_texts(m->names, m->n_features);
    free_texts(m->types, m->n_features);
    mem_free(m->nodes);
    mem_free(m->trees);
    mem_free(m->cats);
    mem_free(m->cat_words);
    mem_free(m->cover);
    mem_free(m->base_margin);
    mem_free(m->bias);
    gbt_cuts_free(m->cuts);
    gbt_pack_free(m->pack);
    gbt_paths_free(m->paths);
    gbt_deep_free(m->deep);
    mem_free(m);
}

int gbt_n_features(const GbtModel *m)
{
    return m->n_features;
}

int gbt_n_trees(const GbtModel *m)
{
    return m->n_trees;
}

const char *gbt_feature_name(const GbtModel *m, int i)
{
    return m->names && i >= 0 && i < m->n_features && m->names[i] ? m->names[i] : "";
}

const char *gbt_feature_type(const GbtModel *m, int i)
{
    return m->types && i >= 0 && i < m->n_features && m->types[i] ? m->types[i] : "";
}

const char *gbt_objective(const GbtModel *m)
{
    return m->objective->name;
}

const char *gbt_booster(const GbtModel *m)
{
    return m->booster;
}

int gbt_n_groups(const GbtModel *m)
{
    return m->n_groups;
}

int gbt_n_rounds(const GbtModel *m)
{
    return m->n_rounds;
}

int gbt_best_round(const GbtModel *m)
{
    return m->best_round;
}
