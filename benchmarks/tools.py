"""The tools beside each other: each does the same work on the same files, in turn, and must find the same rows."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from sys import executable

from returns import fill
from timing import Cost, asked, in_turns
from work import Work

ONE = Path(__file__).with_name("one.py")


@dataclass(frozen=True)
class Tool:
    """A tool that is measured.

    Attributes:
        module: Its module in ``peers``.
        name: What it is called in tables.
        package: Its distribution, for the version.
        slow: Whether it is left out of the largest file: it would take minutes.
        python: The interpreter of its environment; that of this one by default.
    """

    module: str
    name: str
    package: str
    slow: bool = False
    python: str = executable

    @property
    def version(self) -> str:
        """The version that is measured."""
        if self.python == executable:
            return importlib.metadata.version(self.package)
        (found,) = Path(self.python).parent.parent.glob(
            f"lib/*/site-packages/{self.package.replace('-', '_')}-*.dist-info"
        )
        return found.name.removesuffix(".dist-info").rpartition("-")[2]


FLOOR = Tool("floor", "Polars reads as text and casts (the floor)", "polars")
OURS = Tool("ours", "probation-etl, `pe.validate`", "probation-etl")
PEERS = (
    Tool("dataframely", "dataframely, `filter`", "dataframely"),
    Tool("pointblank", "pointblank", "pointblank"),
    Tool("pandera", "pandera, lazily", "pandera"),
    Tool("duckdb", "DuckDB, each check a query into a table of findings", "duckdb"),
    Tool("great_expectations", "Great Expectations on pandas", "great-expectations", slow=True),
    Tool("frictionless", "Frictionless", "frictionless", slow=True),
)


def nhs(python: str) -> Tool:
    """The Data Validation Engine of NHS England, in its own environment."""
    return Tool(
        "data_validation_engine",
        "NHS Data Validation Engine on DuckDB",
        "data-validation-engine",
        slow=True,
        python=python,
    )


#: By tool, then by the number of rows and whether each row is faulty.
Costs = Mapping[Tool, Mapping[tuple[int, bool], Cost]]


def sent(folder: Path, rows: int, *, all_faulty: bool = False) -> Path:
    """The file of so many rows, one of a hundred or each of them faulty; made once."""
    path = folder / f"{rows}{'_faulty' if all_faulty else ''}.csv"
    if not path.exists():
        fill(path, rows, faulty_every=1 if all_faulty else 100)
    return path


def cost_of_tool(tool: Tool, work: Path, file: Path, small: Path) -> Cost:
    """What one tool costs on one file, in a process of its own."""
    return asked(ONE, tool.module, work, file, small, python=tool.python)


def compared(tools: Sequence[Tool], work: Work, folder: Path, sizes: Sequence[int], repeats: int) -> Costs:
    """Measures tools in turn on files of several sizes, and on one with every row faulty.

    Slow ones are measured once, and not on the largest file. On the largest with every row faulty only ours is.

    Raises:
        AssertionError: A tool finds other rows than ours.
    """
    work.write(folder / "work.json")
    found: dict[Tool, dict[tuple[int, bool], Cost]] = {tool: {} for tool in tools}
    quick, slow = [each for each in tools if not each.slow], [each for each in tools if each.slow]
    *smaller, largest = sizes
    for those, cases, times in (
        (quick, [*((rows, False) for rows in sizes), (smaller[-1], True)], repeats),
        ([FLOOR, OURS], [(largest, True)], repeats),
        (slow, [*((rows, False) for rows in smaller), (smaller[-1], True)], 1),
    ):
        for rows, all_faulty in cases:
            costs = _in_turns(those, folder, rows, times, all_faulty=all_faulty)
            for tool, cost in costs.items():
                found[tool][rows, all_faulty] = cost
    return found


def _in_turns(tools: Sequence[Tool], folder: Path, rows: int, repeats: int, *, all_faulty: bool) -> dict[Tool, Cost]:
    """The costs of tools on one file, once it is certain that each finds the rows that are faulty."""
    file, small = sent(folder, rows, all_faulty=all_faulty), sent(folder, 200)
    steps = [lambda tool=tool: cost_of_tool(tool, folder / "work.json", file, small) for tool in tools]
    costs = dict(zip(tools, in_turns(steps, repeats), strict=True))
    for tool, cost in costs.items():
        faulty = rows if tool == FLOOR or all_faulty else -(-rows // 100)
        kind = ", each faulty" if all_faulty else ""
        print(f"{rows:>10,} rows{kind}: {tool.name}: {cost.wall:.2f} s, {cost.result:,} faulty rows", flush=True)
        if cost.result != faulty:
            raise AssertionError(f"{tool.name} finds {cost.result:,} faulty rows, not {faulty:,}")
    return costs
