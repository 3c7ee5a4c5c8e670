/* stack_serve.h - the server as a child: its port, its certificate, how it is started, when it answers.
 *
 * Threads: the one that lives as long as the child. Blocks.
 * Errors:  CONFLICT the port is taken (named) . UNAVAILABLE it ended while starting . TIMEOUT . CANCELLED. */
#ifndef EHUB_STACK_STACK_SERVE_H
#define EHUB_STACK_STACK_SERVE_H

#include "conf/conf.h"
#include "rt/rt_child.h"
#include "stack/stack_dir.h"

#define STACK_PORT_DEFAULT 8420 /* the default of http.port */
#define STACK_PORT_TRIES 100

/* A wanted port must be free. The default one may give way to one of the next STACK_PORT_TRIES, all below 32768 where
 * the kernel's own choices for outgoing connections begin. */
ErrKind MUST_USE stack_serve_port(const char *address, int wanted, int *ret_port, Err *reterr);
/* DIR/tls/cert.pem and key.pem, made the first time. */
ErrKind MUST_USE stack_serve_certificate(const StackDir *d, char cert[static PATH_MAX],
                                         char key[static PATH_MAX], Err *reterr);
/* "http://127.0.0.1:8420": where a browser on this machine finds it. */
void stack_serve_url(const Conf *conf, char out[static 128]);
/* `argv` as of stack_command. */
ErrKind MUST_USE stack_serve_start(const StackDir *d, const char *const *argv, RtChild **ret, Err *reterr);
/* Until it answers GET /readyz with 200 (over TLS: until it accepts a connection). */
ErrKind MUST_USE stack_serve_wait(const StackDir *d, const Conf *conf, RtChild *serve, Deadline by,
                                  Err *reterr);
/* One try of that. */
bool stack_serve_answers(const Conf *conf);

#endif
