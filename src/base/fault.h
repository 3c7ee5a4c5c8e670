/* fault.h - named points where a test can make something fail.
 *
 *     if (fault_hit("import.after_shard_commit")) return err_set(reterr, ERR_UNAVAILABLE, "fault");
 *
 * EHUB_FAULT="name[=N][,name...]": the point fails from its Nth passing on (default the first); "name=kill:N"
 * kills the process with SIGKILL there. Without the variable a point costs one predictable branch.
 * Threads:  any. */
#ifndef EHUB_BASE_FAULT_H
#define EHUB_BASE_FAULT_H

#include "base/base.h"

bool fault_hit(const char *name);
void fault_load(
    const char *spec); /* replaces the set; NULL empties it. Called by main with getenv("EHUB_FAULT"). */

#endif
