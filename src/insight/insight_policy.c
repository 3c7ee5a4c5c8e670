/* insight_policy.c - see insight_policy.h. */
#include "insight/insight_policy.h"

#include "base/mem.h"
#include "insight/insight_estimate.h"
#include "insight/insight_uplift.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DEPTHS 3 /* no question, one, two */
#define BINS 17  /* 16 cuts */
#define LEAF_MIN_SHARE 0.02
#define LEAF_MIN 10
#define BETTER 1e-9 /* a deeper rule must gain more than rounding */

/* ---- values ---- */

/* treat: double[n] 0 or 1. */
static ErrKind value_of(const InsightData *d, const InsightScores *s, const double *treat, double cost,
                        double level, InsightPolicyValue *ret, Err *reterr)
{
    CLEANUP(mem_freep) double *x = mem_array((size_t)d->n, sizeof *x);
    ret->share = 0;
    for (int64_t i = 0; i < d->n; i++) {
        ret->share += treat[i] / (double)d->n;
        x[i] = s->phi[0][i] + treat[i] * (s->effect[i] - cost);
    }
    TRY(insight_mean_of(d, x, level, &ret->value, reterr));
    for (int64_t i = 0; i < d->n; i++)
        x[i] = treat[i] * (s->effect[i] - cost);
    TRY(insight_mean_of(d, x, level, &ret->over_none, reterr));
    for (int64_t i = 0; i < d->n; i++)
        x[i] = (treat[i] - 1) * (s->effect[i] - cost);
    return insight_mean_of(d, x, level, &ret->over_all, reterr);
}

static ErrKind fill_values(const InsightData *d, const InsightScores *s, double level, InsightPolicy *p,
                           Err *reterr)
{
    CLEANUP(mem_freep) double *treat = mem_array((size_t)d->n, sizeof *treat);
    TRY(value_of(d, s, treat, p->cost, level, &p->none, reterr));
    for (int64_t i = 0; i < d->n; i++)
        treat[i] = 1;
    TRY(value_of(d, s, treat, p->cost, level, &p->all, reterr));
    for (int k = 0; k < INSIGHT_TOPS && !s->flat; k++) {
        for (int64_t i = 0; i < d->n; i++)
            treat[i] = s->rank[i] <= (k + 1) * 0.1;
        TRY(value_of(d, s, treat, p->cost, level, &p->top[k], reterr));
    }
    for (int64_t i = 0; i < d->n; i++)
        treat[i] = s->tau[i] > p->cost;
    return value_of(d, s, treat, p->cost, level, &p->expected, reterr);
}

/* ---- sums over pairs of columns ---- */

typedef struct Cell {
    double sum; /* of effect - cost */
    double n;
} Cell;

typedef struct Pairs {
    int k;
    double cut[INSIGHT_RULE_COLUMNS][BINS - 1];
    int n_bins[INSIGHT_RULE_COLUMNS]; /* 1: the column has no cut */
    Cell *cell;                       /* Cell[n_folds + 1][k][BINS][k][BINS]; the last: all folds */
    size_t table;                     /* cells of a fold */
} Pairs;

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Cuts half way between neighbouring quantiles that differ. */
static void find_cuts(Pairs *p, int column, double *sorted, int64_t n)
{
    qsort(sorted, (size_t)n, sizeof *sorted, by_value);
    int m = 0;
    for (int q = 1; q < BINS; q++) {
        int64_t at = n * q / BINS;
        double below = sorted[at > 0 ? at - 1 : 0], above = below;
        int64_t up = at;
        while (up < n && sorted[up] <= below)
            up++;
        if (up == n)
            break;
        above = sorted[up];
        double cut = below + (above - below) / 2;
        if (m == 0 || cut > p->cut[column][m - 1])
            p->cut[column][m++] = cut;
    }
    p->n_bins[column] = m + 1;
}

static int bin_of(const Pairs *p, int column, double v)
{
    int b = 0;
    while (b < p->n_bins[column] - 1 && v > p->cut[column][b])
        b++;
    return b;
}

static void add_row(Pairs *p, size_t table, const uint8_t *bin, double gain)
{
    for (int a = 0; a < p->k; a++)
        for (int b = 0; b < p->k; b++) {
            size_t at = (((size_t)a * BINS + bin[a]) * (size_t)p->k + (size_t)b) * BINS + bin[b];
            p->cell[table * p->table + at].sum += gain;
            p->cell[table * p->table + at].n += 1;
        }
}

