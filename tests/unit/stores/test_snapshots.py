"""A copy of a store that is being written is the state after some commit, whole, and no earlier than the last one seen."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from probation_etl.errors import LockedError
from probation_etl.stores import duckdb_snapshot
from probation_etl.stores.duckdb_snapshot import DuckDBSnapshot

READS = int(os.environ.get("PROBATION_ETL_EXAMPLES", "25"))
#: Commits as runs do, small and large, with a checkpoint after most; rows come and go, so that blocks are used again.
_WRITER = """
import duckdb, random, sys, time
chance, number = random.Random(1), 0
with duckdb.connect(sys.argv[1]) as connection:
    connection.execute("CREATE TABLE IF NOT EXISTS rows (run INTEGER, number BIGINT, text VARCHAR)")
    connection.execute("CREATE TABLE IF NOT EXISTS runs (run INTEGER, height BIGINT)")
    print("begun", flush=True)
    while True:
        number += 1
        height = chance.choice([1, 10, 200, 5_000, 50_000])
        connection.execute("BEGIN")
        connection.execute(f"INSERT INTO rows SELECT {number}, i, repeat('x', (i % 40)::INTEGER) FROM range({height}) t(i)")
        connection.execute(f"INSERT INTO runs VALUES ({number}, {height})")
        if number % 7 == 0:
            connection.execute(f"DELETE FROM rows WHERE run < {number - 5}")
            connection.execute(f"DELETE FROM runs WHERE run < {number - 5}")
        connection.execute("COMMIT")
        if chance.random() < 0.7:
            connection.execute("CHECKPOINT")
        time.sleep(chance.random() / 10)
"""


def test_every_read_beside_a_writer_sees_the_whole_state_after_some_commit(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    states, last = set(), 0
    arguments = [sys.executable, "-c", _WRITER, str(path)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as writer:
        try:
            assert writer.stdout
            assert writer.stdout.readline() == "begun\n"
            for _ in range(READS):
                engine = DuckDBSnapshot(path)
                runs = dict(engine.rows("SELECT run, height FROM runs"))
                heights = engine.rows("SELECT run, COUNT(*), SUM(number), SUM(LENGTH(text)) FROM rows GROUP BY run")
                engine.close()
                assert {run: height for run, height, *_ in heights} == runs
                assert all(total == height * (height - 1) // 2 for _, height, total, _ in heights)
                newest = max(runs, default=0)
                assert sorted(runs) == list(range(newest - len(runs) + 1, newest + 1))
                assert newest >= last
                states.add(newest)
                last = newest
        finally:
            writer.kill()
    assert len(states) > 3


def test_commits_that_are_in_the_log_alone_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    script = "import duckdb, os, sys; c = duckdb.connect(sys.argv[1]); c.execute('CREATE TABLE t AS SELECT 1 AS x'); os._exit(0)"
    subprocess.run([sys.executable, "-c", script, path], check=True, timeout=60)
    assert path.with_name("a.duckdb.wal").stat().st_size
    engine = DuckDBSnapshot(path)
    engine.seal()
    assert engine.rows("SELECT x FROM t") == [(1,)]
    engine.close()
    assert path.with_name("a.duckdb.wal").stat().st_size


def test_a_store_that_changes_during_every_copy_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.duckdb"
    DuckDBSnapshot(_new(path)).close()
    copy = duckdb_snapshot.shutil.copyfile

    def written_meanwhile(source: Path, target: Path) -> None:
        copy(source, target)
        with path.open("r+b") as file:
            file.write(file.read(1))

    monkeypatch.setattr(duckdb_snapshot, "_SECONDS", 0.3)
    monkeypatch.setattr(duckdb_snapshot.shutil, "copyfile", written_meanwhile)
    with pytest.raises(LockedError, match="changes all the time"):
        DuckDBSnapshot(path)


def _new(path: Path) -> Path:
    duckdb_snapshot.DuckDBEngine(path).close()
    return path
