"""How the cells of a workbook look: what its parts say of a cell, a row or a column besides the value.

The library that reads the values does not tell number formats, raised characters, or hidden rows and columns. Without
them a value can be stored that nobody has seen: 28% is stored as 0.28, and 420 with a raised 1 as 4201.
"""

from __future__ import annotations

from probation_etl.intake.readers.archives import Archive
from probation_etl.intake.readers.inspection import is_open_document
from probation_etl.intake.readers.limits import DEFAULT_LIMITS, Limits
from probation_etl.intake.readers.looks.ods import looks_of_ods
from probation_etl.intake.readers.looks.sheet import SheetLooks, with_looks
from probation_etl.intake.readers.looks.xls import looks_of_xls
from probation_etl.intake.readers.looks.xlsb import looks_of_xlsb
from probation_etl.intake.readers.looks.xlsx import looks_of_xlsx
from probation_etl.intake.readers.xlsb import is_binary

__all__ = ["SheetLooks", "looks_of", "looks_of_xls", "with_looks"]


def looks_of(archive: Archive, limits: Limits = DEFAULT_LIMITS) -> dict[str, SheetLooks]:
    """What is to be known of each sheet of a workbook, by its name.

    Args:
        archive: The parts of the workbook.
        limits: How much is read.
    """
    if is_open_document(archive):
        return looks_of_ods(archive, limits)
    return looks_of_xlsb(archive, limits) if is_binary(archive) else looks_of_xlsx(archive, limits)
