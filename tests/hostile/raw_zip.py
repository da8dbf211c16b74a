"""Zip archives byte by byte, so that every field may lie."""

import dataclasses
import io
import struct
import zipfile
import zlib


@dataclasses.dataclass
class Entry:
    """One member. A field that is None is as it should be; the others are written as they are."""

    name: str
    data: bytes
    method: int = 0
    flags: int = 0
    crc: int = None
    size: int = None
    packed_size: int = None
    local_name: str = None
    local_size: int = None
    local_offset: int = None
    attributes: int = 0
    made_by: int = 20
    extra: bytes = b""

    def packed(self):
        if self.method != 8:
            return self.data
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        return packer.compress(self.data) + packer.flush()


def members(content):
    """A valid archive's bytes as entries."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {info.filename: Entry(info.filename, archive.read(info)) for info in archive.infolist()}


def build(entries, *, count=None, directory_offset=None, directory_size=None, comment=b"", between=b"", cut=0):
    """The archive of these entries; `between` stands before the central directory."""
    local, central = b"", b""
    for e in entries:
        packed = e.packed()
        crc = zlib.crc32(e.data) if e.crc is None else e.crc
        size = len(e.data) if e.size is None else e.size
        packed_size = len(packed) if e.packed_size is None else e.packed_size
        offset = len(local) if e.local_offset is None else e.local_offset
        name = e.name.encode("utf-8", "surrogateescape")
        local_name = name if e.local_name is None else e.local_name.encode()
        local_size = size if e.local_size is None else e.local_size
        local += struct.pack("<IHHHHHIIIHH", 0x04034B50, 20, e.flags, e.method, 0, 33, crc, packed_size, local_size, len(local_name), 0)
        local += local_name + packed
        central += struct.pack(
            "<IHHHHHHIIIHHHHHII", 0x02014B50, e.made_by, 20, e.flags, e.method, 0, 33, crc, packed_size, size, len(name), len(e.extra), 0, 0, 0,
            e.attributes, offset,
        )  # fmt: skip
        central += name + e.extra
    local += between
    total = len(entries) if count is None else count
    end = struct.pack(
        "<IHHHHIIH", 0x06054B50, 0, 0, total & 0xFFFF, total & 0xFFFF, len(central) if directory_size is None else directory_size,
        len(local) if directory_offset is None else directory_offset, len(comment),
    )  # fmt: skip
    archive = local + central + end + comment
    return archive[: len(archive) - cut] if cut else archive
