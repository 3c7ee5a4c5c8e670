/* scale_scrape.c - see scale_scrape.h. */
#include "scale/scale_scrape.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "scale/scale_http.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ANSWER_MAX (16u << 20)
#define SAMPLES_BYTES_MAX (128u << 20)
#define PATH_MAX_ (SCALE_CONF_TEXT_MAX + 32)

/* ---- the text ---- */

/* What follows the labels, which may hold escaped quotes; false: they do not end. */
static bool after_labels(Str s, Str *ret)
{
    bool quoted = false;
    for (size_t i = 1; i < s.len; i++) {
        if (quoted && s.ptr[i] == '\\')
            i++;
        else if (s.ptr[i] == '"')
            quoted = !quoted;
        else if (s.ptr[i] == '}' && !quoted) {
            *ret = str_slice(s, i + 1, s.len);
            return true;
        }
    }
    return false;
}

/* The value of a line "name{labels} value [time]" of that name. *ret NAN: another name, or no finite number. */
static bool read_line(Str line, Str metric, double *ret)
{
    Str rest, text;
    *ret = NAN;
    if (!str_starts(line, metric))
        return true;
    rest = str_slice(line, metric.len, line.len);
    if (rest.len > 0 && rest.ptr[0] == '{' && !after_labels(rest, &rest))
        return false;
    if (rest.len == 0 || (rest.ptr[0] != ' ' && rest.ptr[0] != '\t'))
        return rest.len > 0; /* a longer name */
    rest = str_trim(rest);
    if (!str_next(&rest, ' ', &text))
        return false;
    if (!str_to_f64(text, ret)) {
        *ret = NAN;
        return str_eq_nocase(text, STR("NaN")) || str_eq_nocase(text, STR("+Inf")) ||
               str_eq_nocase(text, STR("-Inf"));
    }
    return true;
}

ErrKind scale_scrape_sum(Str text, const char *metric, double *ret, Err *reterr)
{
    Str line;
    int64_t number = 0;
    bool found = false;
    *ret = 0;
    while (text.len > 0 && str_next(&text, '\n', &line)) {
        double v;
        number++;
        if (!read_line(line, str_from(metric), &v))
            return err_set(reterr, ERR_MALFORMED, "line %lld of the metrics: %.*s", (long long)number,
                           (int)MIN(line.len, 100), line.ptr);
        if (isnan(v))
            continue;
        *ret += v;
        found = true;
    }
    return found ? ERR_NONE : err_set(reterr, ERR_NOT_FOUND, "the metrics hold no value of %.200s", metric);
}

/* ---- the rates ---- */

void scale_scrape_rates(const ScaleSample *s, int64_t n, int64_t start_s, int64_t step_s, double *v,
                        int64_t n_steps)
{
    double longest = MAX(SCALE_SCRAPE_GAP_S, 2 * (double)step_s);
    CLEANUP(mem_freep) double *known = mem_array((size_t)MAX(n_steps, 1), sizeof *known); /* seconds */
    for (int64_t k = 0; k < n_steps; k++)
        v[k] = 0;
    for (int64_t i = 1; i < n; i++) {
        double from = s[i - 1].t_s, to = s[i].t_s;
        double grown = s[i].counter < s[i - 1].counter ? s[i].counter : s[i].counter - s[i - 1].counter;
        if (!(to > from) || to - from > longest)
            continue;
        int64_t k = (int64_t)MAX(floor((from - (double)start_s) / (double)step_s), 0);
        for (; k < n_steps && (double)(start_s + k * step_s) < to; k++) {
            double begin = (double)(start_s + k * step_s);
            double part = MIN(to, begin + (double)step_s) - MAX(from, begin);
            if (part <= 0)
                continue;
            v[k] += grown * part / (to - from);
            known[k] += part;
        }
    }
    for (int64_t k = 0; k < n_steps; k++)
        v[k] = known[k] > (double)step_s / 2 ? v[k] / known[k] : NAN;
}

/* ---- the file ---- */

static ErrKind keep(const char *path, const ScaleSample *s, Err *reterr)
{
    char line[80];
    int len = snprintf(line, sizeof line, "%.3f,%.17g\n", s->t_s, s->counter);
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    bool good = fd >= 0 && write(fd, line, (size_t)len) == len;
    int error = errno;
    if (fd >= 0)
        close(fd);
    return good ? ERR_NONE : err_set_errno(reterr, ERR_IO, error, "%s", path);
}

