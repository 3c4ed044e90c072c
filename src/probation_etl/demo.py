"""The demonstration: runs the main job on the sample returns, and compares the outcome with the expected one."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from probation_etl.contracts.shipped import shipped
from probation_etl.discreet import Discreet
from probation_etl.errors import UsageError
from probation_etl.files import explained, make_folder, make_private
from probation_etl.reports.run_report import RunReport
from probation_etl.runs.result import RunResult
from probation_etl.runs.run import run

_MARK = ".made-by-probation-etl-demo"


@dataclass(frozen=True)
class Demonstration(Discreet):
    """What the demonstration did.

    Attributes:
        directory: Where it happened.
        store: URL of its store.
        result: The run.
        surprises: Where the outcome differs from the expected one.
    """

    directory: Path
    store: str
    result: RunResult
    surprises: tuple[str, ...]


def demonstrate(directory: Path) -> Demonstration:
    """Copies the sample returns to a directory and runs the main job on them.

    Raises:
        UsageError: The directory contains something that is not from an earlier demonstration.
        EnvironmentFailure: It cannot be written.
    """
    with explained(f"The directory {directory} cannot be written"):
        _make_room(directory)
        for folder in ("annexe_2", "faulty"):
            shutil.copytree(shipped("sample_data") / folder, directory / "inbox" / folder)
        shutil.copy(shipped("sample_data") / "README.md", directory)
        make_private(directory)
    store = f"duckdb:///{directory / 'probation.duckdb'}"
    result = run(directory / "inbox", store=store, reports=directory / "reports")
    expected = json.loads((shipped("sample_data") / "expected_outcome.json").read_text(encoding="utf-8"))
    return Demonstration(directory, store, result, tuple(_surprises(result.report, expected)))


def _make_room(directory: Path) -> None:
    """Removes what an earlier demonstration left, and nothing else."""
    if (directory / _MARK).exists():
        _clear(directory)
    make_folder(directory)
    if any(directory.iterdir()):
        raise UsageError(f"The directory {directory} is not empty: name another one, or remove it first.")
    (directory / _MARK).touch()


def _clear(directory: Path) -> None:
    for name in ("inbox", "reports"):
        shutil.rmtree(directory / name, ignore_errors=True)
    for name in (
        "README.md",
        "probation.duckdb",
        "probation.duckdb.lock",
        "probation.duckdb.wal",
        "probation.duckdb.ledger.jsonl",
        _MARK,
    ):
        (directory / name).unlink(missing_ok=True)


def _surprises(report: RunReport, expected: dict[str, Any]) -> list[str]:
    returns = {_name(each): each for each in expected["returns"]}
    found = {each.name: each for each in report.returns}
    surprises = [f"{name}: expected, but not found" for name in sorted(returns.keys() - found.keys())]
    surprises += [f"{name}: found, but not expected" for name in sorted(found.keys() - returns.keys())]
    for name in sorted(returns.keys() & found.keys()):
        rows = {key: getattr(found[name].rows, key) for key in returns[name]["rows"]}
        for key, value in {"verdict": found[name].verdict, "rows": rows}.items():
            if value != returns[name][key]:
                surprises.append(f"{name}: {key} is {value}, expected {returns[name][key]}")
    if report.exit_code != expected["exit_code"]:
        surprises.append(f"exit code {report.exit_code}, expected {expected['exit_code']}")
    failed = [each for each in report.release_checks if not each.passed and each.severity == "error"]
    return [*surprises, *(f"release check failed: {each.table}: {each.check}" for each in failed)]


def _name(entry: dict[str, Any]) -> str:
    return f"{entry['file']} [{entry['sheet']}]" if entry["sheet"] else str(entry["file"])
