"""plateaus.json: fits with ReduceLROnPlateau, whose figure is given: rates of the epochs, and what is printed."""

import contextlib
import io
import warnings

import keras
from keras.callbacks import ReduceLROnPlateau

from common import measured, normal, plain, seed_keras, tensor, write_json

FLAT = [5.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0]
WAVES = [1.0, 0.9, 0.95, 0.93, 0.8, 0.85, 0.81, 0.82, 0.7, 0.7]
SLOW = [1.0, 0.99995, 0.9999, 0.99985, 0.9998, 0.99975]

# name, rate, options, figure of each epoch
RUNS = [
    ("default", 0.01, {"mode": "min"}, [1.0] * 14),
    ("patience", 0.01, {"mode": "min", "patience": 2}, FLAT),
    ("no_patience", 0.01, {"mode": "min", "patience": 0}, FLAT),
    ("factor", 0.1, {"mode": "min", "patience": 1, "factor": 0.5}, FLAT),
    ("max", 0.1, {"mode": "max", "patience": 1, "factor": 0.5}, WAVES),
    ("waves", 0.1, {"mode": "min", "patience": 2, "factor": 0.3}, WAVES),
    ("cooldown", 0.1, {"mode": "min", "patience": 1, "factor": 0.5, "cooldown": 2}, FLAT),
    ("cooldown_waves", 0.1, {"mode": "min", "patience": 1, "factor": 0.5, "cooldown": 1}, WAVES),
    ("min_delta", 0.1, {"mode": "min", "patience": 2, "factor": 0.5}, SLOW),
    ("no_min_delta", 0.1, {"mode": "min", "patience": 2, "factor": 0.5, "min_delta": 0.0}, SLOW),
    ("negative_min_delta", 0.1, {"mode": "max", "patience": 1, "factor": 0.5, "min_delta": -0.1}, WAVES),
    ("min_lr", 0.01, {"mode": "min", "patience": 1, "factor": 0.3, "min_lr": 0.002}, FLAT),
    ("min_lr_begins_there", 0.01, {"mode": "min", "patience": 1, "min_lr": 0.01}, FLAT),
    ("small_rates", 1e-4, {"mode": "min", "patience": 1}, FLAT),
    ("not_there", 0.01, {"monitor": "val_mae", "mode": "min"}, [1.0, 1.0]),
]


class Course(keras.callbacks.Callback):
    """Sets the figure in the logs."""

    def __init__(self, values):
        super().__init__()
        self.values = values

    def on_epoch_end(self, epoch, logs=None):
        logs["figure"] = self.values[epoch]


def encode(name, rate, options, values):
    seed_keras(name)
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(rate), "mse")
    plateau = ReduceLROnPlateau(**{"monitor": "figure", "verbose": 1, **options})
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        history = model.fit(
            normal("x", (4, 6)), normal("y", (4, 1)), epochs=len(values), verbose=0, callbacks=[Course(values), plateau]
        )
    return {
        "name": name,
        "rate": rate,
        "options": plain({"monitor": "figure", "verbose": 1, **options}),
        "values": values,
        "rates": [measured(v) for v in history.history["learning_rate"]],
        "last_rate": measured(float(model.optimizer.learning_rate.numpy())),
        "wait": plateau.wait,
        "in_cooldown": plateau.in_cooldown(),
        "best": plateau.best,
        "printed": printed.getvalue(),
        "warnings": [str(w.message) for w in caught if w.category is UserWarning],
    }


def progress_lines():
    """The progress bar shows the rate behind the figures."""
    seed_keras("progress")
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(1, kernel_initializer="zeros")])
    model.compile(keras.optimizers.SGD(0.0), "mse")
    printed = io.StringIO()
    x = tensor(normal("x", (4, 6))), tensor(normal("y", (4, 1)))
    with contextlib.redirect_stdout(printed):
        model.fit(normal("x", (4, 6)), normal("y", (4, 1)), verbose=2, callbacks=[ReduceLROnPlateau(monitor="loss")])
    return {"x": x[0], "y": x[1], "figures": printed.getvalue().split("/step - ")[1]}


def refused():
    try:
        ReduceLROnPlateau(factor=1.0)
    except ValueError as error:
        return str(error)


def make():
    write_json("plateaus", {"runs": [encode(*run) for run in RUNS], "progress": progress_lines(), "factor_error": refused()})
