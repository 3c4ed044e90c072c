"""Unpacks the one CSV file in a ``.csv.gz`` or ``.zip`` within the limits: into memory, or where it is long, to disk."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import PurePosixPath

from probation_etl.errors import UnreadableFile
from probation_etl.intake.readers import long_lines
from probation_etl.intake.readers.archives import Archive
from probation_etl.intake.readers.limits import DEFAULT_LIMITS, Limits, check_limit
from probation_etl.intake.received import InBytes, Received
from probation_etl.intake.spill import SpilledBytes

_PIECE = 1 << 20
_SMALL = 1_000_000


def unzip(archive: Archive, limits: Limits = DEFAULT_LIMITS) -> tuple[str, bytes | Received]:
    """Name and content of the one file in an archive; files that operating systems add are ignored.

    Raises:
        UnreadableFile: There is none or more than one, it is damaged, or it is too large.
    """
    members = [member for member in archive.members if not _is_aside(member.filename)]
    if len(members) != 1:
        raise UnreadableFile(
            f"The file cannot be opened as a workbook, and as an archive it holds {len(members):,} files: "
            "one CSV file is read from an archive. Send each return by itself."
        )
    check_limit(members[0].file_size, limits.unpacked_bytes, "bytes once unpacked")
    return members[0].filename, _joined(archive.pieces(members[0], limits), limits)


def gunzip(data: bytes, limits: Limits = DEFAULT_LIMITS) -> bytes | Received:
    """The content of a gzip file.

    Raises:
        UnreadableFile: It is damaged, incomplete or too large.
    """
    try:
        return _joined(_within_ratio(_gunzipped(data), len(data), limits), limits)
    except (OSError, EOFError, zlib.error):
        raise UnreadableFile("The gzip archive is damaged or incomplete. Send it again.") from None


def _is_aside(name: str) -> bool:
    return name.startswith("__MACOSX/") or PurePosixPath(name).name.startswith(".")


def _gunzipped(data: bytes) -> Iterator[bytes]:
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
        while piece := file.read(_PIECE):
            yield piece


def _within_ratio(pieces: Iterable[bytes], packed: int, limits: Limits) -> Iterator[bytes]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > _SMALL and size > limits.ratio * packed:
            raise UnreadableFile(
                f"The gzip archive unpacks into more than {limits.ratio:,} times its size: no return does. "
                "Send it unpacked.",
                code="too-large",
            )
        yield piece


def _joined(pieces: Iterable[bytes], limits: Limits) -> bytes | Received:
    target, checked = io.BytesIO(), _within_size(pieces, limits)
    for piece in checked:
        target.write(piece)
        if target.tell() > long_lines.LONG:
            return SpilledBytes.of_parts(chain(InBytes(target.getvalue()).parts(), checked))
    return target.getvalue()


def _within_size(pieces: Iterable[bytes], limits: Limits) -> Iterator[bytes]:
    size = 0
    for piece in pieces:
        size += len(piece)
        check_limit(size, limits.unpacked_bytes, "bytes once unpacked")
        yield piece
