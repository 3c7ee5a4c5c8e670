/* cmd_pii.c - ehub pii ...: find personal data in text, make it harmless, measure how well. */
#include "cli/cmd_pii.h"

#include "base/file.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

static ErrKind read_types(const char *list, PiiTypes *ret, Err *reterr)
{
    Str rest = str_from(list), name;
    *ret = (PiiTypes){0};
    while (str_next(&rest, ',', &name)) {
        PiiType t;
        name = str_trim(name);
        if (!pii_type_parse(name, &t))
            return err_set(reterr, ERR_USAGE, "--types: no type \"%.*s\": see ehub pii scan --help",
                           (int)MIN(name.len, 60), name.ptr);
        pii_types_add(ret, t);
    }
    return ERR_NONE;
}

static ErrKind read_options(const CliCall *call, PiiOptions *o, Err *reterr)
{
    const char *types = cli_text(call, "types", NULL), *score = cli_text(call, "min-score", NULL),
               *packs = cli_text(call, "packs", NULL);
    double min = (double)o->min_score;
    Err why = {0};
    if (types)
        TRY(read_types(types, &o->types, reterr));
    if (score && (!str_to_f64(str_from(score), &min) || min < 0 || min > 1))
        return err_set(reterr, ERR_USAGE, "--min-score: \"%.40s\" is no number from 0 to 1", score);
    o->min_score = (float)min;
    if (packs && pii_packs_read(str_from(packs), &o->packs, &why) != ERR_NONE)
        return err_set(reterr, ERR_USAGE, "--packs: %s", why.msg);
    o->names = !cli_flag(call, "no-names");
    return ERR_NONE;
}

ErrKind cmd_pii_choice(const CliCall *call, const char *option, const char *first, const char *second,
                       bool *ret_second, Err *reterr)
{
    const char *given = cli_text(call, option, first);
    *ret_second = strcmp(given, second) == 0;
    if (!*ret_second && strcmp(given, first) != 0)
        return err_set(reterr, ERR_USAGE, "--%s: \"%.40s\" is neither %s nor %s", option, given, first,
                       second);
    return ERR_NONE;
}

int cmd_pii_list(const CliCall *call, const char *option, const char *const **ret)
{
    int i = 0;
    while (strcmp(call->cmd->options[i].name, option) != 0)
        i++;
    *ret = call->lists[i];
    return call->n_lists[i];
}

ErrKind cmd_pii_scanner(const CliCall *call, CmdPii *ret, Err *reterr)
{
    *ret = (CmdPii){.model = BUF(CMD_PII_MODEL_MAX)};
    PiiOptions o = PII_OPTIONS_DEFAULT;
    TRY(read_options(call, &o, reterr));
    const char *model = cli_text(call, "model", NULL), *custom = cli_text(call, "custom", NULL);
    if (model) {
        TRY(file_read(model, &ret->model, reterr));
        o.model = buf_str(&ret->model);
    }
    if (custom)
        TRY(pii_custom_load(custom, &ret->custom, reterr));
    o.custom = ret->custom;
    TRY(pii_scanner_new(&o, &ret->scanner, reterr));
    ret->scratch = pii_scratch_new(ret->scanner);
    return ERR_NONE;
}

void cmd_pii_done(CmdPii *p)
{
    pii_scratch_free(p->scratch);
    pii_scanner_free(p->scanner);
    pii_custom_free(p->custom);
    buf_done(&p->model);
}

/* ---- spans ---- */

void cmd_pii_spans_of(const PiiPiece *p, CmdPiiSpans *out)
{
    size_t need = out->n + p->n;
    for (size_t i = 0; out->also && i < p->n; i++)
        need += pii_types_count(&p->spans[i].also);
    if (need > out->cap) {
        out->cap = MAX(need, out->cap * 2);
        out->spans = mem_grow(out->spans, out->cap, sizeof *out->spans);
    }
    CLEANUP(mem_freep) PiiSpan *counted = NULL;
    const PiiSpan *spans = p->spans;
    if (out->codepoints && p->n > 0) {
        counted = mem_array(p->n, sizeof *counted);
        memcpy(counted, p->spans, p->n * sizeof *counted);
        pii_codepoints(p->text, counted, p->n);
        spans = counted;
    }
    uint64_t at = out->codepoints ? p->at_cp : p->at;
    for (size_t i = 0; i < p->n; i++) {
        CmdPiiSpan span = {.start = at + spans[i].start,
                           .end = at + spans[i].end,
                           .type = spans[i].type,
                           .rule = spans[i].rule,
                           .score = spans[i].score};
        out->spans[out->n++] = span;
        PiiTypes more = out->also ? spans[i].also : (PiiTypes){0};
        for (PiiType t = pii_types_next(&more, 0); t < PII_N_TYPES; t = pii_types_next(&more, t + 1)) {
            span.type = t;
            out->spans[out->n++] = span;
        }
    }
}

static ErrKind collect(void *arg, const PiiPiece *p, Err *reterr)
{
    (void)reterr;
    cmd_pii_spans_of(p, arg);
    return ERR_NONE;
}

ErrKind cmd_pii_scan_all(const CmdPii *p, Str text, CmdPiiSpans *spans, Err *reterr)
{
    PiiStream s = {.scanner = p->scanner,
                   .scratch = p->scratch,
                   .codepoints = spans->codepoints,
                   .piece = collect,
                   .arg = spans};
    return pii_stream_text(&s, text, reterr);
}

void cmd_pii_span_json(Jw *w, const CmdPiiSpan *s)
{
    jw_obj(w);
    jw_kv_cstr(w, "type", pii_type_name(s->type));
    jw_kv_i64(w, "start", (int64_t)s->start);
    jw_kv_i64(w, "end", (int64_t)s->end);
    jw_kv_f64_digits(w, "score", (double)s->score, 4);
    jw_kv_cstr(w, "rule", pii_rule_name(s->rule));
    jw_end(w);
}

const CliCmd CMD_PII = {
    .name = "pii",
    .help = "Find personal data in text, make it harmless, and measure how well",
    .subs =
        (const CliCmd *const[]){
            &CMD_PII_SCAN,
            &CMD_PII_TYPES,
            &CMD_PII_TRAIN,
            &CMD_PII_REDACT,
            &CMD_PII_RESTORE,
            &CMD_PII_REPORT,
            &CMD_PII_ERASE,
            &CMD_PII_KEY,
            &CMD_PII_EVALUATE,
            &CMD_PII_BENCH,
            NULL,
        },
};
