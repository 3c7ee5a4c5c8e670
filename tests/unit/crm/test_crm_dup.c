#include "crm/crm_dup.h"
#include "harness/t.h"

#include <stdio.h>

static Uuid id_of(int i)
{
    char name[32];
    snprintf(name, sizeof name, "%d", i);
    return uuid_from_name(UUID_NIL, str_from(name));
}

/* Both passes over `n` ids, each id i % distinct; every later line must know its first one, exactly. */
static void both_passes(int n, int distinct)
{
    CLEANUP(crm_dup_freep) CrmDup *d = crm_dup_new((int64_t)n * 60);
    Err err = {0};
    for (int i = 0; i < n; i++)
        T_OK(crm_dup_see(d, id_of(i % distinct), &err), err);
    assert_int_equal(crm_dup_any(d), n > distinct);
    for (int i = 0; i < n; i++)
        crm_dup_note(d, id_of(i % distinct), i + 2);
    for (int i = 0; i < n; i++) {
        int64_t line = crm_dup_line(d, id_of(i % distinct));
        bool repeated = i % distinct + distinct < n;
        if (repeated ? line != i % distinct + 2 : line != 0)
            fail_msg("id of line %d: first line %lld", i + 2, (long long)line);
    }
}

TEST(every_repeated_id_is_found_with_its_first_line)
{
    both_passes(5000, 4000);
    both_passes(3000, 1);
}

TEST(a_file_without_repeated_ids_needs_no_second_pass)
{
    both_passes(20000, 20000);
}

/* A filter far too small for its ids suspects wrongly; the second pass must put that right. */
TEST(a_wrong_suspicion_rejects_nothing)
{
    CLEANUP(crm_dup_freep) CrmDup *d = crm_dup_new(0);
    Err err = {0};
    for (int i = 0; i < 200000; i++)
        T_OK(crm_dup_see(d, id_of(i), &err), err);
    assert_true(crm_dup_any(d));
    for (int i = 0; i < 200000; i++)
        crm_dup_note(d, id_of(i), i + 2);
    for (int i = 0; i < 200000; i++) {
        int64_t line = crm_dup_line(d, id_of(i));
        if (line != 0 && line != i + 2)
            fail_msg("line %d is taken for a repetition of line %lld", i + 2, (long long)line);
    }
}

T_MAIN(T(every_repeated_id_is_found_with_its_first_line), T(a_file_without_repeated_ids_needs_no_second_pass),
       T(a_wrong_suspicion_rejects_nothing))
