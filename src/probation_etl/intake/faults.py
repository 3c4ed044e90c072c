"""Faults of rows and cells: positions in a table, until findings are made of them.

Findings of rows are made here alone, so that values of restricted columns are masked in one place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from probation_etl.contracts.checks import Check, Schema
from probation_etl.contracts.finding_kinds import FindingKind
from probation_etl.contracts.findings import CATALOGUE
from probation_etl.contracts.masking import shapes
from probation_etl.intake.readers import CONTROL_NAMES
from probation_etl.intake.result import FINDING_SCHEMA
from probation_etl.intake.side_by_side import side_by_side
from probation_etl.intake.table import RawTable
from probation_etl.intake.told import told

#: Faults: their position in the frame, the name of the rule, and where it differs from cell to cell, what the finding says: its
#: message (with ``{value}``, ``{shown}``, ``{column}`` and ``{expected}``) and what a person sees in the cell.
FAULT_SCHEMA = {"position": pl.UInt32(), "rule": pl.String(), "message": pl.String(), "shown": pl.String()}
_VALUE, _SHOWN = "\0", "\1"
_VALUE_SHOWN = 200
#: A hidden character.
CONTROL = "[" + "".join(rf"\x{{{code:X}}}" for code in CONTROL_NAMES) + "]"


_NO_FAULTS = pl.DataFrame(schema=FAULT_SCHEMA)


def together(faults: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Faults in one frame. Mostly there are none, which is seen much sooner than frames without rows are put together."""
    some = [each for each in faults if each.height]
    return pl.concat(some) if len(some) > 1 else next(iter(some), _NO_FAULTS)


def faults_at(positions: pl.Series, rule: str) -> pl.DataFrame:
    """Faults of one rule, with the message that the catalogue has."""
    if not len(positions):
        return _NO_FAULTS
    same = {"rule": rule, "message": None, "shown": None}
    repeated = {name: _repeated(text, len(positions)) for name, text in same.items()}
    return pl.DataFrame({"position": positions, **repeated}, schema=FAULT_SCHEMA)


def _repeated(text: str | None, times: int) -> pl.Series:
    return pl.Series([text], dtype=pl.String).new_from_index(0, times)


def findings_of(faults: pl.DataFrame, table: RawTable, frame: pl.DataFrame, schema: Schema) -> list[pl.DataFrame]:
    """The findings of all faults, with their messages and places.

    Args:
        faults: Columns as in :data:`FAULT_SCHEMA`.
        table: The rows as text.
        frame: The same rows in their types.
        schema: The compiled contract.
    """
    if not faults.height:
        return []
    parts = faults.partition_by("rule", "message", as_dict=True, maintain_order=True)

    def of_part(part: tuple[tuple[Any, ...], pl.DataFrame]) -> pl.DataFrame:
        (rule, message), found = part
        return _findings(schema.by_name[rule], message, found, table, frame)

    return [*side_by_side(of_part, parts.items(), rows=faults.height)]


def _findings(
    rule: Check, message: str | None, faults: pl.DataFrame, table: RawTable, frame: pl.DataFrame
) -> pl.DataFrame:
    """The findings of one rule that have one message."""
    kind, column, positions = CATALOGUE[rule.code], rule.target, faults["position"]
    header, letters = table.headers[column], table.letters
    is_there = column in table.frame.columns
    sent = table.frame[column].gather(positions) if is_there else _repeated(None, len(positions))
    value, shown = (_told(each, rule) for each in (sent, faults["shown"]))
    evidence = value if rule.evidence is None else _evidence(rule.evidence, frame, positions)
    template = rule.message if message is None and rule.message else _template(message or kind.template, rule, header)
    # Most rules have few faults: what is computed of them is computed at once.
    rows = pl.LazyFrame(
        {
            "row": table.frame["source_row"].gather(positions),
            "value": value,
            _VALUE: evidence,
            _SHOWN: shown,
            **told(rule.tell if message is None else None, sent, evidence, most=_VALUE_SHOWN),
        }
    ).with_columns(pl.col(_VALUE, _SHOWN).fill_null("").str.slice(0, _VALUE_SHOWN))
    said = {
        "code": pl.lit(rule.code),
        "message": pl.coalesce("told", _filled(template)),
        "rule": pl.lit(rule.name),
        "severity": pl.lit(rule.severity),
        "file": pl.lit(None),
        "sheet": pl.lit(None),
        "row": pl.col("row"),
        "column": pl.lit(header),
        "cell": pl.lit(None)
        if letters is None or column not in letters
        else pl.lit(letters[column]) + pl.col("row").cast(pl.String),
        "value": pl.col("value"),
        "hint": pl.coalesce("advised", pl.lit(rule.hint or _hint(kind, in_workbook=letters is not None))),
    }
    return rows.select(said[name].cast(dtype).alias(name) for name, dtype in FINDING_SCHEMA.items()).collect()


def _evidence(evidence: pl.Expr, frame: pl.DataFrame, positions: pl.Series) -> pl.Series:
    """What is shown of rows that break a rule together: each group breaks it as a whole, so that no other row is looked at."""
    rows = frame.select(sorted(set(evidence.meta.root_names())))[positions]
    return rows.select(evidence.alias("evidence")).to_series()


def _hint(kind: FindingKind, *, in_workbook: bool) -> str:
    return f"{kind.hint} {kind.in_workbooks}".rstrip() if in_workbook else kind.hint


def _template(message: str, rule: Check, header: str) -> str:
    """The message, with marks in place of what differs from row to row."""
    return message.format(value=_VALUE, shown=_SHOWN, column=header, expected=rule.expected).rstrip()


def _filled(template: str) -> pl.Expr:
    """The template with what belongs to each row in place of its marks."""
    parts = re.split(f"([{_VALUE}{_SHOWN}])", template)
    return pl.concat_str(pl.col(each) if each in (_VALUE, _SHOWN) else pl.lit(each) for each in parts)


def _told(text: pl.Series, rule: Check) -> pl.Series:
    """The text as findings may tell it: masked where the column is restricted, control characters by their names."""
    masked = shapes(text) if rule.its_column.restricted else text
    odd = masked.filter(masked.str.contains(CONTROL)).unique()
    return masked.replace(odd, [each.translate(CONTROL_NAMES) for each in odd]) if len(odd) else masked


def in_order(findings: pl.DataFrame, schema: Schema, headers: Mapping[str, str]) -> pl.DataFrame:
    """Sorts findings: those of the file and the table first, then row by row, from the first column to the last.

    Args:
        findings: Columns as in ``FINDING_SCHEMA``.
        schema: The compiled contract.
        headers: Header as the supplier wrote it, by column name.
    """
    order = {headers[name]: at for at, name in enumerate(schema.contract.column_names)}
    place = pl.col("column").replace_strict(order, default=-1, return_dtype=pl.Int64)
    return findings.sort(pl.col("row"), place, pl.col("rule"), nulls_last=False, maintain_order=True)
