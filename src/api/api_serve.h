/* api_serve.h - the server as a whole: pools, databases, live hub, jobs, edge; runs until it is told to stop.
 *
 *     start: databases -> hub -> pools -> edge -> jobs        SIGTERM: /readyz 503 -> drain -> stop in reverse order
 *
 * Threads: one, which waits for signals; SIGHUP reads the settings again (a bad file changes nothing and is logged).
 * Errors:  those of pg_shard.h and http_server.h. */
#ifndef EHUB_API_API_SERVE_H
#define EHUB_API_API_SERVE_H

#include "conf/conf.h"
#include "pii/pii_guard.h"

typedef struct ApiServeConf {
    ConfSource source;                                      /* to read the settings again */
    PiiGuard *guard;                                        /* outlives the server */
    ErrKind (*reload_guard)(const Conf *conf, Err *reterr); /* at SIGHUP; NULL: the guard stays as it is */
    const char *program;
    const char *const *global_args; /* for child processes */
} ApiServeConf;

/* conf_publish must have been called. Prints the address on standard output once it answers. */
ErrKind MUST_USE api_serve(const ApiServeConf *sc, Err *reterr);

#endif
