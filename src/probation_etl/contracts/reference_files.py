"""Reference tables as they lie in a directory of contracts: CSV files of text."""

from __future__ import annotations

import csv
from pathlib import Path

import polars as pl

from probation_etl.errors import ContractError

#: Bytes of a reference table: every cell is held in memory as text.
_LARGEST_TABLE = 50_000_000


def read_tables(directory: Path) -> dict[str, pl.DataFrame]:
    """Every CSV file of a directory, by its name without the extension; all columns String, stripped, empty cells null.

    Raises:
        ContractError: A file cannot be read, or a row has more or fewer cells than the header.
    """
    tables, faults = {}, []
    for path in sorted(directory.glob("*.csv")):
        try:
            tables[path.stem] = _read_table(path)
        except UnicodeDecodeError:
            faults.append(f"{path}: it is not UTF-8 text")
        except OSError as fault:
            faults.append(f"{path}: {fault.strerror}")
        except (ValueError, csv.Error) as fault:
            faults.append(f"{path}: {fault}")
    if faults:
        raise ContractError("Reference tables cannot be read. Correct these files:", faults=tuple(faults))
    return tables


def _read_table(path: Path) -> pl.DataFrame:
    if not path.resolve().is_relative_to(path.parent.parent.resolve()):
        raise ValueError("this is a link to a file outside of the directory of contracts")
    if not path.is_file() or path.stat().st_size > _LARGEST_TABLE:
        raise ValueError(f"this is not a file of at most {_LARGEST_TABLE:,} bytes")
    # The csv module rather than Polars, which silently fills a short row with nulls.
    rows: list[list[str | None]] = []
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, strict=True)
        header = next(reader, [])
        if not header or not all(header) or len(set(header)) < len(header):
            raise ValueError("line 1: the header must name every column, each once")
        for row in filter(None, reader):
            if len(row) != len(header):
                raise ValueError(f"line {reader.line_num}: {len(row)} cells, the header has {len(header)}")
            rows.append([cell.strip() or None for cell in row])
    return pl.DataFrame(rows, schema=dict.fromkeys(header, pl.String), orient="row")
