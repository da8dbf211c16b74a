"""ops.json and ops.npz: results and gradients of keras.ops on small arrays.

Cases with 64-bit arrays run with float64 switched on in JAX and without Keras's cut of 64-bit results to 32 bits (made for
JAX without float64), so that float64 and int64 stay what they are; all others run as Keras does by default.
"""

import contextlib

import jax
import jax.numpy as jnp
import keras
import numpy as np
from keras.src.backend.common import dtypes

import ops_cases
import ops_shape_cases
from common import Arrays, dtype_name, normal, write_json


def index_of(parts):
    """The Python index of a getitem case."""
    words = {"ellipsis": Ellipsis, "newaxis": None}
    result = []
    for part in parts:
        if isinstance(part, dict):
            result.append(slice(*part["slice"]))
        else:
            result.append(words[part] if isinstance(part, str) else part)
    return tuple(result)


def run(case, args, kwargs):
    if case.op == "getitem":
        return args[0][index_of(args[1])]
    return getattr(keras.ops, case.op)(*args, **kwargs)


def encode(value, name, arrays):
    """Arrays become Refs, the rest stays as plain JSON."""
    if isinstance(value, np.ndarray):
        return arrays.ref(name, value)
    if isinstance(value, (list, tuple)):
        return [encode(v, f"{name}_{i}", arrays) for i, v in enumerate(value)]
    return value


def is_array(value):
    return isinstance(value, np.ndarray)


def is_float(x):
    return dtype_name(x) in ("float32", "float64")


def gradient(case, outputs, arrays):
    """The vector-Jacobian product with fixed random cotangents, or None."""
    leaves, tree = jax.tree_util.tree_flatten((case.args, case.kwargs))
    places = [i for i, leaf in enumerate(leaves) if is_array(leaf) and is_float(leaf)]
    floats = [i for i, y in enumerate(outputs) if is_float(y)]
    if not case.differentiable or not places or not floats:
        return None
    cotangents = [normal(f"{case.name}/cotangent{i}", y.shape, dtype=dtype_name(y)) if i in floats else None for i, y in enumerate(outputs)]

    def weighted(values):
        filled = list(leaves)
        for place, value in zip(places, values):
            filled[place] = value
        args, kwargs = jax.tree_util.tree_unflatten(tree, filled)
        result = run(case, args, kwargs)
        result = list(result) if isinstance(result, (list, tuple)) else [result]
        return sum(jnp.sum(result[i] * cotangents[i]) for i in floats)

    found = dict(zip(places, jax.grad(weighted)([jnp.asarray(leaves[i]) for i in places])))
    inputs = [found.get(i) for i, leaf in enumerate(leaves) if is_array(leaf)]
    return {
        "cotangents": arrays.refs(f"{case.name}/cotangent", cotangents),
        "inputs": arrays.refs(f"{case.name}/gradient", inputs),
    }


def is_wide(case):
    leaves = jax.tree_util.tree_leaves((case.args, case.kwargs))
    return any(leaf.dtype.itemsize == 8 if is_array(leaf) else leaf in ("int64", "float64") for leaf in leaves)


@contextlib.contextmanager
def precision(wide):
    """Switches 64-bit types on for one case."""
    cut = dict(dtypes.BIT64_TO_BIT32_DTYPE)
    with jax.enable_x64(wide):
        if wide:
            dtypes.BIT64_TO_BIT32_DTYPE.clear()
        try:
            yield
        finally:
            dtypes.BIT64_TO_BIT32_DTYPE.update(cut)


def on_device(value):
    if is_array(value):
        return jnp.asarray(value)
    if isinstance(value, (list, tuple)):
        return type(value)(on_device(v) for v in value)
    return value


def encode_case(case, arrays):
    kwargs = {k: on_device(v) for k, v in case.kwargs.items()}
    result = run(case, [on_device(a) for a in case.args], kwargs)
    several = isinstance(result, (list, tuple))
    outputs = list(result) if several else [result]
    refs = arrays.refs(f"{case.name}/out", outputs)
    entry = {
        "name": case.name,
        "op": case.op,
        "x64": is_wide(case),
        "args": [encode(a, f"{case.name}/arg{i}", arrays) for i, a in enumerate(case.args)],
        "kwargs": {k: encode(v, f"{case.name}/{k}", arrays) for k, v in case.kwargs.items()},
        "output": refs if several else refs[0],
    }
    found = gradient(case, outputs, arrays)
    if found:
        entry["gradient"] = found
    return entry


def make():
    arrays = Arrays()
    encoded = []
    for case in list(ops_cases.all_cases()) + list(ops_shape_cases.all_cases()):
        with precision(is_wide(case)):
            encoded.append(encode_case(case, arrays))
    write_json("ops", {"cases": encoded}, arrays)
