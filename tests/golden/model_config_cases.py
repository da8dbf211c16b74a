"""The models of model_configs.json: name -> (model, inputs as they are fed: an array, a list or a map)."""

import keras
import numpy as np

from common import normal, rng

L, ops = keras.layers, keras.ops


def floats(name, *shape):
    return normal(name, shape)


def ids(*shape):
    return rng(f"ids/{shape}").integers(0, 9, shape).astype("int32")


def sequential():
    model = keras.Sequential([keras.Input((4,), name="x"), L.Dense(3, "relu"), L.Dropout(0.5), L.Dense(2)], name="mlp")
    return model, floats("a", 3, 4)


def sequential_deferred():
    model = keras.Sequential([L.Dense(3, "tanh", name="hidden"), L.Dense(1, name="out")])
    model.build((None, 5))
    return model, floats("b", 3, 5)


def dense_chain():
    x = keras.Input((6,), batch_size=2)
    y = L.BatchNormalization()(L.Dense(4, kernel_regularizer="l2")(x))
    return keras.Model(x, L.Activation("softmax")(L.Dropout(0.25)(y)), name="chain"), floats("c", 2, 6)


def shared_layer():
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    dense = L.Dense(3, name="shared")
    unused = dense(keras.Input((4,)))  # a call outside of the model does not count
    assert unused is not None
    y = L.concatenate([dense(a), dense(b), dense(a)])
    return keras.Model([a, b], L.Dense(1)(y)), [floats("a", 3, 4), floats("b", 3, 4)]


def several_outputs():
    x = keras.Input((4,), name="x")
    h = L.Dense(3, name="h")(x)
    return keras.Model([x], [L.Dense(1, name="one")(h), h]), [floats("a", 3, 4)]


def by_name():
    wide, deep = keras.Input((2,), name="wide"), keras.Input((3,), name="deep")
    h = L.Dense(4)(deep)
    outputs = {"z": L.Dense(1, name="z")(h), "main": L.Dense(2, name="main")(L.concatenate([wide, h]))}
    return keras.Model({"wide": wide, "deep": deep}, outputs), {"wide": floats("w", 3, 2), "deep": floats("d", 3, 3)}


def nested():
    inner_in = keras.Input((4,), name="inner_in")
    inner = keras.Model(inner_in, L.Dense(4, "tanh")(inner_in), name="inner")
    stack = keras.Sequential([keras.Input((4,)), L.Dense(4)], name="stack")
    x = keras.Input((4,), name="x")
    return keras.Model(x, inner(stack(inner(x)) + x)), floats("a", 3, 4)


def nested_two_inputs():
    a, b = keras.Input((2,), name="a"), keras.Input((2,), name="b")
    inner = keras.Model([a, b], [L.add([a, b]), L.subtract([a, b])], name="pair")
    x, y = keras.Input((2,), name="x"), keras.Input((2,), name="y")
    return keras.Model([x, y], L.multiply(inner([x, L.Dense(2)(y)]))), [floats("a", 3, 2), floats("b", 3, 2)]


def masked_lstm():
    x = keras.Input((5,), dtype="int32", name="ids")
    h = L.LSTM(3, return_sequences=True)(L.Embedding(9, 4, mask_zero=True)(x))
    return keras.Model(x, L.Dense(2)(L.LSTM(3)(h))), ids(3, 5)


def lstm_states():
    x = keras.Input((5, 2), name="x")
    h0, c0 = keras.Input((3,), name="h0"), keras.Input((3,), name="c0")
    y, h, c = L.LSTM(3, return_state=True, return_sequences=True)(x, initial_state=[h0, c0])
    z = L.LSTM(3)(y, initial_state=[h, c])
    return keras.Model([x, h0, c0], [z, c]), [floats("x", 2, 5, 2), floats("h", 2, 3), floats("c", 2, 3)]


def masked_lstm_states():
    x, s = keras.Input((5,), dtype="int32", name="ids"), keras.Input((3,), name="s")
    return keras.Model([x, s], L.LSTM(3)(L.Embedding(9, 4, mask_zero=True)(x), initial_state=[s, s])), [ids(3, 5), floats("s", 3, 3)]


def operators():
    x, y = keras.Input((4,), name="x"), keras.Input((4,), name="y")
    z = 2.0 * x + y / 3 - (1 - x) * y
    z = z + x[:, 1:2] ** 2 - abs(y)
    return keras.Model([x, y], L.Dense(2)(ops.concatenate([z, z[:, ::2], -x], axis=-1))), [floats("a", 3, 4), floats("b", 3, 4)]


def constants():
    x = keras.Input((3,), name="x")
    return keras.Model(x, x * np.array([1.0, 2.0, 3.0], "float32") + ops.convert_to_tensor([[1.0, 0.5, 0.25]])), floats("a", 3, 3)


