"""Judges the rows of a long return piece by piece, and gathers from each piece what is asked of all rows together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from probation_etl.contracts.checks import Check, Kind, Schema
from probation_etl.contracts.findings import Finding
from probation_etl.contracts.guard import Guard
from probation_etl.discreet import Discreet
from probation_etl.intake.cells import doubts, explained
from probation_etl.intake.exchanged_dates import exchanged_dates, exchanged_finding, forms_shown
from probation_etl.intake.faults import faults_at, findings_of
from probation_etl.intake.frames import Part
from probation_etl.intake.long.labels import Labels
from probation_etl.intake.long.layout import LongTable, RawPart
from probation_etl.intake.parse import unknown_cells
from probation_etl.intake.pieces import Judged, Piece, judged_in_pieces
from probation_etl.intake.readers import CellKind
from probation_etl.intake.result import findings_frame
from probation_etl.intake.row_rules import numbers_of_rows, rules_of_groups
from probation_etl.intake.spill import Spill
from probation_etl.intake.table import RawTable
from probation_etl.intake.validate import restricted_elsewhere


@dataclass(frozen=True)
class JudgedPart(Discreet):
    """The rows of a piece in their types, and what they tell by themselves.

    Attributes:
        start: How many rows of data are before them.
        raw: They as the supplier sent them.
        typed: The same in their types.
        uncertain: By column name, where the value is not known; only columns that have such cells.
        found: What is wrong with them, columns as in ``FINDING_SCHEMA``.
        numbers: For each rule that rows break together, by its name, numbers that are the same where the rows are.
    """

    start: int
    raw: RawPart
    typed: Part
    uncertain: Mapping[str, pl.Series]
    found: pl.DataFrame
    numbers: Part

    @property
    def height(self) -> int:
        """The number of rows."""
        return self.raw.height


@dataclass
class _Days(Discreet):
    """What the pieces show of columns of dates in which day and month were exchanged.

    Attributes:
        forms: By column, the forms of dates of which texts show it.
        rows: By column, the rows with these texts, piece by piece.
        unknown: Columns in which there are days that are not known for it.
    """

    forms: dict[str, set[str]] = field(default_factory=dict)
    rows: dict[str, list[pl.Series]] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Judging(Discreet):
    """What is needed to judge the rows of a return."""

    table: LongTable
    schema: Schema
    context: Mapping[str, object]
    guard: Guard

    def parts(self) -> tuple[list[JudgedPart], list[Finding]]:
        """All rows, piece by piece, and what is wrong with columns as a whole."""
        days, spill = _Days(), Spill()
        parts = [*self._parts(spill, days, again=False)]
        if not days.forms:
            return parts, []
        # Days that are not known after all decide rules: their rows are judged again without them.
        parts = [*self._parts(Spill(), days, again=True)]
        checks = [each for each in self.schema.of(Kind.AMBIGUOUS) if each.target in days.unknown]
        headers = self.table.headers
        return parts, [
            exchanged_finding(pl.concat(days.rows[each.target]), headers[each.target], each) for each in checks
        ]

    def _parts(self, spill: Spill, days: _Days, *, again: bool) -> Iterator[JudgedPart]:
        labels, start = Labels(self.table.columns), 0
        for part, told, findings in zip(self.table.parts, self.table.told, self.table.of_rows, strict=True):
            raw, unclear, of_blanks = self._texts(part, told, labels)
            table = replace(raw, unclear=unclear)
            yield self._judged(part, table, [*findings, *of_blanks], spill, days, start=start, again=again)
            start += part.height

    def _texts(
        self, part: RawPart, told: pl.Series, labels: Labels
    ) -> tuple[RawTable, Mapping[str, pl.Series], list[Finding]]:
        table = self.table.piece(part.read(), told)
        unclear, findings = labels.of(table.frame, told.to_list())
        return table, unclear, findings

    def _judged(
        self,
        part: RawPart,
        table: RawTable,
        findings: Sequence[Finding],
        spill: Spill,
        days: _Days,
        *,
        start: int,
        again: bool,
    ) -> JudgedPart:
        schema, doubted = self.schema, doubts(table, self.schema)
        unknown = unknown_cells(table, schema, doubted.unknown)
        judged = judged_in_pieces(Piece(table.frame, unknown, table.typed), schema, self.context)
        ambiguous = []
        if again:
            found = dict(self._exchanged(table, judged, unknown, days))
            if found:
                both = {name: unknown[name] | each if name in unknown else each for name, each in found.items()}
                judged = judged_in_pieces(Piece(table.frame, {**unknown, **both}, table.typed), schema, self.context)
                ambiguous = [faults_at(each.arg_true(), f"{name}|{Kind.AMBIGUOUS}") for name, each in found.items()]
        else:
            self._note_days(table, judged, unknown, days)
        elsewhere = restricted_elsewhere(table, schema, self.guard)
        of_cells = explained(pl.concat([doubted.faults, judged.faults, *ambiguous]), table, schema)
        faults = pl.concat([of_cells, judged.broken, *elsewhere])
        found_here = pl.concat([findings_frame(findings), *findings_of(faults, table, judged.frame, schema)])
        rules = rules_of_groups(schema)
        numbers = pl.DataFrame([numbers_of_rows(judged.frame, each.columns).alias(each.name) for each in rules])
        return JudgedPart(
            start, part, spill.kept(judged.frame), judged.uncertain, found_here, spill.kept(numbers)
        )  # fmt: skip

    def _unread(self, judged: Judged, unknown: Mapping[str, pl.Series], name: str) -> pl.Series:
        """Where a cell could not be read."""
        nowhere = pl.repeat(value=False, n=judged.frame.height, eager=True)
        return judged.uncertain.get(name, nowhere) & ~unknown.get(name, nowhere)

    def _date_checks(self) -> Iterator[Check]:
        return (each for each in self.schema.of(Kind.AMBIGUOUS) if each.target not in self.table.missing)

    def _note_days(self, table: RawTable, judged: Judged, unknown: Mapping[str, pl.Series], days: _Days) -> None:
        for check in self._date_checks():
            unread = self._unread(judged, unknown, check.target)
            if check.target in table.kinds:
                unread &= table.kinds[check.target] != CellKind.DATE
            if unread.any():
                forms = forms_shown(table.frame[check.target].filter(unread), check.its_column)
                if forms:
                    days.forms.setdefault(check.target, set()).update(forms)

    def _exchanged(
        self, table: RawTable, judged: Judged, unknown: Mapping[str, pl.Series], days: _Days
    ) -> Iterator[tuple[str, pl.Series]]:
        """By column, the days that are not known, because other rows show that day and month were exchanged."""
        for check in self._date_checks():
            name = check.target
            if name in days.forms:
                unread = self._unread(judged, unknown, name)
                found = exchanged_dates(
                    table,
                    judged.frame[name],
                    unread,
                    check.its_column,
                    native=table.typed,
                    shown_elsewhere=days.forms[name],
                )
                if found is None:
                    continue
                days.rows.setdefault(name, []).append(table.frame["source_row"].filter(found.shown_by))
                if found.unknown.any():
                    days.unknown.add(name)
                    yield name, found.unknown
