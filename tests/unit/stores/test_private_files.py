"""Nobody else can read what DuckDB writes beside a store: the log of a commit, and what memory cannot hold."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from probation_etl.errors import StoreError
from probation_etl.stores import confined, queries_apart
from probation_etl.stores.duckdb import DuckDBEngine
from probation_etl.stores.private_files import PrivateFiles

#: Commits a row, spills, and is killed while a second transaction is open.
_KILLED = """
import os, signal, sys
from contextlib import suppress
from pathlib import Path
from probation_etl.errors import StoreError
from probation_etl.stores.duckdb import DuckDBEngine
from probation_etl.stores.private_files import PrivateFiles
# What is set afterwards is refused.
PrivateFiles.configuration = {"memory_limit": "12MB", "threads": 1}
engine = DuckDBEngine(Path(sys.argv[1]))
engine._checkpoint = lambda: None
with engine.transaction():
    engine.execute("CREATE TABLE t (x BIGINT); INSERT INTO t VALUES (1)")
engine.execute("BEGIN; INSERT INTO t VALUES (2)")
with suppress(StoreError):  # whether it ends for want of memory matters not: it has overflowed by then
    engine.execute("CREATE TEMP TABLE s AS SELECT md5(x::VARCHAR) AS m FROM range(150000) AS r(x) ORDER BY m")
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(autouse=True)
def _usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, str]:
    """Modes of all that others may look into: what is in a private folder is private."""
    return {each.name: oct(each.stat().st_mode & 0o777) for each in folder.iterdir() if not each.name.endswith(".lock")}


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[DuckDBEngine]:
    made = DuckDBEngine(tmp_path / "a.duckdb")
    yield made
    made.close()


def test_the_log_is_private_from_its_first_byte_to_its_last(engine: DuckDBEngine, tmp_path: Path) -> None:
    wanted = {"a.duckdb": "0o600", "a.duckdb.wal": "0o600", "a.duckdb.tmp": "0o700"}
    with engine.transaction():
        engine.execute("CREATE TABLE t (x BIGINT); INSERT INTO t VALUES (1)")
        assert modes(tmp_path) == wanted
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "_checkpoint", lambda: None)
        for _ in range(2):
            with engine.transaction():
                engine.execute("INSERT INTO t VALUES (1)")
            assert (tmp_path / "a.duckdb.wal").stat().st_size
            assert modes(tmp_path) == wanted
    engine.close()
    assert modes(tmp_path) == {"a.duckdb": "0o600", "a.duckdb.wal": "0o600"}


def test_what_a_killed_process_leaves_is_private(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    done = subprocess.run([sys.executable, "-c", _KILLED, str(path)], check=False, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert modes(tmp_path) == {"a.duckdb": "0o600", "a.duckdb.wal": "0o600", "a.duckdb.tmp": "0o700"}
    assert list((tmp_path / "a.duckdb.tmp").iterdir())
    # One that an earlier version has left is made private before it is read.
    path.with_name("a.duckdb.wal").chmod(0o644)
    engine = DuckDBEngine(path)
    assert engine.value("SELECT COUNT(*) FROM t") == 1
    assert set(modes(tmp_path).values()) <= {"0o600", "0o700"}
    engine.close()
    # What the dead process had no memory for are rows too. The engine sees that nobody uses them any more, and leaves a mark at most.
    assert not any(each.stat().st_size for each in (tmp_path / "a.duckdb.tmp").glob("*"))


def test_what_another_connection_of_this_process_has_put_on_the_disk_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PrivateFiles, "configuration", {"memory_limit": "24MB", "threads": 1})
    path = tmp_path / "a.duckdb"
    with closing(DuckDBEngine(path)) as engine, engine.transaction():
        engine.execute("CREATE TEMP TABLE s AS SELECT md5(x::VARCHAR) AS m FROM range(900000) AS r(x)")
        before = set((tmp_path / "a.duckdb.tmp").iterdir())
        assert before
        DuckDBEngine(path).close()
        assert set((tmp_path / "a.duckdb.tmp").iterdir()) == before
        assert engine.value("SELECT COUNT(DISTINCT m) FROM (SELECT m FROM s LIMIT 5000)") == 5000


def test_nothing_is_left_beside_a_store_that_was_only_looked_at(engine: DuckDBEngine, tmp_path: Path) -> None:
    with engine.transaction(keep=False):
        engine.execute("CREATE TABLE t (x BIGINT)")
    engine.close()
    assert [each.name for each in tmp_path.iterdir()] == ["a.duckdb"]


def test_nothing_is_left_beside_a_file_that_is_no_store(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    path.write_bytes(b"no store")
    with pytest.raises(StoreError):
        DuckDBEngine(path)
    assert [each.name for each in tmp_path.iterdir()] == ["a.duckdb"]


def test_a_store_in_memory_overflows_into_a_private_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    engine = DuckDBEngine(None)
    folder = Path(engine.value("SELECT current_setting('temp_directory')"))
    assert folder.stat().st_mode & 0o777 == 0o700
    engine.close()
    assert not folder.exists()
    assert list(tmp_path.iterdir()) == []


def test_the_log_beside_the_file_that_a_link_leads_to_is_private(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    DuckDBEngine(tmp_path / "there" / "a.duckdb").close()
    (tmp_path / "link.duckdb").symlink_to(tmp_path / "there" / "a.duckdb")
    engine = DuckDBEngine(tmp_path / "link.duckdb")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "_checkpoint", lambda: None)
        with engine.transaction():
            engine.execute("CREATE TABLE t (x BIGINT)")
    logs = list(tmp_path.rglob("*.wal"))
    assert logs
    assert {each.stat().st_mode & 0o777 for each in logs} == {0o600}
    engine.close()


def test_the_umask_of_the_process_stays_as_it_is(tmp_path: Path) -> None:
    DuckDBEngine(tmp_path / "a.duckdb").close()
    assert os.umask(0o022) == 0o022


def test_duckdb_takes_a_log_that_is_there(tmp_path: Path) -> None:
    # What this module rests on: were it to make the log anew, it would be everybody's to read.
    with duckdb.connect(str(tmp_path / "a.duckdb")) as connection:
        log = tmp_path / "a.duckdb.wal"
        log.touch(mode=0o600)
        connection.execute("CREATE TABLE t (x BIGINT)")
        assert log.stat().st_size
        assert log.stat().st_mode & 0o777 == 0o600


def test_what_is_more_than_an_engine_takes_goes_to_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confined, "_MEGABYTES", 48)
    monkeypatch.setattr(confined, "_FOR_A_THREAD", 0)
    monkeypatch.setattr(queries_apart, "_PIECE", 10_000)
    with closing(DuckDBEngine(tmp_path / "a.duckdb")) as engine, engine.transaction(keep=False):
        engine.execute("CREATE SCHEMA unified")
        engine.execute(
            "CREATE TEMPORARY TABLE t AS SELECT md5(x::VARCHAR) AS a, md5(x::VARCHAR) AS b FROM range(800_000) AS r(x)"
        )
        assert any((tmp_path / "a.duckdb.tmp").iterdir())
        engine.execute("CREATE VIEW unified.t AS SELECT * FROM temp.t")
        query = "SELECT COUNT(*) FROM unified.t WHERE a = b"
        with engine.counting(60, [query]) as count:
            assert count(query) == 800_000
        heights = [each.height for each in engine.frames("SELECT * FROM temp.t", 300_000)]
        assert sum(heights) == 800_000
        assert max(heights) <= 300_000
    assert [each.name for each in tmp_path.iterdir()] == ["a.duckdb"]
