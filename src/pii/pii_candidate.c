/* pii_candidate.c - the plain reference, and the choice at run time. */
#include "pii/pii_candidate.h"

#include <stddef.h>

void pii_block_plain(const unsigned char *p, PiiBlock *ret)
{
    PiiBlock b = {0};
    for (int i = 0; i < PII_BLOCK; i++) {
        unsigned c = p[i], low = c | 32;
        uint64_t bit = (uint64_t)1 << i;
        b.digit |= c >= '0' && c <= '9' ? bit : 0;
        b.letter |= low >= 'a' && low <= 'z' ? bit : 0;
        b.at |= c == '@' ? bit : 0;
        b.colon |= c == ':' ? bit : 0;
        b.dot |= c == '.' ? bit : 0;
        b.dash |= c == '-' ? bit : 0;
        b.blank |= c <= ' ' ? bit : 0;
        bool a = i + 1 >= PII_BLOCK || (p[i + 1] | 32) == 'a',
             y = i + 2 >= PII_BLOCK || (p[i + 2] | 32) == 'y';
        b.day |= low == 'd' && a && y ? bit : 0;
    }
    *ret = b;
}

PiiBlockFn *pii_block_fast(void)
{
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx2"))
        return pii_block_avx2;
#endif
    return NULL;
}
