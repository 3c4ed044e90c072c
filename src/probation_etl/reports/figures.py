"""A page of figures: each is a chart with what it shows in words, and its numbers in a table under it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from probation_etl.discreet import Discreet
from probation_etl.reports.charts import LineChart, RowChart
from probation_etl.reports.html import render

#: Tables with more rows are folded; they are printed in full.
OPEN_ROWS = 14


@dataclass(frozen=True)
class Table(Discreet):
    """Texts in columns, the first of which names the row.

    Attributes:
        numbers: From which column on the texts are numbers, counted from 0.
    """

    caption: str
    header: tuple[str, ...]
    rows: Sequence[Sequence[str]]
    numbers: int = 1


@dataclass(frozen=True)
class Figure(Discreet):
    """Charts that belong together, what they show in sentences, and the table under them."""

    name: str
    heading: str
    findings: tuple[str, ...]
    charts: Sequence[LineChart | RowChart]
    table: Table
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Page(Discreet):
    """A whole page.

    Attributes:
        header: The line above the heading.
        lead: What the page is about, in a sentence or two.
        numbers: The few numbers that matter most, with what they are.
        figures: None at all where there is nothing to show: the lead says so.
        notes: How to read the figures.
    """

    title: str
    header: str
    lead: tuple[str, ...]
    numbers: tuple[tuple[str, str], ...]
    figures: tuple[Figure, ...]
    notes: tuple[str, ...]


def render_figures(page: Page) -> str:
    """The page as self-contained HTML: charts are inline SVG, and no script, style or font is requested."""
    return render("figures.html.j2", styles=("style.css", "charts.css"), page=page, open_rows=OPEN_ROWS)
