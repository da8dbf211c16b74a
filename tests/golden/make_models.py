"""models.json, models.npz and models.tar.gz: whole models saved by Keras, with what they compute and how they train on."""

import contextlib
import datetime
import gzip
import io
import pathlib
import tarfile
import tempfile
import time
import types
import zipfile
import zlib


import keras
import numpy as np
from keras.src.saving import saving_lib, serialization_lib

import model_graph_cases
import model_layer_cases
import model_training_cases
from common import FOLDER, Arrays, dtype_name, measured, seed_keras, to_numpy, write_json
from make_training import set_initial_weights
from model_case import ROWS, default_compile, make_arrays, targets_like

TRAINED_ON = 2  # further epochs, with whose History a reader compares


class SharedArrays(Arrays):
    """Equal arrays are stored once."""

    def __init__(self):
        super().__init__()
        self.by_content = {}

    def ref(self, name, x):
        array = to_numpy(x)
        key = (array.dtype.str, array.shape, array.tobytes())
        stored = self.by_content.setdefault(key, name)
        if stored == name:
            return super().ref(name, x)
        return {"array": stored, "dtype": dtype_name(x), "shape": list(array.shape)}


@contextlib.contextmanager
def reproducible():
    """Files hold the date of saving, and the addresses of shared objects: here a fixed date, and numbers in order of appearance."""
    seen = []  # holds the objects, so that no other one gets the place of one that is gone

    class Fixed(datetime.datetime):
        @classmethod
        def now(cls, tz=None):
            return cls(2025, 1, 1, tzinfo=tz)

    def number(obj):
        found = next((i for i, other in enumerate(seen) if other is obj), None)
        if found is None:
            found = len(seen)
            seen.append(obj)
        return found + 1

    saving_lib.datetime.datetime, kept = Fixed, datetime.datetime
    serialization_lib.id = number
    zipfile.time = types.SimpleNamespace(time=lambda: 0, localtime=lambda _: (1980, 1, 1, 0, 0, 0))
    try:
        yield
    finally:
        saving_lib.datetime.datetime = kept
        del serialization_lib.id
        zipfile.time = time


def save(model, case, folder):
    """Writes the files of a case; returns their names by format. The .h5 is written by a copy, because saving one changes how Keras saves
    the model later."""
    files, text = {}, {}
    with reproducible():
        files["keras"] = f"{case.name}.keras"
        model.save(folder / files["keras"])
        if "weights" in case.formats:
            files["weights"] = f"{case.name}.weights.h5"
            model.save_weights(folder / files["weights"])
        if "sharded" in case.formats:
            files["sharded"] = f"{case.name}.weights.json"
            model.save_weights(folder / files["sharded"], max_shard_size=2e-6)
        if "json" in case.formats:
            text = {"json": model.to_json()}
        if "h5" in case.formats:
            files["h5"] = f"{case.name}.h5"
            save_h5(model, folder, files)
    return files, text


def save_h5(model, folder, files):
    copy = keras.models.load_model(folder / files["keras"])
    copy.save(folder / files["h5"])


def flat(outputs):
    return keras.tree.flatten(outputs)


def output_of(model):
    """The symbolic outputs, nested as the model gives them; a Sequential may not know its output yet."""
    return model.outputs[0] if isinstance(model, keras.Sequential) else model.output


def predict(model, x, case):
    # Sorted by name, as Keras flattens maps.
    return [np.asarray(o) for o in flat(model.predict(x, batch_size=case.batch_size, verbose=0))]


def train_on(model, data, case, arrays):
    x, y, weights = data
    history = model.fit(x, y, sample_weight=weights, batch_size=case.batch_size, epochs=TRAINED_ON, shuffle=False, verbose=0, **case.fit)
    variables = [{**arrays.ref(f"{case.name}/optimizer{i}", v.numpy()), "path": v.path} for i, v in enumerate(model.optimizer.variables)]
    return {
        "epochs": TRAINED_ON,
        "history": {k: [measured(v) for v in values] for k, values in history.history.items()},
        "optimizer_variables": variables,
        "outputs_after": arrays.refs(f"{case.name}/after", predict(model, x, case)),
        "scores": scores(model, data, case),
    }


