/* model_calibrate.c - pool adjacent violators, and Platt's logistic function by Newton's method. See model_calibrate.h. */
#include "model/model_calibrate.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

typedef struct Case {
    double margin, y;
} Case;

/* Neighbours that share one probability: cases with margins low .. high. */
typedef struct Block {
    double low, high;
    double sum, n; /* of y */
} Block;

static int case_cmp(const void *a, const void *b)
{
    double x = ((const Case *)a)->margin, y = ((const Case *)b)->margin;
    return x < y ? -1 : x > y;
}

static bool falls(const Block *left, const Block *right)
{
    return left->sum * right->n >= right->sum * left->n; /* equal ones are one block too */
}

/* One block for each margin, merged backwards as long as the mean does not rise. Gives the number of blocks. */
static int64_t pool(const Case *cases, int64_t n, Block *blocks)
{
    int64_t last = -1;
    for (int64_t i = 0; i < n;) {
        Block b = {cases[i].margin, cases[i].margin, 0, 0};
        for (; i < n && cases[i].margin == b.low; i++) {
            b.sum += cases[i].y;
            b.n += 1;
        }
        blocks[++last] = b;
        while (last > 0 && falls(&blocks[last - 1], &blocks[last])) {
            blocks[last - 1].high = blocks[last].high;
            blocks[last - 1].sum += blocks[last].sum;
            blocks[last - 1].n += blocks[last].n;
            last--;
        }
    }
    return last + 1;
}

/* A finite sample proves neither 0 nor 1: the outer blocks, where all outcomes are equal, take Jeffreys' estimate
 * (k + 1/2) / (n + 1), but go no further than half way to their neighbour. */
static double outer_rate(const Block *blocks, int64_t n, int64_t i)
{
    const Block *b = &blocks[i];
    double jeffreys = (b->sum + 0.5) / (b->n + 1);
    if (b->sum == 0)
        return i + 1 < n ? fmin(jeffreys, blocks[i + 1].sum / blocks[i + 1].n / 2) : jeffreys;
    return i > 0 ? fmax(jeffreys, (1 + blocks[i - 1].sum / blocks[i - 1].n) / 2) : jeffreys;
}

static void add_step(ModelCalibration *c, double from, double to)
{
    c->from[c->n] = from;
    c->to[c->n++] = to;
}

/* The fraction k / m of each block is another one, so that n rows make at most about n^(2/3) of them: MODEL_STEPS_MAX is
 * not reached below 10 million rows; the check is for what lies above. */
static ErrKind isotonic(const Case *cases, int64_t n, ModelCalibration *c, Err *reterr)
{
    CLEANUP(mem_freep) Block *blocks = mem_array((size_t)n, sizeof *blocks);
    int64_t n_blocks = pool(cases, n, blocks);
    if (n_blocks > MODEL_STEPS_MAX / 2)
        return err_set(reterr, ERR_LIMIT, "calibration: %lld steps, at most %d", (long long)n_blocks,
                       MODEL_STEPS_MAX / 2);
    c->from = mem_array((size_t)n_blocks * 2, sizeof *c->from);
    c->to = mem_array((size_t)n_blocks * 2, sizeof *c->to);
    for (int64_t i = 0; i < n_blocks; i++) {
        const Block *b = &blocks[i];
        double rate = b->sum == 0 || b->sum == b->n ? outer_rate(blocks, n_blocks, i) : b->sum / b->n;
        add_step(c, b->low, rate);
        if (b->high > b->low)
            add_step(c, b->high, rate);
    }
    return ERR_NONE;
}

/* ---- Platt ---- */

#define NEWTON_STEPS 100
#define NEWTON_RIDGE 1e-12
#define NEWTON_NEAR 1e-7 /* of the gradient, for each row */
#define STEP_LEAST 1e-10

typedef struct Platt {
    const Case *cases;
    int64_t n;
    double high, low; /* targets of 1 and 0 */
    double scale;     /* margins are divided by it, so that both directions are alike */
} Platt;

/* Cross entropy, written so that no exponential overflows. */
static double platt_loss(const Platt *p, double a, double b)
{
    double loss = 0;
    for (int64_t i = 0; i < p->n; i++) {
        double t = p->cases[i].y > 0.5 ? p->high : p->low;
        double f = a * p->cases[i].margin / p->scale + b;
        loss += f >= 0 ? t * f + log1p(exp(-f)) : (t - 1) * f + log1p(exp(f));
    }
    return loss;
}

