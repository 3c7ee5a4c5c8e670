/* scale_store.h - what predictive scaling keeps in its state directory.
 *
 *     lock               held (flock) by the one process that acts, with its process id: the leader lock of one machine
 *     decisions.jsonl    one JSON object a line: when, how many, why in words, whether it was acted
 *     decisions.jsonl.1  the same, older: what decisions.jsonl was when it reached conf->decisions_bytes
 *     override.json      a pause or a fixed number of replicas, with its end
 *     report.json        what people's pages show: scale_report.h
 *
 * Several machines: put the state directory where flock works across them, or run one instance (a Deployment of 1 with Recreate).
 * Threads: any; blocks on the disk. Errors: CONFLICT another process holds the lock; IO. */
#ifndef EHUB_SCALE_SCALE_STORE_H
#define EHUB_SCALE_SCALE_STORE_H

#include "base/jw.h"
#include "scale/scale_conf.h"
#include "scale/scale_plan.h"

#include <sys/types.h>

typedef struct ScaleStored {
    int64_t at_us, replicas;
    double now, planned;
    bool acted;
    char cause[24];
    char words[480];
} ScaleStored;

/* Closing *ret_fd gives the lock back. */
ErrKind MUST_USE scale_store_lock(const ScaleConf *c, int *ret_fd, Err *reterr);
/* Who holds the lock; 0: nobody. */
ErrKind MUST_USE scale_store_holder(const ScaleConf *c, pid_t *ret, Err *reterr);

/* Only the process that holds the lock, or a trial, adds. */
ErrKind MUST_USE scale_store_add(const ScaleConf *c, const ScaleStored *d, Err *reterr);
/* The decisions from from_us on, oldest first (mem_free). Damaged lines are passed over and counted; a last one
 * without its end is being written and is not looked at. Cost: only the end of the file is read, as far back as from_us asks, and the
 * older file only where that does not suffice. */
ErrKind MUST_USE scale_store_read(const ScaleConf *c, int64_t from_us, ScaleStored **ret, int64_t *ret_n,
                                  int64_t *ret_damaged, Err *reterr);

/* As an object: that of a line of decisions.jsonl. */
void scale_stored_json(Jw *w, const ScaleStored *d);

typedef struct ScaleOverride {
    bool paused;      /* decide, but do not act */
    int64_t replicas; /* -1: as decided */
    int64_t until_us; /* 0: there is none */
} ScaleOverride;
ErrKind MUST_USE scale_store_override(const ScaleConf *c, const ScaleOverride *o,
                                      Err *reterr); /* NULL takes it away */
/* One that is over is none. */
ErrKind MUST_USE scale_store_overridden(const ScaleConf *c, int64_t now_us, ScaleOverride *ret, Err *reterr);

#endif
