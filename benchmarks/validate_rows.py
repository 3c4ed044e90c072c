"""What it costs to validate a million rows, against reading the same file as text with Polars and casting its columns.

Two files: one in which a row of a hundred has a fault, and one in which every row has. Each is validated in a process of its own, in
turn with the floor, and the medians of the repeats are compared: in processor time, since other work on the machine counts for
little there, and in wall time. Other numbers can be given: ``validate_rows.py 100000 3`` for 100,000 rows and three repeats.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

ROWS, REPEATS = 1_000_000, 3
AT_MOST, ALL_FAULTY_AT_MOST, MEMORY_AT_MOST = 20, 3, 2
DATES, PERIOD_END = ("referral_date", "logged_date", "hearing_date"), date(2016, 6, 26)


@dataclass(frozen=True)
class Cost:
    """What a step took.

    Attributes:
        processor: Seconds of all threads.
        wall: Seconds on the clock.
        memory: The most bytes that the process had.
        findings: How many there are.
    """

    processor: float
    wall: float
    memory: int
    findings: int


def fill(path: Path, rows: int, *, faulty_every: int) -> None:
    """A return of so many synthetic rows, of which one in so many has a fault, each kind of them in turn."""
    number = pl.int_range(rows, eager=True)
    faulty = pl.DataFrame({"n": number}).select(
        kind=pl.when(pl.col("n") % faulty_every == 0).then(pl.col("n") // faulty_every % 5)
    )["kind"]
    end, n = pl.lit(PERIOD_END), pl.col("n")
    referred = end - pl.duration(days=10 + n % 700)
    rows_as_sent = pl.DataFrame({"n": number, "fault": faulty}).select(
        nsi_id=pl.format("SYNTHETIC-{}", n.cast(pl.String).str.zfill(8)),
        crn=pl.when(pl.col("fault") == 0)
        .then(pl.lit("12345X"))
        .otherwise(pl.format("{}{}", (n // 1_000_000 % 26).replace_strict(range(26), [chr(65 + at) for at in range(26)]),
                             (n % 1_000_000).cast(pl.String).str.zfill(6))),
        event_number=(n % 9 + 1).cast(pl.String),
        provider_code=pl.lit("N50"),
        ldu_code=pl.format("N50{}", n % 30),
        disposal_code=pl.when(pl.col("fault") == 1).then(pl.lit("Recall")).otherwise(_one_of("CO", "SSO", "PSS")),
        requirement_code=_one_of("UPW", "AP", "RAR", "SUP", "CUR", "OTH"),
        rosh_code=_one_of("RLRH", "RMRH", "RHRH", "RVHR"),
        referral_date=pl.when(pl.col("fault") == 2).then(pl.lit("31/02/2016")).otherwise(referred.dt.to_string("%F")),
        logged_date=(referred + pl.duration(days=pl.when(pl.col("fault") == 3).then(-2).otherwise(2))).dt.to_string("%F"),
        court_code=pl.format("SYN{}", n % 50),
        hearing_date=pl.when(pl.col("fault") == 4).then(pl.lit("")).otherwise(
            (referred + pl.duration(days=5)).dt.to_string("%F")),
        nsi_status_code=_one_of("BRE07", "BRE08", "BRE09"),
    )  # fmt: skip
    rows_as_sent.write_csv(path)


def _one_of(*texts: str) -> pl.Expr:
    return (pl.col("n") * 7 // 3 % len(texts)).replace_strict(range(len(texts)), texts)


def floor(path: Path) -> Callable[[], int]:
    """Reading the file as text and casting its columns, with nothing checked."""

    def step() -> int:
        text = pl.read_csv(path, infer_schema=False)
        return text.with_columns(
            pl.col("event_number").cast(pl.Int64, strict=False), pl.col(DATES).str.to_date("%Y-%m-%d", strict=False)
        ).height

    return step


def validation(path: Path) -> Callable[[], int]:
    """Validating the file."""
    import probation_etl as pe

    return lambda: pe.validate(path, "nps-breaches", supplier_code="N50", period_end=PERIOD_END).findings.height


def measured(step: Callable[[], int]) -> Cost:
    """What a step costs in this process."""
    wall, processor = time.perf_counter(), time.process_time()
    findings = step()
    spent = time.process_time() - processor, time.perf_counter() - wall
    return Cost(*spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, findings)


def apart(what: str, path: Path) -> Cost:
    """What a step costs in a process of its own; imports are not counted."""
    command = [sys.executable, __file__, what, str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 -- this script itself
    told = done.stdout.split()
    return Cost(float(told[0]), float(told[1]), int(told[2]), int(told[3]))


def median(costs: list[Cost]) -> Cost:
    """The middle of each figure."""
    return Cost(
        statistics.median(each.processor for each in costs),
        statistics.median(each.wall for each in costs),
        int(statistics.median(each.memory for each in costs)),
        costs[0].findings,
    )


def main(rows: int = ROWS, repeats: int = REPEATS) -> int:
    with tempfile.TemporaryDirectory() as folder:
        clean, faulty = Path(folder, "clean.csv"), Path(folder, "faulty.csv")
        fill(clean, rows, faulty_every=100)
        fill(faulty, rows, faulty_every=1)
        steps = (("floor", clean), ("validate", clean), ("validate", faulty))
        turns = [[apart(*step) for step in steps] for _ in range(repeats)]
    bare, few, all_of_them = (median(list(costs)) for costs in zip(*turns, strict=True))
    named = {"read and cast by Polars": bare, "one row of a hundred faulty": few, "every row faulty": all_of_them}
    for name, cost in named.items():
        print(
            f"{name}: {cost.processor:.2f} s processor ({cost.processor / bare.processor:.1f} × the floor), "
            f"{cost.wall:.2f} s wall ({cost.wall / bare.wall:.1f} ×), {cost.memory >> 20:,} MiB, "
            f"{cost.findings:,} findings"
        )
    limits = (
        ("a million rows cost", few.processor / bare.processor, "× the floor", AT_MOST),
        ("with every row faulty", all_of_them.processor / few.processor, "× that", ALL_FAULTY_AT_MOST),
        ("memory with every row faulty", all_of_them.memory / few.memory, "× that", MEMORY_AT_MOST),
    )
    for what, found, of, most in limits:
        print(f"{what} {found:,.2f} {of} (at most {most:,g})")
    return 0 if all(found <= most for _, found, _, most in limits) else 1


def child(what: str, path: Path) -> None:
    """Measures one step and prints its cost."""
    small = path.with_suffix(".small.csv")
    small.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:200]))
    step = {"floor": floor, "validate": validation}[what]
    step(small)()
    cost = measured(step(path))
    print(cost.processor, cost.wall, cost.memory, cost.findings)


if __name__ == "__main__":
    if len(sys.argv) > 2 and not sys.argv[1].isdecimal():
        child(sys.argv[1], Path(sys.argv[2]))
    else:
        sys.exit(main(*map(int, sys.argv[1:])))
