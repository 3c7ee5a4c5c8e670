/* pii_vaults.h - the vaults of all tenants of a platform, opened when they are first needed.
 *
 *     tenant's slug --pii_vaults_take--> PiiVault, as its file is now, the caller's alone --pii_vaults_give--> next caller
 *
 * The keys lie in a folder and not in the database: a copy of the database holds no key, so that a destroyed one is gone.
 *
 * Owner:    pii_vaults_new .. pii_vaults_free. Threads: any; one has a vault at a time. Processes: pii_vault.h.
 * Limits:   PII_VAULTS_MAX tenants.
 * Errors:   those of pii_vault.h . LIMIT */
#ifndef EHUB_PII_PII_VAULTS_H
#define EHUB_PII_PII_VAULTS_H

#include "pii/pii_vault.h"

#define PII_VAULTS_MAX 10000

typedef struct PiiVaults PiiVaults;
PiiVaults *pii_vaults_new(const char *dir, const PiiKey *master);
void pii_vaults_free(PiiVaults *all);
DEFINE_FREEP(PiiVaults, pii_vaults_free)

/* create: makes the tenant's key when there is none; without it NOT_FOUND. After an error there is nothing to give back. */
ErrKind MUST_USE pii_vaults_take(PiiVaults *all, Str tenant, bool create, PiiVault **ret, Err *reterr);
void pii_vaults_give(PiiVaults *all, PiiVault *v);

#endif
