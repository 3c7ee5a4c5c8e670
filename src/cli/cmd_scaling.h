/* cmd_scaling.h - what the commands of ehub scaling share. */
#ifndef EHUB_CLI_CMD_SCALING_H
#define EHUB_CLI_CMD_SCALING_H

#include "cli/cli.h"
#include "scale/scale_events.h"
#include "scale/scale_series.h"
#include "scale/scale_sim.h"

extern const CliCmd CMD_SCALING_BACKTEST;
extern const CliCmd CMD_SCALING_CONFIGURE;
extern const CliCmd CMD_SCALING_COST;
extern const CliCmd CMD_SCALING_EVALUATE;
extern const CliCmd CMD_SCALING_EXPORT;
extern const CliCmd CMD_SCALING_REPLAY;
extern const CliCmd CMD_SCALING_SIMULATE;
extern const CliCmd CMD_SCALING_START;
extern const CliCmd CMD_SCALING_STATUS;
extern const CliCmd CMD_SCALING_STOP;

/* A number from lo to hi; *ret stays when the option is not given. */
ErrKind MUST_USE cmd_scaling_number(const CliCall *call, const char *option, double lo, double hi,
                                    double *ret, Err *reterr);
/* "90s", "5m", "2h", "30d" or seconds, from 0; *ret_s stays when the option is not given. */
ErrKind MUST_USE cmd_scaling_span(const CliCall *call, const char *option, double *ret_s, Err *reterr);
/* --series with --time-column, --value-column, --step and --agg. */
ErrKind MUST_USE cmd_scaling_series(const CliCall *call, ScaleSeries **ret, Err *reterr);

/* --events and --holidays for a series; *ret: NULL where none are given. */
ErrKind MUST_USE cmd_scaling_events(const CliCall *call, const ScaleSeries *s, ScaleEvents **ret,
                                    Err *reterr);

#define CMD_SCALING_EVENT_OPTIONS                                                                        \
    {"events", CLI_TEXT, "FILE", "What is known beforehand, as CSV: start,end,name[,kind]"},             \
    {                                                                                                    \
        "holidays", CLI_TEXT, "us|none", "Holidays by rule; us-05:00: where midnight is (default: none)" \
    }
#define CMD_SCALING_SERIES_OPTIONS                                                                  \
    {"series", CLI_TEXT, "FILE", "The load as CSV with column names", true},                        \
        {"time-column", CLI_TEXT, "COL", "Column of the times (default: found)"},                   \
        {"value-column", CLI_TEXT, "COL", "Column of the load (default: found)"},                   \
        {"step", CLI_TEXT, "SPAN", "Step of the series, as 5m (default: that of the file)"},        \
    {                                                                                               \
        "agg", CLI_TEXT, "auto|sum|mean", "How rows within a step are put together (default: auto)" \
    }

#endif
