/* stats_cox.c - see stats_cox.h.
 *
 * One pass goes through each stratum from the latest time to the earliest, with sums over who is at risk: a row joins at its
 * time and leaves where its entry lies at or after the moment. With d tied events Efron's likelihood has d terms; in term j
 * (0 .. d-1) the tied rows count as 1 - j/d of themselves. Columns are centred and scaled, so that Newton's steps are of
 * one size. */
#include "stats/stats_cox.h"

#include "base/mem.h"
#include "stats/stats_dist.h"
#include "stats/stats_matrix.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DEPENDENT 1e-7
#define ITERATIONS_MAX 30
#define HALVINGS_MAX 30
#define CONVERGED 1e-10 /* of a step, in units of a column's spread */
#define RUNS_AWAY 1e-4  /* a step that is still so large at the end */
#define ETA_MAX 500.0   /* exp beyond it would not be finite in sums of squares */

typedef struct Order {
    int64_t row;
    int32_t stratum;
    double at;
} Order;

/* What an event's moment adds for the rows at risk then; indexed by moment, latest first within a stratum. */
typedef struct Moments {
    int64_t n;
    int32_t *stratum; /* [n] */
    double *time;     /* [n] */
    double *hazard;   /* [n] sum of 1 / denominator over the terms */
    double *tied;     /* [n] the same, for the tied rows themselves */
    double *mean;     /* [n][r] sum of mean / denominator */
    double *tied_mean;
    double *middle; /* [n][r] average of the terms' means */
} Moments;

typedef struct Work {
    const StatsSurv *s;
    int64_t n;
    int r;
    double *z; /* double[n][r] row-major, centred and scaled */
    double *eta, *risk;
    Order *by_time, *by_entry; /* by_entry NULL: no entries */
    const double *g;           /* double[n] function of time of each row's event, or NULL: not asked for */
    Moments *moments;          /* or NULL */
    double s0, d0;
    double *s1, *d1, *mean; /* [r] */
    double *s2, *d2;        /* [r][r] */
    double log_likelihood;
    double *u, *u_g;                 /* [r] */
    double *info, *info_g, *info_gg; /* [r][r] */
} Work;

static int by_stratum_latest(const void *a, const void *b)
{
    const Order *x = a, *y = b;
    if (x->stratum != y->stratum)
        return x->stratum > y->stratum ? 1 : -1;
    if (x->at != y->at)
        return x->at < y->at ? 1 : -1;
    return (x->row > y->row) - (x->row < y->row);
}

static Order *order_by(const double *at, const int32_t *stratum, int64_t n)
{
    Order *o = mem_array((size_t)n, sizeof *o);
    for (int64_t i = 0; i < n; i++)
        o[i] = (Order){i, stratum ? stratum[i] : 0, at[i]};
    qsort(o, (size_t)n, sizeof *o, by_stratum_latest);
    return o;
}

/* ---- one pass ---- */

static void add_row(Work *w, int64_t row, double sign, double *sum0, double *sum1, double *sum2)
{
    const double *z = w->z + (size_t)row * (size_t)w->r;
    double risk = sign * w->risk[row];
    *sum0 += risk;
    for (int a = 0; a < w->r; a++) {
        double part = risk * z[a];
        sum1[a] += part;
        for (int b = 0; b <= a; b++)
            sum2[b + a * w->r] += part * z[b];
    }
}

/* One of the d terms of a moment: part is j/d. */
static void add_term(Work *w, double part, double g, int64_t events, int64_t moment)
{
    int r = w->r;
    double denominator = w->s0 - part * w->d0;
    w->log_likelihood -= log(denominator);
    for (int a = 0; a < r; a++)
        w->mean[a] = (w->s1[a] - part * w->d1[a]) / denominator;
    for (int a = 0; a < r; a++) {
        w->u[a] -= w->mean[a];
        if (w->g)
            w->u_g[a] -= g * w->mean[a];
        for (int b = 0; b <= a; b++) {
            double v = (w->s2[b + a * r] - part * w->d2[b + a * r]) / denominator - w->mean[a] * w->mean[b];
            w->info[b + a * r] += v;
            if (w->g) {
                w->info_g[b + a * r] += g * v;
                w->info_gg[b + a * r] += g * g * v;
            }
        }
    }
    if (!w->moments)
        return;
    Moments *m = w->moments;
    m->hazard[moment] += 1 / denominator;
    m->tied[moment] += (1 - part) / denominator;
    for (int a = 0; a < r; a++) {
        size_t at = (size_t)moment * (size_t)r + (size_t)a;
        m->mean[at] += w->mean[a] / denominator;
        m->tied_mean[at] += (1 - part) * w->mean[a] / denominator;
        m->middle[at] += w->mean[a] / (double)events;
    }
}

