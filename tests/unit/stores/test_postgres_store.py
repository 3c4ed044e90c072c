"""What only the served store has: a server, its locks, and text without NUL."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl
import psycopg
import pytest

from contract_faults import contracts_of
from databases import new_database
from probation_etl.contracts.odcs import Contracts
from probation_etl.errors import LockedError, StoreError
from probation_etl.intake.received import InBytes
from probation_etl.stores import connect, exists, opened_for_run, received, shown_url
from probation_etl.stores.postgres import PostgresEngine

PASSWORD = "CANARY-s3cret"  # noqa: S105 -- of no server


@pytest.fixture
def contracts() -> Contracts:
    return contracts_of()


@pytest.fixture
def database(server: str) -> str:
    return new_database(server)


def test_a_server_that_cannot_be_reached_is_reported_without_user_or_password() -> None:
    with pytest.raises(StoreError, match=r"on 127\.0\.0\.1:1 cannot be reached") as caught:
        PostgresEngine(f"postgresql://someone:{PASSWORD}@127.0.0.1:1/returns")
    assert PASSWORD not in str(caught.value)
    assert "someone" not in str(caught.value)


@pytest.mark.parametrize("query", ["", f"?password={PASSWORD}"])
def test_a_url_is_shown_without_a_password(query: str) -> None:
    shown = shown_url(f"postgresql://someone:{PASSWORD}@db.example/returns{query}")
    assert shown == "postgresql://…@db.example/returns"


def test_a_database_without_our_tables_is_not_a_store_yet(database: str, contracts: Contracts) -> None:
    assert not exists(database)
    connect(database, contracts, {}).close()
    assert exists(database)


def test_a_second_run_is_turned_away_and_let_in_when_the_first_has_gone(database: str, contracts: Contracts) -> None:
    with (
        opened_for_run(database, contracts, {}),
        pytest.raises(LockedError, match="Another run works on"),
        opened_for_run(database, contracts, {}),
    ):
        pytest.fail("two runs at once")
    with opened_for_run(database, contracts, {}):
        pass


def test_a_dry_run_without_a_store_leaves_none(database: str, contracts: Contracts) -> None:
    with opened_for_run(database, contracts, {}, dry_run=True) as store, store.transaction():
        store.preparation.prepare()
    assert not exists(database)


def test_readers_see_the_old_state_until_a_run_commits(database: str, contracts: Contracts) -> None:
    with connect(database, contracts, {}) as writing, connect(database, contracts, {}) as reading:
        with writing.transaction():
            received.keep(writing._engine, "0" * 64, InBytes(b"content"))
            assert reading.content("0" * 64) is None
        assert reading.content("0" * 64) == b"content"


def test_rows_come_out_as_they_went_in(database: str) -> None:
    frame = pl.DataFrame(
        {
            "text": ["", None, 'a "quoted", text\nin two lines', "\\N", "ä\u202e", "nul: \x00."],
            "whole": [0, None, -1, 2**62, 4, 5],
            "exact": [Decimal("0.10"), None, Decimal("-1.00"), Decimal("9.99"), Decimal("4.00"), Decimal("5.50")],
            "day": [date(2020, 3, 1), None, date(1900, 1, 1), date(9999, 12, 31), date(2020, 2, 29), date(2020, 3, 2)],
            "flag": [True, None, False, True, False, True],
        },
        schema_overrides={"exact": pl.Decimal(9, 2)},
    )
    engine = PostgresEngine(database)
    engine.execute("CREATE TABLE t (text VARCHAR, whole BIGINT, exact DECIMAL(9,2), day DATE, flag BOOLEAN)")
    engine.append("t", frame)
    found = engine.frame("SELECT * FROM t")
    engine.close()
    # PostgreSQL cannot store NUL: its symbol is stored instead.
    assert found.equals(frame.with_columns(pl.col("text").str.replace_all("\x00", "\u2400", literal=True)))


def test_the_server_itself_holds_the_lock_of_a_run(database: str, contracts: Contracts) -> None:
    with opened_for_run(database, contracts, {}), psycopg.connect(database) as other:
        found = other.execute("SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory'").fetchone()
    assert found == (1,)
