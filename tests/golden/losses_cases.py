"""The loss part of losses_metrics.json."""

import jax
import jax.numpy as jnp
import keras
import numpy as np
from keras.src import backend

from common import normal, plain, rng, tensor

REDUCTIONS = ("sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none", None)


def f32(values):
    return np.array(values, "float32")


def probabilities(name, *shape):
    """Positive numbers that sum to one along the last axis."""
    raw = np.exp(normal(name, shape))
    return (raw / raw.sum(-1, keepdims=True)).astype("float32")


def chances(name, *shape):
    return rng(name).uniform(0.02, 0.98, shape).astype("float32")


def bits(name, *shape):
    return rng(name).integers(0, 2, shape).astype("float32")


def ids(name, *shape):
    return rng(name).integers(0, 4, shape).astype("int32")


def one_hot(name, *shape):
    return np.eye(4, dtype="float32")[ids(name, *shape)]


def uniform(name, *shape):
    return (rng(name).random(shape) * 2).astype("float32")


def pairs():
    """class -> (y_true, y_pred) for rank 2 and for rank 3."""
    return {
        "MeanSquaredError": [(normal("t", (5, 3)), normal("p", (5, 3))), (normal("t3", (2, 4, 3)), normal("p3", (2, 4, 3)))],
        "MeanAbsoluteError": [(normal("t", (5, 3)), normal("p", (5, 3))), (normal("t3", (2, 4, 3)), normal("p3", (2, 4, 3)))],
        "BinaryCrossentropy": [(bits("b", 5, 3), chances("c", 5, 3)), (bits("b3", 2, 4, 3), chances("c3", 2, 4, 3))],
        "CategoricalCrossentropy": [
            (one_hot("o", 5), probabilities("q", 5, 4)),
            (one_hot("o3", 2, 3), probabilities("q3", 2, 3, 4)),
        ],
        "SparseCategoricalCrossentropy": [
            (ids("i", 5), probabilities("q", 5, 4)),
            (ids("i3", 2, 3), probabilities("q3", 2, 3, 4)),
        ],
    }


class LossCase:
    def __init__(self, name, kind, y_true, y_pred, sample_weight=None, mask=None, **options):
        self.name, self.kind, self.y_true, self.y_pred = f"{kind}/{name}", kind, y_true, y_pred
        self.sample_weight, self.mask, self.options = sample_weight, mask, options


def common_cases():
    for kind, ((t2, p2), (t3, p3)) in pairs().items():
        steps = p3.shape[1]
        mask = np.array([[True] * (steps - 1) + [False], [False] * steps])
        for reduction in REDUCTIONS:
            yield LossCase(f"reduction_{reduction}", kind, t2, p2, reduction=reduction)
            yield LossCase(f"reduction_{reduction}/weights", kind, t2, p2, uniform("w", 5), reduction=reduction)
            yield LossCase(f"reduction_{reduction}/mask", kind, t3, p3, mask=mask, reduction=reduction)
            both = {"sample_weight": uniform("w3", 2, steps), "mask": mask, "reduction": reduction}
            yield LossCase(f"reduction_{reduction}/weights_and_mask", kind, t3, p3, **both)
        yield LossCase("weights_column", kind, t2, p2, uniform("w", 5, 1))
        yield LossCase("weights_number", kind, t2, p2, f32(0.5))
        yield LossCase("weights_zero", kind, t2, p2, np.zeros(5, "float32"))
        yield LossCase("rank3", kind, t3, p3)
        yield LossCase("rank3/weights_per_step", kind, t3, p3, uniform("w3", 2, steps))
        yield LossCase("rank3/weights_per_row", kind, t3, p3, uniform("w", 2, 1))
        yield LossCase("mask_all_false", kind, t3, p3, mask=np.zeros((2, steps), bool))
        yield LossCase("mask_all_true", kind, t3, p3, mask=np.ones((2, steps), bool))
        yield LossCase("one_row", kind, t2[:1], p2[:1])
        yield LossCase("no_rows", kind, t2[:0], p2[:0])


def regression_cases():
    for kind in ("MeanSquaredError", "MeanAbsoluteError"):
        yield LossCase("int_labels", kind, ids("i", 5, 1), normal("p", (5, 1)))
        yield LossCase("labels_rank1", kind, normal("t", (5,)), normal("p", (5, 1)))
        yield LossCase("both_rank1", kind, normal("t", (5,)), normal("p", (5,)))
        yield LossCase("equal", kind, normal("t", (3, 2)), normal("t", (3, 2)))
        yield LossCase("large", kind, f32([[1e4, -1e4]]), f32([[-1e4, 1e-4]]))


def binary_cases():
    kind = "BinaryCrossentropy"
    labels, chance = bits("b", 5, 1), chances("c", 5, 1)
    yield LossCase("column", kind, labels, chance)
    yield LossCase("labels_rank1", kind, labels[:, 0], chance)
    yield LossCase("int_labels", kind, labels.astype("int32"), chance)
    yield LossCase("bool_labels", kind, labels.astype("bool"), chance)
    yield LossCase("soft_labels", kind, chances("soft", 5, 1), chance)
    yield LossCase("label_smoothing", kind, labels, chance, label_smoothing=0.2)
    yield LossCase("certain", kind, f32([[0], [1], [0], [1]]), f32([[0], [1], [1], [0]]))
    yield LossCase("nearly_certain", kind, f32([[0], [1], [0], [1]]), f32([[1e-8], [0.99999999], [0.9999999], [2e-7]]))
    yield LossCase("axis0", kind, bits("b", 5, 3), chances("c", 5, 3), axis=0)
    logits = normal("logits", (5, 3), 3.0)
    yield LossCase("from_logits", kind, bits("b", 5, 3), logits, from_logits=True)
    yield LossCase("from_logits/smoothing", kind, bits("b", 5, 3), logits, from_logits=True, label_smoothing=0.2)
    extreme = f32([[100], [-100], [100], [-100], [0]])
    yield LossCase("from_logits/extreme", kind, f32([[1], [0], [0], [1], [1]]), extreme, from_logits=True)


