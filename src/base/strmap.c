#include "base/strmap.h"

#include "base/crypto.h"
#include "base/mem.h"

typedef struct Slot {
    char *key; /* NULL: empty */
    size_t len;
    uint64_t hash;
    uint32_t value;
} Slot;

struct StrMap {
    Slot *slots;
    size_t n_slots; /* a power of two */
    size_t len;
    uint64_t seed;
};

StrMap *strmap_new(void)
{
    StrMap *m = MEM_NEW(StrMap);
    m->n_slots = 64;
    m->slots = mem_array(m->n_slots, sizeof *m->slots);
    crypto_random(&m->seed, sizeof m->seed);
    return m;
}

void strmap_free(StrMap *m)
{
    if (!m)
        return;
    for (size_t i = 0; i < m->n_slots; i++)
        mem_free(m->slots[i].key);
    mem_free(m->slots);
    mem_free(m);
}

/* The key's slot, or the empty one where it would go. */
static Slot *find(const StrMap *m, Str key, uint64_t hash)
{
    for (size_t i = hash;; i++) {
        Slot *s = &m->slots[i & (m->n_slots - 1)];
        if (!s->key || (s->hash == hash && str_eq((Str){s->key, s->len}, key)))
            return s;
    }
}

static void grow(StrMap *m)
{
    Slot *old = m->slots;
    size_t n_old = m->n_slots;
    m->n_slots *= 2;
    m->slots = mem_array(m->n_slots, sizeof *m->slots);
    for (size_t i = 0; i < n_old; i++)
        if (old[i].key)
            *find(m, (Str){old[i].key, old[i].len}, old[i].hash) = old[i];
    mem_free(old);
}

static Slot *slot_for(StrMap *m, Str key, bool *ret_new)
{
    if (m->len * 3 >= m->n_slots * 2)
        grow(m);
    uint64_t hash = str_hash(key, m->seed);
    Slot *s = find(m, key, hash);
    *ret_new = !s->key;
    if (!s->key) {
        char *copy = mem_zalloc(key.len + 1);
        if (key.len)
            memcpy(copy, key.ptr, key.len);
        *s = (Slot){.key = copy, .len = key.len, .hash = hash};
        m->len++;
    }
    return s;
}

bool strmap_add(StrMap *m, Str key, uint32_t value)
{
    bool is_new;
    Slot *s = slot_for(m, key, &is_new);
    if (is_new)
        s->value = value;
    return is_new;
}

void strmap_set(StrMap *m, Str key, uint32_t value)
{
    bool is_new;
    slot_for(m, key, &is_new)->value = value;
}

bool strmap_get(const StrMap *m, Str key, uint32_t *ret_value)
{
    const Slot *s = find(m, key, str_hash(key, m->seed));
    if (s->key && ret_value)
        *ret_value = s->value;
    return s->key != NULL;
}

size_t strmap_len(const StrMap *m)
{
    return m->len;
}
