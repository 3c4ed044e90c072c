"""Text of a file that is no row of data and was left out."""

from __future__ import annotations

from dataclasses import dataclass

from probation_etl.discreet import Discreet


@dataclass(frozen=True)
class Note(Discreet):
    """Rows that are no data and were left out.

    Attributes:
        row: The first of them as a person sees it.
        text: What it says, masked where the column is restricted; or what the contract calls such rows.
        agreed: How many rows are left out because the contract says so; 0 for a note.
    """

    row: int
    text: str
    agreed: int = 0

    @property
    def rows(self) -> int:
        """How many rows it is about."""
        return self.agreed or 1
