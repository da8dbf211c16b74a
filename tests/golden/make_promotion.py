"""promotion.json: the dtype of results, by Keras's own rules (symbolic, so that JAX's 32-bit default plays no part).

Each table comes twice: as Keras answers on JAX (64-bit results cut to 32 bits) and `wide`, without that cut.
"""

import contextlib

import jax
import jax.numpy as jnp
import keras
from keras import KerasTensor, ops
from keras.src.backend.common import dtypes

from common import dtype_name, write_json

DTYPES = ["float32", "float64", "float16", "bfloat16", "int8", "int16", "int32", "int64", "uint8", "bool"]
SCALARS = {"int": int, "float": float}
VALUES = {"int": 2, "float": 0.5}
UNARY = (
    "negative", "abs", "sign", "exp", "log", "log1p", "expm1", "sqrt", "rsqrt", "square", "sin", "cos", "tan", "tanh",
    "sigmoid", "erf", "floor", "ceil", "round", "relu", "softmax", "log_softmax", "logical_not", "sum", "mean", "max", "min",
    "prod", "var", "std", "any", "all", "argmax", "argmin", "logsumexp", "cumsum", "argsort",
)  # fmt: skip
BINARY = (
    "add", "subtract", "multiply", "divide", "power", "maximum", "minimum", "equal", "less", "logical_and", "matmul", "dot",
    "where", "concatenate", "stack",
)  # fmt: skip
NO_SCALAR = ("matmul", "dot", "concatenate", "stack")


def result_types(names):
    every = {**{n: n for n in names}, **SCALARS}
    return [[keras.backend.result_type(a, b) for b in every.values()] for a in every.values()]


def unary(op):
    return {d: getattr(ops, op)(KerasTensor((2, 2), d)).dtype for d in DTYPES}


def eager(op):
    """As unary, but of a real array; 64-bit types with float64 switched on in JAX. "error" where Keras refuses."""
    result = {}
    for dtype in DTYPES:
        with jax.enable_x64(dtype in ("float64", "int64")):
            try:
                result[dtype] = dtype_name(getattr(ops, op)(jnp.ones((2, 2), dtype)))
            except (TypeError, ValueError):
                result[dtype] = "error"
    return result


def operand(name):
    return VALUES[name] if name in VALUES else KerasTensor((2, 2), name)


def binary_result(op, a, b):
    """The dtype of op(a, b), null where both are Python scalars or the op takes none."""
    scalars = (a in SCALARS) + (b in SCALARS)
    if scalars == 2 or (scalars and op in NO_SCALAR):
        return None
    x, y = operand(a), operand(b)
    if op == "where":
        return ops.where(KerasTensor((2, 2), "bool"), x, y).dtype
    if op in ("concatenate", "stack"):
        return getattr(ops, op)([x, y]).dtype
    return getattr(ops, op)(x, y).dtype


def tables():
    names = DTYPES + list(SCALARS)
    return {
        "result_type": result_types(DTYPES),
        "ops": {op: unary(op) for op in UNARY},
        "binary_ops": {op: [[binary_result(op, a, b) for b in names] for a in names] for op in BINARY},
    }


@contextlib.contextmanager
def without_cut():
    cut = dict(dtypes.BIT64_TO_BIT32_DTYPE)
    dtypes.BIT64_TO_BIT32_DTYPE.clear()
    try:
        yield
    finally:
        dtypes.BIT64_TO_BIT32_DTYPE.update(cut)


def make():
    on_jax = tables()
    with without_cut():
        wide = tables()
        wide["ops_eager"] = {op: eager(op) for op in UNARY}
    content = {"dtypes": DTYPES + list(SCALARS), **on_jax}
    content.update({f"{name}_wide": table for name, table in wide.items()})
    write_json("promotion", content)
