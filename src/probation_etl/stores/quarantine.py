"""What is kept beside the accepted rows: rows that were set aside, and findings."""

from __future__ import annotations

import json

import polars as pl

from probation_etl.intake.result import ReturnResult
from probation_etl.stores.engine import Engine

_FINDING_COLUMNS = ("code", "rule", "severity", "row", "column", "cell", "value", "message")
_RENAMED = {"row": "source_row", "column": "column_name"}
#: Characters that a text of JSON must not have as they are, and how it has them.
_ESCAPED = {each: json.dumps(each, ensure_ascii=False)[1:-1] for each in ("\\", '"', *map(chr, range(32)))}


def set_aside(engine: Engine, result: ReturnResult) -> None:
    """Writes the quarantined rows and the findings of a return, part by part."""
    named = pl.lit(result.return_id).alias("return_id")
    for rows in result.quarantined_rows:
        if rows.height:
            cells = [name for name in rows.columns if name != "source_row"]
            engine.append("quarantine.rows", rows.select(named, "source_row", _in_json(cells).alias("cells")))
    for found in result.found:
        if found.height:
            engine.append("quarantine.findings", found.select(named, *_FINDING_COLUMNS).rename(_RENAMED))


def _in_json(cells: list[str]) -> pl.Expr:
    """A list of JSON for each row, as ``json.dumps`` writes it."""
    if not cells:
        return pl.lit("[]")
    texts = [
        pl.format('"{}"', pl.col(name).str.replace_many(list(_ESCAPED), list(_ESCAPED.values()))).fill_null("null")
        for name in cells
    ]
    return pl.format("[{}]", pl.concat_str(texts, separator=", "))


def findings(engine: Engine, return_id: str) -> pl.DataFrame:
    """Findings of an attempt at a return, as :meth:`Store.findings` gives them."""
    query = (
        "SELECT code, rule, severity, source_row, column_name, cell, value, message FROM quarantine.findings "
        "WHERE return_id = $1"
    )
    return engine.frame(query, [return_id])
