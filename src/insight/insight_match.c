/* insight_match.c - everybody beside their nearest neighbours of the other arm.
 *
 *     covariates --whitened (or chance of treatment)--> nearest of the other arm, ties shared --bias correction--> effect
 *
 * With replacement. What is missing of a row, its outcome under the other treatment, is the mean of its neighbours' outcomes,
 * each moved by what a regression on the covariates among the matched of that arm says their difference makes (Abadie,
 * Imbens 2011), from CURVE_ROWS on with the square of what the line expects: without it the error of matching on several
 * numbers dies out too slowly. Variance: Abadie, Imbens 2006, with the residual variance of each row from its two nearest of
 * the same arm; by cluster where there are clusters, from the linear form of the estimator (Otsu, Rai 2017). The coefficients
 * of the bias correction are not known but estimated from few rows: as the estimate is linear in the outcomes (but for that
 * square), what they add is exact; where they would take something off, nothing is.
 * That the chance of treatment was estimated makes the interval of the ATE a little wide, not narrow (Abadie, Imbens 2016).
 * Rosenbaum's bound: the signed-rank test of 2002, section 4. */
#include "base/mem.h"
#include "insight/insight_balance.h"
#include "insight/insight_effect.h"
#include "insight/insight_sensitivity.h"
#include "stats/stats.h"
#include "stats/stats_dist.h"
#include "stats/stats_matrix.h"
#include "stats/stats_neighbours.h"
#include "stats/stats_net.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ARM_MIN 5
#define ARM_POOR 40
#define CLUSTERS_FEW 20
#define SAME_ARM 2 /* neighbours for the residual variance */
#define EIGEN_LEAST 1e-9
#define PER_ROW (1.0 / 3) /* columns of the bias regression for each matched row */
#define CURVE_ROWS 40     /* matched rows of an arm */
#define RIDGE 1e-3
#define AUC_HOPELESS 0.995

typedef struct Match {
    const InsightData *d;
    const InsightQuestion *q;
    int n_white;
    double *white; /* double[n][n_white] row-major: the covariates without correlation, variance 1 */
    int n_basis;
    double *basis;       /* double[n][n_basis] column-major: white, and a last column when the line is bent */
    int k;               /* coordinates of the distance: white's, or the score */
    double *z;           /* double[n][k] row-major; borrowed from white, or the score */
    double *score;       /* double[n]: log odds of treatment */
    bool *asked;         /* bool[n]: rows whose effect is estimated and that have neighbours */
    double *used;        /* double[n]: how often as a neighbour, ties shared: K */
    double *used_square; /* K' */
    double *tau;         /* double[n], of the rows asked for */
    double *moved;       /* double[n]: what the bias correction adds to a row's weight in the estimate */
    double *mu[2];       /* double[n]: of the bias regression of each arm */
    bool adjusted;
    int64_t n_asked, n_beyond; /* the caliper */
    double distance;           /* mean, to the farthest neighbour */
} Match;

static void match_done(Match *m)
{
    mem_free(m->white);
    mem_free(m->basis);
    mem_free(m->score);
    mem_free(m->moved);
    mem_free(m->asked);
    mem_free(m->used);
    mem_free(m->used_square);
    mem_free(m->tau);
    mem_free(m->mu[0]);
    mem_free(m->mu[1]);
}

/* ---- coordinates ---- */

/* Eigenvectors of the correlations over the roots of their eigenvalues: distances are then Mahalanobis's; directions in which
 * nothing varies are left out, so that columns may repeat each other. */
