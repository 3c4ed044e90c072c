"""Queries of contracts in the store: what lint might let through is refused there too, and none works for ever."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from databases import new_database
from lending import CANARY, UNIFIED, VIEW, Lending
from places import Outcome
from probation_etl.contracts.rulebook import load_rulebook
from probation_etl.errors import StoreError, TooLongError
from probation_etl.stores import connect
from probation_etl.stores.confined_postgres import count

OWING = "SELECT COUNT(*) FROM unified.loan WHERE fine > 0"
FINES = "SELECT COUNT(*) FROM (SELECT SUM(fine) AS fines FROM unified.loan) AS together WHERE fines > 100"
#: More pairs than can be counted, each of which has to be looked at.
_MANY = ", ".join(f"unified.loan AS t{at}" for at in range(40))
ENDLESS = f"SELECT COUNT(*) FROM {_MANY} WHERE {' + '.join(f't{at}.fine' for at in range(40))} > 1"
BROKEN = "SELECT COUNT(*) FROM unified.loan WHERE CAST(ticket AS INTEGER) > 0"
#: What a query could try, were lint not there. OUTSIDE is a file, and so is NEW, which is not there yet.
ATTEMPTS = {
    "another statement": "SELECT 1); DELETE FROM ledger.returns; SELECT (1",
    "a commit": "SELECT 1); COMMIT; SELECT (1",
    "a row that is deleted": "WITH t AS (DELETE FROM ledger.returns RETURNING 1) SELECT COUNT(*) FROM t",
}
OF_POSTGRESQL = {
    "a file": "SELECT length(pg_read_file('OUTSIDE'))",
    "a folder": "SELECT COUNT(*) FROM pg_ls_dir('/etc')",
    "a file taken in": "SELECT lo_import('OUTSIDE')",
    "a file written": "SELECT lo_export(1, 'NEW')",
    "a program": "SELECT 1); COPY (SELECT 1) TO PROGRAM 'touch NEW'; SELECT (1",
    "a right to write": "SELECT length(set_config('transaction_read_only', 'off', true))",
    "a role": "SELECT length(set_config('role', 'none', true))",
    "a user": "SELECT length(set_config('session_authorization', 'postgres', true))",
    "a role and then a file": (
        "SELECT length(set_config('role', 'none', true) || query_to_xml('SELECT pg_read_file(''OUTSIDE'')', true, true, '')::text)"
    ),
    "a file in a text of SQL": "SELECT length(query_to_xml('SELECT pg_read_file(''OUTSIDE'')', true, true, '')::text)",
    "another connection": "SELECT pg_terminate_backend(pid)::int FROM pg_stat_activity WHERE pid = pg_backend_pid()",
    "a setting of the server": "SELECT pg_reload_conf()::int",
    "a large object": "SELECT lo_create(0)",
    "a long pause": "SELECT length(pg_sleep(3600)::text)",
}
OF_DUCKDB = {
    "a file": "SELECT COUNT(*) FROM read_text('OUTSIDE')",
    "a file as a table": "SELECT COUNT(*) FROM 'OUTSIDE'",
    "a file written": "SELECT 1); COPY (SELECT 1) TO 'NEW'; SELECT (1",
    "kept files": "SELECT COUNT(*) FROM received.files",
    "a setting": "SELECT 1); SET enable_external_access = true; SELECT (1",
    "no end": "WITH RECURSIVE t AS (SELECT 1 AS a UNION ALL SELECT 1 FROM t) SELECT COUNT(*) FROM t",
}


@pytest.fixture
def lending(url: str, tmp_path: Path, command: Callable[..., Outcome]) -> Lending:
    """A library with a store on each engine in turn; on PostgreSQL the user is a superuser."""
    place = Lending(tmp_path, url, command)
    place.write(unified=UNIFIED.replace("maximum: 50", "maximum: 500"))
    place.send("NORTH_lending_2020-03-08.csv", ("1", 2), ("2", 99))
    return place


def test_a_check_that_fails_or_never_ends_is_named_and_the_returns_are_loaded(lending: Lending) -> None:
    text = UNIFIED.replace("maximum: 50", "maximum: 500")
    lending.write(unified=text.replace(OWING, ENDLESS).replace(FINES, BROKEN))
    found = lending.json("--limit", "query_seconds=1")
    assert ([each["verdict"] for each in found["returns"]], found["exit_code"]) == (["accepted"], 1)
    failed = {
        each["check"]: each["detail"].rpartition(": ")[2] for each in found["release_checks"] if not each["passed"]
    }
    assert failed == {
        "table|fines_together": "the check could not be computed",
        "table|nobody_owes": "it was ended after 1 seconds; --limit query_seconds=NUMBER allows it more time",
    }
    assert CANARY not in str(found)
    assert "ended after 1 seconds" in lending.check("--limit", "query_seconds=1").out


def test_a_view_that_never_ends_stops_the_run_with_what_to_do(lending: Lending) -> None:
    """Without the rows of its views nothing can be reconciled or released."""
    where = " + ".join(f"t{at}.fine" for at in range(40))
    start = VIEW.index("SELECT branch, CAST")
    query = f"SELECT t0.branch, CAST(date_trunc('week', t0.lent_on) AS DATE) AS week, COUNT(*) AS loans FROM {_MANY} WHERE {where} > 1 GROUP BY 1, 2\n"
    lending.write(view=VIEW[:start] + query)
    ended = lending.run("--limit", "query_seconds=1")
    ended.refused(3, "ended a query of the contracts after 1 seconds", "--limit query_seconds=NUMBER")
    assert "that reads ‘loans_by_week’" in ended.err
    lending.write()
    assert lending.run().code in (0, 1)


def test_the_engine_refuses_what_lint_would_let_through(lending: Lending, tmp_path: Path) -> None:
    assert lending.run().code in (0, 1)
    outside, new = tmp_path / "outside.txt", tmp_path / "new.txt"
    outside.write_text(CANARY, encoding="utf-8")
    outside.chmod(0o644)
    rulebook = load_rulebook(lending.contracts)
    attempts = ATTEMPTS | (OF_DUCKDB if lending.url.startswith("duckdb") else OF_POSTGRESQL)
    with connect(lending.url, rulebook.contracts, rulebook.tables) as store, store.transaction():
        assert store.query("SELECT COUNT(*) FROM ledger.returns").item() == 1
        with store.computing.counting(0.5) as counted:
            for name, query in attempts.items():
                with pytest.raises(StoreError) as refused:
                    counted(query.replace("OUTSIDE", str(outside)).replace("NEW", str(new)))
                assert isinstance(refused.value, TooLongError) is (name in ("a long pause", "no end")), name
                assert CANARY not in str(refused.value)
                assert store.query("SELECT COUNT(*) FROM ledger.returns").item() == 1, name
            assert counted(OWING) == 2
    assert not new.exists()


def test_a_user_without_rights_needs_no_role_to_be_confined(server: str) -> None:
    url = new_database(server)
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("CREATE ROLE plain LOGIN; CREATE TABLE kept AS SELECT 1 AS a; GRANT ALL ON kept TO plain")
    # What leads back to the same user, or ends the connection, gains nothing.
    attempts = {name: query for name, query in OF_POSTGRESQL.items() if name not in ("a role", "another connection")}
    attempts |= {
        "a deletion": "SELECT 1); DELETE FROM kept; SELECT (1",
        "and in it": "WITH t AS (DELETE FROM kept RETURNING a) SELECT a FROM t",
    }
    with psycopg.connect(url, user="plain", autocommit=True, cursor_factory=psycopg.RawCursor) as plain:
        for query in attempts.values():
            plain.execute("BEGIN")
            with pytest.raises(StoreError):
                count(plain, query.replace("OUTSIDE", "/etc/hostname").replace("NEW", "/nowhere/new"), 0.5)
            assert count(plain, "SELECT COUNT(*) FROM kept", 0.5) == 1
            plain.execute("ROLLBACK")
