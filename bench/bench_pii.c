/* bench_pii.c - speed of the structured classes with validation and redaction, beside vectorscan and memcpy. Prints JSON.
 *
 *     bench_pii [MB]     text of each kind, default 32; one thread; blocks of 64 KB; the best of five rounds
 *
 * The text: chat and log lines of ours with one value in so many bytes. vectorscan does the same work: 30 patterns with the
 * starts of matches, Luhn for cards, the longest of overlapping matches, and the text copied with labels in their places. */
#include "base/mem.h"
#include "pii/pii.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#ifdef WITH_HS
#include <hs.h>
#endif

enum { BLOCK = 65536, ROUNDS = 5 };

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- the text ---- */

static const char *const TALK[] = {
    "thanks for the update, we will look at the offer tomorrow ",
    "the buyers liked the kitchen and the yard ",
    "can you send me the disclosure and the inspection report please ",
    "INFO worker finished the import without errors ",
    "she asked about schools near the house and the commute ",
    "we sold it over asking after one weekend of showings ",
    "warn: slow answer of the database, trying again ",
    "let me know when it is a good time to talk about the listing ",
};
static const char *const VALUES[] = {
    "(512) 555-0143",
    "512-555-0199",
    "jo.smith@example.org",
    "4111 1111 1111 1111",
    "219-09-1234",
    "192.0.2.44",
    "https://www.example.org/listing/42?x=1",
    "2024-06-05T09:15:30Z",
    "5/21/2024",
    "GB29 NWBK 6016 1331 9268 19",
    "+44 20 7946 0958",
    "00:1b:63:84:45:e6",
    "AKIAIOSFODNN7EXAMPLE",
    "Austin, TX 78701",
    "May 21, 2024",
    "2001:db8::8a2e:370:7334",
};

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static char *make_text(size_t n, size_t every)
{
    char *text = mem_zalloc(n + 256);
    uint32_t seed = 7;
    for (size_t at = 0, due = every; at < n;) {
        bool value = at >= due;
        const char *piece = value ? VALUES[next_random(&seed) % ARRAY_LEN(VALUES)]
                                  : TALK[next_random(&seed) % ARRAY_LEN(TALK)];
        size_t len = strlen(piece), left = due > at ? due - at : 0;
        if (!value && len > left)
            len = left ? left : 1;
        memcpy(text + at, piece, len);
        at += len;
        text[at++] = value && next_random(&seed) % 4 == 0 ? '\n' : ' ';
        if (value)
            due += every;
    }
    return text;
}

/* ---- ours ---- */

typedef struct Result {
    double mb_s;
    size_t findings, out;
} Result;

static size_t redact(const char *text, size_t n, const PiiFound *found, char *out)
{
    size_t used = 0, at = 0;
    for (size_t i = 0; i < found->n; i++) {
        const PiiSpan *s = &found->spans[i];
        const char *name = pii_type_name(s->type);
        size_t len = strlen(name);
        memcpy(out + used, text + at, s->start - at);
        used += s->start - at;
        out[used++] = '<';
        memcpy(out + used, name, len);
        used += len;
        out[used++] = '>';
        at = s->end;
    }
    memcpy(out + used, text + at, n - at);
    return used + n - at;
}

static Result ours(const char *text, size_t n, bool plain, bool act, char *out)
{
    PiiOptions o = PII_OPTIONS_DEFAULT;
    o.names = false;
    o.plain = plain;
    PiiScanner *s = NULL;
    Err err = {0};
    BUG_ON(pii_scanner_new(&o, &s, &err) != ERR_NONE);
    PiiScratch *scratch = pii_scratch_new(s);
    PiiFound found = {0};
    Result best = {0};
    for (int r = 0; r < ROUNDS; r++) {
        Result now = {0};
        double from = now_s();
        for (size_t at = 0; at < n; at += BLOCK) {
            size_t len = MIN((size_t)BLOCK, n - at);
            BUG_ON(pii_scan(s, scratch, (Str){text + at, len}, &found, &err) != ERR_NONE);
            now.findings += found.n;
            if (act)
                now.out += redact(text + at, len, &found, out);
        }
        now.mb_s = (double)n / 1e6 / (now_s() - from);
        if (now.mb_s > best.mb_s)
            best = now;
    }
    pii_found_done(&found);
    pii_scratch_free(scratch);
    pii_scanner_free(s);
    return best;
}

/* ---- vectorscan ---- */

