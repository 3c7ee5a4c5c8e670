/* gbt_load_tree.c - see gbt_load_tree.h. Laying the tree out anew proves at the same time that it is one: no node is
 * reached twice, none points outside. Pruned nodes are not reached and fall away. */
#include "gbt/gbt_load_tree.h"

#include "base/mem.h"

#include <math.h>

/* The arrays of one tree in the file's own order, double[n] each. */
typedef struct RawTree {
    size_t n;
    const double *left, *right, *feature, *value, *default_left, *cover;
    const double *split_type; /* NULL before 1.3 */
    const uint32_t *set_of;   /* [n]: 1 + index of the node's set, 0 none; NULL: no set at all */
    const double *set_first;  /* in categories */
    const double *set_size;
    const double *categories;
} RawTree;

static ErrKind bad_node(const GbtTreeLoader *l, ErrKind kind, size_t node, Err *reterr, const char *what)
{
    return err_set(reterr, kind, "model, tree %d, node %zu: %s", l->tree, node, what);
}

static bool is_index(double v, double n)
{
    return v >= 0 && v < n && v == floor(v);
}

/* ---- reading ---- */

static ErrKind read_array(const GbtTreeLoader *l, const GbtDoc *tree, const char *key, size_t n,
                          const double **ret, Err *reterr)
{
    *ret = gbt_doc_numbers(gbt_doc_get(tree, key), n, l->arena);
    if (*ret)
        return ERR_NONE;
    TRY(arena_check(l->arena, reterr));
    return err_set(reterr, ERR_CORRUPT, "model, tree %d: \"%s\" does not hold %zu numbers", l->tree, key, n);
}

/* The sets of categories: one for each of categories_nodes, a segment of categories. */
static ErrKind read_sets(const GbtTreeLoader *l, const GbtDoc *tree, RawTree *raw, Err *reterr)
{
    const GbtDoc *nodes_doc = gbt_doc_get(tree, "categories_nodes"),
                 *all_doc = gbt_doc_get(tree, "categories");
    size_t n = nodes_doc ? nodes_doc->n : 0, n_all = all_doc ? all_doc->n : 0;
    if (n == 0)
        return ERR_NONE;
    const double *nodes;
    TRY(read_array(l, tree, "categories_nodes", n, &nodes, reterr));
    TRY(read_array(l, tree, "categories_segments", n, &raw->set_first, reterr));
    TRY(read_array(l, tree, "categories_sizes", n, &raw->set_size, reterr));
    TRY(read_array(l, tree, "categories", n_all, &raw->categories, reterr));
    uint32_t *set_of = arena_array(l->arena, raw->n, sizeof *set_of);
    if (!set_of)
        return arena_check(l->arena, reterr);
    for (size_t i = 0; i < n; i++) {
        if (!is_index(nodes[i], (double)raw->n))
            return err_set(reterr, ERR_CORRUPT, "model, tree %d: categories of a node outside the tree",
                           l->tree);
        size_t node = (size_t)nodes[i];
        if (set_of[node])
            return bad_node(l, ERR_CORRUPT, node, reterr, "categories given twice");
        if (!is_index(raw->set_first[i], (double)n_all) ||
            !is_index(raw->set_size[i] - 1, (double)n_all - raw->set_first[i]))
            return bad_node(l, ERR_CORRUPT, node, reterr, "categories outside their array");
        set_of[node] = (uint32_t)i + 1;
    }
    raw->set_of = set_of;
    return ERR_NONE;
}

