#include "harness/t.h"

#include "base/mem.h"

TEST(huge_memory_is_zeroed_aligned_and_ours_to_write_to_the_last_byte)
{
    static const size_t SIZES[] = {1, 4096, (2u << 20) - 1, 2u << 20, (2u << 20) + 1};
    for (size_t s = 0; s < ARRAY_LEN(SIZES); s++) {
        unsigned char *p = mem_huge(SIZES[s]);
        assert_int_equal((uintptr_t)p % (2u << 20), 0);
        unsigned char all = 0;
        for (size_t i = 0; i < SIZES[s]; i++)
            all |= p[i];
        assert_int_equal(all, 0);
        memset(p, 0xAA, SIZES[s]);
        mem_free(p);
    }
}

T_MAIN(T(huge_memory_is_zeroed_aligned_and_ours_to_write_to_the_last_byte))
