"""A store of every earlier version, opened by this program: its tables are the same, and work goes on."""

from __future__ import annotations

import hashlib
import shutil
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from places import Outcome
from probation_etl.audit.verify import verify
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.stores import connect, store_path
from probation_etl.stores.duckdb import DuckDBEngine
from probation_etl.stores.engine import Engine
from probation_etl.stores.migrations import MIGRATIONS, SCHEMAS
from probation_etl.stores.postgres import PostgresEngine

STORES = Path(__file__).parents[1] / "data" / "stores"
TABLES = ("breach", "suspended_breach", "caseload", "weekly_breaches", "national_tracker")
Tables = dict[str, list[tuple[Any, ...]]]


def engine_of(url: str) -> Engine:
    path = store_path(url)
    return PostgresEngine(url) if path is None else DuckDBEngine(path)


@pytest.fixture
def before(url: str) -> Tables:
    """The unified tables of a store of version 1, which the fixture makes."""
    with closing(engine_of(url)) as engine:
        for schema in SCHEMAS:
            if schema not in ("received", "released"):  # schemas of versions 2 and 3
                engine.execute(f"CREATE SCHEMA {schema}")
        engine.execute("CREATE TABLE ledger.migrations (version INTEGER PRIMARY KEY)")
        engine.execute(MIGRATIONS[0])
        engine.execute("INSERT INTO ledger.migrations VALUES (1)")
        engine.execute((STORES / "version_1.sql").read_text(encoding="utf-8"))
        return {name: in_order(engine.frame(f"SELECT * FROM unified.{name}").rows()) for name in TABLES}


@pytest.fixture
def before_3(url: str) -> Tables:
    """The unified tables of a store of version 2, which the fixture makes."""
    with closing(engine_of(url)) as engine:
        for schema in SCHEMAS:
            if schema != "released":  # a schema of version 3
                engine.execute(f"CREATE SCHEMA {schema}")
        engine.execute("CREATE TABLE ledger.migrations (version INTEGER PRIMARY KEY)")
        for version in (1, 2):
            engine.execute(MIGRATIONS[version - 1])
            engine.execute("INSERT INTO ledger.migrations VALUES ($1)", [version])
        engine.execute((STORES / "version_2.sql").read_text(encoding="utf-8"))
        for path in sorted((STORES / "version_1").iterdir()):
            content, name = path.read_bytes(), hashlib.sha256(path.read_bytes()).hexdigest()
            engine.execute("INSERT INTO received.files VALUES ($1, $2)", [name, zlib.compress(content, level=1)])
        return {name: in_order(engine.frame(f"SELECT * FROM unified.{name}").rows()) for name in TABLES}


