#include "api/api_rendered.h"

#include "base/mem.h"

#include <pthread.h>

#define LOCKS 64

typedef struct Slot {
    Uuid id;
    int64_t made_at_us;
    char *text; /* NULL: empty */
    size_t len;
} Slot;

struct ApiRendered {
    pthread_mutex_t locks[LOCKS]; /* slot i belongs to lock i % LOCKS */
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

static size_t slot_of(Uuid id)
{
    return str_hash((Str){(const char *)id.b, sizeof id.b}, 0) % API_RENDERED_SLOTS;
}

bool api_rendered_get(ApiRendered *r, Uuid id, int64_t made_at_us, Buf *out)
{
    size_t i = slot_of(id);
    const Slot *s = &r->slots[i];
    pthread_mutex_lock(&r->locks[i % LOCKS]);
    bool found = s->text && s->made_at_us == made_at_us && uuid_eq(s->id, id);
    if (found)
        buf_add(out, s->text, s->len);
    pthread_mutex_unlock(&r->locks[i % LOCKS]);
    return found;
}

void api_rendered_put(ApiRendered *r, Uuid id, int64_t made_at_us, Str text)
{
    if (text.len == 0 || text.len > API_RENDERED_MAX)
        return;
    char *copy = mem_zalloc(text.len);
    memcpy(copy, text.ptr, text.len);
    size_t i = slot_of(id);
    Slot *s = &r->slots[i];
    pthread_mutex_lock(&r->locks[i % LOCKS]);
    char *old = s->text;
    *s = (Slot){.id = id, .made_at_us = made_at_us, .text = copy, .len = text.len};
    pthread_mutex_unlock(&r->locks[i % LOCKS]);
    mem_free(old);
}
