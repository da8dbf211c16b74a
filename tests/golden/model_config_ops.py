"""The operations of model_configs.json: one call of keras.ops each on inputs `x` (3, 4), `y` (3, 4), `c` (3, 4, 2), `i` int32 (3, 4), `b`
bool (3, 4), `image` (2, 6, 6, 2)."""

import keras
import numpy as np
from keras import ops

UNARY = """absolute negative sign exp log1p expm1 square sin cos tan tanh floor ceil round logical_not isfinite erf sigmoid relu relu6
softplus softsign sparse_plus silu log_sigmoid hard_sigmoid hard_silu selu tanh_shrink hard_tanh sparse_sigmoid stop_gradient zeros_like
ones_like""".split()
BINARY = "add subtract multiply divide true_divide maximum minimum equal not_equal less less_equal greater greater_equal".split()
REDUCTIONS = "sum mean prod max min amax amin var std logsumexp".split()


def make_cases():
    """name: (function of symbolic tensors, names of its inputs)."""
    cases = {}
    for name in UNARY:
        cases[name] = (lambda x, f=getattr(ops, name): f(x), "b" if name == "logical_not" else "x")
    for name in BINARY:
        cases[name] = (lambda x, y, f=getattr(ops, name): f(x, y), "x y")
        cases[f"{name}/number"] = (lambda x, f=getattr(ops, name): f(x, 0.5), "x")
    for name in REDUCTIONS:
        f = getattr(ops, name)
        cases[f"{name}/all"] = (lambda x, f=f: f(x), "x")
        cases[f"{name}/axis"] = (lambda x, f=f: f(x, axis=-1), "x")
        cases[f"{name}/axes"] = (lambda c, f=f: f(c, axis=(1, 2), keepdims=True), "c")
    for name in ("any", "all"):
        cases[name] = (lambda b, f=getattr(ops, name): f(b, axis=1), "b")
    for name in ("argmax", "argmin"):
        f = getattr(ops, name)
        cases[f"{name}/axis"] = (lambda c, f=f: f(c, axis=1), "c")
        cases[f"{name}/keepdims"] = (lambda c, f=f: f(c, axis=-1, keepdims=True), "c")
    cases |= {
        "log": (lambda x: ops.log(ops.square(x) + 0.5), "x"),
        "sqrt": (lambda x: ops.sqrt(ops.square(x)), "x"),
        "rsqrt": (lambda x: ops.rsqrt(ops.square(x) + 1.0), "x"),
        "power": (lambda x: ops.power(x, 3), "x"),
        "power/base": (lambda x: ops.power(2.0, x), "x"),
        "subtract/from": (lambda x: ops.subtract(1, x), "x"),
        "divide/integers": (lambda i: i / 3, "i"),
        "add/integer": (lambda i: i + 2, "i"),
        "add/both": (lambda i, x: i + x, "i x"),
        "logical_and": (lambda x, b: ops.logical_and(x > 0, b), "x b"),
        "logical_or": (lambda x, b: ops.logical_or(x > 0, b), "x b"),
        "where": (lambda b, x, y: ops.where(b, x, y), "b x y"),
        "where/number": (lambda b, x: ops.where(b, x, 0.0), "b x"),
        "clip": (lambda x: ops.clip(x, -0.5, 0.5), "x"),
        "round/decimals": (lambda x: ops.round(x, 1), "x"),
        "cast": (lambda x: ops.cast(x, "int32"), "x"),
        "cast/float": (lambda i: ops.cast(i, "float32"), "i"),
        "cumsum": (lambda x: ops.cumsum(x, axis=1), "x"),
        "sort": (lambda x: ops.sort(x), "x"),
        "argsort": (lambda x: ops.argsort(x, axis=-1), "x"),
        "top_k": (lambda x: ops.top_k(x, 2), "x"),
        "full_like": (lambda x: ops.full_like(x, 3.5), "x"),
        "zeros_like/dtype": (lambda x: ops.zeros_like(x, dtype="int32"), "x"),
        "matmul": (lambda x, c: ops.matmul(x[:, None, :], c), "x c"),
        "matmul/operator": (lambda x: x @ np.arange(8, dtype="float32").reshape(4, 2), "x"),
        "dot": (lambda x, c: ops.dot(x, np.ones((4, 3), "float32")), "x c"),
        "einsum": (lambda x, c: ops.einsum("bi,bij->bj", x, c), "x c"),
        "reshape": (lambda c: ops.reshape(c, (-1, 8)), "c"),
        "reshape/two": (lambda c: ops.reshape(c, (-1, 2, 4)), "c"),
        "transpose": (lambda c: ops.transpose(c, (0, 2, 1)), "c"),
        "expand_dims": (lambda x: ops.expand_dims(x, -1), "x"),
        "expand_dims/two": (lambda x: ops.expand_dims(x, (1, 3)), "x"),
        "squeeze": (lambda x: ops.squeeze(ops.expand_dims(x, 1), 1), "x"),
        "broadcast_to": (lambda x: ops.broadcast_to(ops.sum(x, axis=0), (3, 4)), "x"),
        "concatenate": (lambda x, y: ops.concatenate([x, y], axis=1), "x y"),
        "stack": (lambda x, y: ops.stack([x, y], axis=1), "x y"),
        "split": (lambda x: ops.split(x, 2, axis=1), "x"),
        "split/indices": (lambda x: ops.split(x, [1, 3], axis=-1), "x"),
        "slice": (lambda x: ops.slice(x, (0, 1), (3, 2)), "x"),
        "pad": (lambda x: ops.pad(x, ((0, 0), (1, 2))), "x"),
        "pad/value": (lambda x: ops.pad(x, [[0, 0], [2, 0]], constant_values=1.5), "x"),
        "flip": (lambda x: ops.flip(x, axis=1), "x"),
        "tile": (lambda x: ops.tile(x, (1, 2)), "x"),
        "repeat": (lambda x: ops.repeat(x, 2, axis=1), "x"),
        "take": (lambda x, i: ops.take(x, ops.minimum(ops.abs(i), 2), axis=1), "x i"),
        "take/rows": (lambda x: ops.take(x, np.array([2, 0], "int32"), axis=-1), "x"),
        "take_along_axis": (lambda x: ops.take_along_axis(x, ops.argsort(x, axis=1), axis=1), "x"),
        "one_hot": (lambda i: ops.one_hot(i, 3), "i"),
        "get_item": (lambda x: x[:, 1:3], "x"),
        "get_item/number": (lambda c: c[:, -1], "c"),
        "get_item/ellipsis": (lambda c: c[..., 0], "c"),
        "get_item/new_axis": (lambda c: c[:, None, 1:, ::2], "c"),
        "get_item/backwards": (lambda x: x[:, ::-1], "x"),
        "softmax": (lambda x: ops.softmax(x), "x"),
        "softmax/axis": (lambda c: ops.softmax(c, axis=1), "c"),
        "log_softmax": (lambda x: ops.log_softmax(x), "x"),
        "leaky_relu": (lambda x: ops.leaky_relu(x, 0.1), "x"),
        "elu": (lambda x: ops.elu(x, 0.5), "x"),
        "celu": (lambda x: ops.celu(x, 2.0), "x"),
        "gelu": (lambda x: ops.gelu(x), "x"),
        "gelu/exact": (lambda x: ops.gelu(x, approximate=False), "x"),
        "glu": (lambda x: ops.glu(x), "x"),
        "hard_shrink": (lambda x: ops.hard_shrink(x, 0.25), "x"),
        "soft_shrink": (lambda x: ops.soft_shrink(x), "x"),
        "threshold": (lambda x: ops.threshold(x, 0.25, -1.0), "x"),
        "squareplus": (lambda x: ops.squareplus(x), "x"),
        "sparsemax": (lambda x: ops.sparsemax(x), "x"),
        "conv": (lambda image: ops.conv(image, np.ones((3, 3, 2, 1), "float32") / 18, strides=2, padding="same", data_format="channels_last"), "image"),
        "max_pool": (lambda image: ops.max_pool(image, 2, strides=2, data_format="channels_last"), "image"),
        "average_pool": (lambda image: ops.average_pool(image, (3, 2), strides=1, padding="same", data_format="channels_last"), "image"),
        "binary_crossentropy": (lambda x, b: ops.binary_crossentropy(ops.cast(b, "float32"), x, from_logits=True), "x b"),
        "sparse_categorical_crossentropy": (
            lambda x: ops.sparse_categorical_crossentropy(ops.argmax(x, axis=-1), x, from_logits=True), "x"),
        "scatter_update": (lambda x: ops.scatter_update(x, [[1], [0]], ops.take(x, [0, 2], axis=0), reduction="add"), "x"),
    }
    return cases


def make_inputs():
    from common import normal, rng

    return {
        "x": normal("ops/x", (3, 4)),
        "y": normal("ops/y", (3, 4)),
        "c": normal("ops/c", (3, 4, 2)),
        "i": rng("ops/i").integers(-1, 4, (3, 4)).astype("int32"),
        "b": rng("ops/b").integers(0, 2, (3, 4)).astype("bool"),
        "image": normal("ops/image", (2, 6, 6, 2)),
    }


def make_model(function, names):
    inputs = make_inputs()
    symbolic = [keras.Input(inputs[n].shape[1:], dtype=inputs[n].dtype.name, name=n) for n in names.split()]
    return keras.Model(symbolic, function(*symbolic)), [inputs[n] for n in names.split()]
