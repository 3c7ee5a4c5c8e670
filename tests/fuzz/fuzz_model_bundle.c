/* fuzz_model_bundle.c - any bytes as a bundle. The lengths and the sum would stop every mutation at the door, so that a
 * second look makes them right: then the manifest is what is tried. */
#include "base/buf.h"
#include "base/crypto.h"
#include "base/mem.h"
#include "fuzz/fuzz.h"
#include "model/model_drift.h"

#include <math.h>

#define HEAD 24

/* Three rows against the reference, if it is one. */
static void compare_rows(const ModelBundle *b)
{
    Err err;
    CLEANUP(model_reference_freep) ModelReference *r = NULL;
    if (model_reference_parse(b->drift, b->schema, &r, &err) != ERR_NONE)
        return;
    size_t n = (size_t)gbt_n_features(b->gbt) * 3;
    CLEANUP(mem_freep) float *x = mem_array(n, sizeof *x);
    for (size_t i = 0; i < n; i++)
        x[i] = i % 4 == 3 ? NAN : (float)i - 2;
    CLEANUP(model_drift_freep) ModelDrift *d = model_drift(r, b, x, 3);
    for (int i = 0; i < d->n; i++)
        BUG_ON(!(d->lines[i].psi >= 0) || !(d->lines[i].missing_before <= 1));
}

static void read_one(Str bytes)
{
    Err err;
    CLEANUP(model_bundle_freep) ModelBundle *b = NULL;
    if (model_bundle_read_mem(bytes, GBT_ROUNDS_ALL, &b, &err) != ERR_NONE)
        return;
    compare_rows(b);
    for (double margin = -10; b->calibration && margin <= 10; margin += 0.5) {
        double p = model_calibrated(b->calibration, margin);
        BUG_ON(!(p >= 0 && p <= 1));
    }
}

static uint64_t get_u64(const uint8_t *at)
{
    uint64_t v = 0;
    for (int i = 7; i >= 0; i--)
        v = v << 8 | at[i];
    return v;
}

static void put_u64(char *at, uint64_t v)
{
    for (int i = 0; i < 8; i++)
        at[i] = (char)(v >> (8 * i) & 255);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    read_one((Str){(const char *)data, size});
    if (size < HEAD + sizeof(Sha256) || size > 1 << 20)
        return 0;
    uint64_t model_len = get_u64(data + 16);
    if (model_len > size - HEAD - sizeof(Sha256))
        return 0;
    CLEANUP(buf_done) Buf bytes = BUF(1 << 20);
    buf_add(&bytes, data, size - sizeof(Sha256));
    put_u64(bytes.ptr + 8, size - sizeof(Sha256) - HEAD - model_len);
    Sha256 sum = crypto_sha256(buf_str(&bytes));
    buf_add(&bytes, &sum, sizeof sum);
    read_one(buf_str(&bytes));
    return 0;
}
