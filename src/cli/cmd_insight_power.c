/* cmd_insight_power.c - ehub insight power: how many agents an experiment needs, or what it can find. */
#include "cli/cmd_insight.h"

#include "base/mem.h"
#include "stats/stats_power.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct Plan {
    StatsDesign design;
    double n, effect, power; /* NAN: asked for */
    double mean;             /* of the outcome, NAN: not known */
} Plan;

static ErrKind number(const CliCall *call, const char *option, double low, double high, double *ret,
                      Err *reterr)
{
    const char *text = cli_text(call, option, NULL);
    if (!text)
        return ERR_NONE;
    if (!str_to_f64(str_from(text), ret) || !(*ret >= low && *ret <= high))
        return err_set(reterr, ERR_USAGE, "--%s: \"%.40s\" is no number from %g to %g", option, text, low,
                       high);
    return ERR_NONE;
}

/* Share of the variance that lies between clusters: the one-way analysis of variance (Donner, Koval 1980). */
static double icc_of(const double *y, const StatsClusters *c, int64_t n, double *ret_size)
{
    CLEANUP(mem_freep) double *sum = mem_array((size_t)c->n, sizeof *sum);
    CLEANUP(mem_freep) double *rows = mem_array((size_t)c->n, sizeof *rows);
    double all = 0, within = 0, between = 0, squares = 0;
    for (int64_t i = 0; i < n; i++) {
        sum[c->id[i]] += y[i];
        rows[c->id[i]]++;
        all += y[i];
    }
    for (int64_t i = 0; i < n; i++) {
        double off = y[i] - sum[c->id[i]] / rows[c->id[i]];
        within += off * off;
    }
    for (int32_t k = 0; k < c->n; k++) {
        double off = sum[k] / rows[k] - all / (double)n;
        between += rows[k] * off * off;
        squares += rows[k] * rows[k];
    }
    double size = ((double)n - squares / (double)n) / (c->n - 1);
    double ms_b = between / (c->n - 1), ms_w = within / (double)(n - c->n);
    *ret_size = (double)n / c->n;
    return fmax((ms_b - ms_w) / (ms_b + (size - 1) * ms_w), 0);
}

static void fill_with_mean(const double *from, size_t n, double *out)
{
    double sum = 0, m = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(from[i])) {
            sum += from[i];
            m++;
        }
    for (size_t i = 0; i < n; i++)
        out[i] = !isnan(from[i]) ? from[i] : m > 0 ? sum / m : 0;
}

static ErrKind r2_of(const InsightData *d, double *ret, Err *reterr)
{
    CLEANUP(stats_ols_freep) StatsOls *o = NULL;
    size_t n = (size_t)d->n;
    CLEANUP(mem_freep) double *x = mem_array(n * (size_t)(d->n_pre + 1), sizeof *x);
    for (size_t i = 0; i < n; i++)
        x[i] = 1;
    for (size_t k = 0; k < (size_t)d->n_pre; k++)
        fill_with_mean(d->pre + k * n, n, x + (k + 1) * n);
    TRY(stats_ols(x, d->y, NULL, d->n, d->n_pre + 1, &o, reterr));
    *ret = fmax(o->r2, 0);
    return ERR_NONE;
}

