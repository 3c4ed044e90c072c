"""DuckDB: the file as a table of text, and each check a query that writes its faults into a table of findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb

from work import Column, Work

_TYPES = {"integer": "BIGINT", "date": "DATE"}


def checker(work: Work) -> Callable[[Path], int]:
    """Reads, casts, and collects the faults of all checks."""
    cast = ", ".join(
        f'TRY_CAST("{each.name}" AS {_TYPES[each.type]}) AS "{each.name}", "{each.name}" AS "{each.name}__text"'
        if each.type in _TYPES
        else f'"{each.name}"'
        for each in work.columns
    )

    def faulty(path: Path) -> int:
        with duckdb.connect() as database:
            database.execute("SET preserve_insertion_order = true")
            database.execute(
                f"CREATE TABLE sent AS SELECT row_number() OVER () AS row, {cast} "
                "FROM read_csv($1, all_varchar = true, header = true, delim = ',')", [str(path)],
            )  # fmt: skip
            database.execute("CREATE TABLE findings (row BIGINT, rule VARCHAR)")
            for rule, query in _faults(work):
                database.execute(f"INSERT INTO findings SELECT row, $1 FROM ({query})", [rule])
            found = database.execute("SELECT COUNT(DISTINCT row) FROM findings").fetchone()
        return int(found[0]) if found else 0

    return faulty


def _faults(work: Work) -> Iterator[tuple[str, str]]:
    """Each check with the query that finds what breaks it."""
    for column in work.columns:
        for kind, condition in _of_column(column):
            yield f"{column.name}|{kind}", f"SELECT row FROM sent WHERE {condition}"
        if column.unique:
            yield f"{column.name}|unique", _repeated([column.name])
    yield "key", _repeated(list(work.key))
    for rule in work.rules:
        yield rule.id, f"SELECT row FROM sent WHERE NOT ({rule.sql})"


def _of_column(column: Column) -> Iterator[tuple[str, str]]:
    name = f'"{column.name}"'
    if column.type in _TYPES:
        yield "type", f'{name} IS NULL AND "{column.name}__text" IS NOT NULL'
    if column.required:
        yield "required", f"{name} IS NULL"
    if column.pattern:
        yield "pattern", f"NOT regexp_matches({name}, '{column.pattern}')"
    if column.most is not None:
        yield "range", f"{name} NOT BETWEEN {column.least} AND {column.most}"
    if column.longest is not None:
        yield "length", f"length({name}) > {column.longest}"
    if column.values:
        values = ", ".join(f"'{each}'" for each in column.values)
        yield "enum", f"{name} NOT IN ({values})"


def _repeated(names: list[str]) -> str:
    key = ", ".join(f'"{each}"' for each in names)
    return f"SELECT row FROM (SELECT row, COUNT(*) OVER (PARTITION BY {key}) AS times FROM sent) WHERE times > 1"
