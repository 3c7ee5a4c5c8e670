/* gbt_load.c - from an XGBoost file to a GbtModel; everything in the file is checked before it is used.
 *
 * The file is XGBoost's "model IO" schema: learner.{learner_model_param, objective, feature_names, gradient_booster.model}.
 * Each tree comes as parallel arrays; it is laid out anew here (breadth first, siblings side by side), which at the same
 * time proves that it is a tree: no node is reached twice, none points outside. */
#include "gbt/gbt_deep.h"
#include "gbt/gbt_doc.h"
#include "gbt/gbt_objective.h"
#include "gbt/gbt_paths.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

/* The arrays of one tree in the file's own order, double[n] each. */
typedef struct RawTree {
    size_t n;
    double *left, *right, *feature, *value, *default_left, *cover, *split_type;
} RawTree;

typedef struct Loader {
    Arena *arena;
    GbtModel *m;
    uint32_t nodes_cap;
    int tree; /* being read, for messages */
    Err *reterr;
} Loader;

static ErrKind corrupt(const Loader *l, const char *what)
{
    return err_set(l->reterr, ERR_CORRUPT, "model, tree %d: %s", l->tree, what);
}

/* Texts like "5E-1" and "40". */
static bool text_number(const GbtDoc *obj, const char *key, double *ret)
{
    return str_to_f64(gbt_doc_str(obj, key), ret);
}

static bool is_index(double v, double n)
{
    return v >= 0 && v < n && v == floor(v);
}

static ErrKind raw_array(Loader *l, const GbtDoc *tree, const char *key, size_t n, double **ret)
{
    *ret = arena_array(l->arena, n, sizeof **ret);
    if (!*ret)
        return arena_check(l->arena, l->reterr);
    if (!gbt_doc_numbers(gbt_doc_get(tree, key), *ret, n))
        return err_set(l->reterr, ERR_CORRUPT, "model, tree %d: \"%s\" does not hold %zu numbers", l->tree,
                       key, n);
    return ERR_NONE;
}

static ErrKind read_raw(Loader *l, const GbtDoc *tree, RawTree *raw)
{
    const GbtDoc *param = gbt_doc_get(tree, "tree_param");
    double n, leaf_size;
    if (!text_number(param, "num_nodes", &n) || !(n >= 1) || n != floor(n))
        return corrupt(l, "no number of nodes");
    if (n > GBT_NODES_MAX || l->m->n_nodes + n > GBT_NODES_MAX)
        return err_set(l->reterr, ERR_LIMIT, "model, tree %d: more than %d nodes", l->tree, GBT_NODES_MAX);
    if (text_number(param, "size_leaf_vector", &leaf_size) && leaf_size > 1)
        return err_set(l->reterr, ERR_UNSUPPORTED, "model, tree %d: leaves that are vectors", l->tree);
    raw->n = (size_t)n;
    TRY(raw_array(l, tree, "left_children", raw->n, &raw->left));
    TRY(raw_array(l, tree, "right_children", raw->n, &raw->right));
    TRY(raw_array(l, tree, "split_indices", raw->n, &raw->feature));
    TRY(raw_array(l, tree, "split_conditions", raw->n, &raw->value));
    TRY(raw_array(l, tree, "default_left", raw->n, &raw->default_left));
    TRY(raw_array(l, tree, "sum_hessian", raw->n, &raw->cover));
    raw->split_type = NULL;
    if (gbt_doc_get(tree, "split_type"))
        TRY(raw_array(l, tree, "split_type", raw->n, &raw->split_type));
    return ERR_NONE;
}

static ErrKind check_raw_node(const Loader *l, const RawTree *raw, size_t i)
{
    float value = (float)raw->value[i];
    bool leaf = raw->left[i] == -1;
    if (isnan(value) || (leaf && !isfinite(value)))
        return err_set(l->reterr, ERR_CORRUPT, "model, tree %d, node %zu: value is not finite", l->tree, i);
    if (!isfinite(raw->cover[i]) || raw->cover[i] < 0)
        return err_set(l->reterr, ERR_CORRUPT, "model, tree %d, node %zu: bad sum_hessian", l->tree, i);
    if (leaf)
        return ERR_NONE;
    if (!is_index(raw->left[i], (double)raw->n) || !is_index(raw->right[i], (double)raw->n))
        return err_set(l->reterr, ERR_CORRUPT, "model, tree %d, node %zu: child outside the tree", l->tree,
                       i);
    if (!is_index(raw->feature[i], l->m->n_features))
        return err_set(l->reterr, ERR_CORRUPT, "model, tree %d, node %zu: feature outside the model", l->tree,
                       i);
    if (raw->split_type && raw->split_type[i] != 0)
        return err_set(l->reterr, ERR_UNSUPPORTED, "model, tree %d, node %zu: categorical split", l->tree, i);
    return ERR_NONE;
}

