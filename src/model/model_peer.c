/* model_peer.c - see model_peer.h. */
#include "model/model_peer.h"

#include "base/mem.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <xgboost/c_api.h>

struct ModelPeer {
    BoosterHandle booster;
    DMatrixHandle last; /* what the last answer belongs to */
    int features;
    const char **types; /* [features], or NULL when none is a category */
};

#define XGB(call)                                                                             \
    do {                                                                                      \
        if ((call) != 0)                                                                      \
            return err_set(reterr, ERR_UNSUPPORTED, "libxgboost: %.300s", XGBGetLastError()); \
    } while (0)

const char *model_peer_version(void)
{
    static char text[32];
    int major, minor, patch;
    XGBoostVersion(&major, &minor, &patch);
    snprintf(text, sizeof text, "%d.%d.%d", major, minor, patch);
    return text;
}

ErrKind model_peer_open(Str model, const GbtModel *m, ModelPeer **ret, Err *reterr)
{
    CLEANUP(model_peer_freep) ModelPeer *p = MEM_NEW(ModelPeer);
    p->features = gbt_n_features(m);
    bool categories = false;
    p->types = mem_array((size_t)p->features, sizeof *p->types);
    for (int f = 0; f < p->features; f++) {
        const char *type = gbt_feature_type(m, f);
        p->types[f] = *type ? type : "q";
        categories = categories || strcmp(type, "c") == 0;
    }
    if (!categories) {
        mem_free(p->types);
        p->types = NULL;
    }
    XGB(XGBoosterCreate(NULL, 0, &p->booster));
    XGB(XGBoosterSetParam(p->booster, "nthread", "1"));
    XGB(XGBoosterLoadModelFromBuffer(p->booster, model.ptr, model.len));
    XGB(XGBoosterSetParam(p->booster, "nthread", "1"));
    *ret = p;
    p = NULL;
    return ERR_NONE;
}

ErrKind model_peer_train(const float *x, const float *y, size_t n, int features, int trees, int depth,
                         ModelPeer **ret, Str *ret_model, Err *reterr)
{
    CLEANUP(model_peer_freep) ModelPeer *p = MEM_NEW(ModelPeer);
    p->features = features;
    XGB(XGDMatrixCreateFromMat(x, (bst_ulong)n, (bst_ulong)features, NAN, &p->last));
    XGB(XGDMatrixSetFloatInfo(p->last, "label", y, (bst_ulong)n));
    XGB(XGBoosterCreate(&p->last, 1, &p->booster));
    char text[16];
    snprintf(text, sizeof text, "%d", depth);
    const char *params[][2] = {{"objective", "binary:logistic"},
                               {"max_depth", text},
                               {"nthread", "1"},
                               {"eta", "0.1"},
                               {"tree_method", "hist"}};
    for (size_t i = 0; i < ARRAY_LEN(params); i++)
        XGB(XGBoosterSetParam(p->booster, params[i][0], params[i][1]));
    for (int r = 0; r < trees; r++)
        XGB(XGBoosterUpdateOneIter(p->booster, r, p->last));
    bst_ulong len;
    XGB(XGBoosterSaveModelToBuffer(p->booster, "{\"format\":\"ubj\"}", &len, &ret_model->ptr));
    ret_model->len = len;
    *ret = p;
    p = NULL;
    return ERR_NONE;
}

static ErrKind call_inplace(ModelPeer *p, const float *rows, size_t n, const float **ret, Err *reterr)
{
    char array[160];
    snprintf(array, sizeof array,
             "{\"data\":[%llu,true],\"shape\":[%zu,%d],\"typestr\":\"<f4\",\"version\":3}",
             (unsigned long long)(uintptr_t)rows, n, p->features);
    bst_ulong const *shape;
    bst_ulong dim;
    XGB(XGBoosterPredictFromDense(p->booster, array,
                                  "{\"type\":1,\"training\":false,\"iteration_begin\":0,\"iteration_end\":0,"
                                  "\"strict_shape\":false,\"missing\":NaN,\"cache_id\":0}",
                                  NULL, &shape, &dim, ret));
    return ERR_NONE;
}

ErrKind model_peer_call(ModelPeer *p, ModelPeerCall call, const float *rows, size_t n, const float **ret,
                        Err *reterr)
{
    static const int types[] = {
        [MODEL_PEER_MARGINS] = 1, [MODEL_PEER_CONTRIBS] = 2, [MODEL_PEER_INTERACTIONS] = 4};
    if (call == MODEL_PEER_INPLACE)
        return call_inplace(p, rows, n, ret, reterr);
    char config[160];
    snprintf(
        config, sizeof config,
        "{\"type\":%d,\"training\":false,\"iteration_begin\":0,\"iteration_end\":0,\"strict_shape\":false}",
        types[call]);
    if (p->last)
        XGB(XGDMatrixFree(p->last));
    p->last = NULL;
    XGB(XGDMatrixCreateFromMat(rows, (bst_ulong)n, (bst_ulong)p->features, NAN, &p->last));
    if (p->types)
        XGB(XGDMatrixSetStrFeatureInfo(p->last, "feature_type", p->types, (bst_ulong)p->features));
    bst_ulong const *shape;
    bst_ulong dim;
    XGB(XGBoosterPredictFromDMatrix(p->booster, p->last, config, &shape, &dim, ret));
    return ERR_NONE;
}

void model_peer_free(ModelPeer *p)
{
    if (!p)
        return;
    if (p->booster)
        XGBoosterFree(p->booster);
    if (p->last)
        XGDMatrixFree(p->last);
    mem_free(p->types);
    mem_free(p);
}
