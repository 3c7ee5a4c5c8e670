/* api_sql.c - prints the SQL of GET /v1/agents/{id}/performance, so that the benchmark runs the very same. */
#include "api/api_predict.h"

#include <stdio.h>

int main(void)
{
    printf("%s\n", API_PREDICT_GET.sql);
    return 0;
}
