/* cmd_pii_redact.c - ehub pii redact: text without the values that were found in it. */
#include "base/mem.h"
#include "cli/cmd_pii.h"
#include "coach/coach_tenant.h"
#include "pii/pii_act.h"
#include "privacy/pii_audit.h"

#include <stdio.h>
#include <string.h>

#define RECORD_MS 30000

/* Of --record: whose counts in the database the findings are added to. */
typedef struct Record {
    const Conf *conf;
    PgShards *shards;
    PiiTally *tally; /* NULL: nothing is recorded */
    PiiTallyRow row; /* what all findings have in common */
} Record;

typedef struct Redact {
    CmdPii pii;
    CmdPiiIn in;
    CmdPiiOut out;
    PiiActOptions options;
    PiiVault *vault;
    PiiAct *act;
    Buf conversation; /* of act */
    Buf text;         /* of a line */
    Buf *to;
    uint64_t counts[PII_N_TYPES];
    Record record;
} Redact;

static ErrKind record_open(const CliCall *call, Record *rec, PiiPurpose purpose, Err *reterr)
{
    const char *slug = cli_text(call, "record", NULL);
    Deadline by = deadline_in_ms(RECORD_MS);
    CLEANUP(mem_freep) CoachTenant *list = NULL;
    int n = 0;
    if (!slug)
        return ERR_NONE;
    TRY(conf_load(&call->conf_source, &rec->conf, reterr));
    TRY(pg_shards_new(rec->conf, by, &rec->shards, reterr));
    TRY(coach_tenants(rec->shards, slug, by, &list, &n, reterr));
    if (n != 1)
        return err_set(reterr, ERR_NOT_FOUND, "--record: there is no tenant %s", slug);
    rec->row = (PiiTallyRow){.tenant = list[0].id, .source = "ehub pii redact", .purpose = purpose, .n = 1};
    rec->tally = pii_tally_new();
    return ERR_NONE;
}

static void record(const Redact *r, const PiiSpan *spans, size_t n)
{
    PiiTallyRow row = r->record.row;
    for (size_t i = 0; r->record.tally && i < n; i++) {
        row.type = spans[i].type;
        row.rule = spans[i].rule;
        row.action = r->options.actions[row.type];
        if (row.action == PII_ACT_TOKENISE && !r->vault)
            row.action = PII_ACT_REDACT;
        pii_tally_add(r->record.tally, &row);
    }
}

/* What was acted on is recorded even when the rest failed: it went out. */
static ErrKind record_close(Record *rec, ErrKind kind, Err *reterr)
{
    Err err;
    if (rec->tally && pii_audit_flush(rec->shards, rec->tally, deadline_in_ms(RECORD_MS), &err)) {
        if (kind == ERR_NONE && reterr)
            *reterr = err;
        kind = kind ? kind : err.kind;
    }
    pii_tally_free(rec->tally);
    pg_shards_free(rec->shards);
    conf_unref(rec->conf);
    return kind;
}

static ErrKind read_bytes(void *arg, char *bytes, size_t len, size_t *ret_n, Err *reterr)
{
    Redact *r = arg;
    return cmd_pii_read(&r->in, &r->out, bytes, len, ret_n, reterr);
}

static ErrKind act_on_piece(void *arg, const PiiPiece *p, Err *reterr)
{
    Redact *r = arg;
    TRY(pii_act(r->act, p->text, p->spans, p->n, r->to, r->counts, reterr));
    record(r, p->spans, p->n);
    return r->to == &r->out.buf ? cmd_pii_wrote(&r->out, reterr) : ERR_NONE;
}

static void begin_conversation(Redact *r, Str name)
{
    pii_act_free(r->act);
    buf_clear(&r->conversation);
    buf_add_str(&r->conversation, name);
    r->act = pii_act_new(&r->options, name);
}

