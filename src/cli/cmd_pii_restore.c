/* cmd_pii_restore.c - ehub pii restore, erase, key: tokens back to values, and the keys themselves. */
#include "base/mem.h"
#include "base/uuid.h"
#include "cli/cli_guard.h"
#include "cli/cmd_pii.h"
#include "pii/pii_vault.h"

#include <limits.h>
#include <stdio.h>

typedef struct Restore {
    CmdPiiIn in;
    CmdPiiOut out;
    PiiVault *vault;
    Buf text;
    uint64_t n_back, n_left;
} Restore;

static ErrKind open_vault(const CliCall *call, PiiVault **ret, Err *reterr)
{
    PiiKey master;
    char own[PATH_MAX];
    const char *dir = cli_text(call, "vault", call->conf->pii_vault);
    const char *key = cli_text(call, "key", cli_guard_key(call->conf, own));
    if (!dir[0] || !key[0])
        return err_set(reterr, ERR_USAGE, "no %s: --%s, or the setting pii.%s of the platform",
                       dir[0] ? "key" : "vault", dir[0] ? "key" : "vault", dir[0] ? "key" : "vault");
    TRY(pii_key_read(key, &master, reterr));
    ErrKind kind =
        pii_vault_open(dir, &master, str_from(cli_text(call, "tenant", "default")), false, ret, reterr);
    crypto_wipe(&master, sizeof master);
    return kind;
}

static ErrKind restore_text(Restore *r, Err *reterr)
{
    const size_t room = 256u << 10;
    CLEANUP(mem_freep) char *bytes = mem_array(room, 1);
    size_t have = 0, n;
    do {
        TRY(cmd_pii_read(&r->in, &r->out, bytes + have, room - have, &n, reterr));
        have += n;
        size_t done =
            pii_vault_restore(r->vault, (Str){bytes, have}, n == 0, &r->out.buf, &r->n_back, &r->n_left);
        TRY(cmd_pii_wrote(&r->out, reterr));
        memmove(bytes, bytes + done, have - done);
        have -= done;
    } while (n > 0);
    return ERR_NONE;
}

static ErrKind restore_line(void *arg, const Jv *line, Str text, Buf *out, Err *reterr)
{
    (void)line;
    Restore *r = arg;
    buf_clear(&r->text);
    (void)pii_vault_restore(r->vault, text, true, &r->text, &r->n_back, &r->n_left);
    TRY(buf_check(&r->text, reterr));
    Jw w = jw(out);
    jw_obj(&w);
    jw_kv_str(&w, "text", r->text.len > 0 ? buf_str(&r->text) : STR(""));
    jw_end(&w);
    return ERR_NONE;
}

static ErrKind restore(const CliCall *call, Restore *r, Err *reterr)
{
    bool jsonl;
    TRY(cmd_pii_choice(call, "format", "text", "jsonl", &jsonl, reterr));
    TRY(open_vault(call, &r->vault, reterr));
    TRY(cmd_pii_in_open(&r->in, call->n_args > 0 ? call->args[0] : NULL, reterr));
    ErrKind kind = jsonl ? cmd_pii_lines(&r->in, &r->out, restore_line, r, reterr) : restore_text(r, reterr);
    TRY(cmd_pii_finish(&r->out, kind, reterr));
    if (r->n_left > 0)
        return err_set(reterr, ERR_NOT_FOUND,
                       "%llu of %llu tokens were left: their keys are destroyed or not in this vault, or "
                       "they are damaged",
                       (unsigned long long)r->n_left, (unsigned long long)(r->n_left + r->n_back));
    return ERR_NONE;
}

static ErrKind run_restore(const CliCall *call, Err *reterr)
{
    Restore r = {.out = CMD_PII_OUT, .text = BUF(64u << 20)};
    ErrKind kind = restore(call, &r, reterr);
    cmd_pii_in_done(&r.in);
    pii_vault_free(r.vault);
    buf_done(&r.out.buf);
    buf_done(&r.text);
    return kind;
}

static ErrKind run_erase(const CliCall *call, Err *reterr)
{
    const char *subject = cli_text(call, "subject", NULL), *agent = cli_text(call, "agent", NULL);
    bool all = cli_flag(call, "all");
    if (all + (subject != NULL) + (agent != NULL) != 1)
        return err_set(reterr, ERR_USAGE, "--subject S, --agent ID or --all: one of them is needed");
    Uuid id;
    char text[UUID_TEXT];
    if (agent && !uuid_parse(str_from(agent), &id))
        return err_set(reterr, ERR_USAGE, "--agent %.60s: not an agent's id", agent);
    if (agent) {
        uuid_format(id, text);
        subject = text;
    }
    CLEANUP(pii_vault_freep) PiiVault *v = NULL;
    TRY(open_vault(call, &v, reterr));
    return all ? pii_vault_erase_tenant(v, reterr) : pii_vault_erase_subject(v, str_from(subject), reterr);
}

static ErrKind run_key(const CliCall *call, Err *reterr)
{
    return pii_key_make(call->args[0], reterr);
}

#define VAULT_OPTIONS                                                                                  \
    {"vault", CLI_TEXT, "DIR", "Folder of the keys that seal tokens (default: pii.vault)"},            \
        {"key", CLI_TEXT, "FILE", "Master key of ehub pii key (default: the platform's, as pii.key)"}, \
    {                                                                                                  \
        "tenant", CLI_TEXT, "T", "Whose keys (default: default)"                                       \
    }

const CliCmd CMD_PII_RESTORE = {
    .name = "restore",
    .help = "Turn the tokens in text back to what they stand for",
    .details = "Tokens whose key is destroyed or belongs to another vault, and damaged ones, stay as they "
               "are; the exit "
               "status is then 66.",
    .args = "[FILE]",
    .max_args = 1,
    .options = (const CliOption[]){VAULT_OPTIONS, CMD_PII_FORMAT_OPTION, {0}},
    .run = run_restore,
};
const CliCmd CMD_PII_ERASE = {
    .name = "erase",
    .help =
        "Destroy the key of a subject or of a whole tenant, so that no token of theirs can be turned back",
    .details = "There is no way back. Copies of the vault's folder in backups hold the key too and must be "
               "replaced.",
    .options = (const CliOption[]){VAULT_OPTIONS,
                                   {"subject", CLI_TEXT, "S", "Destroy this subject's key"},
                                   {"agent", CLI_TEXT, "ID",
                                    "Destroy the agent's key: messages, sessions, goals and imported rows"},
                                   {"all", CLI_FLAG, NULL, "Destroy the tenant's key and all under it"},
                                   {0}},
    .run = run_erase,
};
const CliCmd CMD_PII_KEY = {
    .name = "key",
    .help = "Write a new master key to FILE, which only its owner can read",
    .args = "FILE",
    .min_args = 1,
    .max_args = 1,
    .run = run_key,
    .no_conf = true,
};
