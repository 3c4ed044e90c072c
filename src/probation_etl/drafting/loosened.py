"""A draft without the rules that its own samples break: evidence was of the first rows of a file, and the rest may differ."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace

from probation_etl.contracts.checks import Kind
from probation_etl.drafting.drafted import DraftColumn
from probation_etl.drafting.typed import Typed

_ASKED = "The rows that were not looked at break the rule that was drafted ({}): which is right?"


def loosened(column: DraftColumn, kinds: Set[str]) -> DraftColumn:
    """The column without what gave it rules of some kinds."""
    made, found = column, set(kinds)
    if {Kind.TYPE, Kind.INTEGER, Kind.DECIMALS, Kind.KIND} & found and column.typed.type != "string":
        made = replace(made, typed=_looser(column.typed, found), least=None, window=())
    if {Kind.PATTERN, Kind.LENGTH} & found:
        made = replace(made, pattern=None, longest=None)
    if Kind.ENUM in found:
        made = replace(made, values={})
    if Kind.RANGE in found:
        made = replace(made, least=None)
    if Kind.WINDOW in found:
        made = replace(made, window=("yearsBefore", "daysAfter"))
    made = replace(
        made,
        unique=made.unique and Kind.UNIQUE not in found,
        key=0 if Kind.KEY in found else made.key,
        required=made.required and Kind.REQUIRED not in found,
    )
    return made if made == column else made.asking(_ASKED.format(", ".join(sorted(found))))


def _looser(given: Typed, kinds: Set[str]) -> Typed:
    """A number in place of a whole number; otherwise text."""
    if given.type == "integer" and Kind.INTEGER in kinds and Kind.TYPE not in kinds:
        return replace(given, type="number")
    if given.type == "number" and kinds & {Kind.DECIMALS} and given.places is not None and Kind.TYPE not in kinds:
        return replace(given, places=None)
    return Typed("string", tokens=given.tokens, shorthand=given.shorthand)
