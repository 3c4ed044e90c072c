"""Plants faults in returns, at most one in a row, and writes the answer key.

Which faults there are is data: ``contracts/sample/faults.csv``. The key is written from it, not from what any check finds.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from itertools import cycle
from random import Random
from typing import Any

from probation_etl.sample.files import Table
from probation_etl.sample.sheets import Cell

KEY_HEADER = ("file", "sheet", "row", "column", "rule", "code", "severity")
_MOST_SHARE = 0.1
"""At most this share of a return's rows is spoilt: a return with too many faults is rejected as a whole."""
_TRIES = 200
"""How many rows are looked at for one that the fault fits."""
_TAKEN = re.compile(r"\{(\w+)([+-]\d+)?\}")


@dataclass(frozen=True)
class Planted:
    """One fault, as the answer key has it."""

    file: str
    sheet: str
    row: int
    column: str
    rule: str
    code: str
    severity: str


@dataclass
class Planter:
    """Plants faults table by table; what finds no room in one is planted in the next.

    Attributes:
        kinds: The faults there are.
        quotas: How many each sender's returns of a period must take, in the order they come.
        owed: How many are still to be planted.
    """

    kinds: Sequence[Mapping[str, Any]]
    quotas: Iterator[int]
    random: Random
    owed: int = 0
    planted: list[Planted] = field(default_factory=list)

    def plant(self, tables: Sequence[Table]) -> None:
        """Spoils cells of the returns that one sender sends for one period."""
        self.owed += next(self.quotas)
        spoilt: set[tuple[str, int]] = set()
        kinds = self.random.sample(list(self.kinds), len(self.kinds))
        misses = 0
        for kind in cycle(kinds):
            if not self.owed or misses == len(kinds):
                break
            done = self._plant_one(kind, tables, spoilt)
            self.owed -= done
            misses = 0 if done else misses + 1

    def _plant_one(self, kind: Mapping[str, Any], tables: Sequence[Table], spoilt: set[tuple[str, int]]) -> bool:
        table = next((each for each in tables if each.contract == kind["contract"]), None)
        if table is None or sum(name == table.contract for name, _ in spoilt) >= int(len(table.records) * _MOST_SHARE):
            return False
        elsewhere = _elsewhere(table, tables, kind["apart"])
        for _ in range(_TRIES):
            number = self.random.randrange(len(table.records))
            record = table.records[number]
            if (table.contract, number) in spoilt or not _fits(record, kind, elsewhere):
                continue
            table.records[number] = {**record, kind["column"]: self._spoilt(record, kind["becomes"])}
            spoilt.add((table.contract, number))
            self.planted.append(_label(table, number, kind))
            return True
        return False

    def _spoilt(self, record: Mapping[str, Cell], becomes: str | None) -> Cell:
        """The faulty cell: nothing, another cell more or less a number, or a text in which # are digits."""
        if becomes is None:
            return None
        if match := _TAKEN.fullmatch(becomes):
            return _moved(record[match[1]], int(match[2] or 0))
        return re.sub("#+", lambda run: f"{len(self.planted) + 1:0{len(run[0])}d}", becomes)

    def answer_key(self) -> str:
        """What was planted as CSV, in the order of the files, sheets and rows."""
        target = StringIO()
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(KEY_HEADER)
        for each in sorted(self.planted, key=lambda each: (each.file, each.sheet, each.row)):
            writer.writerow([getattr(each, name) for name in KEY_HEADER])
        return target.getvalue()


def _elsewhere(table: Table, tables: Sequence[Table], key: str | None) -> set[Cell]:
    """What the sender's other returns of the period refer to: a row that they need is not spoilt."""
    return {record.get(key) for each in tables if key and each is not table for record in each.records}


def _fits(record: Mapping[str, Cell], kind: Mapping[str, Any], elsewhere: set[Cell]) -> bool:
    """Whether the fault, planted in this record, is the one that must be found, and the only one."""
    if kind["apart"] and record[kind["apart"]] in elsewhere:
        return False
    return all(_holds(record, need) for need in (kind["needs"] or "").split())


def _holds(record: Mapping[str, Cell], need: str) -> bool:
    """What a fault needs: a cell that is filled (``a``) or empty (``!a``), or a day before another (``a<b``)."""
    if need.startswith("!"):
        return record[need[1:]] is None
    lower, _, higher = need.partition("<")
    return record[lower] is not None and (not higher or _before(record[lower], record[higher]))


def _before(one: Cell, other: Cell) -> bool:
    return isinstance(one, date) and isinstance(other, date) and one < other


def _moved(value: Cell, by: int) -> Cell:
    if isinstance(value, date):
        return value + timedelta(days=by)
    return value + by if isinstance(value, int | Decimal) else value


def _label(table: Table, number: int, kind: Mapping[str, Any]) -> Planted:
    header = table.headers[kind["found_in"]]
    return Planted(table.file, table.sheet, table.row(number), header, kind["rule"], kind["code"], kind["severity"])
