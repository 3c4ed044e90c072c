"""An engine in memory for rules that are queries: it has what they read, and reaches nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import duckdb
import polars as pl

from probation_etl.contracts.checks import CONTEXT_TYPES, TYPES
from probation_etl.contracts.checks.check import ReadTable
from probation_etl.contracts.checks.query_rules import query_checks
from probation_etl.contracts.identifiers import quoted
from probation_etl.contracts.model import Contract, ReturnContract, TableContract
from probation_etl.errors import TooLongError
from probation_etl.intake.answers import Answer
from probation_etl.stores.confined import confined
from probation_etl.stores.private_files import PrivateFiles
from probation_etl.stores.time_limit import ended_after

#: How long a query may take where there is nothing to read.
_SECONDS = 2
_WHOLE = ("BIGINT", "INTEGER", "HUGEINT", "SMALLINT", "UBIGINT", "UINTEGER")


class RuleEngine:
    """An engine in memory, with the tables that it is given."""

    def __enter__(self) -> RuleEngine:
        self._files = PrivateFiles(None)
        self._connection = confined(None, self._files.configuration, share=0.5)
        for schema in ("previous", "reference"):
            self._connection.execute(f"CREATE SCHEMA {schema}").complete()
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()
        self._files.after_closing()

    def add(self, table: ReadTable, frames: Iterable[pl.DataFrame]) -> None:
        """A table of these rows, the first of which are there even if there are none."""
        schema = f"{table.where}." if table.where in ("previous", "reference") else ""
        name = f"{schema}{quoted(table.name)}"
        for number, frame in enumerate(frames):
            verb = f"INSERT INTO {name} BY NAME" if number else f"CREATE TABLE {name} AS"
            # A time in billionths of a second is none that SQL compares with others.
            times = ", ".join(f"CAST({quoted(each)} AS TIME) AS {quoted(each)}" for each in _times(frame))
            columns = f"* REPLACE ({times})" if times else "*"
            self._connection.register("incoming", frame.to_arrow())
            self._connection.execute(f"{verb} SELECT {columns} FROM incoming").complete()
            self._connection.unregister("incoming")

    def answer(self, query: str, seconds: float) -> Answer:
        """The rows that a query gives."""
        try:
            with ended_after(seconds, self._connection.interrupt):
                text = f"SELECT DISTINCT CAST(source_row AS BIGINT) AS source_row FROM ({query}) AS broken ORDER BY 1"
                table = self._connection.sql(text).to_arrow_table()
        except (duckdb.Error, TooLongError):
            # The engine's message may quote values of rows.
            return Answer(None)
        return Answer(pl.DataFrame(pl.from_arrow(table))["source_row"].drop_nulls())

    def fault(self, query: str) -> str:
        """Why a query cannot be used, where the tables hold nothing of a return; empty where it can."""
        try:
            with ended_after(_SECONDS, self._connection.interrupt):
                found = self._connection.execute(f"DESCRIBE {query}").fetchall()
                self._connection.execute(f"SELECT COUNT(*) FROM ({query}) AS broken").fetchall()
        except TooLongError:
            return f"it takes more than {_SECONDS} seconds where there is nothing to read: it joins too much"
        except duckdb.Error as error:
            return " ".join(str(error).split())
        kinds = {each[0]: each[1] for each in found}
        if kinds.get("source_row") not in _WHOLE:
            return "the query does not give source_row, the number of each row that breaks the rule"
        return ""


def _times(frame: pl.DataFrame) -> list[str]:
    return [name for name, kind in frame.schema.items() if kind == pl.Time()]


def rule_query_faults(
    contract: ReturnContract, unified: Mapping[str, TableContract], tables: Mapping[str, pl.DataFrame]
) -> Iterator[str]:
    """Queries of a contract that cannot be run, or do not say which rows break the rule.

    Args:
        contract: The contract of a return, whose queries may be run.
        unified: Contracts of unified tables by table.
        tables: Reference tables by name.
    """
    for rule in query_checks(contract):
        with RuleEngine() as engine:
            for table in rule.reads:
                engine.add(table, [_empty(table, contract, unified, tables)])
            fault = engine.fault(rule.sql)
        yield from [f"{contract.where(rule.part)}: {fault}"] if fault else []


def _empty(
    table: ReadTable, contract: Contract, unified: Mapping[str, TableContract], tables: Mapping[str, pl.DataFrame]
) -> pl.DataFrame:
    if table.where == "reference":
        return tables[table.name]
    return empty_rows(contract if table.where == "own" else unified[table.name])


def empty_rows(contract: Contract) -> pl.DataFrame:
    """No rows of a table, as queries see it: a return with its ``source_row`` and the context."""
    kinds = {each.name: TYPES[each.type] for each in contract.columns}
    if isinstance(contract, ReturnContract):
        kinds = {"source_row": pl.Int64(), **kinds, **CONTEXT_TYPES}
    return pl.DataFrame(schema=kinds)
