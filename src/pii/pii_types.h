/* pii_types.h - a set of kinds of personal data.
 *
 *     for (PiiType t = pii_types_next(&set, 0); t < PII_N_TYPES; t = pii_types_next(&set, t + 1)) ...
 *
 * A value of its own, {0} is empty; a type that does not exist is never in it. */
#ifndef EHUB_PII_PII_TYPES_H
#define EHUB_PII_PII_TYPES_H

#include <stdbool.h>
#include <stdint.h>

#include "pii/pii_table.h"

#define PII_TYPES_WORDS ((PII_N_TYPES + 63) / 64)

typedef struct PiiTypes {
    uint64_t bits[PII_TYPES_WORDS];
} PiiTypes;

static inline void pii_types_add(PiiTypes *s, PiiType t)
{
    s->bits[t / 64] |= (uint64_t)1 << t % 64;
}

static inline void pii_types_remove(PiiTypes *s, PiiType t)
{
    s->bits[t / 64] &= ~((uint64_t)1 << t % 64);
}

static inline bool pii_types_has(const PiiTypes *s, PiiType t)
{
    return s->bits[t / 64] >> t % 64 & 1;
}

/* The first type of the set at `from` or after it; PII_N_TYPES when there is none. */
static inline PiiType pii_types_next(const PiiTypes *s, PiiType from)
{
    for (unsigned t = from; t < PII_N_TYPES; t = (t / 64 + 1) * 64) {
        uint64_t left = s->bits[t / 64] >> t % 64;
        if (left)
            return (PiiType)(t + (unsigned)__builtin_ctzll(left));
    }
    return PII_N_TYPES;
}

static inline bool pii_types_any(const PiiTypes *s)
{
    return pii_types_next(s, (PiiType)0) < PII_N_TYPES;
}

static inline unsigned pii_types_count(const PiiTypes *s)
{
    unsigned n = 0;
    for (unsigned i = 0; i < PII_TYPES_WORDS; i++)
        n += (unsigned)__builtin_popcountll(s->bits[i]);
    return n;
}

#endif
