#include "base/fault.h"

#include "base/str.h"

#include <signal.h>
#include <stdatomic.h>

#define POINTS_MAX 16

typedef struct Point {
    char name[64];
    bool kill;
    atomic_long passings_left; /* it strikes when this reaches 0 */
} Point;

static Point points[POINTS_MAX];
static atomic_int n_points;

static void load_one(Str item)
{
    Str name = STR_NULL, rest = item;
    str_next(&rest, '=', &name);
    int n = atomic_load(&n_points);
    if (n == POINTS_MAX || name.len == 0)
        return;
    Point *p = &points[n];
    p->kill = str_starts(rest, STR("kill"));
    if (p->kill) {
        Str word;
        str_next(&rest, ':', &word);
    }
    int64_t nth = 1;
    str_to_i64(rest, &nth);
    atomic_store(&p->passings_left, nth);
    if (str_copy(p->name, sizeof p->name, name))
        atomic_store(&n_points, n + 1);
}

void fault_load(const char *spec)
{
    atomic_store(&n_points, 0);
    Str rest = str_from(spec), item;
    while (str_next(&rest, ',', &item))
        load_one(item);
}

bool fault_hit(const char *name)
{
    int n = atomic_load_explicit(&n_points, memory_order_relaxed);
    for (int i = 0; i < n; i++) {
        if (strcmp(points[i].name, name) != 0)
            continue;
        if (atomic_fetch_sub(&points[i].passings_left, 1) > 1)
            return false;
        if (points[i].kill)
            raise(SIGKILL);
        return true;
    }
    return false;
}
