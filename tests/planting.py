"""Returns with planted faults, and the answer key for them.

The key is made without the validator:

1. A generator for each contract writes clean rows: values that keep all of its rules.
2. Each planted fault changes cells, rows or the header, and carries a label with the finding that it must cause. The
   contract's columns, rules, key and references decide what can be planted, so a new column or rule is covered too.
3. A planted value may break further rules, and the key says which. Each cell keeps the text that is sent and the value
   that it means, or ``UNKNOWN``; the rules of the shipped contracts are written a second time below, in Python, over
   those values. A rule is broken where it is false and knows every cell that it reads; a rule over an empty cell is
   usually neither true nor false.
4. A rule that was broken on purpose locks the cells that it reads, so that no later fault can repair it. Each label
   must be in the finished key.
"""

from __future__ import annotations

import csv
import io
import re
import string
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import polars as pl
import xlsxwriter

from probation_etl.contracts.model import Column, Contract
from probation_etl.contracts.shipped import shipped


class Expected(NamedTuple):
    """One finding of the answer key."""

    row: int | None
    column: str | None
    code: str
    rule: str
    severity: str = "error"
    cell: str | None = None


class Card(NamedTuple):
    """One kind of fault that can be planted: a finding code, and the column or rule it belongs to."""

    code: str
    what: str = ""
    size: int = 1