#ifdef WITH_HS
static const char *const PATTERNS[] = {
    "[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\\.[A-Za-z]{2,24}",
    "\\b\\(?[2-9]\\d{2}\\)?[ .-]?[2-9]\\d{2}[ .-]\\d{4}\\b",
    "\\+\\d{1,3}[ .-]?\\(?\\d{1,4}\\)?([ .-]?\\d{2,4}){2,4}\\b",
    "\\b\\d{10,11}\\b",
    "\\b\\d{4}[ -]?\\d{4}[ -]?\\d{4}[ -]?\\d{4}\\b",
    "\\b3[47]\\d{2}[ -]?\\d{6}[ -]?\\d{5}\\b",
    "\\b\\d{3}-\\d{2}-\\d{4}\\b",
    "\\b9\\d{2}-\\d{2}-\\d{4}\\b",
    "\\b\\d{9}\\b",
    "\\b\\d{8,17}\\b",
    "\\b[A-Z]{2}\\d{2}[ ]?([A-Z0-9]{4}[ ]?){2,7}[A-Z0-9]{1,4}\\b",
    "\\b[A-Z]\\d{8}\\b",
    "\\b[A-Z]{1,2}\\d{5,12}\\b",
    "\\b[1-9][A-Z][A-Z0-9]\\d-?[A-Z][A-Z0-9]\\d-?[A-Z]{2}\\d{2}\\b",
    "\\b[A-Z][A-Z9]\\d{7}\\b",
    "\\b(\\d{1,3}\\.){3}\\d{1,3}\\b",
    "\\b([0-9A-Fa-f]{1,4}:){2,7}(:?[0-9A-Fa-f]{1,4}){1,7}\\b",
    "\\b([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}\\b",
    "https?://[^ \\t\\r\\n\"<>]+",
    "\\bwww\\.[a-z0-9.-]+\\b",
    "\\b[13][1-9A-HJ-NP-Za-km-z]{25,34}\\b",
    "\\bbc1[0-9a-z]{11,71}\\b",
    "\\b0x[0-9a-fA-F]{40}\\b",
    "\\b\\d{4}-\\d{2}-\\d{2}([T ]\\d{2}:\\d{2}(:\\d{2})?(\\.\\d+)?(Z|[+-]\\d{2}:\\d{2})?)?",
    "\\b\\d{1,2}[/.-]\\d{1,2}[/.-](\\d{4}|\\d{2})\\b",
    "\\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\\.? \\d{1,2}(, \\d{4})?\\b",
    "\\b[A-Z]{2} \\d{5}(-\\d{4})?\\b",
    "\\bAKIA[A-Z0-9]{16}\\b",
    "\\bgh[opsur]_[A-Za-z0-9]{36}\\b",
    "\\beyJ[A-Za-z0-9_-]+\\.eyJ[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\b",
};

typedef struct Hits {
    PiiFound found;
    const char *text;
    bool full;
} Hits;

static bool luhn(const char *p, size_t n)
{
    unsigned sum = 0, i = 0;
    while (n-- > 0)
        if (p[n] >= '0' && p[n] <= '9') {
            unsigned d = (unsigned)(p[n] - '0') << (i++ & 1);
            sum += d > 9 ? d - 9 : d;
        }
    return sum % 10 == 0;
}

static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *arg)
{
    (void)flags;
    Hits *h = arg;
    if ((id == 4 || id == 5) && !luhn(h->text + from, (size_t)(to - from)))
        return 0;
    PiiFound *f = &h->found;
    while (f->n > 0 && f->spans[f->n - 1].start >= from) /* a longer one takes the place of what it covers */
        f->n--;
    if (f->n > 0 && f->spans[f->n - 1].end > from)
        return 0;
    if (f->n == f->cap) {
        f->cap = f->cap ? f->cap * 2 : 1024;
        f->spans = mem_grow(f->spans, f->cap, sizeof *f->spans);
    }
    f->spans[f->n++] =
        (PiiSpan){.start = (uint32_t)from, .end = (uint32_t)to, .type = (PiiType)(id % PII_N_TYPES)};
    return 0;
}

