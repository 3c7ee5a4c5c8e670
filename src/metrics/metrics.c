/* metrics.c - see metrics.h. Families, cells and their updates; the formats are in metrics_render.c. */
#include "metrics/metrics.h"

#include "base/mem.h"
#include "metrics/metrics_family.h"

#include <stdlib.h>
#include <string.h>

#define COLLECTORS_MAX 32

const double METRICS_LATENCY_BOUNDS[14] = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                           0.1,    0.2,   0.5,    1,     2.5,  5,     10};

static Metric dropped_metric = METRIC_COUNTER(
    "ehub_metrics_dropped_total", "Updates that went to the cell \"other\" of a full family.", "family");

static pthread_mutex_t registry_lock = PTHREAD_MUTEX_INITIALIZER;
static Metric *registry;
static int registry_len;
static struct {
    void (*fn)(void *arg);
    void *arg;
} collectors[COLLECTORS_MAX];
static int n_collectors;

static MetricFamily *family_of(Metric *m)
{
    MetricFamily *f = __atomic_load_n(&m->state, __ATOMIC_ACQUIRE);
    if (f != NULL)
        return f;
    pthread_mutex_lock(&registry_lock);
    f = m->state;
    if (f == NULL) {
        BUG_ON(m->n_bounds > METRICS_BUCKETS_MAX);
        f = MEM_NEW(MetricFamily);
        pthread_mutex_init(&f->lock, NULL);
        m->next = registry;
        registry = m;
        registry_len++;
        __atomic_store_n(&m->state, f, __ATOMIC_RELEASE);
    }
    pthread_mutex_unlock(&registry_lock);
    return f;
}

static uint64_t hash_labels(const char *const *values)
{
    uint64_t h = 0;
    for (int i = 0; values[i] != NULL; i++)
        h = str_hash(str_from(values[i]), h + 1);
    return h;
}

/* A copy in which every byte that is not valid UTF-8 is a question mark: scrapers refuse the whole page for
 * one. */
static char *copy_label(const char *value)
{
    char *copy = mem_strdup(value);
    size_t len = strlen(copy), from = 0, bad;
    while (from < len && !str_is_utf8((Str){copy + from, len - from}, &bad)) {
        from += bad;
        copy[from++] = '?';
    }
    return copy;
}

static MetricCell *cell_new(const Metric *m, const char *const *values, uint64_t hash)
{
    MetricCell *c = MEM_NEW(MetricCell);
    c->metric = m;
    c->hash = hash;
    for (int i = 0; i < METRICS_LABELS_MAX && m->labels[i] != NULL; i++)
        c->label_values[i] = copy_label(values != NULL ? values[i] : "other");
    if (m->kind == METRIC_IS_HISTOGRAM)
        c->buckets = mem_array((size_t)m->n_bounds + 1, sizeof *c->buckets);
    return c;
}

static bool cell_has(const MetricCell *c, uint64_t hash, const char *const *values)
{
    if (c->hash != hash)
        return false;
    for (int i = 0; values[i] != NULL; i++)
        if (strcmp(c->label_values[i], values[i]) != 0)
            return false;
    return true;
}

/* NULL when the family is full. */
static MetricCell *find_or_add(Metric *m, MetricFamily *f, const char *const *values)
{
    uint64_t hash = hash_labels(values);
    size_t at = hash % METRICS_INDEX_SIZE;
    while (f->index[at] != NULL && !cell_has(f->index[at], hash, values))
        at = (at + 1) % METRICS_INDEX_SIZE;
    if (f->index[at] == NULL && f->n_cells < METRICS_CELLS_MAX) {
        f->index[at] = cell_new(m, values, hash);
        f->cells[f->n_cells++] = f->index[at];
    }
    return f->index[at];
}

MetricCell *metrics_cell_of(Metric *m, const char *const *label_values)
{
    MetricFamily *f = family_of(m);
    int n = 0;
    while (label_values[n] != NULL)
        n++;
    BUG_ON(n > METRICS_LABELS_MAX || m->labels[n] != NULL || (n > 0 && m->labels[n - 1] == NULL));
    pthread_mutex_lock(&f->lock);
    MetricCell *c = find_or_add(m, f, label_values);
    bool full = c == NULL;
    if (full && f->other == NULL)
        f->other = cell_new(m, NULL, 0);
    if (full)
        c = f->other;
    pthread_mutex_unlock(&f->lock);
    if (full && m != &dropped_metric)
        metrics_add(metrics_cell(&dropped_metric, m->name), 1);
    return c;
}

static double bits_to_double(uint64_t bits)
{
    double d;
    memcpy(&d, &bits, sizeof d);
    return d;
}

static uint64_t double_to_bits(double d)
{
    uint64_t bits;
    memcpy(&bits, &d, sizeof bits);
    return bits;
}

void metrics_add(MetricCell *c, double by)
{
    uint64_t old = atomic_load_explicit(&c->value, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&c->value, &old, double_to_bits(bits_to_double(old) + by),
                                                  memory_order_relaxed, memory_order_relaxed))
        ;
}

void metrics_set(MetricCell *c, double v)
{
    atomic_store_explicit(&c->value, double_to_bits(v), memory_order_relaxed);
}

void metrics_observe(MetricCell *c, double v)
{
    const Metric *m = c->metric;
    int i = 0;
    while (i < m->n_bounds && !(v <= m->bounds[i]))
        i++;
    atomic_fetch_add_explicit(&c->buckets[i], 1, memory_order_relaxed);
    metrics_add(c, v);
}

double metrics_value(const MetricCell *c)
{
    if (c->metric->kind != METRIC_IS_HISTOGRAM)
        return bits_to_double(atomic_load_explicit(&c->value, memory_order_relaxed));
    uint64_t count = 0;
    for (int i = 0; i <= c->metric->n_bounds; i++)
        count += atomic_load_explicit(&c->buckets[i], memory_order_relaxed);
    return (double)count;
}

void metrics_collect(void (*fn)(void *arg), void *arg)
{
    pthread_mutex_lock(&registry_lock);
    BUG_ON(n_collectors == COLLECTORS_MAX);
    collectors[n_collectors].fn = fn;
    collectors[n_collectors++].arg = arg;
    pthread_mutex_unlock(&registry_lock);
}

void metrics_run_collectors(void)
{
    pthread_mutex_lock(&registry_lock);
    int n = n_collectors;
    pthread_mutex_unlock(&registry_lock);
    for (int i = 0; i < n; i++) /* entries never change once counted */
        collectors[i].fn(collectors[i].arg);
}

static int by_name(const void *a, const void *b)
{
    return strcmp((*(Metric *const *)a)->name, (*(Metric *const *)b)->name);
}

Metric **metrics_families(int *ret_n)
{
    pthread_mutex_lock(&registry_lock);
    Metric **all = mem_array((size_t)registry_len + 1, sizeof(Metric *));
    int n = 0;
    for (Metric *m = registry; m != NULL; m = m->next)
        all[n++] = m;
    pthread_mutex_unlock(&registry_lock);
    qsort(all, (size_t)n, sizeof *all, by_name);
    *ret_n = n;
    return all;
}
