"""The guide to a return as it was last looked at: the page byte for byte, and the cells of the workbook. All values are invented.

After a wanted change, renew them and look at the difference before they are committed:

    PROBATION_ETL_RENEW_GOLDEN=1 pytest tests/golden && git diff tests/golden
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml

import probation_etl as pe
from probation_etl.cli import run_cli
from stylesheets import without_style

HERE = Path(__file__).parent
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "contract-language" / "README.md"
RENEWING = bool(os.environ.get("PROBATION_ETL_RENEW_GOLDEN"))
#: What is added to the contract of the documentation, so that the guide has one of everything.
COLUMNS: list[dict[str, Any]] = [
    {
        "name": "borrower", "physicalName": "Borrower", "description": "Number on the card of the reader.",
        "synonyms": [{"synonym": "Reader"}, {"synonym": "Member"}], "logicalType": "string",
        "logicalTypeOptions": {"pattern": r"^[A-Z]\d{5}$"}, "classification": "restricted", "required": True,
    },
    {
        "name": "medium", "physicalName": "Medium", "logicalType": "string",
        "enum": [{"value": "P", "label": "Paper"}, {"value": "E", "label": "Electronic"}],
    },
    {"name": "renewals", "physicalName": "Renewals", "logicalType": "integer", "logicalTypeOptions": {"maximum": 9}},
]  # fmt: skip
RULES: list[dict[str, Any]] = [
    {
        "id": "kept_long", "name": "Back within the period", "description": "The item came back after the period.",
        "type": "custom", "engine": "probation-etl", "severity": "warning",
        "implementation": {"expression": "returned_on <= period_end", "hint": "No correction is needed."},
    },
    {
        "id": "fines_in_all", "description": "The fines of a library are at most 100 pounds a month.",
        "type": "custom", "engine": "probation-etl", "implementation": {"aggregate": "SUM(fine) <= 100"},
    },
]  # fmt: skip
PROPERTIES: list[dict[str, Any]] = [
    {"property": "acceptance", "value": {"quarantinedShare": 0.5}},
    {"property": "effectiveFrom", "value": "2020-01-01"},
    {"property": "reportingPeriod", "value": {"days": 31}},
    {"property": "delivery", "value": {"controlFile": ".control"}},
]
AGREED = [{"property": "frequency", "value": 1, "unit": "month"}, {"property": "latency", "value": 5, "unit": "d"}]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The guide to the return of libraries."""
    found = re.search(
        r"<!-- file: library-loans\.odcs\.yaml -->\n```yaml\n(.*?)^```$", PAGE.read_text("utf-8"), re.M | re.S
    )
    assert found
    contract = yaml.safe_load(found[1])
    contract["schema"][0]["properties"] += COLUMNS
    contract["schema"][0]["quality"] += RULES
    contract["customProperties"] += PROPERTIES
    contract["slaProperties"] = AGREED
    folder = tmp_path_factory.mktemp("guide")
    (folder / "library-loans.odcs.yaml").write_text(yaml.safe_dump(contract, sort_keys=False), encoding="utf-8")
    assert run_cli(["contract", "docs", "library-loans", "--contracts", str(folder), "-o", str(folder / "guides")]) == 0
    assert sorted(each.name for each in (folder / "guides").iterdir()) == ["library-loans.html", "library-loans.xlsx"]
    return folder / "guides"


def held_to(name: str, text: str) -> None:
    if RENEWING:
        (HERE / name).write_text(text, encoding="utf-8")
    assert (HERE / name).read_text(encoding="utf-8") == text


def test_the_page_is_as_it_was_last_looked_at(written: Path) -> None:
    held_to("guide.html", without_style((written / "library-loans.html").read_text(encoding="utf-8")))


def test_the_workbook_is_as_it_was_last_looked_at(written: Path) -> None:
    book = openpyxl.load_workbook(written / "library-loans.xlsx")
    cells = {sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book}
    lines = [
        f"{json.dumps(name)}: [\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]"
        for name, rows in cells.items()
    ]
    held_to("guide.json", "{" + ",\n".join(lines) + "}\n")


def test_the_library_writes_what_the_command_writes(written: Path, tmp_path: Path) -> None:
    for each in pe.write_guide(written.parent / "library-loans.odcs.yaml", tmp_path):
        assert each.read_bytes() == (written / each.name).read_bytes()
