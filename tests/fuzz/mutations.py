"""Damages files as no sender would, but always in the same way for the same number.

A workbook is an archive: damaged as a whole it would hardly ever be opened. So its parts are damaged, and packed again.
"""

from __future__ import annotations

import io
import random
import re
import zipfile

_ARCHIVE = b"PK\x03\x04"
_NUMBER = re.compile(rb"\d+")
_LARGE = (b"0", b"-1", b"65536", b"1048577", b"2147483648", b"4294967295", b"99999999999999999999")
_WORDS = (
    b"<",
    b">",
    b'"',
    b"\0",
    b"\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff",
    b"<c r='ZZZZ1'/>",
    b"\xed\xa0\x80",
    b"\r",
    b",,,,",
    b'"\n',
)


def damaged(data: bytes, number: int) -> bytes:
    """The file with one to four faults."""
    chance = random.Random(number)  # noqa: S311 -- chance, not secrecy
    for _ in range(chance.randint(1, 4)):
        data = (
            _damaged_archive(data, chance)
            if data.startswith(_ARCHIVE) and chance.random() < 0.9
            else _bytes(data, chance)
        )
    return data


def _damaged_archive(data: bytes, chance: random.Random) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = [(name, archive.read(name)) for name in archive.namelist()]
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError, RuntimeError, zipfile.zlib.error):  # type: ignore[attr-defined]
        return _bytes(data, chance)
    if not parts:
        return data
    at = chance.randrange(len(parts))
    name, content = parts[at]
    parts[at] = (name, _bytes(content, chance))
    if chance.random() < 0.05:
        del parts[at]
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, each in dict(parts).items():
            archive.writestr(part, each)
    return target.getvalue()


def _bytes(data: bytes, chance: random.Random) -> bytes:
    if not data:
        return chance.choice(_WORDS)
    at, end = sorted((chance.randrange(len(data) + 1), chance.randrange(len(data) + 1)))
    kind = chance.randrange(6)
    if kind == 0:
        return data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
    if kind == 1:
        return data[:at] + chance.choice(_WORDS) + data[at:]
    if kind == 2:
        return data[:at] + data[min(end, at + 200) :]
    if kind == 3:
        return data[:at] + data[at : at + 200] * chance.choice((2, 3, 50)) + data[at + 200 :]
    if kind == 4 and (found := [*_NUMBER.finditer(data)]):
        one = chance.choice(found)
        return data[: one.start()] + chance.choice(_LARGE) + data[one.end() :]
    return data[:at]
