/* mem.h - process-lifetime and object-lifetime memory.
 *
 * When the machine has no memory left these abort with a message: there is nothing useful to do then. Memory
 * whose size somebody outside decides never comes from here but from an Arena or a Buf, which have limits.
 * Threads:  any. Bare malloc does not compile outside base. */
#ifndef EHUB_BASE_MEM_H
#define EHUB_BASE_MEM_H

#include "base/base.h"

void *mem_zalloc(size_t bytes);                    /* zeroed */
void *mem_array(size_t count, size_t bytes);       /* zeroed; aborts on overflow of the product */
void *mem_aligned(size_t alignment, size_t bytes); /* zeroed; alignment: a power of two, at least 8 */
/* Zeroed, bytes > 0, on pages of 2 MiB where the system has them: a big table that is read at random places finds its
 * pages faster. Freed by mem_free. */
void *mem_huge(size_t bytes);
void *mem_grow(void *old, size_t count, size_t bytes); /* like reallocarray; new part is not zeroed */
char *mem_strdup(const char *s);                       /* NULL gives NULL */
void mem_free(void *p);                                /* accepts NULL */
void mem_freep(void *pp);                              /* CLEANUP(mem_freep) T *x; */

#define MEM_NEW(T) ((T *)mem_zalloc(sizeof(T)))

#endif
