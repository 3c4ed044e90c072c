"""What is kept beside the accepted rows: rows that were set aside, findings, and the files as they were received."""

from __future__ import annotations

import json
import zlib

import polars as pl

from probation_etl.errors import StoreError
from probation_etl.intake.result import ReturnResult
from probation_etl.stores.engine import Engine

_FINDING_COLUMNS = ("code", "rule", "severity", "row", "column", "cell", "value", "message")
_RENAMED = {"row": "source_row", "column": "column_name"}


def set_aside(engine: Engine, result: ReturnResult) -> None:
    """Writes the quarantined rows and the findings of a return."""
    named = pl.lit(result.return_id).alias("return_id")
    if result.quarantined.height:
        cells = [json.dumps(list(row), ensure_ascii=False) for row in result.quarantined.drop("source_row").iter_rows()]
        rows = result.quarantined.select(named, "source_row", pl.Series("cells", cells, dtype=pl.String))
        engine.append("quarantine.rows", rows)
    if result.findings.height:
        engine.append("quarantine.findings", result.findings.select(named, *_FINDING_COLUMNS).rename(_RENAMED))


def findings(engine: Engine, return_id: str) -> pl.DataFrame:
    """Findings of an attempt at a return, as :meth:`Store.findings` gives them."""
    query = (
        "SELECT code, rule, severity, source_row, column_name, cell, value, message FROM quarantine.findings "
        "WHERE return_id = $1"
    )
    return engine.frame(query, [return_id])


def keep(engine: Engine, sha256: str, content: bytes) -> None:
    """Keeps the content of a received file that is not kept yet."""
    engine.insert("received.files", {"sha256": sha256, "content": zlib.compress(content, level=1)})


def kept(engine: Engine) -> set[str]:
    """The SHA-256 of every file that is kept."""
    return {sha256 for (sha256,) in engine.rows("SELECT sha256 FROM received.files")}


def content(engine: Engine, sha256: str) -> bytes | None:
    """The content of a received file, None where it was not kept.

    Raises:
        StoreError: It is damaged.
    """
    kept = engine.value("SELECT content FROM received.files WHERE sha256 = $1", [sha256])
    try:
        return None if kept is None else zlib.decompress(kept)
    except zlib.error:
        raise StoreError(f"The received file {sha256} in {engine.place} is damaged.") from None
