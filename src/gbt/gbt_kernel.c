/* gbt_kernel.c - which vector code runs. */
#include "gbt/gbt_kernel.h"

#include <stdatomic.h>
#include <string.h>

static const GbtKernel *const KERNELS[] = {&GBT_AVX512, &GBT_AVX2, &GBT_PLAIN}; /* the best first */

static const GbtKernel *_Atomic chosen; /* NULL: not yet */

static const GbtKernel *best(void)
{
    size_t i = 0;
    while (!KERNELS[i]->present()) /* plain always is */
        i++;
    return KERNELS[i];
}

const GbtKernel *gbt_kernel_now(void)
{
    const GbtKernel *k = atomic_load_explicit(&chosen, memory_order_relaxed);
    if (!k) {
        k = best();
        atomic_store_explicit(&chosen, k, memory_order_relaxed);
    }
    return k;
}

const char *gbt_kernel(void)
{
    return gbt_kernel_now()->name;
}

bool gbt_kernel_choose(const char *name)
{
    const GbtKernel *k = name ? NULL : best();
    for (size_t i = 0; name && i < ARRAY_LEN(KERNELS); i++)
        if (strcmp(KERNELS[i]->name, name) == 0 && KERNELS[i]->present())
            k = KERNELS[i];
    if (k)
        atomic_store(&chosen, k);
    return k != NULL;
}
