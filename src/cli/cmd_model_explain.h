/* cmd_model_explain.h - the pictures of ehub model explain. Private to cli. */
#ifndef EHUB_CLI_CMD_MODEL_EXPLAIN_H
#define EHUB_CLI_CMD_MODEL_EXPLAIN_H

#include "model/model_explain.h"

/* What everything that is printed or drawn needs. */
typedef struct CmdModelExplain {
    const ModelBundle *bundle;
    const ModelExplained *e;
    const char *data; /* file name of the rows, without folders */
    int64_t row;
    int top;
    const char *units; /* of contributions: "log-odds" ... */
} CmdModelExplain;

/* "class 2" or the class's own name; "" when there is one group. */
void cmd_model_explain_group(const CmdModelExplain *v, int group, Buf *out);
/* Features of the row by falling size of their contribution to v->e->group: int[n_features]. */
void cmd_model_explain_order(const CmdModelExplain *v, int *order);

/* Writes bar.svg, beeswarm.svg and, when there is a row, waterfall.svg; adds their paths, a line each. */
ErrKind MUST_USE cmd_model_explain_plot(const CmdModelExplain *v, const char *dir, Buf *ret_paths,
                                        Err *reterr);

#endif