def in_order(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted(rows, key=repr)


def test_a_store_of_version_1_holds_the_same_tables_and_every_invariant(
    url: str, before: Tables, shipped_rulebook: Rulebook
) -> None:
    assert [len(before[name]) for name in TABLES[:3]] == [6, 6, 2]
    with connect(url, shipped_rulebook.contracts, shipped_rulebook.tables) as store:
        assert store.query("SELECT MAX(version) AS v FROM ledger.migrations").item() == len(MIGRATIONS)
        assert {name: in_order(store.table(name).rows()) for name in TABLES} == before
        ledger = store.returns()
        assert ledger["attempt"].to_list() == [1, 1, 1, 1, 1, 1, 1, 2]
        assert ledger["is_current"].to_list() == [False, False, False, True, False, True, True, True]
        assert [each for each in verify(store, shipped_rulebook).proofs if each.faults] == []


@pytest.mark.usefixtures("before", "quick")
def test_the_same_inbox_is_unchanged_and_a_withdrawal_brings_back_what_version_1_loaded(
    url: str, tmp_path: Path, command: Callable[..., Outcome], shipped_rulebook: Rulebook
) -> None:
    shutil.copytree(STORES / "version_1", tmp_path / "inbox")
    arguments = ("run", tmp_path / "inbox", "--store", url, "--reports", tmp_path / "reports", "--json")
    again = command(*arguments)
    assert {each["verdict"] for each in again.json["returns"]} == {"unchanged"}
    assert len(again.json["returns"]) == 7
    with connect(url, shipped_rulebook.contracts, shipped_rulebook.tables) as store:
        name = store.returns().filter("is_current", contract_id="nps-caseload")["return_id"].item()
    out = command("store", "withdraw", url, name, "--reason", "sent too early", "--reports", tmp_path / "reports")
    assert (out.code, out.err) == (0, "")
    with connect(url, shipped_rulebook.contracts, shipped_rulebook.tables) as store:
        assert sorted(store.table("caseload")["cases"]) == [330, 420]
        assert verify(store, shipped_rulebook).holds
    (tmp_path / "inbox" / "N53_caseload_2020-10-12.csv").write_bytes(
        (STORES / "version_1" / "N53_caseload_2020-09-28.csv").read_bytes().replace(b"2020-09-28", b"2020-10-12")
    )
    assert [each["verdict"] for each in command(*arguments).json["returns"]].count("accepted") == 1
    with connect(url, shipped_rulebook.contracts, shipped_rulebook.tables) as store:
        assert store.table("caseload").height == 4
        assert verify(store, shipped_rulebook).holds


@pytest.mark.usefixtures("before", "quick")
def test_a_row_of_version_1_is_traced_to_its_file_with_a_note_that_its_cells_were_not_kept(
    url: str, command: Callable[..., Outcome]
) -> None:
    found = command("trace", "--store", url, "caseload", "grade=probation_officer", "--json").json
    (row,) = found["rows"]
    assert (row["file"], row["source_row"], row["cells"]) == ("N53_caseload_2020-09-28_v2.csv", 2, [])
    assert "was not kept" in row["cells_missing"]
    assert "was not kept" in command("trace", "--store", url, "caseload", "grade=probation_officer").out


def test_a_store_of_version_2_holds_the_same_tables_and_every_invariant_and_has_released_nothing(
    url: str, before_3: Tables, shipped_rulebook: Rulebook
) -> None:
    assert [len(before_3[name]) for name in TABLES[:3]] == [6, 6, 2]
    with connect(url, shipped_rulebook.contracts, shipped_rulebook.tables) as store:
        assert store.query("SELECT MAX(version) AS v FROM ledger.migrations").item() == len(MIGRATIONS)
        assert {name: in_order(store.table(name).rows()) for name in TABLES} == before_3
        assert store.returns().filter("withdrawn")["file"].to_list() == ["N53_caseload_2020-09-28_v2.csv"]
        assert [each for each in verify(store, shipped_rulebook).proofs if each.faults] == []
        assert store.releases.newest() is None
        assert {store.query(f"SELECT * FROM released.{name}").height for name in TABLES} == {0}


@pytest.mark.usefixtures("quick")
def test_what_version_2_loaded_is_released_with_the_next_run_that_passes(
    url: str, before_3: Tables, tmp_path: Path, command: Callable[..., Outcome], shipped_rulebook: Rulebook
) -> None:
    shutil.copytree(STORES / "version_1", tmp_path / "inbox")
    # It was withdrawn, which would be told: then the run would have something to do.
    (tmp_path / "inbox" / "N53_caseload_2020-09-28_v2.csv").unlink()
    arguments = ("run", tmp_path / "inbox", "--store", url, "--reports", tmp_path / "reports", "--json")
    unchanged = command(*arguments).json
    assert {each["verdict"] for each in unchanged["returns"]} == {"unchanged"}
    assert (unchanged["released"], unchanged["release"]) == (False, None)
    (tmp_path / "inbox" / "N53_caseload_2020-10-12.csv").write_bytes(
        (STORES / "version_1" / "N53_caseload_2020-09-28.csv").read_bytes().replace(b"2020-09-28", b"2020-10-12")
    )
    loaded = command(*arguments).json
    assert (loaded["released"], loaded["release"]["run_id"]) == (True, loaded["run_id"])
    with connect(url, shipped_rulebook.contracts, shipped_rulebook.tables) as store:
        assert store.query("SELECT * FROM released.caseload").height == len(before_3["caseload"]) + 2
        assert in_order(store.query("SELECT * FROM released.breach").rows()) == before_3["breach"]
        assert verify(store, shipped_rulebook).holds
