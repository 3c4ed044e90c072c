"""Incremental equals whole: after any sequence of runs the kept rows are, for every moment, those computed anew from the history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from databases import new_store
from lending import RETURN, UNIFIED, VIEW, Lending
from probation_etl.audit.verify.evidence import Evidence
from probation_etl.audit.verify.recomputed import differences
from probation_etl.contracts.rulebook import Rulebook, load_rulebook
from probation_etl.intake.assess import assess
from probation_etl.stores import RunRecord, Store, connect
from probation_etl.stores.statements import current_rows
from probation_etl.unified.harmonise import harmonised

#: Part of the key may be missing: rows that lack it have the same key.
KEYED = UNIFIED.replace("ticket, logicalType: string, required: true,", "ticket, logicalType: string,")
WITHOUT_KEY = KEYED.replace(", primaryKey: true, primaryKeyPosition: 1", "").replace(
    " primaryKey: true, primaryKeyPosition: 2,", ""
)
DAYS = ("2020-03-08", "2020-03-15", "2020-03-22")
START = datetime(2020, 4, 1, tzinfo=UTC).replace(tzinfo=None)

sent = st.tuples(
    st.just("send"), st.sampled_from("AB"), st.sampled_from(DAYS), st.lists(st.sampled_from(["", "1", "2", "3"]), max_size=3, unique=True),
)  # fmt: skip
decided = st.tuples(st.sampled_from(["withdraw", "reinstate", "again"]), st.integers(0, 5))
runs = st.lists(
    st.lists(st.one_of(sent, decided), min_size=1, max_size=3) | st.just([("release",)]), min_size=2, max_size=7
)


class Keeper:
    """Carries out runs on one store, as the main job does."""

    def __init__(self, store: Store, rulebook: Rulebook) -> None:
        self.store, self.rulebook, self.count = store, rulebook, 0

    def run(self, steps: list[tuple[Any, ...]]) -> None:
        with self.store.transaction():
            if steps == [("release",)]:
                self.store.releases.make()
                return
            self.count += 1
            when = START + timedelta(hours=self.count)
            self.writer = self.store.begin_run(
                RunRecord(f"run {self.count}", when, self.rulebook.contracts.digest, "1")
            )
            for step in steps:
                getattr(self, step[0])(*step[1:])

    def send(self, branch: str, day: str, tickets: list[str]) -> None:
        # Each file is another one, as its name is not part of its content.
        rows = [f"{ticket},2020-03-01,{self.count}" for ticket in tickets]
        content = "\n".join(["ticket,lent_on,fine", *rows, ""]).encode()
        for result in assess(f"{branch}_lending_{day}.csv", content, self.rulebook):
            if not self.store.ledger.known(result.sha256):
                self.writer.load(result, harmonised(result, self.rulebook))
                self.sent = result

    def withdraw(self, number: int) -> None:
        self.decide(number, withdrawn=True)

    def reinstate(self, number: int) -> None:
        self.decide(number, withdrawn=False)

    def decide(self, number: int, *, withdrawn: bool) -> None:
        names = sorted({each.original_id for each in self.store.ledger.entries()})
        if names:
            self.writer.decide(names[number % len(names)], withdrawn=withdrawn, reason="a slip")

    def again(self, number: int) -> None:
        """A return is validated again, and becomes a new attempt."""
        entries = self.store.ledger.entries()
        if not entries:
            return
        entry = [each for each in entries if each.is_newest][number % sum(each.is_newest for each in entries)]
        content = self.store.content(entry.sha256)
        assert content is not None
        for result in assess(entry.file, content, self.rulebook):
            attempt = replace(result, id=replace(result.id, attempt=entry.attempt + 1))
            self.writer.load(attempt, harmonised(attempt, self.rulebook))

    def agree(self) -> None:
        """Every state, and what is released, is what history and ledger give."""
        evidence = Evidence(self.store, self.rulebook)
        for run_id, sequence in evidence.runs.items():
            expected = evidence.current_rows_after(run_id)
            for contract in evidence.unified:
                kept = self.store.query(current_rows(contract, after=str(sequence)))
                assert not differences(kept, expected[contract.table]).height, run_id
                if sequence == max(evidence.runs.values()):
                    shown = self.store.query(f"SELECT * FROM current_rows.{contract.table}")
                    assert not differences(shown, expected[contract.table]).height
        release = self.store.releases.newest()
        expected = evidence.expected_after(release.run_id) if release else {}
        for table in ("loan", "loans_by_week"):
            released = self.store.query(f"SELECT * FROM released.{table}")
            assert not (differences(released, expected[table]) if release else released).height


@pytest.fixture(scope="module", params=[KEYED, WITHOUT_KEY], ids=["with a key", "without a key"])
def rulebook(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Rulebook:
    place = Lending(tmp_path_factory.mktemp("contracts"), "", lambda: None)  # type: ignore[arg-type,return-value]
    place.write(
        unified=request.param,
        returned=RETURN.replace("logicalType: string, required: true,", "logicalType: string,"),
        view=VIEW,
    )
    return load_rulebook(place.contracts)


@pytest.fixture(params=["duckdb", "postgresql"])
def opened(request: pytest.FixtureRequest, tmp_path: Path, rulebook: Rulebook) -> Callable[[], Keeper]:
    def keeper() -> Keeper:
        store = connect(new_store(request.param, tmp_path, request), rulebook.contracts, rulebook.tables)
        return Keeper(store, rulebook)

    return keeper


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=runs)
def test_kept_rows_are_those_computed_anew(steps: list[list[tuple[Any, ...]]], opened: Callable[[], Keeper]) -> None:
    keeper = opened()
    with keeper.store:
        for each in steps:
            keeper.run(each)
        keeper.agree()
