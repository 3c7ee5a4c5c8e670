/* scale_queue.h - how long requests take where c servers work off one queue (M/M/c).
 *
 * Arrivals come at random (Poisson), service times are exponential with mean service_s, first come, first served. Real services
 * scatter otherwise; scale_learn.h therefore holds the model against latencies that were measured.
 *   waits at all     Erlang's C (A. K. Erlang 1917), by the recursion of his B, which does not overflow
 *   time in all      waiting is 0, or exponential with rate (c - a) / service_s; service is added (Gross, Harris,
 *                    Fundamentals of Queueing Theory, M/M/c)
 * Threads: pure. Cost: c operations each. */
#ifndef EHUB_SCALE_SCALE_QUEUE_H
#define EHUB_SCALE_SCALE_QUEUE_H

#include "base/base.h"

#define SCALE_QUEUE_SERVERS_MAX 4096

/* Probability that a request has to wait. load: busy servers, 0 .. servers; 1 from servers on. */
double scale_queue_waits(int servers, double load);
/* Probability that it takes longer than t_s from its arrival to its end, at that utilisation (0..1). */
double scale_queue_longer(int servers, double utilisation, double service_s, double t_s);
/* The q-quantile of that time (0 < q < 1); infinite from a utilisation of 1 on. */
double scale_queue_time(int servers, double utilisation, double service_s, double q);
/* The highest utilisation at which the q-quantile stays at or below most_s; 0: not even an idle one does it. */
double scale_queue_utilisation(int servers, double service_s, double q, double most_s);

#endif