static ErrKind whiten(Match *m, Err *reterr)
{
    const InsightData *d = m->d;
    size_t n = (size_t)d->n, k = (size_t)d->n_x;
    CLEANUP(mem_freep) double *x = mem_array(n * k, sizeof *x);
    CLEANUP(mem_freep) double *vectors = mem_array(k * k, sizeof *vectors);
    CLEANUP(mem_freep) double *values = mem_array(k, sizeof *values);
    CLEANUP(mem_freep) double *z = mem_array(n * k, sizeof *z);
    for (size_t c = 0; c < k; c++) {
        double mean = stats_mean(d->x + n * c, d->n), square = 0;
        for (size_t i = 0; i < n; i++)
            square += (d->x[n * c + i] - mean) * (d->x[n * c + i] - mean);
        for (size_t i = 0; i < n; i++)
            x[n * c + i] = square > 0 ? (d->x[n * c + i] - mean) / sqrt(square / (double)n) : 0;
    }
    stats_cross(x, x, d->n, d->n_x, d->n_x, vectors);
    TRY(stats_eigen(vectors, d->n_x, values, reterr));
    for (size_t c = 0; c < k; c++) {
        if (values[c] <= EIGEN_LEAST * values[k - 1])
            continue;
        for (size_t r = 0; r < k; r++)
            vectors[r + (size_t)m->n_white * k] = vectors[r + c * k] / sqrt(values[c] / (double)n);
        m->n_white++;
    }
    stats_multiply(x, vectors, d->n, d->n_x, m->n_white, z);
    m->white = mem_array(n * (size_t)MAX(m->n_white, 1), sizeof *m->white);
    for (int c = 0; c < m->n_white; c++)
        for (size_t i = 0; i < n; i++)
            m->white[i * (size_t)m->n_white + (size_t)c] = z[n * (size_t)c + i];
    return ERR_NONE;
}

/* Log odds of treatment by logistic regression with a penalty that only keeps it finite. */
static ErrKind estimate_score(Match *m, Err *reterr)
{
    const InsightData *d = m->d;
    CLEANUP(stats_net_freep) StatsNetPath *p = NULL;
    StatsNetConf conf = STATS_NET_LOGISTIC;
    conf.alpha = 0;
    conf.n_lambda = 1;
    conf.lambda = (const double[]){RIDGE};
    TRY(stats_net(d->x, d->t, d->n, d->n_x, &conf, &p, reterr));
    m->score = mem_array((size_t)d->n, sizeof *m->score);
    stats_net_predict(p, 0, d->x, d->n, m->score);
    double auc = stats_auc(m->score, d->t, d->n);
    if (auc >= AUC_HOPELESS)
        return err_set(
            reterr, ERR_INVALID,
            "no overlap: the covariates tell treated from controls almost without exception (area under "
            "the curve %.3f); these rows cannot tell the effect",
            auc);
    return ERR_NONE;
}

/* Its standard deviation becomes 1, so that a caliper means the same in both distances. */
static void scale_score(Match *m)
{
    int64_t n = m->d->n;
    double mean = stats_mean(m->score, n), square = 0;
    for (int64_t i = 0; i < n; i++)
        square += (m->score[i] - mean) * (m->score[i] - mean);
    for (int64_t i = 0; i < n && square > 0; i++)
        m->score[i] = (m->score[i] - mean) / sqrt(square / (double)n);
}

/* ---- neighbours ---- */

/* The points of one arm. */
typedef struct Arm {
    double *z;
    int64_t *row;
    int64_t n;
    StatsNeighbours *tree;
} Arm;

static void arm_done(Arm *a)
{
    stats_neighbours_free(a->tree);
    mem_free(a->z);
    mem_free(a->row);
}

static Arm arm_of(const Match *m, int arm)
{
    size_t n = (size_t)m->d->n, k = (size_t)m->k;
    Arm a = {.z = mem_array(n * k, sizeof *a.z), .row = mem_array(n, sizeof *a.row)};
    for (size_t i = 0; i < n; i++)
        if ((m->d->t[i] > 0.5) == arm) {
            memcpy(a.z + (size_t)a.n * k, m->z + i * k, k * sizeof *a.z);
            a.row[a.n++] = (int64_t)i;
        }
    a.tree = stats_neighbours_new(a.z, a.n, m->k);
    return a;
}

static bool is_asked(const Match *m, int64_t i)
{
    return m->q->estimand == INSIGHT_ATE || m->d->t[i] > 0.5;
}

/* Calls `each` with the neighbours of every row that is asked about, in the order of rows. */
typedef void EachFn(Match *m, int64_t i, const Arm *other, const StatsFound *f);

static ErrKind for_each(Match *m, const Arm arm[2], EachFn *each, Err *reterr)
{
    CLEANUP(stats_found_done) StatsFound f = {0};
    for (int64_t i = 0; i < m->d->n; i++) {
        const Arm *other = &arm[!(m->d->t[i] > 0.5)];
        if (!is_asked(m, i))
            continue;
        if (i % 256 == 0 && deadline_passed(m->q->by))
            return err_set(reterr, ERR_TIMEOUT, "match: %lld rows take too long", (long long)m->d->n);
        stats_neighbours_find(other->tree, m->z + i * m->k, m->q->neighbours, -1, &f);
        each(m, i, other, &f);
    }
    return ERR_NONE;
}

