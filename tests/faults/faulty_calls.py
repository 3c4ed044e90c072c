"""Faults made at a system call: the process is killed there, or the call fails."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import Counter
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


def counted(scene: Scene, *arguments: str) -> Counter[str]:
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


def injected(call: str, what: str, when: int | str, log: Path) -> tuple[str, ...]:
    """The command that runs another one in which a call goes wrong.

    Args:
        call: The system call.
        what: ``signal=SIGKILL`` or ``error=ENOSPC``.
        when: At which of these calls of a thread; ``3+`` is from the third on.
        log: Where strace writes what it sees.
    """
    return (
        needed("strace"), "-f", "-qq", "--seccomp-bpf", "-e", f"trace={call}", "-e", f"inject={call}:{what}:when={when}",
        "-o", str(log),
    )  # fmt: skip


def allowed(*command: str) -> bool:
    """Runs a command that only root may run. Elsewhere the test is skipped; it fails where all of them must work."""
    done = subprocess.run([needed(command[0]), *command[1:]], capture_output=True, check=False)
    if done.returncode:
        message = f"{command[0]} is not permitted here: {done.stderr.decode(errors='replace')[:100]}"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    return True
