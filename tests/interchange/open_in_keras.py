"""Opens in real Keras what write_for_keras wrote, and compares outputs, optimizer variables and one further epoch.

python open_in_keras.py FOLDER    (KERAS_BACKEND jax or tensorflow; the packages of ../golden/requirements.txt)
"""

import concurrent.futures
import functools
import json
import multiprocessing
import os
import pathlib
import sys
import tempfile
import traceback

import absl.logging
import keras
import numpy as np

RTOL, ATOL = 1e-5, 1e-6
ATOL_TRAINED = 1e-5  # after training: sums of terms of size 1, as in the tests of training
MIXED = 2e-2  # bfloat16 has eight bits, and where a chain of ops rounds is each back end's choice

# Models of which Keras on JAX has no float64, forgets the states in fit(), cannot call the op.
NEED_TENSORFLOW = ("tf_float64", "tf_lstm_stateful", "tf_repeat_counts")

# Keras's advice at every compiled model it loads and every .h5 it writes would hide the differences.
absl.logging.set_verbosity(absl.logging.ERROR)


class Difference(Exception):
    pass


def compare(what, found, expected, atol=ATOL, rtol=RTOL):
    found, expected = np.asarray(found, "float64"), np.asarray(expected, "float64")
    if found.shape != expected.shape:
        raise Difference(f"{what}: Keras has shape {found.shape}, Kerata wrote {expected.shape}")
    if not np.allclose(found, expected, rtol, atol, equal_nan=True):
        worst = np.unravel_index(np.argmax(np.abs(found - expected)), found.shape)
        raise Difference(f"{what}: Keras {found[worst]}, Kerata {expected[worst]} at {worst}")


class Written:
    """One model of index.json."""

    def __init__(self, folder, entry):
        self.folder, self.entry = folder, entry
        self.left_out = []  # keys of the history that this back end computes in another way
        with np.load(folder / f"{entry['name']}.npz") as arrays:
            self.arrays = dict(arrays)

    def compare(self, what, found, expected, atol=ATOL):
        mixed = self.entry["name"].startswith("mixed_")
        compare(what, found, expected, MIXED if mixed and atol else atol, MIXED if mixed else RTOL)

    def file(self, form):
        return self.folder / self.entry[form]

    def data(self, key):
        names = self.entry[key]
        if names is None:
            return None
        if isinstance(names, dict):
            return {k: self.arrays[v] for k, v in names.items()}
        values = [self.arrays[n] for n in names]
        return values if len(values) > 1 else values[0]

    def numbered(self, prefix):
        values = []
        while f"{prefix}{len(values)}" in self.arrays:
            values.append(self.arrays[f"{prefix}{len(values)}"])
        return values

    def batch(self):
        return {"batch_size": self.entry["batch_size"], "verbose": 0}

    def check_outputs(self, model, suffix=""):
        # Kerata's order is that of the model's own outputs; Keras flattens a map by its sorted names.
        outputs = model.predict(self.data("x"), **self.batch())
        if isinstance(outputs, dict):
            outputs = [outputs[k] for k in keras_order(model, outputs)]
        outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
        expected = self.numbered(f"out{suffix}")
        if len(outputs) != len(expected):
            raise Difference(f"{len(outputs)} outputs in Keras, {len(expected)} in Kerata")
        for i, (found, value) in enumerate(zip(outputs, expected)):
            self.compare(f"output {i}{suffix}", found, value, ATOL_TRAINED if suffix else ATOL)

    def check_optimizer(self, model, suffix=""):
        found, expected = model.optimizer.variables, self.numbered(f"optimizer{suffix}")
        if len(found) != len(expected):
            raise Difference(f"{len(found)} optimizer variables in Keras, {len(expected)} in Kerata")
        for variable, value in zip(found, expected):
            self.compare(f"optimizer variable {variable.path}{suffix}", variable.numpy(), value, ATOL_TRAINED if suffix else 0)

    def check_epoch(self, model):
        history = model.fit(self.data("x"), self.data("y"), sample_weight=self.data("sample_weight"), shuffle=False, **self.batch()).history
        expected = self.entry["history"]
        if squares_sparse_gradients(model):
            self.left_out.append("a further epoch")
            return
        if sorted(history) != sorted(expected):
            raise Difference(f"History has {sorted(history)} in Keras, {sorted(expected)} in Kerata")
        for key, values in history.items():
            if differs_by_backend(model, key):
                self.left_out.append(key)
            else:
                self.compare(f"history of {key}", values[0], expected[key])
        # In this order: on JAX, predict() frees the arrays of averaged weights.
        self.check_optimizer(model, "_after")
        self.check_outputs(model, "_after")


