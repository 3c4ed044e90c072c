"""The files as they were received, each in parts: a database holds no value as large as a file may be, and nobody has it whole."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from probation_etl.errors import StoreError
from probation_etl.intake.received import Received
from probation_etl.intake.side_by_side import side_by_side
from probation_etl.stores.engine import Engine


def keep(engine: Engine, sha256: str, content: Received) -> None:
    """Keeps the content of a received file that is not kept yet; a few of its parts are in memory at a time."""
    parts = side_by_side(_compressed, content.parts())
    # An empty file has a first part too: it is kept.
    engine.insert("received.files", {"sha256": sha256, "content": next(parts, None) or _compressed(b"")})
    for number, part in enumerate(parts, 1):
        engine.insert("received.further_parts", {"sha256": sha256, "part": number, "content": part})


def kept(engine: Engine) -> set[str]:
    """The SHA-256 of every file that is kept."""
    return {sha256 for (sha256,) in engine.rows("SELECT sha256 FROM received.files")}


def parts(engine: Engine, sha256: str) -> Iterator[bytes]:
    """The content of a received file, part by part; nothing where it was not kept.

    Raises:
        StoreError: It is damaged.
    """
    part, number = engine.value("SELECT content FROM received.files WHERE sha256 = $1", [sha256]), 0
    while part is not None:
        try:
            yield zlib.decompress(part)
        except zlib.error:
            raise StoreError(f"The received file {sha256} in {engine.place} is damaged.") from None
        number += 1
        part = engine.value(
            "SELECT content FROM received.further_parts WHERE sha256 = $1 AND part = $2", [sha256, number]
        )


def content(engine: Engine, sha256: str) -> bytes | None:
    """The content of a received file in memory, None where it was not kept.

    Raises:
        StoreError: It is damaged.
    """
    found = list(parts(engine, sha256))
    return b"".join(found) if found else None


def _compressed(part: bytes) -> bytes:
    return zlib.compress(part, level=1)
