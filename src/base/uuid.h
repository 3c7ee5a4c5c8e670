/* uuid.h - ids. New ones are UUIDv7 (RFC 9562); ids of imported records are derived from their source
 * (version 8).
 *
 *     byte:  0..5 time   6 version|   8 variant|   9..14 random   15 = logical slot of the location
 *
 * The last byte of every id that belongs to a location is that location's logical slot (0..255): the id alone
 * says where the row lives, so no request needs a directory look-up (docs/adr/0003-logical-slots-in-ids.md).
 *
 * Threads:  any. uuid_v7 takes its random part from the system; ids made by one thread in one millisecond are
 *           ordered. */
#ifndef EHUB_BASE_UUID_H
#define EHUB_BASE_UUID_H

#include "base/str.h"

typedef struct Uuid {
    uint8_t b[16];
} Uuid;

#define UUID_TEXT 37 /* 36 characters and the zero */

Uuid uuid_v7(void);
Uuid uuid_v7_in_slot(uint8_t slot);
/* Same (space, name) gives the same id: SHA-256 of both, version 8. */
Uuid uuid_from_name(Uuid space, Str name);
Uuid uuid_from_name_in_slot(Uuid space, Str name, uint8_t slot);
static inline uint8_t uuid_slot(Uuid id)
{
    return id.b[15];
}

bool uuid_parse(Str s, Uuid *ret); /* 8-4-4-4-12 hexadecimal, either case */
void uuid_format(Uuid id, char out[static UUID_TEXT]);
bool uuid_eq(Uuid a, Uuid b);
bool uuid_is_nil(Uuid id);
extern const Uuid UUID_NIL;

#endif
