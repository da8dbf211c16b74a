"""The models of the training runs."""

from keras import Input, Model, Sequential, layers
from keras.regularizers import L1, L1L2, L2


def classifier():
    return Sequential([Input(shape=(6,)), layers.Dense(8, activation="relu"), layers.Dense(3, activation="softmax")])


def regressor():
    return Sequential([Input(shape=(6,)), layers.Dense(8, activation="tanh"), layers.Dense(1)])


def binary():
    return Sequential([Input(shape=(6,)), layers.Dense(5, activation="relu"), layers.Dense(1, activation="sigmoid")])


def batchnorm():
    return Sequential(
        [
            Input(shape=(6,)),
            layers.Dense(8, use_bias=False),
            layers.BatchNormalization(momentum=0.9),
            layers.Activation("relu"),
            layers.Dense(3, activation="softmax"),
        ]
    )


def batchnorm_frozen():
    model = batchnorm()
    model.layers[1].trainable = False
    return model


def batchnorm_conv():
    return Sequential(
        [
            Input(shape=(6, 6, 2)),
            layers.Conv2D(3, 3, use_bias=False, padding="same"),
            layers.BatchNormalization(center=False, epsilon=0.01),
            layers.Activation("relu"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def convnet():
    return Sequential(
        [
            Input(shape=(8, 8, 1)),
            layers.Conv2D(4, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(5, 2, activation="relu", padding="same", strides=2),
            layers.Flatten(),
            layers.Dense(3, activation="softmax"),
        ]
    )


def convnet_average():
    inputs = Input(shape=(8, 8, 2))
    x = layers.Conv2D(4, 3, padding="same", groups=2, activation="relu")(inputs)
    y = layers.Conv2D(4, 3, padding="same", dilation_rate=2, activation="relu")(x)
    x = layers.add([x, y])
    x = layers.AveragePooling2D(3, strides=2, padding="same")(x)
    return Model(inputs, layers.Dense(3)(layers.GlobalMaxPooling2D()(x)))


def lstm():
    return Sequential([Input(shape=(6,), dtype="int32"), layers.Embedding(10, 4), layers.LSTM(5), layers.Dense(1, activation="sigmoid")])


def lstm_masked():
    inputs = Input(shape=(6,), dtype="int32")
    x = layers.Embedding(10, 4, mask_zero=True)(inputs)
    x = layers.LSTM(5, return_sequences=True)(x)
    x = layers.LSTM(4, go_backwards=True)(x)
    return Model(inputs, layers.Dense(1, activation="sigmoid")(x))


def lstm_every_step():
    inputs = Input(shape=(6,), dtype="int32")
    x = layers.Embedding(10, 4, mask_zero=True)(inputs)
    x = layers.LSTM(5, return_sequences=True)(x)
    return Model(inputs, layers.Dense(3, activation="softmax")(x))


def lstm_masked_merge():
    left, right = Input(shape=(6,), dtype="int32", name="left"), Input(shape=(6,), dtype="int32", name="right")
    embedding = layers.Embedding(10, 4, mask_zero=True)
    x, y = embedding(left), embedding(right)
    x = layers.Concatenate()([layers.Add()([x, y]), x])
    return Model([left, right], layers.Dense(1, activation="sigmoid")(layers.LSTM(3)(x)))


def wide_deep():
    wide, deep = Input(shape=(3,), name="wide"), Input(shape=(4,), name="deep")
    x = layers.Dense(6, activation="relu")(deep)
    main = layers.Dense(1, name="main")(layers.concatenate([wide, x]))
    return Model([wide, deep], [main, layers.Dense(1, activation="sigmoid", name="aux")(x)])


def two_heads():
    inputs = Input(shape=(6,), name="features")
    x = layers.Dense(6, activation="relu")(inputs)
    return Model(inputs, {"score": layers.Dense(1, name="score")(x), "kind": layers.Dense(3, activation="softmax", name="kind")(x)})


def siamese():
    left, right = Input(shape=(3,), name="left"), Input(shape=(3,), name="right")
    shared = layers.Dense(4, activation="tanh")
    x = layers.Subtract()([shared(left), shared(right)])
    return Model([left, right], layers.Dense(1, activation="sigmoid")(x))


def nested():
    inner = Sequential([Input(shape=(6,)), layers.Dense(5, activation="relu"), layers.BatchNormalization()], name="inner")
    inputs = Input(shape=(6,))
    x = inner(inputs)
    return Model(inputs, layers.Dense(1)(2.0 * x + inner(-inputs)))


def regularized():
    return Sequential(
        [
            Input(shape=(6,)),
            layers.Dense(8, activation="relu", kernel_regularizer=L2(0.01), bias_regularizer=L1(0.02)),
            layers.Dense(4, activation="tanh", kernel_regularizer=L1L2(0.003, 0.004)),
            layers.Dense(1),
        ]
    )


def activity_regularized():
    return Sequential([Input(shape=(6,)), layers.Dense(8, activation="relu", activity_regularizer=L1L2(0.01, 0.02)), layers.Dense(1)])
