"""optimizers.json: weights after each step of real optimizers on fixed gradients."""

import jax.numpy as jnp
import keras
import numpy as np
from keras.optimizers import SGD, Adam, RMSprop

from common import normal, number, plain, seed_keras, tensor, write_json

SHAPES = [(3,), (2, 2)]
STEPS = 5
BASE_OPTIONS = {
    "weight_decay": {"weight_decay": 0.1},
    "clipnorm": {"clipnorm": 0.5},
    "clipvalue": {"clipvalue": 0.3},
    "global_clipnorm": {"global_clipnorm": 0.7},
    "clipnorm_not_reached": {"clipnorm": 100.0},
    "ema": {"use_ema": True},
    "ema_momentum": {"use_ema": True, "ema_momentum": 0.5},
    "ema_overwrite": {"use_ema": True, "ema_momentum": 0.5, "ema_overwrite_frequency": 2},
    "loss_scale": {"loss_scale_factor": 4.0},
    "accumulation": {"gradient_accumulation_steps": 2},
    "accumulation_3_clipped": {"gradient_accumulation_steps": 3, "clipnorm": 0.5},
    "everything": {"weight_decay": 0.05, "clipvalue": 0.5, "use_ema": True, "ema_momentum": 0.8},
}
OWN_OPTIONS = {
    SGD: {
        "default": {},
        "rate": {"learning_rate": 0.1},
        "momentum": {"learning_rate": 0.1, "momentum": 0.9},
        "nesterov": {"learning_rate": 0.1, "momentum": 0.9, "nesterov": True},
        "nesterov_without_momentum": {"learning_rate": 0.1, "nesterov": True},
    },
    RMSprop: {
        "default": {},
        "rate": {"learning_rate": 0.1},
        "rho": {"learning_rate": 0.1, "rho": 0.5},
        "momentum": {"learning_rate": 0.1, "momentum": 0.9},
        "centered": {"learning_rate": 0.1, "centered": True},
        "momentum_centered": {"learning_rate": 0.1, "momentum": 0.5, "centered": True, "rho": 0.8},
        "epsilon": {"learning_rate": 0.1, "epsilon": 0.1},
    },
    Adam: {
        "default": {},
        "rate": {"learning_rate": 0.1},
        "betas": {"learning_rate": 0.1, "beta_1": 0.5, "beta_2": 0.8},
        "amsgrad": {"learning_rate": 0.1, "amsgrad": True, "beta_2": 0.5},
        "epsilon": {"learning_rate": 0.1, "epsilon": 0.1},
    },
}


def gradients_of(name, scale=1.0):
    """The same for all optimizers; the last element of the first gradient is zero throughout."""
    result = []
    for step in range(STEPS):
        step_gradients = [normal(f"gradient/{step}/{i}", s, scale) for i, s in enumerate(SHAPES)]
        step_gradients[0][-1] = 0
        result.append(step_gradients)
    return result


def cases():
    for kind, own in OWN_OPTIONS.items():
        for label, options in own.items():
            yield kind, label, options, 1.0, None
        for label, options in BASE_OPTIONS.items():
            yield kind, label, {"learning_rate": 0.1, **options}, 1.0, None
        yield kind, "tiny_gradients", {"learning_rate": 0.1}, 1e-6, None
        yield kind, "huge_gradients", {"learning_rate": 0.1}, 1e6, None
        yield kind, "rate_changed", {"learning_rate": 0.1}, 1.0, [0.1, 0.1, 0.02, 0.02, 0.5]


def encode(kind, label, options, scale, rates):
    name = f"{kind.__name__}/{label}"
    seed_keras(name)
    optimizer = kind(**options)
    initial = [normal(f"initial/{i}", s) for i, s in enumerate(SHAPES)]
    variables = [keras.Variable(v, name=f"v{i}") for i, v in enumerate(initial)]
    optimizer.build(variables)
    gradients = gradients_of(name, scale)
    weights = []
    for step, step_gradients in enumerate(gradients):
        if rates:
            optimizer.learning_rate = rates[step]
        optimizer.apply([jnp.asarray(g) for g in step_gradients], variables)
        weights.append([tensor(v.numpy()) for v in variables])
    state = [{"path": v.path, "shape": list(v.shape), "values": tensor(v.numpy())} for v in optimizer.variables]
    optimizer.finalize_variable_values(variables)
    entry = {
        "name": name,
        "class": kind.__name__,
        "config": plain(optimizer.get_config()),
        "initial": [tensor(v) for v in initial],
        "gradients": [[tensor(g) for g in step] for step in gradients],
        "weights": weights,
        "variables": state,
        "finalized_weights": [tensor(v.numpy()) for v in variables],
    }
    if rates:
        entry["config"]["learning_rate"] = number(np.float32(rates[0]), "float32")
        entry["learning_rates"] = rates
    return entry


def make():
    aliases = {}
    for name in ("sgd", "rmsprop", "adam", "SGD", "RMSprop", "Adam", "ADAM"):
        try:
            aliases[name] = type(keras.optimizers.get(name)).__name__
        except ValueError:
            aliases[name] = None
    write_json("optimizers", {"aliases": aliases, "cases": [encode(*case) for case in cases()]})
