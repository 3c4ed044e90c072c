"""How a return is recognised."""

from __future__ import annotations

from collections.abc import Mapping as Dictionary
from dataclasses import dataclass


@dataclass(frozen=True)
class Cover:
    """Where a workbook's cover sheet says who sends what for which period: labels, by what they mean."""

    sheet: str
    labels: Dictionary[str, str]
    date_format: str = "dd/MM/yyyy"


@dataclass(frozen=True)
class Identification:
    """How a file or sheet is recognised as a return of this contract."""

    file_name: str | None = None
    sheet: str | None = None
    cover: Cover | None = None