def differs_by_backend(model, key):
    """Where Keras's back ends disagree, Kerata does as one of them. TensorFlow's compiled step takes the plain mean over batches for
    the losses of single outputs; Kerata weights by batch size, as JAX. JAX's step hands metrics the predictions without the mask they
    carry (the loss sees it); Kerata's metrics see it, as on TensorFlow."""
    if keras.backend.backend() == "tensorflow":
        return key.endswith("_loss")
    masked = any(getattr(output, "_keras_mask", None) is not None for output in model.outputs or [])
    return masked and not key.endswith("loss")


def squares_sparse_gradients(model):
    """On TensorFlow the gradient of an Embedding is a list of rows. Keras squares each entry of the list for itself, so a row that
    stands twice gives a^2 + b^2 in place of (a + b)^2; plain descent, which squares nothing, agrees on all back ends."""
    sparse = any(isinstance(layer, keras.layers.Embedding) for layer in model._flatten_layers())
    return keras.backend.backend() == "tensorflow" and sparse and not isinstance(model.optimizer, keras.optimizers.SGD)


def keras_order(model, outputs):
    """The names of a map of outputs in the order of the model's config."""
    return list(model.output) if isinstance(model.output, dict) else sorted(outputs)


def check_keras(written):
    model = keras.models.load_model(written.file("keras"))
    written.check_outputs(model)
    if written.entry["compiled"]:
        written.check_optimizer(model)
    if "history" in written.entry:
        written.check_epoch(model)


def check_legacy(written):
    """Keras reads no slots from these files, so only what they compute. True when Keras cannot read its own file of this model either."""
    try:
        model = keras.models.load_model(written.file("h5"))
    except Exception:
        if keras_reads_its_own(written):
            raise
        return True
    written.check_outputs(model)
    return False


def keras_reads_its_own(written):
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/own.h5"
        try:
            keras.models.load_model(written.file("keras")).save(path)
            keras.models.load_model(path)
        except Exception:
            return False
    return True


def check_weights_and_json(written):
    for form in ("weights", "shards"):
        model = keras.models.model_from_json(written.file("json").read_text())
        for weight in model.weights:
            weight.assign(np.full(weight.shape, 3.0))
        model.load_weights(written.file(form))
        written.check_outputs(model)


class Report:
    def __init__(self):
        self.counts = {"keras": 0, "h5": 0, "weights": 0}
        self.failures, self.neither, self.left_out = [], [], []

    def add(self, other):
        for form, count in other.counts.items():
            self.counts[form] += count
        self.failures += other.failures
        self.neither += other.neither
        self.left_out += other.left_out


def check(folder, entry):
    written, report = Written(folder, entry), Report()
    for form, check_form in (("keras", check_keras), ("h5", check_legacy), ("weights", check_weights_and_json)):
        if form not in entry:
            continue
        try:
            if check_form(written):
                report.neither.append(entry["name"])
            report.counts[form] += 1
        except Exception as error:
            report.failures.append(f"{entry['name']} ({form}): {type(error).__name__}: {str(error)[:500]}")
            if not isinstance(error, Difference):
                traceback.print_exc(limit=-2)
        keras.backend.clear_session()
    report.left_out += [f"{key} of {entry['name']}" for key in written.left_out]
    return report


def check_all(folder, entries, report):
    """In processes of their own, which take the back end from the environment: JAX compiles each model on one core."""
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn")) as pool:
        for one in pool.map(functools.partial(check, folder), entries):
            report.add(one)


def main():
    folder = pathlib.Path(sys.argv[1])
    entries, report = json.loads((folder / "index.json").read_text()), Report()
    special = [entry for entry in entries if entry["name"].startswith(NEED_TENSORFLOW)]
    check_all(folder, [entry for entry in entries if entry not in special], report)
    os.environ["KERAS_BACKEND"] = "tensorflow"
    check_all(folder, special, report)
    for failure in report.failures:
        print("FAILED", failure)
    counts = report.counts
    print(
        f"Keras {keras.__version__} on {keras.backend.backend()} opened {counts['keras']} .keras files, {counts['h5']} .h5 files, {counts['weights']} .weights.h5 and sets of shards with JSON"
    )
    if report.left_out:
        print(f"not compared, since Keras's back ends differ: {', '.join(report.left_out)}")
    if report.neither:
        print(f"of the .h5 files Keras cannot read its own either: {', '.join(report.neither)}")
    sys.exit(1 if report.failures else 0)


if __name__ == "__main__":
    main()
