"""What can be told of a change by what it says: whether it asks for more, for less, or for the same in other words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from probation_etl.comparison.changes import Change
from probation_etl.contracts.model import Column, Contract
from probation_etl.contracts.organisations import fold

#: ``less``: whatever passed passes still; ``more``: something may not; ``breaks``: something does not, without an example;
#: ``same``: no return is judged by it.
Decision = Literal["less", "more", "breaks", "same"]

#: What is said to people, or decides what becomes of a return that is judged, and not how.
_SAME = frozenset(
    (
        "title", "description", "message", "hint", "hints", "physical_type", "service_level", "expected_level",
        "expectations", "frequency", "latency", "anchor", "retention",
    )
)  # fmt: skip


def decided(change: Change, before: Contract, after: Contract) -> Decision | None:
    """What a change decides by itself; None where only returns can show it.

    Args:
        change: The change.
        before: The first contract.
        after: The second, with the names of columns that the first has.
    """
    aspect = change.path[-1]
    if _SAME & {*change.path} or (change.path[:2] == ("mapping", "table") and len(change.path) == 2):
        return "same"
    if change.path[0] == "columns" and len(change.path) > 2:
        # Bounds are taken together: one may say what another said.
        decide = _OF_COLUMN.get(aspect)
        return decide(before.column(change.path[1]), after.column(change.path[1])) if decide else None
    if change.is_added or change.is_removed:
        return _of_part(change)
    if aspect == "severity":
        return "less" if change.after == "warning" else "more"
    if _is_warning(change, before) and _is_warning(change, after):
        return "less"
    if aspect == "quarantined_share":
        return "less" if change.after > change.before else "breaks"
    if aspect == "supplier_kind":
        return "less" if change.after is None else "more"
    if aspect == "key":
        return "less" if not change.after else "more" if not change.before else None
    return None


def _is_warning(change: Change, contract: Contract) -> bool:
    """Whether a change is in a rule that refuses nothing."""
    parts = getattr(contract, change.path[0], None) if len(change.path) > 2 else None
    if not isinstance(parts, tuple):
        return False
    named = (each for each in parts if getattr(each, "name", None) == change.path[1])
    return any(getattr(each, "severity", None) == "warning" for each in named)


def _of_part(change: Change) -> Decision | None:
    """A column, rule or reference that was added or removed; what else has a name is not known."""
    part = change.after if change.is_added else change.before
    if isinstance(part, Column):
        # A column that may be missing refuses nothing that was sent without it, and one that is gone is not read.
        return "more" if change.is_added and part.required else "less"
    severity = getattr(part, "severity", None)
    if severity is None:
        return None
    return "more" if change.is_added and severity == "error" else "less"


def _flag(name: str) -> Callable[[Column, Column], Decision]:
    return lambda _before, after: "more" if getattr(after, name) else "less"


def _range(before: Column, after: Column) -> Decision | None:
    """By the least and the greatest value that are allowed, whether bounds are within or not."""
    ours, theirs = before.interval, after.interval
    low = _compared(ours.least(before.step), theirs.least(after.step), lambda one, other: bool(one > other))
    high = _compared(ours.greatest(before.step), theirs.greatest(after.step), lambda one, other: bool(one < other))
    return _together(low, high)


def _lengths(before: Column, after: Column) -> Decision | None:
    low = _compared(before.length.least, after.length.least, lambda one, other: bool(one > other))
    high = _compared(before.length.most, after.length.most, lambda one, other: bool(one < other))
    return _together(low, high)


def _decimals(before: Column, after: Column) -> Decision | None:
    return "less" if after.places > before.places else "more" if after.places < before.places else "same"


def _compared(before: Any, after: Any, is_wider: Callable[[Any, Any], bool]) -> Decision:
    """One end of a range; without a bound it has no end."""
    if before == after:
        return "same"
    if before is None or after is None:
        return "less" if after is None else "more"
    return "less" if is_wider(before, after) else "more"


def _together(*ends: Decision | None) -> Decision | None:
    return "more" if "more" in ends else "less" if "less" in ends else "same"


def _list(before: Column, after: Column) -> Decision:
    """A list of allowed values; without one every value is allowed. Labels are words."""
    ours, theirs = {*before.labels}, {*after.labels}
    if ours == theirs:
        return "same"
    return "less" if not theirs or (ours and ours < theirs) else "more"


def _pattern(before: Column, after: Column) -> Decision | None:
    return "less" if after.pattern is None else "more" if before.pattern is None else None


def _more_texts(name: str) -> Callable[[Column, Column], Decision | None]:
    """Further texts that are understood, where others were refused; of a column of texts they were values."""

    def decide(before: Column, after: Column) -> Decision | None:
        ours, theirs = getattr(before, name) or (), getattr(after, name) or ()
        if before.type == "string":
            return None
        if tuple(theirs[: len(ours)]) == tuple(ours) or (name != "formats" and {*ours} <= {*theirs}):
            return "less"
        return "more" if {*theirs} < {*ours} else None

    return decide


def _headers(before: Column, after: Column) -> Decision | None:
    """By all headers that are understood: the usual one and its synonyms."""
    ours, theirs = ({fold(text) for text in (each.header, *each.synonyms)} for each in (before, after))
    return "same" if ours == theirs else "less" if ours < theirs else "more" if theirs < ours else None


def _severities(before: Column, after: Column) -> Decision:
    def mild(column: Column) -> set[str]:
        return {code for code, severity in column.severities.items() if severity == "warning"}

    return "less" if mild(before) <= mild(after) else "more"


_OF_COLUMN: Mapping[str, Callable[[Column, Column], Decision | None]] = {
    "required": _flag("required"), "unique": _flag("unique"), "minimum": _range, "maximum": _range,
    "exclusive_minimum": _range, "exclusive_maximum": _range, "min_length": _lengths, "max_length": _lengths,
    "decimals": _decimals, "labels": _list, "pattern": _pattern, "severities": _severities,
    "header": _headers, "synonyms": _headers, "name": lambda _before, _after: "same",
    "restricted": lambda _before, after: None if after.restricted else "less",
    **{
        name: _more_texts(name)
        for name in (
            *("formats", "null_tokens", "shorthand", "markers"),
            *("thousands_separator", "true_values", "false_values", "unit_texts"),
        )
    },
}  # fmt: skip
