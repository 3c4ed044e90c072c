"""Tables beside and below others on one sheet, and text in which columns stand at fixed places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from probation_etl.contracts.rulebook import Rulebook
from probation_etl.intake.assess import assess
from probation_etl.intake.received import InBytes
from probation_etl.intake.result import ReturnResult

if TYPE_CHECKING:
    from conftest import Library

FILE = "B1_report_2024-03-31.xlsx"
NAME = r"(?P<supplier_code>B\d)_report_(?P<period_end>[\d-]{10})\.(xlsx|csv)"


def table(library: Library, name: str, *columns: str, sheet: str | None = "Report", **more: Any) -> dict[str, Any]:
    types = {"Books": "integer", "Visits": "integer"}
    described = [
        {
            "name": each.lower().replace(" ", "_"),
            "physicalName": each,
            "logicalType": types.get(each, "string"),
            "required": True,
        }
        for each in columns
    ]
    identification = {"fileName": NAME, "block": True, **({"sheet": sheet} if sheet else {}), **more}
    return library.contract(name=name, columns=described, rules=[], custom={"identification": identification})


def both(library: Library, **more: Any) -> Rulebook:
    return library.rulebook(
        table(library, "lending", "Branch", "Books", **more), table(library, "visits", "Branch", "Visits", **more),
        table(library, "staff", "Name", "Grade", optional=True, **more),
    )  # fmt: skip


def told(results: list[ReturnResult]) -> dict[str, tuple[str, list[tuple[Any, ...]], list[str]]]:
    return {
        each.contract.id if each.contract else "": (
            each.verdict,
            each.accepted.select(["source_row", *(c.name for c in each.contract.columns)]).rows() if each.contract and each.rows.accepted else [],
            each.findings["code"].to_list(),
        )
        for each in results
    }  # fmt: skip


def test_tables_beside_and_below_each_other_are_returns_of_their_own(library: Library) -> None:
    rows = [
        ["Report for March"],
        ["Branch", "Books", None, "Branch", "Visits", None, "Pivot"],
        ["Armley", 3, None, "Armley", 30, None, "x"],
        ["Headingley", "many", None, "Headingley", 40],
        [None, None, None, "Otley", 50],
        ["Not a branch"],
        ["Name", "Grade"],
        ["Jo", "A"],
    ]
    results = list(assess(FILE, library.workbook(Report=rows), both(library)))
    assert told(results) == {
        "lending": ("partly_accepted", [(3, "Armley", 3)], ["not-a-number"]),
        "visits": ("accepted", [(3, "Armley", 30), (4, "Headingley", 40), (5, "Otley", 50)], []),
        "staff": ("accepted", [(8, "Jo", "A")], []),
    }
    assert results[0].findings["cell"].to_list() == ["B4"]


def test_a_table_that_is_not_there_is_told_unless_it_is_optional(library: Library) -> None:
    rows = [["Branch", "Books"], ["Armley", 3]]
    assert told(list(assess(FILE, library.workbook(Report=rows), both(library)))) == {
        "lending": ("accepted", [(2, "Armley", 3)], []), "visits": ("rejected", [], ["missing-column"])
    }  # fmt: skip
    assert told(list(assess(FILE, library.workbook(Other=rows, More=rows), both(library)))) == {
        "lending": ("rejected", [], ["missing-sheet", "unexpected-sheet", "unexpected-sheet"]),
        "visits": ("rejected", [], ["missing-sheet"]),
    }


def test_tables_of_one_text_file_are_read_whole_however_long_it_is(library: Library) -> None:
    text = b"Branch,Books,,Branch,Visits\nArmley,3,,Armley,30\n,,,,\nBranch,Total,,,\nx,1,,,\n"
    for data in (text, InBytes(text)):
        results = list(assess(FILE.replace("xlsx", "csv"), data, both(library, sheet=None)))
        assert told(results) == {
            "lending": ("accepted", [(2, "Armley", 3)], []), "visits": ("accepted", [(2, "Armley", 30)], [])
        }  # fmt: skip


def test_columns_stand_at_fixed_places(library: Library) -> None:
    places = {"loan_reference": [1, 5], "copy_number": [7, 8], "branch": [9, 16], "lent_on": [17, 26]}
    columns = library.columns()[:4]
    for each in columns:
        each.setdefault("customProperties", []).append({"property": "characters", "value": places[each["name"]]})
    server = {"server": "return", "type": "local", "path": "*.txt", "format": "fixed-width", "encoding": "Windows-1252"}
    identification = {"fileName": r"(?P<supplier_code>B\d)_loans_(?P<period_end>[\d-]{10})\.txt"}
    custom = {"headerRows": 0, "identification": identification}
    rulebook = library.rulebook(library.contract(columns=columns, rules=[], custom=custom, servers=[server]))
    text = "L0001?12Central 01/03/2024\r\n\r\nL0002  1Moon\u00e9   02/03/2024\r\nL0003  1Central 02/03/2024  x\r\nL0004  1N\r\n"
    for data in (text.encode("cp1252"), InBytes(text.encode("cp1252"))):
        (result,) = assess("B1_loans_2024-03-31.txt", data, rulebook)
        assert result.accepted.select("source_row", "loan_reference", "copy_number", "branch").rows() == [
            (1, "L0001", 12, "Central")
        ]
        assert result.findings.select("code", "row").rows() == [
            ("not-in-list", 3), ("malformed-row", 4), ("missing-value", 5)
        ]  # fmt: skip
        assert result.rows.blank == 1
