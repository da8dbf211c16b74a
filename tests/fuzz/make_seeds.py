"""Writes the seed corpora of the zip, npz, idx and config fuzzers: small honest files of every form. Needs NumPy only."""

import gzip
import io
import json
import pathlib
import struct
import zipfile

import numpy as np

CORPUS = pathlib.Path(__file__).parent / "corpus"
TEXT = b"some text that is some text that is long enough to be packed, some text that is"


class Stream(io.RawIOBase):
    """Cannot seek: zipfile then writes the sizes behind the data."""

    def __init__(self):
        self.bytes = bytearray()

    def writable(self):
        return True

    def write(self, data):
        self.bytes += data
        return len(data)


def archive(write, target=None, comment=b""):
    target = target or io.BytesIO()
    with zipfile.ZipFile(target, "w") as zip_file:
        write(zip_file)
        zip_file.comment = comment
    return bytes(target.bytes) if isinstance(target, Stream) else target.getvalue()


def member(name):
    return zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))


def zips():
    def stored(z):
        z.writestr(member("config.json"), b"{}")
        z.writestr(member("assets/größe.txt"), TEXT)

    def deflated(z):
        z.writestr(member("a"), TEXT, zipfile.ZIP_DEFLATED)

    def long_form(z):
        with z.open(member("model.weights.h5"), "w", force_zip64=True) as f:
            f.write(TEXT)

    yield "stored", archive(stored)
    yield "deflated", archive(deflated)
    yield "long_form", archive(long_form)
    yield "stream", archive(deflated, Stream())
    yield "comment", archive(stored, comment=b"a comment")
    yield "folder", archive(lambda z: z.writestr(member("folder/"), b""))
    yield "empty", archive(lambda z: None)


def npz(compressed, **arrays):
    target = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(target, **arrays)
    return target.getvalue()


def safetensors(**arrays):
    types = {"float32": "F32", "int64": "I64", "bool": "BOOL"}
    header, data = {"__metadata__": {"format": "np"}}, b""
    for name, x in arrays.items():
        header[name] = {"dtype": types[x.dtype.name], "shape": list(x.shape), "data_offsets": [len(data), len(data) + x.nbytes]}
        data += x.tobytes()
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def arrays():
    x = np.arange(6, dtype="float32").reshape(2, 3)
    yield "stored", npz(False, x=x, y=np.array(2.5))
    yield "packed", npz(True, x=x)
    yield "fortran", npz(False, x=np.asfortranarray(x), b=np.array([True, False]))
    yield "big_endian", npz(False, x=x.astype(">f8"), i=x.astype(">i2"), half=x.astype("float16"))
    yield "safetensors", safetensors(x=x, i=np.arange(3), b=np.array([True, False]))
    yield "safetensors_empty", safetensors()


def images():
    content = struct.pack(">IIII", 0x803, 2, 1, 3) + bytes(range(6))
    labels = struct.pack(">II", 0x801, 4) + bytes(range(4))
    yield "images", content
    yield "labels", labels
    yield "images_gz", gzip.compress(content, mtime=0)
    yield "labels_gz", gzip.compress(labels, mtime=0)


def configs():
    """Configs of real Keras, the smaller ones of each kind."""
    golden = json.loads((pathlib.Path(__file__).parents[1] / "golden" / "model_configs.json").read_text())
    for kind in ("models", "tf_keras", "operations"):
        for case in golden[kind]:
            text = json.dumps(case["config"])
            chosen = case["name"].startswith(("get_item/", "split", "pad/", "where/")) or kind != "operations"
            if chosen and len(text) < 6000:
                yield f"{kind}_{case['name'].replace('/', '_')}", text.encode()


for name, files in (("zip", zips()), ("npz", arrays()), ("idx", images()), ("config", configs())):
    (CORPUS / name).mkdir(parents=True, exist_ok=True)
    for stem, content in files:
        (CORPUS / name / stem).write_bytes(content)
