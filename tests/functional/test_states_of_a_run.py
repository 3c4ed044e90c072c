"""The page on the states of a run is true: a run dies in each of them, and the next run does what the page says."""

from __future__ import annotations

import errno
import json
import os
import re
import signal
from collections.abc import Callable
from contextlib import closing
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import Any

import click
import duckdb
import psycopg
import pytest

from databases import new_store
from lending import Lending
from places import CHECKOUT, Outcome
from probation_etl.errors import CommitError, EnvironmentFailure, LockedError, StoreError
from probation_etl.reports.run_folder import RunFolder
from probation_etl.runs.session import RunSession
from probation_etl.stopping import wished
from probation_etl.stores import store_path
from probation_etl.stores.duckdb import DuckDBEngine
from probation_etl.stores.engine import Engine
from probation_etl.stores.postgres import PostgresEngine

GOOD, FAULTY = "B_lending_2020-03-08.csv", "C_lending_2020-03-08.csv"
PAGE = (CHECKOUT / "docs" / "explanation" / "run.md").read_text(encoding="utf-8")
STATES = {
    cells[0].strip("`"): cells
    for line in PAGE.splitlines()
    if line.startswith("| `")
    for cells in [[each.strip() for each in line.strip("|").split("|")]]
}


class Died(SystemExit):
    """As a process that is killed, except that the connection has to be closed by somebody."""


def die(*_: Any, **__: Any) -> Any:
    raise Died


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    """The embedded store, unless a test asks for another."""
    return str(getattr(request, "param", "duckdb"))


