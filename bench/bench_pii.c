/* bench_pii.c - speed of the structured classes with validation and redaction, beside vectorscan and memcpy. Prints JSON.
 *
 *     bench_pii [MB [ROUNDS]]     text of each kind, default 16 MB, 7 rounds; one thread; blocks of 64 KB; EHUB_DATA: transcripts
 *
 *     round: memcpy -> scan -> scan + redact -> plain scan + redact -> vectorscan + redact      the median of the rounds of each
 *
 * Speeds are MB/s of CPU time of the thread, and of wall time beside it (what else runs on the machine counts in the latter).
 * The text: chat and log lines of ours with one value in so many bytes, and public chats where they are.
 * Both sides find the values with their exact starts, validate (Luhn, mod 97, ranges of SSN, ITIN, dates and addresses), settle
 * overlaps, and copy the text with labels in the places of the values. vectorscan runs twice: with all the classes that ours finds
 * and the words around a number ("vectorscan"), and with the 30 patterns of the plainest ones alone ("vectorscan_30": less work
 * than ours: no domain names, times of day, weekdays, most kinds of secrets, words). Ours also labels through the policy table. */
#include "base/mem.h"
#include "pii/pii.h"
#include "pii/pii_act.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#ifdef WITH_HS
#include <hs.h>
#endif

enum { BLOCK = 65536, ROUNDS_MAX = 99, MESSAGE = 200, MESSAGES = 20000 };

/* ---- time ---- */

typedef struct Clock {
    double cpu, wall;
} Clock;

