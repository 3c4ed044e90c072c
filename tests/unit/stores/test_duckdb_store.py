"""What only the embedded store has: a file of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from contract_faults import contracts_of
from probation_etl.contracts.odcs import Contracts
from probation_etl.errors import LockedError, StoreError
from probation_etl.intake.received import InBytes
from probation_etl.stores import connect, opened_for_run, received

CANARY = "CANARY-Q987654"


@pytest.fixture
def contracts() -> Contracts:
    return contracts_of()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.duckdb"


def test_a_new_store_is_for_its_owner_alone_and_has_no_file_beside_it(path: Path, contracts: Contracts) -> None:
    connect(f"duckdb:///{path}", contracts, {}).close()
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path, contracts: Contracts) -> None:
    with pytest.raises(StoreError, match=r"the folder .*deeper is not there.*mkdir -p"):
        connect(f"duckdb:///{tmp_path / 'deep' / 'deeper' / 'a.duckdb'}", contracts, {})
    assert list(tmp_path.iterdir()) == []


def test_a_draft_that_a_killed_process_left_does_not_get_in_the_way(path: Path, contracts: Contracts) -> None:
    path.with_name(".a.duckdb.part").write_bytes(b"half a store")
    connect(f"duckdb:///{path}", contracts, {}).close()
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_store_that_another_process_would_hold_is_refused_in_words(
    path: Path, contracts: Contracts, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(f"duckdb:///{path}", contracts, {}).close()

    def busy(*_: object, **__: object) -> None:
        raise duckdb.IOException(f"Could not set lock on file by {CANARY} (PID 12)")

    monkeypatch.setattr(duckdb, "connect", busy)
    with pytest.raises(LockedError, match=r"Another program \(process 12\) has the store .* open") as caught:
        connect(f"duckdb:///{path}", contracts, {})
    assert CANARY not in str(caught.value)


def test_what_was_committed_is_in_the_file_and_not_in_a_log_beside_it(path: Path, contracts: Contracts) -> None:
    with connect(f"duckdb:///{path}", contracts, {}) as store:
        with store.transaction():
            received.keep(store._engine, "0" * 64, InBytes(b"content"))
        wal = path.with_name(f"{path.name}.wal")
        assert not wal.exists() or wal.stat().st_size == 0


@pytest.fixture
def held(path: Path, contracts: Contracts) -> Iterator[str]:
    url = f"duckdb:///{path}"
    with opened_for_run(url, contracts, {}):
        yield url


def test_a_second_run_is_turned_away_at_once(held: str, contracts: Contracts) -> None:
    with pytest.raises(LockedError, match="Another run works on"), opened_for_run(held, contracts, {}):
        pytest.fail("two runs at once")


def test_a_dry_run_without_a_store_leaves_none(path: Path, contracts: Contracts) -> None:
    with opened_for_run(f"duckdb:///{path}", contracts, {}, dry_run=True) as store, store.transaction():
        store.preparation.prepare()
        assert store.returns().is_empty()
    assert list(path.parent.iterdir()) == []
