/* model_calibrate.h - makes probabilities mean what they say: isotonic and Platt recalibration.
 *
 *     scores and outcomes that the model has not seen --model_calibrate--> ModelCalibration --apply--> probability
 *
 * Isotonic: pool adjacent violators (Ayer et al. 1955; Zadrozny, Elkan 2002), linear between the blocks. Platt: a logistic
 * function of the margin with Platt's targets (Platt 1999; Lin, Lin, Weng 2007).
 * Owner:    model_calibration_free. Threads: immutable after it is made. */
#ifndef EHUB_MODEL_MODEL_CALIBRATE_H
#define EHUB_MODEL_MODEL_CALIBRATE_H

#include "base/jv.h"
#include "base/jw.h"

#define MODEL_STEPS_MAX 100000

typedef enum ModelCalibrationKind { MODEL_ISOTONIC, MODEL_PLATT } ModelCalibrationKind;

typedef struct ModelCalibration {
    ModelCalibrationKind kind;
    double a, b;  /* PLATT: 1 / (1 + exp(a * margin + b)) */
    double *from; /* ISOTONIC: rising scores [n] ... */
    double *to;   /* ... and their probabilities, never falling */
    int64_t n;
} ModelCalibration;

/* margin double[n] before the link, y 0 or 1. INVALID when y has one value only. */
ErrKind MUST_USE model_calibrate(ModelCalibrationKind kind, const double *margin, const double *y, int64_t n,
                                 ModelCalibration **ret, Err *reterr);
double model_calibrated(const ModelCalibration *c, double margin); /* probability */
void model_calibration_write(Jw *w, const ModelCalibration *c);
ErrKind MUST_USE model_calibration_parse(const Jv *json, ModelCalibration **ret, Err *reterr);
void model_calibration_free(ModelCalibration *c);
DEFINE_FREEP(ModelCalibration, model_calibration_free)

#endif
