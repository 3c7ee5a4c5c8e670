#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES 8192
#define ALIGNMENT 16

typedef struct Block Block;
struct Block {
    Block *next; /* older */
    size_t size; /* of the data */
    size_t used;
    _Alignas(ALIGNMENT) char data[];
};

struct Arena {
    Block *last;
    size_t limit;
    size_t used; /* bytes handed out, with alignment */
    bool failed;
};

Arena *arena_new(size_t limit_bytes)
{
    Arena *a = calloc(1, sizeof *a);
    BUG_ON(!a);
    a->limit = limit_bytes;
    return a;
}

static void free_blocks(Block *b)
{
    while (b) {
        Block *older = b->next;
        free(b);
        b = older;
    }
}

void arena_free(Arena *a)
{
    if (!a)
        return;
    free_blocks(a->last);
    free(a);
}

void arena_reset(Arena *a)
{
    Block *first = a->last;
    while (first && first->next) {
        Block *older = first->next;
        free(first);
        first = older;
    }
    if (first)
        first->used = 0;
    a->last = first;
    a->used = 0;
    a->failed = false;
}

void *arena_alloc(Arena *a, size_t bytes)
{
    size_t need = bytes ? (bytes + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1) : ALIGNMENT;
    if (need < bytes || need > a->limit - a->used) {
        a->failed = true;
        return NULL;
    }
    Block *b = a->last;
    if (!b || b->size - b->used < need) {
        size_t size = MAX((size_t)BLOCK_BYTES, need);
        b = malloc(sizeof(Block) + size);
        if (!b) {
            a->failed = true;
            return NULL;
        }
        *b = (Block){.next = a->last, .size = size};
        a->last = b;
    }
    void *p = b->data + b->used;
    b->used += need;
    a->used += need;
    return memset(p, 0, need);
}

void *arena_array(Arena *a, size_t count, size_t bytes)
{
    size_t total;
    if (__builtin_mul_overflow(count, bytes, &total)) {
        a->failed = true;
        return NULL;
    }
    return arena_alloc(a, total);
}

char *arena_strndup(Arena *a, const char *s, size_t len)
{
    char *copy = len < SIZE_MAX ? arena_alloc(a, len + 1) : NULL;
    if (copy && len)
        memcpy(copy, s, len);
    return copy;
}

char *arena_strdup(Arena *a, const char *s)
{
    return arena_strndup(a, s, strlen(s));
}

char *arena_printf(Arena *a, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    char *out = n >= 0 ? arena_alloc(a, (size_t)n + 1) : NULL;
    if (out)
        vsnprintf(out, (size_t)n + 1, fmt, again);
    va_end(again);
    return out;
}

size_t arena_used(const Arena *a)
{
    return a->used;
}

ErrKind arena_check(const Arena *a, Err *reterr)
{
    if (!a->failed)
        return ERR_NONE;
    return err_set(reterr, ERR_LIMIT, "needs more than its %zu bytes of memory", a->limit);
}
