"""Shared by functional tests: the command line, in this process or another, and the sample after a run."""

from __future__ import annotations

import io
import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from branches import IDENTIFIED, Branch
from filelock import FileLock

from places import SAMPLE_DATA, Outcome, Place, SampleRun, speed_up
from probation_etl.cli import run_cli
from probation_etl.contracts.rulebook import Rulebook, load_rulebook


class _Stdin:
    def __init__(self, data: bytes) -> None:
        self.buffer = io.BytesIO(data)


@pytest.fixture(scope="session")
def command() -> Callable[..., Outcome]:
    """Runs the command line in this process."""

    def call(*arguments: object, stdin: bytes = b"") -> Outcome:
        logger = logging.getLogger("probation_etl")
        before = logger.handlers, logger.propagate, logger.level
        with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
            try:
                with mock.patch.object(sys, "stdin", _Stdin(stdin)):
                    code = run_cli([str(each) for each in arguments])
            finally:
                logger.handlers, logger.propagate = before[0], before[1]
                logger.setLevel(before[2])
        return Outcome(code, out.getvalue(), err.getvalue())

    return call


@pytest.fixture(scope="session")
def process() -> Callable[..., Outcome]:
    """Runs the command line in another process, as users do."""

    def call(*arguments: object, stdin: bytes = b"", cwd: Path | None = None, **environment: str) -> Outcome:
        done = subprocess.run(
            [sys.executable, "-m", "probation_etl", *(str(each) for each in arguments)],
            input=stdin, capture_output=True, check=False, timeout=120, cwd=cwd, env={**os.environ, **environment},
        )  # fmt: skip
        return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())

    return call


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """An empty inbox."""
    (tmp_path / "inbox").mkdir()
    return Place(tmp_path)


@pytest.fixture
def branch(tmp_path: Path, command: Callable[..., Outcome], library: Any, monkeypatch: pytest.MonkeyPatch) -> Branch:
    """A branch of a library with an empty inbox; no release checks are made."""
    monkeypatch.setattr(import_module("probation_etl.runs.conclusion"), "release_checks", lambda *_: [])
    contracts = library.directory(library.contract(custom={"identification": IDENTIFIED}))
    made = Branch(tmp_path, contracts, command, library)
    made.rulebook = load_rulebook(contracts)
    return made


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory, command: Callable[..., Outcome]) -> SampleRun:
    """The sample returns, run once for all tests. Tests that change something copy it first."""
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return _run_sample(base / "sample_run", command)
    # Run once for all workers. Each gets a copy, because only one process at a time can open a store.
    shared = base.parent / "sample_run"
    with FileLock(shared.with_suffix(".lock")):
        outcome = _run_sample(shared, command).outcome
        shutil.copytree(shared, base / "sample_run", symlinks=True)
    return SampleRun(base / "sample_run", outcome)


def _run_sample(root: Path, command: Callable[..., Outcome]) -> SampleRun:
    """The sample after its run, by this worker or another."""
    told = root / "outcome.json"
    if not told.exists():
        for folder in ("annexe_2", "faulty"):
            shutil.copytree(SAMPLE_DATA / folder, root / "inbox" / folder)
        told.write_text(json.dumps(asdict(command(*Place(root).arguments, "--json"))), encoding="utf-8")
    return SampleRun(root, Outcome(**json.loads(told.read_text(encoding="utf-8"))))


@pytest.fixture(scope="session")
def shipped_rulebook() -> Rulebook:
    """The shipped contracts, compiled once."""
    return load_rulebook()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, shipped_rulebook: Rulebook) -> None:
    """Skips release checks and reuses the shipped contracts. Saves seconds in tests about something else."""
    speed_up(monkeypatch, shipped_rulebook)