/* What options do not give comes from rows of before. */
static ErrKind from_rows(const CliCall *call, Plan *p, Err *reterr)
{
    const char *path = cli_text(call, "data", NULL);
    if (!path)
        return ERR_NONE;
    CLEANUP(mem_freep) InsightColumns *c = MEM_NEW(InsightColumns);
    CLEANUP(mem_freep) char *names = mem_zalloc(CMD_INSIGHT_TEXT_MAX);
    CLEANUP(insight_data_freep) InsightData *d = NULL;
    c->outcome = cli_text(call, "outcome", NULL);
    c->cluster = cli_text(call, "cluster", NULL);
    if (!c->outcome)
        return err_set(reterr, ERR_USAGE, "--data needs --outcome");
    TRY(cmd_insight_names(cli_text(call, "pre", NULL), "pre", names, CMD_INSIGHT_TEXT_MAX, c->pre, &c->n_pre,
                          reterr));
    TRY(insight_data_read(path, c, &d, reterr));
    double sum = 0, square = 0;
    bool binary = true;
    for (int64_t i = 0; i < d->n; i++) {
        sum += d->y[i];
        binary = binary && (d->y[i] == 0 || d->y[i] == 1);
    }
    p->mean = sum / (double)d->n;
    for (int64_t i = 0; i < d->n; i++)
        square += (d->y[i] - p->mean) * (d->y[i] - p->mean);
    p->design.sd = sqrt(square / (double)(d->n - 1));
    if (d->n < 3 || !(p->design.sd > 0))
        return err_set(reterr, ERR_INVALID, "%s, column \"%.100s\": it never varies", path, c->outcome);
    if (binary)
        p->design.rate = p->mean;
    if (d->n_pre > 0)
        TRY(r2_of(d, &p->design.r2, reterr));
    if (d->cluster.id && d->cluster.n > 1 && d->cluster.n < d->n)
        p->design.icc =
            icc_of(d->y, &(StatsClusters){d->cluster.id, d->cluster.n}, d->n, &p->design.cluster_size);
    return ERR_NONE;
}

static ErrKind read_plan(const CliCall *call, Plan *p, Err *reterr)
{
    double rate = NAN;
    *p = (Plan){.design = {.sd = NAN, .share = 0.5, .level = 0.95, .cluster_size = 1},
                .n = NAN,
                .effect = NAN,
                .power = NAN,
                .mean = NAN};
    TRY(from_rows(call, p, reterr));
    if (cli_text(call, "sd", NULL)) {
        p->design.rate = 0;
        TRY(number(call, "sd", 1e-300, 1e300, &p->design.sd, reterr));
    }
    TRY(number(call, "rate", 0.0001, 0.9999, &rate, reterr));
    if (!isnan(rate)) {
        if (cli_text(call, "sd", NULL))
            return err_set(reterr, ERR_USAGE, "--sd and --rate: one of the two");
        p->design.rate = rate;
        p->design.sd = sqrt(rate * (1 - rate));
        p->mean = rate;
    }
    TRY(number(call, "share", 0.001, 0.999, &p->design.share, reterr));
    TRY(number(call, "r2", 0, 0.9999, &p->design.r2, reterr));
    TRY(number(call, "cluster-size", 1, 1e9, &p->design.cluster_size, reterr));
    TRY(number(call, "icc", 0, 1, &p->design.icc, reterr));
    TRY(number(call, "effect", -1e300, 1e300, &p->effect, reterr));
    TRY(number(call, "n", 4, 1e12, &p->n, reterr));
    TRY(number(call, "power", 0.05, 0.9999, &p->power, reterr));
    TRY(cmd_insight_level(call, &p->design.level, reterr));
    if (isnan(p->design.sd))
        return err_set(reterr, ERR_USAGE, "give --sd, --rate or --data with --outcome");
    int open = isnan(p->n) + isnan(p->effect) + isnan(p->power);
    if (open == 2 && isnan(p->power)) {
        p->power = 0.8;
        open = 1;
    }
    if (open != 1)
        return err_set(reterr, ERR_USAGE,
                       "give two of --n, --effect and --power (default 0.8): the third is the answer");
    double share = p->design.rate + p->effect;
    if (p->design.rate > 0 && (share < 0 || share > 1))
        return err_set(
            reterr, ERR_INVALID,
            "a share of ones of %g and an effect of %g: with treatment it would be %g, which is no share",
            p->design.rate, p->effect, share);
    return ERR_NONE;
}

static const char *solve(Plan *p)
{
    if (isnan(p->n)) {
        p->n = stats_power_rows(&p->design, p->effect, p->power);
        return "n";
    }
    if (isnan(p->effect)) {
        p->effect = stats_power_effect(&p->design, p->n, p->power);
        return "effect";
    }
    p->power = stats_power(&p->design, p->n, p->effect);
    return "power";
}

