"""progress.json: what fit, evaluate and predict print, and the progress bar by itself under a clock of our own."""

import contextlib
import io
import re

import keras
from keras import Input, Sequential, layers
from keras.src.utils import progbar

from common import normal, number, seed_keras, tensor, write_json

TICK = 0.03
ESCAPES = re.compile("\x1b\\[[0-9;]*m")
TIMES = re.compile("(\\d+:\\d\\d:\\d\\d|\\d+:\\d\\d|\\d+s)((?:\x1b\\[0m)?)( -)? (\\d+)(s|ms|us)/step")


class Clock:
    """Stands in for the time module: each look at it is TICK later, or exactly at `now` where that is set."""

    def __init__(self):
        self.now, self.fixed = 1000.0, None

    def time(self):
        if self.fixed is not None:
            return self.fixed
        self.now += TICK
        return round(self.now, 6)


@contextlib.contextmanager
def clocked(terminal):
    """Replaces the progress bar's clock and catches its output."""
    clock, out, real = Clock(), io.StringIO(), progbar.time
    progbar.time = clock
    make = progbar.Progbar.__init__

    def init(self, *args, **kwargs):
        make(self, *args, **kwargs)
        self._dynamic_display = terminal

    progbar.Progbar.__init__ = init
    try:
        with contextlib.redirect_stdout(out):
            yield clock, out
    finally:
        progbar.time, progbar.Progbar.__init__ = real, make


def without_times(text):
    """Elapsed time and time per step replaced by {elapsed} and {step}."""
    return TIMES.sub(lambda m: "{elapsed}" + m.group(2) + (m.group(3) or "") + " {step}/step", text)


def on_screen(text):
    """The lines that remain on a terminal: what follows the last carriage return, without colours."""
    lines = ESCAPES.sub("", text).replace("\b", "").split("\n")
    return [line.split("\r")[-1].rstrip(" ") for line in lines if line]


class InOrder(keras.callbacks.Callback):
    """Makes Keras call all callbacks at once instead of on another thread."""

    def on_train_batch_end(self, batch, logs=None):
        pass

    on_test_batch_end = on_predict_batch_end = on_train_batch_end


def model(metrics=("mae",)):
    seed_keras("progress")
    result = Sequential([Input((3,)), layers.Dense(2, activation="tanh"), layers.Dense(1)])
    result.set_weights([normal(f"progress/{i}", w.shape, 0.5) for i, w in enumerate(result.get_weights())])
    result.compile(optimizer="sgd", loss="mse", metrics=list(metrics))
    return result


def data(rows):
    return normal(f"progress/x/{rows}", (rows, 3)), normal(f"progress/y/{rows}", (rows, 1))


def calls():
    """(name, method, metrics, rows, keyword arguments)"""
    validation = {"validation_data": data(4)}
    yield "fit_two_epochs", "fit", ("mae",), 10, {"epochs": 2, "batch_size": 4}
    yield "fit_one_epoch", "fit", ("mae",), 10, {"epochs": 1, "batch_size": 4}
    yield "fit_validation", "fit", ("mae", "mse"), 10, {"epochs": 2, "batch_size": 4, **validation}
    yield "fit_no_metrics", "fit", (), 10, {"epochs": 1, "batch_size": 4}
    yield "fit_twelve_steps", "fit", ("mae",), 24, {"epochs": 1, "batch_size": 2}
    yield "fit_one_step", "fit", ("mae",), 10, {"epochs": 2, "batch_size": 10}
    yield "fit_initial_epoch", "fit", ("mae",), 10, {"epochs": 3, "initial_epoch": 2, "batch_size": 4}
    yield "fit_validation_freq", "fit", ("mae",), 10, {"epochs": 2, "batch_size": 4, "validation_freq": 2, **validation}
    yield "evaluate", "evaluate", ("mae",), 10, {"batch_size": 4}
    yield "evaluate_no_metrics", "evaluate", (), 10, {"batch_size": 4}
    yield "predict", "predict", ("mae",), 10, {"batch_size": 4}