typedef struct Slope {
    double aa, ab, bb, a, b; /* Hessian and gradient */
} Slope;

static Slope platt_slope(const Platt *p, double a, double b)
{
    Slope s = {.aa = NEWTON_RIDGE, .bb = NEWTON_RIDGE};
    for (int64_t i = 0; i < p->n; i++) {
        double x = p->cases[i].margin / p->scale, f = a * x + b;
        double t = p->cases[i].y > 0.5 ? p->high : p->low;
        double rate = f >= 0 ? exp(-f) / (1 + exp(-f)) : 1 / (1 + exp(f)); /* probability of 1 */
        double curve = rate * (1 - rate);
        s.aa += x * x * curve;
        s.ab += x * curve;
        s.bb += curve;
        s.a += x * (t - rate);
        s.b += t - rate;
    }
    return s;
}

/* Lin, Lin, Weng 2007, algorithm 1. */
static void platt(const Platt *p, double positives, ModelCalibration *c)
{
    double n = (double)p->n;
    double a = 0, b = log((n - positives + 1) / (positives + 1));
    double loss = platt_loss(p, a, b);
    for (int i = 0; i < NEWTON_STEPS; i++) {
        Slope s = platt_slope(p, a, b);
        if (fabs(s.a) < NEWTON_NEAR * n && fabs(s.b) < NEWTON_NEAR * n)
            break;
        double det = s.aa * s.bb - s.ab * s.ab;
        double step_a = -(s.bb * s.a - s.ab * s.b) / det, step_b = -(s.aa * s.b - s.ab * s.a) / det;
        double down = s.a * step_a + s.b * step_b, step = 1;
        for (; step >= STEP_LEAST; step /= 2) {
            double to = platt_loss(p, a + step * step_a, b + step * step_b);
            if (to < loss + 1e-4 * step * down) {
                a += step * step_a;
                b += step * step_b;
                loss = to;
                break;
            }
        }
        if (step < STEP_LEAST)
            break;
    }
    c->a = a / p->scale;
    c->b = b;
}

/* ---- both ---- */

static ErrKind check(const double *margin, const double *y, int64_t n, double *ret_positives,
                     double *ret_largest, Err *reterr)
{
    *ret_positives = *ret_largest = 0;
    for (int64_t i = 0; i < n; i++) {
        if (!isfinite(margin[i]))
            return err_set(reterr, ERR_INVALID, "calibration: the margin of row %lld is not finite",
                           (long long)i + 1);
        if (y[i] != 0 && y[i] != 1)
            return err_set(reterr, ERR_INVALID, "calibration: the outcome of row %lld is %g, not 0 or 1",
                           (long long)i + 1, y[i]);
        *ret_positives += y[i];
        *ret_largest = fmax(*ret_largest, fabs(margin[i]));
    }
    if (*ret_positives == 0 || *ret_positives == (double)n)
        return err_set(reterr, ERR_INVALID, "calibration needs both outcomes: %lld rows, %.0f of them 1",
                       (long long)n, *ret_positives);
    return ERR_NONE;
}

ErrKind model_calibrate(ModelCalibrationKind kind, const double *margin, const double *y, int64_t n,
                        ModelCalibration **ret, Err *reterr)
{
    *ret = NULL;
    double positives, largest;
    TRY(check(margin, y, n, &positives, &largest, reterr));
    CLEANUP(mem_freep) Case *cases = mem_array((size_t)n, sizeof *cases);
    for (int64_t i = 0; i < n; i++)
        cases[i] = (Case){margin[i], y[i]};
    CLEANUP(model_calibration_freep) ModelCalibration *c = MEM_NEW(ModelCalibration);
    c->kind = kind;
    if (kind == MODEL_PLATT) {
        Platt p = {.cases = cases,
                   .n = n,
                   .high = (positives + 1) / (positives + 2),
                   .low = 1 / ((double)n - positives + 2),
                   .scale = largest > 0 ? largest : 1};
        platt(&p, positives, c);
    } else {
        qsort(cases, (size_t)n, sizeof *cases, case_cmp);
        TRY(isotonic(cases, n, c, reterr));
    }
    *ret = c;
    c = NULL;
    return ERR_NONE;
}