static void clear_tied(Work *w)
{
    w->d0 = 0;
    memset(w->d1, 0, (size_t)w->r * sizeof *w->d1);
    memset(w->d2, 0, (size_t)w->r * (size_t)w->r * sizeof *w->d2);
}

/* The rows from i on that share stratum and time; those with events are added up in d0, d1, d2. Returns the next row. */
static int64_t join(Work *w, int64_t i, int64_t *ret_events)
{
    const Order *first = &w->by_time[i];
    *ret_events = 0;
    for (; i < w->n && w->by_time[i].stratum == first->stratum && w->by_time[i].at == first->at; i++) {
        int64_t row = w->by_time[i].row;
        add_row(w, row, 1, &w->s0, w->s1, w->s2);
        if (!(w->s->event[row] > 0))
            continue;
        if ((*ret_events)++ == 0)
            clear_tied(w);
        add_row(w, row, 1, &w->d0, w->d1, w->d2);
        const double *z = w->z + (size_t)row * (size_t)w->r;
        w->log_likelihood += w->eta[row];
        for (int a = 0; a < w->r; a++) {
            w->u[a] += z[a];
            if (w->g)
                w->u_g[a] += w->g[row] * z[a];
        }
    }
    return i;
}

static void clear_at_risk(Work *w)
{
    w->s0 = 0;
    memset(w->s1, 0, (size_t)w->r * sizeof *w->s1);
    memset(w->s2, 0, (size_t)w->r * (size_t)w->r * sizeof *w->s2);
}

static void mirror(double *a, int r)
{
    for (int i = 0; i < r; i++)
        for (int k = 0; k < i; k++)
            a[i + k * r] = a[k + i * r];
}

static void pass(Work *w)
{
    size_t r = (size_t)w->r;
    int64_t left = 0, moment = 0, events;
    w->log_likelihood = 0;
    memset(w->u, 0, r * sizeof *w->u);
    memset(w->u_g, 0, r * sizeof *w->u_g);
    memset(w->info, 0, r * r * sizeof *w->info);
    memset(w->info_g, 0, r * r * sizeof *w->info_g);
    memset(w->info_gg, 0, r * r * sizeof *w->info_gg);
    for (int64_t i = 0; i < w->n;) {
        const Order *now = &w->by_time[i];
        if (i == 0 || now->stratum != w->by_time[i - 1].stratum) {
            clear_at_risk(w);
            left = i; /* the entries of a stratum stand at the places of its rows */
        }
        i = join(w, i, &events);
        for (; w->by_entry && left < w->n && w->by_entry[left].stratum == now->stratum &&
               w->by_entry[left].at >= now->at;
             left++)
            add_row(w, w->by_entry[left].row, -1, &w->s0, w->s1, w->s2);
        if (events == 0)
            continue;
        if (w->moments) {
            w->moments->time[moment] = now->at;
            w->moments->stratum[moment] = now->stratum;
        }
        double g = 0; /* the same for all rows of one time */
        for (int64_t k = i - 1; w->g && k >= 0 && w->by_time[k].at == now->at; k--)
            if (w->s->event[w->by_time[k].row] > 0) {
                g = w->g[w->by_time[k].row];
                break;
            }
        for (int64_t j = 0; j < events; j++)
            add_term(w, (double)j / (double)events, g, events, moment);
        moment++;
    }
    if (w->moments)
        w->moments->n = moment;
    mirror(w->info, w->r);
    mirror(w->info_g, w->r);
    mirror(w->info_gg, w->r);
}

static void pass_at(Work *w, const double *beta)
{
    for (int64_t i = 0; i < w->n; i++) {
        const double *z = w->z + (size_t)i * (size_t)w->r;
        double eta = stats_dot(z, beta, w->r);
        w->eta[i] = MAX(-ETA_MAX, MIN(ETA_MAX, eta));
        w->risk[i] = exp(w->eta[i]);
    }
    pass(w);
}

