/* gbt_train.c - the parent's side of training: checks, writes the request, runs the child, takes its model.
 *
 * Request file: one line of JSON (parameters and shapes), then the floats of train x, y, weight and valid x, y, weight in
 * the machine's own order; both sides are the same program on the same machine. */
#include "gbt/gbt_train.h"

#include "base/file.h"
#include "base/jw.h"
#include "base/mem.h"
#include "gbt/gbt_constraint.h"
#include "gbt/gbt_goal.h"
#include "rt/rt_child.h"

#include <dirent.h>
#include <limits.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define REQUEST_MAX ((size_t)160 << 30)
#define OUTPUT_MAX (4u << 20)

/* ---- checks ---- */

static ErrKind check_rows(const GbtMatrix *m, const GbtGoal *goal, int num_class, const char *which,
                          Err *reterr)
{
    double total = 0;
    for (int64_t i = 0; i < m->n_rows; i++) {
        float w = m->weight ? m->weight[i] : 1;
        if (!gbt_goal_label_fits(goal, m->y[i], num_class))
            return err_set(reterr, ERR_INVALID, "%s data, row %lld: label %g", which, (long long)i, m->y[i]);
        if (!(isfinite(w) && w >= 0))
            return err_set(reterr, ERR_INVALID, "%s data, row %lld: weight %g", which, (long long)i, w);
        total += w;
    }
    if (!(total > 0))
        return err_set(reterr, ERR_INVALID, "%s data: all weights are 0", which);
    return ERR_NONE;
}

static ErrKind check_values(const GbtMatrix *m, const char *which, Err *reterr)
{
    bool any = false;
    const float *v = m->x;
    for (int64_t i = 0; i < m->n_rows; i++)
        for (int f = 0; f < m->n_features; f++, v++) {
            if (isinf(*v))
                return err_set(reterr, ERR_INVALID, "%s data, row %lld: %s is infinite", which, (long long)i,
                               m->names[f]);
            bool code = isnan(*v) || (*v >= 0 && *v < GBT_CATEGORIES_MAX && *v == floorf(*v));
            if (m->category && m->category[f] && !code)
                return err_set(reterr, ERR_INVALID, "%s data, row %lld: %s is a category, and %g is no code",
                               which, (long long)i, m->names[f], *v);
            any = any || !isnan(*v);
        }
    if (!any)
        return err_set(reterr, ERR_INVALID, "%s data: no feature has a value in any row", which);
    return ERR_NONE;
}

static ErrKind check_matrix(const GbtMatrix *m, const GbtGoal *goal, int num_class, const char *which,
                            Err *reterr)
{
    if (m->n_rows < 1 || m->n_features < 1 || m->n_features > GBT_FEATURES_MAX)
        return err_set(reterr, ERR_INVALID, "%s data: %lld rows of %d features", which, (long long)m->n_rows,
                       m->n_features);
    TRY(check_rows(m, goal, num_class, which, reterr));
    return check_values(m, which, reterr);
}

static ErrKind check(const GbtMatrix *train, const GbtMatrix *valid, const GbtParams *p, Err *reterr)
{
    bool categories = false;
    for (int f = 0; train->category && f < train->n_features; f++)
        categories = categories || train->category[f];
    GbtGoal goal;
    TRY(gbt_params_check(p, categories, reterr));
    TRY(gbt_goal_find(p->objective, &goal, reterr));
    TRY(check_matrix(train, &goal, p->num_class, "training", reterr));
    if (valid && valid->n_features != train->n_features)
        return err_set(reterr, ERR_INVALID, "validation data: %d features, training data: %d",
                       valid->n_features, train->n_features);
    if (valid)
        TRY(check_matrix(valid, &goal, p->num_class, "validation", reterr));
    if (train->n_rows + (valid ? valid->n_rows : 0) > GBT_ROWS_MAX)
        return err_set(reterr, ERR_LIMIT, "more than %lld rows to train on", (long long)GBT_ROWS_MAX);
    return ERR_NONE;
}

/* ---- the request ---- */

static void write_params(Jw *w, const GbtParams *p)
{
    jw_key(w, "params");
    jw_obj(w);
    for (int i = 0; i < GBT_N_PARAMS; i++) {
        GbtParamText t = gbt_param_text(p, i);
        if (t.text || t.value[0])
            jw_kv_cstr(w, t.name, t.text ? t.text : t.value);
    }
    jw_end(w);
}

