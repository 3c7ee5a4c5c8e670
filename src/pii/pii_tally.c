#include "pii/pii_tally.h"

#include "base/mem.h"
#include "base/strmap.h"
#include "metrics/metrics.h"

#include <pthread.h>
#include <stdio.h>

#define KEY_MAX (PII_SOURCE_MAX + 128)

static Metric m_findings =
    METRIC_COUNTER("ehub_pii_findings_total", "Personal data found in text, and what was done.", "type",
                   "purpose", "action");

struct PiiTally {
    pthread_mutex_t lock;
    StrMap *places; /* of a row's members: its index */
    PiiTallyRow *rows;
    size_t n, cap;
    uint64_t lost;
};

PiiTally *pii_tally_new(void)
{
    PiiTally *t = MEM_NEW(PiiTally);
    pthread_mutex_init(&t->lock, NULL);
    t->places = strmap_new();
    return t;
}

void pii_tally_free(PiiTally *t)
{
    if (!t)
        return;
    strmap_free(t->places);
    mem_free(t->rows);
    pthread_mutex_destroy(&t->lock);
    mem_free(t);
}

static Str key_of(const PiiTallyRow *row, const char *source, char room[static KEY_MAX])
{
    char tenant[UUID_TEXT];
    uuid_format(row->tenant, tenant);
    int n = snprintf(room, KEY_MAX, "%s %d %d %d %d %s", tenant, (int)row->purpose, (int)row->type,
                     (int)row->rule, (int)row->action, source);
    return (Str){room, (size_t)MIN(n, KEY_MAX - 1)};
}

/* false: there is no room for another row. */
static bool count(PiiTally *t, const PiiTallyRow *row, const char *source, size_t max)
{
    char room[KEY_MAX];
    uint32_t at;
    Str key = key_of(row, source, room);
    if (strmap_get(t->places, key, &at)) {
        t->rows[at].n += row->n;
        return true;
    }
    if (t->n >= max)
        return false;
    if (t->n == t->cap) {
        t->cap = MAX(64, t->cap * 2);
        t->rows = mem_grow(t->rows, t->cap, sizeof *t->rows);
    }
    t->rows[t->n] = *row;
    BUG_ON(!str_copy(t->rows[t->n].source, PII_SOURCE_MAX, str_from(source)));
    strmap_add(t->places, key, (uint32_t)t->n++);
    return true;
}

static void add_locked(PiiTally *t, const PiiTallyRow *row)
{
    if (!count(t, row, row->source, PII_TALLY_MAX) && !count(t, row, "other", 2 * PII_TALLY_MAX))
        t->lost += row->n;
}

void pii_tally_add(PiiTally *t, const PiiTallyRow *row)
{
    metrics_add(metrics_cell(&m_findings, pii_type_name(row->type), pii_purpose_word(row->purpose),
                             pii_action_word(row->action)),
                (double)row->n);
    pthread_mutex_lock(&t->lock);
    add_locked(t, row);
    pthread_mutex_unlock(&t->lock);
}

PiiTallyRow *pii_tally_take(PiiTally *t, size_t *ret_n)
{
    StrMap *empty = strmap_new();
    pthread_mutex_lock(&t->lock);
    PiiTallyRow *rows = t->rows;
    StrMap *full = t->places;
    *ret_n = t->n;
    t->rows = NULL;
    t->n = t->cap = 0;
    t->places = empty;
    pthread_mutex_unlock(&t->lock);
    strmap_free(full);
    return rows;
}

void pii_tally_put_back(PiiTally *t, const PiiTallyRow *rows, size_t n)
{
    pthread_mutex_lock(&t->lock);
    for (size_t i = 0; i < n; i++)
        add_locked(t, &rows[i]);
    pthread_mutex_unlock(&t->lock);
}

uint64_t pii_tally_lost(PiiTally *t)
{
    pthread_mutex_lock(&t->lock);
    uint64_t lost = t->lost;
    pthread_mutex_unlock(&t->lock);
    return lost;
}