/* The samples from `from_s` on, in order of time; what is damaged or goes back in time is passed over. */
static int64_t parse(Str text, double from_s, ScaleSample *s, int64_t max)
{
    Str line, time;
    int64_t n = 0;
    while (text.len > 0 && n < max && str_next(&text, '\n', &line)) {
        ScaleSample one;
        if (str_next(&line, ',', &time) && str_to_f64(time, &one.t_s) && str_to_f64(line, &one.counter) &&
            one.t_s >= from_s && (n == 0 || one.t_s > s[n - 1].t_s))
            s[n++] = one;
    }
    return n;
}

/* Only what is still wanted, once it is less than half of the file. */
static ErrKind shorten(const char *path, const ScaleSample *s, int64_t n, int64_t n_lines, Err *reterr)
{
    if (n_lines < 2 * n + 10000)
        return ERR_NONE;
    CLEANUP(buf_done) Buf text = BUF(SAMPLES_BYTES_MAX);
    for (int64_t i = 0; i < n; i++)
        buf_addf(&text, "%.3f,%.17g\n", s[i].t_s, s[i].counter);
    TRY(buf_check(&text, reterr));
    return file_write(path, buf_str(&text), 0640, reterr);
}

static ErrKind load(const char *path, double from_s, ScaleSample **ret, int64_t *ret_n, Err *reterr)
{
    CLEANUP(buf_done) Buf text = BUF(SAMPLES_BYTES_MAX);
    TRY(file_read(path, &text, reterr));
    int64_t lines = 0;
    for (size_t i = 0; i < text.len; i++)
        lines += text.ptr[i] == '\n';
    *ret = mem_array((size_t)MAX(MIN(lines, SCALE_SCRAPE_SAMPLES_MAX), 1), sizeof **ret);
    *ret_n = parse(buf_str(&text), from_s, *ret, MIN(lines, SCALE_SCRAPE_SAMPLES_MAX));
    return shorten(path, *ret, *ret_n, lines, reterr);
}

static ErrKind sample(const ScaleConf *c, int64_t now_us, ScaleSample *ret, Err *reterr)
{
    CLEANUP(buf_done) Buf answer = BUF(ANSWER_MAX);
    ScaleHttp r = {.url = c->source_at,
                   .accept = "text/plain",
                   .token_file = scale_conf_file(c->source_token),
                   .ca_file = scale_conf_file(c->source_ca)};
    ret->t_s = (double)now_us / 1e6;
    TRY(scale_http(&r, deadline_in_ms(SCALE_SCRAPE_TIMEOUT_MS), &answer, reterr));
    ErrKind e = scale_scrape_sum(buf_str(&answer), c->query, &ret->counter, reterr);
    return e == ERR_NONE ? e : err_wrap(reterr, e, "%.200s", c->source_at);
}

ErrKind scale_scrape(const ScaleConf *c, int64_t now_us, ScaleSeries **ret, Err *reterr)
{
    char path[PATH_MAX_];
    ScaleSample now;
    CLEANUP(mem_freep) ScaleSample *s = NULL;
    int64_t n_samples, step = c->world.step_s, n = c->history_s / step, first = 0;
    int64_t start = (now_us / US_PER_S / step - n) * step;
    snprintf(path, sizeof path, "%s/samples.csv", c->state);
    TRY(file_mkdirs(c->state, 0750, reterr));
    TRY(sample(c, now_us, &now, reterr));
    TRY(keep(path, &now, reterr));
    TRY(load(path, (double)(start - step), &s, &n_samples, reterr));
    CLEANUP(mem_freep) double *v = mem_array((size_t)n, sizeof *v);
    scale_scrape_rates(s, n_samples, start, step, v, n);
    while (first < n && isnan(v[first]))
        first++;
    if (first == n)
        return err_set(reterr, ERR_UNAVAILABLE,
                       "%.200s: %lld samples so far: the load is known once a step of %lld s is over",
                       c->source_at, (long long)n_samples, (long long)step);
    *ret = scale_series_new((start + first * step) * US_PER_S, step, v + first, n - first);
    return ERR_NONE;
}
