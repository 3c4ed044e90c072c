"""Zip archives that come out the same each time."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZIP_STORED, ZipFile, ZipInfo

_FIRST_TIMESTAMP = (1980, 1, 1, 0, 0, 0)
_UNIX = 3


def repacked(archive: bytes) -> bytes:
    """The same archive with fixed timestamps and order, and with `mimetype` first, as ODS asks.

    Members are stored, not compressed: what a compressor makes of them differs between zlib versions.
    """
    target = BytesIO()
    with ZipFile(BytesIO(archive)) as source, ZipFile(target, "w") as packed:
        for name in sorted(source.namelist(), key=lambda name: (name != "mimetype", name)):
            packed.writestr(member(name, ZIP_STORED), source.read(name))
    return target.getvalue()


def member(name: str, compression: int) -> ZipInfo:
    """A member of an archive that says nothing of when and where it was made."""
    made = ZipInfo(name, _FIRST_TIMESTAMP)
    made.compress_type = compression
    made.create_system = _UNIX
    made.external_attr = 0o644 << 16
    return made
