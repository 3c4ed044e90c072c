"""A change in words of the contract: the part of it, and what is said there now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from probation_etl.comparison.changes import Change
from probation_etl.comparison.compare import IN_FORCE, TABLES, JudgedChange
from probation_etl.comparison.trials import Witness
from probation_etl.contracts.masking import shape
from probation_etl.contracts.model import Column, Contract

#: What fields are called, where that is not their name in the model.
_CALLED = {
    "header": "header", "labels": "list", "minimum": "at least", "maximum": "at most", "exclusive_minimum": "more than",
    "exclusive_maximum": "less than", "min_length": "at least characters", "max_length": "at most characters",
    "decimals": "decimal places", "formats": "date formats", "null_tokens": "texts that mean an empty cell",
    "year_pivot": "last year that two digits mean", "decimal_separator": "sign before decimals",
    "value_synonyms": "other texts for listed values",
    "ignored": "of no matter", "separator": "sign between values of a cell", "keeps_blanks": "white space kept",
    "unit_texts": "unit", "needs_unit": "unit needed", "true_values": "words that mean true", "false_values": "words that mean false",
    "quarantined_share": "rejected above a share in quarantine of", "supplier_kind": "sent by", "effective_from": "in force from",
    "effective_to": "in force to", "key": "primary key", "file_name": "file name", "expression": "condition",
    "layout_of": "layout of", "severities": "severity of findings", "period_days": "days of a period",
}  # fmt: skip
_FLAGS = {"required": "required", "unique": "unique", "restricted": "restricted"}
_PARTS = {
    "rules": "rule", "table_rules": "rule", "cross_rules": "rule", "query_rules": "rule", "memberships": "reference", "own_references": "reference", "references": "reference", "reference": "reference table",
    "release_queries": "release check", "measures": "measure", "unpivot": "row",
}  # fmt: skip
_LONGEST, _CELLS = 160, 6
#: Words of a long text that are shown before the first that differs.
_BEFORE = 3


def part_of(change: Change, contract: Contract) -> str:
    """The part of a contract that a change is in, such as ``column ‘Pages’``."""
    first, *rest = change.path
    if first == "columns" and rest:
        part = change.before if change.is_removed else change.after if change.is_added else None
        column = part if isinstance(part, Column) else contract.column(rest[0])
        return f"column ‘{column.header}’"
    if first == "mapping":
        names = [each for each in rest if each not in ("columns", "unpivot")]
        within = f" in ‘{rest[1]}’" if rest[:1] == ["unpivot"] and len(rest) > 2 else ""
        target = names[1] if within and len(names) > 1 else names[0] if names else ""
        return "mapping" if rest[:1] == ["table"] else f"mapping of ‘{target}’{within}"
    if first in _PARTS and rest:
        return f"{_PARTS[first]} ‘{rest[0]}’"
    return _called(first) if rest else "contract"


def said(change: Change) -> str:
    """What a contract says there now, and what it said before."""
    if change.is_added or change.is_removed:
        part = _value(change.after if change.is_added else change.before)
        return f"{'added' if change.is_added else 'removed'}: {part}"
    aspect = "labels of the cover" if change.path[-2:] == ("cover", "labels") else change.path[-1]
    if aspect in _FLAGS and isinstance(change.after, bool):
        return _FLAGS[aspect] if change.after else f"no longer {_FLAGS[aspect]}"
    if change.path[0] == TABLES:
        return f"other rows: {change.after}, were {change.before}"
    if _is_list(change.before) and _is_list(change.after) and change.before and change.after:
        return f"{_called(aspect)}: {'; '.join(_of_list(change.before, change.after))}"
    now, was = _apart(change.after, change.before)
    return f"{_called(aspect)}: {_value(now)}, was {_value(was)}"


def because(judged: JudgedChange, contract: Contract, tried: int) -> str:
    """Why a change is judged as it is, in a sentence; empty where what it says is enough."""
    if judged.refused:
        return ""
    if judged.change and judged.change.path[-1] in IN_FORCE:
        no_gap = judged.effect == "compatible"
        return (
            "a version is in force for each of its periods"
            if no_gap
            else "no version is in force for some of its periods"
        )
    if contract.layer != "return":
        return "it is judged by nothing here" if judged.effect == "unknown" else ""
    if judged.effect == "breaking":
        return "it asks for more" if tried else "it asks for more, and no example could be made"
    if judged.effect == "unknown":
        asks = "it asks for more, but " if judged.decision == "more" else ""
        none = f"of {tried:,} example rows and returns none was refused, which is no proof"
        return asks + (none if tried else "no example could be made")
    return "no return is judged by it" if judged.decision == "same" else "it refuses nothing that passed"


def example_in_words(witness: Witness, *contracts: Contract) -> str:
    """What is special about an example, masked where a column is restricted in either contract."""
    cells = ", ".join(f"{header} {value}" for header, value in cells_of(witness, *contracts))
    rows = len(witness.sent.example.rows)
    count = f"{rows} rows" if rows > 1 else ""
    return "; ".join(filter(None, (witness.sent.form, count, cells))) or "the plainest return"


def cells_of(witness: Witness, *contracts: Contract) -> list[tuple[str, str]]:
    """The cells of the row in question, each with its header: those that its finding names, or else the first."""
    example, finding = witness.sent.example, witness.finding
    at = 0 if finding.row is None else max(0, min(finding.row - 2, len(example.rows) - 1))
    row = example.rows[at] if example.rows else ()
    cells = list(zip(example.contract.columns, row, strict=False))
    named = [pair for pair in cells if pair[0].header == finding.column]
    if witness.sent.form or finding.row is None:
        named = []
    return [(column.header, _cell(cell, column, contracts)) for column, cell in (named or _filled(cells, witness))]


def _filled(cells: list[tuple[Column, str | None]], witness: Witness) -> list[tuple[Column, str | None]]:
    if witness.finding.row is None:
        return []
    return [each for each in cells if each[1] is not None][:_CELLS]


def _cell(cell: str | None, column: Column, contracts: tuple[Contract, ...]) -> str:
    if cell is None:
        return "empty"
    restricted = (
        any(each.column(column.name).restricted for each in contracts if column.name in each.column_names)
        or column.restricted
    )
    return f"‘{_cut(shape(cell) if restricted else cell)}’"


def _called(name: str) -> str:
    return _CALLED.get(name, name.replace("_", " "))


def _is_list(value: Any) -> bool:
    return isinstance(value, Mapping | tuple)


def _of_list(before: Any, after: Any) -> Iterator[str]:
    """What was added to a list or taken from it; else its new order or its other words."""
    added, removed = ([each for each in one if each not in other] for one, other in ((after, before), (before, after)))
    if added:
        yield f"{_joined(added)} added"
    if removed:
        yield f"{_joined(removed)} removed"
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        other = [each for each in after if each in before and after[each] != before[each]]
        yield from (f"‘{each}’ is {_value(after[each])}, was {_value(before[each])}" for each in other)
    if not added and not removed and not isinstance(before, Mapping):
        yield f"{_joined(list(after))}, in this order"


def _apart(one: Any, other: Any) -> tuple[Any, Any]:
    """Two long texts from shortly before the first word in which they differ."""
    if not (isinstance(one, str) and isinstance(other, str)) or max(len(one), len(other)) <= _LONGEST:
        return one, other
    words, others = one.split(), other.split()
    same = next((at for at, pair in enumerate(zip(words, others, strict=False)) if pair[0] != pair[1]), len(words))
    start = max(0, min(same, len(words), len(others)) - _BEFORE)
    left_out = ["…"] if start else []
    return " ".join([*left_out, *words[start:]]), " ".join([*left_out, *others[start:]])


def _joined(values: list[Any]) -> str:
    return _cut(", ".join(_value(each) for each in values))


def _value(value: Any) -> str:
    if value is None or value in ((), {}):
        return "none"
    if isinstance(value, str):
        return f"‘{_cut(' '.join(value.split()))}’"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        same = all(key == each for key, each in value.items())
        return (
            _joined(list(value)) if same else _cut("; ".join(f"{key}: {_value(each)}" for key, each in value.items()))
        )
    if isinstance(value, tuple):
        return _joined(list(value))
    if is_dataclass(value) and not isinstance(value, type):
        given = ((each.name, getattr(value, each.name)) for each in fields(value))
        said = (
            (name, _value(each)) for name, each in given if each not in (None, "", (), {}, False) and name != "name"
        )
        return _cut(", ".join(f"{_called(name)} {text}" for name, text in said if text))
    return str(value)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
