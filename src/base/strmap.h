/* strmap.h - from byte strings to small numbers; open addressing, seeded per map.
 *
 * Owner:    the map copies its keys.
 * Threads:  one writer, or many readers.
 * Cost:     O(1), about 50 bytes a key. */
#ifndef EHUB_BASE_STRMAP_H
#define EHUB_BASE_STRMAP_H

#include "base/str.h"

typedef struct StrMap StrMap;

StrMap *strmap_new(void);
void strmap_free(StrMap *m);
DEFINE_FREEP(StrMap, strmap_free)
/* false when the key was there already: its value stays. */
bool strmap_add(StrMap *m, Str key, uint32_t value);
void strmap_set(StrMap *m, Str key, uint32_t value);
bool strmap_get(const StrMap *m, Str key, uint32_t *ret_value);
size_t strmap_len(const StrMap *m);

#endif
