"""Keras 3 worker. Peers: keras-tf, keras-jax, keras-torch, with options after '+':
jit (jit_compile=True: XLA, torch.compile; "auto" means no XLA for TensorFlow on a CPU), speN
(steps_per_execution), t1 (one thread), inter1 (TensorFlow: one inter-op thread instead of two),
notf (as if TensorFlow were not installed)."""
import os
import sys

peer, name = sys.argv[1:3]
base, *options = peer.split("+")
threads = "1" if "t1" in options else "2"
os.environ.update(KERAS_BACKEND={"keras-tf": "tensorflow", "keras-jax": "jax", "keras-torch": "torch"}[base],
                  OMP_NUM_THREADS=threads, TF_NUM_INTRAOP_THREADS=threads,
                  TF_NUM_INTEROP_THREADS="1" if "inter1" in options else threads, TF_CPP_MIN_LOG_LEVEL="3")
if "notf" in options:
    sys.modules["tensorflow"] = None

import keras
import numpy as np
from keras import layers as L

import harness
from workloads import RESNET20, workload

if base == "keras-torch":
    import torch
    torch.set_num_threads(int(threads))

seq = lambda shape, *layers: keras.Sequential([keras.Input(shape), *layers])


def xor():
    return seq((2,), L.Dense(4, "tanh"), L.Dense(1, "sigmoid"))


def fashion_mlp():
    return seq((28, 28), L.Flatten(), L.Dense(300, "relu"), L.Dense(100, "relu"), L.Dense(10, "softmax"))


def mnist_mlp():
    return seq((784,), L.Dense(64, "relu"), L.Dense(64, "relu"), L.Dense(10, "softmax"))


def mnist_cnn():
    return seq((28, 28, 1), L.Conv2D(32, 3, activation="relu"), L.MaxPooling2D(2),
               L.Conv2D(64, 3, activation="relu"), L.MaxPooling2D(2), L.Flatten(), L.Dropout(0.5),
               L.Dense(10, "softmax"))


def cifar_resnet():
    conv = lambda n, padding="valid": L.Conv2D(n, 3, activation="relu", padding=padding)
    inputs = keras.Input((32, 32, 3))
    x = L.MaxPooling2D(3)(conv(64)(conv(32)(inputs)))
    for _ in range(2):
        x = L.add([x, conv(64, "same")(conv(64, "same")(x))])
    x = L.GlobalAveragePooling2D()(conv(64)(x))
    x = L.Dropout(0.5)(L.Dense(256, "relu")(x))
    return keras.Model(inputs, L.Dense(10)(x))


def conv_norm(x, n, k=3, stride=1):
    return L.BatchNormalization()(L.Conv2D(n, k, stride, padding="same", use_bias=False)(x))


def resnet():
    inputs = keras.Input((32, 32, 3))
    x = L.ReLU()(conv_norm(inputs, 16))
    for n, blocks, first in RESNET20:
        for stride in [first] + [1] * (blocks - 1):
            body = conv_norm(L.ReLU()(conv_norm(x, n, 3, stride)), n)
            x = L.ReLU()(L.add([conv_norm(x, n, 1, stride) if stride > 1 else x, body]))
    return keras.Model(inputs, L.Dense(10, "softmax")(L.GlobalAveragePooling2D()(x)))


def mlp_mixer():
    mlp = lambda x, hidden: L.Dense(x.shape[-1])(L.Dense(hidden, "gelu")(x))
    inputs = keras.Input((32, 32, 3))
    x = L.Reshape((64, 128))(L.Conv2D(128, 4, strides=4)(inputs))  # (batch, patches, channels)
    for _ in range(4):
        x = L.add([x, L.Permute((2, 1))(mlp(L.Permute((2, 1))(L.BatchNormalization()(x)), 64))])
        x = L.add([x, mlp(L.BatchNormalization()(x), 256)])
    return keras.Model(inputs, L.Dense(10, "softmax")(L.GlobalAveragePooling1D()(L.BatchNormalization()(x))))


def autoencoder():
    conv = lambda n: L.Conv2D(n, 3, activation="relu")
    convt = lambda n: L.Conv2DTranspose(n, 3, activation="relu")
    return seq((28, 28, 1), conv(16), conv(32), L.MaxPooling2D(3), conv(32), conv(16), L.GlobalMaxPooling2D(),
               L.Reshape((4, 4, 1)), convt(16), convt(32), L.UpSampling2D(3), convt(16), convt(1))


def imdb_mlp():
    return seq((10000,), L.Dense(16, "relu"), L.Dense(16, "relu"), L.Dense(1, "sigmoid"))


def imdb_lstm():
    return seq((80,), L.Embedding(20000, 128), L.LSTM(128), L.Dense(1, "sigmoid"))


def imdb_gru():
    return seq((80,), L.Embedding(20000, 128), L.GRU(128), L.Dense(1, "sigmoid"))


def imdb_bilstm():
    return seq((200,), L.Embedding(20000, 128), L.Bidirectional(L.LSTM(64, return_sequences=True)),
               L.Bidirectional(L.LSTM(64)), L.Dense(1, "sigmoid"))


def wide_deep():
    wide, deep = keras.Input((5,)), keras.Input((6,))
    h = L.Dense(30, "relu")(L.Dense(30, "relu")(deep))
    return keras.Model([wide, deep], [L.Dense(1)(L.concatenate([wide, h])), L.Dense(1)(h)])


