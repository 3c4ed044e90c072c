"""One entry of the catalogue of findings."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FindingKind:
    """One entry of the catalogue.

    Attributes:
        hint: What to do.
        in_workbooks: What can be done besides in a workbook.
    """

    code: str
    title: str
    template: str
    hint: str
    in_workbooks: str = ""
