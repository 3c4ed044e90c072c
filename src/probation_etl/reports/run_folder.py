"""The folder of a run's reports: hidden while it is written, shown once the store has committed, and never seen half.

Beside a folder that is complete lies a note of what its run has to tell, until somebody has been told. So whatever ends a
run, the next one knows what is left to do. The states are on the page ``docs/explanation/run.md``.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, suppress
from pathlib import Path

from probation_etl.errors import EnvironmentFailure
from probation_etl.files import explained, make_folder, sync, sync_tree, write_draft
from probation_etl.reports.run_report import FinishedRun, RunReport

#: Name of the page about a run.
RUN_PAGE = "index.html"
_PARTIAL, _UNTOLD = ".partial", ".untold"


class RunFolder:
    """The folder of one run in the directory of all reports, and what earlier runs on the same store left there.

    Attributes:
        directory: Where the reports of all runs are kept.
        draft: Where this run's reports are written.
        is_ready: Whether they are complete and on the disk: whether they are shown is for the ledger to say then.
    """

    def __init__(self, directory: Path, run_id: str, store: str) -> None:
        """The folder, which is not made before something is written.

        Args:
            directory: Where the reports of all runs are kept.
            run_id: Name of the run.
            store: Name of its store: runs on several stores may keep their reports in one directory.
        """
        self.directory, self._run_id, self._prefix = directory, run_id, f".{store}."
        self.draft, self._note = self._paths(run_id)
        self.is_ready = False
        self._untold: list[Path] = []

    def finish_others(self, runs_of: Callable[[Iterable[str]], list[str]]) -> tuple[FinishedRun, ...]:
        """Finishes what earlier runs left: shows the reports of those that were loaded, and removes all others.

        Args:
            runs_of: Those of the runs that the ledger holds, in its order.

        Returns:
            The runs that were loaded and of which nobody was told.

        Raises:
            EnvironmentFailure: The directory cannot be written.
        """
        latest = self.directory / "latest"
        if latest.exists() and not latest.is_symlink():
            raise EnvironmentFailure(f"{latest} is not a link to the newest run: move it away. Nothing was done.")
        with self._explained():
            noted, drafted = (set(self._runs_with(ending)) for ending in (_UNTOLD, _PARTIAL))
            loaded = runs_of(noted)
            for run_id in (noted | drafted) - set(loaded):
                _remove(*self._paths(run_id))
            self._link.unlink(missing_ok=True)
            return tuple(self._finish(run_id) for run_id in loaded)

    def _finish(self, run_id: str) -> FinishedRun:
        _, note = self._paths(run_id)
        shown = self._show(run_id)
        try:
            told = json.loads(note.read_text(encoding="utf-8"))
            report = f"../{run_id}/{RUN_PAGE}" if (shown / RUN_PAGE).exists() else None
            finished = FinishedRun(run_id, str(told["verdict"]), int(told["exit_code"]), report)
        except (ValueError, KeyError, TypeError):
            raise EnvironmentFailure(f"The note {note} on a run is damaged: remove it. Nothing was loaded.") from None
        self._untold.append(note)
        return finished

    def make_draft(self) -> None:
        """Makes the run's folder, private because reports quote rows."""
        make_folder(self.draft)

    def ready(self, report: RunReport) -> None:
        """Waits until everything that was written is on the disk, and notes what there is to tell of it.

        Raises:
            EnvironmentFailure: The disk failed. Nothing was committed.
        """
        with self._explained():
            sync_tree(self.draft)
            write_draft(self._note, json.dumps({"verdict": report.verdict, "exit_code": report.exit_code}))
            sync(self._note)
            sync(self.directory)
        self.is_ready = True

    def publish(self) -> Path:
        """Shows the run's folder and lets ``latest`` point at it.

        Raises:
            EnvironmentFailure: It cannot be shown. The store has committed by then; the next run shows it.
        """
        with self._explained(then="The returns were loaded; the next run shows the reports."):
            return self._show(self._run_id)

    def told(self) -> None:
        """Somebody was told of this run and of those that it finished: nothing is left to do.

        Raises:
            EnvironmentFailure: The notes cannot be removed.
        """
        with self._explained(then="The reports are complete; the next run tells of them again."):
            for note in (*self._untold, self._note):
                note.unlink(missing_ok=True)
            # Else a note that comes back after a power cut would make the next run tell the verdict twice.
            if self.directory.exists():
                sync(self.directory)

    def discard(self) -> None:
        """Removes what was written, because nothing was loaded."""
        with suppress(OSError):
            _remove(self.draft, self._note)

    @property
    def _link(self) -> Path:
        """What becomes ``latest``."""
        return self.directory / ".latest.new"

    def _show(self, run_id: str) -> Path:
        """Shows the folder of a run, if that was not done, and makes it the newest; where it was removed, nothing is left to do."""
        (draft, _), shown = self._paths(run_id), self.directory / run_id
        if draft.exists():
            draft.rename(shown)
        if shown.exists():
            self._link.unlink(missing_ok=True)
            self._link.symlink_to(run_id, target_is_directory=True)
            self._link.replace(self.directory / "latest")
        sync(self.directory)
        return shown

    def _paths(self, run_id: str) -> tuple[Path, Path]:
        """The hidden folder of a run, and the note on it."""
        name = f"{self._prefix}{run_id}"
        return self.directory / f"{name}{_PARTIAL}", self.directory / f"{name}{_UNTOLD}"

    def _runs_with(self, ending: str) -> Iterable[str]:
        for path in self.directory.glob(f"{self._prefix}*{ending}"):
            yield path.name.removeprefix(self._prefix).removesuffix(ending)

    def _explained(self, *, then: str = "Nothing was loaded.") -> AbstractContextManager[None]:
        return explained(f"The reports in {self.directory} cannot be written", then=then)


def _remove(draft: Path, note: Path) -> None:
    """The note goes last: without it the folder is taken for one that was not complete."""
    if draft.exists():
        shutil.rmtree(draft)
    note.unlink(missing_ok=True)
