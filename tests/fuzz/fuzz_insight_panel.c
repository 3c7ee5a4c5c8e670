/* The first byte chooses the method, whether units, clusters, first treatment, covariates and weights are asked for; the rest is
 * the CSV file, columns y, d, t, u, f, c, x, w in any order. Checked: an answer has an estimate and an error that are numbers, its
 * diagnostics are JSON. */
#include "fuzz/fuzz.h"

#include "base/jv.h"
#include "insight/insight_effect.h"

#include <math.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

static InsightColumns columns(uint8_t choice)
{
    InsightColumns c = {.outcome = "y", .treatment = "d", .time = "t"};
    if (choice & 2)
        c.unit = "u";
    if (choice & 4)
        c.first_treated = "f";
    if (choice & 8)
        c.cluster = "c";
    if (choice & 16)
        c.covariates[c.n_covariates++] = "x";
    if (choice & 32)
        c.weight = "w";
    return c;
}

static void ask(InsightData *d, uint8_t choice)
{
    CLEANUP(insight_answer_done) InsightAnswer a = {0};
    InsightQuestion q = INSIGHT_QUESTION_DEFAULT;
    q.draws = 20;
    q.anticipation = choice >> 7;
    q.controls = choice & 64 ? INSIGHT_CONTROLS_NOT_YET : INSIGHT_CONTROLS_AUTO;
    q.by = deadline_in_ms(60000);
    Err err = {0};
    if (insight_effect(d, insight_method(choice & 1 ? "did" : "staggered-did"), &q, &a, &err) != ERR_NONE) {
        BUG_ON(!err.msg[0]);
        return;
    }
    BUG_ON(!isfinite(a.effect.estimate) || !isfinite(a.effect.se) || a.effect.se < 0);
    CLEANUP(jv_freep) Jv *doc = NULL;
    BUG_ON(jv_parse(buf_str(&a.diagnostics), &doc, NULL) != ERR_NONE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    if (size == 0 || size > 20000)
        return 0;
    int fd = memfd_create("panel", 0);
    BUG_ON(fd < 0 || write(fd, data + 1, size - 1) != (ssize_t)size - 1);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    CLEANUP(insight_data_freep) InsightData *d = NULL;
    InsightColumns c = columns(data[0]);
    if (insight_data_read(path, &c, &d, NULL) == ERR_NONE)
        ask(d, data[0]);
    close(fd);
    return 0;
}
