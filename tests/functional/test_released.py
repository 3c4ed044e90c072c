"""Readers of the schema ``released`` see what passed the release checks last, whatever is loaded meanwhile."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from databases import new_database
from lending import CANARY, UNIFIED, VIEW, Lending
from places import Outcome
from probation_etl.audit.verify import verify
from probation_etl.contracts.rulebook import load_rulebook
from probation_etl.stores import connect, store_path
from probation_etl.stores.duckdb import DuckDBEngine
from probation_etl.stores.engine import Engine
from probation_etl.stores.postgres import PostgresEngine

FIRST, SECOND = "B_lending_2020-03-08.csv", "B_lending_2020-03-15.csv"


@pytest.fixture
def lending(url: str, tmp_path: Path, command: Callable[..., Outcome]) -> Lending:
    place = Lending(tmp_path, url, command)
    place.write()
    return place


def engine_of(url: str) -> Engine:
    path = store_path(url)
    return PostgresEngine(url) if path is None else DuckDBEngine(path)


def rows(lending: Lending, table: str) -> list[tuple[Any, ...]]:
    """What a reader sees, who knows nothing of the program."""
    with closing(engine_of(lending.url)) as engine:
        return sorted(engine.rows(f"SELECT * FROM {table}"), key=repr)


def damage(lending: Lending, statement: str) -> None:
    with closing(engine_of(lending.url)) as engine:
        engine.execute(statement)


def faults(lending: Lending) -> set[str]:
    """Invariants that do not hold."""
    book = load_rulebook(lending.contracts)
    with connect(lending.url, book.contracts, book.tables) as store:
        return {each.name for each in verify(store, book).proofs if each.faults}


def test_a_load_that_fails_a_check_is_kept_and_readers_see_the_state_before(lending: Lending) -> None:
    lending.send(FIRST, ("1", 0), ("2", 20))
    first = lending.json()
    assert (first["exit_code"], first["released"], first["release"]["run_id"]) == (0, True, first["run_id"])
    before = {table: rows(lending, f"released.{table}") for table in ("loan", "loans_by_week")}
    assert before["loan"] == rows(lending, "unified.loan")
    assert len(before["loan"]) == 2

    lending.send(SECOND, ("3", 40), ("4", 41), day="2020-03-10")
    second = lending.json()
    assert {each["verdict"] for each in second["returns"]} == {"accepted", "unchanged"}
    assert [(each["table"], each["check"]) for each in second["release_checks"] if not each["passed"]] == [
        ("loan", "table|fines_together"), ("loan", "table|nobody_owes"),
    ]  # fmt: skip
    assert second["exit_code"] == 1
    assert (second["released"], second["release"]) == (False, first["release"])
    assert {table: rows(lending, f"released.{table}") for table in before} == before
    assert len(rows(lending, "unified.loan")) == 4
    assert faults(lending) == set()

    third = lending.json()  # nothing new: still not released, and said so
    assert (third["released"], third["release"], third["release_checks"]) == (False, first["release"], [])
    assert rows(lending, "released.loan") == before["loan"]

    lending.send("B_lending_2020-03-15_v2.csv", ("3", 40), day="2020-03-10")
    mended = lending.json()
    assert (mended["exit_code"], mended["released"], mended["release"]["run_id"]) == (0, True, mended["run_id"])
    assert rows(lending, "released.loan") == rows(lending, "unified.loan")
    assert len(rows(lending, "released.loan")) == 3
    assert faults(lending) == set()


def test_a_withdrawal_that_makes_the_checks_pass_releases_and_one_that_breaks_them_does_not(
    lending: Lending, command: Callable[..., Outcome]
) -> None:
    lending.send(FIRST, ("1", 60))
    lending.send(SECOND, ("2", 50), day="2020-03-10")
    assert lending.run().code == 1
    assert rows(lending, "released.loan") == []
    (name,) = {row[-2] for row in rows(lending, "unified.loan") if row[1] == f"{CANARY}1"}
    where = ("--contracts", lending.contracts, "--reports", lending.reports, "--reason", "a slip", "--json")
    out = command("store", "withdraw", lending.url, name, *where).json
    assert (out["exit_code"], out["released"]) == (0, True)
    assert [row[1] for row in rows(lending, "released.loan")] == [f"{CANARY}2"]
    back = command("store", "withdraw", lending.url, name, "--reinstate", *where).json
    assert (back["exit_code"], back["released"], back["release"]) == (1, False, out["release"])
    assert [row[1] for row in rows(lending, "released.loan")] == [f"{CANARY}2"]
    assert faults(lending) == set()


def test_a_pattern_lets_the_same_values_into_the_store_and_into_a_release(lending: Lending) -> None:
    lending.write(unified=UNIFIED.replace("ticket, logicalType: string,", r"""ticket, logicalType: string,
         logicalTypeOptions: {pattern: '^[A-Z\d]+[\d-]{3}$'},""", 1))  # fmt: skip
    lending.send(FIRST, ("1-2", 0), ("3-4", 5))
    out = lending.json()
    assert [each for each in out["release_checks"] if not each["passed"] and each["severity"] == "error"] == []
    assert (out["exit_code"], out["released"]) == (0, True)
    assert len(rows(lending, "released.loan")) == 2


def test_a_dry_run_releases_nothing(lending: Lending) -> None:
    lending.send(FIRST, ("1", 0))
    lending.run()
    lending.send(SECOND, ("2", 0), day="2020-03-10")
    assert lending.run("--dry-run").code == 0
    assert len(rows(lending, "released.loan")) == 1


def test_another_contract_changes_what_is_released_only_with_the_next_release(lending: Lending) -> None:
    lending.send(FIRST, ("1", 0), ("2", 5))
    lending.run()
    before = rows(lending, "released.loans_by_week")
    lending.write(view=VIEW.replace("COUNT(*) AS loans", "COUNT(*) + 7 AS loans"))
    assert lending.check().code == 0
    assert rows(lending, "unified.loans_by_week") != before == rows(lending, "released.loans_by_week")
    assert faults(lending) == set()
    assert lending.json()["released"] is False
    assert "Released" in lending.check("--release").out
    assert rows(lending, "released.loans_by_week") == rows(lending, "unified.loans_by_week")
    assert faults(lending) == set()


def test_another_key_changes_what_is_released_only_with_the_next_release(lending: Lending) -> None:
    lending.send(FIRST, ("1", 0), ("2", 5))
    lending.send(SECOND, ("1", 0), day="2020-03-10")
    lending.run()
    before = {table: rows(lending, f"released.{table}") for table in ("loan", "loans_by_week")}
    assert len(before["loan"]) == 2
    by_day = "{name: lent_on, logicalType: date, required: true, primaryKey: true, primaryKeyPosition: 3}"
    lending.write(unified=UNIFIED.replace("{name: lent_on, logicalType: date, required: true}", by_day))
    assert lending.check().code == 0
    assert len(rows(lending, "unified.loan")) == 3
    assert {table: rows(lending, f"released.{table}") for table in before} == before
    assert faults(lending) == set()
    assert lending.check("--release").code == 0
    assert rows(lending, "released.loan") == rows(lending, "unified.loan")
    assert faults(lending) == set()


def test_a_column_more_is_released_and_a_table_that_is_gone_goes(lending: Lending) -> None:
    lending.send(FIRST, ("1", 0))
    lending.run()
    lending.write(
        unified=UNIFIED.replace("    quality:", "      - {name: shelf, logicalType: string}\n    quality:", 1)
    )
    (lending.contracts / "loans_by_week.odcs.yaml").unlink()
    assert lending.check("--release").code == 0
    with closing(engine_of(lending.url)) as engine:
        found = "SELECT column_name FROM information_schema.columns WHERE table_schema = 'released' ORDER BY 1"
        assert [row[0] for row in engine.rows(found)] == [
            "branch", "fine", "lent_on", "return_id", "shelf", "source_row", "ticket",
        ]  # fmt: skip
    assert faults(lending) == set()


#: What is done to a store, and the invariants that it breaks.
DAMAGE = {
    "CREATE OR REPLACE VIEW released.loan AS SELECT * FROM unified.loan": {"released"},
    "CREATE OR REPLACE VIEW released_rows.loan AS SELECT * FROM current_rows.loan": {"released"},
    "UPDATE history.loan SET until_run = 1 WHERE fine = 5": {"released", "times", "unified", "totals"},
    "UPDATE history.loan SET from_run = 2 WHERE fine = 5": {"released", "times"},
    "DELETE FROM ledger.releases": {"released", "ledger-file"},
}


def test_what_was_changed_behind_the_ledger_is_found(tmp_path: Path, command: Callable[..., Outcome]) -> None:
    lending = Lending(tmp_path, f"duckdb:///{tmp_path / 'store.duckdb'}", command)
    lending.write()
    lending.send(FIRST, ("1", 0), ("2", 5))
    lending.run()
    lending.send(SECOND, ("3", 50), ("4", 50), day="2020-03-10")
    assert lending.run().code == 1  # what is released is an earlier state now
    assert faults(lending) == set()
    for number, (statement, broken) in enumerate(DAMAGE.items()):
        shutil.copy(tmp_path / "store.duckdb.ledger.jsonl", tmp_path / f"{number}.duckdb.ledger.jsonl")
        shutil.copy(tmp_path / "store.duckdb", tmp_path / f"{number}.duckdb")
        damaged = replace(lending, url=f"duckdb:///{tmp_path / f'{number}.duckdb'}")
        damage(damaged, statement)
        assert faults(damaged) == broken, statement


def test_a_reader_keeps_the_right_to_read_and_sees_no_load_before_it_is_released(
    server: str, tmp_path: Path, command: Callable[..., Outcome]
) -> None:
    lending = Lending(tmp_path, new_database(server), command)
    lending.write()
    lending.send(FIRST, ("1", 0))
    lending.run()
    with psycopg.connect(lending.url, autocommit=True) as reader:
        reader.execute("DROP ROLE IF EXISTS analyst")
        reader.execute("CREATE ROLE analyst")
        reader.execute(
            "GRANT USAGE ON SCHEMA released TO analyst; GRANT SELECT ON ALL TABLES IN SCHEMA released TO analyst"
        )
        reader.execute("SET ROLE analyst")
        lending.send(SECOND, ("2", 0), day="2020-03-10")
        lending.run()
        assert reader.execute("SELECT COUNT(*) FROM released.loan").fetchone() == (2,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute("SELECT COUNT(*) FROM unified.loan")
        reader.execute("RESET ROLE; DROP OWNED BY analyst; DROP ROLE analyst")


def test_what_a_library_user_loads_one_by_one_is_not_released_before_it_is_checked(lending: Lending) -> None:
    import probation_etl as pe

    lending.send(FIRST, ("1", 0))
    contract = pe.load_contract(lending.contracts / "lending.odcs.yaml")
    result = pe.validate(lending.root / "inbox" / FIRST, contract)
    with pe.open_store(lending.url, contracts=lending.contracts) as store:
        store.load(result, pe.harmonise(result))
        assert store.releases.newest() is None
    assert rows(lending, "released.loan") == []
    assert lending.check("--release").code == 0
    assert len(rows(lending, "released.loan")) == 1
