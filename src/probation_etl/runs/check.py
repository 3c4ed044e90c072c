"""Validates files without a store. References between returns are checked among the files, and whether files compete."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date

import polars as pl

from probation_etl.contracts.checks.check import ReadTable
from probation_etl.contracts.organisations import Organisation
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.intake.assess import assess, too_large
from probation_etl.intake.control_totals import read_control_totals
from probation_etl.intake.opened import claims_in
from probation_etl.intake.readers import DEFAULT_LIMITS, Content, Limits
from probation_etl.intake.references import InFrame, References, Referred
from probation_etl.intake.result import ReturnResult
from probation_etl.intake.sender import NOTHING_GIVEN, Given
from probation_etl.runs.claims import Claims
from probation_etl.runs.companions import Companions
from probation_etl.runs.order import depths
from probation_etl.stores.rule_queries import RuleQueries, without_store
from probation_etl.unified.harmonise import harmonise


def check_files(
    files: Iterable[tuple[str, Content]],
    rulebook: Rulebook,
    *,
    given: Given = NOTHING_GIVEN,
    limits: Limits = DEFAULT_LIMITS,
    on_file: Callable[[str, int, int], None] | None = None,
) -> Iterator[ReturnResult]:
    """Validates files, those that others refer to first.

    Args:
        files: Name and content of each file.
        rulebook: The contracts.
        given: What the caller knows about the files.
        limits: How large a file may be.
        on_file: Called before each file with its name, the number of files before it, and the number of all files.
    """
    gathered, claims = _Gathered(rulebook), Claims()
    listed = list(files)
    beside, contents = Companions(rulebook.returns(), (name for name, _ in listed)), dict(listed)
    returns = (each for each in listed if not beside.is_companion(each[0]))
    depth_of = depths(contents, rulebook.returns())
    ordered = sorted(returns, key=lambda each: depth_of[each[0]])
    # Nothing competes with a file that is alone: it is not read twice.
    for name, content in ordered if len(ordered) > 1 else ():
        if content.data is not None:
            found = claims_in(name, content.data, rulebook, limits, given)
            claims.add(rulebook.guard.file_name(name, content.sha256), content.sha256, found)
    for number, (name, content) in enumerate(ordered):
        if on_file:
            on_file(rulebook.guard.text(name), number, len(ordered))
        control = beside.of(name).control_file
        totals = read_control_totals(control, contents[control].data) if control else None
        if content.data is None:
            yield too_large(rulebook.guard.file_name(name, content.sha256), content.sha256, content.refused)
            continue
        for result in assess(
            name, content.data, rulebook, given=given, references=gathered.references, objections=claims.against, totals=totals,
            limits=limits, sha256=content.sha256,
        ):  # fmt: skip
            gathered.add(result)
            yield result


class _Gathered:
    """Unified rows of the files so far, for references between returns."""

    def __init__(self, rulebook: Rulebook) -> None:
        self._rulebook = rulebook
        self._rows: list[tuple[str, str, date, pl.DataFrame]] = []

    def add(self, result: ReturnResult) -> None:
        if result.supplier and result.period_end:
            for table, rows in harmonise(result, self._rulebook).items():
                self._rows.append((table, result.supplier.code, result.period_end, rows))

    def references(self, supplier: Organisation | None, period_end: date | None) -> References:
        if supplier is None or period_end is None:
            return without_store(self._rulebook.tables)
        code, end = supplier.code, period_end
        return RuleQueries(
            lambda table: self._of(table, code, end),
            lambda table: self._beside(table, code, end),
            self._rulebook.tables,
        )

    def _beside(self, table: ReadTable, code: str, period_end: date) -> pl.DataFrame | None:
        """Rows for the same period, or for the last one before it."""
        ends = [end for name, sender, end, _ in self._rows if (name, sender) == (table.name, code)]
        before = max((end for end in ends if end < period_end), default=None)
        wanted = before if table.where == "previous" else period_end
        frames = [rows for name, sender, end, rows in self._rows if (name, sender, end) == (table.name, code, wanted)]
        return pl.concat(frames) if frames else None

    def _of(self, table: str, code: str, period_end: date) -> Referred | None:
        frames = [
            rows for name, sender, end, rows in self._rows if (name, sender) == (table, code) and end <= period_end
        ]
        return InFrame(pl.concat(frames)) if frames else None
