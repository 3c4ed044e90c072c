"""Which values and lengths a column allows: the only place where its bounds are taken apart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from typing import Literal

from probation_etl.discreet import Discreet

Bound = Decimal | date | time
#: How an allowed value compares with a bound, as Python's ``operator`` and Polars call it.
Comparison = Literal["ge", "gt", "le", "lt"]

_WORDS: dict[Comparison, str] = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
#: Room for every bound that can be written, and for its decimal places.
_WIDE = Context(prec=400)


def day_of(bound: Bound | None) -> date | None:
    """The day that a bound lies in; None where it is not of days."""
    return bound.date() if isinstance(bound, datetime) else bound if isinstance(bound, date) else None


@dataclass(frozen=True)
class Limit(Discreet):
    """One bound of a column, and how its values compare with it."""

    comparison: Comparison
    bound: Bound

    @property
    def word(self) -> str:
        """How an allowed value compares with the bound, in words."""
        return _WORDS[self.comparison]

    @property
    def is_lower(self) -> bool:
        """Whether allowed values are above the bound; else they are below."""
        return self.comparison in ("ge", "gt")

    @property
    def is_strict(self) -> bool:
        """Whether the bound itself is not allowed."""
        return self.comparison in ("gt", "lt")


@dataclass(frozen=True)
class Interval(Discreet):
    """The bounds of a column, lower ones first; none where every value is allowed."""

    limits: tuple[Limit, ...] = ()

    @classmethod
    def of(
        cls,
        minimum: Bound | None,
        exclusive_minimum: Bound | None,
        maximum: Bound | None,
        exclusive_maximum: Bound | None,
    ) -> Interval:
        """The interval between bounds as contracts give them."""
        given: tuple[tuple[Comparison, Bound | None], ...] = (
            ("ge", minimum), ("gt", exclusive_minimum), ("le", maximum), ("lt", exclusive_maximum),
        )  # fmt: skip
        return cls(tuple(Limit(comparison, bound) for comparison, bound in given if bound is not None))

    def __bool__(self) -> bool:
        return bool(self.limits)

    @property
    def bounds(self) -> tuple[Bound, ...]:
        """The bounds alone."""
        return tuple(each.bound for each in self.limits)

    def least(self, step: Decimal) -> Bound | None:
        """The least value that is allowed, where numbers are multiples of the step; None where none is too small."""
        return max((_nearest(each, step) for each in self.limits if each.is_lower), default=None)

    def greatest(self, step: Decimal) -> Bound | None:
        """The greatest value that is allowed, where numbers are multiples of the step; None where none is too large."""
        return min((_nearest(each, step) for each in self.limits if not each.is_lower), default=None)


def _nearest(limit: Limit, step: Decimal) -> Bound:
    """The allowed value that is nearest to the bound."""
    direction = 1 if limit.is_lower else -1
    if not isinstance(limit.bound, Decimal):
        return _beside(limit.bound, direction) if limit.is_strict else limit.bound
    # The next value after an excluded bound is one step from the multiple on its other side.
    rounding = ROUND_CEILING if limit.is_lower is not limit.is_strict else ROUND_FLOOR
    multiple = limit.bound.quantize(step, rounding, _WIDE)
    return _WIDE.add(multiple, direction * step) if limit.is_strict else multiple


def _beside(bound: date | time, direction: int) -> date | time:
    """The next day, or the next instant, on one side."""
    if isinstance(bound, datetime):
        return bound + timedelta(microseconds=direction)
    if isinstance(bound, date):
        return bound + timedelta(direction)
    at = datetime.combine(date(2000, 1, 2), bound) + timedelta(microseconds=direction)
    return bound if at.day != 2 else at.time()


@dataclass(frozen=True)
class Length:
    """How many characters a text may have; None where there is no bound."""

    least: int | None = None
    most: int | None = None

    def __bool__(self) -> bool:
        return (self.least, self.most) != (None, None)


#: The interval and the length of a column without bounds.
EVERY_VALUE, ANY_LENGTH = Interval(), Length()
