"""Charts as numbers: positions of lines, marks and labels, in per cent of the plot. The templates draw them as SVG.

Charts have no fixed width: lines are stretched, text and marks are not, so that both stay readable on a phone and on
paper. Series differ in dash and mark as well as in colour. Nothing here depends on what is counted.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from probation_etl.discreet import Discreet

#: A line with more points is marked on every fourth of them, and on points without neighbours.
_MARKED = 16
_EVERY = 4
#: Labels below a line chart that fit a narrow page.
_FEW_LABELS = 6
#: How near two labels may come, as a share of the axis.
_APART = 1 / 16


@dataclass(frozen=True)
class Series(Discreet):
    """What one line shows.

    Attributes:
        name: What the legend calls it.
        values: One value for each position, None where there is none: the line has a gap there.
        style: Number from 1 to 4 of its colour, dash and mark, the same in every chart of a page.
    """

    name: str
    values: tuple[float | None, ...]
    style: int = 1


@dataclass(frozen=True)
class Label(Discreet):
    """A text, of one or two lines, at a position along an axis in per cent; lesser labels are hidden on a narrow page."""

    text: str
    at: str
    lesser: bool = False


@dataclass(frozen=True)
class Line(Discreet):
    """A series as it is drawn: a path in a square of 100 × 100, and the places of its marks in per cent."""

    name: str
    style: int
    path: str
    marks: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class LineChart(Discreet):
    """Lines over positions of equal distance, such as weeks.

    Attributes:
        description: The chart in words, for people who cannot see it.
        levels: Values to compare lines with, such as a baseline: their names and heights.
    """

    name: str
    title: str
    description: str
    lines: tuple[Line, ...]
    heights: tuple[Label, ...]
    labels: tuple[Label, ...]
    levels: tuple[Label, ...]
    kind: str = "lines"


@dataclass(frozen=True)
class Row(Discreet):
    """One row of a row chart: its places from left to right in per cent, and its values in words."""

    label: str
    places: tuple[str | None, ...]
    text: str
    style: int = 1


@dataclass(frozen=True)
class RowChart(Discreet):
    """One row for each thing compared: a bar for one value, two marks joined by a line for two.

    Attributes:
        names: What the values are, in their order.
    """

    name: str
    title: str
    description: str
    names: tuple[str, ...]
    rows: tuple[Row, ...]
    widths: tuple[Label, ...]
    kind: str = "rows"


def line_chart(
    name: str,
    *,
    title: str,
    description: str,
    series: Sequence[Series],
    labels: Iterable[tuple[int, str]],
    levels: Iterable[tuple[str, float]] = (),
    unit: str = "",
    reach: float = 0,
) -> LineChart:
    """A line chart whose scale starts at zero.

    Args:
        name: Good for an ``id``, once on its page.
        title: What is shown.
        description: The same in words, with what the chart shows.
        series: The lines; all of one length.
        labels: Positions, from 0, with the texts below them.
        levels: Names and heights of values to compare the lines with.
        unit: Written after each height, such as ``%``.
        reach: The least height of the scale: charts that are compared need the same.
    """
    count, levels, labels = max((len(each.values) for each in series), default=0), list(levels), list(labels)
    labels = _apart(labels, count)
    seen = [value for each in series for value in each.values if value is not None]
    steps = scale(max([*seen, *(value for _, value in levels), reach]))
    thinned = max(1, math.ceil(len(labels) / _FEW_LABELS))
    return LineChart(
        name, title, description,
        tuple(_line(each, steps[-1], alone=len(series) == 1) for each in series),
        tuple(Label(f"{short(step)}{unit}", _height(step, steps[-1])) for step in steps),
        tuple(Label(text, _across(at, count), bool(number % thinned)) for number, (at, text) in enumerate(labels)),
        tuple(Label(text, _height(value, steps[-1])) for text, value in levels),
    )  # fmt: skip


def row_chart(
    name: str,
    *,
    title: str,
    description: str,
    names: Sequence[str],
    rows: Iterable[tuple[str, Sequence[float | None], str, int]],
    unit: str = "",
) -> RowChart:
    """A row chart whose scale starts at zero.

    Args:
        name: Good for an ``id``, once on its page.
        title: What is shown.
        description: The same in words, with what the chart shows.
        names: What the one or two values of a row are.
        rows: Label, values, the values in words, and style of each row.
        unit: Written after each number of the axis, such as ``%``.
    """
    listed = list(rows)
    steps = scale(max((value for _, values, _, _ in listed for value in values if value is not None), default=0))
    return RowChart(
        name, title, description, tuple(names),
        tuple(
            Row(label, tuple(None if value is None else _place(value, steps[-1]) for value in values), text, style)
            for label, values, text, style in listed
        ),
        tuple(Label(f"{short(step)}{unit}", _place(step, steps[-1])) for step in steps),
    )  # fmt: skip


def scale(highest: float) -> tuple[float, ...]:
    """Four to six round numbers from zero to the first at or above the highest value."""
    if highest <= 0:
        return (0.0, 1.0)
    rough = highest / 5
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * each for each in (1, 2, 5, 10) if power * each >= rough * (1 - 1e-9))
    return tuple(round(step * each, 10) for each in range(math.ceil(highest / step - 1e-9) + 1))


def short(value: float) -> str:
    """A number with thousands separators and without trailing zeros."""
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def _apart(labels: Sequence[tuple[int, str]], count: int) -> list[tuple[int, str]]:
    """Labels without those that would overlap the one before."""
    kept: list[tuple[int, str]] = []
    for at, text in labels:
        if not kept or (at - kept[-1][0]) / max(count - 1, 1) >= _APART:
            kept.append((at, text))
    return kept


def _line(series: Series, top: float, *, alone: bool) -> Line:
    """The line as drawn; a single line needs no marks to distinguish it."""
    values, count = series.values, len(series.values)
    known = [at for at, value in enumerate(values) if value is not None]
    path, marks = [], []
    for at in known:
        x, y = _across(at, count), _height(values[at] or 0, top)
        path.append(f"{'L' if at - 1 in known else 'M'}{x} {y}")
        by_itself = at - 1 not in known and at + 1 not in known
        if by_itself or at == known[-1] or (not alone and (count <= _MARKED or at % _EVERY == 0)):
            marks.append((x, y))
    return Line(series.name, series.style, "".join(path), tuple(marks))


def _across(at: int, count: int) -> str:
    return _percent(at / (count - 1) if count > 1 else 0.5)


def _height(value: float, top: float) -> str:
    return _percent(1 - value / top)


def _place(value: float, top: float) -> str:
    return _percent(value / top)


def _percent(share: float) -> str:
    """Two decimals, so that the same numbers give the same page on every platform."""
    return f"{100 * share:.2f}".rstrip("0").rstrip(".") or "0"
