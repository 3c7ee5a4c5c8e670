#include "crm/crm_dup.h"

#include "base/mem.h"
#include "base/strmap.h"

#define FILTER_MIN 65536u
#define PROBES 6

struct CrmDup {
    uint8_t *filter;
    uint64_t mask;    /* number of bits - 1, a power of two */
    StrMap *suspects; /* id -> position in lines */
    int64_t *lines;
    size_t n, cap;
};

CrmDup *crm_dup_new(int64_t file_bytes)
{
    CrmDup *d = MEM_NEW(CrmDup);
    uint64_t bytes = FILTER_MIN;
    while (bytes < CRM_DUP_FILTER_MAX && bytes < (uint64_t)file_bytes / 16)
        bytes *= 2;
    d->filter = mem_array(bytes, 1);
    d->mask = bytes * 8 - 1;
    d->suspects = strmap_new();
    return d;
}

void crm_dup_free(CrmDup *d)
{
    if (!d)
        return;
    mem_free(d->filter);
    mem_free(d->lines);
    strmap_free(d->suspects);
    mem_free(d);
}

static Str key_of(const Uuid *id)
{
    return (Str){(const char *)id->b, sizeof id->b};
}

/* The id is a part of a SHA-256 already: two words of it drive all probes (Kirsch and Mitzenmacher, 2006). */
static bool test_and_set(CrmDup *d, const Uuid *id)
{
    uint64_t h = str_hash(key_of(id), 1), step = str_hash(key_of(id), 2) | 1;
    bool all = true;
    for (int i = 0; i < PROBES; i++, h += step) {
        uint64_t bit = h & d->mask;
        uint8_t one = (uint8_t)(1u << (bit & 7));
        all &= (d->filter[bit >> 3] & one) != 0;
        d->filter[bit >> 3] |= one;
    }
    return all;
}

ErrKind crm_dup_see(CrmDup *d, Uuid id, Err *reterr)
{
    if (!test_and_set(d, &id) || !strmap_add(d->suspects, key_of(&id), (uint32_t)d->n))
        return ERR_NONE;
    if (d->n == CRM_DUP_SUSPECTS_MAX)
        return err_set(reterr, ERR_LIMIT, "more than %d ids stand in the file more than once",
                       CRM_DUP_SUSPECTS_MAX);
    if (d->n == d->cap) {
        d->cap = MAX((size_t)1024, d->cap * 2);
        d->lines = mem_grow(d->lines, d->cap, sizeof *d->lines);
    }
    d->lines[d->n++] = 0;
    return ERR_NONE;
}

bool crm_dup_any(const CrmDup *d)
{
    return d->n > 0;
}

void crm_dup_note(CrmDup *d, Uuid id, int64_t line)
{
    uint32_t at;
    if (strmap_get(d->suspects, key_of(&id), &at) && d->lines[at] == 0)
        d->lines[at] = line;
}

int64_t crm_dup_line(const CrmDup *d, Uuid id)
{
    uint32_t at;
    return d->n && strmap_get(d->suspects, key_of(&id), &at) ? d->lines[at] : 0;
}