class Unknown:
    """The value of a cell that was not parsed, is broken, or is in a required column that is missing."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = Unknown()


#: Characters that no cell may hold. NUL is left out, because it makes a CSV file unreadable.
CONTROLS = "\x01\x07\x1b\x7f\x9c\u200e\u202e\u2066"


@dataclass
class Cell:
    """What is sent, what it means, and what is wrong with it (code and check)."""

    text: str
    value: Any
    faults: frozenset[tuple[str, str]] = frozenset()
    native: Any = None


@dataclass
class Row:
    """One row: its cells, those that no further fault may touch, and how often it was hit."""

    cells: dict[str, Cell]
    locked: set[str] = field(default_factory=set)
    hits: int = 0
    extra: int = 0

    def value(self, name: str) -> Any:
        return UNKNOWN if self.extra else self.cells[name].value


@dataclass
class Sent:
    """Supplier and period as the rules see them; None where they are not known."""

    supplier_code: str
    period_start: date | None
    period_end: date | None
    known_supplier: bool = True

    def value(self, name: str) -> Any:
        if name == "supplier_code":
            return self.supplier_code if self.known_supplier else None
        return {"period_start": self.period_start, "period_end": self.period_end}[name]


# The rules of the shipped contracts, written a second time


def _before(earlier: str, later: str) -> tuple[tuple[str, ...], Callable[[Any], bool | None]]:
    def holds(of: Callable[[str], Any]) -> bool | None:
        return None if of(earlier) is None or of(later) is None else of(earlier) <= of(later)

    return (earlier, later), holds


_EARLY = {
    "crc-breaches": {"Initiated", "Withdrawn"},
    "nps-breaches": {"BRE01", "BRE02", "BRE03", "BRE04", "BRE06", "BRE17", "BRE18"},
}
_HEARD = {"crc-breaches": {"Heard"}, "nps-breaches": {"BRE07", "BRE08", "BRE09", "BRE15", "BRE16"}}


def _logged_when_past_initiation(contract: str) -> Callable[[Any], bool | None]:
    def holds(of: Callable[[str], Any]) -> bool | None:
        if of("logged_on") is not None:
            return True
        return None if of("status") is None else of("status") in _EARLY[contract]

    return holds


def _given_when_heard(contract: str, column: str) -> Callable[[Any], bool | None]:
    def holds(of: Callable[[str], Any]) -> bool | None:
        return None if of("status") is None else (of("status") in _HEARD[contract]) == (of(column) is not None)

    return holds


@cache
def bank_holidays() -> frozenset[date]:
    with Path(str(shipped("contracts")), "reference", "bank_holidays.csv").open(encoding="utf-8") as file:
        return frozenset(date.fromisoformat(row["date"]) for row in csv.DictReader(file))


def working_days(start: date, end: date) -> int:
    """Number of working days from the first day to the day before the last."""
    days = (start + timedelta(days=number) for number in range((end - start).days))
    return sum(1 for day in days if day.weekday() < 5 and day not in bank_holidays())


def _in_time(of: Callable[[str], Any]) -> bool | None:
    if of("initiated_on") is None or of("logged_on") is None:
        return None
    return working_days(of("initiated_on"), of("logged_on")) <= 10


def _average(of: Callable[[str], Any]) -> bool | None:
    average, officers, cases = of("average_caseload"), of("officers_fte"), of("cases")
    if average is None or officers is None or cases is None:
        return None
    return abs(Fraction(average) * Fraction(officers) - cases) <= Fraction(officers) / 20


def _in_period(of: Callable[[str], Any]) -> bool | None:
    if of("as_at") is None or of("period_start") is None or of("period_end") is None:
        return None
    return of("period_start") <= of("as_at") <= of("period_end")


def _own_rows(of: Callable[[str], Any]) -> bool | None:
    if of("provider_code") is None or of("supplier_code") is None:
        return None
    return of("provider_code") == of("supplier_code")


def rules_of(contract: Contract) -> dict[str, tuple[tuple[str, ...], Callable[[Any], bool | None]]]:
    """For each rule, by name: the columns that it reads, and whether it holds."""
    written = {
        "logged_not_before_initiated": _before("initiated_on", "logged_on"),
        "heard_not_before_logged": _before("logged_on", "heard_on"),
        "initiated_by_period_end": _before("initiated_on", "period_end"),
        "logged_by_period_end": _before("logged_on", "period_end"),
        "heard_by_period_end": _before("heard_on", "period_end"),
        "suspended_not_before_logged": _before("logged_on", "suspended_on"),
        "resumed_not_before_suspended": _before("suspended_on", "resumed_on"),
        "suspended_by_period_end": _before("suspended_on", "period_end"),
        "resumed_by_period_end": _before("resumed_on", "period_end"),
        "logged_when_past_initiation": (("status", "logged_on"), _logged_when_past_initiation(contract.id)),
        "heard_on_when_heard": (("status", "heard_on"), _given_when_heard(contract.id, "heard_on")),
        "outcome_when_heard": (("status", "outcome"), _given_when_heard(contract.id, "outcome")),
        "logged_in_time": (("initiated_on", "logged_on"), _in_time),
        "average_agrees": (("average_caseload", "officers_fte", "cases"), _average),
        "as_at_in_period": (("as_at", "period_start", "period_end"), _in_period),
        "provider_is_sender": (("provider_code", "supplier_code"), _own_rows),
        "returned_not_before_lent": _before("lent_on", "returned_on"),
    }
    return {rule.name: written[rule.name] for rule in contract.rules}


# What the contract says of one value


def faults_of(column: Column, value: Any) -> frozenset[tuple[str, str]]:
    """What is wrong with a value that could be read, according to its column."""
    if value is UNKNOWN:
        return frozenset()
    if value is None:
        return frozenset({("missing-value", "required")} if column.required else ())
    found = set()
    if column.type == "string":
        pattern = column.pattern and column.pattern.replace(r"\d", "[0-9]").removesuffix("$")
        if pattern and re.fullmatch(pattern.removeprefix("^"), value) is None:
            found.add(("wrong-pattern", "pattern"))
        if len(value) < (column.min_length or 0) or (column.max_length is not None and len(value) > column.max_length):
            found.add(("wrong-length", "length"))
        if column.labels and value not in column.labels:
            found.add(("not-in-list", "enum"))
    if column.type in ("integer", "number", "date") and not _within(column, value):
        found.add(("out-of-range", "range"))
    if column.type == "number" and -value.normalize().as_tuple().exponent > _decimals(column):
        found.add(("too-precise", "decimals"))
    return frozenset(found)


def _decimals(column: Column) -> int:
    return 6 if column.decimals is None else column.decimals


def _within(column: Column, value: Any) -> bool:
    low, above = column.minimum, column.exclusive_minimum
    high, below = column.maximum, column.exclusive_maximum
    return (
        (low is None or value >= low)
        and (above is None or value > above)
        and (high is None or value <= high)
        and (below is None or value < below)
    )


_STRPTIME = {"dd": "%d", "MM": "%m", "yyyy": "%Y"}


def written_date(day: date, form: str) -> str:
    return day.strftime(re.sub("dd|MM|yyyy", lambda part: _STRPTIME[part.group()], form))


def reads_as_date(text: str, forms: Sequence[str]) -> bool:
    for form in forms:
        digits = re.sub("dd|MM|yyyy", lambda part: f"[0-9]{{{len(part.group())}}}", form)
        if re.fullmatch(digits, text):
            try:
                datetime.strptime(text, re.sub("dd|MM|yyyy", lambda part: _STRPTIME[part.group()], form))
            except ValueError:
                continue
            return True
    return False


# What may be planted

TYPE_CODES = {"integer": "not-a-number", "number": "not-a-number", "date": "not-a-date", "boolean": "not-a-boolean"}
NO_DATES = (
    "soon", "31/02/2020", "2020-02-31", "2020-04-03", "03/04/2020", "3/4/2020", "03/04/20", "03-04-2020", "April 2020",
    "October 20201", "43922", "2020-04-03T00:00:00", "00/00/0000", "n/a", "-", "03/04/20201", "03/04/2020 [r]", "[c]", "٠٣/٠٤/٢٠٢٠",
    "20200403", "3 April 2020", "0", "30/04/2020 09:15",
)  # fmt: skip
NO_NUMBERS = (
    "many", "1,234", "12,34", "1e3", "£5", "50%", "5 (est.)", "1.", ".5", "--5", "٣", "12 [r]", "[x]", "1 234", "0x1F", "5 6",
    "-", "1234567890123456789", "1/2", "½", "³", "true",
)  # fmt: skip
NO_TRUTHS = ("yes", "no", "1", "0", "Y", "truee", "maybe")
FRACTIONS = ("1.5", "3.0", "-0.5", "2.00", "999.999")
ERRORS = ("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!")
DAMAGED = (
    "NULL",
    "NaN",
    "undefined",
    "1.00E+05",
    "'0101",
    '="0101"',
    "########",
    "[object Object]",
    "Caf\ufffd",
)
BLANKS = ("", " ", "\u00a0", "\t", "\u200b ")
#: Faults that reject the whole return. Most returns get none of them, so that rows are accepted too.
OF_THE_FILE = ("missing-column", "unexpected-column", "duplicate-column", "unchecked-reference")
OF_THE_SENDER = ("period-mismatch", "control-total", "unknown-organisation")


def cards_of(contract: Contract, *, native: bool) -> list[Card]:
    """Every kind of fault that the contract has a rule for."""
    cards = [card for column in contract.columns for card in _column_cards(column, native=native)]
    cards += [Card("row-rule", rule.name) for rule in contract.rules]
    cards += [Card("duplicate-row", "key", size) for size in (2, 3)] if contract.key else []
    cards += [
        Card("duplicate-row", column.name, size)
        for column in contract.columns
        if column.unique and contract.key != (column.name,)
        for size in (2, 3)
    ]
    cards += [Card("unknown-reference", reference.name) for reference in contract.references]
    cards += [Card("unmapped-value", name) for name in uncoded(contract)]
    if native:
        return [*cards, *(Card("merged-cell", name) for name in contract.column_names)]
    return [*cards, Card("malformed-row", "short"), Card("malformed-row", "long")]


def uncoded(contract: Contract) -> dict[str, tuple[str, list[str]]]:
    """By column: the code list of its mapping, and the values that the column allows but the code list lacks."""
    codes = {
        read: mapped
        for mapped in (contract.mapping.columns if contract.mapping else ())
        if mapped.codes and (read := (mapped.expression or "").strip("()")) in contract.column_names
    }
    lacking = {
        name: (mapped.name, [each for each in contract.column(name).labels if each not in mapped.codes])
        for name, mapped in codes.items()
        if name
    }
    return {name: found for name, found in lacking.items() if found[1]}


def _column_cards(column: Column, *, native: bool) -> Iterator[Card]:
    codes = [
        column.required and "missing-value", TYPE_CODES.get(column.type), column.type == "integer" and "not-an-integer",
        column.type == "number" and "too-precise", column.pattern and "wrong-pattern",
        (column.max_length or column.min_length) and "wrong-length", column.labels and "not-in-list",
        any(each is not None for each in (column.minimum, column.maximum, column.exclusive_minimum, column.exclusive_maximum))
        and "out-of-range", "error-cell", "control-character", "damaged-value",
    ]  # fmt: skip
    yield from (Card(str(code), column.name) for code in codes if code)


def planted_cell(column: Column, code: str, old: Cell, number: int, rng: Random, *, native: bool) -> Cell | None:
    """A cell with that fault, and perhaps others; None if this value cannot be given the fault."""
    if code == "error-cell":
        text = rng.choice(ERRORS)
        return Cell(text, UNKNOWN, frozenset({(code, "error")}), native=("error", text) if rng.random() < 0.5 else None)
    if code == "damaged-value":
        return Cell(rng.choice(DAMAGED), UNKNOWN, frozenset({(code, "damaged")}))
    if code == "control-character":
        text = f"{old.text[:1]}{rng.choice(CONTROLS)}{old.text[1:] or '1'}"
        return Cell(text, UNKNOWN, frozenset({(code, "control")}))
    if code == "missing-value":
        return Cell(rng.choice(BLANKS), None, frozenset({(code, "required")}))
    if code in ("not-a-date", "not-a-number", "not-a-boolean", "not-an-integer"):
        text = rng.choice(_unreadable(column, code, native=native))
        check = "integer" if code == "not-an-integer" else "type"
        return Cell(text, UNKNOWN, frozenset({(code, check)}))
    makers: dict[str, Callable[[], Any]] = {
        "wrong-pattern": lambda: _mutated(str(old.text).strip(), rng),
        "wrong-length": lambda: _of_wrong_length(column, number, rng),
        "not-in-list": lambda: _not_listed(column, rng),
        "out-of-range": lambda: _outside(column, rng),
        "too-precise": lambda: _too_precise(column, old.value, rng),
    }
    value = makers[code]()
    if value is None:
        return None
    found = faults_of(column, value)
    return Cell(as_text(column, value), value, found) if code in {each for each, _ in found} else None


def _unreadable(column: Column, code: str, *, native: bool) -> Sequence[str]:
    if code == "not-a-date":
        forms = (*column.formats, "yyyy-MM-dd") if native or not column.formats else column.formats
        return [text for text in NO_DATES if not reads_as_date(text, forms) and text not in column.null_tokens]
    if code == "not-an-integer":
        return FRACTIONS
    return NO_TRUTHS if code == "not-a-boolean" else NO_NUMBERS


def _mutated(text: str, rng: Random) -> str:
    """A text close to the right pattern. Its digits differ from those of every other row."""
    return rng.choice(
        (
            text.lower(), f"{text}A", f"{text[:1]}{text[2:]}", text.replace("0", "O", 1), f"{text[:1]} {text[1:]}", text[1:],
            text.translate(str.maketrans(string.digits, "٠١٢٣٤٥٦٧٨٩")), f"{text}\n{text}", f"x{text}", f"{text}9", f"{text}.",
        )
    )  # fmt: skip


def _of_wrong_length(column: Column, number: int, rng: Random) -> str:
    if column.max_length is None or (column.min_length and rng.random() < 0.5):
        return "é" * ((column.min_length or 1) - 1)
    return f"{number} ".ljust(column.max_length + rng.choice((1, 2, 150)), "é")


def _not_listed(column: Column, rng: Random) -> str:
    value = rng.choice(list(column.labels))
    label = column.labels[value]
    other = rng.choice(
        (value.lower(), value.upper(), f"{value}.", f"{value} {value}", label, "Other than these", "0", "[c]")
    )
    return other if other not in column.labels else f"{value}?"


def _outside(column: Column, rng: Random) -> Any:
    step: Any = timedelta(days=1) if column.type == "date" else 1
    if column.type == "number":
        step = Decimal(1).scaleb(-_decimals(column))
    far = rng.choice((1, 1, 2, 7, 50))
    bounds = [
        *(each - far * step for each in (column.minimum,) if each is not None),
        *(each + far * step for each in (column.maximum,) if each is not None),
        *(each - (far - 1) * step for each in (column.exclusive_minimum,) if each is not None),
        *(each + (far - 1) * step for each in (column.exclusive_maximum,) if each is not None),
    ]
    value = rng.choice(bounds)
    if column.type == "integer":
        return int(value)
    if column.type == "number" and rng.random() < 0.2:
        return value + Decimal("0.125").copy_sign(value) if _decimals(column) < 3 else value
    return value


def _too_precise(column: Column, value: Any, rng: Random) -> Decimal:
    base = value if isinstance(value, Decimal) else Decimal(1)
    least = Decimal(1).scaleb(-_decimals(column))
    return base + least * rng.choice((Decimal("0.1"), Decimal("0.5"), Decimal("0.01")))


def as_text(column: Column, value: Any) -> str:
    """A value as a supplier writes it."""
    if value is None:
        return ""
    if column.type == "date":
        return written_date(value, column.formats[0] if column.formats else "yyyy-MM-dd")
    if column.type == "boolean":
        return str(value).lower()
    return format(value, "f") if isinstance(value, Decimal) else str(value)


# Clean rows


def clean_values(contract: Contract, number: int, sent: Sent, rng: Random) -> dict[str, Any]:
    """The values of a row that keeps all rules of its contract."""
    end = sent.period_end or date(2020, 6, 7)
    makers = {
        "breaches": _breach, "suspended_breaches": _suspension, "caseload": _caseload, "loans": _loan,
    }  # fmt: skip
    own = makers[contract.table](contract, number, end, rng)
    # Rows come in pairs that differ in one part of the key only.
    pair = number // 2
    shared = {
        "case_reference": f"{string.ascii_uppercase[pair % 26]}{pair:06}",
        "event_number": 1 + (number % 2) + pair % 900,
        "nsi_id": str(9_000_000 + number),
        "provider_code": sent.supplier_code,
        "ldu": rng.choice(("North unit", "Unit & Co, east", "Llŷn", None)),
        "court": rng.choice(("Leeds Magistrates' Court", 'The "Old" Court', None)),
    }
    return {column.name: own.get(column.name, shared.get(column.name)) for column in contract.columns}


def _any(contract: Contract, name: str, rng: Random) -> str:
    return rng.choice(list(contract.column(name).labels))


def _breach(contract: Contract, _number: int, end: date, rng: Random) -> dict[str, Any]:
    early, heard = _EARLY[contract.id], _HEARD[contract.id]
    statuses = list(contract.column("status").labels)
    groups = (sorted(early), sorted(heard), [each for each in statuses if each not in early | heard])
    status = rng.choice(rng.choice(groups))
    initiated = end - timedelta(days=rng.randint(45, 100))
    logged = initiated + timedelta(days=rng.randint(0, 10))
    if rng.random() < 0.3:
        # The last day that is still in time.
        logged = max(
            day
            for day in (initiated + timedelta(days=each) for each in range(10, 25))
            if working_days(initiated, day) <= 10
        )
    if status in early and rng.random() < 0.7:
        logged = None  # type: ignore[assignment]
    return {
        "order_type": _any(contract, "order_type", rng), "requirement": _any(contract, "requirement", rng),
        "risk_of_harm": rng.choice((_any(contract, "risk_of_harm", rng), None)), "initiated_on": initiated, "logged_on": logged,
        "heard_on": logged + timedelta(days=rng.randint(0, 20)) if status in heard else None, "status": status,
        "outcome": _any(contract, "outcome", rng) if status in heard and "outcome" in contract.column_names else None,
    }  # fmt: skip


def _suspension(contract: Contract, _number: int, end: date, rng: Random) -> dict[str, Any]:
    suspended = end - timedelta(days=rng.randint(0, (end - date(2020, 3, 24)).days))
    resumed = suspended + timedelta(days=rng.randint(0, (end - suspended).days))
    return {
        "logged_on": suspended - timedelta(days=rng.randint(0, 30)), "suspended_on": suspended,
        "resumed_on": rng.choice((resumed, None)), "reason": rng.choice(("Court closed", None)),
        "status": _any(contract, "status", rng) if "status" in contract.column_names else None,
    }  # fmt: skip


def _caseload(contract: Contract, number: int, end: date, rng: Random) -> dict[str, Any]:
    officers = Decimal(rng.randint(100, 6000)) / 100
    cases = rng.randint(1, 60) * int(officers)
    average = (cases / officers).quantize(Decimal("0.01"), ROUND_HALF_EVEN)
    if rng.random() < 0.2:
        # As far from the true average as is allowed.
        officers, cases = Decimal(rng.randint(1, 40)), 0
        average = Decimal(rng.randint(10, 100))
        cases, average = int(average * officers), average + rng.choice((1, -1)) * Decimal("0.05")
    return {
        "ldu": None if number < 2 else f"Unit {number // 2}", "grade": list(contract.column("grade").labels)[number % 2],
        "as_at": end - timedelta(days=rng.randint(0, 13)), "officers_fte": rng.choice((officers, officers, officers, None)),
        "cases": rng.choice((cases, cases, cases, None)), "average_caseload": average,
    }  # fmt: skip


def _loan(contract: Contract, number: int, _end: date, rng: Random) -> dict[str, Any]:
    lent = date(2024, 3, rng.randint(1, 10))
    return {
        "loan_reference": f"L{number:04}", "copy_number": rng.randint(1, 99), "card": f"K{number}",
        "branch": rng.choice([each for each in contract.column("branch").labels if each not in uncoded(contract)["branch"][1]]),
        "lent_on": lent, "returned_on": rng.choice((lent + timedelta(days=rng.randint(0, 20)), None)),
        "fine": rng.choice((Decimal(rng.randint(0, 4999)) / 100, None)), "renewed": rng.choice((True, False, None)),
        "notes": rng.choice((None, "a note", "twenty characters ok")),
    }  # fmt: skip


# Rules broken on purpose


def breaking(contract: Contract, rule: str, values: dict[str, Any], sent: Sent, rng: Random) -> dict[str, Any] | None:
    """Values that break a row rule; None if no values of this row can."""
    end, start = sent.period_end, sent.period_start
    days = timedelta(days=rng.choice((1, 1, 2, 30)))
    later = rng.choice((timedelta(days=0), timedelta(days=3)))
    of = values.get
    status_heard = of("status") in _HEARD.get(contract.id, ())
    changes: dict[str, Callable[[], dict[str, Any] | None]] = {
        "logged_not_before_initiated": lambda: of("logged_on") and {"logged_on": of("initiated_on") - days},
        "heard_not_before_logged": lambda: of("heard_on") and {"heard_on": of("logged_on") - days},
        "logged_when_past_initiation": lambda: (
            None if of("status") in _EARLY[contract.id] else {"logged_on": None, "heard_on": of("heard_on")}
        ),
        "heard_on_when_heard": lambda: {"heard_on": None if status_heard else (of("logged_on") or end)},
        "outcome_when_heard": lambda: {"outcome": None if status_heard else _any(contract, "outcome", rng)},
        "initiated_by_period_end": lambda: end and {"initiated_on": end + days},
        "logged_by_period_end": lambda: end and {"logged_on": end + days},
        "heard_by_period_end": lambda: end and status_heard and {"heard_on": end + days},
        "logged_in_time": lambda: of("logged_on") and {"logged_on": of("initiated_on") + timedelta(days=25) + days},
        "suspended_not_before_logged": lambda: {"suspended_on": of("logged_on") - days},
        "resumed_not_before_suspended": lambda: {"resumed_on": of("suspended_on") - days},
        "suspended_by_period_end": lambda: end and {"suspended_on": end + days},
        "resumed_by_period_end": lambda: end and {"resumed_on": end + days + later},
        "as_at_in_period": lambda: end and start and {"as_at": rng.choice((start - days, end + days))},
        "average_agrees": lambda: (
            {"average_caseload": of("average_caseload") + rng.choice((Decimal("0.11"), Decimal("-0.11"), Decimal(7)))}
            if of("officers_fte") and of("cases") is not None and of("average_caseload") > 1
            else None
        ),
        "provider_is_sender": lambda: sent.known_supplier and {"provider_code": "N99"},
        "returned_not_before_lent": lambda: {"returned_on": of("lent_on") - days},
    }
    return changes[rule]() or None


# One return


@dataclass
class Planted:
    """One return with its planted faults: what is sent, and what must be found."""

    contract: Contract
    sent: Sent
    native: bool
    rows: list[Row]
    records: list[list[Any]] = field(default_factory=list)
    key: list[Expected] = field(default_factory=list)
    plants: Counter[Card] = field(default_factory=Counter)
    groups: dict[int, str] = field(default_factory=dict)
    targets: pl.DataFrame | None = None
    blank: int = 0
    notes: int = 0
    positions: list[int] = field(default_factory=list)
    merged: list[tuple[int, int]] = field(default_factory=list)

    @property
    def erring(self) -> set[int]:
        return {each.row for each in self.key if each.row is not None and each.severity == "error"}

    @property
    def verdict(self) -> str:
        if any(each.row is None and each.severity == "error" for each in self.key):
            return "rejected"
        if self.erring:
            return "rejected" if self.erring == set(self.positions) else "partly_accepted"
        return "accepted_with_warnings" if self.key else "accepted"


class Planter:
    """Plants faults in a return, and works out what must be found."""

    def __init__(self, contract: Contract, sent: Sent, rng: Random, *, native: bool, rows: int) -> None:
        self.contract, self.sent, self.rng, self.native = contract, sent, rng, native
        made = [clean_values(contract, number, sent, rng) for number in range(rows)]
        self.rows = [Row({name: self._clean(name, value) for name, value in values.items()}) for values in made]
        for row in self.rows:
            # An empty part of the key means something only above all filled ones: no fault may fill it.
            row.locked |= {
                name for name in contract.key if contract.column(name).type == "string" and row.value(name) is None
            }
        self.rules = rules_of(contract)
        self.missing: set[str] = set()
        self.doubled: list[str] = []
        self.unexpected: list[str | None] = []
        self.unknown: set[tuple[Any, ...]] = set()
        self.checked = True
        self.labels: list[tuple[Card, int, str, str]] = []
        self.merged: list[tuple[Card, int]] = []
        self.plants: Counter[Card] = Counter()

    def _clean(self, name: str, value: Any) -> Cell:
        column, rng = self.contract.column(name), self.rng
        text = as_text(column, value)
        if self.native and rng.random() < 0.5 and column.type != "string" and value is not None:
            return Cell(text, value, native=value)
        if rng.random() < 0.05:
            text = rng.choice((f" {text}", f"{text}\u00a0", f"\t{text} "))
        return Cell(text, value)

    # Planting

    def plant(self, cards: Sequence[Card]) -> None:
        """Plants one fault for each card, faults of the file first. A card that does not fit this return is left out."""
        order = {
            "missing-column": 0,
            "duplicate-row": 1,
            "unknown-reference": 2,
            "row-rule": 3,
            "malformed-row": 5,
            "merged-cell": 5,
        }
        for card in sorted(cards, key=lambda each: order.get(each.code, 0 if each.code in OF_THE_FILE else 4)):
            how = {
                "duplicate-row": self._duplicate, "unknown-reference": self._unrefer, "row-rule": self._break_rule,
                "malformed-row": self._malform, "merged-cell": self._merge,
            }.get(card.code, self._change_file if card.code in OF_THE_FILE else self._change_cell)  # fmt: skip
            if how(card):
                self.plants[card] += 1

    def _change_file(self, card: Card) -> bool:
        rng = self.rng
        if card.code == "missing-column":
            if card.what in {*self.missing, *self.doubled} or len(self.missing) > len(self.contract.columns) - 4:
                return False
            self.missing.add(card.what)
        elif card.code == "unexpected-column":
            free = [each for each in ("Comment", "Team", None) if each not in self.unexpected]
            if not free:
                return False
            self.unexpected.append(rng.choice(free))
        elif card.code == "duplicate-column":
            present = [each for each in self.contract.column_names if each not in self.missing]
            self.doubled.append(rng.choice(present))
        elif not self.checked:
            return False
        else:
            self.checked = False
        return True

    def _change_cell(self, card: Card) -> bool:
        if card.what in self.missing:
            return False
        for _ in range(5):
            number = self.rng.randrange(len(self.rows))
            if self.rng.random() < 0.5:
                number = min(number, self.rng.randrange(len(self.rows)))
            row = self.rows[number]
            if row.extra or row.hits > 3 or card.what in row.locked or row.cells[card.what].faults:
                continue
            cell, rule = self._faulty(card, row.cells[card.what], number)
            if cell is not None:
                row.cells[card.what] = cell
                row.hits += 1
                row.locked |= {card.what}
                self.labels.append((card, number, card.what, rule))
                return True
        return False

    def _faulty(self, card: Card, old: Cell, number: int) -> tuple[Cell | None, str]:
        """A cell with the fault, and the name of the rule that it breaks."""
        if card.code == "unmapped-value":
            mapped, values = uncoded(self.contract)[card.what]
            value = self.rng.choice(values)
            return Cell(value, value), f"{mapped}|mapped"
        cell = planted_cell(self.contract.column(card.what), card.code, old, number, self.rng, native=self.native)
        check = next((check for code, check in cell.faults if code == card.code), "") if cell else ""
        return cell, f"{card.what}|{check}"

    def _untouched(self) -> list[int]:
        return [number for number, row in enumerate(self.rows) if not row.hits and not row.locked and not row.extra]

    def _duplicate(self, card: Card) -> bool:
        names = self.contract.key if card.what == "key" else (card.what,)
        free = self._untouched()
        if self.missing & set(names) or len(free) < card.size:
            return False
        first, *others = self.rng.sample(free, card.size)
        for number in others:
            copied = self.rows[number].cells if card.what != "key" else {}
            for name, cell in self.rows[first].cells.items():
                # A whole row is repeated, so that row rules still hold; values that must be unique stay different.
                alone = self.contract.column(name).unique and self.contract.key != (name,)
                if name in names or (card.what == "key" and not alone):
                    copied[name] = Cell(
                        cell.text.strip() if cell.native is None else cell.text, cell.value, native=cell.native
                    )
                else:
                    copied[name] = self.rows[number].cells[name]
            self.rows[number].cells = copied
        for number in (first, *others):
            self.rows[number].hits += 1
            self.rows[number].locked |= set(names)
            self.labels.append((card, number, names[0], f"{card.what}|unique"))
        return True

    def _unrefer(self, card: Card) -> bool:
        (reference,) = (each for each in self.contract.references if each.name == card.what)
        free = self._untouched()
        if self.missing & set(reference.columns) or not self.checked or not free:
            return False
        number = self.rng.choice(free)
        self.unknown.add(tuple(self.rows[number].value(name) for name in reference.columns))
        self.rows[number].locked |= set(reference.columns)
        self.rows[number].hits += 1
        self.labels.append((card, number, reference.column, f"{reference.column}|{reference.name}"))
        return True

    def _break_rule(self, card: Card) -> bool:
        columns, holds = self.rules[card.what]
        free = self._untouched()
        self.rng.shuffle(free)
        for number in free if not self.missing & set(columns) else ():
            row = self.rows[number]
            values = {name: cell.value for name, cell in row.cells.items()}
            changes = breaking(self.contract, card.what, values, self.sent, self.rng)
            if changes is None or self.missing & set(changes):
                continue
            changed = {**values, **changes}
            if holds(lambda name: changed[name] if name in changed else self.sent.value(name)) is not False:  # noqa: B023
                continue
            for name, value in changes.items():
                column = self.contract.column(name)
                row.cells[name] = Cell(as_text(column, value), value, faults_of(column, value))
            row.locked |= set(columns)
            row.hits += 1
            rule = next(each for each in self.contract.rules if each.name == card.what)
            self.labels.append((card, number, rule.column or columns[0], f"row|{card.what}"))
            return True
        return False

    def _malform(self, card: Card) -> bool:
        free = self._untouched()
        if not free:
            return False
        number = self.rng.choice(free)
        self.rows[number].extra = -1 if card.what == "short" else self.rng.choice((1, 3))
        self.labels.append((card, number, "", "malformed-row"))
        return True

    def _merge(self, card: Card) -> bool:
        """Marks the cell for merging. Its neighbour is chosen once the order of the columns is known."""
        free = [number for number in self._untouched() if self.rows[number].cells[card.what].text.strip()]
        if card.what in self.missing or not free:
            return False
        number = self.rng.choice(free)
        self.rows[number].hits += 1
        self.rows[number].locked |= {card.what}
        self.merged.append((card, number))
        return False

    def _merge_cells(self, planted: Planted, names: list[str | None], number: int, card: Card) -> None:
        """Merges a cell with the next one of the table, or with the one before: both values become unknown."""
        at, row = names.index(card.what), self.rows[number]
        beside = next((each for each in (at + 1, at - 1) if 0 <= each < len(names) and names[each] in row.cells), None)
        if beside is not None:
            for name in (str(names[at]), str(names[beside])):
                cell = row.cells[name]
                row.cells[name] = Cell(cell.text, UNKNOWN, frozenset({("merged-cell", "merged")}), cell.native)
            planted.merged.append((number, min(at, beside)))
            self.labels.append((card, number, card.what, f"{card.what}|merged"))
            self.plants[card] += 1

    # What is sent

    def finish(self) -> Planted:
        """The records that are sent, with their answer key."""
        rng, contract = self.rng, self.contract
        names: list[str] = [name for name in contract.column_names if name not in self.missing]
        if rng.random() < 0.3:
            rng.shuffle(names)
        header: list[tuple[str | None, str | None]] = [(self._header(name), name) for name in names]
        for text in self.unexpected:
            header.insert(rng.randint(0, len(header)), (text, None))
        # Of two columns with one header the first counts, whatever is in the second.
        header += [(self._header(name, twice=True), f"{name} again") for name in self.doubled]
        planted = Planted(contract, self.sent, self.native, self.rows, plants=self.plants)
        for card, number in self.merged:
            self._merge_cells(planted, [name for _, name in header], number, card)
        before = [["Return of the period"], []] if rng.random() < 0.2 else []
        planted.records = [*before, [text for text, _ in header]]
        first = next(at for at, (_, name) in enumerate(header) if name in names)
        for row in self.rows:
            if planted.positions and rng.random() < 0.03:
                planted.records.append([] if rng.random() < 0.5 else [""] * len(header))
                planted.blank += 1
            planted.records.append(self._record(row, header))
            planted.positions.append(len(planted.records))
        if rng.random() < 0.3:
            notes = rng.randint(1, 2)
            planted.records += [[], *[[*[""] * first, "Source: case records"] for _ in range(notes)]]
            planted.notes = notes
        offset = 1 if self.native and rng.random() < 0.2 else 0
        if offset:
            planted.records = [[None, *record] for record in planted.records]
        planted.merged = [(planted.positions[number] - 1, at + offset) for number, at in planted.merged]
        self._target_rows(planted)
        self._key(planted, header, offset)
        return planted

    def _header(self, name: str, *, twice: bool = False) -> str:
        column = self.contract.column(name)
        text = self.rng.choice((column.header, column.header, *column.synonyms))
        return self.rng.choice((text, text, text.upper(), f"{text} ", text.replace(" ", "  ")))

    def _record(self, row: Row, header: list[tuple[str | None, str | None]]) -> list[Any]:
        record: list[Any] = []
        for _, name in header:
            if name is None or name.endswith(" again"):
                record.append(self.rng.choice(("seen", "7")))
            else:
                cell = row.cells[name]
                record.append(cell.native if self.native and cell.native is not None else cell.text)
        if row.extra < 0:
            return record[: row.extra]
        return [*record, *["more"] * row.extra]

    def _target_rows(self, planted: Planted) -> None:
        if not self.contract.references or not self.checked:
            return
        (reference,) = self.contract.references
        kinds = {"string": pl.String(), "integer": pl.Int64(), "date": pl.Date()}
        schema = {there: kinds[self.contract.column(here).type] for here, there in reference.columns.items()}
        keys = {tuple(row.cells[name].value for name in reference.columns) for row in self.rows}
        known = [key for key in keys if key not in self.unknown and UNKNOWN not in key and None not in key]
        # Earlier accepted breaches hold only rows that were right when they were sent.
        good = [
            key
            for key in known
            if not any(faults_of(*pair) for pair in zip(map(self.contract.column, reference.columns), key, strict=True))
        ]
        planted.targets = pl.DataFrame(good, schema=schema, orient="row")

    # The answer key

    def _key(self, planted: Planted, header: list[tuple[str | None, str | None]], offset: int) -> None:
        contract = self.contract
        shown = {column.name: column.header for column in contract.columns}
        letters: dict[str, str] = {}
        for at, (text, name) in enumerate(header):
            if name in contract.column_names:
                shown[str(name)] = str(text)
                letters[str(name)] = string.ascii_uppercase[at + offset] if self.native else ""
        targets = None if planted.targets is None else set(planted.targets.rows())
        placed = _Placed(planted, shown, letters, targets)
        self._key_of_file(placed, header, offset)
        for number, row in enumerate(self.rows):
            if row.extra:
                planted.key.append(Expected(planted.positions[number], None, "malformed-row", "malformed-row"))
                continue
            for name, cell in row.cells.items():
                column = contract.column(name)
                for code, check in cell.faults if name not in self.missing else ():
                    placed.add(number, name, code, f"{name}|{check}", column.severities.get(code, "error"))
            self._key_of_row(placed, number, row)
            self._key_of_mapping(placed, number, row)
        self._key_of_groups(placed)
        for card, number, name, rule in self.labels:
            at = planted.positions[number]
            column_shown = shown[name] if name else None
            assert any(
                (each.row, each.column, each.code, each.rule) == (at, column_shown, card.code, rule)
                for each in planted.key
            ), card

    def _key_of_file(self, placed: _Placed, header: list[tuple[str | None, str | None]], offset: int) -> None:
        add = placed.planted.key.append
        for name in self.missing:
            column = self.contract.column(name)
            add(
                Expected(
                    None, column.header, "missing-column", f"{name}|present", "error" if column.required else "warning"
                )
            )
        for at, (text, name) in enumerate(header):
            if name is None:
                nameless = f"{string.ascii_uppercase[at + offset]} (no header)"
                add(Expected(None, text or nameless, "unexpected-column", "unexpected-column", "warning"))
            elif name.endswith(" again"):
                add(Expected(None, text, "duplicate-column", f"{name.removesuffix(' again')}|once"))
        for reference in self.contract.references if not self.checked else ():
            rule = f"{reference.column}|{reference.name}"
            add(Expected(None, None, "unchecked-reference", rule, "warning"))

    def _value(self, row: Row, name: str) -> Any:
        if name not in self.contract.column_names:
            return self.sent.value(name)
        if name not in self.missing:
            return row.value(name)
        # A column that may be left out counts as empty.
        return UNKNOWN if row.extra or self.contract.column(name).required else None

    def _key_of_row(self, placed: _Placed, number: int, row: Row) -> None:
        for rule in self.contract.rules:
            columns, holds = self.rules[rule.name]
            read = {name: self._value(row, name) for name in columns}
            if UNKNOWN not in read.values() and holds(read.__getitem__) is False:
                placed.add(number, rule.column or columns[0], "row-rule", f"row|{rule.name}", rule.severity)
        known = placed.targets
        for reference in self.contract.references if known is not None else ():
            own = tuple(self._value(row, name) for name in reference.columns)
            if UNKNOWN not in own and None not in own and own not in known:
                rule_name = f"{reference.column}|{reference.name}"
                placed.add(number, reference.column, "unknown-reference", rule_name, reference.severity)

    def _key_of_mapping(self, placed: _Placed, number: int, row: Row) -> None:
        """A value that the mapping's code list lacks, unless the column's own list already makes it an error."""
        for mapped in self.contract.mapping.columns if self.contract.mapping else ():
            name = (mapped.expression or "").strip("()")
            if not mapped.codes or name not in self.contract.column_names or name in self.missing:
                continue
            column, value = self.contract.column(name), row.value(name)
            told = column.labels and value not in column.labels and "not-in-list" not in column.severities
            if value is not None and value is not UNKNOWN and value not in mapped.codes and not told:
                placed.add(number, name, "unmapped-value", f"{mapped.name}|mapped", "error")

    def _key_of_groups(self, placed: _Placed) -> None:
        key = self.contract.key
        needed = [name for name in key if self.contract.column(name).required]
        checks = [("key", key, needed)] if key and not self.missing & set(needed) else []
        for column in self.contract.columns:
            if column.unique and key != (column.name,) and column.name not in self.missing:
                checks.append((column.name, (column.name,), [column.name]))
        for rule, names, wanted in checks:
            groups: dict[tuple[Any, ...], list[int]] = {}
            for number, row in enumerate(self.rows):
                values = tuple(self._value(row, name) for name in names)
                if (
                    UNKNOWN not in values
                    and any(value is not None for value in values)
                    and not any(row.value(name) is None for name in wanted)
                ):
                    groups.setdefault(values, []).append(number)
            for members in (each for each in groups.values() if len(each) > 1):
                rows = sorted(placed.planted.positions[number] for number in members)
                for number in members:
                    placed.add(number, names[0], "duplicate-row", f"{rule}|unique", self._severity_of_group(rule))
                    placed.planted.groups[placed.planted.positions[number]] = _named(rows)

    def _severity_of_group(self, rule: str) -> str:
        return "error" if rule == "key" else self.contract.column(rule).severities.get("duplicate-row", "error")


def _named(rows: list[int]) -> str:
    """The rows of a group as a message names them: the first ten."""
    return ", ".join(map(str, rows[:10])) + (" and more" if len(rows) > 10 else "")


@dataclass
class _Placed:
    """Position and written header of each column."""

    planted: Planted
    shown: dict[str, str]
    letters: dict[str, str]
    targets: set[tuple[Any, ...]] | None

    def add(self, number: int, name: str, code: str, rule: str, severity: str) -> None:
        row = self.planted.positions[number]
        letter = self.letters.get(name)
        cell = f"{letter}{row}" if letter else None
        self.planted.key.append(Expected(row, self.shown[name], code, rule, severity, cell))


# Files


def as_csv(planted: Planted) -> bytes:
    """The records as CSV."""
    text = io.StringIO()
    csv.writer(text).writerows(planted.records)
    return text.getvalue().encode()


def as_workbook(cover: Sequence[Sequence[Any]], **sheets: Planted) -> bytes:
    """A workbook of several returns. Cells that were made as numbers or dates are written as such."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, "default_date_format": "dd/mm/yyyy"}) as book:
        sheet = book.add_worksheet("Cover")
        for number, line in enumerate(cover):
            for at, value in enumerate(line):
                _write(sheet, number, at, value)
        for name, planted in sheets.items():
            sheet = book.add_worksheet(name.replace("_", " "))
            for row, first in planted.merged:
                sheet.merge_range(row, first, row, first + 1, "")
            for number, record in enumerate(planted.records):
                for at, value in enumerate(record):
                    _write(sheet, number, at, value)
    return target.getvalue()


def _write(sheet: Any, row: int, column: int, value: Any) -> None:
    if isinstance(value, tuple):
        sheet.write_formula(row, column, "=NA()", None, value[1])
    elif isinstance(value, date):
        sheet.write_datetime(row, column, datetime.combine(value, time()))
    elif isinstance(value, Decimal | int):
        sheet.write_number(row, column, float(value))
    elif value:
        sheet.write_string(row, column, value)
