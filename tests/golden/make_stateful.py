"""stateful.json and .npz: a model of stateful LSTMs through one call after the other, each of which begins with the states that the last one
left. From TensorFlow: Keras on JAX carries states only in direct calls of a layer, and forgets them in predict, evaluate and fit."""

import keras
import numpy as np
from keras import Input, Sequential, layers

from common import Arrays, measured, normal, seed_keras, write_json
from make_training import set_initial_weights, weight_refs

ROWS, BATCH = 6, 2


def stateful_model():
    return Sequential(
        [
            Input(batch_shape=(BATCH, 4, 3)),
            layers.LSTM(3, return_sequences=True, stateful=True),
            layers.LSTM(2, stateful=True, go_backwards=True),
            layers.Dense(1),
        ]
    )


def reset(model):
    for layer in model.layers:
        if isinstance(layer, layers.LSTM):
            layer.reset_states()


def calls(model, x, y):
    """Name and result of each call: outputs, a loss, or a history."""
    quiet = {"batch_size": BATCH, "verbose": 0}
    yield "predict", model.predict(x, **quiet)
    yield "predict", model.predict(x, **quiet)
    yield "predict_two_batches", model.predict(x, steps=2, **quiet)
    yield "predict_on_batch", model.predict_on_batch(x[:BATCH])
    yield "evaluate", model.evaluate(x, y, **quiet)
    yield "predict", model.predict(x, **quiet)
    yield "call", np.asarray(model(x[:BATCH]))
    yield "test_on_batch", model.test_on_batch(x[:BATCH], y[:BATCH])
    yield "reset", reset(model)
    yield "predict", model.predict(x, **quiet)
    yield "fit", model.fit(x, y, epochs=2, shuffle=False, validation_data=(x[::-1], y), validation_batch_size=BATCH, **quiet).history
    yield "predict", model.predict(x, **quiet)
    yield "train_on_batch", model.train_on_batch(x[:BATCH], y[:BATCH])
    yield "predict", model.predict(x, **quiet)


def encode(number, name, result, arrays):
    call = {"name": name}
    if isinstance(result, np.ndarray):
        call["outputs"] = arrays.ref(f"{number}/outputs", result)
    elif isinstance(result, dict):
        call["history"] = {k: [measured(v) for v in values] for k, values in result.items()}
    elif result is not None:
        call["loss"] = measured(result)
    return call


def make():
    seed_keras("stateful")
    model = stateful_model()
    set_initial_weights(model, "stateful")
    model.compile(optimizer=keras.optimizers.SGD(0.1), loss="mean_squared_error")
    arrays = Arrays()
    x, y = normal("stateful/x", (ROWS, 4, 3)), normal("stateful/y", (ROWS, 1))
    content = {"x": arrays.ref("x", x), "y": arrays.ref("y", y), "batch_size": BATCH, "weights": weight_refs(model, "weight", arrays)}
    content["calls"] = [encode(i, name, result, arrays) for i, (name, result) in enumerate(calls(model, x, y))]
    write_json("stateful", content, arrays)
