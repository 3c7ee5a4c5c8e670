/* rows.h - InsightData from the text of a CSV file, and the 24 rows that expected values from R stand on. */
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

/* t: every third row. c: clusters of unequal size. */
#define ROWS_24                                                                        \
    "x,t,y,c\n"                                                                        \
    "2.1,0,3.9,a\n3.4,0,5.2,a\n1.7,1,6.8,a\n5.9,0,7.4,a\n4.4,0,6.0,a\n6.1,1,11.1,b\n"  \
    "7.3,0,9.2,b\n2.2,0,3.1,b\n8.8,1,15.0,c\n9.1,0,10.4,c\n3.3,0,4.8,c\n4.7,1,9.9,c\n" \
    "5.5,0,7.7,d\n6.6,0,8.1,d\n1.2,1,6.2,e\n7.7,0,9.3,e\n8.1,0,9.8,e\n2.9,1,8.4,f\n"   \
    "3.8,0,5.0,f\n9.9,0,12.5,g\n5.1,1,11.2,g\n6.4,0,8.3,g\n4.2,0,5.9,g\n7.0,1,13.1,h\n"

#endif
