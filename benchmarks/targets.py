"""What this program is promised to cost, beside what was measured; and what each thing costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ours import MIB, Measured, Run, Size
from timing import Cost
from tools import FLOOR, OURS, Costs

#: How many known files, and rows of a run, are promised.
_KNOWN, _LONG = 10_000, 20_000_000


@dataclass(frozen=True)
class Row:
    """One row of the table of targets: what was promised, and what was measured.

    Attributes:
        met: Whether it is kept; None where that was not measured, or not at the size that is promised.
    """

    what: str
    target: str
    measured: str
    met: bool | None


def targets(tools: Costs, found: Measured, size: Size) -> list[Row]:
    """The table of targets with what was measured."""
    largest, tenth = size.rows[-1], size.rows[-2]
    floor, ours, faulty = tools[FLOOR][largest, False], tools[OURS][largest, False], tools[OURS][largest, True]
    fastest = min(
        (cost.wall, tool.name)
        for tool, costs in tools.items()
        if tool not in (FLOOR, OURS) and (cost := costs.get((largest, False)))
    )
    run, starts = found.runs[largest], found.starts
    rows = [
        _ratio(f"`pe.validate`, {largest:,} rows", "≤ 2 × the floor", ours, floor, 2),
        Row("… ahead of every peer", "yes", f"the quickest, {fastest[1]}: {fastest[0]:.2f} s; ours {ours.wall:.2f} s", ours.wall <= fastest[0]),
        _ratio("the same with every row faulty", "≤ 2 × its own clean time", faulty, ours, 2),
        _memory("… and its memory", "the same", faulty, ours, 1.1),
        _ratio("`run` into DuckDB with reports, release and checks", "≤ 12 × the floor + the import of Great Expectations", run, floor, 12),
        _ratio("`run --no-release` into DuckDB", "≤ 8 × the floor", found.unreleased, floor, 8),
        _ratio("`run` into PostgreSQL (processor time without the server’s)", "≤ 20 × the floor", found.postgres, floor, 20),
        _ratio(f"`validate` of a workbook of {size.sheet:,} rows", "≤ 1.5 × fastexcel reads it as text", found.sheet[1], found.sheet[0], 1.5),
        _ratio(f"10 × the rows, `validate` ({tenth:,} to {largest:,})", "≤ 11 × the time", ours, tools[OURS][tenth, False], 11),
        time_of_runs(found.runs, tenth, largest),
    ]  # fmt: skip
    rows.append(memory_of_runs(found.runs, *(size.long or (tenth, largest))))
    national, library = found.national, starts["import great_expectations"].processor
    more, again = national.one_more.cost.processor, national.again.cost
    grown = more / found.few.one_more.cost.processor
    per_second = national.returns / (national.first.wall - national.first.stages.get("report", 0))
    rows += [
        Row(f"one more return of two rows, {national.returns:,} in the store", "≤ the import of Great Expectations + 1 s processor",
            f"{more:.1f} s processor; the import {library:.1f} s", more <= library + 1),
        Row(f"… against one on a store of {found.few.returns:,}", "≤ 1.2 ×", f"{grown:.2f} ×", grown <= 1.2),
        Row(f"nothing new, {national.files:,} known files", f"≤ 1 s ({_KNOWN:,} files)",
            f"{again.processor:.2f} s processor, {again.wall:.2f} s wall", False if again.processor > 1 else national.files >= _KNOWN or None),
        Row(f"{national.returns:,} national returns, first run", "≤ 20 s processor, ≥ 100 returns a second without pages",
            f"{national.first.cost.processor:.1f} s processor, {per_second:.0f} returns a second",
            national.first.cost.processor <= 20 and per_second >= 100),
        _ratio("`probation-etl --help`", "≤ 2 × `import click`", starts["--help"], starts["import click"], 2),
        _start("`validate` of 100 rows", starts["validate"], starts["import polars"]),
        _start("… the first time, when contracts are checked too", starts["validate at first"], starts["import polars"]),
    ]  # fmt: skip
    return rows


def _start(what: str, taken: Cost, polars: Cost) -> Row:
    """The start of a command that needs Polars, in processor time."""
    measured = f"{taken.processor:.2f} s processor; `import polars` {polars.processor:.2f} s"
    return Row(what, "≤ 1.5 × `import polars` + 0.3 s", measured, taken.processor <= 1.5 * polars.processor + 0.3)


def memory_of_runs(runs: Mapping[int, Run], few: int, many: int) -> Row:
    """The memory of a long run. A shorter one can only show that the promise is missed, if it takes more than that."""
    most, of_few = runs[many].cost.memory, runs[few].cost.memory
    is_long = many >= _LONG
    fits = most <= 2e9 and (most <= 1.2 * of_few or not is_long)
    return Row(
        "peak memory of `run`", f"{_LONG:,} rows: ≤ 2 GB, and ≤ 1.2 × that of a tenth of them",
        f"{many:,} rows: {most / 1e9:.2f} GB, {most / of_few:.1f} × that of {few:,}", False if not fits else is_long or None,
    )  # fmt: skip


def time_of_runs(runs: Mapping[int, Run], few: int, many: int) -> Row:
    """The time of a run of ten times as many rows."""
    return _ratio(f"10 × the rows, `run` ({few:,} to {many:,})", "≤ 11 × the time", runs[many], runs[few].cost, 11)


def _ratio(what: str, target: str, taken: Cost | Run | None, floor: Cost, most: float) -> Row:
    """A ratio on the clock, with that in processor time beside it."""
    if taken is None:
        return Row(what, target, "no server to be had", None)
    cost, wall = (taken.cost, taken.wall) if isinstance(taken, Run) else (taken, taken.wall)
    of_it = f", with the import {cost.wall:.1f} s" if isinstance(taken, Run) and taken.stages.get("import") else ""
    measured = f"{wall / floor.wall:.1f} × ({wall:.2f} s{of_it}); processor {cost.processor / floor.processor:.1f} ×"
    return Row(what, target, measured, wall <= most * floor.wall)


def _memory(what: str, target: str, taken: Cost, other: Cost, most: float) -> Row:
    measured = f"{taken.memory / other.memory:.2f} × ({taken.memory / MIB:,.0f} MiB)"
    return Row(what, target, measured, taken.memory <= most * other.memory)


def cost_model(tools: Costs, found: Measured, size: Size) -> list[tuple[str, str]]:
    """What each thing costs in processor time, from the differences of what was measured."""
    largest, tenth = size.rows[-1], size.rows[-2]
    ours, rows = tools[OURS], largest - tenth
    row = (ours[largest, False].processor - ours[tenth, False].processor) / rows
    row_of_run = (found.runs[largest].cost.processor - found.runs[tenth].cost.processor) / rows
    faulty = ours[largest, True].result - ours[largest, False].result
    finding = (ours[largest, True].processor - ours[largest, False].processor) / faulty
    many, few = found.national, found.few
    returns, files = many.returns - few.returns, many.files - few.files
    a_return = (many.first.cost.processor - few.first.cost.processor) / returns
    known = (many.again.cost.processor - few.again.cost.processor) / files
    there = (many.one_more.cost.processor - few.one_more.cost.processor) / returns
    return [
        ("a run, whatever it finds: start, contracts, store, import, checks", f"{found.alone.cost.processor:.1f} s"),
        ("a row, `validate`", _small(row)), ("a row, `run` into DuckDB", _small(row_of_run)),
        ("a row with a fault, `validate`, more than a good one", _small(finding)),
        ("a small return, `run` with its pages", _small(a_return)),
        ("a file that is known already", _small(known)),
        ("a return that is there already, for each run that loads something", _small(there)),
    ]  # fmt: skip


def _small(seconds: float) -> str:
    """A short time in words."""
    if seconds <= 0:
        return "less than could be measured"
    return f"{1e3 * seconds:.2f} ms" if seconds >= 1e-3 else f"{1e6 * seconds:.2f} µs"
