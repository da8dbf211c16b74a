"""signatures.json: names, order and defaults of constructor parameters."""

import inspect

import keras

from common import plain, write_json

LAYERS = """InputLayer Dense Activation Flatten Reshape Dropout BatchNormalization Normalization Embedding LSTM Conv2D
MaxPooling2D AveragePooling2D GlobalAveragePooling2D GlobalMaxPooling2D Concatenate Add Subtract Multiply Average Maximum
Minimum""".split()
LOSSES = """MeanSquaredError MeanAbsoluteError BinaryCrossentropy CategoricalCrossentropy
SparseCategoricalCrossentropy""".split()
METRICS = """Mean Accuracy BinaryAccuracy CategoricalAccuracy SparseCategoricalAccuracy MeanSquaredError
MeanAbsoluteError MeanMetricWrapper RootMeanSquaredError""".split()
OPTIMIZERS = ["SGD", "RMSprop", "Adam", "LossScaleOptimizer"]
REGULARIZERS = ["L1", "L2", "L1L2"]
CALLBACKS = ["EarlyStopping", "History", "ReduceLROnPlateau"]
METHODS = ["compile", "fit", "evaluate", "predict", "summary"]
MERGES = ["concatenate", "add", "subtract", "multiply", "average", "maximum", "minimum"]


def initializer_names():
    """The concrete public initializers, each by its shortest name."""
    module, names = keras.initializers, {}
    for name in sorted((n for n in dir(keras.initializers) if n[0].isupper()), key=len):
        names.setdefault(getattr(module, name), name)
    return sorted(n for c, n in names.items() if c is not module.Initializer)


def default_of(value):
    try:
        return plain(value)
    except TypeError:
        return {"object": repr(value)}


def parameters(function, base_names=()):
    """The named parameters, and whether **kwargs are taken."""
    result, accepts_kwargs = [], False
    for p in inspect.signature(function).parameters.values():
        if p.kind is p.VAR_KEYWORD:
            accepts_kwargs = True
        if p.name == "self" or p.kind in (p.VAR_KEYWORD, p.VAR_POSITIONAL):
            continue
        entry = {"name": p.name, "required": p.default is p.empty}
        if p.default is not p.empty:
            entry["default"] = default_of(p.default)
        entry["keyword_only"] = p.kind is p.KEYWORD_ONLY
        entry["in_base"] = p.name in base_names
        result.append(entry)
    return result, accepts_kwargs


def signature(cls, base=None):
    base_list = parameters(base.__init__)[0] if base else []
    own, accepts_kwargs = parameters(cls.__init__, {p["name"] for p in base_list})
    own_names = {p["name"] for p in own}
    rest = [dict(p, in_base=True) for p in base_list if accepts_kwargs and p["name"] not in own_names]
    if issubclass(cls, keras.layers.RNN):  # its **kwargs pass through RNN first
        between = parameters(keras.layers.RNN.__init__, {p["name"] for p in base_list})[0]
        rest = [p for p in between if p["name"] not in own_names and not p["required"]] + rest
    return {"parameters": own, "accepts_kwargs": accepts_kwargs, "kwargs": rest, "base": base_list}


def function_signature(function):
    own, accepts_kwargs = parameters(function)
    return {"parameters": own, "accepts_kwargs": accepts_kwargs, "kwargs": [], "base": []}


def family(module, names, base):
    return {n: signature(getattr(module, n), base) for n in names}


def make():
    functions = {"layers.Input": function_signature(keras.layers.Input)}
    for name in MERGES:
        functions[f"layers.{name}"] = function_signature(getattr(keras.layers, name))
    write_json(
        "signatures",
        {
            "layers": family(keras.layers, LAYERS, keras.layers.Layer),
            "losses": family(keras.losses, LOSSES, keras.losses.Loss),
            "metrics": family(keras.metrics, METRICS, keras.metrics.Metric),
            "optimizers": family(keras.optimizers, OPTIMIZERS, keras.optimizers.Optimizer),
            "initializers": family(keras.initializers, initializer_names(), None),
            "regularizers": family(keras.regularizers, REGULARIZERS, None),
            "callbacks": family(keras.callbacks, CALLBACKS, None),
            "methods": {f"Model.{m}": function_signature(getattr(keras.Model, m)) for m in METHODS},
            "functions": functions,
        },
    )
