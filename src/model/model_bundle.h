/* model_bundle.h - everything that belongs to one trained model, in one file that nobody can change unseen.
 *
 *     "EHUBMDL1" | length | JSON manifest (schema, calibration, report, sha256 of the model) | XGBoost UBJSON | SHA-256 of all
 *
 * Owner:    model_bundle_free; the GbtModel inside is a counted reference.
 * Threads:  immutable once read; any number may use it.
 * Errors:   CORRUPT when a byte was changed, cut or added, or when parts do not belong together (features of schema and
 *           model, calibration and objective). A plain XGBoost .json or .ubj file is read as a bundle without the rest. */
#ifndef EHUB_MODEL_MODEL_BUNDLE_H
#define EHUB_MODEL_MODEL_BUNDLE_H

#include "model/model_calibrate.h"
#include "model/model_table.h"

typedef struct ModelBundle {
    GbtModel *gbt;
    ModelSchema *schema;
    ModelCalibration *calibration; /* NULL: none */
    Jv *report;                    /* of the training; NULL: none */
    Jv *drift;       /* what model_drift compares with: distributions of inputs and score; NULL: none */
    bool plain;      /* read from an XGBoost file */
    char sha256[65]; /* of the XGBoost bytes, in hex */
} ModelBundle;

/* rounds: as gbt_load. */
ErrKind MUST_USE model_bundle_read(const char *path, int rounds, ModelBundle **ret, Err *reterr);
ErrKind MUST_USE model_bundle_read_mem(Str bytes, int rounds, ModelBundle **ret, Err *reterr);
/* Writes a new file whole or not at all (rename). model: the XGBoost bytes that gbt_train gave. */
ErrKind MUST_USE model_bundle_write(const char *path, Str model, const ModelSchema *schema,
                                    const ModelCalibration *calibration, const Jv *report, const Jv *drift,
                                    Err *reterr);
/* The XGBoost bytes in the bytes of a bundle, or all of them when it is none; borrowed. */
ErrKind MUST_USE model_bundle_model(Str bytes, Str *ret, Err *reterr);
/* A tree of the bundle (report, drift) as it stands. */
ErrKind MUST_USE model_bundle_json(Jw *w, const Jv *tree, Err *reterr);
void model_bundle_free(ModelBundle *b);
DEFINE_FREEP(ModelBundle, model_bundle_free)

/* Rows to outputs, calibration applied when there is one: float[n][gbt_n_outputs]. */
void model_bundle_predict(const ModelBundle *b, const float *rows, size_t n, float *out, GbtScratch *s);

#endif
