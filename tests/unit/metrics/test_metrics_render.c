#include "harness/t.h"

#include "base/file.h"
#include "metrics/metrics.h"
#include "rt/rt_child.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static Metric odd = METRIC_COUNTER("t_odd_total", "A \\ and a\nline and \"quotes\".", "label");
static Metric seconds = METRIC_HISTOGRAM("t_wait_seconds", "Waiting.", METRICS_LATENCY_BOUNDS, "pool");
static Metric number = METRIC_GAUGE("t_number", "Numbers.", "v");
static Metric memory = METRIC_GAUGE("t_memory_bytes", "Memory.", NULL);

static void fill(void *arg)
{
    (void)arg;
    metrics_set(metrics_cell(&odd, "back\\slash \"quote\"\nline"), 1);
    metrics_set(metrics_cell(&odd, "bad \xff\xc3z byte"), 2);
    metrics_set(metrics_cell(&number, "big"), 1e300);
    metrics_set(metrics_cell(&number, "third"), 1.0 / 3);
    metrics_set(metrics_cell(&number, "int"), 123456789012);
    metrics_set(metrics_cell(&number, "inf"), -1 / 0.0);
    metrics_set(metrics_cell(&memory), 4096);
}

static const char *page(MetricsFormat f, Buf *out)
{
    static bool registered;
    if (!registered)
        metrics_collect(fill, NULL);
    registered = true;
    if (metrics_value(metrics_cell(&seconds, "api")) == 0)
        for (int i = 0; i < 20; i++)
            metrics_observe(metrics_cell(&seconds, "api"), i * 0.011);
    metrics_render(f, out);
    return buf_cstr(out);
}

#define HAS(page_, text)                             \
    do {                                             \
        if (strstr((page_), (text)) == NULL)         \
            fail_msg("not in the page: %s", (text)); \
    } while (0)

TEST(text_format_escapes_and_groups)
{
    CLEANUP(buf_done) Buf out = BUF(1 << 20);
    const char *p = page(METRICS_TEXT_0_0_4, &out);
    HAS(p, "# HELP t_odd_total A \\\\ and a\\nline and \"quotes\".\n# TYPE t_odd_total counter\n");
    HAS(p, "t_odd_total{label=\"back\\\\slash \\\"quote\\\"\\nline\"} 1\n");
    HAS(p, "t_odd_total{label=\"bad ??z byte\"} 2\n");
    HAS(p, "t_number{v=\"big\"} 1e+300\n");
    HAS(p, "t_number{v=\"third\"} 0.3333333333333333\n");
    HAS(p, "t_number{v=\"int\"} 123456789012\n");
    HAS(p, "t_number{v=\"inf\"} -Inf\n");
    assert_null(strstr(p, "# EOF"));
    assert_int_equal(p[out.len - 1], '\n');
}

TEST(openmetrics_names_the_family_without_total_and_ends_with_eof)
{
    CLEANUP(buf_done) Buf out = BUF(1 << 20);
    const char *p = page(METRICS_OPENMETRICS_1_0, &out);
    HAS(p, "# HELP t_odd A \\\\ and a\\nline and \\\"quotes\\\".\n# TYPE t_odd counter\n");
    HAS(p, "\nt_odd_total{");
    HAS(p, "# UNIT t_wait_seconds seconds\n");
    HAS(p, "# UNIT t_memory_bytes bytes\n");
    assert_true(str_ends(buf_str(&out), STR("\n# EOF\n")));
}

