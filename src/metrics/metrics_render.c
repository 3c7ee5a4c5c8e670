/* metrics_render.c - writes the registered families as Prometheus text 0.0.4 or OpenMetrics 1.0.
 *
 * The two differ in the name of counter families (OpenMetrics: without _total), UNIT lines, the escaping of
 * HELP and the closing "# EOF". Bounds are written as OpenMetrics wants them ("1.0") in both, so that a
 * scraper that changes its format sees the same series. */
#include "metrics/metrics.h"

#include "base/mem.h"
#include "metrics/metrics_family.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static Str family_name(const Metric *m, MetricsFormat f)
{
    Str name = str_from(m->name);
    if (f == METRICS_OPENMETRICS_1_0 && m->kind == METRIC_IS_COUNTER && str_ends(name, STR("_total")))
        name.len -= sizeof "_total" - 1;
    return name;
}

static void add_escaped(Buf *out, const char *text, bool quotes)
{
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '\\')
            buf_add_c(out, "\\\\");
        else if (*p == '\n')
            buf_add_c(out, "\\n");
        else if (*p == '"' && quotes)
            buf_add_c(out, "\\\"");
        else
            buf_add_char(out, *p);
    }
}

/* The fewest digits that read back to the same value. */
static void add_number(Buf *out, double v, bool always_point)
{
    if (isnan(v)) {
        buf_add_c(out, "NaN");
        return;
    }
    if (isinf(v)) {
        buf_add_c(out, v > 0 ? "+Inf" : "-Inf");
        return;
    }
    char text[40];
    for (int digits = 6; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, v);
        if (strtod(text, NULL) == v)
            break;
    }
    buf_add_c(out, text);
    if (always_point && strpbrk(text, ".en") == NULL)
        buf_add_c(out, ".0");
}

static void add_label(Buf *out, bool *open, const char *name, const char *value)
{
    buf_add_char(out, *open ? ',' : '{');
    *open = true;
    buf_add_c(out, name);
    buf_add_c(out, "=\"");
    add_escaped(out, value, true);
    buf_add_char(out, '"');
}

/* Everything before the value: name, suffix, labels, and le when not NULL. */
static void add_series(Buf *out, const MetricCell *c, const char *suffix, const char *le)
{
    const Metric *m = c->metric;
    buf_add_c(out, m->name);
    buf_add_c(out, suffix);
    bool open = false;
    for (int i = 0; i < METRICS_LABELS_MAX && m->labels[i] != NULL; i++)
        add_label(out, &open, m->labels[i], c->label_values[i]);
    if (le != NULL)
        add_label(out, &open, "le", le);
    buf_add_c(out, open ? "} " : " ");
}

static void add_histogram(Buf *out, const MetricCell *c)
{
    const Metric *m = c->metric;
    uint64_t cumulative = 0;
    for (int i = 0; i <= m->n_bounds; i++) {
        CLEANUP(buf_done) Buf le = BUF(64);
        add_number(&le, i < m->n_bounds ? m->bounds[i] : INFINITY, true);
        cumulative += atomic_load_explicit(&c->buckets[i], memory_order_relaxed);
        add_series(out, c, "_bucket", buf_cstr(&le));
        buf_add_i64(out, (int64_t)cumulative);
        buf_add_char(out, '\n');
    }
    uint64_t sum_bits = atomic_load_explicit(&c->value, memory_order_relaxed);
    double sum;
    memcpy(&sum, &sum_bits, sizeof sum);
    add_series(out, c, "_sum", NULL);
    add_number(out, sum, false);
    buf_add_char(out, '\n');
    /* Not metrics_value: an observation may have come in between, and +Inf must equal the count. */
    add_series(out, c, "_count", NULL);
    buf_add_i64(out, (int64_t)cumulative);
    buf_add_char(out, '\n');
}

static void add_cell(Buf *out, const MetricCell *c)
{
    if (c->metric->kind == METRIC_IS_HISTOGRAM) {
        add_histogram(out, c);
        return;
    }
    add_series(out, c, "", NULL);
    add_number(out, metrics_value(c), false);
    buf_add_char(out, '\n');
}

static void add_head(Buf *out, const Metric *m, MetricsFormat f)
{
    static const char *const TYPES[] = {"counter", "gauge", "histogram"};
    Str name = family_name(m, f);
    buf_addf(out, "# HELP " STR_FMT " ", STR_ARG(name));
    add_escaped(out, m->help, f == METRICS_OPENMETRICS_1_0);
    buf_addf(out, "\n# TYPE " STR_FMT " %s\n", STR_ARG(name), TYPES[m->kind]);
    if (f != METRICS_OPENMETRICS_1_0)
        return;
    if (str_ends(name, STR("_seconds")))
        buf_addf(out, "# UNIT " STR_FMT " seconds\n", STR_ARG(name));
    if (str_ends(name, STR("_bytes")))
        buf_addf(out, "# UNIT " STR_FMT " bytes\n", STR_ARG(name));
}

static void add_family(Buf *out, Metric *m, MetricsFormat format)
{
    MetricFamily *f = m->state;
    add_head(out, m, format);
    pthread_mutex_lock(&f->lock);
    for (int i = 0; i < f->n_cells; i++)
        add_cell(out, f->cells[i]);
    if (f->other != NULL)
        add_cell(out, f->other);
    pthread_mutex_unlock(&f->lock);
}

void metrics_render(MetricsFormat f, Buf *out)
{
    metrics_process_update();
    metrics_run_collectors();
    int n;
    CLEANUP(mem_freep) Metric **all = metrics_families(&n);
    for (int i = 0; i < n; i++)
        add_family(out, all[i], f);
    if (f == METRICS_OPENMETRICS_1_0)
        buf_add_c(out, "# EOF\n");
}

const char *metrics_content_type(MetricsFormat f)
{
    return f == METRICS_OPENMETRICS_1_0 ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                        : "text/plain; version=0.0.4; charset=utf-8";
}

/* One element of Accept: its media type, its version parameter and its quality. */
static double read_range(Str range, Str *ret_type, Str *ret_version)
{
    double q = 1;
    Str part;
    *ret_version = STR_NULL;
    if (!str_next(&range, ';', ret_type))
        return 0;
    *ret_type = str_trim(*ret_type);
    while (str_next(&range, ';', &part)) {
        part = str_trim(part);
        if (str_starts(part, STR("version=")))
            *ret_version = str_slice(part, 8, part.len);
        if (str_starts(part, STR("q=")) && !str_to_f64(str_slice(part, 2, part.len), &q))
            q = 0;
    }
    return q;
}

MetricsFormat metrics_negotiate(Str accept)
{
    double q_open = 0, q_text = 0;
    Str range, type, version;
    while (accept.ptr != NULL && str_next(&accept, ',', &range)) {
        double q = read_range(range, &type, &version);
        if (str_eq_nocase(type, STR("application/openmetrics-text")) &&
            (version.ptr == NULL || str_eq_c(version, "1.0.0")))
            q_open = MAX(q_open, q);
        if (str_eq_nocase(type, STR("text/plain")))
            q_text = MAX(q_text, q);
    }
    return q_open > 0 && q_open >= q_text ? METRICS_OPENMETRICS_1_0 : METRICS_TEXT_0_0_4;
}
