#include "api/api_rendered.h"

#include "base/mem.h"

#include <pthread.h>
#include <stdatomic.h>

#define LOCKS 64

typedef struct Slot {
    ApiRenderedKey key;
    char *text; /* NULL: empty */
    size_t len;
} Slot;

struct ApiRendered {
    pthread_mutex_t locks[LOCKS]; /* slot i belongs to lock i % LOCKS */
    atomic_size_t bytes;
    atomic_uint hand; /* the slot that makes room next */
    Slot slots[API_RENDERED_SLOTS];
};

ApiRendered *api_rendered_new(void)
{
    ApiRendered *r = MEM_NEW(ApiRendered);
    for (int i = 0; i < LOCKS; i++)
        pthread_mutex_init(&r->locks[i], NULL);
    return r;
}

void api_rendered_free(ApiRendered *r)
{
    if (!r)
        return;
    for (int i = 0; i < API_RENDERED_SLOTS; i++)
        mem_free(r->slots[i].text);
    for (int i = 0; i < LOCKS; i++)
        pthread_mutex_destroy(&r->locks[i]);
    mem_free(r);
}

static size_t slot_of(const ApiRenderedKey *key)
{
    return str_hash((Str){(const char *)key->id.b, sizeof key->id.b}, (uint64_t)key->kind) %
           API_RENDERED_SLOTS;
}

static bool same(const ApiRenderedKey *a, const ApiRenderedKey *b)
{
    return a->kind == b->kind && a->version == b->version && uuid_eq(a->id, b->id);
}

bool api_rendered_get(ApiRendered *r, const ApiRenderedKey *key, Buf *out)
{
    size_t i = slot_of(key);
    const Slot *s = &r->slots[i];
    pthread_mutex_lock(&r->locks[i % LOCKS]);
    bool found = s->text && same(&s->key, key);
    if (found)
        buf_add(out, s->text, s->len);
    pthread_mutex_unlock(&r->locks[i % LOCKS]);
    return found;
}

static void replace(ApiRendered *r, size_t i, Slot with)
{
    pthread_mutex_lock(&r->locks[i % LOCKS]);
    Slot old = r->slots[i];
    r->slots[i] = with;
    pthread_mutex_unlock(&r->locks[i % LOCKS]);
    atomic_fetch_add(&r->bytes, with.len);
    atomic_fetch_sub(&r->bytes, old.len);
    mem_free(old.text);
}

void api_rendered_put(ApiRendered *r, const ApiRenderedKey *key, Str text)
{
    if (text.len == 0 || text.len > API_RENDERED_MAX)
        return;
    while (atomic_load(&r->bytes) + text.len > API_RENDERED_BYTES)
        replace(r, atomic_fetch_add(&r->hand, 1) % API_RENDERED_SLOTS, (Slot){0});
    char *copy = mem_zalloc(text.len);
    memcpy(copy, text.ptr, text.len);
    replace(r, slot_of(key), (Slot){.key = *key, .text = copy, .len = text.len});
}

size_t api_rendered_bytes(const ApiRendered *r)
{
    return atomic_load(&r->bytes);
}
