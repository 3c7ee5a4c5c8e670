/* stack_log.h - why a child ended, from the end of its log.
 * Threads: any; blocks on the disk. Limits: looks at the last 8 KiB. */
#ifndef EHUB_STACK_STACK_LOG_H
#define EHUB_STACK_STACK_LOG_H

#include "stack/stack_dir.h"

/* Sets UNAVAILABLE "what: line", the line being the last that tells of a failure, else the last. */
ErrKind MUST_USE stack_log_why(const StackDir *d, const char *log, const char *what, Err *reterr);
/* The same line, for tests: a view into `text`. */
Str stack_log_telling(Str text);

#endif
