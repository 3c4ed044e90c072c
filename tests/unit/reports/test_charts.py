"""Charts: geometry that holds at any width, marks that need no colour, and pages that need nothing from elsewhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probation_etl.reports import html
from probation_etl.reports.charts import LineChart, RowChart, Series, line_chart, row_chart, scale, short
from probation_etl.reports.figures import OPEN_ROWS, Figure, Page, Table, render_figures

TEMPLATES = Path(html.__file__).with_name("templates")


def lines(*series: Series, **more: object) -> LineChart:
    return line_chart("loans", title="Loans", description="Loans rose.", series=series, labels=[(0, "Jan")], **more)  # type: ignore[arg-type]


def rows(*values: tuple[float | None, ...], names: tuple[str, ...] = ("Then", "Now")) -> RowChart:
    listed = [(f"Branch {at}", value, "text", 1) for at, value in enumerate(values)]
    return row_chart("branches", title="Branches", description="They fell.", names=names, rows=listed)


def page(*charts: LineChart | RowChart, table: Table | None = None, **more: object) -> str:
    shown = table or Table("Loans by month", ("Month", "Loans"), [("January", "3")])
    figure = Figure("loans-figure", "Loans", ("Loans rose.",), charts, shown)
    values = {"lead": ("About loans.",), "numbers": (), "figures": (figure,), "notes": ()} | more
    return render_figures(Page("Loans", "The library", **values))  # type: ignore[arg-type]


class Elements(HTMLParser):
    """Every element with its attributes, and whether all are closed."""

    VOID = ("meta", "br")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


# Geometry


@pytest.mark.parametrize(
    ("highest", "expected"),
    [
        (0, (0, 1)), (1, (0, 0.2, 0.4, 0.6, 0.8, 1)), (5, (0, 1, 2, 3, 4, 5)), (28, (0, 10, 20, 30)),
        (239, (0, 50, 100, 150, 200, 250)), (923, (0, 200, 400, 600, 800, 1000)),
    ],
)  # fmt: skip
def test_a_scale_is_of_round_numbers_up_to_the_highest_value(highest: float, expected: tuple[float, ...]) -> None:
    assert scale(highest) == expected


@given(st.floats(min_value=1e-6, max_value=1e12))
def test_every_value_has_its_place_on_its_scale(highest: float) -> None:
    steps = scale(highest)
    assert steps[0] == 0
    assert steps[-1] >= highest * (1 - 1e-9)
    assert 3 <= len(steps) <= 7
    assert all(before < after for before, after in pairwise(steps))


def test_zero_is_at_the_bottom_and_the_end_of_the_scale_at_the_top() -> None:
    line = lines(Series("Loans", (0, 5, 10))).lines[0]
    assert line.path == "M0 100L50 50L100 0"


def test_a_gap_is_left_open_and_a_single_point_is_marked() -> None:
    line = lines(Series("Loans", (1, 1, None, 1, None, 1, 1))).lines[0]
    assert line.path.count("M") == 3
    assert ("50", "0") in line.marks
    assert len(line.marks) == 2  # the one alone and the last


def test_lines_beside_others_have_marks_and_a_lone_one_has_its_last() -> None:
    values = tuple(float(each) for each in range(1, 41))
    beside = lines(Series("A", values, 1), Series("B", values, 2))
    assert [len(each.marks) for each in beside.lines] == [11, 11]
    assert len(lines(Series("A", values)).lines[0].marks) == 1


def test_a_level_lies_within_the_scale_and_charts_that_are_compared_reach_equally_far() -> None:
    level = lines(Series("Loans", (1, 2)), levels=[("Baseline 10", 10)])
    assert [(each.text, each.at) for each in level.levels] == [("Baseline 10", "0")]
    assert lines(Series("Loans", (1, 2)), reach=100).heights[-1].text == "100"


def test_labels_that_would_be_written_over_each_other_are_left_out() -> None:
    near = line_chart(
        "loans", title="", description="", series=[Series("A", (1.0,) * 40)], labels=[(0, "Feb\n2020"), (1, "Mar"), (5, "Apr")]
    )  # fmt: skip
    assert [each.text for each in near.labels] == ["Feb\n2020", "Apr"]


def test_a_chart_without_values_is_drawn_all_the_same() -> None:
    nothing = lines(Series("Loans", (None, None)))
    assert (nothing.lines[0].path, nothing.lines[0].marks) == ("", ())
    assert page(nothing, rows((None, None), (1, None)), rows((None,), names=("Only",)))


def test_rows_lie_between_zero_and_the_end_of_the_scale() -> None:
    chart = rows((47, 43.5), (None, 100))
    assert [each.places for each in chart.rows] == [("47", "43.5"), (None, "100")]
    assert [each.text for each in chart.widths] == ["0", "20", "40", "60", "80", "100"]


def test_numbers_are_short() -> None:
    assert [short(each) for each in (0, 0.25, 10, 1000)] == ["0", "0.25", "10", "1,000"]


# The page


def test_a_chart_is_an_image_with_its_title_and_what_it_shows_in_words() -> None:
    found = Elements(page(lines(Series("Loans", (1, 2, 3))), rows((1, 2))))
    assert found.open == []
    ids = {each["id"] for _, each in found.found if each.get("id")}
    images = [each for _, each in found.found if each.get("role") == "img"]
    assert len(images) == 2
    for image in images:
        named = f"{image.get('aria-labelledby')} {image.get('aria-describedby') or ''}".split()
        assert len(named) == 2
        assert set(named) <= ids
    text = page(lines(Series("Loans", (1, 2, 3))))
    assert '<title id="loans-title">Loans</title>\n<desc id="loans-description">Loans rose.</desc>' in text


def test_ids_stand_once_on_a_page() -> None:
    found = Elements(page(lines(Series("Loans", (1, 2, 3))), rows((1, 2))))
    ids = [each["id"] for _, each in found.found if each.get("id")]
    assert len(ids) == len(set(ids))


def test_every_series_has_a_mark_and_a_dash_of_its_own() -> None:
    styles = (TEMPLATES / "charts.css").read_text(encoding="utf-8")
    dashes = re.findall(r"--dash: ([^;]+);", styles)
    assert len(dashes) == len(set(dashes)) == 4
    chart = lines(*(Series(f"S{at}", (1, 2), at) for at in (1, 2, 3, 4)))
    marks = re.findall(r'class="mark" x="18" y="6">(.+?)</svg>', page(chart))
    assert len(marks) == len(set(marks)) == 4


def test_the_page_asks_for_nothing_and_its_policy_allows_all_that_is_in_it() -> None:
    text = page(lines(Series("Loans", (1, 2, 3))), rows((1, 2)))
    for _, attributes in Elements(text).found:
        assert "style" not in attributes
        assert not {"src", "xlink:href", "onload"} & set(attributes)
        assert str(attributes.get("href", "#")).startswith("#")
    assert "default-src 'none'; style-src 'sha256-" in text
    assert "url(" not in text
    assert "font-family" not in text
    assert "<script" not in text


def test_lines_are_stretched_and_text_is_not() -> None:
    """So the letters are as large at 320 pixels as on a desk."""
    found = Elements(page(lines(Series("Loans", (1, 2, 3)))))
    stretched = [each for each in found.of("svg") if each.get("viewbox")]
    assert [each.get("preserveaspectratio") for each in stretched] == ["none"]
    assert all(
        each.get("vector-effect") == "non-scaling-stroke" for each in found.of("path") if each.get("class") == "line"
    )
    assert found.of("svg")[0].get("width") == "100%"


def test_what_is_shown_is_text_and_never_markup() -> None:
    hostile = "<script>&\"'"
    chart = line_chart(
        "loans", title=hostile, description=hostile, series=[Series(hostile, (1,), 1), Series("B", (2,), 2)],
        labels=[(0, hostile)], levels=[(hostile, 1)],
    )  # fmt: skip
    band = row_chart(
        "b", title=hostile, description=hostile, names=(hostile, "b"), rows=[(hostile, (1, 2), hostile, 1)]
    )
    text = page(chart, band, table=Table(hostile, (hostile, "b"), [(hostile, hostile)]), lead=(hostile,))
    assert Elements(text).open == []
    assert "<script" not in text


def test_a_long_table_is_folded_away_and_a_short_one_is_not() -> None:
    def many(count: int) -> str:
        return page(table=Table("Loans", ("Day", "Loans"), [(str(at), "1") for at in range(count)]))

    assert "<details>" not in many(OPEN_ROWS)
    assert "Show the table: Loans" in many(OPEN_ROWS + 1)


def test_what_is_not_known_is_named_in_words() -> None:
    assert '<span class="hidden">not known</span>' in page(table=Table("Loans", ("Day", "Loans"), [("1", "")]))


def test_the_same_figures_give_the_same_bytes() -> None:
    assert page(lines(Series("L", (1 / 3, 2 / 3)))) == page(lines(Series("L", (1 / 3, 2 / 3))))


# Colours


def colours(*places: str) -> dict[str, str]:
    """The colours that hold at the end of the given parts of the stylesheets."""
    found: dict[str, str] = {}
    for part in places:
        found |= dict(re.findall(r"(--[\w-]+): (#[0-9a-f]{6});", part))
    return found


def parts(media: str) -> list[str]:
    """What each stylesheet says for all, then what it says for a medium."""
    for_all, for_medium = [], []
    for name in ("style.css", "charts.css"):
        text = (TEMPLATES / name).read_text(encoding="utf-8")
        for_all.append(text.split("@media")[0])
        for_medium += [each for each in text.split("@media") if each.startswith(media)]
    return [*for_all, *for_medium]


def luminance(colour: str) -> float:
    shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("media", [" (prefers-color-scheme: light)", " (prefers-color-scheme: dark)", " print"])
def test_lines_marks_and_text_stand_out_from_the_page(media: str) -> None:
    found = colours(*parts(media))
    drawn = [name for name in found if re.fullmatch(r"--(style-\d|level|quiet|text)", name)]
    assert len(drawn) == 7
    assert {
        name: contrast(found[name], found["--page"]) for name in drawn if contrast(found[name], found["--page"]) < 4.5
    } == {}


def test_dark_mode_changes_every_colour_of_the_charts() -> None:
    light, dark = (colours(*parts(f" (prefers-color-scheme: {each})")) for each in ("light", "dark"))
    assert [name for name in light if name.startswith(("--style", "--level")) and light[name] == dark[name]] == []
