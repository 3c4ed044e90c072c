"""The mapping of a return to its unified table. Its shape has been held against our language before."""

from __future__ import annotations

from typing import Any

from probation_etl.contracts.model import Lookup, MappedColumn, MappedRow, Mapping


def read_mapping(data: dict[str, Any]) -> Mapping:
    """The mapping that a return gives."""
    rows = (MappedRow(name, _columns(row["columns"]), row.get("when")) for name, row in data.get("unpivot", {}).items())
    return Mapping(data["table"], _columns(data["columns"]), tuple(rows))


def _columns(data: dict[str, Any]) -> tuple[MappedColumn, ...]:
    return tuple(_mapped(*item) for item in data.items())


def _mapped(name: str, how: Any) -> MappedColumn:
    if isinstance(how, str):
        return MappedColumn(name, expression=how)
    basis = how.get("basis", {})
    return MappedColumn(
        name,
        expression=how.get("expression"),
        codes={str(code): value for code, value in how.get("codes", {}).items()},
        lookups=tuple(Lookup(**each) for each in how.get("lookups", ())),
        basis_column=basis.get("column"),
        otherwise=basis.get("otherwise"),
    )