static void count_uses(Match *m, int64_t i, const Arm *other, const StatsFound *f)
{
    m->asked[i] = !(m->q->caliper > 0) || f->distance <= m->q->caliper;
    m->n_asked += m->asked[i];
    m->n_beyond += !m->asked[i];
    if (!m->asked[i])
        return;
    double share = 1 / (double)f->n;
    m->distance += f->distance;
    for (int64_t j = 0; j < f->n; j++) {
        m->used[other->row[f->id[j]]] += share;
        m->used_square[other->row[f->id[j]]] += share * share;
    }
}

static void take_effect(Match *m, int64_t i, const Arm *other, const StatsFound *f)
{
    const InsightData *d = m->d;
    bool treated = d->t[i] > 0.5;
    const double *mu = m->mu[!treated];
    double sum = 0;
    for (int64_t j = 0; m->asked[i] && j < f->n; j++) {
        int64_t row = other->row[f->id[j]];
        sum += d->y[row] + mu[i] - mu[row];
    }
    double counterfactual = sum / (double)f->n;
    m->tau[i] = m->asked[i] ? treated ? d->y[i] - counterfactual : counterfactual - d->y[i] : 0;
}

/* ---- bias correction ---- */

static void fill_basis(Match *m)
{
    size_t n = (size_t)m->d->n;
    m->n_basis = m->n_white;
    m->basis = mem_array(n * (size_t)(m->n_white + 1), sizeof *m->basis);
    for (int c = 0; c < m->n_white; c++)
        for (size_t i = 0; i < n; i++)
            m->basis[i + n * (size_t)c] = m->white[i * (size_t)m->n_white + (size_t)c];
}

/* The estimate holds c'b, b the coefficients of this arm's regression, c the mean difference between the rows asked about
 * and their neighbours. A row j adds w_j x_j' (X'WX)^-1 c to its weight in the estimate. */
static ErrKind note_moved(Match *m, int arm, const StatsOls *o, const double *x, const double *w,
                          const int64_t *row, Err *reterr)
{
    const InsightData *d = m->d;
    int k = m->n_basis + 1, r = 0;
    CLEANUP(mem_freep) double *c = mem_array((size_t)k, sizeof *c);
    CLEANUP(mem_freep) double *xw = mem_array((size_t)o->n * (size_t)k, sizeof *xw);
    CLEANUP(mem_freep) double *xk = mem_array((size_t)o->n * (size_t)k, sizeof *xk);
    CLEANUP(mem_freep) double *xx = mem_array((size_t)k * (size_t)k, sizeof *xx);
    for (int col = 0; col < k; col++) {
        if (!o->kept[col])
            continue;
        for (int64_t i = 0; i < d->n && col > 0; i++) {
            bool own = (d->t[i] > 0.5) == arm;
            double share = own ? -m->used[i] : m->asked[i];
            c[r] += (arm ? 1 : -1) * share * m->basis[i + (col - 1) * d->n] / (double)m->n_asked;
        }
        for (int64_t j = 0; j < o->n; j++) {
            xk[j + r * o->n] = x[j + col * o->n];
            xw[j + r * o->n] = x[j + col * o->n] * w[j];
        }
        r++;
    }
    stats_cross(xw, xk, o->n, r, r, xx);
    TRY(stats_spd_solve(xx, r, c, 1, reterr));
    for (int64_t j = 0; j < o->n; j++)
        for (int col = 0; col < r; col++)
            m->moved[row[j]] += xw[j + col * o->n] * c[col];
    return ERR_NONE;
}

