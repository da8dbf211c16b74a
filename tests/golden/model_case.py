"""ModelCase: one model of models.json, with what it is fed and how it is compiled; makers of data."""

import keras
import numpy as np

from common import normal, rng
from training_runs import bits, classes, features, images, one_hot, target, weights, words

ROWS, BATCH = 10, 4  # the last batch of three has two rows

__all__ = ["ModelCase", "bits", "classes", "features", "images", "one_hot", "target", "weights", "words"]


class ModelCase:
    """`model` builds it; x, y and sample_weight are makers of arrays by rows, nested as Keras takes them (y absent:
    normal numbers of the outputs' shapes). `compile` holds the arguments of compile(), made anew for each model; None:
    not compiled. `formats`: keras, h5, weights, sharded, json."""

    def __init__(
        self,
        name,
        model,
        x,
        y=None,
        *,
        formats=("keras",),
        random=False,
        trained=True,
        sample_weight=None,
        compile=...,
        batch_size=BATCH,
        fit=None,
    ):
        self.name, self.model, self.x, self.y, self.formats = name, model, x, y, formats
        self.random, self.trained, self.sample_weight = random, trained, sample_weight
        self.compile = default_compile if compile is ... else compile
        self.batch_size, self.fit = batch_size, fit or {}


def default_compile(outputs=1):
    """One metric, where Keras takes one without asking for which output."""
    metrics = {"metrics": ["mae"]} if outputs == 1 else {}
    return {"optimizer": keras.optimizers.SGD(0.05, momentum=0.5), "loss": "mean_squared_error", **metrics}


def ids(columns=6, high=10, dtype="int32"):
    """Indices in [1, high)."""
    return lambda rows: rng(f"ids/{rows}/{columns}/{high}").integers(1, high, (rows, columns)).astype(dtype)


def steps(length=5, size=3):
    return lambda rows: normal(f"steps/{rows}", (rows, length, size))


def make_arrays(maker, rows):
    """Arrays of so many rows, nested as the makers are."""
    if isinstance(maker, dict):
        return {k: make_arrays(m, rows) for k, m in maker.items()}
    if isinstance(maker, (list, tuple)):
        return [make_arrays(m, rows) for m in maker]
    return None if maker is None else maker(rows)


def targets_like(outputs, rows):
    """Normal numbers of the shapes of a model's outputs, nested as they are; scaled so that no loss runs away."""

    def make(output):
        return normal(f"y/{output.shape[1:]}", (rows, *output.shape[1:]), 0.5).astype(np.float32)

    return keras.tree.map_structure(make, outputs)
