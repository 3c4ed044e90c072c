"""Runs a command as a user without any right, who sees a file system that is read-only but for what is given to it.

It stands in for cron, systemd and containers, which the tests cannot start: namespaces of Linux, made by ``unshare``.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest
from pages import ROOT

#: The number of the user without rights.
USER = 65534
#: What the program is made of, wherever it is installed.
_PROGRAM = tuple(dict.fromkeys(Path(each) for each in (sys.base_prefix, sys.prefix, str(ROOT))))
_KEPT = Path("/mnt")


@dataclass(frozen=True)
class Volume:
    """A folder of the test, where the command sees it."""

    folder: Path
    seen_as: str
    read_only: bool = False


@dataclass(frozen=True)
class Jail:
    """Where a command is run.

    Attributes:
        volumes: What it sees besides the program.
        read_only: Whether it can write to its volumes alone, and to a ``/tmp`` of its own.
        network: Whether there is one.
    """

    volumes: tuple[Volume, ...]
    read_only: bool = False
    network: bool = True
    environment: Mapping[str, str] = field(default_factory=dict)

    def run(self, command: str, *, cwd: str = "/") -> subprocess.CompletedProcess[str]:
        """Runs a line of the shell as the user without rights."""
        inner = ["env", "-i", *(f"{key}={value}" for key, value in self.environment.items())]
        inner += [
            "unshare",
            "--user",
            f"--map-user={USER}",
            f"--map-group={USER}",
            *([] if self.network else ["--net"]),
        ]
        inner += ["setpriv", "--no-new-privs", "/bin/sh", "-c", f"cd {shlex.quote(cwd)} && {command}"]
        return self._entered(f"exec {shlex.join(inner)}")

    def run_as_root(self, command: str) -> subprocess.CompletedProcess[str]:
        """Runs a line of the shell with the rights of the test, and a user ‘probation’ who has them too."""
        users = 'cp /etc/passwd /etc/group /mnt && echo "probation:x:0:0::/:/bin/sh" >>/mnt/passwd && echo "probation:x:0:" >>/mnt/group'
        bound = "mount --bind /mnt/passwd /etc/passwd && mount --bind /mnt/group /etc/group"
        return self._entered(f"{users} && {bound} && {command}")

    def _entered(self, command: str) -> subprocess.CompletedProcess[str]:
        script = "\n".join(("set -e", *self._mounts(), command))
        return subprocess.run(
            [*_unshare(), "/bin/sh", "-c", script], capture_output=True, encoding="utf-8", check=False, timeout=600
        )

    def _mounts(self) -> list[str]:
        shown = [
            *((each, each, True) for each in _PROGRAM),
            *((v.folder, Path(v.seen_as), v.read_only) for v in self.volumes),
        ]
        lines = [f"mount -t tmpfs -o mode=755 none {_KEPT}"]
        lines += [
            f"mkdir {_KEPT}/{at}\nmount --bind {_quoted(source)} {_KEPT}/{at}"
            for at, (source, _, _) in enumerate(shown)
        ]
        covered = ["/srv", *(["/tmp"] if self.read_only else [])]  # noqa: S108 -- it gets one of its own
        lines += [f"mount -t tmpfs -o mode=1777 none {each}" for each in covered]
        for at, (_, target, read_only) in enumerate(shown):
            if target not in _PROGRAM or any(target.is_relative_to(each) for each in covered):
                lines += [f"mkdir -p {_quoted(target)}", f"mount --bind {_KEPT}/{at} {_quoted(target)}"]
                if read_only:
                    lines += [f"mount -o remount,bind,ro {_quoted(target)}"]
        if self.read_only:
            lines += ["mount -o remount,ro /srv", "mount -o remount,bind,ro /"]
        return lines


def needs(*tools: str) -> None:
    """Skips a test whose tools are not on the machine; where everything has to be shown, it fails."""
    missing = [each for each in tools if shutil.which(each) is None]
    if not missing and not _may_unshare():
        missing = ["a kernel that lets a test make namespaces"]
    if missing and os.environ.get("CI"):
        raise AssertionError(f"not on this machine: {', '.join(missing)}")
    if missing:
        pytest.skip(f"not on this machine: {', '.join(missing)}")


@cache
def _may_unshare() -> bool:
    return subprocess.run([*_unshare(), "true"], capture_output=True, check=False).returncode == 0


def _unshare() -> list[str]:
    as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
    return ["unshare", *as_root, "--mount", "--propagation", "private"]


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))
