"""The workloads that every peer runs: data, batch, steps, loss and optimizer.

The network of a workload is written out in each peer's own file, under the
workload's `net` name. One repeat is `steps` batches, so `rows` = steps * batch
rows of data. Numbers in JSON lines are always "lower is better".

workload("NAME@BATCH+bf16"): with another batch size, and computed in bfloat16; both
parts may be missing. BENCH_STEPS: at most so many batches.
"""
import gzip
import os
from dataclasses import dataclass, replace

import numpy as np

DATA = os.environ.get("KERATA_DATA_DIR") or os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "examples", "data")


@dataclass
class Workload:
    name: str
    net: str            # name of the model function in each peer's file
    kind: str           # train | forward | predict_one | predict_bulk
    batch: int
    steps: int          # batches per repeat
    optimizer: str = "sgd"
    lr: float = 0.01
    loss: tuple = ()    # one of sce, sce_logits, bce, mse per output
    weights: tuple = (1.0,)
    data: object = None  # rows -> (inputs, targets), tuples of arrays
    samples: int = 20480  # rows for a batch size of one's own
    bfloat16: bool = False

    @property
    def rows(self):
        return self.batch * self.steps

    def load(self, rows=None):
        """Exactly `rows` rows, repeating the data set where it is shorter."""
        n = rows or self.rows
        inputs, targets = self.data(n)
        tile = lambda a: np.ascontiguousarray(a[np.arange(n) % len(a)])
        return tuple(map(tile, inputs)), tuple(map(tile, targets))


def idx(folder, images, labels):
    read = lambda f, skip: np.frombuffer(
        gzip.open(os.path.join(DATA, folder, f)).read(), np.uint8, offset=skip)
    return read(images, 16).reshape(-1, 28, 28), read(labels, 8).astype("int32")


def mnist(folder, shape, label=True):
    def load(n):
        x, y = idx(folder, "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz")
        x = (x[:n] / np.float32(255)).reshape((-1,) + shape)
        return (x,), (y[:n] if label else x,)
    return load


def cifar(n):
    d = np.fromfile(os.path.join(DATA, "cifar10", "data_batch_1.bin"), np.uint8).reshape(-1, 3073)[:n]
    x = d[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1) / np.float32(255)
    return (np.ascontiguousarray(x),), (d[:, 0].astype("int32"),)


def noise(n):
    n = min(n, 4096)
    r = np.random.RandomState(0)
    return (r.rand(n, 32, 32, 3).astype("float32"),), (r.permutation(n).astype("int32") % 10,)


def imdb(words, length=None):
    """Word ids cut or left-padded to `length`; multi-hot rows without a length."""
    def load(n):
        f = np.load(os.path.join(DATA, "imdb", "imdb_flat.npz"))
        flat, at, y = f["x_train_flat"], f["x_train_offsets"], f["y_train"]
        n = min(n, len(y))
        x = np.zeros((n, length), "int32") if length else np.zeros((n, words), "float32")
        for i in range(n):
            ids = flat[at[i]:at[i + 1]]
            ids = np.where(ids < words, ids, 2)
            if length:
                ids = ids[-length:]
                x[i, length - len(ids):] = ids
            else:
                x[i, ids] = 1
        return (x,), (y[:n].astype("float32")[:, None],)
    return load


def imdb_labels(words, length):
    def load(n):
        x, y = imdb(words, length)(n)
        return x, (y[0][:, 0].astype("int32"),)
    return load


def xor(n):
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], "float32")
    return (x,), (np.array([[0], [1], [1], [0]], "float32"),)


def california(n):
    file = os.path.join(DATA, "california_housing", "california_housing.csv")
    d = np.loadtxt(file if os.path.exists(file) else file + ".gz", delimiter=",", skiprows=1, dtype="float32")
    d = d[np.random.default_rng(0).permutation(len(d))[:n]]
    x = (d[:, :8] - d[:, :8].mean(0)) / d[:, :8].std(0)
    y = d[:, 8:]
    return (x[:, :5], x[:, 2:]), (y, y)  # wide, deep; main and auxiliary output


def tickets(n):
    r = np.random.default_rng(0)
    ids = lambda length: r.integers(0, 10000, (n, length)).astype("int32")
    return ((ids(10), ids(100), r.integers(0, 2, (n, 12)).astype("float32")),
            (r.random((n, 1), "float32").round(), r.integers(0, 4, n).astype("int32")))


def images(n):
    r = np.random.default_rng(0)
    return (r.random((n, 224, 224, 3), "float32"),), (r.integers(0, 1000, n).astype("int32"),)


