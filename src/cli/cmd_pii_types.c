/* cmd_pii_types.c - ehub pii types: what can be found. */
#include "cli/cmd_pii.h"
#include "pii/pii_list.h"

#include <stdio.h>

static ErrKind run(const CliCall *call, Err *reterr)
{
    CLEANUP(buf_done) Buf out = BUF(1u << 20);
    if (cli_flag(call, "json")) {
        Jw w = jw(&out);
        pii_list_json(&w);
        buf_add_char(&out, '\n');
    } else {
        pii_list_text(&out);
    }
    TRY(buf_check(&out, reterr));
    fwrite(out.ptr, 1, out.len, stdout);
    return ERR_NONE;
}

const CliCmd CMD_PII_TYPES = {
    .name = "types",
    .help = "List the types of personal data, and the packs of other countries' identifiers",
    .details = "One line for each: type, pack, what it is. Types without a pack are always looked for. With "
               "--json also "
               "the rules that find it and, of packs, shapes, scores and words.",
    .options =
        (const CliOption[]){
            {"json", CLI_FLAG, NULL, "Print JSON"},
            {0},
        },
    .run = run,
    .no_conf = true,
};