/* ---- fit ---- */

static double quadratic_form(const double *a, const double *u, int r)
{
    double sum = 0;
    for (int i = 0; i < r; i++)
        for (int k = 0; k < r; k++)
            sum += u[i] * a[i + k * r] * u[k];
    return sum;
}

static StatsCoxTest chi2_test(double chi2, int df)
{
    return (StatsCoxTest){.chi2 = chi2, .df = df, .p = df > 0 ? stats_chi2_upper(MAX(chi2, 0), df) : NAN};
}

/* Newton's method with halved steps where the likelihood falls. step[r]: the last one. */
static ErrKind climb(Work *w, StatsCox *c, double *beta, double *step, Err *reterr)
{
    size_t r = (size_t)w->r;
    CLEANUP(mem_freep) double *info = mem_array(r * r, sizeof *info);
    CLEANUP(mem_freep) double *try = mem_array(r, sizeof *try);
    pass_at(w, beta);
    c->log_likelihood_0 = w->log_likelihood;
    for (c->iterations = 0; c->iterations < ITERATIONS_MAX; c->iterations++) {
        double before = w->log_likelihood, largest = 0;
        memcpy(info, w->info, r * r * sizeof *info);
        memcpy(step, w->u, r * sizeof *step);
        if (stats_spd_solve(info, w->r, step, 1, reterr) != ERR_NONE) {
            if (c->iterations > 5) /* what runs away has flattened the likelihood */
                return ERR_NONE;
            return err_set(reterr, ERR_INVALID,
                           "proportional hazards: the columns cannot be told apart among the events");
        }
        if (c->iterations == 0)
            c->score = chi2_test(stats_dot(step, w->u, w->r), w->r);
        double share = 1;
        for (int h = 0; h < HALVINGS_MAX; h++, share /= 2) {
            for (size_t a = 0; a < r; a++)
                try[a] = beta[a] + share * step[a];
            pass_at(w, try);
            if (isfinite(w->log_likelihood) && w->log_likelihood >= before - 1e-12 * fabs(before))
                break;
        }
        if (!isfinite(w->log_likelihood))
            return err_set(reterr, ERR_INVALID, "proportional hazards: the likelihood has no maximum");
        for (size_t a = 0; a < r; a++) {
            beta[a] = try[a];
            largest = MAX(largest, fabs(share * step[a]));
        }
        if (largest < CONVERGED)
            break;
    }
    c->log_likelihood = w->log_likelihood;
    return ERR_NONE;
}

/* ---- robust covariance ---- */

/* Sums over the moments of one stratum from its earliest on: at of moment m, of those at or before it. */
static void accumulate(Moments *m, int r, double *hazard, double *mean)
{
    for (int64_t k = m->n - 1; k >= 0; k--) {
        bool first = k == m->n - 1 || m->stratum[k + 1] != m->stratum[k];
        hazard[k] = m->hazard[k] + (first ? 0 : hazard[k + 1]);
        for (int a = 0; a < r; a++)
            mean[k * r + a] = m->mean[k * r + a] + (first ? 0 : mean[(k + 1) * r + a]);
    }
}

