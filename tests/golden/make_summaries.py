"""summaries.json: the exact text of model.summary()."""

import inspect
import tempfile

import keras
import numpy as np

import summary_recipes
from common import rng, seed_keras, write_json

# recipe -> list of (state, options, optimizer)
MORE = {
    "fashion_mlp": [
        ("compiled", {}, "sgd"),
        ("loaded", {}, "sgd"),
        ("loaded", {}, "adam"),
        ("trained", {}, "sgd"),
        ("trained", {}, "adam"),
        ("trained", {}, "rmsprop"),
    ],
    "mnist_model": [
        ("trained", {}, "rmsprop"),
        ("built", {"line_length": 60}, None),
        ("built", {"line_length": 78}, None),
        ("built", {"line_length": 100}, None),
        ("built", {"line_length": 40}, None),
        ("built", {"positions": [0.3, 0.6, 1.0]}, None),
        ("built", {"show_trainable": True}, None),
        ("built", {"layer_range": ["dense", "dense_1"]}, None),
    ],
    "wide_deep": [
        ("trained", {}, "adam"),
        ("built", {"line_length": 60}, None),
        ("built", {"line_length": 120}, None),
        ("built", {"show_trainable": True}, None),
    ],
    "autoencoder": [("built", {"expand_nested": True}, None), ("built", {"expand_nested": True, "show_trainable": True}, None)],
    "nested_twice": [("built", {"expand_nested": True}, None)],
    "nested_three_deep": [
        ("built", {"expand_nested": True}, None),
        ("built", {"expand_nested": True, "show_trainable": True, "line_length": 100}, None),
        ("trained", {"expand_nested": True}, "adam"),
    ],
    "also_called_outside": [("built", {"expand_nested": True}, None)],
    "two_outputs_inside": [
        ("built", {"expand_nested": True}, None),
        ("built", {"positions": [0.2, 0.5, 0.65, 1.0], "line_length": 76}, None),
        ("built", {"layer_range": ["second", "pair"]}, None),
        ("built", {"layer_range": ["sub.*", "fir"]}, None),
        ("trained", {"show_trainable": True}, "rmsprop"),
    ],
    "ensemble": [("built", {"expand_nested": True}, None)],
    "batchnorm_mlp": [("trained", {}, "sgd"), ("built", {"show_trainable": True}, None)],
    "frozen": [("built", {"show_trainable": True}, None), ("trained", {}, "adam")],
    "subclassed": [("trained", {}, "sgd"), ("built", {"show_trainable": True}, None)],
    "wide_names": [
        ("built", {"line_length": 50}, None),
        ("built", {"line_length": 36}, None),
        ("built", {"line_length": 31, "show_trainable": True}, None),
    ],
    "long_names": [
        ("built", {"line_length": 50}, None),
        ("built", {"show_trainable": True}, None),
        ("trained", {"line_length": 70}, "sgd"),
    ],
}


def recipes():
    """name -> function, in the order of the file."""
    module = summary_recipes
    found = inspect.getmembers(module, lambda f: inspect.isfunction(f) and f.__module__ == module.__name__)
    return dict(sorted(found, key=lambda item: item[1].__code__.co_firstlineno))


def random_data(tensors, high=10):
    """Two rows that fit the symbolic tensors."""
    data = []
    for i, t in enumerate(tensors):
        shape = [2] + [3 if n is None else n for n in t.shape[1:]]
        whole = "int" in keras.backend.standardize_dtype(t.dtype)
        data.append(rng(f"summary{i}").integers(0, high, shape) if whole else rng(f"summary{i}").random(shape))
    return data if len(data) > 1 else data[0]


def train(model, optimizer):
    if not isinstance(model, (keras.Sequential,)) and not hasattr(model, "inputs"):
        raise TypeError("a subclassed model needs its own data")
    model.compile(optimizer=optimizer, loss="mse" if len(model.outputs or [0]) == 1 else ["mse"] * len(model.outputs))
    model.fit(random_data(model.inputs), random_data(model.outputs), verbose=0)


def train_subclassed(model, optimizer):
    model.compile(optimizer=optimizer, loss="mse")
    model.fit(np.zeros((2, 5), "float32"), np.zeros((2, 1), "float32"), verbose=0)


def loaded(model):
    """Read back from a file: then the optimizer has its slots before the first step."""
    with tempfile.TemporaryDirectory() as folder:
        model.save(f"{folder}/model.keras")
        return keras.models.load_model(f"{folder}/model.keras")


def encode(name, recipe, state, options, optimizer):
    seed_keras(name)
    model = recipe()
    if state in ("compiled", "loaded"):
        model.compile(optimizer=optimizer, loss="mse")
    if state == "loaded":
        model = loaded(model)
    if state == "trained":
        (train_subclassed if name.startswith("subclassed") else train)(model, optimizer)
    parts = []
    model.summary(print_fn=parts.append, **options)
    label = "-".join([state, *([optimizer] if optimizer else []), *options])
    more = [str(options["line_length"])] if "line_length" in options else list(options.get("layer_range", []))
    return {
        "name": "=".join([f"{name}/{label}", *more]),
        "recipe": name,
        "state": state,
        "optimizer": optimizer,
        "options": options,
        "text": "".join(parts),
    }


def make():
    cases = []
    for name, recipe in recipes().items():
        state = "unbuilt" if name in ("sequential_unbuilt", "sequential_empty", "subclassed_unbuilt") else "built"
        for more in [(state, {}, None)] + MORE.get(name, []):
            cases.append(encode(name, recipe, *more))
    sources = {name: {"source": inspect.getsource(recipe)} for name, recipe in recipes().items()}
    sources["subclassed"]["source"] = inspect.getsource(summary_recipes.TwoLayers) + "\n\n" + sources["subclassed"]["source"]
    write_json("summaries", {"recipes": sources, "cases": cases})
