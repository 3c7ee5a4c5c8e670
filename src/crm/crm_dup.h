/* crm_dup.h - which ids stand more than once in a file, in memory that does not grow with the file.
 *
 *     first pass:  every id --> Bloom filter --seen before?--> the few suspects
 *     second pass: the first line of every suspect
 *     then:        crm_dup_line(id) says on which line an id stood first
 *
 * The filter (B. Bloom, 1970) never misses a repeated id; one that it suspects wrongly has one line, its own. Its size
 * is chosen from the file's: 16 bits or more for every 32 bytes of file, at most CRM_DUP_FILTER_MAX bytes.
 *
 * Threads: one at a time. Limits: CRM_DUP_SUSPECTS_MAX repeated ids; beyond ERR_LIMIT. */
#ifndef EHUB_CRM_CRM_DUP_H
#define EHUB_CRM_CRM_DUP_H

#include "base/err.h"
#include "base/uuid.h"

#define CRM_DUP_FILTER_MAX (64u << 20)
#define CRM_DUP_SUSPECTS_MAX 1000000

typedef struct CrmDup CrmDup;

CrmDup *crm_dup_new(int64_t file_bytes);
void crm_dup_free(CrmDup *d);
DEFINE_FREEP(CrmDup, crm_dup_free)

ErrKind MUST_USE crm_dup_see(CrmDup *d, Uuid id, Err *reterr); /* first pass */
bool crm_dup_any(const CrmDup *d);                             /* is a second pass needed? */
void crm_dup_note(CrmDup *d, Uuid id, int64_t line);           /* second pass, in the order of the file */
int64_t crm_dup_line(const CrmDup *d, Uuid id);                /* 0: stands once */

#endif
