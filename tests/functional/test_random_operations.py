"""Many operations in random order: the store keeps its promises, and ends as if only what counts had come."""

from __future__ import annotations

import hashlib
import os
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from senders import BREACH, CASELOAD, SUSPENSION, breach, extract, suspension

from databases import new_store
from places import Step, alone, carry_out, speed_up
from probation_etl.audit.verify import verify
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.runs.session import RunSession
from probation_etl.runs.take import Manner, take
from probation_etl.runs.withdrawal import decide
from probation_etl.stores import Store, connect

#: Fewer than in the sweep, which does two hundred.
OPERATIONS, VERIFIED_EVERY = int(os.environ.get("PROBATION_ETL_OPERATIONS", "30")), 67
SUPPLIERS, PERIODS, KINDS = (
    ("N52", "N53", "N54"),
    ("2020-09-28", "2020-10-12"),
    ("breaches", "suspended_breaches", "caseload"),
)
Slot = tuple[str, str, str]


@dataclass
class Sender:
    """Makes operations, and knows which returns count in the end."""

    inbox: Path
    random: random.Random
    arrived: list[tuple[Slot, Path]] = field(default_factory=list)
    withdrawn: set[str] = field(default_factory=set)

    def operations(self) -> Iterator[Step]:
        """Some new returns, corrections, repeats, withdrawals and their taking back."""
        for number in range(OPERATIONS):
            kind = self.random.choices(("new", "several", "repeat", "withdraw", "reinstate"), (28, 4, 28, 22, 18))[0]
            if kind in ("new", "several") or number < 5:
                yield self.arrival([self.new(f"{number}_{each}") for each in range(3 if kind == "several" else 1)])
            elif kind == "repeat":
                yield self.arrival([self.random.choice(self.arrived)[1]])
            else:
                yield self.decision(withdraw=kind == "withdraw")

    def new(self, number: str) -> Path:
        """A return for any slot: late, early, a correction, or the same content as one before."""
        slot = (self.random.choice(SUPPLIERS), self.random.choice(KINDS), self.random.choice(PERIODS))
        code, kind, end = slot
        path = self.inbox / f"{code}_{kind}_{end}_{number}.csv"
        path.write_bytes(self.content(code, kind, end))
        if all(name_of(slot, each) != name_of(slot, path) for other, each in self.arrived if other == slot):
            self.arrived.append((slot, path))
        return path

    def content(self, code: str, kind: str, end: str) -> bytes:
        """A few rows; sometimes none, sometimes a faulty one, sometimes a header that is refused."""
        fault = self.random.choices(("", "nil", "row", "header"), (80, 8, 8, 4))[0]
        cases = [] if fault == "nil" else sorted(self.random.sample(range(1, 8), self.random.randint(2, 6)))
        template: dict[str, str] = {"breaches": BREACH, "suspended_breaches": SUSPENSION, "caseload": CASELOAD}[kind]
        rows = [self.row(kind, each, code, end) for each in cases]
        if kind == "caseload":
            rows = rows[:2]
            rows = [{**row, "grade_code": grade} for row, grade in zip(rows, ("NPSM", "NPSQ"), strict=False)]
        if fault == "row" and rows:
            rows[0] = {**rows[0], "provider_code": "Nowhere"}
        return extract(*rows, header=list(template)[: len(template) - 2 * (fault == "header")])

    def row(self, kind: str, case: int, code: str, end: str) -> dict[str, str]:
        own = {"provider_code": code, "ldu_code": ""}
        if kind == "caseload":
            cases = self.random.randint(20, 60)
            numbers = {"fte": "1.00", "caseload": str(cases), "average_caseload": f"{cases}.0"}
            return {**CASELOAD, **own, **numbers, "snapshot_date": end}
        days = {"referral_date": "2020-09-08", "logged_date": "2020-09-10"}
        if kind == "breaches":
            heard = end == PERIODS[1] and self.random.random() < 0.5
            outcome = {"hearing_date": "2020-10-01", "nsi_status_code": "BRE08"} if heard else {}
            return breach(case, **own, **days, **outcome)
        return suspension(case, **own, logged_date=days["logged_date"])

    def arrival(self, paths: Iterable[Path]) -> Step:
        chosen = list(paths)

        def step(work: RunSession) -> None:
            for path in chosen:
                take(work, alone(self.inbox, path), Manner())

        return step

    def decision(self, *, withdraw: bool) -> Step:
        names = {name_of(*each) for each in self.arrived}
        possible = sorted(names - self.withdrawn if withdraw else self.withdrawn)
        if not possible:
            return lambda _work: None
        name = self.random.choice(possible)
        (self.withdrawn.add if withdraw else self.withdrawn.remove)(name)
        return lambda work: decide(work, name, withdrawn=withdraw, reason="a test")

    def what_counts(self) -> list[Path]:
        """The returns that are not withdrawn, slots in another order; within a slot they correct one another."""
        slots = sorted({slot for slot, _ in self.arrived})
        self.random.shuffle(slots)
        left = [(slot, path) for slot, path in self.arrived if name_of(slot, path) not in self.withdrawn]
        return [path for slot in slots for other, path in left if other == slot]


def name_of(slot: Slot, path: Path) -> str:
    code, kind, end = slot
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return f"nps-{kind.replace('_', '-')}:1.0.0:{code}:{end}:{sha256[:16]}"


def tables(store: Store, rulebook: Rulebook) -> dict[str, list[tuple[Any, ...]]]:
    """Unified tables and views in a fixed order; the number of the attempt tells of the order of arrival."""
    without_attempt = pl.col("^return_id$").str.replace(r":(\d{1,3})$", "")
    return {
        each.table: sorted(store.table(each.table).with_columns(without_attempt).rows(), key=repr)
        for each in rulebook.contracts.of_layer("unified", "view")
    }


def broken(store: Store, rulebook: Rulebook) -> list[tuple[str, tuple[Any, ...]]]:
    return [(each.name, each.faults) for each in verify(store, rulebook).proofs if each.faults]


@pytest.mark.parametrize("engine", ["duckdb", "postgresql"])
def test_a_store_keeps_its_promises_through_operations_in_random_order(
    engine: str, tmp_path: Path, shipped_rulebook: Rulebook, request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    speed_up(monkeypatch, shipped_rulebook)
    sender = Sender(tmp_path, random.Random(8))  # noqa: S311 -- the same each time, and no secret
    contracts, reference = shipped_rulebook.contracts, shipped_rulebook.tables
    with connect(new_store(engine, tmp_path, request), contracts, reference) as store:
        for number, step in enumerate(sender.operations(), 1):
            carry_out(step, store, shipped_rulebook)
            if number % VERIFIED_EVERY == 0 or number == OPERATIONS:
                assert broken(store, shipped_rulebook) == []
        ledger = store.returns()
        found = tables(store, shipped_rulebook)
    assert ledger["withdrawn"].any()
    assert (ledger["attempt"] > 1).any()
    assert {"accepted", "partly_accepted", "rejected"} <= set(ledger["verdict"])
    assert all(found[name] for name in ("breach", "suspended_breach", "caseload"))
    with connect(f"duckdb:///{tmp_path / 'other.duckdb'}", contracts, reference) as other:
        carry_out(sender.arrival(sender.what_counts()), other, shipped_rulebook)
        assert tables(other, shipped_rulebook) == found
