"""Loss and gradient for logits of +-100 through softmax and sigmoid outputs.

Run as a program, under JAX and under TensorFlow, since the two differ: only TensorFlow goes back from the probabilities to the
logits, so JAX clips the probabilities and its gradients vanish. Prints JSON. The cases `from_logits` are what both should give.
"""

import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import keras  # noqa: E402
import numpy as np  # noqa: E402
from keras import Input, Model, Sequential, layers  # noqa: E402

from common import seed_keras, tensor  # noqa: E402

UNITS = {"softmax": 3, "sigmoid": 1}
KERNEL = {
    "softmax": np.array([[100, -100, 0], [0, 50, 100], [-100, 0, 100]], "float32"),
    "sigmoid": np.array([[100], [-100], [50]], "float32"),
}
BIAS = {"softmax": np.array([0.5, -0.25, 0], "float32"), "sigmoid": np.array([0.25], "float32")}
X = np.array([[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, -1], [0.02, 0.01, 0]], "float32")
CLASSES = np.array([0, 1, 2, 2, 1], "int32")
BITS = np.array([[1], [0], [1], [1], [0]], "float32")


def dense_with_activation(activation, units):
    inputs = Input((3,))
    return Model(inputs, layers.Dense(units, activation=activation, name="last")(inputs))


def separate_activation(activation, units):
    return Sequential([Input((3,)), layers.Dense(units, name="last"), layers.Activation(activation)])


def nested_model(activation, units):
    inputs = Input((3,))
    return Model(inputs, dense_with_activation(activation, units)(inputs))


def nested_activation(activation, units):
    inputs = Input((3,))
    inner = Sequential([Input((units,)), layers.Activation(activation)])
    return Model(inputs, inner(layers.Dense(units, name="last")(inputs)))


def reshaped_after(activation, units):
    """A layer after the activation: no way back to the logits."""
    return Sequential([Input((3,)), layers.Dense(units, name="last", activation=activation), layers.Reshape((units,))])


def from_logits(activation, units):
    return Sequential([Input((3,)), layers.Dense(units, name="last")])


MODELS = (dense_with_activation, separate_activation, nested_model, nested_activation, reshaped_after, from_logits)


def cases():
    for model in MODELS:
        yield model, "softmax", "categorical_crossentropy", np.eye(3, dtype="float32")[CLASSES]
        yield model, "softmax", "sparse_categorical_crossentropy", CLASSES
        yield model, "sigmoid", "binary_crossentropy", BITS


def loss_object(name, with_logits):
    class_name = "".join(part.capitalize() for part in name.split("_"))
    return getattr(keras.losses, class_name)(from_logits=with_logits)


def loss_and_gradients(model, y):
    if keras.backend.backend() == "jax":
        import jax

        others = [v.value for v in model.non_trainable_variables]

        def loss_of(trainable):
            prediction, _ = model.stateless_call(trainable, others, X, training=True)
            return model.compute_loss(x=X, y=y, y_pred=prediction)

        return jax.value_and_grad(loss_of)([v.value for v in model.trainable_variables])
    import tensorflow as tf

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            loss = model.compute_loss(x=tf.constant(X), y=tf.constant(y), y_pred=model(X, training=True))
        return loss, tape.gradient(loss, [v.value for v in model.trainable_variables])

    return step()


def encode(make_model, activation, loss, y):
    seed_keras("extreme")
    model = make_model(activation, UNITS[activation])
    model.set_weights([KERNEL[activation], BIAS[activation]])
    model.compile(optimizer=keras.optimizers.SGD(1.0), loss=loss_object(loss, make_model is from_logits))
    value, (by_kernel, by_bias) = loss_and_gradients(model, y)
    entry = {
        "backend": keras.backend.backend(),
        "model": make_model.__name__,
        "activation": activation,
        "loss": loss,
        "kernel": tensor(KERNEL[activation]),
        "bias": tensor(BIAS[activation]),
        "x": tensor(X),
        "y_true": tensor(y),
        "prediction": tensor(model.predict(X, verbose=0)),
        "loss_value": tensor(np.float32(value)),
        "kernel_gradient": tensor(np.asarray(by_kernel)),
        "bias_gradient": tensor(np.asarray(by_bias)),
    }
    history = model.fit(X, y, batch_size=len(X), verbose=0)
    return {**entry, "fit_loss": tensor(np.float32(history.history["loss"][0]))}


if __name__ == "__main__":
    print(json.dumps([encode(*case) for case in cases()]))
