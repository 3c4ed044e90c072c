"""The rules of a contract, split into what a target can express and what it cannot.

For each rule a target gives its own form of it, or the reason why it has none. So no rule is lost silently.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import polars as pl

from probation_etl.contracts.checks import CONTEXT_TYPES, Check, Kind, Schema
from probation_etl.contracts.checks.check import OF_COLUMN, OF_LAYOUT
from probation_etl.contracts.completeness import CHECKS
from probation_etl.contracts.model import Column, Contract, Identification, ReturnContract, TableContract

Made = TypeVar("Made")


class Why(str):
    """Why a target cannot express a rule."""

    __slots__ = ()


@dataclass(frozen=True)
class Split(Generic[Made]):
    """The form that a target gives to the rules of a contract, and by name why it has none for the others."""

    made: tuple[tuple[Check, Made], ...]
    not_expressed: Mapping[str, str]

    @property
    def expressed(self) -> list[str]:
        """Names of the rules that the target expresses."""
        return [check.name for check, _ in self.made]

    def of_column(self, column: Column) -> list[Made]:
        """The forms of the rules of a column."""
        return [made for check, made in self.made if check.kind in OF_COLUMN and check.target == column.name]

    def is_required(self, column: Column) -> bool:
        """Whether the target asks for a value in every row."""
        return any(check.kind is Kind.REQUIRED and check.target == column.name for check, _ in self.made)


#: Why no target at all expresses rules of these kinds.
_NOWHERE: Mapping[Kind, str] = {
    Kind.CONTROL: "control characters are seen while cells are read, before they have a type",
    Kind.ERROR: "error cells such as #REF! are seen while the workbook is read",
    Kind.WINDOW: "which days are likely depends on the period of the return",
    Kind.MAPPED: "it belongs to the mapping to the unified model, which is not handed over",
    Kind.TABLE: "it adds up the whole table",
    Kind.ACROSS: "it needs totals of the supplier's other returns",
    Kind.MEMBER: "it needs a reference table, which is not handed over",
    Kind.QUERY: "it is a query over the whole return, and returns beside it",
    Kind.OWN: "it needs the other rows of the return",
    Kind.REFERENCE: "it needs rows of the supplier's other returns",
}
#: Why targets that run Python's regular expressions cannot have a pattern.
UNKNOWN_TO_PYTHON = "Python's regular expressions cannot express the pattern"
#: Why targets for typed values leave these to the reader.
_READ_BEFORE = "it is about the text of a cell, which is checked before there are typed values"


def handed_over(schema: Schema) -> tuple[Check, ...]:
    """Every rule that is handed over or named as lost: all but those of the layout."""
    return tuple(each for each in schema.checks if each.kind not in OF_LAYOUT)


def split(checks: Iterable[Check], express: Callable[[Check], Made | Why]) -> Split[Made]:
    """Asks a target for its form of each rule that any target could express."""
    made: list[tuple[Check, Made]] = []
    lost: dict[str, str] = {}
    for check in checks:
        outcome = Why(_NOWHERE[check.kind]) if check.kind in _NOWHERE else express(check)
        if isinstance(outcome, Why):
            lost[check.name] = str(outcome)
        else:
            made.append((check, outcome))
    return Split(tuple(made), lost)


def typed_only(check: Check) -> Why | None:
    """Why a rule is lost on typed values, whatever the tool; None where it is not."""
    if check.kind in (Kind.TYPE, Kind.INTEGER):
        return Why(_READ_BEFORE)
    return withheld(check)


def withheld(check: Check) -> Why | None:
    """Why a rule is not of the whole value of a cell, whatever the tool; None where it is."""
    if check.kind in (Kind.ENUM, Kind.PATTERN) and check.its_column.separator:
        return Why(f"a cell holds several values, set apart by ‘{check.its_column.separator}’")
    if check.kind is Kind.REQUIRED and check.its_column.shorthand:
        marks = ", ".join(f"[{mark}]" for mark in check.its_column.shorthand)
        return Why(f"{marks} marks a value left out on purpose, and is empty like a missing one")
    return None


def unknown_to_the_frame(check: Check, contract: Contract) -> Why | None:
    """Why a row rule reads something that a frame of the return may not have; None where it does not."""
    for name in pl.sql_expr(check.sql).meta.root_names():
        if name in contract.derived:
            return Why(f"‘{name}’ counts working days, which takes the bank holidays")
        if name not in contract.column_names and name not in CONTEXT_TYPES:
            return Why(f"‘{name}’ is looked up in a reference table, which is not handed over")
    return None


def provenance(
    contract: Contract, expressed: Iterable[str], not_expressed: Mapping[str, str], also: Mapping[str, str]
) -> dict[str, Any]:
    """What an export says about itself: its contract, which rules it has, which it does not have, and why.

    Args:
        contract: The contract.
        expressed: Names of the rules that the target expresses.
        not_expressed: Why it does not express the others.
        also: Other differences between the tool and this program, by what they concern.
    """
    lost = [{"rule": name, "why": why} for name, why in {**not_expressed, **counted_in_the_store(contract)}.items()]
    differences = [{"part": part, "why": why} for part, why in also.items()]
    return {
        "contract": contract.id, "version": contract.version, "expressed": list(expressed),
        "not_expressed": lost, "also": differences,
    }  # fmt: skip


def counted_in_the_store(contract: Contract) -> dict[str, str]:
    """Why no target has the release checks that are queries, by their names."""
    if not isinstance(contract, TableContract):
        return {}
    names = (*(CHECKS if contract.completeness else ()), *(each.name for each in contract.release_queries))
    return {f"table|{name}": "it is a query, which counts in the store" for name in names}


def reading_differences(contract: Contract) -> dict[str, str]:
    """How the contract reads a file, which no export can express: headers with the same meaning, marks and formats."""
    return file_differences(contract) | {
        f"{column.name}|{part}": f"{words}: {', '.join(values)}"
        for column in contract.columns
        for part, words, values in (
            ("synonyms", "other headers of the column", column.synonyms),
            ("shorthand", "marks of a value left out on purpose", column.shorthand),
            ("markers", "marks that may follow a number", column.markers),
            ("formats", "several forms of a date or time", column.formats[1:] and column.formats),
            ("duration", "form of lengths of time", tuple(each.written for each in column.durations)),
            ("thousands", "separator of thousands", (column.thousands_separator or "",)),
            ("decimals", "sign before the decimals", (column.decimal_separator.strip("."),)),
            ("years", "last year that two digits mean", (str(column.year_pivot or ""),)),
            ("truths", "words for true and false", _truths(column)),
            ("ignore", "what does not matter when a listed value is compared", column.ignored),
            ("valueSynonyms", "other texts for listed values", tuple(column.value_synonyms)),
            ("unit", "unit of a number", column.unit_texts),
            ("list", "sign between the values of a cell", (column.separator or "",)),
            ("whitespace", "white space at the ends of texts", ("kept",) if column.keeps_blanks else ()),
        )
        if any(values)
    }


def file_differences(contract: Contract) -> dict[str, str]:
    """How the contract finds the rows in a file, where they do not simply stand below one header: for tools that read tables alone."""
    layout = contract.layout
    named = contract.identification if isinstance(contract, ReturnContract) else Identification()
    differences = {
        "headerRows": {0: "the file has no header", 1: ""}.get(
            layout.header_rows, f"the header stands in {layout.header_rows} lines"
        ),
        "leftOut": ", ".join(each.name for each in layout.left_out),
        "notRead": ", ".join((*layout.not_read.columns, *layout.not_read.sheets)),
        **{key: f"‘{name}’ says of each row whose it is" for key, name in named.row_columns.items()},
        "describedBy": f"‘{layout.described_by.contract}’ lists further columns" if layout.described_by else "",
        "block": "other tables stand beside or below it" if layout.block else "",
        "fixed-width": "columns stand at fixed places in a line" if layout.fixed_width else "",
        "sheetPattern": named.sheet_pattern or "",
        "folder": named.folder or "",
        "severities": ", ".join(f"{code}: {severity}" for code, severity in contract.severities.items()),
    }
    words = {
        "leftOut": "rows that are no data: ",
        "notRead": "what else the file holds: ",
        "severities": "of the file: ",
    }
    return {key: f"{words.get(key, '')}{text}" for key, text in differences.items() if text}


def _truths(column: Column) -> tuple[str, ...]:
    words = column.true_values + column.false_values
    return words if words != ("true", "false") else ()


def typed_differences(contract: Contract) -> dict[str, str]:
    """As :func:`reading_differences`, with what becomes of cells that could not be read."""
    return {
        "unread cells": "a cell that could not be parsed is empty in a typed frame, and counts as missing there",
        "decimal places": "typed numbers have six; what a text has beyond them is seen while it is read",
        **reading_differences(contract),
    }


def warnings_as_errors(found: Split[Any]) -> dict[str, str]:
    """The rules that only warn, for targets that know no warnings."""
    return {
        f"{check.name}|severity": "a warning in the contract, a fault like any other there"
        for check, _ in found.made
        if check.severity == "warning"
    }
