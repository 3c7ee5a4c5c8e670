/* stack_demo.h - what the first start with --demo runs, one command after the other; each step once.
 *
 *     STACK_DEMO_STEPS --ehub <words>--> done --line in DIR/demo.steps--> next
 *
 * A step that was interrupted runs again at the next start. Threads: one; blocks. Errors: of the step, named. */
#ifndef EHUB_STACK_STACK_DEMO_H
#define EHUB_STACK_STACK_DEMO_H

#include "conf/conf.h"
#include "stack/stack_dir.h"

#define STACK_DEMO_TENANT "demo"
#define STACK_DEMO_PASSWORD "secrets/demo_password" /* of the demo users; in the data directory */

typedef struct StackStep {
    const char *name;
    const char *what;      /* shown while it runs */
    const char *words[16]; /* DIR/... stands for a path in the data directory */
} StackStep;

extern const StackStep STACK_DEMO_STEPS[]; /* ends with name == NULL */

typedef void StackSay(const char *line);

ErrKind MUST_USE stack_demo_run(const StackDir *d, const char *program, const ConfSource *source,
                                StackSay *say, Err *reterr);

#endif
