"""Damage to a store is found: each invariant, broken on purpose, is named with its return or table."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest
from senders import CASELOAD, SUSPENSION, breach, extract, put, suspension

from databases import ENGINES, SWEEP, new_store
from places import Outcome, Place, alone, carry_out, speed_up
from probation_etl.audit.verify import OF_EACH_RETURN, OF_THE_STORE, Verification, verify
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.runs.take import Manner, take
from probation_etl.stores import LedgerPlace, Store, connect, store_path
from probation_etl.stores.duckdb import DuckDBEngine
from probation_etl.stores.engine import Engine
from probation_etl.stores.postgres import PostgresEngine
from probation_etl.stores.statements import OPEN

DAYS = {"referral_date": "2020-09-08", "logged_date": "2020-09-10"}
HEARD = {"hearing_date": "2020-10-01", "nsi_status_code": "BRE08"}
LOAD = {**CASELOAD, "snapshot_date": "2020-09-28", "fte": "10.00", "caseload": "400", "average_caseload": "40.0"}
#: What arrives, a run each. The suspension of case 6 is in quarantine until its breach has come.
RUNS = (
    ("N53_breaches_2020-09-28.csv", extract(*(breach(each, **DAYS) for each in range(1, 6)))),
    (
        "N53_suspended_breaches_2020-09-28.csv",
        extract(*(suspension(each) for each in (1, 2, 6)), header=tuple(SUSPENSION)),
    ),
    ("N53_caseload_2020-09-28.csv", extract(LOAD, header=tuple(CASELOAD))),
    (
        "N53_caseload_2020-09-28_v2.csv",
        extract({**LOAD, "caseload": "401", "average_caseload": "40.1"}, header=tuple(CASELOAD)),
    ),
    ("N53_breaches_2020-09-28_v2.csv", extract(*(breach(each, **DAYS) for each in range(1, 7)))),
    ("N53_breaches_2020-10-12.csv", extract(*(breach(each, **DAYS, **HEARD) for each in (3, 8)))),
    (
        "N52_breaches_2020-09-28.csv",
        extract(*(breach(each, **DAYS, provider_code="N52", ldu_code="") for each in range(10, 40)), breach(9, **DAYS)),
    ),
)
OWN = "return_id LIKE 'nps-breaches:1.0.0:N53:2020-10-12:%'"
SUPERSEDED = "return_id = (SELECT MIN(return_id) FROM ledger.returns WHERE file = 'N53_caseload_2020-09-28.csv')"
QUARANTINED = "return_id LIKE 'nps-breaches:1.0.0:N52:%'"
SHOWN = "CREATE OR REPLACE VIEW unified.caseload AS SELECT * FROM"
#: What is done to the store; the invariant that it breaks; what the fault must say of the name of the return or table.
DAMAGE: dict[str, tuple[str, str, str]] = {
    "a row of history is gone": (f"DELETE FROM history.breach WHERE {OWN} AND source_row = 2", "history", "2020-10-12"),
    "a measure was changed": (f"UPDATE history.caseload SET cases = 7 WHERE {SUPERSEDED}", "history", "nps-caseload"),
    "a text was changed": (f"UPDATE history.breach SET court = 'X' WHERE {OWN}", "cells", "2020-10-12"),
    "a row is there twice": (
        f"INSERT INTO history.breach SELECT * FROM history.breach WHERE {OWN}", "history", "2020-10-12",
    ),
    "a row has no return": (f"UPDATE history.breach SET return_id = 'nobody' WHERE {OWN}", "history", "nobody"),
    "a row of another place": (f"UPDATE history.breach SET source_row = 99 WHERE {OWN} AND source_row = 2", "source-rows", "2020-10-12"),
    "an entry of the ledger is gone": (f"DELETE FROM ledger.returns WHERE {OWN}", "sequence", "ledger.returns"),
    "the last entry of the ledger is gone": (f"DELETE FROM ledger.returns WHERE {QUARANTINED}", "sequence", "run "),
    "a run is gone": (
        f"DELETE FROM ledger.runs WHERE run_id = (SELECT MAX(run_id) FROM ledger.returns WHERE {OWN})", "sequence", "2020-10-12",
    ),
    "a release is gone": ("DELETE FROM ledger.releases WHERE sequence = 2", "ledger-file", "release 2"),
    "a number occurs twice": ("UPDATE ledger.returns SET sequence = 1 WHERE sequence = 2", "sequence", "ledger.returns"),
    "more accepted than read": (f"UPDATE ledger.returns SET rows_accepted = 9 WHERE {OWN}", "rows-read", "2020-10-12"),
    "a verdict was changed": (f"UPDATE ledger.returns SET verdict = 'rejected' WHERE {OWN}", "rows-read", "2020-10-12"),
    "another number was announced": (f"UPDATE ledger.returns SET control_rows = 9 WHERE {OWN}", "rows-read", "2020-10-12"),
    "a count of quarantined rows was changed": (
        f"UPDATE ledger.returns SET rows_read = rows_read + 1, rows_quarantined = 1 WHERE {OWN}", "quarantine", "2020-10-12",
    ),
    "a row in quarantine is gone": (f"DELETE FROM quarantine.rows WHERE {QUARANTINED}", "quarantine", "N52"),
    "findings are gone": (f"DELETE FROM quarantine.findings WHERE {QUARANTINED}", "quarantine", "N52"),
    "a row in quarantine has no return": (
        f"UPDATE quarantine.rows SET return_id = 'nobody' WHERE {QUARANTINED}", "quarantine", "nobody",
    ),
    "a total was changed": (f"UPDATE ledger.totals SET total = total + 1 WHERE {OWN}", "totals", "2020-10-12"),
    "totals are gone": (f"DELETE FROM ledger.totals WHERE {OWN}", "history", "2020-10-12"),
    "a received file was changed": (
        f"UPDATE received.files SET content = (SELECT MAX(content) FROM received.files) WHERE sha256 IN (SELECT sha256 FROM ledger.returns WHERE {OWN} OR {SUPERSEDED})",
        "received", "nps-",
    ),
    "a received file is not an archive": ("UPDATE received.files SET content = CAST('x' AS BYTEA)", "received", "nps-"),
    "a received file is gone": ("DELETE FROM received.files", "received", "nps-breaches"),
    "a received file has no return": ("UPDATE received.files SET sha256 = 'x' WHERE sha256 = (SELECT MIN(sha256) FROM received.files)", "received", "received.files x"),
    "a hash was changed": (f"UPDATE ledger.returns SET sha256 = 'x' WHERE {OWN}", "attempts", "2020-10-12"),
    "an attempt is numbered otherwise": ("UPDATE ledger.returns SET attempt = 3 WHERE attempt = 2", "attempts", ":2"),
    "a decision about nothing": ("INSERT INTO ledger.decisions SELECT 9, MAX(run_id), 'nobody', TRUE, 'x' FROM ledger.runs", "attempts", "nobody"),
    "a superseded return counts for another kind": (
        f"UPDATE ledger.returns SET kind = 'x' WHERE {SUPERSEDED}", "attempts", "nps-caseload",
    ),
    "a superseded return is shown as current": (
        "UPDATE ledger.standing SET is_current = TRUE", "current", "nps-caseload",
    ),
    "the past is shown": ("UPDATE ledger.standing SET is_current = FALSE", "newest-state", "nps-breaches"),
    "a table shows what is superseded": (f"{SHOWN} history.caseload", "unified", "unified.caseload"),
    "a key occurs twice": (f"{SHOWN} history.caseload", "keys", "unified.caseload"),
    "a table leaves out what is current": (f"{SHOWN} current_rows.caseload WHERE cases < 0", "totals", "nps-caseload"),
    "a view is computed otherwise": (
        "CREATE OR REPLACE VIEW unified.suspended_breach AS SELECT * FROM current_rows.suspended_breach WHERE event_number < 0",
        "unified", "unified.suspended_breach",
    ),
    "a breach went and its suspension was not validated again": (
        "INSERT INTO ledger.decisions SELECT 9, MAX(run_id), MAX(original_id), TRUE, 'x' FROM ledger.returns WHERE file LIKE 'N53_breaches_%_v2.csv'",
        "references", "nps-suspended-breaches",
    ),
    "an earlier state is shown": ("UPDATE ledger.shown SET run_sequence = 1", "newest-state", "ledger.shown"),
    "rows that were released are not shown": (
        "CREATE OR REPLACE VIEW released_rows.caseload AS SELECT * FROM current_rows.caseload WHERE cases < 0", "released", "released.caseload",
    ),
    "a row is current for longer than it was": (f"UPDATE history.caseload SET until_run = {OPEN} WHERE {SUPERSEDED}", "times", ""),
    "a reference table was changed": ("UPDATE reference.organisations SET name = 'x'", "reference-tables", "reference.organisations"),
}  # fmt: skip


@pytest.fixture(scope="module")
def stores(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, shipped_rulebook: Rulebook
) -> Iterator[Callable[[str], Engine]]:
    """A store on each engine, made once, when it is asked for."""
    made: dict[str, Engine] = {}
    with ExitStack() as stack:

        def store_on(name: str) -> Engine:
            if name not in made:
                directory = tmp_path_factory.mktemp("damaged")
                url = new_store(name, directory, request)
                made[name] = stack.enter_context(_filled(url, directory, shipped_rulebook))
            return made[name]

        yield store_on


@contextmanager
def _filled(url: str, directory: Path, shipped_rulebook: Rulebook) -> Iterator[Engine]:
    """A store with a correction, a second attempt, a later period and a row in quarantine."""
    with pytest.MonkeyPatch.context() as patch:
        speed_up(patch, shipped_rulebook)
        with connect(url, shipped_rulebook.contracts, shipped_rulebook.tables) as store:
            with store.transaction():
                store.ledger_file.agree(LedgerPlace(reports=directory))
            for name, content in RUNS:
                path = put(directory, **{name: content}) / name
                carry_out(lambda work, path=path: take(work, alone(directory, path), Manner()), store, shipped_rulebook)
    path = store_path(url)
    with closing(PostgresEngine(url) if path is None else DuckDBEngine(path)) as opened:
        yield opened


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, stores: Callable[[str], Engine]) -> Engine:
    return stores(request.param)


def verified(engine: Engine, rulebook: Rulebook) -> Verification:
    return verify(Store(engine, rulebook.contracts, rulebook.tables, "1"), rulebook)


def test_a_store_as_it_should_be_passes(engine: Engine, shipped_rulebook: Rulebook) -> None:
    found = verified(engine, shipped_rulebook)
    assert [each for each in found.proofs if each.faults] == []
    assert (found.holds, found.exit_code, found.returns) == (True, 0, 8)


# The proofs are the same on both engines: half of the kinds of damage are done on the one, half on the other; in the sweep
# all are done on both.
@pytest.mark.parametrize(
    ("engine", "damage"),
    [(name, each) for at, name in enumerate(ENGINES) for each in list(DAMAGE)[0 if SWEEP else at :: 1 if SWEEP else 2]],
    indirect=["engine"],
)
def test_damage_is_named(damage: str, engine: Engine, shipped_rulebook: Rulebook) -> None:
    statement, invariant, name = DAMAGE[damage]
    engine.execute("BEGIN")
    try:
        engine.execute(statement)
        found = verified(engine, shipped_rulebook)
    finally:
        engine.undo()
    broken = {each.name: each.faults for each in found.proofs if each.faults}
    assert invariant in broken
    assert any(name in fault.where for fault in broken[invariant]), broken[invariant]
    assert found.exit_code == 3


def test_every_invariant_was_broken() -> None:
    assert {invariant for _, invariant, _ in DAMAGE.values()} == {*OF_THE_STORE, *OF_EACH_RETURN}


@pytest.mark.usefixtures("quick")
def test_the_command_names_the_return_and_no_value_of_a_row(place: Place, command: Callable[..., Outcome]) -> None:
    for name, content in RUNS[:2]:
        place.put(name, content)
    command(*place.arguments)
    sound = command("store", "verify", place.url)
    assert (sound.code, sound.err) == (0, "")
    assert "all hold" in sound.out
    assert command("-q", "store", "verify", place.url).out == ""
    with closing(DuckDBEngine(place.store)) as engine:
        engine.execute("UPDATE history.breach SET ldu = 'X' WHERE case_reference = 'X990002'")
    damaged = command("store", "verify", place.url)
    assert (damaged.code, damaged.err) == (3, "")
    assert "cells: broken" in damaged.out
    assert "nps-breaches:1.0.0:N53:2020-09-28" in damaged.out
    assert "X99000" not in damaged.out
    as_json = command("store", "verify", place.url, "--json")
    assert (as_json.json["holds"], as_json.json["exit_code"], as_json.code) == (False, 3, 3)
    assert {each["name"] for each in as_json.json["invariants"] if each["faults"]} == {
        "cells", "ledger-file",
    }  # fmt: skip
    assert "X99000" not in json.dumps(as_json.json)


def test_there_must_be_a_store(tmp_path: Path, command: Callable[..., Outcome]) -> None:
    command("store", "verify", f"duckdb:///{tmp_path / 'none.duckdb'}").refused(3, "There is no store")
    assert list(tmp_path.iterdir()) == []
