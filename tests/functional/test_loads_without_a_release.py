"""A run may load and leave the release to ``check --release``: for loads every few minutes, and one release a day."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import probation_etl as pe
from lending import Lending
from places import Outcome

SEEN, LOADED = "SELECT COUNT(*) FROM released.loan", "SELECT COUNT(*) FROM unified.loan"


@pytest.fixture
def lending(url: str, tmp_path: Path, command: Callable[..., Outcome]) -> Lending:
    made = Lending(tmp_path, url, command)
    made.write()
    made.send("A_lending_2020-03-08.csv", ("001", 1))
    return made


def counts(lending: Lending) -> tuple[int, int]:
    """Rows that are loaded, and rows that readers see."""
    with pe.open_store(lending.url, contracts=lending.contracts, read_only=True) as store:
        return store.query(LOADED).item(), store.query(SEEN).item()


def test_what_is_loaded_is_released_by_a_check(lending: Lending) -> None:
    outcome = lending.run("--no-release")
    assert (outcome.code, counts(lending)) == (0, (1, 0))
    assert "Not released: readers of ‘released’ see no rows yet. ‘probation-etl check --release’ makes" in outcome.out
    assert "release check" not in outcome.out.replace("check --release", "")
    page = (lending.reports / "latest" / "index.html").read_text(encoding="utf-8")
    assert "Not released: readers see no rows yet" in page
    assert lending.check("--release").code == 0
    assert counts(lending) == (1, 1)
    lending.send("B_lending_2020-03-08.csv", ("002", 0))
    found = lending.json("--no-release")
    assert (found["release_checks"], found["released"], found["release"] is None) == ([], False, False)
    assert counts(lending) == (2, 1)


def test_a_run_with_a_release_releases_all_that_was_loaded_before(lending: Lending) -> None:
    lending.run("--no-release")
    lending.send("B_lending_2020-03-08.csv", ("002", 0))
    assert lending.run().code == 0
    assert counts(lending) == (2, 2)


def test_a_check_that_fails_keeps_it_back(lending: Lending) -> None:
    lending.send("A_lending_2020-03-15.csv", *((f"1{at}", 50) for at in range(3)), day="2020-03-09")
    assert lending.run("--no-release").code == 0
    outcome = lending.check("--release")
    assert (outcome.code, counts(lending)) == (1, (4, 0))
    assert "fines_together" in outcome.out


def test_pages_about_checks_that_are_not_made_are_refused(lending: Lending) -> None:
    lending.run("--no-release", "--data-docs").refused(2, "--data-docs", "which --no-release leaves out")
    assert not lending.reports.exists()


def test_it_costs_no_import_of_the_library_for_checks(tmp_path: Path) -> None:
    program = f"""
import sys
import probation_etl as pe
from pathlib import Path
Path({str(tmp_path)!r}, "inbox").mkdir()
pe.run({str(tmp_path / "inbox")!r}, store="duckdb:///{tmp_path}/s.duckdb", reports={str(tmp_path / "r")!r}, release=False)
assert "great_expectations" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)
