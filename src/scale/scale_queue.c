/* scale_queue.c - see scale_queue.h. */
#include "scale/scale_queue.h"

#include <math.h>

#define ROUNDS 60 /* of halving: to the last digits */

double scale_queue_waits(int servers, double load)
{
    if (load >= servers)
        return 1;
    double lost = 1; /* Erlang's B of 0, 1, ... servers */
    for (int k = 1; k <= servers; k++)
        lost = load * lost / (k + load * lost);
    return lost / (1 - load / servers * (1 - lost));
}

double scale_queue_longer(int servers, double utilisation, double service_s, double t_s)
{
    if (utilisation >= 1)
        return 1;
    double load = servers * MAX(utilisation, 0), waits = scale_queue_waits(servers, load);
    double serve = 1 / service_s, clear = (servers - load) / service_s; /* rates */
    double still_served = exp(-serve * t_s), both;
    if (fabs(clear - serve) < 1e-6 * serve)
        both = still_served * (1 + serve * t_s);
    else
        both = (clear * still_served - serve * exp(-clear * t_s)) / (clear - serve);
    return (1 - waits) * still_served + waits * both;
}

double scale_queue_time(int servers, double utilisation, double service_s, double q)
{
    double lo = 0, hi = service_s;
    if (utilisation >= 1)
        return INFINITY;
    while (scale_queue_longer(servers, utilisation, service_s, hi) > 1 - q && hi < 1e12 * service_s)
        hi *= 2;
    for (int i = 0; i < ROUNDS; i++) {
        double t = (lo + hi) / 2;
        *(scale_queue_longer(servers, utilisation, service_s, t) > 1 - q ? &lo : &hi) = t;
    }
    return hi;
}

double scale_queue_utilisation(int servers, double service_s, double q, double most_s)
{
    double lo = 0, hi = 1;
    if (scale_queue_longer(servers, 0, service_s, most_s) > 1 - q)
        return 0;
    for (int i = 0; i < ROUNDS; i++) {
        double u = (lo + hi) / 2;
        *(scale_queue_longer(servers, u, service_s, most_s) > 1 - q ? &hi : &lo) = u;
    }
    return lo;
}
