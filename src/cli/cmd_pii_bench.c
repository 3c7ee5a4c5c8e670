/* cmd_pii_bench.c - ehub pii bench: how fast text is scanned and redacted here, beside memcpy. */
#include "base/file.h"
#include "base/mem.h"
#include "cli/cmd_pii.h"
#include "pii/pii_act.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define DATA_MAX (64u << 20)
#define MADE_UP (8u << 20)
#define CHUNK (64u << 10)
#define MESSAGE 200
#define SAMPLES 50000

typedef struct Bench {
    const CmdPii *pii;
    Str text;
    PiiAct *act; /* NULL: scan only */
    PiiFound found;
    size_t findings;
    Buf out;
    char *copy;
    int64_t seconds;
    double *samples;
} Bench;

typedef ErrKind WorkFn(Bench *b, Str chunk, Err *reterr);

static ErrKind copy_chunk(Bench *b, Str chunk, Err *reterr)
{
    (void)reterr;
    memcpy(b->copy, chunk.ptr, chunk.len);
    __asm__ volatile("" : : "r"(b->copy) : "memory"); /* the copy is not left out */
    return ERR_NONE;
}

static ErrKind scan_chunk(Bench *b, Str chunk, Err *reterr)
{
    TRY(pii_scan(b->pii->scanner, b->pii->scratch, chunk, &b->found, reterr));
    b->findings += b->found.n;
    buf_clear(&b->out);
    return b->act ? pii_act(b->act, chunk, b->found.spans, b->found.n, &b->out, NULL, reterr) : ERR_NONE;
}

