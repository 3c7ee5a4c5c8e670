/* The promises of gbt.h about threads: any number may score one model at once, and no call allocates or locks. The linker
 * puts the counters below in front of the C library's functions (--wrap, tests/unit/meson.build). */
#include "gbt/gbt.h"
#include "oracle.h"

#include <pthread.h>

enum { THREADS = 4, TIMES = 3, SCORED = 300, EXPLAINED = 12, BACKGROUND = 5 };

static _Thread_local long n_calls;

#define COUNTED(type, name, params, args) \
    type __real_##name params;            \
    type __wrap_##name params;            \
    type __wrap_##name params             \
    {                                     \
        n_calls++;                        \
        return __real_##name args;        \
    }
COUNTED(void *, malloc, (size_t n), (n))
COUNTED(void *, calloc, (size_t n, size_t bytes), (n, bytes))
COUNTED(void *, realloc, (void *p, size_t n), (p, n))
COUNTED(void *, reallocarray, (void *p, size_t n, size_t bytes), (p, n, bytes))
COUNTED(void *, aligned_alloc, (size_t alignment, size_t n), (alignment, n))
COUNTED(void, free, (void *p), (p))
COUNTED(int, pthread_mutex_lock, (pthread_mutex_t * m), (m))

/* Everything that a model says of the rows. */
typedef struct Answers {
    float *margins, *alone, *sparse, *values;
    double *shap, *pairs, *against;
} Answers;

typedef struct Subject {
    const GbtModel *m;
    const float *x;
    GbtCsr csr;
    size_t width, groups, outputs;
    Answers expected;
} Subject;

typedef struct Worker {
    const Subject *subject;
    pthread_barrier_t *start;
    GbtScratch *scratch;
    Answers got;
    long n_calls;
    bool same;
} Worker;

static size_t shap_size(const Subject *s)
{
    return s->groups * (s->width + 1);
}

static Answers answers_new(const Subject *s)
{
    return (Answers){
        .margins = mem_array(SCORED * s->groups, sizeof(float)),
        .alone = mem_array(SCORED * s->groups, sizeof(float)),
        .sparse = mem_array(SCORED * s->groups, sizeof(float)),
        .values = mem_array(SCORED * s->outputs, sizeof(float)),
        .shap = mem_array(EXPLAINED * shap_size(s), sizeof(double)),
        .pairs = mem_array(EXPLAINED * shap_size(s) * (s->width + 1), sizeof(double)),
        .against = mem_array(EXPLAINED * shap_size(s), sizeof(double)),
    };
}

static void answers_done(Answers *a)
{
    mem_free(a->margins);
    mem_free(a->alone);
    mem_free(a->sparse);
    mem_free(a->values);
    mem_free(a->shap);
    mem_free(a->pairs);
    mem_free(a->against);
}

static void ask(const Subject *s, Answers *a, GbtScratch *scratch)
{
    gbt_margins(s->m, s->x, SCORED, a->margins, scratch);
    gbt_margins_csr(s->m, &s->csr, SCORED, a->sparse, scratch);
    gbt_predict(s->m, s->x, SCORED, a->values, scratch);
    for (size_t i = 0; i < SCORED; i++)
        gbt_margins(s->m, s->x + i * s->width, 1, a->alone + i * s->groups, scratch);
    for (size_t i = 0; i < EXPLAINED; i++) {
        const float *row = s->x + i * s->width;
        gbt_shap(s->m, row, a->shap + i * shap_size(s), scratch);
        gbt_interactions(s->m, row, a->pairs + i * shap_size(s) * (s->width + 1), scratch);
        gbt_shap_against(s->m, row, s->x, BACKGROUND, a->against + i * shap_size(s), scratch);
    }
}

static bool answers_same(const Subject *s, const Answers *a, const Answers *b)
{
    size_t margins = SCORED * s->groups * sizeof(float), shap = EXPLAINED * shap_size(s) * sizeof(double);
    return memcmp(a->margins, b->margins, margins) == 0 && memcmp(a->alone, b->margins, margins) == 0 &&
           memcmp(a->sparse, b->margins, margins) == 0 &&
           memcmp(a->values, b->values, SCORED * s->outputs * sizeof(float)) == 0 &&
           memcmp(a->shap, b->shap, shap) == 0 && memcmp(a->against, b->against, shap) == 0 &&
           memcmp(a->pairs, b->pairs, shap * (s->width + 1)) == 0;
}

