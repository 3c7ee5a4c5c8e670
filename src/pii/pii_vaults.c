#include "pii/pii_vaults.h"

#include "base/mem.h"
#include "base/strmap.h"

#include <pthread.h>

struct PiiVaults {
    char *dir;
    PiiKey master;
    pthread_mutex_t lock; /* held from taking to giving */
    StrMap *by_tenant;
    PiiVault **vaults;
    size_t n, cap;
};

PiiVaults *pii_vaults_new(const char *dir, const PiiKey *master)
{
    PiiVaults *all = MEM_NEW(PiiVaults);
    all->dir = mem_strdup(dir);
    all->master = *master;
    all->by_tenant = strmap_new();
    pthread_mutex_init(&all->lock, NULL);
    return all;
}

void pii_vaults_free(PiiVaults *all)
{
    if (!all)
        return;
    for (size_t i = 0; i < all->n; i++)
        pii_vault_free(all->vaults[i]);
    mem_free(all->vaults);
    mem_free(all->dir);
    strmap_free(all->by_tenant);
    pthread_mutex_destroy(&all->lock);
    crypto_wipe(all, sizeof *all);
    mem_free(all);
}

static ErrKind open_vault(PiiVaults *all, Str tenant, bool create, PiiVault **ret, Err *reterr)
{
    uint32_t at;
    if (strmap_get(all->by_tenant, tenant, &at)) {
        *ret = all->vaults[at];
        return pii_vault_refresh(*ret, reterr);
    }
    if (all->n >= PII_VAULTS_MAX)
        return err_set(reterr, ERR_LIMIT, "more than %d vaults", PII_VAULTS_MAX);
    TRY(pii_vault_open(all->dir, &all->master, tenant, create, ret, reterr));
    if (all->n == all->cap) {
        all->cap = MAX(4, all->cap * 2);
        all->vaults = mem_grow(all->vaults, all->cap, sizeof(PiiVault *));
    }
    strmap_add(all->by_tenant, tenant, (uint32_t)all->n);
    all->vaults[all->n++] = *ret;
    return ERR_NONE;
}

ErrKind pii_vaults_take(PiiVaults *all, Str tenant, bool create, PiiVault **ret, Err *reterr)
{
    pthread_mutex_lock(&all->lock);
    ErrKind kind = open_vault(all, tenant, create, ret, reterr);
    if (kind)
        pthread_mutex_unlock(&all->lock);
    return kind;
}

void pii_vaults_give(PiiVaults *all, PiiVault *v)
{
    (void)v;
    pthread_mutex_unlock(&all->lock);
}
