"""All findings of a return, as files and as what a page needs of them: part by part, so that a million take no more memory."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import polars as pl

from probation_etl.contracts.findings import Finding
from probation_etl.intake.frames import Frames
from probation_etl.intake.result import FINDING_SCHEMA
from probation_etl.reports.spreadsheet_text import neutral

#: Findings of one rule that a page lists at most.
LISTED = 100
#: Findings that are looked at, or turned into text, together.
_AT_ONCE = 50_000
#: What of the findings of a rule is told once where all say the same; hints are told once each, so many at most.
_TOLD_ONCE = ("message", "column", "sheet", "row", "cell", "value")
_HINTS = 20
_RULE, _AT = ("severity", "code", "rule"), "\0at"
#: What JSON writes otherwise in a text, and how.
_ESCAPED = {char: json.dumps(char)[1:-1] for char in ('"', "\\", *map(chr, range(0x20)))}
_ANY_ESCAPED = r'["\\\x00-\x1f]'
#: An element of a list that is a value of the document.
_BEFORE, _BETWEEN, _AFTER = "    {\n", ",\n", "\n    }"


def first_findings(found: Frames, most: int) -> list[Finding]:
    """The first findings."""
    rows = (row for frame in found for row in frame.head(most).iter_rows(named=True))
    return [Finding(**row) for row in islice(rows, most)]


def first_of_rules(found: Frames) -> list[tuple[int, Finding]]:
    """Of each rule the first findings, and those that show that not all of them say the same.

    Returns:
        Each with its position (from 0) among all findings, in their order.
    """
    kept, before = pl.DataFrame(schema={**FINDING_SCHEMA, _AT: pl.Int64}), 0
    for part in _parts(found):
        numbered = part.with_columns(pl.int_range(before, before + part.height, dtype=pl.Int64).alias(_AT))
        kept = _telling(pl.concat([kept, numbered]))
        before += part.height
    return [(row.pop(_AT), Finding(**row)) for row in kept.iter_rows(named=True)]


def _telling(findings: pl.DataFrame) -> pl.DataFrame:
    """Of each rule the first findings, the first that differs from these in each respect, and the first with each hint."""
    rules = findings.partition_by(_RULE) if findings.height else []
    return pl.concat([findings.clear(), *map(_telling_of_rule, rules)]).sort(_AT)


def _telling_of_rule(findings: pl.DataFrame) -> pl.DataFrame:
    if findings.height <= LISTED:
        return findings
    differs = [pl.col(each).ne_missing(pl.col(each).first()) for each in _TOLD_ONCE]
    positions = findings.select(
        *(pl.col(_AT).filter(is_so).first().alias(str(at)) for at, is_so in enumerate((*differs, pl.col("value") > "")))
    ).row(0)
    hints = findings.filter(pl.col("hint").is_first_distinct())[_AT].head(_HINTS)
    few = pl.Series([*positions, *hints], dtype=pl.Int64)
    return pl.concat([findings.head(LISTED), findings[LISTED:].filter(pl.col(_AT).is_in(few.implode()))])


def findings_csv(found: Frames) -> Iterator[str]:
    """Findings as CSV, one line each, in parts."""
    yield table_csv(pl.DataFrame(schema=FINDING_SCHEMA))
    for part in _parts(found):
        yield table_csv(part, header=False)


def table_csv(table: pl.DataFrame, *, header: bool = True) -> str:
    """Any table as CSV. Text that a spreadsheet would run as a formula is kept as text by an apostrophe."""
    shown = neutral(table) if table.height else table
    return shown.write_csv(line_terminator="\r\n", include_header=header)


def as_json(document: Mapping[str, Any]) -> str:
    """A document as JSON, one line for each key."""
    return "".join(json_parts(document))


def json_parts(document: Mapping[str, Any]) -> Iterator[str]:
    """The same in parts: one on thousands of returns is long."""
    yield from json.JSONEncoder(ensure_ascii=False, indent=2).iterencode(document)
    yield "\n"


def findings_json(document: Mapping[str, Any], found: Frames) -> Iterator[str]:
    """The JSON of a return with all of its findings, in parts: as ``json_parts`` gives it, without an object for each.

    Args:
        document: The return; how many findings are in its own list does not matter.
        found: All of them.
    """
    listed = {**document, "findings": [], "findings_shown": found.height}
    before, after = as_json(listed).split('\n  "findings": []', 1)
    yield f'{before}\n  "findings": ['
    separator = "\n"
    for part in _parts(found):
        yield separator
        yield part.select(_as_json(part)).to_series().str.join(_BETWEEN).item()
        separator = _BETWEEN
    yield f"{']' if separator == chr(10) else chr(10) + '  ]'}{after}"


def _as_json(findings: pl.DataFrame) -> pl.Expr:
    """Each finding as an element of the list."""
    fields = [pl.format(f'      "{name}": {{}}', _value(findings[name])) for name in FINDING_SCHEMA]
    return pl.concat_str(pl.lit(_BEFORE), pl.concat_str(fields, separator=_BETWEEN), pl.lit(_AFTER))


def _value(column: pl.Series) -> pl.Expr:
    """The values of a column in JSON."""
    value = pl.col(column.name)
    if column.dtype == pl.String:
        if column.str.contains(_ANY_ESCAPED).any():
            value = value.str.replace_many(_ESCAPED)
        value = pl.format('"{}"', value)
    return value.cast(pl.String).fill_null("null")


def _parts(found: Frames) -> Iterator[pl.DataFrame]:
    for frame in found:
        yield from frame.iter_slices(_AT_ONCE)