def tickets():
    title, body, tags = keras.Input((10,)), keras.Input((100,)), keras.Input((12,))
    x = L.concatenate([L.LSTM(128)(L.Embedding(10000, 64)(title)),
                       L.LSTM(32)(L.Embedding(10000, 64)(body)), tags])
    return keras.Model([title, body, tags], [L.Dense(1, "sigmoid")(x), L.Dense(4, "softmax")(x)])


def text_cnn():
    conv = lambda: L.Conv1D(128, 7, strides=3, activation="relu")
    return seq((500,), L.Embedding(20000, 128), L.Dropout(0.5), conv(), conv(), L.GlobalMaxPooling1D(),
               L.Dense(128, "relu"), L.Dropout(0.5), L.Dense(1, "sigmoid"))


class Positions(L.Layer):
    """Token embedding plus a learned embedding of the position."""

    def __init__(self, words, length, dim):
        super().__init__()
        self.tokens, self.positions = L.Embedding(words, dim), L.Embedding(length, dim)
        self.length = length

    def call(self, x):
        return self.tokens(x) + self.positions(keras.ops.arange(self.length))


def transformer(length=200, dim=32, heads=2, ffn=32, blocks=1):
    inputs = keras.Input((length,))
    x = Positions(20000, length, dim)(inputs)
    for _ in range(blocks):
        a = L.Dropout(0.1)(L.MultiHeadAttention(heads, 32)(x, x))
        x = L.LayerNormalization(epsilon=1e-6)(x + a)
        f = L.Dropout(0.1)(L.Dense(dim)(L.Dense(ffn, "relu")(x)))
        x = L.LayerNormalization(epsilon=1e-6)(x + f)
    x = L.Dropout(0.1)(L.GlobalAveragePooling1D()(x))
    x = L.Dropout(0.1)(L.Dense(20, "relu")(x))
    return keras.Model(inputs, L.Dense(2, "softmax")(x))


def transformer_big():
    return transformer(128, 128, 4, 512, 2)


def batchnorm_mlp():
    return seq((28, 28), L.Flatten(), L.Dense(300, "relu"), L.BatchNormalization(), L.Dense(100, "relu"),
               L.BatchNormalization(), L.Dense(10, "softmax"))


def resnet50():
    return keras.applications.ResNet50(weights=None)


def mobilenet():
    return keras.applications.MobileNetV2(weights=None)


w = workload(name)
if w.bfloat16:
    keras.config.set_dtype_policy("mixed_bfloat16")
keras.utils.set_random_seed(1)
inputs, targets = w.load()
one = lambda t: t[0] if len(t) == 1 else list(t)
jit = True if "jit" in options else "auto"
spe = next((int(o[3:]) for o in options if o.startswith("spe")), 1)
model = globals()[w.net]()

if w.kind == "train":
    losses = {"sce": "sparse_categorical_crossentropy", "bce": "binary_crossentropy", "mse": "mse",
              "sce_logits": keras.losses.SparseCategoricalCrossentropy(from_logits=True)}
    metrics = ["root_mean_squared_error" if l == "mse" else "accuracy" for l in w.loss]
    optimizer = {"sgd": keras.optimizers.SGD, "rmsprop": keras.optimizers.RMSprop,
                 "adam": keras.optimizers.Adam}[w.optimizer](w.lr)
    model.compile(optimizer, [losses[l] for l in w.loss], loss_weights=list(w.weights) if len(w.loss) > 1 else None,
                  metrics=metrics if len(w.loss) > 1 else metrics[:1], jit_compile=jit, steps_per_execution=spe)
    x, y = one(inputs), one(targets)
    harness.serve_training(w, lambda: model.fit(x, y, batch_size=w.batch, epochs=1, verbose=0).history["loss"][-1])

model.compile(jit_compile=jit)
x = inputs[0]
if w.kind == "forward":
    batches = x.reshape((w.steps, w.batch) + x.shape[1:])
    harness.serve_calls(w.steps, {"forward": lambda i: model.predict_on_batch(batches[i])})
elif w.kind == "predict_one":
    calls = {"predict_on_batch": lambda i: model.predict_on_batch(x[i:i + 1]),
             "predict": lambda i: model.predict(x[i:i + 1], verbose=0),
             "call": lambda i: np.asarray(keras.ops.convert_to_numpy(model(x[i:i + 1], training=False)))}
    if base == "keras-tf":
        import tensorflow as tf
        graph = tf.function(lambda t: model(t, training=False), jit_compile="jit" in options)
        calls["tf_function"] = lambda i: graph(tf.constant(x[i:i + 1])).numpy()
    if base == "keras-jax":
        import jax
        copies = lambda variables: [jax.numpy.array(v.value) for v in variables]  # predict() gives its own away
        state = copies(model.trainable_variables), copies(model.non_trainable_variables)
        pure = jax.jit(lambda t, n, x: model.stateless_call(t, n, x, training=False)[0])
        calls["jit"] = lambda i: np.asarray(pure(*state, x[i:i + 1]))
    harness.serve_calls(w.steps, calls)
elif w.kind == "predict_bulk":
    harness.serve_calls(1, {f"batch{b}": lambda i, b=b: model.predict(x, batch_size=b, verbose=0)
                            for b in (32, 1024)})
