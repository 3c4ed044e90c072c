"""A store that has lost something, or was put back, is noticed by its ledger file; a crash is no false alarm."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

import psycopg
import pytest
from senders import breach, extract

import probation_etl as pe
from databases import new_store
from places import Outcome, Place, speed_up
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.errors import LedgerMismatch
from probation_etl.runs.run import run
from probation_etl.stores.duckdb import DuckDBEngine
from probation_etl.stores.ledger_file.book import Book, Doing

Command = Callable[..., Outcome]
DAYS = {"referral_date": "2020-09-08", "logged_date": "2020-09-10"}
FIRST, SECOND, THIRD = (f"N{number}_breaches_2020-09-28.csv" for number in (53, 52, 51))
CONTENT = {
    FIRST: extract(*(breach(each, **DAYS) for each in range(1, 6))),
    SECOND: extract(*(breach(each, **DAYS, provider_code="N52", ldu_code="") for each in range(10, 17))),
    THIRD: extract(*(breach(each, **DAYS, provider_code="N51", ldu_code="") for each in range(20, 27))),
}


class Office(Place):
    """A place with a store that has a ledger file."""

    @property
    def ledger(self) -> Path:
        return self.root / "probation.duckdb.ledger.jsonl"

    @property
    def older(self) -> Path:
        """The store as it was after the first of two runs."""
        return self.root / "older.duckdb"

    def lines(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.ledger.read_text(encoding="utf-8").splitlines()]

    def content(self) -> tuple[object, object]:
        return self.ledger.exists() and self.ledger.read_bytes(), self.dump()

    def execute(self, statement: str) -> None:
        with closing(DuckDBEngine(self.store)) as engine:
            engine.execute(statement)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, shipped_rulebook: Rulebook) -> Office:
    office = Office(tmp_path_factory.mktemp("office"))
    with pytest.MonkeyPatch.context() as patch:
        speed_up(patch, shipped_rulebook)
        for name in (FIRST, SECOND):
            office.put(name, CONTENT[name])
            if office.store.exists():
                shutil.copy(office.store, office.older)
            assert run(office.inbox, store=office.url, reports=office.reports).exit_code == 0
    return office


@pytest.fixture
def office(filled: Office, tmp_path: Path, quick: None) -> Office:
    """The same in a folder of its own: store and ledger file can be moved together. The files have left the inbox."""
    shutil.copytree(filled.root, tmp_path / "here", symlinks=True)
    moved = Office(tmp_path / "here")
    shutil.rmtree(moved.inbox)
    moved.inbox.mkdir()
    return moved


def older_store_put_back(office: Office) -> None:
    shutil.copy(office.older, office.store)


def rows_deleted(office: Office) -> None:
    office.execute("DELETE FROM history.breach WHERE source_row = 3")


def last_run_dropped_from_the_file(office: Office) -> None:
    lines = office.ledger.read_bytes().splitlines(keepends=True)
    at = max(number for number, line in enumerate(lines) if b'"event": "run"' in line)
    office.ledger.write_bytes(b"".join(lines[:at]))


def file_edited(office: Office) -> None:
    text = office.ledger.read_text(encoding="utf-8")
    office.ledger.write_text(text.replace('"accepted": 5', '"accepted": 4'), encoding="utf-8")


def line_taken_out(office: Office) -> None:
    lines = office.ledger.read_bytes().splitlines(keepends=True)
    office.ledger.write_bytes(b"".join(lines[:3] + lines[4:]))


def file_deleted(office: Office) -> None:
    office.ledger.unlink()


def file_emptied(office: Office) -> None:
    office.ledger.write_bytes(b"")


#: What is done to the store or the file; what is said of it.
DAMAGE: dict[Callable[[Office], None], tuple[str, ...]] = {
    older_store_put_back: ("the store does not have it; it loaded nps-breaches:1.0.0:N52:2020-09-28", "release 2"),
    rows_deleted: ("nps-breaches:1.0.0:N53:2020-09-28", "4 row(s) in breach, 5 recorded"),
    last_run_dropped_from_the_file: ("the ledger file does not have it; it loaded nps-breaches:1.0.0:N52:2020-09-28",),
    file_edited: ("line", "does not follow from the line before it"),
    line_taken_out: ("line 4 does not follow from the line before it",),
    file_deleted: ("it is missing, or empty, and the store has had one",),
    file_emptied: ("it is missing, or empty, and the store has had one",),
}


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda each: each.__name__)
def test_a_run_stops_and_says_what_is_missing(
    damage: Callable[[Office], None], office: Office, command: Command
) -> None:
    damage(office)
    before = office.content()
    office.put(FIRST, CONTENT[FIRST])
    stopped = command(*office.arguments)
    stopped.refused(3, str(office.ledger), "Nothing was done", "accept-ledger", *DAMAGE[damage])
    assert office.content() == before
    with pytest.raises(LedgerMismatch):
        run(office.inbox, store=office.url, reports=office.reports, dry_run=True)


@pytest.mark.parametrize("damage", [older_store_put_back, file_edited, file_deleted], ids=lambda each: each.__name__)
def test_it_is_named_by_verify_and_can_be_accepted(
    damage: Callable[[Office], None], office: Office, command: Command
) -> None:
    damage(office)
    found = command("store", "verify", office.url)
    assert (found.code, "ledger-file: broken" in found.out, DAMAGE[damage][0] in found.out) == (3, True, True)
    accepted = command("store", "accept-ledger", office.url, "--reason", "The backup is all we have.")
    assert (accepted.code, DAMAGE[damage][0] in accepted.out) == (0, True), accepted
    assert "The backup is all we have." in office.ledger.read_text(encoding="utf-8")
    assert office.ledger.with_name(f"{office.ledger.name}.1").exists() is (damage is file_edited)
    # What the store lacks can be sent again.
    office.put(SECOND, CONTENT[SECOND])
    assert command(*office.arguments).code == 0
    assert command("store", "verify", office.url).code == 0


def test_rows_that_were_changed_are_found_by_verify(office: Office, command: Command) -> None:
    office.execute("UPDATE history.breach SET court = 'X' WHERE source_row = 3")
    assert command(*office.arguments).code == 0
    found = command("store", "verify", office.url)
    assert "its rows are not those that were recorded: their digest differs" in found.out


def test_a_log_that_was_cut_after_a_crash_is_noticed(
    office: Office, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    older_store_put_back(office)
    lines = office.ledger.read_bytes().splitlines(keepends=True)
    office.ledger.write_bytes(b"".join(lines[: len(lines) - 4]))
    office.put(SECOND, CONTENT[SECOND])
    crashed = office.root / "crashed"
    crashed.mkdir()

    def as_a_crash_leaves_it(book: Book, batch: str) -> None:
        committed(book, batch)
        for path in office.root.glob("probation.duckdb*"):
            if path.is_file():
                shutil.copy(path, crashed)

    committed = Book.committed
    with monkeypatch.context() as patch:
        patch.setattr(Book, "committed", as_a_crash_leaves_it)
        for name in ("settled", "_checkpoint"):
            patch.setattr(DuckDBEngine, name, lambda _: None, raising=False)
        assert run(office.inbox, store=office.url, reports=office.reports).exit_code == 0
    log = crashed / "probation.duckdb.wal"
    os.truncate(log, log.stat().st_size - 1000)
    (office.root / "inbox" / SECOND).unlink()
    again = command(
        "run", office.inbox, "--store", f"duckdb:///{crashed / office.store.name}", "--reports", office.reports
    )
    again.refused(3, "the store does not have it", "nps-breaches:1.0.0:N52:2020-09-28")


def test_a_crash_between_the_commit_and_the_line_that_says_so_is_no_alarm(
    office: Office, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.put(THIRD, CONTENT[THIRD])
    with monkeypatch.context() as patch:
        patch.setattr(Book, "committed", lambda *_: None)
        run(office.inbox, store=office.url, reports=office.reports)
    assert office.lines()[-1]["event"] == "return"
    assert command("store", "verify", office.url).code == 0
    assert command(*office.arguments).code == 0
    assert office.lines()[-1]["event"] == "committed"


def test_nor_is_a_crash_before_the_commit(office: Office, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    office.put(THIRD, CONTENT[THIRD])
    intend = Book.intend

    def then_die(book: Book, doing: Doing) -> None:
        intend(book, doing)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Book, "intend", then_die)
        with pytest.raises(KeyboardInterrupt):
            run(office.inbox, store=office.url, reports=office.reports)
    # Of what was written last only parts have reached the disk: between them there are zeros.
    with office.ledger.open("ab") as file:
        file.write(b'{"store": "' + bytes(600) + b'"}\n{"store": ""}\n')
    assert command(*office.arguments).code == 0
    events = [each["event"] for each in office.lines()]
    assert events[-5:] == ["rolled-back", "run", "release", "return", "committed"]
    assert command("store", "verify", office.url).code == 0


def test_store_and_file_can_be_moved_and_named_otherwise(office: Office, command: Command) -> None:
    # The fixture has moved both already.
    (office.root / "link.duckdb").symlink_to(office.store)
    assert (
        command(
            "run", office.inbox, "--store", f"duckdb:///{office.root / 'link.duckdb'}", "--reports", office.reports
        ).code
        == 0
    )
    assert not list(office.root.glob("link.duckdb.*"))
    # Another store in the same folder has a ledger file of its own.
    beside = Office(office.root)
    other = command(
        "run", office.inbox, "--store", f"duckdb:///{office.root / 'b.duckdb'}", "--reports", beside.reports
    )
    assert other.code == 0
    assert (office.root / "b.duckdb.ledger.jsonl").exists()
    shutil.copy(office.root / "b.duckdb.ledger.jsonl", office.ledger)
    command(*office.arguments).refused(3, "it is that of another store")


def test_a_store_that_is_gone_is_not_made_anew(office: Office, command: Command) -> None:
    office.store.unlink()
    command(*office.arguments).refused(3, "There is no store", str(office.ledger), "Put the store back")
    assert not office.store.exists()


def test_the_file_is_private_and_holds_no_name_of_a_file(office: Office) -> None:
    assert office.ledger.stat().st_mode & 0o777 == 0o600
    text = office.ledger.read_text(encoding="utf-8")
    assert FIRST not in text
    assert "X99" not in text


@pytest.mark.usefixtures("quick")
def test_that_of_a_store_on_a_server_is_where_the_store_says(
    place: Place, command: Command, request: pytest.FixtureRequest
) -> None:
    url = new_store("postgresql", place.root, request)
    place.put(FIRST, CONTENT[FIRST])
    arguments = ("run", place.inbox, "--store", url, "--reports", place.reports)
    assert command(*arguments).code == 0
    (ledger,) = place.reports.glob(".*.ledger.jsonl")
    assert ledger.stat().st_mode & 0o777 == 0o600
    # Reports of a later run may go elsewhere, and a return that the library loads is written down too.
    elsewhere = ("run", place.inbox, "--store", url, "--reports", place.root / "other")
    with pe.open_store(url) as store:
        result = pe.validate(CONTENT[SECOND], "nps-breaches", supplier_code="N52", period_end=date(2020, 9, 28))
        store.load(result, pe.harmonise(result))
    assert command(*elsewhere).code == 0
    assert not list(place.root.glob("other/.*.jsonl"))
    assert "N52" in ledger.read_text(encoding="utf-8")
    moved = place.root / "kept" / "ledger.jsonl"
    command(*elsewhere, "--ledger", moved).refused(3, "The ledger file", "the folder")
    moved.parent.mkdir()
    command(*elsewhere, "--ledger", moved).refused(2, str(ledger), "accept-ledger URL --ledger")
    assert command("store", "accept-ledger", url, "--ledger", moved, "--reason", "moved").code == 0
    assert command("store", "verify", url).code == 0
    with psycopg.connect(url) as connection:
        connection.execute("DELETE FROM history.breach WHERE source_row = 2")
    command(*arguments).refused(3, str(moved), "row(s) in breach")
