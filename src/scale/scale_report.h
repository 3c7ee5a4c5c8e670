/* scale_report.h - what predictive scaling last saw, decided and expects, as one file that people's pages read.
 *
 *     scale_loop --scale_report_write--> STATE/report.json --scale_report_read--> GET /v1/scaling, the console
 *
 * Holds the last SCALE_REPORT_HOURS hours on a grid of at most SCALE_REPORT_POINTS steps (demand: mean of the step; replicas: most
 * of the step), the coming hours (scale_ahead), the last decisions in words and the cost of 24 hours. Whoever reads it needs
 * neither the source nor the plan, and cannot slow the loop down.
 * Owner:    scale_report_done. Threads: one at a time; blocks on the disk.
 * Cost:     scale_report_look goes through the whole history (a second for two weeks of minutes): every SCALE_REPORT_EVERY_S.
 * Limits:   SCALE_REPORT_BYTES_MAX. Errors: IO; CORRUPT the file is no report. */
#ifndef EHUB_SCALE_SCALE_REPORT_H
#define EHUB_SCALE_SCALE_REPORT_H

#include "base/jv.h"
#include "base/jw.h"
#include "scale/scale_ahead.h"
#include "scale/scale_cost.h"
#include "scale/scale_series.h"
#include "scale/scale_store.h"

#define SCALE_REPORT_HOURS 48
#define SCALE_REPORT_POINTS 288
#define SCALE_REPORT_DECISIONS 30
#define SCALE_REPORT_EVERY_S 900
#define SCALE_REPORT_BYTES_MAX (1u << 20)

typedef struct ScaleReport {
    ScaleSeries *series; /* the load as last read; NULL: never */
    int64_t read_us;     /* when that was */
    int64_t present;     /* replicas that are there, -1: nobody has said */
    bool dry_run;
    char trouble[256];  /* "": none */
    int64_t trouble_us; /* since when */
    int64_t looked_us;  /* when what follows was made, 0: never */
    ScaleAhead ahead[SCALE_AHEAD_HOURS_MAX];
    int n_ahead;
    char ahead_why[256]; /* why there is none */
    ScaleCost *cost;     /* of 24 hours; NULL: cost_why */
    char cost_why[256];
} ScaleReport;

void scale_report_done(ScaleReport *r);
/* Looks ahead as far as the history allows (SCALE_AHEAD_HOURS_MAX hours, a half, a quarter ...) and adds up the cost of the last 24 hours, from r->series. What cannot be made is said in r. */
void scale_report_look(ScaleReport *r, const ScaleConf *c, int64_t now_us);
ErrKind MUST_USE scale_report_write(const ScaleReport *r, const ScaleConf *c, int64_t now_us, Err *reterr);

/* The report as it was written; *ret NULL: there is none yet. */
ErrKind MUST_USE scale_report_read(const ScaleConf *c, Jv **ret, Err *reterr);

#endif
