/* base.h - the few macros that every file uses.
 *
 * Nothing here allocates or blocks. Included by every other header of base. */
#ifndef EHUB_BASE_BASE_H
#define EHUB_BASE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt_index, first_arg) __attribute__((format(printf, fmt_index, first_arg)))
#define NORETURN __attribute__((noreturn))

/* Runs fn(&variable) when the variable leaves its scope: CLEANUP(buf_done) Buf out; */
#define CLEANUP(fn) __attribute__((cleanup(fn)))

/* Defines name_freep(T **p) for use with CLEANUP, from a free function that accepts NULL. */
#define DEFINE_FREEP(T, free_fn)         \
    static inline void free_fn##p(T **p) \
    {                                    \
        free_fn(*p);                     \
        *p = NULL;                       \
    }

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

/* A broken invariant of our own: prints place and condition, then aborts. Stays on in release. Never for
 * input. */
#define BUG_ON(cond)                             \
    do {                                         \
        if (__builtin_expect(!!(cond), 0))       \
            base_bug(__FILE__, __LINE__, #cond); \
    } while (0)

NORETURN void base_bug(const char *file, int line, const char *what);

#endif
