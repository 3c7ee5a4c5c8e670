/* api_rate.c - see api_rate.h. Keys are kept as seeded hashes, so that nobody can aim at a bucket. */
#include "api/api_rate.h"

#include "base/crypto.h"
#include "base/mem.h"

#include <pthread.h>

#define WAYS 8

typedef struct Bucket {
    uint64_t key; /* 0: free */
    double tokens;
    int64_t at_us;
} Bucket;

struct ApiRate {
    pthread_mutex_t lock;
    uint64_t seed;
    Bucket buckets[API_RATE_KEYS];
};

ApiRate *api_rate_new(void)
{
    ApiRate *r = MEM_NEW(ApiRate);
    pthread_mutex_init(&r->lock, NULL);
    crypto_random(&r->seed, sizeof(r->seed));
    return r;
}

void api_rate_free(ApiRate *r)
{
    if (!r)
        return;
    pthread_mutex_destroy(&r->lock);
    mem_free(r);
}

static Bucket *find(ApiRate *r, uint64_t key, double full, int64_t now)
{
    Bucket *set = &r->buckets[key % (API_RATE_KEYS / WAYS) * WAYS];
    Bucket *oldest = set;
    for (int i = 0; i < WAYS; i++) {
        if (set[i].key == key)
            return &set[i];
        if (set[i].at_us < oldest->at_us)
            oldest = &set[i];
    }
    *oldest = (Bucket){key, full, now};
    return oldest;
}

ErrKind api_rate_take(ApiRate *r, Str key, int64_t per_minute, int64_t now_mono_us, int *ret_retry_s,
                      Err *reterr)
{
    uint64_t hash = str_hash(key, r->seed);
    hash += hash == 0; /* 0 says "free"; the lowest bit must stay, it chooses the set */
    double per_us = (double)per_minute / 60e6;
    pthread_mutex_lock(&r->lock);
    Bucket *b = find(r, hash, (double)per_minute, now_mono_us);
    b->tokens = MIN((double)per_minute, b->tokens + (double)(now_mono_us - b->at_us) * per_us);
    b->at_us = now_mono_us;
    bool ok = b->tokens >= 1;
    if (ok)
        b->tokens -= 1;
    double missing = 1 - b->tokens;
    pthread_mutex_unlock(&r->lock);
    if (ok)
        return ERR_NONE;
    *ret_retry_s = (int)(missing / per_us / 1e6) + 1;
    return err_set(reterr, ERR_RATE, "too many tries; wait %d s", *ret_retry_s);
}
