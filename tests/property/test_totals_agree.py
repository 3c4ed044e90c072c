"""Whatever arrives in whatever order, every total agrees at every stage; whatever is tampered with, one does not."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from databases import ENGINES, new_store
from probation_etl.audit.kept_returns import KeptReturns
from probation_etl.contracts.rulebook import Rulebook, load_rulebook
from probation_etl.errors import ReconciliationError
from probation_etl.intake.assess import assess
from probation_etl.intake.result import ReturnResult
from probation_etl.runs.reassess import reassessed
from probation_etl.stores import RunRecord, RunWriter, Store, connect
from probation_etl.stores.reconciliation import reconciled
from probation_etl.unified.expected_totals import contribution
from probation_etl.unified.harmonise import harmonised

BREACH = "nsi_id,crn,event_number,provider_code,ldu_code,disposal_code,requirement_code,rosh_code,referral_date,logged_date,court_code,hearing_date,nsi_status_code\n"
SUSPENDED = "nsi_id,crn,event_number,provider_code,ldu_code,logged_date,suspended_date,nsi_status_code,resumed_date\n"
CASELOAD = "provider_code,ldu_code,grade_code,snapshot_date,fte,caseload,average_caseload\n"
#: Day of logging, day of hearing, status: initiated, logged, heard, and one that is refused.
STAGES = (
    ("", "", "BRE01"),
    ("2020-09-10", "", "BRE05"),
    ("2020-09-10", "2020-09-24", "BRE08"),
    ("2020-09-10", "", "NONE"),
)
ENDS = ("2020-09-28", "2020-10-12", "2020-10-26")
#: Each takes away, adds or changes something that a total must tell of.
TAMPERED = (
    "DELETE FROM history.breach WHERE return_id = '{breach}' AND source_row = {row}",
    "INSERT INTO history.breach SELECT * FROM history.breach WHERE return_id = '{breach}' AND source_row = {row}",
    "UPDATE history.breach SET initiated_on = NULL WHERE return_id = '{breach}' AND source_row = {row}",
    "UPDATE history.breach SET return_id = '{caseload}' WHERE return_id = '{breach}' AND source_row = {row}",
    "UPDATE history.caseload SET cases = cases + 1 WHERE return_id = '{caseload}'",
    "UPDATE history.caseload SET officers_fte = officers_fte - 0.01 WHERE return_id = '{caseload}'",
    "UPDATE ledger.totals SET total = total + 1 WHERE return_id = '{breach}' AND measure = 'logged'",
    "UPDATE ledger.returns SET rows_accepted = rows_accepted + 1 WHERE return_id = '{breach}'",
    "UPDATE ledger.returns SET rows_read = rows_read + 1 WHERE return_id = '{caseload}'",
    "UPDATE ledger.returns SET loaded = FALSE WHERE return_id = '{breach}'",
    "INSERT INTO quarantine.rows VALUES ('{breach}', 99, '[]')",
)  # fmt: skip


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return load_rulebook()


def a_return(chance: random.Random) -> tuple[str, bytes]:
    """A return of one of two providers: breaches at any stage, suspensions of some, or a caseload."""
    code, end, version = chance.choice(("N53", "N54")), chance.choice(ENDS), chance.randint(1, 99)
    cases = chance.sample(range(1, 9), chance.randint(0, 6))
    kind = chance.choice(("breaches", "breaches", "suspended_breaches", "caseload"))
    if kind == "breaches":
        lines = [
            f"S-{n},X98{n:04},1,{code},{code}DRBY,CO,UPW,RLRH,2020-09-08,{logged},SYN01,{heard},{status}\n"
            for n in cases
            for logged, heard, status in [chance.choices(STAGES, (6, 8, 6, 1))[0]]
        ]
        return f"{code}_breaches_{end}_{version}.csv", (BREACH + "".join(lines)).encode()
    if kind == "suspended_breaches":
        lines = [f"S-{n},X98{n:04},1,{code},{code}DRBY,2020-09-10,2020-09-1{n},BRE26,\n" for n in cases]
        return f"{code}_suspended_breaches_{end}_{version}.csv", (SUSPENDED + "".join(lines)).encode()
    held, officers = chance.randint(100, 900), Decimal(chance.randint(1000, 2000)) / 100
    row = f"{code},,NPSM,{end},{officers},{held},{(held / officers).quantize(Decimal('0.01'))}\n"
    return f"{code}_caseload_{end}_{version}.csv", (CASELOAD + row).encode()


def load(run: RunWriter, rulebook: Rulebook, result: ReturnResult) -> None:
    """One return as the main job loads it, with its totals counted on their own road."""
    unified, totals = harmonised(result, rulebook), {}
    if unified and result.contract:
        target = rulebook.unified_for(result.contract)
        counted = contribution(result.accepted_rows, result.contract, target, return_id=result.return_id)
        totals[counted.table] = counted.totals
    run.load(result, unified, totals=totals)


def arrivals(store: Store, rulebook: Rulebook, chance: random.Random, count: int) -> Iterator[RunRecord]:
    """So many runs, each of which takes a return, or withdraws one, and judges again what is overtaken."""
    for number in range(count):
        run = RunRecord(f"run{number}", datetime(2021, 1, 1), "digest", "1")
        with store.transaction():
            writer = store.begin_run(run)
            known = store.returns().filter("is_current", withdrawn=False)
            if number > 4 and chance.random() < 0.2 and known.height:
                writer.decide(chance.choice(known["original_id"].to_list()), withdrawn=True, reason="test")
            else:
                name, content = a_return(chance)
                for result in assess(name, content, rulebook, references=store.references):
                    if not store.ledger.known(result.sha256):
                        load(writer, rulebook, result)
            for again in reassessed(store, rulebook, KeptReturns(store, rulebook)):
                load(writer, rulebook, again)
        yield run


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("engine", ENGINES)
def test_every_total_agrees_after_every_run(
    engine: str, seed: int, tmp_path: Path, request: pytest.FixtureRequest, rulebook: Rulebook
) -> None:
    chance = random.Random(seed)  # noqa: S311 -- the same each time, and no secret
    seen: set[str] = set()
    with connect(new_store(engine, tmp_path, request), rulebook.contracts, rulebook.tables) as store:
        for run in arrivals(store, rulebook, chance, 9):
            found = reconciled(store, rulebook, run_id=run.run_id)
            for each in found:
                assert each.from_returns == each.in_store == each.superseded + each.replaced + each.in_unified, each
                seen |= {name for name in ("superseded", "replaced", "in_unified") if getattr(each, name)}
            for each in found:
                whole = (each.scope, each.measure, each.return_id, each.provider) == ("store", "rows", None, None)
                if whole and each.read is not None:
                    assert store.table(each.table).height == each.in_unified
    assert "in_unified" in seen


@pytest.mark.parametrize("engine", ENGINES)
def test_whatever_is_tampered_with_is_reported(
    engine: str, tmp_path: Path, request: pytest.FixtureRequest, rulebook: Rulebook
) -> None:
    chance = random.Random(engine)  # noqa: S311 -- the same each time, and no secret
    with connect(new_store(engine, tmp_path, request), rulebook.contracts, rulebook.tables) as store:
        run = store.begin_run(RunRecord("run", datetime(2021, 1, 1), "digest", "1"))
        caseload = "N53,,NPSM,2020-09-28,12.50,500,40\n"
        lines = [f"S-{n},X98{n:04},1,N53,N53DRBY,CO,UPW,RLRH,2020-09-08,2020-09-10,SYN01,,BRE05\n" for n in range(1, 7)]
        for name, text in (("breaches", BREACH + "".join(lines)), ("caseload", CASELOAD + caseload)):
            for result in assess(f"N53_{name}_2020-09-28.csv", text.encode(), rulebook):
                load(run, rulebook, result)
        ids = {
            kind.removeprefix("nps-").removesuffix("es"): name
            for name, kind in store.returns().select("return_id", "kind").rows()
        }
        for statement in TAMPERED:
            with store.transaction(keep=False):
                store._engine.execute(statement.format(row=chance.randint(2, 7), **ids))
                with pytest.raises(ReconciliationError, match=r"N53(, period to |:)2020-09-28"):
                    reconciled(store, rulebook, run_id="run")
        assert reconciled(store, rulebook, run_id="run")


def test_a_breach_that_was_initiated_in_one_return_and_logged_in_the_next_is_replaced(
    tmp_path: Path, rulebook: Rulebook
) -> None:
    with connect(f"duckdb:///{tmp_path / 'a.duckdb'}", rulebook.contracts, rulebook.tables) as store:
        run = store.begin_run(RunRecord("run", datetime(2021, 1, 1), "digest", "1"))
        for end, (logged, heard, status) in zip(ENDS, STAGES[:3], strict=True):
            line = f"S-1,X980001,1,N53,N53DRBY,CO,UPW,RLRH,2020-09-08,{logged},SYN01,{heard},{status}\n"
            for result in assess(f"N53_breaches_{end}.csv", (BREACH + line).encode(), rulebook):
                load(run, rulebook, result)
        found = [
            each for each in reconciled(store, rulebook, run_id="run") if each.return_id and each.measure == "rows"
        ]
    counts = {str(each.period_end): (each.superseded, each.replaced, each.in_unified) for each in found}
    assert counts == {ENDS[0]: (0, 1, 0), ENDS[1]: (1, 0, 0), ENDS[2]: (0, 0, 1)}
