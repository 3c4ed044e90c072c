"""The wording of every finding: its title, message and hint, in the order of the documentation."""

from __future__ import annotations

from probation_etl.contracts.finding_kinds.kind import FindingKind
from probation_etl.contracts.finding_kinds.of_cells import OF_CELLS
from probation_etl.contracts.finding_kinds.of_files import OF_FILES
from probation_etl.contracts.finding_kinds.of_headers import OF_HEADERS
from probation_etl.contracts.finding_kinds.of_rows import OF_ROWS

__all__ = ["KINDS", "FindingKind"]

#: Every kind of finding.
KINDS: tuple[FindingKind, ...] = (*OF_FILES, *OF_HEADERS, *OF_CELLS, *OF_ROWS)