static Pairs make_pairs(const InsightData *d, const InsightScores *s, double cost)
{
    Pairs p = {.k = MIN(d->n_x, INSIGHT_RULE_COLUMNS)};
    int64_t step = (d->n + INSIGHT_RULE_ROWS - 1) / INSIGHT_RULE_ROWS;
    size_t k = (size_t)p.k;
    CLEANUP(mem_freep) double *sorted = mem_array((size_t)d->n, sizeof *sorted);
    uint8_t bin[INSIGHT_RULE_COLUMNS];
    p.table = k * BINS * k * BINS;
    p.cell = mem_array(p.table * (size_t)(s->n_folds + 1), sizeof *p.cell);
    for (int c = 0; c < p.k; c++) {
        memcpy(sorted, d->x + (size_t)c * (size_t)d->n, (size_t)d->n * sizeof *sorted);
        find_cuts(&p, c, sorted, d->n);
    }
    for (int64_t i = 0; i < d->n; i += step) {
        for (int c = 0; c < p.k; c++)
            bin[c] = (uint8_t)bin_of(&p, c, d->x[i + (int64_t)c * d->n]);
        add_row(&p, (size_t)s->fold[i], bin, s->effect[i] - cost);
        add_row(&p, (size_t)s->n_folds, bin, s->effect[i] - cost);
    }
    return p;
}

/* ---- search ---- */

/* All rows but those of a fold; fold n_folds: all. */
typedef struct View {
    const Pairs *p;
    const Cell *all, *less; /* less NULL: nothing is taken away */
    double leaf_min;
} View;

static Cell cell_at(const View *v, int a, int bin_a, int b, int bin_b)
{
    size_t at = (((size_t)a * BINS + (size_t)bin_a) * (size_t)v->p->k + (size_t)b) * BINS + (size_t)bin_b;
    Cell c = v->all[at];
    if (v->less) {
        c.sum -= v->less[at].sum;
        c.n -= v->less[at].n;
    }
    return c;
}

/* One side of the first question: bins lo .. hi of column a. */
typedef struct Side {
    int a, lo, hi;
} Side;

/* The best second question on a side, if one may be asked; *ret_second -1: none. */
static double best_side(const View *v, Side side, bool may_ask, int *ret_second, double *ret_at,
                        bool treat[2])
{
    Cell all = {0};
    for (int ba = side.lo; ba <= side.hi; ba++) {
        Cell c = cell_at(v, side.a, ba, side.a, ba);
        all.sum += c.sum;
        all.n += c.n;
    }
    double best = fmax(all.sum, 0);
    *ret_second = -1;
    treat[0] = treat[1] = all.sum > 0;
    for (int b = 0; b < v->p->k && may_ask; b++) {
        Cell left = {0};
        for (int bin = 0; bin < v->p->n_bins[b] - 1; bin++) {
            for (int ba = side.lo; ba <= side.hi; ba++) {
                Cell c = cell_at(v, side.a, ba, b, bin);
                left.sum += c.sum;
                left.n += c.n;
            }
            double right = all.sum - left.sum, gain = fmax(left.sum, 0) + fmax(right, 0);
            if (left.n < v->leaf_min || all.n - left.n < v->leaf_min || !(gain > best + BETTER * fabs(best)))
                continue;
            best = gain;
            *ret_second = b;
            *ret_at = v->p->cut[b][bin];
            treat[0] = left.sum > 0;
            treat[1] = right > 0;
        }
    }
    return best;
}

static double rows_between(const View *v, Side s)
{
    double n = 0;
    for (int ba = s.lo; ba <= s.hi; ba++)
        n += cell_at(v, s.a, ba, s.a, ba).n;
    return n;
}

