"""Kept returns that come out otherwise, as lines to read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from probation_etl.comparison.replay import Findings, Outcome, Replayed
from probation_etl.comparison.shown import mapped_in_words


def in_words(found: Replayed) -> Iterator[str]:
    """A return that comes out otherwise, line by line."""
    sheet = f" [{found.sheet}]" if found.sheet else ""
    outcomes = [_in_words(each) for each in (found.before, found.after) if each]
    yield f"{found.return_id}, {found.file}{sheet}: {' → '.join(dict.fromkeys(outcomes)) or 'not judged'}"
    if found.why:
        yield f"  {found.why}"
    for word, listed in (("raised", found.raised), ("gone", found.gone)):
        for each in listed:
            yield f"  {word.ljust(6)}  {_findings_in_words(each)}"
    yield from (f"  mapped  {mapped_in_words(each)}" for each in found.mapped)


def _in_words(outcome: Outcome) -> str:
    return f"{outcome.verdict.replace('_', ' ')} ({outcome.accepted:,} of {outcome.read:,} rows)"


def _findings_in_words(found: Findings) -> str:
    column = f"{found.column}: " if found.column else ""
    warning = " (warning)" if found.severity == "warning" else ""
    if not found.rows:
        return f"{column}{found.rule} [{found.code}]{warning}"
    more = f" and {found.count - len(found.rows):,} more" if found.count > len(found.rows) else ""
    rows = ", ".join(map(str, found.rows))
    return f"{column}{found.rule} [{found.code}]{warning} in row{'s' if found.count > 1 else ''} {rows}{more}"


def summary(listed: Sequence[Replayed]) -> str:
    """How many returns were judged, and what came of them."""
    loses, otherwise = sum(each.loses for each in listed), sum(each.differs for each in listed)
    return f"{len(listed)} kept return(s): {otherwise} would come out otherwise, {loses} would lose rows"
