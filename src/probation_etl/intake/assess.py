"""One file through the stages of intake: read, identify, find the table, parse, validate."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from probation_etl.contracts.findings import Finding, make
from probation_etl.contracts.organisations import Organisation
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.intake.control_totals import ControlTotals
from probation_etl.intake.finished import Objections, ReferencesFor, finished_returns
from probation_etl.intake.identify import identify
from probation_etl.intake.judged import judged_file, unread
from probation_etl.intake.opened import OpenedFile
from probation_etl.intake.readers import DEFAULT_LIMITS, Grid, Limits
from probation_etl.intake.received import Received
from probation_etl.intake.references import References
from probation_etl.intake.result import ReturnResult
from probation_etl.intake.sender import NOTHING_GIVEN, Given


def no_references(_supplier: Organisation | None, _period_end: date | None) -> References:
    """No rows of other returns are available: references are not checked, and a warning says so."""
    return lambda _table: None


def no_objections(_before: ReturnResult, _rows: int) -> tuple[Finding, ...]:
    """Nothing is known of other files and other returns."""
    return ()


def assess(
    name: str,
    data: bytes | Received,
    rulebook: Rulebook,
    *,
    given: Given = NOTHING_GIVEN,
    references: ReferencesFor = no_references,
    objections: Objections = no_objections,
    totals: ControlTotals | None = None,
    grids: list[Grid] | None = None,
    opened: OpenedFile | None = None,
    limits: Limits = DEFAULT_LIMITS,
    sha256: str = "",
) -> Iterator[ReturnResult]:
    """Validates the returns in a file one by one. Anything wrong with the file is a finding, never an exception.

    A return that refers to rows of another comes after it and is validated only when the caller asks for the next one,
    so that the other can be loaded first.

    Args:
        name: Path of the file relative to the inbox; its last part is matched against the contracts' patterns. Results have it as
            it may be shown.
        data: The whole file.
        rulebook: The contracts.
        given: What the caller knows about the file; it takes precedence over what the file says.
        references: Rows that returns may refer to.
        objections: What other files and other returns say against a return.
        totals: Control totals in a file beside it.
        grids: The cells, if they were read already or do not come from a file.
        opened: The file, if it was read and its returns were identified already.
        limits: How large the file may be.
        sha256: Hash of the file, if it is known already.
    """
    if grids is not None:
        opened = OpenedFile(grids, identify(name, grids, rulebook.returns(), rulebook.reference, given))
    file = judged_file(name, data, rulebook, limits, given=given, totals=totals, opened=opened, sha256=sha256)
    yield from finished_returns(file, rulebook, references, objections)


def too_large(name: str, sha256: str, why: str) -> ReturnResult:
    """The result for a file that is too large to be read at all."""
    return unread(name, sha256, make("too-large", expected=why))
