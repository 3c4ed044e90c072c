"""A run leaves word of the file that it was at when it was brought down, and of no other."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from probation_etl.errors import InternalError, StoreError
from probation_etl.runs.at_work import AtWork
from probation_etl.stores import RunRecord

_KILLED = """
import datetime, os, pathlib, signal, sys
from probation_etl.runs.at_work import AtWork
from probation_etl.stores import RunRecord
at_work = AtWork(pathlib.Path(sys.argv[1]), RunRecord("killed", datetime.datetime.now(), "", "1"))
with at_work.on("a.csv", "aa"):
    pass
with at_work.on("b\\n.csv", "bb"):
    os.kill(os.getpid(), signal.SIGKILL)
"""


def run(name: str) -> RunRecord:
    return RunRecord(name, datetime(2026, 1, 1), "", "1")


def left(path: Path) -> list[tuple[str, str, str]]:
    return [(each.run_id, each.file, each.sha256) for each in AtWork(path, run("any")).left()]


def test_of_a_killed_run_the_file_is_known_that_it_was_at(tmp_path: Path) -> None:
    path = tmp_path / "reports" / ".at-work"
    done = subprocess.run([sys.executable, "-c", _KILLED, str(path)], check=False)
    assert done.returncode == -9
    assert left(path) == [("killed", "b\n.csv", "bb")]
    assert path.stat().st_mode & 0o777 == 0o600
    # The next run adds its own word, and takes only that back.
    after = AtWork(path, run("after"))
    with after.on("c.csv", "cc"):
        assert [each[0] for each in left(path)] == ["killed", "after"]
    assert [each[0] for each in left(path)] == ["killed"]
    after.close()
    after.settled()
    assert not path.exists()


@pytest.mark.parametrize(
    ("error", "stays"),
    [(StoreError("full"), False), (KeyboardInterrupt(), False), (InternalError("bug"), True), (MemoryError(), True)],
)
def test_a_fault_of_the_machine_or_the_user_is_not_the_file_s(
    tmp_path: Path, error: BaseException, *, stays: bool
) -> None:
    path = tmp_path / ".at-work"
    with pytest.raises(type(error)), AtWork(path, run("any")).on("a.csv", "aa"):
        raise error
    assert bool(left(path)) is stays


def test_a_word_that_was_not_written_to_its_end_is_none(tmp_path: Path) -> None:
    (tmp_path / ".at-work").write_bytes(b'{"run_id": "x", "sha')
    assert left(tmp_path / ".at-work") == []
