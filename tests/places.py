"""Working directories of functional tests, with inbox, store and reports, and the outcome of a command.

Not in ``conftest``: several modules have that name, and which of them an import finds depends on what else runs.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import duckdb
import pytest

from probation_etl.contracts.rulebook import Rulebook
from probation_etl.intake.readers import DEFAULT_LIMITS
from probation_etl.runs.completion import carry_out as complete
from probation_etl.runs.listing import Listing, listing
from probation_etl.runs.session import RunSession, new_record
from probation_etl.stores import Store

CHECKOUT = Path(__file__).parents[1]
SAMPLE_DATA = CHECKOUT / "sample_data"
Step = Callable[[RunSession], None]
Rows = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Outcome:
    """What a command did, as its user sees it."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, which must be JSON and nothing else."""
        return json.loads(self.out)

    def refused(self, code: int, *words: str) -> None:
        """Asserts that the command ended with this code, these words on standard error, and no result."""
        assert (self.code, self.out) == (code, ""), self
        assert "Traceback" not in self.err
        for word in words:
            assert word in self.err


@dataclass(frozen=True)
class Place:
    """A directory with an inbox, a store and reports."""

    root: Path

    @property
    def inbox(self) -> Path:
        return self.root / "inbox"

    @property
    def reports(self) -> Path:
        return self.root / "reports"

    @property
    def store(self) -> Path:
        return self.root / "probation.duckdb"

    @property
    def url(self) -> str:
        return f"duckdb:///{self.store}"

    @property
    def arguments(self) -> tuple[object, ...]:
        """Arguments of ``run`` for this directory."""
        return ("run", self.inbox, "--store", self.url, "--reports", self.reports)

    def put(self, name: str, content: bytes) -> None:
        """Puts a file into the inbox."""
        path = self.inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def in_ledger(self, table: str = "returns") -> int:
        """Number of entries in a table of the ledger; 0 if the store was never prepared."""
        tables = "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'ledger' AND table_name = $1"
        if self.rows(tables, [table]) == [(0,)]:
            return 0
        return int(self.rows(f"SELECT COUNT(*) FROM ledger.{table}")[0][0])

    def rows(self, query: str, parameters: list[Any] | None = None) -> Rows:
        """Result of a query on the store."""
        with duckdb.connect(str(self.store), read_only=True) as connection:
            return connection.execute(query, parameters).fetchall()

    def dump(self) -> dict[str, Rows]:
        """Every table and view of the store with its rows in a fixed order."""
        with duckdb.connect(str(self.store), read_only=True) as connection:
            names = connection.execute("SELECT table_schema, table_name FROM information_schema.tables").fetchall()
            return {
                f"{schema}.{table}": sorted(
                    connection.execute(f'SELECT * FROM "{schema}"."{table}"').fetchall(), key=repr
                )
                for schema, table in sorted(names)
            }

    def listing(self) -> dict[str, tuple[int, int]]:
        """Every file below the directory, with size and time of change."""
        return {
            path.relative_to(self.root).as_posix(): (path.lstat().st_size, path.lstat().st_mtime_ns)
            for path in sorted(self.root.rglob("*"))
        }


@dataclass(frozen=True)
class SampleRun(Place):
    """The sample returns after a first run."""

    outcome: Outcome

    @property
    def summary(self) -> dict[str, Any]:
        return dict(self.outcome.json)


def alone(inbox: Path, path: Path) -> Listing:
    """What lies in an inbox, as if this were its only file."""
    found = listing(inbox)
    found.files = [path]
    return found


def carry_out(step: Step, store: Store, rulebook: Rulebook) -> None:
    """One run on an open store, without reports, as the main job does it."""
    work = RunSession(rulebook, store, None, new_record(rulebook), DEFAULT_LIMITS)
    complete(work, step)


def speed_up(patch: pytest.MonkeyPatch, rulebook: Rulebook) -> None:
    """See ``quick``."""
    work = import_module("probation_etl.runs.session")
    judge = work.check_reference_tables
    patch.setattr(import_module("probation_etl.runs.conclusion"), "release_checks", lambda *_: [])
    patch.setattr(work, "check_reference_tables", lambda each: None if each is rulebook.contracts else judge(each))
    # By its full name, because in its package the function of the same name hides the module.
    for name in ("runs.run", "runs.withdrawal", "runs.admission", "contracts.rulebook"):
        home = import_module(f"probation_etl.{name}")
        patch.setattr(home, "load_rulebook", _loading(rulebook, home.load_rulebook))


def _loading(rulebook: Rulebook, load: Callable[..., Rulebook]) -> Callable[..., Rulebook]:
    """The rulebook, unless a directory is named."""
    return lambda directory=None: load(directory) if directory else rulebook
