/* model_split.h - which rows train, which stop and calibrate, and which only judge.
 *
 *     rows --model_split--> part of each: MODEL_PART_TEST, or the number of its fold
 *
 *     at random   | fold 0 | fold 1 | fold 2 | fold 3 | fold 4 |  test  |     the same share of each class everywhere
 *     by time     |     1: only trained on     | fold 0: held  |  test  |     rows of one time are never on two sides
 *
 * Fold k is held out of one training on all other folds: that training stops by it, and its predictions of it calibrate.
 * The test rows are used for nothing but judging. With a file of its own for judging, all rows here go to the folds.
 * Threads: pure. Result: the same rows and seed give the same parts.
 * Errors:  INVALID naming the numbers: too few rows, one time only. */
#ifndef EHUB_MODEL_MODEL_SPLIT_H
#define EHUB_MODEL_MODEL_SPLIT_H

#include "base/err.h"

#define MODEL_PART_TEST (-1)
#define MODEL_SPLIT_FOLDS 5
#define MODEL_SPLIT_ROWS_MIN 20
#define MODEL_SPLIT_ROWS_FOLDS 20000 /* with more rows one fold is enough, and much faster */

typedef struct ModelSplitConf {
    const int32_t *class_of; /* int32_t[n] from 0; NULL: a number is predicted */
    int n_classes;
    const int64_t *time;  /* int64_t[n]: forward in time; NULL: at random */
    double test_fraction; /* 0: no test rows here */
    int folds;            /* most folds that are held out at random */
    uint64_t seed;
} ModelSplitConf;

/* part int8_t[n]; ret_folds: how many folds are held out (1 by time). */
ErrKind MUST_USE model_split(const ModelSplitConf *c, int64_t n, int8_t *part, int *ret_folds, Err *reterr);

#endif