/* The conversation and the subject of a line, when it names them. */
static ErrKind choose_line(Redact *r, const Jv *line, Err *reterr)
{
    Str conversation, subject;
    bool again = r->act == NULL, named = jv_is_str(jv_get(line, "subject"), &subject);
    uint32_t of = r->options.subject;
    if (named && r->vault)
        TRY(pii_vault_subject(r->vault, subject, &of, reterr));
    again = again || of != r->options.subject;
    r->options.subject = of;
    if (!jv_is_str(jv_get(line, "conversation"), &conversation))
        conversation = buf_str(&r->conversation);
    if (again || !str_eq(conversation, buf_str(&r->conversation))) {
        CLEANUP(buf_done) Buf name = BUF(CMD_PII_LINE_MAX);
        buf_add_str(&name, conversation);
        begin_conversation(r, buf_str(&name));
    }
    return ERR_NONE;
}

static ErrKind redact_line(void *arg, const Jv *line, Str text, Buf *out, Err *reterr)
{
    Redact *r = arg;
    PiiStream s = {.scanner = r->pii.scanner, .scratch = r->pii.scratch, .piece = act_on_piece, .arg = r};
    TRY(choose_line(r, line, reterr));
    buf_clear(&r->text);
    r->to = &r->text;
    TRY(pii_stream_text(&s, text, reterr));
    Jw w = jw(out);
    jw_obj(&w);
    jw_kv_str(&w, "text", r->text.len > 0 ? buf_str(&r->text) : STR(""));
    jw_end(&w);
    return ERR_NONE;
}

/* ---- options ---- */

static ErrKind read_actions(const CliCall *call, PiiActOptions *o, PiiPurpose *ret_purpose, Err *reterr)
{
    PiiPurpose purpose;
    const char *policy = cli_text(call, "policy", NULL);
    if (!pii_purpose_parse(str_from(policy), &purpose))
        return err_set(reterr, ERR_USAGE, "--policy: no purpose \"%.40s\": store, log, model or export",
                       policy);
    *ret_purpose = purpose;
    pii_act_policy(o, purpose);
    const char *const *given = NULL;
    int n = cmd_pii_list(call, "action", &given);
    for (int i = 0; i < n; i++) {
        Str action = str_from(given[i]), name;
        PiiType t;
        PiiAction a;
        if (!str_next(&action, '=', &name) || !pii_type_parse(name, &t) || !pii_action_parse(action, &a))
            return err_set(reterr, ERR_USAGE, "--action: \"%.60s\" is no TYPE=ACTION", given[i]);
        o->actions[t] = a;
    }
    return ERR_NONE;
}

static ErrKind open_vault(const CliCall *call, Redact *r, const PiiKey *master, Err *reterr)
{
    const char *dir = cli_text(call, "vault", NULL), *tenant = cli_text(call, "tenant", "default");
    if (!dir)
        return ERR_NONE;
    if (!master)
        return err_set(reterr, ERR_USAGE, "--vault needs --key");
    TRY(pii_vault_open(dir, master, str_from(tenant), true, &r->vault, reterr));
    r->options.vault = r->vault;
    return pii_vault_subject(r->vault, str_from(cli_text(call, "subject", "default")), &r->options.subject,
                             reterr);
}

static void note_no_vault(const Redact *r)
{
    bool wanted = false;
    for (int t = 0; t < PII_N_TYPES; t++)
        wanted = wanted || r->options.actions[t] == PII_ACT_TOKENISE;
    if (wanted && !r->vault)
        fputs("ehub: no --vault: what would be a token is redacted\n", stderr);
}

static ErrKind read_options(const CliCall *call, Redact *r, Err *reterr)
{
    const char *path = cli_text(call, "key", NULL);
    PiiKey master;
    PiiPurpose purpose;
    TRY(read_actions(call, &r->options, &purpose, reterr));
    TRY(record_open(call, &r->record, purpose, reterr));
    if (path)
        TRY(pii_key_read(path, &master, reterr));
    else
        crypto_random(master.b, sizeof master.b); /* stand-ins and hashes of this run only */
    r->options.key = pii_key_derive(&master, "act", str_from(cli_text(call, "tenant", "default")));
    ErrKind kind = open_vault(call, r, path ? &master : NULL, reterr);
    crypto_wipe(&master, sizeof master);
    note_no_vault(r);
    return kind;
}

