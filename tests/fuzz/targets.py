"""Fuzzes our own parsing of one format, guided by what was reached: ``python targets.py FORMAT [options of libFuzzer]``.

What the libraries parse is fuzzed by ``whole_files.py`` in the process that reads files, since they may abort.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris
from mutations import damaged

with atheris.instrument_imports(include=["probation_etl.intake.readers"]):
    from probation_etl.errors import UnreadableFile
    from probation_etl.intake.readers import Limits, foreign
    from probation_etl.intake.readers.active_content import active_content
    from probation_etl.intake.readers.archives import open_archive
    from probation_etl.intake.readers.biff import old_workbook_counts_from_1904, workbook_stream
    from probation_etl.intake.readers.compressed import gunzip, unzip
    from probation_etl.intake.readers.csv import read_csv
    from probation_etl.intake.readers.date_system import counts_from_1904, with_plain_date_system
    from probation_etl.intake.readers.inspection import inspect_workbook, inspect_xls
    from probation_etl.intake.readers.looks import looks_of, looks_of_xls

LIMITS = Limits(
    rows=100_000, cells=100_000, workbook_bytes=10_000_000, unpacked_bytes=10_000_000, text_bytes=10_000_000
)
FIXTURES = Path(__file__).parents[1] / "fixtures"


def archive_of_sheets(data: bytes) -> None:
    archive = open_archive(data, LIMITS)
    inspect_workbook(archive, LIMITS)
    counts_from_1904(archive, LIMITS)
    with_plain_date_system(archive, LIMITS)
    looks_of(archive, LIMITS)
    active_content(archive)


def old_workbook(data: bytes) -> None:
    container, _ = inspect_xls(data, LIMITS)
    old_workbook_counts_from_1904(container)
    looks_of_xls(workbook_stream(container))


def text(data: bytes) -> None:
    foreign.refuse_foreign(data)
    read_csv(data, limits=LIMITS)


def packed(data: bytes) -> None:
    if data.startswith(b"\x1f\x8b"):
        gunzip(data, LIMITS)
    else:
        unzip(open_archive(data, LIMITS), LIMITS)


TARGETS = {
    "xlsx": archive_of_sheets, "xlsm": archive_of_sheets, "xlsb": archive_of_sheets, "ods": archive_of_sheets,
    "xls": old_workbook, "csv": text, "tsv": text, "gz": packed, "zip": packed,
}  # fmt: skip


def main() -> None:
    form, target = sys.argv[1], TARGETS[sys.argv[1]]
    seeds = [path.read_bytes() for path in sorted(FIXTURES.glob(f"*.{form}")) if path.stat().st_size < 60_000]

    def one(data: bytes) -> None:
        try:
            target(data)
        except UnreadableFile:
            return

    def mutated(data: bytes, most: int, number: int) -> bytes:
        start = data if len(data) > 30 and number % 3 else seeds[number % len(seeds)]
        changed = damaged(start, number)
        return changed if len(changed) <= most else start[:most]

    atheris.Setup(["targets", "-max_len=100000", "-timeout=30", *sys.argv[2:]], one, custom_mutator=mutated)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