static ErrKind write_head(Buf *out, const GbtMatrix *train, const GbtMatrix *valid, const GbtParams *p,
                          Err *reterr)
{
    CLEANUP(buf_done) Buf monotone = BUF(16 * GBT_FEATURES_MAX);
    CLEANUP(buf_done) Buf interactions = BUF(1u << 20);
    TRY(gbt_constraint_monotone(p, train, &monotone, reterr));
    TRY(gbt_constraint_interactions(p, train, &interactions, reterr));
    Jw w = jw(out);
    jw_obj(&w);
    write_params(&w, p);
    jw_kv_cstr(&w, "monotone", buf_cstr(&monotone));
    jw_kv_cstr(&w, "interactions", buf_cstr(&interactions));
    jw_key(&w, "names");
    jw_arr(&w);
    for (int f = 0; f < train->n_features; f++)
        jw_cstr(&w, train->names[f]);
    jw_end(&w);
    jw_key(&w, "category");
    jw_arr(&w);
    for (int f = 0; train->category && f < train->n_features; f++)
        jw_bool(&w, train->category[f]);
    jw_end(&w);
    jw_kv_i64(&w, "train_rows", train->n_rows);
    jw_kv_bool(&w, "train_weight", train->weight != NULL);
    jw_kv_i64(&w, "valid_rows", valid ? valid->n_rows : 0);
    jw_kv_bool(&w, "valid_weight", valid && valid->weight != NULL);
    jw_end(&w);
    buf_add_char(out, '\n');
    return ERR_NONE;
}

static void write_matrix(Buf *out, const GbtMatrix *m)
{
    size_t n = (size_t)m->n_rows;
    buf_add(out, m->x, n * (size_t)m->n_features * sizeof *m->x);
    buf_add(out, m->y, n * sizeof *m->y);
    if (m->weight)
        buf_add(out, m->weight, n * sizeof *m->weight);
}

static ErrKind write_request(const char *path, const GbtMatrix *train, const GbtMatrix *valid,
                             const GbtParams *p, Err *reterr)
{
    CLEANUP(buf_done) Buf out = BUF(REQUEST_MAX);
    TRY(write_head(&out, train, valid, p, reterr));
    write_matrix(&out, train);
    if (valid)
        write_matrix(&out, valid);
    TRY(buf_check(&out, reterr));
    return file_write(path, buf_str(&out), 0600, reterr);
}

/* ---- the child ---- */

typedef struct Talk {
    const GbtRun *run;
    GbtJob *job; /* the one in hand; `end` when all are done */
    const GbtJob *end;
    ErrKind failed; /* what the child said of itself */
    char why[ERR_MSG_MAX];
} Talk;

/* A line of gbt_fit.c: "round N METRIC", "best ROUND METRIC NAME" (the job is done), "error KIND TEXT". */
static void hear(Str line, void *arg)
{
    Talk *t = arg;
    Str word, number, value = {0};
    int64_t n;
    if (!str_next(&line, ' ', &word) || !str_next(&line, ' ', &number) || !str_to_i64(number, &n))
        return;
    if (str_eq_c(word, "error") && n > 0 && n < ERR_KIND_COUNT) {
        t->failed = (ErrKind)n;
        str_copy(t->why, sizeof t->why, line);
        return;
    }
    str_next(&line, ' ', &value);
    double metric;
    if (!str_to_f64(value, &metric))
        metric = NAN;
    if (t->job == t->end)
        return;
    GbtTrained *trained = &t->job->trained;
    if (str_eq_c(word, "round")) {
        trained->rounds = (int)n + 1;
        if (t->run->progress)
            t->run->progress((int)n + 1, t->job->params->num_boost_round, metric, t->run->progress_arg);
    } else if (str_eq_c(word, "best")) {
        trained->best_round = (int)n;
        trained->best = metric;
        str_copy(trained->metric, sizeof trained->metric, line);
        t->job++;
    }
}

/* What became of the child, for people. */
static ErrKind explain(const Talk *t, ErrKind kind, Err *reterr)
{
    const GbtMatrix *train = (t->job == t->end ? t->end - 1 : t->job)->train;
    long long n = train->n_rows;
    if (kind == ERR_NONE || kind == ERR_TIMEOUT || kind == ERR_CANCELLED)
        return kind;
    if (t->failed != ERR_NONE)
        return err_set(reterr, t->failed, "%s", t->why);
    if (reterr->code == 128 + SIGABRT && str_find(str_from(reterr->msg), STR("out of memory")) >= 0)
        return err_set(reterr, ERR_LIMIT, "not enough memory to train on %lld rows of %d features", n,
                       train->n_features);
    if (reterr->code == 128 + SIGKILL)
        return err_set(
            reterr, ERR_LIMIT,
            "the training process was killed, probably for want of memory (%lld rows of %d features)", n,
            train->n_features);
    return kind;
}

