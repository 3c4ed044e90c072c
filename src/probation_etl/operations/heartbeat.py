"""A small file that says what the newest run is doing, and when it last did something.

No thread of its own writes it: that would go on while the work hangs.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

from probation_etl.files import write_file
from probation_etl.journal import Clock
from probation_etl.operations.events import Begun, Ended, Observer

#: It is written at most so often while the run works.
_EVERY_SECONDS = 1.0


class Heartbeat(Observer):
    """Writes the file at the beginning, whenever the work goes on, and at the end; always whole."""

    def __init__(self, path: Path) -> None:
        self._path, self._since = path, Clock()
        self.name = f"the heartbeat file {path}"

    def begun(self, run: Begun) -> None:
        """Writes that the run begins."""
        self._write(run, "begun")

    def working(self, run: Begun, done: int | None, total: int | None) -> None:
        """Writes how many files are done, if it was not written just now."""
        if self._since.seconds >= _EVERY_SECONDS:
            self._write(run, "working", files_done=done, files=total)

    def ended(self, end: Ended) -> None:
        """Writes how the run ended."""
        self._write(end.run, end.state, exit_code=end.exit_code)

    def _write(
        self, run: Begun, state: str, *, files_done: int | None = None, files: int | None = None,
        exit_code: int | None = None,
    ) -> None:  # fmt: skip
        document = {
            "format_version": "1", "run": run.run_id, "state": state, "exit_code": exit_code,
            "started_at": f"{run.started_at.isoformat()}Z",
            "at": f"{datetime.now(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z",
            "files_done": files_done, "files": files, "pid": os.getpid(),
        }  # fmt: skip
        self._since = Clock()  # one that cannot be written is not tried more often
        write_file(self._path, json.dumps(document) + "\n")
