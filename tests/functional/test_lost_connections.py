"""A server that goes away in the middle of a run: one line, exit code 3, nothing changed, and the next run does the work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest import mock

import psycopg
import pytest
from senders import breach, extract

from databases import new_database
from places import Outcome, Place
from probation_etl.stores.checked_tables import CheckedTables
from probation_etl.stores.postgres import PostgresEngine

Command = Callable[..., Outcome]
_ASKS = ("execute", "rows", "frame", "append")


@pytest.fixture
def url(server: str, place: Place) -> str:
    """A store that does not exist yet; a return waits for it."""
    place.put("N53_breaches_2020-04-11.csv", extract(breach(1), breach(2)))
    return new_database(server)


def lose(url: str, connection: psycopg.Connection[Any]) -> None:
    """Ends the connection at the server."""
    with psycopg.connect(url, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.info.backend_pid])


def losing(url: str, asked: list[int], *, at: int) -> mock._patch_dict:
    """Counts what engines ask of the server, and lets one of these questions meet a lost connection."""

    def met(name: str) -> Callable[..., Any]:
        ask = getattr(PostgresEngine, name)

        def lossy(engine: PostgresEngine, *arguments: Any) -> Any:
            asked[0] += 1
            if asked[0] == at:
                lose(url, engine._connection)
            return ask(engine, *arguments)

        return lossy

    return mock.patch.multiple(PostgresEngine, **{name: met(name) for name in _ASKS})


@pytest.mark.usefixtures("quick")
def test_wherever_in_a_run_the_connection_is_lost(place: Place, command: Command, url: str) -> None:
    arguments = ("run", place.inbox, "--store", url, "--reports", place.reports, "--settle", "0")
    moment, rounds = 1, 0
    while True:
        asked = [0]
        with losing(url, asked, at=moment):
            outcome = command(*arguments)
        if asked[0] < moment:
            break
        outcome.refused(3, "The store", "Nothing was")
        assert list(place.reports.glob("[!.]*")) == []
        # Each later loss is farther into the run; some two dozen of them.
        moment, rounds = moment + 1 + moment // 6, rounds + 1
    assert rounds > 10
    assert outcome.code == 0, outcome
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT COUNT(*) FROM released.breach").fetchone() == (2,)
        assert connection.execute("SELECT COUNT(*) FROM ledger.runs").fetchone() == (1,)


def test_in_the_release_checks(place: Place, command: Command, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    make = CheckedTables.__init__

    def lossy(made: CheckedTables, engine: Any, *more: Any) -> None:
        lose(url, engine._connection)
        make(made, engine, *more)

    monkeypatch.setattr(CheckedTables, "__init__", lossy)
    arguments = ("run", place.inbox, "--store", url, "--reports", place.reports, "--settle", "0")
    command(*arguments).refused(3, "The", "Nothing was changed")
    command("check", "--store", url).refused(3, "Nothing was changed")
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT COUNT(*) FROM ledger.runs").fetchone() == (0,)
