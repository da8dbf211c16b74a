"""model_configs.json: configs of whole models with what the models compute, of operations between layers, of models of Keras 2, and
configurations of compile()."""

import json
import tempfile

import h5py
import keras
import numpy as np
import tensorflow as tf
import tf_keras

import model_config_ops
from common import seed_keras, tensor, write_json
from model_config_cases import CASES, old_models

K = keras


def tensors(value):
    if isinstance(value, dict):
        return {k: tensors(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [tensors(v) for v in value]
    return tensor(value)


def case(name, model, inputs):
    """Weights are renewed, so that zeros and ones do not hide mistakes."""
    rng = np.random.default_rng(len(name))
    weights = [np.asarray(w) + rng.uniform(0.1, 0.5, np.shape(w)).astype("float32") for w in model.get_weights()]
    model.set_weights(weights)
    return {
        "name": name,
        "config": json.loads(model.to_json()),
        "inputs": tensors(inputs),
        "outputs": tensors(model(inputs, training=False)),
        "weights": tensors(weights),
    }


def model_cases():
    result = []
    for make in CASES:
        seed_keras(make.__name__)
        result.append(case(make.__name__, *make()))
    return result


def operation_cases():
    result = []
    for name, (function, names) in model_config_ops.make_cases().items():
        seed_keras(name)
        model, inputs = model_config_ops.make_model(function, names)
        full = case(name, model, inputs)
        result.append({k: full[k] for k in ("name", "config", "outputs")})
    return result


def old_cases():
    tf_keras.backend.clear_session()
    result = []
    for name, (model, inputs) in old_models(tf_keras, tf).items():
        result.append(case(name, model, inputs))
    return result


def compiled(outputs, **arguments):
    seed_keras("compile")
    x = K.Input((3,), name="x")
    model = K.Model(x, [K.layers.Dense(1, name=n)(x) for n in outputs] if len(outputs) > 1 else K.layers.Dense(1, name=outputs[0])(x))
    model.compile(**arguments)
    return {"outputs": outputs, "config": json.loads(json.dumps(model.get_compile_config())), **old_file(model)}


def old_file(model):
    """The training_config of a .h5 file, and whether Keras reads it back: not where the loss is a short name ("mse")."""
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/model.h5"
        model.save(path)
        with h5py.File(path) as file:
            config = json.loads(file.attrs["training_config"])
        try:
            keras.models.load_model(path)
            return {"h5": config, "h5_is_read": True}
        except (TypeError, ValueError):
            return {"h5": config, "h5_is_read": False}


def compile_cases():
    one, two = ["out"], ["a", "b"]
    O, M, S = K.optimizers, K.metrics, K.losses
    return [
        compiled(one, optimizer="adam", loss="mean_squared_error", metrics=["mae", "accuracy"]),
        compiled(one, optimizer=O.SGD(0.1, momentum=0.9, nesterov=True), loss=S.BinaryCrossentropy(from_logits=True),
                 metrics=[M.BinaryAccuracy(threshold=0.25), "mse"], weighted_metrics=["mae"], run_eagerly=True),
        compiled(one, optimizer=O.Adam(O.schedules.ExponentialDecay(0.1, 10, 0.5)), loss=["mean_absolute_error"], steps_per_execution=4),
        compiled(two, optimizer="rmsprop", loss={"a": "mean_squared_error", "b": S.MeanAbsoluteError()}, loss_weights={"a": 1.0, "b": 0.5},
                 metrics={"a": ["mae", M.MeanSquaredError(name="q")], "b": ["mse"]}),
        compiled(two, optimizer=O.RMSprop(), loss=["mean_squared_error", None], loss_weights=[1.0, 2.0], metrics=[["mae"], ["mse", "mae"]]),
        compiled(two, optimizer="sgd", loss="mean_squared_error", metrics=[None, ["mae"]]),
        compiled(one, optimizer="Adam", loss="mse", metrics=["MAE", "acc"], jit_compile=False),
        compiled(one, loss="bce", metrics=[], weighted_metrics=[M.BinaryAccuracy()]),
        compiled(one, loss=S.mean_squared_error, metrics=[M.mean_squared_error, M.binary_accuracy]),
        compiled(one, loss={"out": "MSE"}, metrics={"out": "mse"}, run_eagerly=True),
        compiled(one, loss="mean_squared_error", metrics=[[M.MeanSquaredError()]]),
        compiled(one, loss="binary_crossentropy", metrics=[
            M.MeanMetricWrapper(M.binary_accuracy, name="quarter", threshold=0.25), M.MeanMetricWrapper(S.mean_squared_error, name="q")]),
        compiled(two, loss="mse", metrics={"b": "mse"}, weighted_metrics={"b": ["mae"], "a": M.MeanSquaredError()}),
        compiled(two, loss={"a": "mean_absolute_error", "b": None}, metrics={"b": [], "a": None}),
        compiled(two, loss=["mse", "mae"], metrics=["mse", ["mae"]], loss_weights=[1.0, 2.0]),
        compiled(two, loss=["mse", "mae"], metrics=["mse", "mae"], weighted_metrics=[None, "mae"]),
        compiled(two, loss=["mean_squared_error", "mean_absolute_error"], loss_weights=[None, 2.0]),
        compiled(two, loss={"a": "mean_squared_error", "b": "mean_absolute_error"}, loss_weights={"a": 0.5, "b": None}),
        compiled(one, loss="mean_squared_error", loss_weights=0.5),
    ]


def make():
    write_json("model_configs", {
        "models": model_cases(),
        "op_inputs": tensors(model_config_ops.make_inputs()),
        "operations": operation_cases(),
        "tf_keras": old_cases(),
        "compile": compile_cases(),
    })
