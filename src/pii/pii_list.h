/* pii_list.h - every type in words: what it is, what finds it, how sure that is. For people (docs/reference/pii-types.md,
 * `ehub pii types`) and for programs (`ehub pii types --json`). */
#ifndef EHUB_PII_PII_LIST_H
#define EHUB_PII_PII_LIST_H

#include "base/jw.h"
#include "pii/pii.h"

void pii_list_docs(Buf *out);
void pii_list_text(Buf *out);
/* An array of {"type", "pack", "what", "rules"}; of packs also "example", "words" and "shapes". */
void pii_list_json(Jw *w);

#endif