static bool is_stopped(void *arg)
{
    const GbtRun *run = arg;
    return run->stop();
}

static ErrKind run_child(const GbtRun *run, int nthread, const char *dir, int n, Talk *talk, Err *reterr)
{
    char threads[32], jobs[16];
    snprintf(threads, sizeof threads, "OMP_NUM_THREADS=%d", nthread);
    snprintf(jobs, sizeof jobs, "%d", n);
    const char *argv[] = {run->program ? run->program : "/proc/self/exe", "gbt-fit", dir, jobs, NULL};
    const char *env[] = {threads, "OMP_WAIT_POLICY=passive", "OMP_DYNAMIC=false", "LC_ALL=C.UTF-8", "HOME=/",
                         NULL};
    /* The child's /proc/self/exe is still ours until it has started, also when a new version lies in its place. A session of
     * its own: Ctrl-C reaches us, and we end the child. */
    RtChildConf conf = {.name = "gbt-fit",
                        .argv = argv,
                        .env = env,
                        .death_signal = SIGKILL,
                        .new_session = true,
                        .stop = run->stop ? is_stopped : NULL,
                        .stop_arg = (void *)run,
                        .line = hear,
                        .line_arg = talk};
    return rt_child_run(&conf, run->by, NULL, reterr);
}

/* All that was left in it, half-written files too. */
static void remove_dir(const char *path)
{
    DIR *d = opendir(path);
    if (!d)
        return;
    for (struct dirent *e; (e = readdir(d));)
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            unlinkat(dirfd(d), e->d_name, 0);
    closedir(d);
    rmdir(path);
}

static ErrKind train_in(const char *dir, GbtJob *jobs, int n, const GbtRun *run, Talk *talk, Err *reterr)
{
    char path[PATH_MAX + 32];
    for (int i = 0; i < n; i++) {
        snprintf(path, sizeof path, "%s/request-%d", dir, i);
        TRY(write_request(path, jobs[i].train, jobs[i].valid, jobs[i].params, reterr));
    }
    TRY(explain(talk, run_child(run, jobs[0].params->nthread, dir, n, talk, reterr), reterr));
    for (int i = 0; i < n; i++) {
        snprintf(path, sizeof path, "%s/model-%d", dir, i);
        TRY(file_read(path, jobs[i].model, reterr));
    }
    return ERR_NONE;
}

ErrKind gbt_train_jobs(GbtJob *jobs, int n, const GbtRun *run, Err *reterr)
{
    if (n < 1 || n > GBT_JOBS_MAX)
        return err_set(reterr, ERR_LIMIT, "%d trainings at once, at most %d", n, GBT_JOBS_MAX);
    for (int i = 0; i < n; i++) {
        TRY(check(jobs[i].train, jobs[i].valid, jobs[i].params, reterr));
        jobs[i].trained = (GbtTrained){.best = NAN};
    }
    char dir[PATH_MAX], id[UUID_TEXT];
    uuid_format(uuid_v7(), id);
    if (snprintf(dir, sizeof dir, "%s/fit-%s", run->work_dir, id) >= (int)sizeof dir)
        return err_set(reterr, ERR_LIMIT, "path of the work directory is too long");
    TRY(file_mkdirs(dir, 0700, reterr));
    Talk talk = {.run = run, .job = jobs, .end = jobs + n};
    Err own;
    ErrKind kind = train_in(dir, jobs, n, run, &talk, reterr ? reterr : &own);
    remove_dir(dir);
    return kind;
}

ErrKind gbt_train(const GbtMatrix *train, const GbtMatrix *valid, const GbtParams *params, const GbtRun *run,
                  Buf *ret_model, GbtTrained *ret, Err *reterr)
{
    GbtJob job = {.train = train, .valid = valid, .params = params, .model = ret_model};
    TRY(gbt_train_jobs(&job, 1, run, reterr));
    if (ret)
        *ret = job.trained;
    return ERR_NONE;
}
