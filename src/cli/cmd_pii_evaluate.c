/* cmd_pii_evaluate.c - ehub pii evaluate: how much of labelled text is found. */
#include "base/mem.h"
#include "cli/cmd_pii.h"
#include "pii/pii_evaluate.h"

#include <math.h>
#include <stdio.h>

typedef struct Evaluate {
    CmdPii pii;
    CmdPiiOut out; /* stays empty: the lines of the data give none */
    const char *file;
    uint64_t line;
    PiiFound found;
    PiiLabel *labels;
    PiiCard card;
} Evaluate;

/* {"type" | "entity_type", "start", "end"} in code points. */
static ErrKind read_label(const Evaluate *e, const Jv *v, size_t length, PiiLabel *ret, Err *reterr)
{
    Str name = jv_get_str(v, jv_get(v, "type") ? "type" : "entity_type");
    int64_t start = jv_get_i64(v, "start", -1), end = jv_get_i64(v, "end", -1);
    if (name.len == 0 || start < 0 || end < start || (uint64_t)end > length)
        return err_set(reterr, ERR_INVALID, "%s:%llu: a span without type, or not within the text", e->file,
                       (unsigned long long)e->line);
    *ret = (PiiLabel){.start = (uint32_t)start, .end = (uint32_t)end, .type = PII_N_TYPES};
    if (!pii_label_parse(name, &ret->type))
        ret->type = PII_N_TYPES;
    return ERR_NONE;
}

static ErrKind judge_line(void *arg, const Jv *line, Str text, Buf *out, Err *reterr)
{
    Evaluate *e = arg;
    const Jv *spans = jv_get(line, jv_get(line, "spans") ? "spans" : "expected");
    size_t n = jv_len(spans), length = str_utf8_len(text);
    e->line++;
    if (n > PII_LABELS_MAX)
        return err_set(reterr, ERR_LIMIT, "%s:%llu: %zu spans, at most %d", e->file,
                       (unsigned long long)e->line, n, PII_LABELS_MAX);
    for (size_t i = 0; i < n; i++)
        TRY(read_label(e, jv_at(spans, i), length, &e->labels[i], reterr));
    ErrKind kind = pii_scan(e->pii.scanner, e->pii.scratch, text, &e->found, reterr);
    if (kind != ERR_NONE)
        return err_wrap(reterr, kind, "%s:%llu", e->file, (unsigned long long)e->line);
    pii_codepoints(text, e->found.spans, e->found.n);
    pii_evaluate(&e->card, length, e->labels, n, e->found.spans, e->found.n);
    buf_clear(out);
    return ERR_NONE;
}

static double share(uint64_t a, uint64_t b)
{
    return b > 0 ? (double)a / (double)b : (double)NAN;
}

static void print_json(const PiiCard *c)
{
    CLEANUP(buf_done) Buf text = BUF(1u << 20);
    Jw w = jw(&text);
    jw_obj(&w);
    jw_kv_i64(&w, "texts", (int64_t)c->n_texts);
    jw_kv_f64(&w, "precision", pii_card_precision(c));
    jw_kv_f64(&w, "recall", pii_card_recall(c));
    jw_kv_f64(&w, "f1", pii_card_f(c, 1));
    jw_kv_f64(&w, "f2", pii_card_f(c, 2));
    jw_kv_f64(&w, "false_per_100_texts", 100 * share(pii_card_false(c), c->n_texts));
    jw_key(&w, "types");
    jw_obj(&w);
    for (int t = 0; t < PII_N_TYPES; t++) {
        if (c->types[t].labelled + c->types[t].findings == 0)
            continue;
        jw_key(&w, pii_type_name((PiiType)t));
        jw_obj(&w);
        jw_kv_i64(&w, "labelled", (int64_t)c->types[t].labelled);
        jw_kv_i64(&w, "found", (int64_t)c->types[t].found);
        jw_kv_i64(&w, "exact", (int64_t)c->types[t].exact);
        jw_kv_i64(&w, "hidden", (int64_t)c->types[t].hidden);
        jw_kv_i64(&w, "findings", (int64_t)c->types[t].findings);
        jw_kv_i64(&w, "false", (int64_t)c->types[t].false_findings);
        jw_end(&w);
    }
    jw_end(&w);
    jw_end(&w);
    puts(buf_cstr(&text));
}

