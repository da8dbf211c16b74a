"""training_*.json and .npz: whole training runs."""

import inspect

import keras
from keras.src.initializers.random_initializers import compute_fans

from common import Arrays, dtype_name, measured, normal, plain, seed_keras, serialized, write_json
from training_runs import BATCH, FILES, ROWS, VALIDATION_ROWS


def make_data(maker, rows):
    """Arrays of so many rows, nested as the run asks."""
    if isinstance(maker, dict):
        return {k: make_data(m, rows) for k, m in maker.items()}
    if isinstance(maker, list):
        return [make_data(m, rows) for m in maker]
    return None if maker is None else maker(rows)


def set_initial_weights(model, name):
    """Weights that depend on nothing but the run: random kernels, and noise on what begins as zeros and ones."""
    for variable in model.weights:
        value = variable.numpy()
        if "moving" in variable.path or variable.path.split("/")[-1] in ("mean", "variance", "count"):
            continue
        if len(value.shape) > 1:
            fan_in, fan_out = compute_fans(value.shape)
            variable.assign(normal(f"{name}/{variable.path}", value.shape, (2 / (fan_in + fan_out)) ** 0.5))
        else:
            variable.assign(value + normal(f"{name}/{variable.path}", value.shape, 0.1))


def plain_argument(value):
    """A compile or fit argument as JSON."""
    if isinstance(value, dict):
        return {str(k): plain_argument(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain_argument(v) for v in value]
    return serialized(value) if hasattr(value, "get_config") else plain(value)


def weight_refs(model, prefix, arrays):
    refs = []
    for i, v in enumerate(model.weights):
        refs.append({**arrays.ref(f"{prefix}{i}", v.numpy()), "path": v.path, "trainable": v.trainable})
    return refs


class BatchLogs(keras.callbacks.Callback):
    """Keeps what the first epoch reports after each batch."""

    def __init__(self):
        super().__init__()
        self.logs, self.epoch, self.order = [], 0, []

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch += 1

    def on_train_batch_end(self, batch, logs=None):
        if self.epoch == 1:
            self.logs.append({k: measured(v) for k, v in logs.items()})

    def on_epoch_end(self, epoch, logs=None):
        self.order = list(logs)


def early_stopping_results(callbacks):
    """What an EarlyStopping callback knows after fit."""
    stop = [c for c in callbacks or [] if isinstance(c, keras.callbacks.EarlyStopping)]
    if not stop:
        return {}
    options = {p: getattr(stop[0], p) for p in ("monitor", "patience", "baseline", "start_from_epoch", "restore_best_weights")}
    options["min_delta"] = abs(float(stop[0].min_delta))
    found = {"stopped_epoch": stop[0].stopped_epoch, "best_epoch": stop[0].best_epoch, "best": measured(stop[0].best)}
    return {"early_stopping": {"options": options, **found}}


def fit(model, run, data, validation):
    """Runs fit; returns the History, the batch logs and the arguments as JSON."""
    arguments = {"batch_size": BATCH, "epochs": 3, "shuffle": False, **run.fit}
    if validation and "validation_batch_size" not in arguments:
        arguments["validation_batch_size"] = 4
    x, y, weights = data
    logs = BatchLogs()
    history = model.fit(
        x,
        y,
        sample_weight=weights,
        validation_data=tuple(v for v in validation if v is not None) if validation else None,
        callbacks=[*(run.callbacks or []), logs],
        verbose=0,
        **arguments,
    )
    return history, logs, plain(arguments)


def evaluate(model, validation):
    """The results of evaluate as a list with names and as a map."""
    x, y, weights = validation
    arguments = {"sample_weight": weights, "batch_size": 4, "verbose": 0}
    by_name = model.evaluate(x, y, return_dict=True, **arguments)
    values = model.evaluate(x, y, **arguments)
    names = model._flatten_metrics_in_order({k: k for k in by_name})
    is_list = isinstance(values, list)
    values = values if is_list else [values]
    names = names if isinstance(names, list) else [names]
    return {
        "batch_size": 4,
        "is_list": is_list,
        "names": names,
        "values": [measured(v) for v in values],
        "dict": {k: measured(v) for k, v in by_name.items()},
    }


def encode_run(file, run, arrays):
    name = run.name
    seed_keras(f"{file}/{name}")
    model = run.recipe()
    set_initial_weights(model, f"{file}/{name}")
    initial = weight_refs(model, f"{name}/initial", arrays)
    data = [make_data(m, ROWS) for m in (run.x, run.y, run.sample_weight)]
    held_out = [make_data(m, VALIDATION_ROWS) for m in (run.x, run.y, run.sample_weight)]
    config = {"class_name": type(model).__name__, "config": plain(model.get_config())}
    model.compile(**run.compile)
    compiled = {k: plain_argument(v) for k, v in run.compile.items()}
    compiled["optimizer"] = serialized(model.optimizer)
    history, logs, arguments = fit(model, run, data, held_out if run.validation else None)
    parts = ("x", "y", "sample_weight")
    return {
        "name": name,
        "recipe": run.recipe.__name__,
        "source": inspect.getsource(run.recipe),
        "model": config,
        **{k: arrays.nested(f"{name}/{k}", v) for k, v in zip(parts, data)},
        "validation": {k: arrays.nested(f"{name}/validation/{k}", v) for k, v in zip(parts, held_out)},
        "validated_in_fit": run.validation,
        "compile": compiled,
        "fit": arguments,
        **early_stopping_results(run.callbacks),
        "initial_weights": initial,
        "epochs_run": history.epoch,
        "history": {k: [measured(v) for v in values] for k, values in history.history.items()},
        "history_order": logs.order,
        "batch_logs": logs.logs,
        "final_weights": weight_refs(model, f"{name}/final", arrays),
        "optimizer_variables": [
            {**arrays.ref(f"{name}/optimizer{i}", v.numpy()), "path": v.path} for i, v in enumerate(model.optimizer.variables)
        ],
        "predict": arrays.nested(f"{name}/predict", model.predict(held_out[0], batch_size=4, verbose=0)),
        "evaluate": evaluate(model, held_out),
    }


def write_files(files):
    for file, runs in files.items():
        arrays, encoded = Arrays(), []
        keras.backend.clear_session()
        for run in runs():
            encoded.append(encode_run(file, run, arrays))
            keras.backend.clear_session()  # the next run's optimizer is made before its model
        write_json(f"training_{file}", {"runs": encoded}, arrays)


def make():
    write_files(FILES)
