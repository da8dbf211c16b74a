"""make_large.py FOLDER: a VGG-like model of 100 MB with random weights, saved by Keras, and what it predicts."""

import pathlib
import sys

import keras
import numpy as np
from keras import Sequential, layers

SIZE = 64


def model():
    stack = [keras.Input((SIZE, SIZE, 3))]
    for filters, count in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        stack += [layers.Conv2D(filters, 3, padding="same", activation="relu") for _ in range(count)]
        stack.append(layers.MaxPooling2D(2))
    stack += [
        layers.Flatten(),
        layers.Dense(2048, activation="relu"),
        layers.Dense(2048, activation="relu"),
        layers.Dense(1000, activation="softmax"),
    ]
    return Sequential(stack)


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    keras.utils.set_random_seed(1)
    large = model()
    large.save(folder / "large.keras")
    x = np.random.default_rng(1).standard_normal((2, SIZE, SIZE, 3)).astype("float32")
    np.savez(folder / "large.npz", x=x, y=large.predict(x, verbose=0))
    print(f"large model: {(folder / 'large.keras').stat().st_size / 1e6:.0f} MB, {large.count_params()} parameters")


if __name__ == "__main__":
    main()