double model_calibrated(const ModelCalibration *c, double margin)
{
    if (isnan(margin))
        return NAN;
    if (c->kind == MODEL_PLATT)
        return 1 / (1 + exp(c->a * margin + c->b));
    int64_t low = 0, high = c->n - 1; /* from[low] <= margin < from[high] */
    if (margin <= c->from[0])
        return c->to[0];
    if (margin >= c->from[high])
        return c->to[high];
    while (high - low > 1) {
        int64_t mid = low + (high - low) / 2;
        if (c->from[mid] <= margin)
            low = mid;
        else
            high = mid;
    }
    double share = (margin - c->from[low]) / (c->from[high] - c->from[low]);
    return c->to[low] + share * (c->to[high] - c->to[low]);
}

void model_calibration_free(ModelCalibration *c)
{
    if (!c)
        return;
    mem_free(c->from);
    mem_free(c->to);
    mem_free(c);
}

/* ---- JSON ---- */

static void numbers_write(Jw *w, const char *key, const double *v, int64_t n)
{
    jw_key(w, key);
    jw_arr(w);
    for (int64_t i = 0; i < n; i++)
        jw_f64(w, v[i]);
    jw_end(w);
}

void model_calibration_write(Jw *w, const ModelCalibration *c)
{
    jw_obj(w);
    jw_kv_cstr(w, "kind", c->kind == MODEL_PLATT ? "platt" : "isotonic");
    if (c->kind == MODEL_PLATT) {
        jw_kv_f64(w, "a", c->a);
        jw_kv_f64(w, "b", c->b);
    } else {
        numbers_write(w, "from", c->from, c->n);
        numbers_write(w, "to", c->to, c->n);
    }
    jw_end(w);
}

static ErrKind steps_parse(const Jv *json, ModelCalibration *c, Err *reterr)
{
    const Jv *from = jv_get(json, "from"), *to = jv_get(json, "to");
    size_t n = jv_len(from);
    if (jv_kind(from) != JV_ARR || jv_kind(to) != JV_ARR || n == 0 || n > MODEL_STEPS_MAX || jv_len(to) != n)
        return err_set(reterr, ERR_CORRUPT,
                       "calibration: \"from\" and \"to\" must be equally long, 1 to %d numbers",
                       MODEL_STEPS_MAX);
    c->from = mem_array(n, sizeof *c->from);
    c->to = mem_array(n, sizeof *c->to);
    c->n = (int64_t)n;
    for (size_t i = 0; i < n; i++) {
        bool good = jv_is_f64(jv_at(from, i), &c->from[i]) && jv_is_f64(jv_at(to, i), &c->to[i]) &&
                    isfinite(c->from[i]) && c->to[i] >= 0 && c->to[i] <= 1;
        if (good && i > 0)
            good = c->from[i] > c->from[i - 1] && c->to[i] >= c->to[i - 1];
        if (!good)
            return err_set(reterr, ERR_CORRUPT, "calibration: step %zu is no step of a rising curve", i);
    }
    return ERR_NONE;
}

ErrKind model_calibration_parse(const Jv *json, ModelCalibration **ret, Err *reterr)
{
    *ret = NULL;
    CLEANUP(model_calibration_freep) ModelCalibration *c = MEM_NEW(ModelCalibration);
    Str kind = jv_get_str(json, "kind");
    if (str_eq_c(kind, "isotonic")) {
        c->kind = MODEL_ISOTONIC;
        TRY(steps_parse(json, c, reterr));
    } else if (str_eq_c(kind, "platt")) {
        c->kind = MODEL_PLATT;
        c->a = jv_get_f64(json, "a", NAN);
        c->b = jv_get_f64(json, "b", NAN);
        if (!isfinite(c->a) || !isfinite(c->b))
            return err_set(reterr, ERR_CORRUPT, "calibration: \"a\" and \"b\" must be numbers");
    } else {
        return err_set(reterr, ERR_CORRUPT, "calibration: unknown kind \"%.40s\"", kind.ptr ? kind.ptr : "");
    }
    *ret = c;
    c = NULL;
    return ERR_NONE;
}
