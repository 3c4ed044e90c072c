"""Readers and runs side by side: each reader sees a whole state and changes nothing; a run that must wait says for whom."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest
from senders import breach, caseload, extract

import probation_etl as pe
from places import Outcome, Place, speed_up
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.runs.session import RunSession
from probation_etl.stores.duckdb_file import locked

Command = Callable[..., Outcome]
#: Another program that has the store open, until its standard input ends or it has waited so long.
_HOLDER = """
import duckdb, select, sys
with duckdb.connect(sys.argv[1]) as connection:
    connection.execute("BEGIN; DELETE FROM ledger.runs")
    print("open", flush=True)
    select.select([sys.stdin], [], [], float(sys.argv[2]))
"""


@contextmanager
def held(store: Path, seconds: float = 60) -> Iterator[int]:
    """The store in use by another program, in the middle of a transaction; its process id."""
    arguments = [sys.executable, "-c", _HOLDER, str(store), str(seconds)]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "open\n"
        yield holder.pid
        holder.communicate()


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory, command: Command, shipped_rulebook: Rulebook) -> Place:
    """A store with two returns, which no test changes."""
    place = Place(tmp_path_factory.mktemp("loaded"))
    place.inbox.mkdir()
    place.put("N53_breaches_2020-03-01.csv", extract(breach(1), breach(2)))
    place.put("N53_caseload_2020-03-01.csv", caseload())
    with pytest.MonkeyPatch.context() as patch:
        speed_up(patch, shipped_rulebook)
        assert command(*place.arguments).code == 0
    return place


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The temporary folder of this process."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def reads(place: Place, out: Path) -> list[tuple[object, ...]]:
    """Every command that only reads."""
    return [
        ("status", "--store", place.url, "--json"),
        ("status", "--store", place.url, "--on", "2020-03-02"),
        ("tracker", "--store", place.url, "-o", out / "tracker"),
        ("trace", "--store", place.url, "breach", "provider_code=N53"),
        ("store", "export", place.url, "--to", out / "export"),
    ]


class TestReaders:
    def test_beside_a_run_and_any_other_program_they_work_change_nothing_and_need_no_right_to_write(
        self, loaded: Place, command: Command, tmp_path: Path, scratch: Path
    ) -> None:
        modes = {path: path.stat().st_mode for path in (loaded.store, loaded.root)}
        with locked(loaded.store), held(loaded.store):
            before = loaded.listing()
            loaded.store.chmod(0o400)
            loaded.root.chmod(0o500)
            try:
                found = [command(*each) for each in reads(loaded, tmp_path)]
            finally:
                for path, mode in modes.items():
                    path.chmod(mode)
            assert loaded.listing() == before
        assert [(each.code, each.err) for each in found] == [(0, "")] * len(found)
        states = {each["state"] for each in json.loads(found[0].out)["returns"] if each["return_id"]}
        assert states == {"accepted"}
        assert list(scratch.iterdir()) == []

    def test_verify_changes_nothing_and_waits_for_a_run(self, loaded: Place, command: Command) -> None:
        before = loaded.listing()
        assert command("store", "verify", loaded.url).code == 0
        assert loaded.listing() == before
        with locked(loaded.store):
            command("store", "verify", loaded.url, "--wait", "1").refused(75, "Another run works on")

    def test_what_they_read_by_other_contracts_is_not_kept(
        self, loaded: Place, command: Command, tmp_path: Path
    ) -> None:
        """A reader takes over changed contracts in its own copy; the store waits for a run to do that."""
        contracts = tmp_path / "contracts"
        assert command("contract", "copy", contracts).code in (0, 2)
        digests = loaded.rows("SELECT digest FROM ledger.contracts")
        with duckdb.connect(str(loaded.store)) as connection:
            connection.execute("UPDATE ledger.contracts SET digest = 'another'")
        before = loaded.listing()
        assert command("status", "--store", loaded.url).code == 0
        assert loaded.listing() == before
        with duckdb.connect(str(loaded.store)) as connection:
            connection.execute("UPDATE ledger.contracts SET digest = $1", list(digests[0]))

    def test_a_copy_is_private_and_what_a_killed_reader_left_is_removed(self, loaded: Place, scratch: Path) -> None:
        left = scratch / "probation-etl-reading-1"
        left.mkdir()
        (left / "probation.duckdb").write_bytes(b"rows")
        with pe.open_store(loaded.url, read_only=True) as store:
            (folder,) = scratch.iterdir()
            assert folder != left
            assert folder.stat().st_mode & 0o777 == 0o700
            assert [path for path in folder.rglob("*") if path.is_file()] == []
            assert store.table("breach").height == 2
            with pytest.raises(pe.UsageError, match="was opened for reading"), store.transaction():
                pass
        assert list(scratch.iterdir()) == []

    def test_a_reader_in_the_process_of_a_writer_leaves_the_lock_of_the_store_alone(
        self, loaded: Place, command: Command, tmp_path: Path
    ) -> None:
        """The system drops all locks of a process on a file when the process closes one handle on it."""
        with pe.open_store(loaded.url) as store:
            assert pe.write_tracker(loaded.url, tmp_path)["format_version"] == "1"
            probe = "import duckdb, sys; duckdb.connect(sys.argv[1])"
            done = subprocess.run(
                [sys.executable, "-c", probe, loaded.store], capture_output=True, check=False, timeout=60
            )
            assert b"Could not set lock" in done.stderr
            assert store.table("breach").height == 2

    def test_where_there_is_no_room_for_the_copy_it_says_where(
        self, loaded: Place, command: Command, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(tempfile, "tempdir", "/dev/null/scratch")
        command("status", "--store", loaded.url).refused(3, str(loaded.store), "/dev/null/scratch", "TMPDIR")

    def test_a_damaged_store_is_named_and_not_its_copy(self, tmp_path: Path, command: Command) -> None:
        store = tmp_path / "a.duckdb"
        store.write_text("no store", encoding="utf-8")
        outcome = command("status", "--store", f"duckdb:///{store}")
        outcome.refused(3, f"The store {store} cannot be opened (")
        assert pe.StoreError.exit_code == 3


@pytest.mark.usefixtures("quick")
class TestRuns:
    @pytest.fixture
    def prepared(self, place: Place, command: Command) -> Place:
        """A store without returns, and a return to load."""
        assert command(*place.arguments).code == 0
        place.put("N53_breaches_2020-03-01.csv", extract(breach(1)))
        return place

    def test_beside_another_program_a_run_ends_with_75_and_says_which(self, prepared: Place, command: Command) -> None:
        with held(prepared.store) as process:
            before = prepared.listing()
            for each in (
                prepared.arguments,
                ("check", "--store", prepared.url),
                ("store", "withdraw", prepared.url, "x", "--reason", "y", "--reports", prepared.reports),
            ):
                words = ("Another program", f"process {process}", str(prepared.store), "--wait")
                command(*each).refused(75, *words)
            assert prepared.listing() == before
        assert command(*prepared.arguments).code == 0

    def test_a_run_waits_as_long_as_it_is_told_to(self, prepared: Place, command: Command) -> None:
        with held(prepared.store, seconds=1):
            assert command(*prepared.arguments, "--wait", "30").code == 0
        with locked(prepared.store):
            command(*prepared.arguments, "--wait", "1").refused(75, "Another run works on")
        assert command(*prepared.arguments, "--wait", "-1").code == 2

    def test_by_whatever_path_a_store_is_named_there_is_one_lock(
        self, prepared: Place, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        other = tmp_path / "elsewhere"
        other.mkdir()
        link = other / "link.duckdb"
        link.symlink_to(prepared.store)
        monkeypatch.chdir(other)
        named = (link, "link.duckdb", os.path.relpath(prepared.store), f"{other}/../{prepared.store.name}")
        with locked(prepared.store):
            for path in named:
                outcome = command("run", prepared.inbox, "--store", f"duckdb:///{path}", "--reports", prepared.reports)
                outcome.refused(75, "Another run works on")
        with locked(link):
            command(*prepared.arguments).refused(75, "Another run works on")
        assert [each.name for each in other.iterdir()] == ["link.duckdb"]

    def test_a_store_in_the_inbox_is_no_return_and_keeps_its_lock(
        self, place: Place, command: Command, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Reading it would give up the lock: see the test of a reader in the process of a writer."""
        store, found = place.inbox / "probation.duckdb", []
        settle = RunSession.settle

        def probe(session: RunSession) -> None:
            script = "import duckdb, sys; duckdb.connect(sys.argv[1])"
            done = subprocess.run([sys.executable, "-c", script, store], capture_output=True, check=False, timeout=60)
            found.append(b"Could not set lock" in done.stderr)
            settle(session)

        monkeypatch.setattr(RunSession, "settle", probe)
        arguments = ("run", place.inbox, "--store", f"duckdb:///{store}", "--reports", place.reports, "--json")
        assert command(*arguments).code == 0
        place.put("N53_breaches_2020-03-01.csv", extract(breach(1)))
        outcome = command(*arguments, "--settle", "0")
        assert [each["file"] for each in outcome.json["returns"]] == ["N53_breaches_2020-03-01.csv"]
        assert {each["why"] for each in outcome.json["not_taken"]} == {"the store"}
        assert found == [True, True]
