"""activations.json: values and gradients of every function in keras.activations."""

import inspect

import jax
import jax.numpy as jnp
import keras
import numpy as np

from common import normal, plain, tensor, write_json

# Options that are tried beside the defaults.
OPTIONS = {
    "celu": [{"alpha": 0.5}],
    "elu": [{"alpha": 0.5}],
    "gelu": [{"approximate": True}],
    "glu": [{"axis": 0}, {"axis": 1}],
    "hard_shrink": [{"threshold": 1.5}],
    "leaky_relu": [{"negative_slope": 0.01}],
    "log_softmax": [{"axis": 0}],
    "relu": [
        {"negative_slope": 0.1},
        {"max_value": 3.0},
        {"threshold": 1.5},
        {"negative_slope": 0.25, "max_value": 4.0, "threshold": 1.0},
    ],
    "soft_shrink": [{"threshold": 1.5}],
    "softmax": [{"axis": 0}],
    "sparsemax": [{"axis": 0}],
    "squareplus": [{"b": 1}],
    "threshold": [{"threshold": 0.5, "default_value": -1.0}],
}
ARGUMENTS = {"threshold": {"threshold": 1.0, "default_value": 20.0}}
AXIS_FUNCTIONS = ("glu", "log_softmax", "softmax", "sparsemax")


def functions():
    """name -> function; aliases of the same function appear under both names."""
    names = [n for n in dir(keras.activations) if not n.startswith("_")]
    found = {n: getattr(keras.activations, n) for n in names}
    return {n: f for n, f in found.items() if inspect.isfunction(f) and n not in ("get", "serialize", "deserialize")}


def inputs(name):
    grid = np.concatenate([np.linspace(-6, 6, 25), [-100, 100, 0.3, -0.7, 1e-4, -1e-4, 2.5001]])
    table = normal("activation/" + name, (4, 6), 2.0)
    if name not in AXIS_FUNCTIONS:
        return [grid.astype("float32"), table]
    extreme = np.array([[100, -100, 0, 1], [1, 1, 1, 1], [-100, -100, -100, -100]], "float32")
    cube = normal("activation/cube", (2, 4, 6), 2.0)
    return [table, cube] + ([extreme] if name != "glu" else [extreme[:2]])


def case(name, function, kwargs, x, index):
    weights = normal(f"{name}/weights", jnp.shape(function(x, **kwargs)))

    def weighted(v):
        return jnp.sum(function(v, **kwargs) * weights)

    return {
        "name": f"{name}/{index}",
        "function": name,
        "kwargs": plain(kwargs),
        "input": tensor(x),
        "output": tensor(function(x, **kwargs)),
        "weights": tensor(weights),
        "gradient": tensor(jax.grad(weighted)(x)),
    }


def make():
    cases = []
    for name, function in sorted(functions().items()):
        index = 0
        for kwargs in [ARGUMENTS.get(name, {})] + OPTIONS.get(name, []):
            for x in inputs(name):
                cases.append(case(name, function, kwargs, jnp.asarray(x), index))
                index += 1
    names = sorted(n for n in dir(keras.activations) if not n.startswith("_"))
    write_json("activations", {"public_names": names, "cases": cases})
