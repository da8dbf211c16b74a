"""checkpoints.json: ModelCheckpoint driven by hand with made-up logs, and Python's format() of numbers."""

import contextlib
import io
import math
import os
import tempfile
import warnings

import keras
import numpy as np

from common import write_json

FALLING = [{"loss": 3.0, "val_loss": v, "accuracy": a, "val_accuracy": a} for v, a in ((0.5, 0.1), (0.25, 0.4), (0.75, 0.4),
                                                                                       (0.125, 0.9))]
ODD = [{"loss": v} for v in (math.nan, 1.0, math.inf, 0.5, -0.5)]
TRAINING_ONLY = [{"loss": v} for v in (2.0, 1.0, 3.0)]

# name, filepath, options, logs of the epochs, batches per epoch
RUNS = [
    ("every_epoch", "every.keras", {}, FALLING, 0),
    ("every_epoch_verbose", "every.keras", {"verbose": 1}, FALLING, 0),
    ("names", "run/{epoch:02d}-{val_loss:.2f}.keras", {"verbose": 1}, FALLING, 0),
    ("h5", "deep/er/{epoch}.h5", {"verbose": 1}, FALLING, 0),
    ("best_loss", "best.keras", {"save_best_only": True, "verbose": 1}, FALLING, 0),
    ("best_loss_names", "{epoch:03d}_{val_loss:.3e}.keras", {"save_best_only": True, "verbose": 1}, FALLING, 0),
    ("best_accuracy", "{epoch}.keras", {"monitor": "val_accuracy", "save_best_only": True, "verbose": 1}, FALLING, 0),
    ("best_accuracy_min", "{epoch}.keras", {"monitor": "val_accuracy", "mode": "min", "save_best_only": True, "verbose": 1},
     FALLING, 0),
    ("best_loss_max", "{epoch}.keras", {"mode": "max", "save_best_only": True, "verbose": 1}, FALLING, 0),
    ("threshold", "{epoch}.keras", {"save_best_only": True, "initial_value_threshold": 0.3, "verbose": 1}, FALLING, 0),
    ("threshold_max", "{epoch}.keras", {"monitor": "accuracy", "save_best_only": True, "initial_value_threshold": 0.4,
                                        "verbose": 1}, FALLING, 0),
    ("no_monitor", "{epoch}.keras", {"save_best_only": True, "verbose": 1}, TRAINING_ONLY, 0),
    ("odd_values", "{epoch}.keras", {"monitor": "loss", "save_best_only": True, "verbose": 1}, ODD, 0),
    ("odd_names", "{epoch}_{loss:.1f}.keras", {"monitor": "loss"}, ODD, 0),
    ("weights", "{epoch}.weights.h5", {"save_weights_only": True, "verbose": 1}, FALLING, 0),
    ("best_weights", "best.weights.h5", {"save_weights_only": True, "save_best_only": True, "verbose": 1}, FALLING, 0),
    ("every_two_batches", "{epoch}-{batch:03d}.keras", {"save_freq": 2, "verbose": 1}, FALLING, 3),
    ("every_five_batches", "{epoch}-{batch}.keras", {"save_freq": 5}, FALLING, 3),
    ("unknown_field", "{epoch}-{f1:.2f}.keras", {}, FALLING, 0),
    ("no_batch", "{epoch}-{batch}.keras", {}, FALLING, 0),
]

FORMATS = ("", "d", "3d", "03d", "+d", " d", "<4d", ">4", "^5d", "*^7d", "=+6d", "0=5", "f", ".2f", "8.3f", "08.3f", "+.1f", "-.0f", "<9.2f",
           "x^9.1f", "e", ".2e", ".0E", "012.4e", "g", ".3g", ".0g", "G", "%", ".1%", "07.1%", ".3", ".1", ".0", "010", "5.1",
           "F", "010.2F", "<08.2f")
NUMBERS = (0.0, 1.0, -1.0, 0.5, 12.0, 0.1, 1 / 3, 123456.789, 1e-5, 0.0001, 123e20, 1e16, 123456789012345.0, -2.5e-10, math.nan,
           math.inf, -math.inf, -0.0, 9.9999)
INTEGERS = (0, 7, -7, 42, 12345)


def small_model():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(np.zeros((2, 2), "float32"), np.zeros((2,), "int32"), verbose=0)
    return model


def files():
    found = []
    for folder, _, names in os.walk("."):
        found += [os.path.relpath(os.path.join(folder, name), ".") for name in names]
    return sorted(found)


def plain(logs):
    return {name: value if math.isfinite(value) else str(value) for name, value in logs.items()}


def run(model, name, filepath, options, epochs, batches):
    record = {"name": name, "filepath": filepath, "options": options, "batches": batches, "epochs": [], "fails": False}
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        callback = keras.callbacks.ModelCheckpoint(filepath, **options)
        callback.set_model(model)
        for epoch, logs in enumerate(epochs):
            caught.clear()
            output = io.StringIO()
            with contextlib.redirect_stdout(output):
                try:
                    callback.on_epoch_begin(epoch)
                    for batch in range(batches):
                        callback.on_train_batch_end(batch, logs)
                    callback.on_epoch_end(epoch, logs)
                except KeyError:
                    record["fails"] = True
            ours = [str(w.message) for w in caught if "best model" in str(w.message)]  # not those about saving .h5
            record["epochs"].append({"logs": plain(logs), "files": files(), "text": output.getvalue(), "warnings": ours})
            if record["fails"]:
                break
    return record


def formatted(spec, value):
    try:
        text = format(value, spec)
    except ValueError:
        text = None
    shown = value if isinstance(value, int) or math.isfinite(value) else str(value)
    if isinstance(value, float) and value == 0 and math.copysign(1, value) < 0:
        shown = "-0.0"
    return {"format": spec, "is_integer": isinstance(value, int), "value": shown, "text": text}


def make():
    model = small_model()
    write_json("checkpoints", {
        "runs": [run(model, *each) for each in RUNS],
        "formats": [formatted(spec, value) for spec in FORMATS for value in INTEGERS + NUMBERS],
        "paths": [{"path": p, "text": p.format(epoch=3, batch=12, loss=0.125)}
                  for p in ("{epoch}", "{{{epoch}}}", "a{{b}}c", "{epoch:>4}_{batch:*<5}_{loss:.2f}", "}}{{", "{loss}")],
    })
