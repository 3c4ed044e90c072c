"""The judged rows of a long return: what rows break together, and what other returns say of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

import polars as pl

from probation_etl.contracts.checks import Check, Kind, Schema
from probation_etl.contracts.findings import Finding
from probation_etl.contracts.guard import Guard
from probation_etl.contracts.model import ReturnContract
from probation_etl.discreet import Discreet
from probation_etl.intake.answers import Answered, answered
from probation_etl.intake.control_check import columns_of_totals
from probation_etl.intake.control_totals import ControlTotals
from probation_etl.intake.faults import FAULT_SCHEMA, faults_at, findings_of, in_order
from probation_etl.intake.frames import Frames, InMemory, Part
from probation_etl.intake.judged_rows import JudgedRows, of_return
from probation_etl.intake.long.engine import Engine, Local
from probation_etl.intake.long.judging import JudgedPart, Judging
from probation_etl.intake.long.kernel import Judgement
from probation_etl.intake.long.layout import LongTable
from probation_etl.intake.long.own_rows import unknown_rows
from probation_etl.intake.parse import TypedTable
from probation_etl.intake.pieces import ROWS_AT_A_TIME
from probation_etl.intake.references import References
from probation_etl.intake.result import Period, findings_frame
from probation_etl.intake.row_rules import broken_together, rules_of_groups
from probation_etl.intake.spill import Spill
from probation_etl.intake.validate import cross_findings, reference_faults, table_findings

#: Bytes of findings that stay in memory, of each piece.
_FEW_BYTES = 1 << 20


@dataclass(frozen=True)
class LongRows(JudgedRows, Discreet):
    """The rows of a long return, judged by themselves.

    Attributes:
        table: They as text.
        parts: The same, piece by piece.
        of_columns: What is wrong with columns as a whole.
        of_return: What they say of the return as a whole: its period, and its control totals.
        engine: Who compares their keys.
    """

    table: LongTable
    parts: Sequence[JudgedPart]
    of_columns: Sequence[Finding]
    of_return: tuple[Finding, ...] = ()
    engine: Engine = field(default_factory=Local)

    @classmethod
    def judged(
        cls, table: LongTable, schema: Schema, context: Mapping[str, object], guard: Guard, period: Period,
        totals: ControlTotals | None, engine: Engine | None = None,
    ) -> LongRows:  # fmt: skip
        """Judges the rows of a table.

        Args:
            table: The rows.
            schema: The compiled contract.
            context: Values of the context columns; None if not known.
            guard: What looks like a restricted value.
            period: The period of the return.
            totals: Control totals in a file beside it.
            engine: Who does the work; by default this process.
        """
        contract = schema.contract
        assert isinstance(contract, ReturnContract)  # noqa: S101 -- for the types: only returns are long
        engine = engine or Local()
        rows = cls(table, *Judging(table, Judgement(schema, context, guard), engine).parts(), engine=engine)
        asked = [*columns_of_totals(totals, contract), *rows._dates_to_ask(contract, period)]
        return replace(rows, of_return=of_return(rows.of_types(asked), table.height, contract, period, totals))

    def _dates_to_ask(self, contract: ReturnContract, period: Period) -> list[str]:
        """The columns of dates, if none of the dates lies in the period; else there is nothing to ask of them."""
        dates = [each.name for each in contract.columns if each.has_days]
        if period.start is None or period.end is None or not dates:
            return []
        inside = pl.any_horizontal(pl.col(dates).cast(pl.Date).is_between(period.start, period.end)).any()
        return [] if any(each.select(inside).item() for each in self.typed.of_columns(dates)) else dates

    @property
    def raw(self) -> Frames:
        """The rows as the supplier sent them."""
        return self.table.raw

    @property
    def typed(self) -> Frames:
        """The rows in their types."""
        return Frames(tuple(each.typed for each in self.parts))

    def of_types(self, columns: Sequence[str]) -> TypedTable:
        """Some columns of all rows, in memory."""
        named = sorted({"source_row", *columns})
        frame = pl.concat([each.typed.read(named) for each in self.parts])
        uncertain = {name: pl.concat([_uncertain(each, name) for each in self.parts]) for name in named}
        nothing = pl.DataFrame(schema=FAULT_SCHEMA)
        return TypedTable(frame, nothing, nothing, {name: cells for name, cells in uncertain.items() if cells.any()})

    def findings(self, schema: Schema, references: References) -> Frames:
        """All that is wrong, in the order of the rows: what is not about a row, then piece by piece."""
        known: References = cache(references)
        spill, of_groups = Spill(), [*self._in_groups(schema), *self._of_own(schema)]
        queried = answered(schema, references, self.typed)
        unchecked: dict[str, Finding] = {}
        parts = list[Part]()
        for each in self.parts:
            unknown, told = self._references_of(each, schema, known)
            unchecked |= {finding.rule or "": finding for finding in told}
            rows = each.raw.rows
            in_groups = [
                some.filter(pl.col("row").is_between(rows.start, rows.stop - 1)) for some in of_groups if some.height
            ]
            in_query = self._of_queries(each, queried, schema)
            found = in_order(pl.concat([each.found, *in_groups, *in_query, *unknown]), schema, self.table.headers)
            parts.append(spill.kept(found) if found.estimated_size() > _FEW_BYTES else InMemory(found))
        whole = [
            *self.table.findings, *self.of_columns, *self._of_table(schema), *unchecked.values(),
            *self._across(schema, known), *queried.findings,
        ]  # fmt: skip
        return Frames((InMemory(in_order(findings_frame(whole), schema, self.table.headers)), *parts))

    def _in_groups(self, schema: Schema) -> Iterator[pl.DataFrame]:
        """What rows break together: those that may be the same are looked at, as many at a time as a piece has."""
        for rule in rules_of_groups(schema):
            for positions, numbers in self.engine.repeated([each.numbers for each in self.parts], rule.name):
                of_group = numbers % -(-numbers.len() // ROWS_AT_A_TIME)
                for group in of_group.unique():
                    yield from self._together(positions.filter(of_group == group), rule, schema)

    def _together(self, positions: pl.Series, rule: Check, schema: Schema) -> list[pl.DataFrame]:
        chosen = [(each, _inside(positions, each.start, each.height)) for each in self.parts]
        chosen = [(each, at) for each, at in chosen if at.len()]
        typed = pl.concat([each.typed.read()[at] for each, at in chosen])
        raw = pl.concat([each.raw.read()[at] for each, at in chosen])
        uncertain = {
            name: pl.concat([_uncertain(each, name).gather(at) for each, at in chosen]) for name in rule.columns
        }
        faults = broken_together(typed, schema, rule, uncertain)
        return findings_of(faults, self.table.piece(raw, pl.Series(dtype=pl.UInt32)), typed, schema)

    def _of_own(self, schema: Schema) -> Iterator[pl.DataFrame]:
        """Rows that refer to rows which the return does not have."""
        for check in schema.of(Kind.OWN):
            for part, positions in unknown_rows(self.parts, check):
                table = self.table.piece(part.raw.read(), pl.Series(dtype=pl.UInt32))
                yield from findings_of(faults_at(positions, check.name), table, part.typed.read(), schema)

    def _of_queries(self, part: JudgedPart, queried: Answered, schema: Schema) -> list[pl.DataFrame]:
        """Rows of a part that break rules which are queries."""
        broken = queried.broken(part.typed.read(["source_row"]), schema, part.uncertain) if queried.rows else {}
        if not broken:
            return []
        faults = pl.concat([faults_at(positions, name) for name, positions in broken.items()])
        table = self.table.piece(part.raw.read(), pl.Series(dtype=pl.UInt32))
        return findings_of(faults, table, part.typed.read(), schema)

    def _of_table(self, schema: Schema) -> list[Finding]:
        checks = schema.of(Kind.TABLE)
        read = [name for each in checks for name in (*each.columns, *_reads(each.holds))]
        return [*table_findings(self.of_types(read), schema)] if checks else []

    def _across(self, schema: Schema, references: References) -> list[Finding]:
        checks = schema.of(Kind.ACROSS)
        own = [each.totals.this for each in checks if each.totals]
        read = [name for each in checks for name in each.columns] + [name for each in own for name in _reads(each)]
        return [*cross_findings(self.of_types(read), schema, references)] if checks else []

    def _references_of(
        self, part: JudgedPart, schema: Schema, references: References
    ) -> tuple[list[pl.DataFrame], list[Finding]]:
        checks = schema.of(Kind.REFERENCE)
        if not checks:
            return [], []
        own = sorted({name for each in checks if each.reference for name in each.reference.columns})
        nothing = pl.DataFrame(schema=FAULT_SCHEMA)
        parsed = TypedTable(part.typed.read(own), nothing, nothing, dict(part.uncertain))
        faults, unchecked = reference_faults(parsed, schema, references, self.engine.missing)
        if not faults.height:
            return [], unchecked
        table = self.table.piece(part.raw.read(), pl.Series(dtype=pl.UInt32))
        return findings_of(faults, table, part.typed.read(), schema), unchecked


def _reads(expression: pl.Expr | None) -> list[str]:
    return [] if expression is None else expression.meta.root_names()


def _uncertain(part: JudgedPart, name: str) -> pl.Series:
    nowhere = pl.repeat(value=False, n=part.height, dtype=pl.Boolean, eager=True)
    return part.uncertain.get(name, nowhere).alias(name)


def _inside(positions: pl.Series, start: int, height: int) -> pl.Series:
    """Those of some positions among all rows that are in a part, among its own."""
    if not height:
        return positions.head(0)
    return positions.filter(positions.is_between(start, start + height - 1)) - start
