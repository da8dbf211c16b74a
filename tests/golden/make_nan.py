"""nan.json and nan.npz: what keras.ops and keras.activations make of NaN, values and gradients.

Cases of the form of ops.json and activations.json. Runs are long enough for whole SIMD registers and their ends.
"""

import jax.numpy as jnp
import numpy as np

import make_activations
import make_ops
import ops_cases
from common import Arrays, normal, write_json
from ops_cases import Case, f32

NAN = np.float32(np.nan)
LENGTHS = (3, 20, 130)


def with_nan(name, shape, places):
    """Normal numbers and NaN at these flat places."""
    x = normal("nan/" + name, shape)
    x.reshape(-1)[list(places)] = NAN
    return x


def elementwise_cases():
    for op in ops_cases.UNARY + ops_cases.UNARY_POSITIVE:
        yield Case(op, "nan", with_nan(op, (37,), (0, 5, 36)) if op in ops_cases.UNARY else f32([NAN, 0.5, 2, NAN, 1]))
    for op in ops_cases.BINARY + ops_cases.COMPARISONS:
        yield Case(op, "nan", with_nan(op + "a", (40,), (0, 3, 39)), with_nan(op + "b", (40,), (1, 3, 38)))
        yield Case(op, "nan_and_number", with_nan(op + "c", (40,), (0, 39)), 0.5)
        yield Case(op, "nan_scalar", with_nan(op + "d", (3,), ()), np.array(NAN))
    for op in ops_cases.LOGICAL:
        yield Case(op, "nan", f32([NAN, NAN, 0, 1]), f32([0, 1, NAN, NAN]))
    yield Case("logical_not", "nan", f32([NAN, 0, 1]))
    yield Case("power", "nan", f32([NAN, 2, NAN, NAN]), f32([2, NAN, 0.5, NAN]))
    for exponent in (1, 2, 3, -1, 0.5):
        yield Case("power", f"nan_to_{exponent}", f32([NAN, 2, 1, NAN]), exponent)
    yield Case("clip", "nan", with_nan("clip", (40,), (0, 7, 39)), -0.5, 0.5)
    yield Case("where", "nan", np.array([True, False, True, False]), f32([NAN, NAN, 1, 1]), f32([2, 2, NAN, NAN]))
    yield Case("cast", "nan", f32([NAN, 1.5]), "int32")
    yield Case("cast", "nan_bool", f32([NAN, 0]), "bool")


def reduction_cases():
    for n in LENGTHS:
        rows = with_nan(f"rows{n}", (4, n), (0, n + n // 2, 3 * n - 1))  # first, middle, last; a row without
        columns = np.ascontiguousarray(rows.T)
        for op in ("sum", "mean", "max", "min", "prod", "var", "std", "logsumexp", "any", "all", "argmax", "argmin"):
            yield Case(op, f"nan_rows{n}", rows, axis=1)
            yield Case(op, f"nan_columns{n}", columns, axis=0)
        for op in ("softmax", "log_softmax"):
            yield Case(op, f"nan_rows{n}", rows, axis=1)
            yield Case(op, f"nan_columns{n}", columns, axis=0)
        yield Case("cumsum", f"nan{n}", rows, axis=1)
        yield Case("argsort", f"nan{n}", rows, axis=1)
        yield Case("top_k", f"nan{n}", rows, 3)


def window_cases():
    last = {"data_format": "channels_last"}
    for channels in (3, 17):
        size = 7 * 6 * channels
        places = (0, 1 * channels + 2, 9 * channels, 15 * channels + 1, 16 * channels + 1, size - 1)
        x = with_nan(f"image{channels}", (2, 7, 6, channels), places)
        for op in ("max_pool", "average_pool"):
            yield Case(op, f"nan_apart{channels}", x, 2, 2, "valid", **last)
            yield Case(op, f"nan_same{channels}", x, 3, 2, "same", **last)
            yield Case(op, f"nan_overlapping{channels}", x, 3, 1, "valid", **last)
        kernel = normal(f"nan/kernel{channels}", (3, 3, channels, 5))
        yield Case("conv", f"nan{channels}", x, kernel, 1, "valid", **last)
    everywhere = np.full((1, 2, 2, 2), NAN)
    yield Case("max_pool", "nan_everywhere", everywhere, 2, 2, "valid", **last)
    yield Case("matmul", "nan", with_nan("left", (5, 20), (3, 41)), with_nan("right", (20, 18), (7,)))


def activation_cases():
    for name, function in sorted(make_activations.functions().items()):
        for index, kwargs in enumerate([make_activations.ARGUMENTS.get(name, {})] + make_activations.OPTIONS.get(name, [])):
            x = jnp.asarray(with_nan("activation" + name, (2, 20), (0, 3, 19, 36)))
            yield make_activations.case(name, function, kwargs, x, index)


def make():
    arrays = Arrays()
    cases = [c for family in (elementwise_cases, reduction_cases, window_cases) for c in family()]
    encoded = [make_ops.encode_case(c, arrays) for c in cases]
    write_json("nan", {"cases": encoded, "activations": list(activation_cases())}, arrays)