def categorical_cases():
    for kind, labels in (("CategoricalCrossentropy", one_hot), ("SparseCategoricalCrossentropy", ids)):
        q, logits = probabilities("q", 5, 4), normal("logits", (5, 4), 3.0)
        yield LossCase("from_logits", kind, labels("o", 5), logits, from_logits=True)
        extreme = f32([[100, -100, 0, 0], [100, -100, 0, 0], [-100, -100, -100, -100]])
        right = np.array([0, 1, 2], "int32")
        right = np.eye(4, dtype="float32")[right] if labels is one_hot else right
        yield LossCase("from_logits/extreme", kind, right, extreme, from_logits=True)
        yield LossCase("not_normalized", kind, labels("o", 5), q * np.float32(3))
        certain = np.eye(4, dtype="float32")[[0, 0, 1]]
        yield LossCase("certain", kind, right, certain)
        if labels is one_hot:
            yield LossCase("label_smoothing", kind, labels("o", 5), q, label_smoothing=0.2)
            yield LossCase("from_logits/smoothing", kind, labels("o", 5), logits, from_logits=True, label_smoothing=0.1)
            yield LossCase("soft_labels", kind, probabilities("soft", 5, 4), q)
            yield LossCase("int_labels", kind, labels("o", 5).astype("int32"), q)
            yield LossCase("axis1", kind, labels("o", 2, 3).transpose(0, 2, 1), probabilities("q", 2, 3, 4).transpose(0, 2, 1), axis=1)
        else:
            yield LossCase("labels_column", kind, labels("o", 5)[:, None], q)
            yield LossCase("float_labels", kind, labels("o", 5).astype("float32"), q)
            yield LossCase("uint8_labels", kind, labels("o", 5).astype("uint8"), q)
            yield LossCase("rank3_column", kind, labels("o", 2, 3)[..., None], probabilities("q", 2, 3, 4))
            yield LossCase("ignore_class", kind, np.array([0, 3, 1, 3, 2], "int32"), q, ignore_class=3)
            yield LossCase("ignore_minus_one", kind, np.array([0, -1, 1, 3, 2], "int32"), q, ignore_class=-1)
            yield LossCase("edge_outside", kind, np.array([0, 4, -1, 3, 2], "int32"), q)


def evaluate(case):
    loss = getattr(keras.losses, case.kind)(**case.options)

    def value_of(y_pred):
        y_pred = jnp.asarray(y_pred)
        if case.mask is not None:
            backend.set_keras_mask(y_pred, jnp.asarray(case.mask))
        weights = None if case.sample_weight is None else jnp.asarray(case.sample_weight)
        return loss(jnp.asarray(case.y_true), y_pred, sample_weight=weights)

    return {
        "name": case.name,
        "class": case.kind,
        "config": plain(loss.get_config()),
        "y_true": tensor(case.y_true),
        "y_pred": tensor(case.y_pred),
        "sample_weight": None if case.sample_weight is None else tensor(case.sample_weight),
        "mask": None if case.mask is None else tensor(case.mask),
        "value": tensor(value_of(jnp.asarray(case.y_pred))),
        "gradient": tensor(jax.grad(lambda y: jnp.sum(value_of(y)))(jnp.asarray(case.y_pred))),
    }


def loss_entries():
    for family in (common_cases, regression_cases, binary_cases, categorical_cases):
        yield from (evaluate(case) for case in family())


def function_entries():
    """The functions behind the classes: one value per row or step."""
    logits = normal("logits", (5, 4), 3.0)
    calls = [
        ("mean_squared_error", {}, *pairs()["MeanSquaredError"][1]),
        ("mean_absolute_error", {}, *pairs()["MeanAbsoluteError"][1]),
        ("binary_crossentropy", {}, *pairs()["BinaryCrossentropy"][1]),
        ("binary_crossentropy", {"from_logits": True, "label_smoothing": 0.1}, bits("b", 5, 4), logits),
        ("categorical_crossentropy", {}, *pairs()["CategoricalCrossentropy"][1]),
        ("categorical_crossentropy", {"from_logits": True, "label_smoothing": 0.1}, one_hot("o", 5), logits),
        ("sparse_categorical_crossentropy", {}, *pairs()["SparseCategoricalCrossentropy"][1]),
        ("sparse_categorical_crossentropy", {"from_logits": True}, ids("i", 5, 1), logits),
    ]
    for name, kwargs, y_true, y_pred in calls:
        function = getattr(keras.losses, name)
        weights = normal("function", np.shape(function(y_true, jnp.asarray(y_pred), **kwargs)))

        def weighted(y, function=function, y_true=y_true, kwargs=kwargs, weights=weights):
            return jnp.sum(function(jnp.asarray(y_true), y, **kwargs) * weights)

        yield {
            "function": name,
            "kwargs": kwargs,
            "y_true": tensor(y_true),
            "y_pred": tensor(y_pred),
            "value": tensor(function(jnp.asarray(y_true), jnp.asarray(y_pred), **kwargs)),
            "weights": tensor(weights),
            "gradient": tensor(jax.grad(weighted)(jnp.asarray(y_pred))),
        }