def operation_output():
    x = keras.Input((3,), name="x")
    return keras.Model(x, ops.tanh(L.Dense(2)(x))), floats("a", 3, 3)


def operation_called_twice():
    from keras.src.ops.numpy import Add

    x, y = keras.Input((3,), name="x"), keras.Input((3,), name="y")
    plus = Add(name="plus")
    return keras.Model([x, y], plus(plus(x, y), 1.0)), [floats("a", 3, 3), floats("b", 3, 3)]


def image():
    x = keras.Input((8, 8, 2), name="image")
    h = L.MaxPooling2D()(L.Conv2D(3, 3, padding="same", activation="relu")(x))
    return keras.Model(x, L.Dense(2)(L.Flatten()(h + L.Conv2D(3, 1, strides=2)(x)))), floats("i", 2, 8, 8, 2)


def training_given():
    x = keras.Input((3,), name="x")
    return keras.Model(x, L.BatchNormalization()(L.Dropout(0.5)(x, training=False), training=False)), floats("a", 3, 3)


def frozen():
    x = keras.Input((3,), name="x")
    layer = L.Dense(2, trainable=False)
    model = keras.Model(x, L.Dense(1)(layer(x)))
    return model, floats("a", 3, 3)


def unused_input():
    x, y = keras.Input((3,), name="x"), keras.Input((2,), name="y")
    return keras.Model([y, x], L.Dense(1)(x)), [floats("b", 3, 2), floats("a", 3, 3)]


def deep_structure():
    a, b, c = (keras.Input((2,), name=n) for n in "abc")
    return keras.Model([a, [b, c]], {"sum": a + b, "rest": [b - c, c]}), [floats("a", 3, 2), [floats("b", 3, 2), floats("c", 3, 2)]]


CASES = (sequential, sequential_deferred, dense_chain, shared_layer, several_outputs, by_name, nested, nested_two_inputs, masked_lstm,
         lstm_states, masked_lstm_states, operators, constants, operation_output, operation_called_twice, image, training_given, frozen,
         unused_input, deep_structure)


def old_models(tk, tf):
    """The same kinds of models made by tf-keras (Keras 2), with TensorFlow's functions between layers: name -> (model, inputs)."""
    T = tk.layers
    cases = {}
    a, b = tk.Input((4,), name="a"), tk.Input((4,), name="b")
    dense = T.Dense(3, activation="relu", name="shared")
    y = T.concatenate([dense(a), dense(b)])
    cases["shared_layer"] = tk.Model([a, b], T.Dense(1)(T.Dropout(0.5)(y))), [floats("a", 3, 4), floats("b", 3, 4)]
    cases["sequential"] = tk.Sequential([T.Dense(3, input_shape=(4,)), T.BatchNormalization(), T.Dense(2)]), floats("a", 3, 4)
    cases["sequential_embedding"] = tk.Sequential([T.Embedding(9, 4, mask_zero=True, input_length=5), T.LSTM(3)]), ids(3, 5)
    x = tk.Input((4,), name="x")
    inner = tk.Model(x, T.Dense(4, activation="tanh")(x), name="inner")
    stack = tk.Sequential([T.Dense(4, input_shape=(4,))], name="stack")
    z = tk.Input((4,), name="z")
    cases["nested"] = tk.Model(z, inner(stack(inner(z)))), floats("a", 3, 4)
    s, h, c = tk.Input((5, 2), name="s"), tk.Input((3,), name="h"), tk.Input((3,), name="c")
    cases["lstm_states"] = tk.Model([s, h, c], T.LSTM(3)(s, initial_state=[h, c])), [floats("x", 2, 5, 2), floats("h", 2, 3), floats("c", 2, 3)]
    u, v = tk.Input((4,), name="u"), tk.Input((4,), name="v")
    w = 2.0 * u + v / 3.0 - (1.0 - u) * v
    w = w + u[:, 1:2] - tf.abs(v) + tf.reduce_mean(u, axis=1, keepdims=True)
    w = tf.concat([tf.nn.relu(w), tf.reshape(v, (-1, 4)), tf.tanh(u)[:, ::2]], axis=-1)
    cases["operators"] = tk.Model([u, v], T.Dense(2)(tf.nn.softmax(w))), [floats("a", 3, 4), floats("b", 3, 4)]
    wide, deep = tk.Input((2,), name="wide"), tk.Input((3,), name="deep")
    cases["by_name"] = (
        tk.Model({"wide": wide, "deep": deep}, {"z": T.Dense(1, name="z")(deep), "main": T.Dense(2, name="main")(wide)}),
        {"wide": floats("w", 3, 2), "deep": floats("d", 3, 3)},
    )
    image_in = tk.Input((6, 6, 1), name="image")
    flat = T.Flatten()(T.MaxPooling2D()(T.Conv2D(2, (3, 3), activation="relu")(image_in)))
    cases["image"] = tk.Model(image_in, flat), floats("i", 2, 6, 6, 1)
    return cases
