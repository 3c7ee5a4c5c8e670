/* scale_act.h - brings a number of replicas about: the one interface to what really scales.
 *
 *     advise      nothing: the decision is stored, and published as a metric by `ehub scaling export` (HPA or KEDA may follow it)
 *     haproxy     our own processes behind HAProxy: the first N servers of the backend are made ready, the others drain
 *                 (runtime API, "set server BACKEND/SERVER state ready|drain")
 *     kubernetes  PATCH of the scale sub-resource of a Deployment: over TLS with the token and the authority of a service account,
 *                 or plain through kubectl proxy
 *
 * Threads: any; blocks up to SCALE_ACT_TIMEOUT_MS. Doing the same again changes nothing.
 * Errors:  those of scale_http and of the socket; INVALID: the backend has no servers; LIMIT: it has fewer. */
#ifndef EHUB_SCALE_SCALE_ACT_H
#define EHUB_SCALE_SCALE_ACT_H

#include "scale/scale_conf.h"

#define SCALE_ACT_TIMEOUT_MS 10000
#define SCALE_ACT_COUNT_TIMEOUT_MS 2000

extern const char *const SCALE_ACTORS[]; /* by ScaleActor */

ErrKind MUST_USE scale_act(const ScaleConf *c, int64_t replicas, Err *reterr);

/* How many replicas are there: HAProxy's servers that are up and ready, status.replicas of the Deployment; -1: nobody can say. */
ErrKind MUST_USE scale_act_count(const ScaleConf *c, int64_t *ret, Err *reterr);

#endif