static ErrKind read_raw(const GbtTreeLoader *l, const GbtDoc *tree, RawTree *raw, Err *reterr)
{
    const GbtDoc *param = gbt_doc_get(tree, "tree_param");
    double n, leaf_size;
    if (!gbt_doc_number(param, "num_nodes", &n) || !(n >= 1) || n != floor(n))
        return err_set(reterr, ERR_CORRUPT, "model, tree %d: no number of nodes", l->tree);
    if (n > GBT_NODES_MAX || l->m->n_nodes + n > GBT_NODES_MAX)
        return err_set(reterr, ERR_LIMIT, "model, tree %d: more than %d nodes", l->tree, GBT_NODES_MAX);
    if (gbt_doc_number(param, "size_leaf_vector", &leaf_size) && leaf_size > 1)
        return err_set(reterr, ERR_UNSUPPORTED,
                       "model, tree %d: leaves that are vectors (multi_strategy multi_output_tree)", l->tree);
    *raw = (RawTree){.n = (size_t)n};
    TRY(read_array(l, tree, "left_children", raw->n, &raw->left, reterr));
    TRY(read_array(l, tree, "right_children", raw->n, &raw->right, reterr));
    TRY(read_array(l, tree, "split_indices", raw->n, &raw->feature, reterr));
    TRY(read_array(l, tree, "split_conditions", raw->n, &raw->value, reterr));
    TRY(read_array(l, tree, "default_left", raw->n, &raw->default_left, reterr));
    TRY(read_array(l, tree, "sum_hessian", raw->n, &raw->cover, reterr));
    const GbtDoc *types = gbt_doc_get(tree, "split_type");
    if (types && types->n > 0)
        TRY(read_array(l, tree, "split_type", raw->n, &raw->split_type, reterr));
    return read_sets(l, tree, raw, reterr);
}

/* ---- checking ---- */

static bool is_leaf(const RawTree *raw, size_t i)
{
    return raw->left[i] == -1;
}

static bool is_categorical(const RawTree *raw, size_t i)
{
    return raw->split_type && raw->split_type[i] != 0;
}

static ErrKind check_node(const GbtTreeLoader *l, const RawTree *raw, size_t i, Err *reterr)
{
    float value = (float)raw->value[i];
    if (is_leaf(raw, i) ? !isfinite(value) : isnan(value) && !is_categorical(raw, i))
        return bad_node(l, ERR_CORRUPT, i, reterr, "value is not finite");
    if (!isfinite(raw->cover[i]) || raw->cover[i] < 0)
        return bad_node(l, ERR_CORRUPT, i, reterr, "bad sum_hessian");
    if (is_leaf(raw, i))
        return ERR_NONE;
    if (!is_index(raw->left[i], (double)raw->n) || !is_index(raw->right[i], (double)raw->n))
        return bad_node(l, ERR_CORRUPT, i, reterr, "child outside the tree");
    if (!is_index(raw->feature[i], l->m->n_features))
        return bad_node(l, ERR_CORRUPT, i, reterr, "feature outside the model");
    if (raw->default_left[i] != 0 && raw->default_left[i] != 1)
        return bad_node(l, ERR_CORRUPT, i, reterr, "default_left is neither 0 nor 1");
    if (is_categorical(raw, i) && raw->split_type[i] != 1)
        return bad_node(l, ERR_UNSUPPORTED, i, reterr, "split of an unknown type");
    if (is_categorical(raw, i) && (!raw->set_of || !raw->set_of[i]))
        return bad_node(l, ERR_CORRUPT, i, reterr, "categorical split without categories");
    return ERR_NONE;
}

/* ---- laying out ---- */

static void *grow(void *old, uint32_t need, uint32_t *cap, size_t bytes)
{
    if (need <= *cap)
        return old;
    *cap = MAX(need, *cap * 2);
    return mem_grow(old, *cap, bytes);
}

static void reserve_nodes(GbtTreeLoader *l, size_t more)
{
    uint32_t need = l->m->n_nodes + (uint32_t)more, cap = l->nodes_cap;
    l->m->nodes = grow(l->m->nodes, need, &cap, sizeof *l->m->nodes);
    l->m->cover = grow(l->m->cover, need, &l->nodes_cap, sizeof *l->m->cover);
}

