"""A template lets a supplier type what the contract accepts, and is a valid nil return as it comes."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest

from probation_etl.contracts.odcs import load_contracts
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.errors import ContractError, UsageError
from probation_etl.intake.assess import assess
from probation_etl.intake.readers import column_letters, read_grids
from probation_etl.targets.workbook_template import make_template

if TYPE_CHECKING:
    from conftest import Library

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_COVER = {"sheet": "Cover", "supplierName": "Lender", "supplierCode": "Code", "periodStart": "From", "periodEnd": "To"}
_FILE = r"(?P<supplier_code>[A-Z]\d)_return_(?P<period_end>\d{4}-\d{2}-\d{2})\.xlsx"
_ORGANISATIONS = "code,name,kind,level,valid_from,valid_to\nB1,Borough Library,library,,2020-01-01,\n"
_VALUES = {"Lender": "Borough Library", "Code": "B1", "From": "01/03/2024", "To": "2024-03-31"}
_BRANCHES = [f"A rather long name of a branch, number {number}" for number in range(60)]


def sheet_contract(library: Library, name: str, sheet: str, *, cover: bool = True, **more: Any) -> dict[str, Any]:
    control = {"controlRows": f"{sheet} rows"}
    identification = {"sheet": sheet, "fileName": _FILE, **({"cover": {**_COVER, **control}} if cover else {})}
    return library.contract(name=name, custom={"identification": identification}, **{"rules": [], **more})


def family(library: Library, **more: Any) -> Rulebook:
    contracts = (sheet_contract(library, "loans", "Loans", **more), sheet_contract(library, "fines", "Fines", **more))
    return library.rulebook(*contracts, tables={"organisations": _ORGANISATIONS})


@pytest.fixture(scope="module")
def two_sheets(library: Library) -> Rulebook:
    return family(library)


def template(rulebook: Rulebook, name: str = "loans", **values: str) -> bytes:
    return make_template(rulebook.contracts[name], rulebook.contracts, cover_values=values)


def part(workbook: bytes, name: str) -> ElementTree.Element:
    with ZipFile(io.BytesIO(workbook)) as archive:
        return ElementTree.fromstring(archive.read(name))  # noqa: S314 -- our own file


def sheet_names(workbook: bytes) -> list[str]:
    return [each.attrib["name"] for each in part(workbook, "xl/workbook.xml").iter(f"{_MAIN}sheet")]


def sheet_part(workbook: bytes, sheet: str) -> ElementTree.Element:
    return part(workbook, f"xl/worksheets/sheet{sheet_names(workbook).index(sheet) + 1}.xml")


def checks(workbook: bytes, sheet: str) -> dict[str, ElementTree.Element]:
    """The checks of a sheet by the letters of their columns."""
    found = sheet_part(workbook, sheet).iter(f"{_MAIN}dataValidation")
    return {re.match("[A-Z]+", each.attrib["sqref"])[0]: each for each in found}  # type: ignore[index]


def between(check: ElementTree.Element) -> tuple[str | None, str | None]:
    return check.findtext(f"{_MAIN}formula1"), check.findtext(f"{_MAIN}formula2")


def notes(workbook: bytes, sheet: str) -> dict[str, str]:
    """The notes of a sheet by cell."""
    comments = part(workbook, f"xl/comments{sheet_names(workbook).index(sheet) + 1}.xml").iter(f"{_MAIN}comment")
    return {each.attrib["ref"]: "".join(each.itertext()) for each in comments}


def of_one_column(library: Library, **column: Any) -> bytes:
    """The template of a table with one column beside the loan reference."""
    plain = {"name": "it", "physicalName": "It", "logicalType": "string"}
    contract = sheet_contract(library, "loans", "Loans", columns=[library.columns()[0], {**plain, **column}])
    rulebook = library.rulebook(contract, tables={"organisations": _ORGANISATIONS})
    return template(rulebook)


# The workbook


def test_all_returns_of_one_workbook_are_there_and_the_one_asked_for_is_shown(two_sheets: Rulebook) -> None:
    workbook = template(two_sheets, "loans")
    assert sheet_names(workbook) == ["Cover", "Fines", "Loans"]
    view = next(part(workbook, "xl/workbook.xml").iter(f"{_MAIN}workbookView"))
    assert view.attrib["activeTab"] == "2"


def test_a_return_of_another_workbook_is_not_there(library: Library) -> None:
    other = sheet_contract(library, "members", "Members")
    properties = {each["property"]: each["value"] for each in other["customProperties"]}
    properties["identification"]["fileName"] = r"members\.xlsx"
    rulebook = library.rulebook(sheet_contract(library, "loans", "Loans"), other)
    assert sheet_names(template(rulebook)) == ["Cover", "Loans"]


def test_without_a_pattern_of_names_returns_with_one_cover_come_together(library: Library) -> None:
    contracts = [sheet_contract(library, name.lower(), name) for name in ("Loans", "Fines")]
    for contract in contracts:
        next(each for each in contract["customProperties"] if each["property"] == "identification")["value"].pop(
            "fileName"
        )
    assert sheet_names(template(library.rulebook(*contracts))) == ["Cover", "Fines", "Loans"]


def test_an_older_version_of_a_contract_has_a_template_too(library: Library) -> None:
    new = sheet_contract(library, "loans", "Loans", version="2.0.0")
    old = sheet_contract(library, "loans", "Loans", columns=library.columns()[:-1])
    new["customProperties"].append({"property": "effectiveFrom", "value": "2024-01-01"})
    old["customProperties"].append({"property": "effectiveTo", "value": "2023-12-31"})
    contracts = library.rulebook(old, new).contracts
    grids = read_grids(make_template(contracts.versions["loans"][0], contracts))
    assert grids[1].cells.row(2) == library.header[:-1]


def test_the_same_contracts_give_the_same_bytes(two_sheets: Rulebook) -> None:
    assert template(two_sheets) == template(two_sheets)


def test_no_text_of_a_contract_becomes_a_formula(library: Library) -> None:
    columns = [
        {"name": "one", "physicalName": "=1+1", "logicalType": "string", "description": "=2"},
        {"name": "two", "physicalName": "@two", "logicalType": "string", "enum": [{"value": v} for v in ("=A1,", "+B1")]},
    ]  # fmt: skip
    contract = sheet_contract(library, "loans", "Loans", columns=columns)
    workbook = template(library.rulebook(contract, tables={"organisations": _ORGANISATIONS}), Code="=cmd", Lender="-1")
    for sheet in sheet_names(workbook):
        assert not list(sheet_part(workbook, sheet).iter(f"{_MAIN}f"))
    assert read_grids(workbook)[1].cells.row(2)[:2] == ("=1+1", "@two")


def test_a_name_that_no_sheet_can_have_is_a_fault(library: Library) -> None:
    contract = sheet_contract(library, "loans", "A name of a sheet that is longer than thirty-one letters")
    with pytest.raises(ContractError, match="No workbook can be made of ‘loans’"):
        template(library.rulebook(contract))


def test_rows_below_the_header_that_are_left_out_stay_free_and_a_file_without_a_header_has_no_template(
    library: Library,
) -> None:
    left_out = [{"name": "instructions", "belowHeader": 2}]
    rulebook = library.rulebook(library.contract(custom={"headerRows": 2, "leftOut": left_out}))
    checks = sheet_part(template(rulebook), "loans").iter(f"{_MAIN}dataValidation")
    assert {each.attrib["sqref"].partition(":")[0].strip("ABCDEFGH") for each in checks} == {"5"}
    (result,) = assess(library.file, template(rulebook), rulebook)
    assert (result.is_nil, result.verdict) == (True, "accepted")
    headless = library.rulebook(library.contract(custom={"headerRows": 0}))
    with pytest.raises(ContractError, match="‘loans’ has no template: without a header"):
        template(headless)


def test_what_nobody_sends_has_no_template(two_sheets: Rulebook) -> None:
    with pytest.raises(ContractError, match="is not a return"):
        template(two_sheets, "loans.unified")


# As a return


def test_with_the_cover_filled_in_every_return_is_nil(two_sheets: Rulebook) -> None:
    results = list(assess("any.xlsx", template(two_sheets, **_VALUES), two_sheets))
    assert [(each.sheet, each.verdict, each.is_nil, each.findings.height) for each in results] == [
        ("Fines", "accepted", True, 0),
        ("Loans", "accepted", True, 0),
    ]
    assert {each.control_rows for each in results} == {0}


def test_as_it_comes_only_sender_and_period_are_wanting(two_sheets: Rulebook) -> None:
    results = list(assess("any.xlsx", template(two_sheets), two_sheets))
    assert len(results) == 2
    for result in results:
        assert set(result.findings["code"]) == {"unknown-organisation", "period-mismatch"}


def test_a_return_without_a_sheet_has_a_template_of_one_sheet(loans: Rulebook, library: Library) -> None:
    workbook = template(loans)
    result = library.assess(workbook, loans, name="any.xlsx")
    assert sheet_names(workbook) == ["loans"]
    assert result.contract is not None
    assert {each[2] for each in library.faults(result)} == {"wrong-file-name"}
    assert read_grids(workbook)[0].cells.rows() == [library.header]


def test_a_return_without_a_sheet_is_not_taken_for_the_sheet_of_another(library: Library) -> None:
    rulebook = library.rulebook(
        sheet_contract(library, "workbook-loans", "Loans", table="w"), library.contract(name="csv-loans", table="loans")
    )
    (result,) = assess("any.xlsx", template(rulebook, "csv-loans"), rulebook)
    assert result.contract is not None
    assert result.contract.id == "csv-loans"


@pytest.mark.parametrize("cover", [True, False])
def test_a_long_code_list_is_neither_a_row_nor_a_header_nor_a_sheet(library: Library, cover: bool) -> None:
    columns = library.columns(branch={"enum": [{"value": each} for each in _BRANCHES]})
    rulebook = family(library, columns=columns, cover=cover)
    workbook = template(rulebook, **(_VALUES if cover else {}))
    results = list(assess("B1_return_2024-03-31.xlsx", workbook, rulebook))
    assert [(each.sheet, each.is_nil, each.findings.height) for each in results] == [
        ("Fines", True, 0),
        ("Loans", True, 0),
    ]
    reference = between(checks(workbook, "Loans")["C"])[0]
    assert reference is not None
    assert listed(workbook, reference) == _BRANCHES


def listed(workbook: bytes, reference: str) -> list[str]:
    """The values of the cells that a check refers to."""
    found = re.fullmatch(r"'?(\w+)'?!\$(\w+)\$(\d+):\$(\w+)\$(\d+)", reference)
    assert found
    grid = next(each for each in read_grids(workbook) if each.sheet == found[1])
    return [value for row in grid.cells.rows()[int(found[3]) - 1 : int(found[5])] for value in row if value]


def test_an_unfilled_cover_does_not_take_a_value_of_a_list_for_the_sender(library: Library) -> None:
    columns = library.columns(branch={"enum": [{"value": each} for each in ("B1, really", "Code")]})
    rulebook = family(library, columns=columns)
    results = list(assess("any.xlsx", template(rulebook), rulebook))
    assert [each.supplier for each in results] == [None, None]


def test_a_title_that_reads_as_the_header_is_left_out(library: Library) -> None:
    only = [{"name": "loan", "physicalName": "Loan", "logicalType": "string"}]
    contract = {**sheet_contract(library, "loans", "Loans", columns=only), "name": "Loan"}
    assert read_grids(template(library.rulebook(contract)))[1].cells.rows() == [("Loan",)]


# The cover


def test_each_label_of_the_covers_is_there_once_and_control_totals_are_0(two_sheets: Rulebook) -> None:
    cover = read_grids(template(two_sheets))[0]
    assert cover.cells.rows() == [
        ("Lender", None), ("Code", None), ("From", None), ("To", None), ("Fines rows", "0"), ("Loans rows", "0"),
    ]  # fmt: skip


def test_dates_and_control_totals_of_the_cover_are_checked_and_explained(two_sheets: Rulebook) -> None:
    workbook = template(two_sheets)
    kinds = {
        place: each.attrib["type"]
        for each in sheet_part(workbook, "Cover").iter(f"{_MAIN}dataValidation")
        for place in each.attrib["sqref"].split()
    }
    assert kinds == {"B3": "date", "B4": "date", "B5": "whole", "B6": "whole"}
    assert notes(workbook, "Cover")["A4"] == "Last day of the reporting period, shown as dd/MM/yyyy."
    assert "‘Loans’" in notes(workbook, "Cover")["A6"]


def test_a_label_that_no_cover_has_is_a_fault(two_sheets: Rulebook) -> None:
    with pytest.raises(UsageError, match=r"No cover has the label ‘Lendr’; did you mean ‘Lender’\?"):
        template(two_sheets, Lendr="B1")


def test_a_date_that_is_none_stays_as_it_was_given(two_sheets: Rulebook) -> None:
    cover = read_grids(template(two_sheets, To="soon", **{"Loans rows": "many"}))[0]
    assert cover.cells.rows()[3] == ("To", "soon")
    assert cover.cells.rows()[5] == ("Loans rows", "many")


# The columns


def test_every_column_is_explained(two_sheets: Rulebook) -> None:
    found = notes(template(two_sheets), "Loans")
    assert found["A3"] == "It must be filled in.\nCopy it from the card."
    assert found["B3"] == "A whole number.\nIt must be filled in.\nIt is at least 1 and at most 99."
    assert found["C3"] == "It must be filled in.\nOne of: Central, N (North)."
    assert found["E3"] == "It may be left empty.\nA date, shown as dd/MM/yyyy."
    assert "These mean that the cell is empty: n/a." in found["F3"]
    assert found["H3"] == "It may be left empty.\nA text of at most 20 characters."


def test_marks_are_explained_and_not_refused(library: Library) -> None:
    marks = [{"property": "shorthand", "value": ["c"]}, {"property": "markers", "value": ["r"]}]
    workbook = of_one_column(library, logicalType="number", customProperties=marks)
    assert notes(workbook, "Loans")["B3"].split("\n")[-2:] == [
        "These mark a value left out on purpose: [c].",
        "These may follow a number: [r].",
    ]
    assert checks(workbook, "Loans")["B"].attrib["errorStyle"] == "warning"


def test_a_long_code_list_is_not_repeated_in_the_note(library: Library) -> None:
    workbook = of_one_column(library, enum=[{"value": each} for each in _BRANCHES])
    assert "One of the values in the drop-down list of the cells." in notes(workbook, "Loans")["B3"]


def test_what_is_a_warning_for_the_contract_is_not_refused(library: Library) -> None:
    severities = [{"property": "severities", "value": {"not-in-list": "warning"}}]
    workbook = of_one_column(library, enum=[{"value": "a"}], customProperties=severities)
    assert checks(workbook, "Loans")["B"].attrib["errorStyle"] == "warning"


@pytest.mark.parametrize(
    ("column", "kind", "limits"),
    [
        ({"enum": [{"value": "a"}, {"value": "b", "label": "Bee"}]}, "list", ('"a,b"', None)),
        ({"logicalType": "boolean"}, "list", ('"true,false"', None)),
        ({"logicalType": "integer", "logicalTypeOptions": {"minimum": 1}}, "whole", ("1", "999999999999999")),
        ({"logicalType": "integer", "logicalTypeOptions": {"exclusiveMaximum": 5}}, "whole", ("-999999999999999", "4")),
        (
            {"logicalType": "number", "logicalTypeOptions": {"exclusiveMinimum": 0, "maximum": 2, "multipleOf": 0.01}},
            "decimal",
            ("0.01", "2"),
        ),
        ({"logicalType": "date", "logicalTypeOptions": {"minimum": "2020-03-24"}}, "date", ("43914", "2958465")),
        ({"logicalType": "date", "logicalTypeOptions": {"exclusiveMaximum": "1900-01-03"}}, "date", ("1", "2")),
        ({"logicalTypeOptions": {"minLength": 2}}, "textLength", ("2", "32767")),
        ({"logicalTypeOptions": {"maxLength": 9}}, "textLength", ("0", "9")),
    ],
)
def test_what_is_typed_is_checked_as_the_contract_does(
    library: Library, column: dict[str, Any], kind: str, limits: tuple[str, str | None]
) -> None:
    check = checks(of_one_column(library, **column), "Loans")["B"]
    assert (check.attrib["type"], between(check)) == (kind, limits)
    assert check.attrib["sqref"] == "B4:B1048576"
    assert check.attrib.get("errorStyle", "stop") == "stop"


def test_a_column_of_days_that_no_spreadsheet_knows_is_not_checked(library: Library) -> None:
    workbook = of_one_column(library, logicalType="date", logicalTypeOptions={"maximum": "1850-12-31"})
    assert "B" not in checks(workbook, "Loans")


def test_a_long_message_is_cut_to_what_a_check_can_hold(library: Library) -> None:
    hints = [{"property": "hints", "value": {"not-in-list": "Think. " * 60}}]
    check = checks(of_one_column(library, enum=[{"value": "a"}], customProperties=hints), "Loans")["B"]
    assert len(check.attrib["error"]) == 255


def formats(workbook: bytes, sheet: str) -> list[str]:
    """Number formats of the columns of a sheet."""
    styles = part(workbook, "xl/styles.xml")
    codes = {each.attrib["numFmtId"]: each.attrib["formatCode"] for each in styles.iter(f"{_MAIN}numFmt")}
    codes |= {"0": "General", "49": "@", "1": "0"}
    cells = [codes[each.attrib["numFmtId"]] for each in next(styles.iter(f"{_MAIN}cellXfs"))]
    found: list[str] = []
    for each in sheet_part(workbook, sheet).iter(f"{_MAIN}col"):
        span = int(each.attrib["max"]) - int(each.attrib["min"]) + 1
        found += [cells[int(each.attrib.get("style", 0))]] * span
    return found


def test_text_stays_text_and_dates_are_real_dates(two_sheets: Rulebook) -> None:
    expected = ["@", "General", "@", "dd/mm/yyyy", "dd/mm/yyyy", "General", "@", "@"]
    assert formats(template(two_sheets), "Loans") == expected


# The contracts shipped


def test_every_code_list_of_the_shipped_contracts_is_a_drop_down() -> None:
    contracts = load_contracts()
    lists = [
        (contract, column) for contract in contracts.of_layer("return") for column in contract.columns if column.labels
    ]
    assert lists
    for contract, column in lists:
        found = checks(make_template(contract, contracts), contract.identification.sheet or contract.id)
        check = found[column_letters(contract.columns.index(column))]
        assert (check.attrib["type"], between(check)[0]) == ("list", f'"{",".join(column.labels)}"')