static double seconds(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static Clock now(void)
{
    return (Clock){seconds(CLOCK_THREAD_CPUTIME_ID), seconds(CLOCK_MONOTONIC)};
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double median(double *v, int n)
{
    qsort(v, (size_t)n, sizeof *v, by_value);
    return v[n / 2];
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

/* The words people wrote, as far as n bytes reach, again and again. NULL: the file is not there. */
static char *read_chats(size_t n)
{
    static const char FILE_NAME[] = "transcripts/dialogstudio_Taskmaster1_original.json",
                      KEY[] = "\"text\": \"";
    const char *dir = getenv("EHUB_DATA");
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", dir ? dir : "../shared/data", FILE_NAME);
    FILE *f = fopen(path, "rb");
    if (!f)
        return NULL;
    char *json = mem_zalloc(n + 1), *text = mem_zalloc(n + 256);
    size_t got = fread(json, 1, n, f), used = 0;
    fclose(f);
    for (const char *p = json; (p = memmem(p, got - (size_t)(p - json), KEY, sizeof KEY - 1));) {
        p += sizeof KEY - 1;
        const char *end = memchr(p, '\n', got - (size_t)(p - json));
        size_t len = end ? (size_t)(end - p) : 0;
        memcpy(text + used, p, len);
        used += len;
        text[used++] = '\n';
    }
    mem_free(json);
    BUG_ON(used == 0);
    for (size_t i = used; i < n; i++)
        text[i] = text[i - used];
    return text;
}

/* ---- ours ---- */

typedef struct Result {
    double mb_s, wall_mb_s;
    size_t findings;
} Result;

typedef size_t Pass(void *state, const char *text, size_t n); /* over the whole text; returns the findings */

static Result measure(Pass *pass, void *state, const char *text, size_t n)
{
    Clock from = now();
    size_t findings = pass(state, text, n);
    Clock to = now();
    return (Result){(double)n / 1e6 / (to.cpu - from.cpu), (double)n / 1e6 / (to.wall - from.wall), findings};
}

typedef struct Ours {
    PiiScanner *scanner;
    PiiScratch *scratch;
    PiiFound found;
    PiiAct *act; /* NULL: find only */
    Buf out;
    size_t bytes; /* of memory that it took */
} Ours;

static Ours ours_new(bool plain, bool act)
{
    size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    PiiOptions o = PII_OPTIONS_DEFAULT;
    o.names = false;
    o.plain = plain;
    Ours x = {.out = BUF(8 * BLOCK)};
    Err err = {0};
    BUG_ON(pii_scanner_new(&o, &x.scanner, &err) != ERR_NONE);
    x.scratch = pii_scratch_new(x.scanner);
    PiiActOptions all = {0}; /* every type is redacted */
    for (int t = 0; t < PII_N_TYPES; t++)
        all.actions[t] = PII_ACT_REDACT;
    x.act = act ? pii_act_new(&all, STR("bench")) : NULL;
    x.bytes = before;
    return x;
}

static size_t ours_pass(void *state, const char *text, size_t n)
{
    Ours *x = state;
    size_t findings = 0;
    for (size_t at = 0; at < n; at += BLOCK) {
        Str block = {text + at, MIN((size_t)BLOCK, n - at)};
        BUG_ON(pii_scan(x->scanner, x->scratch, block, &x->found, NULL) != ERR_NONE);
        findings += x->found.n;
        buf_clear(&x->out);
        BUG_ON(x->act && pii_act(x->act, block, x->found.spans, x->found.n, &x->out, NULL, NULL) != ERR_NONE);
    }
    return findings;
}

static size_t ours_bytes(const Ours *x)
{
    return mallinfo2().uordblks + mallinfo2().hblkhd - x->bytes;
}

static void ours_done(Ours *x)
{
    pii_act_free(x->act);
    buf_done(&x->out);
    pii_found_done(&x->found);
    pii_scratch_free(x->scratch);
    pii_scanner_free(x->scanner);
}

/* ---- vectorscan ---- */

#ifdef WITH_HS

typedef bool Check(const char *p, size_t n);

static size_t digits_of(const char *p, size_t n, char ret[24])
{
    size_t used = 0;
    for (size_t i = 0; i < n && used < 23; i++)
        if (p[i] >= '0' && p[i] <= '9')
            ret[used++] = p[i];
    ret[used] = 0;
    return used;
}

static unsigned value(const char *p, size_t n)
{
    unsigned v = 0;
    for (size_t i = 0; i < n; i++)
        v = v * 10 + (unsigned)(p[i] - '0');
    return v;
}

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

static bool mod97(const char *p, size_t n)
{
    char c[64];
    size_t used = 0;
    unsigned rest = 0;
    for (size_t i = 0; i < n && used < sizeof c; i++)
        if (p[i] != ' ')
            c[used++] = p[i];
    for (size_t i = 0; i < used; i++) {
        char x = c[i + 4 < used ? i + 4 : i + 4 - used];
        rest =
            x <= '9' ? (rest * 10 + (unsigned)(x - '0')) % 97 : (rest * 100 + (unsigned)(x - 'A') + 10) % 97;
    }
    return used >= 15 && rest == 1;
}

static bool ssn(const char *p, size_t n)
{
    char d[24];
    return digits_of(p, n, d) == 9 && value(d, 3) && value(d, 3) != 666 && d[0] != '9' && value(d + 3, 2) &&
           value(d + 5, 4);
}

static bool itin(const char *p, size_t n)
{
    char d[24];
    return digits_of(p, n, d) == 9 && d[0] == '9' && value(d + 3, 2) >= 50;
}

static bool aba(const char *p, size_t n)
{
    return n == 9 &&
           (3 * (unsigned)(p[0] + p[3] + p[6] - 3 * '0') + 7 * (unsigned)(p[1] + p[4] + p[7] - 3 * '0') +
            (unsigned)(p[2] + p[5] + p[8] - 3 * '0')) %
                   10 ==
               0;
}

static bool area(const char *p, size_t n)
{
    char d[24];
    return digits_of(p, n, d) >= 10 && d[0] >= '2' && !(d[1] == '1' && d[2] == '1');
}

static bool npi(const char *p, size_t n)
{
    char d[16] = "80840";
    memcpy(d + 5, p, n == 10 ? 10 : 0);
    return n == 10 && luhn(d, 15);
}

static bool four_bytes(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t from = i;
        while (i < n && p[i] != '.')
            i++;
        if (i - from > 3 || value(p + from, i - from) > 255)
            return false;
    }
    return true;
}

static bool iso_date(const char *p, size_t n)
{
    return n >= 10 && value(p + 5, 2) - 1 < 12 && value(p + 8, 2) - 1 < 31;
}

static bool day_month(const char *p, size_t n)
{
    unsigned v[3] = {0};
    for (size_t i = 0, k = 0; i < n && k < 3; i++)
        if (p[i] >= '0' && p[i] <= '9')
            v[k] = v[k] * 10 + (unsigned)(p[i] - '0');
        else
            k++;
    return v[0] && v[1] && v[0] <= 31 && v[1] <= 31 && (v[0] <= 12 || v[1] <= 12);
}

enum { WORD_AROUND = PII_N_TYPES }; /* no finding: a number near it would be scored by it */
static const struct {
    const char *pattern;
    int type;
    Check *check;
    unsigned flags;
} PATTERNS[] = {
    {"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\\.[A-Za-z]{2,24}", PII_EMAIL_ADDRESS},
    {"\\b\\(?[2-9]\\d{2}\\)?[ .-]?[2-9]\\d{2}[ .-]\\d{4}\\b", PII_PHONE_NUMBER, area},
    {"\\+\\d{1,3}[ .-]?\\(?\\d{1,4}\\)?([ .-]?\\d{2,4}){2,4}\\b", PII_PHONE_NUMBER},
    {"\\b\\d{10,11}\\b", PII_PHONE_NUMBER, area},
    {"\\b\\d{4}[ -]?\\d{4}[ -]?\\d{4}[ -]?\\d{4}\\b", PII_CREDIT_CARD, luhn},
    {"\\b3[47]\\d{2}[ -]?\\d{6}[ -]?\\d{5}\\b", PII_CREDIT_CARD, luhn},
    {"\\b\\d{3}-\\d{2}-\\d{4}\\b", PII_US_SSN, ssn},
    {"\\b9\\d{2}-\\d{2}-\\d{4}\\b", PII_US_ITIN, itin},
    {"\\b\\d{9}\\b", PII_ABA_ROUTING_NUMBER, aba},
    {"\\b\\d{8,17}\\b", PII_US_BANK_NUMBER},
    {"\\b[A-Z]{2}\\d{2}[ ]?([A-Z0-9]{4}[ ]?){2,7}[A-Z0-9]{1,4}\\b", PII_IBAN_CODE, mod97},
    {"\\b[A-Z]\\d{8}\\b", PII_US_PASSPORT},
    {"\\b[A-Z]{1,2}\\d{5,12}\\b", PII_US_DRIVER_LICENSE},
    {"\\b[1-9][A-Z][A-Z0-9]\\d-?[A-Z][A-Z0-9]\\d-?[A-Z]{2}\\d{2}\\b", PII_US_MBI},
    {"\\b[A-Z][A-Z9]\\d{7}\\b", PII_MEDICAL_LICENSE},
    {"\\b(\\d{1,3}\\.){3}\\d{1,3}\\b", PII_IP_ADDRESS, four_bytes},
    {"\\b([0-9A-Fa-f]{1,4}:){2,7}(:?[0-9A-Fa-f]{1,4}){1,7}\\b", PII_IP_ADDRESS},
    {"\\b([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}\\b", PII_MAC_ADDRESS},
    {"https?://[^ \\t\\r\\n\"<>]+", PII_URL},
    {"\\bwww\\.[a-z0-9.-]+\\b", PII_URL},
    {"\\b[13][1-9A-HJ-NP-Za-km-z]{25,34}\\b", PII_CRYPTO},
    {"\\bbc1[0-9a-z]{11,71}\\b", PII_CRYPTO},
    {"\\b0x[0-9a-fA-F]{40}\\b", PII_CRYPTO},
    {"\\b\\d{4}-\\d{2}-\\d{2}([T ]\\d{2}:\\d{2}(:\\d{2})?(\\.\\d+)?(Z|[+-]\\d{2}:\\d{2})?)?", PII_DATE_TIME,
     iso_date},
    {"\\b\\d{1,2}[/.-]\\d{1,2}[/.-](\\d{4}|\\d{2})\\b", PII_DATE_TIME, day_month},
    {"\\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\\.? \\d{1,2}(, \\d{4})?\\b",
     PII_DATE_TIME, NULL, HS_FLAG_CASELESS},
    {"\\b[A-Z]{2} \\d{5}(-\\d{4})?\\b", PII_ZIP_CODE},
    {"\\bAKIA[A-Z0-9]{16}\\b", PII_SECRET},
    {"\\bgh[opsur]_[A-Za-z0-9]{36}\\b", PII_SECRET},
    {"\\beyJ[A-Za-z0-9_-]+\\.eyJ[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\b", PII_SECRET},
    /* the rest of what ours finds */
    {"\\b[12]\\d{9}\\b", PII_US_NPI, npi},
    {"\\bMLS[ #:]{0,3}[A-Z0-9-]{5,12}\\b", PII_MLS_NUMBER, NULL, HS_FLAG_CASELESS},
    {"\\b([a-z0-9-]+\\.)+[a-z]{2,24}\\b", PII_DOMAIN_NAME, NULL, HS_FLAG_CASELESS},
    {"\\b\\d{1,2}:\\d{2}(:\\d{2})?( ?[ap]\\.?m\\b)?", PII_DATE_TIME, NULL, HS_FLAG_CASELESS},
    {"\\b\\d{1,2} ?[ap]\\.?m\\b", PII_DATE_TIME, NULL, HS_FLAG_CASELESS},
    {"\\b(mon|tues|wednes|thurs|fri|satur|sun)day\\b", PII_DATE_TIME, NULL, HS_FLAG_CASELESS},
    {"\\b\\d{1,2}(st|nd|rd|th)? (of )?(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\\.?,?( "
     "\\d{4})?\\b",
     PII_DATE_TIME, NULL, HS_FLAG_CASELESS},
    {"\\b\\d{5}-\\d{4}\\b", PII_ZIP_CODE},
    {"\\b(sk|pk|rk)_(live|test)_[A-Za-z0-9]{16,}\\b", PII_SECRET},
    {"\\bsk-(ant-|proj-|svcacct-|admin-)?[A-Za-z0-9_-]{20,}\\b", PII_SECRET},
    {"\\bxox[abeprs]-[A-Za-z0-9-]{10,}\\b", PII_SECRET},
    {"\\bAIza[A-Za-z0-9_-]{35}\\b", PII_SECRET},
    {"\\b(glpat-|npm_|hf_|github_pat_|whsec_|ya29\\.|SG\\.)[A-Za-z0-9_.-]{20,}\\b", PII_SECRET},
    {"-----BEGIN [A-Z ]{0,32}PRIVATE KEY-----", PII_SECRET},
    {"\\b[a-z][a-z0-9+.-]+://[^ /:@]+:[^ /@]+@", PII_SECRET, NULL, HS_FLAG_CASELESS},
    {"\\b(phones?|telephone|tel|mobile|cell|fax|call|dial|text|reach|contact|office|desk|number|card|credit|"
     "debit|visa|"
     "mastercard|amex|ssn|social|itin|tax|taxpayer|accounts?|acct|bank|checking|savings|routing|aba|wire|"
     "passport|"
     "driver|license|licence|dl|npi|provider|medicare|mbi|dea|mls|listing|zip|postal|born|dob|birth|birthday|"
     "version|"
     "release|build|orders?|invoice|ticket|tracking|case|ref|reference|sku|serial|model|lot|logs?|item|"
     "policy|claim|"
     "transaction|trace|request|session|event|job|batch|price|cost|total|amount|parcel|permit|escrow|receipt)"
     "\\b",
     WORD_AROUND, NULL, HS_FLAG_CASELESS},
};
enum { FEW = 30 }; /* the first of them: the plainest classes */

typedef struct Theirs {
    hs_database_t *db;
    hs_scratch_t *scratch;
    PiiFound found;
    const char *text; /* of the block */
    char *out;
    unsigned long long word; /* where the last word around a number ended */
} Theirs;

static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *arg)
{
    (void)flags;
    Theirs *x = arg;
    if (PATTERNS[id].type == WORD_AROUND) {
        x->word = to;
        return 0;
    }
    if (PATTERNS[id].check && !PATTERNS[id].check(x->text + from, (size_t)(to - from)))
        return 0;
    PiiFound *f = &x->found;
    while (f->n > 0 && f->spans[f->n - 1].start >= from) /* a longer one takes the place of what it covers */
        f->n--;
    if (f->n > 0 && f->spans[f->n - 1].end > from)
        return 0;
    if (f->n == f->cap) {
        f->cap = f->cap ? f->cap * 2 : 1024;
        f->spans = mem_grow(f->spans, f->cap, sizeof *f->spans);
    }
    f->spans[f->n++] =
        (PiiSpan){.start = (uint32_t)from, .end = (uint32_t)to, .type = (PiiType)PATTERNS[id].type};
    return 0;
}

static Theirs theirs_new(unsigned n)
{
    Theirs x = {.out = mem_zalloc(8 * BLOCK)};
    const char *patterns[ARRAY_LEN(PATTERNS)];
    unsigned ids[ARRAY_LEN(PATTERNS)], flags[ARRAY_LEN(PATTERNS)];
    for (unsigned i = 0; i < n; i++) {
        patterns[i] = PATTERNS[i].pattern;
        ids[i] = i;
        flags[i] = HS_FLAG_SOM_LEFTMOST | PATTERNS[i].flags;
    }
    hs_compile_error_t *bad = NULL;
    if (hs_compile_multi(patterns, flags, ids, n, HS_MODE_BLOCK, NULL, &x.db, &bad) != HS_SUCCESS) {
        fprintf(stderr, "bench_pii: pattern %d: %s\n", bad->expression, bad->message);
        exit(1);
    }
    BUG_ON(hs_alloc_scratch(x.db, &x.scratch) != HS_SUCCESS);
    return x;
}

/* The cheapest copy there is: no policy, no check of the room left. */
static void label(const char *text, size_t n, const PiiFound *found, char *out)
{
    size_t at = 0;
    for (size_t i = 0; i < found->n; i++) {
        const PiiSpan *s = &found->spans[i];
        const char *name = pii_type_name(s->type);
        size_t len = strlen(name);
        memcpy(out, text + at, s->start - at);
        out += s->start - at;
        *out++ = '[';
        memcpy(out, name, len);
        out += len;
        *out++ = ']';
        at = s->end;
    }
    memcpy(out, text + at, n - at);
}

static size_t theirs_pass(void *state, const char *text, size_t n)
{
    Theirs *x = state;
    size_t findings = 0;
    for (size_t at = 0; at < n; at += BLOCK) {
        size_t len = MIN((size_t)BLOCK, n - at);
        x->found.n = 0;
        x->text = text + at;
        BUG_ON(hs_scan(x->db, text + at, (unsigned)len, 0, x->scratch, on_match, x) != HS_SUCCESS);
        findings += x->found.n;
        label(text + at, len, &x->found, x->out);
    }
    return findings;
}

static void theirs_done(Theirs *x)
{
    pii_found_done(&x->found);
    hs_free_scratch(x->scratch);
    hs_free_database(x->db);
    mem_free(x->out);
}
#endif

/* ---- the rows ---- */

static size_t copy_pass(void *out, const char *text, size_t n)
{
    for (size_t at = 0; at < n; at += BLOCK) {
        memcpy(out, text + at, MIN((size_t)BLOCK, n - at));
        __asm__ volatile("" : : "r"(out) : "memory");
    }
    return 0;
}

/* Messages of 200 bytes, each scanned and redacted by itself, one after the other through the text. */
static void messages(const char *text, size_t n)
{
    static double ns[MESSAGES];
    Ours x = ours_new(false, true);
    for (size_t i = 0; i < MESSAGES; i++) {
        const char *from = text + i * MESSAGE % (n - MESSAGE);
        double start = seconds(CLOCK_MONOTONIC);
        (void)ours_pass(&x, from, MESSAGE);
        ns[i] = (seconds(CLOCK_MONOTONIC) - start) * 1e9;
    }
    qsort(ns, MESSAGES, sizeof *ns, by_value);
    printf(", \"message_200_ns\": {\"p50\": %.0f, \"p99\": %.0f, \"p999\": %.0f, \"max\": %.0f}",
           ns[MESSAGES / 2], ns[MESSAGES / 100 * 99], ns[MESSAGES / 1000 * 999], ns[MESSAGES - 1]);
    ours_done(&x);
}

static void row(const char *kind, const char *text, size_t n, int rounds)
{
    enum { COPY, SCAN, REDACT, PLAIN, THEIRS, THEIRS_FEW, N_SIDES };
    static const char *const SIDES[] = {
        "memcpy", "scan", "scan_redact", "plain_redact", "vectorscan_redact", "vectorscan_30_redact"};
    double cpu[N_SIDES][ROUNDS_MAX], wall[N_SIDES][ROUNDS_MAX], ratio[2][ROUNDS_MAX];
    size_t findings[N_SIDES] = {0};
    char *out = mem_zalloc(BLOCK);
    Ours act = ours_new(false, true);
    (void)ours_pass(&act, text, n);
    size_t worker_bytes = ours_bytes(&act); /* before others allocate */
    Ours scan = ours_new(false, false), plain = ours_new(true, true);
    int sides = THEIRS;
    void *states[N_SIDES] = {out, &scan, &act, &plain};
    Pass *passes[N_SIDES] = {copy_pass, ours_pass, ours_pass, ours_pass};
#ifdef WITH_HS
    Theirs theirs = theirs_new(ARRAY_LEN(PATTERNS)), few = theirs_new(FEW);
    states[THEIRS] = &theirs;
    states[THEIRS_FEW] = &few;
    passes[THEIRS] = passes[THEIRS_FEW] = theirs_pass;
    sides = N_SIDES;
#endif
    for (int r = 0; r < rounds; r++) {
        for (int s = 0; s < sides; s++) {
            Result now_r = measure(passes[s], states[s], text, n);
            cpu[s][r] = now_r.mb_s;
            wall[s][r] = now_r.wall_mb_s;
            findings[s] = now_r.findings;
        }
        for (int s = THEIRS; s < sides; s++)
            ratio[s - THEIRS][r] = cpu[REDACT][r] / cpu[s][r];
    }
    printf("{\"text\": \"%s\", \"mb\": %.0f, \"rounds\": %d, \"mb_s\": {", kind, (double)n / 1e6, rounds);
    for (int s = 0; s < sides; s++)
        printf("%s\"%s\": %.0f", s ? ", " : "", SIDES[s], median(cpu[s], rounds));
    printf("}, \"wall_mb_s\": {");
    for (int s = 0; s < sides; s++)
        printf("%s\"%s\": %.0f", s ? ", " : "", SIDES[s], median(wall[s], rounds));
    printf("}, \"findings\": %zu", findings[REDACT]);
    for (int t = THEIRS; t < sides; t++) {
        double *of = ratio[t - THEIRS],
               middle = median(of, rounds); /* sorts: least and most stand at the ends */
        const char *name = t == THEIRS ? "" : "_30";
        printf(", \"vectorscan%s_findings\": %zu, \"ratio%s\": {\"median\": %.1f, \"least\": %.1f, \"most\": "
               "%.1f}",
               name, findings[t], name, middle, of[0], of[rounds - 1]);
    }
    printf(", \"worker_kb\": %zu", worker_bytes / 1024);
    messages(text, n);
    printf("}\n");
#ifdef WITH_HS
    theirs_done(&theirs);
    theirs_done(&few);
#endif
    ours_done(&scan);
    ours_done(&act);
    ours_done(&plain);
    mem_free(out);
}

int main(int argc, char **argv)
{
    size_t n = (argc > 1 ? strtoul(argv[1], NULL, 10) : 16) * 1000000;
    int rounds = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 7;
    if (n < 1000000 || n > 1000000000 || rounds < 1 || rounds > ROUNDS_MAX) {
        fprintf(stderr, "usage: bench_pii [MB [ROUNDS]]: 1 to 1000 MB, 1 to %d rounds\n", ROUNDS_MAX);
        return 64;
    }
    char *sparse = make_text(n, 401), *dense = make_text(n, 60), *chats = read_chats(n);
    row("one value in 401 bytes", sparse, n, rounds);
    row("one value in 60 bytes", dense, n, rounds);
    if (chats)
        row("chats of Taskmaster-1", chats, n, rounds);
    else
        fprintf(stderr, "bench_pii: no transcripts in $EHUB_DATA: that row is left out\n");
    mem_free(sparse);
    mem_free(dense);
    mem_free(chats);
    return 0;
}
