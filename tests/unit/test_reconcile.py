"""Totals that do not agree stop everything."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl
import pytest

from probation_etl.contract import Contract, MappedColumn, Mapping
from probation_etl.errors import ReconciliationError
from probation_etl.reconcile import Contribution, Reconciliation, check_control_total, contribution, reconcile

if TYPE_CHECKING:
    from collections.abc import Callable

LOANS = Contract(
    "loans", "1.0.0", "Loans", "", "return", "loans", (),
    mapping=Mapping("loan", (MappedColumn("fine", "fine * 2"), MappedColumn("copies", "1"), MappedColumn("branch", "branch"))),
)  # fmt: skip
LOAN = Contract("loan", "1.0.0", "Loan", "", "unified", "loan", (), measures=("fine", "nobody_fills_this"))


@pytest.mark.parametrize(("announced", "read"), [(None, 5), (5, 5), (0, 0)])
def test_a_control_total_that_agrees_or_is_not_given_is_no_finding(announced: int | None, read: int) -> None:
    assert check_control_total(announced, read) == []


@pytest.mark.parametrize(("announced", "read"), [(0, 1), (5, 4), (5, 6), (1, 0)])
def test_a_control_total_that_differs_shows_both_numbers(announced: int, read: int) -> None:
    (finding,) = check_control_total(announced, read)
    assert (finding.code, finding.severity, finding.row) == ("control-total", "error", None)
    assert finding.message == f"The cover announces {announced} rows, {read} were found."


def test_a_return_contributes_its_rows_and_its_measures() -> None:
    rows = pl.DataFrame({"fine": [Decimal("0.1"), Decimal("0.2"), None], "branch": ["a", "b", "c"]})
    given = contribution(rows, LOANS, LOAN, return_id="r1")
    assert (given.return_id, given.table) == ("r1", "loan")
    assert given.totals == {"rows": 3, "fine": Decimal("0.6")}


def test_a_return_without_rows_contributes_nothing() -> None:
    rows = pl.DataFrame(schema={"fine": pl.Decimal(28, 6), "branch": pl.String})
    assert contribution(rows, LOANS, LOAN, return_id="r1").totals == {"rows": 0, "fine": 0}


GIVEN = [
    Contribution("r1", "loan", {"rows": 2, "fine": Decimal("0.3")}),
    Contribution("r2", "loan", {"rows": 3, "fine": Decimal("0.4")}),
    Contribution("r3", "member", {"rows": 7}),
]
STORED = {("loan", None): 5, ("loan", "fine"): Decimal("0.7"), ("member", None): 7}


def store(totals: dict[tuple[str, str | None], int | Decimal]) -> Callable[[str, str | None, list[str]], int | Decimal]:
    def total(table: str, measure: str | None, returns: list[str]) -> int | Decimal:
        assert returns == {"loan": ["r1", "r2"], "member": ["r3"]}[table]
        return totals[table, measure]

    return total


def test_what_agrees_is_listed_by_table_and_measure() -> None:
    assert reconcile(GIVEN, store(STORED)) == [
        Reconciliation("loan", "rows", 5, 5),
        Reconciliation("loan", "fine", Decimal("0.7"), Decimal("0.7")),
        Reconciliation("member", "rows", 7, 7),
    ]


def test_nothing_given_is_nothing_to_reconcile() -> None:
    assert reconcile([], store({})) == []


@pytest.mark.parametrize(
    ("place", "stored"), [(("loan", None), 4), (("loan", "fine"), Decimal("0.700001")), (("member", None), 0)]
)
def test_one_total_that_differs_stops_everything(place: tuple[str, str | None], stored: int | Decimal) -> None:
    with pytest.raises(ReconciliationError) as caught:
        reconcile(GIVEN, store({**STORED, place: stored}))
    table, measure = place
    assert f"{table}.{measure or 'rows'}: {STORED[place]} sent, {stored} stored" in str(caught.value)
    assert str(caught.value).count(" sent, ") == 1
    assert caught.value.exit_code == 3


def test_every_total_that_differs_is_named() -> None:
    with pytest.raises(ReconciliationError, match=r"loan\.rows: 5 sent, 0 stored; .*; member\.rows: 7 sent, 0 stored"):
        reconcile(GIVEN, store(dict.fromkeys(STORED, 0)))


def test_in_json_decimals_are_numbers_and_whole_numbers_stay_whole() -> None:
    assert Reconciliation("loan", "fine", Decimal("0.70"), 5).as_dict() == {
        "table": "loan", "measure": "fine", "from_returns": 0.7, "in_store": 5
    }  # fmt: skip
