/* rows.h - InsightData from the text of a CSV file, for tests. */
#ifndef EHUB_TESTS_INSIGHT_ROWS_H
#define EHUB_TESTS_INSIGHT_ROWS_H

#include "base/file.h"
#include "harness/t.h"
#include "insight/insight_data.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline ErrKind rows_read(const char *csv, const InsightColumns *c, InsightData **ret, Err *reterr)
{
    char path[] = "/tmp/ehub-rows-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    T_OK(file_write(path, str_from(csv), 0600, reterr), *reterr);
    ErrKind kind = insight_data_read(path, c, ret, reterr);
    unlink(path);
    return kind;
}

#endif
