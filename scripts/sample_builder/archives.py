"""Zip archives that come out the same on every machine."""

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
            packed.writestr(_member(name), source.read(name))
    return target.getvalue()


def _member(name: str) -> ZipInfo:
    member = ZipInfo(name, _FIRST_TIMESTAMP)
    member.compress_type = ZIP_STORED
    member.create_system = _UNIX
    member.external_attr = 0o644 << 16
    return member
