/* model_peer.h - libxgboost as the other side of a benchmark: the same model, the same rows. Private to src/model.
 *
 * The only file of this folder that calls libxgboost; nothing that serves predictions uses it. One thread.
 * Owner: model_peer_free. What a call gives is borrowed until the next one. Errors: UNSUPPORTED with libxgboost's words, for
 * models that this version does not know. Give it only bytes that gbt_load has accepted: its loader crashes on damaged files. */
#ifndef EHUB_MODEL_MODEL_PEER_H
#define EHUB_MODEL_MODEL_PEER_H

#include "gbt/gbt.h"

typedef struct ModelPeer ModelPeer;

typedef enum ModelPeerCall {
    MODEL_PEER_INPLACE, /* margins from the array itself */
    MODEL_PEER_MARGINS, /* margins through a DMatrix, made and freed in the call as everything below */
    MODEL_PEER_CONTRIBS,
    MODEL_PEER_INTERACTIONS,
} ModelPeerCall;

ErrKind MUST_USE model_peer_open(Str model, const GbtModel *m, ModelPeer **ret, Err *reterr);
/* A model of `trees` trees of that depth, trained on rows float[n][features] and y in one thread with histograms; its UBJSON,
 * borrowed from *ret. */
ErrKind MUST_USE model_peer_train(const float *x, const float *y, size_t n, int features, int trees,
                                  int depth, ModelPeer **ret, Str *ret_model, Err *reterr);
ErrKind MUST_USE model_peer_call(ModelPeer *p, ModelPeerCall call, const float *rows, size_t n,
                                 const float **ret, Err *reterr);
const char *model_peer_version(void); /* "1.7.4" */
void model_peer_free(ModelPeer *p);
DEFINE_FREEP(ModelPeer, model_peer_free)

#endif
