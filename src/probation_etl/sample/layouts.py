"""How each sender sets out its files: column order, header wording, dates, numbers, blank rows and notes.

Layouts are data: ``contracts/sample/layouts.yaml``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from probation_etl.contracts.shipped import shipped


@dataclass(frozen=True)
class Layout:
    """How one sender sets out its workbook.

    Attributes:
        columns: Column keys in the sender's order, by sheet.
        headers: The header over each column.
        cover: Labels of the Cover sheet in the sender's order.
        blank_after: Numbers of data rows after which the sender leaves a blank row.
        note: A line below the data, after a blank row.
    """

    columns: Mapping[str, tuple[str, ...]]
    headers: Mapping[str, str]
    cover: tuple[str, ...]
    extension: str = "xlsx"
    dates_as_text: bool = False
    cover_dates_as_text: bool = False
    numbers_as_text: bool = False
    blank_after: tuple[int, ...] = ()
    note: str | None = None

    def header(self, key: str) -> str:
        """The header that this sender writes over a column."""
        return self.headers[key]


@dataclass(frozen=True)
class Extract:
    """One kind of CSV file: its contract, and its headers by column key in the order of the file."""

    contract: str
    columns: Mapping[str, str]


@dataclass(frozen=True)
class Layouts:
    """All layouts.

    Attributes:
        workbooks: Layouts of workbooks, by name.
        contracts: Contract of each sheet of a workbook.
        controls: Label of each sheet's control total on the cover.
        extracts: CSV files, by kind.
    """

    workbooks: Mapping[str, Layout]
    contracts: Mapping[str, str]
    controls: Mapping[str, str]
    extracts: Mapping[str, Extract] = field(default_factory=dict)


@cache
def shipped_layouts() -> Layouts:
    """The layouts that ship with the program."""
    return read_layouts(shipped("contracts") / "sample" / "layouts.yaml")


def read_layouts(path: Path) -> Layouts:
    """Reads layouts from a file."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    workbook = data["workbook"]
    return Layouts(
        workbooks={name: _layout(given, workbook, data["orders"]) for name, given in data["layouts"].items()},
        contracts={sheet: each["contract"] for sheet, each in workbook["sheets"].items()},
        controls={sheet: each["control"] for sheet, each in workbook["sheets"].items()},
        extracts={kind: Extract(each["contract"], each["columns"]) for kind, each in data["extracts"].items()},
    )


def _layout(given: Mapping[str, Any], workbook: Mapping[str, Any], orders: Mapping[str, Any]) -> Layout:
    own = {key: value for key, value in given.items() if key not in {"order", "wording", "cover", "blank_after"}}
    return Layout(
        columns={sheet: tuple(keys) for sheet, keys in orders[given["order"]].items()},
        headers={**workbook["headers"], **given.get("wording", {})},
        cover=tuple(given.get("cover", workbook["cover"])),
        blank_after=tuple(given.get("blank_after", ())),
        **own,
    )
