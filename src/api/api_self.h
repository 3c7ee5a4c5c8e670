/* api_self.h - runs this program with other words, as a child of the server: what takes long or may crash.
 *
 * Threads:  from a thread that lives as long as the child; blocks until its end. Its output goes to the server's.
 * Errors:   NOT_FOUND the tenant has no data yet . CANCELLED stopped, or past the deadline . INTERNAL with the child's last line . those
 *           of rt_child.h. */
#ifndef EHUB_API_API_SELF_H
#define EHUB_API_API_SELF_H

#include "base/err.h"
#include "rt/deadline.h"

typedef struct ApiSelf {
    const char *program;            /* this executable */
    const char *const *global_args; /* NULL-terminated: --config, --data, --set as they were given */
} ApiSelf;

/* words: NULL-terminated, FAMILY COMMAND and its options. stop: asked about every 50 ms, true ends the child. */
ErrKind MUST_USE api_self_run(const ApiSelf *self, const char *const *words, bool (*stop)(void *arg),
                              void *stop_arg, Deadline by, Err *reterr);

#endif