/* Least squares on the basis among the arm's matched rows, weighted by their use, predicted for all. */
static ErrKind regress_once(Match *m, int arm, bool note, Err *reterr)
{
    const InsightData *d = m->d;
    int64_t n = d->n, rows = 0, k = m->n_basis + 1;
    CLEANUP(mem_freep) int64_t *row = mem_array((size_t)n, sizeof *row);
    for (int64_t i = 0; i < n; i++)
        if ((d->t[i] > 0.5) == arm && m->used[i] > 0)
            row[rows++] = i;
    if ((double)m->n_basis > PER_ROW * (double)rows)
        return err_set(reterr, ERR_INVALID, "%d covariates are too many for %lld rows that were matched",
                       d->n_x, (long long)rows);
    CLEANUP(mem_freep) double *x = mem_array((size_t)(rows * k), sizeof *x);
    CLEANUP(mem_freep) double *y = mem_array((size_t)rows, sizeof *y);
    CLEANUP(mem_freep) double *w = mem_array((size_t)rows, sizeof *w);
    CLEANUP(stats_ols_freep) StatsOls *o = NULL;
    for (int64_t j = 0; j < rows; j++) {
        x[j] = 1;
        for (int64_t c = 1; c < k; c++)
            x[j + c * rows] = m->basis[row[j] + (c - 1) * n];
        y[j] = d->y[row[j]];
        w[j] = m->used[row[j]];
    }
    TRY(stats_ols(x, y, w, rows, (int)k, &o, reterr));
    mem_free(m->mu[arm]);
    m->mu[arm] = mem_array((size_t)n, sizeof *m->mu[arm]);
    for (int64_t i = 0; i < n; i++) {
        m->mu[arm][i] = o->coef[0];
        for (int64_t c = 1; c < k; c++)
            m->mu[arm][i] += o->coef[c] * m->basis[i + (c - 1) * n];
    }
    return note ? note_moved(m, arm, o, x, w, row, reterr) : ERR_NONE;
}

/* With rows enough, a second time with the square of what the first time expected: outcomes that grow by shares (and counts
 * do) bend, and a straight line is wrong where one arm has few rows. */
static ErrKind regress(Match *m, int arm, Err *reterr)
{
    int64_t n = m->d->n, rows = 0;
    for (int64_t i = 0; i < n; i++)
        rows += (m->d->t[i] > 0.5) == arm && m->used[i] > 0;
    m->n_basis = m->n_white;
    if (rows < CURVE_ROWS)
        return regress_once(m, arm, true, reterr);
    TRY(regress_once(m, arm, false, reterr));
    double mean = stats_mean(m->mu[arm], n);
    for (int64_t i = 0; i < n; i++)
        m->basis[i + n * m->n_white] = (m->mu[arm][i] - mean) * (m->mu[arm][i] - mean);
    m->n_basis = m->n_white + 1;
    return regress_once(m, arm, true, reterr);
}

static void expect_the_mean(Match *m, int arm)
{
    const InsightData *d = m->d;
    double sum = 0, rows = 0;
    for (int64_t i = 0; i < d->n; i++)
        if ((d->t[i] > 0.5) == arm) {
            sum += d->y[i];
            rows++;
        }
    if (!m->mu[arm])
        m->mu[arm] = mem_array((size_t)d->n, sizeof *m->mu[arm]);
    for (int64_t i = 0; i < d->n; i++)
        m->mu[arm][i] = sum / rows;
}

static void correct(Match *m, InsightAnswer *a)
{
    Err err = {0};
    fill_basis(m);
    ErrKind kind = regress(m, 0, &err);
    if (kind == ERR_NONE && m->q->estimand == INSIGHT_ATE)
        kind = regress(m, 1, &err);
    m->adjusted = kind == ERR_NONE;
    if (m->adjusted)
        return;
    memset(m->moved, 0, (size_t)m->d->n * sizeof *m->moved);
    for (int g = 0; g < 2; g++)
        expect_the_mean(m, g);
    insight_answer_warn(a, "no bias correction: %s", err.msg);
}

/* ---- variance ---- */

/* Of row i's outcome given its covariates: from its two nearest of the same arm. */
static double residual_variance(const Match *m, const Arm *own, int64_t at, StatsFound *f)
{
    stats_neighbours_find(own->tree, own->z + at * m->k, SAME_ARM, at, f);
    double mean = m->d->y[own->row[at]], n = 1 + (double)f->n, sum = 0;
    for (int64_t j = 0; j < f->n; j++)
        mean += m->d->y[own->row[f->id[j]]];
    mean /= n;
    for (int64_t j = 0; j < f->n; j++) {
        double off = m->d->y[own->row[f->id[j]]] - mean;
        sum += off * off;
    }
    double off = m->d->y[own->row[at]] - mean;
    return (sum + off * off) / (n - 1);
}