TEST(accept_decides_the_format)
{
    static const struct {
        const char *accept;
        MetricsFormat format;
    } rows[] = {
        {NULL, METRICS_TEXT_0_0_4},
        {"*/*", METRICS_TEXT_0_0_4},
        /* what Prometheus 2.42 sends */
        {"application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
         "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
         METRICS_OPENMETRICS_1_0},
        {"application/openmetrics-text; version=0.0.1", METRICS_TEXT_0_0_4},
        {"application/openmetrics-text;version=1.0.0;q=0", METRICS_TEXT_0_0_4},
        {"application/openmetrics-text;q=0.2, text/plain;q=0.9", METRICS_TEXT_0_0_4},
        {"application/openmetrics-text;q=nonsense", METRICS_TEXT_0_0_4},
        {";,;;q=,", METRICS_TEXT_0_0_4},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(metrics_negotiate(str_from(rows[i].accept)), rows[i].format);
    assert_string_equal(metrics_content_type(METRICS_TEXT_0_0_4), "text/plain; version=0.0.4; charset=utf-8");
    assert_string_equal(metrics_content_type(METRICS_OPENMETRICS_1_0),
                        "application/openmetrics-text; version=1.0.0; charset=utf-8");
}

static double value_after(const char *p, const char *name)
{
    const char *at = strstr(p, name);
    return at != NULL ? strtod(at + strlen(name), NULL) : -1;
}

TEST(process_figures_agree_with_the_system)
{
    CLEANUP(buf_done) Buf out = BUF(1 << 20);
    const char *p = page(METRICS_TEXT_0_0_4, &out);
    double started = value_after(p, "\nprocess_start_time_seconds ");
    assert_true(started > (double)time(NULL) - 600 && started <= (double)time(NULL) + 1);
    double rss = value_after(p, "\nprocess_resident_memory_bytes ");
    assert_true(rss > 500e3 && rss < 4e9);
    int fds[2];
    double before = value_after(p, "\nprocess_open_fds ");
    assert_int_equal(pipe(fds), 0);
    buf_clear(&out);
    p = page(METRICS_TEXT_0_0_4, &out);
    T_NEAR(before + 2, value_after(p, "\nprocess_open_fds "), 0);
    close(fds[0]);
    close(fds[1]);
    assert_true(value_after(p, "\nprocess_cpu_seconds_total ") > 0);
}

/* Writes the page to a file and lets `command` read it as its standard input. */
static void check_with(const char *command, MetricsFormat f)
{
    CLEANUP(buf_done) Buf out = BUF(1 << 20);
    char path[] = "/tmp/ehub-metrics-XXXXXX", script[600];
    close(mkstemp(path));
    Err err = {0};
    page(f, &out);
    T_OK(file_write(path, buf_str(&out), 0600, &err), err);
    snprintf(script, sizeof script, "%s < %s", command, path);
    const char *const argv[] = {"sh", "-c", script, NULL};
    CLEANUP(buf_done) Buf said = BUF(1 << 20);
    ErrKind kind =
        rt_child_run(&(RtChildConf){.name = "parser", .argv = argv}, deadline_in_ms(60000), &said, &err);
    unlink(path);
    if (kind != ERR_NONE)
        fail_msg("%s\n%s", err.msg, buf_cstr(&said));
}

static bool can_run(const char *script)
{
    const char *const argv[] = {"sh", "-c", script, NULL};
    return rt_child_run(&(RtChildConf){.name = "probe", .argv = argv}, deadline_in_ms(60000), NULL, NULL) ==
           ERR_NONE;
}

TEST(promtool_accepts_the_text_format)
{
    if (!can_run("command -v promtool"))
        skip();
    check_with("promtool check metrics", METRICS_TEXT_0_0_4);
}

TEST(the_python_client_parses_openmetrics)
{
    if (!can_run("/usr/bin/python3 -c 'import prometheus_client.openmetrics.parser'"))
        skip();
    check_with("/usr/bin/python3 -c 'import sys; from prometheus_client.openmetrics.parser import "
               "text_string_to_metric_families as p; f = {m.name: m for m in p(sys.stdin.read())}; "
               "assert f[\"t_wait_seconds\"].unit == \"seconds\"; "
               "assert sorted(s.labels[\"label\"] for s in f[\"t_odd\"].samples) == "
               "[\"back\\\\slash \\\"quote\\\"\\nline\", \"bad ??z byte\"]'",
               METRICS_OPENMETRICS_1_0);
}

T_MAIN(T(text_format_escapes_and_groups), T(openmetrics_names_the_family_without_total_and_ends_with_eof),
       T(accept_decides_the_format), T(process_figures_agree_with_the_system),
       T(promtool_accepts_the_text_format), T(the_python_client_parses_openmetrics))
