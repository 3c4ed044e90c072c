"""The pieces of the benchmarks work on a small file, without the peers: the same work for all, and the same rows found."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from places import CHECKOUT

BENCHMARKS = CHECKOUT / "benchmarks"


@pytest.fixture
def modules(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The modules of the benchmarks, as their scripts import them."""
    import importlib

    names = (
        "timing",
        "work",
        "returns",
        "tools",
        "ours",
        "targets",
        "page",
        *(f"peers.{each}" for each in ("duckdb", "floor", "ours")),
    )
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    known = set(sys.modules)
    yield {name: importlib.import_module(name) for name in names}
    for name in set(sys.modules) - known:
        if str(BENCHMARKS) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


def test_each_tool_finds_the_rows_that_ours_does_and_each_check_of_the_contract_is_among_them(
    modules: dict[str, Any], tmp_path: Path
) -> None:
    work = modules["work"].work_of_contract()
    work.write(tmp_path / "work.json")
    assert modules["work"].Work.read(tmp_path / "work.json") == work
    assert (len(work.columns), work.key, len(work.rules)) == (13, ("crn", "event_number", "logged_date"), 8)
    assert "provider_code = 'N50'" in [each.sql for each in work.rules]
    for every, faulty in ((10, 10), (1, 100)):
        file = tmp_path / f"{every}.csv"
        modules["returns"].fill(file, 100, faulty_every=every)
        found = {name: modules[f"peers.{name}"].checker(work)(file) for name in ("floor", "ours", "duckdb")}
        assert found == {"floor": 100, "ours": faulty, "duckdb": faulty}


def test_what_is_measured_becomes_a_page_that_says_what_was_missed(modules: dict[str, Any], tmp_path: Path) -> None:
    timing, tools, ours, page = (modules[name] for name in ("timing", "tools", "ours", "page"))
    cost, printed = timing.command_cost([sys.executable, "-c", "print(7)"])
    assert (printed, cost.result) == ("7\n", 0)
    assert 0 < cost.memory < 1 << 27
    with pytest.raises(RuntimeError, match="ended with 3"):
        timing.command_cost([sys.executable, "-c", "raise SystemExit(3)"])
    size = ours.Size((10, 100), 1, 10, ours.TENTH, ours.BRIEF)

    def one(seconds: float, result: int = 0) -> Any:
        return timing.Cost(seconds, seconds, 1 << 28, result, 0.5)

    def run(seconds: float) -> Any:
        return ours.Run(one(seconds), {"import": 1.0, "check": 2.0, "total": seconds}, 20)

    def national(returns: int) -> Any:
        return ours.National(replace(run(9), returns=returns), run(0.5), run(4), returns)

    costs = {
        tool: {
            case: one(seconds, 100 if case[1] else 1) for case in ((10, False), (100, False), (10, True), (100, True))
        }
        for tool, seconds in ((tools.FLOOR, 1), (tools.OURS, 3), (tools.PEERS[2], 2))
    }
    starts = {
        name: one(1)
        for name in (
            "import click",
            "--help",
            "import polars",
            "validate",
            "validate at first",
            "import great_expectations",
        )
    }
    found = ours.Measured(
        {10: run(3), 100: run(9)}, run(9), None, (one(1), one(1)), national(20), national(2), run(4), starts
    )
    work = modules["work"].work_of_contract()
    page.write(tmp_path / "performance.md", tmp_path / "p.svg", work, costs, found, size, [tools.nhs("python")])
    text = (tmp_path / "performance.md").read_text(encoding="utf-8")
    assert "| `pe.validate`, 100 rows | ≤ 2 × the floor | 3.0 × (3.00 s); processor 3.0 × | **missed** |" in text
    assert "| 8.0 × (8.00 s, with the import 9.0 s); processor 9.0 × | kept |" in text
    assert "| no server to be had | not measured |" in text
    assert "NHS Data Validation Engine on DuckDB" in text
    assert (tmp_path / "p.svg").read_text(encoding="utf-8").startswith("<svg")
    assert json.dumps(page.kept(modules["targets"].targets(costs, found, size)))