static void reserve_nodes(Loader *l, size_t more)
{
    size_t need = l->m->n_nodes + more;
    if (need <= l->nodes_cap)
        return;
    size_t cap = MAX(need, (size_t)l->nodes_cap * 2);
    l->m->nodes = mem_grow(l->m->nodes, cap, sizeof *l->m->nodes);
    l->m->cover = mem_grow(l->m->cover, cap, sizeof *l->m->cover);
    l->nodes_cap = (uint32_t)cap;
}

/* Breadth first: place[k] is the file's index of the node at k. Pruned nodes are not reached and fall away. */
static ErrKind lay_out(Loader *l, const RawTree *raw, GbtTree *t)
{
    uint32_t *place = arena_array(l->arena, raw->n, sizeof *place);
    uint8_t *depth = arena_array(l->arena, raw->n, 1);
    uint8_t *seen = arena_array(l->arena, raw->n, 1);
    TRY(arena_check(l->arena, l->reterr));
    reserve_nodes(l, raw->n);
    GbtNode *nodes = l->m->nodes + l->m->n_nodes;
    *t = (GbtTree){.first = l->m->n_nodes};
    seen[0] = 1;
    uint32_t n = 1;
    for (uint32_t k = 0; k < n; k++) {
        uint32_t i = place[k];
        TRY(check_raw_node(l, raw, i));
        l->m->cover[t->first + k] = (float)raw->cover[i];
        nodes[k] = (GbtNode){.value = (float)raw->value[i], .left = k};
        if (raw->left[i] == -1)
            continue;
        uint32_t child[2] = {(uint32_t)raw->left[i], (uint32_t)raw->right[i]};
        if (depth[k] >= GBT_DEPTH_MAX)
            return err_set(l->reterr, ERR_LIMIT, "model, tree %d: deeper than %d", l->tree, GBT_DEPTH_MAX);
        nodes[k].feature = (uint32_t)raw->feature[i] | (raw->default_left[i] != 0 ? GBT_DEFAULT_LEFT : 0);
        nodes[k].left = n;
        nodes[k].split = 1;
        for (int side = 0; side < 2; side++) {
            if (seen[child[side]])
                return err_set(l->reterr, ERR_CORRUPT, "model, tree %d, node %u: reached twice", l->tree,
                               child[side]);
            seen[child[side]] = 1;
            depth[n] = (uint8_t)(depth[k] + 1);
            t->depth = MAX(t->depth, depth[n]);
            place[n++] = child[side];
        }
    }
    t->n = n;
    l->m->n_nodes += n;
    l->m->tree_nodes_max = MAX(l->m->tree_nodes_max, n);
    return ERR_NONE;
}

static ErrKind read_trees(Loader *l, const GbtDoc *trees)
{
    if (!trees || (trees->kind != GBT_DOC_ARR && trees->n > 0))
        return err_set(l->reterr, ERR_CORRUPT, "model: no trees");
    if (trees->n > GBT_TREES_MAX)
        return err_set(l->reterr, ERR_LIMIT, "model: more than %d trees", GBT_TREES_MAX);
    l->m->n_trees = (int)trees->n;
    l->m->trees = mem_array(MAX(trees->n, 1), sizeof *l->m->trees);
    l->tree = 0;
    for (const GbtDoc *doc = trees->first; doc; doc = doc->next, l->tree++) {
        RawTree raw;
        TRY(read_raw(l, doc, &raw));
        TRY(lay_out(l, &raw, &l->m->trees[l->tree]));
    }
    return ERR_NONE;
}

static ErrKind read_objective(Loader *l, const GbtDoc *learner)
{
    GbtModel *m = l->m;
    Str name = gbt_doc_str(gbt_doc_get(learner, "objective"), "name");
    double base;
    if (name.len == 0)
        return err_set(l->reterr, ERR_CORRUPT, "model: no objective");
    m->objective = gbt_objective_find(name);
    if (!m->objective)
        return err_set(l->reterr, ERR_UNSUPPORTED, "model: objective \"%.*s\"", (int)MIN(name.len, 60),
                       name.ptr);
    if (!text_number(gbt_doc_get(learner, "learner_model_param"), "base_score", &base))
        return err_set(l->reterr, ERR_CORRUPT, "model: no base_score");
    /* In float, as XGBoost's ProbToMargin does. */
    float b = (float)base;
    float margin = m->objective->base == GBT_LINK_LOGISTIC ? -logf(1.0f / b - 1.0f)
                   : m->objective->base == GBT_LINK_EXP    ? logf(b)
                                                           : b;
    if (!isfinite(margin))
        return err_set(l->reterr, ERR_CORRUPT, "model: base_score %g does not fit the objective", base);
    m->n_groups = 1;
    m->base_margin = mem_array(1, sizeof *m->base_margin);
    m->bias = mem_array(1, sizeof *m->bias);
    m->base_margin[0] = margin;
    return ERR_NONE;
}

