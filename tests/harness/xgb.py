"""xgb.py - XGBoost through its C library, with nothing but the standard library: the other side of comparisons.

    booster = xgb.train(rows, labels, {"objective": "binary:logistic"}, rounds=20, names=[...], types=[...])
    booster.save(path)                       .json or .ubj
    booster.predict(rows)                    list of rows; kind=MARGIN, CONTRIBS, INTERACTIONS

Missing values are NaN. available() is False where the library is not installed.
"""

import array
import ctypes
import ctypes.util
import json
import math

VALUE, MARGIN, CONTRIBS, INTERACTIONS = 0, 1, 2, 4
_lib = None


def _load():
    global _lib
    if _lib is None:
        name = ctypes.util.find_library("xgboost")
        if name:
            _lib = ctypes.CDLL(name)
            _lib.XGBGetLastError.restype = ctypes.c_char_p
    return _lib


def available():
    return _load() is not None


def _call(name, *args):
    if getattr(_load(), name)(*args) != 0:
        raise RuntimeError(f"{name}: {_lib.XGBGetLastError().decode().splitlines()[0]}")


def _strings(texts):
    return (ctypes.c_char_p * len(texts))(*[t.encode() for t in texts])


class Matrix:
    def __init__(self, rows, labels=None, names=None, types=None):
        flat = array.array("f", [v for row in rows for v in row])
        data = (ctypes.c_float * len(flat)).from_buffer(flat)
        self.handle = ctypes.c_void_p()
        self.n = len(rows)
        _call("XGDMatrixCreateFromMat", data, ctypes.c_uint64(len(rows)), ctypes.c_uint64(len(rows[0])),
              ctypes.c_float(math.nan), ctypes.byref(self.handle))
        for field, texts in (("feature_name", names), ("feature_type", types)):
            if texts:
                _call("XGDMatrixSetStrFeatureInfo", self.handle, field.encode(), _strings(texts),
                      ctypes.c_uint64(len(texts)))
        if labels is not None:
            values = (ctypes.c_float * len(labels))(*labels)
            _call("XGDMatrixSetFloatInfo", self.handle, b"label", values, ctypes.c_uint64(len(labels)))

    def __del__(self):
        if self.handle:
            _lib.XGDMatrixFree(self.handle)


class Booster:
    def __init__(self, handle, names, types):
        self.handle, self.names, self.types = handle, names, types

    def __del__(self):
        _lib.XGBoosterFree(self.handle)

    def save(self, path):
        _call("XGBoosterSaveModel", self.handle, str(path).encode())

    def set_attr(self, key, value):
        _call("XGBoosterSetAttr", self.handle, key.encode(), value.encode())

    def score(self, kind):
        """Importance of the features that have any: weight, gain, cover, total_gain or total_cover."""
        n, dim = ctypes.c_uint64(), ctypes.c_uint64()
        names, shape = ctypes.POINTER(ctypes.c_char_p)(), ctypes.POINTER(ctypes.c_uint64)()
        scores = ctypes.POINTER(ctypes.c_float)()
        _call("XGBoosterFeatureScore", self.handle, json.dumps({"importance_type": kind}).encode(), ctypes.byref(n),
              ctypes.byref(names), ctypes.byref(dim), ctypes.byref(shape), ctypes.byref(scores))
        return {names[i].decode(): scores[i] for i in range(n.value)}

    def predict(self, rows, kind=VALUE, rounds=0):
        data = Matrix(rows, None, self.names, self.types)
        config = json.dumps({"type": kind, "training": False, "iteration_begin": 0, "iteration_end": rounds,
                             "strict_shape": True}).encode()
        shape, dim, out = ctypes.POINTER(ctypes.c_uint64)(), ctypes.c_uint64(), ctypes.POINTER(ctypes.c_float)()
        _call("XGBoosterPredictFromDMatrix", self.handle, data.handle, config, ctypes.byref(shape), ctypes.byref(dim),
              ctypes.byref(out))
        total = math.prod(shape[i] for i in range(dim.value))
        width = total // data.n
        flat = out[:total]
        return [flat[i * width:(i + 1) * width] for i in range(data.n)]


def train(rows, labels, params, rounds, names=None, types=None):
    data = Matrix(rows, labels, names, types)
    handle = ctypes.c_void_p()
    _call("XGBoosterCreate", (ctypes.c_void_p * 1)(data.handle), ctypes.c_uint64(1), ctypes.byref(handle))
    booster = Booster(handle, names, types)
    for key, value in {"nthread": 1, "seed": 1, "verbosity": 0, **params}.items():
        _call("XGBoosterSetParam", handle, str(key).encode(), str(value).encode())
    for field, texts in (("feature_name", names), ("feature_type", types)):
        if texts:
            _call("XGBoosterSetStrFeatureInfo", handle, field.encode(), _strings(texts), ctypes.c_uint64(len(texts)))
    for i in range(rounds):
        _call("XGBoosterUpdateOneIter", handle, ctypes.c_int(i), data.handle)
    return booster
