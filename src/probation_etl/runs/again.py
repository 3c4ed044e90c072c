"""The cells of a return, read again from its bytes: for what is told of its rows once it has been judged."""

from __future__ import annotations

import sys
from dataclasses import fields

from probation_etl.contracts.rulebook import Rulebook
from probation_etl.errors import UnreadableFile
from probation_etl.intake.assess import grids_of
from probation_etl.intake.readers import Limits
from probation_etl.intake.result import ReturnResult
from probation_etl.intake.sender import NOTHING_GIVEN, Given
from probation_etl.reports.workbook import Sent

#: What is in the store was within the limits of its run; which these were is not known any more.
NO_LIMITS = Limits(**{each.name: sys.maxsize for each in fields(Limits)})


def sent_file(
    name: str, data: bytes, sha256: str, rulebook: Rulebook, *, limits: Limits, given: Given = NOTHING_GIVEN
) -> Sent:
    """Every sheet of a file, as it was read when it was judged; none where it cannot be read.

    Args:
        name: Name of the file, as it was judged.
        data: Its bytes.
        sha256: Their hash.
        rulebook: What it was judged by.
        limits: How large it might be.
        given: What the caller said of the file.
    """
    try:
        return Sent(name, sha256, grids_of(name, data, rulebook, given=given, limits=limits))
    except UnreadableFile:
        return Sent(name, sha256, [])


def sent_return(result: ReturnResult) -> Sent:
    """The one sheet of a file that a return is."""
    grid = result.source.grid
    return Sent(result.file, result.sha256, [grid] if grid else [])
