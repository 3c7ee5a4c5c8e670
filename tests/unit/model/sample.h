/* sample.h - small models of libxgboost with named features, and their tables of columns. */
#ifndef EHUB_TESTS_UNIT_MODEL_SAMPLE_H
#define EHUB_TESTS_UNIT_MODEL_SAMPLE_H

#include "../gbt/oracle.h"
#include "base/buf.h"
#include "model/model_bundle.h"

#include <stdlib.h>
#include <unistd.h>

#define SAMPLE_FEATURES 4
static char *sample_names[] = {(char[]){"speed"}, (char[]){"contact rate"}, (char[]){"größe"}, (char[]){"d"}};

static char sample_target[] = "won";

static inline Oracle sample_model(const char *objective, int rounds)
{
    OracleSpec spec = {objective, 3, rounds, 600, SAMPLE_FEATURES, 0.05, {{0}}};
    Oracle o = oracle_train(&spec);
    const char *names[SAMPLE_FEATURES];
    for (int i = 0; i < SAMPLE_FEATURES; i++)
        names[i] = sample_names[i];
    XGB(XGBoosterSetStrFeatureInfo(o.booster, "feature_name", names, SAMPLE_FEATURES));
    return o;
}

/* Borrows sample_names; columns belongs to the caller. */
static inline ModelSchema sample_schema(ModelColumn columns[static SAMPLE_FEATURES])
{
    for (int i = 0; i < SAMPLE_FEATURES; i++)
        columns[i] = (ModelColumn){.name = sample_names[i]};
    return (ModelSchema){.columns = columns,
                         .n_columns = SAMPLE_FEATURES,
                         .target = sample_target,
                         .target_kind = MODEL_TARGET_NUMBER};
}

static inline void sample_path(char path[static 64])
{
    (void)snprintf(path, 64, "/tmp/ehub-test-bundle-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
}

#endif