def scores(model, data, case):
    """None for outputs by name on TensorFlow: their losses come as the map was written, on JAX in the order of the sorted names."""
    if isinstance(output_of(model), dict) and keras.backend.backend() == "tensorflow":
        return None
    x, y, weights = data
    values = model.evaluate(x, y, sample_weight=weights, batch_size=case.batch_size, verbose=0)
    return [measured(v) for v in (values if isinstance(values, list) else [values])]


def summary_text(model):
    stream = io.StringIO()
    model.summary(print_fn=lambda text, **_: stream.write(text + "\n"), line_length=100)
    return stream.getvalue()


def encode(case, arrays, folder, prefix):
    seed_keras(case.name)
    model = case.model()
    set_initial_weights(model, case.name)
    x = make_arrays(case.x, ROWS)
    y = targets_like(output_of(model), ROWS) if case.y is None else make_arrays(case.y, ROWS)
    weights = make_arrays(case.sample_weight, ROWS)
    compiled = case.compile is not None
    if compiled:
        model.compile(**(case.compile(len(model.outputs)) if case.compile is default_compile else case.compile()))
    if compiled and case.trained:
        model.fit(x, y, sample_weight=weights, batch_size=case.batch_size, epochs=1, shuffle=False, verbose=0, **case.fit)
    files, text = save(model, case, folder)
    shown = {"summary": summary_text(model)} if not prefix and zlib.crc32(case.name.encode()) % 4 == 0 else {}
    result = {
        "name": prefix + case.name,
        "files": {k: prefix + v for k, v in files.items()},
        **text,
        "x": arrays.nested(f"{case.name}/x", x),
        "y": arrays.nested(f"{case.name}/y", y),
        "sample_weight": arrays.nested(f"{case.name}/w", weights),
        "count_params": model.count_params(),
        "weights": [
            {**arrays.ref(f"{case.name}/weight{i}", v.numpy()), "path": v.path, "trainable": v.trainable}
            for i, v in enumerate(model.weights)
        ],
        "outputs": arrays.refs(f"{case.name}/out", predict(fresh(model, case, folder / files["keras"]), x, case)),
        "output_names": sorted(output_of(model)) if isinstance(output_of(model), dict) else None,
        "batch_size": case.batch_size,
        "compiled": compiled,
        **shown,
    }
    if compiled and not case.random:
        # On JAX a second fit() with averaged weights fails in Keras; a model loaded from the file trains on equally. One with
        # states begins without them when it is loaded.
        loads = model.optimizer.use_ema or is_stateful(case)
        trained_on = keras.models.load_model(folder / files["keras"]) if loads else model
        result["fit"] = train_on(trained_on, (x, y, weights), case, arrays)
    return result


def is_stateful(case):
    return "stateful" in case.name


def fresh(model, case, path):
    """A stateful model begins at its first state when loaded."""
    return keras.models.load_model(path) if is_stateful(case) else model


def jax_cases():
    yield from model_layer_cases.all_cases()
    yield from model_layer_cases.channels_first_cases()
    yield from model_training_cases.all_cases()
    yield from model_graph_cases.all_cases()
    yield from model_graph_cases.random_cases(range(20))


def write_archive(path, folder, prefix):
    """All files of the folder; the same files give the same bytes."""
    with open(path, "wb") as file, gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=9, mtime=0) as packed:
        with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
            for each in sorted(folder.iterdir()):
                info, content = tarfile.TarInfo(prefix + each.name), each.read_bytes()
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))


def write_models(stem, cases, prefix="", encode=encode):
    arrays, encoded = SharedArrays(), []
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        for case in cases:
            try:
                encoded.append(encode(case, arrays, folder, prefix))
            except Exception as error:
                raise RuntimeError(f"model {case.name}") from error
            keras.backend.clear_session()
        write_archive(FOLDER / f"{stem}.tar.gz", folder, prefix)
    write_json(stem, {"models": encoded}, arrays)


def make():
    write_models("models", jax_cases())
