"""One file of several suppliers or periods: each has a return of its own, and no row is lost."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pytest

import probation_etl as pe
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.errors import UsageError
from probation_etl.intake import portions
from probation_etl.intake.assess import assess
from probation_etl.intake.result import ReturnResult
from probation_etl.intake.sender import Given

if TYPE_CHECKING:
    from conftest import Library

ORGANISATIONS = """code,name,kind,level,valid_from,valid_to
B1,Baths Library,library,town,,
B2,Mill Library,library,town,,
C1,Mill College,college,town,,
"""
FILE = "national_2024-03-31.csv"
HEADER = "Library,Loan reference,Copy,Branch,Lent on,Month\n"


def contract(library: Library, **custom: Any) -> dict[str, Any]:
    library_column = {"name": "library", "physicalName": "Library", "logicalType": "string"}
    month = {
        "name": "month",
        "physicalName": "Month",
        "logicalType": "date",
        "logicalTypeOptions": {"format": "dd/MM/yyyy"},
    }
    columns = [library_column, *library.columns()[:4], month]
    identification = {
        "fileName": r"national_(?P<period_end>\d{4}-\d{2}-\d{2})\.(csv|xlsx)",
        "supplierColumn": "library",
    }
    return library.contract(
        columns=columns,
        rules=[],
        custom={"identification": identification, "reportingPeriod": {"days": 31, "holdsDates": False}, **custom},
    )


@pytest.fixture(scope="module")
def national(library: Library) -> Rulebook:
    """Loans of all libraries in one file."""
    tables = {"organisations": ORGANISATIONS}
    return library.rulebook(contract(library, suppliers={"kind": "library"}), tables=tables)


@pytest.fixture(scope="module")
def of_periods(library: Library) -> Rulebook:
    """Loans of all libraries and months in one file."""
    identification = {"fileName": r"national.*\.csv", "supplierColumn": "library", "periodColumn": "month"}
    return library.rulebook(contract(library, identification=identification), tables={"organisations": ORGANISATIONS})


def row(library: str, number: int, *, branch: str = "Central", month: str = "") -> str:
    return f"{library},L{number:04},{number},{branch},01/02/2024,{month}\n"


def told(results: list[ReturnResult]) -> list[tuple[str | None, str, int, int, list[str]]]:
    return [
        (each.supplier.code if each.supplier else None, each.verdict, each.rows.accepted, each.rows.quarantined, each.findings["code"].to_list())
        for each in results
    ]  # fmt: skip


def test_each_supplier_has_a_return_with_its_rows_and_findings_where_they_stand(national: Rulebook) -> None:
    lines = [row("B2", 1), row("b1", 2), row("Mill Library", 3, branch="Moon"), "\n", row("B1", 4)]
    results = list(assess(FILE, (HEADER + "".join(lines)).encode(), national))
    assert told(results) == [("B2", "partly_accepted", 1, 1, ["not-in-list"]), ("B1", "accepted", 2, 0, [])]
    assert [each.accepted["source_row"].to_list() for each in results] == [[2], [3, 6]]
    assert results[0].findings["row"].to_list() == results[0].quarantined["source_row"].to_list() == [4]
    assert [each.rows.blank for each in results] == [0, 0]
    assert len({each.return_id for each in results}) == 2


def test_rows_of_nobody_are_one_return_that_is_refused(national: Rulebook) -> None:
    lines = [
        row("B1", 1),
        row("B9", 2),
        row("", 3),
        row("B1", 4),
        row("B9", 5),
        row("C1", 6),
        "\n",
        "Source: the libraries,,,,,\n",
    ]
    results = list(assess(FILE, (HEADER + "".join(lines)).encode(), national))
    refused = ["unknown-organisation"]
    assert told(results) == [
        ("B1", "accepted", 2, 0, []), (None, "rejected", 0, 3, refused), (None, "rejected", 0, 1, refused)
    ]  # fmt: skip
    assert results[1].findings["message"].to_list() == [
        "‘Library’ does not say whose rows these are: ‘B9’ in 2 rows, nothing in 1 row."
    ]
    assert [note.text for each in results for note in each.notes] == ["Source: the libraries"]
    assert sum(each.rows.read for each in results) == 6


def test_a_file_without_a_row_is_of_nobody(national: Rulebook) -> None:
    (result,) = assess(FILE, HEADER.encode(), national)
    assert told([result]) == [(None, "rejected", 0, 0, ["unknown-organisation"])]
    assert result.findings["message"].to_list() == ["There is no row: ‘Library’ says of each row whose it is."]


def test_a_column_with_far_too_many_names_is_refused_as_a_whole(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portions, "_MOST", 3)
    data = (HEADER + "".join(row(f"X{at}", at) for at in range(1, 5))).encode()
    (result,) = assess(FILE, data, library.rulebook(contract(library)))
    assert told([result]) == [(None, "rejected", 0, 4, ["unknown-organisation"])]
    assert "‘Library’, the rows are of 4 different returns; at most 3" in result.findings["message"][0]


def test_a_caller_may_ask_for_one_supplier(national: Rulebook) -> None:
    data = (HEADER + row("B1", 1) + row("B2", 2) + row("", 3)).encode()
    assert told(list(assess(FILE, data, national, given=Given(supplier_code="b2")))) == [("B2", "accepted", 1, 0, [])]
    (result,) = assess(FILE, data, national, given=Given(supplier_code="B3"))
    assert told([result])[0][1:4] == ("rejected", 0, 0)


def test_rows_of_several_periods_are_returns_for_each(of_periods: Rulebook) -> None:
    months = ("31/03/2024", "29/02/2024", "", "31/03/2024")
    lines = [row("B1", at, month=month) for at, month in enumerate(months, 1)] + [row("B2", 5, month="31/03/2024")]
    results = list(assess("national.csv", (HEADER + "".join(lines)).encode(), of_periods))
    march, february = date(2024, 3, 31), date(2024, 2, 29)
    assert [(each.period_end, each.rows.accepted) for each in results] == [
        (march, 2),
        (february, 1),
        (None, 0),
        (march, 1),
    ]
    assert told(results)[2] == ("B1", "rejected", 0, 1, ["period-mismatch"])
    assert len({each.return_id for each in results}) == 4


def test_sheets_are_divided_too_and_what_is_left_out_stays_so(library: Library) -> None:
    left_out = [
        {"name": "instructions", "belowHeader": 1},
        {"name": "end", "column": "library", "matches": "end", "andBelow": True},
    ]
    rulebook = library.rulebook(contract(library, leftOut=left_out, headerRows=2))
    header = [["Library", "Loan", None, "Branch", "Lent on"], [None, "reference", "Copy"]]
    rows = [["B1", "L0001", 1, "Central", "01/03/2024"], ["B2", "L0002", 2, "Central", "02/03/2024"]]
    data = library.workbook(Loans=[["National loans"], *header, ["code", "text"], *rows, ["End"], ["B3", "x"]])
    results = list(assess("national_2024-03-31.xlsx", data, rulebook))
    assert [(each.supplier.code if each.supplier else "", each.rows.accepted) for each in results] == [
        ("B1", 1),
        ("B2", 1),
    ]
    assert [[(note.row, note.agreed) for note in each.notes] for each in results] == [[(4, 1)], [(7, 2)]]
    assert results[1].accepted["source_row"].to_list() == [6]


def test_the_library_asks_which_return_is_meant(library: Library, national: Rulebook) -> None:
    path = national.contracts["loans"].path
    data = (HEADER + row("B1", 1) + row("B2", 2)).encode()

    def validate(**more: Any) -> ReturnResult:
        return pe.validate(data, str(path), period_end=date(2024, 3, 31), **more)

    with pytest.raises(UsageError, match=r"holds 2 returns.*B1 \(2024-03-31\), B2"):
        validate()
    assert told([validate(supplier_code="B2")])[0][:3] == ("B2", "accepted", 1)


def test_a_month_alone_stands_for_its_last_day_and_of_a_moment_the_day_is_taken(library: Library) -> None:
    identification = {"fileName": r"national.*\.(csv|xlsx)", "supplierColumn": "library", "periodColumn": "month"}

    def ends(kind: str, form: str, *months: str, typed: bool = False) -> list[str]:
        given = contract(library, identification=identification)
        month = given["schema"][0]["properties"][-1]
        month |= {"logicalType": kind, "logicalTypeOptions": {"format": form}}
        text = HEADER + "".join(row("B1", at, month=each) for at, each in enumerate(months, 1))
        lines = [line.split(",") for line in text.splitlines()]
        if typed:
            lines = [lines[0], *([*line[:-1], datetime.fromisoformat(line[-1])] for line in lines[1:])]  # type: ignore[list-item]
        data = library.workbook(Loans=lines) if typed else text.encode()
        return [
            str(each.period_end)
            for each in assess("national.xlsx" if typed else "national.csv", data, library.rulebook(given))
        ]

    assert ends("date", "MM/yyyy", "02/2024", "03/2024", "02/2024") == ["2024-02-29", "2024-03-31"]
    assert ends("timestamp", "dd/MM/yyyy HH:mm", "31/03/2024 10:15", "31/03/2024 23:59") == ["2024-03-31"]
    assert ends("date", "dd/MM/yyyy", "2024-03-31", "2024-02-29", typed=True) == ["2024-03-31", "2024-02-29"]
