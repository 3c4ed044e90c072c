"""Files that a library must open are read in a process with limits, which they cannot take with them."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl
import pytest

from probation_etl.errors import EnvironmentFailure, UnreadableFile
from probation_etl.intake.readers import DEFAULT_LIMITS, Limits, apart, read_grids
from probation_etl.intake.readers.apart import reading_process
from probation_etl.journal import followed

FIXTURES = Path(__file__).parents[2] / "fixtures"
PLAIN = (FIXTURES / "plain.xlsx").read_bytes()
#: A process that says it is ready and then does something else than reading.
OTHER = "import os, sys, time; os.write(0, b'r'); os.read(0, 10_000); "


@pytest.fixture
def fresh() -> Iterator[None]:
    """No process is running before the test, nor after it."""
    apart._kept.end()
    yield
    apart._kept.end()


def pid() -> int:
    assert apart._kept.process is not None
    return apart._kept.process._process.pid


def children_of(process: int) -> list[int]:
    """Those of all its threads: a thread that has ended may still be there for a moment."""
    listed = Path(f"/proc/{process}/task").glob("*/children")
    return [int(each) for children in listed for each in children.read_text().split()]


def is_running(process: int) -> bool:
    """Whether a process is there; one that has ended and was not waited for is not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def ended(process: int, seconds: float = 10) -> bool:
    until = time.monotonic() + seconds
    while is_running(process) and time.monotonic() < until:
        time.sleep(0.02)
    return not is_running(process)


@pytest.mark.usefixtures("fresh")
def test_while_it_reads_the_run_shows_signs_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_process, "SIGN_EVERY", 0.001)
    signs: list[None] = []
    with followed(lambda: signs.append(None)):
        assert read_grids(PLAIN)
    assert len(signs) > 1


@pytest.mark.usefixtures("fresh")
@pytest.mark.parametrize(
    ("program", "says"),
    [
        ("exec('while True: pass')", "more than 4 seconds of processor time"),
        ("time.sleep(60)", "not done after 2 seconds"),
        ("os.abort()", "more than 4,000,000,000 bytes of memory"),
        ("os.kill(os.getpid(), 9)", "no memory left"),
        ("os.kill(os.getpid(), 11)", "broke down"),
        ('os.write(1, b\'{"sheets": [{"frames": {"cells": 9}, "others": {}}]}\\nxx\')', "broke down"),
    ],
)
def test_a_file_that_ends_the_process_is_refused_and_the_next_is_read(
    monkeypatch: pytest.MonkeyPatch, program: str, says: str
) -> None:
    seconds = 1 if "sleep" in program else 4
    limited = "import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 9)); "
    with monkeypatch.context() as patch:
        patch.setattr(reading_process, "_PROGRAM", limited + OTHER + program)
        with pytest.raises(UnreadableFile, match=says) as caught:
            read_grids(PLAIN, limits=Limits(process_seconds=seconds))
    assert caught.value.code == "reader-failed"
    assert read_grids(PLAIN)[0].cells.height == 3


@pytest.mark.usefixtures("fresh")
def test_memory_is_limited_beyond_what_the_process_has() -> None:
    target = io.BytesIO()
    pl.DataFrame({f"c{number}": [f"{number} {row}" for row in range(50_000)] for number in range(20)}).write_parquet(
        target
    )
    with pytest.raises(UnreadableFile, match="20,000,000 bytes of memory") as caught:
        read_grids(target.getvalue(), limits=Limits(process_bytes=20_000_000))
    assert caught.value.brought_down
    unlimited = Limits(process_bytes=1 << 62, process_seconds=1 << 62)
    assert read_grids(target.getvalue(), limits=unlimited)[0].cells.shape == (50_001, 20)


@pytest.mark.usefixtures("fresh")
def test_an_error_of_our_own_is_told_by_its_place_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    program = (
        "from probation_etl.intake.readers.apart import worker\n"
        "def broken(*_): raise KeyError('a value')\n"
        "worker.read_workbook = broken\n"
        "import sys; worker.work(int(sys.argv[1]))"
    )
    monkeypatch.setattr(reading_process, "_PROGRAM", program)
    with pytest.raises(UnreadableFile, match=r"KeyError in <string>, line 2\.") as caught:
        read_grids(PLAIN)
    assert "a value" not in str(caught.value)


