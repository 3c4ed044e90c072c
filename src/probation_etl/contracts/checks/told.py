"""What is said of single values that break a rule of their column, where there is more to say than for all of them."""

from __future__ import annotations

import re

from probation_etl.contracts.checks.check import Told
from probation_etl.contracts.checks.differences import from_form, from_listed
from probation_etl.contracts.checks.patterns_in_words import asked_form
from probation_etl.contracts.damage import trace_of
from probation_etl.contracts.forms import ISO, form
from probation_etl.contracts.model import Column
from probation_etl.contracts.spellings import fold, listed_as, parts_of, with_unit

#: Values of one cell that a message names.
_MOST_NAMED = 3
_TIME = re.compile(
    r"(?:[T ]|, ?) ?[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?(?: ?[AaPp][Mm])?(?: ?(?:Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2}))?$"
)


def of_damage(column: Column, value: str) -> Told | None:
    """What damaged a value."""
    trace = trace_of(value)
    return None if trace is None else Told(f"‘\0’ {trace.what}.", column.hints.get("damaged-value", trace.hint))


def of_masked(column: Column, value: str) -> Told | None:
    """Where a masked value departs from the form that is due, which its shape alone may not show."""
    difference = from_form(value, column)
    if difference is None:
        return None
    return Told(f"‘\0’ is not in the right format: {difference}. {asked_form(column)}".rstrip())


def of_nearly_listed(column: Column, value: str) -> Told | None:
    """The listed value that a value was meant for, and the difference that nobody sees."""
    found = from_listed(value, column)
    if found is None:
        return None
    listed, difference = found
    if column.restricted:
        hint = "Write the value exactly as it is in the list."
        return Told(f"‘\0’ is nearly a value of the list, but has {difference}.", hint)
    hint = f"Write ‘{listed}’, exactly as it is in the list."
    return Told(f"‘\0’ is not ‘{listed}’, which is in the list: it has {difference}.", hint)


def of_timed(column: Column, value: str) -> Told | None:
    """A date with a time of day behind it, as databases write them."""
    given = value.strip()
    day = _TIME.sub("", given)
    if day == given or not any(re.search(each.pattern, day) for each in (*column.forms, form(ISO))):
        return None
    return Told(f"‘\0’ has a time of day; only the date is due, in the form {' or '.join(column.formats or (ISO,))}.")


def of_unlisted(column: Column, value: str) -> Told | None:
    """The value of a cell with several that is not listed."""
    known, parts = listed_as(column), [each for each in parts_of(value, column) if each]
    unlisted = [each for each, plain in zip(parts, fold(parts, column.ignored), strict=True) if plain not in known]
    if column.restricted or not unlisted:
        return None
    words = ", ".join(f"‘{each}’" for each in unlisted[:_MOST_NAMED]) + (
        " and more" if len(unlisted) > _MOST_NAMED else ""
    )
    verb = "is" if len(unlisted) == 1 else "are"
    listed = ", ".join(column.labels)
    return Told(f"‘\0’: {words} {verb} not among: {listed}.")


def of_without_unit(column: Column, value: str) -> Told | None:
    """A number without the unit that is due."""
    if re.search(with_unit(column), value.strip()):
        return None
    return Told(
        f"‘\0’ is not a number with its unit, {' or '.join(column.unit_texts)}.",
        f"Write the unit beside the number: {column.unit_texts[0]}.",
    )
