"""One column of a contract, and the types and names that all parts of a contract share."""

from __future__ import annotations

from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from probation_etl.contracts.durations import DurationForm, duration_form
from probation_etl.contracts.forms import USUAL, Form, form
from probation_etl.contracts.model.limits import Bound, Interval, Length
from probation_etl.contracts.model.windows import NOTHING_SAID, DateWindow
from probation_etl.discreet import Discreet

Type = Literal["string", "integer", "number", "date", "timestamp", "time", "duration", "boolean"]
Severity = Literal["error", "warning"]
Operator = Literal["=", "<>", "<", "<=", ">", ">="]

#: Decimal places that numbers are kept with.
DECIMAL_PLACES = 6
#: Values that every rule and mapping of a return can use beside the columns of the return.
CONTEXT_COLUMNS = ("supplier_code", "supplier_kind", "period_start", "period_end", "file_name")
#: The one of them that a return may have a column of its own for, which is then meant.
FILE_NAME = "file_name"
#: Lineage columns of every unified row.
LINEAGE_COLUMNS = ("return_id", "source_row")
#: Names that no column of a contract may have.
RESERVED_NAMES = frozenset((*CONTEXT_COLUMNS, *LINEAGE_COLUMNS, "key_uncertain")) - {FILE_NAME}


@dataclass(frozen=True)
class Column(Discreet, tells=("name", "type")):
    """One column of a table.

    Attributes:
        name: Name in rules and mappings.
        header: Header as the supplier writes it (the physical name).
        synonyms: Other headers that mean the same.
        formats: Formats of days and times in the notation of ODCS, such as ``dd/MM/yyyy``. They are tried in this order;
            no text may be read as two different days by two of them. Of a duration, its one form.
        decimals: Greatest number of decimal places, or None for any.
        labels: Allowed values with their labels (the label is the value itself where none is given).
        value_synonyms: Texts that mean a listed value, with that value.
        ignored: What does not matter when a text is compared with listed values: ``case``, ``dashes``, ``spaces``.
        separator: What stands between the values of a cell that holds several; None where a cell holds one.
        keeps_blanks: Whether white space at the ends of a text is part of it.
        unit_texts: Texts before or behind a number that name its unit, which is dropped.
        needs_unit: Whether the unit must be there.
        null_tokens: Texts that mean an empty cell.
        shorthand: Marks of the Government Statistical Service for a value left out on purpose, without their brackets:
            ``c`` for ``[c]``. Such a cell is empty, but its value is not missing.
        markers: Marks that may follow a number, such as ``r`` for revised in ``47 [r]``, without their brackets.
        year_pivot: The last year that two digits of a date may mean.
        thousands_separator: Character that may separate groups of three digits.
        decimal_separator: Character before the decimals of a number.
        true_values: Texts that mean true, whatever their case.
        false_values: Texts that mean false.
        severities: Severity by finding code; other findings are errors.
        hints: What to do about a finding, by finding code.
        window: Which of its days are likely, where it differs from the contract.
        characters: The first and the last of its characters in a line, from 1, where columns stand at fixed places.
        joined: Whether the query of a unified table adds the column; returns do not fill it.
    """

    name: str
    type: Type
    header: str
    description: str = ""
    synonyms: tuple[str, ...] = ()
    required: bool = False
    unique: bool = False
    restricted: bool = False
    pattern: str | None = None
    min_length: int | None = None
    max_length: int | None = None
    minimum: Bound | None = None
    maximum: Bound | None = None
    exclusive_minimum: Bound | None = None
    exclusive_maximum: Bound | None = None
    decimals: int | None = None
    formats: tuple[str, ...] = ()
    labels: Dictionary[str, str] = field(default_factory=dict)
    value_synonyms: Dictionary[str, str] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    separator: str | None = None
    keeps_blanks: bool = False
    unit_texts: tuple[str, ...] = ()
    needs_unit: bool = False
    null_tokens: tuple[str, ...] = ()
    shorthand: tuple[str, ...] = ()
    markers: tuple[str, ...] = ()
    year_pivot: int | None = None
    thousands_separator: str | None = None
    decimal_separator: str = "."
    true_values: tuple[str, ...] = ("true",)
    false_values: tuple[str, ...] = ("false",)
    severities: Dictionary[str, Severity] = field(default_factory=dict)
    hints: Dictionary[str, str] = field(default_factory=dict)
    physical_type: str | None = None
    characters: tuple[int, int] | None = None
    joined: bool = False
    window: DateWindow = NOTHING_SAID

    @property
    def forms(self) -> tuple[Form, ...]:
        """The forms of its days and times, in the order in which they are tried."""
        given = self.formats if self.type != "duration" else ()
        return tuple(form(each, self.year_pivot) for each in given or USUAL.get(self.type, ()))

    @property
    def durations(self) -> tuple[DurationForm, ...]:
        """The form of its lengths of time."""
        return tuple(map(duration_form, self.formats if self.type == "duration" else ()))

    @property
    def has_days(self) -> bool:
        """Whether its values are days, or lie in one."""
        return self.type in ("date", "timestamp")

    @property
    def is_respelt(self) -> bool:
        """Whether its texts may stand for others: a listed value for one that is spelt in another way."""
        return bool(self.value_synonyms or self.ignored or self.separator)

    @property
    def interval(self) -> Interval:
        """The values that its bounds allow."""
        return Interval.of(self.minimum, self.exclusive_minimum, self.maximum, self.exclusive_maximum)

    @property
    def length(self) -> Length:
        """The number of characters that it allows."""
        return Length(self.min_length, self.max_length)

    @property
    def step(self) -> Decimal:
        """The least by which two of its numbers differ."""
        return Decimal(1) if self.type == "integer" else Decimal(1).scaleb(-self.places)

    @property
    def places(self) -> int:
        """Decimal places that its numbers may have."""
        return DECIMAL_PLACES if self.decimals is None else min(self.decimals, DECIMAL_PLACES)
