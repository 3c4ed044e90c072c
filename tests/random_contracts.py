"""Small contracts of an invented domain, drawn at random: a key, and columns of every kind beside it."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st


def _column(kind: str, **options: Any) -> dict[str, Any]:
    return {
        "logicalType": kind,
        "logicalTypeOptions": {key: value for key, value in options.items() if value is not None},
    }


_integers = st.builds(
    lambda low, width, exclusive: _column(
        "integer", **({"exclusiveMinimum": low} if exclusive else {"minimum": low}), maximum=low + width
    ),
    st.integers(-10_000, 10_000), st.integers(3, 500), st.booleans(),
)  # fmt: skip
_numbers = st.builds(
    lambda low, width, step: _column("number", minimum=low, exclusiveMaximum=low + width, multipleOf=step),
    st.integers(-50, 50), st.integers(3, 90), st.sampled_from([0.1, 0.01, None]),
)  # fmt: skip
_dates = st.builds(
    lambda written, day: _column("date", format=written, minimum=day and day.isoformat()),
    st.sampled_from(["dd/MM/yyyy", "yyyy-MM-dd", "d/M/yyyy"]), st.none() | st.dates(date(1950, 1, 1), date(2100, 1, 1)),
)  # fmt: skip
_strings = st.builds(
    lambda low, more: _column("string", minLength=low, maxLength=None if more is None else low + more),
    st.integers(2, 12), st.none() | st.integers(0, 30),
)  # fmt: skip
_patterned = st.sampled_from([r"^[A-Z]\d{6}$", "^(N|S)[0-9]{2,4}$", r"^\w+-x?$", "^(one|two|three)$"]).map(
    lambda pattern: _column("string", pattern=pattern)
)
_listed = st.lists(st.text("abcxyz", min_size=1, max_size=6), min_size=1, max_size=4, unique=True).map(
    lambda labels: {"logicalType": "string", "enum": [{"value": label} for label in labels]}
)
_columns = st.one_of(_integers, _numbers, _dates, _strings, _patterned, _listed, st.just({"logicalType": "boolean"}))


@st.composite
def contracts(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A key, and columns of every kind beside it."""
    columns = [{**draw(st.one_of(_integers, _strings)), "required": True, "primaryKey": True}]
    for _ in range(draw(st.integers(1, 4))):
        column = draw(_columns)
        # A column of one value that must be unique leaves room for one row: nothing can be the same in two.
        more = {"required": draw(st.booleans()), "unique": "enum" not in column and draw(st.booleans())}
        columns.append({**column, **more})
    return [{"name": f"column{at}", **column} for at, column in enumerate(columns)]
