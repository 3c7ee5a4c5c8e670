#include "base/base.h"

#include <stdio.h>
#include <stdlib.h>

void base_bug(const char *file, int line, const char *what)
{
    fprintf(stderr, "ehub: broken invariant at %s:%d: %s\n", file, line, what);
    abort();
}