/* Of at most `depth` questions one after the other. */
static InsightRule best_rule(const View *v, int depth)
{
    InsightRule best = {.first = -1, .second = {-1, -1}}, r;
    Side all = {0, 0, v->p->n_bins[0] - 1};
    bool treat[2];
    double sum = 0, most;
    for (int ba = 0; ba <= all.hi; ba++)
        sum += cell_at(v, 0, ba, 0, ba).sum;
    for (int k = 0; k < 4; k++)
        best.treat[k] = sum > 0;
    most = fmax(sum, 0);
    for (int a = 0; a < v->p->k && depth > 0; a++)
        for (int cut = 0; cut < v->p->n_bins[a] - 1; cut++) {
            Side left = {a, 0, cut}, right = {a, cut + 1, v->p->n_bins[a] - 1};
            if (rows_between(v, left) < v->leaf_min || rows_between(v, right) < v->leaf_min)
                continue;
            r = (InsightRule){.first = a, .at = {v->p->cut[a][cut]}};
            double gain = best_side(v, left, depth > 1, &r.second[0], &r.at[1], treat);
            r.treat[0] = treat[0];
            r.treat[1] = treat[1];
            gain += best_side(v, right, depth > 1, &r.second[1], &r.at[2], treat);
            r.treat[2] = treat[0];
            r.treat[3] = treat[1];
            if (gain > most + BETTER * fabs(most)) {
                most = gain;
                best = r;
            }
        }
    return best;
}

int insight_rule_leaf(const InsightRule *r, const InsightData *d, int64_t row)
{
    if (r->first < 0)
        return 0;
    int side = d->x[row + (int64_t)r->first * d->n] > r->at[0], second = r->second[side];
    return 2 * side + (second >= 0 && d->x[row + (int64_t)second * d->n] > r->at[1 + side]);
}

/* treat: double[n], what rules learned without each fold say of it. */
static void judge(const InsightData *d, const InsightScores *s, View *v, const Cell *cells, int depth,
                  double *treat)
{
    for (int f = 0; f < s->n_folds; f++) {
        v->less = cells + v->p->table * (size_t)f;
        InsightRule r = best_rule(v, depth);
        for (int64_t i = 0; i < d->n; i++)
            if (s->fold[i] == f)
                treat[i] = r.treat[insight_rule_leaf(&r, d, i)];
    }
    v->less = NULL;
}

/* The fewest questions whose worth is within one standard error of the best (Breiman et al. 1984). */
static ErrKind choose_depth(const InsightData *d, const InsightScores *s, const InsightPolicy *p,
                            double *const *treat, int *ret_depth, Err *reterr)
{
    CLEANUP(mem_freep) double *off = mem_array((size_t)d->n, sizeof *off);
    double worth[DEPTHS] = {0};
    int best = 0;
    for (int k = 0; k < DEPTHS; k++) {
        for (int64_t i = 0; i < d->n; i++)
            worth[k] += treat[k][i] * (s->effect[i] - p->cost);
        best = worth[k] > worth[best] ? k : best;
    }
    for (*ret_depth = 0; *ret_depth < best; (*ret_depth)++) {
        StatsEstimate e;
        for (int64_t i = 0; i < d->n; i++)
            off[i] = (treat[best][i] - treat[*ret_depth][i]) * (s->effect[i] - p->cost);
        TRY(insight_mean_of(d, off, 0.95, &e, reterr));
        if (e.estimate <= e.se)
            break;
    }
    return ERR_NONE;
}

static ErrKind fill_rule(const InsightData *d, const InsightScores *s, double level, InsightPolicy *p,
                         Err *reterr)
{
    Pairs pairs = make_pairs(d, s, p->cost);
    CLEANUP(mem_freep) Cell *cells = pairs.cell;
    CLEANUP(mem_freep) double *room = mem_array(DEPTHS * (size_t)d->n, sizeof *room);
    View v = {.p = &pairs, .all = cells + pairs.table * (size_t)s->n_folds};
    v.leaf_min = fmax(LEAF_MIN, LEAF_MIN_SHARE * (double)MIN(d->n, INSIGHT_RULE_ROWS));
    p->columns_left_out = d->n_x > INSIGHT_RULE_COLUMNS;
    double *treat[DEPTHS];
    int depth;
    for (int k = 0; k < DEPTHS; k++) {
        treat[k] = room + k * d->n;
        judge(d, s, &v, cells, k, treat[k]);
    }
    TRY(choose_depth(d, s, p, treat, &depth, reterr));
    p->rule = best_rule(&v, depth);
    for (int64_t i = 0; i < d->n; i++) {
        int leaf = insight_rule_leaf(&p->rule, d, i);
        p->leaf_n[leaf]++;
        p->leaf_effect[leaf] += s->effect[i];
    }
    for (int k = 0; k < 4; k++)
        p->leaf_effect[k] = p->leaf_n[k] ? p->leaf_effect[k] / (double)p->leaf_n[k] : NAN;
    return value_of(d, s, treat[depth], p->cost, level, &p->ruled, reterr);
}