DIGITS = 61440
FASHION = mnist("fashion_mnist", (28, 28))
MNIST = mnist("mnist", (28, 28, 1))
_all = [
    Workload("xor_b1", "xor", "train", 1, 2000, "sgd", 0.1, ("bce",), data=xor),
    Workload("xor_b4", "xor", "train", 4, 2000, "sgd", 0.1, ("bce",), data=xor),
    Workload("fashion_mlp", "fashion_mlp", "train", 32, 1719, "sgd", 0.01, ("sce",), data=FASHION, samples=DIGITS),
    Workload("mnist_mlp", "mnist_mlp", "train", 64, 937, "rmsprop", 1e-3, ("sce",), data=mnist("mnist", (784,)),
             samples=DIGITS),
    Workload("mnist_cnn", "mnist_cnn", "train", 128, 50, "adam", 1e-3, ("sce",), data=MNIST, samples=DIGITS),
    Workload("resnet", "resnet", "train", 64, 8, "adam", 1e-3, ("sce",), data=noise),
    Workload("mlp_mixer", "mlp_mixer", "train", 64, 8, "adam", 1e-3, ("sce",), data=noise),
    Workload("cifar_resnet", "cifar_resnet", "train", 64, 8, "rmsprop", 1e-3, ("sce_logits",), data=cifar),
    Workload("autoencoder", "autoencoder", "train", 64, 40, "adam", 1e-3, ("mse",),
             data=mnist("mnist", (28, 28, 1), label=False)),
    Workload("imdb_mlp", "imdb_mlp", "train", 512, 20, "rmsprop", 1e-3, ("bce",), data=imdb(10000)),
    Workload("imdb_lstm", "imdb_lstm", "train", 32, 30, "adam", 1e-3, ("bce",), data=imdb(20000, 80)),
    Workload("imdb_bilstm", "imdb_bilstm", "train", 32, 8, "adam", 1e-3, ("bce",), data=imdb(20000, 200)),
    Workload("imdb_gru", "imdb_gru", "train", 32, 30, "adam", 1e-3, ("bce",), data=imdb(20000, 80)),
    Workload("wide_deep", "wide_deep", "train", 32, 362, "sgd", 1e-3, ("mse", "mse"), (0.9, 0.1), california),
    Workload("tickets", "tickets", "train", 32, 30, "rmsprop", 1e-3, ("bce", "sce"), (1.0, 0.2), tickets),
    Workload("text_cnn", "text_cnn", "train", 32, 20, "adam", 1e-3, ("bce",), data=imdb(20000, 500)),
    Workload("transformer", "transformer", "train", 32, 30, "adam", 1e-3, ("sce",), data=imdb_labels(20000, 200)),
    Workload("transformer_big", "transformer_big", "train", 16, 15, "adam", 1e-3, ("sce",),
             data=imdb_labels(20000, 128)),
    Workload("batchnorm_mlp", "batchnorm_mlp", "train", 32, 1719, "sgd", 0.01, ("sce",), data=FASHION, samples=DIGITS),
    Workload("resnet50_train_b4", "resnet50", "train", 4, 2, "sgd", 0.01, ("sce",), data=images),
    Workload("resnet50_fwd_b1", "resnet50", "forward", 1, 5, data=images),
    Workload("resnet50_fwd_b8", "resnet50", "forward", 8, 2, data=images),
    Workload("mobilenet_fwd_b1", "mobilenet", "forward", 1, 20, data=images),
    Workload("predict_one_mlp", "fashion_mlp", "predict_one", 1, 200, data=FASHION),
    Workload("predict_one_cnn", "mnist_cnn", "predict_one", 1, 200, data=MNIST),
    Workload("predict_bulk", "fashion_mlp", "predict_bulk", 1, 10000, data=FASHION),
]
WORKLOADS = {w.name: w for w in _all}
# One whole epoch of 60,000 rows, run once: wall time with compile, peak memory.
WORKLOADS["mnist_cnn_epoch"] = replace(WORKLOADS["mnist_cnn"], name="mnist_cnn_epoch", steps=468)
# From the process's start to the end of its first training step.
WORKLOADS["startup"] = replace(WORKLOADS["fashion_mlp"], name="startup", steps=1,
                               data=lambda n: ((np.zeros((n, 28, 28), "float32"),), (np.zeros(n, "int32"),)))



def workload(name):
    base, *options = name.split("+")
    base, _, batch = base.partition("@")
    w = replace(WORKLOADS[base], name=name, bfloat16="bf16" in options)
    if batch:
        w = replace(w, batch=int(batch), steps=w.samples // int(batch))
    return replace(w, steps=min(w.steps, int(os.environ.get("BENCH_STEPS", w.steps))))


# Networks that several peers build from the same table.
RESNET20 = [(16, 3, 1), (32, 3, 2), (64, 3, 2)]  # filters, blocks, first stride
RESNET50 = [(64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)]
MOBILENET_V2 = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2),  # expansion, filters,
                (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]                # blocks, first stride
