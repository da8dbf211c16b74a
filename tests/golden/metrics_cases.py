"""The metric part of losses_metrics.json, and which names stand for which losses and metrics."""

import jax.numpy as jnp
import keras
import numpy as np
from keras import KerasTensor, losses, metrics
from keras.src import backend
from keras.src.losses import ALL_OBJECTS_DICT as LOSS_NAMES
from keras.src.metrics import ALL_OBJECTS_DICT as METRIC_NAMES
from keras.src.trainers import compile_utils

from common import normal, number, plain, seed_keras, serialized, tensor
from losses_cases import bits, chances, f32, ids, one_hot, probabilities, uniform


def update(*args, weights=None, mask=None):
    return {"args": args, "sample_weight": weights, "mask": mask}


def metric_cases():
    """(name, constructor, list of updates)"""
    wanted, found = normal("t", (5, 3)), normal("p", (5, 3))
    more, still_more = normal("t2", (2, 3)), normal("p2", (2, 3))
    for kind in ("MeanSquaredError", "MeanAbsoluteError", "RootMeanSquaredError"):
        make = getattr(metrics, kind)
        yield kind, "plain", make, [update(wanted, found), update(more, still_more)]
        yield kind, "weights", make, [update(wanted, found, weights=uniform("w", 5)), update(more, still_more)]
        yield kind, "weights_column", make, [update(wanted, found, weights=uniform("w", 5, 1))]
        yield kind, "rank1", make, [update(wanted[:, 0], found[:, 0]), update(more[:, 0], still_more[:, :1])]
        yield kind, "int_labels", make, [update(ids("i", 5, 1), normal("p", (5, 1)))]
        steps = [normal("t3", (2, 4, 3)), normal("p3", (2, 4, 3))]
        mask = np.array([[1, 1, 1, 0], [0, 0, 0, 0]], "bool")
        yield kind, "rank3", make, [update(*steps)]
        yield kind, "mask", make, [update(*steps, mask=mask), update(*steps)]
        yield kind, "weights_and_mask", make, [update(*steps, weights=uniform("w3", 2, 4), mask=mask)]
        yield kind, "weights_per_step", make, [update(*steps, weights=uniform("w3", 2, 4))]
        yield kind, "mask_all_false", make, [update(*steps, mask=np.zeros((2, 4), "bool"))]
        yield kind, "no_updates", make, []
    values = normal("mean", (5,))
    yield "Mean", "plain", metrics.Mean, [update(values), update(values[:2])]
    yield "Mean", "weights", metrics.Mean, [update(values, weights=uniform("w", 5)), update(f32(3.0))]
    yield "Mean", "matrix", metrics.Mean, [update(normal("mean", (4, 3)))]
    yield "Mean", "matrix_weights", metrics.Mean, [update(normal("mean", (4, 3)), weights=uniform("w", 4))]
    yield "Mean", "zero_weights", metrics.Mean, [update(values, weights=np.zeros(5, "float32"))]
    yield "Mean", "no_updates", metrics.Mean, []
    yield from accuracy_cases()


