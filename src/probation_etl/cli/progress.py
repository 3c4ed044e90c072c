"""Progress of long work, on standard error: only on a terminal, and only if the work takes more than a second."""

from __future__ import annotations

import sys
from collections.abc import Callable
from threading import Timer
from types import TracebackType
from typing import TYPE_CHECKING, Self

from probation_etl.cli.logs import in_json
from probation_etl.cli.output import plain

if TYPE_CHECKING:
    from rich.progress import Progress

_AFTER_SECONDS = 1.0
_LONGEST_NAME = 40


class FileProgress:
    """Shows the current file, how many are done and the time taken. It disappears when the work is done."""

    def __init__(self, *, quiet: bool = False, also: Callable[[str, int, int], None] | None = None) -> None:
        """Shows nothing before it is entered.

        Args:
            quiet: Show nothing at all.
            also: Who else is told of each file.
        """
        self._also = also
        self._bar = _bar() if sys.stderr.isatty() and not quiet and not in_json() else None
        self._task = self._bar.add_task("reading contracts", total=None) if self._bar else None
        self._timer = Timer(_AFTER_SECONDS, self._bar.start) if self._bar else None

    def __enter__(self) -> Self:
        if self._timer:
            self._timer.daemon = True
            self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Removes the bar, so that something else can be shown."""
        if self._timer and self._bar:
            self._timer.cancel()
            self._timer.join()
            self._bar.stop()

    def __call__(self, name: str, done: int, total: int) -> None:
        """Shows the next file: its name, how many are done, and how many there are."""
        if self._bar and self._task is not None:
            shown = plain(name)
            cut = shown if len(shown) <= _LONGEST_NAME else f"…{shown[-_LONGEST_NAME:]}"
            self._bar.update(self._task, description=cut, completed=done, total=total)
        if self._also:
            self._also(name, done, total)


def _bar() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn("line"), TextColumn("{task.description}", markup=False), BarColumn())
    return Progress(
        *columns, MofNCompleteColumn(), TextColumn("files"), TimeElapsedColumn(),
        console=Console(stderr=True), transient=True, redirect_stdout=False, redirect_stderr=False,
    )  # fmt: skip
