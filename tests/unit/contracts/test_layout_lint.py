"""What is a fault of a contract in what it says of its file: how rows stand in it, and what is expected beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from contract_faults import custom, faults_of

if TYPE_CHECKING:
    from conftest import Library


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ({"notRead": {"columns": ["branch"]}}, "‘branch’ is the header of the column ‘branch’: it is read"),
        ({"notRead": {}}, "{} should be non-empty"),
        ({"severities": {"unknown-column": "error"}}, "‘unknown-column’ is not a finding code of a file or a column"),
        ({"headerRows": 0, "identification": {"block": True}}, "a block is found by its header, and headerRows is 0"),
        ({"delivery": {"together": ["fines"]}}, "delivery: there is no return ‘fines’"),
        ({"delivery": {"together": ["loans"]}}, "delivery: ‘loans’ is this return itself"),
        ({"delivery": {"together": ["fines"]}, "identification": None}, "files of one delivery are known by their names"),
        ({"describedBy": {"contract": "fields", "column": "field"}}, "describedBy: there is no other return ‘fields’"),
        ({"headerRows": 4}, "this is ‘4’, expected one of 0, 1, 2, 3"),
        ({"leftOut": [{"name": "totals"}]}, "say in one way which rows are left out"),
        ({"leftOut": [{"name": "totals", "belowHeader": 1, "filledOnly": ["fine"]}]}, "say in one way which rows are left out"),
        ({"leftOut": [{"name": "totals", "column": "notes"}]}, "column says in which column a text matches: it needs matches"),
        ({"leftOut": [{"name": "totals", "column": "note", "matches": "x"}]}, "‘note’ is not a column of the return; did you mean ‘notes’?"),
        ({"leftOut": [{"name": "totals", "column": "notes", "matches": "("}]}, "this is not a regular expression"),
        ({"leftOut": [{"name": "totals", "belowHeader": 1, "andBelow": True}]}, "andBelow goes on from a row that matches"),
        ({"identification": {"sheet": "Loans", "sheetPattern": "Loans.*"}}, "sheet names one sheet, sheetPattern many"),
        ({"identification": {"sheetPattern": "(?P<suplier_code>B1)"}}, "sheetPattern: the group ‘suplier_code’ is read by nothing"),
        ({"identification": {"supplierColumn": "libary"}}, "supplierColumn: ‘libary’ is not a column of the return"),
        ({"identification": {"supplierColumn": "loan_reference"}}, "supplierColumn: ‘loan_reference’ is restricted"),
        ({"identification": {"periodColumn": "branch"}}, "periodColumn: ‘branch’ is of type string, not a date"),
        ({"identification": {"supplierColumn": "branch", "fileName": "(?P<supplier_code>B1)"}}, "supplierColumn: fileName says the same"),
        ({"identification": {"sheet": "Loans", "periodColumn": "lent_on", "cover": {"sheet": "Cover", "periodStart": "From"}}},
         "periodColumn: cover says the same of the whole file"),
        ({"identification": {"sheet": "Loans", "supplierColumn": "branch", "cover": {"sheet": "Cover", "controlRows": "Rows"}}},
         "cover: controlRows is the number of rows of one return"),
        ({"identification": {"fileName": "x", "supplierColumn": "branch"}, "delivery": {"controlFile": ".control"}},
         "a control total is that of the whole file"),
        ({"identification": {"optional": True}}, "a sheet or a block is optional, and this contract names none"),
        ({"layer": "unified", "identification": None, "reportingPeriod": None, "severities": {"unexpected-column": "error"}},
         "only a return has severities"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_line(library: Library, properties: dict[str, Any], words: str) -> None:
    faults = custom(library, **properties)
    assert [fault for fault in faults if words in fault], faults
    assert all("contract0.odcs.yaml:" in fault for fault in faults)


@pytest.mark.parametrize(
    ("places", "form", "words"),
    [
        (
            {"notes": [1, 2]},
            "csv",
            "‘notes’ has characters, which say where a column stands in text of the format fixed-width",
        ),
        ({"notes": [1, 2]}, "fixed-width", "‘fine’ has no characters: where it stands is not known"),
        (
            {"notes": [1, 4], "fine": [4, 9]},
            "fixed-width",
            "‘notes’ and ‘fine’ stand in the same place: character 4 is of both",
        ),
        ({"notes": [5, 4], "fine": [6, 9]}, "fixed-width", "characters end at 4, before they begin at 5"),
    ],
)
def test_places_of_columns_that_cannot_be_meant(
    library: Library, places: dict[str, Any], form: str, words: str
) -> None:
    columns = [each for each in library.columns() if each["name"] in ("notes", "fine")]
    for each in columns:
        if each["name"] in places:
            each["customProperties"] = [{"property": "characters", "value": places[each["name"]]}]
    server = {"server": "return", "type": "local", "path": "x", "format": form}
    faults = faults_of(library.directory(library.contract(columns=columns, rules=[], servers=[server])))
    assert [fault for fault in faults if words in fault], faults
