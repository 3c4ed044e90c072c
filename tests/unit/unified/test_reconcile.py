"""Totals that do not agree stop everything, whichever stage they differ at."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from probation_etl.contracts.model import Counterpart, Measure, TableContract
from probation_etl.errors import ReconciliationError
from probation_etl.intake.judged import check_control_total
from probation_etl.unified.reconcile import Reconciliation, reconcile
from probation_etl.unified.stage_totals import ReceivedReturn, StageTotals, ViewTotal, stage_totals

RETURN = ReceivedReturn("r1", "loans", "TOWN", date(2020, 3, 1), "current", 5, 5, 4, 1, 1, "run1")
ROWS = StageTotals("loan", "rows", RETURN, 4, 4, 1, 3, 1, 2, joined=False)
FINE = StageTotals(
    "loan", "fine", RETURN, Decimal("0.70"), Decimal("0.7"), 0, Decimal("0.7"), 0, Decimal("0.700000"), joined=False
)
NAMED = StageTotals("loan", "named", RETURN, None, 0, 0, 2, 0, 2, joined=True)
TOGETHER = [
    Reconciliation("loan", "rows", 4, 4, "store", superseded=1, replaced=1, in_unified=2),
    Reconciliation("loan", "fine", Decimal("0.7"), Decimal("0.7"), "store", in_unified=Decimal("0.7")),
    Reconciliation("loan", "named", 2, 2, "store", in_unified=2),
]
VIEW = ViewTotal("by_month", "loan", "rows", {"library": "TOWN", "kind": None}, 2, 2)


@pytest.mark.parametrize(("announced", "read"), [(None, 5), (5, 5), (0, 0)])
def test_a_control_total_that_agrees_or_is_missing_is_not_a_finding(announced: int | None, read: int) -> None:
    assert check_control_total(announced, read) == []


@pytest.mark.parametrize(("announced", "read"), [(0, 1), (5, 4), (5, 6), (1, 0)])
def test_a_control_total_that_differs_shows_both_numbers(announced: int, read: int) -> None:
    (finding,) = check_control_total(announced, read)
    assert (finding.code, finding.severity, finding.row) == ("control-total", "error", None)
    assert finding.message == f"The number of rows on the cover is {announced}, but the number found is {read}."


def test_what_agrees_is_listed_in_all_then_by_provider_and_period_then_by_return() -> None:
    found = reconcile([ROWS, FINE, NAMED], [VIEW], TOGETHER, run_id="run1")
    assert [(each.scope, each.provider, each.return_id, each.table, each.measure) for each in found] == [
        *(("run", None, None, "loan", name) for name in ("rows", "fine", "named")),
        *(("store", None, None, "loan", name) for name in ("rows", "fine", "named")),
        ("store", None, None, "by_month", "rows"),
        *(("store", "TOWN", None, "loan", name) for name in ("rows", "fine", "named")),
        *(("run", "TOWN", "r1", "loan", name) for name in ("rows", "fine", "named")),
    ]
    assert all(
        each.from_returns == each.in_store == each.superseded + each.replaced + each.in_unified for each in found
    )


def test_what_another_run_loaded_is_reconciled_but_not_listed() -> None:
    found = reconcile([ROWS], [], TOGETHER[:1], run_id="run2")
    assert [(each.scope, each.provider, each.return_id) for each in found] == [
        ("store", None, None),
        ("store", "TOWN", None),
    ]
    with pytest.raises(ReconciliationError):
        reconcile([replace(ROWS, stored=5)], [], [], run_id="run2")


def test_an_entry_says_who_when_and_each_count() -> None:
    assert reconcile([ROWS], [], [], run_id="run1")[-1].as_dict() == {
        "table": "loan", "measure": "rows", "from_returns": 4, "in_store": 4, "scope": "run", "provider": "TOWN",
        "period_end": "2020-03-01", "contract_id": "loans", "return_id": "r1", "status": "current", "control": 5, "read": 5,
        "accepted": 4, "quarantined": 1, "superseded": 1, "replaced": 1, "in_unified": 2,
    }  # fmt: skip


def test_nothing_in_the_store_is_nothing_to_reconcile() -> None:
    assert reconcile([], [], [], run_id="run1") == []


@pytest.mark.parametrize(
    ("way", "said"),
    [
        (replace(ROWS, of=replace(RETURN, control=6)), "6 announced, 5 read"),
        (replace(ROWS, of=replace(RETURN, accepted=3)), "5 read, 4 accepted or quarantined"),
        (replace(ROWS, of=replace(RETURN, in_quarantine=0)), "1 quarantined, 0 in quarantine"),
        (replace(ROWS, sent=3), "4 accepted, 3 counted before mapping"),
        (replace(ROWS, stored=3), "4 accepted, 3 in the history"),
        (replace(FINE, sent=Decimal("0.700001")), "0.700001 counted before mapping, 0.7 in the history"),
        (replace(ROWS, superseded=0), "4 of its rows that count, 3 current or superseded"),
        (replace(ROWS, current=4), "4 of its rows that count, 5 current or superseded"),
        (replace(ROWS, replaced=0), "3 current, 2 in the unified table or replaced there"),
        (replace(FINE, unified=Decimal(3)), "0.7 current, 3 in the unified table or replaced there"),
        (replace(NAMED, unified=1), "2 current, 1 in the unified table or replaced there"),
        (replace(ROWS, of=replace(RETURN, status="superseded")), "0 of its rows that count, 4 current or superseded"),
    ],
)  # fmt: skip
def test_one_stage_that_differs_stops_everything_and_is_named_with_both_numbers(way: StageTotals, said: str) -> None:
    with pytest.raises(ReconciliationError) as caught:
        reconcile([replace(ROWS, table="other"), way], [VIEW], [], run_id="run1")
    assert f"loan.{way.measure} of TOWN, period to 2020-03-01 (r1): {said}" in str(caught.value)
    assert "other" not in str(caught.value)
    assert caught.value.exit_code == 3


def test_a_view_that_differs_is_named_with_its_group() -> None:
    with pytest.raises(
        ReconciliationError, match=r"by_month\.rows, library TOWN, kind empty, all periods: 2 in loan, 1 in the view"
    ):
        reconcile([], [replace(VIEW, shown=1)], [], run_id="run1")


def test_a_silent_measure_is_compared_and_never_shown() -> None:
    fine = replace(FINE, silent=True)
    together = [TOGETHER[0], replace(TOGETHER[1], silent=True)]
    view = replace(VIEW, measure="fine", sent=Decimal("0.7"), shown=Decimal("0.7"), silent=True)
    found = reconcile([ROWS, fine], [view], together, run_id="run1")
    shown = [each.as_dict() for each in found if each.measure == "fine"]
    assert len(shown) == 5
    assert {each[name] for each in shown for name in ("from_returns", "in_store", "in_unified")} == {None}
    assert all(each.in_store is not None for each in found if each.measure == "rows")
    for stages, views in (([replace(fine, stored=Decimal("9.7"))], []), ([], [replace(view, shown=Decimal("9.7"))])):
        with pytest.raises(ReconciliationError, match="is not that in the") as refused:
            reconcile(stages, views, [], run_id="run1")
        assert not {"9.7", "0.7"} & {*str(refused.value).replace(":", " ").split()}


def test_a_rejected_return_may_announce_what_it_does_not_hold_but_adds_nothing() -> None:
    rejected = replace(RETURN, status="rejected", control=9, accepted=0, quarantined=5, in_quarantine=5)
    (only,) = stage_totals(
        TableContract(id="loan", version="1", table="loan", columns=(), measures=(Measure("fine", "fine"),)),
        totals(),
        [rejected],
    )
    assert list(only.differences()) == []
    assert list(replace(only, stored=1).differences()) != []


def test_of_many_differences_the_first_are_named_and_the_others_counted() -> None:
    wrong = [
        replace(ROWS, table=f"t{at}", stored=0, superseded=0, current=0, replaced=0, unified=0) for at in range(12)
    ]
    with pytest.raises(ReconciliationError, match="; and 14 more"):
        reconcile(wrong, [], [], run_id="run1")


def totals(*found: tuple[str, str, int]) -> pl.DataFrame:
    """What a store gives: stage, return, rows; fines and names are as many."""
    made = [(stage, name, count, count, None if stage == "sent" else count) for stage, name, count in found]
    kinds = dict.fromkeys(("rows", "fine", "named"), pl.Decimal(28, 6))
    return pl.DataFrame(made, schema={"stage": pl.String, "return_id": pl.String, **kinds}, orient="row")


LOAN = TableContract(
    id="loan", version="1", table="loan", columns=(),
    measures=(Measure("fine", "fine"), Measure("named", "name IS NOT NULL", Counterpart("member", ("library",)))),
)  # fmt: skip


def test_every_measure_of_every_return_has_its_way() -> None:
    given = totals(("sent", "r1", 4), ("stored", "r1", 4), ("current", "r1", 4), ("unified", "r1", 4))
    nil = replace(RETURN, return_id="r2", accepted=0, quarantined=5, in_quarantine=5)
    found = stage_totals(LOAN, given, [RETURN, nil])
    assert [(each.of.return_id, each.measure, each.sent, each.stored, each.unified, each.joined) for each in found] == [
        ("r1", "rows", 4, 4, 4, False), ("r1", "fine", 4, 4, 4, False), ("r1", "named", None, 4, 4, True),
        ("r2", "rows", None, 0, 0, False), ("r2", "fine", None, 0, 0, False), ("r2", "named", None, 0, 0, True),
    ]  # fmt: skip
    assert [text for each in found for text in each.differences()] == []


def test_rows_of_a_return_that_nobody_knows_stop_everything() -> None:
    with pytest.raises(ReconciliationError, match="loan: 3 rows of ‘r9’, which the ledger does not know"):
        stage_totals(LOAN, totals(("stored", "r9", 3)), [RETURN])


def test_in_json_decimals_are_numbers_and_whole_numbers_stay_whole() -> None:
    entry: dict[str, Any] = Reconciliation("loan", "fine", Decimal("0.70"), 5, in_unified=Decimal("2.000000")).as_dict()
    assert (entry["from_returns"], entry["in_store"], entry["in_unified"]) == (0.7, 5, 2)
    assert isinstance(entry["in_unified"], int)
