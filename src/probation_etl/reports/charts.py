"""Charts as numbers: where lines, marks and labels stand, in per cent of the plot. The templates draw them as SVG.

A template gives no chart a fixed width: lines are stretched, text and marks are not, so that both stay readable on a
telephone and on paper. Series are told apart by dash and mark as well as by colour. Nothing here knows what is counted.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

#: Past so many points a line has a mark on every fourth alone, and where it stands by itself.
_MARKED = 16
_EVERY = 4
#: Labels below a line chart that a narrow page still has room for.
_FEW_LABELS = 6
#: How near two labels may come, as a share of the axis.
_APART = 1 / 16


@dataclass(frozen=True)
class Series:
    """What one line shows.

    Attributes:
        name: What the legend calls it.
        values: One value for each position, None where there is none: the line has a gap there.
        style: Which colour, dash and mark it has, from 1 to 4, the same in every chart of a page.
    """

    name: str
    values: tuple[float | None, ...]
    style: int = 1


@dataclass(frozen=True)
class Label:
    """A text, of one or two lines, at a place along an axis in per cent of its length; a lesser one gives way on a narrow page."""

    text: str
    at: str
    lesser: bool = False


@dataclass(frozen=True)
class Line:
    """A series as it is drawn: a path in a square of 100 × 100, and the places of its marks in per cent."""

    name: str
    style: int
    path: str
    marks: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class LineChart:
    """Lines over positions of equal distance, such as weeks.

    Attributes:
        description: What a person who cannot see the chart is told in its place.
        levels: Values that lines are held against, such as a baseline: their names and heights.
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
class Row:
    """One row of a row chart: its places from left to right in per cent, and its values in words."""

    label: str
    places: tuple[str | None, ...]
    text: str
    style: int = 1


@dataclass(frozen=True)
class RowChart:
    """A row each for what is compared: a bar where there is one value, two marks joined by a line where there are two.

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
    """A chart of lines from nought up.

    Args:
        name: Good for an ``id``, once on its page.
        title: What is shown.
        description: The same in words, with what is to be seen.
        series: The lines; all of one length.
        labels: Positions, from 0, with the texts below them.
        levels: Names and heights of values that the lines are held against.
        unit: Written after each height, such as ``%``.
        reach: How far up the scale goes at least: charts that are compared need the same.
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
    """A chart of rows from nought to the right.

    Args:
        name: Good for an ``id``, once on its page.
        title: What is shown.
        description: The same in words, with what is to be seen.
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
    """Four to six round numbers from nought to the first at or above the highest value."""
    if highest <= 0:
        return (0.0, 1.0)
    rough = highest / 5
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * each for each in (1, 2, 5, 10) if power * each >= rough * (1 - 1e-9))
    return tuple(round(step * each, 10) for each in range(math.ceil(highest / step - 1e-9) + 1))


def short(value: float) -> str:
    """A number without a fraction of nought, its thousands set apart."""
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def _apart(labels: Sequence[tuple[int, str]], count: int) -> list[tuple[int, str]]:
    """Labels without those that would be written over the one before."""
    kept: list[tuple[int, str]] = []
    for at, text in labels:
        if not kept or (at - kept[-1][0]) / max(count - 1, 1) >= _APART:
            kept.append((at, text))
    return kept


def _line(series: Series, top: float, *, alone: bool) -> Line:
    """The line; where it is the only one, marks need tell it from no other."""
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
    """Two decimals, whatever the platform: the same numbers give the same page."""
    return f"{100 * share:.2f}".rstrip("0").rstrip(".") or "0"
