/* pii_guard_impl.h - what pii_guard.c and pii_talk.c share: a tenant's finder, and the desk that one call works at. */
#ifndef EHUB_PII_PII_GUARD_IMPL_H
#define EHUB_PII_PII_GUARD_IMPL_H

#include "pii/pii_act.h"
#include "pii/pii_custom.h"
#include "pii/pii_guard.h"

#include <pthread.h>

/* What one call needs for itself. */
typedef struct PiiDesk {
    struct PiiDesk *next;
    PiiScratch *scratch, *scratch_plain;
    PiiFound found, quoted;
    PiiAct *act[PII_N_PURPOSES]; /* made when first needed; for store and log, which keep nothing of a text */
    Uuid act_tenant[PII_N_PURPOSES];
} PiiDesk;

typedef struct PiiFinders PiiFinders;

/* The finder of the tenants without a file of their own, or of one that has one. */
typedef struct PiiFinder {
    PiiCustom *custom;
    PiiScanner *scanner;
    PiiScanner *plain; /* without names */
    pthread_mutex_t lock;
    PiiDesk *idle;
    PiiFinders *of; /* read together with it */
} PiiFinder;

/* It stays until pii_guard_finder_done, whatever is read again meanwhile. */
PiiFinder *pii_guard_finder(PiiGuard *g, const char *slug);
void pii_guard_finder_done(PiiGuard *g, PiiFinder *f);
PiiDesk *pii_desk_take(PiiFinder *f);
void pii_desk_put(PiiFinder *f, PiiDesk *d);
/* The policy's actions under the tenant's key. */
PiiAct *pii_guard_act(const PiiGuard *g, PiiPurpose purpose, Uuid tenant, Str conversation);
void pii_guard_count(PiiGuard *g, const PiiWhere *where, PiiPurpose purpose, const PiiSpan *span,
                     bool sealed);
void pii_guard_withhold(Buf *out, size_t from, const char *why);

#endif
