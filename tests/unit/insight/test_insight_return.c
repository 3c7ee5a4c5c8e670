#include "base/clock.h"
#include "harness/t.h"
#include "insight/insight_return.h"

/* Fiscal years: of the United States' government from October, of the United Kingdom's from April, of Australia's from July. */
TEST(a_fiscal_year_begins_on_the_first_of_its_month_on_or_before_the_day)
{
    static const struct {
        int y, m, d, starts, year;
    } ROWS[] = {
        {2026, 9, 30, 10, 2025}, {2026, 10, 1, 10, 2026}, {2026, 3, 31, 4, 2025}, {2026, 4, 1, 4, 2026},
        {2026, 6, 30, 7, 2025},  {2026, 7, 1, 7, 2026},   {2026, 1, 1, 1, 2026},  {2026, 12, 31, 1, 2026},
        {2024, 2, 29, 12, 2023}, {2024, 12, 1, 12, 2024},
    };
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        int32_t got = insight_fiscal_year(clock_days(ROWS[i].y, ROWS[i].m, ROWS[i].d), ROWS[i].starts);
        if (got != clock_days(ROWS[i].year, ROWS[i].starts, 1))
            fail_msg("row %zu: day %d", i, (int)got);
    }
}

T_MAIN(T(a_fiscal_year_begins_on_the_first_of_its_month_on_or_before_the_day))
