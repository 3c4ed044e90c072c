"""Rules that are queries over a whole return: who has an engine answers them, and here the answers become faults of rows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from probation_etl.contracts.checks import Check, Kind, Schema
from probation_etl.contracts.checks.check import ReadTable
from probation_etl.contracts.findings import Finding, make
from probation_etl.discreet import Discreet
from probation_etl.intake.frames import Frames
from probation_etl.intake.references import Referred


@dataclass(frozen=True)
class Answer(Discreet):
    """What a query gave.

    Attributes:
        rows: ``source_row`` of each row that breaks the rule; None where it was not computed.
        lacking: The table that is not known, for which it was not computed; empty where it failed.
    """

    rows: pl.Series | None
    lacking: str = ""


class Answering(ABC):
    """Rows that references may point to, by unified table, from one who can compute queries over them too."""

    @abstractmethod
    def __call__(self, table: str) -> Referred | None:
        """The rows of the supplier for this or an earlier period; None if they are not available."""

    @abstractmethod
    def beside(self, table: ReadTable) -> pl.DataFrame | None:
        """Rows of a unified table for the same period, or of the returns before it; None if they are not available."""

    @abstractmethod
    def answers(self, rules: Sequence[Check], own: Frames) -> Iterator[Answer]:
        """What rules with a query give, in their order.

        Args:
            rules: The rules, which passed lint.
            own: The rows of the return in their types.
        """


@dataclass(frozen=True)
class Answered(Discreet):
    """What came of the rules of a return that are queries.

    Attributes:
        rows: By rule, ``source_row`` of each row that breaks it.
        findings: What is said of rules that were not computed.
    """

    rows: Mapping[str, pl.Series] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    def broken(self, frame: pl.DataFrame, schema: Schema, uncertain: Mapping[str, pl.Series]) -> dict[str, pl.Series]:
        """By rule, positions of the rows in a frame that break it; of a row with a cell of unknown value nothing is said.

        Args:
            frame: Rows of the return, with their ``source_row``.
            schema: The compiled contract.
            uncertain: By column name, where a value is not known.
        """
        found = {}
        for name, rows in self.rows.items():
            positions = frame["source_row"].is_in(rows.implode()).arg_true()
            for column in schema.by_name[name].columns:
                if column in uncertain:
                    positions = positions.filter(~uncertain[column].gather(positions))
            if positions.len():
                found[name] = positions
        return found


def answered(schema: Schema, references: object, own: Frames) -> Answered:
    """What comes of the rules that are queries.

    Args:
        schema: The compiled contract.
        references: What the return may refer to; only one that can answer computes anything.
        own: The rows of the return in their types.
    """
    rules = schema.of(Kind.QUERY)
    if not rules or not own.height:
        return Answered()
    answers = references.answers(rules, own) if isinstance(references, Answering) else map(_unknown, rules)
    rows: dict[str, pl.Series] = {}
    findings = []
    for rule, answer in zip(rules, answers, strict=True):
        if answer.rows is not None:
            rows[rule.name] = answer.rows
        elif answer.lacking:
            expected = answer.lacking.replace("_", " ")
            findings.append(make("unchecked-reference", expected=expected, severity="warning", rule=rule.name))
        else:
            findings.append(make("uncomputed-rule", expected=rule.message, severity=rule.severity, rule=rule.name))
    return Answered(rows, tuple(findings))


def _unknown(rule: Check) -> Answer:
    """The answer where nobody can compute anything."""
    others = (each.written for each in rule.reads if each.where in ("beside", "previous"))
    return Answer(None, lacking=next(others, rule.reads[0].written if rule.reads else "a table"))
