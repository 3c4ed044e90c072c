"""A small inbox, a store and reports, that commands work on while something goes wrong; and what must hold afterwards."""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any
from unittest import mock

from trials import Trial

from lending import RETENTION, RETURN, Lending
from places import Outcome, Place, Rows
from probation_etl.cli import run_cli
from probation_etl.stores import store_path
from probation_etl.stores.duckdb import DuckDBEngine
from probation_etl.stores.engine import Engine
from probation_etl.stores.postgres import PostgresEngine

#: Tables that do not depend on when a run was, with the columns that do not either.
_SAME = (
    "SELECT * FROM unified.loan ORDER BY 1, 2",
    "SELECT branch, ticket, lent_on, fine FROM released.loan ORDER BY 1, 2",
    "SELECT file, sha256, verdict, loaded, attempt, rows_accepted, rows_quarantined FROM ledger.returns ORDER BY 1, 5",
    "SELECT COUNT(*) FROM quarantine.rows",
)
_UNDONE = re.compile(r"Nothing was (changed|loaded|done)")
_LEFT_OVER = re.compile(r"\.partial$|\.untold$|^\.latest\.new$")


@dataclass(frozen=True)
class Scene(Place):
    """A place with contracts of its own. Commands run in a process of their own.

    Attributes:
        address: URL of the store, where it is not the file that a place has.
    """

    address: str = ""

    def __post_init__(self) -> None:
        self._temporary.mkdir(parents=True, exist_ok=True)
        self._lending.write(returned=RETURN + RETENTION)

    def send(self, branch: str, rows: int, fine: int = 0) -> None:
        """A return of a branch arrives, with so many loans."""
        name = f"{branch}_lending_2020-03-08.csv"
        self._lending.send(name, *((f"{branch}{at:03}", fine) for at in range(rows)))

    def fill(self) -> None:
        """Three returns of two branches; one of them has a row with an error."""
        self._lending.send("A_lending_2020-03-08.csv", *((f"{at:03}", 0) for at in range(40)))
        self._lending.send("B_lending_2020-03-08.csv", ("001", 1), ("002", 2))
        self._lending.send("B_lending_2020-03-15.csv", ("003", 0), day="2020-13-09")

    def clear(self) -> None:
        """What lies in the inbox is taken out."""
        for each in self.inbox.iterdir():
            each.unlink()

    def correct(self) -> None:
        """A correction of the first return arrives."""
        self._lending.send("A_lending_2020-03-08_v2.csv", *((f"{at:03}", 1) for at in range(40)))

    def is_corrected(self) -> bool:
        """Whether the correction counts."""
        return self.rows("SELECT DISTINCT fine FROM unified.loan WHERE branch = 'A'") == [(1,)]

    @property
    def url(self) -> str:
        return self.address or super().url

    @property
    def arguments(self) -> tuple[object, ...]:
        return (*super().arguments, *self.contracts, "--settle", "0")

    @property
    def _lending(self) -> Lending:
        return Lending(self.root, self.url, self.command)

    @property
    def _temporary(self) -> Path:
        return self.root / "temporary"

    @property
    def contracts(self) -> tuple[object, ...]:
        """The option that names them."""
        return ("--contracts", self._lending.contracts)

    def command(
        self, *arguments: object, before: Sequence[str] = (), kill_after: float | None = None, **environment: str
    ) -> Outcome:
        """Runs the command line in a process of its own.

        Args:
            arguments: Of the command line.
            before: A command that runs it, such as strace.
            kill_after: Seconds after which it is killed.
            environment: Variables besides those of the tests.

        Raises:
            AssertionError: It does not end.
        """
        line = [*before, sys.executable, "-m", "probation_etl", *map(str, arguments)]
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "TMPDIR": str(self._temporary), **environment}
        running = subprocess.Popen(
            line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, start_new_session=True
        )
        try:
            out, err = running.communicate(timeout=kill_after or 300)
        except subprocess.TimeoutExpired:
            # A tracer that is killed alone lets go of what it traces.
            os.killpg(running.pid, signal.SIGKILL)
            out, err = running.communicate()
            assert kill_after, "it did not end in 300 seconds"
        return Outcome(running.returncode, out.decode(errors="replace"), err.decode(errors="replace"))

    def run(self, *more: object, before: Sequence[str] = (), **environment: str) -> Outcome:
        return self.command(*self.arguments, *more, before=before, **environment)

    def here(self, *arguments: object) -> Outcome:
        """Runs the command line in this process, where nothing has to be imported again."""
        logger = logging.getLogger("probation_etl")
        before = logger.handlers, logger.propagate, logger.level
        place = mock.patch.object(tempfile, "tempdir", str(self._temporary))
        with place, redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
            try:
                code = run_cli([str(each) for each in arguments])
            finally:
                logger.handlers, logger.propagate = before[:2]
                logger.setLevel(before[2])
        return Outcome(code, out.getvalue(), err.getvalue())

    def engine(self) -> Engine:
        path = store_path(self.url)
        return PostgresEngine(self.url) if path is None else DuckDBEngine(path)

    def rows(self, query: str, parameters: list[Any] | None = None) -> Rows:
        with closing(self.engine()) as engine:
            return engine.rows(query, parameters)

    def content(self) -> list[Rows]:
        """What the store holds, without names of runs and times."""
        with closing(self.engine()) as engine:
            return [engine.rows(query) for query in _SAME]

    def runs(self) -> int:
        """How many runs the ledger holds; 0 where there is no store yet."""
        path = store_path(self.url)
        return self.in_ledger("runs") if path is None or path.exists() else 0

    def has_whole_reports(self) -> bool:
        """Whether every folder that can be seen is complete, ``latest`` is one of them, and nothing half-done is left."""
        names = {each.name for each in self.reports.iterdir()}
        shown = [each for each in self.reports.iterdir() if not each.name.startswith(".") and each.name != "latest"]
        return (
            not any(_LEFT_OVER.search(name) for name in names)
            and (self.reports / "latest" / "index.html").exists()
            and all(_is_whole(each) for each in shown)
        )

    def copied(self, root: Path) -> Scene:
        """The same scene in another directory; the store is in that directory as well."""
        shutil.copytree(self.root, root, symlinks=True)
        return Scene(root)


