"""The page of what was measured, and its plot."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from ours import MIB, Measured, Size
from plot import drawn
from targets import Row, cost_model, targets
from tools import FLOOR, OURS, Costs, Tool
from work import Work

_HEAD = """# Performance

How long this program takes beside tools that do the same work, against what it is promised to take. Written by `make bench`,
which measures everything anew and takes some minutes; `make bench SIZE=full` also runs 20,000,000 rows. Each figure is the
middle of {repeats}, each measured in a process of its own, all in turn. Seconds depend on the machine: what counts is the ratio to
the floor of the same run, which reads the file as text and casts its columns.

{machine}

"""
_WORK = """
## The same work beside the peers

One return of 13 columns, the same file for all, one row of a hundred with a fault. Every tool makes the same {checks} checks
([`benchmarks/work.py`](../benchmarks/work.py) takes them from the contract `nps-breaches`): types, required cells, lengths, a pattern,
bounds, lists, uniqueness, a key, and {rules} conditions on several columns. Each must find the same number of faulty rows, which is
asserted, and knows which rows these are. All of them can express every check: the conditions are handed to tools on Polars and to
DuckDB as they are, are expectations with a condition in Great Expectations, and a check in Python in Frictionless. This program
also tells the message, the cell, its value and a hint of each fault, asks a mapping, and warns of late rows.

Imports are not counted: the last column is the processor time until a tool is imported and has prepared itself on a small file.
Memory is that of the process, at its most.

"""


def write(
    target: Path, plot: Path, work: Work, tools: Costs, found: Measured, size: Size, others: Iterable[Tool]
) -> None:
    """Writes the page and the plot."""
    plot.write_text(drawn(tools, found), encoding="utf-8")
    parts = [
        _HEAD.format(repeats=size.repeats, machine=_machine()), "## Promised and measured\n\n", *_targets(targets(tools, found, size)),
        _WORK.format(checks=work.checks, rules=len(work.rules)), *_beside(tools, size, others), _scaling(plot),
        *_model(cost_model(tools, found, size)), *_stages(found, size),
    ]  # fmt: skip
    target.write_text("".join(parts), encoding="utf-8")


def _machine() -> str:
    names = ("polars", "duckdb", "great-expectations", "pandera", "pyarrow")
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in names)
    day = datetime.now(UTC)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    load = os.getloadavg()[2]
    return (
        f"Measured on {day.day} {day:%B %Y}: {_processor()}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} "
        f"{platform.release()}; Python {platform.python_version()}, {versions}. The machine had {load:.1f} processes at work on average "
        "while this was measured, these included."
    )


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines() if Path("/proc/cpuinfo").exists() else []
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


def _targets(rows: Iterable[Row]) -> Iterable[str]:
    yield "| what | promised | measured | |\n|---|---|---|---|\n"
    for each in rows:
        kept = "not measured" if each.met is None else "kept" if each.met else "**missed**"
        yield f"| {each.what} | {each.target} | {each.measured} | {kept} |\n"


def _beside(tools: Costs, size: Size, others: Iterable[Tool]) -> Iterable[str]:
    for rows, all_faulty in [(each, False) for each in reversed(size.rows[-2:])] + [(size.rows[-2], True)]:
        yield f"### {rows:,} rows{', each of them faulty' if all_faulty else ''}\n\n"
        yield "| | wall | × floor | processor | × floor | memory | until ready |\n|---|---|---|---|---|---|---|\n"
        costs = {tool: each[rows, all_faulty] for tool, each in tools.items() if (rows, all_faulty) in each}
        floor = costs[FLOOR]
        for tool, cost in sorted(costs.items(), key=lambda each: each[1].wall):
            name = (
                f"**{tool.name}**" if tool == OURS else tool.name if tool == FLOOR else f"{tool.name} ({tool.version})"
            )
            yield (
                f"| {name} | {cost.wall:.2f} s | {cost.wall / floor.wall:.1f} | {cost.processor:.2f} s | "
                f"{cost.processor / floor.processor:.1f} | {cost.memory / MIB:,.0f} MiB | {cost.start:.1f} s |\n"
            )
        yield "\n"
    left_out = ", ".join(each.name for each in tools if each.slow)
    yield f"Measured once, and not on the largest file, because they would take minutes: {left_out}.\n"
    missing = ", ".join(each.name for each in others)
    yield f"Not measured here, because their environment was not there: {missing}.\n" if missing else ""
    yield "qsv is not measured: no package carries it.\n"


def _scaling(plot: Path) -> str:
    return f"\n## By the number of rows\n\n![Seconds by the number of rows, both on logarithmic scales](images/{plot.name})\n\n"


def _model(lines: Iterable[tuple[str, str]]) -> Iterable[str]:
    yield "## What each thing costs\n\nIn processor time, from the differences of what was measured.\n\n| one more | costs |\n|---|---|\n"
    yield from (f"| {what} | {cost} |\n" for what, cost in lines)


def _stages(found: Measured, size: Size) -> Iterable[str]:
    """Where the seconds of a run go."""
    shown = {
        f"{size.rows[-1]:,} rows into DuckDB": found.runs[size.rows[-1]], f"{found.national.returns:,} national returns, first run": found.national.first,
        "nothing new among them": found.national.again, "one more return": found.national.one_more,
    }  # fmt: skip
    stages = [
        each for each in found.national.first.stages if any(run.stages.get(each, 0) >= 0.005 for run in shown.values())
    ]
    yield "\n## Where the seconds of a run go\n\nAs [`run --json` tells them](reference/results.md#seconds-by-stage), in seconds.\n\n"
    yield f"| | {' | '.join(shown)} |\n|---|{'---|' * len(shown)}\n"
    for stage in stages:
        yield f"| {stage} | {' | '.join(f'{run.stages.get(stage, 0):.2f}' for run in shown.values())} |\n"


def kept(rows: Iterable[Row]) -> tuple[int, int]:
    """How many targets are kept, of how many that were measured."""
    measured = [each for each in rows if each.met is not None]
    return sum(bool(each.met) for each in measured), len(measured)