static double seconds_of(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* MB of the text a second of the thread's time, over passes for about the time asked for. */
typedef struct Rate {
    double median; /* of the passes */
    double
        calm; /* of a pass that would be made of each piece's fastest: what others do on the machine counts least */
} Rate;

static ErrKind rate(Bench *b, WorkFn *work, Rate *ret, Err *reterr)
{
    size_t n = 0;
    double least[DATA_MAX / CHUNK], end = seconds_of(CLOCK_MONOTONIC) + (double)b->seconds, calm = 0;
    size_t pieces = (b->text.len + CHUNK - 1) / CHUNK;
    do {
        double pass = 0;
        b->findings = 0;
        for (size_t i = 0; i < pieces; i++) {
            double from = seconds_of(CLOCK_THREAD_CPUTIME_ID);
            TRY(work(b, str_slice(b->text, i * CHUNK, MIN((i + 1) * CHUNK, b->text.len)), reterr));
            double took = seconds_of(CLOCK_THREAD_CPUTIME_ID) - from;
            least[i] = n == 0 || took < least[i] ? took : least[i];
            pass += took;
        }
        b->samples[n++] = pass;
    } while (n < SAMPLES && seconds_of(CLOCK_MONOTONIC) < end);
    qsort(b->samples, n, sizeof *b->samples, by_value);
    for (size_t i = 0; i < pieces; i++)
        calm += least[i];
    ret->median = (double)b->text.len / 1e6 / b->samples[n / 2];
    ret->calm = (double)b->text.len / 1e6 / calm;
    return ERR_NONE;
}

/* Microseconds of a scan of MESSAGE bytes, each timed on its own by the wall clock. */
static ErrKind latency(Bench *b, double *ret_p50, double *ret_p99, Err *reterr)
{
    size_t at = 0;
    for (size_t i = 0; i < SAMPLES; i++) {
        at = at + 2 * MESSAGE > b->text.len ? 0 : at + MESSAGE;
        double from = seconds_of(CLOCK_MONOTONIC);
        TRY(scan_chunk(b, str_slice(b->text, at, at + MESSAGE), reterr));
        b->samples[i] = (seconds_of(CLOCK_MONOTONIC) - from) * 1e6;
    }
    qsort(b->samples, SAMPLES, sizeof *b->samples, by_value);
    *ret_p50 = b->samples[SAMPLES / 2];
    *ret_p99 = b->samples[SAMPLES / 100 * 99];
    return ERR_NONE;
}

/* One row of the table. */
static ErrKind bench(Bench *b, const char *name, Err *reterr)
{
    Rate copied, scanned, redacted;
    double p50, p99;
    PiiActOptions o = {0};
    pii_act_policy(&o, PII_FOR_LOG);
    TRY(rate(b, copy_chunk, &copied, reterr));
    TRY(rate(b, scan_chunk, &scanned, reterr));
    size_t every = b->findings ? b->text.len / b->findings : 0;
    TRY(latency(b, &p50, &p99, reterr));
    CLEANUP(pii_act_freep) PiiAct *act = pii_act_new(&o, STR(""));
    b->act = act;
    ErrKind kind = rate(b, scan_chunk, &redacted, reterr);
    b->act = NULL;
    TRY(kind);
    printf("%-9s %5.1f %9zu %8.0f %8.1f %8.1f %8.1f %8.1f %7.2f %7.2f\n", name, (double)b->text.len / 1e6,
           every, copied.median, scanned.median, scanned.calm, redacted.median, redacted.calm, p50, p99);
    return ERR_NONE;
}

static ErrKind benches(const CliCall *call, Bench *b, Err *reterr)
{
    static const struct {
        const char *name;
        size_t bytes_a_value;
    } made_up[] = {{"ordinary", 150}, {"dense", 50}};
    CLEANUP(buf_done) Buf text = BUF(DATA_MAX);
    const char *data = cli_text(call, "data", NULL);
    if (data)
        TRY(file_read(data, &text, reterr));
    if (data && text.len < 2 * MESSAGE)
        return err_set(reterr, ERR_INVALID, "%s: %d bytes are needed at least", data, 2 * MESSAGE);
    printf("measured on one thread, pieces of %u KiB; messages of %d bytes one by one\n", CHUNK >> 10,
           MESSAGE);
    printf("%-9s %5s %9s %8s %8s %8s %8s %8s %7s %7s\n", "", "", "bytes to", "memcpy", "scan", "scan",
           "redact", "redact", "message", "message");
    printf("%-9s %5s %9s %8s %8s %8s %8s %8s %7s %7s\n", "text", "MB", "a finding", "MB/s", "MB/s", "calm",
           "MB/s", "calm", "p50 us", "p99 us");
    if (data) {
        b->text = buf_str(&text);
        return bench(b, "given", reterr);
    }
    for (size_t i = 0; i < ARRAY_LEN(made_up); i++) {
        buf_clear(&text);
        cmd_pii_bench_text(&text, MADE_UP, made_up[i].bytes_a_value);
        b->text = buf_str(&text);
        TRY(bench(b, made_up[i].name, reterr));
    }
    return ERR_NONE;
}

static ErrKind run(const CliCall *call, Err *reterr)
{
    CmdPii pii = {0};
    CLEANUP(mem_freep) char *copy = mem_array(CHUNK, 1);
    CLEANUP(mem_freep) double *samples = mem_array(SAMPLES, sizeof *samples);
    Bench b = {.pii = &pii, .out = BUF(16u << 20), .copy = copy, .samples = samples};
    b.seconds = cli_int(call, "seconds", 1);
    ErrKind kind = cmd_pii_scanner(call, &pii, reterr);
    if (kind == ERR_NONE)
        kind = benches(call, &b, reterr);
    pii_found_done(&b.found);
    buf_done(&b.out);
    cmd_pii_done(&pii);
    return kind;
}

const CliCmd CMD_PII_BENCH = {
    .name = "bench",
    .help = "Measure how fast text is scanned and redacted on this machine, beside memcpy",
    .details =
        "One thread, pieces of 64 KiB, by the thread's own time: the median of passes over the text, and "
        "\"calm\", of a "
        "pass made of each piece's fastest, which other work on the machine disturbs least. A message of 200 "
        "bytes "
        "is timed on its own by the wall clock. Without --data the text is made up: chat, notes, e-mail, "
        "transcripts and log lines, with a name, address, number or date about every 150 bytes (ordinary) "
        "or every 50 (dense).",
    .options =
        (const CliOption[]){
            {"data", CLI_TEXT, "FILE", "Text of your own, at most 64 MiB"},
            {"seconds", CLI_INT, "N", "How long each rate is measured (default: 1)", false, 1, 3600},
            CMD_PII_FINDER_OPTIONS,
            {0},
        },
    .run = run,
    .no_conf = true,
};
