/* cli_guard.h - the process's guard of personal data (pii/pii_guard.h), made from the settings pii.* when first needed.
 *
 *     cli_main --cli_guard_install--> log lines, HTTP error texts and messages that must be cut pass the guard
 *     commands that store text --cli_guard--> PiiGuard
 *
 * Owner:    the process; cli_guard_done at its end. Threads: any.
 * Errors:   cli_guard gives those of pii_guard_new. A log line that comes before they are mended is withheld. */
#ifndef EHUB_CLI_CLI_GUARD_H
#define EHUB_CLI_CLI_GUARD_H

#include "conf/conf.h"
#include "pii/pii_guard.h"

#include <limits.h>

void cli_guard_install(const Conf *conf); /* takes a reference of its own */
/* The file of the key of hashes and vaults: pii.key, else the one that `ehub up` made, for which `own` is room; "": none. */
const char *cli_guard_key(const Conf *conf, char own[static PATH_MAX]);
/* cli_guard_install must have been called. */
ErrKind MUST_USE cli_guard(PiiGuard **ret, Err *reterr);
/* Reads pii.custom, pii.packs, pii.min_score, pii.log and pii.store again, as these settings have them. */
ErrKind MUST_USE cli_guard_reload(const Conf *conf, Err *reterr);
/* The guard when it was ever needed, else NULL. */
PiiGuard *cli_guard_made(void);
void cli_guard_done(void);

#endif
