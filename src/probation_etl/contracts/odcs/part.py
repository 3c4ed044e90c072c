"""One part of a contract file: its value as the kind that is expected there, and its place, for faults.

Values have already been checked against a JSON Schema; one of an unexpected kind is treated as missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import get_args

from probation_etl.contracts.model import Severity
from probation_etl.contracts.odcs.document import Document
from probation_etl.contracts.odcs.schema_errors import Steps
from probation_etl.contracts.odcs.schema_validator import Json
from probation_etl.contracts.patterns import pattern_fault

_SEVERITIES: tuple[Severity, ...] = get_args(Severity)


@dataclass(frozen=True)
class Part:
    """A part of a document.

    Attributes:
        steps: Where it is, from the root.
        value: What the file says there; None where it says nothing.
    """

    document: Document
    steps: Steps
    value: Json = None

    def __getitem__(self, key: str) -> Part:
        """The part under a key; without a value where the key is missing."""
        return Part(self.document, (*self.steps, key), self.mapping.get(key))

    def fault(self, message: str) -> None:
        """Notes that this part is wrong."""
        self.document.fault(self.steps, message)

    @property
    def mapping(self) -> dict[str, Json]:
        """Keys and values; none where it is not a mapping."""
        return {str(key): value for key, value in self.value.items()} if isinstance(self.value, dict) else {}

    @property
    def entries(self) -> Mapping[str, Part]:
        """The parts of a mapping, by key."""
        return {key: self[key] for key in self.mapping}

    @property
    def items(self) -> tuple[Part, ...]:
        """The parts of a list."""
        values = self.value if isinstance(self.value, list) else []
        return tuple(Part(self.document, (*self.steps, at), value) for at, value in enumerate(values))

    @property
    def text(self) -> str | None:
        """The text; None where it is not one."""
        return self.value if isinstance(self.value, str) else None

    def text_or(self, default: str) -> str:
        """The text, or a default where there is none."""
        return self.value if isinstance(self.value, str) else default

    @property
    def one_line(self) -> str:
        """The text on one line; empty where there is none."""
        return " ".join(self.text_or("").split())

    @property
    def texts(self) -> tuple[str, ...]:
        """The values of a list as text; a single text counts as a list of one."""
        return (self.value,) if isinstance(self.value, str) else tuple(str(each.value) for each in self.items)

    @property
    def number(self) -> int | float | None:
        """The number; None where it is not one."""
        return self.value if isinstance(self.value, int | float) and not isinstance(self.value, bool) else None

    def number_or(self, default: float) -> float:
        """The number, or a default where there is none."""
        return default if self.number is None else self.number

    @property
    def whole(self) -> int | None:
        """The whole number; None where it is not one."""
        number = self.number
        return int(number) if number is not None and float(number).is_integer() else None

    def whole_or(self, default: int) -> int:
        """The whole number, or a default where there is none."""
        return default if self.whole is None else self.whole

    @property
    def is_true(self) -> bool:
        """Whether the file says true."""
        return self.value is True

    def day(self, name: str, *, place: Part | None = None) -> date | None:
        """A date in ISO 8601; None, and a fault, where it is not one.

        Args:
            name: What the date is called in the fault.
            place: Where the fault is reported; by default here.
        """
        if self.value is None:
            return None
        try:
            return date.fromisoformat(self.text_or(""))
        except ValueError:
            (place or self).fault(f"{name} is ‘{self.value}’, expected a date such as 2020-11-29")
            return None

    def moment(self, name: str, kind: str) -> datetime | time | None:
        """A moment or a time of day in ISO 8601, without a time zone; None, and a fault, where it is not one.

        Args:
            name: What it is called in the fault.
            kind: ``timestamp`` or ``time``.
        """
        if self.value is None:
            return None
        read, such = (datetime, "2020-11-29T09:30:00") if kind == "timestamp" else (time, "09:30")
        try:
            found = read.fromisoformat(self.text_or(""))
            if found.tzinfo is None:
                return found
        except ValueError:
            pass
        self.fault(f"{name} is ‘{self.value}’, expected a {kind} such as {such}, in quotation marks")
        return None

    def pattern(self, *, place: Part | None = None) -> str | None:
        """A regular expression; None, and a fault, where it is not one."""
        fault = pattern_fault(self.text_or(""))
        if fault:
            (place or self).fault(fault)
            return None
        return self.text

    @property
    def severity(self) -> Severity:
        """A severity, which is an error where none is given; a fault where it is not one."""
        if self.value is None:
            return "error"
        for each in _SEVERITIES:
            if each == self.value:
                return each
        self.fault(f"the severity is ‘{self.value}’, expected error or warning")
        return "error"
