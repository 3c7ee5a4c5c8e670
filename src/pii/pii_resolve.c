/* pii_resolve.c - the one rule for overlaps. */
#include "pii/pii_impl.h"

#include "base/mem.h"

void pii_found_done(PiiFound *f)
{
    mem_free(f->spans);
    *f = (PiiFound){0};
}