@pytest.fixture
def lending(
    engine: str, tmp_path: Path, command: Callable[..., Outcome], request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> Lending:  # fmt: skip
    monkeypatch.setattr("probation_etl.runs.conclusion.release_checks", lambda *_: [])
    place = Lending(tmp_path, new_store(engine, tmp_path, request), command)
    place.write()
    place.send(GOOD, ("1", 0), ("2", 20))
    place.send(FAULTY, ("1", 0), day="2020-13-01")
    return place


def class_of(lending: Lending) -> type[Engine]:
    return PostgresEngine if store_path(lending.url) is None else DuckDBEngine


def rows(lending: Lending, query: str) -> list[tuple[Any, ...]]:
    path = store_path(lending.url)
    with closing(DuckDBEngine(path) if path else PostgresEngine(lending.url)) as opened:
        return opened.rows(query)


def left(lending: Lending) -> set[str]:
    """What lies in the directory of reports, with STORE and RUN for the names of store and run.

    Without what is not about the end of a run: the file that it was at, what is known of files, and the ledger file of a served store.
    """
    if not lending.reports.exists():
        return set()
    names = {
        re.sub(r"^\.[0-9a-f]{16}\.", ".STORE.", each.name)
        for each in lending.reports.iterdir()
        if not each.name.endswith((".at-work", ".known", ".ledger.jsonl"))
    }
    return {re.sub(r"\d{8}T\d{6}Z-[0-9a-f]{8}", "RUN", each) for each in names}


def dies_in(state: str, lending: Lending, patch: pytest.MonkeyPatch) -> None:
    """Lets the next run die in a state; nothing of ours tidies up after it."""
    patch.setattr(RunFolder, "discard", lambda _: None)
    kind = class_of(lending)
    commit = kind.commit

    def runs(engine: Engine) -> bool:
        """Whether the transaction is that of the run, and not the one that makes the store's own tables."""
        return bool(engine.value("SELECT COUNT(*) FROM ledger.runs"))

    def before(engine: Engine) -> None:
        commit(engine) if not runs(engine) else die()

    def after(engine: Engine) -> None:
        is_run = runs(engine)
        commit(engine)
        if is_run:
            die()

    where: dict[str, tuple[object, str, object]] = {
        "begun": (RunSession, "open", die),
        "drafted": (RunFolder, "ready", die),
        "ready": (kind, "commit", before),
        "committed": (kind, "commit", after),
        "published": (Path, "symlink_to", die),
        "shown": (RunFolder, "told", die),
    }
    if state in where:
        patch.setattr(*where[state])


HELD = ("committed", "published", "shown")
LEFT = {
    "begun": set(),
    "drafted": {".STORE.RUN.partial"},
    "ready": {".STORE.RUN.partial", ".STORE.RUN.untold"},
    "committed": {".STORE.RUN.partial", ".STORE.RUN.untold"},
    "published": {"RUN", ".STORE.RUN.untold"},
    "shown": {"RUN", "latest", ".STORE.RUN.untold"},
    "told": {"RUN", "latest"},
}


def test_the_page_lists_every_state_that_is_walked_here() -> None:
    assert list(STATES) == list(LEFT)
    for state, (_, _, leaves, follows) in STATES.items():
        assert ("the note" in leaves) == (".STORE.RUN.untold" in LEFT[state]), state
        assert ("hidden folder" in leaves) == (".STORE.RUN.partial" in LEFT[state]), state
        assert ("tells the verdict" in follows) == (state in HELD), state
        assert ("from the beginning" in follows) == (state in ("begun", "drafted", "ready")), state


@pytest.mark.parametrize(
    ("engine", "state"),
    [*(("duckdb", each) for each in LEFT), ("postgresql", "ready"), ("postgresql", "committed")],
    indirect=["engine"],
)
def test_a_run_that_dies_leaves_what_the_page_says_and_the_next_does_what_it_says(state: str, lending: Lending) -> None:
    with pytest.MonkeyPatch.context() as patch:
        dies_in(state, lending, patch)
        try:
            assert lending.run().code == 1
        except Died:
            assert state != "told"
    assert left(lending) == LEFT[state]
    first = [run for (run,) in rows(lending, "SELECT run_id FROM ledger.runs")]
    assert len(first) == (state in (*HELD, "told"))

    # The same store by another name of it: what is left is found all the same.
    path = store_path(lending.url)
    other = f"duckdb:///{path.parent / 'contracts' / '..' / path.name}" if path else lending.url
    again = Lending(lending.root, other, lending.command).run("--json")
    assert again.code == (0 if state == "told" else 1), again
    assert left(lending) == {"RUN", "latest"}
    (run,) = [run for (run,) in rows(lending, "SELECT run_id FROM ledger.runs")]
    assert (lending.reports / "latest").resolve().name == run
    shown = json.loads((lending.reports / "latest" / "run.json").read_text(encoding="utf-8"))
    assert (shown["verdict"], shown["exit_code"]) == ("rejected", 1)
    finished = [{"run_id": run, "verdict": "rejected", "exit_code": 1, "report": f"../{run}/index.html"}]
    assert again.json["finished_runs"] == (finished if state in HELD else [])
    assert again.json["verdict"] == ("unchanged" if state == "told" else "rejected")
    assert {each["verdict"] for each in again.json["returns"]} == (
        {"unchanged"} if state in (*HELD, "told") else {"accepted", "rejected"}
    )
    assert lending.run().code == 0


def test_the_screen_names_the_run_that_was_finished_and_its_page(lending: Lending) -> None:
    with pytest.MonkeyPatch.context() as patch:
        dies_in("committed", lending, patch)
        with pytest.raises(Died):
            lending.run()
    # A run that fails before it can tell anything leaves it to the next.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RunSession, "settle", die)
        with pytest.raises(Died):
            lending.run()
    lending.send("B_lending_2020-03-15.csv", ("3", 0), day="2020-03-10")
    shown = lending.run()
    assert shown.code == 1
    run, newest = [run for (run,) in rows(lending, "SELECT run_id FROM ledger.runs ORDER BY sequence")]
    assert (lending.reports / "latest").resolve().name == newest
    page = (lending.reports / "latest" / "index.html").read_text(encoding="utf-8")
    assert f'<a href="./../{run}/index.html">' in page
    *_, line = shown.out.splitlines()
    assert line.startswith(f"Run {run} was interrupted")
    assert line.endswith(f"rejected; reports: {lending.reports / run}/index.html")


def failing(real: Callable[[Engine], None], *, committed: bool, said: bool) -> Callable[[Engine], None]:
    """A COMMIT that fails: whether it has committed before, and whether the database had said so."""

    def commit(engine: Engine) -> None:
        if not engine.value("SELECT COUNT(*) FROM ledger.runs"):
            real(engine)
            return
        if committed:
            real(engine)
        raise CommitError("The store failed while it committed (IOException).", is_committed=said)

    return commit


LOADED, NOT_LOADED = "The returns were loaded, and the reports are in", "Nothing was changed"
NOT_KNOWN = "It is not known whether the returns were loaded: the next run finds out"


@pytest.mark.parametrize(
    ("engine", "committed", "said", "reachable", "told"),
    [
        ("duckdb", True, True, False, LOADED),
        ("duckdb", True, False, True, LOADED),
        ("duckdb", True, False, False, NOT_KNOWN),
        ("duckdb", False, False, True, NOT_LOADED),
        ("duckdb", False, False, False, NOT_KNOWN),
    ],
    indirect=["engine"],
)
def test_after_a_commit_that_fails_what_is_said_is_so(
    committed: bool, said: bool, reachable: bool, told: str, lending: Lending
) -> None:
    kind = class_of(lending)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kind, "commit", failing(kind.commit, committed=committed, said=said))
        if not reachable:
            # The server is gone, or another program was quicker.
            gone = StoreError("gone") if committed else LockedError("taken")
            patch.setattr(kind, "reconnect", lambda _: (_ for _ in ()).throw(gone))
        lending.run().refused(3, "failed while it committed", told)
    known = told != NOT_KNOWN
    note, draft = {".STORE.RUN.untold"}, {".STORE.RUN.partial"}
    assert left(lending) == (note | draft if not known else {"RUN", "latest"} | note if committed else set())
    again = lending.run("--json")
    assert (again.code, again.json["verdict"], len(again.json["finished_runs"])) == (1, "rejected", int(committed))
    assert left(lending) == {"RUN", "latest"}
    assert rows(lending, "SELECT COUNT(*) FROM ledger.runs") == [(1,)]


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_a_commit_that_finds_its_connection_gone_is_asked_about(lending: Lending) -> None:
    """The server ends the connection of a run between two statements, one time before COMMIT and one time after."""
    real = PostgresEngine.commit

    def fails(_: Engine) -> None:
        raise CommitError("The store failed while it committed.", is_committed=True)

    with pytest.MonkeyPatch.context() as patch:
        # That of the store's own tables.
        patch.setattr(PostgresEngine, "commit", fails)
        lending.run().refused(3, "failed while it committed. Nothing was loaded.")
    for late in (False, True):
        lending.send(f"D_lending_2020-03-{8 + 7 * late:02}.csv", (str(late), 0), day=f"2020-03-{3 + 7 * late:02}")

        def commit(engine: PostgresEngine, late: bool = late) -> None:
            if engine.value("SELECT COUNT(*) FROM ledger.runs"):
                if late:
                    # The server has committed, and its reply is lost.
                    name = engine.value("SELECT CAST(pg_current_xact_id_if_assigned() AS text)")
                    engine.execute("COMMIT")
                    engine._transaction = name
                with psycopg.connect(lending.url, autocommit=True) as other:
                    pid = engine.value("SELECT pg_backend_pid()")
                    other.execute("SELECT pg_terminate_backend(%s)", [pid])
                if late:
                    raise CommitError("The store failed while it committed (OperationalError).")
            real(engine)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(PostgresEngine, "commit", commit)
            outcome = lending.run()
        outcome.refused(3, "The returns were loaded" if late else "Nothing was changed")
    assert lending.run().code == 1


