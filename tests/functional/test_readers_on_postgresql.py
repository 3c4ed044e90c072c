"""On PostgreSQL people read with the rights that they have, and see one state while a run commits."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from senders import breach, caseload, extract

import probation_etl as pe
from databases import new_database
from places import CHECKOUT, Outcome, Place, speed_up
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.intake.received import InBytes
from probation_etl.stores import received

Command = Callable[..., Outcome]
GUIDE = CHECKOUT / "docs" / "how-to" / "use-postgresql.md"
_MINE = ("analysts", "operators")


def grants() -> list[str]:
    """The blocks of SQL in the guide, word for word: for analysts, for operators, and for operators who see rows."""
    return re.findall(r"```sql\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture(scope="module")
def loaded(
    server: str, tmp_path_factory: pytest.TempPathFactory, command: Command, shipped_rulebook: Rulebook
) -> tuple[Place, str]:
    """A store with two returns, and its URL; roles that may log on and have no rights."""
    place, url = Place(tmp_path_factory.mktemp("loaded")), new_database(server)
    place.inbox.mkdir()
    place.put("N53_breaches_2020-04-11.csv", extract(breach(1), breach(2)))
    place.put("N53_caseload_2020-04-11.csv", caseload(snapshot_date="2020-04-06"))
    with psycopg.connect(url, autocommit=True) as connection:
        for role in _MINE:
            connection.execute(f"DROP ROLE IF EXISTS {role}".encode())
            connection.execute(f"CREATE ROLE {role} LOGIN".encode())
    with pytest.MonkeyPatch.context() as patch:
        speed_up(patch, shipped_rulebook)
        assert command("run", place.inbox, "--store", url, "--reports", place.reports).code == 0
    return place, url


def given(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for each in statements:
            connection.execute(each.encode())


def for_role(url: str, role: str) -> str:
    return re.sub(r"//[^@/]*@", f"//{quote(role)}@", url)


def test_a_role_reads_as_far_as_its_rights_go_and_is_told_what_is_left_out(
    loaded: tuple[Place, str], command: Command, tmp_path: Path
) -> None:
    url = loaded[1]
    for_analysts, for_operators, for_rows = grants()
    analyst, operator = (for_role(url, role) for role in _MINE)
    command("tracker", "--store", analyst, "-o", tmp_path / "out").refused(
        3, "no right", "Keep the store in PostgreSQL"
    )

    given(url, for_analysts)
    outcome = command("tracker", "--store", analyst, "-o", tmp_path / "out")
    assert outcome.code == 0
    assert "weeks, months and regions are left out" in outcome.out
    found = json.loads((tmp_path / "out" / "tracker.json").read_text(encoding="utf-8"))
    assert [each["before"] for each in found["caseload"]["organisations"]] == [33.9]
    assert {"weeks", "months"} < set(found["left_out"])
    assert "weeks, months and regions are left out" in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    command("status", "--store", analyst).refused(3, "may not read its ledger", "Keep the store in PostgreSQL")

    given(url, for_operators)
    assert command("tracker", "--store", operator, "-o", tmp_path / "out").out.count("\n") == 1
    outcome = command("status", "--store", operator)
    assert "activity exceptions and unallocated rows are left out" in outcome.out
    found = command("status", "--store", operator, "--json").json
    assert found["left_out"] == ["exceptions", "rows_unallocated"]
    assert {each["state"] for each in found["returns"] if each["return_id"]} == {"accepted", "accepted_with_warnings"}
    given(url, "UPDATE ledger.contracts SET digest = digest || 'x'")
    command("status", "--store", operator).refused(3, "of other contracts", "the next run does")
    given(url, "UPDATE ledger.contracts SET digest = left(digest, -1)")

    given(url, for_rows)
    assert command("status", "--store", operator).out == command("status", "--store", url).out
    assert "left_out" not in command("status", "--store", operator, "--json").json
    command("status", "--store", operator, "--on", "2020-04-12").refused(3, "no right")


def test_a_reader_sees_one_state_and_keeps_nothing(loaded: tuple[Place, str], command: Command) -> None:
    _, url = loaded
    with pe.open_store(url, read_only=True) as store:
        before = store.returns().height
        with pe.open_store(url) as writing, writing.transaction():
            received.keep(writing._engine, "0" * 64, InBytes(b"content"))
        assert store.content("0" * 64) is None
        with store.as_it_was(None):
            assert store.returns().height == before
        with store.as_it_was(pe_first_run(url)):
            assert store.table("breach").height == 2
            assert store.content("0" * 64) is None
        with pytest.raises(pe.UsageError, match="was opened for reading"), store.transaction():
            pass
    given(url, "UPDATE ledger.contracts SET digest = digest || 'x'")
    with pe.open_store(url, read_only=True) as store:
        assert store.table("breach", as_of=pe_first_run(url)).height == 2
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT digest FROM ledger.contracts").fetchone()[0].endswith("x")  # type: ignore[index]
    given(url, "UPDATE ledger.contracts SET digest = left(digest, -1)")


def pe_first_run(url: str) -> str:
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT run_id FROM ledger.runs ORDER BY sequence").fetchone()
    assert found
    return str(found[0])


def test_a_look_back_that_meets_a_run_at_work_ends_with_75_and_a_look_at_now_does_not(
    loaded: tuple[Place, str], command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, url = loaded
    monkeypatch.setattr("probation_etl.stores.postgres_snapshot._PATIENCE", "SET LOCAL lock_timeout = '100ms'")
    with psycopg.connect(url) as connection:
        connection.execute("DELETE FROM ledger.standing")
        assert command("status", "--store", url).code == 0
        assert command("tracker", "--store", url, "-o", tmp_path / "out").code == 0
        command("status", "--store", url, "--on", "2020-04-12").refused(75, "A run works on")
        connection.rollback()


def test_where_there_is_no_store_it_is_said(server: str, command: Command) -> None:
    url = new_database(server)
    command("status", "--store", url).refused(3, "There is no store")
    with pytest.raises(pe.StoreError, match="There is no store"):
        pe.open_store(url, read_only=True)
