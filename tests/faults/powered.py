"""A scene whose store, ledger file and reports lie on a disk that loses its power; and every command that writes to it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from power import power
from scene import Scene

from places import Outcome

Arguments = tuple[object, ...]


@dataclass(frozen=True)
class Powered(Scene):
    """The scene; the inbox and the contracts are on another disk."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.disk.mkdir(exist_ok=True)

    @property
    def disk(self) -> Path:
        return self.root / "disk"

    @property
    def store(self) -> Path:
        return self.disk / "store.duckdb"

    @property
    def archive(self) -> Path:
        return self.disk / "archive"

    @property
    def reports(self) -> Path:
        return self.disk / "reports"

    @property
    def national(self) -> str:
        """A store with the shipped contracts, which the tracker reads. It is made where there is none."""
        path, inbox = self.root / "national.duckdb", self.root / "temporary"
        url = f"duckdb:///{path}"
        if not path.exists():
            made = self.here("run", inbox, "--store", url, "--reports", self.root / "national")
            assert made.code == 0, made
        return url

    def copied(self, root: Path) -> Powered:
        shutil.copytree(self.root, root, symlinks=True)
        return Powered(root)

    def shown(self) -> dict[str, bytes | str]:
        """Everything that can be seen on the disk beside the store, hidden files left out."""
        return {
            path.relative_to(self.disk).as_posix(): str(path.readlink()) if path.is_symlink() else path.read_bytes()
            for path in sorted(self.disk.rglob("[!.]*"))
            if len(path.relative_to(self.disk).parts) > 1 and (path.is_file() or path.is_symlink())
            if not any(part.startswith(".") for part in path.relative_to(self.disk).parts)
        }

    def state(self) -> tuple[Any, ...]:
        """What the store holds, and what was exported from it."""
        written = {name: data for name, data in self.shown().items() if name.startswith(("export/", "tracker/"))}
        return self.content() if self.runs() else [], written

    def received(self) -> set[bytes]:
        """What suppliers have sent, in the inbox or in the archive."""
        kept = [*self.inbox.iterdir(), *self.archive.rglob("*.csv")]
        return {path.read_bytes() for path in kept if not path.name.startswith(".")}


def _run(scene: Powered) -> Arguments:
    return scene.arguments


def _archive(scene: Powered) -> Arguments:
    return (*scene.arguments, "--archive", scene.archive)


def _export(scene: Powered) -> Arguments:
    return ("store", "export", scene.url, "--to", scene.disk / "export", "--contracts", scene.root / "contracts")


def _tracker(scene: Powered) -> Arguments:
    return ("tracker", "--store", scene.national, "--output", scene.disk / "tracker")


def _maintain(scene: Powered) -> Arguments:
    return ("--reason", "the power", "--reports", scene.reports, "--contracts", scene.root / "contracts")


def _withdraw(scene: Powered) -> Arguments:
    [(number,)] = scene.rows("SELECT return_id FROM ledger.returns WHERE file = 'B_lending_2020-03-08.csv'")
    return ("store", "withdraw", scene.url, number, *_maintain(scene))


def _purge(scene: Powered) -> Arguments:
    return ("store", "purge", scene.url, "--on", "2026-06-01", *_maintain(scene))


#: One after the other, on one scene.
COMMANDS: dict[str, Callable[[Powered], Arguments]] = {
    "a first run": _run,
    "a first export": _export,
    "a run with a correction": _run,
    "a second export": _export,
    "a tracker": _tracker,
    "a withdrawal": _withdraw,
    "a purge": _purge,
    "a run into an archive": _archive,
}


@dataclass(frozen=True)
class Stage:
    """A command that was acknowledged, and then the power was cut.

    Attributes:
        name: What is done.
        arguments: Of the command.
        before: The scene before.
        done: The scene when it was done and the power was there still.
        after: The scene when the power had been cut.
        outcome: What the command said.
        changes: How many changes of the disk it made.
        states: What there was before and when it was done.
    """

    name: str
    arguments: Callable[[Powered], Arguments]
    before: Powered
    done: Powered
    after: Powered
    outcome: Outcome
    changes: int
    states: tuple[tuple[Any, ...], tuple[Any, ...]]


def gone_through(scene: Powered, root: Path) -> Iterator[Stage]:
    """Every command on one scene, which goes on with what has survived of the one before."""
    for name, arguments in COMMANDS.items():
        if "correction" in name:
            scene.correct()
        given, before = arguments(scene), scene.copied(root / f"before {name}")
        with power(scene.disk) as changes:
            outcome = scene.here(*given)
            done = scene.copied(root / f"done {name}")
        after = scene.copied(root / f"after {name}")
        yield Stage(name, arguments, before, done, after, outcome, changes[0], (before.state(), done.state()))
