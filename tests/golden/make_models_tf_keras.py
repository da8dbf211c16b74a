"""models_tf_keras.json, .npz and .tar.gz: legacy .h5 files of tf-keras, the Keras 2 that lives on. Needs the package tf_keras (README.md)."""

import numpy as np
import tf_keras as keras
from tf_keras import Input, Model, Sequential, layers
from tf_keras.optimizers import SGD, Adam, RMSprop

from common import measured, normal, rng
from make_models import TRAINED_ON, write_models

ROWS, BATCH = 10, 5


class Case:
    def __init__(self, name, model, x, y, **compile):
        self.name, self.model, self.x, self.y, self.compile = name, model, x, y, compile


def bits():
    return rng("bits").integers(0, 2, (ROWS, 1)).astype("float32")


def classes(high=3):
    return rng("classes").integers(0, high, (ROWS, 1)).astype("int32")


def words():
    return rng("words").integers(0, 10, (ROWS, 6)).astype("int32")


def mlp():
    return Sequential(
        [
            Input((6,)),
            layers.Dense(8, activation="relu", kernel_regularizer="l2"),
            layers.Dropout(0.0),
            layers.Dense(3, activation="softmax"),
        ]
    )


def regressor():
    return Sequential(
        [layers.Dense(5, activation="tanh", input_shape=(6,), kernel_constraint=keras.constraints.MaxNorm(2)), layers.Dense(1)]
    )


def convnet():
    return Sequential(
        [
            Input((8, 8, 2)),
            layers.Conv2D(4, 3, padding="same", use_bias=False),
            # The fused one moves its variance by N / (N - 1) times as much, unlike Keras 3.
            layers.BatchNormalization(fused=False),
            layers.Activation("relu"),
            layers.MaxPooling2D(2),
            layers.AveragePooling2D(2),
            layers.GlobalAveragePooling2D(),
            layers.Dense(2),
        ]
    )


def text():
    inputs = Input((6,), dtype="int32")
    x = layers.Embedding(10, 4, mask_zero=True)(inputs)
    return Model(inputs, layers.Dense(1, activation="sigmoid")(layers.LSTM(3)(layers.LSTM(4, return_sequences=True)(x))))


def two_outputs():
    wide, deep = Input((3,), name="wide"), Input((4,), name="deep")
    x = layers.Dense(5, activation="relu")(deep)
    main = layers.Dense(1, name="main")(layers.concatenate([wide, x]))
    return Model([wide, deep], [main, layers.Dense(1, activation="sigmoid", name="aux")(x)])


def nested_shared():
    inner_in = Input((4,))
    inner = Model(inner_in, layers.Add()([inner_in, layers.Dense(4, activation="tanh")(inner_in)]), name="inner")
    shared, a, b = layers.Dense(4), Input((4,)), Input((4,))
    x = layers.Subtract()([inner(shared(a)), inner(shared(b))])
    return Model([a, b], layers.Dense(1)(layers.Concatenate()([x, Sequential([Input((4,)), layers.Dense(2)])(x)])))


def cases():
    x, y = normal("x", (ROWS, 6)), normal("y", (ROWS, 1))
    sparse = "sparse_categorical_crossentropy"
    yield Case("mlp", mlp, x, classes(), optimizer=Adam(0.01), loss=sparse, metrics=["accuracy"])
    yield Case("uncompiled", mlp, x, classes())
    yield Case("sgd", regressor, x, y, optimizer=SGD(0.05, momentum=0.9, nesterov=True), loss="mse", metrics=["mae"])
    yield Case("rmsprop", regressor, x, y, optimizer=RMSprop(0.01, momentum=0.5, centered=True), loss="mean_squared_error")
    rate = keras.optimizers.schedules.ExponentialDecay(0.02, 2, 0.8)
    yield Case("schedule", regressor, x, y, optimizer=Adam(rate, amsgrad=True), loss=keras.losses.MeanSquaredError())
    images = normal("images", (ROWS, 8, 8, 2))
    yield Case("convnet", convnet, images, normal("pair", (ROWS, 2)), optimizer="adam", loss="mae", metrics=["mse"])
    yield Case("text", text, words(), bits(), optimizer=RMSprop(0.01), loss="binary_crossentropy", metrics=["accuracy"])
    both, targets = [normal("wide", (ROWS, 3)), normal("deep", (ROWS, 4))], [y, bits()]
    maps = {"loss": {"main": "mse", "aux": "binary_crossentropy"}, "loss_weights": {"main": 0.7, "aux": 0.3}}
    yield Case("two_outputs", two_outputs, both, targets, optimizer=SGD(0.05), **maps)
    measures = {"metrics": {"aux": ["accuracy", keras.metrics.MeanAbsoluteError(name="far")], "main": "mae"}}
    yield Case("metrics_by_output", two_outputs, both, targets, optimizer=SGD(0.05), **maps, **measures)
    weighted = {"metrics": [["mse"], []], "weighted_metrics": [["mse", "mae"], ["accuracy"]]}
    yield Case("weighted_by_output", two_outputs, both, targets, optimizer=SGD(0.05), loss=["mse", "mae"], **weighted)
    pair = [normal("left", (ROWS, 4)), normal("right", (ROWS, 4))]
    yield Case("nested_shared", nested_shared, pair, y, optimizer=Adam(0.01), loss="mse")


def as_list(value):
    return list(value) if isinstance(value, (list, tuple)) else [value]


def predict(model, case):
    return [np.asarray(o) for o in as_list(model.predict(case.x, batch_size=BATCH, verbose=0))]


def encode(case, arrays, folder, prefix):
    keras.utils.set_random_seed(7)
    model = case.model()
    for variable in model.weights:
        if "moving" not in variable.name:
            variable.assign(variable + normal(f"{case.name}/{variable.name}", variable.shape, 0.1))
    training = {"batch_size": BATCH, "shuffle": False, "verbose": 0}
    if case.compile:
        model.compile(**case.compile)
        model.fit(case.x, case.y, **training)
    file = f"{case.name}.h5"
    model.save(folder / file, save_format="h5")
    result = {
        "name": prefix + case.name,
        "files": {"h5": prefix + file},
        "x": arrays.nested(f"{case.name}/x", case.x),
        "y": arrays.nested(f"{case.name}/y", case.y),
        "sample_weight": None,
        "batch_size": BATCH,
        "count_params": model.count_params(),
        "weights": [arrays.ref(f"{case.name}/weight{i}", v.numpy()) for i, v in enumerate(model.weights)],
        "outputs": arrays.refs(f"{case.name}/out", predict(model, case)),
        "output_names": None,
        "compiled": bool(case.compile),
    }
    if case.compile:
        history = model.fit(case.x, case.y, epochs=TRAINED_ON, **training).history
        result["fit"] = {
            "epochs": TRAINED_ON,
            "history": {k: [measured(v) for v in values] for k, values in history.items()},
            "outputs_after": arrays.refs(f"{case.name}/after", predict(model, case)),
        }
    return result


def make():
    write_models("models_tf_keras", cases(), "keras2_", encode)