/* *ret_plain: as if the coefficients of the bias correction were known. */
static double variance_of_rows(const Match *m, const Arm arm[2], double estimate, double *ret_plain)
{
    CLEANUP(stats_found_done) StatsFound f = {0};
    bool att = m->q->estimand == INSIGHT_ATT;
    double sum = 0, moved = 0, n = (double)m->n_asked;
    for (int64_t i = 0; i < m->d->n; i++)
        if (m->asked[i])
            sum += (m->tau[i] - estimate) * (m->tau[i] - estimate);
    for (int g = 0; g < 2; g++)
        for (int64_t at = 0; at < arm[g].n; at++) {
            int64_t i = arm[g].row[at];
            double k = m->used[i], more = k * k + (att ? 0 : 2 * k) - m->used_square[i];
            double weight = (g ? 1 : -1) * (m->asked[i] + k) / n, by = m->moved[i];
            if (more == 0 && by == 0)
                continue;
            double residual = residual_variance(m, &arm[g], at, &f);
            sum += more * residual;
            moved += (2 * weight + by) * by * residual;
        }
    *ret_plain = sum / n / n;
    return fmax(*ret_plain, *ret_plain + moved);
}

/* The estimate is a mean of mu1 - mu0 over the rows asked about, plus residuals weighted by 1 + K (ATT: 1 and K) and by what
 * the bias correction moved. */
static double variance_of_clusters(const Match *m, double estimate)
{
    const InsightData *d = m->d;
    bool att = m->q->estimand == INSIGHT_ATT;
    double sum = 0, n = (double)m->n_asked, clusters = d->cluster.n;
    CLEANUP(mem_freep) double *of = mem_array((size_t)d->cluster.n, sizeof *of);
    for (int64_t i = 0; i < d->n; i++) {
        bool t = d->t[i] > 0.5;
        double mu0 = m->mu[0][i], mu1 = att ? 0 : m->mu[1][i], off = d->y[i] - (t ? mu1 : mu0), part = 0;
        if (att)
            part = t ? m->asked[i] * (d->y[i] - mu0 - estimate) : -m->used[i] * off;
        else
            part = m->asked[i] * (mu1 - mu0 - estimate) + (t ? 1 : -1) * (m->asked[i] + m->used[i]) * off;
        part += m->moved[i] * n * off;
        of[d->cluster.id[i]] += part;
    }
    for (int32_t g = 0; g < d->cluster.n; g++)
        sum += of[g] * of[g];
    return sum / n / n * clusters / (clusters - 1);
}

/* ---- what stands behind it ---- */

static int by_size(const void *a, const void *b)
{
    double x = fabs(*(const double *)a), y = fabs(*(const double *)b);
    return (x > y) - (x < y);
}

/* The greatest odds of treatment between two alike, by something unseen, at which the signed-rank test still finds an effect
 * at this level; below 1: it finds none. */
static double rosenbaum(const Match *m, double level)
{
    CLEANUP(mem_freep) double *tau = mem_array((size_t)m->n_asked, sizeof *tau);
    int64_t n = 0;
    for (int64_t i = 0; i < m->d->n; i++)
        if (m->asked[i] && m->tau[i] != 0)
            tau[n++] = m->tau[i];
    qsort(tau, (size_t)n, sizeof *tau, by_size);
    double up = 0, squares = 0, all = 0;
    for (int64_t i = 0; i < n; i++) {
        int64_t first = i, last = i;
        while (first > 0 && fabs(tau[first - 1]) == fabs(tau[i]))
            first--;
        while (last + 1 < n && fabs(tau[last + 1]) == fabs(tau[i]))
            last++;
        double rank = (double)(first + last) / 2 + 1;
        up += tau[i] > 0 ? rank : 0;
        all += rank;
        squares += rank * rank;
    }
    up = fmax(up, all - up);
    double z = stats_t_quantile(0.5 + level / 2, INFINITY), low = 0, high = 100;
    for (int step = 0; step < 60 && n > 0; step++) {
        double gamma = (low + high) / 2, p = gamma / (1 + gamma);
        if (up - p * all > z * sqrt(p * (1 - p) * squares))
            low = gamma;
        else
            high = gamma;
    }
    return low;
}

