/* gbt_train.c - the parent's side of training: writes the request, runs the child, takes its model.
 *
 * Request file: one line of JSON (parameters and shapes), then the floats of train x, y, weight and valid x, y, weight in
 * the machine's own order; both sides are the same program on the same machine. */
#include "gbt/gbt_train.h"

#include "base/file.h"
#include "base/jw.h"
#include "rt/rt_child.h"

#include <limits.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const GbtParams GBT_PARAMS_DEFAULT = {
    .objective = "binary:logistic",
    .rounds = 200,
    .max_depth = 4,
    .eta = 0.1,
    .subsample = 1,
    .colsample = 1,
    .min_child_weight = 1,
    .lambda = 1,
    .seed = 1,
    .threads = 1,
};

static ErrKind check_matrix(const GbtMatrix *m, bool poisson, const char *which, Err *reterr)
{
    if (m->n_rows < 1 || m->n_features < 1 || m->n_features > GBT_FEATURES_MAX)
        return err_set(reterr, ERR_INVALID, "%s data: %lld rows of %d features", which, (long long)m->n_rows,
                       m->n_features);
    for (int64_t i = 0; i < m->n_rows; i++) {
        float y = m->y[i];
        if (!isfinite(y) || y < 0 || (!poisson && y > 1))
            return err_set(reterr, ERR_INVALID, "%s data, row %lld: label %g", which, (long long)i, y);
        if (m->weight && !(isfinite(m->weight[i]) && m->weight[i] >= 0))
            return err_set(reterr, ERR_INVALID, "%s data, row %lld: weight %g", which, (long long)i,
                           m->weight[i]);
    }
    int64_t n = m->n_rows * m->n_features;
    for (int64_t i = 0; i < n; i++)
        if (isinf(m->x[i]))
            return err_set(reterr, ERR_INVALID, "%s data, row %lld: %s is infinite", which,
                           (long long)(i / m->n_features), m->names[i % m->n_features]);
    return ERR_NONE;
}

static ErrKind check_params(const GbtParams *p, Err *reterr)
{
    bool known = strcmp(p->objective, "binary:logistic") == 0 || strcmp(p->objective, "count:poisson") == 0;
    if (!known)
        return err_set(reterr, ERR_UNSUPPORTED, "training for objective \"%s\"", p->objective);
    if (p->rounds < 1 || p->rounds > GBT_TREES_MAX || p->early_stop < 0)
        return err_set(reterr, ERR_INVALID, "%d rounds, stop after %d", p->rounds, p->early_stop);
    if (p->max_depth < 1 || p->max_depth > 16 || p->threads < 1 || p->threads > 256)
        return err_set(reterr, ERR_INVALID, "depth %d (1 to 16), %d threads (1 to 256)", p->max_depth,
                       p->threads);
    bool shares = p->subsample > 0 && p->subsample <= 1 && p->colsample > 0 && p->colsample <= 1;
    if (!shares || !(p->eta > 0 && p->eta <= 1) || !(p->min_child_weight >= 0) || !(p->lambda >= 0))
        return err_set(reterr, ERR_INVALID,
                       "eta, subsample and colsample lie in (0, 1], the others not below 0");
    return ERR_NONE;
}