def accuracy_cases():
    yield "Accuracy", "plain", metrics.Accuracy, [update(ids("a", 6), ids("b", 6)), update(ids("a", 3), ids("c", 3))]
    yield "Accuracy", "weights", metrics.Accuracy, [update(ids("a", 6), ids("b", 6), weights=uniform("w", 6))]
    yield "Accuracy", "column", metrics.Accuracy, [update(ids("a", 6, 1), ids("b", 6, 1))]
    labels, chance = bits("bits", 6, 1), chances("ch", 6, 1)
    binary = metrics.BinaryAccuracy
    yield "BinaryAccuracy", "plain", binary, [update(labels, chance), update(labels[:2], chance[3:5])]
    yield "BinaryAccuracy", "threshold", lambda: binary(threshold=0.3), [update(labels, chance)]
    yield "BinaryAccuracy", "at_threshold", binary, [update(f32([[1], [0]]), f32([[0.5], [0.5]]))]
    yield "BinaryAccuracy", "weights", binary, [update(labels, chance, weights=uniform("w", 6))]
    yield "BinaryAccuracy", "several_columns", binary, [update(bits("bb", 4, 3), chances("cc", 4, 3), weights=uniform("w", 4))]
    yield "BinaryAccuracy", "labels_rank1", binary, [update(labels[:, 0], chance)]
    mask = np.array([[1, 1, 0], [0, 0, 0]], "bool")
    yield "BinaryAccuracy", "mask", binary, [update(bits("b3", 2, 3, 1), chances("c3", 2, 3, 1), mask=mask)]
    q, q3 = probabilities("q", 6, 4), probabilities("q3", 2, 3, 4)
    ties = f32([[0.3, 0.3, 0.2, 0.2], [0.1, 0.1, 0.4, 0.4]])
    for kind, make_labels, tie_labels in (
        ("CategoricalAccuracy", one_hot, np.eye(4, dtype="float32")[[1, 2]]),
        ("SparseCategoricalAccuracy", ids, np.array([1, 2], "int32")),
    ):
        make = getattr(metrics, kind)
        yield kind, "plain", make, [update(make_labels("o", 6), q), update(make_labels("oo", 2), q[:2])]
        yield kind, "weights", make, [update(make_labels("o", 6), q, weights=uniform("w", 6))]
        yield kind, "rank3", make, [update(make_labels("o3", 2, 3), q3)]
        yield kind, "weights_per_step", make, [update(make_labels("o3", 2, 3), q3, weights=uniform("w3", 2, 3))]
        yield kind, "mask", make, [update(make_labels("o3", 2, 3), q3, mask=mask), update(make_labels("o3", 2, 3), q3)]
        yield kind, "ties", make, [update(tie_labels, ties)]
    column = ids("o", 6)[:, None]
    yield "SparseCategoricalAccuracy", "column", metrics.SparseCategoricalAccuracy, [update(column, q)]
    yield "SparseCategoricalAccuracy", "float_labels", metrics.SparseCategoricalAccuracy, [update(column.astype("float32"), q)]


def wrapper(name):
    return lambda: metrics.MeanMetricWrapper(getattr(losses, name), name="wrapped")


def as_json(value):
    return None if value is None else tensor(value)


def metric_entry(kind, label, make, updates):
    seed_keras(label)
    metric = make()
    results = []
    for u in updates:
        args = [jnp.asarray(a) for a in u["args"]]
        if u["mask"] is not None:
            backend.set_keras_mask(args[-1], jnp.asarray(u["mask"]))
        kwargs = {} if u["sample_weight"] is None else {"sample_weight": jnp.asarray(u["sample_weight"])}
        metric.update_state(*args, **kwargs)
        results.append(number(metric.result(), "float32"))
    return {
        "name": f"{kind}/{label}",
        "class": kind,
        "config": plain(metric.get_config()),
        "metric_name": metric.name,
        "updates": [
            {"args": [tensor(a) for a in u["args"]], "sample_weight": as_json(u["sample_weight"]), "mask": as_json(u["mask"])}
            for u in updates
        ],
        "results": results or [number(metric.result(), "float32")],
        "variables": [tensor(v.numpy()) for v in metric.variables],
    }


def metric_entries():
    for case in metric_cases():
        yield metric_entry(*case)
    steps = [normal("t3", (2, 4, 3)), normal("p3", (2, 4, 3))]
    for name in ("mean_squared_error", "mean_absolute_error"):
        entry = metric_entry("MeanMetricWrapper", name, wrapper(name), [update(*steps, weights=uniform("w", 2))])
        yield {**entry, "config": {"fn": name, "name": "wrapped"}}


def name_entries():
    """Every string that keras.losses.get and keras.metrics.get know, and the class or function behind it."""

    def table(names):
        return {n: {"name": obj.__name__, "kind": "class" if isinstance(obj, type) else "function"} for n, obj in sorted(names.items())}

    return {"losses": table(LOSS_NAMES), "metrics": table(METRIC_NAMES)}