static void describe(const Match *m, InsightAnswer *a)
{
    const InsightData *d = m->d;
    bool att = m->q->estimand == INSIGHT_ATT;
    CLEANUP(mem_freep) double *weight = mem_array((size_t)d->n, sizeof *weight);
    for (int64_t i = 0; i < d->n; i++)
        weight[i] = m->asked[i] + m->used[i];
    jw_kv_cstr(&a->w, "distance", m->q->on_propensity ? "propensity" : "mahalanobis");
    jw_kv_i64(&a->w, "neighbours", m->q->neighbours);
    jw_kv_f64(&a->w, "mean_distance", m->distance / (double)m->n_asked);
    jw_kv_i64(&a->w, "matched", m->n_asked);
    jw_kv_i64(&a->w, "beyond_the_caliper", m->n_beyond);
    jw_kv_bool(&a->w, "bias_corrected", m->adjusted);
    jw_kv_f64(&a->w, "effective_control", insight_effective_rows(d, weight, 0));
    jw_kv_f64(&a->w, "effective_treated", insight_effective_rows(d, weight, 1));
    jw_kv_f64(&a->w, "auc", stats_auc(m->score, d->t, d->n));
    if (att && !d->cluster.id)
        jw_kv_f64(&a->w, "rosenbaum_gamma", rosenbaum(m, m->q->level));
    insight_balance(a, d, weight);
}

static ErrKind check(const InsightData *d, const InsightQuestion *q, InsightAnswer *a, Err *reterr)
{
    int64_t smaller = MIN(a->n_treated, a->n_control);
    if (smaller < MAX(ARM_MIN, SAME_ARM + 1) || smaller < q->neighbours)
        return err_set(reterr, ERR_INVALID, "match: %lld treated and %lld controls: too few to choose from",
                       (long long)a->n_treated, (long long)a->n_control);
    if (smaller < ARM_POOR)
        insight_answer_warn(a, "only %lld rows are %s: the interval rests on few", (long long)smaller,
                            a->n_treated < a->n_control ? "treated" : "controls");
    if (d->cluster.id && d->cluster.n < 2)
        return err_set(reterr, ERR_INVALID, "match: all rows are of one cluster");
    if (d->cluster.id && d->cluster.n < CLUSTERS_FEW)
        insight_answer_warn(a, "%d clusters only: the interval may be too narrow", (int)d->cluster.n);
    return insight_suspects(a, d, reterr);
}

static ErrKind run(Match *m, InsightAnswer *a, Err *reterr)
{
    const InsightData *d = m->d;
    CLEANUP(arm_done) Arm control = arm_of(m, 0);
    CLEANUP(arm_done) Arm treated = arm_of(m, 1);
    const Arm arm[2] = {control, treated};
    TRY(for_each(m, arm, count_uses, reterr));
    if (m->n_asked < 2)
        return err_set(reterr, ERR_INVALID,
                       "match: %lld of %lld rows have a neighbour within the caliper of %g",
                       (long long)m->n_asked, (long long)(m->n_asked + m->n_beyond), m->q->caliper);
    if (m->n_beyond)
        insight_answer_warn(
            a,
            "%lld of %lld rows have no neighbour within the caliper: the effect is that of the "
            "others",
            (long long)m->n_beyond, (long long)(m->n_asked + m->n_beyond));
    correct(m, a);
    TRY(for_each(m, arm, take_effect, reterr));
    double sum = 0;
    for (int64_t i = 0; i < d->n; i++)
        sum += m->tau[i];
    double estimate = sum / (double)m->n_asked;
    double plain = NAN, variance = d->cluster.id ? variance_of_clusters(m, estimate)
                                                 : variance_of_rows(m, arm, estimate, &plain);
    double df = d->cluster.id ? d->cluster.n - 1 : (double)(MIN(a->n_treated, a->n_control) - 1);
    jw_kv_f64(&a->w, "se_of_known_correction", sqrt(fmax(plain, 0)));
    a->effect = stats_estimate(estimate, sqrt(fmax(variance, 0)), df, m->q->level);
    describe(m, a);
    return insight_sensitivity(a, d, m->q, reterr);
}

ErrKind insight_match(InsightData *d, const InsightQuestion *q, InsightAnswer *a, Err *reterr)
{
    size_t n = (size_t)d->n;
    TRY(check(d, q, a, reterr));
    CLEANUP(match_done) Match m = {.d = d, .q = q};
    m.asked = mem_array(n, sizeof *m.asked);
    m.used = mem_array(n, sizeof *m.used);
    m.used_square = mem_array(n, sizeof *m.used_square);
    m.tau = mem_array(n, sizeof *m.tau);
    m.moved = mem_array(n, sizeof *m.moved);
    TRY(estimate_score(&m, reterr));
    scale_score(&m);
    TRY(whiten(&m, reterr));
    m.k = q->on_propensity ? 1 : m.n_white;
    m.z = q->on_propensity ? m.score : m.white;
    return run(&m, a, reterr);
}
