/* gbt_inspect.c - counts over a model file. See gbt_inspect.h.
 *
 * gbt_load has proved before that each tree is one, so the walk here only follows it. */
#include "gbt/gbt_inspect.h"

#include "base/mem.h"
#include "gbt/gbt_doc.h"

#include <math.h>

#define ATTRIBUTES_MAX 1000
#define ARENA_BYTES(len) (12 * (len) + ((size_t)4 << 20)) /* as gbt_load */

typedef struct Node {
    uint32_t at;
    uint32_t depth;
} Node;

typedef struct Walk {
    GbtInspect *i;
    Arena *arena; /* of one tree */
    const double *left, *right, *feature, *gain, *cover, *type;
    size_t n;
} Walk;

static ErrKind missing(Err *reterr, int tree)
{
    return err_set(reterr, ERR_CORRUPT, "model, tree %d: an array is missing", tree);
}

static ErrKind read_arrays(Walk *w, const GbtDoc *tree, int number, Err *reterr)
{
    double n;
    if (!gbt_doc_number(gbt_doc_get(tree, "tree_param"), "num_nodes", &n) || !(n >= 1) || n > GBT_NODES_MAX)
        return missing(reterr, number);
    w->n = (size_t)n;
    w->left = gbt_doc_numbers(gbt_doc_get(tree, "left_children"), w->n, w->arena);
    w->right = gbt_doc_numbers(gbt_doc_get(tree, "right_children"), w->n, w->arena);
    w->feature = gbt_doc_numbers(gbt_doc_get(tree, "split_indices"), w->n, w->arena);
    w->gain = gbt_doc_numbers(gbt_doc_get(tree, "loss_changes"), w->n, w->arena);
    w->cover = gbt_doc_numbers(gbt_doc_get(tree, "sum_hessian"), w->n, w->arena);
    w->type = gbt_doc_numbers(gbt_doc_get(tree, "split_type"), w->n, w->arena);
    TRY(arena_check(w->arena, reterr));
    return w->left && w->right && w->feature ? ERR_NONE : missing(reterr, number);
}

static void count_split(Walk *w, size_t at)
{
    GbtInspect *i = w->i;
    int f = (int)w->feature[at];
    i->splits[f]++;
    i->n_categorical += w->type && w->type[at] != 0;
    if (w->gain && isfinite(w->gain[at])) {
        i->gain[f] += w->gain[at];
        i->has_gain = i->has_gain || w->gain[at] != 0;
    }
    if (w->cover && isfinite(w->cover[at]))
        i->cover[f] += w->cover[at];
}

static bool inside(double v, double n)
{
    return v >= 0 && v < n;
}

static ErrKind walk_tree(Walk *w, const GbtDoc *tree, int number, Err *reterr)
{
    arena_reset(w->arena);
    TRY(read_arrays(w, tree, number, reterr));
    Node *todo = arena_array(w->arena, w->n + 1, sizeof *todo);
    if (!todo)
        return arena_check(w->arena, reterr);
    size_t n = 1, seen = 0;
    uint32_t deepest = 0;
    while (n > 0) {
        Node here = todo[--n];
        if (++seen > w->n || here.depth > GBT_DEPTH_MAX)
            return err_set(reterr, ERR_CORRUPT, "model, tree %d: no tree", number);
        deepest = MAX(deepest, here.depth);
        w->i->n_nodes++;
        if (w->left[here.at] == -1) {
            w->i->n_leaves++;
            continue;
        }
        if (!inside(w->left[here.at], (double)w->n) || !inside(w->right[here.at], (double)w->n) ||
            !inside(w->feature[here.at], w->i->n_features) || n + 2 > w->n + 1)
            return err_set(reterr, ERR_CORRUPT, "model, tree %d, node %u: points outside", number, here.at);
        count_split(w, here.at);
        todo[n++] = (Node){(uint32_t)w->left[here.at], here.depth + 1};
        todo[n++] = (Node){(uint32_t)w->right[here.at], here.depth + 1};
    }
    w->i->depths[deepest]++;
    w->i->depth_max = MAX(w->i->depth_max, (int)deepest);
    return ERR_NONE;
}

static char *copy_text(Str s)
{
    char *c = mem_zalloc(s.len + 1);
    if (s.len)
        memcpy(c, s.ptr, s.len);
    return c;
}

static void read_attributes(GbtInspect *i, const GbtDoc *list)
{
    if (!list || list->kind != GBT_DOC_OBJ)
        return;
    i->attributes = mem_array(MIN(list->n, ATTRIBUTES_MAX) + 1, sizeof *i->attributes);
    for (const GbtDoc *a = list->first; a && i->n_attributes < ATTRIBUTES_MAX; a = a->next)
        if (a->kind == GBT_DOC_STR && str_is_utf8(a->str, NULL) && str_is_utf8(a->key, NULL))
            i->attributes[i->n_attributes++] = (GbtAttribute){copy_text(a->key), copy_text(a->str)};
}

static ErrKind inspect(GbtInspect *i, Str bytes, const GbtModel *m, Err *reterr)
{
    CLEANUP(arena_freep) Arena *arena = arena_new(ARENA_BYTES(bytes.len));
    CLEANUP(arena_freep) Arena *scratch = arena_new((size_t)GBT_NODES_MAX * 128);
    const GbtDoc *doc;
    TRY(gbt_doc_parse(bytes, arena, &doc, reterr));
    const GbtDoc *learner = gbt_doc_get(doc, "learner"), *booster = gbt_doc_get(learner, "gradient_booster");
    const GbtDoc *inner = gbt_doc_get(booster, "gbtree");
    const GbtDoc *trees = gbt_doc_get(gbt_doc_get(inner ? inner : booster, "model"), "trees");
    const double *version = gbt_doc_numbers(gbt_doc_get(doc, "version"), 3, arena);
    for (int k = 0; k < 3 && version; k++)
        i->version[k] = (int)MIN(MAX(version[k], 0), 1e6);
    i->base_score = copy_text(gbt_doc_str(gbt_doc_get(learner, "learner_model_param"), "base_score"));
    read_attributes(i, gbt_doc_get(learner, "attributes"));
    i->n_features = gbt_n_features(m);
    size_t n = (size_t)MAX(i->n_features, 1);
    i->splits = mem_array(n, sizeof *i->splits);
    i->gain = mem_array(n, sizeof *i->gain);
    i->cover = mem_array(n, sizeof *i->cover);
    Walk w = {.i = i, .arena = scratch};
    for (const GbtDoc *t = trees ? trees->first : NULL; t; t = t->next)
        TRY(walk_tree(&w, t, i->n_trees++, reterr));
    return ERR_NONE;
}

ErrKind gbt_inspect(Str bytes, GbtInspect **ret, Err *reterr)
{
    CLEANUP(gbt_unrefp) GbtModel *m = NULL;
    TRY(gbt_load(bytes, GBT_ROUNDS_ALL, &m, reterr));
    CLEANUP(gbt_inspect_freep) GbtInspect *i = MEM_NEW(GbtInspect);
    TRY(inspect(i, bytes, m, reterr));
    *ret = i;
    i = NULL;
    return ERR_NONE;
}

void gbt_inspect_free(GbtInspect *i)
{
    if (!i)
        return;
    for (int k = 0; k < i->n_attributes; k++) {
        mem_free(i->attributes[k].key);
        mem_free(i->attributes[k].value);
    }
    mem_free(i->attributes);
    mem_free(i->base_score);
    mem_free(i->splits);
    mem_free(i->gain);
    mem_free(i->cover);
    mem_free(i);
}