static Result vectorscan(const char *text, size_t n, char *out)
{
    unsigned ids[ARRAY_LEN(PATTERNS)], flags[ARRAY_LEN(PATTERNS)];
    for (unsigned i = 0; i < ARRAY_LEN(PATTERNS); i++) {
        ids[i] = i;
        flags[i] = HS_FLAG_SOM_LEFTMOST | (i == 25 ? HS_FLAG_CASELESS : 0);
    }
    hs_database_t *db = NULL;
    hs_compile_error_t *bad = NULL;
    if (hs_compile_multi(PATTERNS, flags, ids, ARRAY_LEN(PATTERNS), HS_MODE_BLOCK, NULL, &db, &bad) !=
        HS_SUCCESS) {
        fprintf(stderr, "pattern %d: %s\n", bad->expression, bad->message);
        exit(1);
    }
    hs_scratch_t *scratch = NULL;
    BUG_ON(hs_alloc_scratch(db, &scratch) != HS_SUCCESS);
    Hits h = {0};
    Result best = {0};
    for (int r = 0; r < ROUNDS; r++) {
        Result now = {0};
        double from = now_s();
        for (size_t at = 0; at < n; at += BLOCK) {
            size_t len = MIN((size_t)BLOCK, n - at);
            h.found.n = 0;
            h.text = text + at;
            BUG_ON(hs_scan(db, text + at, (unsigned)len, 0, scratch, on_match, &h) != HS_SUCCESS);
            now.findings += h.found.n;
            now.out += redact(text + at, len, &h.found, out);
        }
        now.mb_s = (double)n / 1e6 / (now_s() - from);
        if (now.mb_s > best.mb_s)
            best = now;
    }
    pii_found_done(&h.found);
    hs_free_scratch(scratch);
    hs_free_database(db);
    return best;
}
#endif

static double copying(const char *text, size_t n, char *out)
{
    double best = 0;
    for (int r = 0; r < ROUNDS; r++) {
        double from = now_s();
        for (size_t at = 0; at < n; at += BLOCK) {
            memcpy(out, text + at, MIN((size_t)BLOCK, n - at));
            __asm__ volatile("" : : "r"(out) : "memory");
        }
        double mb_s = (double)n / 1e6 / (now_s() - from);
        best = mb_s > best ? mb_s : best;
    }
    return best;
}

/* The time of one message of 200 bytes, in ns: the 99th percentile. */
static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double message_p99_ns(const char *text)
{
    enum { N = 20000 };
    static double ns[N];
    PiiOptions o = PII_OPTIONS_DEFAULT;
    o.names = false;
    PiiScanner *s = NULL;
    BUG_ON(pii_scanner_new(&o, &s, NULL) != ERR_NONE);
    PiiScratch *scratch = pii_scratch_new(s);
    PiiFound found = {0};
    for (int i = 0; i < N; i++) {
        double from = now_s();
        BUG_ON(pii_scan(s, scratch, (Str){text + (size_t)i * 200, 200}, &found, NULL) != ERR_NONE);
        ns[i] = (now_s() - from) * 1e9;
    }
    qsort(ns, N, sizeof *ns, by_value);
    pii_found_done(&found);
    pii_scratch_free(scratch);
    pii_scanner_free(s);
    return ns[N * 99 / 100];
}

int main(int argc, char **argv)
{
    size_t n = (argc > 1 ? strtoul(argv[1], NULL, 10) : 32) * 1000000;
    static const size_t EVERY[] = {401, 60};
    char *out = mem_zalloc(BLOCK * 4);
    for (size_t i = 0; i < ARRAY_LEN(EVERY) && n >= 8000000; i++) {
        char *text = make_text(n, EVERY[i]);
        Result scan = ours(text, n, false, false, out), act = ours(text, n, false, true, out),
               plain = ours(text, n, true, true, out);
        printf("{\"bytes_per_value\": %zu, \"mb\": %zu, \"memcpy_mb_s\": %.0f, \"scan_mb_s\": %.0f, "
               "\"scan_redact_mb_s\": %.0f, "
               "\"plain_redact_mb_s\": %.0f, \"findings\": %zu, \"message_200_p99_ns\": %.0f",
               EVERY[i], n / 1000000, copying(text, n, out), scan.mb_s, act.mb_s, plain.mb_s, act.findings,
               message_p99_ns(text));
#ifdef WITH_HS
        Result hs = vectorscan(text, n, out);
        printf(", \"vectorscan_redact_mb_s\": %.0f, \"vectorscan_findings\": %zu, \"ratio\": %.1f", hs.mb_s,
               hs.findings, act.mb_s / hs.mb_s);
#endif
        printf("}\n");
        mem_free(text);
    }
    mem_free(out);
    return 0;
}
