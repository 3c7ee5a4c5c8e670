/* arena.h - memory of one request: many small allocations, freed at once, never above a limit.
 *
 *     arena_new(limit) --> arena_alloc ... arena_alloc --> arena_free
 *
 * Owner:    whoever made it; everything allocated from it dies with it.
 * Threads:  one at a time; hand over whole.
 * Limits:   `limit` bytes in all. Past it arena_alloc returns NULL and the arena stays failed: the caller may
 *           check each pointer, or once at the end with arena_check.
 * Cost:     a pointer bump; blocks of 8 KiB or the size asked for. */
#ifndef EHUB_BASE_ARENA_H
#define EHUB_BASE_ARENA_H

#include "base/err.h"

typedef struct Arena Arena;

Arena *arena_new(size_t limit_bytes);
void arena_free(Arena *a);
DEFINE_FREEP(Arena, arena_free)
void arena_reset(Arena *a); /* keeps the first block, forgets the rest and the failure */

/* Zeroed, aligned to 16 bytes. NULL at the limit. bytes may be 0 (gives a valid pointer). */
void *arena_alloc(Arena *a, size_t bytes);
void *arena_array(Arena *a, size_t count, size_t bytes); /* NULL also when the product overflows */
char *arena_strdup(Arena *a, const char *s);
char *arena_strndup(Arena *a, const char *s, size_t len); /* adds the terminating zero */
char *arena_printf(Arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);

size_t arena_used(const Arena *a);
/* ERR_LIMIT naming the limit when any allocation failed. */
ErrKind MUST_USE arena_check(const Arena *a, Err *reterr);

#define ARENA_NEW(a, T) ((T *)arena_alloc((a), sizeof(T)))

#endif
