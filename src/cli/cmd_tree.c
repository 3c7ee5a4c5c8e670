/* cmd_tree.c - the root of the command tree: one line for each family, in the order of --help. */
#include "cli/cli.h"

extern const CliCmd CMD_AUDIT;
extern const CliCmd CMD_COACH;
extern const CliCmd CMD_COMPLETION;
extern const CliCmd CMD_CONF;
extern const CliCmd CMD_DB;
extern const CliCmd CMD_DEMO;
extern const CliCmd CMD_DOCS;
extern const CliCmd CMD_GBT_FIT;
extern const CliCmd CMD_IMPORT;
extern const CliCmd CMD_DOWN;
extern const CliCmd CMD_INSIGHT;
extern const CliCmd CMD_MODEL;
extern const CliCmd CMD_PII;
extern const CliCmd CMD_SCALING;
extern const CliCmd CMD_SERVE;
extern const CliCmd CMD_STATUS;
extern const CliCmd CMD_TENANT;
extern const CliCmd CMD_TOKEN;
extern const CliCmd CMD_UP;
extern const CliCmd CMD_USER;

const CliCmd CLI_ROOT = {
    .name = "ehub",
    .help = "Coaches real-estate agents: predicts, explains, advises, measures",
    .subs =
        (const CliCmd *const[]){
            &CMD_UP,      &CMD_DOWN,    &CMD_STATUS, &CMD_SERVE,      &CMD_TENANT, &CMD_USER,    &CMD_TOKEN,
            &CMD_AUDIT,   &CMD_CONF,    &CMD_DB,     &CMD_IMPORT,     &CMD_DEMO,   &CMD_COACH,   &CMD_MODEL,
            &CMD_INSIGHT, &CMD_SCALING, &CMD_PII,    &CMD_COMPLETION, &CMD_DOCS,   &CMD_GBT_FIT, NULL,
        },
};