/* The latest moment of the stratum at or before t; -1: none. Moments of a stratum run from lo to hi - 1, latest first. */
static int64_t moment_at(const Moments *m, int64_t lo, int64_t hi, double t)
{
    int64_t end = hi;
    while (lo < hi) {
        int64_t mid = (lo + hi) / 2;
        if (m->time[mid] > t)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < end ? lo : -1;
}

/* Score residuals (Therneau, Grambsch, Fleming 1990) of one row: out[r] += them. */
static void score_residual(const Work *w, int64_t row, int64_t lo, int64_t hi, const double *hazard,
                           const double *mean, double *out)
{
    const Moments *m = w->moments;
    int r = w->r;
    const double *z = w->z + (size_t)row * (size_t)r;
    double risk = w->risk[row];
    int64_t at = moment_at(m, lo, hi, w->s->time[row]);
    int64_t before = w->s->entry ? moment_at(m, lo, hi, w->s->entry[row]) : -1;
    bool event = w->s->event[row] > 0;
    if (event) {
        for (int a = 0; a < r; a++)
            out[a] += z[a] - m->middle[at * r + a] - risk * (z[a] * m->tied[at] - m->tied_mean[at * r + a]);
        at = at + 1 < hi ? at + 1 : -1; /* its own moment is done */
    }
    for (int sign = 1; sign >= -1; sign -= 2) {
        int64_t k = sign > 0 ? at : before;
        for (int a = 0; k >= 0 && a < r; a++)
            out[a] -= sign * risk * (z[a] * hazard[k] - mean[k * r + a]);
    }
}

static Moments moments_new(int64_t n, int r)
{
    size_t m = (size_t)MAX(n, 1), cells = m * (size_t)r;
    return (Moments){.stratum = mem_array(m, sizeof(int32_t)),
                     .time = mem_array(m, sizeof(double)),
                     .hazard = mem_array(m, sizeof(double)),
                     .tied = mem_array(m, sizeof(double)),
                     .mean = mem_array(cells, sizeof(double)),
                     .tied_mean = mem_array(cells, sizeof(double)),
                     .middle = mem_array(cells, sizeof(double))};
}

static void moments_done(Moments *m)
{
    mem_free(m->stratum);
    mem_free(m->time);
    mem_free(m->hazard);
    mem_free(m->tied);
    mem_free(m->mean);
    mem_free(m->tied_mean);
    mem_free(m->middle);
}

/* robust[r][r] = V (sum over clusters of s s') V, s the cluster's summed score residuals. */
static void robust_covariance(Work *w, const double *beta, StatsClusters clusters, const double *v,
                              int64_t n_events, double *robust)
{
    int r = w->r;
    int64_t n_clusters = clusters.id ? clusters.n : w->n;
    Moments m = moments_new(n_events, r);
    w->moments = &m;
    pass_at(w, beta);
    CLEANUP(mem_freep) double *hazard = mem_array((size_t)MAX(m.n, 1), sizeof *hazard);
    CLEANUP(mem_freep) double *mean = mem_array((size_t)MAX(m.n, 1) * (size_t)r, sizeof *mean);
    CLEANUP(mem_freep) double *score = mem_array((size_t)n_clusters * (size_t)r, sizeof *score);
    CLEANUP(mem_freep) double *beta_shift = mem_array((size_t)r, sizeof *beta_shift);
    accumulate(&m, r, hazard, mean);
    int64_t lo = 0, hi = 0;
    for (int64_t i = 0; i < w->n; i++) {
        const Order *o = &w->by_time[i];
        if (i == 0 || o->stratum != w->by_time[i - 1].stratum) {
            for (lo = hi; lo < m.n && m.stratum[lo] < o->stratum; lo++)
                ;
            for (hi = lo; hi < m.n && m.stratum[hi] == o->stratum; hi++)
                ;
        }
        int64_t c = clusters.id ? clusters.id[o->row] : o->row;
        score_residual(w, o->row, lo, hi, hazard, mean, score + c * r);
    }
    for (int64_t c = 0; c < n_clusters; c++) {
        stats_multiply(v, score + c * r, r, r, 1, beta_shift);
        for (int a = 0; a < r; a++)
            for (int b = 0; b < r; b++)
                robust[a + b * r] += beta_shift[a] * beta_shift[b];
    }
    w->moments = NULL;
    moments_done(&m);
}

/* ---- proportionality ---- */

/* 1 - Kaplan-Meier of all rows just before each row's time, centred over the events. */
static double *time_function(const StatsSurv *s)
{
    CLEANUP(stats_km_freep) StatsKm *km = stats_km(s, NULL, 0, 0.95);
    double *g = mem_array((size_t)s->n, sizeof *g), sum = 0;
    for (int64_t i = 0; i < s->n; i++) {
        g[i] = 1 - stats_km_at(km, nextafter(s->time[i], -INFINITY)).survival;
        sum += s->event[i] > 0 ? g[i] : 0;
    }
    for (int64_t i = 0; i < s->n; i++)
        g[i] -= sum / (double)km->n_events;
    return g;
}

/* With V the inverse information, S = info_gg - info_g V info_g is what is left of the information about x g(t); the test of
 * column a is u_g[a]^2 / S[a][a], of all u_g' S^-1 u_g. */
static void proportional_tests(Work *w, const double *beta, const double *v, StatsCox *c)
{
    size_t r = (size_t)w->r;
    Err ignored = {0};
    CLEANUP(mem_freep) double *g = time_function(w->s);
    CLEANUP(mem_freep) double *vg = mem_array(r * r, sizeof *vg);
    CLEANUP(mem_freep) double *left = mem_array(r * r, sizeof *left);
    CLEANUP(mem_freep) double *solved = mem_array(r, sizeof *solved);
    w->g = g;
    pass_at(w, beta);
    w->g = NULL;
    stats_multiply(v, w->info_g, w->r, w->r, w->r, vg);
    stats_multiply(w->info_g, vg, w->r, w->r, w->r, left);
    for (size_t i = 0; i < r * r; i++)
        left[i] = w->info_gg[i] - left[i];
    for (int k = 0, at = 0; k < c->k; k++) {
        if (!c->kept[k])
            continue;
        double variance = left[(size_t)at + (size_t)at * r];
        if (variance > 0 && !c->runs_away[k])
            c->proportional[k] = chi2_test(w->u_g[at] * w->u_g[at] / variance, 1);
        at++;
    }
    memcpy(solved, w->u_g, r * sizeof *solved);
    if (stats_spd_solve(left, w->r, solved, 1, &ignored) == ERR_NONE)
        c->proportional_all = chi2_test(stats_dot(solved, w->u_g, w->r), w->r);
}

/* ---- all ---- */

/* z: the kept columns, centred and divided by their spread, row-major; scale[r]: the spreads. */
static void standardise(Work *w, const double *x, const StatsCox *c, double *scale)
{
    int at = 0;
    for (int k = 0; k < c->k; k++) {
        if (!c->kept[k])
            continue;
        const double *from = x + (size_t)w->n * (size_t)k;
        double mean = 0, square = 0;
        for (int64_t i = 0; i < w->n; i++)
            mean += from[i] / (double)w->n;
        for (int64_t i = 0; i < w->n; i++)
            square += (from[i] - mean) * (from[i] - mean);
        scale[at] = sqrt(square / (double)w->n);
        for (int64_t i = 0; i < w->n; i++)
            w->z[(size_t)i * (size_t)w->r + (size_t)at] = (from[i] - mean) / scale[at];
        at++;
    }
}

/* Which columns say something beside a constant and the earlier ones. */
static int independent_columns(const double *x, int64_t n, int k, bool *kept)
{
    CLEANUP(mem_freep) double *all = mem_array((size_t)n * ((size_t)k + 1), sizeof *all);
    CLEANUP(mem_freep) bool *of = mem_array((size_t)k + 1, sizeof *of);
    for (int64_t i = 0; i < n; i++)
        all[i] = 1;
    memcpy(all + n, x, (size_t)n * (size_t)k * sizeof *all);
    int rank = stats_independent(all, n, k + 1, DEPENDENT, of);
    memcpy(kept, of + 1, (size_t)k * sizeof *kept);
    return rank - 1;
}

static void spread_out(const double *small, const StatsCox *c, const double *scale, double *out)
{
    for (int a = 0, ra = 0; a < c->k; a++) {
        if (!c->kept[a])
            continue;
        for (int b = 0, rb = 0; b < c->k; b++) {
            if (!c->kept[b])
                continue;
            out[a + b * c->k] = small[ra + rb * c->rank] / (scale[ra] * scale[rb]);
            rb++;
        }
        ra++;
    }
}

static ErrKind fit(Work *w, StatsCox *c, const double *scale, StatsClusters clusters, Err *reterr)
{
    size_t r = (size_t)w->r;
    CLEANUP(mem_freep) double *beta = mem_array(r, sizeof *beta);
    CLEANUP(mem_freep) double *step = mem_array(r, sizeof *step);
    CLEANUP(mem_freep) double *v = mem_array(r * r, sizeof *v);
    CLEANUP(mem_freep) double *robust = mem_array(r * r, sizeof *robust);
    TRY(climb(w, c, beta, step, reterr));
    pass_at(w, beta);
    memcpy(v, w->info, r * r * sizeof *v);
    c->wald = chi2_test(quadratic_form(v, beta, w->r), w->r);
    c->likelihood_ratio = chi2_test(2 * (c->log_likelihood - c->log_likelihood_0), w->r);
    for (int k = 0, at = 0; k < c->k; k++) {
        if (!c->kept[k])
            continue;
        c->runs_away[k] = fabs(step[at]) > RUNS_AWAY;
        c->coef[k] = beta[at] / scale[at];
        at++;
    }
    if (stats_spd_inverse(v, w->r, reterr) != ERR_NONE)
        return err_set(reterr, ERR_INVALID,
                       "proportional hazards: the columns cannot be told apart among the events");
    robust_covariance(w, beta, clusters, v, c->n_events, robust);
    spread_out(v, c, scale, c->covariance);
    spread_out(robust, c, scale, c->robust);
    proportional_tests(w, beta, v, c);
    return ERR_NONE;
}

static void work_done(Work *w)
{
    mem_free(w->z);
    mem_free(w->eta);
    mem_free(w->by_time);
    mem_free(w->by_entry);
    mem_free(w->s1);
}

static Work work_new(const StatsSurv *s, int r, const int32_t *stratum)
{
    size_t n = (size_t)s->n, k = (size_t)r, square = k * k;
    Work w = {.s = s,
              .n = s->n,
              .r = r,
              .z = mem_array(n * k, sizeof(double)),
              .eta = mem_array(2 * n, sizeof(double)),
              .by_time = order_by(s->time, stratum, s->n),
              .by_entry = s->entry ? order_by(s->entry, stratum, s->n) : NULL,
              .s1 = mem_array(5 * k + 6 * square, sizeof(double))};
    w.risk = w.eta + n;
    w.d1 = w.s1 + k;
    w.mean = w.d1 + k;
    w.u = w.mean + k;
    w.u_g = w.u + k;
    w.s2 = w.u_g + k;
    w.d2 = w.s2 + square;
    w.info = w.d2 + square;
    w.info_g = w.info + square;
    w.info_gg = w.info_g + square;
    return w;
}

ErrKind stats_cox(const StatsSurv *s, const double *x, int k, const int32_t *stratum, int32_t n_strata,
                  StatsClusters clusters, StatsCox **ret, Err *reterr)
{
    *ret = NULL;
    BUG_ON(k < 1 || (stratum && n_strata < 1));
    CLEANUP(stats_cox_freep) StatsCox *c = MEM_NEW(StatsCox);
    c->n = s->n;
    c->k = k;
    for (int64_t i = 0; i < s->n; i++)
        c->n_events += s->event[i] > 0;
    if (c->n_events == 0)
        return err_set(reterr, ERR_INVALID, "proportional hazards: there is no event among %lld rows",
                       (long long)s->n);
    size_t cells = (size_t)k * (size_t)k;
    c->kept = mem_array((size_t)k, sizeof *c->kept);
    c->runs_away = mem_array((size_t)k, sizeof *c->runs_away);
    c->coef = mem_array((size_t)k, sizeof *c->coef);
    c->covariance = mem_array(cells, sizeof *c->covariance);
    c->robust = mem_array(cells, sizeof *c->robust);
    c->proportional = mem_array((size_t)k, sizeof *c->proportional);
    c->rank = independent_columns(x, s->n, k, c->kept);
    if (c->rank < 1)
        return err_set(reterr, ERR_INVALID, "proportional hazards: no column varies");
    if (c->rank >= c->n_events)
        return err_set(reterr, ERR_INVALID, "proportional hazards: %lld events cannot tell %d columns apart",
                       (long long)c->n_events, c->rank);
    CLEANUP(mem_freep) double *scale = mem_array((size_t)c->rank, sizeof *scale);
    Work w = work_new(s, c->rank, stratum);
    standardise(&w, x, c, scale);
    ErrKind kind = fit(&w, c, scale, clusters, reterr);
    work_done(&w);
    if (kind != ERR_NONE)
        return kind;
    *ret = c;
    c = NULL;
    return ERR_NONE;
}

void stats_cox_free(StatsCox *c)
{
    if (!c)
        return;
    mem_free(c->kept);
    mem_free(c->runs_away);
    mem_free(c->coef);
    mem_free(c->covariance);
    mem_free(c->robust);
    mem_free(c->proportional);
    mem_free(c);
}
