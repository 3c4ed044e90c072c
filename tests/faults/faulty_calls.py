"""Faults made at a system call: the process is killed there, or the call fails."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import pytest
from scene import Scene

#: Calls that change something on a disk.
CALLS = (
    "pwrite64",
    "write",
    "fsync",
    "fdatasync",
    "rename",
    "renameat2",
    "unlink",
    "rmdir",
    "ftruncate",
    "symlink",
    "mkdir",
)


def needed(tool: str) -> str:
    """The path of a tool. Where it is missing the test is skipped, or fails where all tools must be there."""
    found = shutil.which(tool)
    if found is None:
        message = f"{tool} is not installed"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    return found


def counted(scene: Scene, *arguments: object) -> Counter[str]:
    """How often one thread of a command that nothing disturbs makes each of the calls, at most."""
    log = scene.root / "calls"
    traced = (needed("strace"), "-f", "-qq", "--seccomp-bpf", "-e", f"trace={','.join(CALLS)}", "-o", str(log))
    done = scene.command(*arguments, before=traced)
    if not log.exists() or not log.stat().st_size:
        message = f"strace may not trace here: {done.err[:200]}"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    by_thread = Counter(re.findall(r"^(\d+) +(\w+)\(", log.read_text(encoding="utf-8", errors="replace"), re.MULTILINE))
    most: Counter[str] = Counter()
    for (_, call), times in by_thread.items():
        most[call] = max(most[call], times)
    log.unlink()
    return most


@dataclass(frozen=True)
class Fault:
    """A system call that goes wrong.

    Attributes:
        call: The system call.
        what: ``signal=SIGKILL`` or ``error=ENOSPC``.
        when: At which of these calls of a thread; ``3+`` is from the third on.
    """

    call: str
    what: str
    when: str

    def __str__(self) -> str:
        return f"{self.what} at {self.call} {self.when}"

    def before(self, log: Path) -> tuple[str, ...]:
        """The command that runs another one in which the call goes wrong.

        Args:
            log: Where strace writes what it sees.
        """
        return (
            needed("strace"), "-f", "-qq", "--seccomp-bpf", "-e", f"trace={self.call}",
            "-e", f"inject={self.call}:{self.what}:when={self.when}", "-o", str(log),
        )  # fmt: skip


def kills(counts: Counter[str]) -> list[Fault]:
    """The process is killed at each of the calls that were counted."""
    return [Fault(call, "signal=SIGKILL", str(at)) for call in CALLS for at in range(1, counts[call] + 1)]


def errors(counts: Counter[str], error: str, *, of: Collection[str] = CALLS) -> list[Fault]:
    """Each of the calls fails, alone; and of writes and syncs, all from each of them on."""
    places = [(call, str(at)) for call in of for at in range(1, counts[call] + 1)]
    places += [(call, f"{at}+") for call in ("pwrite64", "fdatasync", "fsync") for at in range(1, counts[call] + 1)]
    return [Fault(call, f"error={error}", at) for call, at in places]


def allowed(*command: str) -> bool:
    """Runs a command that only root may run. Elsewhere the test is skipped; it fails where all of them must work."""
    done = subprocess.run([needed(command[0]), *command[1:]], capture_output=True, check=False)
    if done.returncode:
        message = f"{command[0]} is not permitted here: {done.stderr.decode(errors='replace')[:100]}"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    return True
