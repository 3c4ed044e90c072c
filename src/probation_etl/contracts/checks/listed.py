"""Every rule of a compiled contract, and the split into what a target can express and what it cannot.

A target says of each rule what it makes of it, or why it makes nothing. So no rule is lost in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import polars as pl

from probation_etl.contracts.checks import CompiledRule, Schema
from probation_etl.contracts.model import Column, Contract, ReturnContract, Severity

Kind = Literal[
    "control", "error", "type", "integer", "decimals", "required", "pattern", "length", "range", "enum", "unique",
    "key", "row", "mapped", "table", "across", "reference",
]  # fmt: skip
Made = TypeVar("Made")


class Why(str):
    """Why a target cannot express a rule."""

    __slots__ = ()


@dataclass(frozen=True)
class ListedRule:
    """One rule, as far as its export needs it.

    Attributes:
        name: Name of the rule, as in findings.
        kind: What it checks.
        column: The column that its findings point at; None for rules over the whole table.
        words: What it expects, in words.
        expression: SQL of a row rule.
    """

    name: str
    kind: Kind
    column: Column | None
    severity: Severity = "error"
    words: str = ""
    expression: str = ""

    @property
    def its_column(self) -> Column:
        """The column of a rule that has one."""
        assert self.column is not None  # noqa: S101 -- rules over the whole table have other kinds
        return self.column


@dataclass(frozen=True)
class Split:
    """What a target makes of the rules of a contract, by their names, and why of the others it makes nothing."""

    expressed: Mapping[str, Any]
    not_expressed: Mapping[str, str]


#: Why no target at all expresses rules of these kinds.
_NOWHERE: Mapping[str, str] = {
    "control": "control characters are seen while cells are read, before they have a type",
    "error": "error cells such as #REF! are seen while the workbook is read",
    "mapped": "it belongs to the mapping to the unified model, which is not handed over",
    "table": "it adds up the whole table",
    "across": "it needs totals of the supplier's other returns",
    "reference": "it needs rows of the supplier's other returns",
}
#: Why targets that run Python's regular expressions cannot have a pattern.
UNKNOWN_TO_PYTHON = "Python's regular expressions cannot say the pattern"
#: Why targets for typed values leave these to the reader.
_READ_BEFORE = "it speaks of the text of a cell, and typed values are made after it was checked"


def listed_rules(schema: Schema) -> tuple[ListedRule, ...]:
    """Every rule of a compiled contract, those over tables and references included."""
    contract = schema.contract
    expressions = {f"row|{rule.name}": rule.expression for rule in contract.rules}
    of_rows = [_listed(rule, contract, expressions.get(rule.name, "")) for rule in schema.rules.values()]
    return (*of_rows, *_others(contract))


def _listed(rule: CompiledRule, contract: Contract, expression: str) -> ListedRule:
    column, kind = contract.column(rule.target), _kind(rule)
    words = rule.message or (kind == "pattern" and column.pattern) or rule.expected
    return ListedRule(rule.name, kind, column, rule.severity, words, expression)


def _kind(rule: CompiledRule) -> Kind:
    known: dict[str, Kind] = {"row-rule": "row", "unmapped-value": "mapped"}
    if rule.name == "key|unique":
        return "key"
    return known.get(rule.code) or rule.name.partition("|")[2]  # type: ignore[return-value] # names end in their kind


def _others(contract: Contract) -> Iterator[ListedRule]:
    for reference in contract.references:
        column = contract.column(reference.column)
        yield ListedRule(f"{reference.column}|{reference.name}", "reference", column, reference.severity)
    for over_table in contract.table_rules:
        yield ListedRule(f"table|{over_table.name}", "table", None, over_table.severity)
    for across in contract.cross_rules if isinstance(contract, ReturnContract) else ():
        yield ListedRule(f"across|{across.name}", "across", None, across.severity)


def split(rules: Iterable[ListedRule], express: Callable[[ListedRule], Made | Why]) -> Split:
    """Asks a target what it makes of each rule that any target could express."""
    made = {rule.name: Why(_NOWHERE[rule.kind]) if rule.kind in _NOWHERE else express(rule) for rule in rules}
    return Split(
        {name: each for name, each in made.items() if not isinstance(each, Why)},
        {name: str(each) for name, each in made.items() if isinstance(each, Why)},
    )


def typed_only(rule: ListedRule) -> Why | None:
    """Why a rule is lost on typed values, whatever the tool; None where it is not."""
    if rule.kind in ("type", "integer"):
        return Why(_READ_BEFORE)
    return withheld(rule)


def withheld(rule: ListedRule) -> Why | None:
    """Why a missing value is no fault for sure; None where it is one."""
    if rule.kind == "required" and rule.its_column.shorthand:
        marks = ", ".join(f"[{mark}]" for mark in rule.its_column.shorthand)
        return Why(f"{marks} stands for a value left out on purpose, and is empty like one that is missing")
    return None


def unknown_to_the_frame(rule: ListedRule, contract: Contract) -> Why | None:
    """Why a row rule reads something that a frame of the return may not have; None where it does not."""
    derived = [name for name in pl.sql_expr(rule.expression).meta.root_names() if name in contract.derived]
    return Why(f"‘{derived[0]}’ counts working days, which takes the bank holidays") if derived else None


def provenance(contract: Contract, found: Split, also: Mapping[str, str]) -> dict[str, Any]:
    """What an export says of itself: of which contract it is, which rules it holds, which it does not, and why.

    Args:
        contract: The contract.
        found: What the target makes of its rules.
        also: Other differences between the tool and this program, by what they concern.
    """
    lost = [{"rule": name, "why": why} for name, why in found.not_expressed.items()]
    differences = [{"part": part, "why": why} for part, why in also.items()]
    return {
        "contract": contract.id, "version": contract.version, "expressed": list(found.expressed),
        "not_expressed": lost, "also": differences,
    }  # fmt: skip


def reading_differences(contract: Contract) -> dict[str, str]:
    """What the contract says of reading a file, and no tool is told: headers that mean the same, marks and forms."""
    return {
        f"{column.name}|{part}": f"{words}: {', '.join(values)}"
        for column in contract.columns
        for part, words, values in (
            ("synonyms", "other headers of the column", column.synonyms),
            ("shorthand", "marks of a value left out on purpose", column.shorthand),
            ("markers", "marks that may follow a number", column.markers),
            ("formats", "several forms of a date", column.formats[1:] and column.formats),
            ("thousands", "separator of thousands", (column.thousands_separator or "",)),
        )
        if any(values)
    }


def typed_differences(contract: Contract) -> dict[str, str]:
    """As :func:`reading_differences`, with what becomes of cells that could not be read."""
    return {
        "unread cells": "a cell that could not be parsed is empty in a typed frame, and counts as missing there",
        "decimal places": "typed numbers have six; what a text has beyond them is seen while it is read",
        **reading_differences(contract),
    }


def warnings_as_errors(rules: Iterable[ListedRule], found: Split) -> dict[str, str]:
    """The rules that only warn, for targets that know no warnings."""
    return {
        f"{rule.name}|severity": "a warning in the contract, a fault like any other there"
        for rule in rules
        if rule.severity == "warning" and rule.name in found.expressed
    }
