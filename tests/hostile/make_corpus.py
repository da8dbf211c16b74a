"""Writes corpus.tar.gz and corpus.json: files that a reader must refuse, made from valid golden models.

python make_corpus.py    (the packages of ../golden/requirements.txt)

corpus.json: {"made_from": {file: SHA-256}, "generator": [script], "generator_sha256", "archive_sha256", "valid": [C], "refused": [C]}. `made_from`: the
files of ../golden/models.tar.gz that the corpus was made from. C: {"file", "how", "text"}. `how`: model (load_model), weights (load_weights into the model of `base`),
json (model_from_json), npz, safetensors, idx. `text`: a piece of the message; the message also names the file (not for json).
"""

import gzip
import hashlib
import io
import json
import pathlib
import tarfile

import hostile_arrays
import hostile_hdf5
import hostile_json
import hostile_zips
from raw_zip import build, members

HERE = pathlib.Path(__file__).resolve().parent
ARCHIVE = HERE.parent / "golden" / "models.tar.gz"
CONFIG, WEIGHTS = "config.json", "model.weights.h5"
SOURCES = ("siamese.keras", "siamese.h5")


def sha256(content):
    return hashlib.sha256(content).hexdigest()


class Corpus:
    def __init__(self):
        self.files, self.valid, self.refused = {}, [], []

    def add(self, file, content, how, text=None):
        assert file not in self.files, file
        self.files[file] = content
        (self.valid if text is None else self.refused).append({"file": file, "how": how, **({} if text is None else {"text": text})})

    def write(self):
        stream = io.BytesIO()
        with tarfile.open(fileobj=stream, mode="w", format=tarfile.USTAR_FORMAT) as tar:
            for name, content in self.files.items():
                info = tarfile.TarInfo(name)
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
        with open(HERE / "corpus.tar.gz", "wb") as file, gzip.GzipFile(
            filename="", fileobj=file, mode="wb", compresslevel=9, mtime=0
        ) as packed:
            packed.write(stream.getvalue())
        scripts = sorted(path.name for path in HERE.glob("*.py"))
        origin = {
            "made_from": {name: sha256(golden(name)) for name in SOURCES},
            "generator": scripts,
            "generator_sha256": sha256(b"".join((HERE / name).read_bytes() for name in scripts)),
            "archive_sha256": sha256((HERE / "corpus.tar.gz").read_bytes()),
        }
        lists = {"valid": self.valid, "refused": self.refused}
        parts = [f'"{k}": {json.dumps(v)}' for k, v in origin.items()]
        parts += [f'"{k}": [\n' + ",\n".join(json.dumps(c) for c in v) + "\n]" for k, v in lists.items()]
        (HERE / "corpus.json").write_text("{\n" + ",\n".join(parts) + "\n}\n")


def golden(name):
    assert name in SOURCES, name
    with tarfile.open(ARCHIVE) as archive:
        return archive.extractfile(name).read()


def packed(config=None, weights=None):
    """The valid model with another config or other weights, its checksums right."""
    entries = members(golden("siamese.keras"))
    if config is not None:
        entries[CONFIG].data = config.encode("utf-8", "surrogatepass")
    if weights is not None:
        entries[WEIGHTS].data = weights
    return build(entries.values())


def main():
    corpus = Corpus()
    valid = members(golden("siamese.keras"))
    weights, config = valid[WEIGHTS].data, valid[CONFIG].data.decode()
    corpus.add("base.keras", golden("siamese.keras"), "model")
    corpus.add("repacked.keras", packed(config), "model")
    corpus.add("base.weights.h5", weights, "weights")
    corpus.add("base.h5", golden("siamese.h5"), "model")
    corpus.add("base.json", config.encode(), "json")
    for name, content, text in hostile_zips.cases(golden("siamese.keras")):
        corpus.add(f"zip_{name}.keras", content, "model", text)
    changes = hostile_json.Changes(json.loads(config))
    for name, content, text in changes.cases():
        corpus.add(f"json_{name}.keras", packed(content), "model", text)
    for name, content, text in changes.text_cases():
        corpus.add(f"text_{name}.json", content.encode("utf-8", "surrogatepass"), "json", text)
    for name, content, text in hostile_hdf5.Changes(weights).cases():
        corpus.add(f"hdf5_{name}.weights.h5", content, "weights", text)
    for name, content, text in hostile_hdf5.Changes(weights).link_cases():
        corpus.add(f"member_{name}.keras", packed(weights=content), "model", text)
    for name, content, text in hostile_hdf5.legacy_cases(golden("siamese.h5")):
        corpus.add(f"legacy_{name}.h5", content, "model", text)
    for how in ("npz", "safetensors", "idx"):
        for name, content, text in getattr(hostile_arrays, f"{how}_cases")():
            corpus.add(f"{how}_{name}.{how}", content, how, text)
    corpus.write()
    print(f"{len(corpus.refused)} files to refuse, {len(corpus.valid)} valid ones, {(HERE / 'corpus.tar.gz').stat().st_size} bytes")


if __name__ == "__main__":
    main()
