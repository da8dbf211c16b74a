"""optimizers.json: weights after each step of real optimizers on fixed gradients."""

import jax.numpy as jnp
import keras
import numpy as np
from keras.optimizers import SGD, Adam, LossScaleOptimizer, RMSprop

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


# What LossScaleOptimizer wraps: every rule, and what changes beside it.
INNER = {
    "sgd": lambda: SGD(0.1),
    "momentum": lambda: SGD(0.1, momentum=0.9, weight_decay=0.1),
    "rmsprop": lambda: RMSprop(0.1, momentum=0.5, centered=True),
    "adam": lambda: Adam(0.02),
    "amsgrad": lambda: Adam(0.02, amsgrad=True, clipnorm=0.5),
    "accumulation": lambda: Adam(0.02, gradient_accumulation_steps=2),
    "ema": lambda: SGD(0.1, use_ema=True, ema_momentum=0.5, ema_overwrite_frequency=2),
    "own_scale": lambda: SGD(0.1, loss_scale_factor=8.0),
    "schedule": lambda: SGD(keras.optimizers.schedules.ExponentialDecay(0.1, 2, 0.5)),
}


def loss_scale_case(label):
    """Steps 2 and 3 have a gradient that is not finite; the scale grows after two good ones."""
    name = f"LossScaleOptimizer/{label}"
    seed_keras(name)
    gradients = (gradients_of(name, 8.0) + gradients_of(name + "/more", 8.0))[:9]
    gradients[2][1][0, 1] = np.inf
    gradients[3][0][1] = np.nan
    return encode(name, LossScaleOptimizer(INNER[label](), initial_scale=4.0, dynamic_growth_steps=2), gradients, None)


def apply(optimizer, gradients, variables):
    if not isinstance(optimizer, LossScaleOptimizer):
        return optimizer.apply(gradients, variables)
    # On JAX its apply() works within fit() only.
    state = optimizer.variables
    new_values, new_state = optimizer.stateless_apply([v.value for v in state], gradients, [v.value for v in variables])
    for variable, value in zip([*variables, *state], [*new_values, *new_state]):
        variable.assign(value)


def encode_case(kind, label, options, scale, rates):
    name = f"{kind.__name__}/{label}"
    seed_keras(name)
    return encode(name, kind(**options), gradients_of(name, scale), rates)


def encode(name, optimizer, gradients, rates):
    initial = [normal(f"initial/{i}", s) for i, s in enumerate(SHAPES)]
    variables = [keras.Variable(v, name=f"v{i}") for i, v in enumerate(initial)]
    optimizer.build(variables)
    weights = []
    for step, step_gradients in enumerate(gradients):
        if rates:
            optimizer.learning_rate = rates[step]
        apply(optimizer, [jnp.asarray(g) for g in step_gradients], variables)
        weights.append([tensor(v.numpy()) for v in variables])
    state = [{"path": v.path, "shape": list(v.shape), "values": tensor(v.numpy())} for v in optimizer.variables]
    optimizer.finalize_variable_values(variables)
    entry = {
        "name": name,
        "class": type(optimizer).__name__,
        "config": plain(optimizer.get_config()),
        "initial": [tensor(v) for v in initial],
        "gradients": [[tensor(g) for g in step] for step in gradients],
        "weights": weights,
        "variables": state,
        "iterations": int(optimizer.iterations),
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
    write_json(
        "optimizers",
        {
            "aliases": aliases,
            "cases": [encode_case(*case) for case in cases()],
            "loss_scale_cases": [loss_scale_case(label) for label in INNER],
        },
    )