/* The set of node i as bits, appended to the model. */
static ErrKind add_set(GbtTreeLoader *l, const RawTree *raw, size_t i, Err *reterr)
{
    size_t set = raw->set_of[i] - 1, n = (size_t)raw->set_size[set];
    const double *of = raw->categories + (size_t)raw->set_first[set];
    double most = 0;
    for (size_t k = 0; k < n; k++) {
        if (!is_index(of[k], GBT_CATEGORY_MAX + 1.0))
            return bad_node(l, ERR_CORRUPT, i, reterr, "a category is no number from 0 to 16777215");
        most = fmax(most, of[k]);
    }
    uint32_t words = (uint32_t)most / 32 + 1;
    if (l->n_words + words > GBT_CAT_WORDS_MAX)
        return bad_node(l, ERR_LIMIT, i, reterr, "too many categories in the model");
    GbtModel *m = l->m;
    m->cats = grow(m->cats, l->n_cats + 1, &l->cats_cap, sizeof *m->cats);
    m->cat_words = grow(m->cat_words, l->n_words + words, &l->words_cap, sizeof *m->cat_words);
    m->cats[l->n_cats++] = (GbtCats){.first = l->n_words, .n_words = words};
    uint32_t *bits = m->cat_words + l->n_words;
    memset(bits, 0, words * sizeof *bits);
    for (size_t k = 0; k < n; k++)
        bits[(uint32_t)of[k] / 32] |= UINT32_C(1) << (uint32_t)of[k] % 32;
    l->n_words += words;
    return ERR_NONE;
}

/* Fills everything of a split but where its children are. */
static ErrKind fill_split(GbtTreeLoader *l, const RawTree *raw, size_t i, const GbtTree *t, GbtNode *node,
                          Err *reterr)
{
    node->feature = (uint32_t)raw->feature[i] | (raw->default_left[i] != 0 ? GBT_DEFAULT_LEFT : 0);
    node->split = 1;
    if (!is_categorical(raw, i))
        return ERR_NONE;
    node->value = 0;
    uint32_t cat = l->n_cats - t->cats + 1;
    if (cat > UINT16_MAX)
        return bad_node(l, ERR_LIMIT, i, reterr, "more than 65535 categorical splits in one tree");
    node->cat = (uint16_t)cat;
    return add_set(l, raw, i, reterr);
}

/* Breadth first: place[k] is the file's index of the node at k. */
static ErrKind lay_out(GbtTreeLoader *l, const RawTree *raw, float weight, GbtTree *t, Err *reterr)
{
    uint32_t *place = arena_array(l->arena, raw->n, sizeof *place);
    uint16_t *depth = arena_array(l->arena, raw->n, sizeof *depth);
    uint8_t *seen = arena_array(l->arena, raw->n, 1);
    TRY(arena_check(l->arena, reterr));
    reserve_nodes(l, raw->n);
    GbtNode *nodes = l->m->nodes + l->m->n_nodes;
    *t = (GbtTree){.first = l->m->n_nodes, .cats = l->n_cats};
    seen[0] = 1;
    uint32_t n = 1;
    for (uint32_t k = 0; k < n; k++) {
        uint32_t i = place[k];
        TRY(check_node(l, raw, i, reterr));
        l->m->cover[t->first + k] = (float)raw->cover[i];
        nodes[k] = (GbtNode){.value = (float)raw->value[i], .left = k};
        if (is_leaf(raw, i)) {
            nodes[k].value *= weight;
            if (!isfinite(nodes[k].value))
                return bad_node(l, ERR_CORRUPT, i, reterr, "value is not finite");
            continue;
        }
        if (depth[k] >= GBT_DEPTH_MAX)
            return err_set(reterr, ERR_LIMIT, "model, tree %d: deeper than %d", l->tree, GBT_DEPTH_MAX);
        TRY(fill_split(l, raw, i, t, &nodes[k], reterr));
        nodes[k].left = n;
        uint32_t child[2] = {(uint32_t)raw->left[i], (uint32_t)raw->right[i]};
        for (int side = 0; side < 2; side++) {
            if (seen[child[side]])
                return bad_node(l, ERR_CORRUPT, child[side], reterr, "reached twice");
            seen[child[side]] = 1;
            depth[n] = (uint16_t)(depth[k] + 1);
            t->depth = MAX(t->depth, depth[n]);
            place[n++] = child[side];
        }
    }
    t->n = n;
    l->m->n_nodes += n;
    l->m->tree_nodes_max = MAX(l->m->tree_nodes_max, n);
    return ERR_NONE;
}

ErrKind gbt_load_tree(GbtTreeLoader *l, const GbtDoc *doc, float weight, GbtTree *ret, Err *reterr)
{
    RawTree raw;
    arena_reset(l->arena);
    TRY(read_raw(l, doc, &raw, reterr));
    return lay_out(l, &raw, weight, ret, reterr);
}
