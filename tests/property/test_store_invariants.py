"""Four returns in any order of arrival end in the same unified tables, and the store keeps its promises on the way."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from databases import ENGINES, SWEEP
from probation_etl.audit.kept_returns import KeptReturns
from probation_etl.contracts.rulebook import Rulebook, load_rulebook
from probation_etl.intake.assess import assess
from probation_etl.runs.reassess import reassessed
from probation_etl.stores import Store, connect
from probation_etl.unified.harmonise import harmonise

BREACH = "nsi_id,crn,event_number,provider_code,ldu_code,disposal_code,requirement_code,rosh_code,referral_date,logged_date,court_code,hearing_date,nsi_status_code\n"
SUSPENDED = "nsi_id,crn,event_number,provider_code,ldu_code,logged_date,suspended_date,nsi_status_code,resumed_date\n"
CASELOAD = "provider_code,ldu_code,grade_code,snapshot_date,fte,caseload,average_caseload\n"
UNIFIED = ("breach", "suspended_breach", "caseload", "weekly_breaches", "national_tracker")


def breaches(*cases: int, heard: str = "") -> bytes:
    status = "BRE08" if heard else "BRE26"
    lines = (f"S-{n},X98{n:04},1,N53,N53DRBY,CO,UPW,RLRH,2020-09-08,2020-09-10,SYN01,{heard},{status}\n" for n in cases)
    return (BREACH + "".join(lines)).encode()


def suspended(*cases: int) -> bytes:
    lines = (f"S-{n},X98{n:04},1,N53,N53DRBY,2020-09-10,2020-09-14,BRE26,\n" for n in cases)
    return (SUSPENDED + "".join(lines)).encode()


RETURNS = {
    "original": ("N53_breaches_2020-09-28.csv", breaches(1, 2, 3, 4, 5, 6)),
    "correction": ("N53_breaches_2020-09-28_v2.csv", breaches(1, 2, 3, 4, 5, 7)),
    "next period": ("N53_breaches_2020-10-12.csv", breaches(3, 8, heard="2020-10-01")),
    "suspended": ("N53_suspended_breaches_2020-09-28.csv", suspended(1, 2, 3)),
}
#: Which of two returns for one period counts is the order of their arrival: that one is fixed, all else is free.
ORDERS = [
    order for order in itertools.permutations(RETURNS) if order.index("original") < order.index("correction")
]  # fmt: skip


def on_engines(orders: Iterable[Any]) -> pytest.MarkDecorator:
    """Each order of arrival on one of the engines in turn; in the sweep on each of them."""
    pairs = [
        (order, engine)
        for at, order in enumerate(orders)
        for number, engine in enumerate(ENGINES)
        if SWEEP or (at + number) % len(ENGINES) == 0
    ]
    return pytest.mark.parametrize(("order", "url"), pairs, indirect=["url"], ids=str)


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return load_rulebook()


def arrive(store: Store, rulebook: Rulebook, name: str, content: bytes) -> None:
    """One file as the main job takes it."""
    for result in assess(name, content, rulebook, references=store.references):
        store.load(result, harmonise(result, rulebook))


def settle(store: Store, rulebook: Rulebook) -> None:
    """What the main job does when all files are taken."""
    for result in reassessed(store, rulebook, KeptReturns(store, rulebook)):
        store.load(result, harmonise(result, rulebook))


def unified(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """The unified tables in a fixed order of rows; the number of the attempt, which tells of the order, is left out."""
    same = pl.col("^return_id$").str.replace(r":(\d+)$", "")
    return {name: sorted(store.table(name).with_columns(same).rows(), key=repr) for name in UNIFIED}


def hold_invariants(store: Store, rulebook: Rulebook) -> None:
    """What is true of every store at every time."""
    ledger = store.returns()
    assert ledger.filter(pl.col("rows_read") != pl.col("rows_accepted") + pl.col("rows_quarantined")).is_empty()
    read = dict(ledger.select("return_id", "rows_read").rows())
    current = set(ledger.filter("is_current")["return_id"])
    for contract in rulebook.contracts.of_layer("unified"):
        rows = store.table(contract.table)
        assert set(rows["return_id"]) <= current
        assert rows.select("return_id", "source_row").is_duplicated().sum() == 0
        assert all(1 < at <= 1 + read[name] for name, at in rows.select("return_id", "source_row").rows())
        assert rows.select(contract.key).is_duplicated().sum() == 0
        for name in ledger.filter("loaded")["return_id"]:
            accepted = ledger.filter(pl.col("return_id") == name)
            mapped = rulebook.contracts[accepted["contract_id"][0]].mapping
            if mapped and mapped.table == contract.table:
                stored = store.totals(contract.table).filter(stage="stored", return_id=name)
                assert stored["rows"].sum() == accepted["rows_accepted"][0]


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory, rulebook: Rulebook) -> dict[str, list[tuple[Any, ...]]]:
    """What the returns give in the order in which they are written above."""
    path = tmp_path_factory.mktemp("expected") / "a.duckdb"
    return outcome_of(tuple(RETURNS), f"duckdb:///{path}", rulebook)


def outcome_of(order: Iterable[str], url: str, rulebook: Rulebook) -> dict[str, list[tuple[Any, ...]]]:
    """The unified tables after these arrivals; settled after each, or after all."""
    with connect(url, rulebook.contracts, rulebook.tables) as store:
        for each in order:
            arrive(store, rulebook, *RETURNS[each])
            if len(each) % 2:  # some runs take one file, others several
                settle(store, rulebook)
        settle(store, rulebook)
        hold_invariants(store, rulebook)
        found = unified(store)
        settle(store, rulebook)
        assert unified(store) == found
        return found


@on_engines(ORDERS)
def test_any_order_of_arrival_ends_in_the_same_unified_tables(
    order: tuple[str, ...], expected: dict[str, list[tuple[Any, ...]]], url: str, rulebook: Rulebook
) -> None:
    found = outcome_of(order, url, rulebook)
    assert found == expected
    cases = sorted(row[5] for row in found["breach"])
    assert cases == [f"X98{number:04}" for number in (1, 2, 3, 4, 5, 7, 8)]
    assert len(found["suspended_breach"]) == 3


@on_engines(ORDERS[::3])
def test_a_suspension_whose_breach_was_corrected_away_is_in_quarantine_whatever_came_first(
    order: tuple[str, ...], url: str, rulebook: Rulebook
) -> None:
    with connect(url, rulebook.contracts, rulebook.tables) as store:
        for each in order:
            name, content = RETURNS[each]
            # Case 6 is in the original only: its suspension hangs in the air once the correction is there.
            arrive(store, rulebook, name, suspended(*range(1, 7)) if each == "suspended" else content)
            settle(store, rulebook)
        newest = store.returns().filter("is_newest", contract_id="nps-suspended-breaches").row(0, named=True)
        assert (newest["rows_accepted"], newest["rows_quarantined"]) == (5, 1)
        assert "X980006" not in store.table("suspended_breach")["case_reference"]
        hold_invariants(store, rulebook)


@pytest.mark.parametrize("seed", range(2))
def test_repeats_in_any_number_and_place_change_nothing(
    seed: int, expected: dict[str, list[tuple[Any, ...]]], url: str, rulebook: Rulebook
) -> None:
    random_ = random.Random(seed)  # noqa: S311 -- the same each time, and no secret
    order = list(random_.choice(ORDERS))
    for each in random_.choices(list(RETURNS), k=4):
        order.insert(random_.randint(order.index(each) + 1, len(order)), each)
    assert outcome_of(order, url, rulebook) == expected


@pytest.mark.parametrize("seed", range(2))
def test_measures_of_the_unified_table_are_the_sum_over_current_returns(
    seed: int, tmp_path: Path, rulebook: Rulebook
) -> None:
    random_ = random.Random(seed)  # noqa: S311 -- the same each time, and no secret
    current: dict[tuple[str, str], tuple[Decimal, int]] = {}
    with connect(f"duckdb:///{tmp_path / 'a.duckdb'}", rulebook.contracts, rulebook.tables) as store:
        for number in range(8):
            code, end = random_.choice(("N52", "N53")), random_.choice(("2020-09-28", "2020-10-12"))
            cases, fte = random_.randint(100, 900), Decimal(random_.randint(400, 2000)) / 100
            average = (Decimal(cases) / fte).quantize(Decimal("0.01"))
            if average > 200:
                continue
            row = f"{code},,NPSM,{end},{fte},{cases},{average}\n"
            arrive(store, rulebook, f"{code}_caseload_{end}_{number}.csv", (CASELOAD + row).encode())
            current[code, end] = (fte, cases)
            hold_invariants(store, rulebook)
            rows = store.table("caseload")
            assert rows["officers_fte"].sum() == sum(fte for fte, _ in current.values())
            assert rows["cases"].sum() == sum(cases for _, cases in current.values())
            ids = store.returns().filter("is_current")["return_id"]
            stored = store.totals("caseload").filter(pl.col("return_id").is_in(ids.implode()), stage="stored")
            assert stored["cases"].sum() == rows["cases"].sum()
