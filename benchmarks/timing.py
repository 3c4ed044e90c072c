"""What something costs: processor and wall time and memory, in a process of its own, as the middle of several turns."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

#: ``PR_SET_CHILD_SUBREAPER`` of Linux; and for so many seconds processes are waited for that outlive their command.
_SUBREAPER, _LINGERS = 36, 10.0
#: Seconds between two looks at the memory of all processes of a command.
_LOOKS = 0.2


@dataclass(frozen=True)
class Cost:
    """What a step took.

    Attributes:
        wall: Seconds on the clock.
        processor: Seconds of all threads and child processes.
        memory: The most bytes that the process had.
        result: What the step gave: a number that says that it did its work.
        start: Seconds of the processor until the step could begin, such as for imports.
    """

    wall: float
    processor: float
    memory: int
    result: int = 0
    start: float = 0


def processor_seconds(step: Callable[[], object]) -> float:
    """Processor time of a step in this process, all threads of it."""
    start = time.process_time()
    step()
    return time.process_time() - start


def spent() -> float:
    """Processor seconds of this process and its children up to now, those that are still at work included."""
    own, ended = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + ended.ru_utime + ended.ru_stime + sum(map(_spent_by, _children(os.getpid())))


def _children(process: int) -> list[int]:
    try:
        found = [each.read_text(encoding="ascii") for each in Path(f"/proc/{process}/task").glob("*/children")]
    except OSError:  # it has just ended
        return []
    return [int(each) for text in found for each in text.split()]


def _family(process: int) -> list[int]:
    """A process with its children and theirs."""
    return [process, *(one for child in _children(process) for one in _family(child))]


def _memory_of(process: int) -> int:
    """The bytes that a process has, its part of what it shares with others."""
    try:
        text = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
    except OSError:  # it has just ended
        return 0
    return sum(int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("Pss:"))


def _spent_by(process: int) -> float:
    """Processor seconds of a process, its threads and its children."""
    try:
        text = Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
    except OSError:  # it has just ended
        return 0.0
    ticks = sum(map(int, text.rpartition(")")[2].split()[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK") + sum(map(_spent_by, _children(process)))


def cost_of(step: Callable[[], int]) -> Cost:
    """What a step costs in this process. The memory is that of all its life."""
    start, wall = spent(), time.perf_counter()
    result = step()
    wall, processor = time.perf_counter() - wall, spent() - start
    return Cost(wall, processor, peak(), result, start)


def peak() -> int:
    """The most bytes that this program had. What resources tell counts that of the process before, which started it."""
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (each for each in status.read_text(encoding="utf-8").splitlines() if each.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def told(cost: Cost) -> None:
    """Prints a cost for the process that asked for it."""
    print(json.dumps(asdict(cost)))


def asked(script: Path, *arguments: object, python: str = sys.executable) -> Cost:
    """What a script tells that it costs, in a process of its own.

    Raises:
        RuntimeError: It failed.
    """
    command = [python, str(script), *map(str, arguments)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=_environment())  # noqa: S603
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr[-2_000:]}")
    return Cost(**json.loads(done.stdout.splitlines()[-1]))


def command_cost(command: Sequence[str], *, exits: Iterable[int] = (0,)) -> tuple[Cost, str]:
    """What a whole command costs from its start, and what it prints.

    It is started by a small process of its own, so that its memory is not that of this one.

    Raises:
        RuntimeError: It ended with another exit code.
    """
    with tempfile.TemporaryDirectory() as folder:
        printed = Path(folder, "printed")
        cost = asked(Path(__file__), printed, *command)
        if cost.result not in tuple(exits):
            raise RuntimeError(f"{' '.join(command)} ended with {cost.result}")
        return cost, printed.read_text(encoding="utf-8")


def _started(printed: Path, command: Sequence[str]) -> Cost:
    """Runs a command, its standard output in a file; the result is its exit code.

    The memory is that of its largest process at its most, or what all of them had together whenever it was looked at, if that is more.
    """
    _adopt_orphans()
    with printed.open("wb") as file:
        wall = time.perf_counter()
        process = subprocess.Popen(command, stdout=file, stderr=subprocess.DEVNULL)  # noqa: S603 -- our own commands
        code, together = None, 0
        while code is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = process.wait(_LOOKS)
            together = max(together, sum(map(_memory_of, _family(process.pid))))
        wall = time.perf_counter() - wall
    # What the command has started ends after it, and has worked for it.
    deadline = time.monotonic() + _LINGERS
    with contextlib.suppress(ChildProcessError):
        while time.monotonic() < deadline:
            if os.waitpid(-1, os.WNOHANG) == (0, 0):
                time.sleep(0.01)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(wall, used.ru_utime + used.ru_stime, max(used.ru_maxrss * 1024, together), code)


def _adopt_orphans() -> None:
    """Lets this process wait for what its children leave behind, where the system can."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)


def median(costs: Sequence[Cost]) -> Cost:
    """The middle of each figure."""
    return Cost(
        statistics.median(each.wall for each in costs),
        statistics.median(each.processor for each in costs),
        int(statistics.median(each.memory for each in costs)),
        costs[0].result,
        statistics.median(each.start for each in costs),
    )


def in_turns(steps: Sequence[Callable[[], Cost]], repeats: int) -> list[Cost]:
    """The middle cost of each step, all measured in turn, so that what else the machine does counts for none of them alone."""
    turns = [[step() for step in steps] for _ in range(repeats)]
    return [median(list(costs)) for costs in zip(*turns, strict=True)]


def _environment() -> dict[str, str]:
    """The environment without what makes programs start slowly, and without settings of ours."""
    left_out = ("PYTHONDONTWRITEBYTECODE", "PROBATION_ETL_")
    return {name: value for name, value in os.environ.items() if not name.startswith(left_out)}


if __name__ == "__main__":
    told(_started(Path(sys.argv[1]), sys.argv[2:]))
