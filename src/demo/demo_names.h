/* demo_names.h - invented names for simulated agents. Threads: pure. The address domain is reserved (RFC 2606). */
#ifndef EHUB_DEMO_DEMO_NAMES_H
#define EHUB_DEMO_DEMO_NAMES_H

#include "stats/stats.h"

void demo_name(StatsRng *r, char *out, size_t size);                   /* "Ada Keller" */
void demo_email(const char *name, int number, char *out, size_t size); /* "ada.keller.17@agents.example" */
void demo_external_id(int number, char *out, size_t size);             /* "A00017" */
void demo_office_name(int number, char *out, size_t size);             /* "Cedar Park", then "Cedar Park 2" */

#endif
