"""Rules that are queries: a return may refer to rows of others, and who asks gets an engine that has what the queries read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain

import polars as pl

from probation_etl.contracts.checks import Check
from probation_etl.contracts.checks.check import ReadTable
from probation_etl.intake.answers import Answer, Answering
from probation_etl.intake.frames import Frames
from probation_etl.intake.readers import DEFAULT_LIMITS
from probation_etl.intake.references import References, Referred

#: Gives the rows of a table that a query reads beside the return; None where they are not known.
Beside = Callable[[ReadTable], pl.DataFrame | None]


class RuleQueries(Answering):
    """What a return may refer to, and an engine for rules that are queries."""

    def __init__(self, references: References, beside: Beside, tables: Mapping[str, pl.DataFrame]) -> None:
        """Opens nothing yet.

        Args:
            references: Rows of the supplier for this or an earlier period, by unified table.
            beside: Rows for this period, or of the returns before it.
            tables: Reference tables by name.
        """
        self._references, self._beside, self._tables = references, beside, tables

    def __call__(self, table: str) -> Referred | None:
        """The rows of the supplier for this or an earlier period."""
        return self._references(table)

    def beside(self, table: ReadTable) -> pl.DataFrame | None:
        """Rows for this period, or of the returns before it."""
        return self._beside(table)

    def answers(self, rules: Sequence[Check], own: Frames) -> Iterator[Answer]:
        """What rules with a query give, each in an engine that has what all of them read."""
        from probation_etl.stores.rule_engine import RuleEngine  # what reads SQL takes long to import

        read = dict.fromkeys(chain.from_iterable(each.reads for each in rules))
        frames = {each: self._frame(each) for each in read if each.where != "own"}
        with RuleEngine() as engine:
            for table, frame in frames.items():
                if frame is not None:
                    engine.add(table, [frame])
            own_tables = [each for each in read if each.where == "own"]
            columns = _columns_of_own(rules, own)
            for table in own_tables:
                engine.add(table, own.of_columns(columns))
            for rule in rules:
                lacking = next((each.written for each in rule.reads if frames.get(each, True) is None), None)
                yield Answer(None, lacking) if lacking else engine.answer(rule.sql, DEFAULT_LIMITS.query_seconds)

    def _frame(self, table: ReadTable) -> pl.DataFrame | None:
        return self._tables.get(table.name) if table.where == "reference" else self._beside(table)


def without_store(tables: Mapping[str, pl.DataFrame]) -> RuleQueries:
    """What a return may refer to where no other is known: nothing. Queries over the return itself are answered.

    Args:
        tables: Reference tables by name.
    """
    return RuleQueries(lambda _table: None, lambda _table: None, tables)


def _columns_of_own(rules: Iterable[Check], own: Frames) -> list[str]:
    """The columns of the return that any of the rules may read."""
    from probation_etl.contracts.checks.query_text import columns_read

    there = next(iter(own)).columns
    named = [columns_read(each.sql) for each in rules]
    if any(each is None for each in named):
        return there
    wanted = {"source_row", *(name for names in named if names for name in names)}
    return [name for name in there if name.lower() in wanted]
