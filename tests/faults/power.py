"""Lends a folder a disk that loses its power at the end, or before."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from faulty_calls import needed


@contextmanager
def power(folder: Path, cut: int = 0, seed: str = "") -> Iterator[list[int]]:
    """The disk has power; at the end it is cut, and the folder holds what was synced.

    Args:
        folder: The folder, and what is on the disk at the beginning.
        cut: Before which change of the disk the power is cut already.
        seed: Of the chance by which more survives than was synced.

    Yields:
        A list that holds the number of changes afterwards.
    """
    unmount = needed("fusermount3")
    if not os.access("/dev/fuse", os.R_OK | os.W_OK):
        pytest.skip("the kernel lends no /dev/fuse here")
    line = [sys.executable, str(Path(__file__).with_name("forgetful.py")), str(folder), str(cut), seed]
    running = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    changes: list[int] = []
    try:
        assert running.stdout is not None
        if running.stdout.readline() != "mounted\n":
            error = running.communicate()[1]
            assert "mount failed" in error, error
            pytest.skip(f"no file system may be mounted here: {error[:100]}")
        yield changes
        subprocess.run([unmount, "-u", str(folder)], check=True)
        out, error = running.communicate(timeout=60)
        assert not error, error
        changes.append(int(out))
    finally:
        # A test that has failed leaves neither a process nor a mount.
        if running.poll() is None:
            subprocess.run([unmount, "-u", "-z", str(folder)], check=False)
            running.kill()
            running.communicate()
