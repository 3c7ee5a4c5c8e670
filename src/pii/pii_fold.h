/* pii_fold.h - letters without case and accents, for the hash of a word: made from Unicode's decompositions.
 *
 * '?' is no letter. The bits say which code points are capitals. */
#ifndef EHUB_PII_PII_FOLD_H
#define EHUB_PII_PII_FOLD_H

#include <stdint.h>

#define PII_FOLD_FIRST 0xC0u
#define PII_FOLD_END 0x180u
static const char PII_FOLD_LATIN[] = "aaaaaaaceeeeiiiidnooooo?ouuuuytsaaaaaaaceeeeiiiidnooooo?ouuuuyty"
                                     "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkklllllll"
                                     "lllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
static const uint32_t PII_FOLD_LATIN_UPPER[] = {0x7f7fffffu, 0x00000000u, 0x55555555u,
                                                0xaa555555u, 0x555554aau, 0x2b555555u};

#define PII_FOLD2_FIRST 0x1E00u
#define PII_FOLD2_END 0x1F00u
static const char PII_FOLD_LATIN2[] = "aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmm"
                                      "mmmmnnnnnnnnoooooooopppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvv"
                                      "wwwwwwwwwwxxxxyyzzzzzzhtwyassssdaaaaaaaaaaaaaaaaaaaaaaaaeeeeeeee"
                                      "eeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyyllvvyy";
static const uint32_t PII_FOLD_LATIN2_UPPER[] = {0x55555555u, 0x55555555u, 0x55555555u, 0x55555555u,
                                                 0x40155555u, 0x55555555u, 0x55555555u, 0x55555555u};

#endif