static ErrKind read_shape(Loader *l, const GbtDoc *learner)
{
    const GbtDoc *param = gbt_doc_get(learner, "learner_model_param");
    double n, v;
    if (!text_number(param, "num_feature", &n) || !(n >= 1) || n != floor(n))
        return err_set(l->reterr, ERR_CORRUPT, "model: no number of features");
    if (n > GBT_FEATURES_MAX)
        return err_set(l->reterr, ERR_LIMIT, "model: more than %d features", GBT_FEATURES_MAX);
    if (text_number(param, "num_class", &v) && v > 1)
        return err_set(l->reterr, ERR_UNSUPPORTED, "model: %g classes", v);
    if (text_number(param, "num_target", &v) && v > 1)
        return err_set(l->reterr, ERR_UNSUPPORTED, "model: %g targets", v);
    l->m->n_features = (int)n;
    const GbtDoc *names = gbt_doc_get(learner, "feature_names");
    if (!names || names->n == 0)
        return ERR_NONE;
    if (names->kind != GBT_DOC_ARR || names->n != (size_t)l->m->n_features)
        return err_set(l->reterr, ERR_CORRUPT, "model: feature_names does not name %d features",
                       l->m->n_features);
    l->m->names = mem_array(names->n, sizeof *l->m->names);
    int i = 0;
    for (const GbtDoc *name = names->first; name; name = name->next, i++) {
        if (name->kind != GBT_DOC_STR || name->str.len > 255)
            return err_set(l->reterr, ERR_CORRUPT, "model: bad name of feature %d", i);
        l->m->names[i] = mem_zalloc(name->str.len + 1);
        memcpy(l->m->names[i], name->str.ptr, name->str.len);
    }
    return ERR_NONE;
}

static ErrKind read_learner(Loader *l, const GbtDoc *doc)
{
    const GbtDoc *learner = gbt_doc_get(doc, "learner");
    const GbtDoc *booster = gbt_doc_get(learner, "gradient_booster");
    Str name = gbt_doc_str(booster, "name");
    if (name.len == 0)
        return err_set(l->reterr, ERR_CORRUPT, "model: no learner.gradient_booster.name");
    if (!str_eq_c(name, "gbtree"))
        return err_set(l->reterr, ERR_UNSUPPORTED, "model: booster \"%.*s\"", (int)MIN(name.len, 40),
                       name.ptr);
    TRY(read_shape(l, learner));
    TRY(read_objective(l, learner));
    TRY(read_trees(l, gbt_doc_get(gbt_doc_get(booster, "model"), "trees")));
    l->m->booster = "gbtree";
    l->m->n_rounds = l->m->n_trees;
    l->m->best_round = -1;
    l->m->cuts = gbt_cuts_new(l->m);
    l->m->pack = gbt_pack_new(l->m);
    l->m->paths = gbt_paths_new(l->m);
    gbt_deep_bias(l->m);
    return l->m->paths ? ERR_NONE : gbt_deep_new(l->m, &l->m->deep, l->reterr);
}

ErrKind gbt_load(Str bytes, int rounds, GbtModel **ret, Err *reterr)
{
    (void)rounds;
    *ret = NULL;
    if (bytes.len > GBT_BYTES_MAX)
        return err_set(reterr, ERR_LIMIT, "model: larger than %d bytes", GBT_BYTES_MAX);
    /* The parsed form is at most a small multiple of a file that XGBoost wrote. */
    CLEANUP(arena_freep) Arena *arena = arena_new(64 * bytes.len + (1u << 20));
    const GbtDoc *doc;
    TRY(gbt_doc_parse(bytes, arena, &doc, reterr));
    Loader l = {.arena = arena, .m = MEM_NEW(GbtModel), .reterr = reterr};
    l.m->refs = 1;
    ErrKind kind = read_learner(&l, doc);
    if (kind != ERR_NONE) {
        gbt_unref(l.m);
        return kind;
    }
    *ret = l.m;
    return ERR_NONE;
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
    for (int i = 0; m->names && i < m->n_features; i++)
        mem_free(m->names[i]);
    mem_free(m->names);
    mem_free(m->nodes);
    mem_free(m->trees);
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
