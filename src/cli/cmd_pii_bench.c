/* cmd_pii_bench.c - ehub pii bench: how fast text is scanned and redacted here, beside memcpy. */
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "cli/cmd_pii.h"
#include "pii/pii_act.h"

#include <stdio.h>
#include <stdlib.h>

#define DATA_MAX (64u << 20)
#define CHUNK (64u << 10)
#define MESSAGE 200
#define SAMPLES 20000

typedef struct Bench {
    const CmdPii *pii;
    Str text;
    PiiAct *act; /* NULL: scan only */
    PiiFound found;
    Buf out;
    char *copy;
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
    buf_clear(&b->out);
    return b->act ? pii_act(b->act, chunk, b->found.spans, b->found.n, &b->out, NULL, reterr) : ERR_NONE;
}

/* Bytes a microsecond, which is MB/s, over whole passes of about the seconds asked for. */
static ErrKind rate(Bench *b, WorkFn *work, int64_t seconds, double *ret, Err *reterr)
{
    int64_t from = clock_mono_us(), took;
    uint64_t bytes = 0;
    do {
        for (size_t at = 0; at < b->text.len; at += CHUNK)
            TRY(work(b, str_slice(b->text, at, MIN(at + CHUNK, b->text.len)), reterr));
        bytes += b->text.len;
        took = clock_mono_us() - from;
    } while (took < seconds * US_PER_S);
    *ret = (double)bytes / (double)MAX(took, 1);
    return ERR_NONE;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Scans of MESSAGE bytes, ten at a time, since the clock counts microseconds. */
static ErrKind latency(Bench *b, double *ret_p50, double *ret_p99, Err *reterr)
{
    CLEANUP(mem_freep) double *us = mem_array(SAMPLES, sizeof *us);
    size_t at = 0;
    for (int i = 0; i < SAMPLES; i++) {
        int64_t from = clock_mono_us();
        for (int k = 0; k < 10; k++) {
            at = at + 2 * MESSAGE > b->text.len ? 0 : at + MESSAGE;
            TRY(scan_chunk(b, str_slice(b->text, at, at + MESSAGE), reterr));
        }
        us[i] = (double)(clock_mono_us() - from) / 10;
    }
    qsort(us, SAMPLES, sizeof *us, by_value);
    *ret_p50 = us[SAMPLES / 2];
    *ret_p99 = us[SAMPLES / 100 * 99];
    return ERR_NONE;
}

/* Text that is made up: chat with a value in every fourth line. */
static void make_text(Buf *out)
{
    static const char *const LINES[] = {
        "Thanks for the showing on Saturday, we liked the kitchen and the yard a lot.\n",
        "Can we see the second floor again before the open house? The light was better in the morning.\n",
        "ok great, I will send the disclosures and the inspection report to everybody tonight\n"};
    for (unsigned i = 0; out->len < (8u << 20); i++) {
        buf_add_c(out, LINES[i % ARRAY_LEN(LINES)]);
        if (i % 3 == 0)
            buf_addf(
                out,
                "Call Jane Sample at (212) 555-%04u or mail jane%u@example.com about %u Example Street.\n",
                100 + i % 100, i, i % 9000 + 1);
    }
}

static ErrKind bench(const CliCall *call, Bench *b, Err *reterr)
{
    int64_t seconds = cli_int(call, "seconds", 2);
    double copied, scanned, redacted, p50, p99;
    PiiActOptions o = {0};
    pii_act_policy(&o, PII_FOR_LOG);
    TRY(rate(b, copy_chunk, seconds, &copied, reterr));
    TRY(rate(b, scan_chunk, seconds, &scanned, reterr));
    TRY(latency(b, &p50, &p99, reterr));
    CLEANUP(pii_act_freep) PiiAct *act = pii_act_new(&o, STR(""));
    b->act = act;
    TRY(rate(b, scan_chunk, seconds, &redacted, reterr));
    printf("measured on one thread, %.1f MB of %s text, pieces of %u KiB\n", (double)b->text.len / 1e6,
           cli_text(call, "data", NULL) ? "the given" : "made-up", CHUNK >> 10);
    printf("memcpy %.0f MB/s\nscan %.1f MB/s\nscan and redact %.1f MB/s\n", copied, scanned, redacted);
    printf("scan of %d bytes: p50 %.2f us, p99 %.2f us (means of ten)\n", MESSAGE, p50, p99);
    return ERR_NONE;
}

static ErrKind run(const CliCall *call, Err *reterr)
{
    CmdPii pii = {0};
    CLEANUP(buf_done) Buf text = BUF(DATA_MAX);
    CLEANUP(mem_freep) char *copy = mem_array(CHUNK, 1);
    const char *data = cli_text(call, "data", NULL);
    ErrKind kind = cmd_pii_scanner(call, &pii, reterr);
    if (kind == ERR_NONE && data)
        kind = file_read(data, &text, reterr);
    else if (kind == ERR_NONE)
        make_text(&text);
    if (kind == ERR_NONE && text.len < 2 * MESSAGE)
        kind = err_set(reterr, ERR_INVALID, "%s: %d bytes are needed at least", data, 2 * MESSAGE);
    Bench b = {.pii = &pii, .text = buf_str(&text), .out = BUF(16u << 20), .copy = copy};
    if (kind == ERR_NONE)
        kind = bench(call, &b, reterr);
    pii_found_done(&b.found);
    buf_done(&b.out);
    cmd_pii_done(&pii);
    return kind;
}

const CliCmd CMD_PII_BENCH = {
    .name = "bench",
    .help = "Measure how fast text is scanned and redacted on this machine, beside memcpy",
    .details = "One thread. Without --data the text is made up: chat with a name, a telephone number, an "
               "e-mail address and "
               "a street in every fourth line.",
    .options =
        (const CliOption[]){
            {"data", CLI_TEXT, "FILE", "Text of your own, at most 64 MiB"},
            {"seconds", CLI_INT, "N", "How long each of the three takes (default: 2)", false, 1, 3600},
            CMD_PII_FINDER_OPTIONS,
            {0},
        },
    .run = run,
    .no_conf = true,
};