def test_a_disk_that_fails_under_a_store_is_an_error_and_the_store_opens_again(tmp_path: Path) -> None:
    """What the engine itself does after an error: it refuses all, and is opened anew."""
    engine = DuckDBEngine(tmp_path / "a.duckdb")
    with engine.transaction():
        engine.execute("CREATE TABLE t (x BIGINT)")

    def fails() -> None:
        raise duckdb.IOException("No space left on device")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "_checkpoint", fails)
        with pytest.raises(CommitError) as caught, engine.transaction():
            engine.execute("INSERT INTO t VALUES (1)")
        assert caught.value.is_committed
        assert "Nothing was changed" not in str(caught.value)
    engine.reconnect()
    assert engine.rows("SELECT * FROM t") == [(1,)]
    engine.close()


def test_nothing_is_told_that_is_not_on_the_disk(lending: Lending, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the program itself waits for; the database waits for its own files."""
    happened: list[str] = []
    fsync, commit, rename = os.fsync, DuckDBEngine.commit, Path.rename

    def noted_sync(file: int) -> None:
        happened.append(str(Path(f"/proc/self/fd/{file}").readlink()))
        fsync(file)

    def noted_commit(engine: Engine) -> None:
        happened.append("commit")
        commit(engine)

    def noted_rename(path: Path, target: Path) -> Path:
        happened.append("rename")
        return rename(path, target)

    monkeypatch.setattr(os, "fsync", noted_sync)
    monkeypatch.setattr(DuckDBEngine, "commit", noted_commit)
    monkeypatch.setattr(Path, "rename", noted_rename)
    assert lending.run().code == 1
    store = store_path(lending.url)
    assert store
    first, second = [at for at, each in enumerate(happened) if each == "commit"]
    assert str(store.parent) in happened[:first]
    before, after = happened[first:second], happened[second:]
    (run,) = (each for each in lending.reports.iterdir() if each.is_dir() and not each.is_symlink())
    names = {re.sub(r"^.*/\.[0-9a-f]{16}\.[^/]*\.partial", str(run), each) for each in before}
    assert {str(run), *map(str, run.rglob("*"))} <= names
    assert before.index(next(each for each in before if each.endswith(".untold"))) < before.index(
        str(lending.reports), before.index(next(each for each in before if each.endswith(".untold")))
    )
    assert str(lending.reports) in after[after.index("rename") :]


@pytest.mark.parametrize("failing", ["folder", "note", "shown"])
def test_a_disk_that_fails_as_reports_are_made_safe_ends_the_run(
    failing: str, lending: Lending, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsync, committed = os.fsync, [0]
    commit = DuckDBEngine.commit

    def fails(file: int) -> None:
        path = str(Path(f"/proc/self/fd/{file}").readlink())
        moment = "note" if path.endswith(".untold") else "folder" if path.endswith("/run.json") else ""
        if path == str(lending.reports) and committed[0] == 2:
            moment = "shown"
        if moment == failing:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        fsync(file)

    def counted(engine: Engine) -> None:
        commit(engine)
        committed[0] += 1

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fails)
        patch.setattr(DuckDBEngine, "commit", counted)
        outcome = lending.run()
    loaded = failing == "shown"
    outcome.refused(3, "Input/output error", "The returns were loaded" if loaded else "Nothing was loaded")
    assert rows(lending, "SELECT COUNT(*) FROM ledger.runs") == [(int(loaded),)]
    if not loaded:
        assert left(lending) == set()
    again = lending.run("--json")
    assert (again.code, len(again.json["finished_runs"]), left(lending)) == (1, int(loaded), {"RUN", "latest"})


@pytest.mark.parametrize("release", [(), ("--release",)])
def test_release_checks_whose_commit_fails_can_be_given_again(
    release: tuple[str, ...], lending: Lending, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lending.run().code == 1
    with monkeypatch.context() as patch:
        patch.setattr(DuckDBEngine, "commit", failing(DuckDBEngine.commit, committed=False, said=False))
        lending.check(*release).refused(3, "failed while it committed", "It is not known whether the work was kept")
    assert lending.check(*release).code == 0


def test_a_full_output_keeps_the_verdict_for_the_next_run(lending: Lending, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(StringIO):
        def write(self, _: str) -> int:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    real = click.echo

    def echo(message: Any = None, *given: Any, err: bool = False, **more: Any) -> None:
        real(message, *given, file=None if err else Full(), err=err, **more)

    with monkeypatch.context() as patch:
        patch.setattr(click, "echo", echo)
        outcome = lending.run("--json")
    told = "The result cannot be printed: No space left on device. The returns were loaded, and the reports are in"
    outcome.refused(3, told)
    again = lending.run("--json")
    assert (again.code, again.json["verdict"], len(again.json["finished_runs"])) == (1, "rejected", 1)
    with monkeypatch.context() as patch:
        patch.setattr(click, "echo", echo)
        lending.command("status", "--store", lending.url, "--contracts", lending.contracts, "--json").refused(
            3, "The output cannot be written: No space left on device."
        )


def test_a_run_that_cannot_archive_leaves_its_verdict_to_the_next(
    lending: Lending, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise EnvironmentFailure("The returns were loaded and reported. 1 file could not be moved.")

    archive = ("--archive", lending.root / "archive")
    with monkeypatch.context() as patch:
        patch.setattr("probation_etl.runs.take.put_away", fails)
        assert lending.run(*archive).code == 3
    again = lending.run(*archive, "--json")
    assert (again.code, len(again.json["finished_runs"])) == (1, 1)


class TestSignals:
    """A signal at any moment leaves a store and reports that the next run completes."""

    def stopped(self, number: int, where: object, name: str, lending: Lending, *, times: int = 1) -> Outcome:
        """The outcome of a run that gets a signal as soon as it calls something."""
        called = getattr(where, name)

        def call(*given: Any, **more: Any) -> Any:
            for _ in range(times):
                os.kill(os.getpid(), number)
                sum(range(10_000))  # the interpreter looks for signals between two steps
            return called(*given, **more)

        # A shell lets what it starts in the background ignore SIGINT, and so does our program then.
        as_found = signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
        try:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(where, name, call)
                return lending.run()
        finally:
            signal.signal(number, as_found)

    @pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
    def test_before_commit_everything_is_undone(self, number: int, code: int, lending: Lending) -> None:
        before = signal.getsignal(number)
        outcome = self.stopped(number, import_module("probation_etl.runs.completion"), "conclude", lending)
        name = signal.Signals(number).name
        assert (outcome.code, outcome.out, outcome.err) == (
            code,
            "",
            f"probation-etl: stopped by {name}. Nothing is half-done.\n",
        )
        assert signal.getsignal(number) is before
        assert left(lending) == set()
        assert rows(lending, "SELECT COUNT(*) FROM ledger.runs") == [(0,)]

    def test_from_commit_on_the_run_is_completed_and_the_next_tells_the_verdict(self, lending: Lending) -> None:
        outcome = self.stopped(signal.SIGTERM, RunFolder, "ready", lending)
        outcome.refused(143, "stopped by SIGTERM. The returns were loaded, and the reports are in")
        assert outcome.err.count("\n") == 1
        assert left(lending) == {"RUN", "latest", ".STORE.RUN.untold"}
        assert wished() is None
        again = lending.run("--json")
        assert (again.code, len(again.json["finished_runs"])) == (1, 1)

    def test_a_second_one_ends_the_process_on_the_spot(self, lending: Lending, monkeypatch: pytest.MonkeyPatch) -> None:
        def leave(code: int) -> None:
            raise Died(code)

        monkeypatch.setattr(os, "_exit", leave)
        with pytest.raises(Died) as caught:
            self.stopped(signal.SIGTERM, RunFolder, "ready", lending, times=2)
        assert caught.value.code == 143
