"""Writes the HDF5 files of this folder with Keras and h5py, contents.json: what h5py reads in them, and the seeds of
the fuzzer (tests/fuzz/corpus/hdf5_walk): one small file of each form.

    KERAS_BACKEND=jax python tests/saving/hdf5/make_hdf5.py

Needs tests/golden/requirements.txt. The texts, shapes and numbers of contents.json are read back from the files by h5py.
"""
import json
import pathlib

import h5py
import keras
import ml_dtypes
import numpy as np
from keras.src.legacy.saving import legacy_h5_format

HERE = pathlib.Path(__file__).parent
SEEDS = HERE.parents[1] / "fuzz" / "corpus" / "hdf5_walk"


def small_model(dtype="float32"):
    keras.utils.clear_session()
    keras.utils.set_random_seed(1)
    layers = keras.layers
    model = keras.Sequential([layers.Input((4,)), layers.Dense(3, activation="relu", dtype=dtype),
                              layers.BatchNormalization(dtype=dtype), layers.Dropout(0.5), layers.Dense(2, dtype=dtype)])
    model.compile("adam", "mean_squared_error")
    return model


def train(model):
    x = np.arange(32, dtype="float32").reshape(8, 4) / 32
    model.fit(x, x[:, :2], epochs=1, verbose=0)
    return model


def keras_files():
    model = train(small_model())
    model.save_weights(HERE / "keras.weights.h5")
    model.save(HERE / "keras_whole.h5")
    small_model("bfloat16").save_weights(HERE / "keras_bfloat16.weights.h5")
    names = [f"a_layer_with_a_long_name_{i}".encode() for i in range(2300)]  # beyond the 64 KB of one attribute
    with h5py.File(HERE / "keras_names.h5", "w") as file:
        legacy_h5_format.save_attributes_to_hdf5_group(file, "layer_names", names)


def arrays():
    """One array per element type and rank, some without elements."""
    for name in ["float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]:
        yield name, (np.arange(-3, 9) if not name.startswith("u") else np.arange(12)).astype(name)
    yield "bool", np.array([True, False, True])
    yield "big_endian", np.arange(5, dtype=">f4")
    for rank in range(6):
        yield f"rank/{rank}", np.arange(np.prod(range(1, rank + 1)), dtype="float32").reshape(range(1, rank + 1))
    yield "empty/vector", np.zeros((0,), "float32")
    yield "empty/matrix", np.zeros((3, 0, 2), "int32")


def fill(path, names=None, **options):
    with h5py.File(HERE / path, "w", **options) as file:
        values = dict(arrays())
        for name in names or values:
            file[name] = values[name]
        file.attrs["text"] = "ä text"
        file.attrs["bytes"] = b"bytes"
        file.attrs["empty"] = ""
        file.attrs["list"] = [b"a", b"longer", b""]
        file.attrs["texts"] = ["one", "two"]
        file.attrs["none"] = []
        file["float32"].attrs["number"] = 3


def h5py_files():
    fill("arrays.h5")
    # More than 8 links or attributes would go to a fractal heap.
    fill("arrays_track_order.h5", ["float32", "bool", "rank/2", "rank/0", "empty/matrix"], track_order=True)
    with h5py.File(HERE / "latest.h5", "w", libver="latest") as file:
        file["group/x"] = np.arange(6, dtype="float32").reshape(2, 3)
        file["group"].attrs["text"] = "of the newest format"
    with h5py.File(HERE / "chunked.h5", "w") as file:
        x = np.arange(40 * 30, dtype="float32").reshape(40, 30)
        file.create_dataset("plain", data=x, chunks=(16, 7))
        file.create_dataset("packed", data=x, chunks=(16, 7), compression="gzip", shuffle=True)
        file.create_dataset("zeros", data=np.zeros((100, 100), "float32"), compression="gzip")
        noise = np.random.default_rng(1).integers(0, 256, 300).astype("uint8")
        file.create_dataset("incompressible", data=noise, chunks=(100,), compression="gzip")  # stored unfiltered
        file.create_dataset("many", data=np.arange(500, dtype="int32"), chunks=(5,))


def seeds():
    x = np.arange(6, dtype="float32").reshape(2, 3)

    def seed(name, write, **options):
        with h5py.File(SEEDS / name, "w", **options) as file:
            write(file)

    def texts(file):
        file.attrs["text"] = "text"
        file.attrs["list"] = [b"one", b"other"]

    def types(file):
        file["bool"] = np.array([True])
        file["half"] = np.arange(2, dtype="float16")
        file["raw"] = x.astype(ml_dtypes.bfloat16)
        file["raw"].attrs["dtype"] = "bfloat16"

    def nested(file):
        file["a/b/0"] = x
        file["a/b"].attrs["text"] = "text"

    def chunked(file):
        file.create_dataset("x", data=x, chunks=(1, 2), compression="gzip", shuffle=True)

    SEEDS.mkdir(parents=True, exist_ok=True)
    seed("plain", lambda file: file.create_dataset("x", data=x))
    seed("texts", texts)
    seed("types", types)
    seed("nested", nested)
    seed("chunked", chunked)
    seed("latest", nested, libver="latest")
    seed("latest_texts", texts, libver="latest")
    seed("track_order", nested, track_order=True)


def contents(path):
    objects = {}

    def visit(name, item):
        entry = {}
        if isinstance(item, h5py.Dataset):
            value = item[()]
            if item.dtype.kind == "V":
                value = np.asarray(value).view(ml_dtypes.bfloat16).astype("float32")
                entry["dtype"] = "bfloat16"
            else:
                entry["dtype"] = str(item.dtype.newbyteorder("<"))
            entry["shape"] = list(item.shape)
            entry["data"] = np.asarray(value).astype("float64").ravel().tolist()
        else:
            entry["children"] = list(item)
        texts = {}
        for key, value in item.attrs.items():
            if isinstance(value, (str, bytes)):
                texts[key] = value if isinstance(value, str) else value.decode()
            elif getattr(value, "dtype", None) is not None and value.dtype.kind in "SO":
                texts[key] = [v if isinstance(v, str) else v.decode() for v in value]
        entry["texts"] = texts
        objects[name] = entry

    with h5py.File(path) as file:
        visit("", file)
        file.visititems(visit)
    return objects


if __name__ == "__main__":
    keras_files()
    h5py_files()
    seeds()
    everything = {path.name: contents(path) for path in sorted(HERE.glob("*.h5"))}
    lines = [f"{json.dumps(name)}: {json.dumps(objects, ensure_ascii=False)}" for name, objects in everything.items()]
    (HERE / "contents.json").write_text("{" + ",\n".join(lines) + "}\n")
    for path in sorted(HERE.iterdir()):
        print(path.stat().st_size, path.name)
