"""Rows that add up others, by their names and by their numbers; and units that only sound like totals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from probation_etl.contracts.rulebook import Rulebook
from probation_etl.intake.result import ReturnResult

if TYPE_CHECKING:
    from conftest import Library

HEADER = ["Branch", "Kind", "Counted on", "Shelves", "Books", "Books a shelf"]


@pytest.fixture(scope="module")
def stock(library: Library) -> Rulebook:
    """The stock of each branch: counts, and an average that adds up to nothing."""
    columns: list[dict[str, Any]] = [
        {"name": "branch", "physicalName": "Branch", "logicalType": "string", "primaryKey": True, "primaryKeyPosition": 1},
        {"name": "kind", "physicalName": "Kind", "logicalType": "string", "primaryKey": True, "primaryKeyPosition": 2, "required": True},
        {"name": "counted_on", "physicalName": "Counted on", "logicalType": "date", "required": True, "logicalTypeOptions": {"format": "dd/MM/yyyy"}},
        {"name": "shelves", "physicalName": "Shelves", "logicalType": "integer"},
        {"name": "books", "physicalName": "Books", "logicalType": "integer"},
        {"name": "average", "physicalName": "Books a shelf", "logicalType": "number"},
    ]  # fmt: skip
    return library.rulebook(library.contract(columns=columns, rules=[]))


def row(branch: str, kind: str = "Novels", shelves: int = 0, books: int = 0, average: str = "40") -> list[str]:
    return [branch, kind, "01/03/2024", str(shelves), str(books), average]


def sent(library: Library, stock: Rulebook, *rows: list[str]) -> ReturnResult:
    return library.assess(library.text(HEADER, *rows), stock)


def told(result: ReturnResult) -> list[tuple[int, str]]:
    kept = result.findings.filter(result.findings["code"] != "acceptance-limit")
    return kept.select("row", "message").rows()


PARTS = [row("Central", shelves=10, books=420), row("North", shelves=17, books=611), row("South", shelves=5, books=199)]
NAMES = [
    "Total",
    "TOTALS",
    "Grand total",
    "Sub-total",
    "Subtotal:",
    "Overall",
    "Sum",
    "All",
    "Total for all branches",
    "Total (all)",
]


@pytest.mark.parametrize("name", [*NAMES, "All branches", "Total branches", "Library total", "Whole county"])
def test_a_total_is_an_error_that_names_what_it_adds_up(library: Library, stock: Rulebook, name: str) -> None:
    result = sent(library, stock, *PARTS, row(name, shelves=32, books=1230, average="38.4"))
    assert told(result) == [(5, "The row is no row of data. It is named as a total and adds up rows 2 to 4.")]
    assert result.accepted["source_row"].to_list() == [2, 3, 4]


@pytest.mark.parametrize("name", NAMES)
def test_a_total_that_adds_up_nothing_is_one_by_its_name(library: Library, stock: Rulebook, name: str) -> None:
    result = sent(library, stock, *PARTS, row(name, shelves=33, books=1231))
    assert told(result) == [(5, "The row is no row of data. It is named as a total.")]


@pytest.mark.parametrize(
    "name", ["Total Care Ltd", "All Saints", "Whole Earth", "Totnes", "Summertown", "Allerton", "The Sum of Things"]
)
def test_a_name_that_only_sounds_like_a_total_is_data(library: Library, stock: Rulebook, name: str) -> None:
    result = sent(library, stock, *PARTS, row(name, shelves=33, books=1231))
    assert (told(result), result.verdict) == ([], "accepted")


def test_a_name_in_the_list_of_the_column_is_data(library: Library) -> None:
    columns = library.columns(
        branch={"enum": [{"value": "Central"}, {"value": "Total"}], "primaryKey": True, "primaryKeyPosition": 3}
    )
    rulebook = library.rulebook(library.contract(columns=columns))
    result = library.assess(library.csv(library.row(), library.row(Loan_reference="L0002", Branch="Total")), rulebook)
    assert library.faults(result) == []


def test_subtotals_and_the_total_of_all_are_told_apart(library: Library, stock: Rulebook) -> None:
    rows = [
        row("Central", "Novels", 10, 420), row("Central", "Poems", 3, 90), row("Central total", "", 13, 510),
        row("North", "Novels", 7, 260), row("North", "Poems", 2, 50), row("North total", "", 9, 310),
        row("Grand total", "", 22, 820),
    ]  # fmt: skip
    assert told(sent(library, stock, *rows)) == [
        (4, "The row is no row of data. It is named as a total and adds up rows 2 to 3."),
        (7, "The row is no row of data. It is named as a total and adds up rows 5 to 6."),
        (8, "The row is no row of data. It is named as a total and adds up rows 2 to 3 and 5 to 6."),
    ]


def test_totals_of_each_kind_add_up_the_rows_of_their_kind(library: Library, stock: Rulebook) -> None:
    rows = [
        row("Central", "Novels", 10, 420),
        row("Central", "Poems", 3, 90),
        row("North", "Novels", 7, 260),
        row("North", "Poems", 2, 50),
    ]
    totals = [row("Total", "Novels", 17, 680), row("Total", "Poems", 5, 140)]
    assert told(sent(library, stock, *rows, *totals)) == [
        (6, "The row is no row of data. It is named as a total and adds up rows 2 and 4."),
        (7, "The row is no row of data. It is named as a total and adds up rows 3 and 5."),
    ]


def test_a_total_above_its_parts_is_known_too(library: Library, stock: Rulebook) -> None:
    result = sent(library, stock, row("Total", shelves=32, books=1230), *PARTS)
    assert told(result) == [(2, "The row is no row of data. It is named as a total and adds up rows 3 to 5.")]


def test_a_row_without_a_name_that_is_the_sum_of_others_is_a_total(library: Library, stock: Rulebook) -> None:
    result = sent(library, stock, *PARTS, row("", shelves=32, books=1230, average=""))
    assert told(result) == [(5, "The row is no row of data. It adds up rows 2 to 4.")]


def test_a_row_with_a_name_is_a_total_where_chance_explains_nothing(library: Library, stock: Rulebook) -> None:
    parts = [
        row(name, shelves=shelves, books=books, average="")
        for name, shelves, books in (("A", 1010, 4207), ("B", 1777, 6011), ("C", 999, 1999))
    ]
    result = sent(library, stock, *parts, row("The whole county", shelves=3786, books=12217, average=""))
    assert told(result) == [(5, "The row is no row of data. It adds up rows 2 to 4.")]


def test_a_total_with_averages_under_a_name_of_its_own_is_known_by_its_numbers(
    library: Library, stock: Rulebook
) -> None:
    result = sent(library, stock, *PARTS, row("Somerset", shelves=32, books=1230, average="38.4"))
    assert told(result) == []
    result = sent(library, stock, *PARTS, row("Somerset", shelves=32, books=1230, average="40"))
    assert told(result) == [(5, "The row is no row of data. It adds up rows 2 to 4.")]


@pytest.mark.parametrize(
    "numbers", [[(1, 1), (1, 1), (2, 2)], [(1, 0), (1, 0), (1, 0), (3, 0)], [(10, 20), (20, 40), (30, 60)]]
)
def test_small_numbers_that_happen_to_add_up_are_data(
    library: Library, stock: Rulebook, numbers: list[tuple[int, int]]
) -> None:
    rows = [row(f"Branch {at}", shelves=one, books=two, average="") for at, (one, two) in enumerate(numbers)]
    assert told(sent(library, stock, *rows)) == []


def test_rows_of_noughts_are_data(library: Library, stock: Rulebook) -> None:
    assert told(sent(library, stock, *(row(f"Branch {at}", average="0") for at in range(4)))) == []


# A cell of the key that is empty below a filled one


def test_a_name_written_once_is_a_question_in_the_rows_below_it(library: Library, stock: Rulebook) -> None:
    rows = [
        row("Central", "Novels", 3, 5),
        row("", "Poems", 4, 4),
        row("", "Plays", 1, 2),
        row("North", "Novels", 6, 7),
        row("", "Poems", 2, 2),
    ]
    result = sent(library, stock, *rows)
    codes = result.findings.filter(result.findings["row"].is_not_null()).select("row", "column", "code", "rule")
    assert codes.rows() == [(at, "Branch", "unclear-blank", "branch|blank") for at in (3, 4, 6)]


def test_an_empty_name_above_all_others_or_in_every_row_means_what_the_contract_says(
    library: Library, stock: Rulebook
) -> None:
    assert (
        told(sent(library, stock, row("", "Novels", 9, 9), row("", "Poems", 5, 5), row("Central", "Novels", 3, 4)))
        == []
    )
    assert told(sent(library, stock, row("", "Novels", 9, 9), row("", "Poems", 5, 5))) == []


def test_an_empty_cell_is_no_question_where_the_key_names_something_new_to_its_left(
    library: Library, stock: Rulebook
) -> None:
    header = ["Kind", "Branch", *HEADER[2:]]
    rows = [["Novels", "Central", "01/03/2024", "1", "2", ""], ["Poems", "", "01/03/2024", "1", "2", ""]]
    result = library.assess(library.text(header, *rows), stock)
    assert (library.faults(result), result.verdict) == ([], "accepted")