def _is_whole(folder: Path) -> bool:
    try:
        run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    pages = [each["report"] for each in run["returns"] if each.get("report")]
    return (folder / "index.html").exists() and all((folder / page).stat().st_size > 0 for page in pages)


def aftermath(trial: Trial, place: object, scene: Scene, failed: Outcome, wanted: list[Any], **more: bool) -> None:
    """After a fault: the next run finishes the job without help, and all is as if nothing had happened.

    Args:
        trial: Where what did not hold is noted.
        place: Where the fault was.
        scene: With whatever the fault left.
        failed: What the command did that the fault struck.
        wanted: The content of a store after a run without a fault.
        more: What else is promised after this fault.
    """
    told = "partly" in failed.out or "rejected" in failed.out
    next_run, then = scene.here(*scene.arguments), scene.here(*scene.arguments, "--json")
    verified = scene.here("store", "verify", scene.url, *scene.contracts)
    trial.holds(
        f"{place} (ended {failed.code}, then {next_run.code}: {' '.join(next_run.err.split())[:200]})",
        **more,
        the_next_run_gives_the_verdict=next_run.code == (0 if told and not next_run.code else 1),
        the_store_is_that_of_a_run_without_a_fault=scene.content() == wanted,
        every_invariant_holds=verified.code == 0,
        the_reports_are_whole=scene.has_whole_reports(),
        a_third_run_has_nothing_to_do=then.code == 0
        and {each["verdict"] for each in then.json["returns"]} == {"unchanged"},
    )


def is_true(failed: Outcome, *, loaded: bool) -> bool:
    """Whether the exit code and the words of a command agree with whether the ledger holds what it did."""
    if failed.code in (0, 1):
        return loaded and failed.out != ""
    if _UNDONE.search(failed.err):
        return failed.code == 3 and not loaded
    if "were loaded" in failed.err and "whether" not in failed.err:
        return failed.code == 3 and loaded
    return failed.code == 3


#: Makes a scene with returns in its inbox.
NewScene = Callable[[], Scene]