static void print_counts(const Redact *r)
{
    CLEANUP(buf_done) Buf line = BUF(1u << 16);
    Jw w = jw(&line);
    jw_obj(&w);
    for (int t = 0; t < PII_N_TYPES; t++)
        if (r->counts[t] > 0)
            jw_kv_i64(&w, pii_type_name((PiiType)t), (int64_t)r->counts[t]);
    jw_end(&w);
    fprintf(stderr, "%s\n", buf_cstr(&line));
}

static ErrKind redact(const CliCall *call, Redact *r, Err *reterr)
{
    bool jsonl;
    TRY(cmd_pii_choice(call, "format", "text", "jsonl", &jsonl, reterr));
    TRY(read_options(call, r, reterr));
    TRY(cmd_pii_scanner(call, &r->pii, reterr));
    TRY(cmd_pii_in_open(&r->in, call->n_args > 0 ? call->args[0] : NULL, reterr));
    begin_conversation(r, str_from(cli_text(call, "conversation", "")));
    r->to = &r->out.buf;
    PiiStream s = {.scanner = r->pii.scanner,
                   .scratch = r->pii.scratch,
                   .read = read_bytes,
                   .piece = act_on_piece,
                   .arg = r};
    ErrKind kind = jsonl ? cmd_pii_lines(&r->in, &r->out, redact_line, r, reterr) : pii_stream(&s, reterr);
    kind = cmd_pii_finish(&r->out, kind, reterr);
    if (cli_flag(call, "counts"))
        print_counts(r);
    return kind;
}

static ErrKind run(const CliCall *call, Err *reterr)
{
    Redact r = {.out = CMD_PII_OUT, .text = BUF(64u << 20), .conversation = BUF(CMD_PII_LINE_MAX)};
    ErrKind kind = record_close(&r.record, redact(call, &r, reterr), reterr);
    cmd_pii_in_done(&r.in);
    cmd_pii_done(&r.pii);
    pii_act_free(r.act);
    pii_vault_free(r.vault);
    buf_done(&r.out.buf);
    buf_done(&r.text);
    buf_done(&r.conversation);
    crypto_wipe(&r.options, sizeof r.options);
    return kind;
}

const CliCmd CMD_PII_REDACT = {
    .name = "redact",
    .help = "Print text with the personal data in it made harmless",
    .details = "What is done with each type depends on what the text is for: see "
               "docs/reference/pii-policy.md. --action "
               "changes it for one type: keep, redact, mask, hash, pseudonym, generalise or "
               "tokenise.\n\nWith --format "
               "jsonl a line may name its \"conversation\" (stand-ins are the same within one; its lines "
               "stand together) "
               "and its \"subject\" (whose key seals the tokens), beside \"text\". Without --key stand-ins "
               "and hashes are "
               "those of this run only.",
    .args = "[FILE]",
    .max_args = 1,
    .options =
        (const CliOption[]){
            {"policy", CLI_TEXT, "P", "What the text is for: store, log, model or export", true},
            {"action", CLI_LIST, "TYPE=ACTION", "Do this with a type instead; may be repeated"},
            CMD_PII_FORMAT_OPTION,
            {"key", CLI_TEXT, "FILE", "Master key of ehub pii key, for hashes, stand-ins and the vault"},
            {"vault", CLI_TEXT, "DIR", "Folder of the keys that seal tokens; made when it is not there"},
            {"tenant", CLI_TEXT, "T", "Whose keys (default: default)"},
            {"subject", CLI_TEXT, "S", "Whose data it is; destroying this key erases (default: default)"},
            {"conversation", CLI_TEXT, "NAME", "Which conversation the stand-ins belong to"},
            {"record", CLI_TEXT, "SLUG",
             "Add the counts to those of this tenant in the database: ehub pii report"},
            {"counts", CLI_FLAG, NULL, "Print how many of each type to standard error, as JSON"},
            CMD_PII_FINDER_OPTIONS,
            {0},
        },
    .run = run,
    .no_conf = true,
};