static void write_head(Buf *out, const GbtMatrix *train, const GbtMatrix *valid, const GbtParams *p)
{
    Jw w = jw(out);
    jw_obj(&w);
    jw_kv_cstr(&w, "objective", p->objective);
    jw_kv_i64(&w, "rounds", p->rounds);
    jw_kv_i64(&w, "early_stop", p->early_stop);
    jw_kv_i64(&w, "max_depth", p->max_depth);
    jw_kv_f64(&w, "eta", p->eta);
    jw_kv_f64(&w, "subsample", p->subsample);
    jw_kv_f64(&w, "colsample", p->colsample);
    jw_kv_f64(&w, "min_child_weight", p->min_child_weight);
    jw_kv_f64(&w, "lambda", p->lambda);
    jw_kv_i64(&w, "seed", p->seed);
    jw_kv_i64(&w, "threads", p->threads);
    jw_key(&w, "monotone");
    jw_arr(&w);
    for (int f = 0; p->monotone && f < train->n_features; f++)
        jw_i64(&w, p->monotone[f]);
    jw_end(&w);
    jw_key(&w, "names");
    jw_arr(&w);
    for (int f = 0; f < train->n_features; f++)
        jw_cstr(&w, train->names[f]);
    jw_end(&w);
    jw_kv_i64(&w, "train_rows", train->n_rows);
    jw_kv_bool(&w, "train_weight", train->weight != NULL);
    jw_kv_i64(&w, "valid_rows", valid ? valid->n_rows : 0);
    jw_kv_bool(&w, "valid_weight", valid && valid->weight != NULL);
    jw_end(&w);
    buf_add_char(out, '\n');
}

static void write_matrix(Buf *out, const GbtMatrix *m)
{
    size_t n = (size_t)m->n_rows;
    buf_add(out, m->x, n * (size_t)m->n_features * sizeof *m->x);
    buf_add(out, m->y, n * sizeof *m->y);
    if (m->weight)
        buf_add(out, m->weight, n * sizeof *m->weight);
}

static ErrKind run_child(const GbtParams *p, const char *request, const char *model, Deadline by, Err *reterr)
{
    char program[PATH_MAX], threads[32];
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    if (n <= 0)
        return err_set(reterr, ERR_INTERNAL, "cannot find this program's own path");
    program[n] = 0;
    snprintf(threads, sizeof threads, "OMP_NUM_THREADS=%d", p->threads);
    const char *argv[] = {p->program ? p->program : program, "gbt-fit", request, model, NULL};
    const char *env[] = {threads, "OMP_WAIT_POLICY=passive", "OMP_DYNAMIC=false", "LC_ALL=C.UTF-8", "HOME=/",
                         NULL};
    RtChildConf conf = {.name = "gbt-fit", .argv = argv, .env = env, .death_signal = SIGKILL};
    CLEANUP(buf_done) Buf output = BUF(1u << 20);
    return rt_child_run(&conf, by, &output, reterr);
}

ErrKind gbt_train(const GbtMatrix *train, const GbtMatrix *valid, const GbtParams *params,
                  const char *work_dir, Deadline by, Buf *ret_model, Err *reterr)
{
    bool poisson = strcmp(params->objective, "count:poisson") == 0;
    TRY(check_params(params, reterr));
    TRY(check_matrix(train, poisson, "training", reterr));
    if (params->early_stop > 0 && !valid)
        return err_set(reterr, ERR_INVALID, "early stopping needs validation data");
    if (valid)
        TRY(check_matrix(valid, poisson, "validation", reterr));
    if (train->n_rows + (valid ? valid->n_rows : 0) > GBT_ROWS_MAX)
        return err_set(reterr, ERR_LIMIT, "more than %lld rows to train on", (long long)GBT_ROWS_MAX);

    char request[PATH_MAX], model[PATH_MAX], id[UUID_TEXT];
    uuid_format(uuid_v7(), id);
    if (snprintf(request, sizeof request, "%s/fit-%s.request", work_dir, id) >= (int)sizeof request)
        return err_set(reterr, ERR_LIMIT, "path of the work directory is too long");
    snprintf(model, sizeof model, "%.*s.model", (int)(strlen(request) - strlen(".request")), request);

    CLEANUP(buf_done) Buf out = BUF((size_t)16 << 30);
    write_head(&out, train, valid, params);
    write_matrix(&out, train);
    if (valid)
        write_matrix(&out, valid);
    TRY(buf_check(&out, reterr));
    ErrKind kind = file_write(request, buf_str(&out), 0600, reterr);
    buf_done(&out);
    if (kind == ERR_NONE)
        kind = run_child(params, request, model, by, reterr);
    if (kind == ERR_NONE)
        kind = file_read(model, ret_model, reterr);
    unlink(request);
    unlink(model);
    return kind;
}