def resolution_entries():
    """What `accuracy` and `crossentropy` become, by the shapes of labels and predictions."""
    shapes = [
        ((None, 1), (None, 1)), ((None,), (None, 1)), ((None, 3), (None, 3)), ((None, 1), (None, 3)), ((None,), (None, 3)),
        ((None, 5, 1), (None, 5, 1)), ((None, 5, 4), (None, 5, 4)), ((None, 5), (None, 5, 4)), ((None, 5, 1), (None, 5, 4)),
        ((None, 5), (None, 5)), ((None, 2), (None, 1)),
    ]  # fmt: skip
    for y_true, y_pred in shapes:
        tensors = KerasTensor(y_true), KerasTensor(y_pred)
        for word in ("accuracy", "acc", "Accuracy", "crossentropy", "ce", "mse"):
            is_loss = word in ("crossentropy", "ce")
            if is_loss:
                resolved = compile_utils.get_loss(word, *tensors).fn.__name__
                name = compile_utils.get_loss(word, *tensors).name
            else:
                metric = compile_utils.get_metric(word, *tensors)
                resolved, name = metric._fn.__name__ if type(metric) is metrics.MeanMetricWrapper else type(metric).__name__, metric.name
            yield {
                "word": word,
                "is_loss": is_loss,
                "y_true_shape": list(y_true),
                "y_pred_shape": list(y_pred),
                "resolved": resolved,
                "log_name": name,
            }


def compile_arguments():
    """compile() arguments of a model with one output."""
    yield {"loss": "mse"}
    yield {"loss": "mse", "metrics": ["mse"]}
    yield {"loss": "mse", "metrics": ["mse", "mse"]}
    yield {"loss": "mse", "metrics": ["mae", metrics.MeanAbsoluteError(), metrics.MeanAbsoluteError()]}
    yield {"loss": "mse", "metrics": ["MAE", "mean_absolute_error", "MeanAbsoluteError", "RootMeanSquaredError"]}
    yield {"loss": "mse", "metrics": [metrics.mean_squared_error, metrics.MeanSquaredError(name="mine")]}
    yield {"loss": "mse", "metrics": [losses.mean_absolute_error]}
    yield {"loss": losses.MeanSquaredError(name="my_loss"), "metrics": ["mae"]}
    yield {"loss": "mse", "metrics": ["accuracy", "acc"]}
    yield {"loss": "mse", "metrics": ["mae"], "weighted_metrics": ["mae"]}
    yield {"loss": "mse", "weighted_metrics": ["mae"]}
    yield {"loss": "mse", "metrics": {"out": ["mae", "mse"]}}
    yield {"loss": ["mse"], "metrics": [["mae", "mse"]]}
    yield {"loss": {"out": "mse"}, "metrics": ["mae"]}
    yield {"loss": "mse", "loss_weights": 0.5}
    yield {"loss": "binary_crossentropy", "metrics": ["accuracy", "BinaryAccuracy"]}


def compile_json(value):
    if isinstance(value, dict):
        return {k: compile_json(v) for k, v in value.items()}
    if isinstance(value, list):
        return [compile_json(v) for v in value]
    return serialized(value) if hasattr(value, "get_config") else plain(value)


def compile_name_entries():
    """The names that evaluate reports, in the order of its map and of its list."""
    for i, arguments in enumerate(compile_arguments()):
        seed_keras(f"compile/{i}")
        inputs = keras.Input((3,))
        model = keras.Model(inputs, keras.layers.Dense(1, name="out", activation="sigmoid")(inputs))
        model.compile(optimizer="sgd", **arguments)
        found = model.evaluate(normal("x", (4, 3)), bits("y", 4, 1), verbose=0, return_dict=True)
        flat = model._flatten_metrics_in_order({k: k for k in found})
        yield {
            "compile": compile_json(arguments),
            "map_order": list(found),
            "list_order": flat if isinstance(flat, list) else [flat],
        }
