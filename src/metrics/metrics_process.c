/* metrics_process.c - the process_* families that every Prometheus client offers, from /proc. */
#include "metrics/metrics_family.h"

#include "base/file.h"

#include <dirent.h>
#include <time.h>
#include <unistd.h>

static Metric cpu_metric =
    METRIC_COUNTER("process_cpu_seconds_total", "User and system CPU time spent in seconds.", NULL);
static Metric rss_metric =
    METRIC_GAUGE("process_resident_memory_bytes", "Resident memory size in bytes.", NULL);
static Metric fds_metric = METRIC_GAUGE("process_open_fds", "Number of open file descriptors.", NULL);
static Metric start_metric = METRIC_GAUGE("process_start_time_seconds",
                                          "Start time of the process since unix epoch in seconds.", NULL);

static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The n-th field, from 0, of text separated by blanks; 0 when absent. */
static double field_of(Str text, int n)
{
    Str piece = STR_NULL;
    for (int i = 0; i <= n; i++)
        if (!str_next(&text, ' ', &piece))
            return 0;
    double v;
    return str_to_f64(str_trim(piece), &v) ? v : 0;
}

static double resident_bytes(void)
{
    CLEANUP(buf_done) Buf text = BUF(4096);
    if (file_read("/proc/self/statm", &text, NULL) != ERR_NONE)
        return 0;
    return field_of(buf_str(&text), 1) * (double)sysconf(_SC_PAGESIZE);
}

static double open_fds(void)
{
    DIR *d = opendir("/proc/self/fd");
    if (d == NULL)
        return 0;
    int n = 0;
    for (const struct dirent *e = readdir(d); e != NULL; e = readdir(d))
        n += e->d_name[0] != '.';
    closedir(d);
    return n - 1; /* without the one that reads the directory */
}

/* proc(5): field 22 of stat is the start in clock ticks after boot; counted after the name, which may hold
 * blanks. */
static double start_time(void)
{
    CLEANUP(buf_done) Buf text = BUF(8192);
    if (file_read("/proc/self/stat", &text, NULL) != ERR_NONE)
        return 0;
    const char *after_name = memrchr(text.ptr, ')', text.len);
    if (after_name == NULL || after_name + 2 > text.ptr + text.len)
        return 0;
    Str rest = {after_name + 2, text.len - (size_t)(after_name + 2 - text.ptr)};
    struct timespec now, up;
    clock_gettime(CLOCK_REALTIME, &now);
    clock_gettime(CLOCK_BOOTTIME, &up);
    double boot = (double)(now.tv_sec - up.tv_sec) + (double)(now.tv_nsec - up.tv_nsec) / 1e9;
    return boot + field_of(rest, 22 - 3) / (double)sysconf(_SC_CLK_TCK);
}

void metrics_process_update(void)
{
    metrics_set(metrics_cell(&cpu_metric), cpu_seconds());
    metrics_set(metrics_cell(&rss_metric), resident_bytes());
    metrics_set(metrics_cell(&fds_metric), open_fds());
    MetricCell *start = metrics_cell(&start_metric);
    if (metrics_value(start) == 0) /* once: the difference of two clocks trembles */
        metrics_set(start, start_time());
}