ErrKind insight_policy(const InsightData *d, const InsightScores *s, double cost, double level,
                       InsightPolicy **ret, Err *reterr)
{
    *ret = NULL;
    CLEANUP(insight_policy_freep) InsightPolicy *p = MEM_NEW(InsightPolicy);
    p->cost = cost;
    TRY(fill_values(d, s, level, p, reterr));
    TRY(fill_rule(d, s, level, p, reterr));
    *ret = p;
    p = NULL;
    return ERR_NONE;
}

void insight_policy_free(InsightPolicy *p)
{
    mem_free(p);
}

/* ---- out ---- */

/* "tier=top" and "not tier=top" for an indicator, else "age <= 34". */
static void condition(const InsightData *d, int column, double at, bool right, Buf *out)
{
    bool flag = true;
    const double *x = d->x + (int64_t)column * d->n;
    for (int64_t i = 0; i < d->n && flag; i++)
        flag = x[i] == 0 || x[i] == 1;
    if (flag)
        buf_addf(out, "%s%.200s", right ? "" : "not ", d->x_name[column]);
    else
        buf_addf(out, "%.200s %s %.6g", d->x_name[column], right ? ">" : "<=", at);
}

static void leaf_text(const InsightRule *r, const InsightData *d, int side, int leaf, Buf *out)
{
    if (r->first < 0) {
        buf_add_c(out, "everybody");
        return;
    }
    condition(d, r->first, r->at[0], side == 1, out);
    if (r->second[side] >= 0) {
        buf_add_c(out, " and ");
        condition(d, r->second[side], r->at[1 + side], leaf == 1, out);
    }
}

static bool has_leaf(const InsightRule *r, int k)
{
    if (r->first < 0)
        return k == 0;
    return k % 2 == 0 || r->second[k / 2] >= 0;
}

void insight_rule_text(const InsightRule *r, const InsightData *d, Buf *out)
{
    for (int k = 0; k < 4; k++) {
        if (!has_leaf(r, k))
            continue;
        leaf_text(r, d, k / 2, k % 2, out);
        buf_addf(out, ": %s\n", r->treat[k] ? "treat" : "do not treat");
    }
}

static void value_members(Jw *w, const InsightPolicyValue *v)
{
    jw_kv_f64(w, "share_treated", v->share);
    insight_estimate_json(w, "value", &v->value);
    insight_estimate_json(w, "over_none", &v->over_none);
    insight_estimate_json(w, "over_all", &v->over_all);
}

static void value_json(Jw *w, const char *key, const InsightPolicyValue *v)
{
    jw_key(w, key);
    jw_obj(w);
    value_members(w, v);
    jw_end(w);
}

void insight_policy_json(Jw *w, const InsightData *d, const InsightPolicy *p)
{
    jw_obj(w);
    jw_kv_f64(w, "cost", p->cost);
    value_json(w, "treat_none", &p->none);
    value_json(w, "treat_all", &p->all);
    value_json(w, "treat_where_expected", &p->expected);
    jw_key(w, "treat_top");
    jw_arr(w);
    for (int k = 0; k < INSIGHT_TOPS && p->top[k].share > 0; k++) {
        jw_obj(w);
        jw_kv_f64(w, "top", (k + 1) / 10.0);
        value_members(w, &p->top[k]);
        jw_end(w);
    }
    jw_end(w);
    jw_key(w, "rule");
    jw_obj(w);
    value_members(w, &p->ruled);
    jw_key(w, "leaves");
    jw_arr(w);
    for (int k = 0; k < 4; k++) {
        if (!has_leaf(&p->rule, k))
            continue;
        CLEANUP(buf_done) Buf text = BUF(4096);
        leaf_text(&p->rule, d, k / 2, k % 2, &text);
        jw_obj(w);
        jw_kv_cstr(w, "if", buf_cstr(&text));
        jw_kv_bool(w, "treat", p->rule.treat[k]);
        jw_kv_i64(w, "n", p->leaf_n[k]);
        jw_kv_f64(w, "effect_in_sample", p->leaf_effect[k]);
        jw_end(w);
    }
    jw_end(w);
    jw_end(w);
    jw_end(w);
}
