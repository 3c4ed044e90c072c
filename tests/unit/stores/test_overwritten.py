"""A checkpoint that was cut off is undone, so that the log has what is to be done; one that was completed is left as it is."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest

from probation_etl.errors import StoreError
from probation_etl.stores.duckdb import DuckDBEngine
from probation_etl.stores.duckdb_file import locked
from probation_etl.stores.overwritten import KEPT, Overwritten, put_back

SIZE = 262_144


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "store.duckdb"
    write(path, "CREATE TABLE loans AS SELECT 1 AS fine")
    return path


def write(store: Path, statement: str) -> None:
    with closing(DuckDBEngine(store)) as engine, engine.transaction():
        engine.execute(statement)


def cut_off(store: Path, damage: Callable[[], None]) -> None:
    with closing(Overwritten(store)) as overwritten, suppress(KeyboardInterrupt), overwritten.kept([0], SIZE):
        damage()
        raise KeyboardInterrupt


def overwrite(store: Path, *places: int) -> None:
    with store.open("r+b") as file:
        for place in places:
            file.seek(place)
            file.write(b"half of it")


@pytest.mark.parametrize("places", [(12_288 + 9_000,), (4_096 + 50, 12_288 + 9_000), (8_192 + 50,)])
def test_what_was_half_overwritten_is_put_back(store: Path, places: tuple[int, ...]) -> None:
    before = store.read_bytes()
    cut_off(store, lambda: overwrite(store, *places))
    with pytest.raises(StoreError):
        DuckDBEngine(store)
    with locked(store), closing(DuckDBEngine(store)) as engine:
        assert engine.rows("SELECT fine FROM loans") == [(1,)]
    assert store.read_bytes() == before
    assert not store.with_name(f"{store.name}{KEPT}").exists()


def test_what_was_completed_since_stays(store: Path) -> None:
    cut_off(store, lambda: None)
    kept = store.with_name(f"{store.name}{KEPT}")
    content = kept.read_bytes()
    write(store, "INSERT INTO loans VALUES (2)")
    after = store.read_bytes()
    for left in (content, content[:-1], b""):
        kept.write_bytes(left)
        put_back(store)
        assert (store.read_bytes() == after, kept.exists()) == (True, False)


def test_who_closes_a_store_without_a_commit_leaves_its_log_to_the_next(store: Path, tmp_path: Path) -> None:
    with closing(DuckDBEngine(store)) as engine:
        # As a crash after the commit leaves it: nothing of it is in the file yet.
        engine._connection.execute("INSERT INTO loans VALUES (2)").complete()
        before, log = store.read_bytes(), Path(f"{store}.wal").read_bytes()
    left = tmp_path / "left.duckdb"
    left.write_bytes(before)
    Path(f"{left}.wal").write_bytes(log)
    with closing(DuckDBEngine(left)) as engine:
        assert engine.rows("SELECT COUNT(*) FROM loans") == [(2,)]
    assert (left.read_bytes(), Path(f"{left}.wal").read_bytes()) == (before, log)
    write(left, "INSERT INTO loans VALUES (3)")
    assert not Path(f"{left}.wal").exists()
