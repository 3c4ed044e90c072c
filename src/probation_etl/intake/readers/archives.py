"""Checks an archive, which may be a workbook or a compressed CSV file, before any library opens it.

Each part is unpacked once, piece by piece, so that its size and checksum are measured: what the archive's headers claim
is not trusted. A genuine workbook has few parts, compresses moderately, and declares no document types.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from probation_etl.discreet import Discreet
from probation_etl.errors import UnreadableFile
from probation_etl.intake.readers.limits import DEFAULT_LIMITS, Limits, check_limit

_PIECE = 1 << 20
#: Below this size a part may have any compression ratio.
_SMALL = 1_000_000
_ENCRYPTED = 0x1
_LOCAL, _ENTRY = b"PK\x03\x04", b"PK\x01\x02"


@dataclass(frozen=True)
class Archive(Discreet):
    """An archive whose list of parts is valid; the parts themselves are checked as they are unpacked.

    Attributes:
        data: The whole file.
        members: Its parts, without directories.
    """

    data: bytes
    members: tuple[zipfile.ZipInfo, ...]

    @property
    def names(self) -> frozenset[str]:
        """Names of the parts."""
        return frozenset(member.filename for member in self.members)

    def pieces(self, member: zipfile.ZipInfo, limits: Limits = DEFAULT_LIMITS) -> Iterator[bytes]:
        """Unpacks a part piece by piece, and compares its size and checksum with its header at the end.

        Raises:
            UnreadableFile: The part is damaged, or unpacks into far more than it should.
        """
        size = checksum = 0
        for piece in _unpacked(self.data, member):
            size, checksum = size + len(piece), zlib.crc32(piece, checksum)
            if size > member.file_size:
                raise _damaged()
            _check_ratio(size, member, limits)
            yield piece
        if (size, checksum) != (member.file_size, member.CRC):
            raise _damaged()


def open_archive(data: bytes, limits: Limits = DEFAULT_LIMITS) -> Archive:
    """Reads the list of an archive's parts.

    Raises:
        UnreadableFile: The archive is damaged or encrypted, has too many parts, or two of one name.
    """
    check_limit(data.count(_ENTRY), limits.members, "parts in its archive")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = tuple(member for member in archive.infolist() if not member.is_dir())
    except (zipfile.BadZipFile, NotImplementedError, ValueError, IndexError, OSError, EOFError, struct.error):
        raise _damaged() from None
    names = [member.filename.lower() for member in members]
    if len(set(names)) < len(names):
        raise UnreadableFile("The archive holds two parts of one name: it is not clear which of them counts.")
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise UnreadableFile("The archive is protected by a password. Send it without one.")
    return Archive(data, members)


def _damaged() -> UnreadableFile:
    return UnreadableFile("The file cannot be opened as a workbook or an archive: it is damaged or incomplete.")


def _check_ratio(size: int, member: zipfile.ZipInfo, limits: Limits) -> None:
    if size > _SMALL and size > limits.ratio * member.compress_size:
        raise UnreadableFile(
            f"A part of the archive unpacks into more than {limits.ratio:,} times its size: no return does. "
            "Send it unpacked.",
            code="too-large",
        )


def _unpacked(data: bytes, member: zipfile.ZipInfo) -> Iterator[bytes]:
    packed = memoryview(data)[_start(data, member) :][: member.compress_size]
    if len(packed) < member.compress_size:
        raise _damaged()
    if member.compress_type == zipfile.ZIP_STORED:
        yield from (bytes(packed[at : at + _PIECE]) for at in range(0, len(packed), _PIECE))
    elif member.compress_type == zipfile.ZIP_DEFLATED:
        yield from _inflated(packed)
    else:
        raise UnreadableFile("The archive is packed in a way that is not read. Pack it again as an ordinary ZIP file.")


def _inflated(packed: memoryview) -> Iterator[bytes]:
    engine = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for at in range(0, len(packed), _PIECE):
            rest = bytes(packed[at : at + _PIECE])
            while rest:
                yield engine.decompress(rest, _PIECE)
                rest = engine.unconsumed_tail
    except zlib.error:
        raise _damaged() from None
    if not engine.eof or engine.unused_data:
        raise _damaged()


def _start(data: bytes, member: zipfile.ZipInfo) -> int:
    """Where the bytes of a part begin; its own header must have the name that the list gives it."""
    header = data[member.header_offset : member.header_offset + 30]
    if len(header) < 30 or not header.startswith(_LOCAL):
        raise _damaged()
    name, extra = int.from_bytes(header[26:28], "little"), int.from_bytes(header[28:30], "little")
    begin = member.header_offset + 30
    encoding = "utf-8" if member.flag_bits & 0x800 else "cp437"
    if data[begin : begin + name].decode(encoding, "replace") != member.orig_filename:
        raise _damaged()
    return begin + name + extra
