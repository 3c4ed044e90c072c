"""One faulty workbook and the key to its faults, both from the same plan."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from io import StringIO
from random import Random
from string import ascii_uppercase

from probation_etl.sample.annexe_2 import (
    FAULTY_PERIOD_END,
    annexe_2_workbook,
    first_reference,
    period_to,
    published_senders,
)
from probation_etl.sample.breaches import Breach
from probation_etl.sample.files import Records, Table, Workbook
from probation_etl.sample.life_stages import Standing, breaches_standing, mixed_standings
from probation_etl.sample.records import crc_breach, crc_suspension
from probation_etl.sample.sheets import Cell
from probation_etl.sample.tables import Sender, Tables

_SENDER = "C08"
_SUFFIX = "_licence_and_impossible_dates"
_BREACHES = 32
_LOGGED = Standing("Logged")
_KEY_HEADER = ("file", "sheet", "row", "column", "cell", "code", "severity")


@dataclass(frozen=True)
class Fault:
    """What is wrong with one record.

    Attributes:
        codes: Finding code of each column at fault.
        spoilt: The faulty cells, made from the good breach.
        severity: Of all the faults of the record.
        standing: Status of the good breach; None for one that was heard.
    """

    codes: Mapping[str, str]
    spoilt: Callable[[Breach], dict[str, Cell]]
    severity: str = "error"
    standing: Standing | None = _LOGGED


@dataclass(frozen=True)
class FaultyReturn:
    """The workbook, and its faults by sheet and by the number of the record, from 0."""

    workbook: Workbook
    faults: Mapping[str, Mapping[int, Fault]]

    def answer_key(self) -> str:
        """The faults as CSV, in the order of the sheets and their rows."""
        target = StringIO()
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(_KEY_HEADER)
        for table in self.workbook.tables:
            writer.writerows(self._key_rows(table))
        return target.getvalue()

    def _key_rows(self, table: Table) -> list[Sequence[object]]:
        keys = list(table.headers)
        found = sorted(
            (table.row(number), keys.index(key), code, fault.severity)
            for number, fault in self.faults[table.sheet].items()
            for key, code in fault.codes.items()
        )
        return [
            (table.file, table.sheet, row, table.headers[keys[at]], f"{ascii_uppercase[at]}{row}", code, severity)
            for row, at, code, severity in found
        ]


def faulty_return(tables: Tables) -> FaultyReturn:
    """The faulty workbook of one CRC."""
    sender = next(each for each in published_senders(tables) if each.code == _SENDER)
    random = Random(f"{_SENDER} {FAULTY_PERIOD_END} faulty")
    planted: dict[str, dict[int, Fault]] = {
        "Caseload": {},
        "Breaches": _breach_faults(tables),
        "Suspended breaches": _suspension_faults(first_reference(sender, FAULTY_PERIOD_END, tables)),
    }
    breaches = _breaches(random, sender, planted["Breaches"], tables)
    records = {
        "Caseload": _caseload(random, sender, tables),
        "Breaches": _breach_records(breaches, planted["Breaches"]),
        "Suspended breaches": _suspended_records(breaches, planted["Suspended breaches"]),
    }
    made = annexe_2_workbook(
        sender, period_to(FAULTY_PERIOD_END), records,
        caseload_origin="SYNTHETIC data, not real figures", suffix=_SUFFIX,
    )  # fmt: skip
    return FaultyReturn(made, planted)


def _breach_faults(tables: Tables) -> dict[int, Fault]:
    def too_early(good: Breach) -> dict[str, Cell]:
        """Fifteen working days before: too early for the day on which it was logged."""
        return {"initiated_on": tables.calendar.moved(good.initiated_on, -15)}

    return {
        2: Fault({"order_type": "not-in-list"}, lambda _: {"order_type": "Licence"}),
        # A breach is logged at least one working day after it was initiated.
        6: Fault({"heard_on": "row-rule"}, lambda good: {"heard_on": good.initiated_on}, standing=None),
        11: Fault({"case_reference": "wrong-pattern"}, lambda _: {"case_reference": "C1234567"}),
        17: Fault({"heard_on": "not-a-date"}, lambda _: {"heard_on": "31/11/2020"}, standing=None),
        22: Fault({"logged_on": "row-rule"}, too_early, severity="warning"),
        26: Fault(
            {"requirement": "not-in-list", "status": "missing-value"},
            lambda _: {"requirement": "Community payback", "status": None},
        ),
    }


def _suspension_faults(first: int) -> dict[int, Fault]:
    """Five good records to one bad keep the sheet below the share at which a return is rejected whole."""
    unknown = f"X{first + 900:06d}"
    return {3: Fault({"case_reference": "unknown-reference"}, lambda _: {"case_reference": unknown})}


def _breaches(random: Random, sender: Sender, planted: Mapping[int, Fault], tables: Tables) -> list[Breach]:
    """Good breaches throughout: five suspensions, and at the planted places what the fault needs."""
    suspensions = [Standing("Suspended")] * 3 + [Standing("Resumed")] * 2
    others = _BREACHES - len(planted) - len(suspensions)
    chosen = suspensions + mixed_standings(random, others, tables, suspensions=False)
    random.shuffle(chosen)
    heard = Standing("Heard", tables.words["outcome"][1])
    for number, fault in sorted(planted.items()):
        chosen.insert(number, fault.standing or heard)
    first = first_reference(sender, FAULTY_PERIOD_END, tables)
    return breaches_standing(random, sender, FAULTY_PERIOD_END, tables, standings=chosen, first_reference=first)


def _breach_records(breaches: Sequence[Breach], planted: Mapping[int, Fault]) -> Records:
    records = [crc_breach(breach, FAULTY_PERIOD_END) for breach in breaches]
    for number, fault in planted.items():
        records[number] |= fault.spoilt(breaches[number])
    return records


def _suspended_records(breaches: Sequence[Breach], planted: Mapping[int, Fault]) -> Records:
    """A record for each suspension, and among them one of a breach that is in no return."""
    suspended = [breach for breach in breaches if breach.suspended_on]
    records = [crc_suspension(breach, FAULTY_PERIOD_END) for breach in suspended]
    for number, fault in planted.items():
        records.insert(number, crc_suspension(suspended[0], FAULTY_PERIOD_END) | fault.spoilt(suspended[0]))
    return records


def _caseload(random: Random, sender: Sender, tables: Tables) -> Records:
    return [_caseload_record(random, unit.name, grade) for unit in sender.units for grade in tables.words["grade"][:2]]


def _caseload_record(random: Random, unit: str, grade: str) -> dict[str, Cell]:
    officers = Decimal(random.randint(80, 240)) / 10
    cases = int(officers * random.randint(38, 56))
    return {
        "ldu": unit,
        "grade": grade,
        "as_at": FAULTY_PERIOD_END,
        "officers_fte": officers,
        "cases": cases,
        "average_caseload": (cases / officers).quantize(Decimal("0.01")),
    }
