/* pii_generate_noise.h - makes a generated text look as people write: case, slips, lost marks and blanks, wrapped lines.
 *
 *     "Call Anna Smith, please." --random--> "CALL ANNA SMITH, PLEASE." | "Call Anna Smiht please" | "Call Anna\nSmith, ..."
 *
 * Spans move with their text. Threads: pure. */
#ifndef EHUB_PII_PII_GENERATE_NOISE_H
#define EHUB_PII_PII_GENERATE_NOISE_H

#include "base/buf.h"
#include "pii/pii.h"

/* splitmix64 (Steele, Lea, Flood 2014): 0 .. below - 1. */
uint32_t pii_draw(uint64_t *random, uint32_t below);

/* ASCII and Latin letters from byte `from` on. */
void pii_noise_case(Buf *text, size_t from, bool upper);
/* One slip of the finger in the word from byte `from` to the end: two letters swapped, one lost or twice. */
void pii_noise_slip(Buf *text, size_t from, uint64_t *random);
/* Lost marks and blanks, wrapped lines, round apostrophes, case of all of it: mostly nothing. */
void pii_noise(Buf *text, PiiSpan *spans, size_t n_spans, uint64_t *random);

#endif
