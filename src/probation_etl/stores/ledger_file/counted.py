"""What a store holds, counted in the store itself: cheaply for each run, with digests of all rows for a verification."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping

import polars as pl

from probation_etl.contracts.identifiers import literal, quoted
from probation_etl.intake.side_by_side import side_by_side
from probation_etl.stores.engine import Engine
from probation_etl.stores.ledger_file.account import Account, Holding
from probation_etl.stores.statements import TIMES

_TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'history' ORDER BY table_name"
_RETURNS = "SELECT return_id, run_id, sha256, rows_accepted FROM ledger.returns"
_QUARANTINE = "quarantine"
#: Rows of small returns that are in memory at a time, where their digests are computed, and of a large one, which come in order.
_MANY, _PIECE = 100_000, 20_000


def account(engine: Engine, *, digests: bool = False) -> Account:
    """What the store holds.

    Args:
        engine: The database of the store.
        digests: Whether digests are computed, for which all rows are read.
    """
    return Account(
        runs=frozenset(str(run) for (run,) in engine.rows("SELECT run_id FROM ledger.runs")),
        returns=holdings(engine, digests=digests),
        decisions=frozenset(int(number) for (number,) in engine.rows("SELECT sequence FROM ledger.decisions")),
        releases=frozenset(int(number) for (number,) in engine.rows("SELECT sequence FROM ledger.releases")),
    )


def holdings(engine: Engine, *, run_id: str | None = None, digests: bool = True) -> dict[str, Holding]:
    """What the store holds of attempts at returns, by their names.

    Args:
        engine: The database of the store.
        run_id: The run that loaded them; by default those of all runs.
        digests: Whether digests are computed.
    """
    own = f"SELECT return_id FROM ledger.returns WHERE run_id = {literal(run_id or '')}"
    which = "" if run_id is None else f" WHERE return_id IN ({own})"
    entries = engine.rows(_RETURNS + which)
    tables = [str(name) for (name,) in engine.rows(_TABLES)]
    counts: dict[str, dict[str, int]] = {}
    for table in (*tables, _QUARANTINE):
        grouped = f"SELECT return_id, COUNT(*) FROM {_source(table)}{which} GROUP BY return_id"
        for name, count in engine.rows(grouped):
            counts.setdefault(name, {})[table] = count
    computed = _digests(engine, (*tables, _QUARANTINE), counts) if digests else {}
    return {
        name: Holding(
            run_id, sha256, accepted,
            quarantined=counts.get(name, {}).pop(_QUARANTINE, 0),
            tables=counts.get(name, {}),
            digest=computed.get(name),
        )
        for name, run_id, sha256, accepted in entries
    }  # fmt: skip


def _source(table: str) -> str:
    return "quarantine.rows" if table == _QUARANTINE else f"history.{quoted(table)}"


def _digests(engine: Engine, tables: Collection[str], counts: Mapping[str, Mapping[str, int]]) -> Mapping[str, str]:
    """Digests of the rows of returns, by their names; returns without rows are left out.

    Args:
        engine: The database of the store.
        tables: The tables in their order.
        counts: How many rows there are of each return, by table.
    """
    found: dict[str, hashlib._Hash] = {}
    for table in tables:
        heights = {name: of[table] for name, of in counts.items() if table in of}
        for name, texts in _of_table(engine, table, heights):
            digest = found.setdefault(name, hashlib.sha256())
            digest.update(f"{table}\n".encode())
            for text in texts:
                digest.update(text.encode())
    return {name: each.hexdigest() for name, each in found.items()}


def _of_table(engine: Engine, table: str, heights: Mapping[str, int]) -> Iterator[tuple[str, Iterable[str]]]:
    """The rows of each return as text: those of many small returns are read at once, those of a large one piece by piece."""
    together: list[str] = []
    for name in sorted(heights):
        if heights[name] > _MANY:
            yield name, _streamed(engine, table, name)
            continue
        if together and heights[name] + sum(heights[each] for each in together) > _MANY:
            yield from _at_once(engine, table, together)
            together = []
        together.append(name)
    yield from _at_once(engine, table, together)


def _at_once(engine: Engine, table: str, names: Collection[str]) -> Iterator[tuple[str, Iterable[str]]]:
    if names:
        # When a row is current is no part of what was loaded.
        rows = engine.frame(f"SELECT * FROM {_source(table)} WHERE {_of(names)}").drop(TIMES, strict=False)
        yield from ((name, [text]) for name, text in _texts(rows))


def _streamed(engine: Engine, table: str, name: str) -> Iterator[str]:
    """The same text as :func:`_texts` gives of one return, in order by the database, which needs no more memory for many rows."""
    source = f"FROM {_source(table)} WHERE {_of([name])}"
    kinds = engine.frame(f"SELECT * {source} LIMIT 0").drop(TIMES, strict=False).schema
    counted = engine.rows(f"SELECT {', '.join(f'COUNT({quoted(each)})' for each in kinds)} {source}")[0]
    filled = sorted(each for each, count in zip(kinds, counted, strict=True) if count)
    order = (quoted(each) + (' COLLATE "C"' if kinds[each] == pl.String() else "") + " NULLS FIRST" for each in filled)
    query = f"SELECT {', '.join(map(quoted, filled))} {source} ORDER BY {', '.join(order)}"
    yield from side_by_side(_piece_of_text, enumerate(engine.frames(query, _PIECE)))


def _piece_of_text(piece: tuple[int, pl.DataFrame]) -> str:
    number, rows = piece
    return _plain(rows).write_csv(include_header=not number, quote_style="non_numeric")


def _of(names: Collection[str]) -> str:
    return f"return_id IN ({', '.join(map(literal, names))})"


def _texts(frame: pl.DataFrame) -> Iterator[tuple[str, str]]:
    """The rows of each return as text, in an order of their own.

    A column in which a return has nothing is left out: a contract may add columns later.
    """
    alike: dict[tuple[str, ...], list[str]] = {}
    for name, *flags in frame.group_by("return_id").agg(pl.all().is_not_null().any()).iter_rows():
        there = (each for each, is_filled in zip(_others(frame), flags, strict=True) if is_filled)
        alike.setdefault(tuple(sorted([*there, "return_id"])), []).append(name)
    for filled, names in alike.items():
        rows = frame.filter(pl.col("return_id").is_in(names)).select(filled).sort(filled, nulls_last=False)
        for (name,), of_return in rows.partition_by("return_id", as_dict=True, maintain_order=True).items():
            yield str(name), _plain(of_return).write_csv(quote_style="non_numeric")


def _plain(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with lengths of time in microseconds, which no text of CSV knows otherwise."""
    return rows.with_columns(pl.selectors.duration().dt.total_microseconds())


def _others(frame: pl.DataFrame) -> list[str]:
    return [each for each in frame.columns if each != "return_id"]
