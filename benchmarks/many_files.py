"""What a run costs for each file of a large inbox, against what it costs in a small one; and a second run over known files.

If a file cost more the more of them there are, an inbox of tens of thousands would never be done. Processor time is measured, so that
other work on the machine counts for neither. Other numbers of files can be given: ``many_files.py 200 20000``.
"""

from __future__ import annotations

import csv
import io
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from probation_etl.runs import run

FEW, MANY, AT_MOST, KNOWN_AT_MOST = 100, 800, 1.3, 0.1
HEADER = (
    "nsi_id", "crn", "event_number", "provider_code", "ldu_code", "disposal_code", "requirement_code", "rosh_code",
    "referral_date", "logged_date", "court_code", "hearing_date", "nsi_status_code",
)  # fmt: skip
SENDERS = ("N50", "N51", "N52", "N53", "N54", "N55", "N56")
FIRST, ROWS = date(2014, 6, 15), 3


def content(sender: str, end: date, first: int) -> bytes:
    began, logged = end - timedelta(days=5), end - timedelta(days=3)
    text = io.StringIO()
    rows = (
        (
            f"SYNTHETIC-{number}", f"X{number % 1_000_000:06}", "1", sender, "", "CO", "UPW", "RLRH", began.isoformat(),
            logged.isoformat(), "SYN01", "", "BRE05",
        )
        for number in range(first, first + ROWS)
    )  # fmt: skip
    csv.writer(text).writerows([HEADER, *rows])
    return text.getvalue().encode()


def fill(inbox: Path, files: int) -> None:
    inbox.mkdir()
    for number in range(files):
        sender, end = SENDERS[number % len(SENDERS)], FIRST + timedelta(days=number // len(SENDERS))
        (inbox / f"{sender}_breaches_{end}.csv").write_bytes(content(sender, end, number * ROWS))


def processor_seconds(step: Callable[[], object]) -> float:
    start = time.process_time()
    step()
    return time.process_time() - start


def measured(root: Path, files: int) -> tuple[float, float]:
    """Processor seconds of the first run and of the second."""
    inbox = root / f"inbox{files}"
    fill(inbox, files)
    store, reports = f"duckdb:///{root / f'{files}.duckdb'}", root / f"reports{files}"
    first, second = (processor_seconds(lambda: run(inbox, store=store, reports=reports)) for _ in range(2))
    print(f"{files:,} files: {first:.1f} s, {1000 * first / files:.0f} ms a file; again, all known: {second:.1f} s")
    return first, second


def main(few: int = FEW, many: int = MANY) -> int:
    with tempfile.TemporaryDirectory() as folder:
        measured(Path(folder), 1)  # imports, and the contracts compiled once
        small, _ = measured(Path(folder), few)
        large, known = measured(Path(folder), many)
    ratio, again = (large / many) / (small / few), known / large
    print(f"a file of {many:,} costs {ratio:.2f} × one of {few:,} (at most {AT_MOST:g})")
    print(f"known files cost {again:.2f} × new ones (at most {KNOWN_AT_MOST:g})")
    return 0 if ratio <= AT_MOST and again <= KNOWN_AT_MOST else 1


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
