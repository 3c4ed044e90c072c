"""Rows that are no rows of data, and rows that were taken for none: what a supplier sees, in every form."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from senders import (
    BREACH,
    BREACH_HEADER,
    BREACH_ROW,
    CASELOAD_HEADER,
    SUSPENSION_HEADER,
    breach,
    extract,
    workbook,
)

from places import Outcome

Validate = Callable[..., Any]
PO, PSO = "Probation officer (or equivalent)", "Probation services officer (or equivalent)"
TOTALS = {"Caseload rows": "{caseload}", "Breach rows": "{breaches}", "Suspended breach rows": "{suspended}"}


def unit(name: str, grade: str, officers: int, cases: int) -> tuple[str, ...]:
    return (name, grade, "01/03/2020", str(officers), str(cases), f"{cases / officers:.2f}")


UNITS = [
    unit("Derby City", PO, 10, 420),
    unit("Derby City", PSO, 10, 480),
    unit("Leicester", PO, 20, 840),
    unit("Leicester", PSO, 5, 240),
]


@pytest.fixture
def validate(command: Callable[..., Outcome], tmp_path: Path) -> Validate:
    """Validates a file and gives its returns by sheet; the last outcome as text is kept beside them."""

    def call(data: bytes, name: str = "C08_return_2020-03-01.xlsx", form: str = "json") -> Any:
        path = tmp_path / name
        path.write_bytes(data)
        if form == "html":
            command("validate", path, "--format", form, "-o", tmp_path / "pages")
            return "".join(page.read_text(encoding="utf-8") for page in (tmp_path / "pages").iterdir())
        outcome = command("validate", path, "--format", form)
        if form != "json":
            return outcome.out
        return {each["sheet"]: each for each in json.loads(outcome.out)["returns"]}

    return call


def told(entry: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [
        (each["row"], each["code"], each["severity"])
        for each in entry["findings"]
        if each["code"] != "acceptance-limit"
    ]


def of_sheet(validate: Validate, cover: dict[str, str] | None = None, **sheets: Sequence[Any]) -> dict[str, Any]:
    ((name, _),) = sheets.items()
    entry: dict[str, Any] = validate(workbook(cover or {}, **sheets))[name.replace("_", " ")]
    return entry


def test_total_rows_below_the_units(validate: Validate) -> None:
    totals = [unit("Total", PO, 30, 1260), unit("Total", PSO, 15, 720)]
    entry = of_sheet(validate, {"Caseload rows": "6"}, Caseload=[CASELOAD_HEADER, *UNITS, *totals])
    assert told(entry) == [(8, "total-row", "error"), (9, "total-row", "error")]
    assert [each["message"] for each in entry["findings"] if each["row"]] == [
        "The row is no row of data. It is named as a total and adds up rows 4 and 6.",
        "The row is no row of data. It is named as a total and adds up rows 5 and 7.",
    ]


def test_a_unit_written_once(validate: Validate) -> None:
    entry = of_sheet(validate, Caseload=[CASELOAD_HEADER, UNITS[0], ("", *UNITS[1][1:])])
    assert told(entry) == [(5, "unclear-blank", "error")]
    assert entry["verdict"] == "rejected"


def test_the_whole_organisation_above_its_units(validate: Validate) -> None:
    entry = of_sheet(validate, Caseload=[CASELOAD_HEADER, unit("", PO, 30, 1260), unit("", PSO, 15, 720), *UNITS])
    assert (entry["verdict"], entry["findings"]) == ("accepted", [])


def test_a_header_repeated_inside_an_extract(validate: Validate) -> None:
    header = dict(zip(BREACH, BREACH, strict=True))
    rows = [breach(1), header, breach(2), header, breach(3)]
    (entry,) = validate(extract(*rows), "N53_breaches_2020-03-01.csv").values()
    assert told(entry) == [(3, "repeated-header", "warning"), (5, "repeated-header", "warning")]
    assert entry["rows"]["accepted"] == 3


def test_a_table_continued_below_a_title(validate: Validate) -> None:
    other = ("X990002", *BREACH_ROW[1:])
    rows = [BREACH_HEADER, BREACH_ROW, (), ("Breaches (continued)",), (), BREACH_HEADER, other]
    entry = of_sheet(validate, {"Breach rows": "2"}, Breaches=rows)
    assert told(entry) == [(8, "repeated-header", "warning")]
    assert entry["notes"] == [{"row": 6, "text": "AAAAAAAA (AAAAAAAAA)"}]
    assert entry["rows"] == {"read": 2, "accepted": 2, "quarantined": 0, "blank": 2, "notes": 1}


def test_a_header_in_two_rows(validate: Validate) -> None:
    upper = (*CASELOAD_HEADER[:3], "Staffing")
    entry = of_sheet(validate, {"Caseload rows": "2"}, Caseload=[upper, ("", "", "", *CASELOAD_HEADER[3:]), *UNITS[:2]])
    assert told(entry) == [(None, "two-row-header", "error")]
    (finding,) = entry["findings"]
    assert finding["message"].startswith("The header stands in two rows, 3 and 4: ‘Officers (FTE)’, ")


@pytest.mark.parametrize("text", ["NIL RETURN", "N/A", "No suspended breaches this period"])
def test_a_nil_below_the_header(validate: Validate, text: str) -> None:
    entry = of_sheet(validate, {"Suspended breach rows": "0"}, Suspended_breaches=[SUSPENSION_HEADER, (text,)])
    assert told(entry) == [(4, "nil-row", "warning")]
    assert (entry["nil"], entry["verdict"]) == (True, "accepted_with_warnings")


FREE_TEXT = """\
apiVersion: v3.2.0
kind: DataContract
id: opening-hours
name: Opening hours
version: 1.0.0
status: active
schema:
  - name: opening_hours
    logicalType: object
    properties:
      - {name: branch, physicalName: Branch, logicalType: string, required: true, primaryKey: true, primaryKeyPosition: 1}
      - {name: hours, physicalName: Hours, logicalType: number}
      - {name: as_at, physicalName: As at, logicalType: date, required: true, logicalTypeOptions: {format: dd/MM/yyyy}}
