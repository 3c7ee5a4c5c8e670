/* pii_candidate.h - finds the few bytes at which the parsers have to look.
 *
 *     64 bytes of text --compare with ranges, many lanes at once--> one bit for each byte that may begin or be inside a finding
 *     the whole text   --block after block--> PiiMasks: the parsers count the digits of a run or find words by bits, not bytes
 *
 * The bytes: the first digit of a run; '@'; ':' before something; '.' between a letter or digit and a letter; '-' three
 * before another '-' (hardware addresses, key blocks); "day" (weekdays); '_' and "AKIA"
 * (keys). A bit too many costs time, a missing one a finding.
 * Threads: pure. The plain reference gives the same bits as AVX2 and AVX-512; which runs is chosen at run time. */
#ifndef EHUB_PII_PII_CANDIDATE_H
#define EHUB_PII_PII_CANDIDATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PII_BLOCK_BYTES 64

/* Bits of the classes of one block. */
typedef struct PiiBlock {
    uint64_t digit, letter, at, colon, dot, dash, blank;
    uint64_t day; /* the 'd' of "day", also across the end of the block when in doubt */
    uint64_t key; /* '_', and the 'i' of "a.ia" as in "AKIA", where keys without a digit are; the same */
} PiiBlock;

typedef void PiiBlockFn(const unsigned char *p, PiiBlock *ret); /* reads PII_BLOCK_BYTES bytes */

void pii_block_plain(const unsigned char *p, PiiBlock *ret);
void pii_block_avx2(const unsigned char *p, PiiBlock *ret);
void pii_block_avx512(const unsigned char *p, PiiBlock *ret);
/* The fastest that this machine has; NULL when that is the plain one. */
PiiBlockFn *pii_block_fast(void);

/* Which three letters may begin a word: bits of groups of words by the last five bits of each of three bytes. */
typedef struct PiiBegins {
    uint8_t first[32], second[32], third[32];
} PiiBegins;
/* The bytes of 64 that may begin one; reads 66. Which words they are is for others to say: a bit too many costs time. */
typedef uint64_t PiiBeginsFn(const unsigned char *p, const PiiBegins *sets);
uint64_t pii_begins_avx2(const unsigned char *p, const PiiBegins *sets);
PiiBeginsFn *pii_begins_fast(void); /* NULL: none on this machine */

typedef struct PiiCarry {
    uint64_t digit, word; /* 1 when the byte before the block was one */
} PiiCarry;

/* The bits to look at. What depends on the first bytes of the next block is set when in doubt. */
static inline uint64_t pii_block_candidates(const PiiBlock *b, PiiCarry *carry)
{
    uint64_t top = (uint64_t)1 << 63, word = b->digit | b->letter;
    uint64_t run = b->digit & ~(b->digit << 1 | carry->digit);
    uint64_t colon = b->colon & ~(b->blank >> 1);
    uint64_t dot = b->dot & (word << 1 | carry->word) & (b->letter >> 1 | top);
    uint64_t dash = b->dash & (b->dash >> 3 | (uint64_t)7 << 61);
    uint64_t key = b->key & (b->letter >> 1 | top);
    carry->digit = b->digit >> 63;
    carry->word = word >> 63;
    return run | b->at | colon | dot | dash | b->day | key;
}

/* Three bits for each byte of a text, 64 bytes a word; a word of zeros stands before the first, two behind the last. */
typedef struct PiiMasks {
    uint64_t *digit, *letter, *look; /* look: the candidates */
    uint64_t *words;                 /* what the three point into */
    size_t cap;                      /* words of each */
} PiiMasks;
void pii_masks_make(PiiMasks *m, PiiBlockFn *block, const char *p, size_t n);
void pii_masks_done(PiiMasks *m);

/* The bits of 64 bytes from `at` on, the first lowest; and of those before it, the last highest. */
static inline uint64_t pii_bits_from(const uint64_t *mask, size_t at)
{
    const uint64_t *word = mask + at / 64;
    return word[0] >> at % 64 | word[1] << 1 << (63 - at % 64);
}

static inline uint64_t pii_bits_before(const uint64_t *mask, size_t at)
{
    const uint64_t *word = mask + at / 64;
    return word[-1] >> at % 64 | word[0] << 1 << (63 - at % 64);
}

static inline bool pii_bit(const uint64_t *mask, size_t at)
{
    return mask[at / 64] >> at % 64 & 1;
}

/* How many of the bits are set before the first that is not. */
static inline size_t pii_ones_low(uint64_t bits)
{
    return ~bits ? (size_t)__builtin_ctzll(~bits) : 64;
}

static inline size_t pii_ones_high(uint64_t bits)
{
    return ~bits ? (size_t)__builtin_clzll(~bits) : 64;
}

#endif
