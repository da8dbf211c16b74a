"""Archives that lie about their members."""

import dataclasses
import struct

from raw_zip import Entry, build, members

S_IFLNK = 0o120777 << 16
WEIGHTS, CONFIG = "model.weights.h5", "config.json"
CRC = " is damaged: its checksum does not agree with its content"
NO_END = "is not a zip archive, or it is cut off: it has no end record"


def changed(path, name, **fields):
    entries = members(path)
    entries[name] = dataclasses.replace(entries[name], **fields)
    return list(entries.values())


def with_member(path, *more):
    return [*members(path).values(), *more]


def cases(model):
    """(name, bytes, piece of the message) of each archive; `model` is a valid .keras file."""
    asset = Entry("assets/layers/a.txt", b"x")

    def named(name):
        return build(with_member(model, dataclasses.replace(asset, name=name)))

    valid = list(members(model).values())
    whole = build(valid)
    yield "traversal", named("assets/../../canary.txt"), "assets/../../canary.txt is no name for a member: it leads out of the archive"
    yield "traversal_first", named("../canary.txt"), ": ../canary.txt is no name for a member: it leads out of the archive"
    yield (
        "traversal_backslash",
        named("assets\\..\\..\\canary.txt"),
        "assets\\..\\..\\canary.txt is no name for a member: it holds a backslash",
    )
    yield "absolute", named("/canary.txt"), ": /canary.txt is no name for a member: it is absolute"
    yield "drive", named("C:\\canary.txt"), "C:\\canary.txt is no name for a member: it holds a backslash"
    yield "name_with_nul", named("assets/a\0.txt"), "assets/a?.txt is no name for a member: it holds control characters"
    yield "empty_name", named(""), " is no name for a member: it is empty"
    yield (
        "symlink",
        build(with_member(model, Entry("assets/link", b"/etc/passwd", attributes=S_IFLNK, made_by=0x0314))),
        "assets/link is a symbolic link",
    )
    linked = changed(model, WEIGHTS, data=b"canary.h5", attributes=S_IFLNK, made_by=0x0314)
    yield "symlink_weights", build(linked), f"{WEIGHTS} is a symbolic link"
    yield "duplicate_config", build(with_member(model, members(model)[CONFIG])), f"{CONFIG} stands in the archive twice"
    yield (
        "duplicate_by_case_of_slash",
        build(with_member(model, Entry("./config.json", b"{}"))),
        "./config.json is no name for a member: it leads out",
    )
    zeros = bytes(60_000_000)
    yield (
        "bomb_config",
        build(changed(model, CONFIG, data=b"[" + b" " * 200_000_000 + b"]", method=8)),
        f"declares {200_000_002 + sum(len(e.data) for e in valid if e.name != CONFIG)} bytes in",
    )
    yield "bomb_weights", build(changed(model, WEIGHTS, data=zeros, method=8)), f"{WEIGHTS}: not an HDF5 file: the signature is missing"
    many = [Entry(f"assets/{i}", zeros[:3_000_000], method=8) for i in range(30)]
    yield "bomb_of_many", build([*valid, *many]), f"declares {90_000_000 + sum(len(e.data) for e in valid)} bytes in"
    yield (
        "bomb_overlapping",
        overlapping(valid, Entry("assets/kernel", bytes(30_000_000), method=8), 200),
        "assets/k0 has another name in front of its data: assets/kernel",
    )
    yield "wrong_crc_config", build(changed(model, CONFIG, crc=0x12345678)), f"{CONFIG}{CRC}"
    yield "wrong_crc_weights", build(changed(model, WEIGHTS, crc=1)), f"{WEIGHTS}{CRC}"
    flipped = bytearray(members(model)[WEIGHTS].data)
    flipped[-40] ^= 0x10
    yield "flipped_weights", build(changed(model, WEIGHTS, data=bytes(flipped), crc=crc(members(model)[WEIGHTS].data))), f"{WEIGHTS}{CRC}"
    yield (
        "declared_size",
        build(changed(model, WEIGHTS, size=0xFFFFFFF0, packed_size=0xFFFFFFF0)),
        f"{WEIGHTS} reaches beyond the end of the file",
    )
    yield "declared_size_deflated", build(changed(model, WEIGHTS, method=8, size=0xFFFFFFF0)), f"{WEIGHTS} declares 4294967280 bytes in"
    yield (
        "declared_size_small",
        build(changed(model, CONFIG, method=8, size=10)),
        f"{CONFIG} is longer than its header says. Expected 10 bytes",
    )
    zip64 = struct.pack("<HHQQ", 1, 16, 1 << 62, 1 << 62)
    yield (
        "declared_size_zip64",
        build(changed(model, WEIGHTS, size=0xFFFFFFFF, packed_size=0xFFFFFFFF, extra=zip64)),
        f"{WEIGHTS} reaches beyond the end of the file",
    )
    yield "encrypted", build(changed(model, WEIGHTS, flags=1)), f"{WEIGHTS} is encrypted"
    yield "encrypted_strongly", build(changed(model, CONFIG, flags=0x41)), f"{CONFIG} is encrypted"
    yield "method_unknown", build(changed(model, WEIGHTS, method=99)), f"{WEIGHTS} is compressed by method 99"
    yield (
        "two_names",
        build(changed(model, WEIGHTS, local_name="other.weights.h5")),
        f"{WEIGHTS} has another name in front of its data: other.weights.h5",
    )
    yield "two_sizes", build(changed(model, WEIGHTS, local_size=17)), f"{WEIGHTS} has another size or checksum in front of its data"
    yield "offset_behind_the_end", build(changed(model, WEIGHTS, local_offset=0x7FFFFFF0)), f"{WEIGHTS} does not lie in the archive"
    yield "offset_in_the_directory", build(changed(model, WEIGHTS, local_offset=len(whole) - 60)), f"{WEIGHTS} does not lie in the archive"
    yield "count_too_large", build(valid, count=60_000), "lists 60000 members in"
    yield "directory_behind_the_end", build(valid, directory_offset=0x7FFFFFFF), "a damaged end record: its list of members lies elsewhere"
    yield "directory_size", build(valid, directory_size=0x7FFFFFFF), "a damaged end record: its list of members lies elsewhere"
    yield "truncated", whole[: len(whole) // 2], NO_END
    yield "truncated_end", build(valid, cut=10), NO_END
    yield "empty_file", b"", "is not a zip archive: it is only 0 bytes long"
    yield "no_archive", b"not an archive, but a text\n" * 50, NO_END
    yield "no_config", build([e for e in valid if e.name != CONFIG]), f"has no {CONFIG}"
    yield "no_weights", build([e for e in valid if e.name != WEIGHTS]), f"Expected a {WEIGHTS} file. The archive has none"
    yield (
        "weights_no_hdf5",
        build(changed(model, WEIGHTS, data=b"\x89PNG\r\n\x1a\n" + bytes(3000))),
        f"{WEIGHTS}: not an HDF5 file: the signature is missing",
    )


def crc(data):
    import zlib

    return zlib.crc32(data)


def overlapping(valid, kernel, count):
    """Many members of one place: a small file that unpacks to gigabytes."""
    start = build([*valid, kernel])
    place = start.index(kernel.name.encode()) - 30
    directory, end = start.index(b"PK\1\2"), start.rindex(b"PK\5\6")
    central = start[directory:end]
    for i in range(count):
        one = build([dataclasses.replace(kernel, name=f"assets/k{i}", local_offset=place)])
        central += one[one.index(b"PK\1\2") : one.rindex(b"PK\5\6")]
    total = len(valid) + 1 + count
    return start[:directory] + central + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, total, total, len(central), directory, 0)
