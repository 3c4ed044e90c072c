"""Shared by all tests: an invented domain (the loans of a library), its contract, and files of it."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
import yaml
from hypothesis import settings

from probation_etl.contracts.rulebook import Rulebook, load_rulebook
from probation_etl.intake.assess import assess
from probation_etl.intake.result import ReturnResult

pytest_plugins = ["databases"]
# Files of tests were written a moment ago, and nobody is still writing to them.
os.environ.setdefault("PROBATION_ETL_RUN_SETTLE", "0")

#: Examples of each property; the sweep tries more.
EXAMPLES = int(os.environ.get("PROBATION_ETL_EXAMPLES", "20"))
settings.register_profile("local", max_examples=EXAMPLES, deadline=None)
settings.register_profile("ci", max_examples=EXAMPLES, deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")

#: A file name that gives supplier and period.
LOANS_FILE = "B1_loans_2024-03-31.csv"
LOANS_HEADER = ("Loan reference", "Copy", "Branch", "Lent on", "Returned on", "Fine", "Renewed", "Notes")

_COLUMNS: tuple[dict[str, Any], ...] = (
    {
        "name": "loan_reference", "physicalName": "Loan reference", "logicalType": "string",
        "synonyms": [{"synonym": "Loan ref"}], "logicalTypeOptions": {"pattern": r"^L\d{4}$"},
        "required": True, "primaryKey": True, "primaryKeyPosition": 1, "classification": "restricted",
        "customProperties": [{"property": "hints", "value": {"wrong-pattern": "Copy it from the card."}}],
    },
    {
        "name": "copy_number", "physicalName": "Copy", "logicalType": "integer",
        "logicalTypeOptions": {"minimum": 1, "maximum": 99}, "required": True, "primaryKey": True, "primaryKeyPosition": 2,
    },
    {
        "name": "branch", "physicalName": "Branch", "logicalType": "string", "required": True,
        "enum": [{"value": "Central"}, {"value": "N", "label": "North"}],
    },
    {
        "name": "lent_on", "physicalName": "Lent on", "logicalType": "date",
        "logicalTypeOptions": {"format": "dd/MM/yyyy"}, "required": True,
    },
    {
        "name": "returned_on", "physicalName": "Returned on", "logicalType": "date",
        "logicalTypeOptions": {"format": "dd/MM/yyyy"},
    },
    {
        "name": "fine", "physicalName": "Fine", "logicalType": "number",
        "logicalTypeOptions": {"minimum": 0, "exclusiveMaximum": 50, "multipleOf": 0.01},
        "customProperties": [{"property": "nullTokens", "value": ["n/a"]}],
    },
    {"name": "renewed", "physicalName": "Renewed", "logicalType": "boolean"},
    {"name": "notes", "physicalName": "Notes", "logicalType": "string", "logicalTypeOptions": {"maxLength": 20}},
)  # fmt: skip
_RULE = {
    "id": "returned_not_before_lent", "description": "It came back before it was lent.", "type": "custom",
    "engine": "probation-etl", "severity": "error",
    "implementation": {"expression": "returned_on >= lent_on", "column": "returned_on", "hint": "Check both days."},
}  # fmt: skip
_CUSTOM = {
    "layer": "return",
    "identification": {"fileName": r"(?P<supplier_code>[A-Z]\d)_loans_(?P<period_end>\d{4}-\d{2}-\d{2})\.csv"},
    "reportingPeriod": {"days": 31},
}


class Library:
    """Makes contracts, rulebooks and returns of an invented domain."""

    file = LOANS_FILE
    header = LOANS_HEADER

    def __init__(self, root: Path) -> None:
        self._root = root
        self._made = 0

    def __repr__(self) -> str:
        return "the library"

    @cached_property
    def loans(self) -> Rulebook:
        """The rulebook of loans, compiled once."""
        return self.rulebook()

    def columns(self, **changes: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The columns of a loan, with changes by column name."""
        columns = deepcopy(list(_COLUMNS))
        for column in columns:
            column.update(changes.get(column["name"], {}))
        return columns

    def rule(
        self, expression: str, *, name: str = "some_rule", column: str | None = None, **more: Any
    ) -> dict[str, Any]:
        """A row rule."""
        implementation = {"expression": expression, **({"column": column} if column else {})}
        return {**_RULE, "id": name, "description": f"{name} is broken.", "implementation": implementation, **more}

    def contract(
        self,
        *,
        name: str = "loans",
        table: str | None = None,
        columns: Sequence[Mapping[str, Any]] | None = None,
        rules: Sequence[Mapping[str, Any]] | None = None,
        relationships: Sequence[Mapping[str, Any]] = (),
        custom: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> dict[str, Any]:
        """The contract of loans as data. A custom property that is None is left out."""
        properties = {key: value for key, value in {**_CUSTOM, **(custom or {})}.items() if value is not None}
        schema: dict[str, Any] = {"name": table or name, "logicalType": "object"}
        schema["properties"] = list(self.columns() if columns is None else columns)
        schema["quality"] = list([_RULE] if rules is None else rules)
        if relationships:
            schema["relationships"] = list(relationships)
        return {
            "apiVersion": "v3.2.0", "kind": "DataContract", "id": name, "version": "1.0.0", "status": "active",
            "schema": [schema],
            "customProperties": [{"property": key, "value": value} for key, value in properties.items()],
            **more,
        }  # fmt: skip

    def directory(self, *contracts: Mapping[str, Any] | str, tables: Mapping[str, str] | None = None) -> Path:
        """A directory of contracts (as data or as YAML text) and reference tables (as CSV text)."""
        self._made += 1
        directory = self._root / f"contracts{self._made}"
        (directory / "reference").mkdir(parents=True)
        for number, contract in enumerate(contracts):
            text = contract if isinstance(contract, str) else yaml.safe_dump(dict(contract), sort_keys=False)
            (directory / f"contract{number}.odcs.yaml").write_text(text, encoding="utf-8")
        for stem, text in (tables or {}).items():
            (directory / "reference" / f"{stem}.csv").write_text(text, encoding="utf-8")
        return directory

    def rulebook(self, *contracts: Mapping[str, Any] | str, tables: Mapping[str, str] | None = None) -> Rulebook:
        """The rulebook of these contracts; by default of loans."""
        return load_rulebook(self.directory(*(contracts or (self.contract(),)), tables=tables))

    def row(self, **cells: str) -> dict[str, str]:
        """A faultless loan with some cells changed. Keys are headers with underscores for spaces."""
        row = dict(
            zip(LOANS_HEADER, ("L0001", "1", "Central", "01/03/2024", "15/03/2024", "0.50", "true", ""), strict=True)
        )
        row.update({key.replace("_", " "): value for key, value in cells.items()})
        return row

    def csv(self, *rows: Mapping[str, str]) -> bytes:
        """A return of these rows."""
        return self.text(LOANS_HEADER, *([row.get(header, "") for header in LOANS_HEADER] for row in rows))

    def text(self, *records: Iterable[str]) -> bytes:
        """Records as CSV, without a check of their width."""
        text = io.StringIO()
        csv.writer(text).writerows(records)
        return text.getvalue().encode()

    def workbook(self, **sheets: Mapping[str, Any] | Sequence[Sequence[Any]]) -> bytes:
        """A workbook. A sheet is given as rows from A1, or as values by reference. Underscores in names are spaces."""
        target = io.BytesIO()
        options = {"in_memory": True, "default_date_format": "dd/mm/yyyy"}
        with xlsxwriter.Workbook(target, options) as book:
            for name, cells in sheets.items():
                sheet = book.add_worksheet(name.replace("_", " "))
                if isinstance(cells, Mapping):
                    for place, value in cells.items():
                        sheet.write(place, value)
                else:
                    for number, row in enumerate(cells):
                        sheet.write_row(number, 0, row)
        return target.getvalue()

    def assess(
        self, data: bytes, rulebook: Rulebook | None = None, *, name: str = LOANS_FILE, **more: Any
    ) -> ReturnResult:
        """Validates a file that holds one return."""
        (result,) = assess(name, data, rulebook or self.loans, **more)
        return result

    def faults(self, result: ReturnResult) -> list[tuple[int | None, str | None, str]]:
        """Row, column and code of each finding, in the order of the findings."""
        return result.findings.select("row", "column", "code").rows()


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return Library(tmp_path_factory.mktemp("library"))


@pytest.fixture(scope="session")
def loans(library: Library) -> Rulebook:
    return library.loans


@pytest.fixture(scope="session", autouse=True)
def _remembered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What commands remember from one to the next is that of these tests alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield
