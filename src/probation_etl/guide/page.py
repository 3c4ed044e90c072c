"""The page of a guide."""

from __future__ import annotations

from probation_etl.guide.model import Guide
from probation_etl.reports.html import render


def render_guide(guide: Guide, *, workbook: str | None = None) -> str:
    """The guide as a page.

    Args:
        guide: What is said.
        workbook: Where the same is as a workbook, relative to the page.
    """
    return render("guide.html.j2", page=guide, recognised=guide.recognition, workbook=workbook)
