/* pii_candidate.c - the plain reference, and the choice at run time. */
#include "pii/pii_candidate.h"

#include "base/mem.h"

#include <string.h>

void pii_block_plain(const unsigned char *p, PiiBlock *ret)
{
    PiiBlock b = {0};
    for (int i = 0; i < PII_BLOCK_BYTES; i++) {
        unsigned c = p[i], low = c | 32;
        uint64_t bit = (uint64_t)1 << i;
        b.digit |= c >= '0' && c <= '9' ? bit : 0;
        b.letter |= low >= 'a' && low <= 'z' ? bit : 0;
        b.at |= c == '@' ? bit : 0;
        b.colon |= c == ':' ? bit : 0;
        b.dot |= c == '.' ? bit : 0;
        b.dash |= c == '-' ? bit : 0;
        b.blank |= c <= ' ' ? bit : 0;
        bool a = i + 1 >= PII_BLOCK_BYTES || (p[i + 1] | 32) == 'a',
             y = i + 2 >= PII_BLOCK_BYTES || (p[i + 2] | 32) == 'y';
        b.day |= low == 'd' && a && y ? bit : 0;
        bool two_before = i < 2 || (p[i - 2] | 32) == 'a';
        b.key |= c == '_' || (low == 'i' && a && two_before) ? bit : 0;
    }
    *ret = b;
}

PiiBeginsFn *pii_begins_fast(void)
{
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx2"))
        return pii_begins_avx2;
#endif
    return NULL;
}

/* ---- a text ---- */

void pii_masks_make(PiiMasks *m, PiiBlockFn *block, const char *p, size_t n)
{
    size_t words = n / PII_BLOCK_BYTES + 4; /* the last block, and the zeros at both ends */
    if (words > m->cap) {
        pii_masks_done(m);
        m->words = mem_grow(NULL, 3 * words, sizeof *m->words);
        m->cap = words;
        m->digit = m->words + 1;
        m->letter = m->digit + words;
        m->look = m->letter + words;
    }
    m->digit[-1] = m->letter[-1] = 0;
    PiiCarry carry = {0};
    size_t at = 0, k = 0;
    for (; at < n; at += PII_BLOCK_BYTES, k++) {
        PiiBlock b;
        if (n - at >= PII_BLOCK_BYTES) {
            block((const unsigned char *)p + at, &b);
        } else {
            unsigned char last[PII_BLOCK_BYTES] = {0};
            memcpy(last, p + at, n - at);
            block(last, &b);
        }
        m->digit[k] = b.digit;
        m->letter[k] = b.letter;
        m->look[k] = pii_block_candidates(&b, &carry);
    }
    m->digit[k] = m->letter[k] = m->digit[k + 1] = m->letter[k + 1] = 0;
}

void pii_masks_done(PiiMasks *m)
{
    mem_free(m->words);
    *m = (PiiMasks){0};
}

PiiBlockFn *pii_block_fast(void)
{
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx512bw"))
        return pii_block_avx512;
    if (__builtin_cpu_supports("avx2"))
        return pii_block_avx2;
#endif
    return NULL;
}
