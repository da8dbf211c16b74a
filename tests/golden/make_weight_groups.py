"""weight_groups.json: the groups, data sets and attributes of the files that Keras writes for a few models."""

import pathlib
import tempfile

import h5py
import keras
import numpy as np
from keras import layers

from common import seed_keras, write_json


def listing(path):
    """{path: {"shape", "dtype", attributes}} of everything in an HDF5 file. Lists of texts stand as they are."""
    entries = {}

    def plain(value):
        if isinstance(value, str):
            return value
        return [v if isinstance(v, str) else v.decode() for v in value]

    def visit(name, item):
        attributes = {k: plain(v) for k, v in item.attrs.items() if k not in ("keras_version", "backend")}
        entries[name] = {"attributes": attributes}
        if isinstance(item, h5py.Dataset):
            entries[name] |= {"shape": list(item.shape), "dtype": item.dtype.name}

    with h5py.File(path) as file:
        file.visititems(visit)
    return entries


def functional():
    a, b = keras.Input((6,), name="a"), keras.Input((4,), name="b")
    x = layers.BatchNormalization()(layers.Dropout(0.3)(layers.Dense(3)(a)))
    inner = keras.Sequential([keras.Input((3,)), layers.Dense(2), layers.Dropout(0.1)], name="inner")
    y = layers.LSTM(2, name="r")(layers.Embedding(7, 3)(b))
    z = layers.concatenate([inner(x), y])
    return keras.Model([a, b], layers.Dense(1)(z * 2.0), name="net"), [(6,), (4,)]


class TwoParts(keras.Model):
    def __init__(self):
        super().__init__(name="two_parts")
        self.hidden = layers.Dense(2)
        self.out = layers.Dense(1)
        self._last = layers.Dense(1)

    def call(self, x):
        return self._last(self.out(self.hidden(x)))


def sequential():
    return keras.Sequential([keras.Input((6,)), layers.Dense(3, name="first"), layers.Dense(1, use_bias=False)], name="row"), [(6,)]


def make():
    cases = {}
    models = {"functional": functional, "sequential": sequential, "subclassed": lambda: (TwoParts(), [(3,)])}
    for name, build in models.items():
        seed_keras(name)
        model, shapes = build()
        x = [np.ones((2, *shape), "float32") for shape in shapes]
        model(x[0] if len(x) == 1 else x)
        model.compile("adam", "mean_squared_error")
        model.fit(x[0] if len(x) == 1 else x, np.ones((2, 1)), verbose=0)
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "m.weights.h5")
            model.save_weights(path)
            cases[name] = {"weights": listing(path)}
            if name != "subclassed":
                model.save(pathlib.Path(folder, "m.h5"))
                cases[name]["h5"] = listing(pathlib.Path(folder, "m.h5"))
    write_json("weight_groups", {"cases": cases})
