#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static void *or_abort(void *p, size_t bytes)
{
    if (!p) {
        fprintf(stderr, "ehub: out of memory (%zu bytes)\n", bytes);
        abort();
    }
    return p;
}

void *mem_zalloc(size_t bytes)
{
    return or_abort(calloc(1, bytes ? bytes : 1), bytes);
}

void *mem_array(size_t count, size_t bytes)
{
    return or_abort(calloc(count ? count : 1, bytes ? bytes : 1), count);
}

void *mem_aligned(size_t alignment, size_t bytes)
{
    size_t rounded = (bytes + alignment - 1) / alignment * alignment;
    rounded = rounded ? rounded : alignment;
    void *p = rounded >= bytes ? aligned_alloc(alignment, rounded) : NULL;
    return memset(or_abort(p, bytes), 0, rounded);
}

#define HUGE (2u << 20)
void *mem_huge(size_t bytes)
{
    size_t rounded = (bytes + HUGE - 1) / HUGE * HUGE;
    void *p = rounded >= bytes && rounded > 0 ? aligned_alloc(HUGE, rounded) : NULL;
    or_abort(p, bytes);
    madvise(p, rounded, MADV_HUGEPAGE); /* a wish: small pages do as well, more slowly */
    return memset(p, 0, rounded);
}

void *mem_grow(void *old, size_t count, size_t bytes)
{
    return or_abort(reallocarray(old, count ? count : 1, bytes ? bytes : 1), count);
}

char *mem_strdup(const char *s)
{
    return s ? or_abort(strdup(s), 0) : NULL;
}

void mem_free(void *p)
{
    free(p);
}

void mem_freep(void *pp)
{
    void *p;
    memcpy(&p, pp, sizeof p);
    free(p);
    p = NULL;
    memcpy(pp, &p, sizeof p);
}