customProperties:
  - {property: layer, value: return}
  - {property: reportingPeriod, value: {days: 14}}
  - property: identification
    value: {fileName: '(?P<supplier_code>C\\d{2})_hours_(?P<period_end>\\d{4}-\\d{2}-\\d{2})\\.csv'}
  - property: mapping
    value: {table: hours, columns: {branch: branch, hours: hours, as_at: as_at}}
"""
UNIFIED = """\
apiVersion: v3.2.0
kind: DataContract
id: hours
name: Hours
version: 1.0.0
status: active
schema:
  - name: hours
    logicalType: object
    properties:
      - {name: branch, logicalType: string, required: true}
      - {name: hours, logicalType: number}
      - {name: as_at, logicalType: date, required: true}
customProperties:
  - {property: layer, value: unified}
"""


def test_a_last_row_with_its_first_cell_alone(command: Callable[..., Outcome], tmp_path: Path) -> None:
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts" / "opening-hours.odcs.yaml").write_text(FREE_TEXT, encoding="utf-8")
    (tmp_path / "contracts" / "hours.odcs.yaml").write_text(UNIFIED, encoding="utf-8")
    file = tmp_path / "C07_hours_2020-09-28.csv"
    file.write_text("Branch,Hours,As at\nCentral,6.5,28/09/2020\n,,\nNorth,,\n", encoding="utf-8")
    outcome = command("validate", file, "--contracts", tmp_path / "contracts", "--format", "json")
    (entry,) = outcome.json["returns"]
    assert told(entry) == [(4, "missing-value", "error")]
    assert (entry["rows"]["read"], entry["notes"]) == (2, [])


# Notes, in every form


NOTED = [CASELOAD_HEADER, *UNITS, (), ("Note: officers of the region are counted where they work.",)]


def test_a_note_is_told_as_text(validate: Validate) -> None:
    shown = validate(workbook({}, Caseload=NOTED), form="text")
    assert "row 9: left out as a note: ‘Note: officers of the region are counted where they work.’" in shown


def test_a_note_is_told_in_json(validate: Validate) -> None:
    entry = of_sheet(validate, Caseload=NOTED)
    assert entry["notes"] == [{"row": 9, "text": "Note: officers of the region are counted where they work."}]
    assert (entry["verdict"], entry["findings"]) == ("accepted", [])


def test_a_note_is_told_on_the_page(validate: Validate) -> None:
    page = validate(workbook({}, Caseload=NOTED), form="html")
    assert "Row 9: " in page
    assert "Note: officers of the region are counted where they work." in page


@pytest.mark.parametrize("form", ["text", "json", "csv", "html", "junit", "sarif"])
def test_no_form_shows_a_text_in_a_restricted_column(validate: Validate, form: str) -> None:
    texts = ["Note: X731001 is away", "Report generated by X731002", "X731003 and others are away"]
    rows = [BREACH_HEADER, (texts[2],), BREACH_ROW, (), (texts[0],), (texts[1],)]
    shown = validate(
        workbook({}, Breaches=rows, Suspended_breaches=[SUSPENSION_HEADER, ("No X731004 to report",)]), form=form
    )
    assert "73100" not in str(shown)
    assert str(shown)
    if form in ("text", "json", "html"):
        assert "AAAA: A999999" in str(shown)
