"""A query that one database understands and the other does not: it is named with its contract, before anything is changed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from senders import caseload

from databases import new_database, new_store
from places import CHECKOUT, Outcome, Place
from probation_etl.stores import exists

Command = Callable[..., Outcome]
ONLY_DUCKDB, ONLY_POSTGRESQL = "(SELECT * EXCLUDE (court) FROM unified.breach)", "ONLY unified.breach"


def contracts_with(tmp_path: Path, source: str, part: str = "- property: query") -> Path:
    """The shipped contracts, with a part of a view that reads rows in the words of one database."""
    directory = Path(shutil.copytree(CHECKOUT / "contracts", tmp_path / "contracts"))
    path = directory / "unified" / "weekly_breaches.odcs.yaml"
    text = path.read_text(encoding="utf-8")
    before, marker, query = text.partition(part)
    assert "FROM unified.breach" in query
    path.write_text(before + marker + query.replace("FROM unified.breach", f"FROM {source}", 1), encoding="utf-8")
    return directory


@pytest.mark.parametrize(("engine", "source"), [("duckdb", ONLY_POSTGRESQL), ("postgresql", ONLY_DUCKDB)])
def test_a_store_that_does_not_understand_a_query_names_its_contract(
    engine: str, source: str, place: Place, command: Command, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    place.put("N53_caseload_2020-03-01.csv", caseload())
    url = new_store(engine, tmp_path, request)
    outcome = command(
        "run", place.inbox, "--store", url, "--reports", place.reports, "--contracts", contracts_with(tmp_path, source)
    )
    outcome.refused(
        2, *["cannot make a view"] * (engine != "duckdb"), "weekly_breaches.odcs.yaml:", "query", "syntax error"
    )
    assert not place.reports.exists()


@pytest.mark.parametrize(("engine", "source"), [("duckdb", ONLY_POSTGRESQL), ("postgresql", ONLY_DUCKDB)])
def test_neither_does_it_begin_with_a_release_check_that_it_does_not_understand(
    engine: str, source: str, place: Place, command: Command, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    place.put("N53_caseload_2020-03-01.csv", caseload())
    url, contracts = new_store(engine, tmp_path, request), contracts_with(tmp_path, source, "    quality:")
    outcome = command("run", place.inbox, "--store", url, "--reports", place.reports, "--contracts", contracts)
    outcome.refused(
        2,
        *["cannot make a release check"] * (engine != "duckdb"),
        "weekly_breaches.odcs.yaml:",
        "rule ‘",
        "syntax error",
    )
    assert not place.reports.exists()


def test_lint_tries_queries_in_a_database_that_is_named_and_leaves_nothing_there(
    command: Command, tmp_path: Path, server: str
) -> None:
    url = new_database(server)
    directory = contracts_with(tmp_path, ONLY_DUCKDB)
    assert command("contract", "lint", directory).code == 0
    linted = command("contract", "lint", directory, "--store", url)
    assert linted.code == 2
    assert "weekly_breaches.odcs.yaml:" in linted.out
    assert "syntax error" in linted.out
    assert command("contract", "lint", "--store", url).code == 0
    assert not exists(url)
    command("contract", "lint", "--store", "postgresql://nobody@127.0.0.1:1/none").refused(3, "cannot be reached")