static void print_row(const char *name, const uint64_t v[6])
{
    printf("%-20s %9llu", name, (unsigned long long)v[0]);
    for (int i = 1; i <= 3; i++) {
        if (v[0] > 0)
            printf(" %7.1f%%", 100 * share(v[i], v[0]));
        else
            printf(" %8s", "-");
    }
    printf(" %9llu %7llu\n", (unsigned long long)v[4], (unsigned long long)v[5]);
}

static void print_table(const PiiCard *c)
{
    uint64_t all[6] = {0};
    printf("%-20s %9s %8s %8s %8s %9s %7s\n", "type", "labelled", "found", "exact", "hidden", "findings",
           "false");
    for (int t = 0; t < PII_N_TYPES; t++) {
        const uint64_t v[6] = {c->types[t].labelled, c->types[t].found,    c->types[t].exact,
                               c->types[t].hidden,   c->types[t].findings, c->types[t].false_findings};
        for (int i = 0; i < 6; i++)
            all[i] += v[i];
        if (v[0] + v[4] > 0)
            print_row(pii_type_name((PiiType)t), v);
    }
    print_row("all", all);
    printf("\ntexts %llu, false findings per 100 texts %.2f\n", (unsigned long long)c->n_texts,
           100 * share(pii_card_false(c), c->n_texts));
    printf("characters: precision %.4f, recall %.4f, F1 %.4f, F2 %.4f\n", pii_card_precision(c),
           pii_card_recall(c), pii_card_f(c, 1), pii_card_f(c, 2));
}

static ErrKind evaluate(const CliCall *call, Evaluate *e, Err *reterr)
{
    const char *const *files;
    int n = cmd_pii_list(call, "data", &files);
    TRY(cmd_pii_scanner(call, &e->pii, reterr));
    for (int i = 0; i < n; i++) {
        CmdPiiIn in;
        e->file = files[i];
        e->line = 0;
        TRY(cmd_pii_in_open(&in, files[i], reterr));
        ErrKind kind = cmd_pii_lines(&in, &e->out, judge_line, e, reterr);
        cmd_pii_in_done(&in);
        if (kind != ERR_NONE)
            return err_wrap(reterr, kind, "%s", files[i]);
        buf_clear(&e->out.buf);
    }
    if (cli_flag(call, "json"))
        print_json(&e->card);
    else
        print_table(&e->card);
    return ERR_NONE;
}

static ErrKind run(const CliCall *call, Err *reterr)
{
    CLEANUP(mem_freep) PiiLabel *labels = mem_array(PII_LABELS_MAX, sizeof *labels);
    Evaluate e = {.out = CMD_PII_OUT, .labels = labels};
    ErrKind kind = evaluate(call, &e, reterr);
    cmd_pii_done(&e.pii);
    buf_done(&e.out.buf);
    pii_found_done(&e.found);
    return kind;
}

const CliCmd CMD_PII_EVALUATE = {
    .name = "evaluate",
    .help = "Measure how much of the personal data in labelled text is found",
    .details = "FILE has lines {\"text\": ..., \"spans\": [{\"type\", \"start\", \"end\"}]}, in code points; "
               "\"expected\" and "
               "\"entity_type\" do as well. found: half of the value or more is covered by findings of its "
               "type; exact: one "
               "finding has its type and span; hidden: all of it is covered by findings of any type; false: "
               "findings that "
               "touch no label. Precision, recall and F count characters, whatever the type.\n\nLabels of "
               "other tools are "
               "understood (GPE, LOC: LOCATION; PER: PERSON; ORG: ORGANIZATION; ADDRESS: STREET_ADDRESS; "
               "DATE, TIME: "
               "DATE_TIME ...); LOCATION and ZIP_CODE may be found as a part of a STREET_ADDRESS, "
               "DATE_OF_BIRTH as DATE_TIME, "
               "DOMAIN_NAME as URL, and the other way round. Labels with no type here (TITLE) are left out.",
    .options =
        (const CliOption[]){
            {"data", CLI_LIST, "FILE", "Labelled text as JSON lines; may be repeated", true},
            {"json", CLI_FLAG, NULL, "Print JSON"},
            CMD_PII_FINDER_OPTIONS,
            {0},
        },
    .run = run,
    .no_conf = true,
};