def run_entry(name, method, metrics, rows, kwargs, verbose, terminal):
    network = model(metrics)
    x, y = data(rows)
    arguments = (x,) if method == "predict" else (x, y)
    shuffle = {"shuffle": False} if method == "fit" else {}
    with clocked(terminal) as (_, out):
        getattr(network, method)(*arguments, verbose=verbose, callbacks=[InOrder()], **shuffle, **kwargs)
    batch = kwargs["batch_size"]
    plain_kwargs = {k: v for k, v in kwargs.items() if k != "validation_data"}
    return {
        "name": f"{name}/verbose{verbose}" + ("" if terminal else "/log"),
        "call": method,
        "verbose": verbose,
        "terminal": terminal,
        "metrics": list(metrics),
        "arguments": {**plain_kwargs, "has_validation": "validation_data" in kwargs},
        "steps": -(-rows // batch),
        "text": out.getvalue(),
        "text_without_times": without_times(out.getvalue()),
        "screen": on_screen(without_times(out.getvalue())),
    }


def bar_entry(name, target, updates, **options):
    """One Progbar; updates are (seconds since its making, current, values, finalize)."""
    terminal = options.pop("terminal", True)
    with clocked(terminal) as (clock, out):
        clock.fixed = 1000.0
        bar = progbar.Progbar(target=target, **options)
        texts = []
        for seconds, current, values, finalize in updates:
            clock.fixed = 1000.0 + seconds
            out.truncate(0)
            out.seek(0)
            bar.update(current, values, finalize=finalize)
            texts.append(out.getvalue())
    plain_options = {k: sorted(v) if isinstance(v, (set, list)) else v for k, v in options.items()}
    entries = [
        {"seconds": s, "current": c, "values": [list(v) for v in values], "finalize": f, "text": text}
        for (s, c, values, f), text in zip(updates, texts)
    ]
    return {"name": name, "target": target, "terminal": terminal, "options": plain_options, "updates": entries}


def bars():
    as_is = {"stateless_metrics": set()}
    loss = [("loss", 0.5)]
    steps = [(0.25 * i, i, [("loss", 1.0 / i)], False) for i in range(1, 6)] + [(1.5, 5, [("loss", 0.2)], True)]
    yield bar_entry("five_steps", 5, steps, **as_is)
    yield bar_entry("five_steps_log", 5, steps, terminal=False, **as_is)
    yield bar_entry("five_steps_verbose2", 5, steps, verbose=2, **as_is)
    yield bar_entry("averaged", 5, steps)
    quick = [(0.01 * i, i, loss, False) for i in range(1, 13)] + [(0.13, 12, loss, True)]
    yield bar_entry("interval", 12, quick, **as_is)
    yield bar_entry("unknown_target", None, [(0.1, 1, loss, False), (0.2, 2, loss, False), (0.3, 2, loss, True)], **as_is)
    shrinking = [(0.1, 1, [("a", 123456.0)], False), (0.2, 2, [("a", 1.0)], False), (0.3, 3, [("a", 1.0)], True)]
    yield bar_entry("shorter_line", 3, shrinking, **as_is)
    yield bar_entry("wide", 4, [(0.1, 1, loss, False), (0.2, 4, loss, True)], width=30, **as_is)
    yield bar_entry("samples", 4, [(0.1, 1, loss, False), (0.2, 4, loss, True)], unit_name="sample", **as_is)
    for seconds, total in ((0.5, 3), (40.0, 3), (90.0, 100), (70.0, 1000), (2000.0, 10), (0.0001, 5), (59.6, 2)):
        slow = [(seconds, 1, loss, False), (seconds * 2, 2, loss, False), (seconds * 3, total, loss, True)]
        yield bar_entry(f"eta_{seconds}_of_{total}", total, slow, **as_is)
        yield bar_entry(f"eta_{seconds}_of_{total}_verbose2", total, slow, verbose=2, **as_is)
    for current in (0, 1, 2, 37, 99, 100, 1718, 1719):
        yield bar_entry(f"at_{current}_of_1719", 1719, [(1.0, current, [], False)], **as_is)


NUMBERS = (
    0.0, 1.0, 0.5, 0.00101, 0.001, 0.0009999, 1e-3, 1.00001e-3, 1e-7, 123456.789, 1e10, -0.5, -0.0001, -5.0, 0.99995, 0.99994,
    1e-45, 0.12345, 0.12355, 2.5e-5,
)  # fmt: skip
SPECIAL = (float("nan"), float("inf"), float("-inf"))


def number_entries():
    """[value, verbose, text] of a metric's value in the line."""
    for verbose in (1, 2):
        for value in NUMBERS + SPECIAL:
            entry = bar_entry("", 1, [(1.0, 1, [("v", value)], True)], verbose=verbose, stateless_metrics=set())
            text = ESCAPES.sub("", entry["updates"][0]["text"])
            yield [number(value), verbose, text.split(" - v: ")[1].strip()]


def time_entries():
    """[seconds, text] of the time per step."""
    bar = progbar.Progbar(target=1)
    for seconds in (0.0, 1e-7, 4.4e-6, 0.0004567, 0.0009994, 0.0009996, 0.001, 0.0154, 0.9994, 0.9996, 1.0, 1.4, 1.5, 2.5, 61.0, 3700.0):
        yield [seconds, bar._format_time(seconds, "step")]


def make():
    runs = [run_entry(*call, verbose, True) for call in calls() for verbose in (1, 2)]
    runs.append(run_entry(*next(calls()), 1, False))
    runs.append(run_entry(*next(calls()), "auto", True))
    runs.append(run_entry(*next(calls()), 0, True))
    bar_list = [
        {**b, "updates": [{**u, "values": [[k, number(v)] for k, v in u["values"]]} for u in b["updates"]]} for b in bars()
    ]
    write_json(
        "progress",
        {
            "tick": TICK,
            "placeholders": {"{elapsed}": "time left (before the last step) or elapsed", "{step}": "time per step with its unit"},
            "weights": [tensor(w) for w in model().get_weights()],
            "data": {str(rows): {k: tensor(v) for k, v in zip("xy", data(rows))} for rows in (4, 10, 24)},
            "runs": runs,
            "bars": bar_list,
            "format_number": list(number_entries()),
            "format_time": list(time_entries()),
        },
    )
