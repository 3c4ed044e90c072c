"""The mapping of a return to its unified table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from probation_etl.contract import Lookup, MappedColumn, Mapping
from probation_etl.odcs.document import Document


def read_mapping(document: Document, data: dict[str, Any] | None) -> Mapping | None:
    """The mapping; None where the return has none, and its table is derived."""
    if data is None:
        return None
    if "table" not in data or not isinstance(data.get("columns"), dict):
        document.fault(("customProperties",), "a mapping needs a table and columns")
        return None
    return Mapping(data["table"], tuple(_mapped(document, *item) for item in data["columns"].items()))


def _mapped(document: Document, name: str, how: Any) -> MappedColumn:
    if isinstance(how, str):
        return MappedColumn(name, expression=how)
    if not isinstance(how, dict) or ("expression" in how) == ("lookups" in how):
        document.fault(("customProperties",), f"mapping of ‘{name}’: give an expression, or lookups")
        return MappedColumn(name)
    basis = how.get("basis", {})
    return MappedColumn(
        name,
        expression=how.get("expression"),
        codes={str(code): value for code, value in how.get("codes", {}).items()},
        lookups=tuple(_checked(document, Lookup, each, f"lookup of ‘{name}’") for each in how.get("lookups", ())),
        basis_column=basis.get("column"),
        otherwise=basis.get("otherwise"),
    )


def _checked(document: Document, kind: Callable[..., Any], data: dict[str, Any], where: str) -> Any:
    try:
        return kind(**data)
    except TypeError:
        document.fault(("customProperties",), f"{where}: give table, match and value, and basis if wanted")
        return None