@pytest.mark.usefixtures("fresh")
def test_one_process_reads_many_files_and_is_replaced_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "_MOST_FILES", 3)
    before = []
    for _ in range(3):
        read_grids(PLAIN)
        before.append(apart._kept.process and pid())
    assert before[0] == before[1]
    assert before[2] is None
    os.kill(pid_of_new(), signal.SIGKILL)  # while it has nothing to do
    assert read_grids(PLAIN)[0].cells.height == 3


def pid_of_new() -> int:
    read_grids(PLAIN)
    return pid()


@pytest.mark.usefixtures("fresh")
def test_a_process_that_cannot_be_started_is_no_fault_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    for broken in ("raise SystemExit", "print('something else')"):
        monkeypatch.setattr(reading_process, "_PROGRAM", broken)
        with pytest.raises(EnvironmentFailure, match="could not be started"):
            read_grids(PLAIN)
    monkeypatch.setattr(sys, "executable", "/nowhere")
    with pytest.raises(EnvironmentFailure, match="could not be started"):
        read_grids(PLAIN)


@pytest.mark.usefixtures("fresh")
def test_it_works_in_threads_and_in_forked_processes() -> None:
    with ThreadPoolExecutor(4) as pool:
        heights = [*pool.map(lambda _: read_grids(PLAIN)[0].cells.height, range(20))]
    assert heights == [3] * 20
    ours = pid()
    assert children_of(os.getpid()).count(ours) == 1
    program = f"""
import os, sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from probation_etl.intake.readers import apart, read_grids
data = Path({str(FIXTURES / "plain.xlsx")!r}).read_bytes()
read_grids(data)
first = apart._kept.process._process.pid
child = os.fork()
if child == 0:
    # It must not use the process of its parent; the library for frames cannot be used here, which has threads of its own.
    assert apart._kept.process is None
    sys.exit(0)
assert os.waitpid(child, 0)[1] == 0
read_grids(data)
assert apart._kept.process._process.pid == first
print(first)
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stderr == ""
    assert ended(int(run.stdout))


@pytest.mark.parametrize("doing", ["nothing", "reading"])
def test_it_ends_with_the_program_that_uses_it_even_if_that_is_killed(doing: str) -> None:
    """Also where a forked process lives on, which has inherited everything."""
    busy = "" if doing == "nothing" else (
        "reading_process._PROGRAM = ('from probation_etl.intake.readers.apart import worker\\n'\n"
        "    'def forever(*_):\\n while True: pass\\n'\n"
        "    'worker.read_workbook = forever\\nimport sys; worker.work(int(sys.argv[1]))')\n"
    )  # fmt: skip
    program = f"""
import os, threading, time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from probation_etl.intake.readers import apart, read_grids
from probation_etl.intake.readers.apart import reading_process
{busy}
data = Path({str(FIXTURES / "plain.xlsx")!r}).read_bytes()
threading.Thread(target=read_grids, args=(data,)).start()
while apart._kept.process is None or not apart._kept.process.files:
    time.sleep(0.02)
time.sleep(0.3)
if os.fork() == 0:
    time.sleep(30)
    os._exit(0)
print(apart._kept.process._process.pid, flush=True)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-W", "ignore", "-c", program], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        reader = int(run.stdout.readline())
        others = [each for each in children_of(run.pid) if each != reader]
        assert is_running(reader)
        run.kill()
        run.wait()
        assert ended(reader)
        for each in others:
            os.kill(each, signal.SIGKILL)


@pytest.mark.usefixtures("fresh")
def test_a_signal_to_the_whole_group_does_not_end_it() -> None:
    """Who asks this program to end lets it finish the return that it is at."""
    reader = pid_of_new()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(reader, number)
    assert read_grids(PLAIN)[0].cells.height == 3
    assert pid() == reader


@pytest.mark.usefixtures("fresh")
def test_it_knows_no_secret_and_leaves_no_core(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", "of the store")
    reader = pid_of_new()
    assert b"of the store" not in Path(f"/proc/{reader}/environ").read_bytes()
    limits = Path(f"/proc/{reader}/limits").read_text().splitlines()
    found = {line[:25].strip(): line[26:46].strip() for line in limits}
    assert found["Max core file size"] == "0"
    assert int(found["Max address space"]) < DEFAULT_LIMITS.process_bytes + 2_000_000_000