static void *work(void *arg)
{
    Worker *w = arg;
    pthread_barrier_wait(w->start);
    w->same = true;
    for (int i = 0; i < TIMES; i++) {
        long before = n_calls;
        ask(w->subject, &w->got, w->scratch);
        w->n_calls += n_calls - before;
        w->same = w->same && answers_same(w->subject, &w->got, &w->subject->expected);
    }
    return NULL;
}

/* All threads at once, which also choose the kernel at the same time. */
static void check_threads(const Subject *s, const char *name)
{
    pthread_barrier_t start;
    assert_int_equal(pthread_barrier_init(&start, NULL, THREADS), 0);
    Worker workers[THREADS];
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        workers[i] =
            (Worker){.subject = s, .start = &start, .scratch = gbt_scratch_new(s->m), .got = answers_new(s)};
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&start);
    for (int i = 0; i < THREADS; i++) {
        if (!workers[i].same)
            fail_msg("%s: thread %d of %d got other numbers than one alone", name, i, THREADS);
        if (workers[i].n_calls != 0)
            fail_msg("%s: %ld calls of the allocator or of a lock while scoring", name, workers[i].n_calls);
        gbt_scratch_free(workers[i].scratch);
        answers_done(&workers[i].got);
    }
}

/* Every value that is not missing. */
static GbtCsr csr_new(const Oracle *o)
{
    size_t width = (size_t)o->n_features, n = 0;
    size_t *start = mem_array(SCORED + 1, sizeof *start);
    uint32_t *feature = mem_array(SCORED * width, sizeof *feature);
    float *value = mem_array(SCORED * width, sizeof *value);
    for (size_t i = 0; i < SCORED * width; i++) {
        if (i % width == 0)
            start[i / width] = n;
        if (isnan(o->x[i]))
            continue;
        feature[n] = (uint32_t)(i % width);
        value[n++] = o->x[i];
    }
    start[SCORED] = n;
    return (GbtCsr){start, feature, value};
}

static void check(const OracleSpec *spec)
{
    Oracle o = oracle_train(spec);
    Err err;
    GbtModel *m;
    T_OK(gbt_load(oracle_save(&o, "ubj"), GBT_ROUNDS_ALL, &m, &err), err);
    Subject s = {.m = m,
                 .x = o.x,
                 .csr = csr_new(&o),
                 .width = (size_t)o.n_features,
                 .groups = (size_t)gbt_n_groups(m),
                 .outputs = (size_t)gbt_n_outputs(m)};
    s.expected = answers_new(&s);
    GbtScratch *scratch = gbt_scratch_new(m);
    ask(&s, &s.expected, scratch);
    const float *margins = oracle_predict(&o, 1);
    assert_memory_equal(s.expected.margins, margins, SCORED * s.groups * sizeof *margins);
    static const char *const KERNELS[] = {NULL, "avx512", "avx2", "plain"};
    for (size_t k = 0; k < ARRAY_LEN(KERNELS); k++)
        if (gbt_kernel_choose(KERNELS[k]))
            check_threads(&s, spec->objective);
    gbt_kernel_choose(NULL);
    gbt_scratch_free(scratch);
    answers_done(&s.expected);
    mem_free((void *)(uintptr_t)s.csr.start);
    mem_free((void *)(uintptr_t)s.csr.feature);
    mem_free((void *)(uintptr_t)s.csr.value);
    gbt_unref(m);
    oracle_done(&o);
}

TEST(the_counter_counts)
{
    long before = n_calls;
    mem_free(mem_zalloc(8));
    mem_free(mem_array(2, 8));
    mem_free(mem_aligned(64, 64));
    mem_free(mem_grow(NULL, 2, 8));
    assert_int_equal(n_calls - before, 8);
}

TEST(threads_score_and_explain_one_model_without_allocating)
{
    static const OracleSpec specs[] = {
        {"binary:logistic", 4, 12, 400, 6, 0.1, {{0}}, 0, 0},
        {"multi:softprob", 3, 5, 400, 5, 0.1, {{"num_class", "3"}}, 0, 0},
        {"binary:logistic", 10, 4, 1500, 4, 0.2, {{"min_child_weight", "0"}, {"lambda", "0.001"}}, 0, 0},
        {"reg:squarederror", 4, 8, 400, 5, 0.1, {{0}}, 20, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(specs); i++)
        check(&specs[i]);
}

T_MAIN(T(the_counter_counts), T(threads_score_and_explain_one_model_without_allocating))
