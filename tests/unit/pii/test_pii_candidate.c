#include "base/mem.h"
#include "harness/t.h"
#include "pii/pii_find.h"

#include <string.h>

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

TEST(every_way_to_look_at_a_block_gives_the_bits_of_the_plain_one)
{
    static const char LIKELY[] = "0189azAZdDaAyYiI @:.-_/[`{\x80\xff\t\n";
    PiiBlockFn *const fast = pii_block_fast();
    PiiBlockFn *const ways[] = {pii_block_avx2, fast};
    uint32_t seed = 3;
    if (!fast)
        return; /* this machine has only the plain one */
    for (int round = 0; round < 20000; round++) {
        unsigned char p[PII_BLOCK_BYTES];
        for (size_t i = 0; i < sizeof p; i++)
            p[i] = round % 2 ? (unsigned char)next_random(&seed)
                             : (unsigned char)LIKELY[next_random(&seed) % (sizeof LIKELY - 1)];
        PiiBlock want, have;
        pii_block_plain(p, &want);
        for (size_t w = 0; w < ARRAY_LEN(ways); w++) {
            ways[w](p, &have);
            assert_memory_equal(&have, &want, sizeof want);
        }
    }
}

TEST(the_masks_of_a_text_of_any_length_say_what_its_bytes_are)
{
    PiiMasks m = {0};
    char text[300];
    uint32_t seed = 11;
    for (size_t n = 1; n < sizeof text; n++) {
        char *copy = mem_zalloc(n); /* of its own size, so that a sanitizer sees reading past it */
        for (size_t i = 0; i < n; i++)
            copy[i] = "7x "[next_random(&seed) % 3];
        pii_masks_make(&m, pii_block_plain, copy, n);
        for (size_t at = 0; at <= n; at++) {
            size_t digits = 0, letters = 0;
            while (at + digits < n && copy[at + digits] == '7')
                digits++;
            while (letters < at && copy[at - 1 - letters] == 'x')
                letters++;
            assert_int_equal(pii_ones_low(pii_bits_from(m.digit, at)), MIN(digits, (size_t)64));
            assert_int_equal(pii_ones_high(pii_bits_before(m.letter, at)), MIN(letters, (size_t)64));
        }
        mem_free(copy);
    }
    pii_masks_done(&m);
}

TEST(no_word_of_a_context_is_passed_by)
{
    static const char *const WORDS[] = {"phone", "v",   "no",        "ssn",   "routing", "passport", "dl",
                                        "npi",   "zip", "birthdate", "order", "invoice", "between",  "mls"};
    PiiBeginsFn *begins = pii_begins_fast();
    if (!begins)
        return;
    for (size_t w = 0; w < ARRAY_LEN(WORDS); w++)
        for (size_t at = 0; at < 64; at++) {
            unsigned char text[96];
            memset(text, '#', sizeof text);
            memcpy(text + at, WORDS[w], strlen(WORDS[w]));
            assert_true(begins(text, &pii_tables()->words.begins) >> at & 1);
        }
}

T_MAIN(T(every_way_to_look_at_a_block_gives_the_bits_of_the_plain_one),
       T(the_masks_of_a_text_of_any_length_say_what_its_bytes_are), T(no_word_of_a_context_is_passed_by))
