"""initializers.json: statistics of the random initializers, values of the others, fans and names."""

import inspect

import keras
import numpy as np
from keras import initializers
from keras.src.initializers import ALL_OBJECTS_DICT
from keras.src.initializers.random_initializers import compute_fans

from common import normal, number, plain, seed_keras, tensor, write_json

SHAPES = [(200, 300), (3, 3, 40, 50), (20000,)]
RANDOM = [
    ("RandomNormal", {}),
    ("RandomNormal", {"mean": 1.5, "stddev": 0.2}),
    ("RandomUniform", {}),
    ("RandomUniform", {"minval": 0.5, "maxval": 2.0}),
    ("TruncatedNormal", {}),
    ("TruncatedNormal", {"mean": -1.0, "stddev": 0.5}),
    ("GlorotNormal", {}),
    ("GlorotUniform", {}),
    ("HeNormal", {}),
    ("HeUniform", {}),
    ("LecunNormal", {}),
    ("LecunUniform", {}),
    ("VarianceScaling", {}),
    *(
        ("VarianceScaling", {"scale": 2.0, "mode": mode, "distribution": distribution})
        for mode in ("fan_in", "fan_out", "fan_avg")
        for distribution in ("uniform", "truncated_normal", "untruncated_normal")
    ),
    ("GlorotUniform", {"input_axes": [0], "output_axes": [1]}),
]
EXACT = [
    ("Zeros", {}, (2, 3)),
    ("Ones", {}, (2, 3)),
    ("Constant", {}, (2,)),
    ("Constant", {"value": 2.5}, (2, 3)),
    ("Identity", {}, (3, 3)),
    ("Identity", {"gain": 2.0}, (3, 5)),
    ("Identity", {}, (4, 2)),
    ("STFT", {}, (8, 1, 5)),
    ("STFT", {"side": "imag"}, (8, 1, 5)),
    ("STFT", {"window": None}, (8, 1, 5)),
    ("STFT", {"window": None, "side": "imag", "scaling": None}, (6, 1, 5)),
    ("STFT", {"window": "hamming", "scaling": "spectrum", "periodic": True}, (8, 1, 5)),
    ("STFT", {"scaling": None}, (4, 1, 9)),
]
FAN_SHAPES = [(), (7,), (5, 3), (3, 3, 4, 8), (5, 4, 8), (2, 3, 4, 5, 6), (1, 1), (3, 1, 2, 2)]
ORTHOGONAL = [({}, (6, 4)), ({}, (4, 6)), ({"gain": 2.0}, (5, 5)), ({}, (3, 3, 2, 4))]


def class_of(name):
    """The class by its public name (STFT, Identity and Orthogonal carry longer names inside Keras)."""
    return getattr(initializers, name)


def random_entry(name, options, shape):
    seed_keras(f"{name}/{options}/{shape}")
    initializer = class_of(name)(**options, seed=7)
    values = np.asarray(initializer(shape))
    return {
        "class": name,
        "config": plain(initializer.get_config()),
        "shape": list(shape),
        "dtype": values.dtype.name,
        "mean": number(values.mean(dtype="float64")),
        "std": number(values.std(dtype="float64")),
        "min": number(values.min(), "float32"),
        "max": number(values.max(), "float32"),
        "same_when_called_again": bool(np.array_equal(values, np.asarray(initializer(shape)))),
    }


def exact_entry(name, options, shape):
    initializer = class_of(name)(**options)
    return {"class": name, "config": plain(initializer.get_config()), "shape": list(shape), "values": tensor(initializer(shape))}


def orthogonal_entry(options, shape):
    """How far the rows or columns are from orthogonal."""
    seed_keras(f"orthogonal/{shape}")
    initializer = class_of("Orthogonal")(**options, seed=7)
    matrix = np.asarray(initializer(shape), "float64").reshape(-1, shape[-1])
    product = matrix.T @ matrix if matrix.shape[0] >= matrix.shape[1] else matrix @ matrix.T
    wanted = np.eye(len(product)) * initializer.gain**2
    return {
        "class": "Orthogonal",
        "config": plain(initializer.get_config()),
        "shape": list(shape),
        "largest_deviation": number(np.abs(product - wanted).max()),
    }


def fan_entries():
    for shape in FAN_SHAPES:
        fan_in, fan_out = compute_fans(shape)
        yield {"shape": list(shape), "input_axes": None, "output_axes": None, "fan_in": fan_in, "fan_out": fan_out}
    fan_in, fan_out = compute_fans((3, 4, 5), input_axes=[0, 1], output_axes=[2])
    yield {"shape": [3, 4, 5], "input_axes": [0, 1], "output_axes": [2], "fan_in": fan_in, "fan_out": fan_out}


def public_name(cls):
    """The name under which keras.initializers exports the class, the shortest one that begins with a capital."""
    names = [n for n in dir(initializers) if n[0].isupper() and getattr(initializers, n) is cls]
    return min(names, key=len) if names else cls.__name__


def given_window_entry():
    window = np.abs(normal("window", (8,))).tolist()
    initializer = class_of("STFT")(window=window)
    return {
        "class": "STFT",
        "config": {**plain(initializer.get_config()), "window": window},
        "shape": [8, 1, 5],
        "values": tensor(initializer((8, 1, 5))),
    }


def make():
    aliases = {n: public_name(c) for n, c in sorted(ALL_OBJECTS_DICT.items()) if inspect.isclass(c)}
    write_json(
        "initializers",
        {
            "cases": [random_entry(n, o, s) for n, o in RANDOM for s in SHAPES if not (o.get("input_axes") and len(s) == 1)],
            "exact": [exact_entry(*e) for e in EXACT] + [given_window_entry()],
            "orthogonal": [orthogonal_entry(*o) for o in ORTHOGONAL],
            "fans": list(fan_entries()),
            "aliases": aliases,
            "layer_defaults": {
                "floatx": keras.backend.floatx(),
                "epsilon": number(keras.backend.epsilon()),
            },
        },
    )
