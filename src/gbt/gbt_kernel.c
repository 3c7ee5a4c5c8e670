/* gbt_kernel.c - which vector code runs. */
#include "gbt/gbt_kernel.h"

#include <stdatomic.h>
#include <string.h>

static const GbtKernel *const KERNELS[] = {&GBT_AVX512}; /* the best first */

/* The answer, once it is known: index in KERNELS, ARRAY_LEN(KERNELS) for plain. */
#define NOT_KNOWN (-1)
static atomic_int chosen = NOT_KNOWN;

static int best(void)
{
    for (size_t i = 0; i < ARRAY_LEN(KERNELS); i++)
        if (KERNELS[i]->present())
            return (int)i;
    return (int)ARRAY_LEN(KERNELS);
}

const GbtKernel *gbt_kernel_now(void)
{
    int i = atomic_load_explicit(&chosen, memory_order_relaxed);
    if (i == NOT_KNOWN) {
        i = best();
        atomic_store_explicit(&chosen, i, memory_order_relaxed);
    }
    return i < (int)ARRAY_LEN(KERNELS) ? KERNELS[i] : NULL;
}

const char *gbt_kernel(void)
{
    const GbtKernel *k = gbt_kernel_now();
    return k ? k->name : "plain";
}

bool gbt_kernel_choose(const char *name)
{
    int found = name ? NOT_KNOWN : best();
    for (size_t i = 0; name && i < ARRAY_LEN(KERNELS); i++)
        if (strcmp(KERNELS[i]->name, name) == 0 && KERNELS[i]->present())
            found = (int)i;
    if (name && strcmp(name, "plain") == 0)
        found = (int)ARRAY_LEN(KERNELS);
    if (found != NOT_KNOWN)
        atomic_store(&chosen, found);
    return found != NOT_KNOWN;
}
