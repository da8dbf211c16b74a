"""Makes the bundled subsets from the complete data sets: python make_subset.py FOLDER.

FOLDER holds mnist/, fashion_mnist/, imdb/ and california_housing/ in the formats that KERATA_DATA_DIR expects. The same
input gives the same bytes.
"""
import gzip
import pathlib
import shutil
import struct
import sys

HERE = pathlib.Path(__file__).parent


def write_gzip(path, content):
    with open(path, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write(content)


def cut_idx(source, target, count):
    """The first `count` entries of an IDX file of bytes."""
    content = gzip.open(source).read()
    axes = content[3]
    sizes = list(struct.unpack(f">{axes}I", content[4:4 + 4 * axes]))
    entry = 1
    for size in sizes[1:]:
        entry *= size
    start = 4 + 4 * axes
    sizes[0] = count
    write_gzip(target, content[:4] + struct.pack(f">{axes}I", *sizes) + content[start:start + count * entry])


def shortest_float32(text):
    """The shortest decimal that reads back to the same float32."""
    value = struct.unpack("f", struct.pack("f", float(text)))[0]
    for digits in range(1, 10):
        short = f"{value:.{digits}g}"
        if struct.unpack("f", struct.pack("f", float(short)))[0] == value:
            return short
    return repr(value)


def main(folder):
    for name, train, test in (("mnist", 10000, 2000), ("fashion_mnist", 4000, 1000)):
        (HERE / name).mkdir(exist_ok=True)
        for part, count in (("train", train), ("t10k", test)):
            for kind in ("images-idx3", "labels-idx1"):
                file = f"{part}-{kind}-ubyte.gz"
                cut_idx(folder / name / file, HERE / name / file, count)
    (HERE / "imdb").mkdir(exist_ok=True)
    shutil.copyfile(folder / "imdb" / "imdb_flat.npz", HERE / "imdb" / "imdb_flat.npz")
    (HERE / "california_housing").mkdir(exist_ok=True)
    header, *rows = (folder / "california_housing" / "california_housing.csv").read_text().splitlines()
    lines = [header] + [",".join(shortest_float32(cell) for cell in row.split(",")) for row in rows]
    write_gzip(HERE / "california_housing" / "california_housing.csv.gz", ("\n".join(lines) + "\n").encode())


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