static void print(Buf *out, const Plan *p, const char *solved, bool json)
{
    const StatsDesign *d = &p->design;
    double inflation = 1 + (d->cluster_size - 1) * d->icc;
    if (json) {
        Jw w = jw(out);
        jw_obj(&w);
        jw_kv_cstr(&w, "solved", solved);
        jw_kv_f64(&w, "n", p->n);
        jw_kv_f64(&w, "n_treated", ceil(p->n * d->share));
        jw_kv_f64(&w, "effect", p->effect);
        jw_kv_f64(&w, "power", p->power);
        jw_kv_f64(&w, "level", d->level);
        jw_kv_f64(&w, "sd", d->sd);
        jw_kv_f64(&w, "mean", p->mean);
        jw_kv_f64(&w, "share", d->share);
        jw_kv_f64(&w, "r2", d->r2);
        jw_kv_f64(&w, "cluster_size", d->cluster_size);
        jw_kv_f64(&w, "icc", d->icc);
        jw_kv_f64(&w, "design_effect", inflation);
        jw_kv_cstr(&w, "label", "projection");
        jw_end(&w);
        buf_add_char(out, '\n');
        return;
    }
    buf_addf(
        out,
        "%.0f rows, %.0f of them treated, find an effect of %.4g with a chance of %.1f %% (projection)\n",
        p->n, ceil(p->n * d->share), p->effect, 100 * p->power);
    buf_addf(out, "outcome: sd %.4g", d->sd);
    if (!isnan(p->mean))
        buf_addf(out, ", mean %.4g: the effect is %.1f %% of it", p->mean, 100 * p->effect / p->mean);
    buf_addf(out, "; explained by what is known before: %.0f %%", 100 * d->r2);
    if (d->cluster_size > 1)
        buf_addf(out, "; clusters of %.1f with correlation %.3f make %.2f times as many rows necessary",
                 d->cluster_size, d->icc, inflation);
    buf_addf(out, "\n");
}

static ErrKind run(const CliCall *call, Err *reterr)
{
    Plan p;
    CLEANUP(buf_done) Buf out = BUF(65536);
    TRY(read_plan(call, &p, reterr));
    const char *solved = solve(&p);
    if (isinf(p.n))
        return err_set(reterr, ERR_INVALID, "no number of rows up to 10^12 finds an effect of %g", p.effect);
    if (isinf(p.effect) || isnan(p.effect))
        return err_set(reterr, ERR_INVALID, "%g rows find no effect with that chance", p.n);
    print(&out, &p, solved, cli_flag(call, "json"));
    TRY(buf_check(&out, reterr));
    fwrite(out.ptr, 1, out.len, stdout);
    return ERR_NONE;
}

const CliCmd CMD_INSIGHT_POWER = {
    .name = "power",
    .help = "How many rows an experiment needs, or what effect it can find",
    .details = "Two of --n, --effect and --power give the third. The outcome's spread comes from --sd, "
               "--rate or rows of before "
               "(--data,\n--outcome); --pre says what is known of each row beforehand, --cluster what is "
               "drawn together.",
    .options =
        (const CliOption[]){
            {"effect", CLI_TEXT, "X", "Smallest effect that matters, in the outcome's unit"},
            {"n", CLI_TEXT, "N", "Rows, both groups together"},
            {"power", CLI_TEXT, "P", "Chance to find the effect (default: 0.8)"},
            {"sd", CLI_TEXT, "X", "Standard deviation of the outcome"},
            {"rate", CLI_TEXT, "P", "Of an outcome that is 0 or 1: its share of ones without treatment"},
            {"data", CLI_TEXT, "FILE",
             "Rows of before as CSV: spread, explained share, correlation in clusters"},
            {"outcome", CLI_TEXT, "COL", "Outcome in --data"},
            {"pre", CLI_TEXT, "A,B", "Numbers in --data that are known before"},
            {"cluster", CLI_TEXT, "COL", "What is drawn together, in --data"},
            {"share", CLI_TEXT, "P", "Share of the treated (default: 0.5)"},
            {"r2", CLI_TEXT, "P", "Share of the variance explained by what is known before"},
            {"cluster-size", CLI_TEXT, "M", "Rows drawn together (default: 1)"},
            {"icc", CLI_TEXT, "R", "Correlation of rows drawn together (default: 0)"},
            {"level", CLI_TEXT, "P", "Level of the interval (default: 0.95)"},
            {"json", CLI_FLAG, NULL, "Print JSON"},
            {.name = NULL},
        },
    .run = run,
    .no_conf = true,
};
