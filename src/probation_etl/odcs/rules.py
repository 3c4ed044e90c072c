"""The rules of a contract's table: row rules, references, and expectations for another engine."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from probation_etl.contract import Reference, Rule
from probation_etl.odcs.document import Document, Steps
from probation_etl.odcs.parts import ENGINE, custom_properties, read_severity


def read_rules(document: Document, table: dict[str, Any], steps: Steps) -> Iterable[Rule]:
    """The row rules of a table."""
    for at, quality in enumerate(table.get("quality") or ()):
        if quality.get("engine") != ENGINE:
            continue
        here = (*steps, "quality", at)
        what = quality["implementation"]
        if not isinstance(what, dict) or "expression" not in what or "id" not in quality:
            document.fault(here, "a rule needs an id and, under implementation, an expression")
            continue
        yield Rule(
            name=quality["id"],
            expression=what["expression"],
            column=what.get("column"),
            severity=read_severity(document, quality.get("severity", "error"), here),
            message=quality.get("description", quality.get("name", quality["id"])),
            hint=what.get("hint", ""),
        )


def implementations(table: dict[str, Any], engine: str) -> Iterable[dict[str, Any]]:
    """What the contract gives to another engine, as it stands."""
    return [each["implementation"] for each in table.get("quality") or () if each.get("engine") == engine]


def read_references(document: Document, table: dict[str, Any], steps: Steps) -> Iterable[Reference]:
    """The references of a table to unified tables."""
    for at, relation in enumerate(table.get("relationships") or ()):
        here = (*steps, "relationships", at)
        from_columns = [name.rpartition(".")[2] for name in _listed(relation["from"])]
        targets = [name.rpartition(".") for name in _listed(relation["to"])]
        custom = custom_properties(document, relation, here, ("severity", "column", "hint"))
        if len({table for table, _, _ in targets}) != 1 or len(targets) != len(from_columns):
            document.fault((*here, "to"), "all columns must be of one table, as many as under from")
            continue
        yield Reference(
            name=relation.get("id", "reference"),
            table=targets[0][0],
            columns=dict(zip(from_columns, (column for _, _, column in targets), strict=True)),
            column=custom.get("column", from_columns[0]),
            severity=read_severity(document, custom.get("severity", "error"), here),
            hint=custom.get("hint", ""),
        )


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def read_derived(document: Document, name: str, what: dict[str, Any]) -> tuple[str, tuple[str, ...]]:
    """A column that is computed before the rules run: its kind, and the columns it is made of."""
    if list(what) != ["workingDaysBetween"] or len(what["workingDaysBetween"]) != 2:
        document.fault(("customProperties",), f"derived column ‘{name}’: use workingDaysBetween: [from, to]")
        return ("workingDaysBetween", ())
    return ("workingDaysBetween", tuple(what["workingDaysBetween"]))
