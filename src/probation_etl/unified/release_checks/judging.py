"""What comes of the checks of one table, piece by piece."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from probation_etl.journal import goes_on
from probation_etl.unified.release_checks.checks import ReleaseCheck
from probation_etl.unified.release_checks.figures import Figure
from probation_etl.unified.release_checks.library import Expectations, Library, Outcome
from probation_etl.unified.release_checks.parts import Part, parts
from probation_etl.unified.release_checks.sources import Grounds, Piece


def judged(
    table: str, checks: Sequence[ReleaseCheck], asked: Expectations, grounds: Grounds, library: Library
) -> dict[str, Outcome]:
    """Outcomes of the checks of values and keys by name, as they are of all rows; without those that could not be computed."""
    outcomes: dict[str, Outcome] = {}
    for part in parts(table, checks, grounds):
        if part.counted is None:
            for frame in part.frames():
                outcomes |= library.counts(frame, _of(part.checks, asked))
            continue
        verdicts = _verdicts(part, asked, library)
        rows = grounds.count(table)
        for check in (each for each in part.checks if each.name in verdicts):
            holds = verdicts[check.name]
            if not _counts_rows(check):
                outcomes[check.name] = Outcome(holds)
            elif (failing := 0 if holds else _failing(check, asked, part.counted(check), library)) is not None:
                outcomes[check.name] = _of_all(failing, rows, holds=holds)
    return outcomes


def judged_figures(
    checks: Sequence[ReleaseCheck], asked: Expectations, figures: Mapping[str, Figure], library: Library
) -> dict[str, Outcome]:
    """Outcomes of the checks that were counted by queries, by name; without those whose figure is not known."""
    # A figure is the greatest value of a column with the name that its expectation asks for.
    known = {each.name: each.expectation.kwargs["column"] for each in checks if _value(figures, each) is not None}
    if not known:
        return {}
    row = pl.DataFrame({column: [figures[name].value] for name, column in known.items()})
    verdicts = library.verdicts(row, {name: asked[name] for name in known})
    return {name: Outcome(holds, {"observed_value": figures[name].value or 0}) for name, holds in verdicts.items()}


def _value(figures: Mapping[str, Figure], check: ReleaseCheck) -> int | None:
    return figures[check.name].value if check.name in figures else None


def _verdicts(part: Part, asked: Expectations, library: Library) -> dict[str, bool]:
    """Whether each check holds in all frames, without those that could not be computed in one of them."""
    found, open_ = {each.name: True for each in part.checks}, _of(part.checks, asked)
    for frame in part.frames():
        goes_on()
        verdicts = library.verdicts(frame, open_)
        found |= verdicts
        for name in open_.keys() - verdicts.keys():
            del found[name]
        # What does not hold here need not be asked of the others.
        open_ = {name: each for name, each in open_.items() if verdicts.get(name)}
        if not open_:
            break
    return found


def _failing(check: ReleaseCheck, asked: Expectations, pieces: Iterable[Piece], library: Library) -> int | None:
    """How many rows fail; None where that could not be computed."""
    count = 0
    for piece in pieces:
        goes_on()
        places = library.failing(piece.frame, check.name, asked[check.name])
        if places is None:
            return None
        count += int(piece.times.gather(places).sum())
    return count


def _of_all(failing: int, rows: int, *, holds: bool) -> Outcome:
    share = 100 * failing / rows if rows else 0.0
    return Outcome(holds, {"element_count": rows, "unexpected_count": failing, "unexpected_percent": share})


def _counts_rows(check: ReleaseCheck) -> bool:
    """Whether it is about rows, and not about the table as a whole."""
    return check.expectation.type != "expect_column_to_exist"


def _of(checks: Iterable[ReleaseCheck], asked: Expectations) -> Expectations:
    return {each.name: asked[each.name] for each in checks}
